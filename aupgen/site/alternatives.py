"""A way to write a document for some answers in; the same document for all answers out, piece by piece.

A form must show a school its documents without any of our rules at hand. So every document is written here for as
many answers as it takes to know which of its pieces depend on which of them, and then once for every combination that
matters to a piece. What comes out is a table: for these answers, these words. It is tried against documents that
were written for other answers, picked at random but always the same, before anybody relies on it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise, product
from typing import TypeAlias

from msgspec import Struct, field

Texts: TypeAlias = tuple[str, ...]
"""The words of a piece in each format."""
States: TypeAlias = Mapping[str, str]
"""The state of each switch, by its name."""
Write: TypeAlias = Callable[[States], Sequence[tuple[str, Texts]]]
"""Writes a document: the texts of its pieces by name, in their order."""

_START = ""  # before the first piece
MOST_COMBINATIONS = 20_000
_STARTS = 2  # random answers that each switch which is known to matter is tried from
_TRIALS = 60  # random answers that the table must be right for


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
    return _Search(write, {switch.name: switch for switch in switches}).pieces()


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
    write: Write
    switches: dict[str, Switch]
    before: dict[str, dict[str, None]] = field(default_factory=dict)
    depends: dict[str, set[str]] = field(default_factory=dict)
    written: dict[tuple[str, ...], dict[str, Texts]] = field(default_factory=dict)

    def pieces(self) -> tuple[Piece, ...]:
        usual = {name: switch.states[0] for name, switch in self.switches.items()}
        chance = random.Random(20)
        self._try_all(usual, self.switches)
        for _ in range(_STARTS):
            mattering = set().union(*self.depends.values())
            self._try_all(self._picked(chance), [name for name in self.switches if name in mattering])
        return self._settled(usual, chance)

    def _picked(self, chance: random.Random) -> dict[str, str]:
        return {name: chance.choice(switch.states) for name, switch in self.switches.items()}

    def _try_all(self, start: States, names: Iterable[str]) -> None:
        """Change some switches, one after the other, and note which pieces change with each."""
        before = self._texts(start)
        for name in names:
            for state in self.switches[name].few:
                after = self._texts({**start, name: state})
                for piece in {**before, **after}:
                    if before.get(piece) != after.get(piece):
                        self.depends.setdefault(piece, set()).add(name)

    def _texts(self, states: States) -> dict[str, Texts]:
        key = tuple(states[name] for name in self.switches)
        known = self.written.get(key)
        if known is None:
            known = self.written[key] = dict(self.write(states))
            for before, after in pairwise((_START, *known)):
                self.before.setdefault(after, {})[before] = None
        return known

    def _settled(self, usual: States, chance: random.Random) -> tuple[Piece, ...]:
        """The table, once it is right for many answers."""
        tried = [self._picked(chance) for _ in range(_TRIALS)]
        while True:
            pieces = self._table(usual)
            if not any(self._mends(pieces, usual, states) for states in tried):
                return pieces

    def _mends(self, pieces: tuple[Piece, ...], usual: States, states: States) -> bool:
        """Whether the table was wrong for these answers; what it did not know of is then noted."""
        right = self._texts(states)
        said = {
            piece.name: texts for piece in pieces for texts in put_together((piece,), self.switches, states)
        }
        if said == right:
            return list(said) != list(right)  # the order is known better now
        known = sum(map(len, self.depends.values()))
        self._try_all(states, self.switches)
        if sum(map(len, self.depends.values())) > known:
            return True
        # Going back to the usual answers one by one, a switch that a wrong piece hangs on must show itself.
        for piece in {**said, **right}:
            if said.get(piece) == right.get(piece):
                continue
            depends, now = self.depends.setdefault(piece, set()), dict(states)
            for name in self.switches:
                if name not in depends and now[name] != usual[name]:
                    before = self._texts(now).get(piece)
                    now[name] = usual[name]
                    if self._texts(now).get(piece) != before:
                        depends.add(name)
        return True

    def _table(self, usual: States) -> tuple[Piece, ...]:
        while True:
            names = self._order()
            pieces = tuple(self._piece(name, usual) for name in names)
            if self._order() == names:  # else there was a piece, or an order, that was not seen before
                return pieces

    def _order(self) -> tuple[str, ...]:
        """The names of all pieces in an order that is right for whatever was written."""
        try:
            return tuple(name for name in TopologicalSorter(self.before).static_order() if name != _START)
        except CycleError:
            raise UnsettledError("its parts stand in another order for other answers") from None

    def _piece(self, name: str, usual: States) -> Piece:
        names = tuple(switch for switch in self.switches if switch in self.depends.get(name, ()))
        count = 1
        for switch in names:
            count *= len(self.switches[switch].states)
        if count > MOST_COMBINATIONS:
            raise UnsettledError(f"one sentence depends on {len(names)} questions at once")
        combinations = product(*(self.switches[switch].states for switch in names))
        return Piece(
            name,
            names,
            tuple(
                self._texts({**usual, **dict(zip(names, states, strict=True))}).get(name)
                for states in combinations
            ),
        )
