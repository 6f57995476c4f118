"""Word, web page and Markdown say the same: each is read back by a program that is not ours and held against
the document tree, line by line. Drawn lines and running headers are left aside."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import docx
import pytest
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.build import FORMATS, render
from aupgen.document.tree import Document, Drawing, Section, Table, Text, Value
from aupgen.document.walk import BOX, lines
from aupgen.files import Workspace, read_library
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile
from aupgen.source.diagnostics import render_text
from aupgen.source.span import SourceText
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.shell import Shell
from tests.conftest import VALLEY, sample
from tests.e2e.hostile import ALL_HOSTILE
from tests.one_layer import read_profile

ROOT = Path(__file__).resolve().parents[2]

Lines: TypeAlias = list[tuple[str, str]]
"""Every line of words with what it is, named as `aupgen.document.walk.lines` names it."""

# ------------------------------------------------------------------ reading back: Markdown

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_DRAWN_LINE = re.compile(r": _{20,}$")
_CUT = re.compile(r"✂ (?:- )*(.*?)(?: -)*")


def markdown_lines(tokens: Iterable[Token]) -> Lines:
    """The lines of a Markdown file as a CommonMark reader with tables sees them."""
    out: Lines = []
    kinds: list[str] = []
    for token in tokens:
        match token.type:
            case "heading_open":
                kinds.append("title" if token.tag == "h1" and not out else token.tag)
            case "list_item_open":
                kinds.append("item")
            case "paragraph_open":
                kinds.append("first" if kinds[-1:] == ["item"] else "paragraph")
            case "th_open":
                kinds.append("header")
            case "td_open":
                kinds.append("cell")
            case "paragraph_close":
                if kinds.pop() == "first":
                    kinds[-1] = "item, begun"  # what follows in this item is no longer its first line
            case "heading_close" | "list_item_close" | "th_close" | "td_close":
                kinds.pop()
            case "inline" if kinds[-1] == "cell" and _is_frame(token):
                out[-1] = ("drawing", out[-1][1])  # the only header stands above an empty frame
            case "inline":
                words = _inline_words(token)
                if kinds[-1] == "cell" and words.startswith("• "):  # Markdown has no lists in cells
                    out += [("cell", item) for item in words.removeprefix("• ").split(" • ")]
                else:
                    out.append(_markdown_line(kinds[-1], words))
            case "fence" | "code_block" | "html_block" | "hr":
                out.append((token.type, token.content))
    return out


def _is_frame(token: Token) -> bool:
    """Whether a cell holds nothing but the line breaks that make it high."""
    return token.content.replace("<br>", "") == "" and token.content.count("<br>") > 3


def _markdown_line(kind: str, words: str) -> tuple[str, str]:
    if kind == "paragraph" and (line := _DRAWN_LINE.search(words)):
        return "field", words[: line.start()]
    if kind == "paragraph" and (cut := _CUT.fullmatch(words)):
        return "paragraph", cut[1]
    return "item" if kind == "first" else kind, words


def _inline_words(token: Token) -> str:
    parts = []
    for child in token.children or []:
        match child.type:
            case "text" | "text_special":
                parts.append(child.content)
            case "hardbreak":
                parts.append(" ")
            case "html_inline" if child.content == "<br>":
                parts.append(" ")
            case "strong_open" | "strong_close" | "em_open" | "em_close" | "link_open" | "link_close":
                pass
            case _:
                parts.append(f"⟨{child.type} {child.content}⟩")
    return "".join(parts)


# ------------------------------------------------------------------ reading back: HTML


class PageReader(HTMLParser):
    """Reads the lines of `<main>`; everything else on the page is a running header or footer."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: Lines = []
        self.inside = False
        self.fields = False
        self.cell_lists = False
        self.open: list[str] = []  # kinds of the lines being read; "" for one that is left aside
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "main":
            self.inside = True
        elif not self.inside:
            return
        elif tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._begin("title" if tag == "h1" and not self.lines else tag)
        elif tag == "p":
            self._flush_item()
            self._begin("" if named.get("class") == "draft" else "paragraph")
        elif self.cell_lists and tag in ("ul", "li") and self.open:
            self.words = []
            if tag == "li":
                self.open[-1] = "cell of items"
        elif tag == "li":
            self._begin("item")
        elif tag in ("ul", "ol", "table", "section", "div"):
            self._flush_item()
            self.fields = tag == "table" and named.get("class") == "fields"
            self.cell_lists = tag == "table" and "lists" in (named.get("class") or "").split()
        elif tag == "th":
            in_row = named.get("scope") == "row"
            self._begin("field" if self.fields else "cell" if in_row else "header")
        elif tag == "td":
            self._begin("" if self.fields else "cell")
        elif tag == "figcaption":
            self._begin("drawing")
        elif tag == "br":
            self.words.append(" ")
        elif tag == "input" and named.get("type") == "radio":
            self.words.append(BOX)
        elif tag not in ("nav", "figure", "thead", "tbody", "tr", "strong", "em", "a", "bdi", "span"):
            self.words.append(f"⟨{tag}⟩")

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.inside = False
        elif self.inside and tag in (
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "p",
            "th",
            "td",
            "figcaption",
        ):
            self._end()
        elif self.inside and tag == "table":
            self.cell_lists = False
        elif self.cell_lists:
            if tag == "li":
                self.lines.append(("cell", "".join(self.words)))
        elif self.inside and tag == "li":
            self._flush_item()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.words.append(f"⟨comment {data}⟩")

    def _begin(self, kind: str) -> None:
        self.open.append(kind)
        self.words = []

    def _end(self) -> None:
        kind = self.open.pop()
        if kind and kind != "cell of items":
            self.lines.append((kind, "".join(self.words)))
        self.words = []

    def _flush_item(self) -> None:
        """A list item's own words end where its first inner block starts."""
        if self.open[-1:] == ["item"]:
            self.lines.append(("item", "".join(self.words).rstrip("\n")))
            self.open[-1] = "item, begun"
            self.words = []


def html_lines(page: str) -> Lines:
    """The lines of a web page as Python's own HTML parser sees them."""
    reader = PageReader()
    reader.feed(page)
    reader.close()
    return reader.lines


# ------------------------------------------------------------------ reading back: Word

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def docx_lines(data: bytes) -> Lines:
    """The lines of a Word file as python-docx sees them: paragraphs and tables in body order."""
    out: Lines = []
    document = docx.Document(io.BytesIO(data))
    styles = {style.style_id: str(style.name) for style in document.styles}
    for block in document.iter_inner_content():
        if isinstance(block, WordParagraph):
            if boxes := list(block._p.iter(f"{_W}txbxContent")):
                out += [("item", _run_words(box)) for box in boxes]
                continue
            words = _run_words(block).split("\t")[0]  # in the contents a page number follows
            if cut := _CUT.fullmatch(words):
                words = cut[1]
            if words:  # Word wants an empty paragraph after a table at the end, and between two tables
                out.append((_kind_of_style(styles.get(block._p.style or "", ""), first=not out), words))
        else:
            out.extend(_table_lines(block, styles.get(block._tbl.tblStyle_val or "", "")))
    return out


def _kind_of_style(name: str, *, first: bool) -> str:
    name = name.removeprefix("Large ").removeprefix("Listed ")
    if name.startswith("Heading "):
        return "title" if first else f"h{name.removeprefix('Heading ')}"
    return "item" if name in ("List Bullet", "List Number", "toc 1", "toc 2") else "paragraph"


def _table_lines(table: WordTable, style: str) -> Lines:
    out: Lines = []
    for position, row in enumerate(table.rows):
        # only a list makes several paragraphs of a cell
        cells = [_run_words(paragraph) for cell in row.cells for paragraph in cell.paragraphs]
        if style == "Field Table":
            labels = cells[::3]  # in a slip two to a row, each with its gap, and a distance between them
            gaps = [cell for n, cell in enumerate(cells) if n % 3]
            assert gaps == [""] * len(gaps), "the gap to write on must be empty"
            out += [("field", label) for label in labels if label]
        elif style == "Drawing Frame":
            out.append(("drawing", cells[0]))
        else:
            out += [("header" if position == 0 else "cell", words) for words in cells]
    return out


def _run_words(paragraph: Any) -> str:
    """The words of a paragraph, those in links and content controls too."""
    signs = {f"{_W}br": " ", f"{_W}cr": " ", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}
    return "".join(
        (node.text or "") if node.tag == f"{_W}t" else signs.get(node.tag, "")
        for node in getattr(paragraph, "_p", paragraph).iter()
    )


def read_lines(format_: str, data: bytes) -> Lines:
    """The lines of a built file."""
    match format_:
        case "md":
            return markdown_lines(MARKDOWN.parse(data.decode("utf-8")))
        case "html":
            return html_lines(data.decode("utf-8"))
        case "docx":
            return docx_lines(data)
    raise AssertionError(f"no reader for {format_}")


# ------------------------------------------------------------------ Valley


@dataclass(frozen=True)
class Kit:
    """A compiled library with its Word shell: made once, since nothing a school writes changes it."""

    library: Library
    shell: Shell


@cache
def kit() -> Kit:
    """The library of this repository, compiled once."""
    files, found = read_library(Workspace(ROOT))
    library, faults = compile_library(files.clauses, files.templates)
    assert library is not None, render_text([*found, *faults], {})
    return Kit(library, prepare_shell(files.reference))


def profile_from(text: str, slug: str = "valley") -> Profile:
    """The profile in a YAML text, which must be without findings."""
    source = SourceText(f"schools/{slug}.yaml", text)
    profile, found = read_profile(source, slug, kit().library)
    assert profile is not None, render_text(found, {source.path: source})
    return profile


def documents_of(profile: Profile, *, draft: bool = False) -> dict[str, Document]:
    """A profile's documents by id."""
    bound, found = bind_profile(kit().library, profile, draft=draft)
    assert not found, render_text(found, {})
    return {document.meta.id: document for document in bound.documents}


@cache
def valley() -> dict[str, Document]:
    return documents_of(profile_from(VALLEY.read_text(encoding="utf-8")))


@cache
def valley_with_gaps() -> dict[str, Document]:
    """A draft of Valley that has said neither its phone-free hours nor who holds most roles."""
    profile = profile_from(VALLEY.read_text(encoding="utf-8"))
    left = {name: value for name, value in profile.parameters.items() if name != "phone_free_hours"}
    contacts = {"headteacher": profile.contacts["headteacher"]}
    return documents_of(replace(profile, parameters=left, contacts=contacts, other_roles=""), draft=True)


def _without_draft_line(found: Lines, document: Document) -> Lines:
    """Markdown has no running header: it says that a draft is one in a paragraph under the title."""
    draft = ("paragraph", document.meta.draft)
    assert not document.meta.draft or found[1] == draft
    return found[:1] + found[2:] if document.meta.draft else found


DOCUMENTS = ("staff-policy", "staff-agreement")
SAMPLES = sorted(
    path.stem
    for path in (ROOT / "schools").glob("*.yaml")
    if not re.search("^kind: (authority|trust)$", path.read_text(encoding="utf-8"), re.M)
)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_line_of_the_tree_is_read_back_from_every_format(document: str, format_: str) -> None:
    tree = valley()[document]
    assert read_lines(format_, render(tree, format_, kit().library, kit().shell)) == list(lines(tree))


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("slug", SAMPLES)
def test_every_sample_reads_the_same_in_every_format(slug: str, format_: str) -> None:
    trees = documents_of(sample(slug))
    for document, tree in trees.items():
        found = read_lines(format_, render(tree, format_, kit().library, kit().shell))
        assert found == list(lines(tree)), document


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_draft_with_fill_ins_reads_the_same_in_every_format(document: str, format_: str) -> None:
    tree = valley_with_gaps()[document]
    expected = list(lines(tree))
    assert any("[[" in words for _, words in expected), "this draft should show fill-ins"
    found = read_lines(format_, render(tree, format_, kit().library, kit().shell))
    assert (_without_draft_line(found, tree) if format_ == "md" else found) == expected


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_line_of_a_document_is_blank(document: str) -> None:
    assert [kind for kind, words in lines(valley()[document]) if not words.strip()] == []


def test_valley_shows_every_kind_of_line_this_module_compares() -> None:
    kinds = {kind for tree in valley().values() for kind, _ in lines(tree)}
    assert kinds >= {"title", "h2", "h3", "paragraph", "item", "header", "cell", "field"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_headings_never_skip_a_level(document: str) -> None:
    levels = [
        1 if kind == "title" else int(kind[1:])
        for kind, _ in lines(valley()[document])
        if kind == "title" or re.fullmatch(r"h[1-6]", kind)
    ]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", sorted(ALL_HOSTILE))
def test_a_frame_to_draw_in_shows_any_text_above_it(name: str, format_: str) -> None:
    """Beside an ordinary table, large and not, in a section and outside one."""
    text = ALL_HOSTILE[name]
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    frame = Drawing((Value(words, "name"), Text(" and me")))
    table = Table(((Text("Head"),),), (((Text("cell"),),),))
    section = Section("s", 2, (Text("Mine"),), (frame, table, frame))
    for is_large in (False, True):
        meta = replace(valley()["staff-policy"].meta, is_large=is_large)
        tree = Document(meta, (Text("Title"),), (frame, section))
        found = read_lines(format_, render(tree, format_, kit().library, kit().shell))
        assert found == list(lines(tree))
        assert [kind for kind, _ in found].count("drawing") == 3


def test_the_three_formats_name_school_and_title_in_their_properties() -> None:
    tree = valley()["staff-policy"]
    page = render(tree, "html", kit().library, kit().shell).decode("utf-8")
    properties = docx.Document(io.BytesIO(render(tree, "docx", kit().library, kit().shell))).core_properties
    assert f"<title>{tree.meta.title} – {tree.meta.school}</title>" in page
    assert (properties.title, properties.author) == (tree.meta.title, tree.meta.school)
