"""What a rule looks at: the library, one passage of wording, one profile file, one school, or all schools.

Made by `run.py` of what reading, folding and binding gave. Nothing here decides what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property

from msgspec import Struct

from aupgen.document.tree import Document
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause, Wording
from aupgen.policy.layer import Layer
from aupgen.policy.profile import Profile
from aupgen.policy.role import Role
from aupgen.policy.terms import Audience
from aupgen.policy.wording import Break, Linked, Literal, Pieces, Slot, Styled
from aupgen.source.span import SourceText, Span


class Passage(Struct, frozen=True, dict=True):
    """One wording as its author wrote it, and the lines it stands between.

    ``special`` is the audience or voice it is for, "" for all. ``profile`` is the slug of the profile it stands in, "" in
    the library. ``span`` is the place of its clause, where its own place cannot be told.
    """

    clause: Clause
    wording: Wording
    special: str
    span: Span
    source: SourceText | None
    profile: str = ""

    @cached_property
    def text(self) -> str:
        """The words, optional phrases in their places and values as their placeholders."""
        return spelled_out(self.wording.pieces, self.wording.phrases)

    @property
    def readers(self) -> tuple[str, ...]:
        """The audiences that are given these words."""
        return (self.special,) if self.special in list(Audience) else self.clause.audiences

    def at(self, words: str) -> Span:
        """Where some of its words stand."""
        return place_of(words, self.source, self.span)


def spelled_out(pieces: Pieces, phrases: Mapping[str, Pieces]) -> str:
    """A wording as text, its optional phrases in their places and its slots as ``{{ name }}``."""
    parts: list[str] = []
    for piece in pieces:
        match piece:
            case Literal(text):
                parts.append(text)
            case Slot(name) if name in phrases:
                parts.append(spelled_out(phrases[name], {}))
            case Slot():
                parts.append(str(piece))
            case Styled(pieces=inner) | Linked(pieces=inner):
                parts.append(spelled_out(inner, phrases))
            case Break():
                parts.append(" ")
    return re.sub(r" +([,;:.])", r"\1", " ".join("".join(parts).split()))


_ENTRY = re.compile(r"^\s*- id:", re.M)


def place_of(words: str, source: SourceText | None, start: Span) -> Span:
    """Where words stand in the entry that begins at ``start``, over line ends too; ``start`` where they cannot be found."""
    if source is None or not words.strip():
        return start
    begin = _offset(source, start)
    pattern = re.compile(r"\s+".join(map(re.escape, words.split())), re.I)
    after = _ENTRY.search(
        source.text, source.text.find("\n", begin) if "\n" in source.text[begin:] else begin
    )
    found = pattern.search(source.text, begin, after.start() if after else len(source.text))
    return source.span_at(found.start(), found.end() - found.start()) if found else start


def _offset(source: SourceText, span: Span) -> int:
    before = sum(len(line) + 1 for line in source.lines[: span.line - 1])
    return before + span.column - 1


def place_of_key(key: str, value: str, source: SourceText | None, start: Span) -> Span:
    """Where the value of a key stands in the entry that begins at ``start``; ``start`` where it cannot be found."""
    if source is None:
        return start
    for line in range(start.line, len(source.lines)):
        text = source.lines[line]
        if re.match(r"\s*- ", text) and len(text) - len(text.lstrip()) < start.column:
            break
        if found := re.match(rf"\s*{key}:\s*[\"']?({re.escape(value)})\b", text):
            return Span(start.path, line + 1, found.start(1) + 1, found.end(1) + 1)
    return start


class LibraryView(Struct, frozen=True):
    """The compiled library with the texts of its files by path."""

    library: Library
    sources: Mapping[str, SourceText]

    def source(self, span: Span) -> SourceText | None:
        return self.sources.get(span.path)

    def passages(self) -> Iterator[Passage]:
        """Every wording of the library, of all years."""
        for clause in self.library.clauses.values():
            source = self.source(clause.span)
            for revision in clause.revisions:
                for wording in (revision.wording, *revision.variants):
                    yield Passage(clause, wording, "", clause.span, source)
                for name, wording in revision.special.items():
                    yield Passage(clause, wording, name, clause.span, source)


class FileView(Struct, frozen=True):
    """One profile file: what it says, and its text."""

    layer: Layer
    source: SourceText
    library: Library

    def passages(self) -> Iterator[Passage]:
        """The wordings of its own: its local clauses, and those of the library's that it rewords."""
        for layer in (self.layer, *self.layer.years.values()):
            for clause in layer.local_clauses.values():
                for revision in clause.revisions:
                    for name, wording in (("", revision.wording), *revision.special.items()):
                        yield Passage(clause, wording, name, clause.span, self.source, self.layer.slug)
            for id_, said in layer.clause_wordings.items():
                reworded = self.layer.local_clauses.get(id_) or self.library.clauses.get(id_)
                if reworded is None:
                    continue
                if said.value.text:
                    yield Passage(reworded, said.value.text, "", said.span, self.source, self.layer.slug)
                for name, words in said.value.by_reader.items():
                    yield Passage(reworded, words.value, name, words.span, self.source, self.layer.slug)


class Printed(Struct, frozen=True):
    """A clause as a document prints it. ``readers`` are those of the document that the clause is for."""

    document: str
    clause: Clause
    layer: str
    text: str
    readers: tuple[Audience, ...]


class SchoolView(Struct, frozen=True, dict=True):
    """One school in one policy year, with its documents; ``day`` is the day it is looked at."""

    library: Library
    profile: Profile
    documents: tuple[Document, ...]
    sources: Mapping[str, SourceText]
    day: date

    @cached_property
    def printed(self) -> tuple[Printed, ...]:
        """Every clause of every document, its appendices included, in print order, each once a document."""
        out: dict[tuple[str, str], Printed] = {}
        for document in self.documents:
            for section in sections(document.blocks):
                for mark, inlines in own_clauses(section):
                    clause = self.clause(mark.id)
                    readers = tuple(a for a in document.meta.audiences if a in clause.audiences)
                    said = Printed(
                        document.meta.id,
                        clause,
                        mark.layer,
                        plain_text(inlines),
                        tuple(map(Audience, readers)),
                    )
                    out.setdefault((document.meta.id, mark.id), said)
        return tuple(out.values())

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        """The clauses that any document prints, by id."""
        return {said.clause.id: said.clause for said in self.printed}

    def clause(self, id_: str) -> Clause:
        return self.profile.local_clause(id_) or self.library.clauses[id_]

    def holder(self, role: str) -> str | None:
        """The role under whose contact a post is held here; None where nobody holds it."""
        contacts, seen = self.profile.contacts, {role}
        while role in contacts and contacts[role].same_as and contacts[role].same_as not in seen:
            role = contacts[role].same_as
            seen.add(role)
        if role in contacts:
            return role
        other = self.profile.other_roles
        return other if other and other in contacts and not self.role(role).separate else None

    def role(self, id_: str) -> Role:
        return self.library.roles[id_]

    def place(self, said: Printed) -> Span:
        """Where the words of a printed clause stand: at the profile's own, else at the library's clause."""
        choice = self.profile.clause_choices.get(said.clause.id)
        own = choice.wording_of(said.layer) if choice else None
        return own.span if own else said.clause.span

    def span_of(self, key: str) -> Span:
        """Where what holds for a key of the profile was said, such as ``contacts.dpo``; the file where nobody said it."""
        origins = self.profile.origins.get(key)
        return origins[0].span if origins else Span(self.profile.path)


class Seen(Struct, frozen=True):
    """What is kept of a profile for the rules that look at all of them together."""

    slug: str
    name: str
    path: str
    kind: str
    printed: frozenset[str]
    domains: Mapping[str, str]
    """The e-mail domain of each contact its own file gives, by role."""
    spans: Mapping[str, Span]
    """Where each of those contacts stands."""
    reach: frozenset[str] = frozenset()
    """The e-mail addresses and telephone numbers of those contacts."""
    parents: tuple[str, ...] = ()
    """The slugs of the profiles above it."""


class WorkspaceView(Struct, frozen=True):
    """The library and all profiles that were looked at. ``complete`` says whether these are all of the workspace."""

    library: LibraryView
    profiles: tuple[Seen, ...]
    complete: bool
