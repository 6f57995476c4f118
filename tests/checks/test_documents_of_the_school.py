"""What the online safety policy shows in the school's voice, in tables and in ratings, `aupgen check` knows as shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.test_command import SCHOOL
from tests.checks.workspaces import findings, library_copy

RULE = """topic: drones
title: Use of drones
clauses:
  - id: drone-rule
    owner: headteacher
    audiences: [staff, pupil-ks1]
    kind: must
    status: local
    rationale: >-
      A drone in the playground is a hazard.
    revisions:
      - since: 2018-19
        text: >-
          leave drones at home
"""
IN_A_SECTION = '{{ section("drones", title="Drones", topics=["drones"]) }}\n'
IN_A_TABLE = '{{ list_table("drones", header=["Matter", "Rules"], rows=[("Drones", ["drone-rule"])]) }}\n'


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped library, with one school that issues nothing but its staff agreement."""
    monkeypatch.chdir(tmp_path)
    library_copy(tmp_path)
    (tmp_path / "schools" / "oakfield.yaml").write_text(SCHOOL, encoding="utf-8")
    return tmp_path


def found(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str | None]]:
    return [(f["code"], f["clause"]) for f in findings(capsys)]


def add(text: str, workspace: Path, document: str) -> None:
    path = workspace / "templates" / f"{document}.md.j2"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def change(old: str, new: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("place", [IN_A_SECTION, IN_A_TABLE], ids=["section", "table"])
def test_a_rule_that_pupils_meet_in_the_voice_of_the_school_alone_needs_no_words_for_a_child(
    place: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "clauses" / "drones.yaml").write_text(RULE, encoding="utf-8")
    add(place, workspace, "online-safety-policy")
    assert found(capsys) == []
    add(IN_A_SECTION, workspace, "pupil-agreement-ks1")
    assert found(capsys) == [("AUP324", "drone-rule")]


def test_a_section_of_the_policy_that_speaks_to_the_child_needs_words_for_a_child(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "clauses" / "drones.yaml").write_text(RULE, encoding="utf-8")
    add(IN_A_SECTION.replace(") }}", ', voice="first-person") }}'), workspace, "online-safety-policy")
    assert found(capsys) == [("AUP324", "drone-rule")]


def test_clauses_in_tables_are_printed_though_no_school_issues_the_document_yet(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(capsys) == []
    policy = workspace / "templates" / "online-safety-policy.md.j2"
    change('    ("Commerce", ["risk-commerce"]),\n', "", policy)
    assert found(capsys) == [("AUP321", "risk-commerce")]


def test_a_parameter_that_chooses_a_rating_is_used(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change('"own_phone_staff"', '"acceptable"', workspace / "templates" / "_uses.md.j2")
    (finding,) = findings(capsys)
    assert finding["code"] == "AUP322"
    assert "`own_phone_staff`" in finding["message"]
