"""A clause's wording in; the sentence or list item it becomes in one voice out.

The frame adds subject and modal, the pronouns are the voice's, verbs are never conjugated.
"""

from __future__ import annotations

from aupgen.binding.values import Scope, capital
from aupgen.document.tree import Emphasis, FillIn, Inline, Inlines, Link, Strong, Text, Value
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.terms import Kind

_STOPS = (".", "!", "?", "…", ":")


def wording_for(revision: Revision, scope: Scope) -> Wording:
    """The wording to use: one made for an audience of the document, for the voice, a variant, else the text."""
    for name in (*scope.document.audiences, scope.voice):
        if name in revision.special:
            return revision.special[name]
    return next((variant for variant in revision.variants if scope.holds(variant.when)), revision.wording)


def is_item(kind: Kind, scope: Scope) -> bool:
    """Whether a clause of this kind stands in the list under the voice's lead-in."""
    return kind in scope.library.language.voices[scope.voice].items


def kind_of(clause: Clause, revision: Revision, scope: Scope) -> Kind:
    """The clause's kind, or that of the wording used, which may override it."""
    return wording_for(revision, scope).kind or clause.kind


def speak(clause: Clause, revision: Revision, scope: Scope) -> Inlines:
    """Return a clause as this voice says it: an item without a stop, or a whole sentence."""
    wording = wording_for(revision, scope)
    kind = wording.kind or clause.kind
    table = scope.library.language.voices[scope.voice]
    phrases = {name: scope.optional(pieces) for name, pieces in wording.phrases.items()}
    text = scope.inside(extra=phrases).fill(wording.pieces)
    owner = scope.role(clause.owner)
    frame = table.items.get(kind) or table.sentences[kind]
    said = merged(scope.inside(extra={"text": text, "owner": owner}).fill(frame))
    return said if kind in table.items else sentence(said)


def sentence(inlines: Inlines) -> Inlines:
    """The inlines with a capital at the start and a stop at the end, where they have none."""
    out = _with_capital(inlines)
    if out and not _ends_in_stop(out[-1]):
        out = (*out, Text("."))
    return merged(out)


def _with_capital(inlines: Inlines) -> Inlines:
    if not inlines:
        return inlines
    first, rest = inlines[0], inlines[1:]
    match first:
        case Text(text):
            return (Text(text[:1].upper() + text[1:]), *rest)
        case Value(text, source):
            return (Value(capital(text), source), *rest)
        case Strong(inner):
            return (Strong(_with_capital(inner)), *rest)
        case Emphasis(inner):
            return (Emphasis(_with_capital(inner)), *rest)
        case Link(address, inner):
            return (Link(address, _with_capital(inner)), *rest)
        case _:
            return inlines


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
