"""What the pages quote is what the tool prints."""

from __future__ import annotations

import re

import pytest

from aupgen.cli.main import run
from aupgen.policy.change import RULE, Consequence
from tests.conftest import ROOT

COOKBOOK = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("school", "document"),
    [
        ("Valley", "staff-policy"),
        ("Hillside", "staff-policy"),
        ("Harbour", "staff-agreement"),
        ("Southend", "staff-agreement"),
    ],
)
def test_the_cookbook_quotes_the_samples_as_they_are_built(school: str, document: str) -> None:
    case = next(part for part in re.split(r"^## ", COOKBOOK, flags=re.M) if part.startswith(school))
    quoted = [
        line.removeprefix(">").strip().lstrip("#").strip()
        for line in case.splitlines()
        if line.startswith(">")
    ]
    built = (ROOT / "tests" / "golden" / school.lower() / f"{document}.md").read_text(encoding="utf-8")
    lines = {line.lstrip("#").strip() for line in built.splitlines()}
    assert len([line for line in quoted if line]) >= 2
    assert [line for line in quoted if line and line != "…" and line not in lines] == []


def test_the_page_on_changes_quotes_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "what-changed.md").read_text(encoding="utf-8")
    quoted = page.split("```text\n", 1)[1].split("```", 1)[0]
    with pytest.raises(SystemExit):
        run(["diff", str(ROOT / "schools" / "oakfield.yaml")])
    printed = [line.lstrip("1234567890") for line in capsys.readouterr().out.splitlines()]
    assert [
        line for line in quoted.splitlines() if line != "…" and line.lstrip("1234567890") not in printed
    ] == []


def test_the_page_on_changes_quotes_the_papers(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "what-changed.md").read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in re.findall(r"```md\n(.*?)```", page, re.S)]
    commands = (
        "schools/valley.yaml --document governors-paper",
        "schools/oakfield.yaml --document changes-for-staff",
    )
    for command, quoted in zip(commands, blocks, strict=True):
        assert f"aupgen diff {command}" in page
        school, *others = command.split()
        with pytest.raises(SystemExit):
            run(["diff", str(ROOT / school), *others, "--format", "md"])
        printed = capsys.readouterr().out.splitlines()
        assert len([line for line in quoted if line]) > 1
        assert [line for line in quoted if line not in ("", "…") and line not in printed] == []


def test_the_page_on_changes_quotes_how_valley_stands(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "what-changed.md").read_text(encoding="utf-8")
    quoted = [line.removeprefix("> ").removesuffix("<br>") for line in page.splitlines() if line[:1] == ">"]
    with pytest.raises(SystemExit):
        run(["diff", str(ROOT / "schools" / "valley.yaml")])
    assert capsys.readouterr().out.splitlines()[:3] == quoted


def test_the_page_on_changes_has_the_rule_that_is_kept() -> None:
    page = (ROOT / "docs" / "what-changed.md").read_text(encoding="utf-8")
    table = page.split("| kind | what it is", 1)[1].split("\n\n", 1)[0]
    told: dict[str, Consequence] = {}
    answers = {
        ("yes", "yes"): Consequence.APPROVE_AND_SIGN, ("yes", "no"): Consequence.APPROVE, ("no", "no"): Consequence.NOTHING,
    }  # fmt: skip
    for line in table.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        kinds = re.findall(r"`([a-z]+)`", cells[0])
        for kind in kinds[-1:] if "editorial" in kinds else kinds:
            told[kind] = answers[cells[3], cells[4]]
    assert told == dict(RULE)


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"
