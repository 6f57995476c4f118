"""Tables as spreadsheets save them (CSV, RFC 4180): text in, cells with their places out; and rows out as text.

Between the cells stand commas, or semicolons, as spreadsheets write them where a comma stands in numbers; the first row
tells which. What the cells mean, and which of them there must be, is the business of who reads them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span

_CELLS = {between: re.compile(rf'"((?:[^"]|"")*)"|([^{between}\n"]*)') for between in ",;"}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


Cell: TypeAlias = tuple[str, Span]


def read_rows(source: SourceText, found: list[Diagnostic], code: str) -> list[list[Cell]]:
    """Return the rows that hold something, each cell with its place, without columns in which nothing stands at all; a
    cell that cannot be read ends them, with ``code``."""
    rows = list(_rows(source, found, code))
    used = {at for row in rows for at, (cell, _) in enumerate(row) if cell.strip()}
    return [[cell for at, cell in enumerate(row) if at in used] for row in rows]


def _between(text: str) -> str:
    """What stands between the cells of a table, as its first row has it."""
    head = next((line for line in _QUOTED.sub("", text).split("\n") if line.strip(",; ")), "")
    return ";" if ";" in head and "," not in head else ","


def _rows(source: SourceText, found: list[Diagnostic], code: str) -> Iterator[list[Cell]]:
    text, position, between = source.text, 0, _between(source.text)
    while position < len(text):
        row = []
        while True:
            match = _CELLS[between].match(text, position)
            assert match is not None  # an empty cell matches everywhere
            quoted, plain = match.groups()
            value = plain if quoted is None else quoted.replace('""', '"')
            row.append((value, source.span_at(position, len(match[0]))))
            position = match.end()
            if position < len(text) and text[position] not in f"{between}\n":
                message = "a quotation mark stands where none can stand"
                help_ = "put the whole cell in quotation marks, and write one inside it twice"
                found.append(Diagnostic(code, source.span_at(position), message, help_))
                return
            position += 1
            if position > len(text) or text[position - 1] == "\n":
                break
        if any(cell.strip() for cell, _ in row):
            yield row


def table_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV, all cells quoted; one that a spreadsheet would run as a formula starts with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()
