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
from playwright.sync_api import Browser, Dialog, Page, expect

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
                places = [f"{text()}{n}" for n in range(chance.randint(0, 3))]
                times = [f"{text()}{n}" for n in range(chance.randint(0, 3))] if places else []
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
    texts = {
        name: text[:198] for name, text in {**HOSTILE, **MORE_HOSTILE}.items()
    }  # as much as a field takes
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


# ------------------------------------------------------------------ what is kept, saved and taken back


@pytest.fixture(scope="session")
def next_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Southend's site, published again: three documents, one question answered, and one that asks for a number."""
    folder = tmp_path_factory.mktemp("next")
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, folder / name)
    with (folder / "clauses" / "parameters.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "\n  - name: password_length\n    type: number\n    label: least length of a password\n"
            "    question: How many characters has a password at least?\n    default: 8\n"
            "\n  - name: quiet_hours\n    type: hours\n    label: quiet hours\n    question: When is it quiet?\n"
            "    default: {from: 9:00, to: 15:30, places: [the library]}\n"
        )
    path = folder / "schools" / "southend.yaml"
    head = path.read_text(encoding="utf-8").partition("documents:\n")[0].replace("number: 1", "number: 2")
    path.write_text(
        head.replace("  records_system:", "  class_tablets: true\n  records_system:") + "local_clauses:\n"
        "  - id: long-password\n    topic: passwords\n    owner: network-manager\n    audiences: [staff]\n"
        "    kind: must\n    essential: [staff-agreement]\n    rationale: Short ones are guessed.\n"
        "    text: choose a password of at least {{ password_length }} characters\n"
        "  - id: quiet-phones\n    topic: passwords\n    owner: headteacher\n    audiences: [staff]\n"
        "    kind: must\n    essential: [staff-agreement]\n    rationale: Others work.\n"
        "    text: silence my phone {{ quiet_hours | range }}\n"
        "documents:\n  staff-agreement:\n  consent-form:\n  pupil-agreement-ks2:\n",
        encoding="utf-8",
    )
    subprocess.run(
        [
            sys.executable,
            "-m",
            "aupgen",
            "pack",
            path,
            "--out",
            folder / "next.zip",
            "--site",
            folder / "site",
        ],
        cwd=folder,
        check=True,
    )
    return folder / "site"


def opened(page: Page, site: Path) -> Page:
    """The page of questions of a site, ready."""
    page.goto((site / "form.html").as_uri())
    page.locator("#preview h1").wait_for()
    return page


def reloaded(page: Page) -> None:
    page.reload()
    page.locator("#preview h1").wait_for()


def typed_lines(page: Page, field: str) -> list[str]:
    return page.input_value(field).splitlines()


def kept(page: Page) -> Answers:
    """What the browser keeps of the form, by key."""
    stored = page.evaluate("localStorage.getItem('aupgen southend 2018-19')")
    return dict(json.loads(stored)) if stored else {}


def test_a_form_that_is_published_again_takes_back_what_it_still_asks_and_names_the_rest(
    form: Page, site: Path, next_site: Path, tmp_path: Path
) -> None:
    answer(form, HILLVIEW)
    form.check("#parameters-class-tablets input[value=true]")
    form.uncheck("#documents input[value=device-loan]")
    form.uncheck("#documents input[value=consent-form]")
    saved = tmp_path / "last-year.answers.yaml"
    saved.write_bytes(downloaded(form, "#save"))

    opened(form, next_site)
    expect(form.locator("#progress")).to_have_text(
        "Your answers from last time are back. Every question is answered."
    )
    left_out = form.locator("#left-out")
    expect(left_out).to_contain_text("3 saved answers are left out, because they are no longer asked")
    for said in ("siro name: Ada Penn", "class tablets: true", "documents: device-loan"):
        expect(left_out).to_contain_text(said)
    assert form.input_value("#name-answer") == "Hillview Primary School"
    assert not form.locator("#documents input[value=consent-form]").is_checked()
    form.fill("#parameters-password-length-answer", "007")
    form.select_option("#shown", "staff-agreement")
    expect(form.locator("#preview")).to_contain_text("a password of at least 7 characters")
    assert "password_length: 7\n" in downloaded(form, "[data-download=profile]").decode()

    opened(form, site)
    assert form.locator("#parameters-class-tablets input[value=true]").is_checked()
    assert not form.locator("#documents input[value=device-loan]").is_checked()
    expect(form.locator("#left-out")).to_contain_text("One saved answer is left out")

    opened(form, next_site)
    assert axe_findings(form) == []
    form.on("dialog", lambda dialog: dialog.accept())
    form.click("#clear")
    expect(left_out).to_be_hidden()
    assert kept(form) == {}
    form.set_input_files("#load", saved)
    expect(form.locator("#progress")).to_contain_text("The answers from the file are in.")
    expect(left_out).to_contain_text("class tablets: true")
    assert form.input_value("#name-answer") == "Hillview Primary School"
    saved.write_text(
        '{"name": "Ashby School", "parameters.phone_rule": "never", "parameters.log_viewers": ["nobody"]}'
    )
    form.set_input_files("#load", saved)
    expect(left_out).to_contain_text(
        "2 saved answers are left out, because they no longer fit their questions"
    )
    expect(left_out).to_contain_text("Who may be shown the logs of somebody’s use of school systems? nobody")


def test_what_this_browser_kept_and_cannot_read_is_told_and_not_lost(form: Page) -> None:
    form.evaluate("localStorage.setItem('aupgen southend 2018-19', 'no answers')")
    reloaded(form)
    expect(form.locator("#progress")).to_contain_text("cannot be read")
    form.fill("#name-answer", "Hillview School")
    expect(form.locator("#preview")).to_contain_text("Hillview School")
    assert kept(form) == {"name": "Hillview School"}
    assert form.evaluate("localStorage.getItem('aupgen southend 2018-19 unread')") == "no answers"
    form.on("dialog", lambda dialog: dialog.accept())
    form.click("#clear")
    expect(form.locator("#progress")).to_contain_text("All answers are gone.")
    assert form.evaluate("localStorage.length") == 0


def test_what_is_typed_and_does_not_hold_yet_is_kept_saved_and_told_by_aupgen_init(
    form: Page, chromium: Browser, pack_and_site: tuple[Path, Path], tmp_path: Path
) -> None:
    form.fill("#name-answer", "Hillview School")
    form.select_option("#phase-answer", "primary")
    uses = [f"on wall {n}" for n in range(11)]
    form.fill("#parameters-phone-free-hours-from", "08:30")
    form.fill("#parameters-phone-free-hours-places", "the staff room")
    form.fill("#parameters-photo-uses-answer", "\n".join(uses))
    form.fill("#contacts-chair-of-governors-reach-answer", "chair@example.org, 01632 960123")
    saved = tmp_path / "hillview.answers.yaml"
    saved.write_bytes(downloaded(form, "#save"))

    def assert_all_there(page: Page) -> None:
        expect(page.locator("#parameters-phone-free-hours-fault")).to_have_text("Give both times.")
        assert page.input_value("#parameters-phone-free-hours-from") == "08:30"
        assert page.input_value("#parameters-phone-free-hours-places") == "the staff room"
        assert typed_lines(page, "#parameters-photo-uses-answer") == uses
        expect(page.locator("#parameters-photo-uses-fault")).to_contain_text("more than the form can hold")
        reach = page.input_value("#contacts-chair-of-governors-reach-answer")
        assert reach == "chair@example.org, 01632 960123"

    reloaded(form)
    assert_all_there(form)
    with chromium.new_context() as elsewhere:
        page = opened(elsewhere.new_page(), pack_and_site[1])
        page.set_input_files("#load", saved)
        expect(page.locator("#progress")).to_contain_text("The answers from the file are in.")
        assert_all_there(page)

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "aupgen",
            "init",
            tmp_path / "taken",
            "--pack",
            pack_and_site[0],
            "--answers",
            saved,
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning AUP636") == 3
    assert "`parameters.phone_free_hours` was not finished when it was saved" in done.stderr
    assert "(draft)" in done.stdout


def test_a_fourth_place_and_a_text_too_long_are_told_and_not_cut_off(form: Page) -> None:
    answer(form, HILLVIEW)
    places = ["the staff room", "the office", "the shed", "the garden"]
    form.fill("#parameters-phone-free-hours-places", "\n".join(places))
    fault = form.locator("#parameters-phone-free-hours-fault")
    expect(fault).to_contain_text("more than the form can hold")
    assert "at most 3" in form.inner_text("label[for=parameters-phone-free-hours-places]")
    expect(form.locator("#progress")).to_have_text("One question is still open.")
    reloaded(form)
    assert typed_lines(form, "#parameters-phone-free-hours-places") == places
    form.fill("#parameters-phone-free-hours-places", "x" * 201)
    expect(fault).to_contain_text("at most 200 characters")


def test_a_field_that_is_emptied_says_what_holds_then_also_after_a_reload(form: Page) -> None:
    answer(form, HILLVIEW)
    form.fill("#parameters-visitor-phone-places-answer", "")
    form.fill("#parameters-guest-wifi-answer", " ")
    for number in range(2):
        form.locator("#parameters-log-viewers select").nth(number).select_option("")
    for _ in range(2):
        for field, holds in (
            ("visitor-phone-places", "reception; an agreed place"),
            ("guest-wifi", "the guest wi-fi"),
            ("log-viewers", "line manager; headteacher"),
        ):
            note = form.locator(f"#parameters-{field}-fault")
            expect(note).to_have_text(
                f"If you leave this empty, your documents say: {holds}.", ignore_case=True
            )
            assert note.get_attribute("class") == "help"
        assert form.input_value("#parameters-visitor-phone-places-answer") == ""
        reloaded(form)
    expect(form.locator("#progress")).to_contain_text("Every question is answered.")


def test_a_change_of_phase_keeps_only_what_the_school_itself_turned_on_or_off(form: Page) -> None:
    def ticked() -> set[str]:
        return {box.get_attribute("value") or "" for box in form.locator("#documents input:checked").all()}

    form.select_option("#phase-answer", "primary")
    form.uncheck("#documents input[value=pupil-agreement-ks2]")
    form.check("#documents input[value=pupil-agreement-ks2]")
    form.uncheck("#documents input[value=device-loan]")
    form.check("#documents input[value=pupil-agreement-send]")
    form.select_option("#phase-answer", "secondary")
    expect(form.locator("#documents input[value=pupil-agreement-ks3]")).to_be_checked()
    for _ in range(2):
        agreements = {id_ for id_ in ticked() if id_.startswith("pupil-")}
        assert agreements == {"pupil-agreement-ks3", "pupil-agreement-send"}
        assert "device-loan" not in ticked()
        reloaded(form)


def test_a_school_issues_at_least_one_document_and_is_asked_of_those_alone(form: Page) -> None:
    answer(form, HILLVIEW)
    form.fill("#parameters-photo-uses-answer", "\n".join(f"on wall {n}" for n in range(11)))
    progress = form.locator("#progress")
    expect(progress).to_have_text("One question is still open.")
    form.uncheck("#documents input[value=consent-form]")
    expect(progress).to_have_text("Every question is answered.")
    form.evaluate("document.querySelectorAll('#documents input:checked').forEach((box) => box.click())")
    expect(progress).to_have_text("One question is still open.")
    expect(form.locator("#documents-fault")).to_have_text("Tick at least one document.")
    form.click("#open-questions a")
    assert form.evaluate("document.activeElement.closest('#documents') !== null")
    assert axe_findings(form) == []
    form.check("#documents input[value=staff-policy]")
    expect(form.locator("#documents-fault")).to_be_hidden()
    expect(form.locator("#preview h1")).to_be_visible()


def test_two_tabs_overwrite_nothing_of_each_other_unasked(form: Page, site: Path) -> None:
    older = opened(form.context.new_page(), site)
    answer(form, HILLVIEW)
    older.fill("#name-answer", "H")
    banner = older.locator("#elsewhere")
    expect(banner).to_contain_text("changed in another tab")
    assert axe_findings(older) == []
    reloaded(form)
    assert form.input_value("#name-answer") == "Hillview Primary School"

    older.get_by_role("button", name="Take the answers of the other tab").click()
    expect(banner).to_be_hidden()
    assert older.input_value("#name-answer") == "Hillview Primary School"
    older.fill("#name-answer", "Ashby School")
    expect(form.locator("#elsewhere")).to_be_visible()
    form.get_by_role("button", name="Keep the answers on this page").click()
    expect(form.locator("#elsewhere")).to_be_hidden()
    assert kept(form)["name"] == "Hillview Primary School"
    expect(banner).to_be_visible()


def test_answers_from_a_file_take_the_place_of_others_only_when_a_person_says_so(
    form: Page, tmp_path: Path
) -> None:
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    form.on("dialog", dismiss)
    progress, file = form.locator("#progress"), tmp_path / "other.yaml"
    form.fill("#name-answer", "Hillview School")
    file.write_text('{"name": "Ashby School"}')
    form.set_input_files("#load", file)
    expect(form.locator("#load")).to_have_value("")
    assert len(asked) == 1
    assert "take the place of all answers" in asked[0]
    for text, said in (
        ("{}", "no answers that were saved here"),
        (downloaded(form, "[data-download=profile]").decode(), "This file is a profile."),
    ):
        file.write_text(text, encoding="utf-8")
        form.set_input_files("#load", file)
        expect(progress).to_contain_text(said)
    assert len(asked) == 1
    assert form.input_value("#name-answer") == "Hillview School"


def test_a_click_right_after_typing_takes_what_was_typed_and_a_thing_named_twice_is_named_once(
    form: Page,
) -> None:
    answer(form, HILLVIEW)
    with form.expect_download() as download:
        form.evaluate(
            """() => {
              const field = document.getElementById("parameters-photo-uses-answer");
              field.value = "on the wall\\nin the hall\\n on the  wall";
              field.dispatchEvent(new Event("input", { bubbles: true }));
              document.getElementById("save").click();
            }"""
        )
    answers = json.loads(Path(download.value.path()).read_text())
    assert answers["parameters.photo_uses"] == ["on the wall", "in the hall"]


def test_hours_that_hold_anyway_stand_in_their_fields_and_in_the_documents(
    form: Page, next_site: Path
) -> None:
    opened(form, next_site)
    assert form.input_value("#parameters-quiet-hours-from") == "09:00"
    assert typed_lines(form, "#parameters-quiet-hours-places") == ["the library"]
    assert "silence my phone between 9am and 3.30pm" in form.inner_text("#preview")
    form.fill("#name-answer", "Hillview Primary School")
    form.locator("#preview", has_text="Hillview Primary School").wait_for()
    assert "parameters.quiet_hours" not in kept(form)
    form.fill("#parameters-quiet-hours-to", "16:00")
    form.locator("#preview", has_text="between 9am and 4pm").wait_for()
