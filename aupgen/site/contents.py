"""A library, an exemplar and its opened pack in; what the pages of its site tell out, as values.

No page, no path of a page and no words of one: those are `pages.py`'s and the templates'. Words of documents are
taken from the same trees as their files, as HTML by the same writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.values import Needs, Scope, capital
from aupgen.document.tree import (
    Block,
    Blocks,
    BulletList,
    ClauseMark,
    Document,
    Emphasis,
    Inline,
    Inlines,
    Link,
    ListItem,
    ListTable,
    NumberedList,
    Paragraph,
    Reference,
    Section,
    Strong,
    Text,
)
from aupgen.document.walk import lines, plain_text
from aupgen.library.compiled import Library
from aupgen.manifest import sha256
from aupgen.packs.contents import Pack
from aupgen.packs.making import cited_frameworks
from aupgen.packs.whats_new import WhatsNew
from aupgen.policy.clause import Clause, Revision, Topic, Wording
from aupgen.policy.framework import Framework
from aupgen.policy.parameter import RolesValue, Value, value_text
from aupgen.policy.profile import Profile
from aupgen.policy.role import Role
from aupgen.policy.terms import Audience, Voice
from aupgen.policy.year import FIRST_YEAR
from aupgen.writers.html import body_html, inlines_html


class File(Struct, frozen=True):
    """Something to download: its path in the site, its format, its size in bytes and its digest."""

    path: str
    format: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Reader(Struct, frozen=True):
    """Whom documents address: the audience's id, and what it is called in the middle of a line (all staff)."""

    id: str
    every: str

    @property
    def name(self) -> str:
        """The same to begin a line with."""
        return capital(self.every)


class ReadDocument(Struct, frozen=True):
    """A document to read on a page. ``clauses`` are the ids it prints, in its order, each once."""

    id: str
    title: str
    readers: tuple[Reader, ...]
    body: Markup
    words: str
    clauses: tuple[str, ...]
    files: tuple[File, ...]


class Printed(Struct, frozen=True):
    """Words of a clause, and the documents that print them so.

    ``lead_in`` is the line that a list of rules stands under, "" where the words are a sentence of their own.
    """

    lead_in: str
    words: Markup
    documents: tuple[ReadDocument, ...]


class Asked(Struct, frozen=True):
    """A value that a clause needs. ``answer`` is what holds, "" where each school has to say it; ``is_decided``: the
    publisher said it."""

    name: str
    question: str
    help: str
    answer: str
    is_decided: bool


class Post(Struct, frozen=True):
    """Who answers for clauses: the role, its title here with a capital, and the ids of its printed clauses."""

    role: Role
    title: str
    clauses: tuple[str, ...]


class Past(Struct, frozen=True):
    """A revision: the policy year it is from ("" where it always was), and whether it is what the documents print."""

    since: str
    revision: Revision
    is_printed: bool


class ReadClause(Struct, frozen=True):
    """A clause that documents print. ``text`` are its words without any marks, where they are first printed as a
    sentence of their own, else with the line that they stand under.

    ``reason`` is why the publisher has other words than the library, "" where it has not.
    """

    clause: Clause
    topic: Topic
    post: Post
    text: str
    printed: tuple[Printed, ...]
    frameworks: tuple[Framework, ...]
    asked: tuple[Asked, ...]
    past: tuple[Past, ...]
    reason: str

    @property
    def id(self) -> str:
        return self.clause.id


class Cited(Struct, frozen=True):
    """A framework, and the ids of the printed clauses that cite it."""

    framework: Framework
    clauses: tuple[str, ...]


class Contents(Struct, frozen=True):
    """All that the pages tell. ``months`` are their names, January first; ``clauses`` are by id, in the library's order; ``news`` None in a first pack."""

    profile: Profile
    language: str
    months: tuple[str, ...]
    nation: str
    date: str
    readers: tuple[tuple[Reader, tuple[ReadDocument, ...]], ...]
    documents: Mapping[str, ReadDocument]
    clauses: Mapping[str, ReadClause]
    topics: tuple[tuple[Topic, tuple[ReadClause, ...]], ...]
    posts: tuple[Post, ...]
    cited: tuple[Cited, ...]
    news: WhatsNew | None
    pack: File
    starter: File
    licence: File
    licence_text: str


def site_contents(
    library: Library,
    profile: Profile,
    documents: Sequence[Document],
    pack: Pack,
    name: str,
    size: int,
    news: WhatsNew | None,
) -> Contents:
    """Return what a site tells of a pack, whose file is of this name and size.

    ``documents`` are the exemplar's as its files print them.
    """
    scope = Scope(library, profile, Needs(), next(iter(library.documents.values())), Voice.PROSE)
    of_clause: dict[str, list[_Place]] = {}
    for document in documents:
        for place in _places(document):
            of_clause.setdefault(place.mark.id, []).append(place)
    read = {document.meta.id: _document(scope, document, pack) for document in documents}
    order = [*library.clauses, *(clause.id for clause in profile.local_clauses)]
    printed = {id_: of_clause[id_] for id_ in dict.fromkeys(order) if id_ in of_clause}
    posts = _posts(scope, printed)
    by_post = {post.role.id: post for post in posts}
    frameworks = cited_frameworks(library, profile, printed)
    clauses = {id_: _clause(scope, id_, places, read, by_post, frameworks) for id_, places in printed.items()}
    topics = (
        (topic, tuple(c for c in clauses.values() if c.topic is topic)) for topic in library.topics.values()
    )
    readers = dict.fromkeys(reader for document in read.values() for reader in document.readers)
    order_of = list(Audience)
    terms = library.nations.get(profile.nation)
    return Contents(
        profile,
        library.language.tag,
        library.language.months,
        terms.name if terms else "",
        scope.date(profile.edition.date),
        tuple(
            (reader, tuple(document for document in read.values() if reader in document.readers))
            for reader in sorted(readers, key=lambda reader: order_of.index(Audience(reader.id)))
        ),
        read,
        clauses,
        tuple((topic, own) for topic, own in topics if own),
        posts,
        tuple(
            Cited(framework, tuple(c.id for c in clauses.values() if framework in c.frameworks))
            for framework in frameworks
        ),
        news,
        File(f"downloads/{name}", "zip", size, pack.sha256),
        _file(pack, "starter.yaml", "downloads/starter.yaml"),
        _file(pack, "licence.txt", "downloads/licence.txt"),
        pack.files["licence.txt"].decode(),
    )


def _file(pack: Pack, name: str, path: str) -> File:
    data = pack.files[name]
    return File(path, name.rpartition(".")[2], len(data), sha256(data))


# ------------------------------------------------------------------ documents


def _document(scope: Scope, document: Document, pack: Pack) -> ReadDocument:
    id_ = document.meta.id
    names = (f"documents/{id_}.{format_}" for format_ in ("docx", "html", "md", "txt"))
    return ReadDocument(
        id_,
        document.meta.title,
        tuple(_reader(scope, Audience(audience)) for audience in document.meta.audiences),
        Markup(body_html(replace(document, blocks=_linked(document.blocks)))),
        " ".join(text for _, text in lines(document)),
        tuple(dict.fromkeys(place.mark.id for place in _places(document))),
        tuple(_file(pack, name, name) for name in names if name in pack.files),
    )


def _reader(scope: Scope, audience: Audience) -> Reader:
    every = scope.for_readers((audience,)).audience("every")
    return Reader(audience.value, plain_text(every))


def _words(document: Document) -> Iterator[str]:
    from aupgen.document.walk import lines

    return (text for _, text in lines(document))


def _linked(blocks: Blocks) -> Blocks:
    """The blocks with a link behind each clause to the page about it."""
    return tuple(_linked_block(block) for block in blocks)


def _linked_block(block: Block) -> Block:
    match block:
        case Paragraph(inlines, _, ClauseMark() as mark):
            return replace(block, inlines=_and_link(inlines, mark))
        case BulletList(items) | NumberedList(items):
            return replace(block, items=tuple(map(_linked_item, items)))
        case ListTable(_, rows):
            linked = tuple(
                (name, tuple(tuple(map(_linked_item, cell)) for cell in cells)) for name, cells in rows
            )
            return replace(block, rows=linked)
        case Section():
            return replace(block, blocks=_linked(block.blocks))
        case _:
            return block


def _linked_item(item: ListItem) -> ListItem:
    inlines = _and_link(item.inlines, item.clause) if item.clause else item.inlines
    return replace(item, inlines=inlines, blocks=_linked(item.blocks))


def _and_link(inlines: Inlines, mark: ClauseMark) -> Inlines:
    return (*inlines, Text(" "), Link(f"../clauses/{mark.id}.html", (Text(mark.id),)))


# ------------------------------------------------------------------ clauses


class _Place(Struct, frozen=True):
    """A clause where a document prints it."""

    document: str
    mark: ClauseMark
    inlines: Inlines
    lead_in: str = ""


def _places(document: Document) -> Iterator[_Place]:
    return _places_in(document.blocks, document.meta.id)


def _places_in(blocks: Blocks, document: str) -> Iterator[_Place]:
    lead_in = ""
    for block in blocks:
        match block:
            case Paragraph(inlines, _, ClauseMark() as mark):
                yield _Place(document, mark, inlines)
                lead_in = ""
            case Paragraph(inlines, role):
                lead_in = plain_text(inlines) if role == "lead-in" else ""
            case BulletList(items) | NumberedList(items):
                for item in items:
                    if item.clause:
                        yield _Place(document, item.clause, item.inlines, lead_in)
                    yield from _places_in(item.blocks, document)
                lead_in = ""
            case ListTable(_, rows):
                for name, cells in rows:
                    yield from (
                        _Place(document, item.clause, item.inlines, plain_text(name))
                        for cell in cells
                        for item in cell
                        if item.clause
                    )
            case Section():
                yield from _places_in(block.blocks, document)
            case _:
                lead_in = ""


def _clause(
    scope: Scope,
    id_: str,
    places: Sequence[_Place],
    documents: Mapping[str, ReadDocument],
    posts: Mapping[str, Post],
    frameworks: Iterable[Framework],
) -> ReadClause:
    library, profile = scope.library, scope.profile
    clause = profile.local_clause(id_) or library.clauses[id_]
    worded: dict[tuple[str, str], list[str]] = {}
    for place in places:
        words = inlines_html(_leading_out(place.inlines, place.document))
        there = worded.setdefault((place.lead_in, words), [])
        if place.document not in there:
            there.append(place.document)
    number = places[0].mark.revision
    choice = profile.clause_choices.get(id_)
    text = choice.text if choice else None
    own = (
        [words.wording for words in (*choice.by_reader.values(), *((text,) if text else ()))]
        if choice
        else []
    )
    wordings = (*own, *(() if text else clause.revisions[number - 1].wordings()))
    return ReadClause(
        clause,
        library.topics[clause.topic],
        posts[clause.owner],
        _sentence(places),
        tuple(
            Printed(lead_in, Markup(words), tuple(documents[document] for document in there))
            for (lead_in, words), there in worded.items()
        ),
        tuple(framework for framework in frameworks if framework.id in clause.cites),
        tuple(_asked(scope, clause, wordings)),
        tuple(
            Past("" if revision.since == FIRST_YEAR else str(revision.since), revision, position == number)
            for position, revision in enumerate(clause.revisions, start=1)
        ),
        choice.reason if choice else "",
    )


def _sentence(places: Sequence[_Place]) -> str:
    first = min(places, key=lambda place: bool(place.lead_in))
    return f"{first.lead_in} {plain_text(first.inlines)}".strip()


def _leading_out(inlines: Inlines, document: str) -> Inlines:
    """The inlines with references to sections of their document leading there from elsewhere."""

    def one(inline: Inline) -> Inline:
        match inline:
            case Reference(section, inner):
                return Link(f"../read/{document}.html#{section}", inner)
            case Strong(inner) | Emphasis(inner):
                return replace(inline, inlines=_leading_out(inner, document))
            case _:
                return inline

    return tuple(map(one, inlines))


def _asked(scope: Scope, clause: Clause, wordings: Iterable[Wording]) -> Iterator[Asked]:
    """The values on which the clause depends in these wordings, in the library's order."""
    names = {name for name, _ in clause.when}
    for wording in wordings:
        names.update(name for name, _ in wording.when)
        names.update(slot.name for slot in wording.slots())
    for parameter in scope.library.parameters.values():
        if parameter.name in names:
            setting = scope.profile.setting(parameter.name, clause.id)
            value = setting.value if setting else parameter.default
            answer = _answer(scope, value) if value else ""
            yield Asked(parameter.name, parameter.question, parameter.help, answer, setting is not None)


def _answer(scope: Scope, value: Value) -> str:
    if isinstance(value, RolesValue):
        return ", ".join(scope.title(role) for role in value.roles)
    return value_text(value)


def _posts(scope: Scope, printed: Iterable[str]) -> tuple[Post, ...]:
    """The posts that answer for printed clauses, in the library's order."""
    library, profile = scope.library, scope.profile
    owned: dict[str, list[str]] = {}
    for id_ in printed:
        owned.setdefault((profile.local_clause(id_) or library.clauses[id_]).owner, []).append(id_)
    return tuple(
        Post(role, capital(scope.title(role.id)), tuple(owned[role.id]))
        for role in library.roles.values()
        if role.id in owned
    )
