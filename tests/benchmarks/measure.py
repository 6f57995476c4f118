"""How measuring is done: methods in turn, medians with their spread, ratios within one round, one table.

The clock of a shared machine drifts by half and more, and it drifts for both sides of a ratio: so methods
run round-robin and a ratio is the median of the ratios of the rounds. Nothing heavy is imported here: the
peak memory a child reports is never below that of the process that started it.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

HEADINGS = ("", "aupgen", "against", "ratio", "goal", "")
_SAMPLE = 0.02  # seconds: what is faster is run several times over for one sample
_MOST = 200


@dataclass(frozen=True)
class Row:
    """One line of the table; the cells as printed. ``met`` is None where there is no goal."""

    subject: str
    own: str = ""
    peer: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        result = "" if self.met is None else "met" if self.met else "not met"
        return self.subject, self.own, self.peer, self.ratio, self.goal, result


def spread(values: Sequence[float], form: str) -> str:
    """The median, with the lowest and the highest value."""
    low, high = format(min(values), form), format(max(values), form)
    return f"{statistics.median(values):{form}} ({low}–{high})"


def milliseconds(seconds: Sequence[float]) -> str:
    form = ".0f" if min(seconds) >= 0.1 else ".1f" if min(seconds) >= 0.01 else ".2f"
    return spread([1000 * value for value in seconds], form) + " ms"


def in_turn(methods: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds a call takes, by method and round; short ones are run several times for one sample."""
    times = {}
    for name, method in methods.items():
        method()  # the first call pays for imports and caches
        once = _cpu(method, 1)
        times[name] = max(1, min(_MOST, round(_SAMPLE / max(once, 1e-6))))
    gc.collect()
    gc.freeze()  # what stands in memory already is nobody's cost
    try:
        taken: dict[str, list[float]] = {name: [] for name in methods}
        for _ in range(rounds):
            for name, method in methods.items():
                taken[name].append(_cpu(method, times[name]) / times[name])
    finally:
        gc.unfreeze()
    return taken


def _cpu(method: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        method()
    return time.process_time() - start


def at_most(subject: str, own: Sequence[float], floor: Sequence[float], goal: float | None) -> Row:
    """A row on what a floor costs and how many times as much we take."""
    ratios = [a / b for a, b in zip(own, floor, strict=True)]
    shown = f"× {spread(ratios, '.1f')}"
    if goal is None:
        return Row(subject, milliseconds(own), milliseconds(floor), shown)
    met = statistics.median(ratios) <= goal
    return Row(subject, milliseconds(own), milliseconds(floor), shown, f"≤ {goal:g}", met)


def within(subject: str, own: Sequence[float], goal: float | None) -> Row:
    """A row on what a thing costs by itself; ``goal`` is in milliseconds."""
    if goal is None:
        return Row(subject, milliseconds(own))
    return Row(subject, milliseconds(own), goal=f"≤ {goal:g} ms", met=1000 * statistics.median(own) <= goal)


def times_faster(subject: str, own: Sequence[float], peer: Sequence[float], goal: float | None) -> Row:
    """A row on what a peer takes and how many times faster we are."""
    ratios = [b / a for a, b in zip(own, peer, strict=True)]
    shown = f"× {spread(ratios, '.0f')}"
    if goal is None:
        return Row(subject, milliseconds(own), milliseconds(peer), shown)
    met = statistics.median(ratios) >= goal
    return Row(subject, milliseconds(own), milliseconds(peer), shown, f"≥ {goal:g}", met)


def table(groups: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """The rows under their groups' names, in columns."""
    lines = [HEADINGS, *(row.cells() for _, rows in groups for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEADINGS))]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    out = [line(HEADINGS)]
    for name, rows in groups:
        out += ["", name, *(line(row.cells()) for row in rows)]
    return "\n".join(out)
