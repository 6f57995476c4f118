"""The stages import only from stages before them, and each library has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent.parent / "aupgen"
ORDER = [
    "source",
    "policy",
    "document",
    "library",
    "profiles",
    "binding",
    "comparison",
    "writers",
    "plain",
    "approval",
    "checks",
    "manifest",
    "reporting",
    "stamp",
    "files",
    "changeover",
    "history",
    "cache",
    "build",
    "packs",
    "site",
    "board",
    "papers",
    "cli",
]
DOORS = {
    "yaml": {"source/yaml_text.py"},
    "pydantic": {
        "source/shape.py",
        "library/fields.py",
        "library/shapes.py",
        "profiles/shapes.py",
        "approval/shapes.py",
    },
    "pydantic_core": {"source/shape.py"},
    "jinja2": {
        "library/wording.py",
        "library/templates.py",
        "reporting.py",
        "board/page.py",
        "site/pages.py",
    },
    "markdown_it": {"library/wording.py", "library/templates.py"},
    "docx": {"writers/docx_shell.py"},
    "lxml": {"writers/docx_shell.py"},
    "click": {
        f"cli/{name}.py"
        for name in (
            "main",
            "approve",
            "approved",
            "build",
            "check",
            "day",
            "diff",
            "explain",
            "init",
            "listing",
            "loading",
            "next_pack",
            "pack",
            "papers",
            "report",
            "schema",
            "staging",
        )
    },
}
WORLD = {
    "files.py",
    "changeover.py",
    "cache.py",
    "history.py",
    "cli/diff.py",
    "cli/main.py",
    "cli/approve.py",
    "cli/approved.py",
    "cli/build.py",
    "cli/check.py",
    "cli/day.py",
    "cli/explain.py",
    "cli/init.py",
    "cli/pack.py",
    "cli/papers.py",
    "cli/report.py",
    "cli/listing.py",
    "cli/loading.py",
    "cli/next_pack.py",
    "cli/school.py",
    "cli/staging.py",
}


def imports() -> Iterator[tuple[str, str]]:
    """Every import of the package as (module's path, what it imports)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path.relative_to(PACKAGE).as_posix(), alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path.relative_to(PACKAGE).as_posix(), node.module


def stage(name: str) -> int:
    return ORDER.index(name.split("/")[0].removesuffix(".py"))


def test_arrows_point_one_way() -> None:
    wrong = [
        f"{path} imports {module}"
        for path, module in imports()
        if module.startswith("aupgen.")
        and "/" in path + module.replace(".", "/")
        and path not in ("__main__.py",)
        if stage(module.split(".")[1]) > stage(path)
    ]
    assert not wrong


def test_each_library_has_its_door() -> None:
    wrong = [
        f"{path} imports {module}"
        for path, module in imports()
        if path not in DOORS.get(module.split(".")[0], {path})
    ]
    assert not wrong


def test_only_the_edge_touches_files() -> None:
    """Paths and open() are the business of files.py and the command line."""
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name in WORLD:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            opens = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("open", "print", "input")
            )
            paths = (
                isinstance(node, ast.ImportFrom)
                and node.module in ("pathlib", "os", "time", "datetime")
                and {a.name for a in node.names} & {"Path", "environ", "now", "today"}
            )
            if opens or paths:
                wrong.append(name)
    assert not wrong
