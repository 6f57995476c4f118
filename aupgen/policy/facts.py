"""What a condition may test, and how a condition reads: the facts of a profile beside the parameters of a library."""

from __future__ import annotations

from collections.abc import Mapping

from aupgen.policy.clause import Conditions
from aupgen.policy.profile import Phase, Profile
from aupgen.policy.school_type import SchoolType
from aupgen.policy.terms import Nation

FACTS: Mapping[str, tuple[str, ...]] = {
    "phase": tuple(phase.value for phase in Phase),
    "nation": tuple(nation.value for nation in Nation),
    "school_type": tuple(type_.value for type_ in SchoolType),
}
"""The keys of a profile that a ``when:`` may test, with the values each may have. No parameter takes their names."""

_IN_WORDS = {
    "phase": "the phase of the school",
    "nation": "the nation",
    "school_type": "the type of school",
}


def fact(profile: Profile, name: str) -> str | None:
    """Return what the profile says of itself under one of ``FACTS``; None where it does not say."""
    known: Mapping[str, str | None] = {
        "phase": profile.phase,
        "nation": profile.nation,
        "school_type": profile.school_type,
    }
    return known[name]


def condition_text(when: Conditions) -> str:
    """A condition in words: "the phase of the school is nursery or primary and class_tablets is true".

    "" for (), which always holds.
    """
    return " and ".join(f"{_subject(name)} is {' or '.join(values)}" for name, values in when)


def unmet_text(when: Conditions) -> str:
    """Why a condition does not hold, in words, where the values of the profile are not at hand."""
    return ", ".join(f"{_subject(name)} is not {' or '.join(values)}" for name, values in when)


def _subject(name: str) -> str:
    return _IN_WORDS.get(name, name)
