"""The online safety policy: numbers that fit, references that follow, tables, and the diagram of what to do."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise

import docx
import pytest
from lxml import etree
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import (
    Block,
    Contents,
    Document,
    ListTable,
    NumberedList,
    Paragraph,
    Path,
    Reference,
    Section,
    Table,
)
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile, SectionChoice
from aupgen.policy.terms import Nation
from aupgen.policy.year import PolicyYear
from aupgen.source.span import SourceText
from aupgen.writers.diagram import diagram
from aupgen.writers.docx import write_docx
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from aupgen.writers.shell import Shell
from tests.conftest import ROOT, sample

POLICY = "online-safety-policy"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def policy_of(library: Library, profile: Profile) -> Document:
    bound, found = bind_profile(library, profile)
    assert not found
    return next(document for document in bound.documents if document.meta.id == POLICY)


@pytest.fixture(scope="module")
def trelawnyd(library: Library) -> Document:
    return policy_of(library, sample("trelawnyd"))


@pytest.fixture(scope="module")
def oakfield(library: Library) -> Document:
    return policy_of(library, sample("oakfield"))


def found(document: Document, kind: type[Block]) -> list[Block]:
    inside = [*document.blocks, *(block for section in sections(document.blocks) for block in section.blocks)]
    return [block for block in inside if isinstance(block, kind)]


def numbered(document: Document) -> Iterator[tuple[str, Section]]:
    for section in sections(document.blocks):
        if number := re.match(r"([0-9.]+) ", plain_text(section.title)):
            yield number[1], section


# ---------------------------------------------------------------- numbers, contents, references


def test_sections_are_numbered_in_order_on_two_levels(trelawnyd: Document) -> None:
    numbers = [tuple(map(int, number.split("."))) for number, _ in numbered(trelawnyd)]
    assert numbers[:3] == [(1,), (1, 1), (1, 2)]
    for before, after in pairwise(numbers):
        follows = {(*before, 1), (*before[:-1], before[-1] + 1)} | {(before[0] + 1,)}
        assert after in follows


def test_numbers_of_clauses_begin_again_in_each_section_and_run_on_inside_it(trelawnyd: Document) -> None:
    longest = 0
    for _, section in numbered(trelawnyd):
        lists = [block for block in section.blocks if isinstance(block, NumberedList)]
        if lists:
            assert lists[0].start == 1
        for before, after in pairwise(lists):
            assert after.start == before.start + len(before.items)
        longest = max(longest, len(lists))
    assert longest > 2


def test_the_contents_list_every_numbered_section_and_every_appendix(trelawnyd: Document) -> None:
    (contents,) = found(trelawnyd, Contents)
    assert isinstance(contents, Contents)
    titles = [plain_text(section.title) for _, section in numbered(trelawnyd)]
    titles += [plain_text(s.title) for s in sections(trelawnyd.blocks) if s.appendix]
    assert [plain_text(entry.inlines) for _, entry in contents.entries] == titles
    ids = {section.id for section in sections(trelawnyd.blocks)}
    assert {entry.section for _, entry in contents.entries} <= ids


def references(document: Document) -> dict[str, str]:
    paragraphs = [block for block in found(document, Paragraph) if isinstance(block, Paragraph)]
    return {
        inline.section: plain_text(inline.inlines)
        for paragraph in paragraphs
        for inline in paragraph.inlines
        if isinstance(inline, Reference)
    }


def test_a_reference_names_the_number_of_its_section(trelawnyd: Document) -> None:
    by_id = {section.id: number for number, section in numbered(trelawnyd)}
    assert references(trelawnyd)["incidents"] == f"section {by_id['incidents']}"
    assert len(references(trelawnyd)) == 4


def test_a_reference_follows_its_section_and_gives_way_where_it_is_gone(library: Library) -> None:
    profile = sample("trelawnyd")
    listed = (SectionChoice("conduct"), SectionChoice("incidents"))
    documents = tuple(replace(c, sections=listed) if c.id == POLICY else c for c in profile.documents)
    document = policy_of(library, replace(profile, documents=documents))
    assert references(document) == {"incidents": "section 2"}
    text = " ".join(words for _, words in lines(document))
    assert "How far each use may go stands in this policy" in text


def test_a_reference_to_no_section_is_found() -> None:
    files = {
        path.name: SourceText(f"templates/{path.name}", path.read_text(encoding="utf-8"))
        for path in (ROOT / "templates").glob("*.j2")
    }
    name = f"{POLICY}.md.j2"
    files[name] = SourceText(
        f"templates/{name}", files[name].text.replace('see_section("uses")', 'see_section("use")')
    )
    clauses = {
        path.name: SourceText(f"clauses/{path.name}", path.read_text(encoding="utf-8"))
        for path in (ROOT / "clauses").glob("*.yaml")
    }
    _, faults = compile_library(clauses, files)
    assert [(f.code, f.message) for f in faults if POLICY in f.span.path] == [
        ("AUP504", "there is no section `use` to refer to")
    ]


# ---------------------------------------------------------------- tables


def roles(document: Document) -> dict[str, list[str]]:
    table = next(
        t for t in found(document, ListTable) if isinstance(t, ListTable) and t.purpose == "roles-table"
    )
    assert isinstance(table, ListTable)
    return {plain_text(name): [plain_text(i.inlines) for i in cells[0]] for name, cells in table.rows}


def test_every_role_has_its_duties_and_its_own_title(trelawnyd: Document) -> None:
    table = roles(trelawnyd)
    assert list(table)[:2] == ["The Governing Body", "The Head Teacher"]
    assert "Mrs Bevan (Digital leader)" in table
    assert {"Teachers", "All staff", "Pupils", "Parents and carers"} <= set(table)
    assert min(map(len, table.values())) >= 2


def test_somebody_with_two_posts_has_one_row(oakfield: Document) -> None:
    names = list(roles(oakfield))
    assert len(names) == len(set(names))
    assert "lead on online safety from day to day" in roles(oakfield)["The Principal"]


def test_pupils_are_called_what_the_school_calls_them(oakfield: Document) -> None:
    own = [words for kind, words in lines(oakfield) if kind == "paragraph" and words.endswith(" must:")]
    assert "Students must:" in own
    assert not [words for words in own if "upils" in words]


def test_a_clause_switched_off_leaves_its_table(library: Library) -> None:
    profile = sample("trelawnyd")
    choice = replace(next(iter(profile.clause_choices.values())), use=False, text=None)
    document = policy_of(
        library, replace(profile, clause_choices={**profile.clause_choices, "dsl-filtering": choice})
    )
    assert not [d for duties in roles(document).values() for d in duties if d.startswith("oversee filtering")]


def test_the_school_decides_how_far_a_use_may_go(library: Library) -> None:
    def rating(profile: Profile) -> str:
        table = next(
            t
            for t in found(policy_of(library, profile), Table)
            if isinstance(t, Table) and t.purpose == "ratings"
        )
        assert isinstance(table, Table)
        row = next(row for row in table.rows if plain_text(row[0]).startswith("Playing online games"))
        return plain_text(row[2])

    assert rating(sample("trelawnyd")) == "Not acceptable"
    assert rating(sample("oakfield")) == "At certain times"


# ---------------------------------------------------------------- nations and phases


def test_no_school_of_one_nation_is_told_the_rules_of_another(
    trelawnyd: Document, oakfield: Document
) -> None:
    welsh, english = (" ".join(words for _, words in lines(d)) for d in (trelawnyd, oakfield))
    assert "Natural Resources Wales" in welsh
    assert "Natural Resources Wales" not in english
    assert "Environment Agency" not in welsh
    assert "Keeping children safe in education" not in welsh
    assert "Welsh and in English" in welsh
    assert "Welsh" not in english
    for document in (trelawnyd, oakfield):
        assert "designated safeguarding" in " ".join(words for _, words in lines(document))


def test_families_sign_for_the_youngest_where_there_are_any(trelawnyd: Document, oakfield: Document) -> None:
    assert "in the Foundation Phase" in " ".join(words for _, words in lines(trelawnyd))
    assert "sign for those in" not in " ".join(words for _, words in lines(oakfield))


# ---------------------------------------------------------------- the diagram


def test_the_diagram_names_the_contacts_and_no_worry_reaches_the_person_it_is_about(
    trelawnyd: Document,
) -> None:
    (path,) = found(trelawnyd, Path)
    assert isinstance(path, Path)
    branches = {plain_text(what): plain_text(then) for what, then in path.branches}
    assert branches["It is about the Head Teacher"] == "Tell the Chair of the Governing Body"
    assert branches["It is about an account, a device or an attack"] == "Tell the IT support"


@pytest.mark.parametrize(("width", "size"), [(420, 13), (480, 10), (200, 14)])
def test_boxes_of_the_diagram_stand_apart_and_inside_it(
    trelawnyd: Document, width: float, size: float
) -> None:
    (path,) = found(trelawnyd, Path)
    assert isinstance(path, Path)
    drawn = diagram(path, width, size)
    assert len(drawn.boxes) == 1 + 2 * len(path.branches) + len(path.end)
    for box in drawn.boxes:
        assert box.left >= 0
        assert box.left + box.width <= width + 0.01
        assert box.top + box.height <= drawn.height + 0.01
    for one, other in pairwise(drawn.boxes):
        beside = one.left + one.width <= other.left or other.left + other.width <= one.left
        assert beside or one.top + one.height < other.top


def test_the_diagram_is_a_list_on_the_page_and_says_its_words_as_a_picture_in_word(
    library: Library, shell: Shell, trelawnyd: Document
) -> None:
    spoken = "Something goes wrong online, or somebody is worried"
    page = write_html(trelawnyd, library.page)
    (listed,) = re.findall(r'<div class="path">.*?<ul>(.*?)</ul>', page, re.S)
    steps = re.findall(r'<li class="([^"]*)">(.*?)</li>', listed)
    assert [css.split()[0] for css, _ in steps] == [
        "end",
        *["question", "answer"] * ((len(steps) - 3) // 2),
        "end",
        "end",
    ]
    assert steps[0][1].startswith(spoken)
    about = next(n for n, (_, words) in enumerate(steps) if words == "It is about the Head Teacher")
    assert steps[about + 1] == ("answer", "Tell the Chair of the Governing Body")
    with zipfile.ZipFile(io.BytesIO(write_docx(trelawnyd, shell))) as package:
        body = package.read("word/document.xml").decode()
    assert re.search(rf'<wp:docPr [^>]*descr="{spoken}[^"]*Tell the Chair of the Governing Body', body)
    (description,) = re.findall(r'<wp:docPr [^>]*descr="([^"]*)"', body)
    assert ".." not in description


# ---------------------------------------------------------------- the files


def test_every_link_inside_the_page_leads_somewhere(library: Library, trelawnyd: Document) -> None:
    page = write_html(trelawnyd, library.page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert len(targets) > 30
    assert targets <= set(ids)


def test_every_link_inside_the_markdown_leads_to_a_heading(trelawnyd: Document) -> None:
    text = write_markdown(trelawnyd)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    targets = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert len(targets) > 30
    assert targets <= anchors
    assert "\0" not in text


@pytest.fixture(scope="module")
def word(shell: Shell, trelawnyd: Document) -> bytes:
    return write_docx(trelawnyd, shell)


def body_of(word: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        return etree.fromstring(package.read("word/document.xml"))


def test_the_contents_of_the_word_file_are_a_field_with_links_to_bookmarks(word: bytes) -> None:
    body = body_of(word)
    field = "".join(node.text or "" for node in body.iter(f"{W}instrText"))
    assert field.split() == [
        "TOC",
        r"\h",
        r"\z",
        r"\t",
        '"Listed',
        "Heading",
        "2,1,Listed",
        "Heading",
        '3,2"',
    ]
    kinds = [node.get(f"{W}fldCharType") for node in body.iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"]
    names = [node.get(f"{W}name") for node in body.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    links = {node.get(f"{W}anchor") for node in body.iter(f"{W}hyperlink")} - {None}
    assert links <= set(names)
    starts = [node.get(f"{W}id") for node in body.iter(f"{W}bookmarkStart")]
    ends = [node.get(f"{W}id") for node in body.iter(f"{W}bookmarkEnd")]
    assert starts == ends
    assert len(starts) == len(set(starts))


def test_headings_of_the_policy_stand_in_the_navigation_pane(word: bytes, trelawnyd: Document) -> None:
    document = docx.Document(io.BytesIO(word))
    shown = [p.text for p in document.paragraphs if re.search(r"Heading [2-6]$", str(p.style.name))]  # type: ignore[union-attr]
    headings = [words for kind, words in lines(trelawnyd) if re.fullmatch("h[2-6]", kind)]
    assert shown == headings
    for name in ("Listed Heading 2", "Listed Heading 3"):
        assert str(document.styles[name].base_style.name).startswith("Heading")


def test_no_row_of_a_table_is_split_over_pages(word: bytes) -> None:
    rows = list(body_of(word).iter(f"{W}tr"))
    assert len(rows) > 60
    assert not [row for row in rows if row.find(f"{W}trPr/{W}cantSplit") is None]


def test_a_signature_stays_with_what_is_signed(word: bytes) -> None:
    """The heading, and the sentence above the gaps, keep to the next line."""
    body = body_of(word)[0]
    for position, node in enumerate(body):
        style = node.find(f"{W}tblPr/{W}tblStyle")
        if style is None or style.get(f"{W}val") != "FieldTable":
            continue
        above = body[position - 1]
        assert above.find(f"{W}pPr/{W}keepNext") is not None


# ---------------------------------------------------------------- years


@pytest.mark.parametrize("slug", ["trelawnyd", "oakfield"])
def test_last_year_is_built_from_the_same_profile(slug: str, library: Library) -> None:
    this, last = (policy_of(library, sample(slug, PolicyYear.parse(year))) for year in ("2026-27", "2025-26"))
    assert (this.meta.policy_year, last.meta.policy_year) == ("2026-27", "2025-26")
    assert [*lines(this)] != [*lines(last)]


def test_no_other_nation_lacks_a_policy(library: Library) -> None:
    """Scotland and Northern Ireland have words of their own, and no sample yet."""
    for nation in (Nation.SCOTLAND, Nation.NORTHERN_IRELAND):
        document = policy_of(library, replace(sample("trelawnyd"), nation=nation))
        clauses = {mark.id for s in sections(document.blocks) for mark, _ in own_clauses(s)}
        assert len(clauses) > 250
