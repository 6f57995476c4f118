"""A whole set from outside: all documents of a school in three formats, from the cache, wall clock."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.measure import Row, at_most
from tests.benchmarks.processes import ROUNDS, SCRIPT, Command, workspace_copy

GOAL = 15  # times a bare interpreter
SCHOOLS = ("trelawnyd", "oakfield")
"""A primary school with a policy of nineteen pages, and a secondary one with everything there is."""


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder:
        place = workspace_copy(Path(folder) / "whole")
        commands = [
            Command(
                f"build, the whole set of {slug}",
                (SCRIPT, "build", f"schools/{slug}.yaml", "--force", "--out", "out"),
                GOAL if slug == "trelawnyd" else None,
                place,
            )
            for slug in SCHOOLS
        ]
        for number in range(ROUNDS + 1):
            for command in commands:
                command.measure(counts=bool(number))  # the first round fills caches, of bytecode too
    return [at_most(c.subject, c.seconds, c.floor, c.goal) for c in commands]
