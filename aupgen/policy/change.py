"""The kinds of difference between two editions, and what each asks of a school unless it decides otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ChangeKind(StrEnum):
    """What differs. ``STRUCTURE`` is headings, lead-ins, the school's own words and whatever stands around clauses."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    PARAMETER = "parameter"
    CONTACT = "contact"
    MOVED = "moved"
    OWNER = "owner"
    AUDIENCE = "audience"
    STRUCTURE = "structure"
    DOCUMENT = "document"


class Consequence(StrEnum):
    """What has to follow a change."""

    NOTHING = "nothing"
    APPROVE = "approve"
    APPROVE_AND_SIGN = "approve-and-sign"


EDITORIAL = "editorial"
"""What a profile's `change_rules` call a rewording that changes no meaning."""

RULE: Mapping[str, Consequence] = {
    ChangeKind.ADDED: Consequence.APPROVE_AND_SIGN,
    ChangeKind.REMOVED: Consequence.APPROVE_AND_SIGN,
    ChangeKind.REWORDED: Consequence.APPROVE_AND_SIGN,
    EDITORIAL: Consequence.NOTHING,
    ChangeKind.PARAMETER: Consequence.APPROVE_AND_SIGN,
    ChangeKind.CONTACT: Consequence.NOTHING,
    ChangeKind.MOVED: Consequence.NOTHING,
    ChangeKind.OWNER: Consequence.APPROVE,
    ChangeKind.AUDIENCE: Consequence.APPROVE_AND_SIGN,
    ChangeKind.STRUCTURE: Consequence.NOTHING,
    ChangeKind.DOCUMENT: Consequence.APPROVE_AND_SIGN,
}
"""The rule for schools that do not set one: what changes a duty, a value or its readers is approved and signed for
anew; a name, an order or a heading is not. A board may want more, or less: `change_rules` in the profile."""
