"""Every wording of the library in every voice, as one school would print it: `voices.md`, to be read aloud.

The documents of the samples show a clause in one voice or two; this page shows all five, with each variant,
each wording for one audience, and the optional phrases there and gone. `pytest tests/golden --update-golden`
writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from pathlib import Path
from typing import TypeAlias

import pytest
from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.values import Needs, Scope
from aupgen.binding.voice import Spoken as SpokenWording
from aupgen.binding.voice import lead_in, say, spoken, wordings_for
from aupgen.document.walk import plain_text
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.parameter import (
    ChoiceValue,
    FlagValue,
    HoursValue,
    Parameter,
    TextValue,
    Value,
    switch_text,
)
from aupgen.policy.profile import Profile, Setting
from aupgen.policy.terms import Audience, Voice
from aupgen.policy.wording import slots_in
from tests.conftest import sample
from tests.golden.test_golden import SAMPLES

PAGE = Path(__file__).parent / "voices.md"

DOCUMENT = {
    Voice.FIRST_PERSON: "staff-agreement",
    Voice.RULE_LIST: "staff-policy",
    Voice.SECOND_PERSON: "staff-policy",
    Voice.PROSE: "staff-policy",
    Voice.INSTITUTION: "online-safety-policy",
}
"""The document each voice is heard in."""

HEAD = """\
# Every clause in every voice

{name} in {year}, speaking in its agreement (first-person), in the school’s own policy (institution) and in the staff policy (the others).
`…` stands where a rule list begins a new line. What Valley leaves open is answered as another sample does.
Written by `pytest tests/golden --update-golden`.
"""


def wording_for(revision: Revision, scope: Scope) -> Wording:
    """The wording this school uses of a revision, in a scope's voice and for its readers."""
    wordings = wordings_for(revision, scope.document.audiences, scope.voice)
    return next(wording for when, wording in wordings if scope.holds(when))


class Said(Struct, frozen=True):
    """A clause in one voice: ``lead_in`` is the line it stands under, "" where it is a sentence of its own."""

    lead_in: str
    text: str

    def __str__(self) -> str:
        return f"{self.lead_in} … {self.text}" if self.lead_in else self.text


Spoken: TypeAlias = dict[Voice, Said]
Gap: TypeAlias = tuple[str, str]
"""A parameter, or a field of one, that an optional phrase waits for."""


class Speaker(Struct, frozen=True):
    """A school whose answers can be changed. ``others`` are what other samples answer."""

    library: Library
    profile: Profile
    others: Mapping[str, Value]

    def revision(self, clause: Clause) -> Revision:
        """The words in force; of a retired clause its last."""
        current = clause.revision_in(self.profile.policy_year)
        assert current or clause.until, f"`{clause.id}` has no wording for {self.profile.policy_year}"
        return current[1] if current else clause.revisions[-1]

    def scope(self, clause: Clause, voice: Voice, audience: Audience) -> Scope:
        document = replace(self.library.documents[DOCUMENT[voice]], audiences=(audience,), voice=voice)
        return Scope(self.library, self.profile, Needs(), document, voice, clause=clause.id)

    def wordings(self, clause: Clause, audience: Audience) -> list[Wording]:
        """The wording each voice uses, in the order of the voices."""
        return [wording_for(self.revision(clause), self.scope(clause, voice, audience)) for voice in Voice]

    def says(self, clause: Clause, audience: Audience) -> Spoken:
        """The clause in all voices as it prints."""
        said_in = {}
        for voice in Voice:
            scope = self.scope(clause, voice, audience)
            wording = wording_for(self.revision(clause), scope)
            words = spoken(clause, wording, self.library.language, scope.document.audiences, voice)
            text = plain_text(say(words, scope))
            said_in[voice] = Said(self._lead_in(clause, words, scope) if words.is_item else "", text)
        return said_in

    def _lead_in(self, clause: Clause, words: SpokenWording, scope: Scope) -> str:
        table = self.library.language.voices[scope.voice]
        if table.lead_ins:
            return plain_text(lead_in(clause.kind, words, clause.owner, scope))
        return plain_text(scope.fill(table.lead_in))

    def answering(self, values: Mapping[str, Value | None]) -> Speaker:
        """This school with other answers, for all its clauses alike; None leaves a question open."""
        kept = {name: s for name, s in self.profile.parameters.items() if name not in values}
        given = {
            name: Setting(value, self.profile.slug, self.profile.parameters_span)
            for name, value in values.items()
            if value is not None
        }
        own = {
            clause: {name: s for name, s in settings.items() if name not in values}
            for clause, settings in self.profile.clause_parameters.items()
        }
        return replace(self, profile=replace(self.profile, parameters=kept | given, clause_parameters=own))

    def answer(self, name: str) -> Value | None:
        setting = self.profile.setting(name)
        return setting.value if setting else self.library.parameters[name].default

    # ------------------------------------------------ variants

    def switched(self, revision: Revision) -> Iterator[tuple[str, Speaker]]:
        """Yield this school with every setting of the switches that the variants test, its own setting first."""
        names = list(dict.fromkeys(name for variant in revision.variants for name, _ in variant.when))
        for values in product(*(self._settings(self.library.parameters[name]) for name in names)):
            label = [f"{name} is {switch_text(value)}" for name, value in zip(names, values, strict=True)]
            yield ", ".join(label), self.answering(dict(zip(names, values, strict=True)))

    def _settings(self, parameter: Parameter) -> list[Value]:
        every: list[Value] = [ChoiceValue(choice) for choice in parameter.choices]
        every = every or [FlagValue(False), FlagValue(True)]
        return sorted(every, key=lambda value: value != self.answer(parameter.name))

    # ------------------------------------------------ optional phrases

    def with_and_without(self, wordings: list[Wording]) -> Iterator[tuple[str, Speaker]]:
        """Yield this school with what optional phrases wait for answered, then with each choice of it left open."""
        phrases = [pieces for wording in wordings for pieces in wording.phrases.values()]
        slots = [slot for pieces in phrases for slot in slots_in(pieces)]
        gaps: list[Gap] = list(
            dict.fromkeys(
                (slot.name, slot.field)
                for slot in slots
                if slot.name in self.library.parameters and self._may_be_open((slot.name, slot.field))
            )
        )
        for count in range(len(gaps) + 1):
            for open_ in combinations(gaps, count):
                label = ", ".join(f"no {name}{'.' * bool(field)}{field}" for name, field in open_)
                yield label, self._with_gaps(gaps, open_)

    def _may_be_open(self, gap: Gap) -> bool:
        name, field = gap
        return field in ("places", "times") or self.library.parameters[name].default is None

    def _with_gaps(self, gaps: list[Gap], open_: tuple[Gap, ...]) -> Speaker:
        answers: dict[str, Value | None] = {
            name: self.answer(name) or self.others.get(name) or TextValue(self.library.parameters[name].label)
            for name, _ in gaps
        }
        for name, field in open_:
            value = answers[name]
            if isinstance(value, HoursValue) and field == "places":
                answers[name] = replace(value, places=())
            elif isinstance(value, HoursValue) and field == "times":
                answers[name] = replace(value, times=())
            else:
                answers[name] = None
        return self.answering(answers)


def speaker_for(library: Library, profile: Profile, samples: Iterable[Profile]) -> Speaker:
    """A school in the latest year of the library; what it leaves open is answered as a sample does."""
    latest = max(revision.since for clause in library.clauses.values() for revision in clause.revisions)
    others: dict[str, Value] = {}
    for other in samples:
        others |= {name: setting.value for name, setting in other.parameters.items()}
    return Speaker(library, replace(profile, policy_year=latest), others)


def samples() -> list[Profile]:
    return [sample(slug) for slug in SAMPLES]


@pytest.fixture(scope="module")
def speaker(library: Library, valley: Profile) -> Speaker:
    return speaker_for(library, valley, samples())


def for_any_reader(clause: Clause) -> Clause:
    """The clause without its wordings for one audience: what a reader hears who has none of their own."""
    revisions = tuple(
        replace(r, special={name: words for name, words in r.special.items() if name not in set(Audience)})
        for r in clause.revisions
    )
    return replace(clause, revisions=revisions)


def readers_of_base(speaker: Speaker, clause: Clause) -> tuple[Audience, ...]:
    """The audiences of a clause that have no wording of their own, in its order; () where each has one."""
    special = speaker.revision(clause).special
    return tuple(audience for audience in clause.audiences if audience.value not in special)


def rows(speaker: Speaker, clause: Clause) -> Iterator[tuple[str, Spoken]]:
    """Yield all that a clause says to the audiences without a wording of their own, spoken to the first of them,
    each with its condition, without repeats; then what its wordings for one audience say to that audience."""
    base = readers_of_base(speaker, clause)
    first = base[0] if base else clause.audiences[0]
    named = f"for {', '.join(base)}" if base else "for any other reader"
    revision = speaker.revision(clause)
    whole, clause = clause, for_any_reader(clause)
    heard: list[Spoken] = []
    for switches, school in speaker.switched(revision):
        for gaps, other in school.with_and_without(school.wordings(clause, first)):
            words = other.says(clause, first)
            if words not in heard:
                heard.append(words)
                yield "; ".join(label for label in (named, switches, gaps) if label), words
    for audience in Audience:
        if audience in revision.special:
            yield f"to {audience}", speaker.says(whole, audience)


def page(speaker: Speaker) -> str:
    parts = [HEAD.format(name=speaker.profile.name, year=speaker.profile.policy_year)]
    for topic in speaker.library.topics.values():
        parts.append(f"## {topic.title}\n")
        for clause in topic.clauses:
            parts.append(f"### {clause.id}\n")
            for label, heard in rows(speaker, clause):
                parts.append(f"*{label}*\n")
                parts.append("".join(f"- **{voice}** {said}\n" for voice, said in heard.items()))
    return "\n".join(parts)


def test_the_voices_are_the_ones_reviewed(speaker: Speaker, request: pytest.FixtureRequest) -> None:
    current = page(speaker)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(current, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == current, "what clauses say has changed: see `make golden`"


def test_every_wording_has_a_school_that_uses_it(speaker: Speaker) -> None:
    """A variant hidden by one before it, or by a wording for each voice, is never printed."""
    unused = []
    for clause in speaker.library.clauses.values():
        revision = speaker.revision(clause)
        audiences = {
            *clause.audiences[:1],
            *readers_of_base(speaker, clause)[:1],
            *(Audience(name) for name in revision.special if name in set(Audience)),
        }
        used = [
            wording
            for _, school in speaker.switched(revision)
            for audience in audiences
            for words in (clause, for_any_reader(clause))
            for wording in school.wordings(words, audience)
        ]
        unused += [(clause.id, wording) for wording in revision.wordings() if wording not in used]
    assert not unused


def test_the_page_has_every_clause_once_and_every_voice(speaker: Speaker) -> None:
    lines = page(speaker).splitlines()
    headings = [line.removeprefix("### ") for line in lines if line.startswith("### ")]
    assert headings == list(speaker.library.clauses)
    blocks = sum(line.startswith(f"- **{Voice.FIRST_PERSON}** ") for line in lines)
    assert blocks >= len(headings)
    for voice in Voice:
        assert sum(line.startswith(f"- **{voice}** ") for line in lines) == blocks


def test_the_page_speaks_to_every_audience_a_clause_claims(speaker: Speaker) -> None:
    """Each under the words it hears, and to nobody else."""
    heard: dict[str, list[str]] = {}
    for line in page(speaker).splitlines():
        if line.startswith("### "):
            current = heard.setdefault(line.removeprefix("### "), [])
        elif line.startswith(("*for ", "*to ")) and not line.startswith("*for any other reader"):
            current += line.strip("*").partition(";")[0].partition(" ")[2].split(", ")
    claimed = {clause.id: set(clause.audiences) for clause in speaker.library.clauses.values()}
    assert {id_: set(names) for id_, names in heard.items()} == claimed


def test_every_audience_hears_a_sentence_in_every_voice(speaker: Speaker) -> None:
    """Also where several audiences share their words, and the page speaks them to the first alone."""
    silent = [
        (clause.id, audience.value, voice.value)
        for clause in speaker.library.clauses.values()
        for audience in clause.audiences
        for voice, said in speaker.says(clause, audience).items()
        if not said.text or "{{" in said.text or "[[" in said.text
    ]
    assert silent == []
