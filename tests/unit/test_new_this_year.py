"""The box at the top of a document: which rules are new in the policy year, in whose words, and why."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Document, Table
from aupgen.document.walk import plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.year import PolicyYear
from tests.conftest import sample
from tests.unit.small_library import clause, compiled, good_library, school

HEAD = """\
---
title: Trial
name: trial
noun: agreement
audiences: [staff]
voice: first-person
clauses: all
---
{{ new_this_year(["New this year", "Why"]) }}

{{ section("calls", topics=["calls"]) }}
"""


def revised(id_: str, change: str, since: str = "2020-21") -> dict[str, object]:
    first = {"since": "2018-19", "text": f"keep {id_}"}
    return clause(
        id_,
        revisions=[first, {"since": since, "change": change, "why": "Times change", "text": f"mind {id_}"}],
    )


TAKEN_OVER = {"since": "2020-21", "why": "One rule became two", "text": "take over calls"}
CALLS = [
    clause("call-old"),
    clause("call-new", since="2020-21", rationale="Calls are new here."),
    revised("call-material", "material"),
    revised("call-editorial", "editorial"),
    revised("call-later", "material", "2021-22"),
    clause("call-one", until="2019-20"),
    clause("call-two", replaces=["call-one"], revisions=[TAKEN_OVER | {"change": "editorial"}]),
    clause("call-more", replaces=["call-one"], revisions=[TAKEN_OVER | {"change": "material"}]),
]


def library_with(head: str = HEAD) -> Library:
    return good_library({"calls": CALLS}, {"community-wifi.md.j2": head})


def built(library: Library, year: str, **changes: object) -> Document:
    edition = {"number": 1, "date": f"{year[:4]}-09-01"}
    documents = {"community-wifi": changes or {}}
    profile = school(library, policy_year=year, edition=edition, documents=documents)
    bound, found = bind_profile(library, profile)
    assert not found
    return bound.documents[0]


def boxes(document: Document) -> list[list[list[str]]]:
    """The rows of each box in reading order, its header left out."""
    blocks = [
        *document.blocks,
        *(block for section in sections(document.blocks) for block in section.blocks),
    ]
    return [
        [[plain_text(cell) for cell in row] for row in block.rows]
        for block in blocks
        if isinstance(block, Table) and block.purpose == "new-this-year"
    ]


def test_new_and_materially_changed_rules_are_named_with_their_reason() -> None:
    """A rule that took over from another is one of them, unless its readers had the same duty before."""
    assert boxes(built(library_with(), "2020-21")) == [
        [
            ["I will keep call-new.", "Calls are new here"],
            ["I will mind call-material.", "Times change"],
            ["I will take over calls.", "One rule became two"],
        ]
    ]


@pytest.mark.parametrize(("year", "rules"), [("2021-22", ["I will mind call-later."]), ("2019-20", [])])
def test_a_rule_is_new_in_one_year_only(year: str, rules: list[str]) -> None:
    found = [row[0] for box in boxes(built(library_with(), year)) for row in box]
    assert found == rules


def test_in_the_year_in_which_everything_began_nothing_is_new() -> None:
    assert boxes(built(library_with(), "2018-19")) == []
    of_one_year = [{"id": "calls", "clauses": ["call-new"], "topics": []}]
    assert boxes(built(library_with(), "2020-21", sections=of_one_year)) == []


def test_a_rule_of_a_list_is_said_as_a_sentence_to_its_reader() -> None:
    library = library_with(HEAD.replace("first-person", "rule-list"))
    assert [row[0] for row in boxes(built(library, "2020-21"))[0]] == [
        "You must keep call-new.",
        "You must mind call-material.",
        "You must take over calls.",
    ]


def test_prose_stays_prose() -> None:
    library = library_with(HEAD.replace("first-person", "prose"))
    assert boxes(built(library, "2020-21"))[0][0][0] == "Staff must keep call-new."


def test_a_rule_that_the_document_does_not_print_is_not_new_in_it() -> None:
    library = library_with()
    document = built(library, "2020-21", sections=[{"id": "calls", "clauses": ["call-old"], "topics": []}])
    assert boxes(document) == []


def test_words_of_a_school_s_own_do_not_change_with_the_library() -> None:
    library = library_with()
    own = {"call-new": {"text": "answer calls", "reason": "Ours."}}
    edition = {"number": 1, "date": "2020-09-01"}
    profile = school(
        library, policy_year="2020-21", edition=edition, documents={"community-wifi": {}}, clauses=own
    )
    (document,) = bind_profile(library, profile)[0].documents
    assert "I will answer calls." not in [row[0] for row in boxes(document)[0]]


def test_a_document_and_its_appendix_have_a_box_each(library: Library) -> None:
    """The policy in its own voice, the agreement in its own; neither twice."""
    profile = sample("oakfield")
    bound, _ = bind_profile(library, profile, only=["staff-policy"])
    policy, agreement = boxes(bound.documents[0])
    assert policy[0][0].startswith("You must not share your passwords, passkeys")
    assert agreement[0][0].startswith("I will not share my passwords, passkeys")
    for box in (policy, agreement):
        assert len({row[0] for row in box}) == len(box)


@pytest.mark.parametrize("slug", ["valley", "southend", "hillside"])
def test_samples_of_the_first_year_have_no_box(library: Library, slug: str) -> None:
    bound, _ = bind_profile(library, sample(slug, PolicyYear(2018)))
    assert [boxes(document) for document in bound.documents] == [[] for _ in bound.documents]


def test_the_box_names_no_rule_of_another_year(library: Library) -> None:
    profile = replace(sample("oakfield"), policy_year=PolicyYear.parse("2027-28"))
    bound, _ = bind_profile(library, profile, only=["staff-agreement"])
    assert boxes(bound.documents[0]) == []


def test_a_box_needs_two_headings() -> None:
    _, found = compiled(
        {"calls": CALLS}, {"community-wifi.md.j2": HEAD.replace('["New this year", "Why"]', '["New"]')}
    )
    assert [fault.code for fault in found] == ["AUP504"]
