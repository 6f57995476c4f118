"""Spoil the owner of every clause, and the holders of every school, one way after another: check finds each, at its line.

Everything runs in this process. Each run spoils one clause of every topic at a time, so that all clauses are spoilt
alone among their neighbours and a run compiles the library once for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from aupgen.checks.run import Checker
from aupgen.cli.loading import load
from aupgen.files import Workspace, read_library
from aupgen.library.compiled import Library
from aupgen.library.compiling import REGISTERS, compile_library
from aupgen.policy.layer import Layer
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText
from tests.conftest import ROOT

DAY = date(2026, 11, 22)
_OWNER = re.compile(r"^    owner: (\S+)$")
_ID = re.compile(r"^  - id: (\S+)$")


def texts() -> dict[str, str]:
    files, _ = read_library(Workspace(ROOT))
    return {name: source.text for name, source in files.clauses.items()}


TEXTS = texts()
TOPICS = sorted(name for name in TEXTS if name not in REGISTERS)


def owners(name: str) -> list[tuple[str, int, int, str]]:
    """The clauses of a topic's file: id, the line (0-based) of the id, that of the owner, and the owner."""
    out = []
    for number, line in enumerate(TEXTS[name].split("\n")):
        if found := _ID.match(line):
            id_, at = found[1], number
        elif found := _OWNER.match(line):
            out.append((id_, at, number, found[1]))
    return out


def compiled(clauses: Mapping[str, str]) -> tuple[Library, list[Diagnostic]]:
    files, _ = read_library(Workspace(ROOT))
    sources = {name: SourceText(f"clauses/{name}", text) for name, text in clauses.items()}
    library, found = compile_library(sources, files.templates)
    assert library is not None
    checker = Checker(library, {source.path: source for source in sources.values()}, DAY)
    checker.check_library()
    return library, [*found, *checker.found]


def spoilt(
    round_: int, change: Callable[[str], str | None]
) -> tuple[dict[str, str], dict[str, tuple[str, int]]]:
    """The library with one owner of each topic changed; by the clause, its file and the line that is at fault."""
    out, places = dict(TEXTS), {}
    for name in TOPICS:
        entries = owners(name)
        if round_ >= len(entries):
            continue
        id_, at, line, _ = entries[round_]
        rows = TEXTS[name].split("\n")
        new = change(rows[line])
        if new is None:
            del rows[line]
            places[id_] = (f"clauses/{name}", at + 1)
        else:
            rows[line] = new
            places[id_] = (f"clauses/{name}", line + 1)
        out[name] = "\n".join(rows)
    return out, places


ROUNDS = range(max(len(owners(name)) for name in TOPICS))


def test_every_clause_is_among_those_spoilt(library: Library) -> None:
    assert {id_ for name in TOPICS for id_, *_ in owners(name)} == set(library.clauses)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        pytest.param("AUP301", lambda _: None, id="taken-off"),
        pytest.param("AUP302", lambda line: line[:-1] + "x", id="misspelt"),
    ],
)
def test_an_owner_that_is_not_there_is_found(code: str, change: Callable[[str], str | None]) -> None:
    for round_ in ROUNDS:
        clauses, places = spoilt(round_, change)
        _, found = compiled(clauses)
        faults = {f.clause: (f.span.path, f.span.line) for f in found if f.code == code}
        assert faults == places


def test_an_owner_whose_role_is_retired_is_found(library: Library) -> None:
    for role in sorted({clause.owner for clause in library.clauses.values()}):
        roles = TEXTS["roles.yaml"].replace(f"  - id: {role}\n", f"  - id: {role}\n    retired: true\n")
        assert roles != TEXTS["roles.yaml"]
        _, found = compiled({**TEXTS, "roles.yaml": roles})
        faults = {f.clause: (f.span.path, f.span.line) for f in found if f.code == "AUP311" and f.clause}
        assert faults == {
            id_: (f"clauses/{name}", line + 1)
            for name in TOPICS
            for id_, _, line, owner in owners(name)
            if owner == role
        }


# ------------------------------------------------------------------ holders

SCHOOLS = sorted(
    path.stem
    for path in (ROOT / "schools").glob("*.yaml")
    if not re.search("(?m)^kind: (?!school$)", path.read_text(encoding="utf-8"))
)
"""The samples that are schools: in an authority, a trust or an exemplar nobody need hold anything."""


def without_holder(text: str, role: str) -> str:
    """A profile without the contact of a role, and without those that would stand in for it."""
    text = re.sub(r"^other_roles: .*\n", "", text, flags=re.M)
    text = re.sub(rf"^  {role}:(?: .*)?\n(?:    .*\n)*", "", text, flags=re.M)
    return re.sub(rf"^  [a-z-]+:\n    same_as: {role}\n", "", text, flags=re.M)


def layers_of(slug: str) -> list[tuple[str, SourceText]]:
    """The texts of a school and of the profiles above it, and that of its area's authority, nearest first."""
    path = ROOT / "schools" / f"{slug}.yaml"
    out = [(slug, SourceText(f"schools/{slug}.yaml", path.read_text(encoding="utf-8")))]
    above = re.search(r"^extends: (\S+)$", out[0][1].text, flags=re.M)
    return out + (layers_of(above[1]) if above else [])


def school_without(slug: str, role: str, library: Library) -> Profile | None:
    layers: list[Layer] = []
    for name, source in layers_of(slug):
        layer, _ = read_layer(SourceText(source.path, without_holder(source.text, role)), name, library)
        assert layer is not None
        layers.append(layer)
    return fold(layers, library)[0]


@pytest.mark.parametrize("slug", SCHOOLS)
def test_a_clause_without_a_holder_is_found_in_every_school_that_prints_it(
    slug: str, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    loaded = load(None, [Path("schools") / f"{slug}.yaml"])
    whole, _ = loaded.profile(Path("schools") / f"{slug}.yaml")
    assert whole is not None
    assert whole.kind is ProfileKind.SCHOOL
    checker = Checker(library, loaded.sources, DAY)
    checker.check_school(whole)
    assert [f for f in checker.found if f.code == "AUP310"] == []
    clauses = {**library.clauses, **{clause.id: clause for clause in whole.local_clauses}}
    printed = [clauses[id_] for id_ in sorted(checker.printed[whole.path])]
    spoilt = 0
    for role in sorted({clause.owner for clause in printed}):
        if library.roles[role].always_held:
            continue
        profile = school_without(slug, role, library)
        assert profile is not None
        check = Checker(library, loaded.sources, DAY)
        check.check_school(profile)
        lacking = {f.clause: f for f in check.found if f.code == "AUP310"}
        wanted = {c.id for c in printed if c.owner == role and c.id in check.printed[profile.path]}
        assert wanted
        assert wanted <= set(lacking)
        for clause in wanted:
            line = layers_of(slug)[0][1].lines[lacking[clause].span.line - 1]
            assert lacking[clause].span.path == f"schools/{slug}.yaml"
            assert line.startswith("contacts:") or lacking[clause].span.line == 1
            assert f"`{clause}`" in lacking[clause].message
        spoilt += 1
    assert spoilt >= 2
