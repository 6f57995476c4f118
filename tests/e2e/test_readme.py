"""What the README says is true: its commands, its profile, its error message."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, VALLEY

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_small_profile_builds_in_an_empty_folder(tmp_path: Path) -> None:
    profile = blocks("yaml")[0]
    assert len(profile.splitlines()) == 10
    (tmp_path / "oakfield.yaml").write_text(profile, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "aupgen", "build", "oakfield.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    agreement = (tmp_path / "build" / "oakfield" / "2026-27" / "staff-agreement.md").read_text(
        encoding="utf-8"
    )
    assert "between 8.45am and 3.15pm." in agreement


def test_the_error_message_is_the_one_that_is_printed(tmp_path: Path) -> None:
    text = VALLEY.read_text(encoding="utf-8").replace("[headteacher]\n", "[head-teacher]\n")
    folder = tmp_path / "schools"
    folder.mkdir()
    (folder / "oakfield.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "aupgen", "build", "schools/oakfield.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    printed = blocks("text")[0].splitlines()
    assert done.returncode == 1
    assert printed[0].split(": ", 1)[1] in done.stderr
    assert printed[2].split("|")[1] in done.stderr
    assert printed[4].strip() in done.stderr


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
