"""The story of docs/approval.md, told by running it: its profile, its commands, and every line that it quotes.

Blocks are read as in `test_layers_story`; a quotation is a line of one of Oakfield's documents.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e.test_layers_story import aupgen, matches, with_keys

PAGE = (ROOT / "docs" / "approval.md").read_text(encoding="utf-8")
PROFILE = "schools/oakfield.yaml"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$|^> ([^\n]+)$", re.M | re.S)


class Step:
    """A command of the page, what it printed, and what stands in the folders after it."""

    def __init__(self, command: str, code: int, printed: str, folder: Path) -> None:
        self.command, self.code, self.printed = command, code, printed
        self.files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for name in ("build", "october", "schools/approved")
            for path in (folder / name).rglob("*")
            if path.is_file()
        }

    @property
    def manifest(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.files["build/oakfield/2026-27/manifest.json"])
        return data

    @property
    def approvals(self) -> dict[str, Any]:
        return {document["id"]: document["approval"] for document in self.manifest["documents"]}

    @property
    def lines(self) -> list[str]:
        texts = [data.decode() for name, data in self.files.items() if name.endswith(".md")]
        return [line for text in texts for line in text.splitlines()]


def told(folder: Path) -> Iterator[Step]:
    """Run the page in an empty workspace; fails at the first block that is not as it says."""
    for name in ("clauses", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "schools").mkdir()
    path, last = folder / PROFILE, None
    for block in _BLOCK.finditer(PAGE):
        language, text, quotation = block.groups()
        match language:
            case "yaml":
                before = path.read_text(encoding="utf-8") if path.exists() else ""
                path.write_text(with_keys(before, text), encoding="utf-8")
            case "sh":
                done = aupgen(folder, *shlex.split(text)[1:])
                last = Step(text.strip(), done.returncode, done.stdout, folder)
                yield last
            case "text":
                assert last is not None
                assert matches(text, last.printed), f"{last.command}\n{last.printed}"
            case None:
                assert last is not None
                assert any(matches(quotation, line) for line in last.lines), quotation
            case _:
                pytest.fail(f"the page has a block of {language}")


def test_the_page_tells_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1830000000")  # in December 2027, when all of it is past
    steps = list(told(tmp_path))
    first, board, head, minuted, built, moved, second, changed, third, refused, amended, again = steps

    assert [step.command for step in steps if step.code] == [refused.command]
    assert first.approvals == {"staff-policy": None, "staff-agreement": None}
    assert first.manifest["approval"] is None
    # nothing but the minute reference is ever added to a record
    name = "schools/approved/oakfield/2026-27-edition-1.yaml"
    kept = "schools/approved/oakfield/2026-27-edition-1.documents.json"
    assert board.files[name] == head.files[name] != minuted.files[name]
    assert {step.files[name] for step in steps[3:]} == {minuted.files[name]}
    assert {step.files[kept] for step in steps[1:]} == {board.files[kept]}
    without = [
        line for line in minuted.files[name].splitlines() if b"7.2" not in line and b"digest" not in line
    ]
    assert without == [
        line for line in board.files[name].splitlines() if b"approval:" not in line and b"digest" not in line
    ]

    assert built.approvals["staff-policy"] == {
        "by": "governing board",
        "on": "2026-10-14",
        "minute": "7.2",
        "as_amended": False,
        "edition": 1,
        "contacts_changed": False,
        "record": name,
    }
    assert built.approvals["staff-agreement"]["by"] == "headteacher"
    assert built.manifest["approval"] == built.approvals["staff-agreement"]  # the last of them
    assert moved.approvals["staff-policy"]["contacts_changed"]
    assert (second.manifest["edition"], second.manifest["reason"]) == (
        2,
        "A new telephone number for the headteacher",
    )
    assert second.approvals["staff-policy"]["edition"] == 1
    assert changed.approvals["staff-policy"] is None
    assert changed.manifest["approval"] is None
    assert third.approvals["staff-policy"] is None
    assert {n for n in refused.files if n.startswith("schools")} == {
        n for n in third.files if n.startswith("schools")
    }
    assert "schools/approved/oakfield/2026-27-edition-3.yaml" in amended.files
    assert b"as_amended: true" in amended.files["schools/approved/oakfield/2026-27-edition-3.yaml"]

    # what was approved in October comes back, byte for byte
    october = {
        name.removeprefix("october"): data
        for name, data in again.files.items()
        if name.startswith("october") and not name.endswith("manifest.json")
    }
    assert len(october) == 6
    assert october == {
        name.removeprefix("build"): data
        for name, data in built.files.items()
        if name.startswith("build") and not name.endswith("manifest.json")
    }
