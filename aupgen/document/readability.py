"""How hard a text is to read: the Flesch–Kincaid grade, with a plain count of syllables.

The grade is 0.39 × words per sentence + 11.8 × syllables per word − 15.59 (Kincaid and others, 1975). It says how
many years of school a reader needs, and knows nothing of sense: reading aloud comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

WORD = re.compile(r"[A-Za-z]+(?:[’'][a-z]+)?")
_STOP = re.compile(r"[.!?](?:\s|$)")
_VOWELS = re.compile(r"[aeiouy]+")
_EXCEPTIONS = {
    "ai": 2, "area": 3, "being": 2, "create": 2, "everyone": 3, "idea": 3, "ideas": 3, "id": 2, "media": 3,
    "people": 2, "people’s": 2, "piece": 1, "quiet": 2, "real": 1, "science": 2, "somebody": 3, "someone": 2,
    "something": 2, "sometimes": 2, "vpn": 3, "wi": 1, "video": 3, "videos": 3, "violent": 3,
}  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a text; a hyphen parts two, an apostrophe does not, and numbers count as none."""
    return WORD.findall(text)


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end and in -ed and -es; at least one."""
    word = word.lower()
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    word = re.sub(r"[’'](s|t|ll|re|ve|m|d)$", "", word)
    count = len(_VOWELS.findall(word))
    silent_e = re.search(r"[^aeiouyl]e$|[aeiouy]le$", word)
    silent_ed = re.search(r"[^aeiouytd]ed$", word)
    silent_es = re.search(r"[^aeiouysxzcg]es$", word) and not re.search(r"([sc]h|[^aeiouy]l)es$", word)
    if silent_e or silent_ed or silent_es:
        count -= 1
    return max(count, 1)


@lru_cache(maxsize=8192)
def _counts(line: str) -> tuple[int, int, int]:
    """Sentences, words and syllables of a line; remembered, because schools share most of theirs."""
    parts = [said for part in _STOP.split(line) if (said := words(part))]
    every = [word for said in parts for word in said]
    return len(parts), len(every), sum(map(syllables, every))


def grade(sentences: Iterable[str]) -> float:
    """The Flesch–Kincaid grade of some lines; each line ends a sentence, and so does each stop in it.

    0 where there is not a word.
    """
    counted = [_counts(line) for line in sentences]
    parts, every, spoken = (sum(counts[n] for counts in counted) for n in range(3))
    if not every:
        return 0.0
    return 0.39 * every / parts + 11.8 * spoken / every - 15.59
