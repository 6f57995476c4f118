"""The short documents for governors, volunteers, contractors, visitors and people on the guest wi-fi.

Each has a length that its readers will put up with, plain words, and no clause of anybody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from aupgen.binding.bind import bind_profile
from aupgen.document.readability import document_reading
from aupgen.document.tree import Document
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.terms import Audience
from tests.conftest import sample

READERS = {
    "governor-agreement": Audience.GOVERNOR,
    "volunteer-agreement": Audience.VOLUNTEER,
    "contractor-agreement": Audience.CONTRACTOR,
    "visitor-agreement": Audience.VISITOR,
    "community-wifi": Audience.COMMUNITY,
}
ISSUED = [("oakfield", id_) for id_ in READERS] + [
    ("millbrook", "governor-agreement"),
    ("millbrook", "visitor-agreement"),
]
WORDS = {
    "governor-agreement": 670,
    "volunteer-agreement": 450,
    "contractor-agreement": 620,
    "visitor-agreement": 260,
    "community-wifi": 260,
}
RULES = {
    "governor-agreement": 32,
    "volunteer-agreement": 20,
    "contractor-agreement": 30,
    "visitor-agreement": 11,
    "community-wifi": 14,
}
EASY = ("visitor-agreement", "community-wifi")
"""Read by people who have a minute: easier than other documents for adults."""


@pytest.fixture(scope="module")
def documents(library: Library) -> dict[tuple[str, str], Document]:
    built: dict[tuple[str, str], Document] = {}
    for slug in ("oakfield", "millbrook"):
        bound, found = bind_profile(library, sample(slug))
        assert not [finding for finding in found if finding.severity == "error"]
        built |= {(slug, document.meta.id): document for document in bound.documents}
    return built


def rules(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the id and the words of each printed clause."""
    for section in sections(document.blocks):
        for mark, inlines in own_clauses(section):
            yield mark.id, plain_text(inlines)


@pytest.mark.parametrize(("slug", "id_"), ISSUED)
def test_an_agreement_is_as_short_as_its_readers_need(
    documents: dict[tuple[str, str], Document], slug: str, id_: str
) -> None:
    document = documents[slug, id_]
    assert sum(len(text.split()) for _, text in lines(document)) <= WORDS[id_]
    assert len(list(rules(document))) <= RULES[id_]


@pytest.mark.parametrize(("slug", "id_"), [issued for issued in ISSUED if issued[1] in EASY])
def test_what_visitors_read_is_easier_than_what_staff_read(
    documents: dict[tuple[str, str], Document], slug: str, id_: str
) -> None:
    assert document_reading(documents[slug, id_]).grade <= 7


@pytest.mark.parametrize(("slug", "id_"), ISSUED)
def test_no_agreement_prints_a_clause_of_other_readers(
    documents: dict[tuple[str, str], Document], library: Library, slug: str, id_: str
) -> None:
    printed = [clause for clause, _ in rules(documents[slug, id_])]
    assert len(printed) == len(set(printed))
    assert [c for c in printed if READERS[id_] not in library.clauses[c].audiences] == []


@pytest.mark.parametrize(("slug", "id_"), ISSUED)
def test_no_agreement_but_the_staffs_speaks_of_employment(
    documents: dict[tuple[str, str], Document], slug: str, id_: str
) -> None:
    text = " ".join(text for _, text in lines(documents[slug, id_]))
    assert not re.search(r"\bcontracts?\b|terms and conditions|disciplinary|my employment", text, re.I)


@pytest.mark.parametrize(("slug", "id_"), ISSUED)
def test_a_worry_about_the_head_goes_to_the_chair(
    documents: dict[tuple[str, str], Document], slug: str, id_: str
) -> None:
    text = " ".join(text for _, text in lines(documents[slug, id_]))
    assert {"oakfield": "Peter Oduya", "millbrook": "Declan Moss"}[slug] in text


HALF_A_PAGE = 230
"""Words of rules: at ten and a half points a page holds about 550, headings and table left aside."""


@pytest.mark.parametrize(("slug", "id_"), [issued for issued in ISSUED if issued[1] in EASY])
def test_those_who_have_a_minute_read_half_a_page_of_rules(
    documents: dict[tuple[str, str], Document], slug: str, id_: str
) -> None:
    assert sum(len(text.split()) for _, text in rules(documents[slug, id_])) <= HALF_A_PAGE


def test_the_wifi_rules_fit_a_sign_in_screen(documents: dict[tuple[str, str], Document]) -> None:
    """No table and no gap to fill: a banner shows the Markdown as it stands."""
    kinds = {kind for kind, _ in lines(documents["oakfield", "community-wifi"])}
    assert not kinds & {"cell", "header", "field"}
