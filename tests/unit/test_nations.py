"""Nation is a hard switch: nothing of one nation is printed for another, over every clause, voice and variant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from msgspec.structs import replace

from aupgen.binding.bind import Bound, bind_profile
from aupgen.binding.values import Needs, Scope
from aupgen.document.tree import Document
from aupgen.document.walk import lines, own_clauses, sections
from aupgen.library.compiled import Library, phase_fault
from aupgen.policy.clause import Clause
from aupgen.policy.parameter import ChoiceValue, FlagValue, ParameterType, Value
from aupgen.policy.profile import DocumentChoice, Phase, Profile, SectionChoice, Setting
from aupgen.policy.terms import Audience, Nation, Voice
from tests.conftest import ReadProfile

ENGLAND, WALES, SCOTLAND, IRELAND = Nation

USED_IN: dict[str, tuple[Nation, ...]] = {
    # Inspectors, ministries and services
    "Ofsted": (ENGLAND,),
    "ISI": (ENGLAND,),
    "Department for Education": (ENGLAND,),
    "DfE": (ENGLAND,),
    "Estyn": (WALES,),
    "Welsh Government": (WALES,),
    "Senedd": (WALES,),
    "Education Workforce Council": (WALES,),
    "EWC": (WALES,),
    "Hwb": (WALES,),
    "Education Scotland": (SCOTLAND,),
    "General Teaching Council for Scotland": (SCOTLAND,),
    "GTCS": (SCOTLAND,),
    "Glow": (SCOTLAND,),
    "Education and Training Inspectorate": (IRELAND,),
    "Education Authority": (IRELAND,),
    "Department of Education": (IRELAND,),
    # Kinds of school and who governs them: "board of governors" is a title only Northern Ireland gets from the library
    "academy": (ENGLAND,),
    "academies": (ENGLAND,),
    "academy trust": (ENGLAND,),
    "free school": (ENGLAND,),
    "governing board": (ENGLAND, SCOTLAND),
    "governing body": (WALES,),
    "board of governors": (IRELAND,),
    # Posts
    "designated safeguarding lead": (ENGLAND,),
    "DSL": (ENGLAND,),
    "DDSL": (ENGLAND,),
    "local authority designated officer": (ENGLAND,),
    "LADO": (ENGLAND,),
    "designated safeguarding person": (WALES,),
    "DSP": (WALES,),
    "child protection coordinator": (SCOTLAND,),
    "designated teacher": (IRELAND,),
    "designated governor": (WALES, IRELAND),
    "SENCO": (ENGLAND, IRELAND),  # the post is called so in Northern Ireland, too
    "SENDCO": (ENGLAND,),
    "ALNCo": (WALES,),
    "additional learning needs": (WALES,),
    "additional support needs": (SCOTLAND,),
    "depute": (SCOTLAND,),
    "vice-principal": (IRELAND,),
    # Law and guidance
    "Keeping children safe in education": (ENGLAND,),
    "KCSIE": (ENGLAND,),
    "Working together to safeguard children": (ENGLAND,),
    "Early years foundation stage": (ENGLAND,),
    "EYFS": (ENGLAND,),
    "RSHE": (ENGLAND,),
    "Ofqual": (ENGLAND,),
    "Keeping learners safe": (WALES,),
    "Curriculum for Wales": (WALES,),
    "360 safe Cymru": (WALES,),
    "progression step": (WALES,),
    "Curriculum for Excellence": (SCOTLAND,),
    "Getting it right for every child": (SCOTLAND,),
    "GIRFEC": (SCOTLAND,),
    "Prevent duty guidance: England and Wales": (ENGLAND, WALES),
    # Names of the nations themselves
    "England": (ENGLAND,),
    "Wales": (WALES,),
    "Welsh": (WALES,),
    "Scotland": (SCOTLAND,),
    "Scottish": (SCOTLAND,),
    "Northern Ireland": (IRELAND,),
}
"""Terms that would mislead outside the nations they are used in, each with those nations."""


def foreign(text: str, nation: Nation) -> list[str]:
    """The terms in a text that this nation does not use."""
    return [
        term for term, nations in USED_IN.items() if nation not in nations and _pattern(term).search(text)
    ]


@cache
def _pattern(term: str) -> re.Pattern[str]:
    """Acronyms as they are spelt, other terms however they begin."""
    return re.compile(rf"\b{re.escape(term)}s?\b", 0 if term.isupper() else re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "nation", "found"),
    [
        ("Tell the designated safeguarding lead (DSL).", WALES, ["designated safeguarding lead", "DSL"]),
        ("Tell the designated safeguarding lead (DSL).", ENGLAND, []),
        ("Academy trusts follow the DfE.", SCOTLAND, ["DfE", "academy", "academy trust"]),
        ("Sign in through Hwb.", ENGLAND, ["Hwb"]),
        ("The Department of Education says so.", ENGLAND, ["Department of Education"]),
        ("The Department for Education says so.", IRELAND, ["Department for Education"]),
    ],
)
def test_terms_of_another_nation_are_found(text: str, nation: Nation, found: list[str]) -> None:
    assert foreign(text, nation) == found


# ---------------------------------------------------------------- every clause, every voice, every answer

SCHOOL = """\
name: Oakfield School
nation: {nation}
phase: primary
policy_year: 2026-27
edition: {{number: 1, date: 2026-09-01}}
approver: full board
contacts:
  chair-of-governors: {{}}
  headteacher: {{}}
  dsl: {{}}
other_roles: headteacher
parameters: {{phone_free_hours: {{from: 8:45, to: 15:15, places: [the staff room], times: [breaks]}}}}
documents:
  staff-policy:
  staff-agreement:
"""


@dataclass(frozen=True)
class Building:
    """The documents of a school of one nation, with the readers and answers they were built for."""

    nation: Nation
    label: str
    bound: Bound

    def texts(self) -> Iterator[str]:
        for document in self.bound.documents:
            yield from (text for _, text in lines(document))


def with_every_role(library: Library, profile: Profile) -> Profile:
    """The school with a holder for each post, so that each is printed by its own title."""
    blank = profile.contacts["headteacher"]
    return replace(profile, contacts=dict.fromkeys(library.roles, blank), other_roles="")


def answers(library: Library, profile: Profile) -> Iterator[tuple[str, Profile]]:
    """Yield the school with every choice made in every way, each once at least, and all its switches on."""
    switches = [
        p for p in library.parameters.values() if p.type in (ParameterType.CHOICE, ParameterType.FLAG)
    ]
    for n in range(max(len(p.choices) for p in switches)):
        given: dict[str, Value] = {
            p.name: ChoiceValue(p.choices[n % len(p.choices)]) if p.choices else FlagValue(True)
            for p in switches
        }
        settings = {
            name: Setting(value, profile.slug, profile.parameters_span) for name, value in given.items()
        }
        yield f"choices {n}", replace(profile, parameters={**profile.parameters, **settings})


def in_every_voice(library: Library, profile: Profile, audiences: tuple[Audience, ...]) -> Profile:
    """The school with a policy that holds every clause in every voice for these readers, and the annex."""
    voices = tuple(
        SectionChoice(f"in-{voice.value}", title="Rules", clauses=tuple(library.clauses), voice=voice)
        for voice in Voice
    )
    (policy, *others) = profile.documents
    everything = DocumentChoice(
        policy.id,
        policy.span,
        audiences=audiences,
        sections=(*voices, SectionChoice("who-to-tell"), SectionChoice("law-and-guidance")),
    )
    return replace(profile, documents=(everything, *others))


@pytest.fixture(scope="module", params=list(Nation), ids=[nation.value for nation in Nation])
def buildings(
    request: pytest.FixtureRequest, library: Library, profile_of: ReadProfile
) -> tuple[Building, ...]:
    nation: Nation = request.param
    school = profile_of(SCHOOL.format(nation=nation.value), "oakfield")
    concerned = tuple(a for a in Audience if any(a in c.audiences for c in library.clauses.values()))
    readers = [concerned, *((audience,) for audience in concerned)]
    built = [Building(nation, "as the templates have it", bind_profile(library, school, draft=True)[0])]
    for label, answered in answers(library, with_every_role(library, school)):
        for audiences in readers:
            everything = in_every_voice(library, answered, audiences)
            bound, _ = bind_profile(library, everything, draft=True)
            built.append(Building(nation, f"{label}, {', '.join(audiences)}", bound))
    return tuple(built)


def test_every_clause_of_the_nation_is_printed_and_no_other(
    library: Library, buildings: tuple[Building, ...]
) -> None:
    nation = buildings[0].nation
    printed = {
        mark.id
        for building in buildings
        for document in building.bound.documents
        for section in sections(document.blocks)
        for mark, _ in own_clauses(section)
    }
    allowed = {c.id for c in library.clauses.values() if not c.nations or nation in c.nations}
    unconditional = {c.id for c in library.clauses.values() if not c.when and c.until is None}
    assert printed <= allowed
    assert allowed & unconditional <= printed


def test_no_citation_of_another_nation_is_printed(library: Library, buildings: tuple[Building, ...]) -> None:
    nation = buildings[0].nation
    own = {f.title for f in library.frameworks.values() if nation in f.nations}
    others = {f.title for f in library.frameworks.values()} - own
    cells = {
        text
        for building in buildings
        for document in building.bound.documents
        for kind, text in lines(document)
        if kind == "cell"
    }
    cited = {id_ for clause in library.clauses.values() for id_ in clause.cites}
    assert cells & own == {library.frameworks[id_].title for id_ in cited} & own
    assert not [(text, title) for b in buildings for text in b.texts() for title in others if title in text]


def test_no_term_of_another_nation_is_printed(buildings: tuple[Building, ...]) -> None:
    found = {(term, text) for b in buildings for text in b.texts() for term in foreign(text, b.nation)}
    assert not found


def test_no_title_of_a_post_is_of_another_nation(library: Library, buildings: tuple[Building, ...]) -> None:
    """Titles and duties, whether a clause prints them yet or not."""
    nation = buildings[0].nation
    found = {
        role.id: terms
        for role in library.roles.values()
        if (terms := foreign(f"{role.title_in(nation)}; {role.duty}", nation))
    }
    assert not found


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        (
            "dsl",
            [
                "designated safeguarding lead",
                "designated safeguarding person",
                "child protection coordinator",
                "designated teacher for child protection",
            ],
        ),
        ("send-coordinator", ["SENCO", "ALNCo", "additional support needs lead", "SENCO"]),
        ("governing-board", ["governing board", "governing body", "governing board", "board of governors"]),
        (
            "safeguarding-governor",
            [
                "safeguarding link governor",
                "designated governor for safeguarding",
                "safeguarding link governor",
                "designated governor for child protection",
            ],
        ),
    ],
)
def test_posts_have_the_titles_of_their_nation(library: Library, role: str, titles: list[str]) -> None:
    assert [library.roles[role].title_in(nation) for nation in Nation] == titles


def test_a_concern_goes_to_the_post_as_the_nation_calls_it(library: Library, profile_of: ReadProfile) -> None:
    named = {}
    for nation in Nation:
        profile = profile_of(SCHOOL.format(nation=nation.value), "oakfield")
        scope = Scope(library, profile, Needs(), library.documents["staff-policy"], Voice.PROSE)
        named[nation] = scope.title("dsl")
        bound, _ = bind_profile(library, profile)
        cells = [text for kind, text in lines(bound.documents[0]) if kind == "cell"]
        assert named[nation].capitalize() in cells
    assert len(set(named.values())) == len(Nation)


# ---------------------------------------------------------------- clauses of one nation


def limited(library: Library, clause: str, *nations: Nation) -> Library:
    """The library with one clause for some nations only."""

    def changed(c: Clause) -> Clause:
        return replace(c, nations=nations) if c.id == clause else c

    topics = {
        id_: replace(topic, clauses=tuple(map(changed, topic.clauses)))
        for id_, topic in library.topics.items()
    }
    return replace(library, topics=topics)


def printed_ids(document: Document) -> set[str]:
    return {mark.id for section in sections(document.blocks) for mark, _ in own_clauses(section)}


@pytest.mark.parametrize("nation", list(Nation), ids=lambda nation: nation.value)
def test_a_clause_of_one_nation_reaches_no_other_though_it_is_asked_for(
    nation: Nation, library: Library, profile_of: ReadProfile
) -> None:
    """Neither by its topic, nor by name, nor switched on, and it brings no citation along."""
    welsh = limited(library, "help-pupils-be-safe", WALES)
    text = SCHOOL.format(nation=nation.value)
    switched = "clauses: {help-pupils-be-safe: {use: true, reason: We want it}}\n"
    by_name = text.replace(
        "  staff-policy:\n  staff-agreement:\n",
        "  staff-policy: {sections: [{id: own, title: Own, clauses: [help-pupils-be-safe, loan-sign-out]},"
        " {id: law-and-guidance}]}\n",
    )
    for profile in (profile_of(text + switched, "oakfield"), profile_of(by_name + switched, "oakfield")):
        bound, _ = bind_profile(welsh, profile)
        policy = next(document for document in bound.documents if document.meta.id == "staff-policy")
        assert ("help-pupils-be-safe" in printed_ids(policy)) is (nation is WALES)
        assert ("Keeping learners safe" in [text for _, text in lines(policy)]) is (nation is WALES)


# ---------------------------------------------------------------- phases


def test_every_nation_has_a_name_and_phases(library: Library) -> None:
    assert set(library.nations) == set(Nation)
    assert [terms.name for terms in library.nations.values()] == [
        "England", "Wales", "Scotland", "Northern Ireland",
    ]  # fmt: skip
    assert set(library.nations[ENGLAND].phases) == set(Phase)


@pytest.mark.parametrize(
    ("nation", "refused"),
    [
        (ENGLAND, set()),
        (WALES, {Phase.MIDDLE}),
        (SCOTLAND, {Phase.MIDDLE, Phase.SIXTH_FORM}),
        (IRELAND, {Phase.MIDDLE, Phase.SIXTH_FORM}),
    ],
)
def test_a_phase_its_nation_does_not_have_is_refused(
    library: Library, nation: Nation, refused: set[Phase]
) -> None:
    assert {p for p in Phase if phase_fault(nation, p, library.nations)} == refused


def test_the_phases_of_the_nation_are_listed_with_their_names(library: Library) -> None:
    fault = phase_fault(WALES, Phase.MIDDLE, library.nations)
    assert fault is not None
    code, message, help_ = fault
    assert (code, message) == ("AUP215", "`middle` is not a phase of schools in Wales")
    assert "`primary`, `secondary`, `all-through` (all-age)" in help_


def test_a_nation_nobody_described_refuses_no_phase() -> None:
    assert phase_fault(WALES, Phase.MIDDLE, {}) is None
