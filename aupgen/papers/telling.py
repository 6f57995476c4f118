"""A comparison and its two editions in; how its changes are told to people out: what was, what is, where, by whom.

Everything is said in the words that documents print. An item of a list is said with the line that leads into it, so
that a rule stands as a sentence wherever it is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.binding.outline import skeleton_for
from aupgen.binding.values import Needs, Scope, capital
from aupgen.comparison.changes import Change, Place
from aupgen.comparison.edition import Edition
from aupgen.comparison.signing import signed_in
from aupgen.comparison.words import Mark, marked
from aupgen.document.tree import (
    BulletList,
    Document,
    Inlines,
    NumberedList,
    Paragraph,
    Strong,
    Value,
)
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.policy.change import ChangeKind
from aupgen.policy.parameter import ParameterType
from aupgen.policy.terms import Audience, Voice

SAID = "changes"
"""The source of words that are quoted from documents and profiles."""
_SHOWN = 45
"""How many words of a passage are shown: tables and whole sections stand in the redline."""
_CORE = re.compile(r"\w(?:.*\w)?", re.S)
"""Some words without the space and signs around them: bold ends where a word does."""
_SENTENCE_END = (".", "!", "?", "…", ":")


def said(text: str | None) -> Inlines | None:
    """Words that came from a profile or a document; None where there are none."""
    return (Value(text, SAID),) if text else None


class Telling(Struct, frozen=True, dict=True):
    """The two editions that a paper tells of; ``old`` is None for a first edition."""

    old: Edition | None
    new: Edition

    # -------------------------------------------------------------- documents and people

    def document(self, id_: str) -> Document | None:
        """A document of the new edition, or of the old one where it is no longer issued."""
        return self.new.documents.get(id_) or (self.old.documents.get(id_) if self.old else None)

    def name(self, id_: str) -> str:
        """What a document is called in short, with a capital: Staff agreement."""
        for side in (self.new, self.old):
            if side is None:
                continue
            own = next((choice.name for choice in side.profile.documents if choice.id == id_), "")
            if own or id_ in side.library.documents:
                return capital(own or side.library.documents[id_].name)
        return id_

    def title(self, id_: str) -> str:
        document = self.document(id_)
        return plain_text(document.title) if document else id_

    def readers(self, audiences: Iterable[str]) -> Inlines:
        """Some audiences by their names in this school's words, each name once; () for none."""
        names: dict[Inlines, None] = {}
        for audience in audiences:
            names[self.scope.for_readers((Audience(audience),)).audience("name")] = None
        return self.scope.join(list(names), "all")

    @cached_property
    def scope(self) -> Scope:
        skeleton = next(iter(self.new.library.documents.values()))
        return Scope(self.new.library, self.new.profile, Needs(), skeleton, skeleton.voice)

    def signed(self, id_: str, audience: str) -> tuple[str, ...]:
        """The documents in which a reader signs for what a document says."""
        return signed_in(self.new.documents, id_, audience)

    def signatures(self, change: Change) -> Iterator[tuple[str, str]]:
        """The documents that are signed anew because of a change, and by whom."""
        for audience in change.resign:
            for id_ in dict.fromkeys(one for told in change.documents for one in self.signed(told, audience)):
                yield id_, audience

    def answers(self, change: Change) -> tuple[str, ...]:
        """What a school answered otherwise, where that alone let a clause in or out, as the library names it."""
        clause = self.new.clause(change.clause) or (self.old.clause(change.clause) if self.old else None)
        if change.kind not in (ChangeKind.ADDED, ChangeKind.REMOVED) or clause is None or self.old is None:
            return ()
        parameters = self.new.library.parameters
        return tuple(
            parameters[name].label
            for name, _ in clause.when
            if name in parameters and self.old.value(name, clause.id) != self.new.value(name, clause.id)
        )

    # -------------------------------------------------------------- what was and what is

    def sides(self, change: Change, documents: Collection[str] = ()) -> tuple[str | None, str | None]:
        """What was and what is, in the words of the first document that shows it, or of the first of ``documents``."""
        match change.kind:
            case ChangeKind.CONTACT | ChangeKind.MOVED | ChangeKind.DOCUMENT:
                return change.old, change.new
            case ChangeKind.OWNER:
                return self._post(self.old, change.old), self._post(self.new, change.new)
            case ChangeKind.AUDIENCE:
                old, new = (side.split(", ") if side else () for side in (change.old, change.new))
                return plain_text(self.readers(old)) or None, plain_text(self.readers(new)) or None
            case ChangeKind.PARAMETER if self._has_words(change):
                return change.old, change.new
            case ChangeKind.STRUCTURE:
                return change.old, change.new
            case _:
                return self._sentences(change, documents)

    def _post(self, edition: Edition | None, role: str | None) -> str | None:
        if edition is None or not role:
            return None
        return edition.holder(role) or (
            edition.library.roles[role].title if role in edition.library.roles else role
        )

    def _has_words(self, change: Change) -> bool:
        """Whether both values of a parameter are words for people, and not an answer chosen from a list."""
        known = self.new.library.parameters.get(change.parameter)
        chosen = known is not None and known.type in (ParameterType.CHOICE, ParameterType.FLAG)
        return not chosen and change.old is not None and change.new is not None

    def _sentences(self, change: Change, documents: Collection[str]) -> tuple[str | None, str | None]:
        places = [place for place in change.places if not documents or place.document in documents]
        if not places:
            return change.old, change.new
        first = next(
            (id_ for id_ in documents or change.documents if any(p.document == id_ for p in places)), ""
        )
        told = [place for place in places if place.document == first]
        return _joined(self.was(p) for p in told), _joined(self.now(p) for p in told)

    def was(self, place: Place) -> str | None:
        """What a place said, as a sentence; None where the line is new."""
        return self._sentence(place.old, place, self.old)

    def now(self, place: Place) -> str | None:
        """What a place says, as a sentence; None where the line is gone."""
        return self._sentence(place.new, place, self.new)

    def _sentence(self, words: str | None, place: Place, side: Edition | None) -> str | None:
        if not words or side is None:
            return words
        whole = self._new_whole if side is self.new else self._old_whole
        return whole.get((place.document, place.section, place.clause), words) if place.clause else words

    @cached_property
    def _new_whole(self) -> dict[Where, str]:
        return whole_sentences(self.new)

    @cached_property
    def _old_whole(self) -> dict[Where, str]:
        return whole_sentences(self.old) if self.old else {}


Where: TypeAlias = tuple[str, str, str]
"""A document, a section of it and a clause in that."""


def whole_sentences(edition: Edition) -> dict[Where, str]:
    """Every clause that is an item of a list, as a sentence.

    What stands under the lead-in of its voice is said to its readers, "You must …", whom the list speaks to; what
    stands under a lead-in of its own is said with that.
    """
    own = {
        (id_, section.id)
        for id_, skeleton in edition.library.documents.items()
        for section in skeleton.sections().values()
        if section.lead_in is not None
    }
    leads = dict(_lead_ins(edition))
    printed = {
        (id_, section.id, mark.id): plain_text(inlines)
        for id_, document in edition.documents.items()
        for section in sections(document.blocks)
        for mark, inlines in own_clauses(section)
    }
    spoken = {
        (id_, section.id, mark.id): plain_text(inlines)
        for id_, document in _to_readers(edition).items()
        for section in sections(document.blocks)
        if section.voice == Voice.SECOND_PERSON and (id_, section.id) not in own
        for mark, inlines in own_clauses(section)
    }
    return {where: spoken.get(where) or led(lead, printed[where]) for where, lead in leads.items()}


def _to_readers(edition: Edition) -> dict[str, Document]:
    """The documents that hold lists of rules, as they would be if each rule were a sentence to the reader.

    Not those that an approval record kept: what profile and library say today may be other words.
    """
    profile, library = edition.profile, edition.library
    issued = {document.meta.id for document in edition.bound.documents}
    issued -= {document.meta.id for document in edition.kept}
    told = tuple(
        replace(choice, voice=Voice.SECOND_PERSON)
        for choice in profile.documents
        if choice.id in issued and skeleton_for(library.documents[choice.id], choice).voice is Voice.RULE_LIST
    )
    others = tuple(choice for choice in profile.documents if choice.id not in {one.id for one in told})
    if not told:
        return {}
    spoken = replace(profile, documents=(*told, *others))
    bound, _ = bind_profile(library, spoken, draft=True, only=[choice.id for choice in told])
    return {document.meta.id: document for document in bound.documents}


def _lead_ins(edition: Edition) -> Iterator[tuple[Where, str]]:
    """The line that leads into the list of each clause which is an item, by document, section and clause."""
    for id_, document in edition.documents.items():
        for section in sections(document.blocks):
            lead = ""
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    lead = plain_text(block.inlines) if block.role == "lead-in" else ""
                elif isinstance(block, (BulletList, NumberedList)):
                    for item in block.items if lead else ():
                        if item.clause:
                            yield (id_, section.id, item.clause.id), lead
                    lead = ""


def printed_rules(edition: Edition) -> dict[str, dict[str, str]]:
    """Every clause that an edition prints, as a sentence of each document that prints it, in the order of those."""
    whole = whole_sentences(edition)
    out: dict[str, dict[str, str]] = {}
    for id_, document in edition.documents.items():
        for section in sections(document.blocks):
            for mark, inlines in own_clauses(section):
                words = whole.get((id_, section.id, mark.id)) or plain_text(inlines)
                out.setdefault(mark.id, {}).setdefault(id_, words)
    return out


def led(lead: str, words: str) -> str:
    """An item of a list as a sentence: with what leads into the list, "" for what is a sentence already."""
    text = f"{lead.removesuffix(':')} {words}" if lead else words
    return text if not lead or text.endswith(_SENTENCE_END) else f"{text}."


def _joined(texts: Iterable[str | None]) -> str | None:
    return " ".join(dict.fromkeys(text for text in texts if text)) or None


# ------------------------------------------------------------------ words beside each other


def shortened(text: str | None) -> tuple[str | None, bool]:
    """A passage as a table shows it, and whether it goes on."""
    words = text.split() if text else []
    if len(words) <= _SHOWN:
        return text, False
    return " ".join(words[:_SHOWN]) + " …", True


def with_new_words_bold(old: str | None, new: str | None) -> Inlines | None:
    """What is, its new words in bold; without bold where nothing was, or hardly a word stayed."""
    if not old or not new or old == new:
        return said(new)
    stretches = marked(old, new)
    if not any(stretch.mark is Mark.KEPT for stretch in stretches):
        return said(new)
    out: list[Strong | Value] = []
    for stretch in stretches:
        core = _CORE.search(stretch.text)
        if stretch.mark is Mark.KEPT or (stretch.mark is Mark.INSERTED and core is None):
            out.append(Value(stretch.text, SAID))
        elif stretch.mark is Mark.INSERTED and core is not None:
            before, inside, after = stretch.text[: core.start()], core.group(), stretch.text[core.end() :]
            out += [Value(before, SAID)] if before else []
            out.append(Strong((Value(inside, SAID),)))
            out += [Value(after, SAID)] if after else []
    return tuple(out)
