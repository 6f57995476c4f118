"""All benchmarks and one table. Goals are shown and not asserted; exits with 1 where measuring itself failed."""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence

from tests.benchmarks.measure import Row, table

# Processes come first: later ones are imported into this process, whose size their memory could not go below.
SUBJECTS = {
    "processes": "Whole processes, wall clock, each paired with `python -c pass`",
    "whole_set": "The whole set of a school in three formats, from the cache, wall clock",
    "word": "One Word file in a process, CPU",
    "formats": "One agreement in three formats in a process, CPU",
    "layers": "Schools in layers, in a process: wall clock for the many, CPU for the chain",
    "changes": "What changed: wall clock, 500 schools in a process of their own",
    "many": "A thousand schools by one command with two processes, wall clock",
    "checks": "Checking whole workspaces, wall clock",
    "stages": "Stages of a build, CPU",
}


def main() -> int:
    began = time.perf_counter()
    failed = False
    groups: list[tuple[str, Sequence[Row]]] = []
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder:
        os.environ["AUPGEN_CACHE_DIR"] = os.path.join(folder, "cache")
        for name, title in SUBJECTS.items():
            print(f"measuring: {title} …", file=sys.stderr, flush=True)
            try:
                rows: Sequence[Row] = importlib.import_module(f"tests.benchmarks.{name}").rows()
            except Exception as error:
                traceback.print_exc()
                rows, failed = [Row(f"not measured: {type(error).__name__}: {str(error)[:60]}")], True
            groups.append((title, rows))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {os.cpu_count()} cores; median (lowest–highest); {time.perf_counter() - began:.0f} s\n")
    print(table(groups))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
