"""What an earlier run built of a school: enough to tell, without binding anything, what would come out the same.

Comes from a finished build and goes back into the cache; is compared with the digests of the sources as they are
now. Reads and writes nothing itself. A stamp is taken only of a whole build whose documents and files drew no
finding; what was found in the profile it keeps, so that to pass over a school never hides a warning. It stands in
the cache, whose entries hang on this program's own code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from msgspec import Struct

from aupgen.source.diagnostics import Diagnostic


class Stamp(Struct, frozen=True):
    """One school's folder as a build left it.

    ``slug`` and ``year`` name the folder, ``school`` is what people call it; ``sources`` is `digest_of` all sources; ``manifest`` and ``files`` hold the SHA-256 of
    what was written, by name; ``drawn_on`` the topics that each document chose its clauses from, by the document's id;
    ``found`` what was found in the profile and those above it.
    """

    slug: str
    school: str
    year: str
    sources: str
    manifest: str
    files: Mapping[str, str]
    drawn_on: Mapping[str, tuple[str, ...]]
    found: tuple[Diagnostic, ...] = ()


def digest_of(sources: Mapping[str, str]) -> str:
    """One digest over the digests of all sources, by path."""
    return hashlib.sha256(repr(sorted(sources.items())).encode()).hexdigest()


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The paths of sources that are not what they were, came, or went; in order."""
    return tuple(sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path)))


def causes(
    drawn_on: Mapping[str, tuple[str, ...]], sources: Collection[str], topics: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Which of some changed sources each document may show, by its id; () where it comes out as it was.

    The file of a topic (``topics`` names them all) concerns the documents that draw on it, any other source every document.
    """
    by_path = {f"clauses/{topic}.yaml": topic for topic in topics}
    return {
        document: tuple(path for path in sources if path not in by_path or by_path[path] in drawn)
        for document, drawn in drawn_on.items()
    }
