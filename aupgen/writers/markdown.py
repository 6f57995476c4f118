"""A document tree in; the Markdown a person would write out.

CommonMark with pipe tables. Text is escaped so that a reader's Markdown program shows the same characters
and the same structure, whatever a profile holds; nothing is escaped that need not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, TypeAlias, assert_never

from aupgen.document.tree import (
    Block,
    BulletList,
    Choices,
    Contents,
    Document,
    Drawing,
    Emphasis,
    Fields,
    FillIn,
    Inlines,
    LineBreak,
    Link,
    ListItem,
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
from aupgen.document.walk import BOX, plain_text
from aupgen.writers.shell import FRAGMENTS, SECTIONS

_LINE = "_" * 40
_CUT = ("✂" + " -" * 15, "- " * 14 + "-")
_EMPTY = "<br>" * 8  # the height of a frame to draw in
_Place: TypeAlias = Literal["line", "heading", "cell"]

# A sign is escaped where CommonMark (or GitHub's tables and strikethrough) could give it a meaning.
_ALWAYS = re.compile(r"[\\`*\[\]|~]")
_IN_PLACES = re.compile(r"(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?]|$)|&(?=[#A-Za-z]|$)")
_SPECIAL = re.compile(r"[\\`*\[\]|~_<&]")
_AT_START = re.compile(r"^(?:[#+\-=>]|(?P<number>[0-9]+)(?=[.)](?:\s|$)))")


def write_markdown(document: Document) -> str:
    """Return the document as Markdown, with one line feed at its end."""
    parts = [f"# {_inlines(document.title, 'heading')}"]
    if document.meta.draft:
        parts.append(f"**{_escaped(document.meta.draft, True)}**")
    for block in document.blocks:
        parts.extend(_block(block))
    text = "\n\n".join(parts) + "\n"
    return _led_to_headings(text, document) if _GAP in text else text


_GAP = "\0"  # no text can hold it: a profile with one is refused


def _led_to_headings(text: str, document: Document) -> str:
    """The text with every reference leading to the anchor that GitHub and others make from the words of a heading."""
    parts = text.split(_GAP)
    taken: dict[str, int] = {}
    by_section: dict[str, str] = {}
    for section, title in (("", document.title), *_headings(document.blocks)):
        anchor = _anchor(title)
        taken[anchor] = taken.get(anchor, -1) + 1
        by_section[section] = f"{anchor}-{taken[anchor]}" if taken[anchor] else anchor
    parts[1::2] = (f"#{by_section.get(part, part)}" for part in parts[1::2])
    return "".join(parts)


@lru_cache(maxsize=1024)
def _anchor(title: Inlines) -> str:
    return re.sub(r"[^\w\- ]", "", plain_text(title).lower()).replace(" ", "-")


def _headings(blocks: Iterable[Block]) -> Iterator[tuple[str, Inlines]]:
    """Each heading below the title with what it belongs to: the id of its section, "" for a slip."""
    for block in blocks:
        if isinstance(block, Slip):
            yield "", block.title
        elif isinstance(block, Section) and block.title:
            yield block.id, block.title
        if isinstance(block, (Slip, Section)):
            yield from _headings(block.blocks)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(inlines, role):
            text = _inlines(inlines)
            yield f"*{text}*" if role == "motto" else text
        case BulletList(items):
            yield "\n".join(_item("- ", item) for item in items)
        case NumberedList(items, start):
            yield "\n".join(_item(f"{number}. ", item) for number, item in enumerate(items, start))
        case Table():
            yield _table(block)
        case ListTable():
            yield _list_table(block)
        case Contents(title, entries):
            yield f"**{_inlines(title)}**"
            yield "\n".join(f"{'  ' * (level - 1)}- {_inlines((entry,))}" for level, entry in entries)
        case Path(caption, start, branches, end):
            yield f"**{_inlines(caption)}**"
            listed = [f"- {_inlines(start)}"]
            for what, then in branches:
                listed += [f"  - {_inlines(what)}", f"    - {_inlines(then)}"]
            yield "\n".join([*listed, *(f"- {_inlines(text)}" for text in end)])
        case Fields(labels):
            for label in labels:
                yield f"{_inlines(label)}: {_LINE}"
        case Choices():
            yield _choices(block)
        case Slip(cut, level, title, blocks, edition):
            yield f"{_CUT[0]} {_inlines(cut)} {_CUT[1]}"
            yield f"{'#' * min(level, 6)} {_inlines(title, 'heading')}"
            for inner in blocks:
                yield from _block(inner)
            yield _inlines(edition)
        case Drawing(caption):
            yield f"| {_inlines(caption, 'cell')} |\n| --- |\n| {_EMPTY} |"
        case Section():
            yield from _section(block)
        case _:
            assert_never(block)


@lru_cache(maxsize=SECTIONS)
def _section(section: Section) -> tuple[str, ...]:
    title = f"{'#' * min(section.level, 6)} {_inlines(section.title, 'heading')}"
    inner = (part for block in section.blocks for part in _block(block))
    return (title, *inner) if section.title else tuple(inner)


def _item(mark: str, item: ListItem) -> str:
    text = _inlines(item.inlines)
    if item.blocks:
        text = "\n\n".join((text, *(part for block in item.blocks for part in _block(block))))
    if "\n" not in text:
        return mark + text
    return mark + re.sub(r"^ +$", "", text.replace("\n", "\n" + " " * len(mark)), flags=re.M)


def _table(table: Table) -> str:
    rows = [table.header, *table.rows]
    lines = ["| " + " | ".join(_inlines(cell, "cell") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(table.header), *lines[1:]])


def _list_table(table: ListTable) -> str:
    rows = [
        "| "
        + " | ".join(
            [_inlines(name, "cell")]
            + ["<br>".join(f"• {_inlines(item.inlines, 'cell')}" for item in cell) for cell in cells]
        )
        + " |"
        for name, cells in table.rows
    ]
    header = "| " + " | ".join(_inlines(cell, "cell") for cell in table.header) + " |"
    return "\n".join([header, "|" + " --- |" * len(table.header), *rows])


def _choices(choices: Choices) -> str:
    boxes = ((Text(BOX),),) * (len(choices.header) - 1)
    return _table(Table(choices.header, tuple((question, *boxes) for question in choices.rows)))


def _write_inlines(inlines: Inlines, place: _Place = "line") -> str:
    out: list[str] = []
    at_start = place == "line"
    for position, inline in enumerate(inlines):
        match inline:
            case Text(text) | Value(text):
                escaped = _escaped(text, at_start)
                # a heading may end in # signs of its own, which Markdown would take for its closing
                out.append(escaped.replace("#", r"\#") if place == "heading" else escaped)
            case FillIn(label):
                out.append(f"[[{_escaped(label, False)}]]")
            case Strong(inner) | Emphasis(inner):
                mark = "**" if isinstance(inline, Strong) else "*"
                _clear_way(out, plain_text(inner))
                out.append(f"{mark}{_write_inlines(inner, place)}{mark}")
            case Link(address, inner):
                label = _write_inlines(inner, place)
                out.append(
                    label if address == f"mailto:{plain_text(inner)}" else f"[{label}]({_address(address)})"
                )
            case Reference(section, inner):
                out.append(f"[{_write_inlines(inner, place)}]({_GAP}{section}{_GAP})")
            case LineBreak():
                out.append("<br>" if place == "cell" else "\\\n")
            case _:
                assert_never(inline)
        before = inlines[position - 1] if position else None
        if isinstance(before, (Strong, Emphasis)) and isinstance(inline, (Text, Value)):
            out[-1] = _after_mark(out[-1], plain_text(before.inlines))
        at_start = place == "line" and isinstance(inline, LineBreak)
    return "".join(out)


_inlines = lru_cache(maxsize=FRAGMENTS)(_write_inlines)


# CommonMark reads a star between a letter and a sign as a star and not as emphasis. Where emphasis begins or
# ends with a sign and a letter stands against it, that letter is written as its number, which reads the same.


def _clear_way(out: list[str], inside: str) -> None:
    if out and out[-1][-1:].isalnum() and not inside[:1].isalnum():
        out[-1] = f"{out[-1][:-1]}&#{ord(out[-1][-1])};"


def _after_mark(text: str, inside: str) -> str:
    return f"&#{ord(text[0])};{text[1:]}" if text[:1].isalnum() and not inside[-1:].isalnum() else text


def escaped(text: str) -> str:
    """Text for the middle of a line."""
    return _escaped(text, False)


def _escaped(text: str, at_start: bool) -> str:
    def start(match: re.Match[str]) -> str:
        return f"{match.group()}\\" if match["number"] else f"\\{match.group()}"

    if not _SPECIAL.search(text) and not (at_start and _AT_START.match(text)):
        return text
    number = _AT_START.match(text) if at_start else None
    escaped = _IN_PLACES.sub(lambda m: "\\" + m.group(), _ALWAYS.sub(lambda m: "\\" + m.group(), text))
    return _AT_START.sub(start, escaped) if number else escaped


def _address(address: str) -> str:
    return re.sub(r"[ <>()\\\"]", lambda m: f"%{ord(m.group()):02X}", address)
