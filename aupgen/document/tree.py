"""The tree a document is: sections, blocks and inlines as frozen values, and nothing else.

Everything is settled here that all formats must agree on: words, order, headings, numbers. Writers decide
looks, never content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from aupgen.policy.year import EditionDate

# ------------------------------------------------------------------ inlines


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the library or a template."""

    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """Words that came from a profile, and the parameter or contact they answer."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class FillIn:
    """A value nobody has given yet, shown by its label: only in exemplars and drafts."""

    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Strong:
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Emphasis:
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Link:
    address: str
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class LineBreak:
    pass


Inline: TypeAlias = Text | Value | FillIn | Strong | Emphasis | Link | LineBreak
Inlines: TypeAlias = tuple[Inline, ...]

# ------------------------------------------------------------------ blocks


@dataclass(frozen=True, slots=True)
class ClauseMark:
    """Which clause a paragraph or list item is: its id, revision (1-based) and the layer it came from."""

    id: str
    revision: int
    layer: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``role`` names what it is where that shows: "", "motto", "subtitle", "lead-in", "small"."""

    inlines: Inlines
    role: str = ""
    clause: ClauseMark | None = None


@dataclass(frozen=True, slots=True)
class ListItem:
    inlines: Inlines
    clause: ClauseMark | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class BulletList:
    items: tuple[ListItem, ...]


@dataclass(frozen=True, slots=True)
class NumberedList:
    items: tuple[ListItem, ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one header row; every row has as many cells as the header. ``purpose`` names it for
    readers who cannot see it."""

    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """Gaps completed by hand in every copy, such as a signature: their labels in order. Never split over pages."""

    labels: tuple[Inlines, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it. ``level`` is 2 to 6 (1 is the document's title); a ``title`` of ()
    prints no heading.

    ``appendix`` is the number of an appendix, 0 for an ordinary section. ``voice`` is "" where it holds no clauses.
    """

    id: str
    level: int
    title: Inlines
    blocks: tuple[Block, ...]
    voice: str = ""
    appendix: int = 0


Block: TypeAlias = Paragraph | BulletList | NumberedList | Table | Fields | Section
Blocks: TypeAlias = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Meta:
    """What stands on every page and in the file's properties. All texts are as printed.

    ``audiences`` are ids in the order of the template; ``status`` is the approval line; ``running`` is the
    footer's line; ``draft`` is the warning every page of a draft carries, "" otherwise.
    """

    id: str
    title: str
    school: str
    language: str
    policy_year: str
    edition: str
    date: EditionDate
    status: str
    running: str
    audiences: tuple[str, ...]
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document: the blocks before the first section, and the sections, in ``blocks``."""

    meta: Meta
    title: Inlines
    blocks: Blocks
