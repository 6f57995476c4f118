"""A workspace that becomes another as a whole: killed at any step it is the old one or the new one to the next command,
and what was there before comes back byte for byte."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aupgen.changeover import BEFORE, UNDONE, WORK, change, changing, finish, undo
from aupgen.files import NEXT, CannotRunError, lay_out
from aupgen.manifest import sha256

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver starts its runs with fork")

Files = Mapping[str, bytes]
OLD: Files = {
    "clauses/a.yaml": b"a",
    "clauses/b.yaml": b"b",
    "schools/s.yaml": b"s",
    "build/s/x.md": b"x",
    "own.txt": b"o",
}
NEW: Files = {
    "clauses/a.yaml": b"A",
    "clauses/c.yaml": b"c",
    "schools/s.yaml": b"S",
    "build/s/2019/x.md": b"X",
}
MANAGED = {name: sha256(data) for name, data in OLD.items() if name != "own.txt"}
AFTER: Files = {**NEW, "own.txt": b"o"}


def laid_out(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def files_in(folder: Path, *, all_: bool = False) -> dict[str, bytes]:
    """The files below, without those that the way back is kept in."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    return {name: data for name, data in found.items() if all_ or not name.startswith((BEFORE, UNDONE))}


def changed(folder: Path) -> None:
    with changing(folder):
        lay_out(folder / WORK, NEW)
        change(folder, folder / WORK, MANAGED, ("the old", "the new"))


def undone(folder: Path) -> None:
    with changing(folder):
        undo(folder)


CALLS = ("replace", "rename", "unlink", "rmdir", "mkdir")


def struck(work: Callable[[], object], at: int, strike: Callable[[], None]) -> int:
    """Run some work in a child whose ``at``-th step on the disk strikes; return how the child ended: 0 when it had
    fewer steps, 3 when it gave up, 4 when it got over the blow, 5 when it was interrupted.

    A step is the moment before a call that changes the disk, or the moment in which a file is half written.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == at:
            strike()

    def before(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            step()
            return real(*args, **kwargs)

        return call

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not set(mode) & set("wax+"):
            return real_open(file, mode, *args, **kwargs)
        step()
        result = real_open(file, mode, *args, **kwargs)
        result.write(b"half")
        result.flush()
        step()
        result.seek(0)
        result.truncate()
        return result

    import builtins

    real_open = builtins.open
    code = 1
    try:
        builtins.open = opened
        for name in CALLS:
            setattr(os, name, before(getattr(os, name)))
        work()
        code = 0 if steps < at else 4
    except CannotRunError:
        code = 3
    except KeyboardInterrupt:
        code = 5
    finally:
        os._exit(code)


def kill() -> None:
    os._exit(9)


def fill() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def every_step(tmp_path: Path, files: Files, first: Callable[[Path], None], work: Callable[[Path], None], strike: Callable[[], None]) -> list[Path]:  # fmt: skip
    """The folder after work was struck at each of its steps in turn; ``first`` is done before, undisturbed."""
    out: list[Path] = []
    while len(out) < 500:
        folder = laid_out(tmp_path / str(len(out)), files)
        first(folder)
        code = struck(lambda f=folder: work(f), len(out) + 1, strike)  # type: ignore[misc]
        if code == 0:
            assert len(out) > 15
            return out
        assert code in (3, 4, 9)
        out.append(folder)
    pytest.fail("the work never ends")


def test_a_change_replaces_adds_and_removes_and_leaves_what_it_does_not_know(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "w", OLD)
    changed(folder)
    assert files_in(folder) == AFTER
    assert sorted(path.name for path in folder.iterdir()) == [
        BEFORE,
        "build",
        "clauses",
        "own.txt",
        "schools",
    ]
    with changing(folder):
        laid_out(folder / WORK, NEW)
        digests = {name: sha256(data) for name, data in NEW.items()}
        assert change(folder, folder / WORK, digests, ("", "")) == ""
    assert files_in(folder) == AFTER
    undone(folder)
    assert files_in(folder, all_=True) == OLD
    with pytest.raises(CannotRunError, match="nothing is kept"):
        undone(folder)


@pytest.mark.parametrize("link", ["build", "build/s", "build/s/x.md", "clauses/c.yaml"])
def test_a_change_writes_through_no_link(tmp_path: Path, link: str) -> None:
    folder = laid_out(tmp_path / "w", OLD)
    elsewhere = laid_out(tmp_path / "elsewhere", {"real/s/x.md": b"b", "real/x.md": b"b", "c.yaml": b"mine"})
    target = elsewhere / "c.yaml" if link.endswith(".yaml") else elsewhere / "real"
    if (folder / link).exists():
        (folder / link).rename(tmp_path / "aside")
    (folder / link).symlink_to(target)
    before = files_in(tmp_path)
    with pytest.raises(CannotRunError, match="nothing is written through links"):
        changed(folder)
    assert files_in(tmp_path) == before
    assert (folder / link).is_symlink()


@pytest.mark.parametrize("strike", [kill, fill])
def test_a_change_struck_at_any_step_is_the_old_or_the_new(
    tmp_path: Path, strike: Callable[[], None]
) -> None:
    outcomes = set()
    for folder in every_step(tmp_path, OLD, lambda _: None, changed, strike):
        finish(folder)
        with changing(folder):
            pass
        found = files_in(folder)
        assert found in (dict(OLD), dict(AFTER)), folder
        outcomes.add(found == dict(OLD))
        assert not [name for name in os.listdir(folder) if name.startswith(".aupgen")]
        if found == AFTER:
            undone(folder)
        assert files_in(folder, all_=True) == OLD, folder
    assert outcomes == {True, False}


def test_a_change_that_is_interrupted_has_not_begun_or_goes_to_its_end(tmp_path: Path) -> None:
    """Whoever presses Ctrl-C leaves no change to be carried out by the next command."""
    ends = set()
    for at in range(1, 500):
        folder = laid_out(tmp_path / str(at), OLD)
        code = struck(lambda f=folder: changed(f), at, interrupt)  # type: ignore[misc]
        if code == 0:
            break
        assert code in (4, 5)
        assert not (folder / NEXT).exists(), at
        left = {name: data for name, data in files_in(folder).items() if not name.startswith(".aupgen")}
        assert left == AFTER or (left == OLD and code == 5), at
        ends.add((code, left == AFTER))
    assert ends >= {(5, False), (4, True)}


def test_an_undo_killed_at_any_step_is_the_new_or_the_old(tmp_path: Path) -> None:
    for folder in every_step(tmp_path, OLD, changed, undone, kill):
        finish(folder)
        with changing(folder):
            pass
        assert files_in(folder) in (dict(OLD), dict(AFTER)), folder
        if files_in(folder) == AFTER:
            undone(folder)
        assert files_in(folder, all_=True) == OLD, folder


def test_what_was_made_since_is_kept_when_a_change_is_undone(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "w", OLD)
    changed(folder)
    laid_out(folder, {"schools/s.yaml": b"mine", "clauses/c.yaml": b"mine too", "schools/later.yaml": b"new"})
    undone(folder)
    assert files_in(folder) == {**OLD, "schools/later.yaml": b"new"}
    assert files_in(folder / UNDONE / "1", all_=True) == {
        "schools/s.yaml": b"mine",
        "clauses/c.yaml": b"mine too",
    }
    assert not (folder / BEFORE).exists()


def test_changes_are_undone_one_by_one(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "w", OLD)
    changed(folder)
    digests = {name: sha256(data) for name, data in NEW.items()}
    with changing(folder):
        laid_out(folder / WORK, {**NEW, "schools/s.yaml": b"third"})
        assert change(folder, folder / WORK, digests, ("two", "three")) == f"{BEFORE}/2"
    undone(folder)
    assert files_in(folder) == AFTER
    undone(folder)
    assert files_in(folder, all_=True) == OLD


def test_a_file_edited_between_a_kill_and_the_next_command_is_kept(tmp_path: Path) -> None:
    kept = 0
    for folder in every_step(tmp_path, OLD, lambda _: None, changed, kill):
        laid_out(folder, {"schools/s.yaml": b"edited"})
        finish(folder)
        kept += (folder / "schools/s.yaml.bak").exists()
        assert b"edited" in files_in(folder).values()
    assert kept


def test_two_changes_at_once_are_refused_and_so_is_one_of_files_that_changed_meanwhile(
    tmp_path: Path,
) -> None:
    folder = laid_out(tmp_path / "w", OLD)
    with changing(folder), pytest.raises(CannotRunError, match="another aupgen is at work"):
        changed(folder)
    laid_out(folder, {"schools/s.yaml": b"edited"})
    with pytest.raises(CannotRunError, match="was changed meanwhile"):
        changed(folder)
    assert files_in(folder, all_=True) == {**OLD, "schools/s.yaml": b"edited"}


@pytest.mark.parametrize("where", ["name", "keep", "drop", "link"])
def test_a_change_that_somebody_else_laid_out_reaches_nothing_outside(tmp_path: Path, where: str) -> None:
    folder = laid_out(tmp_path / "w", OLD)
    outside = laid_out(tmp_path / "outside", {"x": b"x"})
    plan = {"files": [{"name": "a", "was": "", "now": sha256(b"new")}], "keep": ".before/1", "drop": ""}
    if where == "link":
        (folder / "way").symlink_to(outside)
        plan["files"] = [{"name": "way/x", "was": sha256(b"x"), "now": sha256(b"new")}]
    elif where == "name":
        plan["files"] = [{"name": "../outside/x", "was": sha256(b"x"), "now": sha256(b"new")}]
    else:
        plan[where] = "../outside"
    lay_out(folder, {".aupgen-next/plan.json": json.dumps(plan).encode(), ".aupgen-next/kept/y": b"y"})
    for name in ("a", "way/x"):
        lay_out(folder / ".aupgen-next" / "files", {name: b"new"})
    with pytest.raises(CannotRunError, match="not as aupgen left it"):
        finish(folder)
    assert files_in(outside, all_=True) == {"x": b"x"}
    assert not (folder / "a").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../outside", "a\\b", ""])
def test_a_record_that_somebody_changed_reaches_nothing_outside(tmp_path: Path, name: str) -> None:
    folder = laid_out(tmp_path / "w", OLD)
    changed(folder)
    record = folder / BEFORE / "1" / "before.json"
    text = record.read_text(encoding="utf-8").replace('"clauses/a.yaml"', repr(name).replace("'", '"'))
    record.write_text(text, encoding="utf-8")
    before = files_in(folder, all_=True)
    with pytest.raises(CannotRunError, match="not as aupgen left it"):
        undone(folder)
    assert files_in(folder, all_=True) == before
    assert sys.platform == "win32" or not (tmp_path / "outside").exists()
