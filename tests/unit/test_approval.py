"""Approval records and how documents stand by them: what changes a fingerprint, what an approval survives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aupgen.approval.kept import KeptError, kept_text, read_kept
from aupgen.approval.reading import read_record
from aupgen.approval.record import (
    ApprovedDocument,
    KeptRecord,
    Line,
    Record,
    approved_document,
    digest,
    latest,
    named_year,
    record_name,
    record_text,
)
from aupgen.approval.standing import notes, settle, standings_of, without_contacts
from aupgen.binding.bind import bind_profile
from aupgen.document.tree import (
    BulletList,
    Choices,
    ClauseMark,
    Document,
    Link,
    Paragraph,
    Section,
    Slip,
    Table,
    Text,
    Value,
)
from aupgen.document.walk import lines
from aupgen.document.words import fingerprint, with_approval, words_digest
from aupgen.library.compiled import Library
from aupgen.policy.profile import Contact, Edition, Profile, Show
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.source.span import SourceText
from tests.conftest import sample
from tests.unit.small_library import clause, good_library, school, section

SAMPLES = ("valley", "hillside", "harbour", "oakfield", "millbrook", "bryn-derw")


def documents_of(library: Library, profile: Profile) -> tuple[Document, ...]:
    return bind_profile(library, profile)[0].documents


def record_of(library: Library, profile: Profile, **changes: Any) -> KeptRecord:
    """A record in which a profile's documents, as they are, were approved."""
    documents = documents_of(library, profile)
    bare = without_contacts(library, profile, [d.meta.id for d in documents])
    approved = tuple(approved_document(d, "Approved", fingerprint(d), bare[d.meta.id]) for d in documents)
    record = Record(
        profile.name, profile.policy_year, profile.edition, profile.approver, EditionDate(2026, 10, 14),
        "7.2", False, profile.layers, "aupgen", "0" * 64, approved,
    )  # fmt: skip
    name = f"schools/approved/{profile.slug}/{record_name(profile.policy_year, profile.edition.number, 1)}"
    return KeptRecord(name, name, replace(record, **changes))


# ---------------------------------------------------------------- the fingerprint


def texts_of(document: Document) -> Iterator[Document]:
    """The document with one word of one line changed: every line in turn."""

    def changed(block: Any) -> Iterator[Any]:
        if isinstance(block, Section):
            for position, inner in enumerate(block.blocks):
                for other in changed(inner):
                    yield replace(
                        block, blocks=(*block.blocks[:position], other, *block.blocks[position + 1 :])
                    )
        elif isinstance(block, Paragraph):
            yield replace(block, inlines=(*block.inlines, Text(" never")))
        elif hasattr(block, "items"):
            for position, item in enumerate(block.items):
                other = replace(item, inlines=(*item.inlines, Text(" never")))
                yield replace(block, items=(*block.items[:position], other, *block.items[position + 1 :]))

    for position, block in enumerate(document.blocks):
        for other in changed(block):
            yield replace(
                document, blocks=(*document.blocks[:position], other, *document.blocks[position + 1 :])
            )


@pytest.mark.parametrize("slug", SAMPLES)
def test_a_changed_word_in_any_line_changes_the_fingerprint(slug: str, library: Library) -> None:
    for document in documents_of(library, sample(slug)):
        others = [fingerprint(other) for other in texts_of(document)]
        assert len(others) > 8
        assert len({fingerprint(document), *others}) == len(others) + 1


@given(st.text("abc ,.é", min_size=1, max_size=30).filter(str.strip))
@settings(max_examples=8, deadline=None)
def test_other_words_of_a_clause_are_another_fingerprint(words: str) -> None:
    def printed(text: str) -> tuple[str, list[tuple[str, str]]]:
        library = good_library({"kites": [clause("kite", text=text)]})
        profile = school(library, section("kites", "kites"))
        (document,) = documents_of(library, profile)
        return fingerprint(document), list(lines(document))

    (before, old), (after, new) = printed("fly a kite"), printed(f"fly x{' '.join(words.split())}y")
    assert (before == after) == (old == new)
    assert before != after


def test_edition_and_approval_are_no_part_of_the_words(library: Library, valley: Profile) -> None:
    later = replace(valley, edition=Edition(4, EditionDate(2019, 6, 1), "A reason"))
    for document, other in zip(documents_of(library, valley), documents_of(library, later), strict=True):
        assert words_digest(document) != words_digest(other)
        assert fingerprint(document) == fingerprint(other)
        approved = with_approval(document, "Approved by all")
        assert words_digest(document) != words_digest(approved)
        assert fingerprint(document) == fingerprint(approved)


def test_the_approval_line_is_replaced_wherever_it_stands(library: Library, valley: Profile) -> None:
    for document in documents_of(library, valley):
        approved = with_approval(document, "Approved by all")
        said = " ".join(text for _, text in lines(approved))
        assert "Approved by all" in said
        assert "Awaiting" not in said
        assert approved.meta.status == "Approved by all"
        assert approved.meta.running == "2018-19, edition 1 · Approved by all"
        again = with_approval(approved, document.meta.status)
        assert again == document


def test_a_document_that_tells_nothing_of_an_approval_stays_as_it_is(
    library: Library, valley: Profile
) -> None:
    document = documents_of(library, valley)[0]
    silent = replace(document, meta=replace(document.meta, status="", running="2018-19"))
    assert with_approval(silent, "Approved by all") is silent


# ---------------------------------------------------------------- how documents stand


def stand(library: Library, profile: Profile, *records: KeptRecord) -> dict[str, tuple[bool, bool]]:
    found = standings_of(library, profile, documents_of(library, profile), records)
    return {standing.document: (standing.approved, standing.contacts_only) for standing in found}


@pytest.mark.parametrize("slug", SAMPLES)
def test_no_change_of_a_contact_takes_the_approval_away(slug: str, library: Library) -> None:
    profile = sample(slug)
    kept = record_of(library, profile)
    assert set(stand(library, profile, kept).values()) == {(True, False)}
    for role, contact in profile.contacts.items():
        for change in (
            replace(contact, phone="01632 960999"),
            replace(contact, email="new@example.org"),
            replace(contact, phone="", email=""),
            replace(contact, names=("Somebody New",)),
            replace(contact, names=("Somebody New",), show=Show.NAME),
            replace(contact, show=Show.ROLE),
        ):
            other = replace(profile, contacts={**profile.contacts, role: change})
            assert all(approved for approved, _ in stand(library, other, kept).values()), (role, change)


def test_a_changed_contact_shows_where_it_is_printed_and_nowhere_else(
    library: Library, valley: Profile
) -> None:
    kept = record_of(library, valley)
    head = replace(valley.contacts["headteacher"], phone="01632 960999")
    other = replace(valley, contacts={**valley.contacts, "headteacher": head})
    before = {d.meta.id: fingerprint(d) for d in documents_of(library, valley)}
    after = {d.meta.id: fingerprint(d) for d in documents_of(library, other)}
    assert stand(library, other, kept) == {id_: (True, before[id_] != after[id_]) for id_ in before}
    assert any(before[id_] != after[id_] for id_ in before)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "The Dale School"},
        {"contacts": {"headteacher": Contact(title="Principal")}},
        {"contacts": {"network-manager": Contact(same_as="headteacher")}},
    ],
    ids=["the school's name", "a title", "who holds a post"],
)
def test_another_post_or_name_is_another_rule(
    change: dict[str, Any], library: Library, valley: Profile
) -> None:
    kept = record_of(library, valley)
    other = replace(valley, **{**change, "contacts": {**valley.contacts, **change.get("contacts", {})}})
    assert set(stand(library, other, kept).values()) == {(False, False)}


def test_a_contact_and_a_rule_changed_together_need_an_approval(library: Library, valley: Profile) -> None:
    kept = record_of(library, valley)
    head = replace(valley.contacts["headteacher"], phone="01632 960999", title="Principal")
    other = replace(valley, contacts={**valley.contacts, "headteacher": head})
    assert set(stand(library, other, kept).values()) == {(False, False)}


def test_documents_stand_by_the_newest_record_about_them(library: Library, valley: Profile) -> None:
    first = record_of(library, valley)
    only_policy = replace(
        first.record,
        edition=Edition(2, EditionDate(2019, 4)),
        documents=tuple(
            replace(d, fingerprint="f" * 64, without_contacts="f" * 64)
            for d in first.record.documents
            if d.id == "staff-policy"
        ),
    )
    second = KeptRecord("second", "second", only_policy)
    for records in ((first, second), (second, first)):
        assert latest(records, "staff-policy") is second
        assert latest(records, "staff-agreement") is first
        assert latest(records, "device-loan") is None
        assert stand(library, valley, *records) == {
            "staff-policy": (False, False),
            "staff-agreement": (True, False),
        }


def test_a_draft_is_never_approved_and_shows_its_fingerprint(library: Library, valley: Profile) -> None:
    kept = record_of(library, valley)
    bound = documents_of(library, valley)
    final, _ = settle(library, valley, bound, (kept,), draft=False)
    draft, standings = settle(library, valley, bound, (kept,), draft=True)
    assert {d.meta.status for d in final} == {
        "Approved by the Full Governing Board on 14 October 2026, minute 7.2"
    }
    assert not any(standing.approved for standing in standings)
    for document, standing in zip(draft, standings, strict=True):
        print_ = f"{standing.fingerprint[:4]}-{standing.fingerprint[4:8]}"
        assert document.meta.status == f"Awaiting approval by the Full Governing Board (fingerprint {print_})"


def test_without_a_minute_none_is_named(library: Library, valley: Profile) -> None:
    kept = record_of(library, valley, minute="")
    (policy, *_), _ = settle(library, valley, documents_of(library, valley), (kept,), draft=False)
    assert policy.meta.status == "Approved by the Full Governing Board on 14 October 2026"


def test_an_exemplar_says_that_it_is_one(library: Library) -> None:
    southend = sample("southend")
    documents = documents_of(library, southend)
    settled, _ = settle(library, southend, documents, (), draft=False)
    assert settled == documents


def test_what_changed_is_listed_once_with_the_documents_it_is_in(library: Library, valley: Profile) -> None:
    kept = record_of(library, valley)
    setting = valley.parameters["phone_free_hours"]
    hours = replace(setting.value, places=("the staff room",))
    other = replace(
        valley, parameters={**valley.parameters, "phone_free_hours": replace(setting, value=hours)}
    )
    documents = documents_of(library, other)
    (finding,) = notes(other, documents, standings_of(library, other, documents, (kept,)))
    assert (finding.code, finding.severity) == ("AUP411", "note")
    assert finding.notes == ("reworded: `staff-phone-hours` (staff-agreement, staff-policy)",)
    assert "make this edition 2" in finding.help


# ---------------------------------------------------------------- a record's text

LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40).map(
    lambda text: "".join(ch for ch in text if ch.isprintable()).strip()
)
WORDS = LINE.map(lambda text: f"x{text.strip()}x")


@st.composite
def records(draw: st.DrawFn) -> Record:
    line = st.one_of(
        st.builds(Line, st.sampled_from(["title", "h2", "paragraph", "item", "cell"]), LINE),
        st.builds(Line, st.just("item"), LINE, st.just("password-private"), st.integers(1, 9), WORDS),
    )
    document = st.builds(
        ApprovedDocument, st.sampled_from(["staff-policy", "device-loan"]), LINE, LINE,
        st.just("a" * 64), st.just("b" * 64), st.lists(line, min_size=1, max_size=5).map(tuple),
    )  # fmt: skip
    return Record(
        draw(WORDS), PolicyYear(2026), Edition(draw(st.integers(1, 99)), EditionDate(2026, 9), draw(WORDS)),
        draw(WORDS), EditionDate(2026, 10, draw(st.integers(1, 31))), draw(st.just("") | WORDS),
        draw(st.booleans()), draw(st.lists(WORDS, max_size=3).map(tuple)), "aupgen 1", "c" * 64,
        draw(st.lists(document, min_size=1, max_size=3).map(tuple)),
    )  # fmt: skip


def normal(record: Record) -> Record:
    """As the door lets texts through: white space folded, composed."""
    import unicodedata

    def one(text: str) -> str:
        return " ".join(unicodedata.normalize("NFC", text).split())

    edition = replace(record.edition, reason=one(record.edition.reason))
    return replace(
        record, school=one(record.school), by=one(record.by), minute=one(record.minute), edition=edition
    )


@given(records())
@settings(max_examples=60, deadline=None)
def test_a_record_is_read_back_as_it_was_written(record: Record) -> None:
    record = normal(record)
    read, found = read_record(SourceText("a.yaml", record_text(record)), "2026-27")
    assert not found
    assert read == record


@given(records(), records())
@settings(max_examples=60, deadline=None)
def test_records_that_say_something_else_have_another_digest(one: Record, other: Record) -> None:
    assert (digest(one) == digest(other)) == (one == other)


def test_every_line_of_a_record_counts(library: Library, valley: Profile) -> None:
    """Whatever is changed by hand is noticed: every line with a value in turn."""
    text = record_text(record_of(library, valley).record)
    told = text.splitlines()
    noticed = 0
    for position, line in enumerate(told):
        if line.startswith("#") or not any(ch.isdigit() or ch == '"' for ch in line):
            continue
        other = line.replace('"', '"Q', 1) if '"' in line else line[:-1] + ("0" if line[-1] != "0" else "1")
        changed = "\n".join([*told[:position], other, *told[position + 1 :], ""])
        record, found = read_record(SourceText("a.yaml", changed), "2018-19")
        assert record is None, line
        assert found, line
        noticed += 1
    assert noticed > 150


def test_names_of_records() -> None:
    assert record_name(PolicyYear(2026), 1, 1) == "2026-27-edition-1.yaml"
    assert record_name(PolicyYear(2026), 3, 2) == "2026-27-edition-3.2.yaml"
    for name in ("2026-27-edition-1.yaml", "2026-27-edition-12.14.yaml"):
        assert named_year(name) == "2026-27"
    for name in (
        "2026-27.yaml",
        "2026-27-edition-0.yaml",
        "2026-27-edition-1.1.yaml",
        "2026-27-edition-1 (1).yaml",
    ):
        assert named_year(name) is None


# ---------------------------------------------------------------- the documents it kept


@pytest.mark.parametrize("slug", SAMPLES)
def test_kept_documents_come_back_equal(slug: str, library: Library) -> None:
    documents = documents_of(library, sample(slug))
    assert read_kept(kept_text(documents)) == documents


def forged(document: Document, *inlines: Any) -> bytes:
    return kept_text((replace(document, blocks=(Paragraph(tuple(inlines)),)),))


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " https://x.example", "data:text/html,x", "//x", ""]
)
def test_a_forged_link_is_refused(address: str, library: Library, valley: Profile) -> None:
    document = documents_of(library, valley)[0]
    with pytest.raises(KeptError, match="link"):
        read_kept(forged(document, Link(address, (Text("x"),))))


@pytest.mark.parametrize(
    "block",
    [
        Paragraph((), '"><script>'),
        Paragraph((), "", ClauseMark("a", 1, "library", 'x" onclick="y')),
        Section('x" onclick="y', 2, (), ()),
        Section("x", 0, (), ()),
        Section("x", 2, (), (), 'v"'),
        Table(((), ()), (((),),)),
        Table((), ()),
        Table(((),), (), 'x"'),
        Choices(((),), ((),), "x"),
        Choices(((), ()), ((),), 'x"'),
        BulletList(()),
        Slip((), 77, (), (), ()),
    ],
    ids=lambda block: type(block).__name__.lower(),
)
def test_a_forged_block_is_refused(block: Any, library: Library, valley: Profile) -> None:
    document = documents_of(library, valley)[0]
    with pytest.raises(KeptError, match="that no document of ours has"):
        read_kept(kept_text((replace(document, blocks=(block,)),)))


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\u202e", "\ufffe"])
def test_a_forged_character_is_refused(character: str, library: Library, valley: Profile) -> None:
    document = documents_of(library, valley)[0]
    with pytest.raises(KeptError, match="character"):
        read_kept(forged(document, Value(f"a{character}b", "name")))


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"null", b"[" * 100_000, b'{"format": "1"}', b'{"format": "1", "documents": [{}]}', b"\xff"],
)
def test_what_is_no_file_of_documents_is_refused(data: bytes) -> None:
    with pytest.raises(KeptError):
        read_kept(data)


def test_documents_of_another_form_are_refused(library: Library, valley: Profile) -> None:
    data = msgspec.json.decode(kept_text(documents_of(library, valley)))
    data["format"] = "99"
    with pytest.raises(KeptError, match="form"):
        read_kept(msgspec.json.encode(data))


def test_a_tree_nested_without_end_is_refused(library: Library, valley: Profile) -> None:
    node: Any = Text("x")
    for _ in range(60):
        node = Link("https://example.org", (node,))
    with pytest.raises(KeptError):
        read_kept(forged(documents_of(library, valley)[0], node))
