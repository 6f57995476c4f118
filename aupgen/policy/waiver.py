"""Waivers: a finding that a school lives with for a while, on record with its reason. Values only."""

from __future__ import annotations

from msgspec import Struct

from aupgen.policy.year import EditionDate
from aupgen.source.span import Span


class Waiver(Struct, frozen=True):
    """What somebody decided not to mend yet, and until when.

    ``code`` is a finding's code; ``clause`` is the clause it concerns, "" for every finding of that code in the
    profile. ``approver`` is the post or body that allowed it. ``until`` is the last day on which it holds.
    """

    code: str
    clause: str
    reason: str
    approver: str
    until: EditionDate
    span: Span
