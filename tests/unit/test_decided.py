"""What a school is asked, and what it is told about what was decided for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from yaml import BaseLoader, load

from tests.conftest import ROOT
from tests.e2e.test_commands import aupgen

MINIMAL = """\
name: Newton School
nation: england
phase: {phase}
policy_year: 2026-27
edition: {{number: 1, date: 2026-09-01}}
approver: governing board
contacts:
  headteacher: {{email: newton.head@example.org}}
  chair-of-governors: {{email: newton.chair@example.org}}
other_roles: headteacher
parameters:
  phone_free_hours: {{from: 8:45, to: 15:15}}
documents: {{{documents}}}
"""
ADULTS = ["staff-agreement", "staff-policy", "visitor-agreement", "governor-agreement", "volunteer-agreement"]
FAMILIES = ["parent-letter", "consent-form"]
ISSUED = {
    "primary": [*ADULTS, *FAMILIES, "pupil-agreement-ks1", "pupil-agreement-ks2"],
    "secondary": [
        *ADULTS, *FAMILIES, "pupil-agreement-ks3", "contractor-agreement", "device-loan", "community-wifi", "sign-in-banner",
    ],
}  # fmt: skip
MOST_QUESTIONS = 20


def profile_at(folder: Path, phase: str, *left: str) -> Path:
    """A new school's profile that says as little as it can, without some of its lines."""
    text = MINIMAL.format(phase=phase, documents=", ".join(f"{id_}: {{}}" for id_ in ISSUED[phase]))
    kept = [line for line in text.splitlines() if not any(name in line for name in left)]
    path = folder / "newton.yaml"
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def run(*arguments: str) -> str:
    done = aupgen("--workspace", str(ROOT), *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(value: Any) -> int:
    """How many things a profile says: a list of documents is one choice, a stretch of hours one answer."""
    if isinstance(value, dict) and not set(value) <= {"from", "to"}:
        return sum(1 if key == "documents" else answers(part) for key, part in value.items())
    return 1


@pytest.mark.parametrize("phase", ISSUED)
def test_a_new_school_is_asked_few_things(tmp_path: Path, phase: str) -> None:
    path = profile_at(tmp_path, phase)
    run("build", str(path), "--out", str(tmp_path / "out"))
    assert answers(load(path.read_text(encoding="utf-8"), Loader=BaseLoader)) <= MOST_QUESTIONS


@pytest.mark.parametrize("phase", ISSUED)
@pytest.mark.parametrize("line", ["chair-of-governors", "other_roles", "phone_free_hours"])
def test_the_profile_that_says_least_says_nothing_needless(tmp_path: Path, phase: str, line: str) -> None:
    """Each of its answers is asked for where it is left out."""
    page = run("list", "parameters", str(profile_at(tmp_path, phase, line)))
    assert "STILL OPEN" in page
    assert "STILL OPEN" not in run("list", "parameters", str(profile_at(tmp_path, phase)))


def rows(path: Path) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(run("list", "parameters", str(path), "--json"))}


def test_each_parameter_says_how_it_stands(tmp_path: Path) -> None:
    found = rows(profile_at(tmp_path, "primary"))
    assert found["phone_free_hours"]["state"] == "answered"
    assert (found["signing"]["state"], found["signing"]["set_by"]) == ("decided", "library default")
    assert found["details_permission_from"]["state"] == "left out"
    assert found["hirer_contact"]["state"] == "not used"
    assert rows(profile_at(tmp_path, "primary", "phone_free_hours"))["phone_free_hours"]["state"] == "open"


def test_values_read_as_people_say_them(tmp_path: Path) -> None:
    found = rows(profile_at(tmp_path, "primary"))
    said = {name: found[name]["reads_as"] for name in found}
    assert said["phone_free_hours"] == "between 8.45am and 3.15pm"
    assert said["log_viewers"] == "a line manager or the headteacher"
    assert said["signing"] == "every year"
    assert said["contract_term"] == "no"
    assert said["covered_devices"] == "phones, smart watches, tablets, laptops and cameras"
    assert said["return_slip_by"] is None
    assert "except: the staff room or departmental offices" in run(
        "list", "parameters", str(ROOT / "schools" / "oakfield.yaml")
    )


def test_the_page_asks_first_then_tells_then_lists(tmp_path: Path) -> None:
    page = run("list", "parameters", str(profile_at(tmp_path, "primary", "phone_free_hours")))
    parts = ["STILL OPEN (1)", "DECIDED FOR YOU", "LEFT OUT"]
    assert [page.index(part) for part in parts] == sorted(page.index(part) for part in parts)
    assert "ANSWERED" not in page  # nothing else was
    assert "When do staff sign their agreement?\n    every year\n    to change: `signing:`" in page
    assert "Whom do hirers and guests tell" not in page
    assert "`hirer_contact:`" not in page


@pytest.mark.parametrize("slug", ["oakfield", "millbrook", "valley", "northmoor", "larkway"])
def test_the_page_fits_a_hundred_columns(slug: str) -> None:
    lines = run("list", "parameters", str(ROOT / "schools" / f"{slug}.yaml")).splitlines()
    assert [line for line in lines if len(line) > 100] == []


def test_a_post_that_nobody_holds_is_still_open(tmp_path: Path) -> None:
    page = run("list", "parameters", str(profile_at(tmp_path, "primary", "chair-of-governors")))
    assert "Nobody holds the role `chair-of-governors`: who is the chair of governors here?" in page


def test_a_trust_leaves_questions_to_its_schools() -> None:
    page = run("list", "parameters", str(ROOT / "schools" / "larkway.yaml"))
    assert "left to the schools below" in page
    assert "(records_system: larkway)" in page


def test_an_answer_for_one_clause_stands_with_the_others() -> None:
    page = run("list", "parameters", str(ROOT / "schools" / "oakfield.yaml"))
    assert "for install-permission: the Director of Digital Learning (oakfield)" in page


def test_the_list_of_documents_says_how_long_and_how_hard_each_is(tmp_path: Path) -> None:
    path = profile_at(tmp_path, "primary")
    found = {row["id"]: row for row in json.loads(run("list", "documents", str(path), "--json"))}
    policy, agreement, banner = (found[id_] for id_ in ("staff-policy", "staff-agreement", "sign-in-banner"))
    assert policy["words"] > agreement["words"] > 300
    assert policy["rules"] > agreement["rules"] > 15
    assert 0 < agreement["reading_grade"] <= agreement["grade_limit"] == 9
    assert (banner["words"], banner["reading_grade"], banner["grade_limit"]) == (None, None, None)
    assert "READING GRADE" in run("list", "documents", str(path))
    assert "READING GRADE" not in run("list", "documents")
