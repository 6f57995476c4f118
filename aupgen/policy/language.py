"""A language's grammar tables: frames, pronouns, joins, the clock, the vocabulary. Data of `clauses/voices.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from aupgen.policy.role import Article
from aupgen.policy.terms import Audience, Kind, Voice
from aupgen.policy.vocabulary import WordForms
from aupgen.policy.wording import Pieces


class VoiceTable(Struct, frozen=True):
    """How one voice speaks: its pronouns by placeholder, and a frame for every kind.

    ``items`` are frames of kinds that stand in a list under ``lead_in`` (() for voices without one);
    ``sentences`` are frames of kinds that stand as whole sentences. A kind is in exactly one of the two.
    ``bulleted``: sentences stand in a list of their own, as in an agreement; else as paragraphs.
    ``lead_ins`` are of a voice that makes a numbered list of each kind, under a line of its own; {} for others.
    """

    pronouns: Mapping[str, str]
    lead_in: Pieces
    items: Mapping[Kind, Pieces]
    sentences: Mapping[Kind, Pieces]
    bulleted: bool
    lead_ins: Mapping[Kind, Pieces]


class Concept(Struct, frozen=True):
    """A thing a school may name in its own word: the placeholders for one and for several, and its words."""

    placeholder: str
    plural: str
    default: str
    words: Mapping[str, WordForms]


class AudienceNames(Struct, frozen=True):
    """``every`` for a lead-in (all staff), ``name`` for a sentence (staff), ``condition`` to follow "if" where a
    clause of a document for several audiences is for this one only (employed by the school).

    ``grade`` is the reading grade that a document for them is to stay within, None where no limit is set.
    """

    every: str
    name: str
    condition: str
    grade: int | None = None


class Clock(Struct, frozen=True):
    """How times of day are written: 8.30am."""

    separator: str
    morning: str
    afternoon: str
    noon: str
    midnight: str


class Language(Struct, frozen=True):
    """Everything binding needs to write in one language; ``tag`` is its BCP 47 tag."""

    tag: str
    joins: Mapping[str, str]
    articles: Mapping[Article, str]
    clock: Clock
    months: tuple[str, ...]
    units: Mapping[str, WordForms]
    vocabulary: Mapping[str, Concept]
    audiences: Mapping[Audience, AudienceNames]
    voices: Mapping[Voice, VoiceTable]
    phrases: Mapping[str, Pieces]

    def grade_limit(self, audiences: Iterable[Audience]) -> int | None:
        """The reading grade that a document for all these readers is to stay within; None where none has a limit.

        What a school says of itself is for adults to read, though it is about its pupils, too.
        """
        audiences = tuple(audiences)
        if Audience.SCHOOL in audiences:
            return self.audiences[Audience.SCHOOL].grade
        limits = (self.audiences[audience].grade for audience in audiences)
        return min((limit for limit in limits if limit is not None), default=None)
