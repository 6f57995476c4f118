"""An approval record: one decision of a body on some documents of one edition, with the words it approved.

Values, their names on disk, their text as YAML and the digest that shows a change by hand. Reads and writes no file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from aupgen.document.tree import Document
from aupgen.document.walk import plain_text
from aupgen.document.words import lasting_lines
from aupgen.policy.profile import Edition
from aupgen.policy.year import EditionDate, PolicyYear

FORMAT = "1"
"""What the digest covers and the kept documents hold; a later form gets a number of its own."""


class Line(Struct, frozen=True):
    """A line of an approved document: what it is (title, h2, paragraph, item …), its words as printed, and the
    clause it is, its revision (1-based) and the layer that worded it; "", 0 and "" for what is no clause."""

    kind: str
    text: str
    clause: str = ""
    revision: int = 0
    layer: str = ""


class ApprovedDocument(Struct, frozen=True):
    """A document as it was approved: all lines but those that tell edition and approval.

    ``fingerprint`` is that of its words, ``without_contacts`` that of its words with nobody's name, email and
    telephone in them: a document whose words differ in nothing else stands under the same approval. ``approval``
    is the approval line that it prints.
    """

    id: str
    title: str
    approval: str
    fingerprint: str
    without_contacts: str
    lines: tuple[Line, ...]


class Record(Struct, frozen=True):
    """One decision. ``minute`` is "" until it is known. ``as_amended``: the body changed what had been circulated.

    ``layers`` are the slugs of the profiles behind the words, the school's own first; ``kept`` is the SHA-256 of the
    file with the finished documents that stands beside the record.
    """

    school: str
    policy_year: PolicyYear
    edition: Edition
    by: str
    on: EditionDate
    minute: str
    as_amended: bool
    layers: tuple[str, ...]
    made_with: str
    kept: str
    documents: tuple[ApprovedDocument, ...]

    def document(self, id_: str) -> ApprovedDocument | None:
        """The document of this id; None where the decision was not about it."""
        return next((document for document in self.documents if document.id == id_), None)


class KeptRecord(Struct, frozen=True):
    """A record with where it stands: the path that messages show, and the name for the manifest."""

    path: str
    name: str
    record: Record


def approved_document(
    document: Document, approval: str, fingerprint: str, without_contacts: str
) -> ApprovedDocument:
    """Return a finished document as a record keeps it."""
    lines = tuple(
        Line(kind, plain_text(inlines).strip(), mark.id, mark.revision, mark.layer)
        if mark
        else Line(kind, plain_text(inlines).strip())
        for kind, inlines, mark in lasting_lines(document)
    )
    return ApprovedDocument(
        document.meta.id, document.meta.title, approval, fingerprint, without_contacts, lines
    )


def latest(records: tuple[KeptRecord, ...], document: str) -> KeptRecord | None:
    """The record that holds for a document: of the highest edition, then of the latest day. None without one."""
    about = [kept for kept in records if kept.record.document(document)]
    return max(
        about,
        key=lambda kept: (kept.record.edition.number, kept.record.on.iso, kept.name),
        default=None,
    )


# ------------------------------------------------------------------ names on disk

_NAME = re.compile(r"(2[0-9]{3}-[0-9]{2})-edition-([1-9][0-9]{0,5})(?:\.([2-9]|[1-9][0-9]{1,2}))?\.yaml")
KEPT_SUFFIX = ".documents.json"


def record_name(year: PolicyYear, edition: int, count: int) -> str:
    """The file name of a decision; ``count`` is 1 for the first on this edition, 2 for the next …"""
    return f"{year}-edition-{edition}{f'.{count}' if count > 1 else ''}.yaml"


def named_year(name: str) -> str | None:
    """The policy year in the name of a record; None where this is not the name of one."""
    match = _NAME.fullmatch(name)
    return match[1] if match else None


def kept_name(name: str) -> str:
    """The name of the file of finished documents that belongs to a record."""
    return name.removesuffix(".yaml") + KEPT_SUFFIX


# ------------------------------------------------------------------ text and digest


def digest(record: Record) -> str:
    """SHA-256 over everything the record says: it does not hang on how the YAML is laid out."""
    return hashlib.sha256("\n".join(_said(record)).encode("utf-8", "surrogatepass")).hexdigest()


def _said(record: Record) -> Iterator[str]:
    edition = record.edition
    yield from (FORMAT, record.school, str(record.policy_year))
    yield from (str(edition.number), edition.date.iso, edition.reason)
    yield from (record.by, record.on.iso, record.minute, str(record.as_amended).lower())
    yield from ("\t".join(record.layers), record.made_with, record.kept)
    for document in record.documents:
        yield from (document.id, document.title, document.approval)
        yield from (document.fingerprint, document.without_contacts)
        for line in document.lines:
            yield "\t".join((line.kind, line.clause, str(line.revision), line.layer, line.text))


def record_text(record: Record) -> str:
    """The record as YAML that people can read: every text in quotes, a line of a document on a line of the file."""
    edition = record.edition
    reason = f", reason: {_quoted(edition.reason)}" if edition.reason else ""
    head = [
        "# An approval, as `aupgen approve` wrote it: who approved what, and the very words. Change nothing here by",
        "# hand: it would no longer be what was approved, and aupgen would say so. docs/approval.md tells the rest.",
        f"school: {_quoted(record.school)}",
        f"policy_year: {record.policy_year}",
        f"edition: {{number: {edition.number}, date: {edition.date.iso}{reason}}}",
        f"approved_by: {_quoted(record.by)}",
        f"approved_on: {record.on.iso}",
        *([f"minute: {_quoted(record.minute)}"] if record.minute else []),
        *(["as_amended: true"] if record.as_amended else []),
        f"layers: [{', '.join(map(_quoted, record.layers))}]",
        f"made_with: {_quoted(record.made_with)}",
        f"kept_documents: {record.kept}",
        "documents:",
    ]
    for document in record.documents:
        head += [
            f"  - id: {document.id}",
            f"    title: {_quoted(document.title)}",
            f"    approval: {_quoted(document.approval)}",
            f"    fingerprint: {document.fingerprint}",
            f"    without_contacts: {document.without_contacts}",
            "    words:",
            *map(_line, document.lines),
        ]
    return "\n".join([*head, f"digest: {digest(record)}", ""])


def _line(line: Line) -> str:
    clause = f", clause: {line.clause}, revision: {line.revision}, layer: {_quoted(line.layer)}"
    return f"      - {{{line.kind}: {_quoted(line.text)}{clause if line.clause else ''}}}"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()  # a JSON string is a YAML one
