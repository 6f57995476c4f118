"""Southend's pack and its site, made once for all tests of this folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page

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


DESKTOP, PHONE = (1280, 900), (390, 844)
"""Widths and heights of windows."""


def axe_findings(page: Page) -> list[tuple[int, str, str]]:
    """What axe says of a page as it stands, at both widths: the width, the rule and the element; and what is wider
    than the window."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = []
    for width, height in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        said = page.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")
        assert len(said["passes"]) > 10, page.url
        found += [(width, one["id"], one["nodes"][0]["html"]) for one in said["violations"]]
        if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            found.append((width, "wider than the window", page.url))
    return found
