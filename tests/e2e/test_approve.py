"""`aupgen approve` and `aupgen build --approved` beside the clerk's way: refusals, repetitions, what is broken."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aupgen.cli.main import run
from tests.conftest import ROOT, VALLEY

PROFILE = "schools/valley.yaml"
BUILT = "build/valley/2018-19"
RECORD = "schools/approved/valley/2018-19-edition-1.yaml"
KEPT = "schools/approved/valley/2018-19-edition-1.documents.json"
BOARD = ("approve", PROFILE, "--by", "Full Governing Board")


class Ran:
    """What one run of the command came to."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        self.codes = re.findall(r": (?:error|warning|note) (AUP\d{3}): ", err)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the library and of Valley, which has no record yet, as the current folder."""
    monkeypatch.delenv("AUPGEN_DEBUG", raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1830000000")  # in December 2027
    for folder in ("clauses", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "schools").mkdir()
    shutil.copyfile(VALLEY, tmp_path / PROFILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def aupgen(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in the workspace."""

    def call(*arguments: str) -> Ran:
        assert Path.cwd() == workspace
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            run(list(arguments))
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        assert "internal error" not in printed.err, printed.err
        assert isinstance(stop.value.code, int)
        return Ran(stop.value.code, printed.out, printed.err)

    return call


def records(workspace: Path) -> dict[str, tuple[bytes, int]]:
    folder = workspace / "schools" / "approved"
    return {
        path.relative_to(workspace).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def documents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


def manifest(workspace: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((workspace / BUILT / "manifest.json").read_bytes())
    return data


# ---------------------------------------------------------------- the words that went round


def test_words_are_approved_that_were_built(workspace: Path, aupgen: Any) -> None:
    assert aupgen("build", PROFILE).code == 0
    ran = aupgen(*BOARD, "--on", "2019-03-20")
    assert (ran.code, ran.codes) == (0, [])
    assert set(records(workspace)) == {RECORD, KEPT}


def test_where_nothing_is_built_that_is_said(workspace: Path, aupgen: Any) -> None:
    ran = aupgen(*BOARD, "--on", "2019-03-20")
    assert (ran.code, ran.codes) == (0, ["AUP413"])
    assert "nothing is built in build/valley/2018-19" in ran.err
    assert set(records(workspace)) == {RECORD, KEPT}


def test_other_words_than_those_built_are_refused(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    edit(workspace / "clauses" / "passwords.yaml", "pass on a password", "pass on any password")
    ran = aupgen(*BOARD, "--on", "2019-03-20")
    assert (ran.code, ran.codes) == (1, ["AUP413", "AUP413"])
    assert "reworded: `password-private`" in ran.err
    assert "--as-amended" in ran.err
    assert ran.err.endswith("Nothing was recorded.\n")
    assert not records(workspace)
    amended = aupgen(*BOARD, "--on", "2019-03-20", "--as-amended")
    assert (amended.code, amended.codes) == (0, [])


def test_a_document_that_was_not_built_was_not_circulated(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE, "--document", "staff-policy")
    assert "`staff-agreement` is not among the documents" in aupgen(*BOARD, "--on", "2019-03-20").err
    assert not records(workspace)
    assert aupgen(*BOARD, "--on", "2019-03-20", "--document", "staff-policy").code == 0


def test_a_file_edited_by_hand_may_have_other_words(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    with (workspace / BUILT / "staff-policy.md").open("a", encoding="utf-8") as file:
        file.write("One more rule.\n")
    assert aupgen("build", PROFILE).code == 1  # it is kept, and reported
    assert "somebody edited a file of `staff-policy`" in aupgen(*BOARD, "--on", "2019-03-20").err
    assert not records(workspace)


def test_the_fingerprints_on_the_papers_go_before_what_is_built(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    text = "".join(
        (workspace / BUILT / f"{name}.md").read_text() for name in ("staff-policy", "staff-agreement")
    )
    prints = re.findall(r"\(fingerprint ([0-9a-f]{4}-[0-9a-f]{4})\)", text)
    assert len(set(prints)) == 2
    assert set(prints) == {document["fingerprint"] for document in manifest(workspace)["documents"]}
    given = [part for print_ in prints for part in ("--fingerprint", print_)]
    edit(workspace / "clauses" / "passwords.yaml", "pass on a password", "pass on any password")
    aupgen("build", PROFILE)  # somebody built again after the papers went out
    ran = aupgen(*BOARD, "--on", "2019-03-20", *given)
    assert (ran.code, ran.codes) == (1, ["AUP413"])
    assert not records(workspace)
    edit(workspace / "clauses" / "passwords.yaml", "pass on any password", "pass on a password")
    one = aupgen(*BOARD, "--on", "2019-03-20", *given[:2])
    assert (one.code, one.codes) == (1, ["AUP413"])
    assert "you gave no fingerprint for" in one.err
    assert aupgen(*BOARD, "--on", "2019-03-20", *given).code == 0


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"aupgen": 1, "documents": [{"id": "staff-policy", "files": []}]}']
)
def test_a_damaged_manifest_is_no_witness(data: bytes, workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    (workspace / BUILT / "manifest.json").write_bytes(data)
    ran = aupgen(*BOARD, "--on", "2019-03-20", "--document", "staff-policy")
    assert ran.codes == ["AUP413"]
    assert ran.code in (0, 1)


# ---------------------------------------------------------------- what is on record


def test_the_same_decision_again_changes_nothing(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20", "--minute", "7.2")
    before = records(workspace)
    for minute in ((), ("--minute", "7.2"), ("--minute", "minute 7.2")):
        ran = aupgen("approve", PROFILE, "--by", "the full governing board", "--on", "2019-03-20", *minute)
        assert (ran.code, ran.codes) == (0, [])
        assert "nothing was changed" in ran.out
    assert records(workspace) == before


@pytest.mark.parametrize(
    "decision",
    [
        ("Full Governing Board", "--on", "2019-03-20", "--minute", "8.1"),
        ("Full Governing Board", "--on", "2019-03-21"),
        ("headteacher", "--on", "2019-03-20"),
    ],
    ids=["another minute", "another day", "another body"],
)
def test_another_decision_on_the_same_edition_is_refused(
    decision: tuple[str, ...], workspace: Path, aupgen: Any
) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20", "--minute", "7.2")
    before = records(workspace)
    ran = aupgen("approve", PROFILE, "--by", *decision)
    assert ran.code == 1
    assert set(ran.codes) == {"AUP414"}
    assert records(workspace) == before


def test_a_document_that_came_later_is_approved_beside_the_others(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    before = records(workspace)
    with (workspace / PROFILE).open("a", encoding="utf-8") as file:
        file.write("  community-wifi:\n")
    assert aupgen("build", PROFILE).code == 0
    ran = aupgen(*BOARD, "--on", "2019-06-01")
    assert (ran.code, ran.codes) == (0, [])
    assert "community-wifi" in ran.out
    assert "staff-policy" not in ran.out
    assert {name: records(workspace)[name] for name in before} == before
    aupgen("build", PROFILE)
    assert {d["id"]: d["approval"]["on"] for d in manifest(workspace)["documents"]} == {
        "staff-policy": "2019-03-20",
        "staff-agreement": "2019-03-20",
        "community-wifi": "2019-06-01",
    }
    named = aupgen(*BOARD, "--on", "2019-06-02", "--document", "staff-policy")
    assert named.codes == ["AUP414"]


def test_other_words_need_an_edition_of_their_own(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    edit(workspace / PROFILE, "[the staff room, offices]", "[the staff room]")
    assert aupgen("build", PROFILE).codes == ["AUP411"]
    refused = aupgen(*BOARD, "--on", "2019-05-20")
    assert set(refused.codes) == {"AUP414"}
    assert "make this edition 2" in refused.err
    edit(workspace / PROFILE, "  number: 1\n", "  number: 2\n")
    assert aupgen("build", PROFILE).codes == ["AUP415", "AUP411"]  # no reason yet
    assert aupgen(*BOARD, "--on", "2019-05-20").code == 0
    assert "2018-19-edition-2.yaml" in "".join(records(workspace))
    assert aupgen("build", PROFILE).codes == ["AUP415"]
    assert manifest(workspace)["approval"]["edition"] == 2


def test_the_minute_comes_though_the_words_have_changed_meanwhile(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    built = aupgen("build", PROFILE, "--approved", "--out", "before")
    assert built.code == 0
    edit(workspace / PROFILE, "[the staff room, offices]", "[the staff room]")
    ran = aupgen(*BOARD, "--on", "2019-03-20", "--minute", "7.2")
    assert (ran.code, ran.codes) == (0, [])
    aupgen("build", PROFILE, "--approved", "--out", "after")
    before, after = (
        (workspace / name / "valley" / "2018-19" / "staff-policy.md").read_text()
        for name in ("before", "after")
    )
    assert after == before.replace("on 20 March 2019", "on 20 March 2019, minute 7.2")


def test_what_a_killed_run_left_is_made_good(workspace: Path, aupgen: Any) -> None:
    (workspace / KEPT).parent.mkdir(parents=True)
    (workspace / KEPT).write_bytes(b"half a fi")
    assert aupgen(*BOARD, "--on", "2019-03-20").code == 0
    assert aupgen("build", PROFILE, "--approved").code == 0


# ---------------------------------------------------------------- who and when


def test_each_body_approves_its_own_documents(workspace: Path, aupgen: Any) -> None:
    edit(
        workspace / PROFILE, "    name: user agreement", "    name: user agreement\n    approver: Headteacher"
    )
    aupgen("build", PROFILE)
    assert "Awaiting approval by the Headteacher" in (workspace / BUILT / "staff-agreement.md").read_text()
    assert "staff-agreement" not in aupgen(*BOARD, "--on", "2019-03-20").out
    ran = aupgen("approve", PROFILE, "--by", "headteacher", "--on", "2019-03-21")
    assert (ran.code, ran.codes) == (0, [])
    assert "staff-policy" not in ran.out
    aupgen("build", PROFILE)
    assert (
        "Approved by the Headteacher on 21 March 2019"
        in (workspace / BUILT / "staff-agreement.md").read_text()
    )


def test_a_body_the_profile_does_not_name_is_a_warning(aupgen: Any) -> None:
    aupgen("build", PROFILE)
    ran = aupgen("approve", PROFILE, "--by", "pupil council", "--on", "2019-03-20")
    assert (ran.code, ran.codes) == (0, ["AUP417"])
    assert "approved by the pupil council" in ran.out


@pytest.mark.parametrize(
    ("day", "today", "words"),
    [
        ("2019-03-20", "2019-03-19", "has not come yet"),
        ("2012-03-20", "2019-03-19", "is far from the policy year 2018-19"),
        ("2026-03-20", "2027-03-19", "is far from the policy year 2018-19"),
    ],
)
def test_an_unlikely_day_is_a_warning(day: str, today: str, words: str, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    ran = aupgen(*BOARD, "--on", day, "--date", today)
    assert (ran.code, ran.codes) == (0, ["AUP419"])
    assert words in ran.err


@pytest.mark.parametrize("kind", ["trust", "authority", "exemplar"])
def test_only_a_school_has_its_documents_approved(kind: str, workspace: Path, aupgen: Any) -> None:
    head = f"kind: {kind}\nname: Larkway\nnation: england\n"
    if kind == "exemplar":
        head += (
            "phase: primary\npolicy_year: 2026-27\nedition: {number: 1, date: 2026-09-01}\napprover: board\n"
        )
    (workspace / "schools" / "larkway.yaml").write_text(head, encoding="utf-8")
    ran = aupgen("approve", "schools/larkway.yaml", "--by", "board", "--on", "2026-10-01")
    assert (ran.code, ran.codes) == (1, ["AUP418"])


@pytest.mark.parametrize(
    "arguments",
    [
        (PROFILE, "--by", "board"),
        (PROFILE, "--on", "2026-10-01"),
        (PROFILE, "--by", "board", "--on", "1 October"),
        (PROFILE, "--by", "board", "--on", "2026-10"),
        (PROFILE, "--by", " ", "--on", "2026-10-01"),
        (PROFILE, "--by", "a\u202eb", "--on", "2026-10-01"),
        (PROFILE, "--by", "x" * 201, "--on", "2026-10-01"),
        (PROFILE, "--by", "\u3164", "--on", "2026-10-01"),
        (PROFILE, "--by", "board", "--on", "2026-10-01", "--fingerprint", "abc"),
        (PROFILE, "--by", "board", "--on", "2026-10-01", "--document", "staff-polic"),
        ("schools/vale.yaml", "--by", "board", "--on", "2026-10-01"),
    ],
)
def test_what_cannot_be_understood_writes_nothing(
    arguments: tuple[str, ...], workspace: Path, aupgen: Any
) -> None:
    assert aupgen("approve", *arguments).code == 2
    assert not records(workspace)


def test_what_is_given_is_text_and_no_markup(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(
        "approve",
        PROFILE,
        "--by",
        "<b>*board*</b> {{ 1 }}: #x",
        "--on",
        "2019-03-20",
        "--minute",
        '"7" & <i>',
    )
    assert aupgen("build", PROFILE).code == 0
    page = (workspace / BUILT / "staff-policy.html").read_text()
    assert "Approved by the &lt;b&gt;*board*&lt;/b&gt; {{ 1 }}: #x on 20 March 2019, minute " in page
    assert manifest(workspace)["approval"]["by"] == "<b>*board*</b> {{ 1 }}: #x"


# ---------------------------------------------------------------- as they were approved


def test_what_was_approved_comes_back_byte_for_byte_from_a_library_that_moved_on(
    workspace: Path, aupgen: Any
) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20", "--minute", "7.2")
    aupgen("build", PROFILE)
    approved = documents(workspace / BUILT)
    edit(workspace / "clauses" / "passwords.yaml", "pass on a password", "pass on any password")
    edit(workspace / "clauses" / "voices.yaml", "Approved by the", "Waved through by the")
    edit(workspace / "templates" / "staff-agreement.md.j2", '"Passwords and systems"', '"Passwords"')
    edit(workspace / PROFILE, "name: The Valley School", "name: The Dale School")
    edit(workspace / PROFILE, "  class_tablets: true\n", "")
    ran = aupgen("build", PROFILE, "--approved", "--year", "2018-19", "--out", "again")
    assert ran.code == 0, ran.err
    assert documents(workspace / "again" / "valley" / "2018-19") == approved


def test_one_edition_of_several_comes_back(workspace: Path, aupgen: Any) -> None:
    pages = {}
    for number in (1, 2):
        if number == 2:
            edit(workspace / PROFILE, "  number: 1\n", "  number: 2\n  reason: A new rule\n")
            edit(workspace / PROFILE, "[the staff room, offices]", "[the staff room]")
        aupgen("build", PROFILE)
        assert aupgen(*BOARD, "--on", f"2019-0{2 + number}-20").code == 0
        aupgen("build", PROFILE)
        pages[number] = documents(workspace / BUILT)
    for options, number in ((("--edition", "1"), 1), (("--edition", "2"), 2), ((), 2)):
        out = f"out{''.join(options)}"
        assert aupgen("build", PROFILE, "--approved", *options, "--out", out).code == 0
        assert documents(workspace / out / "valley" / "2018-19") == pages[number]
    narrow = aupgen(
        "build", PROFILE, "--approved", "--document", "staff-policy", "--format", "md", "--out", "one"
    )
    assert narrow.code == 0
    assert set(documents(workspace / "one" / "valley" / "2018-19")) == {"staff-policy.md"}
    none = aupgen("build", PROFILE, "--approved", "--edition", "3")
    assert (none.code, none.codes) == (1, ["AUP418"])


def test_without_a_record_nothing_comes_back(workspace: Path, aupgen: Any) -> None:
    ran = aupgen("build", PROFILE, "--approved")
    assert (ran.code, ran.codes) == (1, ["AUP418"])
    assert "aupgen approve schools/valley.yaml --by BODY --on DATE" in ran.err
    assert not (workspace / "build").exists()


@pytest.mark.parametrize("options", [("--edition", "1"), ("--approved", "--draft")])
def test_options_that_make_no_sense_together_are_refused(
    options: tuple[str, ...], workspace: Path, aupgen: Any
) -> None:
    assert aupgen("build", PROFILE, *options).code == 2
    assert not (workspace / "build").exists()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.unlink(), "AUP416"),
        (lambda path: path.write_bytes(b"{}"), "AUP410"),
        (lambda path: edit(path, "Acceptable use", "Unacceptable use"), "AUP410"),
    ],
    ids=["gone", "emptied", "another word"],
)
def test_spoilt_documents_are_told_and_harm_no_other_build(
    spoil: Any, code: str, workspace: Path, aupgen: Any
) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    spoil(workspace / KEPT)
    ran = aupgen("build", PROFILE, "--approved", "--out", "again")
    assert (ran.code, ran.codes) == (1, [code])
    assert not (workspace / "again").exists()
    assert aupgen("build", PROFILE).code == 0
    assert manifest(workspace)["approval"]["by"] == "Full Governing Board"


# ---------------------------------------------------------------- records in a build


def test_a_bad_record_stops_its_school_and_no_other(workspace: Path, aupgen: Any) -> None:
    shutil.copyfile(workspace / PROFILE, workspace / "schools" / "dale.yaml")
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    edit(workspace / RECORD, "approved_on: 2019-03-20", "approved_on: 2019-03-21")
    for jobs in ("1", "2"):
        ran = aupgen("build", PROFILE, "schools/dale.yaml", "--out", f"out{jobs}", "--jobs", jobs)
        assert (ran.code, ran.codes) == (1, ["AUP410"])
        assert not (workspace / f"out{jobs}" / "valley").exists()
        assert (workspace / f"out{jobs}" / "dale").exists()


def test_other_files_among_the_records_are_told_and_passed_over(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    shutil.copyfile(workspace / RECORD, (workspace / RECORD).with_name("2018-19-edition-1 (1).yaml"))
    ran = aupgen("build", PROFILE)
    assert (ran.code, ran.codes) == (0, ["AUP416"])


def test_a_link_out_of_the_folder_is_not_followed(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, aupgen: Any
) -> None:
    aupgen(*BOARD, "--on", "2019-03-20")
    outside = tmp_path_factory.mktemp("elsewhere") / "record.yaml"
    (workspace / RECORD).rename(outside)
    try:
        (workspace / RECORD).symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no links")
    ran = aupgen("build", PROFILE)
    assert (ran.code, ran.codes) == (1, ["AUP416"])


def test_a_narrowed_build_says_how_all_documents_stand(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20", "--document", "staff-policy")
    aupgen("build", PROFILE, "--document", "staff-policy")
    assert manifest(workspace)["approval"] is None
    aupgen(*BOARD, "--on", "2019-03-22", "--document", "staff-agreement")
    aupgen("build", PROFILE, "--document", "staff-agreement")
    assert manifest(workspace)["approval"]["on"] == "2019-03-22"
    assert RECORD in {source["path"] for source in manifest(workspace)["sources"]}


def test_a_build_from_the_cache_reads_a_record_without_the_libraries_that_check_it(
    aupgen: Any,
) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    look = (
        "import sys\nfrom aupgen.cli.main import run\n"
        f"try:\n    run(['build', {PROFILE!r}])\nexcept SystemExit as stop:\n"
        "    print(stop.code, sorted({'pydantic', 'yaml', 'jinja2', 'docx'} & set(sys.modules)))\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", look], capture_output=True, text=True, check=True
        ).stdout.splitlines()[-1]
        for _ in range(2)
    ]
    assert said[-1] == "0 []"


def test_what_is_told_is_told_at_every_build(workspace: Path, aupgen: Any) -> None:
    """A build that finds nothing to do still says what changed since the approval, and what is passed over."""
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    shutil.copyfile(workspace / RECORD, (workspace / RECORD).with_name("2018-19-edition-1 (1).yaml"))
    assert [aupgen("build", PROFILE).codes for _ in range(3)] == [["AUP416"]] * 3
    edit(workspace / PROFILE, "[the staff room, offices]", "[the staff room]")
    assert [sorted(aupgen("build", PROFILE).codes) for _ in range(3)] == [["AUP411", "AUP416"]] * 3


def test_a_record_that_came_or_went_shows_in_the_next_build(workspace: Path, aupgen: Any) -> None:
    page = workspace / BUILT / "staff-policy.md"
    aupgen("build", PROFILE)
    awaiting = page.read_text()
    aupgen(*BOARD, "--on", "2019-03-20")
    aupgen("build", PROFILE)
    assert "Approved by the Full Governing Board on 20 March 2019" in page.read_text()
    edit(workspace / RECORD, "approved_on: 2019-03-20", "approved_on: 2019-03-21")
    assert aupgen("build", PROFILE).codes == ["AUP410"]
    shutil.rmtree(workspace / "schools" / "approved")
    assert aupgen("build", PROFILE).codes == []
    assert page.read_text() == awaiting


def test_a_changed_topic_leaves_other_documents_approved(workspace: Path, aupgen: Any) -> None:
    aupgen("build", PROFILE)
    aupgen(*BOARD, "--on", "2019-03-20")
    aupgen("build", PROFILE)
    topic = workspace / "clauses" / "tablets.yaml"
    before = topic.read_text(encoding="utf-8")
    word = re.search(r"- since: .*?text: >-\n +(\w+)", before, re.S)
    assert word
    topic.write_text(f"{before[: word.end()]} always{before[word.end() :]}", encoding="utf-8")
    aupgen("build", PROFILE)
    approvals = {d["id"]: d["approval"] is not None for d in manifest(workspace)["documents"]}
    assert approvals == {"staff-policy": False, "staff-agreement": True}
    assert manifest(workspace)["approval"] is None
    topic.write_text(before, encoding="utf-8")
    aupgen("build", PROFILE)
    assert manifest(workspace)["approval"]["on"] == "2019-03-20"
