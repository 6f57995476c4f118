"""What the pages quote is what the tool prints."""

from __future__ import annotations

import re

import pytest

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


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"
