"""Clauses of a profile's own that stand beside another: right behind it, wherever it is printed."""

from __future__ import annotations

from typing import Any

import pytest
from yaml import dump

from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.span import SourceText
from tests.one_layer import read_profile
from tests.unit.small_library import clause, good_library, link, printed_by, school, section, under_trust
from tests.unit.test_profile_choices import text_of

TOPICS = {
    "calls": [clause("call-a"), clause("call-b"), clause("call-c", essential=["staff-policy"])],
    "videos": [clause("video-a"), clause("video-b")],
}


def own(id_: str = "call-own", beside: str = "call-a", topic: str = "calls", **keys: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "topic": topic,
        "owner": "headteacher",
        "audiences": ["staff"],
        "kind": "must",
        **({"beside": beside} if beside else {}),
        "rationale": "Ours.",
        "text": f"keep {id_}",
        **keys,
    }


def test_it_stands_right_behind_where_a_topic_is_printed_and_where_a_section_names_the_other() -> None:
    library = good_library(TOPICS)
    chosen = (section("one", "calls"), section("two", clauses=["video-a", "call-a", "call-b"]))
    assert printed_by(library, school(library, *chosen, local_clauses=[own()])) == {
        "one": ["call-a", "call-own", "call-b", "call-c"],
        "two": ["video-a", "call-a", "call-own", "call-b"],
    }
    assert printed_by(library, school(library, *chosen, local_clauses=[own(beside="")])) == {
        "one": ["call-a", "call-b", "call-c", "call-own"],
        "two": ["video-a", "call-a", "call-b"],
    }


def test_it_follows_the_other_into_another_topic_and_stands_nowhere_else() -> None:
    library = good_library(TOPICS)
    chosen = (section("one", "calls"), section("two", "videos"))
    profile = school(library, *chosen, local_clauses=[own(beside="video-a")])
    assert printed_by(library, profile) == {
        "one": ["call-a", "call-b", "call-c"],
        "two": ["video-a", "call-own", "video-b"],
    }


def test_it_stays_where_the_other_is_left_out_and_several_keep_their_order() -> None:
    library = good_library(TOPICS)
    profile = school(
        library,
        section("one", "calls"),
        section("two", clauses=["call-b", "call-a"]),
        local_clauses=[own(), own("call-too"), own("call-last", beside="call-b")],
        clauses={"call-a": {"use": "false", "reason": "Not ours"}},
    )
    assert printed_by(library, profile) == {
        "one": ["call-own", "call-too", "call-b", "call-last", "call-c"],
        "two": ["call-b", "call-last", "call-own", "call-too"],
    }


def test_a_short_form_prints_it_where_it_names_the_other_or_the_clause_is_essential_itself() -> None:
    library = good_library(TOPICS)
    chosen = (
        section("one", "calls", print="essential"),
        section("two", clauses=["call-a"], print="essential"),
    )
    assert printed_by(library, school(library, *chosen, local_clauses=[own()])) == {
        "one": ["call-c"],
        "two": ["call-a", "call-own"],
    }
    essential = own(essential=["staff-policy"])
    assert printed_by(library, school(library, *chosen, local_clauses=[essential]))["one"] == [
        "call-own",
        "call-c",
    ]


@pytest.mark.parametrize("topic", ["calls", "videos"])
def test_it_is_printed_once_where_the_other_is_added_because_a_clause_requires_it(topic: str) -> None:
    library = good_library(
        {
            "calls": [clause("call-a", optional=True), clause("call-b")],
            "videos": [clause("video-a", requires=link("call-a"))],
        }
    )
    both = school(library, section("one", "calls", "videos"), local_clauses=[own(topic=topic)])
    assert printed_by(library, both) == {"one": ["call-a", "call-own", "call-b", "video-a"]}
    alone = school(library, section("one", "videos"), local_clauses=[own(topic=topic)])
    assert printed_by(library, alone) == {"one": ["video-a", "call-a", "call-own"]}


def test_a_school_may_put_one_beside_that_of_its_trust() -> None:
    library = good_library(TOPICS)
    profile = under_trust(
        library,
        {"local_clauses": [own("trust-own")]},
        local_clauses=[own("school-own", beside="trust-own")],
        documents={"staff-policy": {"sections": [section("one", "calls"), section("two", clauses=["call-a"])]}},
    )  # fmt: skip
    assert printed_by(library, profile) == {
        "one": ["call-a", "trust-own", "school-own", "call-b", "call-c"],
        "two": ["call-a", "trust-own", "school-own"],
    }


@pytest.mark.parametrize(
    ("beside", "code"), [("call-x", "AUP204"), ("call-own", "AUP113"), ("second", "AUP113")]
)
def test_it_can_stand_beside_nothing_that_is_not_there_or_is_the_profiles_own(beside: str, code: str) -> None:
    library = good_library(TOPICS)
    source = SourceText(
        "schools/valley.yaml", text_of(local_clauses=[own(beside=beside), own("second", beside="")])
    )
    profile, found = read_profile(source, "valley", library)
    assert profile is None
    (fault,) = found
    line = source.text.splitlines()[fault.span.line - 1]
    assert (fault.code, line.strip()) == (code, f"beside: {beside}")


def test_a_trust_cannot_put_one_beside_that_of_its_school() -> None:
    library = good_library(TOPICS)
    trust = {"kind": "trust", "name": "A trust", "nation": "england"}
    texts = {
        "valley": text_of(extends="trust", local_clauses=[own(beside="")]),
        "trust": dump({**trust, "local_clauses": [own("trust-own", beside="call-own")]}),
    }
    layers = []
    for slug, text in texts.items():
        layer, found = read_layer(SourceText(f"schools/{slug}.yaml", text), slug, library)
        assert layer is not None, found
        layers.append(layer)
    profile, found = fold(layers, library)
    assert profile is None
    assert [(fault.code, fault.span.path) for fault in found] == [("AUP204", "schools/trust.yaml")]
