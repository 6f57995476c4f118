"""Which sections a document has for one school, before any of them is filled: the template's, or those it chose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.values import Scope
from aupgen.library.skeleton import BlockGap, IssuedGap, ListGap, ListTableGap, SectionGap, Skeleton
from aupgen.policy.profile import DocumentChoice, SectionChoice


class OutlineSection(Struct, frozen=True):
    """A section whose condition holds, with the scope its clauses are chosen in."""

    gap: SectionGap
    scope: Scope
    essential_only: bool


def outline(scope: Scope, chosen: tuple[SectionChoice, ...] | None) -> Iterator[OutlineSection]:
    """Yield the sections of the scope's document in print order, outer before inner, without its appendices.

    ``chosen`` are those the profile lists, None where it keeps the template's.
    """
    yield from _in_blocks(scope.document.blocks, scope, chosen)


def _in_blocks(
    gaps: Iterable[BlockGap], scope: Scope, chosen: tuple[SectionChoice, ...] | None = None
) -> Iterator[OutlineSection]:
    for gap in gaps:
        match gap:
            case SectionGap():
                if chosen is None:
                    yield from _in_section(gap, scope, None)
                else:
                    yield from _in_choices(chosen, scope)
                    chosen = ()
            case ListGap(items):
                for _, inner in items:
                    yield from _in_blocks(inner, scope)
            case ListTableGap():
                yield OutlineSection(clauses_of(gap), scope, False)
            case IssuedGap(documents, inside, when_issued):
                if any(is_issued(document, scope) for document in documents) is when_issued:
                    yield from _in_blocks(_unlisted(inside, chosen), scope)
            case _:
                pass


def _in_choices(chosen: Iterable[SectionChoice], scope: Scope) -> Iterator[OutlineSection]:
    known = scope.document.sections()
    for choice in chosen:
        yield from _in_section(chosen_section(known.get(choice.id), choice), scope, choice)


def _in_section(gap: SectionGap, scope: Scope, choice: SectionChoice | None) -> Iterator[OutlineSection]:
    if not scope.holds(gap.when):
        return
    scope = scope.for_readers(gap.audiences).speaking(gap.voice or scope.voice)
    yield OutlineSection(gap, scope, prints_essential_only(scope, choice))
    if choice and choice.sections is not None:
        yield from _in_choices(choice.sections, scope)
    else:
        for part in gap.sections:
            yield from _in_section(part, scope, None)
    yield from _in_blocks(gap.intro, scope)


def clauses_of(table: ListTableGap) -> SectionGap:
    """The clauses of a table as a section would choose them."""
    ids = tuple(id_ for _, cells in table.rows for cell in cells for id_ in cell)
    return SectionGap(table.id, (), (), ids, None, None, (), (), ())


def _unlisted(inside: Iterable[BlockGap], chosen: tuple[SectionChoice, ...] | None) -> Iterator[BlockGap]:
    """Where the profile lists its sections, those inside an `issued` stand in that list or nowhere."""
    return (part for part in inside if not (chosen is not None and isinstance(part, SectionGap)))


def is_issued(document: str, scope: Scope) -> bool:
    """Whether the school issues a document."""
    return any(choice.id == document for choice in scope.profile.documents)


def prints_essential_only(scope: Scope, choice: SectionChoice | None) -> bool:
    """Whether a section prints the essential clauses alone: as the profile says of it, else as its document."""
    if choice and choice.essential_only is not None:
        return choice.essential_only
    return scope.document.essential_only


def skeleton_for(skeleton: Skeleton, choice: DocumentChoice) -> Skeleton:
    """The document type as the profile issues it: other readers, another voice, all or the essential clauses."""
    return replace(
        skeleton,
        audiences=choice.audiences or skeleton.audiences,
        voice=choice.voice or skeleton.voice,
        noun=choice.noun or skeleton.noun,
        essential_only=skeleton.essential_only if choice.essential_only is None else choice.essential_only,
    )


def chosen_section(gap: SectionGap | None, choice: SectionChoice) -> SectionGap:
    """The section as the profile wants it; a section of its own where the template has none."""
    if gap is None:
        return SectionGap(
            choice.id, None, choice.topics or (), choice.clauses or (), choice.voice, None, (), (), ()
        )
    topics = gap.topics if choice.topics is None else choice.topics
    clauses = gap.clauses if choice.clauses is None else choice.clauses
    return replace(gap, topics=topics, clauses=clauses, voice=choice.voice or gap.voice)
