"""The shape of a profile: what a person may write in `schools/*.yaml`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from aupgen.library.shapes import Date, FormsShape, NationText, Year
from aupgen.policy.profile import Phase, ProfileKind, Show
from aupgen.source.shape import Id, Line, Name, Shape, WholeNumber, described, refuse


def _email(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(
        r"[^@\s<>()\[\],;:\"]+@[^@\s<>()\[\],;:\"]+\.[A-Za-z0-9-]{2,}", value
    ):
        raise refuse(
            f"`{value}` is not an email address", "write one address, such as office@school.example.org"
        )
    return value


def _phone(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(
        r"\+?[0-9][0-9 ()-]{4,24}( ?(ext\.?|x) ?[0-9]{1,6})?", value
    ):
        raise refuse(f"`{value}` is not a telephone number", "write figures and spaces, such as 01632 960123")
    return value


Email = Annotated[Line, BeforeValidator(_email)]
Phone = Annotated[Line, BeforeValidator(_phone)]
KindText = Annotated[ProfileKind, Field(strict=False)]
PhaseText = Annotated[Phase, Field(strict=False)]
ShowText = Annotated[Show, Field(strict=False)]


class ContactShape(Shape):
    """Who holds a role."""

    title: Line | None = described("the post's title here, where it differs from the library's", default=None)
    name: Line | None = described("the person's name; printed only with `show: name`", default=None)
    email: Email | None = described("a work email address to print where the contact is listed", default=None)
    phone: Phone | None = described(
        "a work telephone number to print where the contact is listed", default=None
    )
    show: ShowText = described(
        "what is published: role (the post alone) or name (the person, with the post)", default=Show.ROLE
    )

    @model_validator(mode="after")
    def _name_to_show(self) -> ContactShape:
        if self.show is Show.NAME and not self.name:
            raise refuse("`show: name` needs a name", "add `name:`, or write `show: role`")
        return self


class EditionShape(Shape):
    number: WholeNumber = described("the number of the edition within the policy year, from 1")
    date: Date = described("the date it takes effect: 2026-09-01, or 2026-09 for a month")
    reason: Line | None = described("why there is a further edition in the same year", default=None)


class ClauseChoiceShape(Shape):
    """What the profile decided for one clause."""

    parameters: dict[Name, object] = described("values for this clause alone", min_length=1)


class SectionShape(Shape):
    id: Id = described("the section's id in the template, or a new one")
    title: Line | None = described("another title", default=None)
    topics: list[Id] | None = described("the topics it prints, in place of the template's", default=None)
    clauses: list[Id] | None = described(
        "the clauses it prints, in place of or beside the topics", default=None
    )
    sections: list[SectionShape] | None = described("its inner sections, in order", default=None)


class DocumentShape(Shape):
    title: Line | None = described("another title", default=None)
    sections: list[SectionShape] | None = described(
        "the sections to print, in order; the template's when left out", default=None
    )


def _nothing(value: object) -> object:
    return {} if value == "" else value


class ProfileShape(Shape):
    """A profile as a person writes it."""

    kind: KindText = described(
        "school (when left out), exemplar, trust or authority", default=ProfileKind.SCHOOL
    )
    name: Line = described("the school's name as printed")
    nation: NationText = described("england, wales, scotland or northern-ireland")
    phase: PhaseText = described(
        "nursery, primary, middle, secondary, all-through, sixth-form, special or alternative-provision"
    )
    policy_year: Year = described("the policy year of the documents, such as 2026-27")
    edition: EditionShape = described("the edition: its number and date")
    approver: Line = described(
        "the body or post that approves the documents, such as the full governing board"
    )
    mottos: list[Line] = described("mottos or values the policy opens with", default=[])
    vocabulary: dict[Id, Line | FormsShape] = described(
        "the school's own words, such as `pupil: child`", default={}
    )
    contacts: dict[Id, ContactShape] = described("who holds which role", default={})
    other_roles: Id | None = described("the role that holds what nobody else holds", default=None)
    parameters: dict[Name, object] = described("the school's answers, for all clauses", default={})
    clauses: dict[Id, ClauseChoiceShape] = described("decisions about single clauses", default={})
    documents: dict[
        Id, Annotated[DocumentShape, BeforeValidator(_nothing, json_schema_input_type=DocumentShape | None)]
    ] = described("the documents the school issues", default={})
