"""Two trees of one document in; their lines in pairs out.

The law: a clause is paired by its id, in its own section first; a heading by its section. Only what has no
id, such as a lead-in or a cell, is paired by where it stands and how it is made. Each line of each tree is in
exactly one pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from msgspec import Struct

from aupgen.binding.news import NEWS
from aupgen.document.leaves import looks, pieces
from aupgen.document.tree import Document, Inlines
from aupgen.document.walk import CONTENTS, Passage, passages, plain_text

T = TypeVar("T")


class Pair(Struct, frozen=True):
    """A line before and after; one of them is None where it is new or gone. ``at`` is where the old one stands
    among the old lines."""

    old: Passage | None
    new: Passage | None
    at: int = -1

    @property
    def clause(self) -> str:
        """The clause it prints, "" for none."""
        side = self.new or self.old
        return side.clause.id if side and side.clause else ""

    @property
    def differs(self) -> bool:
        """Whether the two are not the same in words, looks and kind."""
        if self.old is None or self.new is None:
            return True
        same = self.old.inlines == self.new.inlines or looks(self.old.inlines) == looks(self.new.inlines)
        return not same or self.old.what != self.new.what


def pair_lines(old: Document, new: Document, own: Collection[str]) -> list[Pair]:
    """Return the lines of two editions of a document in pairs, in the order of the new one, then what is gone.

    ``own`` are documents that are compared for themselves: what is printed of them as an appendix is left out, but
    for the appendix's heading. So is the table of what is new this year, which repeats it.
    """
    before, after = (_compared(document, own) for document in (old, new))
    partner: dict[int, int] = {}
    _pair_by(before, after, partner, _clause_in_section)
    _pair_by(before, after, partner, _clause)
    _pair_by(before, after, partner, _heading)
    _pair_the_rest(before, after, partner)
    of_new = {n: o for o, n in partner.items()}
    out = [
        Pair(before[of_new[n]], passage, of_new[n]) if n in of_new else Pair(None, passage)
        for n, passage in enumerate(after)
    ]
    return out + [Pair(passage, None, o) for o, passage in enumerate(before) if o not in partner]


def _compared(document: Document, own: Collection[str]) -> list[Passage]:
    """The lines to compare: what is new in the year and the contents are what other lines say, and so are appendices."""
    return [
        passage
        for passage in passages(document)
        if passage.table not in (NEWS, CONTENTS)
        and (passage.appendix not in own or (passage.section == passage.appendix and passage.what[0] == "h"))
    ]


def _clause_in_section(passage: Passage) -> Hashable | None:
    return (passage.section, passage.clause.id) if passage.clause else None


def _clause(passage: Passage) -> Hashable | None:
    return passage.clause.id if passage.clause else None


def _heading(passage: Passage) -> Hashable | None:
    is_heading = passage.what == "title" or passage.what in _HEADINGS
    return (passage.what == "title", passage.section) if is_heading else None


_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})


def _pair_by(
    old: Sequence[Passage],
    new: Sequence[Passage],
    partner: dict[int, int],
    key: Callable[[Passage], Hashable | None],
) -> None:
    """Pair what has the same key on both sides, the first with the first; None is nobody's partner."""
    taken = set(partner.values())
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for n, passage in enumerate(new):
        if n not in taken and (name := key(passage)) is not None:
            waiting[name].append(n)
    for o, passage in enumerate(old):
        if o not in partner and (name := key(passage)) is not None and waiting.get(name):
            partner[o] = waiting[name].pop(0)


def _pair_the_rest(old: Sequence[Passage], new: Sequence[Passage], partner: dict[int, int]) -> None:
    """Pair lines without an id, section by section: those made alike, then those that stand in the same place."""
    taken = set(partner.values())
    by_section: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for o, passage in enumerate(old):
        if o not in partner and passage.clause is None:
            by_section[passage.section][0].append(o)
    for n, passage in enumerate(new):
        if n not in taken and passage.clause is None:
            by_section[passage.section][1].append(n)
    for olds, news in by_section.values():
        before, after = [_make(old[o]) for o in olds], [_make(new[n]) for n in news]
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag == "equal":
                partner.update(zip(olds[a1:a2], news[b1:b2], strict=True))
            elif tag == "replace":
                left = news[b1:b2]
                for o in olds[a1:a2]:
                    match = next((n for n in left if new[n].what == old[o].what), None)
                    if match is not None:
                        partner[o] = match
                        left = left[left.index(match) + 1 :]


def _make(passage: Passage) -> tuple[str, tuple[str, ...]]:
    """How a line is made: its kind, its own words, and what its values answer."""
    made = tuple(source or text for text, _, source in pieces(passage.inlines))
    return passage.what, made


# ------------------------------------------------------------------ what a line says, values apart

_JOINER = 12  # characters: what joins two values of one list ("or the") is no longer


def own_words(inlines: Inlines, articles: Iterable[str]) -> tuple[str, ...]:
    """The words of a line that no profile gave, with the values' sources in the place of values.

    A list of values is one, however many it holds; the article before a value belongs to it.
    """
    out: list[str] = []
    sources: list[str] = []  # of each part, "" for words
    for text, _, source in pieces(inlines):
        if (
            source
            and len(sources) > 1
            and sources[-2] == source
            and not sources[-1]
            and len(out[-1]) <= _JOINER
        ):
            out.pop()
            sources.pop()
        elif source and not (sources and sources[-1] == source):
            if out and not sources[-1]:
                out[-1] = _without_article(out[-1], articles)
            out.append(f"{{{source}}}")
            sources.append(source)
        elif not source:
            out.append(text)
            sources.append("")
    return tuple(out)


def _without_article(text: str, articles: Iterable[str]) -> str:
    for article in articles:
        if article and text.lower().endswith(f"{article} "):
            return text[: -len(article) - 1]
    return text


def words_of(passage: Passage | None) -> str | None:
    return None if passage is None else plain_text(passage.inlines)


def out_of_order(old: Sequence[Hashable], new: Sequence[Hashable]) -> set[Hashable]:
    """What stands elsewhere among the things that both sequences hold: as few as explain the new order."""
    both = set(old) & set(new)
    before, after = [key for key in old if key in both], [key for key in new if key in both]
    if before == after:
        return set()
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {key for a, _, size in blocks for key in before[a : a + size]}
    return both - kept
