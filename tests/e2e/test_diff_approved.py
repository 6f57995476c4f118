"""`aupgen diff` and approval records: how each side stands, and the words that were approved as the older side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aupgen.cli.main import run
from tests.comparison.word_revisions import body_of, plain, resolved
from tests.conftest import ROOT

PROFILE = "schools/valley.yaml"
SAID = "Approved by the Full Governing Board on 24 September 2025, minute 5.3"
AWAITS = "Awaiting approval by the Full Governing Board"
Aupgen = Callable[..., tuple[int, str, str]]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The library, and Valley with its records, as the current folder."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1830000000")  # in December 2027
    for folder in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def aupgen(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Aupgen:
    def call(*arguments: str) -> tuple[int, str, str]:
        assert Path.cwd() == workspace
        with pytest.raises(SystemExit) as done:
            run(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert isinstance(done.value.code, int)
        return done.value.code, out, err

    return call


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def without_years(workspace: Path) -> None:
    """The profile of a school that keeps nothing of earlier years."""
    path = workspace / PROFILE
    path.write_text(path.read_text(encoding="utf-8").partition("\nyears:")[0] + "\n", encoding="utf-8")


def test_a_line_for_each_side_says_how_it_stands(aupgen: Aupgen) -> None:
    _, text, _ = aupgen("diff", PROFILE)
    assert text.splitlines()[1:3] == [f"2025-26: {SAID}.", f"2026-27: {AWAITS}."]
    _, markdown, _ = aupgen("diff", PROFILE, "--format", "md")
    assert f"\n\n- 2025-26: {SAID}.\n- 2026-27: {AWAITS}.\n\n" in markdown
    _, page, _ = aupgen("diff", PROFILE, "--format", "html")
    assert f"<li>2025-26: {SAID}.</li>" in page
    assert page.index(AWAITS) < page.index("<h3>For approval</h3>")


def test_programs_are_told_what_they_were_told_before(aupgen: Aupgen) -> None:
    data = json.loads(aupgen("diff", PROFILE, "--format", "json")[1])
    assert list(data) == ["profile", "from", "to", "changes"]
    approved = json.loads(aupgen("diff", PROFILE, "--approved", "--format", "json")[1])
    assert approved == data


def test_documents_that_stand_apart_are_named(workspace: Path, aupgen: Aupgen) -> None:
    edit(
        workspace / PROFILE,
        "  staff-agreement:\n    title: Staff tech",
        "  staff-agreement:\n    approver: headteacher\n    title: Staff tech",
    )
    _, out, _ = aupgen("diff", PROFILE)
    assert "\n2026-27, Staff technology agreement: Awaiting approval by the headteacher.\n" in out


def test_words_that_moved_on_since_they_were_approved_say_so(workspace: Path, aupgen: Aupgen) -> None:
    edit(workspace / "clauses" / "passwords.yaml", "pass on a password", "pass on any password")
    _, out, _ = aupgen("diff", PROFILE)
    told = " ".join(out.split())
    assert f"{AWAITS}; these are not the words that were approved ({SAID})." in told
    assert "- I will not pass on any password" in told
    _, out, _ = aupgen("diff", PROFILE, "--approved")
    told = " ".join(out.split())
    assert told.startswith(
        f"The Valley School: changes to what was approved, 2025-26 to 2026-27 2025-26: {SAID}."
    )
    assert "- I will not pass on a password" in told
    assert "pass on any password" not in told


def test_the_newest_approval_is_taken_also_one_of_this_year(workspace: Path, aupgen: Aupgen) -> None:
    aupgen("build", PROFILE)
    board = ("approve", PROFILE, "--by", "Full Governing Board", "--on", "2026-09-23")
    assert aupgen(*board)[0] == 0
    assert aupgen("diff", PROFILE, "--approved", "--exit-code")[0] == 0
    edit(workspace / PROFILE, "[email, internet, shared drives, learning platform]", "[email, internet]")
    edit(workspace / PROFILE, "reasons:\n", "reasons:\n  school_systems: The platform was given up\n")
    code, out, _ = aupgen("diff", PROFILE, "--approved", "--exit-code")
    assert code == 1
    told = " ".join(out.split())
    assert "changes to what was approved, 2026-27 Before: Approved by the Full Governing Board on 23" in told
    assert (
        "- email, internet, shared drives, learning platform + email, internet why: The platform was" in told
    )
    data = json.loads(aupgen("diff", PROFILE, "--approved", "--from", "2025-26", "--format", "json")[1])
    assert (data["from"], data["to"]) == ("2025-26", "2026-27")


def test_a_year_that_the_profile_no_longer_speaks_of(workspace: Path, aupgen: Aupgen) -> None:
    without_years(workspace)
    assert aupgen("diff", PROFILE)[1].startswith("The Valley School: first edition")
    code, out, _ = aupgen("diff", PROFILE, "--approved")
    assert code == 0
    assert f"\n2025-26: {SAID}.\n" in out
    assert "   - I will not pass on a password" in out


def test_the_redline_rejects_to_what_was_approved(workspace: Path, aupgen: Aupgen) -> None:
    edit(workspace / "clauses" / "passwords.yaml", "pass on a password", "pass on any password")
    one = ("--document", "staff-agreement")
    assert aupgen("diff", PROFILE, "--approved", "--format", "docx", *one, "--out", "red.docx")[0] == 0
    aupgen("build", PROFILE, "--approved", "--year", "2025-26", *one, "--format", "docx", "--out", "then")
    then = (workspace / "then" / "valley" / "2025-26" / "staff-agreement.docx").read_bytes()
    assert resolved((workspace / "red.docx").read_bytes(), accept=False) == plain(body_of(then))


def test_without_a_record_there_is_nothing_to_compare_with(aupgen: Aupgen) -> None:
    code, out, err = aupgen("diff", "schools/hillside.yaml", "--approved")
    assert (code, out) == (1, "")
    assert "schools/hillside.yaml:1:1: error AUP428: there is no approval record in schools/approved/h" in err
    assert "leave `--approved` out" in err
    assert (
        "AUP428: there is no approval record for 2019-20"
        in aupgen("diff", PROFILE, "--approved", "--from", "2019-20")[2]
    )
    _, _, err = aupgen("diff", PROFILE, "--approved", "--document", "visitor-agreement")
    assert "AUP428: there is no approval record of `visitor-agreement`" in err
    # one school without a record keeps no other from being shown
    code, out, _ = aupgen("diff", "schools/hillside.yaml", PROFILE, "--approved")
    assert code == 1
    assert "The Valley School: changes to what was approved" in out


def test_documents_that_nobody_approved_are_named(workspace: Path, aupgen: Aupgen) -> None:
    year = workspace / "schools" / "approved" / "valley"
    for path in year.glob("2025-26*"):
        path.unlink()
    aupgen("build", PROFILE, "--year", "2025-26")
    board = ("approve", PROFILE, "--by", "Full Governing Board", "--on", "2025-09-24", "--year", "2025-26")
    assert aupgen(*board, "--document", "staff-policy")[0] == 0
    code, out, err = aupgen("diff", PROFILE, "--approved")
    assert code == 0
    assert "note AUP428: nobody approved `staff-agreement`, `governor-agreement` for 2025-26" in err
    told = " ".join(out.split())
    assert (
        "2025-26, Policy – Staff Use of Technology: Approved by the Full Governing Board on 24 September"
        in told
    )
    assert (
        "2025-26, Staff technology agreement; Governor agreement on the use of technology: Awaiting" in told
    )


def test_one_document_is_looked_for_in_the_years_before(workspace: Path, aupgen: Aupgen) -> None:
    """The head approved the agreement a year ago, the board the policy in this one."""
    aupgen("build", PROFILE)
    board = ("approve", PROFILE, "--by", "Full Governing Board", "--on", "2026-09-23")
    assert aupgen(*board, "--document", "staff-policy")[0] == 0
    for document, year in (("staff-policy", "2026-27"), ("staff-agreement", "2025-26")):
        data = json.loads(
            aupgen("diff", PROFILE, "--approved", "--document", document, "--format", "json")[1]
        )
        assert data["from"] == year
    record = workspace / "schools" / "approved" / "valley" / "2026-27-edition-1.yaml"
    edit(record, "school: ", "school:  ")
    assert aupgen("diff", PROFILE, "--approved")[0] == 0  # a space more says the same
    edit(record, "2026-09-23", "2026-09-22")
    assert aupgen("diff", PROFILE, "--approved")[2].count("error AUP410") == 1


def test_a_damaged_record_is_told_and_nothing_is_made_up(workspace: Path, aupgen: Aupgen) -> None:
    record = workspace / "schools" / "approved" / "valley" / "2025-26-edition-1.yaml"
    edit(record, 'minute: "5.3"', 'minute: "5.4"')
    code, out, err = aupgen("diff", PROFILE, "--approved")
    assert (code, out) == (1, "")
    assert "error AUP410" in err
    code, out, err = aupgen("diff", PROFILE)
    assert code == 1
    assert "error AUP410" in err
    assert out.startswith("The Valley School: 2025-26 to 2026-27\n29 changes: ")
    edit(record, 'minute: "5.4"', 'minute: "5.3"')
    (record.parent / "2025-26-edition-1.documents.json").unlink()
    code, out, err = aupgen("diff", PROFILE, "--approved")
    assert (code, out) == (1, "")
    assert "AUP416" in err


def test_what_does_not_go_together(aupgen: Aupgen) -> None:
    assert aupgen("diff", PROFILE, "--approved", "--rev", "HEAD")[0] == 2
    assert aupgen("diff", "schools", "schools", "--approved")[0] == 2
