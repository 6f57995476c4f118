"""What a school's own sections print, and what is told where they would print nothing or an id."""

from __future__ import annotations

from typing import Any

import pytest

from aupgen.binding.bind import bind_profile
from aupgen.document.walk import plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.source.diagnostics import Diagnostic, Severity
from tests.unit.small_library import clause, good_library, printed_by, school, section

NEXT_YEAR: dict[str, Any] = {"policy_year": "2019-20", "edition": {"number": "1", "date": "2019-09-01"}}


# ------------------------------------------------------------------ clauses whose last year is over


@pytest.fixture(scope="module")
def small() -> Library:
    return good_library(
        {
            "doors": [
                clause("old-door", until="2018-19"),
                clause("new-door", since="2019-20", optional=True, replaces=["old-door"]),
                clause("window", until="2018-19"),
            ]
        }
    )


def told(library: Library, profile: Profile) -> list[Diagnostic]:
    return [finding for finding in bind_profile(library, profile)[1] if finding.code == "AUP350"]


def test_a_retired_clause_that_a_section_names_is_told_with_what_took_its_place(small: Library) -> None:
    profile = school(small, section("doors", clauses=["old-door", "professional-use"]), **NEXT_YEAR)
    (finding,) = told(small, profile)
    assert finding.severity is Severity.WARNING
    assert finding.message == (
        "the section `doors` of `staff-policy` names `old-door`, which is retired after 2018-19: "
        "`new-door` has taken its place"
    )
    assert finding.help == "write `new-door` in its place under `clauses:`"
    assert finding.clause == "old-door"


def test_one_that_nothing_took_the_place_of_is_told_in_an_inner_section_too(small: Library) -> None:
    inner = section("windows", clauses=["window", "professional-use"])
    (finding,) = told(small, school(small, section("doors", sections=[inner]), **NEXT_YEAR))
    assert finding.message.endswith("names `window`, which is retired after 2018-19")
    assert "take it out" in finding.help


@pytest.mark.parametrize(
    ("named", "changes"),
    [
        pytest.param(["old-door", "window"], {}, id="in its last year"),
        pytest.param(["old-door", "new-door"], NEXT_YEAR, id="beside what took its place"),
    ],
)
def test_a_clause_that_is_missed_by_nobody_is_not_told(
    small: Library, named: list[str], changes: dict[str, Any]
) -> None:
    profile = school(small, section("doors", clauses=named), **changes)
    assert told(small, profile) == []
    assert printed_by(small, profile)


# ------------------------------------------------------------------ headings


@pytest.mark.parametrize(
    ("keys", "heading"),
    [
        ({}, "Acceptable use"),
        ({"topics": []}, "Acceptable use"),
        ({"topics": [], "title": "What we do"}, "What we do"),
        ({"topics": [], "heading": "false"}, ""),
        ({"topics": ["passwords"]}, "Passwords and sign-in"),
    ],
)
def test_a_heading_is_the_profiles_or_that_of_a_topic_and_never_an_id(
    library: Library, keys: dict[str, Any], heading: str
) -> None:
    chosen = {"id": "acceptable-use", "clauses": ["professional-use"], **keys}
    bound, _ = bind_profile(library, school(library, documents={"staff-agreement": {"sections": [chosen]}}))
    (part,) = [part for part in sections(bound.documents[0].blocks) if part.id == "acceptable-use"]
    assert plain_text(part.title) == heading
