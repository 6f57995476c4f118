"""The law and guidance behind a policy: what is named, what is left out, and what is said about citations."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.cli.main import run
from aupgen.document.tree import Blocks, Document, Paragraph, Section, Table
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.files import Workspace, read_library
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.framework import Framework, FrameworkStatus, edition_in_force
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Nation
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText
from tests.conftest import ROOT, ReadProfile, sample
from tests.golden.test_golden import SAMPLES
from tests.one_layer import read_profile
from tests.unit.test_library_wording import sources

SCHOOL = """\
name: Oakfield School
nation: {nation}
phase: primary
policy_year: 2026-27
edition: {{number: 1, date: 2026-09-01}}
approver: governing board
contacts:
  headteacher: {{phone: 01632 960110}}
  chair-of-governors: {{email: oakfield.chair@example.org}}
other_roles: headteacher
parameters: {{phone_free_hours: {{from: 8:45, to: 15:15}}}}
documents:
  staff-policy:
  staff-agreement:
"""

ALONE = SCHOOL.replace("  staff-agreement:\n", "")
"""The same school without the agreement, which the policy prints in full: its clauses count, too."""

SECTIONS = """
    sections:
      - id: rules
        title: Rules
        clauses: [no-friending, professional-use, help-pupils-be-safe]
      - id: law-and-guidance"""


@pytest.fixture(scope="module")
def oakfield(profile_of: ReadProfile) -> Profile:
    return profile_of(SCHOOL.format(nation="england"), "oakfield")


def documents(library: Library, profile: Profile) -> dict[str, Document]:
    bound, found = bind_profile(library, profile)
    assert not found
    return {document.meta.id: document for document in bound.documents}


def annex(document: Document) -> Section | None:
    return next((s for s in sections(document.blocks) if s.id == "law-and-guidance"), None)


def rows(document: Document) -> list[tuple[str, ...]]:
    """The rows of the annex as text; none where the document has no annex."""
    section = annex(document)
    tables = [block for block in section.blocks if isinstance(block, Table)] if section else []
    return [tuple(plain_text(cell) for cell in row) for table in tables for row in table.rows]


def titles(library: Library, profile: Profile) -> list[str]:
    return [row[0] for row in rows(documents(library, profile)["staff-policy"])]


def with_entries(library: Library, **entries: Framework) -> Library:
    """The library with other entries in its register, in the place of their namesakes or at the end."""
    register = {**library.frameworks, **{f.id: f for f in entries.values()}}
    return replace(library, frameworks=register)


def entry(id_: str, **fields: object) -> Framework:
    return replace(
        Framework(
            id_, f"Title of {id_}", (Nation.ENGLAND,), "2030", FrameworkStatus.GUIDANCE, "What it asks.",
            "https://www.example.org/", True, "2026-11-21",
        ),
        **fields,
    )  # fmt: skip


# ---------------------------------------------------------------- which edition is in force


def register(*entries: Framework) -> Mapping[str, Framework]:
    return {framework.id: framework for framework in entries}


OLD = entry("old", date="2025-09-01", superseded_by="new")
NEW = entry("new", date="2026-09-01")
UNSURE = replace(NEW, verified=False)


@pytest.mark.parametrize(
    ("entries", "day", "named"),
    [
        ([replace(OLD, superseded_by="")], "2026-09-01", "old"),
        ([OLD, NEW], "2026-09-01", "new"),
        ([OLD, NEW], "2026-09", "new"),
        ([OLD, NEW], "2026-08-31", "old"),
        ([OLD, NEW], "2025-08-31", None),
        ([OLD, UNSURE], "2026-09-01", None),
        ([OLD, UNSURE], "2026-08-31", "old"),
        ([OLD, replace(UNSURE, confirmed_by="online safety adviser", confirmed_on="2026-10")], "2027", "new"),
        ([OLD, replace(NEW, status=FrameworkStatus.DRAFT)], "2026-09-01", None),
        ([OLD, replace(NEW, date="")], "2025-09-01", "new"),
        ([replace(OLD, date="2025", superseded_by="")], "2025-01-01", "old"),
        ([replace(OLD, status=FrameworkStatus.SUPERSEDED, superseded_by="")], "2026-09-01", None),
        ([replace(OLD, status=FrameworkStatus.SUPERSEDED), NEW], "2026-09-01", "new"),
        ([replace(OLD, status=FrameworkStatus.SUPERSEDED), NEW], "2026-01-01", None),
        ([replace(OLD, verified=False), NEW], "2026-09-01", "new"),
        ([replace(OLD, superseded_by="", verified=False)], "2026-09-01", None),
        ([OLD, replace(NEW, superseded_by="old")], "2026-09-01", "new"),
        ([], "2026-09-01", None),
    ],
)
def test_the_newest_edition_that_had_begun_is_named_if_it_is_confirmed(
    entries: list[Framework], day: str, named: str | None
) -> None:
    edition = edition_in_force("old", register(*entries), day)
    assert (edition.id if edition else None) == named


# ---------------------------------------------------------------- the annex


def test_the_policy_ends_with_what_its_clauses_cite_in_the_order_of_the_register(
    library: Library, oakfield: Profile
) -> None:
    policy = documents(library, oakfield)["staff-policy"]
    printed = {mark.id for section in sections(policy.blocks) for mark, _ in own_clauses(section)}
    cited = {id_ for clause in library.clauses.values() if clause.id in printed for id_ in clause.cites}
    expected = [f for f in library.frameworks.values() if f.id in cited and Nation.ENGLAND in f.nations]
    assert len(expected) >= 4
    assert [row[:2] for row in rows(policy)] == [
        (f.title, f.edition[0].upper() + f.edition[1:]) for f in expected
    ]
    assert [row[3] for row in rows(policy)] == [f.about for f in expected]
    assert [s.id for s in policy.blocks if isinstance(s, Section)][-2:] == [
        "law-and-guidance",
        "staff-agreement",
    ]


def test_a_status_is_said_in_the_words_of_the_language(library: Library, oakfield: Profile) -> None:
    by_title = {row[0]: row[2] for row in rows(documents(library, oakfield)["staff-policy"])}
    assert by_title["Computer Misuse Act 1990"] == "Law"
    assert by_title["Keeping children safe in education"] == "Statutory guidance"


def test_what_only_a_clause_left_out_cites_is_not_named(library: Library, profile_of: ReadProfile) -> None:
    text = SCHOOL.format(nation="england")
    left_out = "clauses: {data-complaint-route: {use: false, reason: The trust says it elsewhere}}\n"
    (title,) = {library.frameworks[id_].title for id_ in library.clauses["data-complaint-route"].cites}
    assert title in titles(library, profile_of(text, "oakfield"))
    assert title not in titles(library, profile_of(text + left_out, "oakfield"))


def test_a_profile_that_lists_its_sections_has_the_annex_where_it_lists_it(
    library: Library, profile_of: ReadProfile
) -> None:
    text = ALONE.format(nation="england")
    listed = profile_of(text.replace("  staff-policy:", "  staff-policy:" + SECTIONS), "oakfield")
    assert titles(library, listed) == ["Keeping children safe in education", "Computer Misuse Act 1990"]
    without = SECTIONS.replace("\n      - id: law-and-guidance", "")
    unlisted = profile_of(text.replace("  staff-policy:", "  staff-policy:" + without), "oakfield")
    assert not titles(library, unlisted)
    first = without.replace("    sections:", "    sections:\n      - id: law-and-guidance")
    turned = profile_of(text.replace("  staff-policy:", "  staff-policy:" + first), "oakfield")
    assert titles(library, turned) == titles(library, listed)


def test_without_citations_there_is_no_empty_section(library: Library, profile_of: ReadProfile) -> None:
    text = ALONE.format(nation="england").replace("  staff-policy:", "  staff-policy:" + SECTIONS)
    none_cited = text.replace("[no-friending, professional-use, help-pupils-be-safe]", "[loan-sign-out]")
    policy = documents(library, profile_of(none_cited, "oakfield"))["staff-policy"]
    assert annex(policy) is None
    assert not any("law or on guidance" in text for _, text in lines(policy))
    assert "law-and-guidance" not in [section.id for section in sections(policy.blocks)]


def test_clauses_of_an_appendix_count(library: Library, profile_of: ReadProfile) -> None:
    text = SCHOOL.format(nation="england").replace("  staff-policy:", "  staff-policy:" + SECTIONS)
    assert len(titles(library, profile_of(text, "oakfield"))) > 2


def test_a_framework_that_had_not_begun_is_not_behind_an_old_policy(
    library: Library, valley: Profile
) -> None:
    named = titles(library, valley)
    assert "Computer Misuse Act 1990" in named
    assert "Keeping children safe in education" not in named  # its edition is of 2025, the policy of 2019


def test_a_policy_agreed_before_the_year_begins_rests_on_what_holds_in_september(
    library: Library, oakfield: Profile
) -> None:
    kcsie = library.frameworks["kcsie-2025"]
    newer = entry("kcsie-2027", title="Keeping children safe", date="2026-09-01")
    changed = with_entries(library, a=replace(kcsie, superseded_by=newer.id), b=newer)
    july = replace(oakfield, edition=replace(oakfield.edition, date=type(oakfield.edition.date)(2026, 7, 10)))
    assert "Keeping children safe" in titles(changed, july)


def test_a_superseded_framework_gives_way_to_its_successor_or_to_nothing(
    library: Library, oakfield: Profile
) -> None:
    kcsie = library.frameworks["kcsie-2025"]
    newer = entry("kcsie-2027", title="Keeping children safe (new)")
    replaced = replace(kcsie, superseded_by=newer.id)
    confirmed = titles(with_entries(library, a=replaced, b=newer), oakfield)
    assert newer.title in confirmed
    assert kcsie.title not in confirmed
    unsure = titles(with_entries(library, a=replaced, b=replace(newer, verified=False)), oakfield)
    assert newer.title not in unsure
    assert kcsie.title not in unsure


def test_the_successor_of_two_citations_is_named_once(library: Library, oakfield: Profile) -> None:
    newer = entry("both", title="One standard for both")
    one, other = (
        replace(library.frameworks[id_], superseded_by=newer.id)
        for id_ in ("dfe-cyber-security", "dfe-filtering-monitoring")
    )
    assert titles(with_entries(library, a=one, b=other, c=newer), oakfield).count(newer.title) == 1


def test_every_document_of_the_samples_but_the_policy_has_no_annex(library: Library) -> None:
    with_annex = [
        (slug, id_)
        for slug in SAMPLES
        for id_, document in documents(library, sample(slug)).items()
        if rows(document)
    ]
    # the others list their sections, and the annex is not among them
    listing = ("valley", "southend", "oakfield", "millbrook", "bryn-derw")
    whole = {(slug, "online-safety-policy") for slug in ("trelawnyd", "oakfield", "southend")}
    assert sorted(with_annex) == sorted({(slug, "staff-policy") for slug in listing} | whole)


# ---------------------------------------------------------------- agreements carry no editions

YEAR = re.compile(r"\b(19|20)[0-9]{2}\b")


def agreement_blocks(document: Document) -> Iterator[Blocks]:
    """Yield the blocks of an agreement: the whole document, or an appendix that is one."""
    if document.meta.id.endswith("agreement"):
        yield document.blocks
    for section in sections(document.blocks):
        if section.appendix and section.id.endswith("agreement"):
            yield section.blocks


def agreement_lines(document: Document) -> list[str]:
    """The lines of the agreements in a document but for the block under the title, which dates it."""
    return [
        text
        for blocks in agreement_blocks(document)
        for _, text in lines(
            replace(
                document,
                title=(),
                blocks=tuple(b for b in blocks if not (isinstance(b, Paragraph) and b.role == "subtitle")),
            )
        )
    ]


def test_no_agreement_names_an_edition_or_a_year(library: Library, profile_of: ReadProfile) -> None:
    schools = [sample(slug) for slug in SAMPLES]
    schools += [profile_of(SCHOOL.format(nation=nation.value), "oakfield") for nation in Nation]
    read = 0
    for profile in schools:
        for document in documents(library, profile).values():
            for text in agreement_lines(document):
                read += 1
                assert not YEAR.search(text), (profile.slug, document.meta.id, text)
                named = [f.id for f in library.frameworks.values() if f.title in text or f.edition in text]
                assert not named, (profile.slug, document.meta.id, text)
    assert read > 200


def test_no_clause_names_an_edition_or_a_year(library: Library) -> None:
    """Every wording of every clause, printed by a sample or not: a year in it would reach agreements."""
    for source in sources(library):
        assert not YEAR.search(source.literals), str(source)
        assert not [f.id for f in library.frameworks.values() if f.title in source.literals], str(source)


# ---------------------------------------------------------------- what is said about citations

Change = Callable[[str], str]


def compiled(**changes: Change) -> tuple[Library, list[Diagnostic]]:
    """The shipped library with some of its clause files changed, and what is found in it."""
    files, _ = read_library(Workspace(ROOT))
    texts = dict(files.clauses)
    for name, change in changes.items():
        source = texts[f"{name}.yaml"]
        assert change(source.text) != source.text
        texts[f"{name}.yaml"] = SourceText(source.path, change(source.text))
    library, found = compile_library(texts, files.templates)
    assert library is not None
    return library, found


def swap(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new, 1)


KCSIE_FOLLOWED = swap(
    "    note: A 2026 revision was planned",
    "    superseded_by: kcsie-2026\n    note: A 2026 revision was planned",
)
KCSIE_CONFIRMED = swap(
    "    status: draft\n",
    "    status: statutory-guidance\n    confirmed_by: online safety adviser\n    confirmed_on: 2026-11-30\n",
)


def test_the_shipped_library_has_no_warnings(library: Library) -> None:
    assert library.warnings == ()


def test_every_clause_that_cites_a_superseded_edition_is_named_at_its_line() -> None:
    library, found = compiled(frameworks=KCSIE_FOLLOWED)
    citing = {c.id for c in library.clauses.values() if "kcsie-2025" in c.cites}
    assert {f.code for f in found} == {"AUP306"}
    assert {f.severity for f in found} == {Severity.WARNING}
    assert {f.clause for f in found} == citing
    files, _ = read_library(Workspace(ROOT))
    by_path = {source.path: source.lines for source in files.clauses.values()}
    for finding in found:
        line = by_path[finding.span.path][finding.span.line - 1]
        assert line[finding.span.column - 1 : finding.span.end_column - 1] == "kcsie-2025"
        assert "nobody has confirmed" in finding.message
        assert "confirm `kcsie-2026`" in finding.help
    assert library.warnings == tuple(found)


def test_an_adviser_brings_a_new_edition_into_force_without_a_release(oakfield: Profile) -> None:
    library, found = compiled(frameworks=lambda text: KCSIE_CONFIRMED(KCSIE_FOLLOWED(text)))
    assert {f.code for f in found} == {"AUP306"}
    assert "which documents name in its place" in found[0].message
    named = titles(library, oakfield)
    assert "Keeping children safe in education (2026 revision)" in named
    assert "Keeping children safe in education" not in named


def test_an_unconfirmed_citation_is_a_warning_and_is_not_printed(oakfield: Profile) -> None:
    library, found = compiled(
        **{"data-off-site": swap("    status: law\n", "    status: law\n    cites: [uk-gdpr-dpa-2018]\n")}
    )
    assert [(f.code, f.severity, f.clause) for f in found] == [
        ("AUP307", Severity.WARNING, "personal-data-secure")
    ]
    assert not [title for title in titles(library, oakfield) if "GDPR" in title]


def test_a_citation_of_another_nation_is_an_error() -> None:
    _, found = compiled(
        monitoring=swap("    cites: [dfe-filtering", "    nations: [wales]\n    cites: [dfe-filtering")
    )
    assert [(f.code, f.severity) for f in found] == [("AUP308", Severity.ERROR)]


def test_a_clause_for_all_nations_may_cite_what_one_of_them_has() -> None:
    library, found = compiled(
        monitoring=swap(
            "    cites: [dfe-filtering", "    nations: [wales, england]\n    cites: [dfe-filtering"
        )
    )
    assert not found
    assert library.clauses["monitoring-notice"].nations == (Nation.WALES, Nation.ENGLAND)


# ---------------------------------------------------------------- warnings and the cache


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the library whose newest edition of a framework nobody has confirmed."""
    for folder in ("clauses", "schools", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    path = tmp_path / "clauses" / "frameworks.yaml"
    path.write_text(KCSIE_FOLLOWED(path.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.setenv("AUPGEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        run(list(arguments))
    return stop.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "schools/hillside.yaml", "--out", "out"),
        ("list", "clauses"),
        ("list", "clauses", "schools/hillside.yaml"),
        ("explain", "no-friending"),
    ],
    ids=" ".join,
)
def test_warnings_are_said_again_on_a_warm_cache(
    arguments: tuple[str, ...],
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, cold = said(capsys, *arguments)
    assert code == 0
    assert "clauses/messages.yaml:10:13: warning AUP306: `kcsie-2025` is superseded by" in cold
    assert [path.name for path in (workspace / "cache").glob("library-*")]

    def compile_again(*_: object) -> None:
        raise AssertionError("the library was compiled again")

    monkeypatch.setattr("aupgen.library.compiling.compile_library", compile_again)
    assert said(capsys, *arguments) == (0, cold)


def test_a_library_with_errors_is_not_kept(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workspace / "clauses" / "monitoring.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[dfe-filtering-monitoring]", "[dfe-filtering]"), encoding="utf-8")
    code, err = said(capsys, "build", "schools/hillside.yaml", "--out", "out")
    assert code == 1
    assert "AUP202" in err
    assert not list((workspace / "cache").glob("library-*"))


def test_a_profile_is_read_against_the_nations_register(library: Library) -> None:
    text = SCHOOL.format(nation="northern-ireland").replace("phase: primary", "phase: sixth-form")
    _, found = read_profile(SourceText("schools/oakfield.yaml", text), "oakfield", library)
    assert [(f.code, f.span.line, f.span.column) for f in found] == [("AUP215", 3, 8)]
    assert "`secondary` (post-primary)" in found[0].help
