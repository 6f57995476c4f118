"""Whom a profile's own text of a clause reaches: the findings where it is for several readers alike, or for none.

A profile and its finished documents in; findings and readers out. What is printed is settled in `voice.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from aupgen.document.tree import Document
from aupgen.document.walk import own_clauses, sections
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause
from aupgen.policy.profile import OwnWording, Profile
from aupgen.policy.terms import FAMILIES, Audience
from aupgen.source.diagnostics import Diagnostic, Severity, listing


class Reworded(Struct, frozen=True):
    """A clause that a profile rewords by a text. ``apart`` are the pupils and parents for whom the library has words, and
    the profile has none; where they are ``kept``, the text is not for these."""

    clause: Clause
    text: OwnWording
    apart: tuple[Audience, ...]
    kept: bool


def reworded(library: Library, profile: Profile, ids: Iterable[str] | None = None) -> Iterator[Reworded]:
    """Yield the clauses that have a text of the profile's own, or those of some ids."""
    for id_ in profile.clause_choices if ids is None else ids:
        choice = profile.clause_choices.get(id_)
        clause = profile.local_clause(id_) or library.clauses.get(id_)
        current = clause.revision_in(profile.policy_year) if clause else None
        if choice is None or choice.text is None or clause is None or current is None:
            continue
        apart = tuple(
            audience
            for audience in clause.audiences
            if audience in FAMILIES and audience in current[1].special and audience not in choice.by_reader
        )
        yield Reworded(clause, choice.text, apart, any(clause.keeps_words_for(reader) for reader in apart))


def rewording_faults(
    library: Library, profile: Profile, documents: Sequence[Document]
) -> Iterator[Diagnostic]:
    """AUP349 for a text that pupils of several ages are given, or pupils and parents, for each of whom the library has
    words. AUP351 for one that nobody is given, because the documents that print its clause are for such readers."""
    for one in reworded(library, profile):
        id_, told = one.clause.id, readers_given(one, documents)
        own = (
            one.text.layer == profile.slug
        )  # a layer above words it for schools that issue other documents, too
        if one.kept and own and told and not is_printed(one, documents):
            code, message = (
                "AUP351",
                f"no document prints this text: {listing(told)} keep words of their own for `{id_}`",
            )
        elif not one.kept and len(told) > 1:
            code, message = (
                "AUP349",
                f"`{id_}` has the same text for {listing(told)}; the library has words for each of them",
            )
        else:
            continue
        help_ = f"in the place of `text:`, write {wordings_help(told)}"
        span, layer = one.text.span, one.text.layer
        yield Diagnostic(code, span, message, help_, Severity.WARNING, clause=id_, profile=layer)


def readers_given(one: Reworded, documents: Sequence[Document]) -> tuple[Audience, ...]:
    """Those with words apart who are given a document of their own that prints the clause."""
    if not one.apart:
        return ()
    given = {
        audience
        for document in documents
        if FAMILIES.issuperset(document.meta.audiences) and _prints(document, one.clause)
        for audience in document.meta.audiences
    }
    return tuple(reader for reader in one.apart if reader in given)


def wordings_help(readers: Sequence[Audience]) -> str:
    """What a profile says under a clause to give some readers words of their own."""
    return "`wordings: {" + ", ".join(f"{reader}: …" for reader in readers) + "}`, with the words for each"


def is_printed(one: Reworded, documents: Sequence[Document]) -> bool:
    """Whether any document gives the text to anybody."""
    return any(
        _prints(document, one.clause)
        and not set(one.apart).issuperset(set(document.meta.audiences) & set(one.clause.audiences))
        for document in documents
    )


def _prints(document: Document, clause: Clause) -> bool:
    return any(
        mark.id == clause.id for section in sections(document.blocks) for mark, _ in own_clauses(section)
    )
