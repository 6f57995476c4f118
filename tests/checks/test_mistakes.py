"""Mistakes that a school business manager makes, one a file, and all that is printed for each.

The first line of a file in `tests/bad/mistakes/` says what the person did. What is printed stands beside it in
NAME.txt, to be read without looking at anything else: does it say what to do? `pytest --update-golden` writes it anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.test_rules import without_places_of_the_library
from tests.checks.workspaces import checked, library_copy
from tests.conftest import ROOT

MISTAKES = sorted((ROOT / "tests" / "bad" / "mistakes").glob("*.yaml"))
SPEECH_OF_PROGRAMMERS = (
    "pydantic",
    "yaml.",
    "NoneType",
    "schema",
    "parse",
    "null",
    "string",
    "Traceback",
    "invalid",
)


def test_there_are_at_least_twenty() -> None:
    assert len(MISTAKES) >= 20


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda path: path.stem)
def test_a_mistake_is_told_with_what_to_do(
    mistake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(tmp_path)
    library_copy(tmp_path)
    (tmp_path / "schools" / "oakfield.yaml").write_text(mistake.read_text(encoding="utf-8"), encoding="utf-8")

    _, out, err = checked(capsys, "schools/oakfield.yaml")

    assert err == ""
    assert "schools/oakfield.yaml:" in out
    assert out.count("= help:") >= 1
    assert not [word for word in SPEECH_OF_PROGRAMMERS if word in out]
    printed = without_places_of_the_library(out)
    beside = mistake.with_suffix(".txt")
    if request.config.getoption("--update-golden"):
        beside.write_text(printed, encoding="utf-8")
    assert printed == beside.read_text(encoding="utf-8")
