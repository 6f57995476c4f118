"""Making packs and taking them in: what is in one, what `init` refuses, what it keeps, and what it says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aupgen.cli.main import run
from aupgen.manifest import Entry
from aupgen.packs.archive import read_archive
from aupgen.packs.contents import read_pack
from aupgen.packs.whats_new import whats_new
from tests.conftest import ROOT
from tests.e2e.poison import with_record
from tests.e2e.test_packs_story import on_a_terminal
from tests.e2e.test_poisoned_packs import everything

ANSWERS = """\
name: Ashby Primary School
phase: primary
phone_free_hours: 8:30 to 15:00
contacts:
  siro: {name: Jo Field}
  chair-of-governors: {email: ashby.chair@example.org}
"""


class Said:
    """What a command came to."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Command = Callable[..., Said]


def commands_in(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """A function that runs a command in a folder."""
    monkeypatch.chdir(folder)

    def command(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run(list(arguments))
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert "internal error" not in said.err
        return Said(ended.value.code, said.out, said.err)

    return command


@pytest.fixture
def aupgen(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty folder."""
    return commands_in(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pack") / "southend.zip"
    with pytest.raises(SystemExit) as ended:
        run(["pack", str(ROOT / "schools" / "southend.yaml"), "--out", str(path)])
    assert ended.value.code == 0
    return path


@pytest.fixture(scope="module")
def files(pack: Path) -> dict[str, bytes]:
    return read_archive(pack.read_bytes())


def test_a_pack_lists_every_file_with_size_and_digest(pack: Path, files: dict[str, bytes]) -> None:
    record = json.loads(files["pack.json"])
    assert {entry["name"] for entry in record["files"]} | {"pack.json"} == set(files)
    for entry in record["files"]:
        data = files[entry["name"]]
        assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert (record["exemplar"], record["issuer"], record["policy_year"]) == (
        "southend",
        "Southend on Sea",
        "2018-19",
    )
    assert read_pack(pack.read_bytes()).record.nation == "england"


def test_a_pack_holds_every_document_in_every_format_and_all_that_is_behind_them(
    files: dict[str, bytes],
) -> None:
    types = {path.name.removesuffix(".md.j2") for path in (ROOT / "templates").glob("[!_]*.md.j2")}
    issued = {
        name.removeprefix("documents/").split(".")[0] for name in files if name.startswith("documents/")
    }
    assert issued - {"manifest"} <= types
    assert len(issued) >= 15
    for id_ in issued - {"manifest"}:
        assert {f"documents/{id_}.{format_}" for format_ in ("docx", "md", "html")} <= set(files)
    for folder in ("clauses", "templates", "templates/pack"):
        for path in (ROOT / folder).iterdir():
            if path.is_file():
                assert files[f"{folder}/{path.name}"] == path.read_bytes()
    assert files["schools/southend.yaml"] == (ROOT / "schools" / "southend.yaml").read_bytes()
    assert b"CC BY 4.0" in files["licence.txt"]
    for page in ("readme", "who-owns-what", "frameworks", "whats-new"):
        assert {f"{page}.md", f"{page}.html"} <= set(files)


def test_the_same_exemplar_gives_the_same_bytes_anywhere(pack: Path, tmp_path: Path) -> None:
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / "elsewhere" / name)
    subprocess.run(
        [sys.executable, "-m", "aupgen", "pack", "elsewhere/schools/southend.yaml", "--out", "again.zip"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONHASHSEED": "7",
            "TZ": "Pacific/Auckland",
            "LC_ALL": "C",
            "AUPGEN_CACHE_DIR": "",
        },
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "again.zip").read_bytes() == pack.read_bytes()


def test_the_pages_name_every_printed_clause_with_its_owner_and_every_framework_with_its_date(
    files: dict[str, bytes],
) -> None:
    manifest = json.loads(files["documents/manifest.json"])
    printed = {c["id"] for d in manifest["documents"] for s in d["sections"] for c in s["clauses"]}
    owners = files["who-owns-what.md"].decode()
    listed = re.findall(r"^\| ([^|]+) \| ([a-z0-9][a-z0-9-]+) \|", owners, re.M)
    assert {clause for _, clause in listed} == printed
    assert ("Governing Body", "governor-oversight") in listed
    rows = re.findall(
        r"^\| [^|]+ \| [^|]+ \| [^|]+ \| (\d{4}-\d\d-\d\d) \|$", files["frameworks.md"].decode(), re.M
    )
    assert len(rows) >= 10
    assert "There is no earlier pack" in files["whats-new.md"].decode()


def test_what_changed_since_the_last_pack_is_told_by_clause(aupgen: Command, tmp_path: Path) -> None:
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    assert aupgen("pack", "schools/southend.yaml", "--out", "one.zip").code == 0
    assert aupgen("pack", "schools/southend.yaml", "--out", "same.zip", "--since", "one.zip").code == 0
    page = read_archive((tmp_path / "same.zip").read_bytes())["whats-new.md"].decode()
    assert "Every document prints the clauses of the last pack, in the same words." in page
    assert "no earlier pack" not in page
    profile = tmp_path / "schools" / "southend.yaml"
    text = profile.read_text(encoding="utf-8")
    changed = text.replace("          - no-disrepute\n", "").replace(
        "- copyright\n", "- copyright\n          - install-permission\n"
    )
    assert len(changed) == len(text) - 25 + 31
    profile.write_text(changed, encoding="utf-8")
    assert aupgen("pack", "schools/southend.yaml", "--out", "two.zip", "--since", "one.zip").code == 0
    page = read_archive((tmp_path / "two.zip").read_bytes())["whats-new.md"].decode()
    added, removed = page.index("## New clauses"), page.index("## Clauses no longer printed")
    assert "| install-permission | staff-agreement |" in page[added:removed]
    assert "| no-disrepute | staff-agreement |" in page[removed:]
    assert aupgen("pack", "schools/southend.yaml", "--since", "schools/valley.yaml").code == 1


def test_a_pack_of_no_later_edition_than_the_last_is_made_with_a_warning(
    aupgen: Command, tmp_path: Path
) -> None:
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    profile = tmp_path / "schools" / "southend.yaml"
    first = profile.read_text(encoding="utf-8")

    def packed(out: str, text: str, since: str = "") -> str:
        profile.write_text(text, encoding="utf-8")
        done = aupgen("pack", "schools/southend.yaml", "--out", out, *(["--since", since] if since else []))
        assert done.code == 0, done.err
        assert (tmp_path / out).is_file()
        return done.err

    assert packed("one.zip", first) == ""
    same = packed("same.zip", first, "one.zip")
    assert (
        "schools/southend.yaml:11:3: warning AUP635: nothing in this pack has changed since one.zip" in same
    )
    assert "there is no need to send it to schools" in same
    other = first.replace("          - no-disrepute\n", "")
    assert "and so does one.zip, which holds something else" in packed("other.zip", other, "one.zip")
    second = other.replace("number: 1\n", "number: 2\n  reason: Shorter\n")
    assert packed("two.zip", second, "one.zip") == ""
    back = packed("back.zip", other, "two.zip")
    assert (
        "this pack says that it is of 2018-19, edition 1, and two.zip is of a later one, 2018-19, edition 2"
        in back
    )
    assert "write `number: 3` under `edition:`" in back
    following = first.replace("policy_year: 2018-19", "policy_year: 2019-20")
    assert packed("next.zip", following, "two.zip") == ""


def test_the_last_pack_that_a_pack_follows_is_one_that_schools_may_hold(
    pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    text = (tmp_path / "schools" / "southend.yaml").read_text(encoding="utf-8")
    for name, old, new, why in (
        (
            "northend",
            "name: Southend",
            "name: Northend",
            "is the pack of Southend on Sea (`southend`), and not an earlier one",
        ),
        (
            "southend",
            "name: Southend",
            "name: Northend",
            "is of Southend on Sea, and this pack is of Northend on Sea",
        ),
        ("southend", "nation: england", "nation: wales", "is for england, and this pack is for wales"),
    ):
        (tmp_path / "schools" / f"{name}.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        refused = aupgen("pack", f"schools/{name}.yaml", "--out", "x.zip", "--since", str(pack))
        assert refused.code == 1
        assert f"schools/{name}.yaml:1:1: error AUP618: " in refused.err
        assert why in refused.err
        assert not (tmp_path / "x.zip").exists()


def told(*places: tuple[str, str]) -> Entry:
    """The manifest of a document that prints clauses, by id and words."""
    clauses = [{"id": id_, "revision": 1, "text": text} for id_, text in places]
    return {"documents": [{"id": "staff-policy", "sections": [{"clauses": clauses}]}]}


def test_a_clause_printed_twice_in_a_document_is_told_of_where_its_words_changed() -> None:
    one, two, three = (
        ("copyright", "I will respect it."),
        ("copyright", "respect it"),
        ("copyright", "honour it"),
    )
    assert whats_new(told(one, two), told(two, one)).is_nothing
    assert whats_new(told(two), told(one, two)).added[0].text == "I will respect it."
    assert whats_new(told(one, two), told(one)).removed[0].text == "respect it"
    news = whats_new(told(one, two), told(one, three))
    assert [(old.text, new.text) for old, new in news.reworded] == [("respect it", "honour it")]
    assert (news.added, news.removed) == ((), ())
    news = whats_new(told(one, two), told(three, three))
    assert [old.text for old, _ in news.reworded] == ["I will respect it.", "respect it"]
    assert {new.text for _, new in news.reworded} == {"honour it"}
    assert (news.added, news.removed) == ((), ())


def test_only_an_exemplar_of_the_workspace_can_be_packed(aupgen: Command, tmp_path: Path) -> None:
    school = aupgen("pack", str(ROOT / "schools" / "valley.yaml"))
    assert school.code == 1
    assert "error AUP613: The Valley School" in school.err
    (tmp_path / "ours.yaml").write_bytes((ROOT / "schools" / "southend.yaml").read_bytes())
    elsewhere = aupgen("pack", "ours.yaml")
    assert elsewhere.code == 1
    assert "ours.yaml:1:1: error AUP613" in elsewhere.err
    assert aupgen("pack", "no.yaml").code == 2
    assert aupgen("pack", str(ROOT / "schools" / "southend.yaml"), "--out", "no/such/folder.zip").code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["ours.yaml"]


def test_a_name_that_no_document_prints_is_warned_of(aupgen: Command, tmp_path: Path) -> None:
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    profile = tmp_path / "schools" / "southend.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("  dsl:\n", "  dsl:\n    name: Una Grey\n"), encoding="utf-8")
    said = aupgen("pack", "schools/southend.yaml")
    assert said.code == 0
    assert "warning AUP612" in said.err
    assert "the dsl, which no document prints" in said.err


def test_a_starter_profile_filled_in_builds(files: dict[str, bytes], aupgen: Command, tmp_path: Path) -> None:
    for name, data in files.items():
        if name.startswith(("clauses/", "templates/", "schools/")):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
    starter = files["starter.yaml"].decode()
    path = tmp_path / "schools" / "ours.yaml"
    path.write_text(starter, encoding="utf-8")
    empty = aupgen("build", "schools/ours.yaml")
    assert empty.code == 1
    assert {int(n) for n in re.findall(r"ours\.yaml:(\d+):\d+: error", empty.err)} == {
        n for n, line in enumerate(starter.splitlines(), 1)
        if re.fullmatch(r" *(name|phase|email|from|to):", line)
    }  # fmt: skip
    filled = starter
    for key, value in (("name", "Our School"), ("phase", "primary"), ("    name", "Jo Field"),
                       ("    email", "our.chair@example.org"), ("    from", "8:30"), ("    to", "15:00")):  # fmt: skip
        filled, count = re.subn(rf"^{key}:$", f"{key}: {value}", filled, flags=re.M)
        assert count == 1, key
    path.write_text(filled, encoding="utf-8")
    done = aupgen("build", "schools/ours.yaml")
    assert done.code == 0, done.err
    # and every line that is a comment may be taken into use as it stands
    used = re.sub(r"^  # ([a-z_]+: .+)$", r"  \1", filled, flags=re.M)
    assert used.count("\n  signing: every-year\n") == 1
    before = {
        p.name: p.read_bytes()
        for p in (tmp_path / "build" / "ours" / "2018-19").iterdir()
        if p.suffix == ".md"
    }
    path.write_text(re.sub(r"^documents:\n(?:  .*\n)*", "", used, flags=re.M), encoding="utf-8")
    again = aupgen("build", "schools/ours.yaml")
    assert again.code == 0, again.err
    for name, data in before.items():
        assert (tmp_path / "build" / "ours" / "2018-19" / name).read_bytes() == data


def test_a_school_of_one_phase_gets_the_agreements_its_pupils_can_read(
    pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    done = aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml")
    assert done.code == 0, done.err
    built = {
        path.stem
        for path in (tmp_path / "new" / "build" / "ashby-primary-school" / "2018-19").glob("pupil-*.md")
    }
    assert built == {"pupil-agreement-ks1", "pupil-agreement-ks2"}
    record = json.loads((tmp_path / "new" / "library.json").read_text(encoding="utf-8"))
    assert record["sha256"] == hashlib.sha256(pack.read_bytes()).hexdigest()
    assert record["published"]["issuer"] == "Southend on Sea"
    for entry in record["files"]:
        data = (tmp_path / "new" / entry["name"]).read_bytes()
        assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "build",
        "clauses",
        "library.json",
        "schools",
        "templates",
    }


def test_all_profiles_of_a_schools_folder_are_its_own(pack: Path, aupgen: Command, tmp_path: Path) -> None:
    """`schools/*.yaml` has the exemplar of the pack among them, which is built where it alone is asked for."""
    (tmp_path / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    assert aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml").code == 0
    exemplar = "new/schools/southend.yaml"
    built = aupgen("build", exemplar, "new/schools/ashby-primary-school.yaml", "--out", "out")
    assert built.code == 0
    assert f"{exemplar}:1:1: note AUP514: this profile came with the pack and is its publisher’s" in built.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ashby-primary-school"]
    assert aupgen("build", exemplar, "--out", "alone").code == 0
    assert [path.name for path in (tmp_path / "alone").iterdir()] == ["southend"]


def test_a_post_with_nothing_under_it_says_what_goes_there(aupgen: Command, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: A\ncontacts:\n  headteacher:\n", encoding="utf-8")
    found = aupgen("check", "a.yaml").out
    assert "a.yaml:3:3: error AUP112: `headteacher`: a block of `key: value` lines is needed" in found
    assert (
        "write a line such as `email: …` under it, further in, or delete it; the keys known here are `email`"
        in found
    )


def test_a_folder_in_the_place_of_a_file_is_told(aupgen: Command, tmp_path: Path) -> None:
    (tmp_path / "southend").mkdir()
    for option, file in (
        ("--pack", "the pack itself, a .zip file"),
        ("--answers", "the file of answers in it"),
    ):
        refused = aupgen("init", "new", option, "southend")
        assert refused.code == 2
        assert refused.err == f"aupgen: error: southend is a folder: name {file}\n"


def test_an_answer_of_blanks_is_none_and_a_choice_may_be_typed_by_its_name(
    pack: Path, tmp_path: Path
) -> None:
    typed = ["   ", "Ashby School", "0", "9", "Primry", "  All  Through ", "\x04"]
    code, screen = on_a_terminal(tmp_path, ["init", "new", "--pack", str(pack)], typed)
    assert code == 130
    assert "internal error" not in screen
    assert screen.count("   Type a number from 1 to 8, or what stands behind it, such as nursery\n") == 3
    kept = (tmp_path / "new.answers.yaml").read_text(encoding="utf-8")
    assert kept == "name: Ashby School\nphase: all-through\n"


def test_blanks_take_what_holds_and_a_yes_is_a_yes(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "new.answers.yaml").write_text(ANSWERS, encoding="utf-8")
    typed = ["2", "   ", "Yes", *[" "] * 30]
    code, screen = on_a_terminal(tmp_path, ["init", "new", "--pack", str(pack)], typed)
    assert code == 0, screen
    assert "Error" not in screen
    assert "3. Does the school give teachers sets of tablets for their classes?" in screen
    profile = (tmp_path / "new" / "schools" / "ashby-primary-school.yaml").read_text(encoding="utf-8")
    assert "\n  class_tablets: true\n" in profile
    assert profile.count(": true\n") == 1


def test_what_a_killed_run_left_beside_the_folder_goes_with_the_next(
    pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    """And nothing else that looks like it: another folder's, one in use, one with a file of somebody's, a link."""
    fcntl = pytest.importorskip("fcntl")
    command = ["init", "new", "--pack", str(pack)]
    assert on_a_terminal(tmp_path, command, [])[0] < 0  # killed at the first question
    (left,) = tmp_path.glob(".aupgen-*")
    assert {path.name for path in left.iterdir()} == {"clauses", "templates", "schools", "library.json"}
    for name in ("new-school-abcd1234", "newer-abcd1234", "new-inuse123", "new-mine_123", "new-toolong123"):
        (tmp_path / f".aupgen-{name}.tmp").mkdir()
    (tmp_path / ".aupgen-new-mine_123.tmp" / "letter.txt").write_text("mine", encoding="utf-8")
    (tmp_path / ".aupgen-new-linked12.tmp").symlink_to(tmp_path / ".aupgen-newer-abcd1234.tmp")
    others = {path.name for path in tmp_path.glob(".aupgen-*")} - {left.name}
    (tmp_path / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    handle = os.open(tmp_path / ".aupgen-new-inuse123.tmp", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = aupgen(*command, "--answers", "a.yaml")
    finally:
        os.close(handle)
    assert done.code == 0, done.err
    assert {path.name for path in tmp_path.glob(".aupgen-*")} == others


def test_a_run_that_waits_for_an_answer_keeps_its_folder_beside_another(pack: Path, tmp_path: Path) -> None:
    """Two people set up the same folder; the first to answer has it."""
    (tmp_path / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    stages: list[Path] = []

    def meanwhile() -> str:
        stages.extend(tmp_path.glob(".aupgen-*"))
        subprocess.run(
            [sys.executable, "-m", "aupgen", "init", "new", "--pack", str(pack), "--answers", "a.yaml"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
        assert [*tmp_path.glob(".aupgen-*")] == stages
        return "Another School"

    on_a_terminal(tmp_path, ["init", "new", "--pack", str(pack)], [meanwhile])
    assert len(stages) == 1


def test_the_folder_one_is_in_is_no_new_folder(
    aupgen: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    refused = aupgen("init", ".")
    assert refused.code == 2
    assert "this is the folder that you are in" in refused.err
    code, screen = on_a_terminal(tmp_path / "here", ["init", "."], [])
    assert (code, "internal error" in screen) == (2, False)


def test_a_school_is_added_to_the_folder_one_is_in(pack: Path, aupgen: Command, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    assert aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml").code == 0
    code, screen = on_a_terminal(tmp_path / "new", ["init", "."], ["Birch School", "\x04"])
    assert code == 130, screen
    assert (tmp_path / "new.answers.yaml").read_text(encoding="utf-8") == "name: Birch School\n"


def test_a_folder_that_holds_something_is_refused(pack: Path, aupgen: Command, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to("target")
    before = everything(tmp_path)
    for name in ("full", "file", "link", "no/such/place"):
        said = aupgen("init", name, "--pack", str(pack), "--answers", "a.yaml")
        assert said.code == 2, name
        assert said.err.startswith("aupgen: error: "), name
    assert aupgen("init", "new", "--pack", "no.zip").code == 2
    assert aupgen("init", "new", "--answers", "no.yaml").code == 2
    assert everything(tmp_path) == before


def test_an_empty_folder_is_taken_and_a_school_is_added_to_a_workspace_of_ours(
    pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(ANSWERS.replace("Ashby", "Birch"), encoding="utf-8")
    (tmp_path / "new").mkdir()
    assert aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml").code == 0
    before = everything(tmp_path / "new")
    twice = aupgen("init", "new", "--answers", "a.yaml")
    assert twice.code == 1
    assert "a.yaml:1:7: error AUP614" in twice.err
    assert everything(tmp_path / "new") == before
    assert aupgen("init", "new", "--answers", "b.yaml").code == 0
    after = everything(tmp_path / "new")
    assert before.items() <= after.items()
    assert "schools/birch-primary-school.yaml" in after
    assert "build/birch-primary-school/2018-19/staff-policy.docx" in after
    files = read_archive(pack.read_bytes())
    (tmp_path / "other.zip").write_bytes(with_record(files, issuer="Another authority"))
    other = aupgen("init", "new", "--pack", "other.zip", "--answers", "b.yaml")
    assert other.code == 1
    assert "holds southend.zip of Southend on Sea, and not this pack" in other.err
    (tmp_path / "other.zip").write_bytes(b"PK another")
    assert aupgen("init", "new", "--pack", "other.zip", "--answers", "b.yaml").code == 1
    assert everything(tmp_path / "new") == after


def test_every_fault_of_the_answers_is_told_where_it_stands(
    pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(
        "name: Ashby School\nphase: primry\ncolour: red\nphone_free_hours: eight\ncontacts:\n"
        "  sirro: {name: Jo}\n  dsl: {mail: x}\n",
        encoding="utf-8",
    )
    said = aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml")
    assert said.code == 1
    found = re.findall(r"^a\.yaml:(\d+):(\d+): error (AUP\d+)", said.err, re.M)
    assert found == [("3", "1", "AUP610"), ("4", "19", "AUP113"), ("6", "11", "AUP610"), ("7", "9", "AUP610")]
    (tmp_path / "a.yaml").write_text(
        ANSWERS.replace("primary\n", "primry\n").replace("chair@example.org", "chair"), encoding="utf-8"
    )
    said = aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml")
    assert re.findall(r"^a\.yaml:(\d+):(\d+): error (AUP\d+)", said.err, re.M) == [
        ("2", "8", "AUP113"), ("6", "31", "AUP113"),
    ]  # fmt: skip
    assert not (tmp_path / "new").exists()


TABLE = """Name,PHASE,contacts.siro.name,contacts.chair-of-governors.email,phone_free_hours,visitor_phone_places
Ashby School,Primary,Jo Field,ashby.chair@example.org,8:30 to 15:30,"reception; the hall"
Elmfield School,All Through,Mo Ash,elmfield.chair@example.org,8.45am to 3.05 PM,
"""


def test_a_table_as_excel_saves_it_is_read(pack: Path, aupgen: Command, tmp_path: Path) -> None:
    """With columns of nothing, with semicolons between, with capitals, with am and pm."""
    tables = {
        "plain": TABLE,
        "trailing": TABLE.replace("\n", ",,\n") + ",,,,,,,\n",
        "between": TABLE.replace("PHASE,", "PHASE,,")
        .replace("Primary,", "Primary,,")
        .replace("Through,", "Through, ,"),
        "semicolons": TABLE.replace(",", ";"),
        "semicolons-trailing": "\ufeff" + TABLE.replace(",", ";").replace("\n", ";;\r\n"),
    }
    made = {}
    for name, table in tables.items():
        (tmp_path / "t.csv").write_bytes(table.encode())
        done = aupgen("init", name, "--pack", str(pack), "--answers", "t.csv")
        assert done.code == 0, done.err
        made[name] = [
            path.read_text(encoding="utf-8") for path in sorted((tmp_path / name / "schools").iterdir())
        ]
        assert made[name] == made["plain"]
    ashby, elmfield, _ = made["plain"]
    assert "\nphase: primary\n" in ashby
    assert "visitor_phone_places: [reception, the hall]" in ashby
    assert "\nphase: all-through\n" in elmfield
    assert "phone_free_hours:\n    from: 8:45\n    to: 15:05\n" in elmfield


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("8:30am to 3:30pm", "8:30", "15:30"),
        ("9am - 3pm", "9:00", "15:00"),
        ("8.45 a.m. to 12.15 p.m.", "8:45", "12:15"),
        ("12am–12pm", "0:00", "12:00"),
        ("8:30 to 3:30pm", "", ""),
        ("8 to 3", "", ""),
        ("13:30am to 3:30pm", "", ""),
    ],
)
def test_hours_of_twelve_are_taken_where_there_is_no_doubt(
    pack: Path, aupgen: Command, tmp_path: Path, said: str, start: str, end: str
) -> None:
    (tmp_path / "a.yaml").write_text(ANSWERS.replace("8:30 to 15:00", f'"{said}"'), encoding="utf-8")
    done = aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml")
    assert (done.code == 0) == bool(start), done.err
    if not start:
        assert "a.yaml:3:19: error AUP113" in done.err
        assert "write it as 8:30 to 15:30 (24 hours), or 8:30am to 3:30pm" in done.err
        return
    profile = (tmp_path / "new" / "schools" / "ashby-primary-school.yaml").read_text(encoding="utf-8")
    assert f"phone_free_hours:\n    from: {start}\n    to: {end}\n" in profile


def test_a_spreadsheet_that_is_no_csv_of_unicode_is_told_how_to_save(
    pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    for name, data in (
        ("windows.csv", "name,phase\nSt Mary’s School,primary\n".encode("cp1252")),
        ("unicode.csv", "name,phase\nSt Mary’s School,primary\n".encode("utf-16")),
        ("book.xlsx", b"PK\x03\x04 and so on"),
    ):
        (tmp_path / name).write_bytes(data)
        for arguments in (
            ["init", "new", "--pack", str(pack), "--answers", name],
            ["report", str(ROOT / "schools" / "valley.yaml"), "--roster", name, "--out", "board"],
        ):
            refused = aupgen(*arguments)
            assert refused.code == 1
            assert re.match(rf"{name}:\d:\d+: error AUP101: ", refused.err)
            assert "in Excel, Save as, then the file type “CSV UTF-8 (Comma delimited)”" in refused.err


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("", "1:1: error AUP611"),
        ("name,phase\n", "1:1: error AUP611"),
        ("name,name\nA,B\n", "1:6: error AUP611"),
        ("name,phase\nA,primary,more\n", "2:11: error AUP611"),
        ('name,phase\n"A"x,primary\n', "2:4: error AUP611"),
        ("name,phase\n,primary\n", "2:1: error AUP615"),
        ("name,phase\nA,\n", "2:1: error AUP615"),
        ("name,phase\nA,primary\nA,primary\n", "3:1: error AUP614"),
        ("name,phase,file\nA,primary,southend\n", "2:11: error AUP614"),
        ("name,phase,file\nA,primary,../x\n", "AUP209"),
        ("name,phase,guest_wifi\nA,primary,\x1b[2J\n", "2:11: error AUP105"),
        ("name,phase,log_viewers\nA,primary,nobody\n", "2:11: error AUP201"),
        ("name,phase,documents\nA,primary,staff-polcy\n", "2:11: error AUP205"),
        ("name,phase,documents\nA,primary,;\n", "2:11: error AUP615"),
        ("name,phase,signing\nA,primary,never\n", "2:11: error AUP113"),
        ("name,phase,contract_term\nA,primary,perhaps\n", "2:11: error AUP113"),
        ("name,phase,other_roles\nA,primary,boss\n", "2:11: error AUP201"),
        ("name,phase,extends\nA,primary,../../x.yaml\n", "2:11: error AUP231"),
        ("name,phase\n\xff\n", "error AUP"),
    ],
)
def test_a_fault_in_a_table_is_told_at_its_row_and_column(
    table: str, place: str, pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(table, encoding="utf-8" if "\xff" not in table else "latin-1")
    before = everything(tmp_path)
    said = aupgen("init", "new", "--pack", str(pack), "--answers", "a.csv")
    assert said.code == 1
    assert place in said.err, said.err
    assert ".aupgen-" not in said.err
    assert everything(tmp_path) == before


def test_a_school_without_any_document_is_refused(pack: Path, aupgen: Command, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{ANSWERS}documents: []\n", encoding="utf-8")
    said = aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml")
    assert said.code == 1
    assert "a.yaml:7:12: error AUP615: no document is chosen" in said.err
    assert not (tmp_path / "new").exists()


def test_an_answer_that_was_not_finished_is_left_open_and_told(
    pack: Path, aupgen: Command, tmp_path: Path
) -> None:
    unfinished = ANSWERS.replace("phone_free_hours: 8:30 to 15:00\n", "")
    (tmp_path / "a.yaml").write_text(
        f'{unfinished}unfinished:\n  parameters.phone_free_hours: {{from: "08:30", to: "", places: [], times: []}}\n',
        encoding="utf-8",
    )
    said = aupgen("init", "new", "--pack", str(pack), "--answers", "a.yaml")
    assert said.code == 0
    assert re.findall(r"^a\.yaml:(\d+):(\d+): warning (AUP\d+)", said.err, re.M) == [("7", "3", "AUP636")]
    assert "one question is still open" in said.out


def test_what_a_list_names_twice_is_printed_once(pack: Path, aupgen: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "name,phase,photo_uses\nA,primary,on the wall;in the hall; on the  wall\n", encoding="utf-8"
    )
    assert aupgen("init", "new", "--pack", str(pack), "--answers", "a.csv").code == 0
    form = (tmp_path / "new/build/a/2018-19/consent-form.md").read_text(encoding="utf-8")
    assert (form.count("on the wall"), form.count("in the hall")) == (1, 1)


def test_whatever_an_answer_holds_it_stays_a_text(pack: Path, aupgen: Command, tmp_path: Path) -> None:
    """Text that YAML, Markdown, HTML or a template could take for more than text."""
    name = 'St "Anne\'s" #1: [x](y) <b>& {{ me }} | - `z` \\ %'
    quoted = name.replace('"', '""')
    (tmp_path / "a.csv").write_text(
        f'name,phase,file,contacts.siro.name,contacts.chair-of-governors.reach,phone_free_hours\n"{quoted}",primary,'
        'anne,"*x: &y",in person,8:30 to 15:00\n',
        encoding="utf-8",
    )
    done = aupgen("init", "new", "--pack", str(pack), "--answers", "a.csv")
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "new/build/anne/2018-19/manifest.json").read_text(encoding="utf-8"))
    assert record["school"] == name
    assert record["draft"] is False
    page = (tmp_path / "new/build/anne/2018-19/staff-policy.html").read_text(encoding="utf-8")
    assert "<b>" not in page


def test_the_shipped_library_asks_a_new_primary_school_no_more_than_twenty_questions(tmp_path: Path) -> None:
    typed = ["Cedar Primary School", "1", "2", "cedar.head@example.org", "8:30 to 15:20", "", ""]
    code, screen = on_a_terminal(tmp_path, ["init", "cedar"], [*typed, *[""] * 20])
    assert code == 0, screen
    asked = [int(n) for n in re.findall(r"^(\d+)\. ", screen, re.M)]
    assert asked == list(range(1, len(asked) + 1))
    assert 5 < len(asked) <= 20
    assert "draft" not in screen
    built = tmp_path / "cedar" / "build" / "cedar-primary-school"
    (year,) = built.iterdir()
    assert len(list(year.glob("*.docx"))) >= 10
    assert "[[" not in "".join(path.read_text(encoding="utf-8") for path in year.glob("*.md"))


def test_whoever_stops_goes_on_where_they_were(pack: Path, tmp_path: Path) -> None:
    def command(typed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "aupgen", "init", "new", "--pack", str(pack)],
            cwd=tmp_path, input=typed, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip

    nothing = command("")
    assert nothing.returncode == 130
    assert list(tmp_path.iterdir()) == []
    stopped = command("Elm Primary School\n2\nJo Field\n8:30 to 15:00\n")
    assert stopped.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["new.answers.yaml"]
    assert "Run the same command to go on" in stopped.stderr
    gone_on = command("elm.chair@example.org\n" + "\n" * 20)
    assert gone_on.returncode == 0, gone_on.stderr
    assert "What is the name of your school?" not in gone_on.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    profile = (tmp_path / "new" / "schools" / "elm-primary-school.yaml").read_text(encoding="utf-8")
    assert "    from: 8:30\n    to: 15:00\n" in profile


def test_help_imports_nothing_of_packs() -> None:
    code = "import sys; sys.argv = ['aupgen', '--help']\nfrom aupgen.cli.main import run\ntry: run()\nexcept SystemExit: pass\nprint([m for m in sys.modules if m.startswith(('aupgen.packs', 'aupgen.site'))])"
    for arguments in (
        "['aupgen', '--help']",
        "['aupgen', 'build', 'schools/valley.yaml', '--out', '/dev/null/x']",
    ):
        done = subprocess.run(
            [sys.executable, "-c", code.replace("['aupgen', '--help']", arguments)],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip().endswith("[]")
