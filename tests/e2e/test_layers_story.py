"""The story of docs/layers.md, told by running it: its files, its commands, and every line that it quotes.

A block of YAML goes to the file named last before it: key by key, each with all that stands under it. A command
runs in that folder, and the block after it is what it prints; a line `…` stands for any lines, and `…` at the end
of a line for the rest of it. A quotation is a line of Oakfield's documents, JSON is its manifest.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, VALLEY

PAGE = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$|^> ([^\n]+)$", re.M | re.S)
_FILE = re.compile(r"`(schools/[a-z]+\.yaml)`")


def with_keys(profile: str, keys: str) -> str:
    """A profile's text with some of its top keys written anew, or added at its end."""

    def entries(text: str) -> dict[str, str]:
        return {entry.partition(":")[0]: entry for entry in re.split(r"^(?=[a-z_]+:)", text, flags=re.M)[1:]}

    return "".join({**entries(profile), **entries(keys)}.values())


def matches(quoted: str, printed: str) -> bool:
    """Whether quoted lines are what was printed, `…` standing for what was left out."""
    pattern = "".join(
        r"(?:.*\n)*?"
        if line == "…"
        else re.escape(line.removesuffix("…")) + (".*" * line.endswith("…")) + "\n"
        for line in quoted.rstrip("\n").split("\n")
    )
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def aupgen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command, with all it prints in the order in which it appears on a screen."""
    return subprocess.run(
        [sys.executable, "-m", "aupgen", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )


def words(folder: Path, school: str) -> list[str]:
    """The lines of both documents, without the marks of a list."""
    text = "".join(
        (folder / "build" / school / "2026-27" / f"{document}.md").read_text(encoding="utf-8")
        for document in ("staff-agreement", "staff-policy")
    )
    return [re.sub(r"^(?:\d+\.|-) ", "", line.strip()) for line in text.splitlines()]


def manifest(folder: Path, school: str) -> dict[str, Any]:
    path = folder / "build" / school / "2026-27" / "manifest.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


class Step:
    """A command of the page with what it printed, and the folder as it stands after it."""

    def __init__(self, command: str, done: subprocess.CompletedProcess[str], folder: Path) -> None:
        self.command, self.code, self.printed = command, done.returncode, done.stdout
        self.rows = {school: manifest(folder, school) for school in ("oakfield", "elmfield")}
        self.words = {school: words(folder, school) for school in ("oakfield", "elmfield")}


def told(folder: Path) -> Iterator[Step]:
    """Run the page in an empty workspace; fails at the first block that is not as it says."""
    for name in ("clauses", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "schools").mkdir()
    end, last = 0, None
    for block in _BLOCK.finditer(PAGE):
        language, text, quotation = block.groups()
        before, end = PAGE[end : block.start()], block.end()
        match language:
            case "yaml":
                path = folder / _FILE.findall(before)[-1]
                path.write_text(
                    with_keys(path.read_text(encoding="utf-8") if path.exists() else "", text),
                    encoding="utf-8",
                )
            case "sh":
                command = text.split()
                assert command[0] == "aupgen"
                last = Step(text.strip(), aupgen(folder, *command[1:]), folder)
                yield last
            case "text":
                assert last is not None
                assert matches(text, last.printed), f"{last.command}\n{last.printed}"
            case "json":
                path = folder / "build" / "oakfield" / "2026-27" / "manifest.json"
                assert matches(text, path.read_text(encoding="utf-8"))
            case None:
                assert quotation in words(folder, "oakfield")
            case _:
                pytest.fail(f"the page has a block of {language}")


def test_the_page_tells_what_happens(tmp_path: Path) -> None:
    published, departed, asked, locked, changed, worded, listed, earlier = told(tmp_path)

    assert [step.code for step in (published, departed, asked, locked)] == [0, 1, 0, 1]
    assert [step.code for step in (changed, worded, listed, earlier)] == [0, 0, 0, 0]
    for school in ("oakfield", "elmfield"):
        assert published.rows[school]["layers"] == [school, "larkway", "northmoor"]
        assert published.words[school] != changed.words[school]
    # The one with a reason was built, and its policy changed; the other was left as it was.
    assert departed.words["oakfield"] != published.words["oakfield"]
    assert departed.rows["elmfield"] == published.rows["elmfield"] == locked.rows["elmfield"]
    # Nothing but the council's sentence differs after the last change, and the fingerprint with it.
    new = [
        line
        for line in changed.words["oakfield"]
        if line not in departed.words["oakfield"] and "(fingerprint " not in line
    ]
    assert set(new) == {
        "I will not share my passwords, passkeys or sign-in codes with anyone.",
        "not share your passwords, passkeys or sign-in codes with anyone",
    }


def test_the_manifest_names_a_layer_for_every_sentence_and_every_source(tmp_path: Path) -> None:
    *_, last = told(tmp_path)
    record = last.rows["oakfield"]
    sentences = [
        clause
        for document in record["documents"]
        for section in document["sections"]
        for clause in section["clauses"]
    ]
    assert {clause["layer"] for clause in sentences} == {"library", "northmoor"}
    assert {clause["id"] for clause in sentences if clause["layer"] == "northmoor"} == {"password-private"}
    assert {row["layer"] for row in record["settings"]} == {"oakfield", "larkway", "northmoor"}
    sources = {row["path"] for row in record["sources"]}
    assert {f"schools/{name}.yaml" for name in ("oakfield", "larkway", "northmoor")} < sources
    assert "schools/elmfield.yaml" not in sources


def test_a_contact_of_the_area_is_named_wherever_people_look(tmp_path: Path) -> None:
    for name in ("clauses", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    roles = tmp_path / "clauses" / "roles.yaml"
    text = roles.read_text(encoding="utf-8")
    assert text.count("  - id: la-adviser\n") == 1
    roles.write_text(
        text.replace("  - id: la-adviser\n", "  - id: la-adviser\n    area: true\n"), encoding="utf-8"
    )
    schools = tmp_path / "schools"
    schools.mkdir()
    sample = VALLEY.read_text(encoding="utf-8")
    (schools / "oakfield.yaml").write_text(f"extends: larkway\narea: northmoor\n{sample}", encoding="utf-8")
    for name, kind in (("larkway", "trust"), ("northmoor", "authority")):
        contact = (
            f"contacts:\n  la-adviser: {{email: {name}@example.org}}\n  siro: {{email: {name}@example.org}}\n"
        )
        (schools / f"{name}.yaml").write_text(
            f"kind: {kind}\nname: {name}\nnation: england\n{contact}", encoding="utf-8"
        )

    assert aupgen(tmp_path, "build", "schools/oakfield.yaml", "--format", "md").returncode == 0
    asked = aupgen(tmp_path, "explain", "schools/oakfield.yaml:la-adviser").stdout
    rows = {
        row["id"]: row
        for row in json.loads(aupgen(tmp_path, "list", "roles", "schools/oakfield.yaml", "--json").stdout)
    }
    record = json.loads(
        (tmp_path / "build" / "oakfield" / "2018-19" / "manifest.json").read_text(encoding="utf-8")
    )

    first, second = asked.index("set by northmoor at"), asked.index("in place of what was set by larkway at")
    assert first < second
    assert (rows["la-adviser"]["set_by"], rows["siro"]["set_by"]) == ("northmoor", "larkway")
    assert record["layers"] == ["oakfield", "northmoor", "larkway"]
    settings = {row["key"]: row["layer"] for row in record["settings"]}
    assert settings["contacts.la-adviser"] == "northmoor"
    assert {"schools/northmoor.yaml", "schools/larkway.yaml"} < {row["path"] for row in record["sources"]}
