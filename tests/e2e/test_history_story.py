"""The story of docs/school-history.md, told by running it: its commands, and its tables against the built documents.

Blocks are read as in `test_layers_story`; YAML stands in Valley's profile as it is quoted.
"""

from __future__ import annotations

import re
import shlex
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from aupgen.library.compiled import Library
from aupgen.policy.year import PolicyYear
from tests.conftest import ROOT, sample
from tests.e2e.test_layers_story import aupgen, matches

PAGE = (ROOT / "docs" / "school-history.md").read_text(encoding="utf-8")
PROFILE = ROOT / "schools" / "valley.yaml"
YEARS = ("2018-19", "2024-25", "2025-26", "2026-27")

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_STEP = re.compile(r"^### From (\S+) to (\S+)\n(.*?)(?=^#)", re.M | re.S)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library and Valley with its records, and each year of it built as Markdown."""
    folder = tmp_path_factory.mktemp("history")
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, folder / name)
    for year in YEARS:
        done = aupgen(
            folder, "build", "schools/valley.yaml", "--year", year, "--format", "md", "--out", "all"
        )
        assert (done.returncode, "AUP" in done.stdout) == (0, False), done.stdout
    return folder


def policy(workspace: Path, year: str) -> list[str]:
    """The lines of the staff policy without its appendix, without the marks of a list and of headings."""
    text = (workspace / "all" / "valley" / year / "staff-policy.md").read_text(encoding="utf-8")
    return [re.sub(r"^(?:- |#+ )", "", line) for line in text.partition("## Appendix 1")[0].splitlines()]


def cells(table: str) -> list[list[str]]:
    rows = [line.strip("| \n").split(" | ") for line in table.splitlines() if line.startswith("|")]
    return rows[2:]


def reasons(library: Library) -> set[str]:
    """Every reason that the library or Valley gives for anything."""
    found = {r.why for c in library.clauses.values() for r in c.revisions}
    found |= {c.rationale for c in library.clauses.values()}
    for year in YEARS:
        profile = sample("valley", PolicyYear.parse(year))
        found |= {choice.reason for choice in profile.clause_choices.values()}
        found |= {why for given in profile.reasons.values() for _, why in given}
        found |= {clause.rationale for clause in profile.local_clauses} | {profile.edition.reason}
    return {reason.removesuffix(".") for reason in found}


def test_the_commands_print_what_the_page_says(workspace: Path) -> None:
    printed = ""
    for language, text in _BLOCK.findall(PAGE):
        if language == "sh":
            done = aupgen(workspace, *shlex.split(text)[1:])
            printed = done.stdout
            assert done.returncode == 0, printed
        elif language == "text":
            assert matches(text, printed), printed
        else:
            assert language == "yaml"
            assert text in PROFILE.read_text(encoding="utf-8")


def test_each_year_is_approved_as_the_page_says(workspace: Path) -> None:
    rows = dict(cells(PAGE.partition("### From")[0]))
    assert tuple(rows) == YEARS
    for year, approval in rows.items():
        assert any(matches(approval, line) for line in policy(workspace, year)), year


@pytest.mark.parametrize(("old", "new", "part"), _STEP.findall(PAGE + "#"))
def test_what_changed_is_so_in_the_documents(
    old: str, new: str, part: str, workspace: Path, library: Library
) -> None:
    before, after, known = policy(workspace, old), policy(workspace, new), reasons(library)
    rows = cells(part)
    assert len(rows) >= 8
    for _, was, is_, why in rows:
        assert was == "–" or (was in before and was not in after), was
        assert is_ == "–" or (is_ in after and is_ not in before), is_
        assert why in known, why


def test_no_step_of_the_history_is_left_out() -> None:
    assert [(old, new) for old, new, _ in _STEP.findall(PAGE + "#")] == list(pairwise(YEARS))


def test_a_rule_moved_to_another_heading(workspace: Path) -> None:
    headings = []
    for year in YEARS[2:]:
        text = (workspace / "all" / "valley" / year / "staff-policy.md").read_text(encoding="utf-8")
        (before, _) = text.split("\n- tell the Network Manager straight away")
        headings.append(re.findall(r"^#+ (.+)$", before, flags=re.M)[-1])
    assert headings == ["School equipment", "When something is wrong"]


@pytest.mark.parametrize("year", YEARS[:3])
def test_the_approved_words_of_each_year_are_written_again(year: str, workspace: Path) -> None:
    """From the record alone they are, byte for byte, what the profile and the library give for that year."""
    done = aupgen(
        workspace,
        "build",
        "schools/valley.yaml",
        "--approved",
        "--year",
        year,
        "--format",
        "md",
        "--out",
        "again",
    )
    assert done.returncode == 0, done.stdout
    once, again = (workspace / out / "valley" / year for out in ("all", "again"))
    names = sorted(path.name for path in once.glob("*.md"))
    assert names == sorted(path.name for path in again.glob("*.md"))
    for name in names:
        assert (once / name).read_bytes() == (again / name).read_bytes(), name


def test_the_approved_words_outlive_a_change_of_the_library(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path, dirs_exist_ok=True)
    topic = tmp_path / "clauses" / "passwords.yaml"
    topic.write_text(topic.read_text(encoding="utf-8").replace("second step", "third step"), encoding="utf-8")
    for year in YEARS[1:3]:
        arguments = ("build", "schools/valley.yaml", "--year", year, "--format", "md", "--out", "later")
        assert "AUP411" in aupgen(tmp_path, *arguments).stdout
        assert aupgen(tmp_path, *arguments, "--approved").returncode == 0
        once, again = (tmp_path / out / "valley" / year / "staff-policy.md" for out in ("all", "later"))
        assert once.read_bytes() == again.read_bytes()
