"""A path of steps in; where its boxes, words and arrows stand, in one unit of length.

For Word, which draws it as shapes; a web page lays out its own boxes. Letters are measured generously, so that no word
leaves its box whatever font a reader has.
"""

from __future__ import annotations

import textwrap
from functools import lru_cache

from msgspec import Struct

from aupgen.document.tree import Inlines, Path
from aupgen.document.walk import plain_text
from aupgen.writers.shell import FRAGMENTS

_LETTER, _LINE = 0.56, 1.25  # of the size of type: the width of a letter, the height of a line
_PADDING, _GAP, _RAIL, _ARROW = 0.6, 0.9, 1.5, 2.2  # of the size of type


class Box(Struct, frozen=True):
    """A box with its words in lines. ``look`` is "end" for the start and the end, "question" or "answer"."""

    left: float
    top: float
    width: float
    height: float
    lines: tuple[str, ...]
    look: str


class Arrow(Struct, frozen=True):
    """A line through some points; it ends in a head where ``has_head``."""

    points: tuple[tuple[float, float], ...]
    has_head: bool = True


class Diagram(Struct, frozen=True):
    """Boxes in reading order, and the arrows between them; ``size`` is the size of type."""

    width: float
    height: float
    size: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@lru_cache(maxsize=FRAGMENTS)
def diagram(path: Path, width: float, size: float) -> Diagram:
    """Return the diagram of a path, as wide as asked, in type of one size.

    The start stands on top; each branch is a row of two boxes, reached by a rail on the left; a rail on the right
    leads to the end.
    """
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    rail, gap, between = _RAIL * size, _GAP * size, _ARROW * size
    start = _box(path.start, 0, 0, width, size, "end")
    boxes.append(start)
    half = (width - 2 * rail - between) / 2
    top = start.height + gap * 1.5
    first_rail = last_rail = start.height
    for what, then in path.branches:
        pair = [
            _box(what, rail, top, half, size, "question"),
            _box(then, rail + half + between, top, half, size, "answer"),
        ]
        height = max(box.height for box in pair)
        pair = [Box(b.left, b.top, b.width, height, b.lines, b.look) for b in pair]
        middle = top + height / 2
        arrows += [
            Arrow(((rail / 2, middle), (rail, middle))),
            Arrow(((rail + half, middle), (rail + half + between, middle))),
            Arrow(((width - rail, middle), (width - rail / 2, middle)), False),
        ]
        if len(boxes) == 1:
            last_rail = middle
        first_rail = middle
        boxes += pair
        top += height + gap
    arrows.append(Arrow(((rail / 2, start.height), (rail / 2, first_rail)), False))
    top += gap * 0.5
    arrows.append(Arrow(((width - rail / 2, last_rail), (width - rail / 2, top))))
    for position, text in enumerate(path.end):
        if position:
            arrows.append(Arrow(((width / 2, top - gap * 1.2), (width / 2, top))))
        box = _box(text, 0, top, width, size, "end")
        boxes.append(box)
        top += box.height + gap * 1.2
    return Diagram(width, boxes[-1].top + boxes[-1].height, size, tuple(boxes), tuple(arrows))


def _box(words: Inlines, left: float, top: float, width: float, size: float, look: str) -> Box:
    letters = max(int((width - 2 * _PADDING * size) / (_LETTER * size)), 8)
    lines = textwrap.wrap(plain_text(words), letters) or [""]
    height = len(lines) * _LINE * size + 2 * _PADDING * size
    return Box(left, top, width, height, tuple(lines), look)
