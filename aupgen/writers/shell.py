"""The parts of a Word file that every document shares. Values only: `docx_shell.py` makes them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from aupgen.writers.package import Member

FRAGMENTS = 8192
"""How many finished sentences each writer remembers: schools of one library share most of theirs."""
SECTIONS = 1024
"""How many finished sections each writer remembers."""


class ShellError(ValueError):
    """The reference document cannot be used; the message says why, for the person who made it."""


class Shell(Struct, frozen=True, eq=False):
    """Everything of a Word file but its words.

    ``parts`` are members that never change, the list of content types first, as Word wants it; ``content_types``
    is that list as text, for a document that adds to it. ``pages`` are header and footer parts as text with gap
    names at the odd positions. ``styles`` maps a look to a style id,
    ``large_styles`` does in documents in large type; ``style_names`` maps it to the name Word shows.
    ``bullet_list`` is the numId of bullets and ``number_list`` the abstractNumId numbered lists are made from;
    ``next_number`` is the first free numId. ``plain_numbering`` is the numbering of a document without numbered
    lists. ``text_width`` is in twentieths of a point.
    """

    content_types: str
    parts: tuple[Member, ...]
    pages: Mapping[str, tuple[str, ...]]
    section: str
    relationships: str
    numbering: str
    plain_numbering: Member
    styles: Mapping[str, str]
    large_styles: Mapping[str, str]
    style_names: Mapping[str, str]
    bullet_list: str
    number_list: str
    next_number: int
    text_width: int
