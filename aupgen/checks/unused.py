"""What the library holds and nobody ever sees: clauses without readers or a document, values that nothing asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aupgen.binding.outline import clauses_of
from aupgen.checks.view import LibraryView, WorkspaceView
from aupgen.library.skeleton import (
    BlockGap,
    ChoicesGap,
    IssuedGap,
    ListTableGap,
    RatingsGap,
    SectionGap,
    Skeleton,
)
from aupgen.policy.clause import Clause
from aupgen.policy.terms import Audience, Voice
from aupgen.policy.wording import Slot
from aupgen.source.diagnostics import Diagnostic, Severity, listing
from aupgen.source.span import Span


def clause_no_reader_sees(view: LibraryView) -> Iterator[Diagnostic]:
    """What it checks:
        Each clause of the library is for at least one audience that a document type addresses.
    Why it matters:
        A duty that no document can print binds nobody, and looks in the library as if it did.
    Example:
        `audiences: [community]` in a library that has no document for the community.
    What to do:
        Add the audience that is meant, or a document type for it.
    Source:
        Good practice.
    """
    library = view.library
    addressed = {audience for document in library.documents.values() for audience in document.audiences}
    for clause in library.clauses.values():
        if not set(clause.audiences) & addressed:
            message = f"no document addresses {listing(clause.audiences)}, so nobody is shown `{clause.id}`"
            help_ = f"add an audience that a document has: {listing(sorted(addressed))}"
            yield Diagnostic("AUP320", clause.span, message, help_, Severity.WARNING, clause=clause.id)


def clause_no_document_prints(workspace: WorkspaceView) -> Iterator[Diagnostic]:
    """What it checks:
        Each clause of the library stands in a section or a table of a document type that one of its audiences is
        given, or is printed by a school of the workspace. Optional clauses wait to be asked for.
    Why it matters:
        A clause that no section chooses is written, reviewed and kept up to date for nothing.
    Example:
        A new topic `drones.yaml` that no template names.
    What to do:
        Name its topic, or the clause, in a section of a template.
    Source:
        Good practice.
    """
    library = workspace.library.library
    if not workspace.complete:
        return
    offered = {
        id_ for document in library.documents.values() for id_ in _offered(document, workspace.library)
    }
    offered |= {id_ for seen in workspace.profiles for id_ in seen.printed}
    offered |= {link.clause for clause in library.clauses.values() for link in clause.requires}
    addressed = {audience for document in library.documents.values() for audience in document.audiences}
    for clause in library.clauses.values():
        if not set(clause.audiences) & addressed:
            continue  # reported for that
        if not clause.optional and clause.id not in offered:
            message = f"no section of a document prints `{clause.id}`"
            help_ = (
                f"name its topic `{clause.topic}` in a section of a document for {listing(clause.audiences)}"
            )
            yield Diagnostic("AUP321", clause.span, message, help_, Severity.WARNING, clause=clause.id)


def _offered(document: Skeleton, view: LibraryView) -> Iterator[str]:
    """The clauses that some section of a document type would print in some school."""
    for section, _ in _choosing(document.blocks, document.voice):
        yield from section.clauses
        for topic in section.topics:
            for clause in _clauses_in(topic, view):
                if not set(clause.audiences) & set(document.audiences):
                    continue
                if not document.essential_only or document.id in clause.essential or clause.optional:
                    yield clause.id


def _choosing(blocks: Iterable[BlockGap], voice: Voice) -> Iterator[tuple[SectionGap, Voice]]:
    """Every section and table that chooses clauses, outer before inner, with the voice it speaks in."""
    for block in blocks:
        match block:
            case SectionGap():
                spoken = block.voice or voice
                yield block, spoken
                yield from _choosing((*block.intro, *block.sections), spoken)
            case ListTableGap():
                yield clauses_of(block), voice
            case IssuedGap(blocks=inside):
                yield from _choosing(inside, voice)
            case _:
                pass


def successor_not_printed(view: LibraryView) -> Iterator[Diagnostic]:
    """What it checks:
        Where a section or table of a document type names a clause that is retired, the document type prints what took
        its place too: a clause that says so in `replaces:`, by its id or its topic.
    Why it matters:
        From the year after the old clause's last one, the document prints nothing there, and nobody is told.
    Example:
        `clauses=["no-memory-sticks"]` in a template, with `until: 2025-26` at that clause and `replaces:
        [no-memory-sticks]` at another that no section names.
    What to do:
        Name the new clause beside the old one: each prints in its own years.
    Source:
        Good practice; see docs/what-changed.md on clauses that were split or merged.
    """
    library = view.library
    heirs: dict[str, list[Clause]] = {}
    for clause in library.clauses.values():
        for old in clause.replaces:
            heirs.setdefault(old, []).append(clause)
    for document in library.documents.values():
        sections = [section for section, _ in _choosing(document.blocks, document.voice)]
        named = {id_ for section in sections for id_ in section.clauses}
        topics = {topic for section in sections for topic in section.topics}
        for id_ in sorted(named & heirs.keys()):
            here = [heir for heir in heirs[id_] if set(heir.audiences) & set(document.audiences)]
            printed = any(heir.id in named or heir.topic in topics for heir in here)
            if here and not printed and library.clauses[id_].until is not None:
                ids = listing([heir.id for heir in here])
                message = f"`{document.id}` names `{id_}`, and prints nothing of what took its place: {ids}"
                help_ = f"name {ids} beside it: each prints in its own years"
                span = _place_in(f"{document.id}.md.j2", f'"{id_}"', view) or here[0].span
                yield Diagnostic("AUP431", span, message, help_, Severity.WARNING, clause=here[0].id)


def _place_in(template: str, words: str, view: LibraryView) -> Span | None:
    """Where some words stand in a template; None where they are not in it, as in one that it includes."""
    source = next((s for path, s in view.sources.items() if path.split("/")[-1] == template), None)
    at = source.text.find(words) if source else -1
    return source.span_at(at, len(words)) if source and at >= 0 else None


def parameter_nobody_uses(view: LibraryView) -> Iterator[Diagnostic]:
    """What it checks:
        Each parameter of the library is named by a clause, a condition or a template.
    Why it matters:
        Schools are asked a question whose answer appears nowhere.
    Example:
        `drone_rule` in `clauses/parameters.yaml`, and no wording with `{{ drone_rule }}`.
    What to do:
        Delete it, or use it in a wording.
    Source:
        Good practice.
    """
    library = view.library
    used = {name for clause in library.clauses.values() for name in clause.parameter_names()}
    for document in library.documents.values():
        used |= _names_in(document)
    path = next((path for path in view.sources if path.split("/")[-1] == "parameters.yaml"), "")
    source = view.sources.get(path)
    for name in library.parameters:
        if name in used:
            continue
        span = source.whole if source else Span(path or "clauses/parameters.yaml")
        if source and (at := source.text.find(f"name: {name}\n")) >= 0:
            span = source.span_at(at + len("name: "), len(name))
        message = f"no clause and no document uses `{name}`: schools would be asked for nothing"
        yield Diagnostic("AUP322", span, message, "delete it, or name it in a wording", Severity.WARNING)


def _names_in(value: object) -> set[str]:
    """Every name that a skeleton mentions, wherever in it."""
    match value:
        case Slot(name):
            return {name}
        case ChoicesGap(each=each) if each:
            out = {each}
        case RatingsGap(rows=rows):
            out = {rating for _, ratings in rows for rating in ratings}
        case _:
            out = set()
    if isinstance(value, (tuple, list)):
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], tuple):
            out.add(value[0])
        for item in value:
            out |= _names_in(item)
    elif hasattr(value, "__struct_fields__"):
        for field in value.__struct_fields__:
            out |= _names_in(getattr(value, field))
    return out


def audience_without_wording(view: LibraryView) -> Iterator[Diagnostic]:
    """What it checks:
        A clause for the youngest pupils, for Key Stage 2 or for pupils with special needs has a wording of its own for
        them in its newest revision, or variants that give one. Clauses that the document types show them in the voice
        of the school alone ("Pupils must …" in its online safety policy) are let be: no child is asked to sign those.
    Why it matters:
        Words written for adults reach readers of six, who can then not keep the rule they signed.
    Example:
        `audiences: [staff, pupil-ks1]`, and no `pupil-ks1:` under `wordings:`.
    What to do:
        Add `wordings:` with a text for that audience, in words its readers have.
    Source:
        The readers of each document; see docs/pupil-documents.md.
    """
    young = (Audience.PUPIL_KS1, Audience.PUPIL_KS2, Audience.PUPIL_SEND)
    shown = {audience: _voices_towards(audience, view) for audience in young}
    for clause in view.library.clauses.values():
        newest = clause.revisions[-1] if clause.revisions else None
        if newest is None or newest.variants:
            continue
        lacking = [
            audience
            for audience in young
            if audience in clause.audiences
            and audience not in newest.special
            and shown[audience].get(clause.id) != {Voice.INSTITUTION}
        ]
        adults = set(clause.audiences) - {*young, Audience.PUPIL_KS3}
        if lacking and (adults or Audience.PUPIL_KS3 in clause.audiences or newest.special):
            message = f"`{clause.id}` has no wording for {listing(lacking)}"
            help_ = "add a text for each under `wordings:`, in words that its readers have"
            yield Diagnostic("AUP324", clause.span, message, help_, Severity.WARNING, clause=clause.id)


def _voices_towards(audience: Audience, view: LibraryView) -> dict[str, set[Voice]]:
    """The voices in which the document types given to an audience can show it each clause, by its id.

    Those outside a document's short form count as well: a school may ask for all clauses.
    """
    voices: dict[str, set[Voice]] = {}
    for document in view.library.documents.values():
        if audience not in document.audiences:
            continue
        for section, voice in _choosing(document.blocks, document.voice):
            of_topics = (clause for topic in section.topics for clause in _clauses_in(topic, view))
            for id_ in (*section.clauses, *(clause.id for clause in of_topics)):
                voices.setdefault(id_, set()).add(voice)
    return voices


def _clauses_in(topic: str, view: LibraryView) -> tuple[Clause, ...]:
    return view.library.topics[topic].clauses if topic in view.library.topics else ()
