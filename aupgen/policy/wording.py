"""Wording as pieces: literal text, slots for values, and the few styles a sentence may carry.

Clauses and templates are compiled to these once; binding puts values into the slots and never parses text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class Style(StrEnum):
    STRONG = "strong"
    EMPHASIS = "emphasis"


class Literal(Struct, frozen=True, tag=True, cache_hash=True):
    """Text that stands as it was written."""

    text: str


class Slot(Struct, frozen=True, tag=True, cache_hash=True):
    """A place for a value: ``{{ name }}``, ``{{ name.field }}``, ``{{ name | form }}``; "" where not given."""

    name: str
    field: str = ""
    form: str = ""

    def __str__(self) -> str:
        return (
            "{{ "
            + self.name
            + (f".{self.field}" if self.field else "")
            + (f" | {self.form}" if self.form else "")
            + " }}"
        )


class Styled(Struct, frozen=True, tag=True, cache_hash=True):
    style: Style
    pieces: tuple[Piece, ...]


class Linked(Struct, frozen=True, tag=True, cache_hash=True):
    """A link; the address is a literal of the library, never a school's value."""

    address: str
    pieces: tuple[Piece, ...]


class Break(Struct, frozen=True, tag=True, cache_hash=True):
    """A line break inside a paragraph."""


Piece: TypeAlias = Literal | Slot | Styled | Linked | Break
Pieces: TypeAlias = tuple[Piece, ...]


def slots_in(pieces: Pieces) -> Iterator[Slot]:
    """Yield the slots of a wording in reading order, repeated ones too."""
    for piece in pieces:
        match piece:
            case Slot():
                yield piece
            case Styled(pieces=inner) | Linked(pieces=inner):
                yield from slots_in(inner)
            case _:
                pass


def source_text(pieces: Pieces) -> str:
    """A wording as its author wrote it, placeholders and all."""
    parts: list[str] = []
    for piece in pieces:
        match piece:
            case Literal(text):
                parts.append(text)
            case Slot():
                parts.append(str(piece))
            case Styled(pieces=inner) | Linked(pieces=inner):
                parts.append(source_text(inner))
            case Break():
                parts.append(" ")
    return "".join(parts)


class Names(Struct, frozen=True):
    """What placeholders may name: for each name its fields, for each field its filters.

    The field "" is the name alone; the filter "" prints it as it is.
    """

    fields: Mapping[str, Mapping[str, frozenset[str]]]

    def with_plain(self, extra: Iterable[str]) -> Names:
        """These names and some that stand alone."""
        return Names({**self.fields, **{name: {"": frozenset({""})} for name in extra}})
