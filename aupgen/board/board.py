"""Rows of schools in; the board out: counted, ordered by who needs a call, with the clauses that schools change most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from aupgen.board.school import Call, Departed, SchoolRow, current_year
from aupgen.policy.year import PolicyYear


class Tally(Struct, frozen=True):
    """How many of the expected schools are where; together they are ``expected``.

    ``unknown`` are those whose profile does not say its year, as it cannot be read; ``others`` are schools that
    were given and not expected, which count nowhere else.
    """

    expected: int
    current: int = 0
    last: int = 0
    older: int = 0
    ahead: int = 0
    unknown: int = 0
    unheard: int = 0
    others: int = 0
    calls: int = 0
    """How many of all rows have a reason for a call."""
    undecided: int = 0
    """How many of all rows have something to decide still, or their trust has."""


class Reason(Struct, frozen=True):
    """Why schools changed a clause, in the words of ``number`` of them; "" where none was given."""

    text: str
    number: int


class Changed(Struct, frozen=True):
    """A clause of the library that schools left out or reworded: how many did, and why, the commonest first."""

    clause: str
    topic: str
    off: int
    reworded: int
    reasons: tuple[Reason, ...]

    @property
    def number(self) -> int:
        return self.off + self.reworded


class Board(Struct, frozen=True):
    """Everything the page and the table show, as on a day. ``rows`` are in the order of calls."""

    day: date
    year: PolicyYear
    tally: Tally
    rows: tuple[SchoolRow, ...]
    changed: tuple[Changed, ...]


def make_board(rows: Iterable[SchoolRow], day: date) -> Board:
    """Return the board of some schools as on a day."""
    ordered = tuple(sorted(rows, key=_urgency))
    year = current_year(day)
    return Board(day, year, _tally(ordered, year), ordered, _changed(ordered))


def _urgency(row: SchoolRow) -> tuple[int, int, str, str]:
    """By the most urgent reason; among those with the same one, who has more reasons goes first; then by name."""
    order = list(Call)
    first = order.index(row.calls[0]) if row.calls else len(order)
    return first, -len(row.calls), row.name.casefold(), row.slug


def _tally(rows: tuple[SchoolRow, ...], year: PolicyYear) -> Tally:
    counted = dict.fromkeys(Tally.__struct_fields__, 0)
    for row in rows:
        counted["calls"] += bool(row.calls)
        counted["undecided"] += bool(row.put_off)
        if not row.expected:
            counted["others"] += 1
            continue
        counted["expected"] += 1
        counted[_place(row, year)] += 1
    return Tally(**counted)


def _place(row: SchoolRow, year: PolicyYear) -> str:
    if not row.heard:
        return "unheard"
    if row.year is None:
        return "unknown"
    if row.year >= year:
        return "current" if row.year == year else "ahead"
    return "last" if row.year.start == year.start - 1 else "older"


def _changed(rows: Iterable[SchoolRow]) -> tuple[Changed, ...]:
    """The most changed first, then by id. Clauses that schools added have no like in others, and are not here."""
    numbers: dict[str, dict[Departed, int]] = {}
    reasons: dict[str, dict[str, int]] = {}
    topics: dict[str, str] = {}
    for row in rows:
        for departure in row.departures:
            if departure.what is Departed.ADDED:
                continue
            id_ = departure.clause
            topics[id_] = departure.topic
            of = numbers.setdefault(id_, {Departed.OFF: 0, Departed.REWORDED: 0})
            of[departure.what] += 1
            said = reasons.setdefault(id_, {})
            said[departure.reason] = said.get(departure.reason, 0) + 1
    changed = (
        Changed(
            id_,
            topics[id_],
            of[Departed.OFF],
            of[Departed.REWORDED],
            tuple(
                Reason(text, number)
                for text, number in sorted(reasons[id_].items(), key=lambda said: (-said[1], said[0]))
            ),
        )
        for id_, of in numbers.items()
    )
    return tuple(sorted(changed, key=lambda one: (-one.number, one.clause)))
