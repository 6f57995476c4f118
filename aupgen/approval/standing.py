"""How each document of a school stands: approved, approved but for contacts, changed since, or awaiting approval.

Finished documents and the records of their year in; the same documents with their approval lines out, and what
is to be told. Works out only what it must: where the words are those approved, nothing is bound again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from aupgen.approval.record import ApprovedDocument, KeptRecord, Line, Record, approved_document, latest
from aupgen.binding.bind import bind_profile
from aupgen.binding.outline import skeleton_for
from aupgen.binding.values import Needs, Scope
from aupgen.document.tree import Document, Inlines, Value
from aupgen.document.walk import plain_text
from aupgen.document.words import APPROVAL, fingerprint, short, with_approval
from aupgen.library.compiled import Library
from aupgen.policy.profile import Contact, Profile, ProfileKind, Show
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import Span

_MOST_LISTED = 12


class Standing(Struct, frozen=True):
    """How a document stands. ``kept`` is the newest record about it, None without one.

    ``approved``: its words are those of the record, or differ in contacts alone (``contacts_only``).
    """

    document: str
    fingerprint: str
    kept: KeptRecord | None = None
    approved: bool = False
    contacts_only: bool = False


Settled: TypeAlias = tuple[tuple[Document, ...], tuple[Standing, ...]]


def settle(
    library: Library,
    profile: Profile,
    documents: Sequence[Document],
    records: tuple[KeptRecord, ...],
    *,
    draft: bool,
) -> Settled:
    """Return the documents with their approval lines, and how each stands. A draft is never approved."""
    standings = standings_of(library, profile, documents, () if draft else records)
    if profile.kind is ProfileKind.EXEMPLAR:
        return tuple(documents), standings
    settled = (
        with_approval(document, _line(library, profile, document.meta.status, standing))
        for document, standing in zip(documents, standings, strict=True)
    )
    return tuple(settled), standings


def standings_of(
    library: Library, profile: Profile, documents: Sequence[Document], records: tuple[KeptRecord, ...]
) -> tuple[Standing, ...]:
    """Return how each document stands, in their order."""
    prints = {document.meta.id: fingerprint(document) for document in documents}
    newest = {id_: kept for id_ in prints if (kept := latest(records, id_))} if records else {}
    approved = {id_: said for id_, kept in newest.items() if (said := kept.record.document(id_))}
    differing = [id_ for id_, said in approved.items() if said.fingerprint != prints[id_]]
    blind = without_contacts(library, profile, differing) if differing else {}
    contacts_only = {id_ for id_ in differing if blind[id_] == approved[id_].without_contacts}
    return tuple(
        Standing(
            id_,
            own,
            newest.get(id_),
            approved=id_ in approved and (id_ not in differing or id_ in contacts_only),
            contacts_only=id_ in contacts_only,
        )
        for id_, own in prints.items()
    )


def without_contacts(library: Library, profile: Profile, documents: Iterable[str]) -> dict[str, str]:
    """The fingerprint of each document without anybody's name, email and telephone in it, by document.

    Who holds which post stays: to ask another post is another rule.
    """
    contacts = {
        role: Contact(title=contact.title, same_as=contact.same_as, show=Show.ROLE)
        for role, contact in profile.contacts.items()
    }
    bound, _ = bind_profile(library, replace(profile, contacts=contacts), draft=True, only=documents)
    return {document.meta.id: fingerprint(document) for document in bound.documents}


# ------------------------------------------------------------------ the line that documents print


def approved_line(library: Library, profile: Profile, record: Record) -> str:
    """Return what the documents of a record print: by whom they were approved, when, and under which minute."""
    scope = _scope(library, profile)
    said: dict[str, Inlines] = {
        "approving_body": (Value(record.by, APPROVAL),),
        "approval_day": (Value(scope.date(record.on), APPROVAL),),
    }
    if record.minute:
        said["minute_reference"] = (Value(record.minute, APPROVAL),)
    return plain_text(scope.phrase("approved_with_minute" if record.minute else "approved", **said))


def _line(library: Library, profile: Profile, awaiting: str, standing: Standing) -> str:
    if standing.kept and standing.approved:
        line = approved_line(library, profile, standing.kept.record)
        if not standing.contacts_only:
            return line
        said = (Value(line, APPROVAL),)
        return plain_text(_scope(library, profile).phrase("contacts_changed_since", approval_line=said))
    return circulated_line(library, profile, awaiting, short(standing.fingerprint))


def circulated_line(library: Library, profile: Profile, awaiting: str, fingerprint: str) -> str:
    """Return what a document prints until it is approved: that it awaits approval, and the fingerprint to know it by."""
    said: dict[str, Inlines] = {
        "approval_line": (Value(awaiting, APPROVAL),),
        "fingerprint": (Value(fingerprint, APPROVAL),),
    }
    return plain_text(_scope(library, profile).phrase("circulated", **said))


def _scope(library: Library, profile: Profile) -> Scope:
    """A scope for phrases about the approval, which read alike in all documents."""
    choice = profile.documents[0]
    skeleton = skeleton_for(library.documents[choice.id], choice)
    return Scope(library, profile, Needs(), skeleton, skeleton.voice)


# ------------------------------------------------------------------ what is to be told


def notes(profile: Profile, documents: Sequence[Document], standings: Sequence[Standing]) -> list[Diagnostic]:
    """AUP411 for words that changed since they were approved, AUP412 for contacts that did without a new edition:
    one finding for all documents of a record, and one for all contacts."""
    trees = {document.meta.id: document for document in documents}
    found: list[Diagnostic] = []
    for kept in {standing.kept.path: standing.kept for standing in standings if standing.kept}.values():
        changed = [standing for standing in standings if standing.kept is kept and not standing.approved]
        if changed:
            found.append(_changed(profile, kept, changed, trees))
    number = profile.edition.number
    contacts = [
        standing.document
        for standing in standings
        if standing.kept and standing.contacts_only and standing.kept.record.edition.number == number
    ]
    return [*found, _new_contacts(profile, contacts)] if contacts else found


def _changed(
    profile: Profile,
    kept: KeptRecord,
    changed: Sequence[Standing],
    trees: dict[str, Document],
) -> Diagnostic:
    record, number = kept.record, kept.record.edition.number
    names = ", ".join(f"`{standing.document}`" for standing in changed)
    one = len(changed) == 1
    message = (
        f"{names} {'has' if one else 'have'} changed since the {record.by} approved "
        f"{'it' if one else 'them'} ({kept.path}): {'it awaits' if one else 'they await'} approval"
    )
    steps = f'circulate {"it" if one else "them"}, then `aupgen approve {profile.path} --by "{record.by}" --on DATE`'
    if profile.edition.number <= number:
        steps = f"make this edition {number + 1}, with its date and reason, under `edition:` and build again; {steps}"
    by_change: dict[str, list[str]] = {}
    for standing in changed:
        before = record.document(standing.document)
        assert before is not None
        after = approved_document(trees[standing.document], "", "", "")
        for change in changes(before, after):
            by_change.setdefault(change, []).append(standing.document)
    listed = [f"{change} ({', '.join(where)})" for change, where in by_change.items()]
    more = len(listed) - _MOST_LISTED
    listed = listed[:_MOST_LISTED] + ([f"and {more} more changes"] if more > 0 else [])
    return Diagnostic(
        "AUP411",
        _edition_span(profile),
        message,
        steps,
        Severity.NOTE,
        notes=tuple(listed),
        profile=profile.slug,
    )


def _new_contacts(profile: Profile, documents: Sequence[str]) -> Diagnostic:
    number = profile.edition.number
    message = (
        f"only contact details have changed since edition {number} was approved ({', '.join(documents)}): "
        "the approval stands, and this is a new edition under it"
    )
    help_ = f"under `edition:` write `number: {number + 1}`, its date, and the change as its `reason`"
    return Diagnostic("AUP412", _edition_span(profile), message, help_, Severity.NOTE, profile=profile.slug)


def _edition_span(profile: Profile) -> Span:
    said = profile.origins.get("edition")
    return said[0].span if said else Span(profile.path)


def changes(before: ApprovedDocument, after: ApprovedDocument) -> list[str]:
    """What became of a document since it was approved, each change in a few words, in reading order.

    Clauses pair by their id and by nothing else; all other lines are counted together.
    """
    found = clause_changes(clause_texts(before.lines), clause_texts(after.lines))
    others = (Counter(_others(before.lines)), Counter(_others(after.lines)))
    gone, come = (others[0] - others[1]).total(), (others[1] - others[0]).total()
    if gone or come:
        found.append(f"headings, lead-ins and tables: {_lines(come)} new, {_lines(gone)} gone")
    return found or ["the order of lines"]


def clause_changes(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> list[str]:
    """What became of the clauses of a document: their texts by id, before and after."""
    found = [f"added: `{id_}`" for id_ in new if id_ not in old]
    found += [f"reworded: `{id_}`" for id_ in new if id_ in old and sorted(old[id_]) != sorted(new[id_])]
    return found + [f"left out: `{id_}`" for id_ in old if id_ not in new]


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def clause_texts(lines: Iterable[Line]) -> dict[str, list[str]]:
    """The texts of each clause, by its id: one may stand in several sections."""
    texts: dict[str, list[str]] = {}
    for line in lines:
        if line.clause:
            texts.setdefault(line.clause, []).append(line.text)
    return texts


def _others(lines: Iterable[Line]) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in lines if not line.clause]
