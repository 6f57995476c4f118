"""The finished documents that stand beside an approval record: trees to JSON text and back.

From these the approved words are written again whatever has become of the library since. What comes back is
checked like all that strangers may have written: a forged tree puts no script into a page and breaks no file.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

from aupgen.approval.record import FORMAT
from aupgen.document.tree import (
    Block,
    BulletList,
    Choices,
    ClauseMark,
    Document,
    Link,
    NumberedList,
    Paragraph,
    Section,
    Slip,
    Table,
)

_ADDRESS = re.compile(r"(https?|mailto|tel):[^\s\"<>]*", re.I)
_NAME = re.compile("[a-z0-9]+(-[a-z0-9]+)*")  # what writers put into a page as it is
_ROLES = ("", "motto", "subtitle", "lead-in", "small")
_DEEPEST = 40
# What no Word file can hold, and what would reorder text: as in every other file that is read.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


class KeptError(ValueError):
    """These are not documents that an approval kept. The message goes on after the file's name."""


class _Kept(Struct, frozen=True):
    format: str
    documents: tuple[Document, ...]


def kept_text(documents: tuple[Document, ...]) -> bytes:
    """Return the documents as JSON, a line for each."""
    lines = b",\n".join(msgspec.json.encode(document) for document in documents)
    return b'{"format": "%s", "documents": [\n%s\n]}\n' % (FORMAT.encode(), lines)


def read_kept(data: bytes) -> tuple[Document, ...]:
    """Return the documents. Raises KeptError for what is not as `kept_text` wrote it."""
    try:
        kept = msgspec.json.decode(data, type=_Kept)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise KeptError("is damaged, or was written by another version of aupgen") from None
    if kept.format != FORMAT:
        raise KeptError(f"has the form {kept.format!r}, which this version of aupgen does not know")
    for document in kept.documents:
        _check(document, 0)
        if document.meta.is_plain and not all(map(_is_text_alone, document.blocks)):
            raise KeptError("has a notice that holds more than text")
    return kept.documents


def _is_text_alone(block: Block) -> bool:
    """Whether plain text can hold a block: sentences, and lists and sections of them."""
    match block:
        case Paragraph():
            return True
        case Section(blocks=blocks):
            return all(map(_is_text_alone, blocks))
        case BulletList(items) | NumberedList(items):
            return all(_is_text_alone(inner) for item in items for inner in item.blocks)
    return False


def _check(node: Any, depth: int) -> None:
    """Raise KeptError for a link or a character that no document of ours has."""
    if depth > _DEEPEST:
        raise KeptError("is nested deeper than any document")
    if isinstance(node, str):
        if _FORBIDDEN.search(node):
            raise KeptError("has a character that cannot stand in a document")
    elif isinstance(node, tuple):
        for part in node:
            _check(part, depth + 1)
    elif isinstance(node, Struct):
        if not _is_sound(node):
            raise KeptError(f"has a {type(node).__name__.lower()} that no document of ours has")
        for name in node.__struct_fields__:
            _check(getattr(node, name), depth + 1)


def _is_sound(node: Struct) -> bool:
    """Whether a node is as the tree promises in what types cannot say: names, levels, and tables without gaps."""
    match node:
        case Link(address):
            return _ADDRESS.fullmatch(address) is not None
        case Paragraph(role=role):
            return role in _ROLES
        case ClauseMark(id, anchor=anchor):
            return bool(_NAME.fullmatch(id) and _NAME.fullmatch(anchor))
        case Section(id, level, voice=voice):
            return bool(_NAME.fullmatch(id) and 2 <= level <= 9 and (not voice or _NAME.fullmatch(voice)))
        case Slip(level=level):
            return 2 <= level <= 9
        case BulletList(items) | NumberedList(items):
            return bool(items)
        case Table(header, rows, purpose):
            width = len(header)
            named = not purpose or _NAME.fullmatch(purpose)
            return bool(named and width) and all(len(row) == width for row in rows)
        case Choices(header, rows, anchor):
            return bool(_NAME.fullmatch(anchor) and len(header) > 1 and rows)
    return True
