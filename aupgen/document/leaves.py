"""What a line is made of: its leaves with their looks, and the values of a profile among them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias, assert_never

from aupgen.document.tree import Emphasis, FillIn, Inlines, LineBreak, Link, Reference, Strong, Text, Value

Piece: TypeAlias = tuple[str, str, str]
"""Text, its looks (bold, italic, a link's address), and the value it came from ("" for the library's own words)."""


Looks: TypeAlias = tuple[tuple[str, str], ...]
"""The words of a line in pairs with their looks."""


def looks(inlines: Inlines) -> Looks:
    """Words and looks as a reader sees them, wherever they came from."""
    out: list[tuple[str, str]] = []
    for text, look, _ in pieces(inlines):
        if out and out[-1][1] == look:
            out[-1] = (out[-1][0] + text, look)
        else:
            out.append((text, look))
    return tuple(out)


@lru_cache(maxsize=4096)
def pieces(inlines: Inlines) -> tuple[Piece, ...]:
    """The leaves of some inlines."""
    return tuple(_pieces(inlines, ""))


def _pieces(inlines: Inlines, look: str) -> Iterator[Piece]:
    for inline in inlines:
        match inline:
            case Text(text):
                yield text, look, ""
            case Value(text, source):
                yield text, look, source
            case FillIn(label, source):
                yield f"[[{label}]]", look, source
            case Strong(inner):
                yield from _pieces(inner, f"{look}b")
            case Emphasis(inner):
                yield from _pieces(inner, f"{look}i")
            case Link(address, inner):
                # the address of a school's own contact changes with its words, which say it
                own = address.startswith("mailto:") and any(isinstance(word, Value) for word in inner)
                yield from _pieces(inner, f"{look}<{'' if own else address}>")
            case Reference(_, inner):
                yield from _pieces(inner, look)  # what it leads to follows from its words
            case LineBreak():
                yield "\n", look, ""
            case _:
                assert_never(inline)


def values_in(inlines: Inlines) -> dict[str, tuple[str, ...]]:
    """What a line prints of each value, by the value's source, in reading order."""
    out: dict[str, tuple[str, ...]] = {}
    for text, _, source in pieces(inlines):
        if source:
            out[source] = (*out.get(source, ()), text)
    return out
