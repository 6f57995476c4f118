"""What a nation of the UK calls things: its name, and the phases its schools come in."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from aupgen.policy.profile import Phase


class NationTerms(Struct, frozen=True):
    """The name of a nation as printed, and the name of each phase that its schools have there."""

    name: str
    phases: Mapping[Phase, str]
