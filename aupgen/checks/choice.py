"""Which findings count: what was selected and ignored, by code, by the beginning of a code, or by name."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from aupgen.source.codes import CODES
from aupgen.source.diagnostics import Diagnostic, suggestion


class Choice(Struct, frozen=True):
    """The codes that count; ``strict`` makes warnings count as faults. ``select`` empty is all."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False

    def keeps(self, finding: Diagnostic) -> bool:
        """Whether a finding counts. Of two words that fit its code, the longer one decides; ignoring wins a tie."""
        selected = max(
            (_fit(word, finding.code) for word in self.select), default=1 if not self.select else 0
        )
        ignored = max((_fit(word, finding.code) for word in self.ignore), default=0)
        return selected > 0 and selected > ignored if ignored else selected > 0


def _fit(word: str, code: str) -> int:
    """How exactly a word means a code: 0 not at all; the length of the prefix; a name means it wholly."""
    if word.lower() == CODES[code].name:
        return len(code)
    return len(word) if code.startswith(word.upper()) else 0


def word_fault(word: str) -> str | None:
    """What to write in the place of a word that means no code; None where it means some."""
    if word and any(_fit(word, code) for code in CODES):
        return None
    known = [*CODES, *(code.name for code in CODES.values())]
    return suggestion(
        word, known, "give a code such as AUP336, the beginning of codes such as AUP33, or a name"
    )


def words_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of options that may be given several times, and hold several parted by commas."""
    return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())
