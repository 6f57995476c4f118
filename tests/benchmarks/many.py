"""A thousand schools by one command: six documents each in three formats, as an authority builds them.

Processes from outside, wall clock, on two cores (`--jobs 2`). No two schools are alike: names, contacts, hours,
systems, vocabulary and answers differ. Peers: docxtpl and the obvious pipeline, whose one staff agreement is timed
in this run and multiplied; they would need the other documents' templates written for them first. Beside what was
written anew stands what a disk takes to replace as many files of that size one by one. Nothing is deleted before the end: some
file systems make new files slowly for minutes after many were deleted, and that would be timed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from yaml import dump

from tests.benchmarks.case import valley
from tests.benchmarks.formats import Obvious
from tests.benchmarks.measure import Row
from tests.benchmarks.word import docxtpl_writer

ROOT = Path(__file__).parent.parent.parent
SCHOOLS = 1000
MANY = (100, 2000)
COLD_SECONDS, UNCHANGED_SECONDS, MEMORY = 10, 2, 200
DOCUMENTS = (
    "staff-agreement",
    "staff-policy",
    "governor-agreement",
    "visitor-agreement",
    "pupil-agreement-ks2",
    "parent-letter",
)
_EDITED = ("guest-wifi.yaml", "mobile-phones.yaml")
"""A topic that one of the documents draws on, or none, and one that many do."""


def rows() -> list[Row]:
    return list(_rows())


def _rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder:
        place = Path(folder)
        yield from _thousand(place / "thousand")
        each = []
        for count in MANY:
            workspace = _workspace(place / str(count), count)
            seconds, _, memory = _build(workspace)
            each.append(seconds / count * 1000)
            yield Row(
                f"{count} schools from cold, memory of the largest process",
                f"{memory:.0f} MiB",
                "",
                f"{seconds:.1f} s",
                f"≤ {MEMORY} MiB",
                memory <= MEMORY,
            )
        few, many = each
        yield Row(
            f"a school among {MANY[1]} against one among {MANY[0]}",
            f"{many:.1f} ms",
            f"{few:.1f} ms",
            f"{many / few:.2f} ×",
        )
        yield from _peers(place)


def _thousand(folder: Path) -> Iterator[Row]:
    workspace = _workspace(folder, SCHOOLS)
    files = SCHOOLS * len(DOCUMENTS) * 3

    def row(what: str, goal: float | None) -> Row:
        os.sync()
        began = time.time_ns()
        seconds, cpu, memory = _build(workspace)
        built = [path for path in (workspace / "build").rglob("*.*") if path.name != "manifest.json"]
        if len(built) != files:
            raise AssertionError(f"{len(built)} files stand there, not {files}")
        written = [path for path in built if path.stat().st_mtime_ns >= began]
        return Row(
            f"{SCHOOLS} schools, {files} files: {what}, {len(written)} written",
            f"{seconds:.2f} s",
            f"{_replaced(written, folder / 'copies'):.2f} s" if 0 < len(written) < files else "",
            f"{seconds / SCHOOLS * 1000:.2f} ms each, {cpu:.1f} s CPU, {memory:.0f} MiB",
            f"≤ {goal} s" if goal else "",
            seconds <= goal if goal else None,
        )

    yield row("from cold", COLD_SECONDS)
    yield row("nothing changed", UNCHANGED_SECONDS)
    for name in _EDITED:
        topic = workspace / "clauses" / name
        text = topic.read_text(encoding="utf-8")
        edited, count = re.subn(r"(\n {8}text: >-\n +[a-z]+ )", r"\1always ", text, count=1)
        if not count:
            raise AssertionError(f"no wording to edit in {name}")
        topic.write_text(edited, encoding="utf-8")
        yield row(f"a clause of {name} edited", None)


def _replaced(files: list[Path], folder: Path) -> float:
    """The seconds that bare replacing takes, of copies: the floor of whoever writes these files anew, none of them
    half."""
    texts = {}
    for number, file in enumerate(files):
        copy = folder / str(number // 18) / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        texts[copy] = file.read_bytes()
        copy.write_bytes(texts[copy])
    os.sync()
    began = time.perf_counter()
    for copy, text in texts.items():
        new = copy.with_suffix(".new")
        new.write_bytes(text)
        new.replace(copy)
    return time.perf_counter() - began


def _build(workspace: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of CPU, and MiB of the largest process. Raises AssertionError where it did not exit
    with 0."""
    schools = sorted((workspace / "schools").glob("school-*.yaml"))
    arguments = (sys.executable, "-m", "aupgen", "build", *map(str, schools), "--jobs", "2")
    environment = {**os.environ, "AUPGEN_CACHE_DIR": str(workspace / "cache")}
    began = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [*arguments, "--out", str(workspace / "build")],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(workspace / "said"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        ],
    )
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    if status:
        raise AssertionError(f"the build ended with {status}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _workspace(folder: Path, count: int) -> Path:
    for name in ("clauses", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "schools").mkdir()
    shutil.copy(ROOT / "schools" / "northmoor.yaml", folder / "schools")
    for number in range(count):
        text = dump(_school(number), allow_unicode=True, sort_keys=False)
        (folder / "schools" / f"school-{number:04}.yaml").write_text(text, encoding="utf-8")
    return folder


def _school(number: int) -> dict[str, Any]:
    posts = (
        "headteacher",
        "dsl",
        "online-safety-lead",
        "network-manager",
        "chair-of-governors",
        "school-business-manager",
        "computing-lead",
        "dpo",
        "school-office",
    )
    return {
        "name": f"{('St Anne’s', 'Moor Lane', 'Holme', 'Beck View')[number % 4]} School {number}",
        "nation": "england",
        "phase": "primary",
        "policy_year": "2026-27",
        "edition": {
            "number": 1 + number % 3,
            "date": f"2026-09-{1 + number % 28:02}",
            "reason": f"Talks of term {number % 7}",
        },
        "approver": "full governing board",
        "mottos": [f"Motto of school {number}"],
        "vocabulary": {"pupil": ("child", "student", "pupil")[number % 3]},
        "extends": "northmoor",
        "contacts": {
            post: {
                "name": f"{post.title()} {number}",
                "email": f"{post}.{number}@example.org",
                "phone": f"01632 960{100 + (number + n) % 900}",
                "show": "name" if (number + n) % 2 else "role",
            }
            for n, post in enumerate(posts)
        },
        "other_roles": "headteacher",
        "parameters": {
            "phone_free_hours": {
                "from": f"8:{number % 60:02}",
                "to": f"15:{number % 59:02}",
                "places": ["the staff room"],
            },
            "return_slip_by": f"{1 + number % 28} September",
            "records_system": f"System {number % 37}",
            "pupil_phone_rule": ("handed-in", "locked-away", "not-brought")[number % 3],
        },
        "documents": {
            **{id_: {} for id_ in DOCUMENTS},
            "staff-agreement": {"title": f"What staff of school {number} agree to"},
        },
    }


def _peers(folder: Path) -> Iterator[Row]:
    """What others would take for as many documents: one is timed, and multiplied."""
    case = valley()
    count = SCHOOLS * len(DOCUMENTS)
    peers: dict[str, Callable[[], object]] = {"the obvious pipeline, three formats": Obvious(case).write}
    with contextlib.suppress(ImportError):
        peers["docxtpl, Word alone"] = docxtpl_writer(case, folder / "template.docx", slim=True)
    for name, write in peers.items():
        taken = []
        for _ in range(15):
            began = time.perf_counter()
            write()
            taken.append(time.perf_counter() - began)
        each = statistics.median(taken)
        yield Row(
            f"for comparison, in one process: {name}",
            "",
            f"{each * count:.0f} s",
            f"{each * 1000:.1f} ms × {count}",
        )
