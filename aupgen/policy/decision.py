"""Decisions between an authority's new words and a school's own, on record in the school's profile. Values only."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from aupgen.source.span import Span


class Pick(StrEnum):
    """Whose words a school has of a clause that its authority changed after the school did.

    ``LATER``: it has not decided, and its own words stay in force.
    """

    KEEP = "keep"
    TAKE = "take"
    BOTH = "both"
    LATER = "later"


class Decision(Struct, frozen=True):
    """What was picked for a clause, and against which words of the authority's.

    ``pack`` names the pack for people, such as "2019-20, edition 2"; ``fingerprint`` is of its words of the clause,
    so that nobody is asked again until they change again. ``was`` are the authority's words before the change, kept
    while the decision is put off, "" otherwise.
    """

    clause: str
    pick: Pick
    pack: str
    fingerprint: str
    was: str
    span: Span
