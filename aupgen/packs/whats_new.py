"""What the documents of two packs print in; which clauses came, went and were reworded out.

Pairs clauses by document and id in the manifests that packs carry; two texts are the same where all characters are. A
document may print a clause in several places, each in its own words: places pair in their order, but for those whose
words stayed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from aupgen.manifest import Entry


class PrintedClause(Struct, frozen=True):
    """A clause as a document prints it."""

    document: str
    id: str
    revision: int
    text: str


class WhatsNew(Struct, frozen=True):
    """Clauses that came, went, and were reworded (before and now), each in the order of its document."""

    added: tuple[PrintedClause, ...] = ()
    removed: tuple[PrintedClause, ...] = ()
    reworded: tuple[tuple[PrintedClause, PrintedClause], ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.added or self.removed or self.reworded)


def whats_new(old: Entry, new: Entry) -> WhatsNew:
    """Return what changed from one build's manifest to another's."""
    before, now = _by_clause(old), _by_clause(new)
    added: list[PrintedClause] = []
    removed: list[PrintedClause] = []
    reworded: list[tuple[PrintedClause, PrintedClause]] = []
    for key in {**now, **before}:
        was, stands = before.get(key, []), now.get(key, [])
        gone, come = _without(was, stands), _without(stands, was)
        pairs = list(zip(gone, come, strict=False))
        reworded += pairs
        added += come[len(pairs) :]
        removed += gone[len(pairs) :]
    return WhatsNew(tuple(added), tuple(removed), tuple(reworded))


def _without(clauses: list[PrintedClause], others: list[PrintedClause]) -> list[PrintedClause]:
    """Those whose words are not among the others', each of which stands for one."""
    left = Counter(clause.text for clause in others)
    out = []
    for clause in clauses:
        if left[clause.text]:
            left[clause.text] -= 1
        else:
            out.append(clause)
    return out


def _by_clause(manifest: Entry) -> dict[tuple[str, str], list[PrintedClause]]:
    """By document and clause, all places where it is printed, in their order."""
    out: dict[tuple[str, str], list[PrintedClause]] = {}
    for clause in _printed(manifest):
        out.setdefault((clause.document, clause.id), []).append(clause)
    return out


def _printed(manifest: Entry) -> Iterator[PrintedClause]:
    for document in manifest["documents"]:
        for section in document["sections"]:
            for clause in section["clauses"]:
                yield PrintedClause(document["id"], clause["id"], clause["revision"], clause["text"])
