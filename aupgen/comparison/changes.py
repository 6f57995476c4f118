"""What changed between two editions, as values: each change with its places, its reason and what follows from it.

Values only. `compare.py` and `folders.py` find them, `pages.py` and `redline.py` show them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from aupgen.policy.change import ChangeKind


class Place(Struct, frozen=True):
    """One line of one document that a change shows in, as printed before and after.

    ``old`` is None where the line is new and ``new`` where it is gone. ``section`` is the section's id and
    ``heading`` its title; both are "" before the first section. ``clause`` is "" outside clauses.
    """

    document: str
    section: str
    heading: str
    clause: str
    old: str | None
    new: str | None


class Change(Struct, frozen=True):
    """One thing that differs, however often it shows.

    ``clause`` and ``parameter`` are "" where the change is not about one; a contact's ``parameter`` is
    `contacts.` and the role. ``subject`` names the thing for people. ``old`` and ``new`` are the words or the value
    before and after, None where there was or is none. ``why`` is "" where nobody gave a reason. ``owner_role`` answers
    for it, and ``owner`` is who holds that role in the new edition; "" where nobody does. ``replaces`` are
    clauses whose place a clause has taken. ``resign`` are the audiences that sign anew. Order of ``documents`` and
    ``audiences``: as first met.
    """

    kind: ChangeKind
    subject: str
    documents: tuple[str, ...]
    audiences: tuple[str, ...]
    places: tuple[Place, ...]
    clause: str = ""
    parameter: str = ""
    old: str | None = None
    new: str | None = None
    why: str = ""
    owner_role: str = ""
    owner: str = ""
    replaces: tuple[str, ...] = ()
    material: bool = False
    needs_approval: bool = False
    resign: tuple[str, ...] = ()


class Approval(Struct, frozen=True):
    """How those documents of an edition stand that stand alike, in the words that documents print.

    ``recorded``: an approval record says something of them. ``other_words`` is its approval line where it is one of
    other words than these; "" else.
    """

    line: str
    documents: tuple[str, ...]
    recorded: bool = False
    other_words: str = ""


class Comparison(Struct, frozen=True):
    """What changed in one school's documents between two editions.

    ``profile`` and ``school`` are of the new edition; ``old_school`` is the name in the old one, "" where
    there is no older edition. ``old`` and ``new`` are policy years, ``old`` None for a first edition.
    ``titles`` names every document of either edition, by id. ``against`` names what the old side is where it is not
    an earlier year: another profile's name or a revision; "" else. ``since_approved``: the old side has the words that
    were approved. ``old_approvals`` and ``new_approvals`` say how the documents stand, () where no record says anything.
    """

    profile: str
    school: str
    old_school: str
    old: str | None
    new: str
    titles: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    against: str = ""
    since_approved: bool = False
    old_approvals: tuple[Approval, ...] = ()
    new_approvals: tuple[Approval, ...] = ()

    @property
    def to_approve(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.needs_approval)

    @property
    def for_information(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.needs_approval)

    @property
    def resign(self) -> tuple[str, ...]:
        """The audiences that sign anew because of any change, each once."""
        return tuple(dict.fromkeys(audience for change in self.changes for audience in change.resign))

    @property
    def counts(self) -> Iterator[tuple[ChangeKind, int]]:
        """How many changes there are of each kind that has any, in the order of the kinds."""
        for kind in ChangeKind:
            if count := sum(change.kind is kind for change in self.changes):
                yield kind, count


def change_data(change: Change) -> dict[str, Any]:
    """The change as `diff --format json` prints it; null where the value says "" or None."""
    return {
        "kind": change.kind.value,
        "clause": change.clause or None,
        "parameter": change.parameter or None,
        "documents": list(change.documents),
        "audiences": list(change.audiences),
        "old": change.old,
        "new": change.new,
        "why": change.why or None,
        "owner_role": change.owner_role or None,
        "material": change.material,
        "needs_approval": change.needs_approval,
        "resign": list(change.resign),
    }


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """One school's part of `diff --format json`."""
    return {
        "profile": comparison.profile,
        "from": comparison.old,
        "to": comparison.new,
        "changes": [change_data(change) for change in comparison.changes],
    }
