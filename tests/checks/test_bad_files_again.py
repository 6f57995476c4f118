"""Whatever a build stops at, `aupgen check` finds as well, at the same places, and stumbles over nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.checks.workspaces import findings, library_copy
from tests.conftest import VALLEY
from tests.test_bad_files import BAD, bad_files, expected, put


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    library_copy(tmp_path)
    shutil.copyfile(VALLEY, tmp_path / "schools" / "valley.yaml")
    return tmp_path


@pytest.mark.parametrize("name", bad_files("profiles", "registers", "templates"))
def test_check_finds_what_a_build_stops_at(
    name: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(name, workspace)
    profile = path if path.startswith("schools/") else "schools/valley.yaml"

    found = {(f["path"], f["line"], f["column"], f["code"]) for f in findings(capsys, profile)}

    wanted = expected(BAD / name, path)
    assert [place for place in wanted if place not in found] == []
