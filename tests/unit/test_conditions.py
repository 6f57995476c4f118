"""Conditions on the school itself, and the years in which a clause is in force."""

from __future__ import annotations

from typing import Any

import pytest

from aupgen.binding.bind import bind_profile
from aupgen.cli.listing import _years
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.facts import FACTS, condition_text, fact, unmet_text
from aupgen.policy.profile import Profile
from aupgen.policy.school_type import SchoolType
from aupgen.policy.terms import Nation
from aupgen.policy.year import PolicyYear
from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import Severity
from aupgen.source.span import SourceText
from tests.unit.small_library import (
    clause,
    compiled,
    good_library,
    printed_by,
    school,
    section,
    under_trust,
)
from tests.unit.test_profile_choices import text_of

ENGLAND = {"phase": "special", "nation": "england"}


def words(library: Library, profile: Profile) -> dict[str, str]:
    bound, found = bind_profile(library, profile, draft=True)
    assert not found
    return {
        mark.id: plain_text(inlines)
        for part in sections(bound.documents[0].blocks)
        for mark, inlines in own_clauses(part)
    }


def left_out(library: Library, profile: Profile) -> dict[str, str]:
    bound, _ = bind_profile(library, profile)
    return {left.clause: left.reason for _, all_left in bound.left_out for left in all_left}


# ------------------------------------------------------------------ phase, nation, school_type


def test_a_clause_asks_for_the_phase_the_nation_or_the_type_of_school() -> None:
    conditions: dict[str, Any] = {
        "for-special": {"phase": ["primary", "special"]},
        "for-secondary": {"phase": "secondary"},
        "for-england": {"nation": "england"},
        "for-wales": {"nation": "wales"},
        "for-academies": {"school_type": ["academy", "free-school"]},
        "for-special-academies": {"phase": "special", "school_type": "academy", "class_tablets": "true"},
        "for-community": {"school_type": "community"},
    }
    library = good_library({"calls": [clause(id_, when=when) for id_, when in conditions.items()]})
    profile = school(library, section("one", "calls"), school_type="academy")
    assert printed_by(library, profile) == {
        "one": ["for-special", "for-england", "for-academies", "for-special-academies"]
    }
    assert left_out(library, profile) == {
        "for-secondary": "its condition does not hold: the phase of the school is not secondary",
        "for-wales": "its condition does not hold: the nation is not wales",
        "for-community": "its condition does not hold: the type of school is not community",
    }


def test_a_variant_asks_for_the_school_too() -> None:
    revisions = [
        {
            "since": "2018-19",
            "text": "ask the office",
            "variants": [
                {"when": {"school_type": "academy"}, "text": "ask the trust"},
                {"when": {"nation": ["england", "wales"]}, "text": "ask the authority"},
            ],
        }
    ]
    library = good_library({"calls": [clause("call-a", revisions=revisions)]})
    for type_, said in (("academy", "ask the trust"), ("community", "ask the authority")):
        assert words(library, school(library, section("one", "calls"), school_type=type_))["call-a"] == said


def test_a_section_of_a_template_asks_for_the_school_too() -> None:
    head = "title: Rules\nname: rules\nnoun: policy\naudiences: [staff]\nvoice: rule-list\nclauses: all"
    body = """
{{ section("one", topics=["calls"], when={"phase": ["special", "nursery"]}) }}
{{ section("two", topics=["videos"], when={"school_type": "academy", "class_tablets": true}) }}
{{ section("three", topics=["films"], when={"nation": "scotland"}) }}
"""
    library = good_library(
        {"calls": [clause("call-a")], "videos": [clause("video-a")], "films": [clause("film-a")]},
        {"rules.md.j2": f"---\n{head}\n---\n{body}"},
    )
    profile = school(library, documents={"rules": {}}, school_type="academy")
    assert list(words(library, profile)) == ["call-a", "video-a"]


def test_a_type_of_school_that_is_not_said_is_asked_for_where_it_is_needed() -> None:
    library = good_library({"calls": [clause("call-a", when={"school_type": "academy"}), clause("call-b")]})
    profile = school(library, section("one", "calls"))
    _, (finding,) = bind_profile(library, profile)
    assert finding.code == "AUP210"
    assert (finding.span.line, finding.span.column) == (1, 1)
    assert finding.message == (
        "not answered yet: what type of school is this? "
        "Rules that depend on it cannot be chosen without `school_type:`"
    )
    assert "one of `community`, `foundation`" in finding.help
    assert "`controlled`" not in finding.help
    assert finding.notes == ("needed by clause `call-a` in `staff-policy`",)
    _, (note,) = bind_profile(library, profile, draft=True)
    assert (note.severity, note.message) == (Severity.NOTE, finding.message)
    assert printed_by(library, profile, draft=True) == {"one": ["call-b"]}
    assert printed_by(library, school(library, section("two", clauses=["call-b"]))) == {"two": ["call-b"]}


@pytest.mark.parametrize(
    ("when", "code", "help_"),
    [
        ({"phase": "primry"}, "AUP213", "did you mean `primary`? choose from `nursery`, `primary`"),
        ({"nation": ["wales", "britain"]}, "AUP213", "choose from `england`, `wales`, `scotland`"),
        ({"school_type": "comunity"}, "AUP213", "did you mean `community`?"),
        ({"schooltype": "academy"}, "AUP203", "did you mean `school_type`?"),
    ],
)
def test_a_condition_that_no_school_could_meet_is_a_finding(
    when: dict[str, Any], code: str, help_: str
) -> None:
    _, (finding,) = compiled({"calls": [clause("call-a", when=when)]})
    assert finding.code == code
    assert finding.help.startswith(help_)


def test_every_type_of_school_is_in_a_nation_and_every_nation_has_some(library: Library) -> None:
    types_of = [library.nations[nation].school_types for nation in Nation]
    assert {type_ for types in types_of for type_ in types} == set(SchoolType)
    assert all(types and len(types) == len(set(types)) for types in types_of)


def test_every_fact_has_a_value_of_a_profile(valley: Profile) -> None:
    assert {name: fact(valley, name) for name in FACTS} == {**ENGLAND, "school_type": None}


def test_conditions_read_as_words() -> None:
    when = (("phase", ("nursery", "primary")), ("class_tablets", ("true",)))
    assert condition_text(when) == "the phase of the school is nursery or primary and class_tablets is true"
    assert unmet_text(when) == "the phase of the school is not nursery or primary, class_tablets is not true"
    assert condition_text(()) == ""


# ------------------------------------------------------------------ until


@pytest.mark.parametrize(("until", "in_force"), [("2017-18", False), ("2018-19", True), ("2019-20", True)])
def test_a_clause_is_in_force_up_to_its_last_year(until: str, in_force: bool) -> None:
    library = good_library(
        {"calls": [clause("call-a", since="2016-17", until=until, optional=True), clause("call-b")]}
    )
    profile = school(library, section("one", "calls", clauses=["call-a"]))
    assert printed_by(library, profile)["one"] == (["call-b", "call-a"] if in_force else ["call-b"])
    assert left_out(library, profile)["call-a"] == (
        "it is optional, and the profile does not ask for it" if in_force else f"retired after {until}"
    )


def test_list_years_says_when_a_clause_is_retired() -> None:
    library = good_library({"calls": [clause("call-a", until="2018-19")]})
    rows = {row["year"]: row for row in _years(library, None)}
    assert rows["2019-20"]["retired"] == ["call-a"]
    assert "call-a" not in rows["2019-20"]["new"]


OWN = {
    "id": "own-rule",
    "topic": "passwords",
    "owner": "headteacher",
    "audiences": ["staff"],
    "kind": "must",
    "rationale": "Ours.",
    "text": "be polite",
}


@pytest.mark.parametrize(
    ("years", "in_force"),
    [
        ({}, True),
        ({"since": "2018-19"}, True),
        ({"since": "2019-20"}, False),
        ({"until": "2018-19"}, True),
        ({"until": "2017-18"}, False),
        ({"since": "2017-18", "until": "2018-19"}, True),
    ],
)
def test_a_school_s_own_clause_is_in_force_in_its_years(
    library: Library, years: dict[str, str], in_force: bool
) -> None:
    profile = school(
        library, section("one", clauses=["copyright", "own-rule"]), local_clauses=[{**OWN, **years}]
    )
    assert ("own-rule" in printed_by(library, profile)["one"]) is in_force


def test_a_school_s_own_clause_is_older_than_any_year_it_may_build(library: Library) -> None:
    early = school(library, section("one", clauses=["own-rule"]), local_clauses=[OWN])
    own = early.local_clause("own-rule")
    assert own is not None
    assert own.revision_in(type(early.policy_year)(2001)) is not None


# ------------------------------------------------------------------ across layers and years


def test_the_type_of_school_may_come_from_the_trust() -> None:
    library = good_library({"calls": [clause("call-a", when={"school_type": "academy"}), clause("call-b")]})
    documents = {"staff-policy": {"sections": [section("one", "calls")]}}
    profile = under_trust(library, {"school_type": "academy"}, documents=documents)
    assert printed_by(library, profile) == {"one": ["call-a", "call-b"]}
    assert profile.origins["school_type"][0].layer == "larkway"
    free = under_trust(library, {"school_type": "academy"}, documents=documents, school_type="community")
    assert printed_by(library, free) == {"one": ["call-b"]}


def test_a_school_that_became_an_academy_says_what_it_was_before() -> None:
    library = good_library({"calls": [clause("call-a", when={"school_type": "academy"}), clause("call-b")]})
    text = text_of(
        policy_year="2020-21",
        edition={"number": "1", "date": "2020-09"},
        school_type="academy",
        years={"2018-19": {"school_type": "community", "edition": {"number": "1", "date": "2018-09"}}},
        documents={"staff-policy": {"sections": [section("one", "calls")]}},
    )
    layer, found = read_layer(SourceText("schools/valley.yaml", text), "valley", library)
    assert layer is not None
    assert not found
    for year, printed in (("2020-21", ["call-a", "call-b"]), ("2018-19", ["call-b"])):
        profile, found = fold([layer], library, year=PolicyYear.parse(year))
        assert profile is not None
        assert not found
        assert printed_by(library, profile) == {"one": printed}


def test_a_type_of_school_that_the_trust_says_wrongly_is_a_finding_in_its_file(library: Library) -> None:
    layers = []
    for slug, changes in (
        ("valley", {"extends": "larkway"}),
        ("larkway", {"kind": "trust", "school_type": "controlled", "documents": None}),
    ):
        source = SourceText(f"schools/{slug}.yaml", text_of(**changes))
        layer, found = read_layer(source, slug, library)
        assert layer is not None
        assert not found
        layers.append(layer)
    _, found = fold(layers, library)
    assert [(finding.code, finding.span.path, finding.profile) for finding in found] == [
        ("AUP113", "schools/larkway.yaml", "larkway")
    ]
