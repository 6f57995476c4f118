"""The story of docs/packs.md, told by running it: its commands, its files, its terminal, and every line that it quotes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from aupgen.source.yaml_edit import YamlEditor
from tests.conftest import ROOT
from tests.e2e.test_layers_story import aupgen, matches
from tests.site.test_form_in_chromium import assert_alike

PAGE = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
STORY = PAGE[: PAGE.index("\n## What is in a pack")]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$|^> ([^\n]+)$", re.M | re.S)
_PROMPT = re.compile(r"   (Answer|Number)[^\n]*?: \Z")


def on_a_terminal(
    folder: Path, arguments: list[str], typed: Sequence[str | Callable[[], str]]
) -> tuple[int, str]:
    """Run a command on a pseudo-terminal; type each answer at its prompt. Return the exit code and the screen.

    Where there is no answer left it is killed. An answer may be a function that does something first and gives one.
    """
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aupgen", *arguments],
        cwd=folder, stdin=inner, stdout=inner, stderr=inner, env={**os.environ, "TERM": "dumb"},
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C is heard
    )  # fmt: skip
    os.close(inner)
    screen, waiting = "", list(typed)
    while True:
        try:
            data = os.read(outer, 65_536)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        screen += data.decode("utf-8").replace("\r\n", "\n")
        if _PROMPT.search(screen):
            if not waiting:
                process.kill()
                break
            answer = waiting.pop(0)
            os.write(outer, ((answer if isinstance(answer, str) else answer()) + "\n").encode())
    os.close(outer)
    return process.wait(), screen


def answers_in(session: str) -> list[str]:
    return [
        match[2]
        for match in re.finditer(r"^   (Answer|Number)(?: [\[(][^\])]*[\])])?:(?: |$)(.*)$", session, re.M)
    ]


def in_the_browser(site: Path, session: str, folder: Path, chromium: Browser) -> dict[str, bytes]:
    """Answer the questions of a site as a session says, and save the answers into the folder; the documents by name."""
    page = chromium.new_page()
    page.goto((site / "form.html").as_uri())
    for line in session.splitlines():
        question, _, answer = line.partition(": ")
        field = page.get_by_label(question, exact=True)
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(label=answer)
        else:
            field.fill(answer)
    expect(page.locator("#progress")).to_have_text("Every question is answered.")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save answers to a file").click()
    saved.value.save_as(folder / saved.value.suggested_filename)
    with page.expect_download() as documents:
        page.get_by_role("button", name="All documents in every format (zip)").click()
    with zipfile.ZipFile(documents.value.path()) as archive:
        files = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}
    page.close()
    return files


def normal(session: str) -> str:
    """A screen without blanks at the ends of lines and at its own."""
    return re.sub(r"[ \t]+$", "", session, flags=re.M).strip("\n") + "\n"


def write_into(path: Path, block: str) -> None:
    """Put the keys of a block into a profile, as a person would: an edition in the place of the old one."""
    profile, said = YamlEditor(path.read_text(encoding="utf-8")), YamlEditor(block).data
    for key, value in said.items():
        if key == "clauses":
            assert isinstance(value, dict)
            for id_, choice in value.items():
                profile.put((key, id_), choice)
        else:
            profile.remove((key,))
            profile.put((key,), value)
    path.write_text(profile.text, encoding="utf-8")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Path:
    """The folder as the page leaves it; fails at the first block that is not as the page says."""
    folder = tmp_path_factory.mktemp("story")
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, folder / name)
    command: list[str] = []
    printed = ""
    tables = iter(("answers.csv", "answers.csv", "roster.csv"))
    for block in _BLOCK.finditer(STORY):
        language, text, quotation = block.groups()
        match language:
            case "sh":
                command = text.split()[1:]
                following = _BLOCK.search(STORY, block.end())
                assert following is not None
                if following[1] != "console":
                    printed = aupgen(folder, *command).stdout
            case "console":
                code, printed = on_a_terminal(folder, command, answers_in(text))
                assert code == 0, printed
                assert matches(normal(text), normal(printed)), printed
            case "text":
                pattern = text.replace("… kB", "999 kB").replace("… pages", "99 pages")
                plain = re.sub(r"\d+ pages", "99 pages", re.sub(r"\d+ kB", "999 kB", printed))
                assert matches(pattern, plain), f"{command}\n{printed}"
            case "csv":
                (folder / next(tables)).write_text(text, encoding="utf-8")
            case "browser":
                downloaded = in_the_browser(folder / "southend-site", text, folder, chromium)
                (folder / "downloads").mkdir()
                for name, data in downloaded.items():
                    (folder / "downloads" / name).write_bytes(data)
            case "yaml" if text.startswith("# in "):
                write_into(folder / text.partition("\n")[0].removeprefix("# in "), text)
            case "yaml":
                profile = folder / "hillview" / "schools" / "hillview-primary-school.yaml"
                assert text in profile.read_text(encoding="utf-8")
            case None:
                with zipfile.ZipFile(folder / "southend-next.zip") as pack:
                    page = pack.read("whats-new.md").decode()
                assert quotation in page.splitlines()
                assert "New clauses" not in page
                assert "no longer printed" not in page
            case _:
                pytest.fail(f"the page has a block of {language}")
    return folder


def test_the_page_tells_what_happens(told: Path) -> None:
    assert not list(told.glob(".aupgen*"))
    assert [path.name for path in told.glob("*.answers.yaml")] == ["seaview-junior-school.answers.yaml"]


def test_what_the_browser_downloads_is_what_the_folder_is_built_with(told: Path) -> None:
    built = told / "seaview" / "build" / "seaview-junior-school" / "2018-19"
    theirs = {path.name: path.read_bytes() for path in built.iterdir() if path.name != "manifest.json"}
    downloads = (path for path in (told / "downloads").iterdir() if path.suffix != ".yaml")
    assert len(theirs) == 43
    assert_alike({path.name: path.read_bytes() for path in downloads}, theirs)


@pytest.mark.parametrize(
    ("place", "slug"),
    [("hillview", "hillview-primary-school"), ("schools-of-our-trust", "ferncliff-school")],
)
def test_a_school_built_from_a_pack_has_the_words_of_one_built_beside_the_library(
    told: Path, place: str, slug: str, tmp_path: Path
) -> None:
    """The profile that init wrote, built in the workspace that the pack came from, gives the same files."""
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    if place == "hillview":  # which took the next pack in, and did not go back
        shutil.copy(told / "schools" / "southend.yaml", tmp_path / "schools")
    shutil.copy(told / place / "schools" / f"{slug}.yaml", tmp_path / "schools")
    done = aupgen(tmp_path, "build", f"schools/{slug}.yaml")
    assert done.returncode == 0, done.stdout
    taken = told / place / "build" / slug / "2018-19"
    built = tmp_path / "build" / slug / "2018-19"
    documents = {path.name for path in built.iterdir() if path.name != "manifest.json"}
    assert len(documents) >= 33
    for name in documents:
        assert (taken / name).read_bytes() == (built / name).read_bytes(), name


def test_building_again_finds_nothing_to_do(told: Path) -> None:
    done = aupgen(told / "hillview", "build", "schools/hillview-primary-school.yaml")
    assert done.returncode == 0
    assert "hillview-primary-school/2018-19\n" in done.stdout
    assert [line for line in done.stdout.splitlines()[1:] if not line.endswith("(unchanged)")] == []


def test_a_draft_says_so_and_becomes_one_no_longer_once_all_is_answered(told: Path) -> None:
    place = told / "schools-of-our-trust"
    profile = place / "schools" / "shoreline-school.yaml"
    page = place / "build" / "shoreline-school" / "2018-19" / "staff-policy.md"
    assert "Draft" in page.read_text(encoding="utf-8")
    refused = aupgen(place, "build", "schools/shoreline-school.yaml")
    assert refused.returncode == 1
    assert "who is the chair of governors here?" in refused.stdout
    text = profile.read_text(encoding="utf-8")
    assert text.count("  # chair-of-governors:\n") == 1
    profile.write_text(
        text.replace("  # chair-of-governors:\n", "  chair-of-governors: {}\n"), encoding="utf-8"
    )
    built = aupgen(place, "build", "schools/shoreline-school.yaml")
    assert built.returncode == 0, built.stdout
    assert "Draft" not in page.read_text(encoding="utf-8")
