"""The door to the file system: finds a workspace, reads its texts, writes built documents.

Writing keeps three promises: a folder that was not there comes into its place in one step, and in one that was files
are replaced one by one and atomically, the manifest last; a journal tells the next run what a killed one had begun; a
file that we did not write, or that somebody edited, is kept and reported.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct, field

from aupgen.manifest import (
    MANIFEST,
    BuiltFile,
    Entry,
    edited_names,
    file_digests,
    is_plain_name,
    manifest_text,
    merge_narrowed,
    read_manifest,
    sha256,
    with_edited,
)
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText, Span
from aupgen.source.text import MAX_BYTES, decode

try:
    import fcntl
except ImportError:  # Windows: two builds of one folder at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

REFERENCE, LOOK = "reference.docx", "page.css"
NEXT = ".aupgen-next"
"""The folder of a workspace that holds a change of it which is under way: see `changeover.py`."""
_FOLDERS = ("clauses", "schools", "templates")
_JOURNAL = ".aupgen-journal.json"
_TEMPORARY = ".aupgen-"
_ENDINGS = (".yaml", ".yml")
_MAX_REFERENCE_BYTES = 10_000_000
MOST_WRITTEN = 50_000_000  # bytes of a manifest
_OPEN_AT_ONCE = 200  # files: systems let a process open some thousand, some of them 256


class CannotRunError(Exception):
    """The outside world is in the way: a missing file, a full disk. The message names file and reason."""


class Workspace(Struct, frozen=True):
    """The folder that holds `clauses/`, `schools/` and `templates/`."""

    root: Path

    def relative(self, path: Path) -> str:
        """A path, links followed, as the manifest names it: from the workspace, else the file's name alone."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.name

    def profile_named(self, name: str, beside: Path) -> Path | None:
        """The profile that another one, which stands at ``beside``, refers to; None where there is none.

        A name is looked for beside the profile and then in `schools/`; what holds a slash or ends in .yaml is a
        path from the profile. Raises OutsideError where the file lies, or a link leads, outside the workspace
        (for a profile that is in none: outside its own folder), and for a path that does not start from the profile.
        """
        here = beside.resolve().parent
        inside = self.root if here.is_relative_to(self.root) else here
        if "/" in name or "\\" in name or name.endswith((".yaml", ".yml")):
            path = name.replace("\\", "/")
            if path.startswith("/") or re.match("[A-Za-z]:", path):
                raise OutsideError("is not a path from this file")
            places = [here / path]
        else:
            places = [folder / f"{name}{end}" for folder in self._profile_folders(here) for end in _ENDINGS]
        for place in places:
            if not Path(os.path.normpath(place)).is_relative_to(inside):
                raise OutsideError("leads out of the workspace")
            if os.path.isfile(place):  # False, too, for a name too long for any file
                if not place.resolve().is_relative_to(inside):
                    raise OutsideError("leads out of the workspace")
                return place
        return None

    def profile_names(self, beside: Path) -> list[str]:
        """The names that `profile_named` knows from there."""
        folders = self._profile_folders(beside.resolve().parent)
        return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")} - {beside.stem})

    def _profile_folders(self, here: Path) -> list[Path]:
        schools = self.root / "schools"
        return [here, schools] if here.is_relative_to(self.root) and here != schools else [here]


class OutsideError(Exception):
    """A profile refers to a file outside the workspace. The message goes on after the reference."""


class LibraryFiles(Struct, frozen=True):
    """The texts of a library by file name, the reference document, and the digest of each by path."""

    clauses: Mapping[str, SourceText]
    templates: Mapping[str, SourceText]
    reference: bytes
    reference_path: str
    reference_name: str
    digests: Mapping[str, str]


def find_workspace(named: Path | None, profiles: Sequence[Path]) -> Workspace:
    """Return the workspace: the folder named, else the nearest upwards from the first profile, else from the
    current folder, else the library installed with the package. Raises CannotRunError for a wrong name."""
    if named is not None:
        if not all((named / folder).is_dir() for folder in _FOLDERS):
            raise CannotRunError(
                f"{named} is not a workspace: it needs the folders clauses, schools and templates"
            )
        return Workspace(named.resolve())
    starts = [profiles[0].resolve().parent] if profiles else []
    for start in (*starts, Path.cwd()):
        for folder in (start, *start.parents):
            if all((folder / name).is_dir() for name in _FOLDERS):
                return Workspace(folder)
    return Workspace(installed_library())


def profiles_in(folder: Path) -> list[Path]:
    """The profiles that lie directly in a folder, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.name.endswith(_ENDINGS) and not path.name.startswith(".")
    )


def installed_library() -> Path:
    """The library that came with the package: inside an installed one, else beside it in a checkout."""
    package = Path(__file__).resolve().parent
    shipped = package / "shipped"
    return shipped if shipped.is_dir() else package.parent


def shown(path: Path) -> str:
    """A path as messages name it: from the folder the command started in, where it lies below that."""
    full, here = os.path.abspath(path), os.path.join(os.getcwd(), "")
    if os.path.join(full, "") == here:
        return "."
    return full.removeprefix(here).replace(os.sep, "/") if full.startswith(here) else str(path)


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return a regular file's bytes, at most one more than ``limit``. Raises CannotRunError."""
    try:
        with _opened(path) as file:
            return file.read(limit + 1)
    except OSError as error:
        raise CannotRunError(f"cannot read {shown(path)}: {reason(error)}") from error


def _opened(path: Path, flags: int = 0) -> BinaryIO:
    """A regular file open for reading. A named pipe or device is refused and not waited for."""
    handle = os.open(path, os.O_RDONLY | flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    return open(handle, "rb")


def read_text(path: Path) -> tuple[SourceText | None, list[Diagnostic]]:
    """Return a text file, or findings AUP101 and AUP106. Raises CannotRunError where it cannot be read."""
    return decode(shown(path), read_bytes(path))


def read_library(workspace: Workspace) -> tuple[LibraryFiles, list[Diagnostic]]:
    """Return every text of the workspace's library, each file read once, and findings in those not readable."""
    found: list[Diagnostic] = []
    digests: dict[str, str] = {}

    def texts(folder: str, suffixes: tuple[str, ...]) -> dict[str, SourceText]:
        out: dict[str, SourceText] = {}
        for path in sorted((workspace.root / folder).iterdir()):
            if path.name.endswith(suffixes) and not path.name.startswith("."):
                source, faults = read_text(path)
                found.extend(faults)
                if source is not None:
                    out[path.name] = source
                    digests[f"{folder}/{path.name}"] = text_digest(source)
        return out

    clauses = texts("clauses", (".yaml",))
    templates = texts("templates", (".j2", ".css"))
    reference_path = workspace.root / "templates" / REFERENCE
    reference = read_bytes(reference_path, _MAX_REFERENCE_BYTES)
    reference_name = f"templates/{REFERENCE}"
    digests[reference_name] = sha256(reference)
    return LibraryFiles(clauses, templates, reference, shown(reference_path), reference_name, digests), found


def read_page_texts(workspace: Workspace, name: str) -> tuple[dict[str, SourceText], list[Diagnostic]]:
    """Return the texts of a folder of `templates/` by file name, the installed library's where the workspace has none."""
    folder = workspace.root / "templates" / name
    if not folder.is_dir():
        folder = installed_library() / "templates" / name
    texts: dict[str, SourceText] = {}
    found: list[Diagnostic] = []
    for path in sorted(folder.iterdir()):
        if path.name.endswith((".j2", ".yaml", ".txt", ".css", ".js")) and not path.name.startswith("."):
            source, faults = read_text(path)
            found += faults
            if source is not None:
                texts[path.name] = source
    return texts, found


def read_look(workspace: Workspace) -> tuple[SourceText | None, list[Diagnostic]]:
    """Return the style sheet of all pages, the installed library's where the workspace has none."""
    path = workspace.root / "templates" / LOOK
    return read_text(path if path.is_file() else installed_library() / "templates" / LOOK)


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A folder of its own beside ``folder``, to be filled and put in its place; gone at the end if it was not.

    Those that killed runs for ``folder`` left go first. Raises CannotRunError where nothing can be made there.
    """
    import shutil  # it takes longer to import than a build can spare

    place = folder.resolve()
    if not place.parent.is_dir():
        raise CannotRunError(f"there is no folder {shown(place.parent)}")
    for left in place.parent.glob(f"{_TEMPORARY}*.tmp"):
        _remove_left_over(left, place.name)
    with contextlib.ExitStack() as stack:
        stage = _made_beside(place, stack)
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


_STAGED = frozenset({"clauses", "templates", "schools", "build", "library.json"})
"""What a folder that is being set up may hold."""
_DAY = 24 * 60 * 60  # seconds


def _made_beside(place: Path, stack: contextlib.ExitStack) -> Path:
    """A new folder beside a place, held as long as the stack: that tells others that it is in use."""
    import tempfile

    while True:
        try:
            stage = Path(tempfile.mkdtemp(".tmp", f"{_TEMPORARY}{place.name}-", place.parent))
        except OSError as error:
            raise CannotRunError(f"cannot write in {shown(place.parent)}: {reason(error)}") from error
        try:
            if stack.enter_context(locked(stage)) and stage.is_dir():
                return stage
        except FileNotFoundError:
            continue  # taken for a left-over before it could be held
        except OSError:  # no locks here: nobody takes it for one
            return stage


def _remove_left_over(path: Path, name: str) -> None:
    """Remove what a killed run that was to set up a folder of that name left: it has such a name and holds nothing
    else, it is ours, and nobody holds it, or where that cannot be told it is a day old. Anything else stays."""
    import shutil

    if not re.fullmatch(rf"{re.escape(_TEMPORARY + name)}-[a-z0-9_]{{8}}\.tmp", path.name):
        return
    with contextlib.suppress(OSError):
        there = os.lstat(path)
        ours = not hasattr(os, "getuid") or there.st_uid == os.getuid()
        if not (ours and stat.S_ISDIR(there.st_mode) and _STAGED.issuperset(os.listdir(path))):
            return
        if fcntl is None and time.time() - there.st_mtime < _DAY:
            return
        with locked(path) as held:  # to the end, so that nobody takes it up meanwhile
            if held:
                shutil.rmtree(path, ignore_errors=True)


def put_in_place(stage: Path, folder: Path) -> None:
    """Make a filled folder the one that was asked for, in one step. ``folder`` is not there, or empty."""
    try:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(stage, 0o777 & ~mask)
        if folder.is_dir():
            folder.rmdir()
        os.rename(stage, folder)
    except OSError as error:
        raise CannotRunError(f"cannot write {shown(folder)}: {reason(error)}") from error


def lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder of our own by their path in it. Raises CannotRunError."""
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    except OSError as error:
        raise CannotRunError(f"cannot write {shown(folder)}: {reason(error)}") from error


def text_digest(source: SourceText) -> str:
    """SHA-256 of a text with LF line ends, so that a checkout on Windows gives the same."""
    return sha256(source.text.encode())


# ------------------------------------------------------------------ approval records


def approvals_folder(profile: Path) -> Path:
    """The folder of a profile's approval records: beside it, `approved/` and its name."""
    return profile.parent / "approved" / profile.name.removesuffix(".yaml").removesuffix(".yml")


def names_in(folder: Path, start: str) -> list[str]:
    """The names of the folder's files that begin so, sorted; none where there is no folder. Raises CannotRunError."""
    try:
        return sorted(name for name in os.listdir(folder) if name.startswith(start))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CannotRunError(f"cannot read {shown(folder)}: {reason(error)}") from error


def write_record(path: Path, text: str, kept: tuple[str, bytes] | None) -> None:
    """Write an approval record, and before it the file of its documents, ``kept``, with its name.

    ``kept`` None puts a completed record in the place of the one that is there; else there must be none yet.
    Each file is written whole or not at all. Raises CannotRunError.
    """
    beside = path.parent.parent.parent  # the folder of the profile
    if not path.parent.resolve().is_relative_to(beside.resolve()):
        raise CannotRunError(f"{shown(path.parent)} is a link to another place: nothing was written")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent, wait=True):
            _sweep(path.parent)
            if kept is not None:
                if path.exists():
                    raise CannotRunError(f"{shown(path)} is there already: nothing was written")
                put_file(path.parent / kept[0], kept[1])
            put_file(path, text.encode())
    except OSError as error:
        name = error.filename or path
        raise CannotRunError(f"cannot write {shown(Path(str(name)))}: {reason(error)}") from error


# ------------------------------------------------------------------ writing


class Written(Struct):
    """What became of a folder: names of files by what was done, and findings about files kept.

    ``manifest`` is the SHA-256 of the manifest that now stands there, "" where a foreign one was kept; ``digests``
    those of the files it lists as ours, by name.
    """

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    manifest: str = ""
    digests: dict[str, str] = field(default_factory=dict)


def check_out(out: Path, workspace: Workspace) -> None:
    """Raise CannotRunError where documents would land among their own sources."""
    target = out.resolve()
    for name in _FOLDERS:
        source = workspace.root / name
        if target == source or source in target.parents:
            raise CannotRunError(
                f"--out {out} lies inside the library's folder {name}/: choose another folder"
            )


def stands(folder: Path, manifest: str, files: Mapping[str, str]) -> bool:
    """Whether a folder holds just what a finished build left there: SHA-256 of the manifest, and of files by name."""
    try:
        if bytes_at(folder / _JOURNAL) is not None:
            return False
        found = ((folder / name, digest) for name, digest in ((MANIFEST, manifest), *files.items()))
        return all((data := bytes_at(path)) is not None and sha256(data) == digest for path, digest in found)
    except OSError:
        return False


def manifest_in(folder: Path) -> Entry | None:
    """The manifest of what aupgen wrote into a folder, None where there is none that can be read."""
    path = folder / MANIFEST
    return read_manifest(read_bytes(path, MOST_WRITTEN)) if path.is_file() else None


def write_outputs(
    folder: Path,
    files: Sequence[BuiltFile],
    manifest: Entry,
    *,
    narrowed: bool,
    force: bool,
    again: str = "build",
) -> Written:
    """Write a school's files and their manifest, which lists each with its digest, into ``folder``; see the
    module's promises.

    A file's name may be a path into folders below it. ``narrowed`` leaves files of other documents and formats as they are. ``force`` replaces files that
    somebody edited, after saving them under their name with ``.bak``; ``again`` is what to do with `--force`, in words
    for a person. Raises CannotRunError.
    """
    try:
        if not os.path.lexists(folder) and (report := _write_new(folder, files, manifest)):
            return report
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, wait=True):
            return _write_locked(folder, files, manifest, again, narrowed=narrowed, force=force)
    except OSError as error:
        name = error.filename or folder
        raise CannotRunError(f"cannot write {shown(Path(str(name)))}: {reason(error)}") from error


@contextlib.contextmanager
def locked(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold a folder against others who want to; yields whether it could be had, which only ``wait`` makes sure of.

    The lock is on the folder itself and leaves no file.
    """
    if fcntl is None:
        yield True
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _write_new(folder: Path, files: Sequence[BuiltFile], manifest: Entry) -> Written | None:
    """Write a folder that is not there, and put it in its place as a whole: it holds nothing to keep, and needs no
    journal. None where it is there by now, another run's work."""
    beside = folder.with_name(f"{_TEMPORARY}{folder.name}.tmp")
    text = manifest_text(manifest).encode()
    data = {file.name: file.data for file in files}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent, wait=True):
        _remove_folder(beside)  # a killed run had begun it
        try:
            for name in ("", *_folders_of(data)):
                (beside / name).mkdir()
            _put_down({beside / name: content for name, content in (*data.items(), (MANIFEST, text))})
            os.rename(beside, folder)
        except OSError:
            if os.path.lexists(folder):
                return None
            raise
        finally:
            _remove_folder(beside)
    return Written(list(data), manifest=sha256(text), digests=file_digests(manifest))


def _remove_folder(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        from shutil import rmtree  # few runs were killed

        rmtree(folder)


def _write_locked(
    folder: Path, files: Sequence[BuiltFile], manifest: Entry, again: str, *, narrowed: bool, force: bool
) -> Written:
    report = Written()
    present_manifest = bytes_at(folder / MANIFEST)
    old = None if present_manifest is None else read_manifest(present_manifest)
    if present_manifest is not None and old is None:
        if not force:
            report.found.append(_not_ours(folder / MANIFEST, again))
            return report
        keep_copy(folder / MANIFEST, present_manifest)
    journal = _journal(folder)
    ours: dict[str, set[str]] = {name: {digest} for name, digest in file_digests(old).items()}
    for name, digests in journal.items():
        ours.setdefault(name, set()).update(digests)
    known = {*ours, *edited_names(old)}
    below = _folders_of([*known, *(file.name for file in files)])
    for inner in (folder, *(folder / name for name in below)):
        if inner != folder and inner.is_symlink():
            raise CannotRunError(f"{shown(inner)} is a link to another place: nothing was written")
        _sweep(inner)
    if narrowed:
        manifest = merge_narrowed(old, manifest)
    made = file_digests(manifest)

    to_write: list[BuiltFile] = []
    edited: dict[str, str] = {}
    for file in files:
        present = bytes_at(folder / file.name)
        if present == file.data:
            report.unchanged.append(file.name)
        elif present is None or sha256(present) in ours.get(file.name, ()):
            to_write.append(file)
        elif force:
            keep_copy(folder / file.name, present)
            to_write.append(file)
        else:
            edited[file.name] = sha256(present)
            kept = _edited if file.name in known else _not_ours
            report.found.append(kept(folder / file.name, again))

    listed = {str(file["name"]) for document in manifest["documents"] for file in document["files"]}
    built = {file.name for file in files}
    # A narrowed build leaves what a killed one had begun for the next whole build to settle.
    unsettled = {name: digests for name, digests in journal.items() if narrowed and name not in built}
    stale = [
        name for name in sorted(known) if name not in listed and name not in unsettled and name != MANIFEST
    ]
    text = manifest_text(with_edited(manifest, edited)).encode()
    report.manifest = sha256(text)
    report.digests = {name: digest for name, digest in made.items() if name not in edited}
    if not to_write and not stale and present_manifest == text and unsettled == journal:
        return report

    begun = {name: set(digests) for name, digests in journal.items()}
    for file in to_write:
        begun.setdefault(file.name, set()).add(made[file.name])
    journal_text = {_JOURNAL: _journal_text(begun)} if begun else {}
    data = {file.name: file.data for file in to_write}
    for name in _folders_of(data):
        (folder / name).mkdir(exist_ok=True)
    with _beside(folder, {**journal_text, **data, MANIFEST: text}) as put_in_place:
        if begun:
            put_in_place(_JOURNAL)
        for file in to_write:
            put_in_place(file.name)
            report.written.append(file.name)
        for name in stale:
            present = bytes_at(folder / name)
            if present is not None and sha256(present) in ours.get(name, ()):
                remove_file(folder / name)
                report.removed.append(name)
            elif present is not None:
                span = Span(shown(folder / name))
                message = (
                    "this file’s document is no longer issued, and somebody edited the file: it was kept"
                )
                report.found.append(
                    Diagnostic("AUP511", span, message, "move or delete it", Severity.WARNING)
                )
        for name in reversed(_folders_of(report.removed)):
            with contextlib.suppress(OSError):  # something else is in it
                (folder / name).rmdir()
        put_in_place(MANIFEST)
    if unsettled:
        put_file(folder / _JOURNAL, _journal_text(unsettled))
    else:
        remove_file(folder / _JOURNAL)
    return report


def _folders_of(names: Iterable[str]) -> list[str]:
    """The folders that some files stand in, by their paths, outer before inner."""
    parts = (name.split("/") for name in names)
    return sorted({"/".join(own[:number]) for own in parts for number in range(1, len(own))})


def write_file(path: Path, data: bytes, workspace: Workspace | None = None) -> None:
    """Put a file in its place, in one step. Raises CannotRunError; also where it would land among the sources of
    ``workspace``."""
    if workspace is not None:
        check_out(path, workspace)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_file(path, data)
    except OSError as error:
        raise CannotRunError(f"cannot write {shown(path)}: {reason(error)}") from error


def _edited(path: Path, again: str) -> Diagnostic:
    message = "somebody edited this file after it was built: it was kept, and not brought up to date"
    help_ = f"move it away, or {again} with `--force` (your copy is then saved as .bak)"
    return Diagnostic("AUP511", Span(shown(path)), message, help_)


def _not_ours(path: Path, again: str) -> Diagnostic:
    message = (
        "a file of this name was here already and is not ours: it was kept, and nothing was put in its place"
    )
    help_ = f"move it away, or {again} with `--force` (it is then saved as .bak)"
    return Diagnostic("AUP512", Span(shown(path)), message, help_)


def keep_copy(path: Path, data: bytes) -> None:
    """Keep a file that will be replaced beside it, under the first free name that ends in .bak."""
    copy, count = path.with_name(f"{path.name}.bak"), 1
    while (there := bytes_at(copy)) is not None and there != data:
        count += 1
        copy = path.with_name(f"{path.name}.{count}.bak")
    put_file(copy, data)


def _journal(folder: Path) -> dict[str, set[str]]:
    """Digests by file name of what killed builds had begun to write; nothing where there is no journal of ours."""
    data = bytes_at(folder / _JOURNAL)
    try:
        journal = msgspec.json.decode(data) if data is not None else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(journal, dict):
        return {}
    return {
        name: {str(digest) for digest in digests}
        for name, digests in journal.items()
        if is_plain_name(name) and isinstance(digests, list)
    }


def _journal_text(begun: Mapping[str, set[str]]) -> bytes:
    return msgspec.json.encode({name: sorted(digests) for name, digests in sorted(begun.items())})


def _sweep(folder: Path) -> None:
    """Remove what a killed run had not finished writing."""
    for path in folder.glob(f"{_TEMPORARY}*.tmp"):
        if not path.is_dir():  # a folder on its way, of whoever writes beside this run
            remove_file(path)


def bytes_at(path: Path) -> bytes | None:
    """The bytes of a file, None where there is none; through no link."""
    try:
        with _opened(path, getattr(os, "O_NOFOLLOW", 0)) as file:
            return file.read()
    except FileNotFoundError:
        return None


def put_file(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of a file in one step."""
    with _beside(path.parent, {path.name: data}) as put_in_place:
        put_in_place(path.name)


@contextlib.contextmanager
def _beside(folder: Path, files: Mapping[str, bytes]) -> Iterator[Callable[[str], None]]:
    """Files by name, whole and safe on the disk beside their places, and the function that puts one in its place.

    That is one step; the file has the permissions the old one had. What was not put in its place is gone at the end.
    """
    places = {name: folder / name for name in files}
    waiting = {name: place.with_name(f"{_TEMPORARY}{place.name}.tmp") for name, place in places.items()}

    def put_in_place(name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.chmod(waiting[name], stat.S_IMODE(os.lstat(folder / name).st_mode))
        os.replace(waiting[name], folder / name)
        del waiting[name]

    try:
        _put_down({waiting[name]: data for name, data in files.items()})
        yield put_in_place
    finally:
        for temporary in waiting.values():
            with contextlib.suppress(OSError):
                temporary.unlink()


def _put_down(files: Mapping[Path, bytes]) -> None:
    """Write new files, and wait until all are safe on the disk. What is waited for together shares an entry in the
    journal of the file system: on a busy disk, a school's twenty files take a seventh of the time they take one by one."""
    names = list(files)
    for some in (names[n : n + _OPEN_AT_ONCE] for n in range(0, len(names), _OPEN_AT_ONCE)):
        with contextlib.ExitStack() as opened:
            handles = []
            for name in some:
                file = opened.enter_context(open(name, "wb"))
                file.write(files[name])
                file.flush()
                handles.append(file.fileno())
                if hasattr(os, "posix_fadvise"):  # the system begins to write before it is waited for
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            for handle in handles:
                os.fsync(handle)


def remove_file(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
