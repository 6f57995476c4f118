"""A school under its old pack and under the next one in; what its authority changed that the school had changed too out.

Compares words as the school's documents print them: with the school's own decisions on clauses, and without. Values
only: what is to become of each is asked elsewhere, and written by `next_profile.py`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause, Wording
from aupgen.policy.decision import Decision, Pick
from aupgen.policy.layer import Layer, Locked
from aupgen.policy.parameter import Value, value_text
from aupgen.policy.profile import ClauseChoice, DocumentChoice, Profile, SectionChoice
from aupgen.policy.terms import Change
from aupgen.profiles.layers import fold


class Touch(StrEnum):
    """What a school had done to a clause."""

    REWORDED = "reworded"
    LEFT_OUT = "left out"
    SET = "set"


class Gone(StrEnum):
    """Why a clause is one no longer: it is not in the library, its last year is over, a layer above leaves it out."""

    REMOVED = "removed"
    RETIRED = "retired"
    SWITCHED_OFF = "switched off"


class Side(Struct, frozen=True):
    """A school under one pack: its library, its layers with its own first, and its area's."""

    library: Library
    layers: tuple[Layer, ...]
    area: Layer | None = None

    @property
    def own(self) -> Layer:
        return self.layers[0]

    @property
    def known(self) -> dict[str, Clause]:
        """Every clause there is for the school: the library's, and those that it or a layer above added."""
        local = {id_: clause for layer in self.layers for id_, clause in layer.local_clauses.items()}
        return {**local, **self.library.clauses}

    def profile(self) -> Profile | None:
        """The school as it stands; None where it has errors."""
        return self._folded(self.own)

    def theirs(self) -> Profile | None:
        """The school as it would be without its own decisions on clauses; None where the rest of it has errors."""
        return self._folded(_undecided(self.own, self.layers[1:], self.library))

    def _folded(self, own: Layer) -> Profile | None:
        # a lock is told where the school is built; here it would only hide what is to be asked
        above = (replace(layer, locks=()) for layer in self.layers[1:])
        return fold((own, *above), self.library, area=self.area)[0]


class Conflict(Struct, frozen=True):
    """A clause that both the authority and the school have changed.

    ``was``, ``theirs`` and ``yours`` are the words as ``document`` prints them: "" where it prints none. ``clause`` is
    the id under which the school's own choice stands; ``successor`` is the one clause that takes its place, "" where
    there is none or no need of one. ``gone`` is None for a clause that is there still. ``why`` may be "", and
    ``extent`` None: not said. ``reason`` is the school's own. ``picks`` are what can be chosen, without `later`.
    """

    clause: str
    touch: Touch
    document: str
    was: str
    theirs: str
    yours: str
    why: str
    extent: Change | None
    fingerprint: str
    gone: Gone | None = None
    successor: str = ""
    reason: str = ""

    @property
    def picks(self) -> tuple[Pick, ...]:
        can_be_both = self.touch is Touch.REWORDED and bool(self.theirs)
        return (Pick.KEEP, Pick.TAKE, Pick.BOTH) if can_be_both else (Pick.KEEP, Pick.TAKE)


Printed = Mapping[str, Mapping[str, str]]
"""The words of each clause, by its id and the id of the document that prints it."""


def conflicts(old: Side, new: Side) -> tuple[Conflict, ...]:
    """Return what both sides changed from one pack to the next, in the order of the school's profile.

    Empty as well where one of the packs gives the school no documents to compare: what stops it is told elsewhere.
    """
    before, after, own = old.theirs(), new.theirs(), old.profile()
    if before is None or after is None or own is None:
        return ()
    was, theirs, yours = printed(old.library, before), printed(new.library, after), printed(old.library, own)
    out = []
    for id_, touch in _touched(old.own):
        decision = old.own.decided.get(id_)
        conflict = _conflict(id_, touch, (old, before, was), (new, after, theirs), yours, decision)
        if conflict is not None and not _is_settled(decision, conflict):
            out.append(conflict)
    return tuple(out)


def put_off(side: Side) -> tuple[Conflict, ...]:
    """Return what a school has not decided yet, as it stands now; what it did itself meanwhile is told no more."""
    without, own = side.theirs(), side.profile()
    if without is None or own is None:
        return ()
    theirs, yours = printed(side.library, without), printed(side.library, own)
    touches = dict(_touched(side.own))
    out = []
    for id_, decision in side.own.decided.items():
        if decision.pick is not Pick.LATER:
            continue
        gone = _gone(id_, side, without)
        own_words = latest_own(id_, side.own.local_clauses)
        touch = touches.get(id_, Touch.REWORDED if gone and own_words else None)
        if touch is None:
            continue
        mine = yours.get(id_) or yours.get(own_words, {})
        their = {} if gone else theirs.get(id_, {})
        differing = (
            id_ for id_ in mine if mine[id_] != their.get(id_)
        )  # not a page whose words the school left alone
        document = next(differing, next(iter({**their, **mine}), ""))
        why, extent = _why(side.known.get(id_), None, None, without)
        out.append(
            Conflict(
                id_, touch, document, decision.was, their.get(document, ""), mine.get(document, ""),
                why, extent, decision.fingerprint, gone, "", _reason(side.own, id_),
            )
        )  # fmt: skip
    return tuple(out)


def free_own(clause: str, taken: Iterable[str]) -> str:
    """The id for a clause of the school's own that its words become, beside the authority's or after it is gone:
    `copyright-own`, and where that or a later one is taken `copyright-own-2` and so on."""
    number = max((_number(id_, clause) for id_ in taken), default=0) + 1
    return f"{clause}-own" if number == 1 else f"{clause}-own-{number}"


def latest_own(clause: str, there: Iterable[str]) -> str:
    """The clause of the school's own that its words became last; "" where they became none of those ``there``."""
    latest = max(there, key=lambda id_: _number(id_, clause), default="")
    return latest if _number(latest, clause) else ""


def _number(id_: str, clause: str) -> int:
    """Which of the clauses that a school's words for one became an id is, from 1; 0 where it is none of them."""
    match = re.fullmatch(rf"{re.escape(clause)}-own(?:-([0-9]{{1,4}}))?", id_)
    return int(match[1] or 1) if match else 0


def printed(library: Library, profile: Profile) -> Printed:
    """The words of every clause that a school's documents print."""
    bound, _ = bind_profile(library, profile, draft=True)
    out: dict[str, dict[str, str]] = {}
    for document in bound.documents:
        for section in sections(document.blocks):
            for mark, inlines in own_clauses(section):
                out.setdefault(mark.id, {}).setdefault(document.meta.id, plain_text(inlines))
    return out


def successors(clause: str, library: Library) -> list[str]:
    """The clauses that say they take the place of one."""
    return [other.id for other in library.clauses.values() if clause in other.replaces]


class Overruled(Struct, frozen=True):
    """A value that the next pack sets otherwise than the last, and that the school's own goes before."""

    parameter: str
    theirs: str
    yours: str


def overruled(old: Side, new: Side) -> Iterator[Overruled]:
    """What the authority now answers otherwise, where the school has an answer of its own."""
    for name, own in old.own.parameters.items():
        before, after = (_value(side.layers[1:], side.library, name) for side in (old, new))
        if after is not None and before != after and after != own.value:
            yield Overruled(name, value_text(after), value_text(own.value))


# ------------------------------------------------------------------ one clause

_Under = tuple[Side, Profile, Printed]


def _touched(own: Layer) -> Iterator[tuple[str, Touch]]:
    for id_ in dict.fromkeys((*own.clause_wordings, *own.clause_uses, *own.clause_parameters)):
        use = own.clause_uses.get(id_)
        if id_ in own.clause_wordings:
            yield id_, Touch.REWORDED
        elif use is not None and not use.value:
            yield id_, Touch.LEFT_OUT
        elif id_ in own.clause_parameters:
            yield id_, Touch.SET


def _conflict(
    id_: str, touch: Touch, before: _Under, after: _Under, yours: Printed, decision: Decision | None
) -> Conflict | None:
    old, was_profile, was_all = before
    new, new_profile, theirs_all = after
    gone = _gone(id_, new, new_profile)
    if gone is not None and _gone(id_, old, was_profile) is gone:
        return None
    successor = ""
    if gone in (Gone.REMOVED, Gone.RETIRED):
        heirs = successors(id_, new.library)
        taken = (*new.own.clause_wordings, *new.own.clause_uses, *new.own.clause_parameters)
        successor = heirs[0] if len(heirs) == 1 and heirs[0] not in taken else ""
        if not successor and touch is not Touch.REWORDED:
            return None  # there is nothing left that could be left out, or given a value
    was = was_all.get(id_, {})
    theirs = {} if gone and not successor else theirs_all.get(successor or id_, {})
    if gone is None and (not was or not theirs):
        return None  # it came into the school's documents, or left them: no words of it changed
    # words that the school left alone are the authority's to change, as those for pupils on a rule it reworded for adults
    mine = yours.get(id_, {})
    touched = [d for d in was if d in theirs and (touch is not Touch.REWORDED or mine.get(d) != was[d])]
    if gone is None and touch is Touch.SET:
        changed = any(
            _value(old.layers[1:], old.library, name, id_) != _value(new.layers[1:], new.library, name, id_)
            for name in old.own.clause_parameters[id_]
        )
    else:
        changed = gone is not None or any(was[d] != theirs[d] for d in touched)
    if not changed:
        return None
    document = next((d for d in touched if was[d] != theirs[d]), next(iter({**was, **theirs}), ""))
    clause = new.known.get(successor or id_)
    why, extent = _why(clause, old.known.get(successor or id_), was_profile, new_profile)
    first = (
        decision.was if decision and decision.pick is Pick.LATER and decision.was else was.get(document, "")
    )
    return Conflict(
        id_, touch, document, first, theirs.get(document, next(iter(theirs.values()), "")),
        mine.get(document, ""), why, extent, _fingerprint(theirs, gone), gone, successor,
        _reason(old.own, id_),
    )  # fmt: skip


def _reason(own: Layer, id_: str) -> str:
    said = own.clause_uses.get(id_) or own.clause_wordings.get(id_)
    return said.reason if said else ""


def _is_settled(decision: Decision | None, conflict: Conflict) -> bool:
    return (
        decision is not None
        and decision.pick is not Pick.LATER
        and decision.fingerprint == conflict.fingerprint
    )


def _gone(id_: str, side: Side, profile: Profile) -> Gone | None:
    clause = side.known.get(id_)
    if clause is None:
        return Gone.REMOVED
    if clause.is_retired_in(profile.policy_year):
        return Gone.RETIRED
    choice = profile.clause_choices.get(id_)
    return Gone.SWITCHED_OFF if choice and choice.use is False else None


def _why(
    clause: Clause | None, before: Clause | None, old: Profile | None, new: Profile
) -> tuple[str, Change | None]:
    """Why the authority changed a clause, and how far: as its revision says, or the layer that reworded it."""
    if clause is None:
        return "", None
    choice = new.clause_choices.get(clause.id)
    earlier = old.clause_choices.get(clause.id) if old else None
    if (
        choice
        and (choice.is_reworded or choice.use is False)
        and (earlier is None or (_worded(earlier), earlier.use) != (_worded(choice), choice.use))
    ):
        return choice.reason, None
    now = clause.revision_in(new.policy_year)
    then = before.revision_in(old.policy_year) if before and old else None
    if now is None or (then is not None and then[1].since == now[1].since and before is not clause):
        return "", None
    return now[1].why, now[1].change


def _worded(choice: ClauseChoice) -> tuple[Wording | None, dict[str, Wording]]:
    text = choice.text.wording if choice.text else None
    return text, {reader: own.wording for reader, own in choice.by_reader.items()}


def _value(layers: tuple[Layer, ...], library: Library, name: str, clause: str = "") -> Value | None:
    """What a parameter is above the school: for one clause, for all, or the library's default."""
    for_clause = (layer.clause_parameters.get(clause, {}).get(name) for layer in layers)
    for_all = (layer.parameters.get(name) for layer in layers)
    said = next((setting for setting in (*for_clause, *for_all) if setting), None)
    if said:
        return said.value
    return library.parameters[name].default if name in library.parameters else None


def _fingerprint(texts: Mapping[str, str], gone: Gone | None) -> str:
    said = json.dumps([gone or "", *sorted(set(texts.values()))], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


# ------------------------------------------------------------------ a school without its own decisions


def _undecided(own: Layer, above: tuple[Layer, ...], library: Library) -> Layer:
    """A layer without its decisions on clauses, and without what a library does not know."""
    off = {id_ for layer in above for id_, use in layer.clause_uses.items() if not use.value}
    return replace(
        own,
        clause_uses={
            id_: use
            for id_, use in own.clause_uses.items()
            if use.value and id_ in library.clauses and id_ not in off
        },
        clause_wordings={},
        clause_parameters={},
        contacts={role: said for role, said in own.contacts.items() if role in library.roles},
        documents={
            id_: _with_known(choice, own, library)
            for id_, choice in own.documents.items()
            if id_ in library.documents
        },
        departures={},
        decided={},
        later_names=tuple(name for name in own.later_names if name.what is not Locked.CLAUSE),
    )


def _with_known(choice: DocumentChoice, own: Layer, library: Library) -> DocumentChoice:
    if choice.sections is None:
        return choice
    return replace(choice, sections=tuple(_section(section, own, library) for section in choice.sections))


def _section(section: SectionChoice, own: Layer, library: Library) -> SectionChoice:
    known = {*library.clauses, *own.local_clauses}
    return replace(
        section,
        clauses=section.clauses and tuple(id_ for id_ in section.clauses if id_ in known),
        topics=section.topics and tuple(topic for topic in section.topics if topic in library.topics),
        sections=section.sections and tuple(_section(inner, own, library) for inner in section.sections),
    )
