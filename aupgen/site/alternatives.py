"""A way to write a document for some answers in; the same document for all answers out, piece by piece.

A form must show a school its documents without any of our rules at hand. So every document is written here for as
many answers as it takes to know which of its pieces depend on which of them, and until every combination that matters
to a piece has been seen. What comes out is a table: for these answers, these words. Answers that do not matter to
what is looked for are picked at random, but always the same: nothing that was ever written contradicts the table.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise, product
from math import prod
from typing import TypeAlias

from msgspec import Struct, field

Texts: TypeAlias = tuple[str, ...]
"""The words of a piece in each format."""
States: TypeAlias = Mapping[str, str]
"""The state of each switch, by its name."""
Write: TypeAlias = Callable[[States], Sequence[tuple[str, Texts]]]
"""Writes a document: the texts of its pieces by name, in their order."""
_Row: TypeAlias = tuple[str, ...]
"""The state of each switch, in their order."""
_Which: TypeAlias = tuple[int, ...]
"""Some switches by their numbers, in their order."""

_START = ""  # before the first piece
MOST_COMBINATIONS = 20_000
_TRIALS = 60  # random answers that are tried before any are picked for what they show


class Switch(Struct, frozen=True):
    """Something about the answers that may change what is printed, beside the words typed; the first state is usual."""

    name: str
    states: tuple[str, ...]

    @property
    def few(self) -> tuple[str, ...]:
        """States that stand for all of them while it is found out what depends on this."""
        states = self.states
        return states if len(states) <= 4 else (states[0], states[1], states[2], states[-1])


class Piece(Struct, frozen=True):
    """A stretch of a document: the switches it depends on, and its texts for each combination of their states.

    The state of the last switch changes fastest; None where the piece is not printed.
    """

    name: str
    switches: tuple[str, ...]
    texts: tuple[Texts | None, ...]


class UnsettledError(Exception):
    """A document depends on the answers in more ways than a table can hold; the message says which."""


def pieces_for(write: Write, switches: Sequence[Switch]) -> tuple[Piece, ...]:
    """Return the document as pieces in reading order. Raises UnsettledError where that is more than can be held."""
    return _Search(write, tuple(switches)).pieces()


def put_together(pieces: Iterable[Piece], switches: Mapping[str, Switch], states: States) -> Iterator[Texts]:
    """Yield the texts of the pieces that are printed for some answers."""
    for piece in pieces:
        number = 0
        for name in piece.switches:
            number = number * len(switches[name].states) + switches[name].states.index(states[name])
        texts = piece.texts[number]
        if texts is not None:
            yield texts


class _Search(Struct):
    """What was written so far. ``depends`` has the switches that are known to matter to each piece, and ``shown`` the
    first row that was written for each combination of their states."""

    write: Write
    switches: tuple[Switch, ...]
    written: dict[_Row, dict[str, Texts]] = field(default_factory=dict)
    before: dict[str, dict[str, None]] = field(default_factory=dict)
    depends: dict[str, _Which] = field(default_factory=dict)
    shown: dict[str, dict[_Row, _Row]] = field(default_factory=dict)
    same: dict[Texts, Texts] = field(default_factory=dict)
    settled: int = 0

    def pieces(self) -> tuple[Piece, ...]:
        chance = random.Random(20)
        usual = tuple(switch.states[0] for switch in self.switches)
        self._texts(usual)
        for n, switch in enumerate(self.switches):
            for state in switch.few:
                self._texts((*usual[:n], state, *usual[n + 1 :]))
        for _ in range(_TRIALS):
            self._texts(self._picked(chance, {}))
        self._settle()
        while wanted := self._wanted():
            for states in packed(wanted):
                self._texts(self._picked(chance, states))
            self._settle()
        return tuple(map(self._piece, self._order()))

    def _picked(self, chance: random.Random, states: Mapping[int, str]) -> _Row:
        return tuple(states.get(n) or chance.choice(switch.states) for n, switch in enumerate(self.switches))

    def _texts(self, row: _Row) -> dict[str, Texts]:
        known = self.written.get(row)
        if known is None:
            states = {switch.name: state for switch, state in zip(self.switches, row, strict=True)}
            pieces = self.write(states)
            known = self.written[row] = {name: self.same.setdefault(texts, texts) for name, texts in pieces}
            for before, after in pairwise((_START, *known)):
                self.before.setdefault(after, {})[before] = None
        return known

    def _settle(self) -> None:
        """Find out what pieces depend on, until nothing that was written contradicts it."""
        rows = list(self.written)
        while self.settled < len(rows):
            row = rows[self.settled]
            now = self.written[row]
            parts: dict[_Which, _Row] = {}
            for piece in self.before:
                if piece not in self.shown:
                    self._depend(piece, (), rows[: self.settled])
                while True:
                    which = self.depends[piece]
                    part = parts.get(which) or parts.setdefault(which, _part(row, which))
                    other = self.shown[piece].setdefault(part, row)
                    if self.written[other].get(piece) is now.get(piece):
                        break
                    which = tuple(sorted((*which, self._cause(piece, other, row))))
                    self._depend(piece, which, rows[: self.settled])
            self.settled += 1
            rows += list(self.written)[len(rows) :]

    def _depend(self, piece: str, which: _Which, rows: Sequence[_Row]) -> None:
        """Note what a piece depends on, and what rows show of it. What agreed before it was known to depend on one
        switch more still does."""
        shown = self.shown[piece] = {}
        self.depends[piece] = which
        for row in rows:
            shown.setdefault(_part(row, which), row)

    def _cause(self, piece: str, one: _Row, other: _Row) -> int:
        """A switch that changes a piece which is not the same in two rows, found by halving what else they differ in."""
        differing = [n for n, (state, theirs) in enumerate(zip(one, other, strict=True)) if state != theirs]
        text = self.written[one].get(piece)
        same, changed = 0, len(differing)
        while changed - same > 1:
            middle = (same + changed) // 2
            theirs = set(differing[:middle])
            mixed = tuple(other[n] if n in theirs else state for n, state in enumerate(one))
            if self._texts(mixed).get(piece) is text:
                same = middle
            else:
                changed = middle
        return differing[same]

    def _wanted(self) -> dict[_Which, list[_Row]]:
        """The combinations that no row shows yet, by the switches that some piece depends on; the most first."""
        wanted: dict[_Which, list[_Row]] = {}
        for piece, which in self.depends.items():
            if which in wanted:
                continue
            if prod(len(self.switches[n].states) for n in which) > MOST_COMBINATIONS:
                raise UnsettledError(f"one sentence depends on {len(which)} questions at once")
            shown = self.shown[piece]
            wanted[which] = [part for part in self._combinations(which) if part not in shown]
        most_first = sorted(wanted.items(), key=lambda item: (-len(item[1]), item[0]))
        return {which: parts for which, parts in most_first if parts}

    def _combinations(self, which: _Which) -> Iterator[_Row]:
        return product(*(self.switches[n].states for n in which))

    def _order(self) -> tuple[str, ...]:
        """The names of all pieces in an order that is right for whatever was written."""
        try:
            return tuple(name for name in TopologicalSorter(self.before).static_order() if name != _START)
        except CycleError:
            raise UnsettledError("its parts stand in another order for other answers") from None

    def _piece(self, name: str) -> Piece:
        which, shown = self.depends[name], self.shown[name]
        texts = tuple(self.written[shown[part]].get(name) for part in self._combinations(which))
        return Piece(name, tuple(self.switches[n].name for n in which), texts)


def _part(row: _Row, which: _Which) -> _Row:
    return tuple([row[n] for n in which])


def packed(wanted: Mapping[_Which, Sequence[_Row]]) -> list[dict[int, str]]:
    """Return states of switches, by their numbers, that have every wanted combination among them.

    As many as can be are put together: combinations of other switches, and those that agree where they share some.
    """
    out: list[dict[int, str]] = []
    for which, parts in wanted.items():
        left = dict.fromkeys(parts)
        fitting: dict[_Which, dict[_Row, list[_Row]]] = {}
        for states in out:
            fixed = tuple(n for n, switch in enumerate(which) if switch in states)
            if fixed not in fitting:
                fitting[fixed] = {}
                for part in left:
                    fitting[fixed].setdefault(_part(part, fixed), []).append(part)
            those = fitting[fixed].get(tuple(states[which[n]] for n in fixed), [])
            while those:
                part = those.pop()
                if part in left:
                    del left[part]
                    states.update(zip(which, part, strict=True))
                    break
        out += (dict(zip(which, part, strict=True)) for part in left)
    return out
