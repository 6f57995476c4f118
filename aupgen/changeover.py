"""A workspace from one state to another as a whole, with the way back: many files replaced as if they were one.

All new files, and copies of those that they replace, are laid out in a folder of their own inside the workspace first.
One rename of that folder is the change: before it, all is old; after it, `finish` has only to carry out what stands
there, and whoever opens the workspace next does so if this process is killed. The old files are kept under `.before/`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from aupgen.files import (
    NEXT,
    CannotRunError,
    bytes_at,
    keep_copy,
    locked,
    put_file,
    reason,
    remove_file,
    shown,
)
from aupgen.manifest import sha256

BEFORE, UNDONE = ".before", ".undone"
"""The folders of a workspace that keep what an update replaced, and what an undo did."""
WORK = ".aupgen-work.tmp"
"""Where a change is prepared."""
_TEMPORARY, _DONE = f"{NEXT}.tmp", f"{NEXT}.done.tmp"
_PLAN, _RECORD = "plan.json", "before.json"
_FILES, _KEPT = "files", "kept"


class Moved(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a change, with the digest it had and the one it has now; "" where there was, or is, none."""

    name: str
    was: str
    now: str


class Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """What a change replaced: from which pack to which, in words, and each file."""

    old: str
    new: str
    files: tuple[Moved, ...]


class _Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be done: each file, the folder that what was kept goes to, and one that goes; "" for neither."""

    files: tuple[Moved, ...]
    keep: str
    drop: str


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Hold a workspace against another change of it; what was prepared is gone at the end. Raises CannotRunError where
    a change is under way."""
    with locked(folder) as held:
        if not held:
            raise CannotRunError(f"another aupgen is at work in {shown(folder)}: wait until it is done")
        sweep(folder)
        try:
            yield
        finally:
            sweep(folder)


def change(folder: Path, stage: Path, old: Mapping[str, str], words: tuple[str, str]) -> str:
    """Make the files of a workspace those that lie in ``stage``; return the folder in it that keeps what was there
    before, "" where nothing differs. What lies in the stage is moved away.

    ``old`` are the digests of its files as they were read, by their path in it: those that the stage lacks go.
    ``words`` name the state before and after. Raises CannotRunError; also where a file is not as it was read.
    """
    new = {
        path.relative_to(stage).as_posix(): sha256(path.read_bytes())
        for path in stage.rglob("*")
        if path.is_file()
    }
    moved = tuple(
        Moved(name, old.get(name, ""), new.get(name, ""))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )
    if not moved:
        return ""
    for entry in moved:
        if (folder / entry.name).is_symlink() or not _is_inside(folder, entry.name):
            raise CannotRunError(
                f"{shown(folder / entry.name)} is a link or lies behind one, and nothing is written through links: put "
                "the file or folder itself there"
            )
        if _digest(_present(folder, entry.name)) != entry.was:
            raise CannotRunError(f"{shown(folder / entry.name)} was changed meanwhile: run the command again")
    keep = _free(folder, BEFORE)
    with _writing(folder):
        for entry in moved:
            if entry.now:
                target = folder / _TEMPORARY / _FILES / entry.name
                target.parent.mkdir(parents=True, exist_ok=True)
                os.rename(stage / entry.name, target)
            if entry.was:
                _lay(folder / _TEMPORARY / _KEPT / entry.name, _read(folder, entry.name))
        _lay(folder / _TEMPORARY / _KEPT / _RECORD, _json(Kept(*words, moved)))
        _commit(folder, _Plan(moved, keep, ""))
    return keep


def undo(folder: Path) -> tuple[Kept, str, list[str]]:
    """Bring back what the last change replaced, byte for byte; return it, the folder that keeps what was made of those
    files since ("" where nothing was), and their names. Raises CannotRunError."""
    last = _last(folder)
    if not last:
        raise CannotRunError(f"nothing is kept in {shown(folder)} that could be brought back")
    try:
        kept = msgspec.json.decode(_read(folder, f"{last}/{_RECORD}"), type=Kept)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise CannotRunError(
            f"{shown(folder / last)} is not as aupgen left it: nothing was changed"
        ) from None
    since: list[str] = []
    moved: list[Moved] = []
    with _writing(folder):
        for entry in kept.files:
            if not _is_inside(folder, entry.name):
                raise CannotRunError(f"{shown(folder / last)} is not as aupgen left it: nothing was changed")
            if entry.was:
                data = _read(folder, f"{last}/{entry.name}")
                if sha256(data) != entry.was:
                    message = f"{shown(folder / last / entry.name)} was changed: nothing was brought back"
                    raise CannotRunError(message)
                _lay(folder / _TEMPORARY / _FILES / entry.name, data)
            now = _present(folder, entry.name)
            moved.append(Moved(entry.name, _digest(now), entry.was))
            if now is not None and sha256(now) not in (entry.now, entry.was):
                since.append(entry.name)
                _lay(folder / _TEMPORARY / _KEPT / entry.name, now)
        aside = _free(folder, UNDONE) if since else ""
        _commit(folder, _Plan(tuple(moved), aside, last))
    return kept, aside, since


def finish(folder: Path) -> None:
    """Carry out a change that was begun; nothing where there is none. Raises CannotRunError."""
    if not (folder / NEXT).is_dir():
        return
    with _writing(folder), locked(folder, wait=True):
        _finish(folder)


def sweep(folder: Path) -> None:
    """Remove what a killed run had laid out and not begun to carry out, or had carried out."""
    for name in (WORK, _TEMPORARY, _DONE):
        _remove_tree(folder / name)


def _remove_tree(folder: Path) -> None:
    import shutil  # it takes longer to import than a build can spare

    if folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        name = Path(str(error.filename or folder))
        raise CannotRunError(f"cannot write {shown(name)}: {reason(error)}") from error


def _commit(folder: Path, plan: _Plan) -> None:
    """Make what is laid out the change, by one rename, and carry it out."""
    _lay(folder / _TEMPORARY / _PLAN, _json(plan))
    with _to_the_end():
        os.rename(folder / _TEMPORARY, folder / NEXT)
        _finish(folder)


@contextlib.contextmanager
def _to_the_end() -> Iterator[None]:
    """Ctrl-C comes too late: the change would take place all the same, with the next command, and nobody would be told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def _finish(folder: Path) -> None:
    """Every step may have been taken already."""
    if not (folder / NEXT).is_dir():
        return
    try:
        plan = msgspec.json.decode(_read(folder, f"{NEXT}/{_PLAN}"), type=_Plan)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise CannotRunError(f"{shown(folder / NEXT)} is not as aupgen left it: move it away") from None
    places = (place for place in (plan.keep, plan.drop) if place)
    if not all(_is_inside(folder, entry.name) for entry in plan.files) or not all(
        map(_is_kept_place, places)
    ):
        raise CannotRunError(f"{shown(folder / NEXT)} is not as aupgen left it: move it away")
    for entry in plan.files:
        there = _present(folder, entry.name)
        if _digest(there) == entry.now:
            continue
        path = folder / entry.name
        if there is not None and sha256(there) != entry.was:
            keep_copy(path, there)  # somebody edited it after the run was killed
        if entry.now:
            path.parent.mkdir(parents=True, exist_ok=True)
            put_file(path, _read(folder, f"{NEXT}/{_FILES}/{entry.name}"))
        else:
            remove_file(path)
            _remove_empty(path.parent, folder)
    kept = folder / NEXT / _KEPT
    if plan.keep and kept.is_dir():
        (folder / plan.keep).parent.mkdir(exist_ok=True)
        os.rename(kept, folder / plan.keep)
    if plan.drop and (folder / plan.drop).is_dir():
        os.rename(folder / plan.drop, folder / NEXT / "dropped")
        _remove_empty((folder / plan.drop).parent, folder)
    os.rename(folder / NEXT, folder / _DONE)
    _remove_tree(folder / _DONE)


def _free(folder: Path, name: str) -> str:
    """The first number in a folder of kept states that none has."""
    return f"{name}/{max(_numbers(folder / name), default=0) + 1}"


def _last(folder: Path) -> str:
    numbers = _numbers(folder / BEFORE)
    return f"{BEFORE}/{max(numbers)}" if numbers else ""


def _numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return [int(path.name) for path in folder.iterdir() if path.name.isdecimal() and path.is_dir()]


def _lay(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    put_file(path, data)


def _remove_empty(folder: Path, root: Path) -> None:
    """Folders that a removed file leaves empty go with it, up to the workspace."""
    with contextlib.suppress(OSError):  # it holds something still
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def _present(folder: Path, name: str) -> bytes | None:
    """The bytes of a file of the workspace, None where there is none. Raises CannotRunError."""
    try:
        return bytes_at(folder / name)
    except OSError as error:
        raise CannotRunError(f"cannot read {shown(folder / name)}: {reason(error)}") from error


def _read(folder: Path, name: str) -> bytes:
    data = _present(folder, name)
    if data is None:
        raise CannotRunError(f"{shown(folder / name)} is missing: nothing was changed")
    return data


def _is_inside(folder: Path, name: str) -> bool:
    """Whether a name is of a file in the workspace, also where a part of the way there is a link."""
    plain = (
        not name.startswith("/")
        and "\\" not in name
        and all(p not in ("", ".", "..") for p in name.split("/"))
    )
    return plain and (folder / name).parent.resolve().is_relative_to(folder.resolve())


def _is_kept_place(name: str) -> bool:
    return re.fullmatch(rf"({re.escape(BEFORE)}|{re.escape(UNDONE)})/[0-9]{{1,9}}", name) is not None


def _digest(data: bytes | None) -> str:
    return "" if data is None else sha256(data)


def _json(value: Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
