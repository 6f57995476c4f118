"""The comparison with the words that were approved: as with the year they are of, and where only the record has them."""

from __future__ import annotations

from datetime import time

import pytest
from msgspec.structs import replace

from aupgen.approval.editions import approved_edition, stand_in, with_approvals
from aupgen.approval.record import KeptRecord, latest
from aupgen.binding.bind import bind_profile
from aupgen.cli.loading import load
from aupgen.comparison.changes import Comparison, comparison_data
from aupgen.comparison.compare import compare
from aupgen.comparison.edition import Edition
from aupgen.document.tree import Document
from aupgen.library.compiled import Library
from aupgen.policy.change import ChangeKind
from aupgen.policy.profile import Contact, Profile
from aupgen.policy.terms import Change as Extent
from aupgen.policy.year import PolicyYear
from tests.comparison.test_changes import differing_lines
from tests.conftest import ROOT, sample, sample_records

APPROVED = ("2018-19", "2024-25", "2025-26")
YEARS = (*APPROVED, "2026-27")
PATH = ROOT / "schools" / "valley.yaml"
Kept = tuple[tuple[KeptRecord, Document], ...]


@pytest.fixture(scope="module")
def kept() -> dict[str, Kept]:
    """What the records of each year hold, each document with its record."""
    loaded = load(None, [PATH])
    out: dict[str, Kept] = {}
    for year in APPROVED:
        records = sample_records("valley", PolicyYear.parse(year))
        ids = dict.fromkeys(d.id for one in records for d in one.record.documents)
        pairs = [(one, loaded.kept_document(PATH, one, id_)) for id_ in ids if (one := latest(records, id_))]
        assert pairs
        out[year] = tuple((one, document) for one, document in pairs if document)
        assert len(out[year]) == len(pairs)
    return out


def given(library: Library, year: str, profile: Profile | None = None) -> Edition:
    """What the profile gives for a year."""
    profile = profile or sample("valley", PolicyYear.parse(year))
    return Edition(profile, library, bind_profile(library, profile)[0])


def approved(kept: Kept, today: Edition) -> Edition:
    return approved_edition(today, kept, tuple(dict.fromkeys(record for record, _ in kept)))


def story(report: Comparison) -> dict[str, object]:
    return comparison_data(report)


@pytest.mark.parametrize("new", YEARS)
@pytest.mark.parametrize("old", APPROVED)
def test_words_that_the_profile_still_gives_are_compared_as_it_gives_them(
    old: str, new: str, library: Library, kept: dict[str, Kept]
) -> None:
    today, later = given(library, old), given(library, new)
    assert story(compare(approved(kept[old], today), later)) == story(compare(today, later))


@pytest.mark.parametrize("new", YEARS)
@pytest.mark.parametrize("old", APPROVED)
def test_every_line_is_told_where_only_the_record_knows_the_year(
    old: str, new: str, library: Library, kept: dict[str, Kept]
) -> None:
    later = given(library, new)
    before = approved(kept[old], stand_in(later, kept[old][0][0]))
    report = compare(before, later)
    assert (report.old, report.since_approved) == (old, True)
    causes = [(c.kind, c.clause, c.parameter, c.documents, c.old, c.new) for c in report.changes]
    assert len(causes) == len(set(causes))
    told = {(place.document, place.old, place.new) for c in report.changes for place in c.places}
    for id_ in before.documents.keys() & later.documents.keys():
        for line in differing_lines(before.documents[id_], later.documents[id_], report):
            assert (id_, *line) in told, line
    if old == new:
        assert not report.changes
    for change in report.changes:
        assert change.old != change.new or change.kind in (ChangeKind.MOVED, ChangeKind.STRUCTURE), change


def test_a_value_that_was_changed_since_shows_what_was_approved_and_is_for_approval(
    library: Library, kept: dict[str, Kept]
) -> None:
    """In the same year: the profile no longer knows what it said when the board approved."""
    now = sample("valley", PolicyYear.parse("2025-26"))
    systems = now.parameters["school_systems"]
    value = replace(systems.value, items=("email", "internet"))
    today = given(
        library,
        "2025-26",
        replace(now, parameters={**now.parameters, "school_systems": replace(systems, value=value)}),
    )
    (change,) = compare(approved(kept["2025-26"], today), today).changes
    assert (change.kind, change.parameter) == (ChangeKind.PARAMETER, "school_systems")
    assert (change.old, change.new) == (
        "email, internet, shared drives, learning platform",
        "email, internet",
    )
    assert (change.material, change.needs_approval, change.resign) == (True, True, ("staff",))


@pytest.mark.parametrize("moved_on", [False, True])
def test_a_rewording_is_editorial_only_from_words_that_the_library_still_has(
    moved_on: bool, library: Library, kept: dict[str, Kept]
) -> None:
    """The library says how far a revision is from the one before, and not from what stood there once."""
    clause = library.clauses["password-private"]
    first, second = clause.revisions
    if moved_on:
        wording = replace(first.wording, pieces=(*first.wording.pieces, *first.wording.pieces))
        first = replace(first, wording=wording, special={})
    changed = replace(clause, revisions=(first, replace(second, change=Extent.EDITORIAL)))
    topics = {
        id_: replace(t, clauses=tuple(changed if c.id == clause.id else c for c in t.clauses))
        for id_, t in library.topics.items()
    }
    other = replace(library, topics=topics)
    report = compare(approved(kept["2025-26"], given(other, "2025-26")), given(other, "2026-27"))
    (change,) = [c for c in report.changes if c.clause == clause.id]
    assert (change.kind, change.material, change.needs_approval) == (
        ChangeKind.REWORDED,
        moved_on,
        moved_on,
    )
    assert (change.old or "").startswith("I will not pass on a password")


def test_what_was_approved_is_shown_though_the_profile_now_says_a_third_thing_of_that_year(
    library: Library, kept: dict[str, Kept]
) -> None:
    was = sample("valley", PolicyYear.parse("2025-26"))
    systems = was.parameters["school_systems"]
    other = replace(systems, value=replace(systems.value, items=("email", "fax")))
    today = given(library, "", replace(was, parameters={**was.parameters, "school_systems": other}))
    now = sample("valley")
    third = replace(systems, value=replace(systems.value, items=("email", "chat")))
    later = given(library, "", replace(now, parameters={**now.parameters, "school_systems": third}))
    report = compare(approved(kept["2025-26"], today), later)
    (change,) = [c for c in report.changes if c.parameter == "school_systems"]
    assert (change.old, change.new) == ("email, internet, shared drives, learning platform", "email, chat")


def test_contacts_alone_ask_for_nothing(library: Library, kept: dict[str, Kept]) -> None:
    now = sample("valley", PolicyYear.parse("2025-26"))
    chair = Contact(
        "Chair of Governors", ("Owen Lund",), email="valley.lund@example.org", show=now.contacts["dsl"].show
    )
    today = given(library, "2025-26", replace(now, contacts={**now.contacts, "chair-of-governors": chair}))
    (change,) = compare(approved(kept["2025-26"], today), today).changes
    assert (change.kind, change.parameter) == (ChangeKind.CONTACT, "contacts.chair-of-governors")
    assert "Ruth Adeyemi" in (change.old or "")
    assert "Owen Lund" in (change.new or "")
    assert (change.material, change.needs_approval, change.resign) == (False, False, ())


def test_the_name_that_the_school_had_is_that_of_the_record(library: Library, kept: dict[str, Kept]) -> None:
    now = replace(sample("valley"), name="Valley Academy")
    today = replace(sample("valley", PolicyYear.parse("2025-26")), name="Valley Academy")
    report = compare(approved(kept["2025-26"], given(library, "", today)), given(library, "", now))
    assert (report.old_school, report.school) == ("The Valley School", "Valley Academy")
    named = [c for c in report.changes if c.kind is ChangeKind.STRUCTURE and c.old == "The Valley School"]
    assert [c.new for c in named] == ["Valley Academy"]


# ------------------------------------------------------------------ how documents stand


def test_documents_that_stand_alike_are_told_together(library: Library) -> None:
    year = PolicyYear.parse("2025-26")
    records = sample_records("valley", year)
    (one,) = with_approvals(given(library, "2025-26"), records).approvals
    assert one.line == "Approved by the Full Governing Board on 24 September 2025, minute 5.3"
    assert set(one.documents) == {"staff-policy", "staff-agreement", "governor-agreement"}
    assert (one.recorded, one.other_words) == (True, "")


def test_other_words_await_approval_and_say_what_was_approved(library: Library) -> None:
    year = PolicyYear.parse("2025-26")
    now = sample("valley", year)
    hours = now.parameters["phone_free_hours"]
    later = {**now.parameters, "phone_free_hours": replace(hours, value=replace(hours.value, start=time(8)))}
    edition = given(library, "2025-26", replace(now, parameters=later))
    told = {
        id_: one
        for one in with_approvals(edition, sample_records("valley", year)).approvals
        for id_ in one.documents
    }
    assert told["staff-policy"].line == "Awaiting approval by the Full Governing Board"
    assert (
        told["staff-policy"].other_words
        == "Approved by the Full Governing Board on 24 September 2025, minute 5.3"
    )
    assert told["governor-agreement"].other_words == ""


def test_nothing_is_said_of_approval_where_nobody_keeps_records(library: Library) -> None:
    old, new = (
        with_approvals(given(library, "", sample("oakfield", year)), ())
        for year in (PolicyYear.parse("2025-26"), None)
    )
    report = compare(old, new)
    assert (report.old_approvals, report.new_approvals) == ((), ())


def test_letters_that_no_body_approves_stand_in_no_way(library: Library) -> None:
    edition = with_approvals(given(library, "", sample("oakfield")), ())
    assert "parent-letter" in edition.documents
    assert not any("parent-letter" in one.documents for one in edition.approvals)


def test_nor_does_an_exemplar(library: Library) -> None:
    assert with_approvals(given(library, "", sample("southend")), ()).approvals == ()
