"""Clauses: one obligation, permission, understanding, commitment or statement each, with its revisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct, field

from aupgen.policy.terms import FAMILIES, Audience, Change, Kind, Nation, Status, is_adult
from aupgen.policy.wording import Pieces, Slot, slots_in
from aupgen.policy.year import PolicyYear
from aupgen.source.span import Span

Conditions: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""A ``when:``: pairs of a parameter, or of a fact of the profile (`facts.py`), and the values that satisfy it; all
pairs must hold; () always holds."""


class Wording(Struct, frozen=True):
    """One text of a clause. ``kind`` is None where the clause's own kind holds.

    ``phrases`` are optional: each vanishes as a whole when a parameter it names is not set.
    """

    pieces: Pieces
    when: Conditions = ()
    kind: Kind | None = None
    phrases: Mapping[str, Pieces] = field(default_factory=dict)

    def slots(self) -> Iterator[Slot]:
        """Yield every slot of the text and of its phrases."""
        yield from slots_in(self.pieces)
        for pieces in self.phrases.values():
            yield from slots_in(pieces)


class Revision(Struct, frozen=True):
    """The wording of a clause from one policy year on.

    ``variants`` are tried in order and the first whose condition holds is used, else ``wording``.
    ``special`` holds wordings for one audience or one voice, under its name; they go before the variants.
    """

    since: PolicyYear
    wording: Wording
    change: Change | None = None
    why: str = ""
    variants: tuple[Wording, ...] = ()
    special: Mapping[str, Wording] = field(default_factory=dict)

    def wordings(self) -> Iterator[Wording]:
        yield self.wording
        yield from self.variants
        yield from self.special.values()


class ClauseLink(Struct, frozen=True):
    """Another clause that one requires or conflicts with, by id, and why in a plain sentence; ``span`` is the id's."""

    clause: str
    reason: str
    span: Span


class Clause(Struct, frozen=True):
    """A clause of the library, with its revisions from the oldest to the newest.

    ``nations`` empty means all four. An ``optional`` clause is printed only where a profile asks for it. ``essential`` names the documents whose short form prints the clause.
    ``layer`` is who added it: the library, or a profile by its slug. ``beside`` is the clause that one which a profile
    added stands behind wherever that is printed, "" where it stands with its topic.
    ``until`` is the last policy year in which it is in force, None where no end is set. A document that prints the
    clause prints those it ``requires`` as well, and none it ``conflicts`` with. ``replaces`` are older clauses whose
    place it takes: those it was split from or merged of.
    """

    id: str
    topic: str
    owner: str
    audiences: tuple[Audience, ...]
    kind: Kind
    status: Status
    rationale: str
    revisions: tuple[Revision, ...]
    span: Span
    cites: tuple[str, ...] = ()
    essential: tuple[str, ...] = ()
    nations: tuple[Nation, ...] = ()
    when: Conditions = ()
    optional: bool = False
    until: PolicyYear | None = None
    requires: tuple[ClauseLink, ...] = ()
    conflicts: tuple[ClauseLink, ...] = ()
    replaces: tuple[str, ...] = ()
    layer: str = "library"
    beside: str = ""

    def revision_in(self, year: PolicyYear) -> tuple[int, Revision] | None:
        """The number (1-based) and revision in force in a policy year; None where the clause is younger or retired."""
        if self.is_retired_in(year):
            return None
        for number in range(len(self.revisions), 0, -1):
            if self.revisions[number - 1].since <= year:
                return number, self.revisions[number - 1]
        return None

    def keeps_words_for(self, reader: str) -> bool:
        """Whether what a profile says of the clause in its ``text`` leaves the words that are for one kind of reader alone.

        Pupils and parents keep theirs where the clause is for other people as well. What a school promises in its own
        name and tells parents is one promise: a text for it is for both.
        """
        return reader in FAMILIES and any(is_adult(audience) for audience in self.audiences)

    def is_retired_in(self, year: PolicyYear) -> bool:
        """Whether the last year of the clause is over."""
        return self.until is not None and year > self.until

    def parameter_names(self) -> frozenset[str]:
        """Every name that a wording of this clause or its conditions mention, in any revision; facts of the profile too."""
        names = {name for name, _ in self.when}
        for revision in self.revisions:
            for wording in revision.wordings():
                names.update(name for name, _ in wording.when)
                names.update(slot.name for slot in wording.slots())
        return frozenset(names)


class Topic(Struct, frozen=True):
    """A file of the library; its clauses stand in the order they print."""

    id: str
    title: str
    clauses: tuple[Clause, ...]
