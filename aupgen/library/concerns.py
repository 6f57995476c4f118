"""What a change in the library concerns: how profiles read, which clauses documents print, or nothing but words.

Compiled values in; a digest, and what became of some topics, out. Reads no files. Where a clause is printed hangs on
every part of it but those named in `_as_chosen`; what is new in `Clause` counts among what decides, until it is named
there. On which line anything stands counts for nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from aupgen.library.skeleton import Skeleton
from aupgen.policy.clause import Clause, ClauseLink, Topic, Wording
from aupgen.policy.language import Language
from aupgen.policy.parameter import Parameter
from aupgen.policy.role import Role
from aupgen.policy.terms import Kind, Status
from aupgen.policy.wording import Names
from aupgen.source.span import Span

_NOWHERE = Span("")
_NO_WORDS = Wording(())


def read_with(
    roles: Mapping[str, Role],
    parameters: Mapping[str, Parameter],
    language: Language,
    documents: Mapping[str, Skeleton],
    names: Names,
    topics: Mapping[str, Topic],
) -> str:
    """The digest of all in a library that `profiles/reading.py` looks at: of a clause its id, its kind, what it asks for,
    and of what kind its newest words for one reader are."""
    clauses = sorted(
        (
            clause.id,
            clause.kind,
            sorted(clause.parameter_names()),
            [(reader, wording.kind) for reader, wording in sorted(clause.revisions[-1].special.items())]
            if clause.revisions
            else [],
        )
        for topic in topics.values()
        for clause in topic.clauses
    )
    read = (roles, parameters, language, documents, names, sorted(topics), clauses)
    return hashlib.sha256(msgspec.json.encode(read, order="deterministic")).hexdigest()


class Edits(Struct, frozen=True):
    """What became of the topics between two states of a library.

    ``rechosen`` are those of which a document may print other clauses than before, or in another order; ``reworded``
    has all others, each with the clauses that read otherwise where they are printed, () where none does.
    """

    rechosen: frozenset[str]
    reworded: Mapping[str, tuple[str, ...]]


def edits_between(before: Mapping[str, Topic], now: Mapping[str, Topic]) -> Edits:
    """Return what became of the topics by their ids; one that is not in both states is rechosen."""
    rechosen: set[str] = set()
    reworded: dict[str, tuple[str, ...]] = {}
    for id_ in before.keys() | now.keys():
        old, new = before.get(id_), now.get(id_)
        if old == new:
            reworded[id_] = ()
        elif old is None or new is None or _topic_as_chosen(old) != _topic_as_chosen(new):
            rechosen.add(id_)
        else:
            pairs = zip(old.clauses, new.clauses, strict=True)
            reworded[id_] = tuple(n.id for o, n in pairs if _without_places(o) != _without_places(n))
    return Edits(frozenset(rechosen), reworded)


def _topic_as_chosen(topic: Topic) -> Topic:
    return replace(topic, clauses=tuple(map(_as_chosen, topic.clauses)))


def _as_chosen(clause: Clause) -> Clause:
    """The clause without what only a document that prints it shows. For whom it has words of their own stays: whether
    a school’s text reaches those readers is a question to all its documents."""
    return replace(
        _without_places(clause),
        owner="",
        kind=Kind.STATEMENT,
        status=Status.LOCAL,
        rationale="",
        cites=(),
        revisions=tuple(
            replace(
                revision,
                wording=_NO_WORDS,
                change=None,
                why="",
                variants=(),
                special=dict.fromkeys(revision.special, _NO_WORDS),
            )
            for revision in clause.revisions
        ),
    )


def _without_places(clause: Clause) -> Clause:
    requires, conflicts = map(_links_without_places, (clause.requires, clause.conflicts))
    return replace(clause, span=_NOWHERE, requires=requires, conflicts=conflicts)


def _links_without_places(links: tuple[ClauseLink, ...]) -> tuple[ClauseLink, ...]:
    return tuple(replace(link, span=_NOWHERE) for link in links)
