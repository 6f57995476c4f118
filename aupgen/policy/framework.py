"""Laws, guidance and standards that clauses rest on, and which edition of one is in force on a day.

Entries of the register come in as values; who prints them, and in which words, is settled elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from aupgen.policy.terms import Nation


class FrameworkStatus(StrEnum):
    """How binding a framework is; the last two are never named as if they were in force."""

    LAW = "law"
    STATUTORY_GUIDANCE = "statutory-guidance"
    GUIDANCE = "guidance"
    STANDARD = "standard"
    TOOL = "tool"
    DRAFT = "draft"
    SUPERSEDED = "superseded"


PRINTED_STATUSES = tuple(
    status for status in FrameworkStatus if status not in (FrameworkStatus.DRAFT, FrameworkStatus.SUPERSEDED)
)
"""The statuses a document may print, in the words of the language."""


class Framework(Struct, frozen=True):
    """A law or piece of guidance in one edition.

    ``date``, the day it took effect, is text as the register has it: 2025, 2025-09 or 2025-09-01, "" where
    unknown. ``verified`` and ``confirmed_by`` with ``confirmed_on`` are two ways of saying that somebody stands
    for the entry; the latter are "" where nobody was named. ``superseded_by`` is the id of the edition that
    replaced it, "" for the newest.
    """

    id: str
    title: str
    nations: tuple[Nation, ...]
    edition: str
    status: FrameworkStatus
    about: str
    url: str
    verified: bool
    checked: str
    date: str = ""
    note: str = ""
    superseded_by: str = ""
    confirmed_by: str = ""
    confirmed_on: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody stands for the entry, and it is more than a draft."""
        return (self.verified or bool(self.confirmed_by)) and self.status is not FrameworkStatus.DRAFT

    @property
    def is_superseded(self) -> bool:
        return bool(self.superseded_by) or self.status is FrameworkStatus.SUPERSEDED

    def has_begun(self, day: str) -> bool:
        """Whether it took effect by ``day`` (2026-09-01 or 2026-09); true where its date is unknown.

        Dates are compared as far as both are known: a law of 2026 has begun on any day of that year.
        """
        known = min(len(self.date), len(day))
        return self.date[:known] <= day[:known]


def editions_from(id_: str, register: Mapping[str, Framework]) -> tuple[Framework, ...]:
    """The editions from this one to the newest, each once; () where the register has no such entry."""
    line: dict[str, Framework] = {}
    while id_ in register and id_ not in line:
        line[id_] = register[id_]
        id_ = register[id_].superseded_by
    return tuple(line.values())


def edition_in_force(id_: str, register: Mapping[str, Framework], day: str) -> Framework | None:
    """What to name on a day for a citation of ``id_``: the newest edition that had begun by then.

    None where that edition is not confirmed, or is only known to be superseded: an older one would be named
    as if it were in force. None, too, where no edition had begun.
    """
    begun = [framework for framework in editions_from(id_, register) if framework.has_begun(day)]
    newest = begun[-1] if begun else None
    if newest is None or not newest.is_confirmed or newest.status is FrameworkStatus.SUPERSEDED:
        return None
    return newest
