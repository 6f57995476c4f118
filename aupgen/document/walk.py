"""Small walks over the tree: its words, its sections, its clauses, without any format's marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

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


def lines(document: Document) -> Iterator[tuple[str, str]]:
    """Yield every line of words with what it is: ``title``, ``h2`` …, ``paragraph``, ``item``, ``header``,
    ``cell``, ``field``, ``drawing``. A box to tick is a cell of its own. The order is reading order, the same in
    every format."""
    yield "title", plain_text(document.title)
    for block in document.blocks:
        yield from _block_lines(block)


def _block_lines(block: Block) -> Iterator[tuple[str, str]]:
    match block:
        case Paragraph(inlines):
            yield "paragraph", plain_text(inlines)
        case BulletList(items) | NumberedList(items):
            for item in items:
                yield "item", plain_text(item.inlines)
                for inner in item.blocks:
                    yield from _block_lines(inner)
        case Table(header, rows):
            yield from (("header", plain_text(cell)) for cell in header)
            yield from (("cell", plain_text(cell)) for row in rows for cell in row)
        case ListTable(header, list_rows):
            yield from (("header", plain_text(cell)) for cell in header)
            for name, cells in list_rows:
                yield "cell", plain_text(name)
                yield from (("cell", " ".join(plain_text(item.inlines) for item in cell)) for cell in cells)
        case Contents(title, entries):
            yield "paragraph", plain_text(title)
            yield from (("item", plain_text(reference.inlines)) for _, reference in entries)
        case Path():
            yield "paragraph", plain_text(block.caption)
            yield from (("item", plain_text(step)) for step in steps(block))
        case Fields(labels):
            yield from (("field", plain_text(label)) for label in labels)
        case Choices(header, questions):
            yield from (("header", plain_text(cell)) for cell in header)
            for question in questions:
                yield "cell", plain_text(question)
                yield from (("cell", BOX) for _ in header[1:])
        case Slip(cut, level, title, inner_blocks, edition):
            yield "paragraph", plain_text(cut)
            yield f"h{level}", plain_text(title)
            for inner in inner_blocks:
                yield from _block_lines(inner)
            yield "paragraph", plain_text(edition)
        case Drawing(caption):
            yield "drawing", plain_text(caption)
        case Section():
            if block.title:
                yield f"h{block.level}", plain_text(block.title)
            for inner in block.blocks:
                yield from _block_lines(inner)
        case _:
            assert_never(block)


def steps(path: Path) -> Iterator[Inlines]:
    """Yield the boxes of a diagram as they are read: the start, each branch from left to right, the end."""
    yield path.start
    for branch in path.branches:
        yield from branch
    yield from path.end


def sections(blocks: tuple[Block, ...]) -> Iterator[Section]:
    """Yield every section in reading order, outer before inner."""
    for block in blocks:
        if isinstance(block, Section):
            yield block
            yield from sections(block.blocks)


def has_slips(blocks: tuple[Block, ...]) -> bool:
    """Whether there is a slip to cut off, or a box to tick."""
    return any(
        isinstance(block, (Slip, Choices)) or (isinstance(block, Section) and has_slips(block.blocks))
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
