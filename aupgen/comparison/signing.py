"""The documents of an edition in; in which of them a reader signs for what one of them says out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aupgen.document.tree import Block, Document, Fields, Section, Slip
from aupgen.document.walk import is_signed, sections
from aupgen.policy.terms import Audience


def signed_in(documents: Mapping[str, Document], id_: str, audience: str) -> tuple[str, ...]:
    """Return the documents in which an audience signs for what a document says; () for none.

    It is that document itself where it has a place to sign, else those which it holds as appendices: who signs the
    staff agreement signs for the staff policy. An appendix that is not among ``documents`` is signed by every reader.
    """
    document = documents.get(id_)
    if document is None or audience not in document.meta.audiences or audience == Audience.SCHOOL:
        return ()  # nobody signs as the school
    held = [section for section in sections(document.blocks) if section.appendix]
    alone = any(section.id not in documents and is_signed(section.blocks) for section in held)
    if alone or _has_own_place(document.blocks):
        return (id_,)
    signed = (
        one for section in held if section.id != id_ for one in signed_in(documents, section.id, audience)
    )
    return tuple(dict.fromkeys(signed))


def _has_own_place(blocks: Iterable[Block]) -> bool:
    """Whether there is a gap to complete by hand outside appendices."""
    return any(
        isinstance(block, Fields)
        or (isinstance(block, Slip) and _has_own_place(block.blocks))
        or (isinstance(block, Section) and not block.appendix and _has_own_place(block.blocks))
        for block in blocks
    )
