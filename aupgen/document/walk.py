"""Small walks over the tree: its words, its sections, its clauses, without any format's marks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias, assert_never

from msgspec import Struct

from aupgen.document.tree import (
    Block,
    BulletList,
    Choices,
    ClauseMark,
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

BOX = "☐"
"""The empty box of a choice, as all formats show it."""
_BOX: Inlines = (Text(BOX),)
_NOTHING = ListItem(())
"""What an empty cell of a table of lists holds."""


def plain_text(inlines: Inlines) -> str:
    """The words of some inlines; a fill-in shows as its label in double brackets, a line break as a space."""
    parts: list[str] = []
    for inline in inlines:
        match inline:
            case Text(text) | Value(text):
                parts.append(text)
            case FillIn(label):
                parts.append(f"[[{label}]]")
            case Strong(inner) | Emphasis(inner) | Link(inlines=inner) | Reference(inlines=inner):
                parts.append(plain_text(inner))
            case LineBreak():
                parts.append(" ")
            case _:
                assert_never(inline)
    return "".join(parts)


class Passage(Struct, frozen=True):
    """A line of words where it stands: what it is (see `lines`), the section it is in and the clause it prints.

    ``section`` is the section's id, "" before the first; ``heading`` its title, or that of the section around it
    where it has none. ``appendix`` is the id of the document that is printed as an appendix there, else "".
    ``table`` is the purpose of the table it is in, `CONTENTS` in the list of contents, "" elsewhere.
    """

    what: str
    inlines: Inlines
    section: str = ""
    heading: str = ""
    appendix: str = ""
    clause: ClauseMark | None = None
    table: str = ""


CONTENTS = "contents"
_NOWHERE = Passage("", ())


def lines(document: Document) -> Iterator[tuple[str, str]]:
    """Yield every line of words with what it is: ``title``, ``h2`` …, ``paragraph``, ``item``, ``header``,
    ``cell``, ``field``, ``drawing``. An item in a cell is a cell of its own, and so is a box to
    tick. The order is reading order, the same in every format."""
    return ((kind, plain_text(inlines)) for kind, inlines, _ in marked_lines(document))


MarkedLine: TypeAlias = tuple[str, Inlines, ClauseMark | None]


def marked_lines(document: Document) -> Iterator[MarkedLine]:
    """The same lines as inlines, each with the mark of the clause that it is, None for what is no clause."""
    return ((passage.what, passage.inlines, passage.clause) for passage in passages(document))


def block_lines(block: Block) -> Iterator[MarkedLine]:
    """Yield the marked lines of one block, with those of all blocks in it."""
    return ((passage.what, passage.inlines, passage.clause) for passage in _passages(block, _NOWHERE))


def passages(document: Document) -> Iterator[Passage]:
    """Yield the same lines with the place of each."""
    yield Passage("title", document.title)
    for block in document.blocks:
        yield from _passages(block, _NOWHERE)


def _passages(block: Block, place: Passage) -> Iterator[Passage]:
    def said(what: str, inlines: Inlines, clause: ClauseMark | None = None, table: str = "") -> Passage:
        return Passage(what, inlines, place.section, place.heading, place.appendix, clause, table)

    match block:
        case Paragraph(inlines, _, clause):
            yield said("paragraph", inlines, clause)
        case BulletList(items) | NumberedList(items):
            for item in items:
                yield said("item", item.inlines, item.clause)
                for inner in item.blocks:
                    yield from _passages(inner, place)
        case Table(header, rows, purpose):
            yield from (said("header", cell, None, purpose) for cell in header)
            yield from (said("cell", cell, None, purpose) for row in rows for cell in row)
        case ListTable(header, list_rows):
            yield from (said("header", cell) for cell in header)
            for name, cells in list_rows:
                yield said("cell", name)
                for cell in cells:
                    yield from (said("cell", item.inlines, item.clause) for item in cell or (_NOTHING,))
        case Contents(title, entries):
            yield said("paragraph", title, None, CONTENTS)
            yield from (said("item", reference.inlines, None, CONTENTS) for _, reference in entries)
        case Path(caption):
            yield said("paragraph", caption)
            yield from (said("item", step) for step in steps(block))
        case Fields(labels):
            yield from (said("field", label) for label in labels)
        case Choices(header, questions):
            yield from (said("header", cell) for cell in header)
            for question in questions:
                yield said("cell", question)
                yield from (said("cell", _BOX) for _ in header[1:])
        case Slip(cut, level, title, inner_blocks, edition):
            yield said("paragraph", cut)
            yield said(f"h{level}", title)
            for inner in inner_blocks:
                yield from _passages(inner, place)
            yield said("paragraph", edition)
        case Drawing(caption):
            yield said("drawing", caption)
        case Section(id_, level, title, inner_blocks, _, appendix):
            heading = plain_text(title) or place.heading
            place = Passage("", (), id_, heading, id_ if appendix else place.appendix)
            if title:
                yield said(f"h{level}", title)
            for inner in inner_blocks:
                yield from _passages(inner, place)
        case _:
            assert_never(block)


def steps(path: Path) -> Iterator[Inlines]:
    """Yield the boxes of a diagram as they are read: the start, each branch from left to right, the end."""
    yield path.start
    for branch in path.branches:
        yield from branch
    yield from path.end


def sections(blocks: tuple[Block, ...], closed: Collection[str] = ()) -> Iterator[Section]:
    """Yield every section in reading order, outer before inner; of an appendix whose document is among ``closed``,
    the outermost alone."""
    for block in blocks:
        if isinstance(block, Section):
            yield block
            if not (block.appendix and block.id in closed):
                yield from sections(block.blocks, closed)


def blocks_in(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield every block in reading order, a section before those that stand in it."""
    for block in blocks:
        yield block
        if isinstance(block, Section):
            yield from blocks_in(block.blocks)


SENTENCES = "changes"
"""The purpose of a table of whole sentences, such as what was and what is."""


def fill_ins(document: Document) -> Iterator[FillIn]:
    """Yield every fill-in in reading order, repeated ones too."""
    yield from _fill_ins((document.title, document.blocks))


def _fill_ins(value: object) -> Iterator[FillIn]:
    if isinstance(value, FillIn):
        yield value
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _fill_ins(getattr(value, name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _fill_ins(part)


def is_signed(blocks: tuple[Block, ...]) -> bool:
    """Whether there is a place to sign, or another gap to complete by hand."""
    return any(
        isinstance(block, Fields) or (isinstance(block, (Section, Slip)) and is_signed(block.blocks))
        for block in blocks
    )


def own_clauses(section: Section) -> Iterator[tuple[ClauseMark, Inlines]]:
    """Yield the clauses that stand directly in a section, not those of its inner sections."""
    for block in section.blocks:
        if isinstance(block, Paragraph) and block.clause:
            yield block.clause, block.inlines
        elif isinstance(block, (BulletList, NumberedList)):
            yield from ((item.clause, item.inlines) for item in block.items if item.clause)
        elif isinstance(block, ListTable):
            items = (item for _, cells in block.rows for cell in cells for item in cell)
            yield from ((item.clause, item.inlines) for item in items if item.clause)
