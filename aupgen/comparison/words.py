"""Two sequences of words in; which of them stayed, went and came.

Knows nothing of documents: the pages and the Word redline both read a changed sentence through this.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T", bound=Hashable)

_WORDS = re.compile(r"\w+(?:[’'.:@-]\w+)*|\s+|[^\w\s]")
_TOO_DIFFERENT = 0.4
"""Below this share of words in common a sentence is shown whole, old and then new: shreds of both cannot be read."""


class Mark(StrEnum):
    """What became of some words."""

    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


class Stretch(Struct, frozen=True):
    """Words that stand together and share what became of them."""

    mark: Mark
    text: str


def split_words(text: str) -> list[str]:
    """Words, white space and signs; together they are the text. An address or a time of day is one word."""
    return _WORDS.findall(text)


def marked(old: str, new: str) -> tuple[Stretch, ...]:
    """The two texts as one: deletions before insertions, neighbours of one mark joined."""
    before, after = split_words(old), split_words(new)
    out: list[Stretch] = []
    for mark, words in stretches(before, after, [not w.strip() or not w[0].isalnum() for w in before]):
        text = "".join(words)
        if out and out[-1].mark is mark:
            out[-1] = Stretch(mark, out[-1].text + text)
        else:
            out.append(Stretch(mark, text))
    return tuple(out)


def stretches(
    old: Sequence[T], new: Sequence[T], is_filler: Sequence[bool]
) -> Iterator[tuple[Mark, Sequence[T]]]:
    """Yield stretches of two sequences in reading order, deletions before insertions.

    ``is_filler`` says for each of ``old`` whether it is space or punctuation: where nothing else stands between
    two changes they are shown as one, which reads better.
    """
    if old == new:
        yield Mark.KEPT, new
        return
    blocks = _kept_blocks(old, new, is_filler)
    at_old = at_new = 0
    for start_old, start_new, size in (*blocks, (len(old), len(new), 0)):
        if start_old > at_old:
            yield Mark.DELETED, old[at_old:start_old]
        if start_new > at_new:
            yield Mark.INSERTED, new[at_new:start_new]
        if size:
            yield Mark.KEPT, new[start_new : start_new + size]
        at_old, at_new = start_old + size, start_new + size


def _kept_blocks(old: Sequence[T], new: Sequence[T], is_filler: Sequence[bool]) -> list[tuple[int, int, int]]:
    """Where both sequences agree, without islands of mere filler inside a change."""
    found = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()[:-1]
    blocks: list[tuple[int, int, int]] = []
    for a, b, size in found:
        at_the_start, at_the_end = not (a or b), (a + size, b + size) == (len(old), len(new))
        if all(is_filler[a : a + size]) and not at_the_start and not at_the_end:
            continue
        blocks.append((a, b, size))
    words = len(old) - sum(is_filler)
    kept = sum(not is_filler[n] for a, _, size in blocks for n in range(a, a + size))
    return blocks if not words or kept / words >= _TOO_DIFFERENT else []
