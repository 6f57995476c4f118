"""What is new in the policy year: the rules to name at the top of a document, put in once all of them are known.

Printed clauses in; the rows of a table, and the finished tree with that table filled, or without it, out. Only the
library's own history counts: what a school changed by itself is told by comparing two editions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec.structs import replace

from aupgen.binding.selection import Selected
from aupgen.binding.values import Scope, capitalised
from aupgen.binding.voice import say, spoken, wordings_for
from aupgen.document.tree import Block, Blocks, Inlines, Section, Table, Text
from aupgen.policy.terms import Change, Voice

NEWS = "new-this-year"
"""The purpose of the table, by which it is found again."""

Row: TypeAlias = tuple[Inlines, ...]


def is_new(selected: Selected, scope: Scope) -> bool:
    """Whether the wording in force began with the school's policy year, and says something else than before.

    In the first year of the library nothing is new, and neither is a clause in words of the school's own or of a
    layer above it: they did not change with the library's.
    """
    revision = selected.revision
    choice = scope.profile.clause_choices.get(selected.clause.id)
    if choice and choice.wording:
        return False
    if revision.since != scope.profile.policy_year or scope.profile.policy_year == scope.library.first_year:
        return False
    return selected.number == 1 or revision.change is Change.MATERIAL


def news_row(selected: Selected, said: Inlines, is_item: bool, scope: Scope) -> Row:
    """A rule as a whole sentence, and why it is new: the revision's reason, else that of the clause.

    An item of a rule list is half a sentence ("not share …"): by itself, it is said to its reader.
    """
    clause, revision = selected.clause, selected.revision
    if is_item:
        scope = scope.speaking(Voice.SECOND_PERSON)
        audiences, language = scope.document.audiences, scope.library.language
        wordings = wordings_for(revision, audiences, scope.voice)
        wording = next(wording for when, wording in wordings if not when or scope.holds(when))
        said = say(spoken(clause, wording, language, audiences, scope.voice), scope)
    return capitalised(said), (Text((revision.why or clause.rationale).removesuffix(".")),)


def with_news(blocks: Blocks, rows: Iterable[Row]) -> Blocks:
    """The blocks with the rows in the table that waits for them; without rows, without the table."""
    rows = tuple(rows)
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, Table) and block.purpose == NEWS and not block.rows:
            if rows:
                out.append(replace(block, rows=rows))
        elif isinstance(block, Section) and not block.appendix:
            out.append(replace(block, blocks=with_news(block.blocks, rows)))
        else:
            out.append(block)
    return tuple(out)
