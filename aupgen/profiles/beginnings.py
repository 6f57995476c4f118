"""A wording of a profile in; the words at its beginning that a document says before it anyway out.

A clause is the rest of a sentence: each voice begins it with words of its own, such as "I will not". Whoever writes a
whole sentence gets both. Says nothing of kinds that voices leave as they are written.
"""

from __future__ import annotations

from collections.abc import Iterator

from aupgen.policy.clause import Wording
from aupgen.policy.language import Language
from aupgen.policy.terms import Kind
from aupgen.policy.wording import Literal, Slot


def said_twice(wording: Wording, kind: Kind, language: Language) -> tuple[str, str] | None:
    """Return what a voice puts before the wording, and the beginning of the wording that repeats it; None where nothing
    does."""
    first = wording.pieces[0] if wording.pieces else None
    before = list(_beginnings(kind, language))
    if not isinstance(first, Literal) or not before:
        return None
    for own in sorted((*before, *_beginnings(Kind.MUST, language)), key=len, reverse=True):
        if first.text.lower().startswith(own.lower()):
            return before[0], first.text[: len(own)]
    return None


def _beginnings(kind: Kind, language: Language) -> Iterator[str]:
    """What voices put before a clause of a kind, where that is words alone."""
    for table in language.voices.values():
        match table.items.get(kind) or table.sentences.get(kind):
            case (Literal(text), Slot(name="text")):
                yield text
