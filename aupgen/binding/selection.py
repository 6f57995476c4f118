"""Which clauses a section prints for one school and year, and why others were left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from aupgen.binding.values import Scope
from aupgen.policy.clause import Clause, Revision


class Selected(Struct, frozen=True):
    """A clause to print, with the number (1-based) and revision in force."""

    clause: Clause
    number: int
    revision: Revision


class LeftOut(Struct, frozen=True):
    """A clause a section could have printed, and the reason it does not, in plain words."""

    clause: str
    reason: str


def select_clauses(
    topics: Iterable[str], clauses: Iterable[str], scope: Scope, *, essential_only: bool
) -> tuple[tuple[Selected, ...], tuple[LeftOut, ...]]:
    """Return the clauses of some topics, then those named by id, in print order without repeats.

    A clause named by id is printed though it is optional, or though the document's short form would leave it out.
    """
    library, own = scope.library, scope.profile.local_clauses
    by_id = {**library.clauses, **{clause.id: clause for clause in own}}
    candidates = [
        (clause, False)
        for topic in topics
        for clause in (*library.topics[topic].clauses, *(local for local in own if local.topic == topic))
    ]
    candidates += [(by_id[id_], True) for id_ in clauses]
    kept: dict[str, Selected] = {}
    left: list[LeftOut] = []
    for clause, named in candidates:
        reason = next(_reasons(clause, named, essential_only, scope.inside(clause=clause.id)), "")
        current = clause.revision_in(scope.profile.policy_year)
        if reason or current is None:
            left.append(LeftOut(clause.id, reason or f"it has no wording for {scope.profile.policy_year}"))
        else:
            kept.setdefault(clause.id, Selected(clause, *current))
    return tuple(kept.values()), tuple(left)


def _reasons(clause: Clause, named: bool, essential_only: bool, scope: Scope) -> Iterator[str]:
    document = scope.document
    choice = scope.profile.clause_choices.get(clause.id)
    if choice and choice.use is False:
        yield f"{scope.profile.slug} leaves it out: {choice.reason}"
    if clause.optional and not named and not (choice and choice.use):
        yield "it is optional, and the profile does not ask for it"
    if not set(clause.audiences) & set(document.audiences):
        yield f"it is not for {', '.join(document.audiences)}"
    if clause.nations and scope.profile.nation not in clause.nations:
        yield f"it is for {', '.join(clause.nations)} only"
    if essential_only and not named and document.id not in clause.essential:
        yield "the document prints its essential clauses only"
    if not scope.holds(clause.when):
        yield "its condition does not hold: " + ", ".join(
            f"{n} is not {' or '.join(v)}" for n, v in clause.when
        )
