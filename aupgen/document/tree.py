"""The tree a document is: sections, blocks and inlines as frozen values, and nothing else.

Everything is settled here that all formats must agree on: words, order, headings, numbers. Writers decide
looks, never content. A node carries its name when it is written as JSON, so that a tree can be kept and read back.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from aupgen.policy.year import EditionDate

# ------------------------------------------------------------------ inlines


class Text(Struct, frozen=True, cache_hash=True, tag=True):
    """Words of the library or a template."""

    text: str


class Value(Struct, frozen=True, cache_hash=True, tag=True):
    """Words that came from a profile, and the parameter or contact they answer."""

    text: str
    source: str


class FillIn(Struct, frozen=True, cache_hash=True, tag=True):
    """A value nobody has given yet, shown by its label: only in exemplars and drafts.

    Fill-ins of one ``source`` take one value. ``answers`` are what may be chosen and the words each choice
    prints, () where anything may be written; ``name`` is then what is chosen, and the label holds all the words.
    """

    label: str
    source: str
    answers: tuple[tuple[str, str], ...] = ()
    name: str = ""


class Strong(Struct, frozen=True, cache_hash=True, tag=True):
    inlines: Inlines


class Emphasis(Struct, frozen=True, cache_hash=True, tag=True):
    inlines: Inlines


class Link(Struct, frozen=True, cache_hash=True, tag=True):
    address: str
    inlines: Inlines


class LineBreak(Struct, frozen=True, cache_hash=True, tag=True):
    pass


class Reference(Struct, frozen=True, cache_hash=True, tag=True):
    """Words that lead to a section of the same document, such as "section 3.2"; ``section`` is its id."""

    section: str
    inlines: Inlines


Inline: TypeAlias = Text | Value | FillIn | Strong | Emphasis | Link | LineBreak | Reference
Inlines: TypeAlias = tuple[Inline, ...]

# ------------------------------------------------------------------ blocks


class ClauseMark(Struct, frozen=True, cache_hash=True):
    """Which clause a paragraph or list item is: its id, revision (1-based) and the layer it came from."""

    id: str
    revision: int
    layer: str
    anchor: str


class Paragraph(Struct, frozen=True, cache_hash=True, tag=True):
    """A paragraph; ``role`` names what it is where that shows: "", "motto", "subtitle", "lead-in", "small"."""

    inlines: Inlines
    role: str = ""
    clause: ClauseMark | None = None


class ListItem(Struct, frozen=True, cache_hash=True):
    inlines: Inlines
    clause: ClauseMark | None = None
    blocks: tuple[Block, ...] = ()


class BulletList(Struct, frozen=True, cache_hash=True, tag=True):
    items: tuple[ListItem, ...]


class NumberedList(Struct, frozen=True, cache_hash=True, tag=True):
    items: tuple[ListItem, ...]
    start: int = 1


class Table(Struct, frozen=True, cache_hash=True, tag=True):
    """A table with one header row; every row has as many cells as the header. ``purpose`` names it for
    readers who cannot see it."""

    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    purpose: str = ""


class ListTable(Struct, frozen=True, cache_hash=True, tag=True):
    """A table that names something in its first column and holds a list in each other cell.

    ``purpose`` as in a table. A list may be empty.
    """

    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, tuple[tuple[ListItem, ...], ...]], ...]
    purpose: str = ""


class Contents(Struct, frozen=True, cache_hash=True, tag=True):
    """The document's table of contents: its title, and for each entry its level (1 or 2) and where it leads."""

    title: Inlines
    entries: tuple[tuple[int, Reference], ...]


class Path(Struct, frozen=True, cache_hash=True, tag=True):
    """A way through a few steps, drawn as a diagram.

    It begins at ``start``, parts into ``branches`` (what happened, and what to do then) and comes together again
    in ``end``. ``caption`` says what it shows.
    """

    caption: Inlines
    start: Inlines
    branches: tuple[tuple[Inlines, Inlines], ...]
    end: tuple[Inlines, ...]


class Fields(Struct, frozen=True, cache_hash=True, tag=True):
    """Gaps completed by hand in every copy, such as a signature: their labels in order. Never split over pages."""

    labels: tuple[Inlines, ...]


class Choices(Struct, frozen=True, cache_hash=True, tag=True):
    """Questions with a box to tick for each answer.

    ``header`` says what is asked, then the answers; ``rows`` are the questions. ``anchor`` is the document's own
    name for them, from which labels of boxes are made. Never split over pages.
    """

    header: tuple[Inlines, ...]
    rows: tuple[Inlines, ...]
    anchor: str


class Slip(Struct, frozen=True, cache_hash=True, tag=True):
    """The part of a page that is cut off and sent back. Never split over pages.

    ``cut`` stands at the line to cut along and ``edition`` at the foot: a slip that comes back alone says what
    was signed. ``level`` as in a section.
    """

    cut: Inlines
    level: int
    title: Inlines
    blocks: tuple[Block, ...]
    edition: Inlines


class Drawing(Struct, frozen=True, cache_hash=True, tag=True):
    """An empty frame to draw or write in by hand, under a line that says what for."""

    caption: Inlines


class Section(Struct, frozen=True, cache_hash=True, tag=True):
    """A heading with what stands under it. ``level`` is 2 to 6 (1 is the document's title); a ``title`` of ()
    prints no heading.

    ``appendix`` is the number of an appendix, 0 for an ordinary section. ``voice`` is "" where it holds no clauses.
    ``is_listed`` is a section that the table of contents or a reference leads to.
    """

    id: str
    level: int
    title: Inlines
    blocks: tuple[Block, ...]
    voice: str = ""
    appendix: int = 0
    is_listed: bool = False


Block: TypeAlias = (
    Paragraph
    | BulletList
    | NumberedList
    | Table
    | ListTable
    | Contents
    | Path
    | Fields
    | Choices
    | Slip
    | Drawing
    | Section
)
Blocks: TypeAlias = tuple[Block, ...]


class Meta(Struct, frozen=True, cache_hash=True):
    """What stands on every page and in the file's properties. All texts are as printed.

    ``audiences`` are ids in the order of the template; ``status`` is the approval line, "" where nobody approves it; ``running`` is the
    footer's line; ``draft`` is the warning every page of a draft carries, "" otherwise. ``is_large`` asks for
    large type; ``is_plain`` is a notice of text alone. ``school_fill_in`` is the gap for the school's name in an
    exemplar, whose ``school`` is its issuer; None elsewhere.
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
    is_large: bool = False
    is_plain: bool = False
    school_fill_in: FillIn | None = None


class Document(Struct, frozen=True, cache_hash=True):
    """A finished document: the blocks before the first section, and the sections, in ``blocks``."""

    meta: Meta
    title: Inlines
    blocks: Blocks
