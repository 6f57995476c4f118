"""An exemplar and its open questions in; its documents for whatever a school may answer out, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from aupgen.approval.standing import circulated_line
from aupgen.binding.bind import bind_profile
from aupgen.binding.values import Needs, Scope
from aupgen.document.tree import Document, FillIn, Inline, Value
from aupgen.document.walk import plain_text
from aupgen.document.words import lasting_words, with_approval
from aupgen.library.compiled import Library
from aupgen.packs.questions import (
    CONTACTS,
    PARAMETERS,
    choice_words,
    fact_question,
    open_questions,
)
from aupgen.packs.shapes import TextsShape
from aupgen.policy.parameter import ParameterType
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Voice
from aupgen.site.alternatives import Piece, States, Switch, Texts, UnsettledError, pieces_for
from aupgen.site.marks import PLACE, Marker, Slots, place_number
from aupgen.site.switches import (
    END,
    FORM_POST,
    PHASE,
    START,
    Answering,
    Asked,
    Kind,
    asked,
    phases_of,
    switches,
)
from aupgen.writers.docx import Numbers, body_with_gaps, named_parts
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from aupgen.writers.shell import Shell
from aupgen.writers.text import paragraphs

FORMATS = ("html", "md", "docx", "words")
"""The formats of a document's pieces: a page, Markdown, a Word file's body with its gaps, and what its fingerprint is
taken of."""
TEXT = "txt"
"""The format that a notice of text alone has beside them: its paragraphs, before their lines are broken."""
PART = "part "
"""What the names of pieces begin with that are parts of a Word file."""
_FINGERPRINT, _END = "fingerprint", "end"


class Form(Struct, frozen=True):
    """A form: its questions, the switches they work, the slots they fill, and its documents as pieces.

    A piece has a text in each of the document's ``formats``. One whose name begins with ``PART`` is a part of the Word
    file beside its body, and has the text of that alone. ``posts`` has who holds each post, how a sentence names them,
    and the post's title.
    """

    questions: tuple[Asked, ...]
    switches: tuple[Switch, ...]
    slots: tuple[str, ...]
    documents: Mapping[str, tuple[Piece, ...]]
    posts: tuple[Piece, ...]
    formats: Mapping[str, tuple[str, ...]]


def make_form(
    library: Library, exemplar: Profile, shell: Shell, texts: TextsShape, done: Callable[[], None]
) -> Form:
    """Return the form of an exemplar; ``done`` is called after each document, for a large one takes half a minute.
    Raises UnsettledError where a document cannot be put into one."""
    ids = tuple(choice.id for choice in exemplar.documents)
    slots = Slots()
    questions = _questions(library, exemplar, texts)
    answering = Answering.prepared(library, exemplar, questions, slots)
    switched = switches(questions, ids)
    marker = Marker(slots, _Leaves(slots, answering, _gaps(answering)).one)
    documents, formats = {}, {}
    for id_ in ids:
        writing = _Writing(answering, marker, shell, id_)
        own = [switch for switch in switched if switch.name != f"issue {id_}"]
        try:
            documents[id_] = pieces_for(writing.pieces, own)
        except UnsettledError as error:
            raise UnsettledError(f"`{id_}` cannot be put into a form: {error}") from None
        formats[id_] = (*FORMATS, TEXT) if writing.is_plain else FORMATS
        done()
    asking = [switch for switch in switched if switch.name.startswith(CONTACTS)]
    posts = pieces_for(lambda states: _posts(answering, marker, states), asking)
    return Form(questions, switched, tuple(slots.numbers), documents, posts, formats)


def _questions(library: Library, exemplar: Profile, texts: TextsShape) -> tuple[Asked, ...]:
    """What every school is asked, then all that some answer brings up; each once."""
    facts = (
        fact_question("name", (), texts),
        fact_question(PHASE, phases_of(library, exemplar.nation), texts),
    )
    words = choice_words(library, exemplar)
    found: dict[str, Asked] = {}
    waiting = [*facts, *open_questions(library, exemplar, texts, words)]
    while waiting:
        new: dict[str, Asked] = {}
        for put in waiting:
            if put.key not in found:
                new.setdefault(put.key, asked(put, library))
        found |= new
        answering = Answering.prepared(library, exemplar, tuple(found.values()), Slots())
        waiting = []
        for switch in switches(tuple(new.values()), ()):
            for state in switch.few:
                school = answering.profile({switch.name: state})
                waiting += open_questions(answering.library, school, texts, words)
    return tuple(
        sorted(found.values(), key=lambda one: not (one.question.required or one.kind is Kind.PHASE))
    )


class _Leaves(Struct, frozen=True):
    """Turns what is not typed yet, and hours, into slots."""

    slots: Slots
    answering: Answering
    gaps: Mapping[str, str]

    def one(self, inline: Inline) -> Inline:
        match inline:
            case FillIn(label, source):
                key = self.gaps.get(label) or self.gaps.get(source.partition(".")[0], source)
                slot = self.slots.slot(f"open {key} {label}", len(label) + 4)
                return Value(slot, source)
            case Value(text, source) if text in (clocks := self._clocks()) and self._is_hours(source):
                return Value(self.slots.slot(f"{PARAMETERS}{source}#{clocks[text]}", 6), source)
            case _:
                return inline

    def _clocks(self) -> dict[str, str]:
        clock = self.answering.library.language.clock
        return {
            f"{at.hour}{clock.separator}{at.minute:02d}{clock.morning}": name
            for at, name in ((START, "from"), (END, "to"))
        }

    def _is_hours(self, source: str) -> bool:
        parameter = self.answering.library.parameters.get(source)
        return parameter is not None and parameter.type is ParameterType.HOURS


def _gaps(answering: Answering) -> dict[str, str]:
    """The question that a gap waits for: by the label that asks for a person or post, or by the parameter."""
    scope = plain_scope(answering.library, answering.exemplar)
    out: dict[str, str] = {}
    for one in answering.questions:
        if one.parameter:
            out[one.parameter.name] = one.key
        elif one.role:
            title = scope.title(one.role)
            out[title] = one.key
            out[plain_text(scope.phrase("name_of", post=(Value(title, ""),)))] = one.key
    return out


class _Writing(Struct, frozen=True):
    """Writes one document for some answers."""

    answering: Answering
    marker: Marker
    shell: Shell
    id_: str

    def pieces(self, states: States) -> list[tuple[str, Texts]]:
        document = self._document(states)
        written = [
            write_html(document, self.answering.library.page),
            write_markdown(document),
            tidy(body_with_gaps(document, self.shell)),
            lasting_words(document),
        ]
        if self.is_plain:
            written.append("\n\n".join(paragraphs(document)))
        # In a split text, what stands between places is followed by the place that ends it.
        split = [PLACE.split(text) for text in written]
        places = split[-1][1::2]
        if any(text[1::2] != places for text in split):
            raise UnsettledError("a passage stands in one format and not in another")
        if len(set(places)) < len(places):
            raise UnsettledError("two of its passages have one name")
        names = self.marker.slots.place_names()
        keys = [names[place_number(place)] for place in places] + [_END]
        parts = named_parts(document, self.shell, Numbers(self.shell))
        return [
            *((f"{PART}{name}", (PLACE.sub("", text),)) for name, text in parts.items()),
            *zip(keys, zip(*(text[::2] for text in split), strict=True), strict=True),
        ]

    @property
    def is_plain(self) -> bool:
        return self.answering.library.documents[self.id_].is_plain

    def _document(self, states: States) -> Document:
        answering = self.answering
        profile = answering.profile(states)
        bound, _ = bind_profile(answering.library, profile, draft=True, only=[self.id_])
        document = bound.documents[0]
        document = replace(document, meta=replace(document.meta, draft=""))
        if document.meta.status:
            line = circulated_line(
                answering.library, profile, document.meta.status, answering.slots.slot(_FINGERPRINT, 9)
            )
            document = with_approval(document, line)
        if PLACE.search(lasting_words(document)):
            raise UnsettledError("it holds a character of private use")
        return self.marker.document(document)


def _posts(answering: Answering, marker: Marker, states: States) -> list[tuple[str, Texts]]:
    """Who holds each post that may be picked, and how a sentence names them."""
    library, profile = answering.library, answering.profile(states)
    scope = plain_scope(library, profile)
    out: list[tuple[str, Texts]] = []
    for id_, role in library.roles.items():
        if role.retired or role.area or id_.startswith(FORM_POST):
            continue
        holder = id_ if id_ in profile.contacts else scope.holder(id_)[0]
        out.append((id_, (holder, plain_text(marker.said(scope.role(id_))), scope.title(id_))))
    return out


def plain_scope(library: Library, profile: Profile) -> Scope:
    """A scope for words that read alike in all documents."""
    return Scope(library, profile, Needs(), next(iter(library.documents.values())), Voice.PROSE)


def tidy(body: str) -> str:
    """A place that took a run of its own leaves none behind."""
    return _OWN_RUN.sub(r"\1", body)


_OWN_RUN = re.compile(
    f'<w:r>(?:<w:rPr>(?:<(?!/w:rPr>)[^<>]*>)*</w:rPr>)?<w:t xml:space="preserve">{PLACE.pattern}</w:t></w:r>'
)
