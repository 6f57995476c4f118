"""What a nation of the UK calls things: its name, and the phases its schools come in."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from aupgen.policy.profile import Phase
from aupgen.policy.school_type import SchoolType


class NationTerms(Struct, frozen=True):
    """The name of a nation as printed, and the name of each phase that its schools have there.

    ``school_types`` are those it has, () where the register does not say: then a profile may give any.
    """

    name: str
    phases: Mapping[Phase, str]
    school_types: tuple[SchoolType, ...] = ()
