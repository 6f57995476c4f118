"""Which changes a board approves and who signs anew: the usual rule, and what a school made of it.

The rule is `policy/change.py`'s table. A rewording that the library calls editorial goes by the row `editorial`.
"""

from __future__ import annotations

from collections.abc import Mapping

from aupgen.policy.change import EDITORIAL, RULE, ChangeKind, Consequence


def consequence(kind: ChangeKind, material: bool, own: Mapping[str, Consequence]) -> Consequence:
    """Return what follows from a change; ``own`` is what the school's profile says of kinds, before the usual rule."""
    key = EDITORIAL if kind in (ChangeKind.REWORDED, ChangeKind.ADDED) and not material else kind
    return own.get(key, RULE[key])
