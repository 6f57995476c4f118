"""A clause's wording in; the sentence or list item it becomes in one voice out.

The frame adds subject and modal, the pronouns are the voice's, verbs are never conjugated.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from aupgen.binding.values import Scope, capitalised
from aupgen.document.tree import Emphasis, FillIn, Inline, Inlines, Link, Strong, Text, Value
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.terms import Kind, Voice
from aupgen.policy.wording import Linked, Literal, Piece, Pieces, Slot, Styled, slots_in

_STOPS = (".", "!", "?", "…", ":")


def wording_for(clause: Clause, revision: Revision, scope: Scope) -> Wording:
    """The wording to use: the school's own, one made for an audience of the document, for the voice, a variant,
    else the text."""
    choice = scope.profile.clause_choices.get(clause.id)
    if choice and choice.wording:
        return choice.wording
    for name in (*scope.document.audiences, scope.voice):
        if name in revision.special:
            return revision.special[name]
    return next((variant for variant in revision.variants if scope.holds(variant.when)), revision.wording)


def is_item(kind: Kind, scope: Scope) -> bool:
    """Whether a clause of this kind stands in the list under the voice's lead-in."""
    return kind in scope.library.language.voices[scope.voice].items


def speak(clause: Clause, wording: Wording, scope: Scope) -> Inlines:
    """Return a wording of a clause as this voice says it: an item without a stop, or a whole sentence.

    In a document for several audiences a duty of some of them says so at its start.
    """
    kind = wording.kind or clause.kind
    table = scope.library.language.voices[scope.voice]
    concerned = tuple(audience for audience in scope.document.audiences if audience in clause.audiences)
    limited = kind in _PERSONAL and len(concerned) < len(scope.document.audiences)
    if limited and scope.voice is Voice.PROSE:
        # A sentence about the audience needs no opening: it names those whom it is about.
        voice, narrowed = scope.voice, replace(scope.document, audiences=concerned)
        scope = scope.in_document(narrowed, "").speaking(voice)
        limited = False
    pieces, names_owner = _framed(table.items.get(kind) or table.sentences[kind], wording.pieces)
    if names_owner or wording.phrases:
        extra = {name: scope.optional(phrase) for name, phrase in wording.phrases.items()}
        if names_owner:
            extra["owner"] = scope.role(clause.owner)
        scope = scope.with_words(extra)
    said = scope.fill(pieces)
    if limited:
        names = [(Text(scope.library.language.audiences[audience].condition),) for audience in concerned]
        said = scope.phrase("if_only", conditions=scope.join(list(names), "any"), text=_in_mid_sentence(said))
    return said if kind in table.items else sentence(said)


@lru_cache(maxsize=4096)
def _framed(frame: Pieces, text: Pieces) -> tuple[Pieces, bool]:
    """The frame with the wording in the place of its text, and whether it names the owner.

    The same for every school, so it is put together once.
    """
    names = {slot.name for slot in slots_in(frame)}
    return _with_text(frame, text), "owner" in names


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
            return text.endswith(_STOPS)
        case FillIn():
            return False
        case Strong(inner) | Emphasis(inner) | Link(inlines=inner):
            return bool(inner) and _ends_in_stop(inner[-1])
        case _:
            return False
