"""What is new in the policy year: the rules to name at the top of a document, put in once all of them are known.

Printed clauses in; the rows of a table, and the finished tree with that table filled, or without it, out. Only the
library's own history counts: what a school changed by itself is told by comparing two editions.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.binding.selection import Selected
from aupgen.binding.values import Scope, capitalised
from aupgen.binding.voice import addressed, own_wording, say, spoken, wordings_for
from aupgen.document.tree import Block, Blocks, Inlines, Section, Table, Text
from aupgen.policy.terms import Change, Voice
from aupgen.policy.year import FIRST_YEAR, PolicyYear

NEWS = "new-this-year"
"""The purpose of the table, by which it is found again."""

Row: TypeAlias = tuple[Inlines, ...]


class News(Struct):
    """What a document, or an appendix by itself, has to tell: a row for each new rule by its clause, and the year in
    which the oldest of its clauses began. In that year nothing is new, because everything is."""

    rows: dict[str, Row] = field(default_factory=dict)
    oldest: PolicyYear | None = None

    def note(self, selected: Selected, said: Inlines, is_item: bool, scope: Scope) -> None:
        """Take down a printed clause."""
        began = selected.clause.revisions[0].since
        if began != FIRST_YEAR and (self.oldest is None or began < self.oldest):
            self.oldest = began
        if selected.clause.id not in self.rows and _is_new(selected, scope):
            self.rows[selected.clause.id] = _row(selected, said, is_item, scope)

    def told_in(self, year: PolicyYear) -> tuple[Row, ...]:
        """The rows for a policy year, in print order."""
        return tuple(self.rows.values()) if self.oldest is not None and self.oldest < year else ()


def _is_new(selected: Selected, scope: Scope) -> bool:
    """Whether the wording in force began with the school's policy year, and says something else than before.

    A clause in words of the school's own or of a layer above it is not: they did not change with the library's.
    """
    revision = selected.revision
    if revision.since != scope.profile.policy_year:
        return False
    choice = scope.profile.clause_choices.get(selected.clause.id)
    if choice and own_wording(selected.clause, revision, choice, scope.document.audiences):
        return False
    # a clause that takes over from others may begin with an editorial change: the rule was there before
    return revision.change is Change.MATERIAL or (selected.number == 1 and revision.change is None)


def _row(selected: Selected, said: Inlines, is_item: bool, scope: Scope) -> Row:
    """A rule as a whole sentence, and why it is new: the revision's reason, else that of the clause.

    An item of a rule list is half a sentence ("not share …"): by itself, it is said to its reader.
    """
    clause, revision = selected.clause, selected.revision
    if is_item:
        scope = scope.speaking(Voice.SECOND_PERSON)
        audiences, language = scope.document.audiences, scope.library.language
        wordings = wordings_for(revision, addressed(clause, audiences), scope.voice)
        wording = next(wording for when, wording in wordings if not when or scope.holds(when))
        said = say(spoken(clause, wording, language, audiences, scope.voice), scope)
    return capitalised(said), (Text((revision.why or clause.rationale).removesuffix(".")),)


def with_news(blocks: Blocks, rows: tuple[Row, ...]) -> Blocks:
    """The blocks with the rows in the table that waits for them; without rows, without the table."""
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
