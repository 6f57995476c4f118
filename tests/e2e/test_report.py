"""`aupgen report` over the sample authority and its trust: what an adviser sees, and what is kept from the page."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path

import pytest

from aupgen.board.school import Call, Departed, Stand
from aupgen.cli.main import run
from tests.conftest import ROOT, VALLEY

DAY = "2026-11-22"
SCHOOLS = ("ashdene", "millbrook", "oakfield", "saltmarsh", "valley")
ROSTER = """name,slug,headteacher
Ashdene School,ashdene,Ada Secret
Eastgate Primary School,eastgate,Bo Secret
Millbrook Primary School,millbrook,
Oakfield School,oakfield,
Saltmarsh Academy,saltmarsh,
The Valley School,valley,
"""
REASON = "Miriam Castell and Mr Oduya agreed; ask oakfield.data@example.org or 01632 960211, on 2026-06-09"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped workspace, with a school that changed a clause, one with a slip, and one that has an old post free."""
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    edit(
        tmp_path,
        "oakfield",
        "\nclauses:\n",
        f'\nclauses:\n  private-profiles: {{use: false, reason: "{REASON}"}}\n',
    )
    shutil.copy(VALLEY, tmp_path / "schools" / "valley.yaml")
    edit(tmp_path, "ashdene", "phase:", "phaze:")
    edit(tmp_path, "saltmarsh", "other_roles: headteacher\n", "")
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(workspace: Path, slug: str, old: str, new: str) -> None:
    path = workspace / "schools" / f"{slug}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def report(
    capsys: pytest.CaptureFixture[str], *arguments: str, schools: tuple[str, ...] = SCHOOLS
) -> tuple[int, str, str]:
    capsys.readouterr()
    paths = [f"schools/{slug}.yaml" for slug in schools]
    with pytest.raises(SystemExit) as stop:
        run(["report", *paths, "--out", "board", "--date", DAY, *arguments])
    printed = capsys.readouterr()
    assert "internal error" not in printed.err, printed.err
    assert isinstance(stop.value.code, int)
    return stop.value.code, printed.out, printed.err


def rows(workspace: Path) -> dict[str, dict[str, str]]:
    text = (workspace / "board" / "schools.csv").read_text(encoding="utf-8-sig")
    return {row["slug"]: row for row in csv.DictReader(io.StringIO(text))}


def test_the_board_of_an_authority(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = report(capsys, "--roster", "roster.csv")
    sentence = (
        "3 of 6 schools are on 2026-27, 1 on an older year, 1 with a profile that cannot be read, "
        "1 not heard from."
    )
    assert out.splitlines() == [sentence, "  board/index.html", "  board/schools.csv"]
    assert code == 1
    assert "schools/ashdene.yaml:5:1: error AUP110" in err
    page = (workspace / "board" / "index.html").read_text(encoding="utf-8")
    assert sentence in page
    board = rows(workspace)
    assert list(board) == ["eastgate", "ashdene", "saltmarsh", "millbrook", "oakfield", "valley"]
    assert {slug: row["needs_call"].split("; ")[0] for slug, row in board.items()} == {
        "eastgate": "not-heard-from",
        "ashdene": "errors-stop-build",
        "saltmarsh": "role-unfilled",
        "millbrook": "not-approved",
        "oakfield": "not-approved",
        "valley": "review-overdue",
    }
    assert board["saltmarsh"]["roles_unfilled"].startswith("deputy head; ")
    assert board["ashdene"]["findings"] == "AUP110 × 1"
    valley = board["valley"]
    assert (valley["policy_year"], valley["edition"], valley["approval"]) == ("2018-19", "1", "approved")
    assert (valley["approved_by"], valley["approved_on"], valley["minute"]) == (
        "Full Governing Board", "2019-03-20", "7.2",
    )  # fmt: skip
    assert (valley["review_by"], valley["review_overdue"]) == ("2019-08-31", "yes")
    assert board["oakfield"]["clauses_off"].startswith("private-profiles (")
    assert "larkway-check-first" in board["oakfield"]["clauses_added"]
    assert "by its trust" in page


def test_no_person_is_on_the_board(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    every = tuple(path.stem for path in sorted((workspace / "schools").glob("*.yaml")))
    report(capsys, "--roster", "roster.csv", schools=every)
    written = "".join(
        (workspace / "board" / name).read_text(encoding="utf-8")
        for name in ("index.html", "schools.csv", "manifest.json")
    )
    sources = "".join(path.read_text(encoding="utf-8") for path in (workspace / "schools").glob("*.yaml"))
    names = set(re.findall(r"\bname: ([A-Z][^\n,}]+)", sources.replace("\nname: ", "\n")))
    names |= {"Ada Secret", "Bo Secret", "Miriam Castell", "Oduya"}
    assert len(names) > 20
    assert [name for name in sorted(names) if name in written] == []
    assert "@" not in re.sub(r"<style>.*?</style>", "", written, flags=re.S)
    assert not re.search(r"0\d{3,4}[ )]*\d{5,6}|01632", written)
    assert "[…] and […] agreed; ask […] or […], on 2026-06-09" in written


def test_words_changed_since_their_approval_are_told(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(
        workspace,
        "valley",
        "\nclauses:\n",
        "\nclauses:\n  private-profiles: {use: false, reason: Not for us}\n",
    )
    report(capsys, schools=("valley",))
    row = rows(workspace)["valley"]
    assert row["approval"] == "changed"
    assert row["needs_call"].startswith("changed-since-approval")
    assert row["approved_on"] == "2019-03-20"


def put_off(clause: str, pack: str = "2026-27, edition 2", choice: str = "later") -> str:
    return f"decided:\n  {clause}: {{choice: {choice}, pack: '{pack}', fingerprint: 0123456789ab}}\n"


def test_who_put_a_decision_off_is_shown_with_the_rules_and_called(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A school's own, one of the trust above some, one that is settled, and one that a waiver holds for now."""
    edit(workspace, "millbrook", "phase:", put_off("copyright", "Ring Mrs Penn") + "phase:")
    edit(workspace, "larkway", "parameters:", put_off("no-harmful-content") + "parameters:")
    edit(workspace, "trelawnyd", "phase:", put_off("copyright", choice="keep") + "phase:")
    waiver = "waivers:\n  - {code: AUP616, reason: The board meets in May, approver: headteacher, until: 2027-05-31}\n"
    edit(workspace, "harbour", "phase:", waiver + put_off("copyright") + "phase:")
    code, _, _ = report(capsys, schools=("millbrook", "oakfield", "trelawnyd", "harbour"))
    assert code == 0
    board = rows(workspace)
    assert {slug: row["decisions_put_off"] for slug, row in board.items()} == {
        "millbrook": "copyright (Ring […]); no-harmful-content (2026-27, edition 2)",
        "oakfield": "no-harmful-content (2026-27, edition 2)",
        "trelawnyd": "",
        "harbour": "copyright (2026-27, edition 2)",
    }
    called = {slug for slug, row in board.items() if "decision-put-off" in row["needs_call"].split("; ")}
    assert called == {"millbrook", "oakfield"}
    page = (workspace / "board" / "index.html").read_text(encoding="utf-8")
    assert "3 schools have put off a decision" in page
    assert "<strong>no-harmful-content</strong>, changed by the pack of 2026-27, edition 2: its trust has to decide" in page  # fmt: skip


def test_the_same_inputs_give_the_same_bytes_and_write_nothing_twice(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(capsys, "--roster", "roster.csv")
    first = {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in (workspace / "board").iterdir()
    }
    assert set(first) == {"index.html", "schools.csv", "manifest.json"}
    _, out, _ = report(capsys, "--roster", "roster.csv", schools=SCHOOLS[::-1])
    again = {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in (workspace / "board").iterdir()
    }
    assert again == first
    assert out.count("(unchanged)") == 2


def test_however_many_processes_read_the_schools_the_board_is_the_same(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Schools of two workspaces, some of them under a trust with a fault, which is told once."""
    other = tmp_path_factory.mktemp("other")
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(workspace / name, other / name)
    edit(other, "larkway", "parameters:", "paramaters:")
    schools = []
    for number in range(15):
        for place, name in ((workspace, "here"), (other, "there")):
            path = place / "schools" / f"school{number:02}-{name}.yaml"
            shutil.copy(place / "schools" / ("millbrook.yaml" if number % 2 else "valley.yaml"), path)
            schools.append(str(path))
    told = {}
    for jobs in ("1", "2", "5"):
        shutil.rmtree(workspace / "board", ignore_errors=True)
        code, out, err = report(capsys, "--jobs", jobs, *schools, schools=())
        written = {path.name: path.read_bytes() for path in (workspace / "board").iterdir()}
        assert err.count("larkway.yaml:") == 1
        told[jobs] = (code, out, err, written)
    assert told["2"] == told["1"]
    assert told["5"] == told["1"]
    assert told["1"][0] == 1
    stopped = [row["slug"] for row in rows(workspace).values() if row["needs_call"] == "errors-stop-build"]
    assert len(stopped) == 7  # those of the second workspace that are under its trust


def test_files_that_are_not_ours_are_kept(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = workspace / "board"
    board.mkdir()
    (board / "index.html").write_text("mine", encoding="utf-8")
    code, _, err = report(capsys, schools=("valley",))
    assert (code, (board / "index.html").read_text(encoding="utf-8")) == (1, "mine")
    assert "board/index.html:1:1: error AUP512" in err
    code, _, _ = report(capsys, "--force", schools=("valley",))
    assert code == 0
    assert (board / "index.html.bak").read_text(encoding="utf-8") == "mine"


def test_the_documents_of_a_school_are_not_written_over(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(["build", "schools/valley.yaml", "--out", "built", "--document", "staff-policy"])
    shutil.copytree(next((workspace / "built" / "valley").iterdir()), workspace / "board")
    before = sorted((path.name, path.read_bytes()) for path in (workspace / "board").iterdir())
    code, out, err = report(capsys)
    assert (code, out) == (1, "")
    assert err.startswith(
        "board/manifest.json:1:1: error AUP640: this folder holds what aupgen wrote for something else"
    )
    assert sorted((path.name, path.read_bytes()) for path in (workspace / "board").iterdir()) == before
    assert report(capsys, "--force", schools=("valley",))[0] == 0
    assert rows(workspace).keys() == {"valley"}


def test_a_list_with_faults_writes_nothing(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "roster.csv").write_text("name,slug\nOakfield School,\n", encoding="utf-8")
    code, out, err = report(capsys, "--roster", "roster.csv")
    assert (code, out) == (1, "")
    assert "roster.csv:2:17: error AUP621: the profile of Oakfield School is not named" in err
    assert not (workspace / "board").exists()


@pytest.mark.usefixtures("workspace")
def test_what_cannot_run_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys, schools=("oakfeild",))[0] == 2
    assert report(capsys, "--roster", "none.csv")[0] == 2
    assert report(capsys, "--out", "schools/board")[0] == 2
    assert report(capsys, "--date", "tomorrow")[0] == 2


def test_a_school_given_and_not_expected_is_shown_and_not_counted(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "roster.csv").write_text(
        "name,file\nThe Valley School,schools/valley.yaml\n", encoding="utf-8"
    )
    code, out, err = report(capsys, "--roster", "roster.csv", schools=("valley", "millbrook", "larkway"))
    assert code == 0
    assert out.startswith("0 of 1 school is on 2026-27, 1 on an older year. 1 more is not on the list")
    assert err.count("AUP623") == 1  # the trust is no school
    assert rows(workspace)["millbrook"]["expected"] == "no"


def test_each_school_is_read_with_the_library_of_its_own_workspace(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Profiles come back from schools in the folders that `aupgen init` made; one is broken altogether."""
    capsys.readouterr()
    with pytest.raises(SystemExit):
        run(["pack", "schools/southend.yaml", "--out", "southend.zip"])
    for name in ("one", "two"):
        (workspace / name).mkdir()
        for folder in ("clauses", "templates", "schools"):
            shutil.copytree(workspace / folder, workspace / name / folder)
    from aupgen.packs.record import Pinned, pinned_text, record_for

    record = record_for("0.1", "southend", "Southend on Sea", "england", "2018-19", 3, {})
    (workspace / "one" / "library.json").write_bytes(
        pinned_text(Pinned("0.1", "southend.zip", "", record, ()))
    )
    (workspace / "two" / "clauses" / "passwords.yaml").write_text("topic: [", encoding="utf-8")
    code, _, err = report(capsys, schools=("../one/schools/millbrook", "../two/schools/oakfield"))
    assert code == 1
    assert "two/clauses/passwords.yaml:" in err
    board = rows(workspace)
    assert board["millbrook"]["pack"] == "Southend on Sea, 2018-19, edition 3"
    assert board["millbrook"]["needs_call"] == "not-approved"
    assert board["oakfield"]["needs_call"] == "errors-stop-build"


@pytest.mark.parametrize("through", ["../authority", "link"])
def test_an_exemplar_is_no_school_however_its_path_is_written(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, through: str
) -> None:
    """A school before it names it, too, and by another path."""
    school = "name: Birch School\nextends: southend\nphase: primary\n"
    (workspace / "schools" / "birch.yaml").write_text(school, encoding="utf-8")
    here = workspace / "here"
    here.mkdir()
    (workspace / "authority").symlink_to(workspace)
    (here / "link").symlink_to(workspace)
    monkeypatch.chdir(here)
    paths = [f"{through}/schools/{slug}.yaml" for slug in ("birch", "southend")]
    with pytest.raises(SystemExit):
        run(["report", *paths, "--out", "board", "--date", DAY])
    assert capsys.readouterr().out.startswith("0 of 1 school is on 2026-27, 1 on an older year.\n")
    assert rows(here).keys() == {"birch"}


def test_what_cannot_be_read_at_all_stops_no_other_school(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "schools" / "eastgate.yaml").write_bytes(b"PK\x03\x04 a Word document")
    edit(workspace, "millbrook", "documents:\n", "documents:\n  no-such-document:\n")
    for folder in ("clauses", "templates", "schools"):
        (workspace / "empty" / folder).mkdir(parents=True)
    shutil.copy(workspace / "schools" / "valley.yaml", workspace / "empty" / "schools" / "elsewhere.yaml")
    schools = ("eastgate", "millbrook", "../empty/schools/elsewhere", "valley")
    code, _, err = report(capsys, "--roster", "roster.csv", schools=schools)
    assert code == 1
    assert "Traceback" not in err
    board = rows(workspace)
    assert board["eastgate"]["name"] == "Eastgate Primary School"
    stopped = ("eastgate", "millbrook", "elsewhere")
    assert {board[slug]["needs_call"] for slug in stopped} == {"errors-stop-build"}
    assert board["valley"]["approval"] == "approved"


def test_the_page_of_the_docs_lists_the_reasons_and_columns_there_are() -> None:
    page = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \d \| `([a-z-]+)` \|", page, re.M) == [call.value for call in Call]
    template = (ROOT / "templates" / "report" / "page.html.j2").read_text(encoding="utf-8")
    for word in (*Call, *Stand, *Departed):
        assert f'"{word.value}": "' in template
