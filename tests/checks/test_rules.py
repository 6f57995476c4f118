"""Every rule finds what its bad files say, prints it in full as its snapshot has it, and is quiet at a near miss.

A folder of `tests/bad/checks/` is a rule: `bad/` and `quiet/` are laid over the shipped library. The files of `bad/`
say at their end what is expected of them, as those of `tests/bad/` do; what stands in `NAME.add.yaml` is written at
the end of the library's own file. `printed.txt` is what people see; `pytest --update-golden` writes it anew.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from aupgen.checks.rules import RULES
from tests.checks.workspaces import checked, findings, library_copy, overlay
from tests.conftest import ROOT

CASES = ROOT / "tests" / "bad" / "checks"
_EXPECTATION = re.compile(r"^# expect: (\d+):(\d+) (AUP\d{3})$", re.M)
CODES = sorted(folder.name for folder in CASES.iterdir())


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return library_copy(tmp_path)


def test_every_rule_has_its_case() -> None:
    assert set(CODES) == {rule.code for rule in RULES}


@pytest.mark.parametrize("code", CODES)
def test_a_rule_finds_what_is_wrong_and_prints_it(
    code: str, workspace: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    case = CASES / code
    wanted = Counter(
        f"{path}:{before + int(line)}:{column} {found}"
        for name, (path, before) in overlay(case / "bad", workspace).items()
        for line, column, found in _EXPECTATION.findall((case / "bad" / name).read_text(encoding="utf-8"))
    )
    assert any(code in place for place in wanted), f"{case} does not say what is expected of it"

    _, out, _ = checked(capsys)

    found = findings(capsys)
    assert Counter(f"{f['path']}:{f['line']}:{f['column']} {f['code']}" for f in found) == wanted, out
    printed = without_places_of_the_library(out)
    if request.config.getoption("--update-golden"):
        (case / "printed.txt").write_text(printed, encoding="utf-8")
    assert printed == (case / "printed.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", CODES)
def test_a_rule_is_quiet_where_nothing_is_wrong(
    code: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay(CASES / code / "quiet", workspace)
    assert [f for f in findings(capsys) if f["code"] == code] == []


def without_places_of_the_library(text: str) -> str:
    """The text without lines and counts that change whenever somebody adds to the library."""
    text = re.sub(r"(clauses/(?!drones)[a-z-]+\.yaml):\d+(:\d+)?", r"\1:…", text)
    text = re.sub(r"^\d{3,} \|", "… |", text, flags=re.M)
    text = re.sub(r"^ +([|=]) ", r"  \1 ", text, flags=re.M)
    text = re.sub(r"there are `community-wifi`.*", "there are …", text)
    text = re.sub(r"has [\d,]+ words", "has … words", text)
    return re.sub(r"\d+ topics", "… topics", text)
