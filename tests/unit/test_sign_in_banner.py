"""The notice before sign-in: short, plain text, and the words of the other formats."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.build import formats_of
from aupgen.document.tree import BulletList, Document, FillIn, ListItem, Paragraph, Section, Text, Value
from aupgen.document.walk import lines, plain_text
from aupgen.library.compiled import Library
from aupgen.source.diagnostics import Diagnostic
from aupgen.writers.text import LINE, write_text
from tests.conftest import ROOT, sample
from tests.e2e.hostile import ALL_HOSTILE
from tests.e2e.test_commands import aupgen
from tests.unit.small_library import compiled

SCHOOLS = ("oakfield", "millbrook")
WORDS = 120


@pytest.fixture(params=SCHOOLS)
def banner(library: Library, request: pytest.FixtureRequest) -> Document:
    bound, found = bind_profile(library, sample(request.param), only=["sign-in-banner"])
    assert not found
    return bound.documents[0]


def test_a_banner_is_short_enough_to_be_read(banner: Document) -> None:
    assert len(write_text(banner).split()) <= WORDS


def test_a_banner_says_what_a_banner_is_for(banner: Document) -> None:
    text = " ".join(write_text(banner).split())
    for words in ("only for school work", "filtered and logged", "not share your password", "lose access"):
        assert words in text
    assert re.search(r"For help, .* ask the trust IT service desk\.", text)


def test_a_banner_says_the_same_in_plain_text(banner: Document) -> None:
    paragraphs = [" ".join(part.split()) for part in write_text(banner).split("\n\n")]
    assert paragraphs == [text for _, text in lines(banner)]


def test_a_banner_is_lines_of_words_without_marks(banner: Document) -> None:
    text = write_text(banner)
    assert text.endswith("\n\n2026-27, edition 1\n")
    assert max(map(len, text.splitlines())) <= LINE
    assert not re.search(r"[*_#<>|\[\]\\\t]|^[-+] ", text, re.M)
    assert text.splitlines()[1] == ""  # the first line is the caption of a Windows notice


def test_only_the_banner_is_written_as_plain_text(library: Library) -> None:
    bound, _ = bind_profile(library, sample("oakfield"))
    plain = [document.meta.id for document in bound.documents if "txt" in formats_of(document)]
    assert plain == ["sign-in-banner"]


@pytest.mark.parametrize("name", sorted(ALL_HOSTILE))
def test_whatever_a_school_writes_stays_words(library: Library, name: str) -> None:
    words = " ".join(ALL_HOSTILE[name].split())
    bound, _ = bind_profile(library, sample("oakfield"), only=["sign-in-banner"])
    said = (Text("Ask "), Value(words, "name"), Text("."))
    blocks = (Paragraph(said), Section("s", 2, (), (BulletList((ListItem(said),)),)))
    text = write_text(replace(bound.documents[0], blocks=blocks))
    _, *paragraphs = text.split("\n\n")
    assert [part.split() for part in paragraphs] == [plain_text(said).split()] * 2


def test_a_draft_of_a_banner_says_so_and_shows_its_gaps(library: Library) -> None:
    profile = replace(sample("oakfield"), contacts={}, other_roles="")
    bound, _ = bind_profile(library, profile, only=["sign-in-banner"], draft=True)
    text = write_text(bound.documents[0])
    assert "\n\nDraft – not for signature\n\n" in text
    gap = replace(bound.documents[0], blocks=(Paragraph((FillIn("name", "name"),)),))
    assert write_text(gap).endswith("\n[[name]]\n")


def test_a_word_longer_than_a_line_is_not_cut(library: Library) -> None:
    bound, _ = bind_profile(library, sample("oakfield"), only=["sign-in-banner"])
    document = replace(bound.documents[0], blocks=(Paragraph((Text("Ask " + "x" * 100),)),))
    assert "\n" + "x" * 100 + "\n" in write_text(document)


def test_a_build_of_other_formats_leaves_the_plain_text_as_it_is(tmp_path: Path) -> None:
    build = ("build", "schools/oakfield.yaml", "--document", "sign-in-banner", "--out", str(tmp_path))
    assert aupgen(*build, "--format", "txt").returncode == 0
    assert [path.name for path in tmp_path.rglob("sign-in*")] == ["sign-in-banner.txt"]
    assert aupgen(*build, "--format", "docx", "--format", "md", "--format", "html").returncode == 0
    assert {path.suffix for path in tmp_path.rglob("sign-in*")} == {".txt", ".docx", ".md", ".html"}


# ---------------------------------------------------------------- the template


def with_banner(old: str, new: str) -> list[Diagnostic]:
    name = "sign-in-banner.md.j2"
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")
    assert old in text
    return compiled({}, {name: text.replace(old, new)})[1]


@pytest.mark.parametrize(
    "more",
    [
        '{{ fields("Name") }}',
        '{{ drawing("Me") }}',
        '{{ appendix("staff-agreement") }}',
        "| a |\n|---|\n| b |",
    ],
)
def test_a_plain_notice_holds_nothing_but_text(more: str) -> None:
    (fault,) = with_banner("By signing in at", f"{more}\n\nBy signing in at")
    assert (fault.code, fault.span.path) == ("AUP504", "templates/sign-in-banner.md.j2")
    assert "look: plain" in fault.message


# ---------------------------------------------------------------- who approves


def test_what_nobody_approves_does_not_await_approval(library: Library) -> None:
    for slug in SCHOOLS:
        for document in bind_profile(library, sample(slug))[0].documents:
            text = " ".join([document.meta.running, document.meta.status, *(t for _, t in lines(document))])
            unapproved = {"parent-letter", "consent-form", "sign-in-banner"}
            assert ("Awaiting approval" in text) is (document.meta.id not in unapproved), document.meta.id


def test_the_footer_of_what_nobody_approves_still_names_its_edition(library: Library) -> None:
    bound, _ = bind_profile(library, sample("oakfield"), only=["consent-form"])
    assert bound.documents[0].meta.running == "2026-27, edition 1"


def test_a_template_that_nobody_approves_prints_no_approver() -> None:
    (fault,) = with_banner("By signing in", "{{ approval }}\n\nBy signing in")
    assert fault.code == "AUP504"
    assert "approval: false" in fault.message
    assert fault.span.line > 1
