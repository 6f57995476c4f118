"""What a document's words are when they are approved: a fingerprint of them, and the approval line put in.

A board approves words. The number and day of an edition, and the line that says how the approval stands, are
said about the words and are no part of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from aupgen.document.tree import (
    Block,
    Blocks,
    BulletList,
    Choices,
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
    Section,
    Slip,
    Strong,
    Table,
    Value,
)
from aupgen.document.walk import MarkedLine, block_lines, marked_lines, plain_text

APPROVAL, EDITION = "approval", "edition"
"""The sources of values that are said about the words: the approval line; the edition's number and day."""

SENTENCES, _BLOCKS = 8192, 2048
"""How many sentences and blocks are remembered: schools of one library share most of theirs."""


class _Words(Struct, frozen=True):
    """The lines of a block as text, as printed and without edition and approval; whether the two differ."""

    printed: str
    lasting: str
    tells: bool


def words_digest(document: Document) -> str:
    """SHA-256 over the document's lines of words in reading order: the same for all formats."""
    return _digest(document, [_words(block).printed for block in document.blocks])


def fingerprint(document: Document) -> str:
    """The same without edition and approval: what is approved."""
    return _digest(document, [_words(block).lasting for block in document.blocks])


def lasting_words(document: Document) -> str:
    """The text that a fingerprint is taken of: the lines of words without edition and approval."""
    return _text(document, [_words(block).lasting for block in document.blocks])


def _digest(document: Document, blocks: list[str]) -> str:
    return hashlib.sha256(_text(document, blocks).encode()).hexdigest()


def _text(document: Document, blocks: list[str]) -> str:
    return "\n".join((f"title\t{plain_text(document.title)}", *filter(None, blocks)))


sentence = lru_cache(maxsize=SENTENCES)(plain_text)
"""`plain_text` that remembers."""


@lru_cache(maxsize=_BLOCKS)
def _words(block: Block) -> _Words:
    if not isinstance(block, Section):
        return _of_lines([(kind, inlines) for kind, inlines, _ in block_lines(block)])
    # a section with one word of a school's own holds blocks that others print too
    parts = [_words(inner) for inner in block.blocks]
    if block.title:
        parts.insert(0, _of_lines([(f"h{block.level}", block.title)]))
    printed = "\n".join([part.printed for part in parts if part.printed])
    if not any(part.tells for part in parts):
        return _Words(printed, printed, False)
    return _Words(printed, "\n".join([part.lasting for part in parts if part.lasting]), True)


def _of_lines(lines: list[tuple[str, Inlines]]) -> _Words:
    printed = "\n".join([f"{kind}\t{sentence(inlines)}" for kind, inlines in lines])
    if not any(_tells(inlines) for _, inlines in lines):
        return _Words(printed, printed, False)
    bare = (f"{kind}\t{plain_text(_mapped(inlines, _BARE))}" for kind, inlines in lines)
    return _Words(printed, "\n".join(bare), True)


def short(digest: str) -> str:
    """A fingerprint as documents print it and people read it out: 3f2a-9c1b."""
    return f"{digest[:4]}-{digest[4:8]}"


def lasting_lines(document: Document) -> Iterator[MarkedLine]:
    """Yield the lines of the document but those that tell its edition or approval."""
    return (line for line in marked_lines(document) if not _tells(line[1]))


@lru_cache(maxsize=SENTENCES)
def _tells(inlines: Inlines) -> bool:
    """Whether there is something in these words that is said about the words."""
    return any(
        inline.source in (APPROVAL, EDITION)
        if isinstance(inline, Value)
        else isinstance(inline, (Strong, Emphasis, Link)) and _tells(inline.inlines)
        for inline in inlines
    )


_BARE = {APPROVAL: "", EDITION: ""}


def _mapped(inlines: Inlines, texts: dict[str, str]) -> Inlines:
    """The inlines with other texts in the values of some sources."""

    def one(inline: Inline) -> Inline:
        match inline:
            case Value(_, source) if source in texts:
                return Value(texts[source], source)
            case Strong() | Emphasis() | Link():
                return replace(inline, inlines=_mapped(inline.inlines, texts))
            case _:
                return inline

    return tuple([one(inline) for inline in inlines])


def with_approval(document: Document, line: str) -> Document:
    """The document with another approval line wherever it prints one: in its text, its properties and its footer."""
    meta = document.meta
    if not meta.status or meta.status == line:
        return document
    return replace(
        document,
        meta=replace(meta, status=line, running=meta.running.replace(meta.status, line)),
        blocks=_blocks(document.blocks, {APPROVAL: line}),
    )


def _blocks(blocks: Blocks, texts: dict[str, str]) -> Blocks:
    return tuple([_block(block, texts) for block in blocks])


def _inlines(inlines: Inlines, texts: dict[str, str]) -> Inlines:
    return _mapped(inlines, texts) if _tells(inlines) else inlines


def _item(item: ListItem, texts: dict[str, str]) -> ListItem:
    return replace(item, inlines=_inlines(item.inlines, texts), blocks=_blocks(item.blocks, texts))


def _block(block: Block, texts: dict[str, str]) -> Block:
    """A block with other texts; the very same block where there are none of them in it, as in most."""
    if not _words(block).tells:
        return block
    match block:
        case Paragraph():
            return replace(block, inlines=_inlines(block.inlines, texts))
        case BulletList(items):
            return BulletList(tuple([_item(item, texts) for item in items]))
        case NumberedList(items):
            return replace(block, items=tuple([_item(item, texts) for item in items]))
        case Table(header, rows):
            cells = tuple([tuple([_inlines(cell, texts) for cell in row]) for row in (header, *rows)])
            return replace(block, header=cells[0], rows=cells[1:])
        case ListTable(header, list_rows):
            listed = tuple(
                [
                    (_inlines(name, texts), tuple([tuple([_item(i, texts) for i in cell]) for cell in cells]))
                    for name, cells in list_rows
                ]
            )
            return replace(block, header=tuple([_inlines(cell, texts) for cell in header]), rows=listed)
        case Contents() | Path():
            return block  # they name sections and posts, and no approval
        case Fields(labels):
            return Fields(tuple([_inlines(label, texts) for label in labels]))
        case Choices(header, rows):
            cells = tuple([tuple([_inlines(cell, texts) for cell in part]) for part in (header, rows)])
            return replace(block, header=cells[0], rows=cells[1])
        case Slip():
            return replace(
                block,
                cut=_inlines(block.cut, texts),
                title=_inlines(block.title, texts),
                blocks=_blocks(block.blocks, texts),
                edition=_inlines(block.edition, texts),
            )
        case Drawing(caption):
            return Drawing(_inlines(caption, texts))
        case Section():
            return replace(block, title=_inlines(block.title, texts), blocks=_blocks(block.blocks, texts))
        case _:
            assert_never(block)
