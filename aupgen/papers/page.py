"""A template of `templates/changes/` and what is to be told in; one page as a document out.

The template is compiled like that of any document, without any school; then its gaps are filled. Beside the names that
every template may use it has words of its own, and groups: a paragraph, list item or table row that names a group
stands once for each of its entries. What names a word that is None is left out: the line of a paragraph or cell, or
the item, row or section that it begins. Knows nothing of changes, and no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.binding.values import Needs, Scope, distinct_slots, put_together
from aupgen.document.tree import (
    Block,
    BulletList,
    Choices,
    Document,
    Fields,
    FillIn,
    Inlines,
    LineBreak,
    ListItem,
    Meta,
    NumberedList,
    Paragraph,
    Section,
    Table,
    Text,
)
from aupgen.document.walk import SENTENCES, plain_text
from aupgen.library.compiled import Library
from aupgen.library.skeleton import (
    BlockGap,
    ChoicesGap,
    FieldsGap,
    ListGap,
    ParagraphGap,
    SectionGap,
    Skeleton,
    TableGap,
)
from aupgen.library.templates import compile_template
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Audience
from aupgen.policy.wording import Break, Names, Pieces, Slot
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText

_SCHOOL_NAME = Slot("school", "name")
NEW_LINE = "new_line"
"""What a cell of a table writes between two lines: Markdown has no line break there."""


class Entry(Struct, frozen=True):
    """What a group tells of one thing. Fields of kinds of entries are inlines, or None for what there is not."""


Words: TypeAlias = Mapping[str, Inlines | None]


class Facts(Struct, frozen=True):
    """What a page tells: words by name, and the entries of each group with their kind.

    Words that are () print nothing, and keep what names them: so a template says what holds only in some papers.
    """

    words: Words
    groups: Mapping[str, tuple[type[Entry], tuple[Entry, ...]]]

    def names(self, known: Names) -> Names:
        """What the template of the page may name."""
        fields = {
            group: {name: frozenset({""}) for name in kind.__struct_fields__}
            for group, (kind, _) in self.groups.items()
        }
        return Names({**known.with_plain((*self.words, NEW_LINE)).fields, **fields})


def make_page(
    id_: str,
    source: SourceText,
    parts: Mapping[str, str],
    library: Library,
    profile: Profile,
    facts: Facts,
    audiences: tuple[Audience, ...] = (),
) -> tuple[Document | None, list[Diagnostic]]:
    """Return the page of a template, or None and AUP504 for what is wrong with the template.

    ``parts`` are texts that it may include, by file name. ``audiences`` are its readers, () for those of its head.
    """
    skeleton, found = compile_template(id_, source, facts.names(library.names), parts)
    if skeleton is None:
        return None, found
    skeleton = replace(skeleton, audiences=audiences or skeleton.audiences)
    scope = Scope(library, profile, Needs(), skeleton, skeleton.voice)
    filler = _Filler(scope, facts)
    title = filler.line(skeleton.title)
    blocks = tuple(filler.blocks(skeleton.blocks, 2))
    found += (_no_place(gap, skeleton) for gap in filler.refused)
    return (None if found else Document(_meta(skeleton, scope, plain_text(title)), title, blocks)), found


def _meta(skeleton: Skeleton, scope: Scope, title: str) -> Meta:
    profile = scope.profile
    return Meta(
        id=skeleton.id,
        title=title,
        school=profile.name,
        language=scope.library.language.tag,
        policy_year=str(profile.policy_year),
        edition=str(profile.edition.number),
        date=profile.edition.date,
        status="",
        running=plain_text(scope.phrase("running_edition")),
        audiences=tuple(skeleton.audiences),
        is_large=skeleton.is_large,
        school_fill_in=next((i for i in scope.words_for(_SCHOOL_NAME) if isinstance(i, FillIn)), None),
    )


def _no_place(gap: BlockGap, skeleton: Skeleton) -> Diagnostic:
    what = type(gap).__name__.removesuffix("Gap").lower()
    help_ = "write sections, paragraphs, lists, tables, fields and choices"
    return Diagnostic("AUP504", skeleton.span, f"a page of changes cannot hold `{what}`", help_)


class _Filler(Struct):
    """Fills the gaps of one page. ``entry`` is that of each group which is being told."""

    scope: Scope
    facts: Facts
    entry: dict[str, Entry] = field(default_factory=dict)
    refused: list[BlockGap] = field(default_factory=list)

    # -------------------------------------------------------------- blocks

    def blocks(self, gaps: Iterable[BlockGap], level: int) -> Iterator[Block]:
        for gap in gaps:
            match gap:
                case ParagraphGap(pieces, role):
                    yield from (
                        Paragraph(words, role) for one in self._each(pieces) if (words := one.line(pieces))
                    )
                case ListGap(items, start):
                    listed = tuple(item for pieces, inner in items for item in self._items(pieces, inner))
                    if listed:
                        yield BulletList(listed) if start is None else NumberedList(listed, start)
                case TableGap(header, rows):
                    filled = tuple(row for cells in rows for row in self._rows(cells))
                    purpose = SENTENCES if any(self._group(cells) for cells in rows) else ""
                    if filled:
                        yield Table(tuple(self.line(cell) for cell in header), filled, purpose)
                case SectionGap():
                    yield from self._section(gap, level)
                case FieldsGap(labels):
                    if shown := tuple(words for label in labels if (words := self.line(label))):
                        yield Fields(shown)
                case ChoicesGap(header, questions):
                    asked = tuple(words for row in questions if (words := self.line(row)))
                    yield Choices(tuple(self.line(cell) for cell in header), asked, "choices")
                case _:
                    self.refused.append(gap)

    def _section(self, gap: SectionGap, level: int) -> Iterator[Section]:
        """The section, unless its title is left out, or every list and table that it is about came out empty."""
        title = self.line(gap.title or ())
        if gap.title and not title:
            return
        inner = tuple(section for part in gap.sections for section in self._section(part, level + 1))
        own = tuple(self.blocks(gap.intro, level))
        is_about = [isinstance(part, (ListGap, TableGap)) for part in gap.intro]
        told = any(isinstance(block, (BulletList, NumberedList, Table)) for block in own)
        if (any(is_about) or gap.sections) and not (told or inner):
            return
        if own or inner:
            yield Section(gap.id, level, title, (*own, *inner))

    def _items(self, pieces: Pieces, inner: tuple[BlockGap, ...]) -> Iterator[ListItem]:
        for one in self._each((pieces, *(gap.pieces for gap in inner if isinstance(gap, ParagraphGap)))):
            blocks = tuple(one.blocks(inner, 2))
            words = one.line(pieces)
            if words and (blocks or not inner):
                yield ListItem(words, None, blocks)

    def _rows(self, cells: tuple[Pieces, ...]) -> Iterator[tuple[Inlines, ...]]:
        for one in self._each(cells):
            row = tuple(one.line(cell) for cell in cells)
            if row[0]:
                yield row

    # -------------------------------------------------------------- words

    def _each(self, pieces: Pieces | tuple[Pieces, ...]) -> Iterator[_Filler]:
        """This filler for each entry of the group that the pieces name; once where they name none."""
        group = self._group(pieces)
        if not group:
            yield self
            return
        for entry in self.facts.groups[group][1]:
            yield _Filler(self.scope, self.facts, {**self.entry, group: entry}, self.refused)

    def _group(self, pieces: Pieces | tuple[Pieces, ...]) -> str:
        """The group that is named here and not being told yet; "" for none."""
        parts = (part if isinstance(part, tuple) else (part,) for part in pieces)
        named = (slot.name for part in parts for slot in distinct_slots(part))
        return next((name for name in named if name in self.facts.groups and name not in self.entry), "")

    def line(self, pieces: Pieces) -> Inlines:
        """The words of a paragraph or cell without the lines of it that have nothing to say; () where that is all."""
        out: list[Inlines] = []
        part: list[object] = []
        for piece in (*pieces, Break()):
            if isinstance(piece, Break) or piece == Slot(NEW_LINE):
                words = self._filled(tuple(part))  # type: ignore[arg-type]
                if words:
                    out.append(words)
                part = []
            else:
                part.append(piece)
        joined: list[object] = []
        for words in out:
            joined += [LineBreak(), *words] if joined else words
        return tuple(joined)  # type: ignore[arg-type]

    def _filled(self, pieces: Pieces) -> Inlines:
        words: list[Inlines] = []
        for slot in distinct_slots(pieces):
            said = self._said(slot)
            if said is None:
                return ()
            words.append(said)
        return _trimmed(put_together(pieces, tuple(words)))

    def _said(self, slot: Slot) -> Inlines | None:
        if slot.name in self.entry:
            said: Inlines | None = getattr(self.entry[slot.name], slot.field)
            return said
        if slot.name in self.facts.words:
            return self.facts.words[slot.name]
        return self.scope.words_for(slot)


def _trimmed(inlines: Inlines) -> Inlines:
    """A line without space at its ends: what stood there may be left out, or stand on another line."""
    if inlines and isinstance(inlines[-1], Text):
        inlines = (*inlines[:-1], Text(inlines[-1].text.rstrip()))
    if inlines and isinstance(inlines[0], Text):
        inlines = (Text(inlines[0].text.lstrip()), *inlines[1:])
    return tuple(inline for inline in inlines if inline != Text(""))
