"""The law and guidance behind a document: what its printed clauses cite, put in once all of them are known.

Frameworks and a finished tree with an empty table in; the tree with the table filled, or without it, out. What
the clauses cite is the library's business; nothing is looked up or judged here but nation, day and confirmation.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from msgspec.structs import replace

from aupgen.binding.values import Scope, capital
from aupgen.document.tree import Block, Blocks, Inlines, Paragraph, Section, Table, Text
from aupgen.policy.framework import Framework, edition_in_force
from aupgen.policy.profile import Profile

ANNEX = "frameworks"
"""The purpose of the table, by which it is found again."""

Rows: TypeAlias = tuple[tuple[Inlines, ...], ...]


def frameworks_behind(cited: Collection[str], scope: Scope) -> tuple[Framework, ...]:
    """The editions to name for some citations in this school, each once, in the order of the register.

    Left out are frameworks of other nations, and whatever was not in force, or is not confirmed.
    """
    register, day = scope.library.frameworks, day_of(scope.profile)
    in_force = {edition.id for id_ in cited if (edition := edition_in_force(id_, register, day))}
    return tuple(
        framework
        for framework in register.values()
        if framework.id in in_force and scope.profile.nation in framework.nations
    )


def day_of(profile: Profile) -> str:
    """The day on which a framework must be in force: that of the edition, or 1 September of its policy year.

    The later of the two: a policy agreed in July for the year to come rests on what holds in September.
    """
    return max(profile.edition.date.iso, f"{profile.policy_year.start}-09-01")


def framework_rows(cited: Collection[str], scope: Scope) -> Rows:
    """A row for each framework behind the document: title, edition, how binding it is, what it asks.

    Addresses stay in the register: a page asks for nothing elsewhere, and an address may have moved since.
    """
    return tuple(
        (
            (Text(framework.title),),
            (Text(capital(framework.edition)),),
            scope.phrase(f"status_{framework.status.value.replace('-', '_')}"),
            (Text(framework.about),),
        )
        for framework in frameworks_behind(cited, scope)
    )


def with_frameworks(blocks: Blocks, rows: Rows) -> Blocks:
    """The blocks with the rows in the table that waits for them; without rows, without the table.

    A section of which nothing but opening words would be left goes with it.
    """
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, Table) and block.purpose == ANNEX:
            if rows:
                out.append(replace(block, rows=rows))
        elif isinstance(block, Section):
            inner = with_frameworks(block.blocks, rows)
            if len(inner) == len(block.blocks) or not _is_opening(inner):
                out.append(replace(block, blocks=inner))
        else:
            out.append(block)
    return tuple(out)


def _is_opening(blocks: Blocks) -> bool:
    return all(isinstance(block, Paragraph) and block.clause is None for block in blocks)
