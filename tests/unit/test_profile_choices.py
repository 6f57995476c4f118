"""What a profile may decide, and what its documents then say."""

from __future__ import annotations

from typing import Any

import pytest
from yaml import BaseLoader, dump, load

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Document
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from tests.conftest import ROOT, VALLEY, ReadProfile


def text_of(sample: str = "valley", **changes: Any) -> str:
    """A sample's YAML with some top-level keys replaced; None takes a key out."""
    path = VALLEY if sample == "valley" else ROOT / "schools" / f"{sample}.yaml"
    data = load(path.read_text(encoding="utf-8"), Loader=BaseLoader)
    data.update(changes)
    return dump(
        {key: value for key, value in data.items() if value is not None}, allow_unicode=True, sort_keys=False
    )


def built(library: Library, profile: Profile, document: str) -> Document:
    bound, found = bind_profile(library, profile, only=[document])
    assert not found
    return bound.documents[0]


def said(document: Document) -> dict[str, str]:
    """What each clause says, by id: the first time it stands in the document."""
    out: dict[str, str] = {}
    for section in sections(document.blocks):
        for mark, inlines in own_clauses(section):
            out.setdefault(mark.id, plain_text(inlines))
    return out


def layers(document: Document) -> dict[str, str]:
    return {mark.id: mark.layer for section in sections(document.blocks) for mark, _ in own_clauses(section)}


def test_a_clause_is_reworded_left_out_and_switched_on_with_a_reason(
    library: Library, profile_of: ReadProfile
) -> None:
    profile = profile_of(
        text_of(
            clauses={
                "password-private": {
                    "text": "give a password of {{ mine }} to {{ pupils }}",
                    "reason": "Simpler",
                },
                "copyright": {"use": "false", "reason": "In the code of conduct"},
                "password-secure": {"use": "true", "reason": "We want it"},
            }
        )
    )
    document = built(library, profile, "staff-policy")
    assert said(document)["password-private"] == "not give a password of yours to pupils"
    assert "copyright" not in said(document)
    assert said(document)["password-secure"] == "keep your password secure"
    assert (layers(document)["password-private"], layers(document)["password-secure"]) == (
        "valley",
        "library",
    )
    left = dict(bind_profile(library, profile)[0].left_out)["staff-policy"]
    assert "valley leaves it out: In the code of conduct" in {
        entry.reason for entry in left if entry.clause == "copyright"
    }


def test_a_school_adds_clauses_of_its_own(library: Library, profile_of: ReadProfile) -> None:
    own = {
        "id": "smart-speakers",
        "topic": "mobile-phones",
        "owner": "headteacher",
        "audiences": ["staff"],
        "kind": "must-not",
        "essential": ["staff-agreement"],
        "rationale": "They listen.",
        "text": "bring a smart speaker to {{ school.name }} {{ unless }}",
        "phrases": {"unless": "without permission from {{ permission_from | any }}"},
    }
    profile = profile_of(text_of(local_clauses=[own]))
    words = "bring a smart speaker to The Valley School without permission from the Headteacher"
    assert said(built(library, profile, "staff-policy"))["smart-speakers"] == f"not {words}"
    agreement = built(library, profile, "staff-agreement")
    assert said(agreement)["smart-speakers"] == f"I will not {words}."
    assert layers(agreement)["smart-speakers"] == "valley"


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        ({}, "the network manager"),
        ({"title": "IT lead"}, "the IT lead"),
        ({"name": "Ada Hill", "show": "role"}, "the network manager"),
        ({"name": "Ada Hill", "show": "name"}, "Ada Hill (network manager)"),
        (
            {"title": "IT leads", "names": ["Ada Hill", "Ben Cole", "Cy Dean"], "show": "name"},
            "Ada Hill, Ben Cole or Cy Dean (IT leads)",
        ),
        ({"title": "IT support", "firm": "Brightline", "show": "name"}, "Brightline (IT support)"),
        ({"same_as": "headteacher"}, "the network manager"),
        (None, "the Headteacher"),
    ],
)
def test_a_contact_is_a_post_a_person_several_persons_or_a_firm(
    library: Library, profile_of: ReadProfile, contact: dict[str, object] | None, words: str
) -> None:
    contacts = load(text_of(), Loader=BaseLoader)["contacts"]
    contacts.pop("network-manager")
    if contact is not None:
        contacts["network-manager"] = contact
    document = built(library, profile_of(text_of(contacts=contacts)), "staff-policy")
    assert (
        said(document)["lost-damaged-report"]
        == f"tell {words} straight away if a school device is lost, stolen or damaged"
    )


def test_a_rule_for_some_of_several_audiences_says_so_in_every_voice(
    library: Library, profile_of: ReadProfile
) -> None:
    expected = {
        "first-person": "If employed by the school, I understand that breaking these rules may lead to disciplinary action.",
        "rule-list": "if employed by the school, understand that breaking these rules may lead to disciplinary action",
        "second-person": "If employed by the school, please note that breaking these rules may lead to disciplinary action.",
        "prose": "Staff must understand that breaking these rules may lead to disciplinary action.",
    }
    for voice, words in expected.items():
        section = {"id": "rules", "title": "Rules", "clauses": ["breach-consequences-adult", "copyright"]}
        documents = {
            "staff-policy": {"audiences": ["staff", "governor"], "voice": voice, "sections": [section]}
        }
        edition = {"number": "1", "date": "2026-09-01"}
        text = text_of(documents=documents, policy_year="2026-27", edition=edition)
        document = built(library, profile_of(text), "staff-policy")
        assert said(document)["breach-consequences-adult"] == words
        assert "If employed" not in said(document)["copyright"]


def test_sections_are_retitled_reordered_regrouped_and_printed_without_a_heading(
    library: Library, profile_of: ReadProfile
) -> None:
    chosen = [
        {"id": "passwords", "title": "Keys"},
        {
            "id": "group",
            "title": "Both",
            "sections": [{"id": "images"}, {"id": "messages", "heading": "false"}],
        },
    ]
    document = built(
        library, profile_of(text_of(documents={"staff-policy": {"sections": chosen}})), "staff-policy"
    )
    assert [line for line in lines(document) if line[0].startswith("h")] == [
        ("h2", "Keys"),
        ("h2", "Both"),
        ("h3", "Photographs and video"),
    ]
    assert next(iter(said(document))) == "system-security"
    assert "approved-email" in said(document)


def test_a_section_or_document_prints_all_clauses_or_the_essential_ones(
    library: Library, profile_of: ReadProfile
) -> None:
    def clauses(**document: object) -> set[str]:
        profile = profile_of(text_of(documents={"staff-agreement": document}))
        return set(said(built(library, profile, "staff-agreement")))

    essential, everything = clauses(), clauses(clauses="all")
    assert "support-online-safety" not in essential
    assert "support-online-safety" in everything
    assert essential < everything
    section = {"id": "online-safety", "topics": ["online-safety"]}
    assert "support-online-safety" in clauses(sections=[{**section, "print": "all"}])
    assert "support-online-safety" not in clauses(sections=[section])


def test_a_document_that_comes_out_empty_is_warned_of(library: Library, profile_of: ReadProfile) -> None:
    section = {"id": "online-safety", "print": "essential"}
    profile = profile_of(text_of(documents={"staff-policy": {"sections": [section]}}))
    _, found = bind_profile(library, profile)
    assert [(finding.code, finding.severity) for finding in found] == [("AUP304", "warning")]


def test_an_exemplar_shows_what_schools_fill_in_and_add(library: Library, profile_of: ReadProfile) -> None:
    profile = profile_of(text_of("southend"), "southend")
    document = built(library, profile, "staff-agreement")
    words = [text for _, text in lines(document)]
    assert "[[name of your school]]" in words
    assert "Schools may add further statements of their own here." in words
    assert any("[[name of the Senior Information Risk Officer]]" in line for line in words)
    assert document.meta.status == "An exemplar from Southend on Sea for schools to complete and adopt"


def test_references_to_a_document_that_is_not_issued_are_not_printed(
    library: Library, profile_of: ReadProfile
) -> None:
    profile = profile_of(text_of(documents={"staff-agreement": {}}))
    words = " ".join(text for _, text in lines(built(library, profile, "staff-agreement")))
    assert "I have read the staff policy" not in words
    assert "Appendix" not in " ".join(
        text
        for _, text in lines(
            built(library, profile_of(text_of(documents={"staff-policy": {}})), "staff-policy")
        )
    )


def test_a_document_takes_the_name_and_the_noun_the_profile_gives_it(
    library: Library, profile_of: ReadProfile
) -> None:
    documents = {"staff-policy": {}, "staff-agreement": {"name": "promise", "noun": "promise"}}
    profile = profile_of(text_of(documents=documents))
    assert (
        said(built(library, profile, "staff-policy"))["sign-annually"]
        == "sign the promise (appendix 1) every year"
    )
    assert "I have read this promise" in " ".join(
        t for _, t in lines(built(library, profile, "staff-agreement"))
    )
