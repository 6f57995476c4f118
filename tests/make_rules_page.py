"""Write `docs/rules.md` and `schemas/` anew, from the rules and the shapes: `python -m tests.make_rules_page`.

Files of `clauses/` and `schools/` that do not name their schema yet get the line that does.
"""

from __future__ import annotations

from aupgen.checks.pages import rules_page
from aupgen.cli.schema import KINDS, schema_text
from tests.conftest import ROOT

REGISTERS = ("roles", "parameters", "frameworks", "nations", "voices")


def kind_of(path: str) -> str:
    """The kind of a shipped file, by its path: `clauses/roles.yaml`, `schools/valley.yaml`."""
    folder, name = path.split("/")
    if folder == "schools":
        return "profile"
    stem = name.removesuffix(".yaml")
    return stem if stem in REGISTERS else "clauses"


def header(path: str) -> str:
    """The first line of a shipped file: which schema editors find its keys in."""
    return f"# yaml-language-server: $schema=../schemas/{kind_of(path)}.json"


def shipped() -> list[str]:
    """The YAML files of the library and the samples, by their path in the repository."""
    folders = (ROOT / "clauses", ROOT / "schools")
    return sorted(path.relative_to(ROOT).as_posix() for folder in folders for path in folder.glob("*.yaml"))


def generated() -> dict[str, str]:
    """The generated files by their path in the repository."""
    schemas = {f"schemas/{kind}.json": schema_text(kind) for kind in KINDS}
    return {"docs/rules.md": rules_page(), **schemas}


if __name__ == "__main__":
    (ROOT / "schemas").mkdir(exist_ok=True)
    for path, text in generated().items():
        (ROOT / path).write_text(text, encoding="utf-8")
    for path in shipped():
        text = (ROOT / path).read_text(encoding="utf-8")
        if not text.startswith(header(path)):
            (ROOT / path).write_text(f"{header(path)}\n{text}", encoding="utf-8")
