"""What a person may write for the values that clauses, profiles and registers share: years, dates, hours, words.

The library's own files and the profiles are both checked with these; each has its shapes beside.
"""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator

from aupgen.policy.framework import FrameworkStatus
from aupgen.policy.parameter import ParameterType
from aupgen.policy.profile import Phase
from aupgen.policy.role import Article
from aupgen.policy.school_type import SchoolType
from aupgen.policy.terms import Audience, Change, Kind, Nation, Status, Voice
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.source.shape import Flag, Id, Line, Name, Prose, Shape, WholeNumber, described, refuse

# ------------------------------------------------------------------ field types


def _year(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return PolicyYear.parse(value)
    except ValueError as error:
        raise refuse(str(error), "write both years, such as 2026-27") from None


def _edition_date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return EditionDate.parse(value)
    except ValueError as error:
        raise refuse(str(error), "year first, then month, then day") from None


def _clock(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})", value)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise refuse(f"`{value}` is not a time of day", "write it as 8:30 or 15:30 (24 hours)")
    return time(int(match[1]), int(match[2]))


Year = Annotated[
    InstanceOf[PolicyYear],
    BeforeValidator(_year),
    WithJsonSchema({"type": "string", "pattern": "^2[0-9]{3}-[0-9]{2}$"}),
]
Date = Annotated[
    InstanceOf[EditionDate], BeforeValidator(_edition_date), WithJsonSchema({"type": ["string", "integer"]})
]
Clock = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema({"type": ["string", "number"], "pattern": "^[0-9]{1,2}[:.][0-9]{2}$"}),
]


KindText = Annotated[Kind, Field(strict=False)]
AudienceText = Annotated[Audience, Field(strict=False)]
VoiceText = Annotated[Voice, Field(strict=False)]
NationText = Annotated[Nation, Field(strict=False)]
PhaseText = Annotated[Phase, Field(strict=False)]
SchoolTypeText = Annotated[SchoolType, Field(strict=False)]
FrameworkStatusText = Annotated[FrameworkStatus, Field(strict=False)]
StatusText = Annotated[Status, Field(strict=False)]
ChangeText = Annotated[Change, Field(strict=False)]
ArticleText = Annotated[Article, Field(strict=False)]
TypeText = Annotated[ParameterType, Field(strict=False)]


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) and value else value


WhenShape: TypeAlias = dict[
    Name,
    Annotated[
        list[Line],
        BeforeValidator(_one_or_more),
        WithJsonSchema({"type": ["string", "boolean", "number", "array"]}),
    ],
]


class PhrasedShape(Shape):
    """A wording with its optional phrases."""

    text: Prose = described("the wording: a base-form phrase in mid-sentence case without a full stop")
    phrases: dict[Name, Prose] = described(
        "optional phrases, each left out when a value it names is not set", default={}
    )


class SpecialShape(PhrasedShape):
    kind: KindText | None = described(
        "the kind this wording is of, where it differs from the clause's", default=None
    )


def _text_alone(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


SpecialWording = Annotated[
    SpecialShape, BeforeValidator(_text_alone, json_schema_input_type=str | SpecialShape)
]
"""A wording for one audience or one voice: its text alone, or a block."""


class FormsShape(Shape):
    """The forms of a vocabulary word."""

    one: Line = described("one of them, such as child")
    many: Line = described("several, such as children")
    possessive: Line | None = described("such as child’s", default=None)
    possessive_many: Line | None = described("such as children’s", default=None)


# ------------------------------------------------------------------ values of parameters


class HoursShape(Shape):
    start: Clock = described("when it begins, such as 8:30", alias="from")
    end: Clock = described("when it ends, such as 15:30", alias="to")
    places: list[Line] = described(
        "places where the rule does not hold, with their articles: the staff room", default=[]
    )
    times: list[Line] = described(
        "times at which it does not hold in those places, such as staff breaks", default=[]
    )

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> HoursShape:
        if self.end <= self.start:
            raise refuse(
                "`to` is not later than `from`", "use the 24-hour clock: half past three is 15:30", at="to"
            )
        if self.times and not self.places:
            raise refuse(
                "`times` needs `places`",
                "say where personal use is allowed at these times, such as `places: [the staff room]`",
            )
        return self


UNITS = ("minute", "hour", "day", "week", "month", "term", "year")


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([1-9][0-9]{0,3}) ([a-z]+?)s?", value)
    if not match or match[2] not in UNITS:
        raise refuse(
            f"`{value}` is not a length of time", "write a number and a unit, such as 24 hours or 2 weeks"
        )
    return (int(match[1]), match[2])


VALUE_TYPES: dict[ParameterType, Any] = {
    ParameterType.TEXT: Line,
    ParameterType.ROLES: Annotated[
        list[Id], BeforeValidator(_one_or_more), Field(min_length=1, max_length=10)
    ],
    ParameterType.HOURS: HoursShape,
    ParameterType.DURATION: Annotated[tuple[int, str], BeforeValidator(_duration)],
    ParameterType.NUMBER: WholeNumber,
    ParameterType.CHOICE: Line,
    ParameterType.WORDS: Annotated[
        list[Line], BeforeValidator(_one_or_more), Field(min_length=1, max_length=30)
    ],
    ParameterType.FLAG: Flag,
}
"""What a person may write for a parameter of each type."""
