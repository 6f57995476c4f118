"""`aupgen check` as a process, from outside: the samples, and five hundred schools. Wall clock and peak memory.

The schools are copies of three samples, two of which issue nine and eleven documents. "Cold" has no cache at all.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.benchmarks.measure import Row, milliseconds, spread
from tests.benchmarks.processes import ROOT, SCRIPT, run_process, workspace_copy

ROUNDS = 5
ROUNDS_OF_MANY = 2
SCHOOLS = 500
MEMORY = 200  # MiB
_DAY = ("--date", "2026-11-22")


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder:
        few = workspace_copy(Path(folder) / "few")
        many = _many(Path(folder) / "many")
        cold: list[float] = []
        warm: list[float] = []
        for _ in range(ROUNDS):
            shutil.rmtree(few / "cache", ignore_errors=True)
            cold.append(run_process((SCRIPT, "check", *_DAY), few)[0])
            warm.append(run_process((SCRIPT, "check", *_DAY), few)[0])
        runs = []
        for _ in range(ROUNDS_OF_MANY):
            shutil.rmtree(many / "cache", ignore_errors=True)
            runs.append(run_process((SCRIPT, "check", *_DAY), many))
        seconds, memory = [run[0] for run in runs], [run[1] for run in runs]
    return [
        Row("check, the samples, cold", milliseconds(cold), goal="≤ 1 s", met=sorted(cold)[ROUNDS // 2] <= 1),
        Row("check, the samples, nothing edited", milliseconds(warm)),
        Row(f"check, {SCHOOLS} schools, cold", milliseconds(seconds), goal="≤ 10 s", met=min(seconds) <= 10),
        Row(
            f"peak memory: check, {SCHOOLS} schools",
            f"{spread(memory, '.0f')} MiB",
            goal=f"≤ {MEMORY} MiB",
            met=max(memory) <= MEMORY,
        ),
    ]


def _many(folder: Path) -> Path:
    workspace_copy(folder)
    for number in range(SCHOOLS):
        slug = ("oakfield", "millbrook", "saltmarsh")[number % 3]
        text = (ROOT / "schools" / f"{slug}.yaml").read_text(encoding="utf-8")
        own = text.replace(slug.title(), f"School {number}").replace(f"{slug}.", f"school{number}.")
        own = own.replace("01632 960", f"01632 9{number:03d} ")
        (folder / "schools" / f"school-{number}.yaml").write_text(own, encoding="utf-8")
    return folder
