"""Three formats of Valley's staff agreement: ours against the obvious way to make them.

The obvious way: each clause's wording through Jinja with the school's values, the Markdown put together and
parsed by a new MarkdownIt for the HTML, and python-docx writing its default template paragraph by paragraph.
It gets the choice of clauses, the values and all words outside clauses ready made, which we work out each
time. All three files must have the same words. It writes Valley each time, we another school at every call:
it remembers nothing, and we must find no more than what schools have in common.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import islice
from typing import Any, assert_never

import docx
from docx.table import Table as WordTable
from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aupgen.binding.bind import bind_profile
from aupgen.binding.values import Needs, Scope
from aupgen.binding.voice import wordings_for
from aupgen.document.tree import (
    Block,
    BulletList,
    Choices,
    ClauseMark,
    Contents,
    Drawing,
    Emphasis,
    Fields,
    FillIn,
    Inlines,
    LineBreak,
    Link,
    ListTable,
    NumberedList,
    Paragraph,
    Path,
    Reference,
    Section,
    Slip,
    Strong,
    Table,
    Text,
    Value,
)
from aupgen.document.walk import plain_text
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Voice
from aupgen.policy.wording import Break, Linked, Literal, Pieces, Slot, Style, Styled, slots_in
from aupgen.writers.docx import write_docx
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from tests.benchmarks.case import AGREEMENT, ENOUGH, ROOT, Case, neighbours, valley
from tests.benchmarks.measure import Row, in_turn, times_faster

ROUNDS = 15
GOAL = 100
_LINE = "_" * 40


def rows() -> list[Row]:
    case = valley()
    obvious = Obvious(case)
    schools = iter(list(islice(neighbours(case.profile), ENOUGH)))

    def ours(profile: Profile) -> tuple[str, str, bytes]:
        document = bind_profile(case.library, profile, only=[AGREEMENT])[0].documents[0]
        return (
            write_markdown(document),
            write_html(document, case.library.page),
            write_docx(document, case.shell),
        )

    for format_, mine, theirs in zip(
        ("Markdown", "HTML", "Word"), _words(ours(case.profile)), _words(obvious.write()), strict=True
    ):
        if mine != theirs:
            same = [a == b for a, b in zip(mine, theirs, strict=False)]
            at = same.index(False) if False in same else len(same)
            around = slice(max(at - 3, 0), at + 5)
            raise AssertionError(f"{format_} differs: {mine[around]}, {theirs[around]}")
    taken = in_turn({"ours": lambda: ours(next(schools)), "theirs": obvious.write}, ROUNDS)
    return [times_faster("bind and write against the obvious way", taken["ours"], taken["theirs"], GOAL)]


# ------------------------------------------------------------------ the obvious way


@dataclass(frozen=True)
class Wording:
    """A clause as Jinja reads it, with the school's values; ``start`` is the Markdown before it."""

    start: str
    source: str
    values: dict[str, str]
    whole: bool


class _Words(str):
    """A value that prints itself and has fields."""


class Obvious:
    """The pipeline: what it starts from is made once, `write` is what is measured."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.meta = case.document.meta
        self.css = (ROOT / "templates" / "page.css").read_text(encoding="utf-8")
        self.environment = Environment(autoescape=False)
        title = f"# {_markdown(case.document.title)}"
        self.parts = [title, *(part for block in case.document.blocks for part in self._block(block, ""))]

    def write(self) -> tuple[str, str, bytes]:
        rendered = []
        for part in self.parts:
            if isinstance(part, Wording):
                text = self.environment.from_string(part.source).render(part.values)
                if part.whole:
                    text = text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".")
                rendered.append(part.start + text)
            else:
                rendered.append(part)
        markdown = "\n\n".join(rendered) + "\n"
        parser = MarkdownIt().enable("table")
        tokens = parser.parse(markdown)
        body = parser.renderer.render(tokens, parser.options, {})
        html = (
            f'<!DOCTYPE html>\n<html lang="{self.meta.language}"><head><meta charset="utf-8">'
            f"<title>{self.meta.title} – {self.meta.school}</title><style>{self.css}</style></head><body><main>"
            f"{body}</main><footer><p>{self.meta.school} · {self.meta.title} · "
            f"{self.meta.running}</p></footer></body></html>"
        )
        return markdown, html, self._word(tokens)

    def _word(self, tokens: list[Token]) -> bytes:
        document = docx.Document()
        document.sections[0].header.paragraphs[0].text = self.meta.school
        document.sections[0].footer.paragraphs[-1].text = self.meta.running
        style, in_table = "Normal", False
        table: Any = None
        row: list[Token] = []
        for token in tokens:
            match token.type:
                case "heading_open":
                    style = f"Heading {token.tag[1:]}"
                case "bullet_list_open":
                    style = "List Bullet"
                case "ordered_list_open":
                    style = "List Number"
                case "heading_close" | "bullet_list_close" | "ordered_list_close":
                    style = "Normal"
                case "table_open":
                    table, in_table = None, True
                case "table_close":
                    in_table = False
                case "tr_open":
                    row = []
                case "tr_close":
                    table = table or document.add_table(0, len(row), style="Table Grid")
                    for cell, inline in zip(table.add_row().cells, row, strict=True):
                        _runs(cell.paragraphs[0], inline)
                case "inline" if in_table:
                    row.append(token)
                case "inline":
                    _runs(document.add_paragraph(style=style), token)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    # -------------------------------------------------------------- what it starts from

    def _block(self, block: Block, voice: str) -> Iterator[str | Wording]:
        match block:
            case Paragraph(inlines, role, clause):
                text = self._said("", inlines, clause, voice)
                yield f"*{text}*" if role == "motto" and isinstance(text, str) else text
            case BulletList(items) | NumberedList(items):
                for item in items:
                    mark = "- " if isinstance(block, BulletList) else "1. "
                    yield self._said(mark, item.inlines, item.clause, voice)
            case Table(header, table_rows):
                lines = [
                    f"| {' | '.join(_markdown(cell, '<br>') for cell in row)} |"
                    for row in (header, *table_rows)
                ]
                yield "\n".join([lines[0], "|" + " --- |" * len(header), *lines[1:]])
            case Fields(labels):
                for label in labels:
                    yield f"{_markdown(label)}: {_LINE}"
            case Choices(header, questions):
                cells = [*(_markdown(cell) for cell in header)]
                yield "\n".join([f"| {' | '.join(cells)} |", *(f"| {_markdown(row)} |" for row in questions)])
            case Slip(cut, level, title, blocks, edition):
                yield from (_markdown(cut), f"{'#' * level} {_markdown(title)}")
                for inner in blocks:
                    yield from self._block(inner, voice)
                yield _markdown(edition)
            case Drawing(caption):
                yield f"| {_markdown(caption)} |\n| --- |\n| |"
            case Section():
                if block.title:
                    yield f"{'#' * block.level} {_markdown(block.title)}"
                for inner in block.blocks:
                    yield from self._block(inner, block.voice)
            case ListTable() | Contents() | Path():
                raise AssertionError("the agreement that is measured has none")
            case _:
                assert_never(block)

    def _said(self, start: str, inlines: Inlines, mark: ClauseMark | None, voice: str) -> str | Wording:
        if mark is None or mark.id not in self.case.library.clauses:
            return start + _markdown(inlines)
        library, profile = self.case.library, self.case.profile
        clause = library.clauses[mark.id]
        choice = next(choice for choice in profile.documents if choice.id == AGREEMENT)
        scope = Scope(
            library, profile, Needs(), library.documents[AGREEMENT], Voice(voice),
            addressed_as=choice.addressed_as, clause=clause.id,
        )  # fmt: skip
        choices = wordings_for(clause.revisions[mark.revision - 1], scope.document.audiences, scope.voice)
        wording = next(wording for when, wording in choices if scope.holds(when))
        kind = wording.kind or clause.kind
        voices = library.language.voices[scope.voice]
        frame = voices.items.get(kind) or voices.sentences[kind]
        extra = {name: scope.optional(pieces) for name, pieces in wording.phrases.items()}
        scope = scope.with_words({**extra, "owner": scope.role(clause.owner)})
        values: dict[str, str] = {}
        for slot in (*slots_in(frame), *slots_in(wording.pieces)):
            if slot.name != "text":
                self.environment.filters[slot.form] = str
                words = _markdown(scope.words_for(slot))
                if slot.field:
                    setattr(values.setdefault(slot.name, _Words()), slot.field, words)
                else:
                    values[slot.name] = words
        source = _source(frame, _source(wording.pieces))
        return Wording(start, source, values, kind in voices.sentences)


def _source(pieces: Pieces, text: str = "") -> str:
    """A wording as its author wrote it: Markdown with Jinja's placeholders."""
    out = []
    for piece in pieces:
        match piece:
            case Literal(words):
                out.append(words)
            case Slot(name="text"):
                out.append(text)
            case Slot():
                out.append(str(piece))
            case Styled(style, inner):
                mark = "**" if style is Style.STRONG else "*"
                out.append(f"{mark}{_source(inner, text)}{mark}")
            case Linked(address, inner):
                out.append(f"[{_source(inner, text)}]({address})")
            case Break():
                out.append("\\\n")
            case _:
                assert_never(piece)
    return "".join(out)


def _markdown(inlines: Inlines, line_break: str = "\\\n") -> str:
    """Finished words as Markdown, unescaped: the obvious way trusts its values."""
    out = []
    for inline in inlines:
        match inline:
            case Text(text) | Value(text):
                out.append(text)
            case FillIn(label):
                out.append(f"[[{label}]]")
            case Strong(inner):
                out.append(f"**{_markdown(inner, line_break)}**")
            case Emphasis(inner):
                out.append(f"*{_markdown(inner, line_break)}*")
            case Link(address, inner):
                words = plain_text(inner)
                out.append(f"<{words}>" if address == f"mailto:{words}" else f"[{words}]({address})")
            case LineBreak():
                out.append(line_break)
            case Reference(inlines=inner):
                out.append(_markdown(inner, line_break))
            case _:
                assert_never(inline)
    return "".join(out)


def _runs(paragraph: Any, inline: Token) -> None:
    """The runs of a paragraph; python-docx has no call for links, so their words stand as text."""
    bold = italic = None
    for token in inline.children or ():
        match token.type:
            case "text" | "code_inline":
                if token.content:
                    run = paragraph.add_run(token.content)
                    run.bold, run.italic = bold, italic
            case "strong_open" | "strong_close":
                bold = True if token.nesting > 0 else None
            case "em_open" | "em_close":
                italic = True if token.nesting > 0 else None
            case "hardbreak" | "html_inline":
                paragraph.add_run().add_break()
            case "softbreak":
                paragraph.add_run(" ")


# ------------------------------------------------------------------ the same words


class _Reader(HTMLParser):
    """The words of a page's body."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.hidden = self.hidden or tag == "head"
        if tag not in ("strong", "em", "a", "bdi", "span"):
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = self.hidden and tag != "head"

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def _words(files: tuple[str, str, bytes]) -> list[list[str]]:
    """The words of a Markdown, an HTML and a Word file, each normalised."""
    markdown, html, word = files
    parts = []
    for element in docx.Document(io.BytesIO(word)).iter_inner_content():
        if isinstance(element, WordTable):
            parts += [cell.text for row in element.rows for cell in row.cells]
        else:
            parts.append(element.text)
    text_of_markdown = _read(MarkdownIt().enable("table").render(markdown))
    return [_normalised(text) for text in (text_of_markdown, _read(html), " ".join(parts))]


def _read(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.words)


def _normalised(text: str) -> list[str]:
    """Words alone: lines to write on are dropped, and the space before a phrase that vanished."""
    return re.sub(r"\s+(?=[,;:.])", "", re.sub(r":?\s*_{8,}", "", text)).split()
