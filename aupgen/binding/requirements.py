"""What clauses ask of one another: a document that prints one prints those it requires, and none that contradicts it.

Rule 1: the sections' own clauses come first; a required clause is added only where none of them is it.
Rule 2: a required clause stands where its topic prints, in the order of the topic, else directly after the clause
that requires it. It is added though it is optional, or not essential to the document.
Rule 3: what cannot be added is a finding at the profile's own choice; nothing is dropped in silence.

Worked out on the outline of each document, before anything is put into words. Libraries in which no clause
requires or contradicts another are not looked through at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.binding.outline import OutlineSection, outline, skeleton_for
from aupgen.binding.selection import Selected, in_print_order, select_clauses
from aupgen.binding.values import Needs, Scope
from aupgen.library.compiled import Library
from aupgen.library.skeleton import SectionGap
from aupgen.policy.clause import Clause, ClauseLink
from aupgen.policy.facts import unmet_text
from aupgen.policy.profile import DocumentChoice, Origin, Profile
from aupgen.source.diagnostics import Diagnostic, listing
from aupgen.source.span import Span


class Included(Struct, frozen=True):
    """A clause a document prints because another one there requires it, and the library's reason."""

    clause: str
    required_by: str
    reason: str


class Additions(Struct, frozen=True):
    """What one document prints beside the clauses of its sections.

    ``in_topics`` are the added clauses of topics that it prints, ``after`` those of other topics, by the clause
    they follow. Both are empty where nothing has to be added.
    """

    included: tuple[Included, ...] = ()
    in_topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_NOTHING = Additions()


class Added(Struct, frozen=True):
    """The additions to a school's documents, by the id of the document; an appendix has those of its document."""

    by_document: Mapping[str, Additions] = field(default_factory=dict)

    def completed(
        self, selected: tuple[Selected, ...], gap: SectionGap, scope: Scope
    ) -> tuple[Selected, ...]:
        """Return a section's clauses with those that are added to it, in print order."""
        additions = self.by_document.get(scope.document.id, _NOTHING)
        if not additions.included:
            return selected
        own = [id_ for topic in gap.topics for id_ in additions.in_topics.get(topic, ())]
        if own:
            among = in_print_order(scope.library, scope.profile, gap.topics, gap.clauses)
            order = [clause.id for clause, _ in among]
            together = {one.clause.id: one for one in (*selected, *_chosen(own, scope))}
            selected = tuple(sorted(together.values(), key=lambda one: order.index(one.clause.id)))
        return tuple(s for one in selected for s in _with_followers(one, additions, scope))


_Fault: TypeAlias = tuple[str, Span, str, str]
"""A finding's code, span, message and help, before it is known which documents have it."""


def add_required(
    library: Library, profile: Profile, needs: Needs, only: Collection[str] = ()
) -> tuple[Added, list[Diagnostic]]:
    """Return what a profile's documents print beside their sections' clauses, and findings AUP216 and AUP217.

    ``only`` names the documents that are built, () for all. Their appendices are looked through as well.
    """
    if not library.has_links:
        return Added(), []
    by_document: dict[str, Additions] = {}
    places: dict[_Fault, list[str]] = {}
    for choice in _looked_through(library, profile, only):
        planner = _Planner(library, profile, needs, choice)
        by_document[choice.id] = planner.additions()
        for fault in planner.faults:
            places.setdefault(fault, []).append(choice.id)
    return Added(by_document), [
        Diagnostic(*fault, notes=(f"in {listing(documents)}",), profile=profile.slug)
        for fault, documents in places.items()
    ]


def _looked_through(library: Library, profile: Profile, only: Collection[str]) -> Iterator[DocumentChoice]:
    """Yield the documents that are built and those printed in them, in the order of the profile."""
    wanted = {choice.id for choice in profile.documents if not only or choice.id in only}
    inside = {
        id_ for doc in wanted if doc in library.documents for id_ in library.documents[doc].appendices()
    }
    for choice in profile.documents:
        if choice.id in library.documents and choice.id in wanted | inside:
            yield choice


def _chosen(ids: Iterable[str], scope: Scope) -> tuple[Selected, ...]:
    """Some clauses as a section that names them by id prints them."""
    return select_clauses((), tuple(ids), scope, essential_only=False)[0]


def _with_followers(one: Selected, additions: Additions, scope: Scope) -> Iterator[Selected]:
    """Yield a clause, and after it those that are added behind it, each with its own."""
    yield one
    for follower in _chosen(additions.after.get(one.clause.id, ()), scope):
        yield from _with_followers(follower, additions, scope)


class _Planner(Struct):
    """Works out one document: what it prints, what that requires, and what does not go together."""

    library: Library
    profile: Profile
    needs: Needs
    choice: DocumentChoice
    faults: list[_Fault] = field(default_factory=list)
    included: dict[str, Included] = field(default_factory=dict)
    in_topics: dict[str, tuple[str, ...]] = field(default_factory=dict)
    after: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def additions(self) -> Additions:
        skeleton = skeleton_for(self.library.documents[self.choice.id], self.choice)
        # What the sections lack is asked for when they are put into words; here it would be asked for twice.
        scope = Scope(self.library, self.profile, Needs(), skeleton, skeleton.voice)
        sections = tuple(outline(scope, self.choice.sections))
        printed = {selected.clause.id: selected.clause for section in sections for selected in _own(section)}
        topics = {topic for section in sections for topic in section.gap.topics}
        waiting = list(printed.values())
        for clause in waiting:  # grows: what is required may require more
            for link in clause.requires:
                wanted = self.library.clauses[link.clause]
                if wanted.id in printed or not self._concerns(wanted, scope):
                    continue
                if not self._can_print(clause, wanted, link, scope):
                    continue
                printed[wanted.id] = wanted
                waiting.append(wanted)
                self._add(clause, wanted, link, topics)
        self._contradictions(printed)
        return Additions(tuple(self.included.values()), self.in_topics, self.after)

    def _concerns(self, clause: Clause, scope: Scope) -> bool:
        """Whether a clause is for this nation and any reader of the document; else nothing can require it here."""
        nation = not clause.nations or self.profile.nation in clause.nations
        return nation and any(audience in scope.document.audiences for audience in clause.audiences)

    def _can_print(self, clause: Clause, wanted: Clause, link: ClauseLink, scope: Scope) -> bool:
        """Whether a required clause can be printed; AUP216 where it cannot. A value it lacks is asked for instead."""
        choice = self.profile.clause_choices.get(wanted.id)
        year = self.profile.policy_year
        span = self._span_of(clause.id)
        leave_out = f"leave `{clause.id}` out as well: `use: false` under its id in `clauses:`, with a reason"
        if choice and choice.use is False:
            switch = self._switch_of(wanted.id)
            span, what = (switch.span if switch else choice.span), f"`{wanted.id}` is left out here"
            help_ = f"delete this `use: false`, or {leave_out}"
            if switch and switch.layer != self.profile.slug:
                back = f"print `{wanted.id}` in {self.profile.path}: `use: true` under its id, with a reason"
                help_ = f"{back}; or {leave_out}"
        elif wanted.is_retired_in(year):
            what, help_ = f"`{wanted.id}` is retired after {wanted.until}", leave_out
        elif wanted.revision_in(year) is None:
            what, help_ = f"`{wanted.id}` has no wording for {year}", leave_out
        else:
            probe = replace(scope, needs=Needs()).in_clause(wanted.id)
            if probe.holds(wanted.when):
                return True
            for missing, places in probe.needs.places.items():
                for place in places:
                    self.needs.ask(missing, place)
            if probe.needs.places:
                return False
            what = f"`{wanted.id}` cannot be printed here, where {unmet_text(wanted.when)}"
            help_ = f"give another answer there, or {leave_out}"
        self.faults.append(("AUP216", span, f"{what}, but `{clause.id}` requires it: {link.reason}", help_))
        return False

    def _add(self, clause: Clause, wanted: Clause, link: ClauseLink, topics: Collection[str]) -> None:
        self.included[wanted.id] = Included(wanted.id, clause.id, link.reason)
        where, key = (self.in_topics, wanted.topic) if wanted.topic in topics else (self.after, clause.id)
        where[key] = (*where.get(key, ()), wanted.id)

    def _contradictions(self, printed: Mapping[str, Clause]) -> None:
        """AUP217 once for every two printed clauses of which one says that they conflict."""
        told: set[frozenset[str]] = set()
        for clause in printed.values():
            for link in clause.conflicts:
                pair = frozenset((clause.id, link.clause))
                if link.clause not in printed or pair in told:
                    continue
                told.add(pair)
                span = self._span_of(clause.id, link.clause)
                message = f"`{clause.id}` and `{link.clause}` contradict each other, and both are printed: {link.reason}"
                help_ = "print one of the two: give the other `use: false` with a reason, or take it out of the section that names it"
                self.faults.append(("AUP217", span, message, help_))

    def _span_of(self, *ids: str) -> Span:
        """Where the profile brought one of some clauses in: its `use: true`, else where it lists the document.

        A required clause was brought in with the one that requires it.
        """
        for id_ in ids:
            at: str | None = id_
            while at is not None:
                choice = self.profile.clause_choices.get(at)
                if choice and choice.use:
                    switch = self._switch_of(at)
                    return switch.span if switch else choice.span
                at = self.included[at].required_by if at in self.included else None
        return self.choice.span

    def _switch_of(self, id_: str) -> Origin | None:
        """Which layer decides whether a clause is printed, and where; None where none does.

        A choice may stand elsewhere: where a layer further down rewords the clause.
        """
        return next(iter(self.profile.origins.get(f"clauses.{id_}.use", ())), None)


def _own(section: OutlineSection) -> tuple[Selected, ...]:
    gap = section.gap
    return select_clauses(gap.topics, gap.clauses, section.scope, essential_only=section.essential_only)[0]
