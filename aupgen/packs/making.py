"""An exemplar with its library in; the bytes of its pack out. The same exemplar gives the same bytes on any day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from aupgen import __version__
from aupgen.binding.bind import bind_profile
from aupgen.binding.values import Needs, Scope
from aupgen.build import Rendered
from aupgen.document.tree import Document, Inlines, Text
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.manifest import MANIFEST, Entry, manifest_text, read_manifest
from aupgen.packs.contents import Pack, write_pack
from aupgen.packs.pages import Rows, cells, write_pages
from aupgen.packs.profile_text import profile_text
from aupgen.packs.questions import Question, fact_question, open_questions
from aupgen.packs.record import record_for
from aupgen.packs.shapes import TextsShape
from aupgen.packs.whats_new import WhatsNew, whats_new
from aupgen.policy.framework import Framework
from aupgen.policy.parameter import ParameterType
from aupgen.policy.profile import Profile, Show
from aupgen.policy.terms import Audience, Voice
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.shape import check_shape
from aupgen.source.span import SourceText, Span
from aupgen.source.yaml_text import read_yaml

TEXTS, LICENCE = "questions.yaml", "licence.txt"
"""Files of `templates/pack/` beside the pages."""


def read_texts(source: SourceText) -> tuple[TextsShape | None, list[Diagnostic]]:
    """Return what a school is asked beside the library's questions; None with findings where it cannot be read."""
    file, found = read_yaml(source)
    if file is None:
        return None, found
    texts, faults = check_shape(TextsShape, file)
    found += faults
    return (None if found else texts), found


def make_pack(
    library: Library,
    profile: Profile,
    rendered: Rendered,
    sources: Mapping[str, bytes],
    pages: Mapping[str, SourceText],
    texts: TextsShape,
    before: Pack | None,
) -> tuple[bytes | None, list[Diagnostic]]:
    """Return the pack of an exemplar, or None and the findings that stop it.

    ``sources`` are the files of the library, the document types and the profiles, by their place in the pack;
    ``pages`` the texts of `templates/pack/`. ``before`` is the last pack, None where this is the first.
    """
    bound, _ = bind_profile(library, profile)
    questions = open_questions(library, profile, texts)
    manifest = rendered.manifest
    news = news_since(before, manifest)
    files = {
        **sources,
        **{f"documents/{file.name}": file.data for file in rendered.files},
        f"documents/{MANIFEST}": manifest_text(manifest).encode(),
        "starter.yaml": starter(library, profile, questions, texts).encode(),
        LICENCE: pages[LICENCE].text.encode(),
    }
    written, found = write_pages(
        library, profile, pages, dict(_rows(library, profile, bound.documents, questions, news))
    )
    if found:
        return None, found
    files.update(written)
    record = record_for(
        __version__,
        profile.slug,
        profile.name,
        profile.nation,
        str(profile.policy_year),
        profile.edition.number,
        files,
    )
    return write_pack(record, files), found


def news_since(before: Pack | None, manifest: Entry) -> WhatsNew | None:
    """What changed from the last pack to a build's manifest; None where there is no last pack to compare with."""
    old = read_manifest(before.files.get(f"documents/{MANIFEST}", b"")) if before else None
    return whats_new(_checked(old), manifest) if old else None


def _checked(manifest: Entry) -> Entry:
    """The manifest of another pack, without what is not as ours is."""
    documents = []
    for document in manifest["documents"]:
        parts = document.get("sections")
        if not isinstance(parts, list):
            continue
        kept = [
            {"clauses": [clause for clause in part["clauses"] if _is_clause(clause)]}
            for part in parts
            if isinstance(part, dict) and isinstance(part.get("clauses"), list)
        ]
        documents.append({"id": document["id"], "sections": kept})
    return {"documents": documents}


def _is_clause(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), str)
        and isinstance(value.get("revision"), int)
        and isinstance(value.get("text"), str)
    )


def starter(library: Library, profile: Profile, questions: Sequence[Question], texts: TextsShape) -> str:
    """The profile that a school fills in: what it must answer is an empty key, all else a comment."""
    terms = library.nations.get(profile.nation)
    facts = (fact_question("name", (), texts), fact_question("phase", terms.phases if terms else (), texts))
    return profile_text(
        {"name": "", "extends": profile.slug, "phase": ""},
        (*facts, *questions),
        {},
        profile.contacts,
        texts.starter,
        intro(profile, texts),
        may_issue=(fact_question("documents", (), texts), [choice.id for choice in profile.documents]),
    ).text


def intro(profile: Profile, texts: TextsShape) -> Iterator[str]:
    for line in texts.starter.intro:
        yield line.replace("{issuer}", profile.name).replace("{year}", str(profile.policy_year))


def private_names(profile: Profile) -> Iterator[Diagnostic]:
    """AUP612 for names that no document prints and that a pack would carry all the same."""
    for role, contact in profile.contacts.items():
        if contact.names and contact.show is not Show.NAME:
            said = profile.origins.get(f"contacts.{role}", ())
            yield Diagnostic(
                "AUP612",
                said[0].span if said else Span(profile.path),
                f"the pack carries this profile, and with it the name of the {role}, which no document prints",
                "take the name out, or say `show: name` if it may be published",
                Severity.WARNING,
            )


def of_another(profile: Profile, before: Pack, name: str) -> Iterator[Diagnostic]:
    """AUP618 for an exemplar whose pack is not the next of the last one, whose file is ``name``: schools would not take
    it after that."""
    last = before.record
    first = "name the last pack of this exemplar, or leave `--since` out where this is its first"
    if last.exemplar != profile.slug:
        message, help_ = f"{name} is the pack of {last.issuer} (`{last.exemplar}`), and not an earlier one of this exemplar", first  # fmt: skip
    elif last.issuer != profile.name:
        message = f"{name} is of {last.issuer}, and this pack is of {profile.name}: schools will not take it after that one"
        help_ = f"{first}; if the publisher has a new name only, schools set up a new folder from this pack"
    elif last.nation != profile.nation:
        message, help_ = f"{name} is for {last.nation}, and this pack is for {profile.nation}", first
    else:
        return
    yield Diagnostic("AUP618", Span(profile.path), message, help_)


def no_later_edition(
    profile: Profile, sources: Mapping[str, bytes], before: Pack, name: str
) -> Iterator[Diagnostic]:
    """AUP635 for a pack that schools cannot tell from the last one, or would not take after it.

    ``sources`` are as `make_pack` has them; ``name`` is the file of the last pack.
    """
    old, new = (before.record.policy_year, before.record.edition), (str(profile.policy_year), profile.edition.number)  # fmt: skip
    if before.record.exemplar != profile.slug or new > old:
        return
    last, this = (f"{year}, edition {number}" for year, number in (old, new))
    anew = (
        f"write `number: {old[1] + 1}` under `edition:`, with its date and reason, then make the pack again"
    )
    if dict(sources) == before.taken:
        message = f"nothing in this pack has changed since {name}, which is of {last} as well"
        help_ = f"there is no need to send it to schools that have that one; for a new edition, change what is to change, {anew}"
    elif new == old:
        message = f"this pack says that it is of {this}, and so does {name}, which holds something else"
        help_ = f"give it an edition of its own, so that schools can tell the two apart: {anew}"
    else:
        message = f"this pack says that it is of {this}, and {name} is of a later one, {last}"
        help_ = f"schools that hold that one will not take this one: set `policy_year: {old[0]}`, {anew}"
    said = profile.origins.get("edition", ())
    yield Diagnostic("AUP635", said[0].span if said else Span(profile.path), message, help_, Severity.WARNING)


# ------------------------------------------------------------------ what the pages list


def _rows(
    library: Library,
    profile: Profile,
    documents: Iterable[Document],
    questions: Sequence[Question],
    news: WhatsNew | None,
) -> Iterator[tuple[str, Rows | None]]:
    documents = tuple(documents)
    language = library.language
    yield (
        "documents",
        tuple(
            cells(
                document.meta.title,
                ", ".join(
                    dict.fromkeys(language.audiences[Audience(id_)].name for id_ in document.meta.audiences)
                ),
                f"documents/{document.meta.id}.docx",
            )
            for document in documents
        ),
    )
    yield "questions", tuple(_asked(question) for question in questions)
    yield "owners", tuple(_owners(library, profile, documents))
    yield "frameworks", tuple(_frameworks(library, profile, documents))
    if news is None:
        yield from (("same", None), ("added", None), ("removed", None), ("reworded", None))
        return
    yield "first", None
    if not news.is_nothing:
        yield "same", None
    yield "added", tuple(cells(clause.id, clause.document, clause.text) for clause in news.added)
    yield "removed", tuple(cells(clause.id, clause.document, clause.text) for clause in news.removed)
    yield "reworded", tuple(cells(now.id, now.document, old.text, now.text) for old, now in news.reworded)


def _asked(question: Question) -> tuple[Inlines, ...]:
    default = "–" if question.required else question.default or "–"
    if question.type is ParameterType.FLAG:
        default = {"true": "yes", "false": "no"}.get(default, default)
    worded = next((words for answer, words in question.answers if answer == question.default and words), "")
    return ((Text(question.text),), (Text(worded or default),))


def _owners(
    library: Library, profile: Profile, documents: Iterable[Document]
) -> Iterator[tuple[Inlines, ...]]:
    """Every printed clause once, under the post that answers for it, with the documents that print it."""
    scope = Scope(library, profile, Needs(), next(iter(library.documents.values())), Voice.PROSE)
    texts: dict[str, str] = {}
    places: dict[str, list[str]] = {}
    for document in documents:
        for part in sections(document.blocks):
            for mark, inlines in own_clauses(part):
                texts.setdefault(mark.id, plain_text(inlines))
                if document.meta.id not in (there := places.setdefault(mark.id, [])):
                    there.append(document.meta.id)
    order = {id_: position for position, id_ in enumerate(library.roles)}
    owners = {id_: (profile.local_clause(id_) or library.clauses[id_]).owner for id_ in texts}
    for id_ in sorted(texts, key=lambda id_: (order[owners[id_]], id_)):
        post = scope.title(owners[id_])
        yield cells(post[:1].upper() + post[1:], id_, texts[id_], ", ".join(places[id_]))


def _frameworks(
    library: Library, profile: Profile, documents: Iterable[Document]
) -> Iterator[tuple[Inlines, ...]]:
    printed = {
        mark.id
        for document in documents
        for part in sections(document.blocks)
        for mark, _ in own_clauses(part)
    }
    for framework in cited_frameworks(library, profile, printed):
        status = framework.status.replace("-", " ")
        if framework.is_superseded:
            status = "superseded"
        elif not framework.is_confirmed:
            status += ", not confirmed"
        yield cells(framework.title, framework.edition, status[:1].upper() + status[1:], framework.checked)


def cited_frameworks(library: Library, profile: Profile, printed: Collection[str]) -> list[Framework]:
    """The frameworks of the profile's nation that some clauses cite, by the clauses' ids; in the register's order."""
    cited = {
        id_
        for clause in (*library.clauses.values(), *profile.local_clauses)
        if clause.id in printed
        for id_ in clause.cites
    }
    return [
        framework
        for framework in library.frameworks.values()
        if framework.id in cited and profile.nation in framework.nations
    ]
