"""Words a school may choose, with the forms a sentence needs."""

from __future__ import annotations

from msgspec import Struct


class WordForms(Struct, frozen=True):
    """The forms of a vocabulary word: child, children, child's, children's."""

    one: str
    many: str
    possessive: str
    possessive_many: str
