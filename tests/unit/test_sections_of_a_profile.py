"""What a school's own sections print, and what is told where they would print nothing or an id."""

from __future__ import annotations

from typing import Any

import pytest

from aupgen.binding.bind import bind_profile
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText
from tests.one_layer import read_profile
from tests.unit.small_library import clause, good_library, printed_by, school, section
from tests.unit.test_profile_choices import text_of

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


def read(library: Library, **keys: Any) -> tuple[Profile | None, list[Diagnostic], SourceText]:
    chosen = {"id": "acceptable-use", "clauses": ["professional-use"], **keys}
    source = SourceText("schools/valley.yaml", text_of(documents={"staff-agreement": {"sections": [chosen]}}))
    return *read_profile(source, "valley", library), source


def test_a_section_called_after_a_topic_needs_a_title_without_it(library: Library) -> None:
    profile, found, source = read(library, topics=[])
    assert profile is None
    (finding,) = found
    assert finding.code == "AUP111"
    assert finding.help == "add `title:`, such as `title: Acceptable use`, or `heading: false`"
    assert "- id: acceptable-use" in source.text.splitlines()[finding.span.line - 1]


@pytest.mark.parametrize(
    "keys",
    [
        {"topics": [], "title": "What we do"},
        {"topics": [], "heading": "false"},
        {"topics": ["passwords"]},
        {},
    ],
)
def test_a_section_with_a_title_a_topic_or_no_heading_stands(library: Library, keys: dict[str, Any]) -> None:
    profile, found, _ = read(library, **keys)
    assert profile is not None
    assert found == []
