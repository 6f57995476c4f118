"""`aupgen check` as people and machines call it: what it looks at, what it prints, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from aupgen.checks.choice import Choice, word_fault
from aupgen.checks.formats import as_github
from aupgen.cli.main import run
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import Span
from tests.checks.workspaces import checked, findings, library_copy
from tests.conftest import ROOT, VALLEY

SCHOOL = """name: Oakfield Primary School
nation: england
phase: primary
policy_year: 2026-27
edition: {number: 1, date: 2026-09-01}
approver: full governing board
contacts:
  headteacher: {phone: 01632 960110, email: head@oakfield.example.org}
  chair-of-governors: {email: chair@oakfield.example.org}
  dpo: {email: dpo@oakfield.example.org}
other_roles: headteacher
parameters: {phone_free_hours: {from: 8:45, to: 15:15}}
documents: {staff-agreement: {}}
"""
MOBILE = SCHOOL.replace("01632 960110", "07700 900123")
WAIVER = """waivers:
  - code: AUP335
    reason: It is the school’s own telephone
    approver: full governing board
    until: {until}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    library_copy(tmp_path)
    (tmp_path / "schools" / "oakfield.yaml").write_text(SCHOOL, encoding="utf-8")
    return tmp_path


def school(workspace: Path, text: str, name: str = "oakfield") -> str:
    path = f"schools/{name}.yaml"
    (workspace / path).write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------ the shipped library and samples


@pytest.mark.parametrize("days", [0, 45, 100, 160, 220, 283, 284, 330, 365])
def test_the_shipped_library_and_samples_are_clean_on_any_day_of_the_next_year(
    days: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one warning is a departure that a sample is there to show; it has its reason, and asks for nothing."""
    monkeypatch.chdir(ROOT)
    day = (date(2026, 11, 22) + timedelta(days=days)).isoformat()
    code, out, err = checked(capsys, "--format", "json", day=day)
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [(f["code"], f["path"]) for f in found["findings"] if f["severity"] != "note"] == [
        ("AUP227", "schools/millbrook.yaml")
    ]
    assert {f["code"] for f in found["findings"] if f["severity"] == "note"} == {"AUP404"}
    assert "waived" not in found


# ------------------------------------------------------------------ what is looked at


def test_no_path_is_the_whole_workspace(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school(workspace, MOBILE.replace("Oakfield", "Elmfield").replace("oakfield", "elmfield"), "elmfield")
    code, out, _ = checked(capsys)
    assert code == 0
    assert "schools/elmfield.yaml:8:" in out
    assert "Checked 2 profiles" in out


def test_a_profile_alone_is_checked_without_the_others(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, MOBILE.replace("Oakfield", "Elmfield"), "elmfield")
    assert findings(capsys, "schools/oakfield.yaml") == []
    assert [f["profile"] for f in findings(capsys, "schools/elmfield.yaml")] == ["elmfield"]
    assert [f["profile"] for f in findings(capsys, "schools")] == ["elmfield"]


def test_what_a_parent_has_is_told_whatever_its_path_and_whoever_names_it_before(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, "kind: exemplar\n" + MOBILE, "elmfield")
    school(workspace, "name: Ash School\nextends: elmfield\n", "ash")
    (workspace / "here").mkdir()
    monkeypatch.chdir(workspace / "here")
    (workspace / "here" / "link").symlink_to(workspace / "schools")
    for folder in ("../schools", "link"):
        found = findings(capsys, f"{folder}/ash.yaml", f"{folder}/elmfield.yaml")
        assert ("elmfield", "AUP335") in {(f["profile"], f["code"]) for f in found}


def test_a_profile_outside_any_workspace_is_checked_with_the_library_that_came_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elmfield.yaml").write_text(MOBILE, encoding="utf-8")
    assert [(f["path"], f["code"]) for f in findings(capsys, "elmfield.yaml")] == [
        ("elmfield.yaml", "AUP335")
    ]


def test_a_clause_file_is_checked_with_all_schools_and_only_its_findings_are_told(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, MOBILE)
    path = workspace / "clauses" / "signing.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("    owner: headteacher\n", "", 1), encoding="utf-8"
    )
    (finding,) = findings(capsys, "clauses/signing.yaml")
    assert (finding["code"], finding["path"]) == ("AUP301", "clauses/signing.yaml")
    assert findings(capsys, "clauses/passwords.yaml") == []


def test_a_school_alone_is_told_of_errors_in_what_stands_behind_it(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, "kind: trust\nname: Larkway\nnation: england\nmotto: Care\n", "larkway")
    path = school(workspace, "extends: larkway\n" + SCHOOL)
    code, out, _ = checked(capsys, path)
    assert code == 1
    assert "schools/larkway.yaml:4:1: error AUP110" in out
    school(workspace, "kind: trust\nname: Larkway\nnation: england\n", "larkway")
    signing = workspace / "clauses" / "signing.yaml"
    signing.write_text(
        signing.read_text(encoding="utf-8").replace("    owner: headteacher\n", "", 1), encoding="utf-8"
    )
    assert [f["code"] for f in findings(capsys, path)] == ["AUP301"]


def test_a_path_that_is_not_there_or_is_no_file_of_ours_cannot_be_checked(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(capsys, "schools/elmfeild.yaml")[0] == 2
    (workspace / "notes.txt").write_text("notes", encoding="utf-8")
    assert checked(capsys, "notes.txt")[0] == 2


def test_faults_of_a_broken_library_and_of_its_profiles_come_in_one_run(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "clauses" / "roles.yaml").write_text("roles: [\n", encoding="utf-8")
    school(workspace, SCHOOL + "mottos: “\n  - x\n")
    code, out, _ = checked(capsys)
    assert code == 1
    assert "clauses/roles.yaml:" in out


# ------------------------------------------------------------------ formats


def test_json_has_the_promised_keys_and_nothing_else(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, MOBILE)
    code, out, err = checked(capsys, "--format", "json")
    data = json.loads(out)
    assert (code, err) == (0, "")
    assert set(data) == {"findings", "summary"}
    assert data["summary"] == {"errors": 0, "warnings": 1, "notes": 0}
    assert data["findings"] == [
        {
            "code": "AUP335",
            "severity": "warning",
            "path": "schools/oakfield.yaml",
            "line": 8,
            "column": 24,
            "message": "07700 900123 is a mobile number, and would be published as that of `headteacher`",
            "help": "give the school’s number; if it is a work phone, say so under `waivers:`",
            "clause": None,
            "profile": "oakfield",
        }
    ]


def test_annotations_name_file_and_place_and_cannot_be_broken_out_of() -> None:
    finding = Diagnostic(
        "AUP331",
        Span("schools/a,b:c.yaml", 3, 7, 9),
        "100% wrong\n::error::planted\rby a profile",
        "mend it",
        Severity.NOTE,
    )
    (line,) = as_github([finding]).split("\n")
    assert line == (
        "::notice file=schools/a%2Cb%3Ac.yaml,line=3,col=7,title=AUP331 placeholder-left"
        "::100%25 wrong%0A::error::planted%0Dby a profile%0Amend it"
    )
    assert as_github([replace(finding, severity=Severity.ERROR)]).startswith("::error file=")
    assert as_github([]) == ""


@pytest.mark.usefixtures("workspace")
def test_a_clean_workspace_prints_no_annotation(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, "--format", "github") == (0, "", "")


def test_the_order_is_the_same_whatever_the_order_of_paths(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (school(workspace, MOBILE.replace("Oakfield", n.title()), n) for n in ("elmfield", "ashfield"))
    assert checked(capsys, one, two) == checked(capsys, two, one)


def test_several_clauses_without_a_holder_are_one_finding_for_people_and_one_each_for_programs(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(
        workspace, SCHOOL.replace("other_roles: headteacher\n", "").replace("staff-agreement", "staff-policy")
    )
    every = [f for f in findings(capsys) if f["code"] == "AUP310"]
    _, out, _ = checked(capsys)
    roles = {re.search(r"holds `([a-z-]+)`", f["message"])[1] for f in every}  # type: ignore[index]
    assert len(every) > 20
    assert out.count("error AUP310") == len(roles)
    assert all(f"`{f['clause']}`" in out for f in every)


# ------------------------------------------------------------------ which findings count


def test_selecting_and_ignoring_by_code_prefix_and_name(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, MOBILE.replace("chair@oakfield.example.org", "oakfield.chair@gmail.com"))

    def codes(*options: str) -> list[str]:
        return [f["code"] for f in findings(capsys, *options)]

    assert codes() == ["AUP335", "AUP336"]
    assert codes("--select", "AUP336") == ["AUP336"]
    assert codes("--select", "AUP33") == ["AUP335", "AUP336"]
    assert codes("--select", "private-email-published") == ["AUP336"]
    assert codes("--ignore", "aup335,AUP1") == ["AUP336"]
    assert codes("--select", "AUP335", "--ignore", "AUP33") == ["AUP335"]
    assert codes("--select", "AUP3", "--ignore", "personal-mobile-published") == ["AUP336"]


@pytest.mark.usefixtures("workspace")
def test_a_word_that_means_no_finding_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = checked(capsys, "--select", "private-email-publishd")
    assert (code, out) == (2, "")
    assert "did you mean `private-email-published`?" in err
    assert word_fault("AUP9") is not None
    assert Choice(select=("AUP1",)).keeps(Diagnostic("AUP335", Span("x"), "x")) is False


def test_warnings_fail_only_when_strict(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school(workspace, MOBILE)
    assert checked(capsys)[0] == 0
    assert checked(capsys, "--strict")[0] == 1
    school(workspace, SCHOOL.replace("2026-27", "2025-26").replace("2026-09-01", "2025-09-01"))
    assert checked(capsys, "--strict")[0] == 0, "a note fails nothing"


def test_the_workspace_has_settings_of_its_own(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school(workspace, MOBILE)
    settings = workspace / "aupgen.yaml"
    settings.write_text("check:\n  ignore: [AUP335]\n", encoding="utf-8")
    assert findings(capsys) == []
    settings.write_text("check:\n  strict: true\n", encoding="utf-8")
    assert checked(capsys)[0] == 1
    settings.write_text("check:\n  select: [AUP331]\n", encoding="utf-8")
    assert findings(capsys) == []
    assert len(findings(capsys, "--select", "AUP335")) == 1, "the command line goes before the file"


def test_faults_in_the_settings_have_their_place(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "aupgen.yaml").write_text("check:\n  ignore: [AUP999]\n  strikt: yes\n", encoding="utf-8")
    found = [(f["path"], f["line"], f["column"], f["code"]) for f in findings(capsys)]
    assert found == [("aupgen.yaml", 3, 3, "AUP110")]
    (workspace / "aupgen.yaml").write_text("check:\n  ignore: [AUP999]\n", encoding="utf-8")
    assert [(f["line"], f["column"], f["code"]) for f in findings(capsys)] == [(2, 12, "AUP113")]


# ------------------------------------------------------------------ waivers and days


def test_a_waiver_holds_its_finding_until_its_last_day_and_stands_in_the_summary(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, MOBILE + WAIVER.format(until="2027-03"))
    code, out, _ = checked(capsys, "--strict", day="2027-03-31")
    assert code == 0
    assert "Waived until 2027-03: AUP335 at schools/oakfield.yaml:8; full governing board allowed it" in out
    _, text, _ = checked(capsys, "--format", "json", day="2027-03-31")
    (waived,) = json.loads(text)["waived"]
    assert (waived["code"], waived["until"], waived["approver"]) == (
        "AUP335",
        "2027-03",
        "full governing board",
    )
    after = findings(capsys, day="2027-04-01")
    assert {f["code"] for f in after} == {"AUP335", "AUP406"}


def test_a_day_alone_never_turns_a_check_red(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even where a waiver held an error: it comes back as a warning."""
    text = SCHOOL.replace("headteacher: {", "headteacher: {name: Joan Alder, ").replace(
        "dpo: {", "dpo: {name: Joan Alder, "
    )
    school(workspace, text)
    assert checked(capsys)[0] == 1
    school(
        workspace,
        text + WAIVER.format(until="2026-12-31").replace("AUP335", "AUP312") + "review_by: 2026-12\n",
    )
    for day in ("2026-11-22", "2027-01-01", "2035-01-01"):
        assert checked(capsys, day=day)[0] == 0
    assert "warning AUP312" in checked(capsys, day="2027-01-01")[1]


def test_words_that_changed_since_their_approval_are_a_warning(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = VALLEY.read_text(encoding="utf-8")
    shutil.copytree(ROOT / "schools" / "approved", workspace / "schools" / "approved")
    path = school(workspace, text, "valley")
    assert [f["code"] for f in findings(capsys, path)] == ["AUP404"]
    school(workspace, text.replace("    from: 8:30\n", "    from: 8:20\n"), "valley")
    (changed,) = [f for f in findings(capsys, path) if f["code"] != "AUP404"]
    assert (changed["code"], changed["severity"]) == ("AUP411", "warning")
    assert checked(capsys, path)[0] == 0


def test_a_waiver_for_one_clause_leaves_the_others(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clause = """  - id: {id}
    topic: mobile-phones
    owner: headteacher
    audiences: [staff]
    kind: statement
    essential: [staff-agreement]
    rationale: Our governors asked for it.
    text: we will search any {what} that is brought on site
"""
    local = (
        "local_clauses:\n" + clause.format(id="one", what="device") + clause.format(id="two", what="phone")
    )
    waiver = WAIVER.format(until="2027-07-31").replace("AUP335", "AUP344\n    clause: one")
    school(workspace, SCHOOL + local + waiver)
    assert [f["clause"] for f in findings(capsys)] == ["two"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("AUP335", "AUP3355", (15, 11, "AUP113")),
        ("AUP335", "AUP999", (15, 11, "AUP113")),
        ("    approver: full governing board\n    until", "    until", (14, 1, "AUP111")),
        ("2027-07-31", "31/07/2027", (18, 12, "AUP113")),
    ],
)
def test_a_waiver_is_a_whole_record(
    old: str, new: str, place: tuple[int, int, str], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(workspace, MOBILE + WAIVER.format(until="2027-07-31").replace(old, new))
    found = [(f["line"], f["column"], f["code"]) for f in findings(capsys) if f["severity"] == "error"]
    assert [code for _, _, code in found] == [place[2]]
    assert found[0][0] in (place[0], place[0] + 1)


def test_the_day_comes_from_the_option_then_from_the_environment(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    school(workspace, SCHOOL + "review_by: 2030-01-01\n")
    assert findings(capsys, day="2030-01-01") == []
    assert [f["code"] for f in findings(capsys, day="2030-01-02")] == ["AUP403"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")  # in March 2030
    with pytest.raises(SystemExit) as stop:
        run(["check", "--strict"])
    assert stop.value.code == 1
    assert "AUP403" in capsys.readouterr().out
    assert checked(capsys, day="22/11/2026")[0] == 2


def test_nothing_is_written(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: os.stat(path).st_mtime_ns for path in workspace.rglob("*")}
    checked(capsys)
    assert {path: os.stat(path).st_mtime_ns for path in workspace.rglob("*")} == before
