"""The letter to parents, the consent form and the loan of a device: what a slip carries, what a box is called, and
that hostile texts in them stay texts."""

from __future__ import annotations

import copy
import io
import re
from functools import cache
from typing import Any

import docx
import pytest
import yaml

from aupgen.build import render
from aupgen.document.tree import Choices, Document, Slip
from aupgen.document.walk import blocks_in, own_clauses, plain_text, sections
from tests.conftest import VALLEY, sample
from tests.e2e.hostile import HOSTILE
from tests.e2e.test_formats_agree import documents_of, kit, profile_from
from tests.e2e.test_hostile_text import HARMLESS, Built, built_from, faults, printed

PARENTS = ("parent-letter", "consent-form", "device-loan")


@cache
def documents() -> dict[str, Document]:
    """All three, as a secondary school with answers of its own issues them."""
    return {id_: tree for id_, tree in documents_of(sample("oakfield")).items() if id_ in PARENTS}


def slip_of(tree: Document) -> Slip:
    (slip,) = (block for block in tree.blocks if isinstance(block, Slip))
    return slip


@pytest.mark.parametrize("document", ["parent-letter", "consent-form"])
def test_a_slip_that_comes_back_alone_says_who_asked_what_and_which_edition(document: str) -> None:
    slip = slip_of(documents()[document])
    assert plain_text(slip.cut) == "Cut here"
    assert "main office" in plain_text(slip.title)
    said = plain_text(slip.edition)
    assert all(words in said for words in ("Oakfield School", "2026-27", "edition 1"))


@pytest.mark.parametrize("document", ["parent-letter", "consent-form"])
def test_in_word_every_line_of_a_slip_keeps_to_the_next(document: str) -> None:
    """Lines of a slip are chained, and its last one is not: so it stands on one page whatever is above it."""
    body = docx.Document(io.BytesIO(render(documents()[document], "docx", kit().library, kit().shell)))
    styles = {style.style_id: style for style in body.styles}
    paragraphs = list(
        body.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p")
    )
    texts = ["".join(p.itertext()) for p in paragraphs]
    start = next(n for n, text in enumerate(texts) if text.endswith("Cut here"))
    end = next(n for n, text in enumerate(texts) if "Policy year 2026-27, edition 1" in text)

    def chained(paragraph: Any) -> bool:
        own = paragraph.pPr is not None and paragraph.pPr.keepNext is not None
        style = styles.get(paragraph.style)
        return own or bool(style is not None and style.paragraph_format.keep_with_next)

    assert [texts[n] for n in range(start, end) if not chained(paragraphs[n])] == []
    assert not chained(paragraphs[end])


def test_every_box_of_the_web_page_is_named_by_its_question_and_its_answer() -> None:
    page = render(documents()["consent-form"], "html", kit().library, kit().shell).decode("utf-8")
    named = dict(re.findall(r'<th scope="\w+" id="([^"]+)">([^<]*)</th>', page))
    boxes = re.findall(r'<input type="radio" name="([^"]+)" aria-labelledby="([^"]+) ([^"]+)">', page)
    choices = [block for block in slip_of(documents()["consent-form"]).blocks if isinstance(block, Choices)]
    assert len(boxes) == 2 * sum(len(block.rows) for block in choices) == page.count("<input")
    assert all(name == row for name, row, _ in boxes)
    said = [f"{named[row]}: {named[answer]}" for _, row, answer in boxes]
    assert len(set(said)) == len(said)
    assert "on the school’s website: No" in said
    assert "<form" not in page
    assert "checked" not in page.replace(":checked", "")


def _has_slips(tree: Document) -> bool:
    return any(isinstance(block, (Slip, Choices)) for block in blocks_in(tree.blocks))


def test_only_pages_with_slips_or_boxes_carry_their_look() -> None:
    for tree in documents_of(sample("oakfield")).values():
        page = render(tree, "html", kit().library, kit().shell).decode("utf-8")
        assert (".slip" in page) is _has_slips(tree), tree.meta.id
    assert not _has_slips(documents()["device-loan"])


def test_consent_stands_apart_from_rules() -> None:
    """Nobody can be led to say yes to a picture by agreeing to a rule: no document holds both."""
    rules = {clause.id for clause in kit().library.topics["parents"].clauses}
    for slug in ("oakfield", "millbrook"):
        for tree in documents_of(sample(slug)).values():
            printed_ = {mark.id for section in sections(tree.blocks) for mark, _ in own_clauses(section)}
            asks = any(
                isinstance(b, Slip) and any(isinstance(c, Choices) for c in b.blocks) for b in tree.blocks
            )
            assert asks is (tree.meta.id == "consent-form")
            assert not (asks and printed_ & rules)


def test_a_primary_school_is_asked_nothing_for_its_letter_and_consent_form() -> None:
    """Valley has answered none of the questions about them."""
    trees = documents_of_valley()
    assert {plain_text(row) for block in slip_of(trees["consent-form"]).blocks if isinstance(block, Choices)
            for row in block.rows} >= {"on the school’s website"}  # fmt: skip


@cache
def _base() -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(VALLEY.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    data["documents"] = {document: {} for document in PARENTS}
    return data


def documents_of_valley() -> dict[str, Document]:
    return documents_of(profile_from(yaml.dump(_base(), allow_unicode=True, default_style='"')))


def _with(text: str) -> str:
    """Valley with a text in every field that the three documents print."""
    data = copy.deepcopy(_base())
    data["name"] = data["approver"] = text
    data["contacts"]["school-office"] = {"title": text}
    data["contacts"]["data-protection-lead"] = {"title": text}
    data["vocabulary"] = {
        word: dict.fromkeys(("one", "many", "possessive", "possessive_many"), text)
        for word in ("pupil", "parent")
    }
    data["parameters"] |= {
        "photo_uses": [text, "on the school’s website"],
        "extra_apps": [text],
        "return_slip_by": text,
    }
    return yaml.dump(data, allow_unicode=True, default_style='"', width=10_000, sort_keys=False)


@cache
def _harmless() -> Built:
    return built_from(_with(HARMLESS))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_in_a_slip_or_a_question_is_printed_and_changes_nothing_else(text: str) -> None:
    assert len(_harmless().lines) == 9
    assert list(faults(built_from(_with(text)), _harmless(), {HARMLESS: printed(text)})) == []
