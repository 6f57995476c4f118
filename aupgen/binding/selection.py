"""Which clauses a section prints for one school and year, and why others were left out."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from aupgen.binding.values import Scope
from aupgen.policy.clause import Clause, Revision
from aupgen.policy.facts import unmet_text


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
    candidates = [
        (clause, False)
        for topic in topics
        for clause in (*library.topics[topic].clauses, *(local for local in own if local.topic == topic))
    ]
    candidates += [(scope.profile.local_clause(id_) or library.clauses[id_], True) for id_ in clauses]
    kept: dict[str, Selected] = {}
    left: list[LeftOut] = []
    for clause, named in candidates:
        reason = _reason(clause, named, essential_only, scope)
        current = clause.revision_in(scope.profile.policy_year)
        if reason or current is None:
            left.append(LeftOut(clause.id, reason or f"it has no wording for {scope.profile.policy_year}"))
        elif clause.id not in kept:
            kept[clause.id] = Selected(clause, *current)
    return tuple(kept.values()), tuple(left)


def _reason(clause: Clause, named: bool, essential_only: bool, scope: Scope) -> str:
    """Why a clause is not printed, "" where it is."""
    profile, document = scope.profile, scope.document
    choice = profile.clause_choices.get(clause.id)
    if clause.is_retired_in(profile.policy_year):
        return f"retired after {clause.until}"
    if choice and choice.use is False:
        return f"{choice.layer} leaves it out: {choice.reason}"
    if clause.optional and not named and not (choice and choice.use):
        return "it is optional, and the profile does not ask for it"
    if not any(audience in document.audiences for audience in clause.audiences):
        return f"it is not for {', '.join(document.audiences)}"
    if clause.nations and profile.nation not in clause.nations:
        return f"it is for {', '.join(clause.nations)} only"
    if essential_only and not named and document.id not in clause.essential:
        return "the document prints its essential clauses only"
    if clause.when and not scope.in_clause(clause.id).holds(clause.when):
        return f"its condition does not hold: {unmet_text(clause.when)}"
    return ""
