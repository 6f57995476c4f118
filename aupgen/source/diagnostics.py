"""Findings as values, and how they print.

A stage returns its result and a list of these; nothing raises for what a user wrote. The printers are pure
functions of findings and the texts they point into.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct, field

from aupgen.source.codes import CODES
from aupgen.source.span import SourceText, Span

_MOST_PER_FILE = 50
_EXCERPT_WIDTH = 110


class Severity(StrEnum):
    """How bad a finding is: only an error stops a build."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Diagnostic(Struct, frozen=True):
    """One finding: its stable code, where it is, what is wrong and what to do next.

    ``message`` and ``help`` are plain English in lower case without a full stop at the end. ``clause`` and
    ``profile`` name what it concerns where that is known.
    """

    code: str
    span: Span
    message: str
    help: str = ""
    severity: Severity = Severity.ERROR
    notes: tuple[str, ...] = field(default=())
    clause: str | None = None
    profile: str | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code} is not in the table of codes")

    @property
    def order(self) -> tuple[Span, str, str]:
        """Sorts by file, line, column, code, so that output never flickers."""
        return (self.span, self.code, self.message)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(d.severity is Severity.ERROR for d in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings sorted, each once."""
    return sorted(set(diagnostics), key=lambda d: d.order)


def printable(text: str, limit: int = 80) -> str:
    """``text`` with control and direction characters shown as escapes, cut at ``limit`` characters."""
    shown = "".join(
        f"\\u{ord(ch):04x}" if unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Zl", "Zp") else ch
        for ch in text[: limit + 1]
    )
    return shown if len(text) <= limit else shown[:limit] + "…"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that ``word`` is most likely a slip of, "" when none is near."""
    import difflib  # only a run with a slip in it needs this

    lowered = {choice.lower().replace("_", "-"): choice for choice in sorted(set(known), reverse=True)}
    near = difflib.get_close_matches(word.lower().replace("_", "-").strip(), lowered, n=1, cutoff=0.6)
    return lowered[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean `x`?" for the nearest known word, or "" when none is near."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else ""


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return a help line: the nearest known word, and ``otherwise`` (what there is to choose from)."""
    near = did_you_mean(word, known)
    return f"{near} {otherwise}".strip() if near else otherwise


def listing(words: Iterable[str], limit: int = 12) -> str:
    """Return words in backticks, joined by commas; a long list is cut with a count."""
    items = [f"`{word}`" for word in words]
    more = len(items) - limit
    return ", ".join(items[:limit]) + (f" and {more} more" if more > 0 else "")


def render_text(diagnostics: Iterable[Diagnostic], sources: Mapping[str, SourceText]) -> str:
    """Return findings as people read them: first line, the line itself with a caret, what to do next.

    ``sources`` maps the path of a span to its text; a finding whose text is not there prints without
    excerpt. At most 50 findings a file are printed, then a count. Empty input gives "".
    """
    out: list[str] = []
    shown: dict[str, int] = {}
    for finding in in_order(diagnostics):
        shown[finding.span.path] = shown.get(finding.span.path, 0) + 1
        if shown[finding.span.path] <= _MOST_PER_FILE:
            out.append(_render_one(finding, sources.get(finding.span.path)))
    for path, count in shown.items():
        if count > _MOST_PER_FILE:
            out.append(f"{path}: and {count - _MOST_PER_FILE} more findings\n")
    return "\n".join(out)


def _render_one(finding: Diagnostic, source: SourceText | None) -> str:
    span = finding.span
    lines = [
        f"{span.path}:{span.line}:{span.column}: {finding.severity} {finding.code}: {finding.message}",
    ]
    gutter = " " * len(str(span.line))
    if source is not None and span.end_column > span.column and span.line <= len(source.lines):
        text, shift = _window(source.lines[span.line - 1], span.column)
        caret = " " * _columns(text[: span.column - 1 - shift])
        width = max(1, _columns(text[span.column - 1 - shift : span.end_column - 1 - shift]))
        lines += [f"{gutter} |", f"{span.line} | {text}", f"{gutter} | {caret}{'^' * width}"]
    if finding.help:
        lines.append(f"{gutter} = help: {finding.help}")
    lines += [f"{gutter} = note: {note}" for note in finding.notes]
    return "\n".join(lines) + "\n"


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line round ``column``, made printable, and how many characters were cut before."""
    shift = max(0, column - _EXCERPT_WIDTH // 2) if len(line) > _EXCERPT_WIDTH else 0
    part = line[shift : shift + _EXCERPT_WIDTH]
    return "".join(" " if unicodedata.category(ch) in ("Cc", "Cf", "Cs") else ch for ch in part), shift


def _columns(text: str) -> int:
    """How many terminal columns the text takes."""
    return sum(
        2 if unicodedata.east_asian_width(ch) in "WF" else 0 if unicodedata.combining(ch) else 1
        for ch in text
    )
