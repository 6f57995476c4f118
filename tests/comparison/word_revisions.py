"""Accepting and rejecting tracked changes on the XML, as Word does it, strictly; written apart from the product.

Rows go first, and tables without rows. Then a paragraph whose end goes joins the paragraph right after it, whose
settings it takes. Where a table or the end follows, an empty paragraph is left over, as in Word: then the body is
not what it should be, and a test fails.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def body_of(data: bytes) -> Any:
    """The body of a Word file, links by address and lists by where they start, in the place of their numbers."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        document = etree.fromstring(package.read("word/document.xml"))
        relations = etree.fromstring(package.read("word/_rels/document.xml.rels"))
        numbering = etree.fromstring(package.read("word/numbering.xml"))
    addresses = {r.get("Id"): r.get("Target") for r in relations}
    body = document[0]
    for link in body.iter(f"{W}hyperlink"):
        if link.get(f"{W}anchor") is None:  # else it leads to a place in the document itself
            link.set(f"{R}id", addresses[link.get(f"{R}id")])
    starts = {
        num.get(f"{W}numId"): f"from {start.get(f'{W}val')}"
        for num in numbering.iter(f"{W}num")
        for start in num.iter(f"{W}startOverride")
    }
    for number in body.iter(f"{W}numId"):
        number.set(f"{W}val", starts.get(number.get(f"{W}val"), number.get(f"{W}val")))
    for properties in body.iter(f"{W}sdtPr"):
        for id_ in properties.findall(f"{W}id"):
            id_.set(f"{W}val", "n")
    return body


def resolved(data: bytes, *, accept: bool) -> str:
    """The body with all tracked changes accepted or rejected, in a plain form that can be compared."""
    body = body_of(data)
    going, staying = ("del", "ins") if accept else ("ins", "del")
    for row in list(body.iter(f"{W}tr")):
        settings = row.find(f"{W}trPr")
        for mark in list(settings) if settings is not None else []:
            if mark.tag == f"{W}{going}":
                row.set("gone", "1")
            if mark.tag in (f"{W}ins", f"{W}del"):
                settings.remove(mark)
    _restore_settings(body, accept)
    _drop_controls(body, "customXmlDelRange" if accept else "customXmlInsRange")
    for mark in list(body.iter(f"{W}{going}", f"{W}{staying}")):
        parent = mark.getparent()
        if parent.tag == f"{W}rPr":
            continue
        at = parent.index(mark)
        inside = list(mark) if mark.tag == f"{W}{staying}" else []
        parent.remove(mark)
        parent[at:at] = inside
    for row in list(body.iter(f"{W}tr")):
        if row.get("gone"):
            row.getparent().remove(row)
    for table in list(body.iter(f"{W}tbl")):
        if table.find(f"{W}tr") is None:
            table.getparent().remove(table)
    for container in [body, *body.iter(f"{W}tc")]:
        _join_paragraphs(container, going)
    return plain(body)


def _join_paragraphs(container: Any, going: str) -> None:
    for paragraph in list(container.findall(f"{W}p")):
        settings = paragraph.find(f"{W}pPr")
        marks = settings.find(f"{W}rPr") if settings is not None else None
        if marks is None:
            continue
        goes = any(mark.tag == f"{W}{going}" for mark in marks)
        settings.remove(marks)
        if not len(settings):
            paragraph.remove(settings)
        after = paragraph.getnext()
        if not goes or after is None or after.tag != f"{W}p":
            continue
        words = [part for part in paragraph if part.tag != f"{W}pPr"]
        first = 1 if len(after) and after[0].tag == f"{W}pPr" else 0
        after[first:first] = words
        container.remove(paragraph)


def _drop_controls(body: Any, going: str) -> None:
    """A control whose range goes is taken away and its words stay, as marked as they are; ranges go in any case."""
    for start in list(body.iter(f"{W}{going}Start")):
        control = start.getnext()
        parent = control.getparent()
        at = parent.index(control)
        inside = list(control.find(f"{W}sdtContent"))
        parent.remove(control)
        parent[at:at] = inside
    for name in ("customXmlDelRange", "customXmlInsRange"):
        for mark in list(body.iter(f"{W}{name}Start", f"{W}{name}End")):
            mark.getparent().remove(mark)


def _restore_settings(body: Any, accept: bool) -> None:
    for change in [e for e in body.iter() if etree.QName(e).localname.endswith("Change")]:
        settings = change.getparent()
        settings.remove(change)
        if not accept:
            old = change[0]
            marks = settings.find(f"{W}rPr") if change.tag == f"{W}pPrChange" else None
            for part in list(settings):
                settings.remove(part)
            settings.extend(list(old))
            if marks is not None:
                settings.append(marks)


def plain(body: Any) -> str:
    """A body as text: neighbouring runs of one look are one, comments, empty links and empty settings are left out."""
    body = copy.deepcopy(body)
    for shown in body.iter(f"{W}docPart"):
        shown.set(f"{W}val", "FillIn")  # numbered by the file, like controls
    for element in list(body.iter()):
        name = etree.QName(element).localname
        if name in ("commentRangeStart", "commentRangeEnd", "bookmarkStart", "bookmarkEnd"):
            element.getparent().remove(element)
        elif name == "commentReference":
            run = element.getparent()
            run.getparent().remove(run)
    for deleted, tag in (("delText", "t"), ("delInstrText", "instrText")):
        for text in list(body.iter(f"{W}{deleted}")):
            text.tag = f"{W}{tag}"
    for text in list(body.iter(f"{W}t")):
        if not text.text:
            text.getparent().remove(text)
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    for run in list(body.iter(f"{W}r")):
        if all(part.tag == f"{W}rPr" for part in run):
            run.getparent().remove(run)
    for link in list(body.iter(f"{W}hyperlink")):
        if not len(link):
            link.getparent().remove(link)
    for tag in ("hyperlink", "r"):
        for element in list(body.iter(f"{W}{tag}")):
            before = element.getprevious()
            if before is not None and before.tag == element.tag and _alike(before, element):
                before.extend(part for part in list(element) if part.tag != f"{W}rPr")
                element.getparent().remove(element)
    for run in body.iter(f"{W}r"):
        for text in list(run.iter(f"{W}t")):
            before = text.getprevious()
            if before is not None and before.tag == text.tag:
                before.text = (before.text or "") + (text.text or "")
                run.remove(text)
    for settings in list(body.iter(f"{W}pPr", f"{W}rPr")):
        if not len(settings):
            settings.getparent().remove(settings)
    text = etree.tostring(body, encoding="unicode")
    return re.sub(r' xmlns:\w+="[^"]*"', "", text)


def _alike(one: Any, other: Any) -> bool:
    if one.tag == f"{W}hyperlink":
        return bool(one.get(f"{R}id") == other.get(f"{R}id"))
    looks = [
        etree.tostring(part.find(f"{W}rPr")) if part.find(f"{W}rPr") is not None else b""
        for part in (one, other)
    ]
    return looks[0] == looks[1]
