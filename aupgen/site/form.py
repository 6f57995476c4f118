"""An exemplar and its open questions in; all that a page needs to write a school's documents as it answers out.

The page holds no rule of ours: every document comes as pieces, each with its words for the answers it depends on, in
every format. What is typed is put into their slots, escaped as the format wants it. See `form.js`, which does that.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from aupgen.approval.standing import circulated_line
from aupgen.binding.bind import bind_profile
from aupgen.binding.values import Needs, Scope, capital
from aupgen.binding.voice import STOPS
from aupgen.document.tree import Document, FillIn, Inline, Value
from aupgen.document.walk import plain_text
from aupgen.document.words import lasting_words, with_approval
from aupgen.library.compiled import Library
from aupgen.packs.making import intro
from aupgen.packs.profile_text import profile_text
from aupgen.packs.questions import (
    CONTACTS,
    PARAMETERS,
    choice_words,
    fact_question,
    open_questions,
    question,
)
from aupgen.packs.school import documents_for
from aupgen.packs.shapes import TextsShape
from aupgen.policy.parameter import ParameterType, RolesValue, WordsValue, value_text
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.terms import Voice
from aupgen.profiles.shapes import EMAIL_PATTERN, PHONE_PATTERN
from aupgen.site.alternatives import Piece, States, Switch, Texts, UnsettledError, pieces_for
from aupgen.site.marks import PLACE, Marker, Slots, place_number
from aupgen.site.pages import Extra
from aupgen.site.switches import (
    END,
    FORM_POST,
    MOST_ITEMS,
    MOST_ROLES,
    PHASE,
    START,
    Answering,
    Asked,
    Kind,
    asked,
    phases_of,
    switches,
)
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText, Span
from aupgen.writers.docx import LINKED, LISTED, Numbers, body_part, body_with_gaps, named_parts
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from aupgen.writers.shell import Shell
from aupgen.writers.text import paragraphs

Json: TypeAlias = Any
FINGERPRINT = "fingerprint"
LINE = 200
"""How many characters a text of a profile may have."""
FORMATS = ("html", "md", "docx", "words")
TEXT = "txt"
PART = "part "
_END = "end"


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


def make_form(library: Library, exemplar: Profile, shell: Shell, texts: TextsShape) -> Form:
    """Return the form of an exemplar. Raises UnsettledError where a document cannot be put into one."""
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
    asking = [switch for switch in switched if switch.name.startswith(CONTACTS)]
    posts = pieces_for(lambda states: _posts(answering, marker, states), asking)
    return Form(questions, switched, tuple(slots.numbers), documents, posts, formats)


def _questions(library: Library, exemplar: Profile, texts: TextsShape) -> tuple[Asked, ...]:
    """What every school is asked, then all that some answer brings up; each once."""
    facts = (
        fact_question("name", (), texts),
        fact_question(PHASE, phases_of(library, exemplar.nation), texts),
    )
    first = (*facts, *open_questions(library, exemplar, texts))
    found = {one.key: one for one in (asked(put, library) for put in first)}
    words = choice_words(library, exemplar)
    grown = True
    while grown:
        answering = Answering.prepared(library, exemplar, tuple(found.values()), Slots())
        grown = False
        for switch in switches(tuple(found.values()), ()):
            for state in switch.few:
                school = answering.profile({switch.name: state})
                for put in open_questions(answering.library, school, texts):
                    if put.key not in found:
                        grown = True
                        if put.key.startswith(PARAMETERS):
                            parameter = library.parameters[put.key.removeprefix(PARAMETERS)]
                            put = question(parameter, words, required=put.required)
                        found[put.key] = asked(put, library)
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
    scope = _scope(answering.library, answering.exemplar)
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
        places = PLACE.findall(written[-1])
        split = [PLACE.split(text) for text in written]
        if any(PLACE.findall(text) != places for text in written):
            raise UnsettledError("a passage stands in one format and not in another")
        names = self.marker.slots.place_names()
        keys = [names[place_number(place)] for place in places] + [_END]
        parts = named_parts(document, self.shell, Numbers(self.shell))
        return [
            *((f"{PART}{name}", (PLACE.sub("", text),)) for name, text in parts.items()),
            *((key, tuple(text[n] for text in split)) for n, key in enumerate(keys)),
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
                answering.library, profile, document.meta.status, answering.slots.slot(FINGERPRINT, 9)
            )
            document = with_approval(document, line)
        return self.marker.document(document)


def _posts(answering: Answering, marker: Marker, states: States) -> list[tuple[str, Texts]]:
    """Who holds each post that may be picked, and how a sentence names them."""
    library, profile = answering.library, answering.profile(states)
    scope = _scope(library, profile)
    out: list[tuple[str, Texts]] = []
    for id_, role in library.roles.items():
        if role.retired or role.area or id_.startswith(FORM_POST):
            continue
        holder = id_ if id_ in profile.contacts else scope.holder(id_)[0]
        out.append((id_, (holder, plain_text(marker.said(scope.role(id_))), scope.title(id_))))
    return out


def _scope(library: Library, profile: Profile) -> Scope:
    """A scope for words that read alike in all documents."""
    return Scope(library, profile, Needs(), next(iter(library.documents.values())), Voice.PROSE)


def tidy(body: str) -> str:
    """A place that took a run of its own leaves none behind."""
    return re.sub(
        f'<w:r>(?:<w:rPr>[^\\0]*?</w:rPr>)?<w:t xml:space="preserve">({PLACE.pattern})</w:t></w:r>',
        r"\1",
        body,
    )


# ------------------------------------------------------------------ what the page is given


def form_scripts(
    form: Form, library: Library, exemplar: Profile, shell: Shell, texts: TextsShape
) -> dict[str, str]:
    """Return the scripts that hold the form's data, by file name: one for all documents, and one for each."""
    numbers = {switch.name: n for n, switch in enumerate(form.switches)}
    out = {"data.js": f"const aupgen = {_json(_common(form, library, exemplar, shell, texts))};\n"}
    for id_, pieces in form.documents.items():
        data = _document_data(pieces, form.formats[id_], numbers)
        out[f"{id_}.js"] = f"aupgen.documents[{_json(id_)}] = {_json(data)};\n"
    return out


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\u2028", "\\u2028")


def _common(
    form: Form, library: Library, exemplar: Profile, shell: Shell, texts: TextsShape
) -> dict[str, Json]:
    language = library.language
    numbers = {switch.name: n for n, switch in enumerate(form.switches)}
    ids = [choice.id for choice in exemplar.documents]
    return {
        "questions": [_question_data(one) for one in form.questions],
        "switches": [[switch.name, switch.states] for switch in form.switches],
        "slots": form.slots,
        "posts": {
            piece.name: {"switches": [numbers[name] for name in piece.switches], "texts": piece.texts}
            for piece in form.posts
        },
        "phases": {phase: documents_for(phase, ids) for phase in phases_of(library, exemplar.nation)},
        "formats": form.formats,
        "clock": {
            "separator": language.clock.separator,
            "morning": language.clock.morning,
            "afternoon": language.clock.afternoon,
            "noon": language.clock.noon,
            "midnight": language.clock.midnight,
        },
        "units": {unit: [forms.one, forms.many] for unit, forms in language.units.items()},
        "email": EMAIL_PATTERN,
        "phone": PHONE_PATTERN,
        "line": LINE,
        "stops": STOPS,
        "word": _word_data(shell),
        "profile": _profile_data(form, exemplar, texts),
        "unnamed": plain_text(_scope(library, exemplar).phrase("school_name")),
        "year": str(exemplar.policy_year),
        "documents": {},
    }


def _question_data(one: Asked) -> dict[str, Json]:
    return {
        "key": one.key,
        "kind": one.kind.value,
        "states": one.states,
        "usual": _usual(one),
        "most": MOST_ROLES if one.kind is Kind.ROLES else MOST_ITEMS,
    }


def _usual(one: Asked) -> Json:
    """What holds if nothing is said: a text, or a list; null where nothing does."""
    default = one.parameter.default if one.parameter else None
    match default:
        case None:
            return None
        case RolesValue(items) | WordsValue(items):
            return list(items)
        case _:
            return value_text(default)


def _document_data(
    pieces: Sequence[Piece], formats: Sequence[str], numbers: Mapping[str, int]
) -> dict[str, Json]:
    """The pieces by format, those that never change joined; each with its switches and the number of its text for each
    combination, -1 for none."""
    strings: dict[str, int] = {}
    body = [piece for piece in pieces if not piece.name.startswith(PART)]
    parts = [piece for piece in pieces if piece.name.startswith(PART)]
    return {
        "formats": {
            format_: [
                [[numbers[name] for name in names], [_number(text, strings) for text in column]]
                for names, column in _columns(body, n)
            ]
            for n, format_ in enumerate(formats)
        },
        "parts": {
            piece.name.removeprefix(PART): [
                [numbers[name] for name in piece.switches],
                [_number(texts[0] if texts else None, strings) for texts in piece.texts],
            ]
            for piece in parts
        },
        "strings": list(strings),
    }


def _columns(pieces: Iterable[Piece], format_: int) -> Iterator[tuple[tuple[str, ...], list[str | None]]]:
    """One format of some pieces: a text that no answer changes is one with the next such."""
    still = ""
    for piece in pieces:
        column = [texts[format_] if texts else None for texts in piece.texts]
        if len(set(column)) == 1 and column[0] is not None:
            still += column[0]
            continue
        if still:
            yield (), [still]
        still = ""
        yield piece.switches, column
    if still:
        yield (), [still]


def _number(text: str | None, strings: dict[str, int]) -> int:
    return -1 if text is None else strings.setdefault(text, len(strings))


def _word_data(shell: Shell) -> dict[str, Json]:
    """What a Word file has beside its own parts, packed as it is written into the zip."""
    before, after = body_part("\0", shell).split("\0")
    drawn = body_part("\0<w:drawing>", shell).split("\0")[0]
    return {
        "members": [
            [part.name, part.size, part.crc, part.stored, base64.b64encode(part.data).decode()]
            for part in (*shell.parts, shell.plain_numbering)
        ],
        "before": before,
        "drawn": drawn,
        "after": after,
        "relationships": shell.relationships,
        "linked": LINKED,
        "numbering": shell.numbering,
        "listed": LISTED.replace("{list}", shell.number_list),
        "next": shell.next_number,
    }


def _profile_data(form: Form, exemplar: Profile, texts: TextsShape) -> dict[str, Json]:
    """The profile as lines: what stands above each answer, and what stands where there is none."""
    head = profile_text({}, (), {}, {}, texts.starter, intro(exemplar, texts)).lines
    blocks: dict[str, Json] = {}
    for one in form.questions:
        if one.key in ("name", PHASE):
            written = profile_text({one.key: "x"}, (one.question,), {}, {}, texts.starter, ()).lines
            blocks[one.key] = {"above": written[1:-1], "none": []}
            continue
        above = exemplar.contacts if one.role else {}
        given = profile_text({}, (one.question,), {one.key: "x"}, above, texts.starter, ()).lines
        none = profile_text({}, (one.question,), {}, above, texts.starter, (), drafting=True).lines
        blocks[one.key] = {"above": given[2:-1], "none": none[2:]}
    return {"head": head, "extends": exemplar.slug, "blocks": blocks}


# ------------------------------------------------------------------ the page


PAGE, SCRIPTS, LOOK = "form.html.j2", ("writing.js", "form.js"), "form.css"
"""Files of `templates/site/` that make the page."""


def form_extra(
    library: Library,
    exemplar: Profile,
    shell: Shell,
    texts: TextsShape,
    templates: Mapping[str, SourceText],
) -> tuple[Extra | None, list[Diagnostic]]:
    """Return the page of questions with its files; None and AUP630 where a part of it is missing, or AUP634, a
    warning, where a document depends on the answers in more ways than a page can hold."""
    for part in (*SCRIPTS, LOOK):
        if part not in templates:
            message = "this part of the site is missing"
            return None, [Diagnostic("AUP630", Span(f"templates/site/{part}"), message, "put it back")]
    try:
        form = make_form(library, exemplar, shell, texts)
    except UnsettledError as error:
        help_ = "schools can still fill in the Word files, or use `aupgen init`"
        message = f"the site has no page of questions: {error}"
        return None, [Diagnostic("AUP634", Span(exemplar.path), message, help_, Severity.WARNING)]
    scripts = form_scripts(form, library, exemplar, shell, texts)
    files = {f"assets/form/{name}": text.encode() for name, text in scripts.items()}
    files |= {f"assets/{part}": templates[part].text.encode() for part in (*SCRIPTS, LOOK)}
    return Extra(PAGE, form_page(form, library, exemplar), files), []


class Put(Struct, frozen=True):
    """A question as the page puts it. ``id`` names its field; ``answers`` have their words; ``usual`` is what holds."""

    id: str
    key: str
    kind: str
    text: str
    help: str
    required: bool
    usual: Json
    answers: tuple[tuple[str, str], ...]


def form_page(form: Form, library: Library, exemplar: Profile) -> dict[str, object]:
    """Return what the template of the page is given beside the site."""
    scope = _scope(library, replace(exemplar, kind=ProfileKind.SCHOOL))
    posts = ((piece.name, next(texts for texts in piece.texts if texts)[2]) for piece in form.posts)
    return {
        "questions": [_put(one, library, exemplar) for one in form.questions],
        "posts": sorted(posts, key=lambda post: post[1].lower()),
        "most": MOST_ITEMS,
        "school": plain_text(scope.phrase("school_name")),
    }


def _put(one: Asked, library: Library, exemplar: Profile) -> Put:
    put = one.question
    phases: Mapping[str, str] = {
        str(phase): name for phase, name in phases_of(library, exemplar.nation).items()
    }
    answers = tuple(
        (answer, words or capital(phases.get(answer) or _READ.get(answer) or answer.replace("-", " ")))
        for answer, words in put.answers
    )
    id_ = re.sub(r"[^a-z0-9]+", "-", one.key)
    return Put(id_, one.key, one.kind.value, put.text, put.help, put.required, _usual(one), answers)


_READ = {"true": "Yes", "false": "No"}
