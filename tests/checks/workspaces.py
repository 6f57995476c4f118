"""Small workspaces for the tests of `aupgen check`: the shipped library, and profiles of a test's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from aupgen.cli.main import run
from tests.conftest import ROOT

DAY = "2026-11-22"


def library_copy(folder: Path) -> Path:
    """A workspace with the shipped clauses and templates, and no profiles."""
    for name in ("clauses", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "schools").mkdir()
    return folder


def overlay(case: Path, workspace: Path) -> dict[str, tuple[str, int]]:
    """Put the files of a case into a workspace; return for each where it stands and how many lines stand before it.

    `roles.add.yaml` is written at the end of `roles.yaml`. A template takes the place of the library's.
    """
    placed: dict[str, tuple[str, int]] = {}
    for path in sorted(p for p in case.rglob("*.*") if p.suffix in (".yaml", ".j2")):
        name = path.relative_to(case).as_posix()
        target = workspace / name.replace(".add.yaml", ".yaml")
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.read_text(encoding="utf-8") if name.endswith(".add.yaml") else ""
        target.write_text(before + path.read_text(encoding="utf-8"), encoding="utf-8")
        placed[name] = (target.relative_to(workspace).as_posix(), before.count("\n"))
    return placed


def checked(capsys: pytest.CaptureFixture[str], *arguments: str, day: str = DAY) -> tuple[int, str, str]:
    """Run `aupgen check`; return its exit code and what it printed to stdout and stderr."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        run(["check", *arguments, "--date", day])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    assert "internal error" not in printed.err, printed.err
    assert isinstance(stop.value.code, int)
    return stop.value.code, printed.out, printed.err


def findings(capsys: pytest.CaptureFixture[str], *arguments: str, day: str = DAY) -> list[dict[str, Any]]:
    """What `aupgen check --format json` finds."""
    _, out, _ = checked(capsys, *arguments, "--format", "json", day=day)
    found: list[dict[str, Any]] = json.loads(out)["findings"]
    return found
