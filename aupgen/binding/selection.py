"""Which clauses a section prints for one school and year, and why others were left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from aupgen.binding.values import Scope
from aupgen.binding.voice import Spoken, addressed, spoken, wordings_for
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause, Conditions, Revision
from aupgen.policy.facts import unmet_text
from aupgen.policy.language import Language
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Audience, Nation, Voice
from aupgen.policy.year import PolicyYear

_SECTIONS = 512
"""How many sections of the library are remembered with their candidates; a run has a few dozen."""


class Selected(Struct, frozen=True):
    """A clause to print, with the number (1-based) and revision in force.

    ``wordings`` are what the voice makes of each wording it may use, with the condition of each.
    """

    clause: Clause
    number: int
    revision: Revision
    wordings: tuple[tuple[Conditions, Spoken], ...]


class LeftOut(Struct, frozen=True):
    """A clause a section could have printed, and the reason it does not, in plain words."""

    clause: str
    reason: str


class Terms(Struct, frozen=True):
    """What the choice of clauses hangs on beside the school's own decisions: many schools share them."""

    document: str
    audiences: tuple[Audience, ...]
    voice: Voice
    essential_only: bool
    nation: Nation
    policy_year: PolicyYear


class Candidate(Struct, frozen=True):
    """A clause a section might print. ``left`` is why it is not, before anything the school decided about it;
    ``left_if_asked`` the same where the profile asks for it. Both are None where nothing is in its way.
    ``selected`` is None where the year has no wording.
    """

    clause: Clause
    left: LeftOut | None
    left_if_asked: LeftOut | None
    selected: Selected | None


def select_clauses(
    topics: tuple[str, ...], clauses: tuple[str, ...], scope: Scope, *, essential_only: bool
) -> tuple[tuple[Selected, ...], tuple[LeftOut, ...]]:
    """Return the clauses of some topics, then those named by id, in print order without repeats.

    A clause named by id is printed though it is optional, or though the document's short form would leave it out; so is
    one that a profile put beside it.
    """
    profile, document = scope.profile, scope.document
    terms = Terms(
        document.id, document.audiences, scope.voice, essential_only, profile.nation, profile.policy_year
    )
    kept: dict[str, Selected] = {}
    left: list[LeftOut] = []
    if any(
        local.topic in topics
        or local.id in clauses
        or _follows(local, scope.library, profile, topics, clauses)
        for local in profile.local_clauses
    ):
        among = in_print_order(scope.library, profile, topics, clauses)
        candidates = _candidates(scope.library, among, terms)
    else:
        candidates = _shared_candidates(scope.library, topics, clauses, terms)
    for candidate in candidates:
        clause = candidate.clause
        choice = profile.clause_choices.get(clause.id)
        if choice and choice.use is False:
            left.append(LeftOut(clause.id, f"{choice.layer} leaves it out: {choice.reason}"))
        elif reason := candidate.left_if_asked if choice and choice.use else candidate.left:
            left.append(reason)
        elif clause.when and not scope.in_clause(clause.id).holds(clause.when):
            inside = scope.in_clause(clause.id)
            failed = tuple(part for part in clause.when if not inside.holds((part,)))
            left.append(LeftOut(clause.id, f"its condition does not hold: {unmet_text(failed)}"))
        elif candidate.selected is None:
            left.append(LeftOut(clause.id, f"it has no wording for {profile.policy_year}"))
        elif clause.id not in kept:
            kept[clause.id] = candidate.selected
    return tuple(kept.values()), tuple(left)


def _follows(
    local: Clause, library: Library, profile: Profile, topics: tuple[str, ...], clauses: tuple[str, ...]
) -> bool:
    """Whether a clause of a profile's own stands beside one that has a place in a section."""
    one: Clause | None = local
    while one is not None and one.beside:
        if one.beside in clauses:
            return True
        if with_ := library.clauses.get(one.beside):
            return with_.topic in topics
        one = profile.local_clause(one.beside)
    return one is not None and one.topic in topics


def in_print_order(
    library: Library, profile: Profile, topics: tuple[str, ...], clauses: tuple[str, ...]
) -> Iterator[tuple[Clause, bool]]:
    """Yield the clauses that a section might print, perhaps twice, each with whether the section names it.

    A profile's own follow those of their topic, or stand right behind the clause that they are said to stand beside.
    """
    own = {local.id: local for local in profile.local_clauses}
    beside: dict[str, list[Clause]] = {}
    for local in own.values():
        if local.beside:
            beside.setdefault(local.beside, []).append(local)

    for topic in topics:
        with_topic = (local for local in own.values() if local.topic == topic and not local.beside)
        for clause in (*library.topics[topic].clauses, *with_topic):
            yield from _with_own(clause, False, beside)
    for id_ in clauses:
        yield from _with_own(own.get(id_) or library.clauses[id_], True, beside)


def _with_own(
    clause: Clause, named: bool, beside: Mapping[str, Sequence[Clause]]
) -> Iterator[tuple[Clause, bool]]:
    """Yield a clause and those that stand beside it, in no circle: each names one of the library or of a layer above."""
    yield clause, named
    for local in beside.get(clause.id, ()):
        yield from _with_own(local, named, beside)


def _candidates(
    library: Library, among: Iterable[tuple[Clause, bool]], terms: Terms
) -> tuple[Candidate, ...]:
    return tuple(_candidate(clause, named, library.language, terms) for clause, named in among)


@lru_cache(maxsize=_SECTIONS)
def _shared_candidates(
    library: Library, topics: tuple[str, ...], clauses: tuple[str, ...], terms: Terms
) -> tuple[Candidate, ...]:
    """The clauses that a section of the library's alone might print: worked out once for all schools."""
    among = [(clause, False) for topic in topics for clause in library.topics[topic].clauses]
    among += [(library.clauses[id_], True) for id_ in clauses]
    return _candidates(library, among, terms)


def _candidate(clause: Clause, named: bool, language: Language, terms: Terms) -> Candidate:
    left, left_if_asked = (
        LeftOut(clause.id, reason) if (reason := _reason(clause, named, asked, terms)) else None
        for asked in (False, True)
    )
    current = clause.revision_in(terms.policy_year)
    if current is None:
        return Candidate(clause, left, left_if_asked, None)
    number, revision = current
    wordings = tuple(
        (when, spoken(clause, wording, language, terms.audiences, terms.voice))
        for when, wording in wordings_for(revision, addressed(clause, terms.audiences), terms.voice)
    )
    return Candidate(clause, left, left_if_asked, Selected(clause, number, revision, wordings))


def _reason(clause: Clause, named: bool, asked: bool, terms: Terms) -> str:
    """Why a clause is not printed on these terms, "" where nothing is in its way."""
    if clause.is_retired_in(terms.policy_year):
        return f"retired after {clause.until}"
    if clause.optional and not named and not asked:
        return "it is optional, and the profile does not ask for it"
    if not any(audience in terms.audiences for audience in clause.audiences):
        return f"it is not for {', '.join(terms.audiences)}"
    if clause.nations and terms.nation not in clause.nations:
        return f"it is for {', '.join(clause.nations)} only"
    if terms.essential_only and not named and terms.document not in clause.essential:
        return "the document prints its essential clauses only"
    return ""
