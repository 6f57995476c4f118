"""The files of a workspace, of the pack that they came from, and of the next pack in; its next library out.

Bytes and values only. What somebody edited by hand is found by the digests that were kept of the pack's files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from aupgen.manifest import sha256

_PROFILE = re.compile(r"schools/[^/]+\.ya?ml")


class Edit(StrEnum):
    """What becomes of a file that is not as the last pack left it, in words that follow its name."""

    STAYS = "was edited here, and the pack leaves it as it was: your edit stays in force"
    GIVES_WAY = "was edited here, and the pack changes it: the pack’s holds now"
    GOES = "was edited here, and the pack has it no more: it holds no longer"
    COVERED = "was added here, and the pack has one of that name: the pack’s holds now"
    IS_BACK = "was deleted here, and is there again with the pack"
    TWO_PROFILES = "is one of yours, and the pack has one of that name"


class NextFiles(Struct, frozen=True):
    """What a workspace is to hold: its library, and the profiles that are its own, by their path in it.

    ``own`` are the paths of all files that are not as the pack has them; ``edits`` is what became of each that
    somebody changed by hand.
    """

    library: Mapping[str, bytes]
    profiles: Mapping[str, bytes]
    own: frozenset[str]
    edits: Mapping[str, Edit]


def is_profile(name: str) -> bool:
    """Whether a path in a workspace is that of a profile."""
    return _PROFILE.fullmatch(name) is not None


def next_files(
    present: Mapping[str, bytes], pinned: Mapping[str, str], pack: Mapping[str, bytes]
) -> NextFiles:
    """Return what a workspace is to hold. ``pinned`` are the digests of the last pack's files.

    Files that came from no pack stay. An edit of a file that the next pack leaves as it was stays in force; of one that
    both changed, the pack's is taken.
    """
    library: dict[str, bytes] = {}
    profiles: dict[str, bytes] = {}
    edits: dict[str, Edit] = {}
    for name in sorted({*pinned, *present, *pack}):
        now, then, following = present.get(name), pinned.get(name), pack.get(name)
        edit = _edit(name, now, then, following)
        if edit is not None:
            edits[name] = edit
        if then is None and following is None and now is not None:
            (profiles if is_profile(name) else library)[name] = now
        elif edit is Edit.STAYS and now is not None:
            library[name] = now
        elif following is not None:
            library[name] = following
    own = {name for name in (*profiles, *library) if library.get(name) != pack.get(name, b"")}
    return NextFiles(library, profiles, frozenset(own), edits)


def _edit(name: str, now: bytes | None, then: str | None, following: bytes | None) -> Edit | None:
    """None for a file that is as the last pack or the next one has it, or that no pack has."""
    if now == following or (now is not None and then is not None and _is_as(now, then)):
        return None
    if now is None:
        return Edit.IS_BACK if then is not None else None
    if then is None:
        if following is None:
            return None
        return Edit.TWO_PROFILES if is_profile(name) else Edit.COVERED
    if following is None:
        return Edit.GOES
    return Edit.STAYS if sha256(following) == then else Edit.GIVES_WAY


def _is_as(data: bytes, digest: str) -> bool:
    """Whether a file is the one of a digest; a checkout on Windows may have changed the ends of its lines."""
    return digest in (sha256(data), sha256(data.replace(b"\r\n", b"\n")))
