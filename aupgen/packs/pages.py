"""Page templates and rows in; the pages that come with a pack out, as Markdown and web page.

Pages are documents like any other: templates compiled once, bound to the exemplar, written by the same writers. A
table of one row that begins with `…` takes its rows from here, by the section that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Block, Blocks, Inlines, Section, Table, Text
from aupgen.document.walk import plain_text
from aupgen.library.compiled import Library
from aupgen.library.compiling import DOCUMENT_SUFFIX
from aupgen.library.skeleton import Skeleton
from aupgen.library.templates import compile_template
from aupgen.policy.profile import DocumentChoice, Profile
from aupgen.source.diagnostics import Diagnostic, has_errors
from aupgen.source.span import SourceText, Span
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown

Rows: TypeAlias = tuple[tuple[Inlines, ...], ...]


def write_pages(
    library: Library, profile: Profile, templates: Mapping[str, SourceText], rows: Mapping[str, Rows | None]
) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """Return the pages by file name, or findings in their templates.

    ``rows`` are those of a section's table; a section without any, or with None, is left out. One that is not
    named there stands as it is.
    """
    skeletons: dict[str, Skeleton] = {}
    found: list[Diagnostic] = []
    for name, source in sorted(templates.items()):
        if name.endswith(DOCUMENT_SUFFIX):
            id_ = name.removesuffix(DOCUMENT_SUFFIX)
            skeleton, faults = compile_template(id_, source, library.names, {})
            found += faults
            if skeleton:
                skeletons[id_] = skeleton
    if has_errors(found):
        return {}, found
    choices = tuple(DocumentChoice(id_, Span(profile.path)) for id_ in skeletons)
    pages, _ = bind_profile(
        replace(library, documents={**library.documents, **skeletons}),
        replace(profile, documents=(*profile.documents, *choices)),
        only=skeletons,
    )
    out: dict[str, bytes] = {}
    for page in pages.documents:
        filled = replace(page, blocks=tuple(_filled(page.blocks, rows)))
        out[f"{page.meta.id}.md"] = write_markdown(filled).encode()
        out[f"{page.meta.id}.html"] = write_html(filled, library.page).encode()
    return out, found


def cells(*texts: str) -> tuple[Inlines, ...]:
    """A row of plain texts."""
    return tuple((Text(text),) for text in texts)


def _filled(blocks: Blocks, rows: Mapping[str, Rows | None]) -> Iterator[Block]:
    for block in blocks:
        if not isinstance(block, Section):
            yield block
        elif block.id not in rows:
            yield replace(block, blocks=tuple(_filled(block.blocks, rows)))
        elif own := rows[block.id]:
            yield replace(block, blocks=tuple(_with_rows(inner, own) for inner in block.blocks))


def _with_rows(block: Block, rows: Rows) -> Block:
    if isinstance(block, Table) and block.rows and plain_text(block.rows[0][0]) == "…":
        return replace(block, rows=rows)
    return block
