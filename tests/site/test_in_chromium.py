"""The site as people meet it: in Chromium from a disk and from a server, by keyboard, at the width of a telephone."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from aupgen.cli.main import run
from aupgen.library.compiled import Library
from aupgen.policy.terms import Nation
from tests.conftest import ROOT
from tests.site.conftest import DESKTOP, axe_findings


@pytest.fixture
def heard() -> list[str]:
    """What a page complained of, and what it asked for beside its own files."""
    return []


@pytest.fixture
def page(chromium: Browser, heard: list[str]) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}) as context:
        page = context.new_page()
        page.on("console", lambda message: heard.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
        page.on("requestfailed", lambda request: heard.append(f"{page.url}: failed {request.url}"))

        def asked(url: str) -> None:
            if not url.startswith(("file:///", "data:", "http://127.0.0.1:")):
                heard.append(f"{page.url}: {url}")

        page.on("request", lambda request: asked(request.url))
        yield page


def look_at(page: Page, site: Path, names: Iterable[str], heard: list[str]) -> None:
    """Let axe look at pages at both widths, once they opened without a complaint."""
    found = []
    for name in names:
        page.goto((site / name).as_uri())
        assert heard == []
        found += [(name, *one) for one in axe_findings(page)]
    assert found == []
    assert heard == []


def test_axe_finds_nothing_on_any_page_and_no_page_asks_for_anything_else(
    page: Page, site: Path, pages: list[str], heard: list[str]
) -> None:
    documents = sorted(f"documents/{path.name}" for path in site.glob("documents/*.html"))
    assert len(documents) >= 15
    look_at(page, site, [*pages, *documents], heard)


EXEMPLAR = """\
kind: exemplar
name: Dyffryn Authority
nation: wales
phase: all-through
policy_year: 2026-27
edition: {number: 1, date: 2026-09-01}
approver: full governing body
other_roles: headteacher
contacts: {headteacher: {show: role}}
documents:
  staff-policy:
  staff-agreement:
  pupil-agreement-ks2:
  parent-letter:
  online-safety-policy:
"""


def test_the_longest_policy_and_its_many_clauses_are_no_harder_to_use(
    page: Page, tmp_path: Path, library: Library, heard: list[str]
) -> None:
    """Contents, tables of lists, a diagram, appendices; and an exemplar of another nation and year."""
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "schools" / "dyffryn.yaml").write_text(EXEMPLAR, encoding="utf-8")
    arguments = ["pack", str(tmp_path / "schools" / "dyffryn.yaml"), "--out", str(tmp_path / "d.zip")]
    with pytest.raises(SystemExit) as ended:
        run([*arguments, "--site", str(tmp_path / "site")])
    assert ended.value.code == 0
    site = tmp_path / "site"
    names = ("index", "documents", "clauses", "owners", "frameworks", "read/online-safety-policy", "form")
    look_at(page, site, [f"{name}.html" for name in names], heard)
    page.goto((site / "frameworks.html").as_uri())
    named = page.eval_on_selector_all("main h2", "headings => headings.map(h => h.id)")
    assert len(named) > 10
    assert [id_ for id_ in named if Nation.WALES not in library.frameworks[id_].nations] == []


def test_the_search_is_used_by_keyboard_alone(page: Page, site: Path, heard: list[str]) -> None:
    page.goto((site / "clauses" / "copyright.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("network settings")
    page.wait_for_selector("#site-results a")
    page.keyboard.press("Escape")
    assert page.is_hidden("#site-results")
    page.keyboard.press("Control+a")
    page.keyboard.type("pasword-private")
    page.wait_for_function("document.querySelector('#site-count').textContent.startsWith('Nothing found')")
    page.keyboard.press("Control+a")
    page.keyboard.type("PASSWORD private")
    page.wait_for_function("document.querySelector('#site-results a')?.textContent === 'password-private'")
    assert re.fullmatch(r"\d+ results", page.get_by_role("status").inner_text())
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "password-private"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Enter")
    page.wait_for_url("**/clauses/password-private.html")
    assert heard == []


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("staff policy", "read/staff-policy.html"),
        ("keeping children safe", "frameworks.html"),
        ("governor", "read/governor-agreement.html"),
        ("passkeys friends", "read/pupil-agreement-ks3.html"),
        ("network manager worthless", "clauses/password-private.html"),
        ("privacy cookies", "help.html"),
    ],
)
def test_the_search_finds(page: Page, site: Path, typed: str, path: str) -> None:
    page.goto((site / "index.html").as_uri())
    page.get_by_label("Search this site").fill(typed)
    page.wait_for_selector("#site-results a")
    assert path in page.eval_on_selector_all(
        "#site-results a", "links => links.map(a => a.getAttribute('href'))"
    )


def test_the_current_page_is_marked_and_focus_is_seen(page: Page, site: Path) -> None:
    page.goto((site / "read" / "staff-policy.html").as_uri())
    current = page.get_by_role("navigation", name="Site").locator("[aria-current]")
    assert current.all_inner_texts() == ["Documents"]
    current.focus()
    page.keyboard.press("Tab")
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(style) == "solid"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(style) == "solid"


def test_without_scripts_there_is_no_search_box_and_all_else_is_there(chromium: Browser, site: Path) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        assert page.get_by_label("Search this site").is_hidden()
        page.get_by_role("link", name="Clauses", exact=True).click()
        page.get_by_role("link", name="password-private").first.click()
        assert page.get_by_role("heading", level=1).inner_text() == "password-private"


def test_the_print_of_a_page_has_its_words_and_no_menus(
    page: Page, site: Path, tool: Callable[[str], str], tmp_path: Path
) -> None:
    page.goto((site / "read" / "staff-agreement.html").as_uri())
    page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    told = subprocess.run(
        [tool("pdftotext"), str(tmp_path / "page.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "I will not pass on a password" in " ".join(told.split())
    assert "Search this site" not in told
    assert "What’s new" not in told
    assert "password-private\n\n" not in told.split("The clauses in it")[0]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_it_works_from_a_web_server(page: Page, site: Path, heard: list[str]) -> None:
    handler = functools.partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{http.server_address[1]}/for/staff.html")
        page.get_by_label("Search this site").fill("copyright")
        page.wait_for_selector("#site-results a")
        with page.expect_download() as download:
            page.get_by_role("link", name="Word file of Staff policy").click()
        assert download.value.suggested_filename == "staff-policy.docx"
        assert (
            Path(download.value.path()).read_bytes()
            == (site / "documents" / "staff-policy.docx").read_bytes()
        )
        http.shutdown()
    assert heard == []


def test_html_validate_finds_nothing(site: Path, pages: list[str], tool: Callable[[str], str]) -> None:
    done = subprocess.run(
        [tool("html-validate"), *(str(site / name) for name in pages)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
