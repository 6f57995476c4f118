"""Tables as spreadsheets save them (CSV, RFC 4180): text in, cells with their places out; and rows out as text.

Commas only. What the cells mean, and which of them there must be, is the business of who reads them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span

_CELL = re.compile(r'"((?:[^"]|"")*)"|([^,\n"]*)')
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def read_rows(source: SourceText, found: list[Diagnostic], code: str) -> Iterator[list[tuple[str, Span]]]:
    """Yield the rows that hold something, each cell with its place; a cell that cannot be read ends them, with ``code``."""
    text, position = source.text, 0
    while position < len(text):
        row = []
        while True:
            match = _CELL.match(text, position)
            assert match is not None  # an empty cell matches everywhere
            quoted, plain = match.groups()
            value = plain if quoted is None else quoted.replace('""', '"')
            row.append((value, source.span_at(position, len(match[0]))))
            position = match.end()
            if position < len(text) and text[position] not in ",\n":
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
