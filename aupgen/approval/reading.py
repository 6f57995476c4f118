"""The text of an approval record in; the record out, or every fault at its place. Opens no file."""

from __future__ import annotations

from aupgen.approval.record import ApprovedDocument, Line, Record, digest
from aupgen.approval.shapes import RESTORE, DocumentShape, RecordShape
from aupgen.policy.profile import Edition
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.shape import check_shape
from aupgen.source.span import SourceText
from aupgen.source.yaml_text import read_yaml

MOST_VALUES = 200_000
"""The words of fifteen documents are many values; a profile has not a hundredth of them."""


def read_record(source: SourceText, year: str) -> tuple[Record | None, list[Diagnostic]]:
    """Return the record, or None and findings; ``year`` is the policy year that the file's name gives.

    AUP410 where something was changed by hand, AUP416 for a record of another year.
    """
    file, found = read_yaml(source, MOST_VALUES)
    if file is None:
        return None, found
    shape, faults = check_shape(RecordShape, file)
    found += faults
    if found:
        return None, found
    if str(shape.policy_year) != year:
        message = f"this is a record of {shape.policy_year}, and its name says {year}"
        help_ = "give the file its name back"
        return None, [Diagnostic("AUP416", file.value_span(("policy_year",)), message, help_)]
    if shape.approved_on.day is None:
        message = "an approval is of a day, and this is a month"
        return None, [Diagnostic("AUP113", file.value_span(("approved_on",)), message, RESTORE)]
    record = Record(
        shape.school,
        shape.policy_year,
        Edition(shape.edition.number, shape.edition.date, shape.edition.reason or ""),
        shape.approved_by,
        shape.approved_on,
        shape.minute or "",
        bool(shape.as_amended),
        tuple(shape.layers),
        shape.made_with,
        shape.kept_documents,
        tuple(map(_document, shape.documents)),
    )
    if digest(record) != shape.digest:
        message = "this record was changed after `aupgen approve` wrote it: it does not say what was approved"
        return None, [Diagnostic("AUP410", file.value_span(("digest",)), message, RESTORE)]
    return record, []


def _document(shape: DocumentShape) -> ApprovedDocument:
    lines = tuple(
        Line(kind, text, line.clause or "", line.revision or 0, line.layer or "")
        for line in shape.words
        for kind, text in line.said()
    )
    return ApprovedDocument(
        shape.id, shape.title, shape.approval, shape.fingerprint, shape.without_contacts, lines
    )
