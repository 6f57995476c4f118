"""A document's finished blocks in; the same with numbers before its headings, its contents and references filled.

Runs last, when it is settled which sections a school prints: a number always names what stands there. Appendices
keep the numbers they have, and their own sections have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from aupgen.binding.values import Scope
from aupgen.document.tree import (
    Block,
    Blocks,
    Contents,
    Inline,
    Inlines,
    Paragraph,
    Reference,
    Section,
    Text,
)
from aupgen.policy.wording import Slot

_DEPTH = 2
"""How many levels of sections have numbers and stand in the contents."""


def with_numbers(blocks: Blocks, scope: Scope) -> Blocks:
    """The blocks with numbered headings, and with what waited for the numbers."""
    numbered = tuple(_numbered(blocks, ""))
    entries = tuple(_entries(numbered, 1))
    numbers = {section.id: number for section, number in _numbers(numbered, "")}
    return tuple(_filled(numbered, entries, numbers, scope))


def _numbered(blocks: Blocks, above: str) -> Iterator[Block]:
    count = 0
    for block in blocks:
        if not isinstance(block, Section) or not block.title:
            yield block
        elif block.appendix:
            yield replace(block, is_listed=True)
        else:
            count += 1
            number = f"{above}{count}"
            inner = block.blocks
            if number.count(".") < _DEPTH - 1:
                inner = tuple(_numbered(inner, f"{number}."))
            yield replace(block, title=_titled(number, block.title), blocks=inner, is_listed=True)


def _titled(number: str, title: Inlines) -> Inlines:
    first, *rest = title
    if isinstance(first, Text):
        return (Text(f"{number} {first.text}"), *rest)
    return (Text(f"{number} "), *title)


def _listed(blocks: Blocks) -> Iterator[Section]:
    return (block for block in blocks if isinstance(block, Section) and block.is_listed)


def _entries(blocks: Blocks, level: int) -> Iterator[tuple[int, Reference]]:
    for section in _listed(blocks):
        yield level, Reference(section.id, section.title)
        yield from _entries(section.blocks, level + 1)


def _numbers(blocks: Blocks, above: str) -> Iterator[tuple[Section, str]]:
    sections = (section for section in _listed(blocks) if not section.appendix)
    for count, section in enumerate(sections, start=1):
        yield section, f"{above}{count}"
        yield from _numbers(section.blocks, f"{above}{count}.")


def _filled(
    blocks: Blocks, entries: tuple[tuple[int, Reference], ...], numbers: Mapping[str, str], scope: Scope
) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Contents):
            yield replace(block, entries=entries)
        elif isinstance(block, Paragraph) and any(isinstance(part, Reference) for part in block.inlines):
            parts = (part for inline in block.inlines for part in _resolved(inline, numbers, scope))
            yield replace(block, inlines=tuple(parts))
        elif isinstance(block, Section):
            yield replace(block, blocks=tuple(_filled(block.blocks, entries, numbers, scope)))
        else:
            yield block


def _resolved(inline: Inline, numbers: Mapping[str, str], scope: Scope) -> Inlines:
    """A reference to a section that the school does not print is to the document as a whole."""
    if not isinstance(inline, Reference):
        return (inline,)
    number = numbers.get(inline.section)
    if number is None:
        return scope.words_for(Slot("see", scope.document.id.replace("-", "_")))
    return (Reference(inline.section, scope.phrase("see_section", number=(Text(number),))),)
