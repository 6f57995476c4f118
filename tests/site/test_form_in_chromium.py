"""The page of questions in Chromium: what it shows, saves and takes, and that its words are those of `aupgen build`."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT
from tests.e2e.hostile import HOSTILE, MORE_HOSTILE
from tests.site.conftest import axe_findings

Answers: TypeAlias = dict[str, Any]
YEAR = "2018-19"
HILLVIEW = {
    "name": "Hillview Primary School",
    "phase": "primary",
    "contacts.siro.name": "Ada Penn",
    "contacts.chair-of-governors.reach": "hillview.chair@example.org",
    "parameters.phone_free_hours": {
        "from": "08:30",
        "to": "15:10",
        "places": ["the staff room"],
        "times": [],
    },
}


@pytest.fixture
def form(chromium: Browser, site: Path) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((site / "form.html").as_uri())
        page.locator("#preview h1").wait_for()
        yield page
        assert complaints == []


def answer(page: Page, answers: Answers) -> None:
    """Type some answers as a person would."""
    page.fill("#name-answer", answers["name"])
    page.select_option("#phase-answer", answers["phase"])
    page.fill("#contacts-siro-name-answer", answers["contacts.siro.name"])
    page.fill("#contacts-chair-of-governors-reach-answer", answers["contacts.chair-of-governors.reach"])
    hours = answers["parameters.phone_free_hours"]
    page.fill("#parameters-phone-free-hours-from", hours["from"])
    page.fill("#parameters-phone-free-hours-to", hours["to"])
    page.fill("#parameters-phone-free-hours-places", "\n".join(hours["places"]))
    expect(page.locator("#progress")).to_have_text("Every question is answered.")


def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download() as download:
        page.click(button)
    return Path(download.value.path()).read_bytes()


def built(profiles: dict[str, str], folder: Path) -> dict[str, dict[str, bytes]]:
    """What `aupgen build` makes of some profiles beside the exemplar, by profile and file."""
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, folder / name)
    for slug, text in profiles.items():
        (folder / "schools" / f"{slug}.yaml").write_text(text, encoding="utf-8")
    paths = [f"schools/{slug}.yaml" for slug in profiles]
    done = subprocess.run(
        [sys.executable, "-m", "aupgen", "build", *paths], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return {
        slug: {
            path.name: path.read_bytes()
            for path in (folder / "build" / slug / YEAR).iterdir()
            if path.name != "manifest.json"
        }
        for slug in profiles
    }


def parts(data: bytes) -> dict[str, str]:
    """The parts of a Word file: their runs of one look joined, without the widths of columns, the direction of runs and
    the shapes of diagrams."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        texts = {name: file.read(name).decode("utf-8", "surrogateescape") for name in file.namelist()}
    between = '</w:t></w:r><w:r><w:t xml:space="preserve">'
    return {
        name: re.sub('w:w="[0-9]+"|<w:rtl/>', "", DRAWN.sub(spoken, text))
        .replace("<w:rPr></w:rPr>", "")
        .replace(between, "")
        for name, text in texts.items()
    }


DRAWN = re.compile("<w:drawing>.*?</w:drawing>", re.S)
"""A diagram, whose lines break where the words that it was drawn for are shorter or longer."""


def spoken(diagram: re.Match[str]) -> str:
    """The words of a diagram."""
    return " ".join(re.sub("<[^>]*>", " ", diagram[0]).split())


def assert_alike(mine: dict[str, bytes], theirs: dict[str, bytes]) -> None:
    assert set(mine) == set(theirs)
    for name, data in mine.items():
        if name.endswith(".docx"):
            assert parts(data) == parts(theirs[name]), name
        else:
            assert upright(data) == upright(theirs[name]), name


def upright(data: bytes) -> str:
    """A text without the marks round words that run from right to left."""
    return re.sub("</?bdi>", "", data.decode())


def test_documents_change_as_a_school_types_and_are_those_that_aupgen_builds(
    form: Page, tmp_path: Path
) -> None:
    assert "[[name of your school]]" in form.inner_text("#preview")
    assert form.inner_text("#progress").endswith("questions are still open.")
    assert form.locator("[data-download=all]").is_disabled()
    answer(form, HILLVIEW)
    assert "Hillview Primary School" in form.inner_text("#preview")
    assert "[[" not in form.inner_text("#preview")
    with zipfile.ZipFile(io.BytesIO(downloaded(form, "[data-download=all]"))) as saved:
        files = {name.rpartition("/")[2]: saved.read(name) for name in saved.namelist()}
    profile = files.pop("hillview-primary-school.yaml").decode()
    assert profile.encode() == downloaded(form, "[data-download=profile]")
    assert_alike(files, built({"hillview": profile}, tmp_path)["hillview"])
    form.select_option("#shown", "staff-policy")
    for format_ in ("docx", "html", "md"):
        assert downloaded(form, f"[data-download={format_}]") == files[f"staff-policy.{format_}"]


def test_axe_finds_nothing_while_the_page_is_empty_half_answered_and_done(form: Page) -> None:
    assert axe_findings(form) == []
    form.fill("#contacts-chair-of-governors-reach-answer", "ask at the desk")
    form.fill("#parameters-phone-free-hours-from", "08:30")
    form.locator("#parameters-phone-free-hours-fault").wait_for()
    assert axe_findings(form) == []
    answer(form, HILLVIEW)
    form.check("#parameters-pupil-phone-rule input[value=not-brought]")
    for id_ in ("consent-form", "pupil-agreement-ks2", "parent-letter", "staff-policy"):
        form.select_option("#shown", id_)
        assert axe_findings(form) == []


def test_the_page_can_be_answered_with_the_keyboard_alone(form: Page) -> None:
    form.focus("#name-answer")
    form.keyboard.type("Hillview School")
    form.keyboard.press("Tab")
    form.keyboard.type("prim")
    form.keyboard.press("Tab")
    form.keyboard.type("Ada Penn")
    expect(form.locator("#preview")).to_contain_text("Hillview School")
    assert form.input_value("#phase-answer") == "primary"
    form.focus("#preview")
    form.keyboard.press("PageDown")
    form.wait_for_timeout(300)
    assert form.evaluate("document.getElementById('preview').scrollTop") > 0


def test_a_choice_changes_the_words_and_says_which_other_documents_it_changed(form: Page) -> None:
    answer(form, HILLVIEW)
    form.select_option("#shown", "pupil-agreement-ks2")
    form.check("#parameters-pupil-phone-rule input[value=not-brought]")
    changed = form.locator("#preview .changed")
    changed.first.wait_for()
    assert "I will leave my phone at home." in changed.all_inner_texts()
    form.check("#parameters-loan-charge input[value=not-looked-after]")
    form.get_by_role("button", name="Loan of a device").click()
    assert "clearly not looked after" in form.inner_text("#preview")


def test_an_answer_that_does_not_hold_is_told_at_its_field(form: Page) -> None:
    answer(form, HILLVIEW)
    form.fill("#contacts-chair-of-governors-reach-answer", "ask at the desk")
    fault = form.locator("#contacts-chair-of-governors-reach-fault")
    fault.wait_for()
    assert "telephone number" in fault.inner_text()
    field = form.locator("#contacts-chair-of-governors-reach-answer")
    assert field.get_attribute("aria-invalid") == "true"
    assert form.inner_text("#progress") == "One question is still open."
    assert form.locator("[data-download=docx]").is_disabled()
    form.click("#open-questions a")
    assert field.evaluate("element => element === document.activeElement")
    form.fill("#parameters-phone-free-hours-to", "07:00")
    later = form.locator("#parameters-phone-free-hours-fault")
    later.wait_for()
    assert "later than the first" in later.inner_text()


def test_only_questions_of_issued_documents_are_asked(form: Page) -> None:
    answer(form, HILLVIEW)
    consent = form.locator("#parameters-photo-uses")
    assert consent.is_visible()
    form.uncheck("#documents input[value=consent-form]")
    consent.wait_for(state="hidden")
    assert form.locator("#shown option[value=consent-form]").is_disabled()


def test_answers_are_saved_taken_back_and_taken_by_aupgen_init(
    form: Page, chromium: Browser, pack_and_site: tuple[Path, Path], tmp_path: Path
) -> None:
    answer(form, HILLVIEW)
    form.uncheck("#documents input[value=community-wifi]")
    form.wait_for_timeout(300)
    profile = downloaded(form, "[data-download=profile]")
    saved = tmp_path / "hillview.answers.yaml"
    saved.write_bytes(downloaded(form, "#save"))
    assert json.loads(saved.read_text())["contacts.siro.name"] == "Ada Penn"

    form.reload()
    form.locator("#preview h1").wait_for()
    assert form.inner_text("#progress").startswith("Your answers from last time are back.")
    assert downloaded(form, "[data-download=profile]") == profile
    form.on("dialog", lambda dialog: dialog.accept())
    form.click("#clear")
    assert form.input_value("#name-answer") == ""

    with chromium.new_context() as elsewhere:
        page = elsewhere.new_page()
        page.goto((pack_and_site[1] / "form.html").as_uri())
        page.set_input_files("#load", tmp_path / "hillview.answers.yaml")
        expect(page.locator("#progress")).to_contain_text("The answers from the file are in.")
        assert downloaded(page, "[data-download=profile]") == profile
        (tmp_path / "other.yaml").write_text('{"name": 3}')
        page.set_input_files("#load", tmp_path / "other.yaml")
        expect(page.locator("#progress")).to_contain_text("This file holds no answers")

    zip_, folder = pack_and_site[0], tmp_path / "taken"
    done = subprocess.run(
        [sys.executable, "-m", "aupgen", "init", folder, "--pack", zip_, "--answers", saved],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    made = folder / "build" / "hillview-primary-school" / YEAR
    assert not (made / "community-wifi.docx").exists()
    policy = (made / "staff-policy.md").read_bytes()
    form.set_input_files("#load", saved)
    expect(form.locator("#progress")).to_contain_text("The answers from the file are in.")
    form.select_option("#shown", "staff-policy")
    assert downloaded(form, "[data-download=md]") == policy


# What reads like a mark in one format or another, and what a program might run.
TEXTS = (
    "the hall", "Jo O’Neil & Sons", "A*B*C", "1. first", "# hash", "<b>x</b>", "re_port_ing", "iPad policy", "|pipe|",
    "_under_", "- dash", "100", "ß gross", '"quoted"', "back\\slash", "[link](x)", "&amp; so", "~~s~~", "élan vital",
    "a`b`", "= eq", "+ plus", "x<y", "tail <", "tail &", "tail _", "`", "St. Ives St.", "Why?", "{{ name }}", "$&", "$1", "${x}", "{number}",
    "]]>", "[[name]]",
)  # fmt: skip


def drawn_answers(questions: list[dict[str, Any]], data: dict[str, Any], chance: random.Random) -> Answers:
    """Answers to every question that may be put, any of them in any state."""

    def text() -> str:
        return " ".join(f"{chance.choice(TEXTS)} {chance.choice(('', 'School', 'x'))}".split())

    out: Answers = {}
    for question in questions:
        match question["kind"]:
            case "phase":
                value: Any = chance.choice(question["states"])
            case "choice" | "flag":
                value = chance.choice([state for state in question["states"] if state != "open"])
            case "words":
                value = [f"{text()}{n}" for n in range(chance.randint(1, 6))]
            case "roles":
                value = chance.sample(sorted(data["posts"]), chance.randint(1, 3))
            case "hours":
                places = [text() for _ in range(chance.randint(0, 3))]
                times = [text() for _ in range(chance.randint(0, 3))] if places else []
                starts, ends = ("8:30", "09:00", "0:00", "12:00"), ("15:05", "12:30", "23:59")
                value = {
                    "from": chance.choice(starts),
                    "to": chance.choice(ends),
                    "places": places,
                    "times": times,
                }
            case "reach":
                value = chance.choice(["in person", "a.b+c@example.org", "01632 960123"])
            case _:
                value = text()
        if (
            question["usual"] is None and question["kind"] not in ("words", "roles", "text")
        ) or chance.random() < 0.7:
            out[question["key"]] = value
    if chance.random() < 0.5:
        out["documents"] = [id_ for id_ in data["formats"] if chance.random() < 0.7] or ["staff-agreement"]
    return out


WRITTEN = """answers => {
  const school = writing.settled(answers);
  const files = {};
  for (const id of school.issued) {
    for (const format of ["html", "md", "docx", ...(aupgen.formats[id].includes("txt") ? ["txt"] : [])]) {
      files[`${id}.${format}`] = btoa(Array.from(writing.file(id, format, school), (byte) => String.fromCharCode(byte)).join(""));
    }
  }
  return { profile: writing.profile(school), files };
}"""


def test_whatever_a_school_answers_its_files_are_those_that_aupgen_builds(form: Page, tmp_path: Path) -> None:
    data = form.evaluate("({ questions: aupgen.questions, posts: aupgen.posts, formats: aupgen.formats })")
    chance = random.Random(7)
    drawn = [drawn_answers(data["questions"], data, chance) for _ in range(20)]
    written = [form.evaluate(WRITTEN, answers) for answers in drawn]
    profiles = {f"school-{n}": one["profile"] for n, one in enumerate(written)}
    theirs = built(profiles, tmp_path)
    for n, one in enumerate(written):
        assert_alike(
            {name: base64.b64decode(file) for name, file in one["files"].items()}, theirs[f"school-{n}"]
        )


def test_hostile_text_runs_nothing_and_stands_in_every_file_as_it_does_elsewhere(
    form: Page, tmp_path: Path
) -> None:
    texts = {**HOSTILE, **MORE_HOSTILE}
    answer(form, {**HILLVIEW, "name": "".join(HOSTILE.values())[:200]})
    form.fill("#parameters-guest-wifi-answer", HOSTILE["image-tag"])
    form.fill("#contacts-siro-name-answer", MORE_HOSTILE["closing-title"])
    form.wait_for_timeout(300)
    for id_ in ("staff-agreement", "community-wifi", "consent-form"):
        form.select_option("#shown", id_)
        assert form.locator("#preview :is(script, img, iframe, style, b)").count() == 0
    profiles, files = {}, {}
    for name, text in texts.items():
        answers = {
            **HILLVIEW,
            "name": f"A {text}",
            "contacts.siro.name": text,
            "parameters.guest_wifi": text,
            "parameters.photo_uses": [text, "on display"],
        }
        typed = form.evaluate(
            """answers => Object.fromEntries(Object.entries(answers).map(([key, value]) =>
            [key, typeof value === "string" ? writing.line(value) : Array.isArray(value) ? writing.lines(value) : value]))""",
            answers,
        )
        written = form.evaluate(WRITTEN, typed)
        profiles[name], files[name] = written["profile"], written["files"]
    theirs = built(profiles, tmp_path)
    for name, own in files.items():
        assert_alike({file: base64.b64decode(data) for file, data in own.items()}, theirs[name])
