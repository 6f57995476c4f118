"""What staff sign: two sides at most, with whom to tell in it, and no term of contract unless a school asks for one."""

from __future__ import annotations

import pytest

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Document, Section, Table
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.parameter import FlagValue
from aupgen.policy.profile import Profile
from tests.conftest import sample
from tests.e2e.test_formats_agree import SAMPLES

RULES, WORDS = 36, 750
ISSUED = [p for p in map(sample, SAMPLES) if any(choice.id == "staff-agreement" for choice in p.documents)]
FROM_THE_TEMPLATE = [
    p for p in ISSUED if not any(c.id == "staff-agreement" and c.sections is not None for c in p.documents)
]


def agreement(library: Library, profile: Profile) -> Document:
    bound, _ = bind_profile(library, profile, only=["staff-agreement"])
    return bound.documents[0]


def slug(profile: Profile) -> str:
    return profile.slug


def who_to_tell(document: Document) -> Section:
    return next(section for section in sections(document.blocks) if section.id == "who-to-tell")


def table_of(section: Section) -> list[list[str]]:
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    return [[plain_text(cell) for cell in row] for row in table.rows]


def test_there_are_samples_to_look_at() -> None:
    assert len(ISSUED) >= 6
    assert len(FROM_THE_TEMPLATE) >= 5


@pytest.mark.parametrize("profile", ISSUED, ids=slug)
def test_what_staff_sign_is_short(library: Library, profile: Profile) -> None:
    document = agreement(library, profile)
    assert sum(1 for section in sections(document.blocks) for _ in own_clauses(section)) <= RULES
    assert sum(len(text.split()) for _, text in lines(document)) <= WORDS


@pytest.mark.parametrize("profile", FROM_THE_TEMPLATE, ids=slug)
def test_what_staff_sign_says_whom_to_tell_today(library: Library, profile: Profile) -> None:
    section = who_to_tell(agreement(library, profile))
    assert plain_text(section.title) == "Who to tell today"
    happened = " ".join(row[0] for row in table_of(section))
    for what in (
        "safety",
        "an adult at school",
        "lost or damaged device",
        "suspicious message",
        "Personal data",
    ):
        assert what in happened


@pytest.mark.parametrize("profile", FROM_THE_TEMPLATE, ids=slug)
def test_no_concern_about_an_adult_goes_to_that_adult(library: Library, profile: Profile) -> None:
    rows = table_of(who_to_tell(agreement(library, profile)))
    adult, head = (
        next(row for row in rows if words in row[0]) for words in ("an adult", "concern about the")
    )
    assert adult[1].casefold() in head[0].casefold()  # a concern about an adult goes to the head
    assert head[1] != adult[1]  # and one about the head to somebody else
    assert head[2] != adult[2]


def test_the_contract_term_is_off_unless_a_school_asks_for_it(library: Library) -> None:
    assert library.parameters["contract_term"].default == FlagValue(False)
    for profile in ISSUED:
        asked = profile.setting("contract_term")
        printed = {
            mark.id for s in sections(agreement(library, profile).blocks) for mark, _ in own_clauses(s)
        }
        assert ("contract-term" in printed) <= bool(asked and asked.value == FlagValue(True)), profile.slug
