"""A school's profile under its old pack and what was decided in; its text under the next pack out.

The text stays as its author wrote it: what is decided or asked anew is added, and only what the next pack has no place
for, or what the school lets go, is taken out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from aupgen.library.compiled import Library
from aupgen.packs.profile_text import IN_PERSON, Answer, about, contact_parts, default_text
from aupgen.packs.questions import CONTACTS, PARAMETERS, Question
from aupgen.packs.shapes import StarterShape
from aupgen.packs.three_way import Conflict, Gone, Side, Touch, free_own, latest_own, successors
from aupgen.policy.clause import Clause
from aupgen.policy.decision import Pick
from aupgen.policy.layer import REASONED, Layer
from aupgen.policy.profile import Contact
from aupgen.source.yaml_edit import YamlEditor
from aupgen.source.yaml_text import Route


class TakenOut(Struct, frozen=True):
    """A line of a profile that the next pack has no place for, and why."""

    what: str
    why: str


def settle(text: YamlEditor, conflict: Conflict, pick: Pick, pack: str, old: Side, new: Side) -> str:
    """Carry out what was picked for one clause, and put it on record; return the clause of the school's own that its
    words became, "" where they did not. Raises EditError."""
    id_, own = conflict.clause, ""
    if conflict.gone is not None and not conflict.successor:
        own = _settle_gone(text, conflict, pick, old, new)
    else:
        if conflict.successor:
            _move(text, id_, conflict.successor, new.known[conflict.successor])
        target = conflict.successor or id_
        if pick is Pick.BOTH:
            own = _make_own(text, target, new.known[target], new, beside=target)
        if pick in (Pick.TAKE, Pick.BOTH):
            _let_go(text, target, conflict.touch)
    text.remove_if_bare("clauses")
    _record(text, conflict, pick, pack)
    return own


def _settle_gone(text: YamlEditor, conflict: Conflict, pick: Pick, old: Side, new: Side) -> str:
    id_ = conflict.clause
    if conflict.gone is Gone.SWITCHED_OFF:
        if pick is Pick.TAKE:
            text.remove(("clauses", id_), with_comments=True)
        elif text.at(("clauses", id_, "use")) is None:
            text.put(("clauses", id_, "use"), "true")
        return ""
    if text.at(("clauses", id_)) is not None:
        own = _make_own(text, id_, old.known[id_], new) if pick is not Pick.TAKE else ""
        text.remove(("clauses", id_), with_comments=True)
        return own
    if (
        pick is Pick.TAKE
    ):  # it was put off before, and what were words for that clause is one of the school's own
        ids = _own_clauses(text)
        own = latest_own(id_, ids)
        text.remove(("local_clauses", ids.index(own)), with_comments=True)
        text.remove_if_bare("local_clauses")
        if text.at(("clauses", own)) is not None:
            text.remove(("clauses", own))
    return ""


def _own_clauses(text: YamlEditor) -> list[str]:
    """The ids of the school's own clauses, in the order of their list."""
    listed = text.at(("local_clauses",))
    items = listed if isinstance(listed, list) else []
    return [str(item.get("id")) if isinstance(item, dict) else "" for item in items]


def _move(text: YamlEditor, old: str, new: str, heir: Clause) -> None:
    """What the school decided of a clause, to the one that takes its place; values that it has no use for stay behind."""
    entry = text.at(("clauses", old))
    if isinstance(entry, dict):
        moved = dict(entry)
        values = moved.pop("parameters", None)
        if isinstance(values, dict):
            used = heir.parameter_names()
            if kept := {name: value for name, value in values.items() if name in used}:
                moved["parameters"] = kept
        text.remove(("clauses", old))
        text.put(("clauses", new), moved)


def _make_own(text: YamlEditor, entry: str, like: Clause, new: Side, beside: str = "") -> str:
    """Make a clause of the school's own of its words, which answers to the same post and speaks to the same readers, and
    stands right behind the one that it is ``beside``, if any; return its id."""
    said = text.at(("clauses", entry))
    assert isinstance(said, dict)
    there = _own_clauses(text)
    id_ = free_own(entry, {*there, *new.known})
    given = said.get("wordings")
    for_one = _with_kinds(given if isinstance(given, dict) else {}, like)
    first = next(iter(for_one.values()), "")
    words = said.get("text") or (first["text"] if isinstance(first, dict) else first)
    own: dict[str, Answer] = {
        "id": id_,
        "topic": like.topic if like.topic in new.library.topics else next(iter(new.library.topics)),
        "owner": like.owner,
        "audiences": list(_given_words(for_one, like, to_all="text" in said)),
        "kind": like.kind.value,
        **({"beside": beside} if beside else {}),
        **({"essential": [*like.essential]} if like.essential else {}),
        "rationale": said.get("reason") or like.rationale,
        "text": words,
        **({"phrases": said["phrases"]} if said.get("phrases") else {}),
        **({"wordings": for_one} if for_one else {}),
    }
    text.put(("local_clauses", len(there)), own, text.comments_over(("clauses", entry)))
    if values := said.get("parameters"):
        text.put(("clauses", id_, "parameters"), values)
    return id_


def _with_kinds(given: Mapping[str, Answer], like: Clause) -> dict[str, Answer]:
    """Wordings for one audience each, which say of what kind they are: they took that of the words they replaced."""
    theirs = like.revisions[-1].special
    kinds = {reader: special.kind.value for reader, special in theirs.items() if special.kind}
    return {
        reader: {"kind": kinds[reader], "text": words}
        if isinstance(words, str) and reader in kinds
        else words
        for reader, words in given.items()
    }


def _given_words(for_one: Collection[str], like: Clause, *, to_all: bool) -> Iterator[str]:
    """The readers to whom the school said something of its own: the others go on with the authority's words alone."""
    theirs = like.revisions[-1].special
    for reader in like.audiences:
        if reader in for_one or (to_all and not (reader in theirs and like.keeps_words_for(reader))):
            yield reader.value


def _let_go(text: YamlEditor, id_: str, touch: Touch) -> None:
    """Take out what the school had changed; what else it says of the clause stays."""
    keys = (
        {"text", "phrases", "wordings"}
        if touch is Touch.REWORDED
        else {"use"}
        if touch is Touch.LEFT_OUT
        else {"parameters"}
    )
    entry = text.at(("clauses", id_))
    assert isinstance(entry, dict)
    left = entry.keys() - keys
    if left <= {"reason"}:
        text.remove(("clauses", id_), with_comments=True)
        return
    for key in sorted(keys & entry.keys()):
        text.remove(("clauses", id_, key))


def _record(text: YamlEditor, conflict: Conflict, pick: Pick, pack: str) -> None:
    for id_ in (conflict.clause, conflict.successor):
        if id_ and text.at(("decided", id_)) is not None:
            text.remove(("decided", id_))
    said: dict[str, Answer] = {"choice": pick.value, "pack": pack, "fingerprint": conflict.fingerprint}
    if pick is Pick.LATER and conflict.was:
        said["was"] = conflict.was
    text.put(("decided", conflict.successor or conflict.clause), said)


# ------------------------------------------------------------------ what has no place any more


def take_out(text: YamlEditor, old: Layer, new: Side, settled: Iterable[str]) -> list[TakenOut]:
    """Take out what the next pack has no place for, but the clauses that were ``settled``; return what it was.

    ``old`` is the profile as the last pack's library read it.
    """
    out: list[TakenOut] = []

    def drop(route: Route, what: str, why: str) -> None:
        if text.at(route) is None:
            return
        text.remove(_whole(text, route), with_comments=True)
        out.append(TakenOut(what, why))

    library, known, done = new.library, new.known, set(settled)
    for id_ in dict.fromkeys((*old.clause_wordings, *old.clause_uses, *old.clause_parameters)):
        if id_ in done or text.at(("clauses", id_)) is None:
            continue
        if id_ not in known:
            heirs = successors(id_, library)
            taken = f"`{heirs[0]}` has taken its place" if heirs else "the pack has no such rule any more"
            drop(("clauses", id_), f"`{id_}` under `clauses:`", taken)
            continue
        if id_ in library.clauses:
            used = library.clauses[id_].parameter_names()
            for name in old.clause_parameters.get(id_, {}):
                if name not in used or name not in new.own.clause_parameters.get(id_, {}):
                    why = "the rule has no place for that value any more"
                    drop(("clauses", id_, "parameters", name), f"`{name}` for `{id_}`", why)
    blocks: list[tuple[Route, Layer, Layer]] = [((), old, new.own)]
    blocks += [
        (("years", year), block, new.own.years[year])
        for year, block in old.years.items()
        if year in new.own.years
    ]
    for at, before, after in blocks:
        for name in before.parameters:
            if name not in after.parameters:
                why = "it is asked anew" if name in library.parameters else "it is no longer asked"
                drop((*at, "parameters", name), f"the answer `{name}`", why)
        for role in before.contacts:
            if role not in library.roles:
                why = "the pack has no such post any more"
                drop((*at, "contacts", role), f"the contact `{role}`", why)
        for id_ in before.documents:
            if id_ not in library.documents:
                why = "the pack has no such document any more"
                drop((*at, "documents", id_), f"the document `{id_}`", why)
        for name in before.reasons:
            if name not in (*REASONED, *library.parameters, *library.roles, *library.documents):
                why = "there is no such thing any more"
                drop((*at, "reasons", name), f"the reason for `{name}`", why)
    out += _neighbours(text, new)
    out += _sections(text, known, library)
    return out


def _whole(text: YamlEditor, route: Route) -> Route:
    """The entry to take out with a value: what would be left of it without that value says nothing.

    A block of the profile, or of one of its years, may stand with nothing under it.
    """
    while len(route) > (4 if route[0] == "years" else 2):
        inner = text.at(route[:-1])
        if not isinstance(inner, dict) or inner.keys() - {route[-1], "reason"}:
            break
        route = route[:-1]
    return route


def _neighbours(text: YamlEditor, new: Side) -> Iterator[TakenOut]:
    """What clauses of the school's own stand beside: the one that took a clause's place, or nothing where it is gone."""
    local, profile = text.at(("local_clauses",)), new.theirs()
    for position, item in enumerate(local if isinstance(local, list) else ()):
        beside = str(item.get("beside", "")) if isinstance(item, dict) else ""
        there = new.known.get(beside)
        if not beside or (there and not (profile and there.is_retired_in(profile.policy_year))):
            continue
        route = ("local_clauses", position, "beside")
        heirs = successors(beside, new.library)
        if len(heirs) == 1:
            text.replace(route, heirs[0])
        elif there is None:
            text.remove(route)
            why = "the pack has no such rule any more, and yours prints with its topic"
            yield TakenOut(f"`beside: {beside}` of a rule of your own", why)


def _sections(text: YamlEditor, known: Collection[str], library: Library) -> Iterator[TakenOut]:
    """Clauses that the school's own sections name by id: the one that took a clause's place, or nothing."""
    documents = text.at(("documents",))
    if not isinstance(documents, dict):
        return
    own = _own_clauses(text)
    for route, id_ in reversed(
        list(_named(documents, ("documents",)))
    ):  # positions before one stay as they are
        if id_ in known or id_ in own:
            continue
        became = latest_own(id_, own)
        heirs = [became] if became else successors(id_, library)
        if not heirs:
            listed = text.at(route[:-1])
            if isinstance(listed, list) and len(listed) > 1:
                text.remove(route)
                yield TakenOut(f"`{id_}` in a section of `{route[1]}`", "the pack has no such rule any more")
        else:
            text.replace(route, heirs[0])


def _named(value: object, at: Route) -> Iterator[tuple[Route, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "clauses" and isinstance(inner, list):
                yield from (((*at, key, n), item) for n, item in enumerate(inner) if isinstance(item, str))
            else:
                yield from _named(inner, (*at, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _named(inner, (*at, position))


# ------------------------------------------------------------------ what is asked anew


def answer(
    text: YamlEditor,
    asked: Sequence[Question],
    answers: Mapping[str, Answer],
    contacts: Mapping[str, Contact],
    starter: StarterShape,
) -> None:
    """Put answers to some questions in, each under its question. ``contacts`` are those of the layers above."""
    for question in asked:
        if question.key not in answers:
            continue
        value, comments = answers[question.key], list(about(question, starter, answered=True))
        if question.key.startswith(PARAMETERS):
            text.put(("parameters", question.key.removeprefix(PARAMETERS)), value, comments)
        elif question.key.startswith(CONTACTS):
            role = question.key.split(".")[1]
            parts = contact_parts(role, (question,), {question.key: value}, contacts.get(role))
            there = text.at(("contacts", role))
            if isinstance(there, dict):
                for name, inner in parts.items():
                    if name not in there:
                        text.put(("contacts", role, name), inner, comments)
            else:
                text.put(("contacts", role), dict(parts), comments)
        else:
            text.put((question.key,), value, comments)


def unused(text: YamlEditor, answers: Mapping[str, Answer]) -> list[str]:
    """The keys of answers that a profile has another answer to: it stays as it is."""
    out = []
    for key, value in answers.items():
        *above, last = key.split(".")
        there = text.at((*above, last))
        if last == "reach":
            contact = text.at(tuple(above))
            there = (
                value if not isinstance(contact, dict) or value in (IN_PERSON, *contact.values()) else None
            )
        if there != value:
            out.append(key)
    return out


def leave_open(text: YamlEditor, asked: Sequence[Question], starter: StarterShape) -> None:
    """Put questions without an answer in as comments, each with what holds."""
    for question in asked:
        comments = list(about(question, starter, answered=False))
        if question.key.startswith(PARAMETERS):
            text.note(
                "parameters", comments, f"{question.key.removeprefix(PARAMETERS)}: {default_text(question)}"
            )
        elif question.key.startswith(CONTACTS):
            text.note("contacts", comments, f"{question.key.split('.')[1]}:")


def not_issued(text: YamlEditor, documents: Sequence[str]) -> None:
    """Take back documents that the pack has issued anew and that the school has no readers for."""
    for id_ in documents:
        if text.at(("documents", id_)) is None:
            text.put(("documents", id_, "issue"), "false")
