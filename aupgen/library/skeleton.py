"""What a template compiles to: a document with its words in place and gaps for clauses and values.

Plain values, no Jinja and no Markdown: binding fills them for one school without parsing anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msgspec import Struct

from aupgen.policy.clause import Conditions
from aupgen.policy.terms import Audience, Voice
from aupgen.policy.wording import Pieces
from aupgen.source.span import Span


class ParagraphGap(Struct, frozen=True, tag=True):
    """A paragraph of the template; ``role`` as in the tree."""

    pieces: Pieces
    role: str = ""


class ListGap(Struct, frozen=True, tag=True):
    """A list of the template; ``start`` is None for bullets, else the first number."""

    items: tuple[tuple[Pieces, tuple[BlockGap, ...]], ...]
    start: int | None = None


class TableGap(Struct, frozen=True, tag=True):
    header: tuple[Pieces, ...]
    rows: tuple[tuple[Pieces, ...], ...]


class ListTableGap(Struct, frozen=True, tag=True):
    """A table of clauses: its header and, per row, a name and the ids of the clauses in each further cell.

    A row whose clauses are all left out vanishes, and the table with its last row. ``id`` names its clauses’ anchors.
    """

    id: str
    header: tuple[Pieces, ...]
    rows: tuple[tuple[Pieces, tuple[tuple[str, ...], ...]], ...]


class ContentsGap(Struct, frozen=True, tag=True):
    """The table of contents, under its title."""

    title: Pieces


class RatingsGap(Struct, frozen=True, tag=True):
    """A table that says of each use how far each group may go: its header, and rows of a use and its ratings.

    A rating is one of ``RATINGS``, or a parameter that chooses between some of them.
    """

    header: tuple[Pieces, ...]
    rows: tuple[tuple[Pieces, tuple[str, ...]], ...]


class PathGap(Struct, frozen=True, tag=True):
    """A diagram of what to do: how it begins, what may have happened with the role to turn to, and how it ends.

    ``then`` stands before the title of the role in the box of a branch. A row without a role says what to do.
    """

    caption: Pieces
    start: Pieces
    rows: tuple[tuple[Pieces, Pieces, str], ...]
    end: tuple[Pieces, ...]


class SectionGap(Struct, frozen=True, tag=True):
    """A section: its intro blocks, then the clauses it chooses, then its inner sections.

    ``title`` None takes the title of its one topic, () prints none. ``voice`` None takes the document's. ``lead_in`` None
    takes the voice's, () none at all. A section without clauses and without intro is left out.
    ``audiences`` are those readers of the document whom the section is for, () for all of them.
    """

    id: str
    title: Pieces | None
    topics: tuple[str, ...]
    clauses: tuple[str, ...]
    voice: Voice | None
    lead_in: Pieces | None
    when: Conditions
    intro: tuple[BlockGap, ...]
    sections: tuple[SectionGap, ...]
    audiences: tuple[Audience, ...] = ()


class ContactsGap(Struct, frozen=True, tag=True):
    """A table of whom to tell: its header and, per row, what has happened and the role to turn to.

    ``known`` are rows that stand only where somebody gave a telephone number or an email for the role.
    """

    header: tuple[Pieces, Pieces, Pieces]
    rows: tuple[tuple[Pieces, str], ...]
    known: tuple[tuple[Pieces, str], ...] = ()


class FieldsGap(Struct, frozen=True, tag=True):
    """Gaps to complete by hand, by label."""

    labels: tuple[Pieces, ...]


class ChoicesGap(Struct, frozen=True, tag=True):
    """Questions with a box for each answer: the header (what is asked, then the answers) and the rows.

    ``each`` is a parameter whose items are rows of their own, after those of ``rows``; "" for none. Without any
    row the block vanishes.
    """

    header: tuple[Pieces, ...]
    rows: tuple[Pieces, ...]
    each: str = ""


class SlipGap(Struct, frozen=True, tag=True):
    """A slip to cut off and send back: what stands at the cut, its title, its blocks, and which edition it is of."""

    cut: Pieces
    title: Pieces
    blocks: tuple[BlockGap, ...]
    edition: Pieces


class DrawingGap(Struct, frozen=True, tag=True):
    """A frame to draw in by hand, and the line above it."""

    caption: Pieces


class MottosGap(Struct, frozen=True, tag=True):
    """The school's mottos, a paragraph each; nothing where it has none."""


class FrameworksGap(Struct, frozen=True, tag=True):
    """A table of the frameworks behind the clauses that the document prints: the headings of its columns.

    It, and a section that holds nothing else but its opening words, vanish where there are none.
    """

    header: tuple[Pieces, Pieces, Pieces, Pieces]


class NewGap(Struct, frozen=True, tag=True):
    """A table of the rules that are new or materially changed in the policy year, and why: the headings of its columns.

    It vanishes where there are none.
    """

    header: tuple[Pieces, Pieces]


class AppendixGap(Struct, frozen=True, tag=True):
    """Another document, printed in full under its own title; numbered in order within this one."""

    document: str


class IssuedGap(Struct, frozen=True, tag=True):
    """Blocks that stand only where the school issues another document, or (``when_issued`` False) only where not.

    Of several documents one is enough. A document type that the library has no template for is issued nowhere.
    """

    documents: tuple[str, ...]
    blocks: tuple[BlockGap, ...]
    when_issued: bool = True


RATINGS = ("acceptable", "certain-times", "named-staff", "not-acceptable", "illegal")
"""How far a use of technology is allowed, from all to none."""

BlockGap: TypeAlias = (
    ParagraphGap
    | ListGap
    | TableGap
    | ListTableGap
    | ContentsGap
    | RatingsGap
    | PathGap
    | SectionGap
    | ContactsGap
    | FieldsGap
    | ChoicesGap
    | SlipGap
    | DrawingGap
    | MottosGap
    | FrameworksGap
    | NewGap
    | AppendixGap
    | IssuedGap
)


class Skeleton(Struct, frozen=True):
    """A compiled document type. ``name`` is what other documents call it in
    mid-sentence; ``essential_only`` prints the clauses marked essential for it, else all;
    ``is_large`` asks for large type; ``is_plain`` is a notice of text alone, which is written as plain text, too;
    ``is_approved`` has its pages say which body approves it; ``is_numbered`` asks for numbers before the headings
    of sections."""

    id: str
    title: Pieces
    name: str
    noun: str
    audiences: tuple[Audience, ...]
    voice: Voice
    essential_only: bool
    blocks: tuple[BlockGap, ...]
    span: Span
    is_large: bool = False
    is_plain: bool = False
    is_approved: bool = True
    is_numbered: bool = False

    def sections(self) -> dict[str, SectionGap]:
        """Every section of the template by its id, outer before inner."""
        return {section.id: section for section in _sections(self.blocks)}

    def appendices(self) -> tuple[str, ...]:
        """Ids of the documents this one holds as appendices, in order."""
        return tuple(_appendices(self.blocks))


def _appendices(blocks: Iterable[BlockGap]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, AppendixGap):
            yield block.document
        elif isinstance(block, IssuedGap):
            yield from _appendices(block.blocks)


def _sections(blocks: Iterable[BlockGap]) -> Iterator[SectionGap]:
    for block in blocks:
        if isinstance(block, SectionGap):
            yield block
            yield from _sections(block.sections)
        elif isinstance(block, IssuedGap):
            yield from _sections(block.blocks)
