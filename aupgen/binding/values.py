"""Slots in; the words that stand there in one school out.

Knows how values read: hours on the clock, roles with their articles, lists joined with "and" or "or". What
is missing is remembered with its question and shown as a fill-in; whether that stops the build is the
caller's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.document.tree import Emphasis as EmphasisNode
from aupgen.document.tree import FillIn, Inline, Inlines, LineBreak, Link, Reference, Strong, Text
from aupgen.document.tree import Value as ValueNode
from aupgen.document.walk import plain_text
from aupgen.document.words import APPROVAL, EDITION
from aupgen.library.compiled import Library
from aupgen.library.skeleton import Skeleton
from aupgen.policy.clause import Conditions
from aupgen.policy.facts import FACTS, fact
from aupgen.policy.parameter import (
    ChoiceValue,
    DurationValue,
    FlagValue,
    HoursValue,
    NumberValue,
    RolesValue,
    TextValue,
    Value,
    WordsValue,
    switch_text,
)
from aupgen.policy.profile import Contact, Profile, ProfileKind, Show
from aupgen.policy.terms import Audience, Voice
from aupgen.policy.wording import Break, Linked, Literal, Pieces, Slot, Style, Styled, slots_in
from aupgen.policy.year import EditionDate

REMEMBERED = 8192
"""How many finished sentences binding remembers: schools of one library share most of theirs."""


class Missing(Struct, frozen=True):
    """Something a document needs and the profile does not give: a parameter, the holder of a role, or a fact.

    ``named``: the role has a holder, who is to be printed by name, and the name is not given.
    """

    parameter: str = ""
    role: str = ""
    fact: str = ""
    named: bool = False


class Needs(Struct):
    """What one school's documents turned out to lack, with the places that asked, in the order met.

    ``used`` are the parameters that decided anything in them, given or not.
    """

    places: dict[Missing, list[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def ask(self, missing: Missing, place: str) -> None:
        places = self.places.setdefault(missing, [])
        if place not in places:
            places.append(place)


class Scope(Struct, frozen=True):
    """Where a wording stands: the school, the document, who speaks, and for which clause.

    ``extra`` are words known only here, such as the owner a frame names; ``known`` are the words of slots that
    were asked for before by this document in this voice. ``appendices`` numbers the
    documents printed inside the outermost one. ``addressed_as`` is what the profile has the document call
    its readers together, "" for their names.
    """

    library: Library
    profile: Profile
    needs: Needs
    document: Skeleton
    voice: Voice
    appendices: Mapping[str, int] = field(default_factory=dict)
    addressed_as: str = ""
    clause: str = ""
    extra: Mapping[str, Inlines] = field(default_factory=dict)
    known: dict[Slot, Inlines] = field(default_factory=dict)

    def speaking(self, voice: Voice) -> Scope:
        """This scope in another voice."""
        return self if voice is self.voice else replace(self, voice=voice, known={})

    def in_document(self, document: Skeleton, addressed_as: str) -> Scope:
        """This scope in another document, in that document's voice."""
        return replace(self, document=document, voice=document.voice, addressed_as=addressed_as, known={})

    def for_readers(self, audiences: tuple[Audience, ...]) -> Scope:
        """This scope in a part of the document for some of its readers; () for all of them."""
        if not audiences:
            return self
        return replace(self, document=replace(self.document, audiences=audiences), known={})

    def in_clause(self, clause: str) -> Scope:
        """This scope inside a clause."""
        return replace(self, clause=clause)

    def with_words(self, extra: Mapping[str, Inlines]) -> Scope:
        """This scope with words known only here."""
        return replace(self, extra=extra)

    @property
    def place(self) -> str:
        return (
            f"clause `{self.clause}` in `{self.document.id}`"
            if self.clause
            else f"document `{self.document.id}`"
        )

    def setting(self, name: str) -> Value | None:
        """The value of a parameter here: the profile's for this clause, the profile's, or the library's."""
        self.needs.used.add(name)
        setting = self.profile.setting(name, self.clause)
        return setting.value if setting else self.library.parameters[name].default

    def is_open(self, name: str) -> bool:
        """Whether a choice is still to be made: in an exemplar, what the library would assume is left to schools."""
        parameter = self.library.parameters.get(name)
        if parameter is None or not parameter.choices or self.profile.setting(name, self.clause):
            return False
        return self.is_exemplar or parameter.default is None

    def holds(self, when: Conditions) -> bool:
        """Whether a condition holds; a parameter or fact without value is asked for and does not hold."""
        return all(self._tested(name) in wanted for name, wanted in when)

    def _tested(self, name: str) -> str | None:
        """What a condition compares; None, and asked for, where the profile does not say."""
        if name in FACTS:
            known, missing = fact(self.profile, name), Missing(fact=name)
        else:
            value, missing = self.setting(name), Missing(parameter=name)
            known = None if value is None else switch_text(value) or ""
        if known is None:
            self.needs.ask(missing, self.place)
        return known

    # -------------------------------------------------------------- wordings

    def fill(self, pieces: Pieces) -> Inlines:
        """Return a wording with its slots filled; neighbouring texts are one leaf."""
        return put_together(pieces, tuple([self.words_for(slot) for slot in distinct_slots(pieces)]))

    def phrase(self, name: str, /, **extra: Inlines) -> Inlines:
        """Return a phrase of the language with its own words put in."""
        return self.with_words(extra).fill(self.library.language.phrases[name])

    def optional(self, pieces: Pieces) -> Inlines:
        """Return an optional phrase, or () where a value that it names is not set."""
        names = self.library.parameters
        if any(slot.name in names and not self._is_set(slot) for slot in slots_in(pieces)):
            return ()
        return self.fill(pieces)

    def _is_set(self, slot: Slot) -> bool:
        value = self.setting(slot.name)
        if isinstance(value, HoursValue) and slot.field in ("places", "times"):
            return bool(getattr(value, slot.field))
        return value is not None and value != FlagValue(False)

    # -------------------------------------------------------------- slots

    def words_for(self, slot: Slot) -> Inlines:
        """Return what a slot prints in this scope."""
        if slot.name in self.extra:
            return self.extra[slot.name]
        if self.clause in self.profile.clause_parameters:
            return self._words_for(slot)
        words = self.known.get(slot)
        if words is None:
            words = self._words_for(slot)
            if not any(
                isinstance(word, FillIn) for word in words
            ):  # each place asks anew for what is missing
                self.known[slot] = words
        return words

    def _words_for(self, slot: Slot) -> Inlines:
        name, language = slot.name, self.library.language
        if name in self.library.parameters:
            return self._parameter(slot)
        if name in language.voices[self.voice].pronouns:
            return (Text(language.voices[self.voice].pronouns[name]),)
        for id_, concept in language.vocabulary.items():
            if name in (concept.placeholder, concept.plural):
                own = self.profile.vocabulary.get(id_)
                forms = own or concept.words[concept.default]
                if name == concept.plural:
                    word = forms.possessive_many if slot.field else forms.many
                else:
                    word = forms.possessive if slot.field else forms.one
                return (ValueNode(word, "vocabulary") if own else Text(word),)
        match name:
            case "role":
                return self.role(slot.field.replace("_", "-"))
            case "see_section":
                return (Reference(slot.field, ()),)  # numbered once it is known what the document prints
            case "see":
                return self._reference(slot.field.replace("_", "-"))
            case "school":
                return self._school_name() if slot.field else (Text(f"{self._the} school"),)
            case "issuer":
                return (ValueNode(self.profile.name, "name"),)
            case "audience":
                return self.audience(slot.field, slot.form == "capital")
            case "edition":
                edition = self.profile.edition
                text = str(edition.number) if slot.field == "number" else self.date(edition.date)
                return (ValueNode(text, EDITION),)
            case "document":
                return (Text(self.document.noun),)
            case "policy_year":
                return (ValueNode(str(self.profile.policy_year), "policy_year"),)
            case "approver":
                return (ValueNode(self.profile.approver_of(self.document.id), "approver"),)
            case "approval":
                line = self.phrase("exemplar" if self.is_exemplar else "awaiting_approval")
                return (ValueNode(plain_text(line), APPROVAL),)
        raise AssertionError(f"no words for {slot}")

    @property
    def is_exemplar(self) -> bool:
        return self.profile.kind is ProfileKind.EXEMPLAR

    def _school_name(self) -> Inlines:
        """The school's name; in an exemplar it is the first thing a school fills in."""
        if self.is_exemplar:
            return (FillIn(plain_text(self.phrase("school_name")), "name"),)
        return (ValueNode(self.profile.name, "name"),)

    def audience(self, field_: str, with_capital: bool = False) -> Inlines:
        """The document's readers: all of them in a lead-in (``every``), or by name in a sentence."""
        of_language = self.library.language.audiences
        # Pupils of several ages have one name in a sentence.
        names = list({of_language[a].name: of_language[a] for a in self.document.audiences}.values())
        if self.addressed_as:
            joined: Inlines = (ValueNode(self.addressed_as, "documents"),)
        elif len(self.document.audiences) == 1 and field_ == "every":
            return (Text(capital(names[0].every) if with_capital else names[0].every),)
        else:
            joined = self.join([self._own_word(name.name) for name in names], "all")
        said = self.phrase("every_of", names=joined) if field_ == "every" else joined
        return capitalised(said) if with_capital else said

    def _own_word(self, name: str) -> Inlines:
        """The name of an audience, in the school's word where it has one of its own: students for pupils."""
        for id_, concept in self.library.language.vocabulary.items():
            own = self.profile.vocabulary.get(id_)
            if own and concept.words[concept.default].many == name:
                return (ValueNode(own.many, "vocabulary"),)
        return (Text(name),)

    @property
    def _the(self) -> str:
        return next(text for article, text in self.library.language.articles.items() if article == "the")

    def _parameter(self, slot: Slot) -> Inlines:
        value = self.setting(slot.name)
        if value is None:
            self.needs.ask(Missing(parameter=slot.name), self.place)
            source = slot.name + (f".{slot.field}" if slot.field else "")
            return (FillIn(self.library.parameters[slot.name].label, source),)
        match value:
            case RolesValue(roles):
                held = dict.fromkeys(
                    role if role in self.profile.contacts else self.holder(role)[0] for role in roles
                )
                return self.join([self.role(role, slot.name) for role in held], slot.form)
            case WordsValue(items):
                return self.join([(ValueNode(item, slot.name),) for item in items], slot.form)
            case HoursValue(start, end, places, times):
                match slot.field:
                    case "from":
                        return (ValueNode(self.clock(start), slot.name),)
                    case "to":
                        return (ValueNode(self.clock(end), slot.name),)
                    case "places":
                        return self.join([(ValueNode(place, slot.name),) for place in places], slot.form)
                    case "times":
                        return self.join([(ValueNode(time_, slot.name),) for time_ in times], slot.form)
                    case _:
                        first, last = (ValueNode(self.clock(t), slot.name) for t in (start, end))
                        return self.phrase("hours_range", start=(first,), end=(last,))
            case TextValue(text) | ChoiceValue(text):
                return (ValueNode(text, slot.name),)
            case NumberValue(number):
                return (ValueNode(str(number), slot.name),)
            case DurationValue(count, unit):
                forms = self.library.language.units[unit]
                return (ValueNode(f"{count} {forms.one if count == 1 else forms.many}", slot.name),)
            case FlagValue():
                raise AssertionError(f"a flag has no words: {slot}")
            case _:
                assert_never(value)

    def join(self, items: list[Inlines], form: str) -> Inlines:
        """Items joined as people write it: a, b or c."""
        language = self.library.language
        out: list[Inline] = []
        for position, item in enumerate(items):
            if position:
                last = position == len(items) - 1
                out.append(Text(f" {language.joins[form]} " if last else ", "))
            out.extend(item)
        return tuple(out)

    def _reference(self, document: str) -> Inlines:
        skeleton = self.library.documents[document]
        own = next((choice.name for choice in self.profile.documents if choice.id == document), "")
        name: Inlines = (ValueNode(own, "documents"),) if own else (Text(skeleton.name),)
        if document == self.document.id:
            return self.phrase("see_self", noun=(Text(skeleton.noun),))
        if document in self.appendices:
            return self.phrase("see_appendix", name=name, number=(Text(str(self.appendices[document])),))
        return self.phrase("see_other", name=name)

    # -------------------------------------------------------------- roles

    def holder(self, role: str) -> tuple[str, Contact | None]:
        """The role that answers for ``role`` here and its contact: its own, that of `same_as`, else of `other_roles`.

        None where nobody holds it; a role that stands apart is never held by `other_roles`.
        """
        contacts = self.profile.contacts
        seen = {role}
        while role in contacts and contacts[role].same_as and contacts[role].same_as not in seen:
            role = contacts[role].same_as
            seen.add(role)
        if role in contacts:
            return role, contacts[role]
        other = self.profile.other_roles
        if other and role != other and not self.library.roles[role].separate:
            return other, contacts.get(other)
        return role, None

    def role(self, role: str, source: str = "") -> Inlines:
        """A post as a sentence names it: with its article, or the person or firm with the post in brackets."""
        held, contact = self.holder(role)
        label = source or f"contacts.{held}"
        title = self.title(role if role in self.profile.contacts else held)
        if contact and contact.show is Show.NAME:
            return self.person(held, contact, title, label)
        article = self.library.language.articles[self.library.roles[held].article]
        return (Text(f"{article} "), ValueNode(title, label)) if article else (ValueNode(title, label),)

    def person(self, role: str, contact: Contact, title: str, label: str) -> Inlines:
        """Who holds a post, by name, with the post in brackets; in an exemplar the name may be a fill-in."""
        post: Inlines = (ValueNode(title, label),)
        if contact.names:
            names = self.join([(ValueNode(name, label),) for name in contact.names], "any")
        else:
            self.needs.ask(Missing(role=role, named=True), self.place)
            names = (FillIn(plain_text(self.phrase("name_of", post=post)), label),)
        return self.phrase("person_in_post", person=names, post=post)

    def title(self, role: str) -> str:
        """A post's title here, without article, in mid-sentence case."""
        contact = self.profile.contacts.get(role)
        return (contact.title if contact else "") or self.library.roles[role].title_in(self.profile.nation)

    # -------------------------------------------------------------- times and dates

    def clock(self, moment: time) -> str:
        """A time of day as people write it: 8.30am, 3pm, noon."""
        clock = self.library.language.clock
        if (moment.hour, moment.minute) in ((0, 0), (12, 0)):
            return clock.noon if moment.hour else clock.midnight
        minutes = f"{clock.separator}{moment.minute:02d}" if moment.minute else ""
        half = clock.afternoon if moment.hour >= 12 else clock.morning
        return f"{(moment.hour + 11) % 12 + 1}{minutes}{half}"

    def date(self, day: EditionDate) -> str:
        """A date in full, or a month and year."""
        month = f"{self.library.language.months[day.month - 1]} {day.year}"
        return f"{day.day} {month}" if day.day else month


@lru_cache(maxsize=REMEMBERED)
def distinct_slots(pieces: Pieces) -> tuple[Slot, ...]:
    """The slots of a wording in reading order, each once."""
    return tuple(dict.fromkeys(slots_in(pieces)))


@lru_cache(maxsize=REMEMBERED)
def put_together(pieces: Pieces, words: tuple[Inlines, ...]) -> Inlines:
    """Return a wording with words in its distinct slots; neighbouring texts are one leaf.

    The same words give the same sentence, not a copy, so that whoever reads it may remember what came of it.
    """
    return _filled(pieces, dict(zip(distinct_slots(pieces), words, strict=True)))


def _filled(pieces: Pieces, words_for: Mapping[Slot, Inlines]) -> Inlines:
    out: list[Inline] = []
    for piece in pieces:
        match piece:
            case Literal(text):
                _join(out, Text(text))
            case Slot():
                words = words_for[piece]
                if _takes_no_space(words) and out and isinstance(out[-1], Text):
                    out[-1] = Text(out[-1].text.rstrip(" "))
                for word in words:
                    _join(out, word)
            case Styled(Style.STRONG, inner):
                out.append(Strong(_filled(inner, words_for)))
            case Styled(_, inner):
                out.append(EmphasisNode(_filled(inner, words_for)))
            case Linked(address, inner):
                out.append(Link(address, _filled(inner, words_for)))
            case Break():
                out.append(LineBreak())
            case _:
                assert_never(piece)
    return tuple(out)


def _join(out: list[Inline], inline: Inline) -> None:
    """Add an inline; a text after a text makes one leaf with it: equal sentences have equal trees."""
    if not isinstance(inline, Text):
        out.append(inline)
    elif out and isinstance(out[-1], Text):
        out[-1] = Text(out[-1].text + inline.text)
    elif inline.text:
        out.append(inline)


def _takes_no_space(words: Inlines) -> bool:
    """An optional phrase that vanished, or starts with a comma, closes up to the word before it."""
    first = words[0] if words else Text(",")
    return isinstance(first, Text) and first.text[:1] in (",", ";", ".", ":")


def capitalised(inlines: Inlines) -> Inlines:
    """The inlines with a capital first letter, through styles and links."""
    if not inlines:
        return inlines
    first, rest = inlines[0], inlines[1:]
    match first:
        case Text(text):
            return (Text(capital(text)), *rest)
        case ValueNode(text, source):
            return (ValueNode(capital(text), source), *rest)
        case Strong(inner):
            return (Strong(capitalised(inner)), *rest)
        case EmphasisNode(inner):
            return (EmphasisNode(capitalised(inner)), *rest)
        case Link(address, inner):
            return (Link(address, capitalised(inner)), *rest)
        case _:
            return inlines


def capital(text: str) -> str:
    """The text with a capital first letter; a word with a capital inside (iPads) stays as its owner spells it."""
    first = text.split(" ", 1)[0]
    return text if first != first.lower() else text[:1].upper() + text[1:]
