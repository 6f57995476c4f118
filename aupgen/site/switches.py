"""The questions of a form in; how each answer changes a profile out: as words typed, or as a switch between words.

What a school types becomes a slot in the text. What it chooses, how many things it lists and whether it says anything
at all become the states of a switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from aupgen.library.compiled import Library
from aupgen.packs.questions import CONTACTS, PARAMETERS, Question
from aupgen.policy.parameter import (
    ChoiceValue,
    FlagValue,
    HoursValue,
    Parameter,
    ParameterType,
    RolesValue,
    TextValue,
    Value,
    WordsValue,
)
from aupgen.policy.profile import Contact, Phase, Profile, ProfileKind, Setting
from aupgen.policy.role import Article, Role
from aupgen.policy.terms import Nation
from aupgen.site.alternatives import States, Switch
from aupgen.site.marks import Slots
from aupgen.source.span import Span

OPEN, GIVEN = "open", "given"
EMAIL, PHONE, IN_PERSON = "email", "phone", "in person"
ISSUED, NOT_ISSUED = "issued", "not issued"
PHASE = "phase"
FORM_POST = "form-post "
"""What the ids of posts begin with that stand for those a school picks."""
MOST_ITEMS, MOST_ROLES, MOST_PLACES = 10, 3, 3
"""How many things a list of the form may have; a profile may have more."""
START, END = time(3, 33), time(4, 44)
"""Stand for the hours typed until they are printed."""
_WIDE = 26  # characters: an email address


class Kind(StrEnum):
    """What a question of the form asks for."""

    NAME = "name"
    PHASE = "phase"
    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"
    CHOICE = "choice"
    FLAG = "flag"
    WORDS = "words"
    ROLES = "roles"
    HOURS = "hours"
    PERSON = "person"
    REACH = "reach"


class Asked(Struct, frozen=True):
    """A question with its kind and its states. ``parameter`` is None where it asks for a fact or a contact."""

    question: Question
    kind: Kind
    states: tuple[str, ...] = ()
    parameter: Parameter | None = None

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def role(self) -> str:
        """The post that is asked about; "" where none is."""
        return self.key.split(".")[1] if self.key.startswith(CONTACTS) else ""

    @property
    def switch(self) -> Switch | None:
        """None where nothing but the words typed changes."""
        return Switch(self.key, self.states) if len(self.states) > 1 else None


def asked(question: Question, library: Library) -> Asked:
    """Return what a question asks for, and how its answer switches words."""
    key = question.key
    if key in ("name", PHASE):
        return Asked(question, Kind(key), tuple(str(answer) for answer, _ in question.answers))
    if key.startswith(CONTACTS):
        if key.endswith(".reach"):
            return Asked(question, Kind.REACH, (OPEN, EMAIL, PHONE, IN_PERSON))
        return Asked(question, Kind.PERSON, (OPEN, GIVEN))
    parameter = library.parameters[key.removeprefix(PARAMETERS)]
    kind = Kind(parameter.type.value)
    return Asked(question, kind, tuple(_states(parameter)), parameter)


def _states(parameter: Parameter) -> Iterator[str]:
    """The states of a parameter, what holds by default first."""
    default = parameter.default
    if (
        default is None
        and parameter.type is not ParameterType.WORDS
        and parameter.type is not ParameterType.ROLES
    ):
        yield OPEN
    match parameter.type:
        case ParameterType.CHOICE | ParameterType.FLAG:
            usual = parameter.default
            choices = parameter.choices or ("true", "false")
            first = (
                usual.choice
                if isinstance(usual, ChoiceValue)
                else "true"
                if isinstance(usual, FlagValue) and usual.on
                else "false"
            )
            yield from sorted(choices, key=lambda choice: choice != first)
        case ParameterType.WORDS | ParameterType.ROLES:
            most = MOST_ITEMS if parameter.type is ParameterType.WORDS else MOST_ROLES
            usual_count = 0
            if isinstance(default, WordsValue):
                usual_count = len(default.items)
            elif isinstance(default, RolesValue):
                usual_count = len(default.roles)
            yield str(usual_count)
            yield from (str(n) for n in range(1, max(most, usual_count) + 1) if n != usual_count)
        case ParameterType.HOURS:
            yield "0 0"
            for places in range(1, MOST_PLACES + 1):
                yield from (f"{places} {times}" for times in range(MOST_PLACES + 1))
        case _:
            yield GIVEN


def switches(questions: tuple[Asked, ...], documents: tuple[str, ...]) -> tuple[Switch, ...]:
    """Every switch of a form: those of its questions, and whether each document is issued."""
    own = (asked.switch for asked in questions)
    return (
        *(switch for switch in own if switch),
        *(Switch(f"issue {id_}", (ISSUED, NOT_ISSUED)) for id_ in documents),
    )


class Answering(Struct, frozen=True, eq=False):
    """A library and an exemplar made ready for answers, and the slots that stand for what is typed."""

    library: Library
    exemplar: Profile
    questions: tuple[Asked, ...]
    slots: Slots

    @classmethod
    def prepared(
        cls, library: Library, exemplar: Profile, questions: tuple[Asked, ...], slots: Slots
    ) -> Answering:
        """Posts that a school picks stand as posts of their own, whose title is a slot."""
        posts = {
            post: Role(post, "", "", Article.NONE)
            for one in questions
            if one.kind is Kind.ROLES and one.parameter
            for post in _posts(one.parameter, max(int(state) for state in one.states))
        }
        titled = {post: Contact(title=slots.slot(post.removeprefix(FORM_POST), 14)) for post in posts}
        return cls(
            replace(library, roles={**library.roles, **posts}),
            replace(
                exemplar,
                kind=ProfileKind.SCHOOL,
                name=slots.slot("name"),
                contacts={**exemplar.contacts, **titled},
            ),
            questions,
            slots,
        )

    def profile(self, states: States) -> Profile:
        """The profile of a school whose answers are in these states."""
        school = self.exemplar
        contacts, parameters = dict(school.contacts), dict(school.parameters)
        phase = school.phase
        for one in self.questions:
            state = states.get(one.key, one.states[0] if one.states else "")
            if one.kind is Kind.PHASE:
                phase = Phase(state)
            elif one.role:
                self._answer_contact(one, state, contacts)
            elif one.parameter and (value := self._value(one, one.parameter, state)) is not None:
                parameters[one.parameter.name] = Setting(value, school.slug, Span(school.path))
        documents = tuple(
            choice for choice in school.documents if states.get(f"issue {choice.id}", ISSUED) == ISSUED
        )
        return replace(school, phase=phase, contacts=contacts, parameters=parameters, documents=documents)

    def _answer_contact(self, one: Asked, state: str, contacts: dict[str, Contact]) -> None:
        """What a school says of a post takes the place of what the exemplar said of it, but for title and whether
        its holder is named."""
        if state == OPEN:
            return
        above = self.exemplar.contacts.get(one.role)
        now = contacts.get(one.role)
        if now is above or now is None:
            now = Contact(title=above.title, show=above.show) if above else Contact()
        if state == GIVEN:
            now = replace(now, names=(self.slots.slot(one.key),))
        elif state == EMAIL:
            now = replace(now, email=self.slots.slot(one.key, _WIDE))
        elif state == PHONE:
            now = replace(now, phone=self.slots.slot(one.key, 12))
        contacts[one.role] = now

    def _value(self, one: Asked, parameter: Parameter, state: str) -> Value | None:
        """The value of a parameter; None where the library's default holds, or nothing."""
        if state in (OPEN, "0"):
            return None
        match parameter.type:
            case ParameterType.CHOICE:
                return ChoiceValue(state)
            case ParameterType.FLAG:
                return FlagValue(state == "true")
            case ParameterType.WORDS:
                return WordsValue(tuple(self.slots.slot(f"{one.key}#{n}") for n in range(int(state))))
            case ParameterType.ROLES:
                return RolesValue(tuple(_posts(parameter, int(state))))
            case ParameterType.HOURS:
                places, times = (int(number) for number in state.split())
                return HoursValue(
                    START,
                    END,
                    tuple(self.slots.slot(f"{one.key}#place{n}") for n in range(places)),
                    tuple(self.slots.slot(f"{one.key}#time{n}") for n in range(times)),
                )
            case _:
                return TextValue(self.slots.slot(one.key))


def _posts(parameter: Parameter, count: int) -> list[str]:
    return [f"{FORM_POST}{PARAMETERS}{parameter.name}#{n}" for n in range(count)]


def phases_of(library: Library, nation: Nation) -> Mapping[Phase, str]:
    """The phases of schools in a nation, by the names people there use."""
    terms = library.nations.get(nation)
    return terms.phases if terms else {}
