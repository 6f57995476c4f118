"""Comparing editions: tracked changes of a 40-clause agreement against `python-redlines`, and 500 schools in one run.

The peer is given the two built files, as its users have them, and a process of its own for each comparison is how it
works. We are given the two trees that the build makes on its way. Both sides mark 10 of 40 clauses.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import BulletList, Document, ListItem, Paragraph, Section, Text
from aupgen.writers.docx import write_docx
from aupgen.writers.docx_revisions import Author, write_redline
from tests.benchmarks.case import ROOT, neighbours, valley
from tests.benchmarks.measure import Row, times_faster

CLAUSES, CHANGED = 40, 10
GOAL_RATIO = 100
SCHOOLS, GOAL_SECONDS = 500, 20
ROUNDS = 5
_AUTHOR = Author("Clerk", "2026-09-01")


def rows() -> Iterator[Row]:
    yield _redline()
    yield from _many()


def _redline() -> Row:
    subject = f"tracked changes, {CLAUSES} clauses, {CHANGED} of them changed, against python-redlines"
    try:
        from python_redlines.engines import DocxodusEngine
    except ImportError:
        return Row(f"{subject}: not measured, it is not installed")
    case, engine = valley(), DocxodusEngine()
    repeats = {"ours": 20, "theirs": 1}
    pairs = iter(list(islice(_pairs(), (ROUNDS + 1) * repeats["ours"] + 1)))
    old, new = next(pairs)
    files = [write_docx(document, case.shell) for document in (old, new)]

    def ours() -> bytes:
        return write_redline(*next(pairs), case.shell, _AUTHOR)

    def theirs() -> object:
        return engine.run_redline("Clerk", files[0], files[1])

    # its work is done in a child process, whose time is not ours: so both are taken by the clock on the wall
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    methods: dict[str, Callable[[], object]] = {"ours": ours, "theirs": theirs}
    for _ in range(ROUNDS + 1):
        for name, method in methods.items():
            began = time.perf_counter()
            for _ in range(repeats[name]):
                method()
            times[name].append((time.perf_counter() - began) / repeats[name])
    for taken in times.values():
        taken.pop(0)  # the first round pays for imports and caches
    return times_faster(subject, times["ours"], times["theirs"], GOAL_RATIO)


def _pairs() -> Iterator[tuple[Document, Document]]:
    """Yield agreements of 40 clauses in two editions, no two of them of one school."""
    case = valley()
    for number, school in zip(count(), neighbours(case.profile)):
        document = bind_profile(case.library, school, only=["staff-agreement"])[0].documents[0]
        yield _first_clauses(document, number, changed=False), _first_clauses(document, number, changed=True)


def _first_clauses(document: Document, number: int, *, changed: bool) -> Document:
    left = CLAUSES
    seen = 0

    def kept(items: tuple[ListItem, ...]) -> Iterator[ListItem]:
        nonlocal left, seen
        for item in islice(items, left):
            left -= 1
            seen += 1
            is_changed = changed and seen % (CLAUSES // CHANGED) == 0
            more = (Text(f" and tell office {number} on the same day"),) if is_changed else ()
            yield replace(item, inlines=(*item.inlines, *more))

    blocks = []
    for block in document.blocks:
        if isinstance(block, Section):
            inner = tuple(
                replace(part, items=tuple(kept(part.items))) if isinstance(part, BulletList) else part
                for part in block.blocks
            )
            block = replace(block, blocks=inner)
        blocks.append(block)
    blocks.insert(1, Paragraph((Text(f"School {number}."),)))
    return replace(document, blocks=tuple(blocks))


def _many() -> Iterator[Row]:
    """`aupgen diff` over schools that each speak of a year before: wall clock, and the peak of a process's memory."""
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder:
        few, many = (_workspace(Path(folder) / str(size), size) for size in (SCHOOLS // 5, SCHOOLS))
        peaks = []
        for paths in (few, many):
            wall, seconds, peak = _run(paths)
            peaks.append(peak)
        subject = f"aupgen diff --format json over {SCHOOLS} schools of 12 documents"
        each = f"{seconds / SCHOOLS * 1000:.1f} ms of CPU each"
        met = wall <= GOAL_SECONDS
        yield Row(subject, f"{wall:.1f} s", f"CPU {seconds:.1f} s", each, f"≤ {GOAL_SECONDS} s", met)
        grown = peaks[1] / peaks[0]
        shown = f"{peaks[1]:.0f} MiB"
        yield Row(
            "… its peak memory, against a fifth of the schools", shown, f"{peaks[0]:.0f} MiB", f"× {grown:.2f}", "≤ 1.3", grown <= 1.3
        )  # fmt: skip


_CHILD = """
import resource, sys
from aupgen.cli.main import run
try:
    run(sys.argv[1:])
except SystemExit as done:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(sum(u.ru_utime + u.ru_stime for u in used), max(u.ru_maxrss for u in used), file=sys.stderr)
    raise
"""


def _run(paths: list[Path]) -> tuple[float, float, float]:
    """Seconds on the wall, of CPU, and MiB of one run; raises AssertionError where it fails."""
    arguments = [sys.executable, "-c", _CHILD, "diff", *map(str, paths), "--format", "json"]
    environment = {**os.environ, "AUPGEN_CACHE_DIR": str(paths[0].parent.parent / "cache")}
    began = time.perf_counter()
    done = subprocess.run(
        arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    seconds = time.perf_counter() - began
    assert done.returncode == 0, done.stderr[-500:]
    cpu, peak = done.stderr.split()[-2:]
    return seconds, float(cpu), int(peak) / 1024


def _workspace(folder: Path, schools: int) -> list[Path]:
    """Copies of Oakfield under other names and at other hours, in a workspace of the shipped library."""
    folder.mkdir()
    for name in ("clauses", "templates"):
        (folder / name).symlink_to(ROOT / name)
    place = folder / "schools"
    place.mkdir()
    for name in ("larkway", "northmoor", "saltmarsh", "eastholme"):
        source = ROOT / "schools" / f"{name}.yaml"
        (place / source.name).write_bytes(source.read_bytes())
    text = (ROOT / "schools" / "oakfield.yaml").read_text(encoding="utf-8")
    paths = []
    for number in range(schools):
        path = place / f"school-{number:03}.yaml"
        changed = text.replace("name: Oakfield School", f"name: School {number}")
        path.write_text(changed.replace("8:40", f"8:{number % 60:02}"), encoding="utf-8")
        paths.append(path)
    return paths
