"""A library and a profile in; what is still to be asked of the school out, what must be answered first.

Asks only what the school's own documents depend on. The answers' places are written as keys: `name`,
`contacts.headteacher.email`, `parameters.phone_free_hours`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.bind import Bound, bind_profile
from aupgen.binding.values import Missing
from aupgen.document.walk import fill_ins
from aupgen.library.compiled import Library
from aupgen.packs.shapes import TextsShape
from aupgen.policy.facts import FACTS
from aupgen.policy.parameter import Parameter, ParameterType, value_text
from aupgen.policy.profile import Profile, ProfileKind

PARAMETERS, CONTACTS = "parameters.", "contacts."
_SAFEGUARDING = "dsl"
"""The post that every school is asked for, whoever holds the others: children must know whom to turn to."""


class Question(Struct, frozen=True):
    """Something a school is asked. ``key`` is where the answer stands in its profile.

    ``default`` is what holds if nothing is said, as a person would write it; "" where there is none. ``answers`` are
    what may be chosen, each with the words that it prints ("" where it prints none), () where anything may be
    written. A ``required`` question has to be answered before its documents can be built.
    """

    key: str
    text: str
    help: str = ""
    default: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    required: bool = False
    type: ParameterType | None = None


AnswerWords: TypeAlias = Mapping[str, tuple[tuple[str, str], ...]]
"""By choice, its answers with the words that each prints."""


def open_questions(
    library: Library, profile: Profile, texts: TextsShape, words: AnswerWords | None = None
) -> tuple[Question, ...]:
    """Return what is left to ask of a school whose profile says so much already: first what must be answered,
    then choices, then all that has a default. The ``words`` of answers are those of this profile, unless given."""
    school = replace(profile, kind=ProfileKind.SCHOOL)
    bound, _ = bind_profile(library, school, draft=True)
    words = choice_words(library, profile) if words is None else words
    first = Missing(role=school.other_roles)  # who holds what nobody else holds saves the other questions
    missing = sorted(bound.missing, key=lambda one: one != first)
    if _SAFEGUARDING in library.roles and _SAFEGUARDING not in school.contacts:
        missing.append(Missing(role=_SAFEGUARDING))
    needed = [
        question for one in dict.fromkeys(missing) for question in _needed(library, school, one, words, texts)
    ]
    asked = {question.key for question in needed}
    others = [
        question(parameter, words)
        for parameter in _used(library, bound)
        if f"{PARAMETERS}{parameter.name}" not in asked and parameter.name not in school.parameters
    ]
    return (*needed, *sorted(others, key=lambda one: not one.answers))


def question(parameter: Parameter, words: AnswerWords, *, required: bool = False) -> Question:
    """The question of a parameter, with the words of its answers where clauses differ by them."""
    answers = words.get(parameter.name) or tuple((choice, "") for choice in parameter.choices)
    if parameter.type is ParameterType.FLAG:
        answers = (("true", ""), ("false", ""))
    default = value_text(parameter.default) if parameter.default else ""
    return Question(
        f"{PARAMETERS}{parameter.name}",
        parameter.question,
        parameter.help,
        default,
        answers,
        required,
        parameter.type,
    )


def choice_words(library: Library, profile: Profile) -> AnswerWords:
    """Return the answers of every choice, with the words of the first clause that differs by them."""
    bound, _ = bind_profile(library, replace(profile, kind=ProfileKind.EXEMPLAR))
    out: dict[str, tuple[tuple[str, str], ...]] = {}
    for document in bound.documents:
        for gap in fill_ins(document):
            if gap.answers:
                out.setdefault(gap.source, gap.answers)
    return out


def fact_question(name: str, answers: Iterable[str], texts: TextsShape) -> Question:
    """The question for a fact of the school that only it can say: its name, phase, nation or type."""
    asked = texts.questions[name]
    return Question(name, asked.question, asked.help, "", tuple((answer, "") for answer in answers), True)


def _needed(
    library: Library,
    profile: Profile,
    missing: Missing,
    words: AnswerWords,
    texts: TextsShape,
) -> Iterator[Question]:
    if missing.parameter:
        yield question(library.parameters[missing.parameter], words, required=True)
    elif missing.fact:
        terms = library.nations.get(profile.nation)
        answers = terms.school_types if terms and missing.fact == "school_type" else FACTS[missing.fact]
        yield fact_question(missing.fact, answers, texts)
    else:
        contact = profile.contacts.get(missing.role)
        post = (contact.title if contact else "") or library.roles[missing.role].title_in(profile.nation)
        about, part = ("holder", "name") if missing.named else ("contact", "reach")
        asked = texts.questions[about]
        yield Question(
            f"{CONTACTS}{missing.role}.{part}",
            asked.question.replace("{post}", post),
            asked.help,
            required=True,
        )


def _used(library: Library, bound: Bound) -> Iterator[Parameter]:
    """The parameters that decide anything in these documents, in the library's order."""
    return (parameter for parameter in library.parameters.values() if parameter.name in bound.used)
