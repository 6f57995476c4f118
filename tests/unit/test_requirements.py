"""What clauses ask of one another: what a document adds, and what it cannot have."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.binding.outline import outline, skeleton_for
from aupgen.binding.requirements import Added, Included, add_required
from aupgen.binding.selection import select_clauses
from aupgen.binding.values import Needs, Scope
from aupgen.document.walk import own_clauses, sections
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.source.diagnostics import Diagnostic, has_errors
from tests.conftest import ROOT, ReadProfile
from tests.unit.small_library import (
    clause,
    compiled,
    good_library,
    line_of,
    link,
    printed,
    printed_by,
    school,
    section,
    under_trust,
)
from tests.unit.test_profile_choices import text_of


def faults(library: Library, profile: Profile) -> list[Diagnostic]:
    _, found = bind_profile(library, profile)
    return [finding for finding in found if finding.code in ("AUP216", "AUP217")]


# ------------------------------------------------------------------ what is added, and where


def test_a_required_clause_stands_in_the_order_of_its_topic_though_optional() -> None:
    library = good_library(
        {
            "calls": [clause("call-a", requires=link("call-extra")), clause("call-b")],
            "videos": [clause("video-a"), clause("call-extra", optional=True), clause("video-b")],
        }
    )
    profile = school(library, section("one", "calls"), section("two", "videos"))
    assert printed_by(library, profile) == {
        "one": ["call-a", "call-b"],
        "two": ["video-a", "call-extra", "video-b"],
    }


def test_it_is_printed_where_only_essential_clauses_are_and_opens_a_section_that_would_be_empty() -> None:
    library = good_library(
        {
            "calls": [clause("call-a", essential=["staff-policy"], requires=link("video-a"))],
            "videos": [clause("video-a"), clause("video-b")],
        }
    )
    parts = [section("one", "calls", print="essential"), section("two", "videos", print="essential")]
    assert printed_by(library, school(library, *parts)) == {"one": ["call-a"], "two": ["video-a"]}


def test_it_follows_the_clause_that_requires_it_where_no_section_has_its_topic() -> None:
    library = good_library(
        {
            "calls": [clause("call-a", requires=link("video-b", "video-a")), clause("call-b")],
            "videos": [clause("video-a", requires=link("film-a")), clause("video-b")],
            "films": [clause("film-a", optional=True)],
        }
    )
    assert printed_by(library, school(library, section("one", "calls"))) == {
        "one": ["call-a", "video-b", "video-a", "film-a", "call-b"]
    }


def test_it_is_not_printed_twice_where_a_section_names_it() -> None:
    library = good_library(
        {"calls": [clause("call-a", requires=link("video-a"))], "videos": [clause("video-a", optional=True)]}
    )
    parts = [section("one", "calls"), section("two", clauses=["video-a"])]
    assert printed_by(library, school(library, *parts)) == {"one": ["call-a"], "two": ["video-a"]}


def test_requirements_go_on_and_may_go_round_in_circles() -> None:
    library = good_library(
        {
            "calls": [
                clause("call-a", requires=link("call-b")),
                clause("call-b", optional=True, requires=link("call-c")),
                clause("call-c", optional=True, requires=link("call-a", "call-b")),
                clause("call-d", optional=True),
            ]
        }
    )
    assert printed_by(library, school(library, section("one", "calls"))) == {
        "one": ["call-a", "call-b", "call-c"]
    }


def test_a_school_s_own_clause_stands_after_those_that_are_added_to_its_topic() -> None:
    library = good_library(
        {"calls": [clause("call-a", requires=link("call-b")), clause("call-b", optional=True)]}
    )
    own = {
        "id": "call-own",
        "topic": "calls",
        "owner": "headteacher",
        "audiences": ["staff"],
        "kind": "must",
        "rationale": "Ours.",
        "text": "be polite",
    }
    assert printed_by(library, school(library, section("one", "calls"), local_clauses=[own])) == {
        "one": ["call-a", "call-b", "call-own"]
    }


@pytest.mark.parametrize("keys", [{"audiences": ["governor"]}, {"nations": ["wales"]}])
def test_what_is_for_other_readers_or_another_nation_is_not_required(keys: dict[str, Any]) -> None:
    library = good_library(
        {"calls": [clause("call-a", requires=link("call-b")), clause("call-b", optional=True, **keys)]}
    )
    assert printed_by(library, school(library, section("one", "calls"))) == {"one": ["call-a"]}


def test_nothing_is_required_by_a_clause_that_is_not_printed() -> None:
    library = good_library(
        {
            "calls": [
                clause("call-a", optional=True, requires=link("call-b")),
                clause("call-b", optional=True),
                clause("call-c"),
            ]
        }
    )
    off = {"call-b": {"use": "false", "reason": "No"}}
    assert printed_by(library, school(library, section("one", "calls"), clauses=off)) == {"one": ["call-c"]}


HEAD = (
    "---\ntitle: Rules\nname: rules\nnoun: policy\naudiences: [staff]\nvoice: rule-list\nclauses: all\n---\n"
)


def test_a_section_that_is_not_printed_takes_in_nothing() -> None:
    body = """
{{ section("one", topics=["calls"]) }}
{{ section("two", topics=["videos"], when={"phase": "primary"}) }}
{% call issued("staff-policy") %}
Some words.

{{ section("three", topics=["films"]) }}
{% endcall %}
"""
    library = good_library(
        {
            "calls": [clause("call-a", requires=link("video-a", "film-a"))],
            "videos": [clause("video-a")],
            "films": [clause("film-a", optional=True)],
        },
        {"rules.md.j2": HEAD + body},
    )
    cases: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
        ({"rules": {}}, {"one": ["call-a", "video-a", "film-a"]}),
        ({"rules": {}, "staff-policy": {}}, {"one": ["call-a", "video-a"], "three": ["film-a"]}),
    ]
    for documents, parts in cases:
        bound, found = bind_profile(library, school(library, documents=documents), only=["rules"])
        assert not found
        assert printed(bound, "rules") == parts


@pytest.mark.parametrize("slug", ["valley", "hillside", "harbour", "southend"])
def test_the_outline_of_a_document_is_what_is_printed(
    slug: str, library: Library, profile_of: ReadProfile
) -> None:
    """Requirements are worked out on the outline, so it must have the clauses the document prints, no others."""
    profile = profile_of((ROOT / "schools" / f"{slug}.yaml").read_text(encoding="utf-8"), slug)
    issued = {choice.id: choice for choice in profile.documents}
    outlined: dict[str, list[str]] = {}
    for choice in issued.values():
        skeleton = skeleton_for(library.documents[choice.id], choice)
        scope = Scope(library, profile, Needs(), skeleton, skeleton.voice)
        outlined[choice.id] = [
            selected.clause.id
            for part in outline(scope, choice.sections)
            for selected in select_clauses(
                part.gap.topics, part.gap.clauses, part.scope, essential_only=part.essential_only
            )[0]
        ]
    bound, _ = bind_profile(library, profile, draft=True)
    added = {id_: [one.clause for one in included] for id_, included in bound.included}
    for document in bound.documents:
        inside = [id_ for id_ in library.documents[document.meta.id].appendices() if id_ in issued]
        expected = [id_ for name in (document.meta.id, *inside) for id_ in (*outlined[name], *added[name])]
        marks = [mark.id for part in sections(document.blocks) for mark, _ in own_clauses(part)]
        assert sorted(marks) == sorted(expected)


def test_an_appendix_has_its_own_additions() -> None:
    library = good_library(
        {
            "calls": [
                clause("call-a", essential=["staff-agreement"], requires=link("call-b")),
                clause("call-b", optional=True),
            ]
        }
    )
    documents = {
        "staff-policy": {"sections": [{"id": "signing"}]},
        "staff-agreement": {"sections": [section("one", "calls")]},
    }
    profile = school(library, documents=documents)
    for only in ((), ("staff-policy",)):
        bound, found = bind_profile(library, profile, only=only)
        assert not found
        assert printed(bound)["one"] == ["call-a", "call-b"]
        assert dict(bound.included)["staff-agreement"] == (Included("call-b", "call-a", "It needs call-b"),)
        assert dict(bound.included)["staff-policy"] == ()


def test_a_library_without_links_is_not_looked_through(valley: Profile) -> None:
    library = good_library({})
    bare = replace(library, topics={})
    assert library.has_links
    assert not bare.has_links
    assert add_required(bare, valley, Needs()) == (Added(), [])


# ------------------------------------------------------------------ what cannot be added


def test_a_required_clause_that_is_switched_off_is_a_finding_at_the_switch() -> None:
    library = good_library(
        {
            "calls": [
                clause("call-a", essential=["staff-agreement"], requires=link("call-b")),
                clause("call-b"),
            ]
        }
    )
    off = {"copyright": {"use": "false", "reason": "Elsewhere"}, "call-b": {"use": "false", "reason": "No"}}
    documents = {
        "staff-policy": {"sections": [section("one", "calls")]},
        "staff-agreement": {"sections": [section("one", "calls")]},
    }
    profile = school(library, clauses=off, documents=documents)
    (finding,) = faults(library, profile)
    assert finding.code == "AUP216"
    assert finding.message == "`call-b` is left out here, but `call-a` requires it: It needs call-b"
    assert "delete this `use: false`, or leave `call-a` out as well" in finding.help
    assert finding.notes == ("in `staff-agreement`, `staff-policy`",)
    assert line_of(profile.path, finding, text_of(clauses=off, documents=documents)) == "call-b:"

    both = {**off, "call-a": {"use": "false", "reason": "No"}}
    assert not faults(library, school(library, clauses=both, documents=documents))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"when": {"class_tablets": "false"}},
            "`call-b` cannot be printed here, where class_tablets is not false",
        ),
        (
            {"when": {"phase": "primary"}},
            "`call-b` cannot be printed here, where the phase of the school is not primary",
        ),
        ({"since": "2019-20"}, "`call-b` has no wording for 2018-19"),
        ({"since": "2016-17", "until": "2017-18"}, "`call-b` is retired after 2017-18"),
    ],
)
def test_one_that_cannot_be_printed_is_a_finding_where_the_document_is_listed(
    keys: dict[str, Any], message: str
) -> None:
    library = good_library({"calls": [clause("call-a", requires=link("call-b")), clause("call-b", **keys)]})
    documents = {"staff-policy": {"sections": [section("one", "calls")]}}
    profile = school(library, documents=documents)
    (finding,) = faults(library, profile)
    assert (finding.code, finding.message) == (
        "AUP216",
        f"{message}, but `call-a` requires it: It needs call-b",
    )
    assert "`call-a` out as well" in finding.help
    assert line_of(profile.path, finding, text_of(documents=documents)) == "staff-policy:"


def test_the_finding_stands_at_the_choice_that_brought_the_other_clause_in() -> None:
    library = good_library(
        {
            "calls": [
                clause("call-a", optional=True, requires=link("call-b")),
                clause("call-b", optional=True, requires=link("call-c")),
                clause("call-c", since="2020-21"),
            ]
        }
    )
    on = {"call-a": {"use": "true", "reason": "Yes"}}
    documents = {"staff-policy": {"sections": [section("one", "calls")]}}
    profile = school(library, clauses=on, documents=documents)
    (finding,) = faults(library, profile)
    assert finding.message.startswith("`call-c` has no wording for 2018-19, but `call-b` requires it")
    assert line_of(profile.path, finding, text_of(clauses=on, documents=documents)) == "call-a:"


def test_a_required_clause_that_lacks_an_answer_is_asked_for_and_no_finding_of_its_own() -> None:
    library = good_library(
        {
            "calls": [
                clause("call-a", requires=link("call-b")),
                clause("call-b", optional=True, when={"school_type": "academy"}),
            ]
        }
    )
    profile = school(library, section("one", "calls"))
    _, found = bind_profile(library, profile)
    assert [finding.code for finding in found] == ["AUP210"]
    assert not has_errors(bind_profile(library, profile, draft=True)[1])
    answered = school(library, section("one", "calls"), school_type="academy")
    assert printed_by(library, answered) == {"one": ["call-a", "call-b"]}


# ------------------------------------------------------------------ what contradicts


@pytest.mark.parametrize("says_so", ["call-a", "call-b"])
def test_two_printed_clauses_that_conflict_are_a_finding_whichever_says_so(says_so: str) -> None:
    other = {"call-a": "call-b", "call-b": "call-a"}[says_so]
    conflict = [{"clause": other, "reason": "One says yes and the other no."}]
    library = good_library(
        {
            "calls": [
                clause("call-a", **({"conflicts": conflict} if says_so == "call-a" else {})),
                clause("call-b", optional=True, **({"conflicts": conflict} if says_so == "call-b" else {})),
            ]
        }
    )
    documents = {"staff-policy": {"sections": [section("one", "calls")]}}
    assert not faults(library, school(library, documents=documents))

    on = {"call-b": {"use": "true", "reason": "Yes"}}
    profile = school(library, documents=documents, clauses=on)
    (finding,) = faults(library, profile)
    assert (finding.code, finding.message) == (
        "AUP217",
        f"`{says_so}` and `{other}` contradict each other, and both are printed: One says yes and the other no",
    )
    assert line_of(profile.path, finding, text_of(documents=documents, clauses=on)) == "call-b:"

    named = {"staff-policy": {"sections": [section("one", clauses=["call-a", "call-b"])]}}
    profile = school(library, documents=named)
    (finding,) = faults(library, profile)
    assert line_of(profile.path, finding, text_of(documents=named)) == "staff-policy:"


def test_a_clause_may_not_be_added_beside_one_it_contradicts() -> None:
    library = good_library(
        {
            "calls": [
                clause("call-a", requires=link("call-b")),
                clause("call-b", optional=True, conflicts=link("call-c")),
                clause("call-c"),
            ]
        }
    )
    (finding,) = faults(library, school(library, section("one", "calls")))
    assert finding.code == "AUP217"
    assert "`call-b` and `call-c`" in finding.message


def test_conflicting_clauses_in_two_documents_do_not_meet() -> None:
    library = good_library(
        {"calls": [clause("call-a", conflicts=link("video-a"))], "videos": [clause("video-a")]}
    )
    documents = {
        "staff-policy": {"sections": [section("one", "calls")]},
        "staff-agreement": {"sections": [section("two", clauses=["video-a"])]},
    }
    assert not faults(library, school(library, documents=documents))


# ------------------------------------------------------------------ what the library itself cannot say


def found_in(*clauses: dict[str, Any]) -> list[tuple[str, str]]:
    _, found = compiled({"calls": clauses})
    return sorted((finding.code, finding.message) for finding in found)


def test_contradictions_of_the_library_are_told_once() -> None:
    assert found_in(
        clause("call-a", requires=link("call-b")),
        clause("call-b", requires=link("call-c", "call-d")),
        clause("call-c", conflicts=link("call-d")),
        clause("call-d", conflicts=link("call-c")),
    ) == [("AUP217", "`call-b` requires `call-c` and `call-d`, which conflict: It needs call-d")]


def test_a_contradiction_in_a_circle_is_told() -> None:
    told = found_in(
        clause("call-a", requires=link("call-b", "call-c")),
        clause("call-b", requires=link("call-a", "call-d")),
        clause("call-c", conflicts=link("call-d")),
        clause("call-d"),
    )
    assert {code for code, _ in told} == {"AUP217"}


def test_clauses_of_different_nations_never_meet() -> None:
    assert not found_in(
        clause("call-a", requires=link("call-b", "call-c")),
        clause("call-b", nations=["wales"], conflicts=link("call-c")),
        clause("call-c", nations=["scotland"]),
    )


# ------------------------------------------------------------------ across layers


def test_a_clause_that_the_trust_leaves_out_is_a_finding_in_the_file_of_the_trust() -> None:
    library = good_library({"calls": [clause("call-a", requires=link("call-b")), clause("call-b")]})
    documents = {"staff-policy": {"sections": [section("one", "calls")]}}
    off = {"call-b": {"use": "false", "reason": "Ours says it"}}
    profile = under_trust(library, {"clauses": off}, documents=documents)
    (finding,) = faults(library, profile)
    assert finding.code == "AUP216"
    assert finding.span.path == "schools/larkway.yaml"
    assert finding.help.startswith("print `call-b` in schools/valley.yaml: `use: true` under its id")

    back = {"call-b": {"use": "true", "reason": "We need it"}}
    assert not faults(library, under_trust(library, {"clauses": off}, clauses=back, documents=documents))


def test_a_rewording_further_down_does_not_hide_who_left_the_clause_out() -> None:
    library = good_library({"calls": [clause("call-a", requires=link("call-b")), clause("call-b")]})
    off = {"call-b": {"use": "false", "reason": "No"}, "call-a": {"text": "be nice", "reason": "Ours"}}
    documents = {"staff-policy": {"sections": [section("one", "calls")]}}
    profile = school(library, clauses=off, documents=documents)
    (finding,) = faults(library, profile)
    assert line_of(profile.path, finding, text_of(clauses=off, documents=documents)) == "call-b:"


def test_a_document_that_the_trust_lists_is_where_its_contradiction_stands() -> None:
    library = good_library(
        {"calls": [clause("call-a", conflicts=link("call-b")), clause("call-b", optional=True)]}
    )
    documents = {"staff-policy": {"sections": [section("one", clauses=["call-a", "call-b"])]}}
    (finding,) = faults(library, under_trust(library, {"documents": documents}, documents=None))
    assert (finding.code, finding.span.path) == ("AUP217", "schools/larkway.yaml")

    on = {"call-b": {"use": "true", "reason": "All do"}}
    topics = {"staff-policy": {"sections": [section("one", "calls")]}}
    (finding,) = faults(library, under_trust(library, {"clauses": on}, documents=topics))
    assert (finding.code, finding.span.path) == ("AUP217", "schools/larkway.yaml")
