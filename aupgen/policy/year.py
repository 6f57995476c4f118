"""Policy years and the dates of editions: text in, values that compare and print out. Reads no clock."""

from __future__ import annotations

import re
from datetime import date

from msgspec import Struct


class PolicyYear(Struct, frozen=True, order=True):
    """A school year such as 2026-27, from 1 September to 31 August; ``start`` is its first calendar year."""

    start: int

    @classmethod
    def parse(cls, text: str) -> PolicyYear:
        """Return the year written ``2026-27``. Raises ValueError with a message for people."""
        match = re.fullmatch(r"(2[0-9]{3})-([0-9]{2})", text)
        if not match:
            raise ValueError(f"`{text}` is not a policy year such as 2026-27")
        start = int(match[1])
        if (start + 1) % 100 != int(match[2]):
            raise ValueError(f"`{text}` does not run from one year to the next: write {cls(start)}")
        return cls(start)

    def __str__(self) -> str:
        return f"{self.start}-{(self.start + 1) % 100:02d}"


FIRST_YEAR = PolicyYear(2000)
"""The year from which a clause is in force that does not say since when: always. It is not shown to people."""


class EditionDate(Struct, frozen=True):
    """A day, or a month when ``day`` is None: some policies are dated by month alone."""

    year: int
    month: int
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> EditionDate:
        """Return the date written ``2026-09-01`` or ``2026-09``. Raises ValueError with a message for people."""
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?", text)
        if not match:
            raise ValueError(f"`{text}` is not a date: write it as 2026-09-01, or 2026-09 for a month")
        year, month, day = int(match[1]), int(match[2]), int(match[3]) if match[3] else None
        if not 1990 <= year <= 2100:
            raise ValueError(f"`{text}` is not a date between 1990 and 2100")
        try:
            date(year, month, day or 1)
        except ValueError:
            raise ValueError(f"`{text}` is a day that does not exist") from None
        return cls(year, month, day)

    @property
    def iso(self) -> str:
        """The date as a register writes it: 2026-09-01, or 2026-09."""
        return f"{self.year}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, self.day or 1)
