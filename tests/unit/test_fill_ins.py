"""Gaps in Word: one node for each thing that is asked, a list for each choice, a placeholder that says what is missing."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from docx_integrity import check
from lxml import etree
from openxml_audit import OpenXmlValidator

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Document, FillIn
from aupgen.document.walk import fill_ins
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.writers.docx import write_docx
from aupgen.writers.shell import Shell
from tests.conftest import ReadProfile, sample

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def southend() -> Profile:
    return sample("southend")


@pytest.fixture(scope="module")
def exemplar(library: Library, southend: Profile) -> dict[str, Document]:
    return {document.meta.id: document for document in bind_profile(library, southend)[0].documents}


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def bound_controls(files: dict[str, bytes]) -> list[etree._Element]:
    """Every control of the body, headers and footers that is bound to the part of fill-ins."""
    pages = [data for name, data in files.items() if re.match(r"word/(document|header|footer)", name)]
    return [
        sdt
        for page in pages
        for sdt in etree.fromstring(page).iter(f"{W}sdtPr")
        if sdt.find(f"{W}dataBinding") is not None
    ]


def nodes(files: dict[str, bytes], control: etree._Element) -> list[etree._Element]:
    """What a control's path leads to in the part that it names."""
    binding = control.find(f"{W}dataBinding")
    assert binding is not None
    store = binding.get(f"{W}storeItemID")
    assert store is not None
    assert f'ds:itemID="{store}"'.encode() in files["customXml/itemProps1.xml"]
    prefix, uri = re.fullmatch(r"xmlns:(\w+)='([^']+)'", binding.get(f"{W}prefixMappings", "")).groups()  # type: ignore[union-attr]
    found = (
        etree.fromstring(files["customXml/item1.xml"])
        .getroottree()
        .xpath(binding.get(f"{W}xpath", ""), namespaces={prefix: uri})
    )
    assert isinstance(found, list)
    return found


def test_every_gap_is_bound_to_one_node_and_equal_gaps_to_the_same(
    exemplar: dict[str, Document], shell: Shell
) -> None:
    for id_, document in exemplar.items():
        files = parts(write_docx(document, shell))
        controls = bound_controls(files)
        in_body = [gap.source for gap in fill_ins(document)]
        assert len(controls) == len(in_body) + 1, id_  # and the school's name in the header
        by_source: dict[str, set[str]] = {}
        for control in controls:
            (node,) = nodes(files, control)
            by_source.setdefault(str(control.find(f"{W}tag").get(f"{W}val")), set()).add(node.tag)
            assert node.text is None
        assert set(by_source) == set(in_body)
        assert all(len(tags) == 1 for tags in by_source.values())
        assert len({tag for tags in by_source.values() for tag in tags}) == len(by_source)
        ids = [control.find(f"{W}id").get(f"{W}val") for control in controls]
        assert len(set(ids)) == len(ids)


def test_the_name_of_the_school_is_asked_once_and_stands_in_the_header_too(
    exemplar: dict[str, Document], shell: Shell
) -> None:
    files = parts(write_docx(exemplar["community-wifi"], shell))
    names = [c for c in bound_controls(files) if c.find(f"{W}tag").get(f"{W}val") == "name"]
    assert len(names) >= 3
    assert b'w:val="name"' in files["word/header1.xml"]
    assert files["customXml/item1.xml"].count(b"<name/>") == 1


def test_an_empty_gap_shows_its_label_from_the_glossary(exemplar: dict[str, Document], shell: Shell) -> None:
    files = parts(write_docx(exemplar["staff-policy"], shell))
    glossary = etree.fromstring(files["word/glossary/document.xml"])
    entries = {
        str(part.find(f"{W}docPartPr/{W}name").get(f"{W}val")): "".join(
            part.find(f"{W}docPartBody").itertext()
        )
        for part in glossary.iter(f"{W}docPart")
    }
    for control in bound_controls(files):
        shown = "".join(control.getparent().find(f"{W}sdtContent").itertext())
        assert control.find(f"{W}showingPlcHdr") is not None
        assert entries[control.find(f"{W}placeholder/{W}docPart").get(f"{W}val")] == shown
        assert shown.startswith("[[")


def test_a_choice_is_a_list_with_the_words_of_every_answer(
    exemplar: dict[str, Document], shell: Shell, library: Library
) -> None:
    files = parts(write_docx(exemplar["pupil-agreement-ks2"], shell))
    (choice,) = [c for c in bound_controls(files) if c.find(f"{W}dropDownList") is not None]
    items = choice.findall(f"{W}dropDownList/{W}listItem")
    assert [item.get(f"{W}value") for item in items] == list(library.parameters["pupil_phone_rule"].choices)
    assert items[-1].get(f"{W}displayText") == "I will leave my phone at home."
    assert len({item.get(f"{W}displayText") for item in items}) == len(items)


def test_a_choice_has_the_same_values_wherever_it_stands_and_the_words_of_each_place(
    exemplar: dict[str, Document],
) -> None:
    seen: dict[str, list[FillIn]] = {}
    for document in exemplar.values():
        for gap in fill_ins(document):
            if gap.answers:
                seen.setdefault(gap.source, []).append(gap)
    assert {"phone_rule", "pupil_phone_rule", "signing", "consent_lasts", "loan_charge"} <= set(seen)
    for gaps in seen.values():
        assert len({tuple(value for value, _ in gap.answers) for gap in gaps}) == 1


def test_choices_that_are_made_are_not_asked(exemplar: dict[str, Document], southend: Profile) -> None:
    assert "password_rule" in southend.parameters
    asked = {gap.source for document in exemplar.values() for gap in fill_ins(document)}
    assert not {"password_rule", "details_kept_from"} & asked


def test_a_school_takes_the_default_of_a_choice_and_its_draft_too(library: Library, valley: Profile) -> None:
    for draft in (False, True):
        bound, _ = bind_profile(library, valley, draft=draft)
        assert not [gap for document in bound.documents for gap in fill_ins(document) if gap.answers]


def test_a_file_without_gaps_has_none_of_their_parts(library: Library, valley: Profile, shell: Shell) -> None:
    bound, _ = bind_profile(library, valley)
    for document in bound.documents:
        assert not [
            name for name in parts(write_docx(document, shell)) if "glossary" in name or "customXml" in name
        ]


def test_what_a_post_is_called_cannot_break_the_parts(
    profile_of: ReadProfile, library: Library, shell: Shell, tmp_path: Path
) -> None:
    text = (
        'kind: exemplar\nname: "A & B <Council>"\nnation: england\nphase: primary\npolicy_year: 2026-27\n'
        "edition: {number: 1, date: 2026-09-01}\napprover: governing board\nother_roles: headteacher\n"
        'contacts:\n  headteacher: {title: "Head & <Teacher> ]]> \'\\"", show: name}\n'
        "documents: {staff-policy: {}}\n"
    )
    bound, _ = bind_profile(library, profile_of(text, "council"))
    path = tmp_path / "x.docx"
    path.write_bytes(write_docx(bound.documents[0], shell))
    files = parts(path.read_bytes())
    assert all(len(nodes(files, control)) == 1 for control in bound_controls(files))
    assert [str(error) for error in OpenXmlValidator().validate(str(path)).errors] == []
    assert [str(finding) for finding in check(path)] == []


def test_two_checkers_find_nothing_in_an_exemplar(
    exemplar: dict[str, Document], shell: Shell, tmp_path: Path
) -> None:
    for id_, document in exemplar.items():
        path = tmp_path / f"{id_}.docx"
        path.write_bytes(write_docx(document, shell))
        assert [str(error) for error in OpenXmlValidator().validate(str(path)).errors] == [], id_
        assert [str(finding) for finding in check(path)] == [], id_
