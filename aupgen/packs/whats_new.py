"""What the documents of two packs print in; which clauses came, went and were reworded out.

Pairs clauses by document and id in the manifests that packs carry; two texts are the same where all characters are.
"""

from __future__ import annotations

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
    before = {(clause.document, clause.id): clause for clause in _printed(old)}
    now = {(clause.document, clause.id): clause for clause in _printed(new)}
    return WhatsNew(
        tuple(clause for key, clause in now.items() if key not in before),
        tuple(clause for key, clause in before.items() if key not in now),
        tuple(
            (before[key], clause)
            for key, clause in now.items()
            if key in before and before[key].text != clause.text
        ),
    )


def _printed(manifest: Entry) -> Iterator[PrintedClause]:
    for document in manifest["documents"]:
        for section in document["sections"]:
            for clause in section["clauses"]:
                yield PrintedClause(document["id"], clause["id"], clause["revision"], clause["text"])
