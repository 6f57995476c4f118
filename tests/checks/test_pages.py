"""What is shipped around the checks is as the code has it: pages, schemas, files for continuous integration."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from aupgen.checks.rule import HEADINGS
from aupgen.checks.rules import RULES, WAIVABLE, explanation
from aupgen.source.codes import CODES
from tests.checks.test_command import MOBILE
from tests.checks.workspaces import library_copy
from tests.conftest import ROOT
from tests.make_rules_page import generated, header, kind_of, shipped

# ------------------------------------------------------------------ rules and their pages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.code}-{rule.check.__name__}")
def test_a_rule_says_what_it_checks_and_why(rule: Any) -> None:
    page = rule.page()
    assert tuple(page) == HEADINGS
    assert all(len(text) > 3 for text in page.values())
    assert page["What it checks"].endswith(".")


def test_a_rule_is_named_for_the_bad_thing_in_its_own_function() -> None:
    named = {rule.check.__name__.replace("_", "-") for rule in RULES}
    assert {rule.name for rule in RULES} <= named


def test_a_code_is_explained_in_one_place_only() -> None:
    told_by_rules = {rule.code for rule in RULES}
    assert {code.code for code in CODES.values() if not code.explanation} == told_by_rules
    assert all(explanation(code) for code in CODES)
    assert set(CODES) >= WAIVABLE


@pytest.mark.parametrize("path", generated())
def test_a_generated_file_is_current(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == generated()[path], (
        "run: python -m tests.make_rules_page"
    )


def test_explain_prints_the_page_of_a_rule() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aupgen", "explain", "aup310"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("AUP310: owner-without-holder\n\nWhat it checks: ")
    assert "Source: " in done.stdout


# ------------------------------------------------------------------ schemas, as editors use them


class _Yaml12(yaml.SafeLoader):
    """YAML 1.2's core types, as the language server of editors reads them: 8:30 and 2026-09-01 are text."""


_Yaml12.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]+$", "-+0123456789"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
):
    _Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def faults(kind: str, text: str) -> list[str]:
    schema = json.loads((ROOT / "schemas" / f"{kind}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    data = yaml.load(text, Loader=_Yaml12)
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize("path", shipped())
def test_a_shipped_file_names_its_schema_and_keeps_it(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text.split("\n")[0] == header(path), "run: python -m tests.make_rules_page"
    assert faults(kind_of(path), text) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("profile", "name: Oakfield\nnatoin: england\n"),
        ("profile", "name: Oakfield\nwaivers: [{code: AUP335}]\n"),
        ("clauses", "topic: x\ntitle: X\nclauses: [{id: a}]\n"),
        ("roles", "roles: [{id: Head Teacher, title: x, duty: y}]\n"),
        ("settings", "check: {strikt: true}\n"),
    ],
)
def test_a_schema_refuses_what_aupgen_refuses(kind: str, text: str) -> None:
    assert faults(kind, text)


def test_every_key_has_a_hover_text() -> None:
    for path in sorted((ROOT / "schemas").glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        for name, shape in {"": schema, **schema.get("$defs", {})}.items():
            bare = [key for key, value in shape.get("properties", {}).items() if "description" not in value]
            assert not bare, f"{path.name} {name}: {bare}"


# ------------------------------------------------------------------ continuous integration


def scripts() -> dict[str, list[str]]:
    """The commands of each ready file, in order."""
    github = yaml.safe_load((ROOT / "docs/ci/github-actions.yml").read_text(encoding="utf-8"))
    gitlab = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text(encoding="utf-8"))
    steps = github["jobs"]["check"]["steps"]
    return {
        "github": [step["run"] for step in steps if "run" in step],
        "gitlab": gitlab["policies"]["script"],
    }


def run_all(commands: list[str], folder: Path) -> tuple[int, str]:
    """Run commands as a runner does, one after the other until one fails."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    out = ""
    for command in commands:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        out += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, out
    return 0, out


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_the_ready_files_pass_what_is_right_and_fail_what_is_wrong(kind: str, tmp_path: Path) -> None:
    library_copy(tmp_path)
    profile = tmp_path / "schools" / "oakfield.yaml"
    profile.write_text(MOBILE, encoding="utf-8")
    commands = scripts()[kind]
    assert len(commands) >= 3

    code, out = run_all(commands, tmp_path)

    assert code == 0, out
    assert (tmp_path / "build" / "oakfield" / "2026-27" / "manifest.json").exists()
    mark = "::warning file=schools/oakfield.yaml,line=8," if kind == "github" else "warning AUP335"
    assert mark in out
    shutil.rmtree(tmp_path / "build")
    profile.write_text(MOBILE.replace("full governing board", "TBC"), encoding="utf-8")
    code, out = run_all(commands, tmp_path)
    assert code == 1, out
    assert "AUP331" in out
    assert not (tmp_path / "build").exists(), "nothing is built of what is wrong"
    if kind == "gitlab":
        found = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))["findings"]
        assert {f["code"] for f in found} == {"AUP331", "AUP335"}


def test_the_hook_for_pre_commit_checks_the_workspace(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["pass_filenames"] is False
    for path in ("clauses/passwords.yaml", "schools/oakfield.yaml", "templates/page.css", "aupgen.yaml"):
        assert re.search(hook["files"], path)
    library_copy(tmp_path)
    (tmp_path / "schools" / "oakfield.yaml").write_text(MOBILE, encoding="utf-8")
    code, out = run_all([hook["entry"]], tmp_path)
    assert code == 0
    assert "AUP335" in out
