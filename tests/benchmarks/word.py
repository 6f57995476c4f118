"""One Word file of Valley's staff agreement: our writer against docxtpl with a template of the same look.

docxtpl gets the benefit of every doubt: a small template of loops, the words ready made, and e-mail
addresses as plain text where we write links. All files are read back and must have the same paragraphs in
the same styles, the same cells, header and footer. The goal is against a template with our own slim look;
a second row, for orientation, is against one from python-docx's default, the size of one begun in Word. It
writes Valley's agreement each time, we that of another school at every call.
"""

from __future__ import annotations

import importlib
import io
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import docx
from docx.table import Table

from aupgen.writers.docx import write_docx
from tests.benchmarks.case import ENOUGH, REFERENCE, Case, agreements, valley
from tests.benchmarks.measure import Row, in_turn, times_faster

ROUNDS = 15
GOAL = 30


def rows() -> list[Row]:
    subject = "write_docx against docxtpl"
    case = valley()
    documents = iter(list(islice(agreements(case), ENOUGH)))
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder:
        try:
            peers = {
                "same": docxtpl_writer(case, Path(folder) / "slim.docx", slim=True),
                "default": docxtpl_writer(case, Path(folder) / "default.docx", slim=False),
            }
        except ImportError:
            return [Row(f"{subject}: not measured, docxtpl is not installed: pip install -e '.[bench]'")]
        mine = _shown(write_docx(case.document, case.shell))
        for name, theirs in peers.items():
            if mine != (other := _shown(theirs())):
                first = next(
                    (pair for pair in zip(mine, other, strict=False) if pair[0] != pair[1]), "length"
                )
                raise AssertionError(f"docxtpl with its {name} template differs: {first}")
        taken = in_turn({"ours": lambda: write_docx(next(documents), case.shell), **peers}, ROUNDS)
    return [
        times_faster(subject, taken["ours"], taken["same"], GOAL),
        times_faster("… its template from python-docx’s default", taken["ours"], taken["default"], None),
    ]


def docxtpl_writer(case: Case, path: Path, *, slim: bool) -> Callable[[], bytes]:
    """What docxtpl makes of the case's document, from a template that is written to ``path`` first.

    Raises ImportError where docxtpl is not installed.
    """
    template_class: Any = importlib.import_module("docxtpl").DocxTemplate
    meta = case.document.meta
    parts = list(_parts(write_docx(case.document, case.shell)))
    context = {
        "parts": parts,
        "school": meta.school,
        "title": meta.title,
        "running": meta.running,
        "draft": meta.draft,
    }
    _write_template(parts, path, slim)

    def write() -> bytes:
        template = template_class(path)
        template.render(context, autoescape=True)
        out = io.BytesIO()
        template.save(out)
        return out.getvalue()

    return write


def _parts(data: bytes) -> Iterator[dict[str, Any]]:
    """The body of a Word file as docxtpl's context: runs of paragraphs, and tables, in turn."""
    lines: list[dict[str, object]] = []
    document: Any = docx.Document(io.BytesIO(data))
    for element in document.iter_inner_content():
        if not isinstance(element, Table):
            bold = bool(element.runs) and all(run.bold for run in element.runs)
            lines.append({"style": element.style.name, "bold": bold, "text": element.text})
            continue
        yield {"lines": lines}
        lines = []
        first, *rest = ([cell.text for cell in row.cells] for row in element.rows)
        cell = [row.cells[0].paragraphs[0].style.name for row in element.rows]
        style = element.style.name if element.style else None
        yield {"table": style, "first": first, "rows": rest, "cells": (cell[0], cell[-1])}
    yield {"lines": lines}


def _write_template(parts: list[dict[str, Any]], path: Path, slim: bool) -> None:
    """The reference document, or python-docx's own, with its body taken out and docxtpl's tags put in."""
    template: Any = docx.Document(str(REFERENCE))
    body = template.element.body
    for element in [element for element in body if element is not body.sectPr]:
        body.remove(element)
    if not slim:
        template = _like(template)
    template.core_properties.title = "{{ title }}"
    for number, part in enumerate(parts):
        if "lines" in part:
            _loop(template, f"parts[{number}].lines", part["lines"])
        else:
            _rows(template, f"parts[{number}]", part)
    template.save(str(path))


def _like(reference: Any) -> Any:
    """python-docx's default document with the names of the styles, the header and the footer of another."""
    template: Any = docx.Document()
    known = {style.name for style in template.styles}
    for style in reference.styles:
        if style.name not in known:
            template.styles.add_style(style.name, style.type)
    for area in ("header", "footer"):
        new = getattr(template.sections[0], area)
        for n, paragraph in enumerate(getattr(reference.sections[0], area).paragraphs):
            (new.paragraphs[0] if n == 0 else new.add_paragraph()).text = paragraph.text
    return template


def _loop(template: Any, name: str, lines: list[dict[str, Any]]) -> None:
    template.add_paragraph(f"{{%p for line in {name} %}}")
    word = "if"
    for style, bold in dict.fromkeys((line["style"], line["bold"]) for line in lines):
        template.add_paragraph(f"{{%p {word} line.style == '{style}' and line.bold == {bold} %}}")
        template.add_paragraph(style=style).add_run("{{ line.text }}").bold = bold or None
        word = "elif"
    template.add_paragraph("{%p endif %}")
    template.add_paragraph("{%p endfor %}")


def _rows(template: Any, name: str, part: dict[str, Any]) -> None:
    columns = range(len(part["first"]))
    table = template.add_table(4, len(columns), style=part["table"])
    first, start, row, end = table.rows
    start.cells[0].text = f"{{%tr for row in {name}.rows %}}"
    end.cells[0].text = "{%tr endfor %}"
    for words, cells, style in (
        (f"{name}.first", first.cells, part["cells"][0]),
        ("row", row.cells, part["cells"][1]),
    ):
        for n in columns:
            cells[n].text = f"{{{{ {words}[{n}] }}}}"
            cells[n].paragraphs[0].style = style


def _shown(data: bytes) -> list[tuple[str, ...]]:
    """What a reader sees of a Word file: styles with words, cells, header and footer."""
    document: Any = docx.Document(io.BytesIO(data))
    out: list[tuple[str, ...]] = []
    for element in document.iter_inner_content():
        if isinstance(element, Table):
            for row in element.rows:
                for cell in row.cells:
                    out += [("cell", paragraph.style.name, paragraph.text) for paragraph in cell.paragraphs]
        else:
            out.append((element.style.name, element.text))
    for section in document.sections:
        for area in (section.header, section.footer):
            out += [("page", paragraph.text) for paragraph in area.paragraphs]
    return out
