"""Two profiles that are one school's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from aupgen.checks.view import Seen, WorkspaceView
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import Span

_COPY = re.compile(r"[ _-]*(?:\(\d+\)|copy|copie|final|old|new|backup|draft|v?\d{1,2})(?=$|[ _(-])", re.I)


def two_files_for_one_school(workspace: WorkspaceView) -> Iterator[Diagnostic]:
    """What it checks:
        No two profiles are of one school: they have the same name, and the file of one is named like a copy of the
        other's (`oaktree (1).yaml`, `oaktree-final.yaml`) or a contact is the same.
    Why it matters:
        Both are built, to two folders, and the wrong one may be printed. Changes go into one and are missed in the
        other.
    Example:
        `oaktree.yaml` and `oaktree-copy.yaml`, both with `name: Oaktree Primary School`.
    What to do:
        Keep the newer one and delete the other; earlier policy years stand under `years:` in the same file.
    Source:
        What downloads and mail attachments do to file names.
    """
    by_name: dict[str, list[Seen]] = {}
    for seen in workspace.profiles:
        if seen.kind == "school" and seen.name:
            by_name.setdefault(" ".join(re.findall(r"\w+", seen.name.casefold())), []).append(seen)
    for same in by_name.values():
        for first, second in combinations(sorted(same, key=lambda seen: (len(seen.path), seen.path)), 2):
            if _stem(first) == _stem(second) or first.reach & second.reach:
                message = f"{first.path} is a profile of {second.name}, too"
                help_ = "keep the newer of the two and delete the other; earlier years stand under `years:`"
                yield Diagnostic("AUP250", Span(second.path), message, help_, profile=second.slug)


def _stem(seen: Seen) -> str:
    return _COPY.sub("", seen.slug).strip(" _-").casefold()
