"""Southend's pack and its site, made once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from aupgen.cli.main import run
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def pack_and_site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The paths of the zip and of the folder of pages."""
    folder = tmp_path_factory.mktemp("southend")
    profile = ROOT / "schools" / "southend.yaml"
    with pytest.raises(SystemExit) as ended:
        run(["pack", str(profile), "--out", str(folder / "southend.zip"), "--site", str(folder / "site")])
    assert ended.value.code == 0
    return folder / "southend.zip", folder / "site"


@pytest.fixture(scope="session")
def site(pack_and_site: tuple[Path, Path]) -> Path:
    return pack_and_site[1]


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """The paths of the site's own pages in it; the documents' web pages are downloads."""
    paths = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return sorted(path for path in paths if not path.startswith("documents/"))


@pytest.fixture(scope="session")
def chromium(tool: Callable[[str], str]) -> Iterator[Browser]:
    path = tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
