"""How hard a document is to read: the Flesch–Kincaid grade, worked out from its tree alone.

A document, or some texts, in; counts of words, sentences and syllables out. The grade is 0.39 × words a sentence +
11.8 × syllables a word − 15.59 (Kincaid, Fishburne, Rogers and Chissom, 1975): the years of school a reader needs.
It knows nothing of sense, and does not replace reading aloud. Nothing is looked up: syllables come from a rule, and
`SPOKEN_OTHERWISE` lists the words it gets wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from aupgen.document.tree import (
    Block,
    BulletList,
    Document,
    Emphasis,
    FillIn,
    Inlines,
    LineBreak,
    Link,
    NumberedList,
    Paragraph,
    Section,
    Slip,
    Strong,
    Text,
    Value,
)

NEUTRAL_SYLLABLES = 1.5
"""What a value weighs: about what a word of plain English has, so that a long name makes no text hard or easy."""
_NEUTRAL = "\N{OBJECT REPLACEMENT CHARACTER}"

SPOKEN_OTHERWISE = {
    word: count
    for count, words in {
        1: "eye eyes friend friends pieces",
        2: "ai argue business cafe chaos chocolate coed create creates cruel didn’t doesn’t duel evening fluent fuel "
        "giant hadn’t hasn’t id isn’t leopard lion naive namesake people pigeon poem poet react reuse ruin "
        "science shouldn’t someone surgeon wasn’t wouldn’t couldn’t",
        3: "affluent alias anyone area areas biro businesses created creating creative creator deodorant element elements everyone ict "
        "idea ideal ideas influence junior liquids pdf pioneer realise recipe recipes recreate reinstall senior "
        "suicide supplier suppliers theatre theatres usb vpn",
        4: "appreciate associate australia cctv coincidence cooperate coordinate gdpr graduate ideally reality "
        "recreation",
        5: "association creativity simultaneous spontaneous",
    }.items()
    for word in words.split()
}
"""Syllables of words that the rule counts wrong, and of letters read one by one. An entry adds to no other form."""

_WORD = re.compile(rf"[A-Za-zÀ-ÿ]+(?:[’'][A-Za-z]+)?|{_NEUTRAL}")
_STOP = re.compile(r"[.!?](?=[\s”’)]|$)")
_VOWELS = re.compile(r"[aeiouyà-ÿ]+")
_APART = re.compile(
    r"(?<![tscgxln])i(?=a|o(?!n|ur)|u)"  # material, previous; not special, region, union, behaviour
    r"|(?<=[tl])i(?=a[rt])(?<!tia)"  # familiar
    r"|(?<=[bdhlmnprv])i(?=en)|i(?=et)"  # audience, society
    r"|e(?=o(?!u))|(?<![qg])u(?=a|ou)|(?<![qg])u(?=in[eg]|id|it[yi])"  # video, manual, fluid
    r"|[aeiouy](?=ing(?:s|ly)?$)|[aeo]y(?=[aeiou])"  # doing, player
    r"|(?<=[bcdfghklmnprstv])y(?=er|ing)"
)
_SILENT_END = re.compile(r"(?:[^aeiouyl]|[aeiouy]l)e$")
_SILENT_ED = re.compile(r"(?:[^aeiouytdl]|[aeiouy]l|l)ed$")
_SPOKEN_LED = re.compile(r"[bcdfgkpstz]led$")
_SILENT_ES = re.compile(r"[^aeiouysxzcg]es$")
_SPOKEN_ES = re.compile(r"(?:[sc]h|[^aeiouyl]l)es$")
_SILENT_INSIDE = re.compile(
    r"(?<=[aeiouy])(?:[^aeiouy]{1,2}|st)e(?=(?:ly|ful|less|ness|ment)(?:ly|ness|s)?$)"
)
_FIRST_PART = re.compile(
    r"^(?:safe|home|house|some|time|life|face|white|name|game|phone|there|where|space|note|fore|store|line|type)"
    r"(?=[bcdfghjkmpqtvwz][a-z]|line)"
)
_SILENT_UE = re.compile(r"[gq]ues?$")
_OF_ITS_OWN = re.compile(r"(?:sm|thm)s?$")  # criticism
_TAIL = re.compile(r"[’'](?:s|t|ll|re|ve|m|d)$")


class Reading(Struct, frozen=True):
    """How long and how hard a text is; a value counts as one word. All zero for a text without words."""

    words: int = 0
    sentences: int = 0
    syllables: float = 0.0

    @property
    def grade(self) -> float:
        """The Flesch–Kincaid grade; 0 for a text without words, and below 0 for the plainest."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


def reading(texts: Iterable[str]) -> Reading:
    """Return the counts of some texts; each ends a sentence, and so does each stop in it."""
    parts = [words for text in texts for part in _STOP.split(text) if (words := _WORD.findall(part))]
    spoken = sum(syllables(word) for words in parts for word in words)
    return Reading(sum(map(len, parts)), len(parts), spoken)


def document_reading(document: Document) -> Reading:
    """Return the counts of a document's paragraphs and list items, the school's own words as neutral ones.

    Left out is what nobody reads as a sentence: titles and headings, the lines of name and date, lead-ins, tables,
    labels to fill in.
    """
    return reading(_running_text(document.blocks))


def syllables(word: str) -> float:
    """Return the syllables of a word as it is spoken in Britain: at least one. Letters with stops are not known."""
    if word == _NEUTRAL:
        return NEUTRAL_SYLLABLES
    return _syllables(word.lower().replace("'", "’"))


@lru_cache(maxsize=4096)
def _syllables(word: str) -> int:
    """Groups of vowels, with those that are spoken apart, without the silent e."""
    if word in SPOKEN_OTHERWISE:
        return SPOKEN_OTHERWISE[word]
    word = re.sub("^every", "evry", _TAIL.sub("", word))
    if word in SPOKEN_OTHERWISE:
        return SPOKEN_OTHERWISE[word]
    count = len(_VOWELS.findall(word)) + len(_APART.findall(word)) + bool(_OF_ITS_OWN.search(word))
    count -= bool(_SILENT_END.search(word))
    count -= bool(_SILENT_ED.search(word) and not _SPOKEN_LED.search(word))
    count -= bool(_SILENT_ES.search(word) and not _SPOKEN_ES.search(word))
    count -= bool(_SILENT_INSIDE.search(word))
    count -= bool(_SILENT_UE.search(word))
    count -= bool(_FIRST_PART.search(word))
    return max(count, 1)


def _running_text(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph(inlines, role):
                if role not in ("subtitle", "lead-in"):
                    yield _neutral_text(inlines)
            case BulletList(items) | NumberedList(items):
                for item in items:
                    yield _neutral_text(item.inlines)
                    yield from _running_text(item.blocks)
            case Section() | Slip():
                yield from _running_text(block.blocks)
            case _:
                pass


def _neutral_text(inlines: Inlines) -> str:
    parts: list[str] = []
    for inline in inlines:
        match inline:
            case Text(text):
                parts.append(text)
            case Value() | FillIn():
                parts.append(_NEUTRAL)
            case Strong(inner) | Emphasis(inner) | Link(inlines=inner):
                parts.append(_neutral_text(inner))
            case LineBreak():
                parts.append(" ")
    return "".join(parts)
