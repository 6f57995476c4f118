"""The manifests of two built folders in; what changed between them out.

A manifest knows the clauses a document printed, their revisions and values, and a digest of all its words. So what
stands around clauses is known to differ, and not how. What a clause is for, who answers for it and why it was
reworded comes from a library, which must know the clause; where it does not, nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aupgen.comparison.changes import Change, Comparison, Place
from aupgen.comparison.pairing import out_of_order
from aupgen.comparison.rule import consequence
from aupgen.library.compiled import Library
from aupgen.policy.change import ChangeKind, Consequence
from aupgen.policy.clause import Revision
from aupgen.policy.terms import Change as Extent

_CONTACT = "contacts."
_THE_EDITION = ("policy_year", "edition")
Entry = Mapping[str, Any]


def compare_manifests(old: Entry, new: Entry, library: Library) -> Comparison:
    """Return what changed from one built folder to another. Both are manifests that `read_manifest` accepted."""
    before = {str(entry["id"]): entry for entry in old["documents"]}
    after = {str(entry["id"]): entry for entry in new["documents"]}
    titles = {id_: str(entry.get("title", id_)) for id_, entry in {**before, **after}.items()}
    drafts: dict[tuple[ChangeKind, str, str], list[Place]] = {}
    for id_ in {**after, **before}:
        for cause, place in _differences(id_, before.get(id_), after.get(id_), titles):
            drafts.setdefault(cause, []).append(place)
    changes = tuple(
        _change(cause, places, before, after, library, titles) for cause, places in drafts.items()
    )
    return Comparison(
        str(new.get("profile", "")),
        str(new.get("school", "")),
        str(old.get("school", "")),
        str(old.get("policy_year", "")),
        str(new.get("policy_year", "")),
        tuple(titles.items()),
        changes,
    )


Cause = tuple[ChangeKind, str, str]


def _differences(
    id_: str, old: Entry | None, new: Entry | None, titles: Mapping[str, str]
) -> Iterator[tuple[Cause, Place]]:
    if old is None or new is None:
        title = titles[id_]
        place = Place(id_, "", "", "", title if old else None, title if new else None)
        yield (ChangeKind.DOCUMENT, "", id_), place
        return
    before, after = _clauses(old), _clauses(new)
    told = False
    moved = out_of_order(list(before), list(after))
    for clause in {**after, **before}:
        one, other = before.get(clause), after.get(clause)
        section = (other or one or ("", "", {}))[:2]
        texts = (
            str(one[2].get("text", "")) if one else None,
            str(other[2].get("text", "")) if other else None,
        )
        place = Place(id_, *section, clause, *texts)
        if one and other and (one[0] != other[0] or clause in moved):
            told = True
            yield (ChangeKind.MOVED, clause, ""), Place(id_, *section, clause, one[1], other[1])
        if texts[0] == texts[1]:
            continue
        told = True
        if one is None or other is None:
            yield (ChangeKind.ADDED if other else ChangeKind.REMOVED, clause, ""), place
            continue
        yield from ((cause, place) for cause in _causes(clause, one[2], other[2]))
    if list(old.get("audiences", ())) != list(new.get("audiences", ())):
        told = True
        sides = (", ".join(map(str, entry.get("audiences", ()))) for entry in (old, new))
        yield (ChangeKind.AUDIENCE, "", id_), Place(id_, "", "", "", *sides)
    if not told and old.get("title") != new.get("title"):
        yield (ChangeKind.STRUCTURE, "", id_), Place(id_, "", "", "", str(old.get("title")), titles[id_])


def _clauses(document: Entry) -> dict[str, tuple[str, str, Entry]]:
    """Every clause of a document with the id and title of its section, in print order; the first of a repeated one."""
    out: dict[str, tuple[str, str, Entry]] = {}
    for section in document.get("sections", ()):
        for clause in section.get("clauses", ()):
            out.setdefault(str(clause["id"]), (str(section["id"]), str(section.get("title", "")), clause))
    return out


def _causes(clause: str, old: Entry, new: Entry) -> Iterator[Cause]:
    if (old.get("revision"), old.get("layer")) != (new.get("revision"), new.get("layer")):
        yield (ChangeKind.REWORDED, clause, "")
    before, after = old.get("values", {}), new.get("values", {})
    names = [
        name for name in after if name in before and before[name] != after[name] and name not in _THE_EDITION
    ]
    for name in names:
        if name.startswith(_CONTACT):
            yield (ChangeKind.CONTACT, "", name)
        elif name in ("vocabulary", "name", "documents", "mottos"):
            yield (ChangeKind.STRUCTURE, "", name)
        else:
            yield (ChangeKind.PARAMETER, "", name)
    if not names and (old.get("revision"), old.get("layer")) == (new.get("revision"), new.get("layer")):
        yield (
            ChangeKind.REWORDED,
            clause,
            "",
        )  # the same revision in other words: of a school's own, or edited


def _change(
    cause: Cause,
    places: list[Place],
    before: Mapping[str, Entry],
    after: Mapping[str, Entry],
    library: Library,
    titles: Mapping[str, str],
) -> Change:
    kind, clause, name = cause
    first = places[0]
    known = library.clauses.get(clause or first.clause)
    documents = tuple(dict.fromkeys(place.document for place in places))
    readers = [
        str(audience)
        for id_ in documents
        for audience in (after.get(id_) or before[id_]).get("audiences", ())
        if known is None or audience in known.audiences
    ]
    audiences = tuple(dict.fromkeys(readers))
    entries = [_clauses(side.get(first.document, {})).get(first.clause) for side in (before, after)]
    old, new = first.old, first.new
    if kind in (ChangeKind.PARAMETER, ChangeKind.CONTACT):
        values = [entry[2].get("values", {}).get(name) if entry else None for entry in entries]
        old, new = (None if value is None else str(value) for value in values)
    numbers = [int(entry[2].get("revision", 0)) if entry else 0 for entry in entries]
    crossed: tuple[Revision, ...] = ()
    if known and kind is ChangeKind.REWORDED:
        crossed = known.revisions[min(numbers) : max(numbers)]
    immaterial = (ChangeKind.CONTACT, ChangeKind.MOVED, ChangeKind.STRUCTURE)
    material = kind not in immaterial and (
        kind is not ChangeKind.REWORDED
        or not crossed
        or any(r.change is not Extent.EDITORIAL for r in crossed)
    )
    why = "; ".join(dict.fromkeys(r.why for r in crossed if r.why))
    reasons = (str(entry[2].get("reason", "")) for entry in reversed(entries) if entry)
    follows = consequence(kind, material, {})
    signed = (
        audiences
        if follows is Consequence.APPROVE_AND_SIGN and any("agreement" in d for d in documents)
        else ()
    )
    owner = known.owner if known and kind not in (ChangeKind.STRUCTURE, ChangeKind.DOCUMENT) else ""
    if kind is ChangeKind.CONTACT:
        owner = name.removeprefix(_CONTACT)
    parameter = library.parameters.get(name)
    return Change(
        kind,
        titles.get(name) or (parameter.label if parameter else first.heading or clause),
        documents,
        audiences,
        tuple(places),
        clause,
        name if kind in (ChangeKind.PARAMETER, ChangeKind.CONTACT) else "",
        old,
        new,
        why
        or next(filter(None, reasons), "")
        or (known.rationale if known and kind is ChangeKind.ADDED else ""),
        owner,
        library.roles[owner].title if owner in library.roles else "",
        (),
        material,
        follows is not Consequence.NOTHING,
        signed,
    )
