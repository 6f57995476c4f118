"""Fixtures shared by all tests: the shipped library compiled once, its samples, the tools pages are looked at with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from aupgen.approval.record import KeptRecord
from aupgen.binding.selection import _shared_candidates
from aupgen.cli.loading import load
from aupgen.files import Workspace, read_library
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile
from aupgen.policy.year import PolicyYear
from aupgen.source.diagnostics import render_text
from aupgen.source.span import SourceText
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.shell import Shell
from tests.one_layer import read_profile

ROOT = Path(__file__).parent.parent
VALLEY = Path(__file__).parent / "valley-2018-19.yaml"
"""Valley without the years since 2018-19: the school that most tests change one thing of."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew instead of comparing"
    )


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests leave the cache of whoever runs them alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUPGEN_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_the_disk() -> Iterator[None]:
    """What tests write need not outlive a power cut; on a busy disk they would mostly wait for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="module", autouse=True)
def _libraries_are_let_go() -> Iterator[None]:
    """What selection remembers of a library keeps all of it in memory, and many tests compile one of their own."""
    yield
    _shared_candidates.cache_clear()


@pytest.fixture(scope="session")
def library() -> Library:
    files, found = read_library(Workspace(ROOT))
    library, faults = compile_library(files.clauses, files.templates)
    sources = {source.path: source for source in (*files.clauses.values(), *files.templates.values())}
    assert not found + faults, render_text([*found, *faults], sources)
    assert library is not None
    return library


@pytest.fixture(scope="session")
def shell() -> Shell:
    return prepare_shell((ROOT / "templates" / "reference.docx").read_bytes())


ReadProfile = Callable[..., Profile]


@pytest.fixture(scope="session")
def profile_of(library: Library) -> ReadProfile:
    """Read a profile from YAML text; it must be free of faults."""

    def read(text: str, slug: str = "valley") -> Profile:
        source = SourceText(f"schools/{slug}.yaml", text)
        profile, found = read_profile(source, slug, library)
        assert not found, render_text(found, {source.path: source})
        assert profile is not None
        return profile

    return read


def sample(slug: str, year: PolicyYear | None = None) -> Profile:
    """A profile of `schools/` with all layers above it; it must be free of errors."""
    loaded = load(None, [ROOT / "schools" / f"{slug}.yaml"])
    profile, _ = loaded.profile(ROOT / "schools" / f"{slug}.yaml", year)
    assert profile is not None, render_text(loaded.found, loaded.sources)
    return profile


def sample_records(slug: str, year: PolicyYear | None = None) -> tuple[KeptRecord, ...]:
    """The approval records of a sample for a policy year, its own where None; they must be free of errors."""
    path = ROOT / "schools" / f"{slug}.yaml"
    loaded = load(None, [path])
    records, _ = loaded.records(path, sample(slug, year).policy_year)
    assert records is not None, render_text(loaded.found, loaded.sources)
    return records


@pytest.fixture(scope="session")
def valley(profile_of: ReadProfile) -> Profile:
    return profile_of(VALLEY.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """The path of a program; without it the test is skipped, or fails where AUPGEN_REQUIRE_TOOLS is set."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("AUPGEN_REQUIRE_TOOLS"):
            pytest.fail(f"{name} is not installed, and AUPGEN_REQUIRE_TOOLS is set")
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find


@pytest.fixture(scope="session")
def chromium(tool: Callable[[str], str]) -> Iterator[Browser]:
    """The one browser of all tests: a second one at a time is refused by the library that drives it."""
    path = tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
