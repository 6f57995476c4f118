"""How an approval record looks in its file."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from aupgen.library.fields import Date, Year
from aupgen.source.shape import Flag, Id, Line, PositiveNumber, Shape, described, refuse

_KINDS = ("title", "h2", "h3", "h4", "h5", "h6", "paragraph", "item", "header", "cell", "field", "drawing")


def _digest(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[0-9a-f]{64}", value):
        raise refuse("is not a digest of 64 figures and letters a to f", RESTORE)
    return value


RESTORE = "put the file back as `aupgen approve` wrote it, from a copy or from version control"

Digest = Annotated[str, BeforeValidator(_digest)]


class EditionShape(Shape):
    number: PositiveNumber = described("the number of the edition within the policy year")
    date: Date = described("the day or month from which it holds")
    reason: Line | None = described("why there is a further edition in the same year", default=None)


class LineShape(Shape):
    """One line: its words under what it is, and its clause where it is one."""

    title: str | None = described("the title of the document", default=None)
    h2: str | None = described("a heading", default=None)
    h3: str | None = described("a heading", default=None)
    h4: str | None = described("a heading", default=None)
    h5: str | None = described("a heading", default=None)
    h6: str | None = described("a heading", default=None)
    paragraph: str | None = described("a paragraph", default=None)
    item: str | None = described("an item of a list", default=None)
    header: str | None = described("the heading of a column", default=None)
    cell: str | None = described("a cell of a table", default=None)
    field: str | None = described("a gap to complete by hand", default=None)
    drawing: str | None = described("a frame to draw in", default=None)
    clause: Id | None = described("the clause that the line is", default=None)
    revision: PositiveNumber | None = described("the revision of the clause", default=None)
    layer: str | None = described("who worded the clause", default=None)

    @model_validator(mode="after")
    def _one_kind(self) -> LineShape:
        if len(self.said()) != 1:
            raise refuse("a line has its words under one of its kinds", RESTORE)
        return self

    def said(self) -> list[tuple[str, str]]:
        """What the line is, with its words; one entry in a line that is sound."""
        return [(kind, text) for kind in _KINDS if (text := getattr(self, kind)) is not None]


class DocumentShape(Shape):
    id: Id = described("the document")
    title: str = described("its title as printed")
    approval: str = described("the approval line that it prints")
    fingerprint: Digest = described("the fingerprint of its words")
    without_contacts: Digest = described("the fingerprint of its words without contacts")
    words: list[LineShape] = described("its lines in reading order")


class RecordShape(Shape):
    """What `aupgen approve` writes."""

    school: Line = described("the school’s name")
    policy_year: Year = described("the policy year")
    edition: EditionShape = described("the edition that was approved")
    approved_by: Line = described("the body or post that approved it")
    approved_on: Date = described("the day of the approval")
    minute: Line | None = described("the reference of the minute", default=None)
    as_amended: Flag | None = described("true where the body changed what had been circulated", default=None)
    layers: list[str] = described("the profiles behind the words, the school’s own first")
    made_with: str = described("the version of aupgen")
    kept_documents: Digest = described("the digest of the finished documents beside the record")
    documents: list[DocumentShape] = described("what was approved", min_length=1)
    digest: Digest = described("the digest of all that the record says")
