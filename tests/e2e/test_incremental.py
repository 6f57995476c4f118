"""What a second build leaves alone, and what it never may: it must end with the bytes of a build from nothing."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from aupgen.build import ALL_FORMATS
from aupgen.cli.loading import loaded_library
from aupgen.cli.main import aupgen
from aupgen.cli.school import Request, build_school
from aupgen.files import CannotRunError, read_text
from tests.e2e.test_reproducible import contents, copy_workspace

SCHOOLS = ("millbrook", "oakfield")


class Build(NamedTuple):
    """What a command came to."""

    exit_code: int
    stdout: str
    stderr: str


class Place:
    """A workspace with a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder

    def build(self, *options: str, schools: tuple[str, ...] = SCHOOLS) -> Build:
        paths = [str(self.root / "schools" / f"{name}.yaml") for name in schools]
        out = [] if "--out" in options else ["--out", str(self.root / "build")]
        arguments = ["build", *paths, *out, *options]
        result = CliRunner().invoke(aupgen, arguments, standalone_mode=False)
        return Build(result.return_value, result.stdout, result.stderr)

    def edit(self, name: str, pattern: str, new: str) -> None:
        path = self.root / name
        text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"))
        assert count, f"nothing to edit in {name}"
        path.write_text(text, encoding="utf-8")

    def clause(self, id_: str, pattern: str, new: str) -> None:
        """Edit a clause of the library, in its own lines alone."""
        for path in sorted((self.root / "clauses").glob("*.yaml")):
            before, mark, rest = path.read_text(encoding="utf-8").partition(f"  - id: {id_}\n")
            if mark:
                own, next_, after = rest.partition("\n  - id: ")
                text, count = re.subn(pattern, new, mark + own, count=1)
                assert count, f"nothing to edit in {id_}"
                path.write_text(before + text + next_ + after, encoding="utf-8")
                return
        raise AssertionError(f"no clause {id_}")

    def times(self) -> dict[str, int]:
        files = (self.root / "build").rglob("*.*")
        return {path.relative_to(self.root).as_posix(): path.stat().st_mtime_ns for path in files}

    def from_nothing(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
        with monkeypatch.context() as inside:
            inside.setenv("AUPGEN_CACHE_DIR", "")
            assert self.build("--out", str(self.root / "fresh")).exit_code == 0
        return contents(self.root / "fresh")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("AUPGEN_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "workspace"
    copy_workspace(folder)
    made = Place(folder)
    assert made.build().exit_code == 0
    return made


def wording(place: Place, topic: str) -> str:
    place.edit(f"clauses/{topic}.yaml", r"(\n {8}text: >-\n +[a-z]+ )", r"\1always ")
    return topic


EDITS: dict[str, Callable[[Place], object]] = {
    "nothing": Place.times,
    "a comment in a topic": lambda place: place.edit("clauses/passwords.yaml", r"\A", "# A note.\n"),
    "a wording that many documents print": lambda place: wording(place, "passwords"),
    "a wording that no document prints": lambda place: wording(place, "tablets"),
    "the wordings of two topics": lambda place: [wording(place, topic) for topic in ("images", "guest-wifi")],
    "the name of a school": lambda place: place.edit(
        "schools/oakfield.yaml", "(?m)^name: .*$", "name: Oakleigh School"
    ),
    "a contact of the trust": lambda place: place.edit(
        "schools/larkway.yaml", r"01632 960\d\d\d", "01632 960999"
    ),
    "a template": lambda place: place.edit(
        "templates/parent-letter.md.j2", "(?m)^title: .*$", "title: To all at home"
    ),
    "the look of pages": lambda place: place.edit("templates/page.css", r"\A", "/* ours */\n"),
    "a role's title": lambda place: place.edit(
        "clauses/roles.yaml", "title: headteacher", "title: head teacher"
    ),
    "a file that went": lambda place: (place.root / "build/oakfield/2026-27/device-loan.md").unlink(),
    "a manifest that went": lambda place: (place.root / "build/oakfield/2026-27/manifest.json").unlink(),
    "a document no longer issued": lambda place: place.edit(
        "schools/oakfield.yaml", r"(?m)^  device-loan:.*\n", ""
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_second_build_ends_as_one_from_nothing(
    edit: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    EDITS[edit](place)
    result = place.build()
    assert result.exit_code == 0, result.stderr
    assert contents(place.root / "build") == place.from_nothing(monkeypatch)


def test_unchanged_sources_write_nothing_and_say_the_same(place: Place) -> None:
    before, first = place.times(), place.build("--force")
    second = place.build()
    assert place.times() == before
    assert set(second.stdout.splitlines()) == set(first.stdout.splitlines())
    assert "AUP227" in second.stderr
    assert second.stderr == first.stderr


def test_what_was_never_built_says_so(place: Place) -> None:
    result = place.build("--explain", "--draft", schools=("oakfield",))
    assert "staff-policy: built: no earlier build of it stands here" in result.stdout


def test_a_file_that_somebody_edited_is_told_every_time(place: Place) -> None:
    path = place.root / "build/oakfield/2026-27/staff-policy.md"
    path.write_text("Mine.", encoding="utf-8")
    for _ in range(2):
        result = place.build()
        assert (result.exit_code, "AUP511" in result.stderr) == (1, True)
        assert path.read_text(encoding="utf-8") == "Mine."


def test_what_a_killed_build_had_begun_is_finished(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place.root / "build/oakfield/2026-27"
    (folder / ".aupgen-journal.json").write_text('{"staff-policy.md": []}', encoding="utf-8")
    (folder / ".aupgen-staff-policy.md.tmp").write_text("half", encoding="utf-8")
    assert place.build().exit_code == 0
    assert contents(place.root / "build") == place.from_nothing(monkeypatch)


def test_a_mistake_is_found_though_its_topic_concerns_no_document(place: Place) -> None:
    place.edit("clauses/tablets.yaml", r"(?m)^    owner: .*$", "    owner: nobody-at-all")
    result = place.build()
    assert (result.exit_code, "nobody-at-all" in result.stderr) == (1, True)


def test_a_decision_on_a_clause_that_went_is_found(place: Place) -> None:
    place.edit(
        "schools/oakfield.yaml",
        r"(?m)^clauses:\n",
        "clauses:\n  tablets-no-reward: {use: false, reason: No need}\n",
    )
    assert place.build().exit_code == 0
    place.edit("clauses/tablets.yaml", "id: tablets-no-reward", "id: tablets-no-prize")
    result = place.build()
    assert (result.exit_code, "tablets-no-reward" in result.stderr) == (1, True)


def test_several_processes_say_and_write_what_one_does(place: Place) -> None:
    place.edit("schools/oakfield.yaml", "(?m)^phase: ", "fase: ")
    place.edit("schools/larkway.yaml", "(?m)^name: ", "colour: green\nname: ")
    many = (*SCHOOLS, "ashdene", "saltmarsh", "valley")
    one = place.build("--out", str(place.root / "one"), schools=many)
    several = place.build("--out", str(place.root / "several"), "--jobs", "3", schools=many)
    assert one.exit_code == several.exit_code == 1
    assert several.stderr == one.stderr
    assert several.stdout.replace("/several/", "/one/") == one.stdout
    assert contents(place.root / "several") == contents(place.root / "one")


def test_a_school_that_is_done_leaves_nothing_in_memory_but_what_others_share(place: Place) -> None:
    # builds run without the collector of cycles: what only that would find, a thousand schools would pile up
    paths = [place.root / "schools" / f"{name}.yaml" for name in SCHOOLS]
    loaded, library = loaded_library(place.root, paths)
    shell = loaded.shell()
    request = Request(None, (), ALL_FORMATS, place.root / "other", force=False, draft=False, explain=False)
    gc.disable()
    try:
        first = build_school(loaded, library, shell, paths[0], request)
        gc.collect()
        second = build_school(loaded, library, shell, paths[1], request)
        assert (bool(first.lines), bool(second.lines), gc.collect()) == (True, True, 0)
    finally:
        gc.enable()


def test_a_file_is_safe_on_the_disk_before_it_takes_its_place(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    safe: set[int] = set()
    placed: list[str] = []
    replace, rename = os.replace, os.rename

    def put(source: Path, target: Path) -> None:
        if target.is_relative_to(place.root / "build"):
            assert source.stat().st_ino in safe, target.name
            placed.append(target.name)
        replace(source, target)

    def put_folder(source: Path, target: Path) -> None:
        if target.is_relative_to(place.root / "other"):
            assert all(path.stat().st_ino in safe for path in source.iterdir())
            placed.append(target.name)
        rename(source, target)

    monkeypatch.setattr(os, "fsync", lambda handle: safe.add(os.fstat(handle).st_ino))
    monkeypatch.setattr(os, "replace", put)
    monkeypatch.setattr(os, "rename", put_folder)
    before = place.times()
    wording(place, "guest-wifi")
    assert place.build(schools=("oakfield",)).exit_code == 0
    assert placed[0] == ".aupgen-journal.json"
    assert placed[-1] == "manifest.json"
    written = {Path(name).name for name, time in place.times().items() if before[name] != time}
    assert written == set(placed[1:])
    assert len(written) > 3
    placed.clear()
    assert place.build("--out", str(place.root / "other"), schools=("oakfield",)).exit_code == 0
    assert placed == ["2026-27"]


def test_a_profile_that_cannot_be_read_stops_no_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> object:
        if path.name == "oakfield.yaml":
            raise CannotRunError("cannot read schools/oakfield.yaml: permission denied")
        return read_text(path)

    monkeypatch.setattr("aupgen.cli.loading.read_text", refuse)
    result = place.build("--force", schools=("oakfield", "millbrook"))
    assert result.exit_code == 2
    assert "cannot read schools/oakfield.yaml: permission denied" in result.stderr
    assert "Millbrook" in result.stdout
