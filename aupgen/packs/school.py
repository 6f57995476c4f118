"""A school's answers in; its profile's text, its file's name and the documents it issues out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from aupgen.library.compiled import Library
from aupgen.packs.answers import Answers
from aupgen.packs.profile_text import Answer, ProfileText, profile_text
from aupgen.packs.questions import CONTACTS, PARAMETERS, Question
from aupgen.packs.questions import question as question_for
from aupgen.packs.shapes import TextsShape
from aupgen.policy.profile import Phase, Profile
from aupgen.policy.year import PolicyYear

_KS1, _KS2, _KS3, _SEND = (f"pupil-agreement-{key}" for key in ("ks1", "ks2", "ks3", "send"))
_PUPILS: Mapping[str, frozenset[str]] = {
    Phase.NURSERY: frozenset({_KS1}),
    Phase.PRIMARY: frozenset({_KS1, _KS2}),
    Phase.MIDDLE: frozenset({_KS2, _KS3}),
    Phase.SECONDARY: frozenset({_KS3}),
    Phase.SIXTH_FORM: frozenset({_KS3}),
    Phase.ALL_THROUGH: frozenset({_KS1, _KS2, _KS3}),
    Phase.SPECIAL: frozenset({_KS1, _KS2, _KS3, _SEND}),
    Phase.ALTERNATIVE_PROVISION: frozenset({_KS2, _KS3, _SEND}),
}
"""The agreements for pupils that a school of each phase has readers for. The plain one is for schools that ask."""
_FACTS = (
    "name",
    "extends",
    "area",
    "nation",
    "phase",
    "school_type",
    "policy_year",
    "approver",
    "other_roles",
)


def slug_of(answers: Answers) -> str:
    """The name of the profile's file: what `file` says, else the school's name in small letters and hyphens."""
    own = answers.values.get("file")
    if isinstance(own, str):
        return own.removesuffix(".yaml")
    name = (
        unicodedata.normalize("NFKD", str(answers.values.get("name", ""))).replace("’", "").replace("'", "")
    )
    ascii_ = name.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:63].strip("-") or "school"


def documents_for(phase: str, documents: Iterable[str]) -> tuple[str, ...]:
    """Those of some documents that a school of a phase has readers for."""
    readers = _PUPILS.get(phase, frozenset())
    return tuple(id_ for id_ in documents if not id_.startswith("pupil-agreement-") or id_ in readers)


def school_text(
    library: Library,
    answers: Answers,
    questions: Sequence[Question],
    exemplar: Profile | None,
    texts: TextsShape,
    intro: Iterable[str],
    year: PolicyYear,
) -> ProfileText:
    """Return the profile of a school. What no exemplar says is said here: the year, its edition, the approver."""
    values = answers.values
    facts: dict[str, Answer] = {}
    given: dict[str, Answer] = {name: values[name] for name in _FACTS if name in values}
    assumed: dict[str, Answer] = {"extends": exemplar.slug} if exemplar else {
        "policy_year": str(year),
        "approver": library.roles["governing-board"].title if "governing-board" in library.roles else "",
        "other_roles": "headteacher" if "headteacher" in library.roles else "",
    }  # fmt: skip
    for name in _FACTS:
        if name in given or assumed.get(name):
            facts[name] = given.get(name) or assumed[name]
    if exemplar is None or any(key.startswith("edition.") for key in values):
        said = str(facts.get("policy_year", exemplar.policy_year if exemplar else year))
        facts["edition"] = {
            "number": values.get("edition.number", "1"),
            "date": values.get("edition.date", f"{said[:4]}-09-01"),
        }
    vocabulary: dict[str, Answer] = {
        key.removeprefix("vocabulary."): value
        for key, value in values.items()
        if key.startswith("vocabulary.")
    }
    if vocabulary:
        facts["vocabulary"] = vocabulary
    there = [choice.id for choice in exemplar.documents] if exemplar else list(library.documents)
    chosen = values.get("documents")
    wanted = chosen if isinstance(chosen, list) else documents_for(str(facts.get("phase", "")), there)
    asked = {question.key for question in questions}
    answered = [
        question_for(library.parameters[key.removeprefix(PARAMETERS)], {})
        for key in values
        if key.startswith(PARAMETERS)
        and key not in asked
        and key.removeprefix(PARAMETERS) in library.parameters
    ]
    return profile_text(
        facts,
        (*questions, *answered),
        {key: value for key, value in values.items() if key.startswith((CONTACTS, PARAMETERS))},
        exemplar.contacts if exemplar else {},
        texts.starter,
        intro,
        documents=[str(id_) for id_ in wanted if not exemplar or id_ not in there],
        not_issued=[id_ for id_ in there if id_ not in wanted] if exemplar else (),
        drafting=True,
    )
