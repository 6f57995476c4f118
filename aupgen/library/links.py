"""What clauses say of one another: `requires:` and `conflicts:` in, checked links out.

A link may name any clause of the library, so links are checked when all topics are linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from aupgen.library.shapes import LinkShape
from aupgen.policy.clause import Clause, ClauseLink, Topic
from aupgen.source.diagnostics import Diagnostic, suggestion
from aupgen.source.yaml_text import Route, YamlFile


def read_links(file: YamlFile, route: Route, shapes: Iterable[LinkShape]) -> tuple[ClauseLink, ...]:
    """Return the links of the list that stands at ``route``, in its order; each spans the id it names."""
    return tuple(
        ClauseLink(shape.clause, shape.reason.rstrip("."), file.value_span((*route, position, "clause")))
        for position, shape in enumerate(shapes)
    )


def link_faults(topics: Mapping[str, Topic], *, complete: bool) -> Iterator[Diagnostic]:
    """Yield AUP204, AUP216, AUP217 and AUP420 for links that no profile could do justice to, at their lines.

    Where the topics are not ``complete``, an id that is not among them may stand in a file with faults of its own.
    """
    clauses = {clause.id: clause for topic in topics.values() for clause in topic.clauses}
    for clause in clauses.values():
        yield from _replacement_faults(clause, clauses, complete)
    linked = [clause for clause in clauses.values() if clause.requires or clause.conflicts]
    reached = {clause.id: _reached(clause, clauses) for clause in linked}
    for clause in linked:
        for link in (*clause.requires, *clause.conflicts):
            if link.clause not in clauses and complete:
                help_ = suggestion(link.clause, clauses, "`aupgen list clauses` prints them all")
                message = f"there is no clause `{link.clause}`"
                yield Diagnostic("AUP204", link.span, message, help_, clause=clause.id)
        for code, links, what in (
            ("AUP216", clause.requires, "requires"),
            ("AUP217", clause.conflicts, "conflicts with"),
        ):
            for link in links:
                if link.clause == clause.id:
                    message = f"`{clause.id}` {what} itself"
                    yield Diagnostic(code, link.span, message, "name another clause", clause=clause.id)
        yield from _contradictions(clause, clauses, reached)


def _replacement_faults(
    clause: Clause, clauses: Mapping[str, Clause], complete: bool
) -> Iterator[Diagnostic]:
    """AUP204 and AUP420 for what a clause cannot replace: a clause nobody knows, or one that stays in force."""
    for id_ in clause.replaces:
        old = clauses.get(id_)
        if old is None and complete:
            message = f"`{clause.id}` replaces `{id_}`, and there is no such clause"
            help_ = suggestion(
                id_, clauses, "keep the old clause with `until:`, so that earlier years can be built"
            )
            yield Diagnostic("AUP204", clause.span, message, help_, clause=clause.id)
        elif old is not None and (old.until is None or old.until >= clause.revisions[0].since):
            ends = f"until {old.until}" if old.until else "and has no end"
            message = (
                f"`{clause.id}` replaces `{id_}` from {clause.revisions[0].since}, which is in force {ends}"
            )
            help_ = f"end `{id_}` with `until:` in the year before"
            yield Diagnostic("AUP420", clause.span, message, help_, clause=clause.id)


def _reached(clause: Clause, clauses: Mapping[str, Clause]) -> frozenset[str]:
    """The ids of all clauses that print with this one, itself among them: what it requires, and what they require."""
    reached = {clause.id}
    waiting = [clause]
    while waiting:
        for link in waiting.pop().requires:
            if link.clause in clauses and link.clause not in reached:
                reached.add(link.clause)
                waiting.append(clauses[link.clause])
    return frozenset(reached)


def _contradictions(
    clause: Clause, clauses: Mapping[str, Clause], reached: Mapping[str, frozenset[str]]
) -> Iterator[Diagnostic]:
    """Yield AUP217 where what prints with a clause contradicts it or itself, at the requirement that leads there.

    Nothing where one required clause reaches both sides and does not require this one in turn: it has the finding.
    """
    told: set[frozenset[str]] = set()
    for one in sorted(reached[clause.id]):
        for link in clauses[one].conflicts:
            sides = frozenset((one, link.clause))
            if link.clause == one or sides in told or not sides <= reached[clause.id]:
                continue
            told.add(sides)
            if _nowhere_together(clauses[one], clauses[link.clause]):
                continue
            below = {
                r.clause: reached.get(r.clause, frozenset({r.clause}))
                for r in clause.requires
                if r.clause != clause.id
            }
            if clause.id not in sides and any(
                sides <= there and clause.id not in there for there in below.values()
            ):
                continue
            leads = min(
                (r for r in clause.requires if below.get(r.clause, frozenset()) & (sides - {clause.id})),
                key=lambda r: r.clause not in sides,
            )
            other = next(iter(sides - {clause.id})) if clause.id in sides else ""
            message = (
                f"`{clause.id}` requires `{other}` and conflicts with it: {link.reason}"
                if other
                else f"`{clause.id}` requires `{one}` and `{link.clause}`, which conflict: {link.reason}"
            )
            help_ = "no document could print the clause: take the requirement or the conflict away"
            yield Diagnostic("AUP217", leads.span, message, help_, clause=clause.id)


def _nowhere_together(one: Clause, other: Clause) -> bool:
    """Whether two clauses are for different nations, so that no document has both."""
    return bool(one.nations and other.nations) and not set(one.nations) & set(other.nations)
