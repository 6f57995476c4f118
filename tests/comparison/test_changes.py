"""What changed between two editions: each kind of change, told once, with its reason and what follows from it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from aupgen.comparison.changes import Change, Comparison, comparison_data
from aupgen.comparison.compare import compare
from aupgen.comparison.edition import Edition
from aupgen.comparison.pairing import pair_lines, words_of
from aupgen.document.tree import Document, Value
from aupgen.document.walk import Passage, plain_text
from aupgen.policy.change import ChangeKind
from tests.comparison.small_school import (
    NEW,
    OLD,
    SECTION,
    edition,
    only,
    revised,
    rules,
    school_in,
    years_compared,
)
from tests.conftest import ROOT, sample
from tests.unit.small_library import clause


def test_a_revision_is_one_change_with_its_reason_and_owner() -> None:
    library = rules(clause("lock-up", owner="network-manager", **revised("lock the door", "lock both doors")))
    change = only(years_compared(library))
    assert (change.kind, change.clause, change.documents) == (
        ChangeKind.REWORDED,
        "lock-up",
        ("staff-policy",),
    )
    assert (change.old, change.new) == ("lock the door", "lock both doors")
    assert (change.why, change.owner_role, change.owner) == (
        "Times have changed", "network-manager", "Network Manager",
    )  # fmt: skip
    assert change.material
    assert change.needs_approval


def test_an_editorial_revision_asks_for_nothing() -> None:
    library = rules(clause("lock-up", **revised("lock the door", "lock the doors", "editorial", "Plural")))
    change = only(years_compared(library))
    assert (change.material, change.needs_approval, change.resign) == (False, False, ())


def test_a_clause_that_begins_and_one_that_ends() -> None:
    library = rules(
        clause("stays"), clause("begins", since=NEW, rationale="It is needed."), clause("ends", until=OLD)
    )
    begins, ends = years_compared(library).changes
    assert (begins.kind, begins.clause, begins.old, begins.why) == (
        ChangeKind.ADDED,
        "begins",
        None,
        "It is needed.",
    )
    assert (ends.kind, ends.clause, ends.new, ends.why) == (
        ChangeKind.REMOVED,
        "ends",
        None,
        "retired after 2025-26",
    )
    assert begins.needs_approval
    assert ends.needs_approval


def test_a_split_clause_and_a_merged_one_take_the_place_of_the_old() -> None:
    library = rules(
        clause("both", until=OLD),
        clause("first", since=NEW, replaces=["both"]),
        clause("second", since=NEW, replaces=["both"]),
        clause("left", until=OLD),
        clause("right", until=OLD),
        clause("whole", since=NEW, replaces=["left", "right"]),
    )
    changes = {change.clause: change for change in years_compared(library).changes}
    assert list(changes) == ["first", "second", "whole"]
    assert {change.kind for change in changes.values()} == {ChangeKind.REWORDED}
    assert (changes["first"].old, changes["first"].new) == ("keep both", "keep first")
    assert changes["whole"].old == "keep left keep right"
    assert changes["whole"].replaces == ("left", "right")
    assert changes["whole"].material


def test_the_reason_a_school_gave_for_its_own_decision() -> None:
    library = rules(clause("kept"), clause("dropped"), clause("own"), clause("asked-for", optional="true"))
    report = years_compared(
        library,
        clauses={
            "dropped": {"use": "false", "reason": "We have none."},
            "own": {"text": "keep our own", "reason": "Ours is shorter."},
            "asked-for": {"use": "true", "reason": "Parents asked."},
        },
        earlier={
            "clauses": {
                "dropped": {"use": "true", "reason": "As before."},
                "own": {"text": "keep own", "reason": "As before."},
                "asked-for": {"use": "false", "reason": "Not yet."},
            }
        },
    )
    told = {change.clause: (change.kind, change.why) for change in report.changes}
    assert told == {
        "dropped": (ChangeKind.REMOVED, "We have none."),
        "own": (ChangeKind.REWORDED, "Ours is shorter."),
        "asked-for": (ChangeKind.ADDED, "Parents asked."),
    }


FOR_PUPILS: dict[str, Any] = {
    "documents": {
        id_: {"sections": [SECTION], "clauses": "all"} for id_ in ("staff-policy", "pupil-agreement-ks2")
    }
}


def told_apart(**revision: Any) -> dict[str, Any]:
    """A rule for staff, which pupils are told in words of their own; those are another's from 2026-27 on."""
    first = {"since": "2018-19", "text": "keep it", "wordings": {"pupil-ks2": "keep my own"}}
    second = {"since": NEW, "why": "Clearer", "text": "keep it", "wordings": {"pupil-ks2": "keep mine"}}
    revisions = [first, {**second, **revision}] if revision else [first]
    return clause("rule", audiences=["staff", "pupil-ks2"], revisions=revisions)


def test_words_that_a_school_gave_pupils_alone_are_a_change_for_pupils_alone() -> None:
    own = {"rule": {"wordings": {"pupil-ks2": "keep what is ours"}, "reason": "Our council wrote it."}}
    earlier = {"clauses": {"rule": {**own["rule"], "wordings": {"pupil-ks2": "keep what we have"}}}}
    change = only(years_compared(rules(told_apart()), earlier, clauses=own, **FOR_PUPILS))
    assert (change.kind, change.why, change.material) == (ChangeKind.REWORDED, "Our council wrote it.", True)
    assert (change.old, change.new) == ("I will keep what we have.", "I will keep what is ours.")
    assert {place.document for place in change.places} == {"pupil-agreement-ks2"}


@pytest.mark.parametrize("extent", ["editorial", "material"])
def test_the_librarys_new_words_for_pupils_are_its_change_though_the_school_worded_the_rule_for_adults(
    extent: str,
) -> None:
    own = {"rule": {"text": "keep what is ours", "reason": "Ours is shorter."}}
    change = only(years_compared(rules(told_apart(change=extent)), clauses=own, **FOR_PUPILS))
    assert (change.kind, change.why, change.material) == (
        ChangeKind.REWORDED,
        "Clearer",
        extent == "material",
    )
    assert {place.document for place in change.places} == {"pupil-agreement-ks2"}


def test_a_value_that_shows_in_three_places_is_one_change() -> None:
    asks = "ask {{ permission_from | any }}"
    library = rules(*(clause(name, text=f"{asks} about {name}") for name in ("films", "trips", "apps")))
    change = only(
        years_compared(
            library,
            parameters={**_parameters(), "permission_from": ["headteacher"]},
            earlier={"parameters": {"permission_from": ["headteacher", "governing-board"]}},
        )
    )
    assert (change.kind, change.clause, change.parameter) == (ChangeKind.PARAMETER, "", "permission_from")
    assert [place.clause for place in change.places] == ["films", "trips", "apps"]
    assert (change.old, change.new) == ("Headteacher, Governing Board", "Headteacher")
    assert change.needs_approval


def test_a_value_of_one_clause_is_a_change_of_that_clause() -> None:
    library = rules(*(clause(name, text="ask {{ permission_from | any }}") for name in ("films", "trips")))
    change = only(
        years_compared(
            library,
            clauses={"films": {"parameters": {"permission_from": ["dsl"]}}},
            earlier={"clauses": {"films": {"parameters": {"permission_from": ["network-manager"]}}}},
        )
    )
    assert (change.kind, change.clause, change.parameter) == (
        ChangeKind.PARAMETER,
        "films",
        "permission_from",
    )


ASKS = {"text": "ask {{ permission_from | any }}"}


def test_the_reason_that_stands_beside_a_value() -> None:
    """Under `reasons:` by the name of the parameter; of the value of one clause, the clause's own `reason`."""
    library = rules(clause("films", **ASKS), clause("trips", **ASKS))
    report = years_compared(
        library,
        parameters={**_parameters(), "permission_from": ["headteacher"]},
        reasons={"permission_from": "The board asked for one person."},
        clauses={
            "films": {"parameters": {"permission_from": ["dsl"]}, "reason": "Films need a trained eye."}
        },
        earlier={
            "parameters": {"permission_from": ["governing-board"]},
            "clauses": {"films": {"parameters": {"permission_from": ["network-manager"]}}},
        },
    )
    assert {change.clause: change.why for change in report.changes} == {
        "": "The board asked for one person.",
        "films": "Films need a trained eye.",
    }


def test_a_value_that_is_said_no_longer_has_a_reason_too() -> None:
    library = rules(clause("trips", **ASKS))
    given = _parameters()
    del given["permission_from"]
    films = {"clauses": {"trips": {"parameters": {"permission_from": ["dsl"]}}}}
    change = only(
        years_compared(
            library,
            parameters={**given, "permission_from": ["headteacher"]},
            reasons={"permission_from": "One answer for all"},
            earlier=films,
        )
    )
    assert (change.clause, change.why) == ("trips", "One answer for all")
    condition = rules(clause("tablets", when={"class_tablets": ["true"]}), clause("stays"))
    gone = only(
        years_compared(
            condition,
            reasons={"class_tablets": "The sets were given back"},
            parameters={k: v for k, v in _parameters().items() if k != "class_tablets"},
            earlier={"parameters": {"class_tablets": "true"}},
        )
    )
    assert (gone.kind, gone.clause, gone.why) == (ChangeKind.REMOVED, "tablets", "The sets were given back")


def test_reasons_for_a_post_a_document_the_approver_and_the_words_of_the_school() -> None:
    library = rules(clause("tell", text="tell {{ role.dsl }} about {{ pupils }}"))
    was = {"title": "Designated Safeguarding Lead", "name": "Una Reid", "show": "name"}
    report = years_compared(
        library,
        documents={"staff-policy": {"sections": [SECTION]}, "community-wifi": {}},
        vocabulary={"pupil": "child"},
        reasons={
            "dsl": "Una Reid retired",
            "community-wifi": "We let the hall again",
            "vocabulary": "It is what we say",
            "approver": "The committee was wound up",
        },
        earlier={
            "contacts": {"dsl": was},
            "documents": {"community-wifi": {"issue": "false"}},
            "vocabulary": {"pupil": "pupil"},
            "approver": "safeguarding committee",
            "edition": {"number": "1", "date": "2025-09-01"},
        },
    )
    told = {(change.kind, change.parameter): change.why for change in report.changes}
    assert told == {
        (ChangeKind.CONTACT, "contacts.dsl"): "Una Reid retired",
        (ChangeKind.DOCUMENT, ""): "We let the hall again",
        (ChangeKind.STRUCTURE, ""): "It is what we say",
        (ChangeKind.PARAMETER, "approver"): "The committee was wound up",
    }


def test_a_value_that_brings_other_words_is_a_change_of_the_value() -> None:
    """A condition that turns is what the school decided, though no word of the value is printed."""
    variants = [{"when": {"class_tablets": ["false"]}, "text": "use paper"}]
    library = rules(
        clause("tablets", revisions=[{"since": "2018-19", "text": "use tablets", "variants": variants}])
    )
    change = only(
        years_compared(
            library,
            parameters={**_parameters(), "class_tablets": "true"},
            earlier={"parameters": {"class_tablets": "false"}},
        )
    )
    assert (change.kind, change.parameter, change.old, change.new) == (
        ChangeKind.PARAMETER, "class_tablets", "false", "true",
    )  # fmt: skip
    assert (change.places[0].old, change.places[0].new) == ("use paper", "use tablets")


def test_a_new_person_in_a_post_is_one_change_of_contact_and_asks_for_nothing() -> None:
    library = rules(clause("tell", text="tell {{ role.dsl }}"), clause("ask", text="ask {{ role.dsl }}"))
    was = {"title": "Designated Safeguarding Lead", "name": "Una Reid", "show": "name"}
    change = only(years_compared(library, earlier={"contacts": {"dsl": was}}))
    assert (change.kind, change.parameter, change.owner_role) == (ChangeKind.CONTACT, "contacts.dsl", "dsl")
    assert change.old == "Designated Safeguarding Lead (Una Reid)"
    assert change.new is not None
    assert change.new.startswith("Designated Safeguarding Lead (Tess Okoro), 01632")
    assert len(change.places) == 2
    assert (change.material, change.needs_approval, change.resign) == (False, False, ())


def test_a_title_behind_a_value_is_a_change_of_contact() -> None:
    library = rules(clause("films", text="ask {{ permission_from | any }}"))
    change = only(years_compared(library, earlier={"contacts": {"headteacher": {"title": "Principal"}}}))
    assert (change.kind, change.parameter) == (ChangeKind.CONTACT, "contacts.headteacher")


def test_a_clause_in_another_section_has_moved() -> None:
    library = rules(clause("one"), clause("two"), others=[clause("three")])
    sections = [
        {"id": "rules", "title": "Rules", "clauses": ["one"]},
        {"id": "others", "title": "Others", "clauses": ["two", "three"]},
    ]
    before = [
        {"id": "rules", "title": "Rules", "clauses": ["one", "two"]},
        {"id": "others", "title": "Others", "clauses": ["three"]},
    ]
    change = only(
        years_compared(
            library,
            documents={"staff-policy": {"sections": sections}},
            earlier={"documents": {"staff-policy": {"sections": before}}},
        )
    )
    assert (change.kind, change.clause, change.old, change.new) == (
        ChangeKind.MOVED,
        "two",
        "Rules",
        "Others",
    )
    assert not change.needs_approval


def test_a_clause_among_the_others_of_its_section_has_moved() -> None:
    library = rules(*(clause(name) for name in ("one", "two", "three", "four")))

    def ordered(*names: str) -> dict[str, object]:
        return {"staff-policy": {"sections": [{"id": "rules", "title": "Rules", "clauses": list(names)}]}}

    change = only(
        years_compared(
            library,
            documents=ordered("two", "three", "one", "four"),
            earlier={"documents": ordered("one", "two", "three", "four")},
        )
    )
    assert (change.kind, change.clause) == (ChangeKind.MOVED, "one")


def test_a_year_in_which_only_a_word_of_the_schools_own_changed() -> None:
    library = rules(clause("greet", text="greet {{ pupils }}"), clause("help", text="help every {{ pupil }}"))
    change = only(
        years_compared(library, vocabulary={"pupil": "child"}, earlier={"vocabulary": {"pupil": "student"}})
    )
    assert (change.kind, change.old, change.new) == (
        ChangeKind.STRUCTURE, "student, students", "child, children",
    )  # fmt: skip
    assert len(change.places) == 2
    assert not change.needs_approval


def test_headings_titles_and_the_approving_body() -> None:
    library = rules(clause("one"))
    titled = {"staff-policy": {"title": "Our policy", "sections": [{**SECTION, "title": "Our rules"}]}}
    report = years_compared(
        library,
        documents=titled,
        earlier={
            "approver": "Resources Committee",
            "documents": {"staff-policy": {"title": "Policy", "sections": [SECTION]}},
        },
    )
    told = [(change.kind, change.parameter, change.old, change.new) for change in report.changes]
    assert (ChangeKind.STRUCTURE, "", "Policy", "Our policy") in told
    assert (ChangeKind.STRUCTURE, "", "Rules", "Our rules") in told
    assert (ChangeKind.PARAMETER, "approver", "Resources Committee", "Full Governing Board") in told
    assert len(told) == 3


def test_a_document_that_is_new_and_one_that_is_issued_no_longer() -> None:
    library = rules(clause("one"))
    report = years_compared(
        library,
        documents={"staff-policy": {"sections": [SECTION]}, "volunteer-agreement": {}},
        earlier={"documents": {"volunteer-agreement": {"issue": "false"}}},
    )
    assert [(c.kind, c.documents, c.old) for c in report.changes] == [
        (ChangeKind.DOCUMENT, ("volunteer-agreement",), None)
    ]
    assert report.changes[0].needs_approval
    assert report.changes[0].resign == ("volunteer",)


def test_an_edition_in_another_language_is_one_change() -> None:
    library = rules(clause("one"))
    old = edition(library, school_in(library, OLD))
    welsh = tuple(replace(d, meta=replace(d.meta, language="cy")) for d in old.bound.documents)
    new = Edition(old.profile, library, replace(old.bound, documents=welsh))
    change = only(compare(old, new))
    assert (change.kind, change.old, change.new) == (ChangeKind.DOCUMENT, "en-GB", "cy")


def test_a_clause_for_other_readers_is_a_change_of_audience() -> None:
    """The library of a git revision against today's: nothing of the school's own has changed."""
    old, new = (rules(clause("one", audiences=readers)) for readers in (["staff"], ["staff", "governor"]))
    change = only(compare(*(edition(library, school_in(library, NEW)) for library in (old, new))))
    assert (change.kind, change.clause, change.old, change.new) == (
        ChangeKind.AUDIENCE, "one", "staff", "staff, governor",
    )  # fmt: skip
    assert change.needs_approval


def test_a_clause_with_another_owner_role() -> None:
    old, new = (rules(clause("one", owner=role)) for role in ("headteacher", "dsl"))
    change = only(compare(*(edition(library, school_in(library, NEW)) for library in (old, new))))
    assert (change.kind, change.old, change.new, change.owner_role) == (
        ChangeKind.OWNER, "headteacher", "dsl", "dsl",
    )  # fmt: skip
    assert change.needs_approval
    assert change.resign == ()


def test_a_school_may_want_more_or_less_than_the_usual_rule() -> None:
    library = rules(
        clause("tell", text="tell {{ role.dsl }}"), clause("lock", **revised("lock it", "lock them"))
    )
    was = {"contacts": {"dsl": {"title": "Safeguarding Lead"}}}
    asked = {"contact": "approve", "reworded": "nothing"}
    changes = {c.kind: c for c in years_compared(library, earlier=was, change_rules=asked).changes}
    assert changes[ChangeKind.CONTACT].needs_approval
    assert not changes[ChangeKind.CONTACT].material
    assert not changes[ChangeKind.REWORDED].needs_approval
    assert changes[ChangeKind.REWORDED].material


def test_only_readers_of_documents_that_are_signed_sign_again() -> None:
    library = rules(clause("lock", audiences=["staff", "governor"], **revised("lock it", "lock them")))

    def changed(*sections: dict[str, Any]) -> Change:
        choice = {"clauses": "all", "sections": list(sections)}
        return only(years_compared(library, documents={"staff-agreement": choice}))

    assert changed(SECTION).resign == ()
    assert changed(SECTION, {"id": "signature"}).resign == ("staff",)


def test_json_has_the_keys_that_programs_rely_on() -> None:
    library = rules(clause("lock-up", **revised("lock the door", "lock both doors")))
    data = comparison_data(years_compared(library))
    assert list(data) == ["profile", "from", "to", "changes"]
    assert (data["profile"], data["from"], data["to"]) == ("valley", OLD, NEW)
    assert list(data["changes"][0]) == [
        "kind", "clause", "parameter", "documents", "audiences", "old", "new", "why", "owner_role", "material",
        "needs_approval", "resign",
    ]  # fmt: skip


def test_a_first_edition_is_new_as_a_whole() -> None:
    library = rules(clause("one"))
    report = compare(None, edition(library, school_in(library, NEW)))
    assert report.old is None
    assert [(c.kind, c.documents) for c in report.changes] == [(ChangeKind.DOCUMENT, ("staff-policy",))]


# ------------------------------------------------------------------ laws


SAMPLES = [
    (path.stem, year)
    for path in sorted((ROOT / "schools").glob("*.yaml"))
    for year in ("", OLD)
    if year == "" or f"\n  {OLD}:" in path.read_text(encoding="utf-8")
]


@pytest.fixture(scope="module")
def editions() -> list[Edition]:
    """Every sample that issues documents, in every year it speaks of."""
    from aupgen.binding.bind import bind_profile
    from aupgen.cli.loading import load
    from aupgen.policy.year import PolicyYear

    library = load(None, [ROOT / "schools" / "valley.yaml"]).library
    assert library is not None
    out = []
    for slug, year in SAMPLES:
        profile = sample(slug, PolicyYear.parse(year) if year else None)
        bound, _ = bind_profile(library, profile)
        if bound.documents:
            out.append(Edition(profile, library, bound))
    return out


def pairs_of(editions: list[Edition]) -> Iterator[tuple[Edition, Edition]]:
    return itertools.permutations(editions, 2)


def test_what_a_use_in_the_table_of_uses_may_be_is_a_change_of_the_value(editions: list[Edition]) -> None:
    before, after = (
        next(e for e in editions if (e.profile.slug, str(e.profile.policy_year)) == ("oakfield", year))
        for year in (OLD, NEW)
    )
    change = next(c for c in compare(before, after).changes if c.parameter == "games_pupils")
    assert (change.kind, change.old, change.new) == (ChangeKind.PARAMETER, "not-acceptable", "certain-times")
    assert (change.needs_approval, change.why) == (True, "A games club meets on Fridays")


def test_an_edition_against_itself_has_no_change(editions: list[Edition]) -> None:
    assert [one.profile.slug for one in editions if compare(one, one).changes] == []


def test_every_line_that_differs_is_told_and_nothing_is_told_twice(editions: list[Edition]) -> None:
    for old, new in pairs_of(editions):
        report = compare(old, new)
        causes = [(c.kind, c.clause, c.parameter, c.documents, c.old, c.new) for c in report.changes]
        assert len(causes) == len(set(causes)), (old.profile.slug, new.profile.slug)
        told = {(place.document, place.old, place.new) for c in report.changes for place in c.places}
        for id_ in old.documents.keys() & new.documents.keys():
            for before, after in differing_lines(old.documents[id_], new.documents[id_], report):
                assert (id_, before, after) in told, (old.profile.slug, new.profile.slug, before, after)


def differing_lines(
    old: Document, new: Document, report: Comparison
) -> Iterator[tuple[str | None, str | None]]:
    """The lines of a document that read differently, but for the edition's own words in them."""
    for pair in pair_lines(old, new, {id_ for id_, _ in report.titles}):
        if without_edition(pair.old, old) != without_edition(pair.new, new):
            yield words_of(pair.old), words_of(pair.new)


def without_edition(passage: Passage | None, document: Document) -> str | None:
    if passage is None:
        return None
    kept = (
        i for i in passage.inlines if not (isinstance(i, Value) and i.source in ("edition", "policy_year"))
    )
    return plain_text(tuple(kept)).replace(document.meta.status, "")


def test_what_is_told_did_differ(editions: list[Edition]) -> None:
    for old, new in pairs_of(editions):
        for change in compare(old, new).changes:
            same = [place for place in change.places if place.old == place.new and place.old is not None]
            assert not same or change.kind in (
                ChangeKind.MOVED, ChangeKind.STRUCTURE, ChangeKind.OWNER, ChangeKind.AUDIENCE,
            )  # fmt: skip


def _parameters() -> dict[str, object]:
    from yaml import safe_load

    text = (ROOT / "schools" / "valley.yaml").read_text(encoding="utf-8")
    parameters: dict[str, object] = safe_load(text.replace("8:30", "'8:30'").replace("15:30", "'15:30'"))[
        "parameters"
    ]
    return parameters
