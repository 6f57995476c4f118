"""The board and the texts of its templates in; a page that stands alone, its first sentence and a table out.

All words are the templates'. What schools wrote is escaped; the page loads nothing, runs nothing, and its style is
allowed by its digest alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping

from jinja2 import DictLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from msgspec import Struct

from aupgen.board.board import Board
from aupgen.board.school import Approval, Departed, Departure, SchoolRow
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText, Span
from aupgen.source.table import table_text

PAGE, SENTENCE = "page.html.j2", "sentence.txt.j2"
_LOOKS = ("page.css", "report.css")
MOST_CLAUSES = 20
"""How many of the clauses that schools change the page lists."""


class Written(Struct, frozen=True):
    """The page as HTML, the sentence it begins with as text, and the table as CSV."""

    page: str
    sentence: str
    table: str


def write_board(board: Board, texts: Mapping[str, SourceText]) -> tuple[Written | None, list[Diagnostic]]:
    """Return the board as people read it, or None and AUP504 where a template cannot be used."""
    missing = [name for name in (PAGE, SENTENCE, *_LOOKS) if name not in texts]
    if missing:
        span = Span(f"templates/report/{missing[0]}")
        return None, [Diagnostic("AUP504", span, "this part of the report is missing", "put it back")]
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader({name: source.text for name, source in texts.items()}),
        undefined=StrictUndefined,
        autoescape=lambda name: name is None or name.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = "\n" + "".join(texts[name].text for name in _LOOKS)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    used = SENTENCE
    try:
        sentence = " ".join(environment.get_template(SENTENCE).render(board=board).split())
        used = PAGE
        page = environment.get_template(PAGE).render(
            board=board,
            sentence=sentence,
            style=Markup(style),
            style_digest=digest,
            most_clauses=MOST_CLAUSES,
            warning=Severity.WARNING,
            error=Severity.ERROR,
        )
    except TemplateError as error:
        line = error.lineno if isinstance(error, TemplateSyntaxError) else 1
        return None, [Diagnostic("AUP504", Span(texts[used].path, line), error.message or "cannot be used")]
    return Written(page.rstrip() + "\n", sentence, _table(board)), []


_COLUMNS = (
    "name", "slug", "expected", "needs_call", "policy_year", "edition", "edition_date", "approval", "approved_by",
    "approved_on", "minute", "review_by", "review_overdue", "pack", "clauses_off", "clauses_reworded", "clauses_added",
    "decisions_put_off", "roles_unfilled", "errors", "warnings", "findings",
)  # fmt: skip


def _table(board: Board) -> str:
    return table_text(_COLUMNS, map(_cells, board.rows))


def _cells(row: SchoolRow) -> list[str]:
    last = row.approvals[-1] if row.approvals else Approval("", "", "")
    return [
        row.name,
        row.slug,
        "yes" if row.expected else "no",
        "; ".join(row.calls),
        str(row.year or ""),
        str(row.edition or ""),
        row.effective.iso if row.effective else "",
        row.stand if row.known else "",
        last.by,
        last.on,
        last.minute,
        row.review.iso if row.review else "",
        ("yes" if row.review_overdue else "no") if row.review else "",
        row.pack,
        *(_departures(row.departed(what)) for what in Departed),
        "; ".join(f"{one.clause} ({one.pack})" if one.pack else one.clause for one in row.put_off),
        "; ".join(row.unfilled),
        str(row.number(Severity.ERROR)) if row.heard else "",
        str(row.number(Severity.WARNING)) if row.heard else "",
        "; ".join(f"{counted.code} × {counted.number}" for counted in row.findings),
    ]


def _departures(departures: Iterable[Departure]) -> str:
    return "; ".join(f"{one.clause} ({one.reason})" if one.reason else one.clause for one in departures)
