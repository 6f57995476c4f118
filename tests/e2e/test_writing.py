"""What `aupgen build` promises of the files it writes: nothing lost, nothing foreign touched, whole files at
any moment, and exit codes a script can rely on. A build is killed, interrupted and starved of disk space at
every step in turn, by a driver that changes what `os` and `open` do in a child process."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.e2e.test_reproducible import NAMES, aupgen, contents, copy_workspace

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver starts its builds with fork")

FOLDER = "valley/2018-19"

# ------------------------------------------------------------------ the driver

# Reads one JSON request a line; runs each build in a child it forks, so that Python and the package are
# loaded once; answers with exit code, output and the number of steps taken. A step is the moment before a
# call that changes the disk, or the moment a file is half written. `at` names the step at which the fault
# strikes, 0 none.
DRIVER = r'''
import builtins, contextlib, errno, gc, io, json, os, signal, sys, tempfile, threading

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.dont_write_bytecode = True
os.fsync = lambda handle: None  # a killed process takes nothing along that it has handed to the system
import difflib
import tempfile
import aupgen.cli.build
import aupgen.library.compiling
import aupgen.profiles.layers
import aupgen.writers.docx_shell
from aupgen.cli.loading import load
from aupgen.cli.main import run
from aupgen.files import installed_library

# Once through everything, so that all is imported before a child becomes a user who may not read Python's folder.
os.environ["AUPGEN_CACHE_DIR"] = ""
load(installed_library()).shell()

CHANGES = ["replace", "rename", "unlink", "remove", "rmdir", "mkdir", "link", "symlink"]
real_open, real_os_open = builtins.open, os.open
steps = 0


class FullDisk(io.FileIO):
    """A file of which half of each write reaches the disk before it is full."""

    def write(self, data):
        super().write(bytes(data)[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def install(fault, at):
    counting = threading.Lock()  # files are waited for in several threads

    def is_now():
        global steps
        with counting:
            steps += 1
            return steps == at

    def strike():
        if fault == "kill":
            os._exit(9)
        if fault == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
        if fault == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def before(real):
        def call(*args, **kwargs):
            if real.__name__ == "mkdir" and os.path.isdir(args[0]):
                return real(*args, **kwargs)
            if is_now():
                strike()
            return real(*args, **kwargs)
        return call

    def opened(file, mode="r", *args, **kwargs):
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return real_open(file, mode, *args, **kwargs)
        if is_now():
            strike()
        if not is_now():
            return real_open(file, mode, *args, **kwargs)
        if fault == "full" and "b" in mode:
            return io.BufferedWriter(FullDisk(file, mode.replace("b", "")))
        result = real_open(file, mode, *args, **kwargs)
        result.write(b"half a file" if "b" in mode else "half a file")
        result.flush()
        strike()
        return result

    def os_opened(path, flags, *args, **kwargs):
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return (before(real_os_open) if writes else real_os_open)(path, flags, *args, **kwargs)

    builtins.open = io.open = opened
    os.open = os_opened
    for name in CHANGES if fault == "kill" else [*CHANGES, "fsync", "chmod"]:
        setattr(os, name, before(getattr(os, name)))


def child(request, out, err, count):
    os.chdir(request["cwd"])
    if request["user"]:
        # The super-user's Python may be closed to others: load all that a build needs while we are he.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            run([*request["arguments"], "--out", tempfile.mkdtemp()])
        os.seteuid(request["user"])
    os.dup2(out, 1)
    os.dup2(err, 2)
    gc.disable()
    install(request["fault"], request["at"])
    code = 70
    try:
        run(request["arguments"])
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
    except BaseException:
        import traceback
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(count, str(steps).encode())
        os._exit(code)


for line in sys.stdin:
    request = json.loads(line)
    files = [tempfile.TemporaryFile() for _ in range(3)]
    pid = os.fork()
    if not pid:
        child(request, *(file.fileno() for file in files))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    texts = []
    for file in files:
        file.seek(0)
        texts.append(file.read().decode("utf-8"))
        file.close()
    answer = {"code": code, "stdout": texts[0], "stderr": texts[1], "steps": int(texts[2] or 0)}
    print(json.dumps(answer), flush=True)
'''


@dataclass(frozen=True)
class Run:
    """How a build ended; ``steps`` is 0 for one that was killed."""

    code: int
    stdout: str
    stderr: str
    steps: int


class Driver:
    """A process that runs builds for us; see `DRIVER`."""

    def __init__(self, script: Path) -> None:
        script.write_text(DRIVER, encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Driver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.communicate(timeout=30)

    def build(self, cwd: Path, *arguments: str | Path, fault: str = "", at: int = 0, user: int = 0) -> Run:
        """Run `aupgen build` in ``cwd``; ``user`` is the effective user id, 0 our own."""
        return self.run(cwd, "build", *arguments, fault=fault, at=at, user=user)

    def run(self, cwd: Path, *arguments: str | Path, fault: str = "", at: int = 0, user: int = 0) -> Run:
        """Run any command likewise."""
        request = {
            "cwd": str(cwd),
            "arguments": [*map(str, arguments)],
            "fault": fault,
            "at": at,
            "user": user,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return Run(**json.loads(self.process.stdout.readline()))


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with Driver(tmp_path_factory.mktemp("driver") / "driver.py") as running:
        yield running


# ------------------------------------------------------------------ a school that changes its mind

PROFILE = """\
kind: school
name: {name}
nation: england
phase: primary
policy_year: 2018-19
edition: {{number: 1, date: 2019-03}}
approver: Full Governing Board
mottos: ["{motto}"]
contacts:
  headteacher: {{title: Headteacher}}
  chair-of-governors: {{title: Chair of Governors}}
  governing-board: {{title: Governing Board}}
other_roles: headteacher
parameters:
  phone_free_hours: {{from: 8:30, to: 15:30}}
documents:
{documents}
"""


def profile(name: str, *documents: str, motto: str = "Learn to Believe") -> str:
    """The text of a profile that issues some documents."""
    return PROFILE.format(name=name, motto=motto, documents="\n".join(f"  {id_}:" for id_ in documents))


BOTH = ("staff-policy", "staff-agreement")
ASH = profile("Ash School", *BOTH)
BEECH = profile("Beech School", "staff-agreement")
CEDAR = profile("Cedar School", *BOTH)
OWN_WORDS = b"My own words\n"
DAMSON = profile("Damson School", "staff-agreement")


class School:
    """A workspace with one profile, and the folder its documents land in."""

    def __init__(self, root: Path, driver: Driver) -> None:
        self.root, self.driver = copy_workspace(root), driver
        self.out = root / "build"
        self.folder = self.out / FOLDER
        self._clean: dict[str, dict[str, bytes]] = {}

    def write(self, text: str) -> None:
        (self.root / "schools" / "valley.yaml").write_text(text, encoding="utf-8")

    def build(self, *options: str | Path, fault: str = "", at: int = 0) -> Run:
        return self.driver.build(self.root, "schools/valley.yaml", *options, fault=fault, at=at)

    def built(self, text: str, *options: str | Path) -> Run:
        """Build a profile's text, which must come off without a word on stderr."""
        self.write(text)
        done = self.build(*options)
        assert (done.code, done.stderr) == (0, "")
        return done

    def clean(self, text: str) -> dict[str, bytes]:
        """What a build of this text into an empty folder gives."""
        if text not in self._clean:
            self.built(text, "--out", "clean")
            self._clean[text] = contents(self.root / "clean")
            shutil.rmtree(self.root / "clean")
        return self._clean[text]

    def start_with(self, files: dict[str, bytes]) -> None:
        """Make the output folder hold these files and nothing else."""
        shutil.rmtree(self.out, ignore_errors=True)
        for name, data in files.items():
            (self.out / name).parent.mkdir(parents=True, exist_ok=True)
            (self.out / name).write_bytes(data)


@pytest.fixture
def school(tmp_path: Path, driver: Driver) -> School:
    return School(tmp_path, driver)


@pytest.fixture(scope="module")
def old_school(tmp_path_factory: pytest.TempPathFactory, driver: Driver) -> School:
    """One workspace for the tests that strike at every step: its output folder is set anew each time."""
    return School(tmp_path_factory.mktemp("old-school"), driver)


def times(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file was last written, and which file it is."""
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in (folder, *folder.rglob("*"))}


def manifest_of(school: School) -> Any:
    return json.loads((school.folder / "manifest.json").read_text(encoding="utf-8"))


def assert_one_line(stderr: str, *wanted: str) -> None:
    """One line for the user: no traceback, no apology, and it names what it is about."""
    assert stderr.endswith("\n")
    assert stderr.count("\n") == 1, stderr
    assert "Traceback" not in stderr
    assert "internal error" not in stderr
    for part in wanted:
        assert part in stderr


# ------------------------------------------------------------------ what is there already


def test_a_second_build_touches_nothing(school: School) -> None:
    first = school.built(ASH)
    before = times(school.folder)
    second = school.built(ASH)
    assert times(school.folder) == before
    assert "unchanged" not in first.stdout
    assert second.stdout.count("(unchanged)") == len(NAMES)


def test_a_build_writes_only_what_changed(school: School) -> None:
    school.built(ASH)
    before = times(school.folder)
    school.built(profile("Ash School", *BOTH, motto="Another motto"))  # printed by the policy alone
    after = times(school.folder)
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"2018-19"} == {f"staff-policy.{suffix}" for suffix in ("docx", "md", "html")} | {
        "manifest.json"
    }


def test_a_file_edited_by_hand_is_kept_and_reported(school: School) -> None:
    school.built(ASH)
    edited = school.folder / "staff-agreement.md"
    edited.write_bytes(OWN_WORDS)
    school.write(CEDAR)
    done = school.build()
    assert done.code == 1
    assert "build/valley/2018-19/staff-agreement.md:1:1: error AUP511" in done.stderr
    assert edited.read_bytes() == OWN_WORDS
    assert not (school.folder / "staff-agreement.md.bak").exists()
    clean = school.clean(CEDAR)
    others = NAMES - {"staff-agreement.md"}
    assert {name: (school.folder / name).read_bytes() for name in others} == {
        name: clean[f"{FOLDER}/{name}"] for name in others
    }


def test_a_file_edited_by_hand_is_called_so_at_every_build(school: School) -> None:
    school.built(ASH)
    (school.folder / "staff-agreement.md").write_bytes(OWN_WORDS)
    codes = []
    for _ in range(3):
        done = school.build()
        codes.append((done.code, *re.findall("AUP[0-9]+", done.stderr)))
    assert codes == [(1, "AUP511")] * 3


def test_an_edit_that_was_undone_is_forgotten(school: School) -> None:
    school.built(ASH)
    before = contents(school.out)
    (school.folder / "staff-agreement.md").write_bytes(OWN_WORDS)
    assert school.build().code == 1
    (school.folder / "staff-agreement.md").write_bytes(before[f"{FOLDER}/staff-agreement.md"])
    school.built(ASH)
    assert contents(school.out) == before


def test_force_replaces_an_edited_file_and_keeps_the_edit_beside_it(school: School) -> None:
    school.built(ASH)
    (school.folder / "staff-agreement.md").write_bytes(OWN_WORDS)
    assert school.build("--force").code == 0
    backup = contents(school.out)
    assert backup.pop(f"{FOLDER}/staff-agreement.md.bak") == OWN_WORDS
    assert backup == school.clean(ASH)
    assert (school.build().code, school.build("--force").code) == (0, 0)
    assert (school.folder / "staff-agreement.md.bak").read_bytes() == OWN_WORDS


def test_force_never_destroys_an_earlier_copy(school: School) -> None:
    school.built(ASH)
    for words in ("First words\n", "Second words\n"):
        (school.folder / "staff-agreement.md").write_text(words, encoding="utf-8")
        assert school.build("--force").code == 0
    kept = set(contents(school.folder).values())
    assert {b"First words\n", b"Second words\n"} <= kept


def test_a_foreign_file_is_kept_and_reported(school: School) -> None:
    school.folder.mkdir(parents=True)
    foreign = school.folder / "staff-policy.docx"
    foreign.write_bytes(b"somebody else's")
    school.write(ASH)
    done = school.build()
    assert done.code == 1
    assert "build/valley/2018-19/staff-policy.docx:1:1: error AUP512" in done.stderr
    assert foreign.read_bytes() == b"somebody else's"
    assert school.build("--force").code == 0
    found = contents(school.out)
    assert found.pop(f"{FOLDER}/staff-policy.docx.bak") == b"somebody else's"
    assert found == school.clean(ASH)


def test_a_foreign_manifest_is_not_overwritten_in_silence(school: School) -> None:
    school.folder.mkdir(parents=True)
    foreign = b'{"name": "The school\'s web app", "icons": []}\n'
    (school.folder / "manifest.json").write_bytes(foreign)
    school.write(ASH)
    done = school.build()
    assert foreign in contents(school.folder).values()
    assert done.code != 0
    assert "manifest.json" in done.stderr


def test_files_of_other_names_are_left_alone(school: School) -> None:
    school.built(ASH)
    (school.folder / "notes.txt").write_bytes(b"notes")
    (school.out / "index.html").write_bytes(b"index")
    school.built(CEDAR)
    found = contents(school.out)
    assert (found.pop(f"{FOLDER}/notes.txt"), found.pop("index.html")) == (b"notes", b"index")
    assert found == school.clean(CEDAR)


def test_the_files_of_a_dropped_document_disappear(school: School) -> None:
    school.built(ASH)
    done = school.built(BEECH)
    assert contents(school.out) == school.clean(BEECH)
    assert done.stdout.count("(removed: no longer issued)") == 3


def test_an_edited_file_of_a_dropped_document_is_kept_and_reported(school: School) -> None:
    school.built(ASH)
    (school.folder / "staff-policy.html").write_bytes(OWN_WORDS)
    school.write(BEECH)
    done = school.build()
    assert "staff-policy.html:1:1: warning AUP511" in done.stderr
    found = contents(school.out)
    assert found.pop(f"{FOLDER}/staff-policy.html") == OWN_WORDS
    assert found == school.clean(BEECH)


def test_an_edit_reported_before_its_document_was_dropped_is_reported_then_too(school: School) -> None:
    school.built(ASH)
    (school.folder / "staff-policy.html").write_bytes(OWN_WORDS)
    assert school.build().code == 1
    school.write(BEECH)
    done = school.build()
    assert (school.folder / "staff-policy.html").read_bytes() == OWN_WORDS
    assert "staff-policy.html" in done.stderr


def test_a_replaced_file_keeps_its_permissions(school: School) -> None:
    school.built(ASH)
    os.chmod(school.folder / "staff-policy.docx", 0o600)
    school.built(CEDAR)
    assert stat.S_IMODE((school.folder / "staff-policy.docx").stat().st_mode) == 0o600


# ------------------------------------------------------------------ builds narrowed


@pytest.mark.parametrize(
    ("options", "rebuilt"),
    [
        (["--document", "staff-agreement"], {f"staff-agreement.{suffix}" for suffix in ("docx", "md", "html")}),
        (["--format", "md"], {"staff-policy.md", "staff-agreement.md"}),
        (["--document", "staff-policy", "--format", "docx", "--format", "html"], {"staff-policy.docx", "staff-policy.html"}),
    ],
)  # fmt: skip
def test_a_narrowed_build_leaves_other_files_and_their_listing(
    school: School, options: list[str], rebuilt: set[str]
) -> None:
    school.built(ASH)
    before, listed = contents(school.folder), _listed(school)
    school.built(CEDAR, *options)
    after = contents(school.folder)
    assert {name for name in after if after[name] != before[name]} == rebuilt | {"manifest.json"}
    assert after.keys() == before.keys()
    assert _listed(school).keys() == listed.keys()
    assert {name for name, digest in _listed(school).items() if digest != listed[name]} == rebuilt
    school.built(CEDAR)
    assert contents(school.out) == school.clean(CEDAR)


def _listed(school: School) -> dict[str, str]:
    """The digests of the manifest by file name."""
    return {f["name"]: f["sha256"] for entry in manifest_of(school)["documents"] for f in entry["files"]}


@pytest.mark.parametrize("options", [["--document", "staff-agreement"], ["--format", "md"]])
def test_a_narrowed_build_of_what_is_up_to_date_touches_nothing(school: School, options: list[str]) -> None:
    school.built(ASH)
    before = times(school.folder)
    school.built(ASH, *options)
    assert times(school.folder) == before


def test_narrowed_builds_one_by_one_end_as_a_whole_one(school: School) -> None:
    for format_ in ("html", "docx", "md"):
        school.built(ASH, "--format", format_)
    school.built(ASH)
    assert contents(school.out) == school.clean(ASH)


def test_a_narrowed_build_reports_nothing_of_files_it_does_not_write(school: School) -> None:
    school.built(ASH)
    (school.folder / "staff-policy.md").write_bytes(OWN_WORDS)
    school.built(CEDAR, "--document", "staff-agreement")
    assert (school.folder / "staff-policy.md").read_bytes() == OWN_WORDS
    assert school.build().code == 1
    assert (school.folder / "staff-policy.md").read_bytes() == OWN_WORDS


# ------------------------------------------------------------------ killed, interrupted, disk full


def _struck(
    school: School,
    fault: str,
    start: dict[str, bytes],
    text: str,
    *options: str,
    every: int = 1,
    first: int = 1,
) -> Iterator[int]:
    """Set the folder to ``start`` and strike a build of ``text`` at one step after another, until one build
    gets through; yield each step struck."""
    school.clean(text)  # what a build may remember from an earlier one is remembered before any is struck
    at = first
    while True:
        school.start_with(start)
        school.write(text)
        done = school.build(*options, fault=fault, at=at)
        if done.steps and done.steps < at:
            assert done.code == 0
            assert at > 12, "the build was struck at too few steps to mean anything"
            return
        _assert_ended_as_it_should(done, fault)
        yield at
        at += every


def _assert_ended_as_it_should(done: Run, fault: str) -> None:
    match fault:
        case "kill":
            assert done.code == 9
        case "interrupt":
            assert (done.code, done.stdout, done.stderr.strip()) == (130, "", "aupgen: interrupted")
        case "full":
            assert done.code == 2
            assert_one_line(done.stderr, "cannot write", "no space left on device")


def _assert_whole(school: School, *editions: dict[str, bytes]) -> None:
    """Each file under its own name is that of one edition or another, whole."""
    for name, data in _in_place(school).items():
        assert data in [edition.get(name) for edition in editions], f"{name} is torn"


def _in_place(school: School) -> dict[str, bytes]:
    """The files under their own names, in folders under theirs."""
    files = contents(school.out).items()
    return {name: data for name, data in files if not any(part.startswith(".") for part in Path(name).parts)}


@pytest.mark.parametrize("fault", ["kill", "interrupt", "full"])
def test_a_first_build_struck_at_any_step_leaves_all_or_nothing(old_school: School, fault: str) -> None:
    clean = old_school.clean(ASH)
    for at in _struck(old_school, fault, {}, ASH):
        assert _in_place(old_school) in ({}, clean)
        if fault != "kill":
            assert contents(old_school.out) == _in_place(old_school), "what it could have tidied up is there"
        old_school.built(ASH)
        assert contents(old_school.out) == clean, f"struck at step {at}"


@pytest.mark.parametrize("fault", ["kill", "interrupt", "full"])
def test_a_new_edition_struck_at_any_step_is_made_good_by_the_next(old_school: School, fault: str) -> None:
    old, clean = old_school.clean(ASH), old_school.clean(BEECH)  # one document changes, the other is dropped
    for at in _struck(old_school, fault, old, BEECH, every=2 if fault == "interrupt" else 1):
        _assert_whole(old_school, old, clean)
        old_school.built(BEECH)
        assert contents(old_school.out) == clean, f"struck at step {at}"


@pytest.mark.parametrize("fault", ["interrupt", "full"])
def test_a_build_that_could_still_tidy_up_leaves_no_half_file(old_school: School, fault: str) -> None:
    left = {
        f"step {at}: {name}"
        for at in _struck(old_school, fault, old_school.clean(BEECH), DAMSON, every=3)
        for name in contents(old_school.out)
        if name.endswith(".tmp")
    }
    assert left == set()


@pytest.mark.parametrize(
    ("before", "struck", "after"),
    [(ASH, BEECH, CEDAR), (BEECH, CEDAR, DAMSON)],
    ids=["drops a document, then takes it up again", "takes a document up, then drops it again"],
)
def test_sources_that_change_again_after_a_kill_are_built_cleanly(
    old_school: School, before: str, struck: str, after: str
) -> None:
    old, clean = old_school.clean(before), old_school.clean(after)
    for at in _struck(old_school, "kill", old, struck, first=2, every=2):
        old_school.built(after)
        assert contents(old_school.out) == clean, f"killed at step {at}"


def test_two_kills_with_an_edit_between_them_are_made_good(old_school: School) -> None:
    old, clean = old_school.clean(ASH), old_school.clean(DAMSON)
    faults = []
    for first in _struck(old_school, "kill", old, CEDAR, first=4, every=9):
        state = contents(old_school.out)
        for second in _struck(old_school, "kill", state, DAMSON, first=3, every=4):
            done = old_school.build()
            if done.code or contents(old_school.out) != clean:
                found = re.findall(r"(\S+):1:1: \w+ (AUP\d+)", done.stderr)
                faults.append(f"killed at {first}, then at {second}: exit {done.code}, {found[:1]}")
    assert faults == []


def test_a_narrowed_build_after_a_kill_forgets_nothing(old_school: School) -> None:
    old, clean = old_school.clean(ASH), old_school.clean(DAMSON)
    faults = []
    for at in _struck(old_school, "kill", old, CEDAR, every=3):
        old_school.built(CEDAR, "--document", "staff-agreement")
        old_school.write(DAMSON)
        done = old_school.build()
        if done.code or contents(old_school.out) != clean:
            faults.append(f"killed at {at}: exit {done.code}, {re.findall('AUP[0-9]+', done.stderr)}")
    assert faults == []


def test_an_edit_survives_a_kill_at_any_step_of_a_forced_build(old_school: School) -> None:
    old, clean = old_school.clean(ASH), old_school.clean(BEECH)
    start = {**old, f"{FOLDER}/staff-agreement.md": OWN_WORDS}
    for at in _struck(old_school, "kill", start, BEECH, "--force", every=2):
        assert OWN_WORDS in contents(old_school.out).values(), f"killed at step {at}"
        assert old_school.build("--force").code == 0
        found = contents(old_school.out)
        assert found.pop(f"{FOLDER}/staff-agreement.md.bak") == OWN_WORDS
        assert found == clean, f"killed at step {at}"


def test_two_builds_at_once_end_as_one(school: School) -> None:
    clean = school.clean(ASH)
    school.write(ASH)
    command = [sys.executable, "-m", "aupgen", "build", "schools/valley.yaml"]
    running = [subprocess.Popen(command, cwd=school.root, stderr=subprocess.PIPE) for _ in range(3)]
    ends = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    assert ends == [(b"", 0)] * 3
    assert contents(school.out) == clean


# ------------------------------------------------------------------ what cannot be done


def test_a_folder_that_may_not_be_written_to_is_named(school: School, tmp_path: Path) -> None:
    """The super-user may write anywhere, so that the build is run as nobody where the tests run as root."""
    school.built(ASH)
    school.write(CEDAR)
    before = contents(school.out)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    school.folder.chmod(0o555)
    user = 0 if os.geteuid() else 65534
    done = school.driver.build(school.root, "schools/valley.yaml", user=user)
    school.folder.chmod(0o755)
    assert done.code == 2
    assert_one_line(done.stderr, "valley/2018-19", "permission denied")
    assert (done.stdout, contents(school.out)) == ("", before)


def test_an_output_folder_below_a_file_cannot_be_made(school: School) -> None:
    (school.root / "report").write_text("a file", encoding="utf-8")
    done = school.build("--out", "report/inside")
    assert done.code == 2
    assert_one_line(done.stderr, "report/inside", "not a directory")
    school.out.mkdir()
    (school.out / "valley").write_text("a file", encoding="utf-8")
    done = school.build()
    assert done.code == 2
    assert_one_line(done.stderr, "build/valley")


def test_a_file_named_as_output_folder_is_refused(school: School) -> None:
    (school.root / "report").write_text("a file", encoding="utf-8")
    done = school.build("--out", "report")
    assert done.code == 2
    assert "report" in done.stderr
    assert "Traceback" not in done.stderr
    assert (school.root / "report").read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize(
    "path", ["schools/vally.yaml", "nowhere/valley.yaml", "schools", "schools/valley.yaml/x"]
)
def test_a_profile_that_is_no_file_is_named(school: School, path: str) -> None:
    done = school.driver.build(school.root, path)
    assert done.code == 2
    assert_one_line(done.stderr, path)
    assert done.stdout == ""
    assert not school.out.exists()


def test_a_missing_profile_beats_a_good_one_and_nothing_is_written(school: School) -> None:
    done = school.build("schools/vally.yaml")
    assert done.code == 2
    assert_one_line(done.stderr, "schools/vally.yaml", "did you mean `valley.yaml`")
    assert not school.out.exists()


def test_a_profile_that_may_not_be_read_is_named(school: School, tmp_path: Path) -> None:
    school.built(ASH)
    (school.root / "schools" / "valley.yaml").chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    user = 0 if os.geteuid() else 65534
    done = school.driver.build(school.root, "schools/valley.yaml", user=user)
    assert done.code == 2
    assert_one_line(done.stderr, "schools/valley.yaml", "permission denied")


@pytest.mark.parametrize(
    "out", ["clauses", "clauses/out", "schools", "templates/a/b", "build/../clauses", "link"]
)
def test_documents_are_not_written_among_their_sources(school: School, out: str) -> None:
    (school.root / "link").symlink_to(school.root / "clauses")
    before = contents(school.root)
    done = school.build("--out", out)
    assert done.code == 2
    assert_one_line(done.stderr, out)
    assert contents(school.root) == before


def test_a_school_named_like_a_folder_of_the_library_is_not_written_among_its_sources(school: School) -> None:
    shutil.copy(school.root / "schools" / "valley.yaml", school.root / "schools" / "clauses.yaml")
    before = contents(school.root)
    done = school.driver.build(school.root, "schools/clauses.yaml", "--out", ".")
    assert (done.code, contents(school.root)) == (2, before)


def test_a_value_that_is_missing_stops_the_build_and_leaves_the_old_files(school: School) -> None:
    school.built(ASH)
    before = contents(school.out)
    school.write(ASH.replace("parameters:\n  phone_free_hours: {from: 8:30, to: 15:30}\n", ""))
    done = school.build()
    assert done.code == 1
    assert "AUP210" in done.stderr
    assert contents(school.out) == before


def test_an_interrupted_command_ends_with_130(school: School) -> None:
    school.built(ASH)
    before = contents(school.out)
    school.write(CEDAR)
    done = school.build(fault="interrupt", at=1)
    _assert_ended_as_it_should(done, "interrupt")
    assert contents(school.out) == before


# ------------------------------------------------------------------ an output folder somebody meddled with

BROKEN_MANIFESTS = {
    "empty": b"",
    "cut off": b'{"aupgen": "0.1.0", "documents": [{"id": "staff-po',
    "not UTF-8": b"\xff\xfe{}",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "documents are numbers": b'{"aupgen": "0.1.0", "documents": [1, 2]}',
    "files are null": b'{"aupgen": "0.1.0", "documents": [{"id": "staff-policy", "files": null}]}',
    "a file without digest": b'{"aupgen": "0.1.0", "documents": [{"id": "x", "files": [{"name": "a"}]}]}',
    "a file without name": b'{"aupgen": "0.1.0", "documents": [{"id": "x", "files": [{"sha256": "a"}]}]}',
    "a name with NUL": b'{"aupgen": "0", "documents": [{"id": "x", "files": [{"name": "a\\u0000", "sha256": "a"}]}]}',
    "a name that is a folder": b'{"aupgen": "0", "documents": [{"id": "x", "files": [{"name": "..", "sha256": "a"}]}]}',
}


@pytest.mark.parametrize("damage", BROKEN_MANIFESTS.values(), ids=BROKEN_MANIFESTS.keys())
def test_a_damaged_manifest_stops_no_build(school: School, damage: bytes) -> None:
    school.built(ASH)
    for options in (["--document", "staff-agreement"], []):
        (school.folder / "manifest.json").write_bytes(damage)
        done = school.build(*options)
        assert "internal error" not in done.stderr
        assert done.code in (0, 1)
    assert school.build("--force").code == 0
    found = {name: data for name, data in contents(school.out).items() if not name.endswith(".bak")}
    assert found == school.clean(ASH)


@pytest.mark.parametrize("list_", ["manifest.json", ".aupgen-journal.json"])
def test_nothing_outside_its_folder_is_removed_whatever_a_manifest_or_journal_says(
    school: School, list_: str
) -> None:
    school.built(ASH)
    precious = school.root / "precious.txt"
    precious.write_bytes(b"precious")
    name, digest = "../../../precious.txt", hashlib.sha256(b"precious").hexdigest()
    forged: dict[str, Any] = {name: digest}
    if list_ == "manifest.json":
        forged = manifest_of(school)
        forged["documents"].append({"id": "x", "files": [{"name": name, "format": "md", "sha256": digest}]})
    (school.folder / list_).write_text(json.dumps(forged), encoding="utf-8")
    school.build()
    assert precious.exists()


def test_a_folder_in_the_place_of_a_file_is_named(school: School) -> None:
    (school.folder / "staff-agreement.md").mkdir(parents=True)
    (school.folder / "staff-agreement.md" / "mine.txt").write_bytes(b"mine")
    done = school.build()
    assert done.code in (1, 2)
    assert "Traceback" not in done.stderr
    assert "staff-agreement.md" in done.stderr
    assert (school.folder / "staff-agreement.md" / "mine.txt").read_bytes() == b"mine"


def test_nothing_is_written_through_a_link(school: School) -> None:
    school.built(ASH)
    elsewhere = school.root / "elsewhere.md"
    elsewhere.write_bytes(b"elsewhere")
    (school.folder / "staff-agreement.md").unlink()
    (school.folder / "staff-agreement.md").symlink_to(elsewhere)
    done = school.build()
    assert done.code in (1, 2)
    assert "staff-agreement.md" in done.stderr
    assert elsewhere.read_bytes() == b"elsewhere"
    assert school.build("--force").code in (0, 1, 2)
    assert elsewhere.read_bytes() == b"elsewhere"


def test_a_closed_pipe_ends_the_command_quietly(school: School) -> None:
    command = [sys.executable, "-m", "aupgen", "build", "schools/valley.yaml"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command, cwd=school.root, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(writer)
    assert done.returncode == 141
    assert done.stderr == b""
    assert contents(school.out) != {}


def test_the_command_itself_ends_as_the_driver_says(school: School) -> None:
    """The driver calls the command inside a fork; once each, the installed command in a process of its own."""
    school.write(ASH)
    assert aupgen("build", "schools/valley.yaml", cwd=school.root).returncode == 0
    (school.folder / "staff-agreement.md").write_bytes(OWN_WORDS)
    assert aupgen("build", "schools/valley.yaml", cwd=school.root).returncode == 1
    missing = aupgen("build", "schools/vally.yaml", cwd=school.root)
    assert missing.returncode == 2
    assert_one_line(missing.stderr, "schools/vally.yaml")


@pytest.mark.parametrize("place", ["build/valley/2018-19/staff-agreement.md", "clauses/pipe.yaml"])
def test_a_named_pipe_in_the_place_of_a_file_does_not_hang_the_build(school: School, place: str) -> None:
    (school.root / place).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(school.root / place)
    command = [sys.executable, "-m", "aupgen", "build", "schools/valley.yaml"]
    done = subprocess.run(
        command, cwd=school.root, capture_output=True, encoding="utf-8", check=False, timeout=5
    )
    assert done.returncode in (1, 2)
    assert place in done.stderr
