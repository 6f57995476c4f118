"""What is asked where a condition tests a fact that the profile does not say of its school."""

from __future__ import annotations

from collections.abc import Mapping

from aupgen.policy.facts import FACTS
from aupgen.policy.nation import NationTerms
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Nation
from aupgen.source.diagnostics import listing

_QUESTIONS = {
    "phase": "which phase of education is this school for?",
    "nation": "which nation is this school in?",
    "school_type": "what type of school is this?",
}


def fact_question(profile: Profile, name: str, nations: Mapping[Nation, NationTerms]) -> tuple[str, str]:
    """Return message and help of the finding for a fact that is not said: the question, why, and the key to add."""
    terms = nations.get(profile.nation)
    choices: tuple[str, ...] = terms.school_types if terms and name == "school_type" else ()
    message = (
        f"not answered yet: {_QUESTIONS[name]} Rules that depend on it cannot be chosen without `{name}:`"
    )
    return (
        message,
        f"add the line `{name}:` at the left margin, with one of {listing(choices or FACTS[name], 20)}",
    )
