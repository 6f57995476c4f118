"""`aupgen diff` in every form it takes, on the samples and on a workspace with a history."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from aupgen.cli.main import run
from tests.conftest import ROOT

OAKFIELD = str(ROOT / "schools" / "oakfield.yaml")
Diff = Callable[..., tuple[int, str, str]]


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Diff:
    """Run `aupgen diff` in an empty folder; its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, command: str = "diff") -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            run([command, *map(str, arguments)])
        out, err = capsys.readouterr()
        code = done.value.code
        assert isinstance(code, int)
        assert "Traceback" not in err
        return code, out, err

    return call


def test_this_year_against_the_one_before(diff: Diff) -> None:
    code, out, _ = diff(OAKFIELD)
    assert code == 0
    assert re.match(r"Oakfield School: 2025-26 to 2026-27\n[0-9]+ changes: ", out)
    assert "\nFor approval\n\n1. " in out
    assert ". Reworded: Passwords and systems [password-private]\n" in out
    assert "   - I will not pass on a password" in out
    assert "   + I will not share my passwords" in out
    assert "   why: Passkeys and sign-in codes are now used beside passwords\n" in out
    assert "   answers for it: trust IT service desk [network-manager]\n   to sign again: staff\n" in out


def test_exit_code_says_whether_anything_changed(diff: Diff) -> None:
    assert diff(OAKFIELD, "--exit-code")[0] == 1
    assert diff(OAKFIELD, "--from", "2026-27", "--to", "2026-27", "--exit-code")[0] == 0


def test_json_of_one_profile_and_of_several(diff: Diff) -> None:
    one = json.loads(diff(OAKFIELD, "--format", "json")[1])
    assert (one["profile"], one["from"], one["to"]) == ("oakfield", "2025-26", "2026-27")
    assert {change["kind"] for change in one["changes"]} == {
        *("added", "removed", "reworded", "parameter", "contact", "document", "structure")
    }
    valley, hillside = (str(ROOT / "schools" / f"{name}.yaml") for name in ("valley", "hillside"))
    several = json.loads(diff(OAKFIELD, valley, hillside, "--format", "json")[1])
    assert [entry["profile"] for entry in several] == ["oakfield", "valley", "hillside"]
    assert several[0] == one


def test_nobody_signs_again_who_has_nothing_to_sign(diff: Diff) -> None:
    """The policy speaks of pupils of all ages, and Oakfield has an agreement for the older ones alone."""
    changes = json.loads(diff(OAKFIELD, "--format", "json")[1])["changes"]
    about_phones = next(c for c in changes if c["parameter"] == "pupil_phone_rule")
    assert {"pupil-ks1", "pupil-ks3"} <= set(about_phones["audiences"])
    assert "pupil-ks3" in about_phones["resign"]
    assert not {"pupil-ks1", "pupil-ks2", "school"} & {a for c in changes for a in c["resign"]}
    trelawnyd = json.loads(diff(ROOT / "schools" / "trelawnyd.yaml", "--format", "json")[1])["changes"]
    assert "school" not in {audience for change in trelawnyd for audience in change["resign"]}


def test_a_first_edition_says_so(diff: Diff) -> None:
    code, out, _ = diff(ROOT / "schools" / "hillside.yaml")
    assert code == 0
    assert out.startswith(
        "Hillside School: first edition, 2018-19\nThere is no earlier edition to compare with"
    )
    data = json.loads(diff(ROOT / "schools" / "hillside.yaml", "--format", "json")[1])
    assert data["from"] is None
    assert {change["kind"] for change in data["changes"]} == {"document"}


def test_a_year_that_the_profile_says_nothing_of_is_a_fault_at_its_line(diff: Diff) -> None:
    code, out, err = diff(OAKFIELD, "--from", "2019-20")
    assert (code, out) == (1, "")
    assert "oakfield.yaml:" in err
    assert "AUP401" in err


def test_a_school_against_its_exemplar(diff: Diff) -> None:
    code, out, _ = diff(ROOT / "schools" / "southend.yaml", ROOT / "schools" / "harbour.yaml")
    assert code == 0
    assert out.startswith("Harbour School: changes against Southend on Sea, 2018-19 to 2024-25\n")


def test_one_document_alone(diff: Diff) -> None:
    data = json.loads(diff(OAKFIELD, "--document", "governor-agreement", "--format", "json")[1])
    assert {tuple(change["documents"]) for change in data["changes"]} == {("governor-agreement",)}
    assert diff(OAKFIELD, "--document", "governor-agrement")[0] == 2


UNKNOWN_TO_FOLDERS = {
    *("data-off-site-authorised", "data-taken-off-site", "data-opened-remotely"),
    *("staff-phone-out-of-sight", "staff-phone-not-before-pupils", "personal-phone-away"),
    *("pupil-phone-storage", "contract-term"),
    *("devices-pupils-off-on-arrival", "parents-support", "staff-sign"),
}
"""A folder does not say which clauses took the place of which, which answer picked or dropped a wording, nor which
words name another document."""


@pytest.mark.parametrize("format_", ["text", "json", "md"])
def test_many_schools_read_the_same_however_many_processes_compare_them(format_: str, tmp_path: Path) -> None:
    """In the same order, with the same findings, each once; among them schools that cannot be compared."""
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    schools = tmp_path / "schools"
    text = (schools / "oakfield.yaml").read_text(encoding="utf-8")
    for number in range(24):
        own = text.replace("name: Oakfield School", f"name: Oakfield School {number}")
        if number in (3, 17):
            own = own.replace("phase:", "phase: no such phase\nfaze:")
        (schools / f"school-{number:02d}.yaml").write_text(own, encoding="utf-8")
    with (schools / "larkway.yaml").open("a", encoding="utf-8") as parent:
        parent.write("departures: {no-such-lock: It is above all of them}\n")
    paths = [f"schools/school-{number:02d}.yaml" for number in range(24)]

    def compared(jobs: int) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "aupgen", "diff", *paths, "--format", format_, "--jobs", str(jobs)],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    alone = compared(1)
    assert alone[0] == 1
    assert alone[2].count("AUP113") == 2
    assert alone[2].count("no-such-lock") >= 1
    assert compared(3) == alone


def test_two_built_folders(diff: Diff, tmp_path: Path) -> None:
    for year in ("2025-26", "2026-27"):
        assert diff(OAKFIELD, "--year", year, "--format", "md", command="build")[0] == 0
    old, new = (tmp_path / "build" / "oakfield" / year for year in ("2025-26", "2026-27"))
    data = json.loads(diff(old, new, "--format", "json")[1])
    assert (data["profile"], data["from"], data["to"]) == ("oakfield", "2025-26", "2026-27")
    from_source = json.loads(diff(OAKFIELD, "--format", "json")[1])
    keys = ("kind", "clause", "parameter", "documents", "why", "material", "needs_approval")

    def told(data: dict[str, list[dict[str, object]]]) -> list[tuple[str, ...]]:
        clauses = (
            change
            for change in data["changes"]
            if change["kind"] in ("added", "removed", "reworded")
            and change["clause"] not in UNKNOWN_TO_FOLDERS
        )
        return sorted(tuple(str(change[key]) for key in keys) for change in clauses)

    assert told(data) == told(from_source)
    assert len(told(data)) >= 10
    assert diff(old, old, "--exit-code")[0] == 0


def test_folders_that_cannot_be_compared(diff: Diff, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = diff(tmp_path / "empty", tmp_path / "empty")
    assert code == 1
    assert "empty:1:1: error AUP421: there is no `manifest.json` of a build in this folder" in err
    assert diff(tmp_path / "empty", OAKFIELD)[0] == 2
    diff(OAKFIELD, "--format", "md", command="build")
    built = tmp_path / "build" / "oakfield" / "2026-27"
    assert "AUP421" in diff(built, built, "--format", "docx")[2]


def test_tracked_changes_for_word(diff: Diff, tmp_path: Path) -> None:
    code, out, err = diff(OAKFIELD, "--format", "docx", "--author", "Clerk", "--date", "2026-07-01")
    assert code == 0
    written = [tmp_path / line for line in out.splitlines()]
    assert written
    assert all(path.is_relative_to(tmp_path / "changes" / "oakfield" / "2026-27") for path in written)
    assert "nothing has changed in `device-loan`" in err
    with zipfile.ZipFile(next(path for path in written if "governor" in path.name)) as package:
        body, comments = (package.read(f"word/{name}.xml").decode() for name in ("document", "comments"))
    assert 'w:author="Clerk" w:date="2026-07-01T00:00:00Z"' in body
    assert "Why: Passkeys are now offered beside other second steps" in comments
    assert "Answers for it: trust IT service desk" in comments
    assert re.search("For approval; to sign again: [a-z, ]*governors", comments)
    one = tmp_path / "one.docx"
    assert diff(OAKFIELD, "--format", "docx", "--document", "staff-policy", "--out", one)[0] == 0
    assert zipfile.is_zipfile(one)


def test_a_web_page_marks_changes_for_eye_and_ear_and_loads_nothing(diff: Diff, tmp_path: Path) -> None:
    code, out, _ = diff(OAKFIELD, "--format", "html", "--out", "page.html")
    assert (code, out) == (0, "")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<ins><span class="spoken">[new: </span>, or a passkey,<span class="spoken">]</span></ins>' in page
    assert "default-src 'none'" in page
    assert page.count("<h1>") == 1
    assert not any(loads in page for loads in ("<script", "src=", "@import", "url("))


def test_what_a_profile_says_cannot_break_a_page(diff: Diff, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> *a* {{ 7*7 }}"
    text = Path(OAKFIELD).read_text(encoding="utf-8")
    assert "name: Oakfield School\n" in text
    for folder in ("clauses", "schools", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    school = tmp_path / "schools" / "oakfield.yaml"
    changed = text.replace("name: Oakfield School\n", f'name: "{hostile}"\n')
    assert "games_pupils: A games club meets on Fridays" in changed
    reasoned = changed.replace("A games club meets on Fridays", f'"{hostile}"')
    school.write_text(reasoned, encoding="utf-8")
    page, markdown, plain = (diff(school, "--format", form)[1] for form in ("html", "md", "text"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert r"\<script" in markdown
    assert r"\*a\*" in markdown
    assert hostile in plain
    assert f"why: {hostile}" in plain


# ------------------------------------------------------------------ against a git revision


@pytest.fixture
def workspace(tmp_path: Path, tool: Callable[[str], str]) -> Path:
    """A workspace under git whose first state is the samples."""
    git = tool("git")
    root = tmp_path / "workspace"
    root.mkdir()
    for folder in ("clauses", "schools", "templates"):
        shutil.copytree(ROOT / folder, root / folder)
    _git(git, root, "init", "--quiet")
    _git(git, root, "add", "-A")
    _commit(git, root)
    return root


def _git(git: str, root: Path, *arguments: str) -> None:
    subprocess.run([git, "-C", str(root), *arguments], check=True, capture_output=True)


def _commit(git: str, root: Path) -> None:
    names = ("-c", "user.name=Sam", "-c", "user.email=sam@example.org", "-c", "commit.gpgsign=false")
    _git(git, root, *names, "commit", "--quiet", "-m", "State")


def test_a_pull_request_over_two_schools(diff: Diff, workspace: Path) -> None:
    clauses = workspace / "clauses" / "passwords.yaml"
    text = clauses.read_text(encoding="utf-8")
    assert "owner: network-manager" in text
    clauses.write_text(text.replace("owner: network-manager", "owner: dsl", 1), encoding="utf-8")
    schools = [workspace / "schools" / f"{name}.yaml" for name in ("oakfield", "valley")]
    code, out, _ = diff(*schools, "--rev", "HEAD", "--format", "md")
    assert code == 0
    assert "## Oakfield School: changes against HEAD, 2026-27" in out
    assert "## The Valley School: changes against HEAD, 2026-27" in out
    assert out.count("**Changed owner: ") >= 2
    awaits = "Awaiting approval by the Full Governing Board"
    assert "HEAD: Approved" not in out
    assert awaits not in out  # no record is about 2026-27
    data = json.loads(diff(*schools, "--rev", "HEAD", "--format", "json")[1])
    assert {change["kind"] for entry in data for change in entry["changes"]} == {"owner"}


def test_a_file_that_was_renamed_and_a_school_that_is_new(
    diff: Diff, workspace: Path, tool: Callable[[str], str]
) -> None:
    schools, git = workspace / "schools", tool("git")
    text = (schools / "valley.yaml").read_text(encoding="utf-8")
    (schools / "valley.yaml").rename(schools / "the-valley.yaml")
    (schools / "the-valley.yaml").write_text(
        text.replace("The Valley School", "Valley Academy"), encoding="utf-8"
    )
    _git(git, workspace, "add", "-A")
    renamed = json.loads(diff(schools / "the-valley.yaml", "--rev", "HEAD", "--format", "json")[1])
    assert [(c["kind"], c["old"], c["new"]) for c in renamed["changes"]] == [
        ("structure", "The Valley School", "Valley Academy")
    ]
    (schools / "hill.yaml").write_text(text.replace("The Valley School", "Hill School"), encoding="utf-8")
    code, out, _ = diff(schools / "hill.yaml", "--rev", "HEAD")
    assert code == 0
    assert out.startswith("Hill School: first edition")


def test_the_working_tree_is_left_alone_and_a_wrong_revision_is_told(diff: Diff, workspace: Path) -> None:
    school = workspace / "schools" / "valley.yaml"
    school.write_text(school.read_text(encoding="utf-8") + "\n# a note\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    assert diff(school, "--rev", "HEAD", "--exit-code")[0] == 0
    assert {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()} == before
    for wrong in ("no-such-branch", "--output=x", "HEAD:schools"):
        code, out, err = diff(school, f"--rev={wrong}")
        assert (code, out) == (2, "")
        assert f"git knows no revision `{wrong}`" in err


def test_both_states_say_how_they_stood(diff: Diff, workspace: Path, tool: Callable[[str], str]) -> None:
    school, git = workspace / "schools" / "valley.yaml", tool("git")
    record = workspace / "schools" / "approved" / "valley" / "2025-26-edition-1.yaml"
    arguments = (school, "--rev", "HEAD", "--from", "2025-26", "--to", "2025-26")
    said = "Approved by the Full Governing Board on 24 September 2025, minute 5.3."
    _, out, _ = diff(*arguments)
    assert out.splitlines()[1:3] == [f"HEAD: {said}", f"The Valley School: {said}"]
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace('minute: "5.3"', 'minute: "5.4"'), encoding="utf-8")
    assert "AUP410" in diff(*arguments)[2]
    _git(git, workspace, "add", "-A")
    _commit(git, workspace)
    record.write_text(text, encoding="utf-8")
    code, out, err = diff(*arguments)  # a record that was damaged once is whole again
    assert (code, err) == (0, "")
    assert out.splitlines()[1:3] == [f"The Valley School: {said}", "Nothing has changed."]


def test_faults_of_the_old_state_are_told_with_the_revision(
    diff: Diff, workspace: Path, tool: Callable[[str], str]
) -> None:
    school, git = workspace / "schools" / "valley.yaml", tool("git")
    text = school.read_text(encoding="utf-8")
    school.write_text(text.replace("phase: special", "phase: speciall"), encoding="utf-8")
    _git(git, workspace, "add", "-A")
    _commit(git, workspace)
    school.write_text(text, encoding="utf-8")
    code, _, err = diff(school, "--rev", "HEAD")
    assert code == 1
    assert re.search(r"^HEAD:schools/valley\.yaml:[0-9]+:8: error AUP113", err, re.M)
