"""A clause's wording in; the sentence or list item it becomes in one voice out.

The frame adds subject and modal, the pronouns are the voice's, verbs are never conjugated.
"""

from __future__ import annotations

from msgspec.structs import replace

from aupgen.binding.values import Scope, capitalised
from aupgen.document.tree import Emphasis, FillIn, Inline, Inlines, Link, Strong, Text, Value
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.terms import Kind, Voice
from aupgen.policy.wording import slots_in

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


def kind_of(clause: Clause, revision: Revision, scope: Scope) -> Kind:
    """The clause's kind, or that of the wording used, which may override it."""
    return wording_for(clause, revision, scope).kind or clause.kind


def speak(clause: Clause, revision: Revision, scope: Scope) -> Inlines:
    """Return a clause as this voice says it: an item without a stop, or a whole sentence.

    In a document for several audiences a duty of some of them says so at its start.
    """
    wording = wording_for(clause, revision, scope)
    kind = wording.kind or clause.kind
    table = scope.library.language.voices[scope.voice]
    concerned = tuple(audience for audience in scope.document.audiences if audience in clause.audiences)
    limited = kind in _PERSONAL and len(concerned) < len(scope.document.audiences)
    if limited and scope.voice is Voice.PROSE:
        # A sentence about the audience needs no opening: it names those whom it is about.
        scope = scope.inside(document=replace(scope.document, audiences=concerned), addressed_as="")
        limited = False
    if wording.phrases:
        phrases = {name: scope.optional(pieces) for name, pieces in wording.phrases.items()}
        text = scope.inside(extra=phrases).fill(wording.pieces)
    else:
        text = scope.fill(wording.pieces)
    frame = table.items.get(kind) or table.sentences[kind]
    extra = {"text": text}
    if any(slot.name == "owner" for slot in slots_in(frame)):
        extra["owner"] = scope.role(clause.owner)
    said = merged(scope.inside(extra=extra).fill(frame))
    if limited:
        names = [(Text(scope.library.language.audiences[audience].condition),) for audience in concerned]
        said = scope.phrase("if_only", conditions=scope.join(list(names), "any"), text=_in_mid_sentence(said))
    return merged(said) if kind in table.items else sentence(said)


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
    if out and not _ends_in_stop(out[-1]):
        out = (*out, Text("."))
    return merged(out)


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


def merged(inlines: Inlines) -> Inlines:
    """Neighbouring library texts made one leaf: equal sentences have equal trees."""
    out: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, Text) and out and isinstance(out[-1], Text):
            out[-1] = Text(out[-1].text + inline.text)
        elif not (isinstance(inline, Text) and not inline.text):
            out.append(inline)
    return tuple(out)
