"""The reference document in; a shell that every Word file shares out.

python-docx opens `reference.docx` once, and what differs from document to document is cut out: the body,
the header and footer texts, the properties. Style ids are looked up here by name, so that a school may
replace the file by one of its own as long as the styles keep their names.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import docx
from docx.document import Document as WordDocument
from lxml import etree

from aupgen.writers.package import member
from aupgen.writers.shell import Shell, ShellError

GAPS = ("school", "title", "running", "draft")
"""What headers and footers of the reference document may print, written ``{{ school }}`` and so on."""

_MARK = "zq7gap"
_STYLES = {
    "heading1": "Heading 1",
    "heading2": "Heading 2",
    "heading3": "Heading 3",
    "heading4": "Heading 4",
    "heading5": "Heading 5",
    "heading6": "Heading 6",
    "subtitle": "Subtitle",
    "motto": "Motto",
    "lead-in": "Lead In",
    "small": "Small",
    "bullet": "List Bullet",
    "number": "List Number",
    "cell": "Table Text",
    "header": "Table Head",
    "field": "Field Label",
    "link": "Hyperlink",
    "fill-in": "Fill In",
    "table": "Policy Table",
    "fields": "Field Table",
}
_ADDED_STYLES = {
    "drawing": ("Drawing Frame", "table"),
    "contents": ("Contents Title", "lead-in"),
    "contents1": ("toc 1", ""),
    "contents2": ("toc 2", ""),
    "listed2": ("Listed Heading 2", "heading2"),
    "listed3": ("Listed Heading 3", "heading3"),
}
"""Styles that a school's own reference document may lack, each with the look that stands in for it."""
_LARGE_STYLES = {
    "heading1": "Large Heading 1",
    "heading2": "Large Heading 2",
    "": "Large Text",
    "bullet": "Large List Bullet",
    "field": "Large Field Label",
}
"""The styles of documents in large type. Where a reference document lacks one, the ordinary style serves."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CONTENT_TYPES = "[Content_Types].xml"
_DROPPED = (
    "/thumbnail", "/custom-properties", "/attachedTemplate", "/vbaProject", "/customXml", "/glossaryDocument",
)  # fmt: skip


def prepare_shell(reference: bytes) -> Shell:
    """Return the shell made from a reference document. Raises ShellError where a style or part is missing."""
    try:
        document = docx.Document(io.BytesIO(reference))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ShellError(f"not a Word document: {error}") from error
    styles = dict(_style_ids(document))
    large_styles = styles | _large_style_ids(document)
    for part in (document.part.package, document.part):
        for id_, relation in list(part.rels.items()):
            if relation.reltype.endswith(_DROPPED):
                del part.rels[id_]
    _mark_gaps(document)
    body = document.element.body
    section = etree.tostring(body.sectPr, encoding="unicode")
    bullet = _list_of(document, styles["bullet"])
    number = _list_of(document, styles["number"])
    numbering = document.part.numbering_part.element
    taken = [int(num.get(f"{_W}numId")) for num in numbering.findall(f"{_W}num")]
    abstract = next(
        num.find(f"{_W}abstractNumId").get(f"{_W}val")
        for num in numbering.findall(f"{_W}num")
        if num.get(f"{_W}numId") == number
    )
    page = document.sections[0]
    saved = io.BytesIO()
    document.save(saved)
    parts: dict[str, bytes] = {}
    pages: dict[str, tuple[str, ...]] = {}
    relationships = numbering_text = ""
    with zipfile.ZipFile(saved) as package:
        for name in package.namelist():
            data = package.read(name)
            if name in ("word/document.xml", "docProps/core.xml"):
                continue
            if re.fullmatch(r"word/(header|footer)[0-9]*\.xml", name):
                pages[name] = tuple(re.split(_MARK + r"([a-z]+?)qz", data.decode("utf-8")))
            elif name == "word/_rels/document.xml.rels":
                relationships = data.decode("utf-8")
            elif name == "word/numbering.xml":
                numbering_text = data.decode("utf-8")
            else:
                parts[name] = data
    width = int(page.page_width or 0) - int(page.left_margin or 0) - int(page.right_margin or 0)
    return Shell(
        content_types=parts[_CONTENT_TYPES].decode("utf-8"),
        parts=tuple(member(name, data) for name, data in sorted(parts.items())),
        pages=pages,
        section=section,
        relationships=relationships,
        numbering=numbering_text,
        plain_numbering=member("word/numbering.xml", numbering_text.encode()),
        styles=styles,
        large_styles=large_styles,
        style_names=_names_by_look(document, styles),
        bullet_list=bullet,
        number_list=abstract,
        next_number=max(taken) + 1,
        text_width=width // 635,
    )


def _style_ids(document: WordDocument) -> Iterator[tuple[str, str]]:
    by_name = _ids_by_name(document)
    for look, name in _STYLES.items():
        if name not in by_name:
            raise ShellError(f"the style “{name}” is missing: keep the names of the styles")
        yield look, by_name[name]
    for look, (name, stand_in) in _ADDED_STYLES.items():
        yield look, by_name.get(name) or (by_name[_STYLES[stand_in]] if stand_in else "")


def _large_style_ids(document: WordDocument) -> dict[str, str]:
    by_name = _ids_by_name(document)
    return {look: by_name[name] for look, name in _LARGE_STYLES.items() if name in by_name}


def _names_by_look(document: WordDocument, styles: Mapping[str, str]) -> dict[str, str]:
    names = {style.style_id: str(style.name) for style in document.styles}
    return {look: names[id_] for look, id_ in styles.items() if id_}


def _ids_by_name(document: WordDocument) -> dict[str, str]:
    return {str(style.name): style.style_id for style in document.styles}


def _list_of(document: WordDocument, style_id: str) -> str:
    """The numId a list style carries."""
    for style in document.styles.element.findall(f"{_W}style"):
        if style.get(f"{_W}styleId") == style_id:
            number = style.find(f"{_W}pPr/{_W}numPr/{_W}numId")
            if number is not None:
                return str(number.get(f"{_W}val"))
    raise ShellError(f"the style “{style_id}” must carry a list of its own")


def _mark_gaps(document: WordDocument) -> None:
    """Put a mark for each ``{{ gap }}`` of headers and footers; Word may have split it over several runs."""
    for section in document.sections:
        for area in (
            section.header, section.footer, section.first_page_header, section.first_page_footer,
            section.even_page_header, section.even_page_footer,
        ):  # fmt: skip
            if not area.is_linked_to_previous:
                for paragraph in area._element.iter(f"{_W}p"):
                    _mark_paragraph(paragraph)


def _mark_paragraph(paragraph: Any) -> None:
    texts = list(paragraph.iter(f"{_W}t"))
    if any("{{" in (t.text or "") and "}}" not in (t.text or "") for t in texts):
        texts[0].text = "".join(t.text or "" for t in texts)
        for other in texts[1:]:
            other.text = ""
    for t in texts:
        t.text = re.sub(r"\{\{\s*([^{}]*?)\s*\}\}", _mark, t.text or "")


def _mark(match: re.Match[str]) -> str:
    if match[1] not in GAPS:
        raise ShellError(f"{match.group()} in a header or footer is not one of {', '.join(GAPS)}")
    return f"{_MARK}{match[1]}qz"
