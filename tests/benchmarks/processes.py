"""Start-up and whole builds, from outside: wall clock and peak memory of processes.

A build is forced, of Valley: two documents in three formats. Each state has a workspace and a cache of its
own, so that an edit in one does not touch the others. An edit changes words that are printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.measure import Row, at_most, spread
from tests.conftest import VALLEY

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 15
MEMORY = 60  # MiB
SCRIPT = str(Path(sys.executable).with_name("aupgen"))
_MODULE = (sys.executable, "-m", "aupgen")
_FILES = 6
"""Valley's two documents in three formats."""


@dataclass
class Command:
    """A command to measure. ``before`` is called with the round before each run and is not measured."""

    subject: str
    arguments: tuple[str, ...]
    goal: float | None
    folder: Path
    before: Callable[[int], None] = lambda _: None
    seconds: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def measure(self, *, counts: bool) -> float:
        """Run the command once, paired with a bare interpreter, whose peak memory it returns."""
        floor, bare = run_process((sys.executable, "-c", "pass"), self.folder)
        seconds, memory = run_process(self.arguments, self.folder)
        if counts:
            self.floor.append(floor)
            self.seconds.append(seconds)
            self.memory.append(memory)
        return bare


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder:
        commands = _commands(Path(folder))
        floor_memory: list[float] = []
        for number in range(ROUNDS + 1):
            for command in commands:
                command.before(number)
                bare = command.measure(counts=bool(number))  # the first round fills caches, of bytecode too
                if number:
                    floor_memory.append(bare)
        for out in Path(folder).glob("*/out"):
            built = sum(path.suffix in (".docx", ".html", ".md") for path in out.rglob("*"))
            if built != _FILES:
                raise AssertionError(f"{out.parent.name}: {built} files were built, not {_FILES}")
    out_rows = [at_most(c.subject, c.seconds, c.floor, c.goal) for c in commands]
    for command in commands:
        if "edited" in command.subject and command.goal:
            peak = f"{spread(command.memory, '.0f')} MiB"
            floor_peak = f"{spread(floor_memory, '.0f')} MiB"
            met = max(command.memory) <= MEMORY
            out_rows.append(
                Row(f"peak memory: {command.subject}", peak, floor_peak, "", f"≤ {MEMORY} MiB", met)
            )
    return out_rows


def _commands(folder: Path) -> list[Command]:
    states = {name: workspace_copy(folder / name) for name in ("unedited", "profile", "clause", "module")}
    build = ("build", "schools/valley.yaml", "--force", "--out", "out")
    anywhere = states["unedited"]
    return [
        Command("aupgen --version", (SCRIPT, "--version"), 5, anywhere),
        Command("aupgen --help", (SCRIPT, "--help"), 5, anywhere),
        Command("build, nothing edited", (SCRIPT, *build), 10, states["unedited"]),
        Command(
            "build, profile edited",
            (SCRIPT, *build),
            22,
            states["profile"],
            _edit_profile(states["profile"]),
        ),
        Command(
            "build, clause edited", (SCRIPT, *build), 45, states["clause"], _edit_clause(states["clause"])
        ),
        Command("python -m aupgen --version", (*_MODULE, "--version"), None, anywhere),
        Command("python -m aupgen build, nothing edited", (*_MODULE, *build), None, states["module"]),
    ]


def workspace_copy(folder: Path) -> Path:
    for name in ("clauses", "schools", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copyfile(VALLEY, folder / "schools" / "valley.yaml")
    return folder


def _edit_profile(workspace: Path) -> Callable[[int], None]:
    return _editor(workspace / "schools" / "valley.yaml", r"^mottos:\n", "mottos:\n  - Motto of round {}\n")


def _edit_clause(workspace: Path) -> Callable[[int], None]:
    # the first wording of the file, which Valley prints
    return _editor(
        workspace / "clauses" / "passwords.yaml", r"text: >-\n +", "text: >-\n          {} times over, "
    )


def _editor(path: Path, place: str, replacement: str) -> Callable[[int], None]:
    original = path.read_text(encoding="utf-8")

    def edit(number: int) -> None:
        text, count = re.subn(place, replacement.format(number + 2), original, count=1, flags=re.M)
        if not count:
            raise AssertionError(f"{path.name} has no place for an edit")
        path.write_text(text, encoding="utf-8")

    return edit


def run_process(arguments: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """Wall seconds from start to exit, and peak memory in MiB. Raises AssertionError where the command failed."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "AUPGEN_CACHE_DIR": str(folder / "cache"),
    }
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            raise AssertionError(f"{' '.join(arguments)} ended with {process.returncode}:\n{said}")
    return seconds, usage.ru_maxrss / 1024
