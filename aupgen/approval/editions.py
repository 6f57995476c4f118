"""Editions for a comparison: how their documents stand by the approval records, and the edition that was approved.

Bound editions, records and the documents that records kept in; editions out. Reads no files; `aupgen build` does without.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from aupgen.approval.record import KeptRecord
from aupgen.approval.standing import Standing, settle, standings_of
from aupgen.binding.bind import Bound
from aupgen.comparison.changes import Approval
from aupgen.comparison.edition import Edition
from aupgen.document.tree import Document
from aupgen.policy.profile import ProfileKind


def with_approvals(edition: Edition, records: tuple[KeptRecord, ...]) -> Edition:
    """Return the edition with how its documents stand; ``records`` are those of its policy year.

    What no body approves, such as a letter, and the documents of an exemplar stand in no way.
    """
    documents = [document for document in edition.bound.documents if document.meta.status]
    if not documents or edition.profile.kind is not ProfileKind.SCHOOL:
        return edition
    if not records:
        return replace(edition, approvals=_alike((d.meta.id, Approval(d.meta.status, ())) for d in documents))
    settled, standings = settle(edition.library, edition.profile, documents, records, draft=False)
    told = (
        (standing.document, _approval(awaiting.meta.status, printed.meta.status, standing))
        for awaiting, printed, standing in zip(documents, settled, standings, strict=True)
    )
    return replace(edition, approvals=_alike(told))


def approved_edition(
    today: Edition, documents: Iterable[tuple[KeptRecord, Document]], records: tuple[KeptRecord, ...]
) -> Edition:
    """Return an edition with the documents that were approved, each with its record, in the place of its own.

    ``today`` is what profile and library now give for the year; its other documents stay.
    """
    pairs = tuple(documents)
    kept = {document.meta.id: record for record, document in pairs}
    others = [document for document in today.bound.documents if document.meta.id not in kept]
    standings = standings_of(
        today.library, today.profile, [d for d in today.bound.documents if d.meta.id in kept], records
    )
    lines = ((document.meta.id, Approval(document.meta.status, (), recorded=True)) for _, document in pairs)
    awaiting = ((d.meta.id, Approval(d.meta.status, ())) for d in others if d.meta.status)
    return replace(
        today,
        profile=replace(today.profile, name=pairs[0][0].record.school),
        kept=tuple(document for _, document in pairs),
        contacts_apart=frozenset(s.document for s in standings if s.contacts_only),
        approvals=_alike((*lines, *awaiting)),
    )


def stand_in(newer: Edition, record: KeptRecord) -> Edition:
    """Return an edition of the year of a record without documents, for a profile that says nothing of that year.

    What the newer edition says stands in for what was said then: it is not what is compared.
    """
    said = record.record
    profile = replace(newer.profile, policy_year=said.policy_year, edition=said.edition)
    return Edition(profile, newer.library, Bound((), ()))


def _approval(awaiting: str, printed: str, standing: Standing) -> Approval:
    if standing.approved:
        return Approval(printed, (), recorded=True)
    said = standing.kept.record.document(standing.document) if standing.kept else None
    return Approval(awaiting, (), recorded=said is not None, other_words=said.approval if said else "")


def _alike(told: Iterable[tuple[str, Approval]]) -> tuple[Approval, ...]:
    """Documents that stand alike together, in the order in which they are first met."""
    by_standing: dict[Approval, list[str]] = {}
    for document, approval in told:
        by_standing.setdefault(approval, []).append(document)
    return tuple(replace(approval, documents=tuple(ids)) for approval, ids in by_standing.items())
