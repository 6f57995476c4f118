"""A document tree in; plain text for a screen before sign-in out: no marks, short lines.

The first line is the title, which a Windows sign-in notice shows as its caption; what follows the empty line is its
text. Only notices of text alone (``Meta.is_plain``) come here: a template that asks for more is refused.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from aupgen.document.tree import Block, BulletList, Document, NumberedList, Paragraph, Section
from aupgen.document.walk import plain_text

LINE = 70
"""Characters of a line: what a sign-in screen shows without breaking it anew. A longer word stands alone, uncut."""


def write_text(document: Document) -> str:
    """Return the notice with one line feed at its end; a paragraph to each rule, an empty line between them."""
    return "\n\n".join(map(_wrapped, paragraphs(document))) + "\n"


def paragraphs(document: Document) -> Iterator[str]:
    """Yield the paragraphs of the notice, each on one line."""
    yield plain_text(document.title)
    if document.meta.draft:
        yield document.meta.draft
    for block in document.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(inlines):
            yield plain_text(inlines)
        case BulletList(items) | NumberedList(items):
            for item in items:
                yield plain_text(item.inlines)
                for inner in item.blocks:
                    yield from _block(inner)
        case Section(title=title, blocks=blocks):
            if title:
                yield plain_text(title)
            for inner in blocks:
                yield from _block(inner)
        case _:
            raise AssertionError(f"{type(block).__name__} has no place in a plain notice")


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, LINE, break_long_words=False, break_on_hyphens=False))
