"""A document in; the same document with marks that can be found again in what any writer makes of it.

A *place* ends every passage: what stands between two places is a piece of the written document. A *slot* stands for
words that a school types: writers treat it as any other word of a profile. Both are characters of Unicode's private
use, which no writer escapes; a document that holds such characters itself cannot be marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.binding.news import NEWS
from aupgen.document.tree import (
    Block,
    Blocks,
    BulletList,
    Choices,
    ClauseMark,
    Contents,
    Document,
    Drawing,
    Emphasis,
    Fields,
    Inline,
    Inlines,
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

_FIRST_PLACE = 0xF0000
_FIRST_SLOT, _LAST_SLOT = 0xE100, 0xF8FF
_SMALL = "ⓐ"  # it becomes Ⓐ where a sentence begins with the slot
_FILLER, _END = "\ue004", "\ue003"
STOP = "\ue005"
"""Stands for the full stop of a sentence that ends in a slot: what is typed may end in one of its own."""
SLOT = re.compile("([ⓐⒶ])\ue002([\ue100-\uf8ff])\ue004*\ue003")
"""A slot in a text: whether it begins a sentence (Ⓐ), and its number as a character from U+E100 on."""
PLACE = re.compile("([\U000f0000-\U000ffffd])")
"""A place in a text."""


class Slots(Struct):
    """The slots of a form by what fills them, and the places of its documents by their names."""

    numbers: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    def slot(self, name: str, width: int = 20) -> str:
        """The text that stands for what is typed. ``width`` is how many characters that may well be, for tables."""
        number = self.numbers.setdefault(name, len(self.numbers))
        if number > _LAST_SLOT - _FIRST_SLOT:
            raise OverflowError("a form cannot have more than 6,000 slots")
        return f"{_SMALL}\ue002{chr(_FIRST_SLOT + number)}{_FILLER * max(width - 4, 0)}{_END}"

    def place(self, name: str) -> str:
        number = self.places.setdefault(name, len(self.places))
        return chr(_FIRST_PLACE + number)

    def place_names(self) -> list[str]:
        """The names of places by their numbers."""
        return list(self.places)


def place_number(character: str) -> int:
    return ord(character) - _FIRST_PLACE


class Marker(Struct, frozen=True, eq=False):
    """Puts places and slots into documents. ``words`` is what becomes of every text leaf; the same leaf must always
    become the same, for whole sections are remembered."""

    slots: Slots
    words: Callable[[Inline], Inline]
    appendix: str = ""
    appendices: dict[str, Marker] = field(default_factory=dict)

    def in_appendix(self, id_: str) -> Marker:
        """The marker of a document that is printed inside another, always the same for the same."""
        return self.appendices.setdefault(id_, Marker(self.slots, self.words, id_))

    def named(self, anchor: str) -> str:
        """The name of a section or clause. Where an appendix comes and goes, the numbers behind the anchors of others
        change: so they are no part of names there."""
        return f"{self.appendix}: {re.sub('-[0-9]+$', '', anchor)}" if self.appendix else anchor

    def document(self, document: Document) -> Document:
        """Return the document with a place after every passage, and each text leaf put through ``words``."""
        return replace(
            document,
            title=self.ended(document.title, "title"),
            blocks=tuple(self.blocks(document.blocks, "")),
        )

    def ended(self, inlines: Inlines, name: str, *, is_rule: bool = False) -> Inlines:
        """The inlines with their place; nothing is left nothing, for there would be a passage where there is none."""
        if not inlines:
            return ()
        *before, last = self.rule(inlines) if is_rule else self.said(inlines)
        place = self.slots.place(name)
        return (*before, Text(last.text + place)) if isinstance(last, Text) else (*before, last, Text(place))

    def said(self, inlines: Inlines) -> Inlines:
        """The inlines with their slots."""
        return tuple(self._one(inline) for inline in inlines)

    def rule(self, inlines: Inlines) -> Inlines:
        """The words of a clause. Their full stop was put there where the last word had none: so it is for a slot."""
        out = self.said(inlines)
        before, last = (out[-2], out[-1]) if len(out) > 1 else (None, None)
        if last == Text(".") and isinstance(before, Value) and before.text.endswith(_END):
            return (*out[:-1], Text(STOP))
        return out

    def _one(self, inline: Inline) -> Inline:
        if isinstance(inline, (Strong, Emphasis, Link, Reference)):
            return replace(inline, inlines=self.said(inline.inlines))
        return self.words(inline)

    def blocks(self, blocks: Blocks, path: str) -> Iterator[Block]:
        """The blocks with their places. What has no name of its own is counted from the last that has one, so that the
        order of names is the same whatever else is printed."""
        last, count = path, 0
        for block in blocks:
            count += 1
            yield self.block(block, f"{last}+{count}")
            if name := self._last_name(block):
                last, count = name, 0

    def block(self, block: Block, path: str) -> Block:
        """A block under its own name: ``path`` is that of its section, and which block of it this is."""
        match block:
            case Paragraph(inlines, _, clause):
                return replace(
                    block, inlines=self.ended(inlines, self.clause_name(clause, path), is_rule=bool(clause))
                )
            case BulletList(items) | NumberedList(items):
                return replace(block, items=self._items(items, path))
            case Table(header, rows, purpose):
                listed = tuple(
                    tuple(
                        self.ended(cell, f"{path}/{n}.{m}", is_rule=purpose == NEWS)
                        for m, cell in enumerate(row)
                    )
                    for n, row in enumerate(rows)
                )
                return replace(block, header=tuple(map(self.said, header)), rows=listed)
            case ListTable(header, rows):
                # One place for all of it: rows of one post are one row, which moves when posts change hands.
                last = len(rows) - 1
                lists = tuple(
                    (self.said(name), self._cells(cells, path if n == last else ""))
                    for n, (name, cells) in enumerate(rows)
                )
                return replace(block, header=tuple(map(self.said, header)), rows=lists)
            case Contents(title, entries):
                led = tuple(
                    (level, replace(entry, inlines=self.ended(entry.inlines, f"{path}/{entry.section}")))
                    for level, entry in entries
                )
                return replace(block, title=self.ended(title, path), entries=led)
            case Path(caption, start, branches, end):
                return Path(  # without a place: Word has its caption twice
                    self.said(caption),
                    self.said(start),
                    tuple((self.said(what), self.said(then)) for what, then in branches),
                    tuple(map(self.said, end)),
                )
            case Fields(labels):
                return Fields(tuple(self.ended(label, f"{path}/{n}") for n, label in enumerate(labels)))
            case Choices(header, rows):
                asked = tuple(self.ended(row, f"{path}/{n}") for n, row in enumerate(rows))
                return replace(block, header=tuple(map(self.said, header)), rows=asked)
            case Slip():
                return replace(
                    block,
                    cut=self.ended(block.cut, f"{path}/cut"),
                    title=self.ended(block.title, f"{path}/title"),
                    blocks=tuple(self.blocks(block.blocks, path)),
                    edition=self.ended(block.edition, f"{path}/edition"),
                )
            case Drawing(caption):
                return Drawing(self.ended(caption, path))
            case Section():
                return _section(block, self)
            case _:
                assert_never(block)

    def _cells(self, cells: tuple[tuple[ListItem, ...], ...], place: str) -> tuple[tuple[ListItem, ...], ...]:
        """Cells of lists, with a place in the last list that holds anything; "" for none."""
        filled_cells = [n for n, cell in enumerate(cells) if cell]
        at = (filled_cells[-1], len(cells[filled_cells[-1]]) - 1) if place and filled_cells else None

        def said(item: ListItem, *where: int) -> ListItem:
            ended = self.ended(item.inlines, place, is_rule=True) if where == at else self.rule(item.inlines)
            return replace(item, inlines=ended)

        return tuple(tuple(said(item, n, m) for m, item in enumerate(cell)) for n, cell in enumerate(cells))

    def _items(self, items: tuple[ListItem, ...], path: str) -> tuple[ListItem, ...]:
        out = []
        last, count = path, 0
        for item in items:
            count += 1
            name = self.clause_name(item.clause, f"{last}+{count}")
            if item.clause:
                last, count = name, 0
            said = self.ended(item.inlines, name, is_rule=bool(item.clause))
            out.append(replace(item, inlines=said, blocks=tuple(self.blocks(item.blocks, name))))
        return tuple(out)

    def clause_name(self, clause: ClauseMark | None, path: str) -> str:
        return f"clause {self.named(clause.anchor)}" if clause else path

    def _last_name(self, block: Block) -> str:
        """The last name in a block that is its own wherever it stands: a section's or a clause's; "" where it has
        none."""
        match block:
            case Section(id_):
                return f"section {self.named(id_)}"
            case Paragraph(clause=ClauseMark() as clause):
                return self.clause_name(clause, "")
            case BulletList(items) | NumberedList(items):
                named = (item.clause for item in reversed(items) if item.clause)
                return self.clause_name(next(named, None), "")
            case _:
                return ""


@lru_cache(maxsize=4096)
def _section(section: Section, marker: Marker) -> Section:
    name = marker.named(section.id)
    inside = marker.in_appendix(section.id) if section.appendix else marker
    return replace(
        section,
        title=marker.ended(section.title, f"{name}/title"),
        blocks=tuple(inside.blocks(section.blocks, name)),
    )
