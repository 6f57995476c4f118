"""What an earlier run built of a school: enough to tell, without binding anything, what would come out the same.

Comes from a finished build and goes back into the cache; is compared with the digests of the sources as they are
now, and with what became of the clauses in those that changed. Reads and writes nothing itself. A stamp is taken only of a whole build whose documents and files drew no
finding; what was found in the profile it keeps, so that to pass over a school never hides a warning. It stands in
the cache, whose entries hang on this program's own code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from aupgen.library.concerns import Edits
from aupgen.source.diagnostics import Diagnostic, listing

_LISTED = 3  # clauses of one topic


class Stamp(Struct, frozen=True):
    """One school's folder as a build left it.

    ``slug`` and ``year`` name the folder, ``school`` is what people call it; ``sources`` is `digest_of` all sources; ``manifest`` and ``files`` hold the SHA-256 of
    what was written, by name; ``drawn_on`` the topics that each document chose its clauses from, ``prints`` the ids of
    the clauses in it, by the document's id; ``found`` what was found in the profile and those above it.
    """

    slug: str
    school: str
    year: str
    sources: str
    manifest: str
    files: Mapping[str, str]
    drawn_on: Mapping[str, tuple[str, ...]]
    prints: Mapping[str, tuple[str, ...]]
    found: tuple[Diagnostic, ...] = ()


def digest_of(sources: Mapping[str, str]) -> str:
    """One digest over the digests of all sources, by path."""
    return hashlib.sha256(repr(sorted(sources.items())).encode()).hexdigest()


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The paths of sources that are not what they were, came, or went; in order."""
    return tuple(sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path)))


def rechosen(sources: Collection[str], topics: Iterable[str], edits: Edits | None) -> frozenset[str]:
    """The topics with a file among some changed sources of which documents may print other clauses than before, or in
    another order. ``edits`` None: what changed in a file is not known."""
    edited = frozenset(topic for topic in topics if _file_of(topic) in sources)
    return edited if edits is None else edited & edits.rechosen


def causes(
    stamp: Stamp, sources: Collection[str], topics: Iterable[str], edits: Edits | None
) -> dict[str, tuple[str, ...]]:
    """What in some changed sources each document may show, in words, by its id; () where it comes out as it was.

    The file of a topic (``topics`` names them all) concerns the documents that draw on it; where only words changed in
    it, those that print one of the changed clauses. Any other source concerns every document.
    """
    by_path = {_file_of(topic): topic for topic in topics}
    otherwise = rechosen(sources, by_path.values(), edits)
    reworded = edits.reworded if edits else {}
    why: dict[str, tuple[str, ...]] = {}
    for document, drawn in stamp.drawn_on.items():
        reasons: list[str] = []
        for path in sources:
            topic = by_path.get(path, "")
            if not topic or (topic in otherwise and topic in drawn):
                reasons.append(path)
            elif topic not in otherwise:
                shown = [id_ for id_ in reworded[topic] if id_ in stamp.prints[document]]
                clauses = "the clause" if len(shown) == 1 else "the clauses"
                reasons += [f"{clauses} {listing(shown, _LISTED)} ({path})"] if shown else []
        why[document] = tuple(reasons)
    return why


def _file_of(topic: str) -> str:
    return f"clauses/{topic}.yaml"
