"""Fill-ins in; the content controls of a Word file out, with the parts that tie them together.

Every control is bound to a node of one custom XML part, a node for each thing that is asked, so that a name typed
once stands everywhere in the document. What may only be chosen is a drop-down list: its answers have the same
values everywhere, and each place words them in its own way, so that a choice made once words them all.

An empty node shows the placeholder of its control. Word takes that from the glossary document, and would show
blanks where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from aupgen.document.tree import FillIn
from aupgen.writers.html import escape
from aupgen.writers.package import Member, member
from aupgen.writers.shell import Shell

NAMESPACE = "urn:aupgen:fill-ins"
_STORE = "{8C1F6E52-5B0D-4D0A-9B7E-3A5E0C6F2D41}"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT = "application/vnd.openxmlformats-officedocument"
_RELATIONSHIPS = f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
_LONGEST_NAME = 64  # characters: Word refuses longer names and tags of controls


def control(fill_in: FillIn, style: str, id_: str, placeholder: str) -> str:
    """Return the content control of a fill-in. ``id_`` is its number, ``placeholder`` the number of what it shows."""
    answers = "".join(
        f'<w:listItem w:displayText="{escape(words)}" w:value="{escape(value)}"/>'
        for value, words in fill_in.answers
    )
    kind = f"<w:dropDownList>{answers}</w:dropDownList>" if answers else "<w:text/>"
    name = escape((fill_in.name or fill_in.label)[:_LONGEST_NAME])
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val="{name}"/><w:tag w:val="{escape(fill_in.source[:_LONGEST_NAME])}"/>'
        f'<w:id w:val="{id_}"/><w:placeholder><w:docPart w:val="FillIn{placeholder}"/></w:placeholder><w:showingPlcHdr/>'
        f"<w:dataBinding w:prefixMappings=\"xmlns:f='{NAMESPACE}'\" "
        f'w:xpath="/f:fill-ins[1]/f:{fill_in.source}[1]" w:storeItemID="{_STORE}"/>'
        f"{kind}</w:sdtPr><w:sdtContent>{_shown(fill_in.label, style)}</w:sdtContent></w:sdt>"
    )


def _shown(label: str, style: str) -> str:
    return f'<w:r><w:rPr><w:rStyle w:val="{style}"/></w:rPr><w:t xml:space="preserve">{escape(f"[[{label}]]")}</w:t></w:r>'


def parts(shown: Sequence[tuple[str, str]], shell: Shell) -> tuple[list[Member], str]:
    """The parts of a file with fill-ins, and the content types they add. ``shown`` are source and label of each
    placeholder in order: the n-th is ``FillIn<n>``."""
    nodes = "".join(f"<{source}/>" for source in dict.fromkeys(source for source, _ in shown))
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{type_}+xml"/>'
        for name, type_ in (
            ("customXml/itemProps1.xml", f"{_CONTENT}.customXmlProperties"),
            ("word/glossary/document.xml", f"{_CONTENT}.wordprocessingml.document.glossary"),
            ("word/glossary/styles.xml", f"{_CONTENT}.wordprocessingml.styles"),
        )
    )
    texts = {
        "customXml/item1.xml": f'{_XML}<fill-ins xmlns="{NAMESPACE}">{nodes}</fill-ins>',
        "customXml/itemProps1.xml": (
            f'{_XML}<ds:datastoreItem ds:itemID="{_STORE}" xmlns:ds="{_OFFICE}/customXml">'
            f'<ds:schemaRefs><ds:schemaRef ds:uri="{NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
        ),
        "customXml/_rels/item1.xml.rels": (
            f'{_RELATIONSHIPS}<Relationship Id="rId1" Type="{_OFFICE}/relationships/customXmlProps" '
            'Target="itemProps1.xml"/></Relationships>'
        ),
        "word/glossary/document.xml": _glossary(shown, shell.styles["fill-in"]),
        "word/glossary/_rels/document.xml.rels": (
            f'{_RELATIONSHIPS}<Relationship Id="rId1" Type="{_OFFICE}/relationships/styles" '
            'Target="styles.xml"/></Relationships>'
        ),
    }
    styles = next(part for part in shell.parts if part.name == "word/styles.xml")
    copied = Member("word/glossary/styles.xml", styles.size, styles.crc, styles.data, styles.stored)
    return [*(member(name, text.encode(), fast=True) for name, text in texts.items()), copied], types


def _glossary(shown: Sequence[tuple[str, str]], style: str) -> str:
    entries = "".join(
        f'<w:docPart><w:docPartPr><w:name w:val="FillIn{number}"/><w:category><w:name w:val="General"/>'
        '<w:gallery w:val="placeholder"/></w:category>'
        '<w:behaviors><w:behavior w:val="content"/></w:behaviors></w:docPartPr>'
        f"<w:docPartBody><w:p>{_shown(label, style)}</w:p></w:docPartBody></w:docPart>"
        for number, (_, label) in enumerate(shown, start=1)
    )
    return (
        f'{_XML}<w:glossaryDocument xmlns:w="{_WORD}"><w:docParts>{entries}</w:docParts></w:glossaryDocument>'
    )


def relationships() -> str:
    """What the main document's relationships gain."""
    return (
        f'<Relationship Id="rIdFillIns" Type="{_OFFICE}/relationships/customXml" Target="../customXml/item1.xml"/>'
        f'<Relationship Id="rIdGlossary" Type="{_OFFICE}/relationships/glossaryDocument" Target="glossary/document.xml"/>'
    )
