"""Parameters: the typed values clauses ask for, and the values themselves."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class ParameterType(StrEnum):
    TEXT = "text"
    ROLES = "roles"
    HOURS = "hours"
    DURATION = "duration"
    NUMBER = "number"
    CHOICE = "choice"
    WORDS = "words"
    FLAG = "flag"


class TextValue(Struct, frozen=True, tag=True):
    text: str


class RolesValue(Struct, frozen=True, tag=True):
    """Ids of roles, in the order a sentence names them; never empty."""

    roles: tuple[str, ...]


class WordsValue(Struct, frozen=True, tag=True):
    """Phrases that a sentence joins with "and" or "or"; never empty."""

    items: tuple[str, ...]


class HoursValue(Struct, frozen=True, tag=True):
    """A stretch of the day, and the places and times where it does not hold (empty: no exception)."""

    start: time
    end: time
    places: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


class DurationValue(Struct, frozen=True, tag=True):
    """A count of hours, days, weeks, months, terms or years; ``unit`` is the singular."""

    count: int
    unit: str


class NumberValue(Struct, frozen=True, tag=True):
    number: int


class ChoiceValue(Struct, frozen=True, tag=True):
    choice: str


class FlagValue(Struct, frozen=True, tag=True):
    on: bool


Value: TypeAlias = (
    TextValue | RolesValue | WordsValue | HoursValue | DurationValue | NumberValue | ChoiceValue | FlagValue
)


def switch_text(value: Value) -> str | None:
    """What a ``when:`` compares: the choice, or `true` / `false`. None for values a condition cannot test."""
    match value:
        case ChoiceValue(choice):
            return choice
        case FlagValue(on):
            return "true" if on else "false"
        case _:
            return None


class Parameter(Struct, frozen=True):
    """A value that clauses need, declared once with its question.

    ``label`` is what a fill-in shows. ``default`` is None where no value is safe to assume: such a
    parameter must be answered before a document that uses it can be built. ``choices`` is empty unless
    the type is ``choice``.
    """

    name: str
    type: ParameterType
    label: str
    question: str
    help: str = ""
    default: Value | None = None
    choices: tuple[str, ...] = ()


def value_text(value: Value) -> str:
    """A value as one line for lists and messages, without articles or a language's joins."""
    match value:
        case TextValue(text) | ChoiceValue(text):
            return text
        case RolesValue(items) | WordsValue(items):
            return ", ".join(items)
        case HoursValue(start, end, places, times):
            except_ = ", ".join((*places, *times))
            return f"{start:%H:%M} to {end:%H:%M}" + (f" (except {except_})" if except_ else "")
        case DurationValue(count, unit):
            return f"{count} {unit}{'' if count == 1 else 's'}"
        case NumberValue(number):
            return str(number)
        case FlagValue(on):
            return "true" if on else "false"
