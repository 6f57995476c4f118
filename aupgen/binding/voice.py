"""A clause's wording in; the sentence or list item it becomes in one voice out.

The frame adds subject and modal, the pronouns are the voice's, verbs are never conjugated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.values import REMEMBERED, Scope, capitalised
from aupgen.document.tree import Emphasis, FillIn, Inline, Inlines, Link, Reference, Strong, Text, Value
from aupgen.policy.clause import Clause, Conditions, Revision, Wording
from aupgen.policy.language import Language
from aupgen.policy.profile import ClauseChoice, OwnWording
from aupgen.policy.terms import FAMILIES, Audience, Kind, Voice, is_adult
from aupgen.policy.wording import Linked, Literal, Piece, Pieces, Slot, Styled, slots_in

STOPS = (".", "!", "?", "…", ":")
"""What ends a sentence that needs no full stop."""


class Spoken(Struct, frozen=True):
    """What a voice makes of a wording before a school's words are put in: the same for all schools.

    ``phrases`` are optional phrases of the text. ``owner`` is the role a frame names, "" where it names none.
    ``concerned`` are the readers the sentence has to name because it is not about all; () where it is.
    An ``is_item`` stands in the list under the voice's lead-in.
    """

    pieces: Pieces
    phrases: Mapping[str, Pieces]
    owner: str
    concerned: tuple[Audience, ...]
    is_item: bool


def wordings_for(
    revision: Revision, audiences: tuple[Audience, ...], voice: Voice
) -> Iterator[tuple[Conditions, Wording]]:
    """Yield the wordings a voice may use, with those for one of ``audiences`` first: the first whose condition holds is
    used, and the last one's always does."""
    for name in (*audiences, voice):
        if name in revision.special:
            yield (), revision.special[name]
            return
    yield from ((variant.when, variant) for variant in revision.variants)
    yield (), revision.wording


def own_wording(
    clause: Clause, revision: Revision, choice: ClauseChoice, audiences: tuple[Audience, ...]
) -> OwnWording | None:
    """Return what a profile says towards some readers in the place of the library's words; None where those hold.

    Words for one audience are of the kind of those that they replace, where they name no kind themselves.
    """
    if not choice.is_reworded:
        return None
    for name in addressed(clause, audiences):
        theirs = revision.special.get(name)
        if own := choice.by_reader.get(name):
            kind = own.wording.kind or (theirs.kind if theirs else None)
            return replace(own, wording=replace(own.wording, kind=kind))
        if theirs and (choice.text is None or clause.keeps_words_for(name)):
            return None
    return choice.text


def addressed(clause: Clause, audiences: tuple[Audience, ...]) -> tuple[Audience, ...]:
    """Return those readers of a document whose own words of a clause may stand in it, the first to go first.

    In a document for adults nobody is given the words of somebody else but those of the first reader whom the clause is
    for: a policy for staff and visitors speaks as to staff, one of the whole school as the school. Where pupils or parents
    are among those whom the clause is for, too, there are none: the words of an adult or a child are not for both.
    """
    if not any(is_adult(audience) for audience in audiences):
        return audiences
    concerned = tuple(audience for audience in audiences if audience in clause.audiences)
    if concerned[:1] == (Audience.SCHOOL,) or not FAMILIES.intersection(concerned):
        return concerned[:1]
    return ()


def spoken(
    clause: Clause, wording: Wording, language: Language, audiences: tuple[Audience, ...], voice: Voice
) -> Spoken:
    """Return what a voice makes of a wording of a clause for some readers."""
    kind = wording.kind or clause.kind
    table = language.voices[voice]
    frame = table.items.get(kind) or table.sentences[kind]
    names_owner = any(slot.name == "owner" for slot in slots_in(frame))
    concerned = tuple(audience for audience in audiences if audience in clause.audiences)
    limited = kind in _PERSONAL and len(concerned) < len(audiences)
    return Spoken(
        _with_text(frame, wording.pieces),
        wording.phrases,
        clause.owner if names_owner else "",
        concerned if limited else (),
        kind in table.items,
    )


def say(spoken: Spoken, scope: Scope) -> Inlines:
    """Return the item or the sentence in the words of one school."""
    if spoken.concerned and scope.voice in _NAMING:
        # A sentence about the audience needs no opening: it names those whom it is about.
        scope = _towards(spoken.concerned, scope)
    if spoken.owner or spoken.phrases:
        extra = {name: scope.optional(phrase) for name, phrase in spoken.phrases.items()}
        if spoken.owner:
            extra["owner"] = scope.role(spoken.owner)
        scope = scope.with_words(extra)
    said = scope.fill(spoken.pieces)
    if spoken.concerned and scope.voice not in _NAMING:
        names = [
            (Text(scope.library.language.audiences[audience].condition),) for audience in spoken.concerned
        ]
        said = scope.phrase("if_only", conditions=scope.join(list(names), "any"), text=_in_mid_sentence(said))
    return said if spoken.is_item else sentence(said)


def lead_in(kind: Kind, spoken: Spoken, owner: str, scope: Scope) -> Inlines:
    """Return the line before a list of one kind in a voice that makes a list of each; () where it has none.

    It names those whom the rules are about, or the owner of the duties.
    """
    pieces = scope.library.language.voices[scope.voice].lead_ins.get(kind, ())
    if any(slot.name == "owner" for slot in slots_in(pieces)):
        return capitalised(scope.with_words({"owner": scope.role(owner)}).fill(pieces))
    if spoken.concerned:
        scope = _towards(spoken.concerned, scope)
    return scope.fill(pieces)


def _towards(readers: tuple[Audience, ...], scope: Scope) -> Scope:
    narrowed = replace(scope.document, audiences=readers)
    return scope.in_document(narrowed, "").speaking(scope.voice)


_NAMING = (Voice.PROSE, Voice.INSTITUTION)
"""Voices that name those whom a rule is about."""


def _with_text(frame: Pieces, text: Pieces) -> Pieces:
    out: list[Piece] = []
    for piece in frame:
        match piece:
            case Slot(name="text"):
                out += text
            case Styled(style, inner):
                out.append(Styled(style, _with_text(inner, text)))
            case Linked(address, inner):
                out.append(Linked(address, _with_text(inner, text)))
            case _:
                out.append(piece)
    joined: list[Piece] = []
    for piece in out:
        if isinstance(piece, Literal) and joined and isinstance(joined[-1], Literal):
            joined[-1] = Literal(joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return tuple(joined)


_PERSONAL = frozenset({Kind.MUST, Kind.MUST_NOT, Kind.MAY, Kind.UNDERSTANDS})


def _in_mid_sentence(inlines: Inlines) -> Inlines:
    """The inlines without the capital of a sentence's start: "You must" becomes "you must", "I" stays."""
    first = inlines[0] if inlines else None
    if not isinstance(first, Text) or first.text[1:2] in ("", " ") or first.text[:2].isupper():
        return inlines
    return (Text(first.text[:1].lower() + first.text[1:]), *inlines[1:])


@lru_cache(maxsize=REMEMBERED)
def sentence(inlines: Inlines) -> Inlines:
    """The inlines with a capital at the start and a stop at the end, where they have none."""
    out = capitalised(inlines)
    if not out or _ends_in_stop(out[-1]):
        return out
    last = out[-1]
    return (*out[:-1], Text(last.text + ".")) if isinstance(last, Text) else (*out, Text("."))


def _ends_in_stop(inline: Inline) -> bool:
    match inline:
        case Text(text) | Value(text):
            return text.endswith(STOPS)
        case FillIn():
            return False
        case Strong(inner) | Emphasis(inner) | Link(inlines=inner) | Reference(inlines=inner):
            return bool(inner) and _ends_in_stop(inner[-1])
        case _:
            return False
