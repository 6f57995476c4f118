"""The Word file: valid by two independent checkers, free of what must not be in it, made from a school's own look."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import docx
import docx.shared
import pytest
from docx_integrity import check
from msgspec.structs import replace
from openxml_audit import OpenXmlValidator

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import (
    BulletList,
    Choices,
    Document,
    Drawing,
    Emphasis,
    Fields,
    FillIn,
    LineBreak,
    Link,
    ListItem,
    NumberedList,
    Paragraph,
    Section,
    Slip,
    Strong,
    Table,
    Text,
    Value,
)
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.writers.docx import write_docx
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.shell import Shell, ShellError
from tests import make_reference
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def every_node(library: Library, valley: Profile) -> Document:
    """A document with every kind of node, some inside others."""
    meta = bind_profile(library, valley, draft=True)[0].documents[1].meta
    item = ListItem(
        (Text("outer"),), None, (BulletList((ListItem((Text("inner"),)),)), Paragraph((Text("more"),)))
    )
    blocks = (
        Paragraph(
            (
                Text("one "),
                Strong((Value("two", "x"),)),
                Emphasis((Text("three"),)),
                LineBreak(),
                FillIn("a label", "y"),
            )
        ),
        Paragraph(
            (Value("محمد", "contacts.dsl"), Link("https://example.org/?a=1&b=2", (Text("link"),))), "motto"
        ),
        Section(
            "s",
            2,
            (Text("A section"),),
            (NumberedList((item, item)), NumberedList((item,), 4), BulletList((item,))),
        ),
        Table(((Text("Head"),), (Text("Head"),)), (((Text("a"),), (LineBreak(),)),)),
        Slip(
            (Text("Cut here"),),
            2,
            (Text("Please return this"),),
            (
                Paragraph((Text("read"),)),
                BulletList((item,)),
                Choices(((Text("May we"),), (Text("Yes"),), (Text("No"),)), ((Text("use it"),),), "choices"),
                Table(((Text("Head"),),), (((Text("a"),),),)),
                Fields(((Text("Name"),), (Text("Class"),), (Text("Date"),))),
            ),
            (Text("edition 1"),),
        ),
        Choices(((Text("May we"),), (Text("Yes"),), (Text("No"),)), ((Text("use it"),),), "choices-2"),
        Drawing((Text("Draw here"), Value("محمد", "x"))),
        Section(
            "a",
            2,
            (Text("Appendix 1"),),
            (Paragraph((Text("sign"),)), Fields(((Text("Signature"),), (Text("Date"),)))),
            "",
            1,
        ),
    )
    return Document(meta, (Text("Title"),), blocks)


def findings(path: Path) -> list[str]:
    result = OpenXmlValidator().validate(str(path))
    return [str(error) for error in result.errors] + [str(finding) for finding in check(path)]


def test_two_checkers_find_nothing_in_any_document(
    tmp_path: Path, library: Library, shell: Shell, valley: Profile, every_node: Document
) -> None:
    bound, _ = bind_profile(library, valley)
    for number, document in enumerate((*bound.documents, every_node)):
        path = tmp_path / f"{number}.docx"
        path.write_bytes(write_docx(document, shell))
        assert findings(path) == []


def test_the_checkers_do_find_a_planted_fault(tmp_path: Path, shell: Shell, every_node: Document) -> None:
    data = write_docx(every_node, shell)
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(
                name,
                part.replace(b"<w:tblGrid>", b"<w:tblGird>").replace(b"</w:tblGrid>", b"</w:tblGird>")
                if name == "word/document.xml"
                else part,
            )
    path = tmp_path / "broken.docx"
    path.write_bytes(broken.getvalue())
    assert findings(path)


def test_nothing_in_the_package_can_act_or_call_out(shell: Shell, every_node: Document) -> None:
    with zipfile.ZipFile(io.BytesIO(write_docx(every_node, shell))) as package:
        names = package.namelist()
        text = "\n".join(package.read(name).decode() for name in names)
        external = re.findall(r'Target="([^"]*)" TargetMode="External"', text)
    assert names[0] == "[Content_Types].xml"
    assert external == ["https://example.org/?a=1&amp;b=2"]
    assert not re.search(
        r"(?i)vbaProject|activeX|oleObject|altChunk|attachedTemplate|<!DOCTYPE|thumbnail",
        "\n".join(names) + text,
    )
    assert set(re.findall(r"<w:instrText[^>]*> (\w+) ", text)) == {"PAGE", "NUMPAGES"}


def test_numbered_lists_start_anew_and_at_their_number(shell: Shell, every_node: Document) -> None:
    with zipfile.ZipFile(io.BytesIO(write_docx(every_node, shell))) as package:
        numbering = package.read("word/numbering.xml").decode()
        body = package.read("word/document.xml").decode()
    starts = re.findall(
        r'<w:num w:numId="(\d+)"><w:abstractNumId w:val="\d+"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="(\d+)"/>',
        numbering,
    )
    assert [start for _, start in starts] == ["1", "4"]
    assert all(f'<w:numId w:val="{number}"/>' in body for number, _ in starts)


def test_properties_say_what_the_document_is(library: Library, shell: Shell, valley: Profile) -> None:
    document = bind_profile(library, valley)[0].documents[1]
    properties = docx.Document(io.BytesIO(write_docx(document, shell))).core_properties
    assert properties.title == "Policy – Staff Use of ICT"
    assert properties.author == "The Valley School"
    assert properties.language == "en-GB"
    assert properties.subject == "2018-19, edition 1"
    assert properties.content_status == "Awaiting approval by the Full Governing Board"
    assert str(properties.created) == "2019-03-01 00:00:00+00:00"


def test_running_lines_name_school_edition_approval_and_page(
    library: Library, shell: Shell, valley: Profile
) -> None:
    document = bind_profile(library, valley, draft=True)[0].documents[0]
    section = docx.Document(io.BytesIO(write_docx(document, shell))).sections[0]
    assert (
        section.header.paragraphs[0].text
        == "The Valley School · Staff ICT user agreement\tDraft – not for signature"
    )
    assert [paragraph.text for paragraph in section.footer.paragraphs if paragraph.text] == [
        "Page 1 of 1",
        "2018-19, edition 1 · Awaiting approval by the Full Governing Board",
    ]


def test_the_shipped_reference_document_is_the_one_its_script_builds() -> None:
    with (
        zipfile.ZipFile(io.BytesIO(make_reference.build())) as built,
        zipfile.ZipFile(make_reference.REFERENCE) as shipped,
    ):
        assert {name: built.read(name) for name in built.namelist()} == {
            name: shipped.read(name) for name in shipped.namelist()
        }


def test_a_school_may_bring_its_own_reference_document(tmp_path: Path, every_node: Document) -> None:
    """A new header text, split over runs as Word does it, and other margins."""
    own = docx.Document(str(ROOT / "templates" / "reference.docx"))
    paragraph = own.sections[0].header.paragraphs[0]
    for run in paragraph.runs:
        run.text = ""
    paragraph.runs[0].text = "Our school: {{ sch"
    paragraph.add_run("ool }}")
    own.sections[0].left_margin = docx.shared.Cm(4)
    saved = tmp_path / "own.docx"
    own.save(str(saved))
    shell = prepare_shell(saved.read_bytes())
    assert shell.text_width < 9000
    header = docx.Document(io.BytesIO(write_docx(every_node, shell))).sections[0].header
    assert header.paragraphs[0].text == "Our school: The Valley School"


_NEWER_STYLES = (
    "Large Heading 1",
    "Large Heading 2",
    "Large Text",
    "Large List Bullet",
    "Large Field Label",
    "Drawing Frame",
)


@pytest.mark.parametrize("lacking", [_NEWER_STYLES, *((name,) for name in _NEWER_STYLES)])
def test_a_reference_document_made_before_large_type_still_serves(
    tmp_path: Path, every_node: Document, lacking: tuple[str, ...]
) -> None:
    """What it lacks is printed in its ordinary styles, and a frame in the borders of its tables."""
    own = docx.Document(str(ROOT / "templates" / "reference.docx"))
    for name in lacking:
        own.styles[name].delete()
    own.save(str(tmp_path / "own.docx"))
    shell = prepare_shell((tmp_path / "own.docx").read_bytes())
    large = replace(every_node, meta=replace(every_node.meta, is_large=True))
    path = tmp_path / "large.docx"
    path.write_bytes(write_docx(large, shell))
    assert findings(path) == []
    known = {style.style_id for style in docx.Document(str(path)).styles}
    with zipfile.ZipFile(path) as package:
        body = package.read("word/document.xml").decode()
    assert set(re.findall(r'<w:(?:pStyle|tblStyle|rStyle) w:val="([^"]+)"', body)) <= known


def test_large_type_takes_the_large_styles_and_ordinary_type_none(shell: Shell, every_node: Document) -> None:
    for is_large in (False, True):
        document = replace(every_node, meta=replace(every_node.meta, is_large=is_large))
        with zipfile.ZipFile(io.BytesIO(write_docx(document, shell))) as package:
            body = package.read("word/document.xml").decode()
        used = set(re.findall(r'w:val="(Large\w+)"', body))
        every = {"LargeHeading1", "LargeHeading2", "LargeText", "LargeListBullet", "LargeFieldLabel"}
        assert used == (every if is_large else set())


def test_a_reference_document_that_cannot_serve_says_why(tmp_path: Path) -> None:
    own = docx.Document(str(ROOT / "templates" / "reference.docx"))
    own.styles["Motto"].name = "Slogan"
    own.save(str(tmp_path / "a.docx"))
    with pytest.raises(ShellError, match="the style “Motto” is missing"):
        prepare_shell((tmp_path / "a.docx").read_bytes())
    own = docx.Document(str(ROOT / "templates" / "reference.docx"))
    own.sections[0].footer.paragraphs[-1].runs[0].text = "{{ headteacher }}"
    own.save(str(tmp_path / "b.docx"))
    with pytest.raises(ShellError, match=r"\{\{ headteacher \}\}"):
        prepare_shell((tmp_path / "b.docx").read_bytes())
    with pytest.raises(ShellError, match="not a Word document"):
        prepare_shell(b"not a zip at all")
