"""A profile's documents: skeletons, selected clauses and values put together to finished trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.binding.annex import ANNEX, framework_rows, with_frameworks
from aupgen.binding.news import NEWS, News, with_news
from aupgen.binding.numbering import with_numbers
from aupgen.binding.outline import chosen_section, clauses_of, is_issued, skeleton_for
from aupgen.binding.questions import fact_question
from aupgen.binding.requirements import Added, Included, add_required
from aupgen.binding.rewordings import rewording_faults
from aupgen.binding.selection import LeftOut, Selected, select_clauses
from aupgen.binding.values import Missing, Needs, Scope, capital, capitalised
from aupgen.binding.voice import Spoken, lead_in, own_wording, say, spoken
from aupgen.document.tree import (
    Block,
    Blocks,
    BulletList,
    Choices,
    ClauseMark,
    Contents,
    Document,
    Drawing,
    Fields,
    FillIn,
    Inlines,
    LineBreak,
    Link,
    ListItem,
    ListTable,
    Meta,
    NumberedList,
    Paragraph,
    Path,
    Section,
    Slip,
    Table,
    Text,
    Value,
)
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.library.skeleton import (
    RATINGS,
    AppendixGap,
    BlockGap,
    ChoicesGap,
    ContactsGap,
    ContentsGap,
    DrawingGap,
    FieldsGap,
    FrameworksGap,
    IssuedGap,
    ListGap,
    ListTableGap,
    MottosGap,
    NewGap,
    ParagraphGap,
    PathGap,
    RatingsGap,
    SectionGap,
    Skeleton,
    SlipGap,
    TableGap,
)
from aupgen.policy.clause import Clause
from aupgen.policy.parameter import ChoiceValue, Parameter, ParameterType, WordsValue
from aupgen.policy.profile import DocumentChoice, OwnWording, Profile, ProfileKind, SectionChoice, Show
from aupgen.policy.wording import Pieces, Slot
from aupgen.source.diagnostics import Diagnostic, Severity, listing
from aupgen.source.span import Span

_SCHOOL_NAME = Slot("school", "name")
TITLE_BLOCK = "subtitle"
"""The role of the paragraphs under a document's title; an appendix does not repeat them."""


class Bound(Struct, frozen=True):
    """A school's documents in the order of its profile; what each left out, by document id.

    ``included`` is what a document prints because another clause of it requires it, by the document's id.
    ``drawn_on`` are the topics that a document chose its clauses from, or has a heading from: what changes in another one
    leaves it as it is. ``prints`` are the ids of all clauses printed in it, in its appendices too.
    ``used`` are the parameters that decided anything in them; ``missing`` is what they lack, in the order met.
    """

    documents: tuple[Document, ...]
    left_out: tuple[tuple[str, tuple[LeftOut, ...]], ...]
    included: tuple[tuple[str, tuple[Included, ...]], ...] = ()
    drawn_on: tuple[tuple[str, tuple[str, ...]], ...] = ()
    used: frozenset[str] = frozenset()
    missing: tuple[Missing, ...] = ()
    prints: tuple[tuple[str, tuple[str, ...]], ...] = ()


def bind_profile(
    library: Library, profile: Profile, *, draft: bool = False, only: Iterable[str] = ()
) -> tuple[Bound, list[Diagnostic]]:
    """Return the profile's documents, or those named in ``only``, and AUP210 for every value they lack.

    AUP216 and AUP217 for clauses that cannot stand as they do: without another one, or beside it. With ``draft``,
    and in an exemplar, what is lacking is a fill-in and no finding.
    """
    wanted = set(only)
    needs = Needs()
    documents, left_out, drawn_on, prints = [], [], [], []
    added, found = add_required(library, profile, needs, wanted)
    for choice in profile.documents:
        if choice.id not in library.documents or (wanted and choice.id not in wanted):
            continue
        binder = _Binder(library, profile, needs, choice, draft, added)
        documents.append(binder.document())
        found += _retired_and_named(library, profile, choice, documents[-1])
        if not binder.printed:
            message = f"`{choice.id}` prints no clause at all"
            help_ = "`aupgen explain PROFILE:CLAUSE` says why a clause is left out"
            found.append(
                Diagnostic("AUP304", choice.span, message, help_, Severity.WARNING, profile=profile.slug)
            )
        left_out.append((choice.id, tuple(binder.left_out)))
        drawn_on.append((choice.id, tuple(sorted(binder.drawn_on))))
        prints.append((choice.id, tuple(sorted(binder.printed))))
    open_questions_allowed = draft or profile.kind is ProfileKind.EXEMPLAR
    for missing, places in needs.places.items():
        question = question_for(library, profile, missing, places)
        if not open_questions_allowed:
            found.append(question)
        elif missing.fact:  # no fill-in can stand for it: what hangs on it is left out
            found.append(replace(question, severity=Severity.NOTE))
    if not wanted and profile.locked_clauses:
        found += _locked_and_gone(library, profile, documents)
    if not wanted:
        found += rewording_faults(library, profile, documents)
    included = tuple((id_, additions.included) for id_, additions in added.by_document.items())
    used = frozenset(needs.used)
    return (
        Bound(
            tuple(documents),
            tuple(left_out),
            included,
            tuple(drawn_on),
            used,
            tuple(needs.places),
            tuple(prints),
        ),
        found,
    )


def _retired_and_named(
    library: Library, profile: Profile, choice: DocumentChoice, document: Document
) -> Iterator[Diagnostic]:
    """AUP350 for a clause that the profile names in a section and whose last year is over, where the document does not
    print what has taken its place."""
    named = [
        (section.id, id_) for section in _all_chosen(choice.sections or ()) for id_ in section.clauses or ()
    ]
    for section, id_ in named:
        clause = profile.local_clause(id_) or library.clauses[id_]
        if not clause.is_retired_in(profile.policy_year):
            continue
        heirs = [other.id for other in library.clauses.values() if id_ in other.replaces]
        printed = {mark.id for part in sections(document.blocks) for mark, _ in own_clauses(part)}
        if printed.intersection(heirs):
            continue
        message = (
            f"the section `{section}` of `{choice.id}` names `{id_}`, which is retired after {clause.until}"
        )
        help_ = "take it out of `clauses:`, or write in its place what says the same today"
        if heirs:
            taken = "has taken its place" if len(heirs) == 1 else "have taken its place"
            message = f"{message}: {listing(heirs)} {taken}"
            help_ = f"write {listing(heirs)} in its place under `clauses:`"
        yield Diagnostic(
            "AUP350", choice.span, message, help_, Severity.WARNING, clause=id_, profile=profile.slug
        )


def _all_chosen(chosen: Iterable[SectionChoice]) -> Iterator[SectionChoice]:
    """The sections that a profile lists, outer before inner."""
    for section in chosen:
        yield section
        yield from _all_chosen(section.sections or ())


def _locked_and_gone(
    library: Library, profile: Profile, documents: Sequence[Document]
) -> Iterator[Diagnostic]:
    """AUP233 for a clause that a layer above has locked, and that no document prints though its readers have one."""
    printed = {
        mark.id
        for document in documents
        for section in sections(document.blocks)
        for mark, _ in own_clauses(section)
    }
    readers = {audience for document in documents for audience in document.meta.audiences}
    for id_, lock in profile.locked_clauses.items():
        clause = profile.local_clause(id_) or library.clauses.get(id_)
        choice = profile.clause_choices.get(id_)
        if clause is None or id_ in printed or (choice and choice.use is False):
            continue
        if clause.optional and not (choice and choice.use):
            continue
        if not readers & set(clause.audiences) or (clause.nations and profile.nation not in clause.nations):
            continue
        if clause.when or clause.revision_in(profile.policy_year) is None:
            continue
        message = (
            f"no document of {profile.name} prints `{id_}`, which {lock.layer} has locked: {lock.reason}"
        )
        help_ = f"let a section print it: list `{id_}` under its `clauses:`, or print all clauses"
        note = f"locked at {lock.span.path}:{lock.span.line}"
        severity = Severity.ERROR if lock.rule else Severity.WARNING
        yield Diagnostic(
            "AUP233",
            profile.documents[0].span,
            message,
            help_,
            severity,
            (note,),
            clause=id_,
            profile=profile.slug,
        )


def question_for(
    library: Library, profile: Profile, missing: Missing, places: Sequence[str] = ()
) -> Diagnostic:
    """AUP210: the question behind something that is missing, how to answer it, and the places that need it."""
    note = f"needed by {', '.join(places[:4])}" + (f" and {len(places) - 4} more" if len(places) > 4 else "")
    if missing.named:
        title = library.roles[missing.role].title_in(profile.nation)
        message = f"the {title} is to be printed by name, and the name is not given"
        help_ = (
            f"add `{missing.role}:` with `name:` under `contacts:`, or with `show: role` for the post alone"
        )
        return Diagnostic(
            "AUP210", profile.contacts_span, message, help_, notes=(note,), profile=profile.slug
        )
    if missing.role:
        title = library.roles[missing.role].title_in(profile.nation)
        message = f"nobody holds the role `{missing.role}`: who is the {title} here?"
        help_ = f"add `{missing.role}:` under `contacts:`"
        if not library.roles[missing.role].separate:
            help_ += ", or say in `other_roles:` who holds the roles nobody else holds"
        return Diagnostic(
            "AUP210", profile.contacts_span, message, help_, notes=(note,), profile=profile.slug
        )
    if missing.fact:
        message, help_ = fact_question(profile, missing.fact, library.nations)
        return Diagnostic("AUP210", Span(profile.path), message, help_, notes=(note,), profile=profile.slug)
    parameter = library.parameters[missing.parameter]
    name, example = answer_help(parameter).split(" ", 1)
    help_ = f"add {name} under `parameters:`{'' if parameter.choices else ','} {example}"
    if parameter.help:
        help_ += f". {parameter.help}"
    return Diagnostic(
        "AUP210",
        profile.parameters_span,
        f"not answered yet: {parameter.question}",
        help_,
        notes=(note,),
        profile=profile.slug,
    )


def answer_help(parameter: Parameter) -> str:
    """What a profile says under ``parameters:`` to answer a question."""
    if parameter.choices:
        return f"`{parameter.name}:` with one of {listing(parameter.choices, 20)}"
    return f"`{parameter.name}:` {_EXAMPLES[parameter.type]}"


_EXAMPLES = {
    ParameterType.TEXT: "followed by a short text",
    ParameterType.ROLES: "with a role or a list of roles, such as `[headteacher, governing-board]`",
    ParameterType.HOURS: "with the lines `from: 8:30` and `to: 15:30` indented under it",
    ParameterType.DURATION: "such as `24 hours` or `2 weeks`",
    ParameterType.NUMBER: "followed by a whole number",
    ParameterType.CHOICE: "with one of its choices",
    ParameterType.WORDS: "with a list, one item a line, each starting with `- `",
    ParameterType.FLAG: "with `true` or `false`",
}


class _Binder(Struct):
    """Builds one document. Anchors are unique in it, its appendices included."""

    library: Library
    profile: Profile
    needs: Needs
    choice: DocumentChoice
    draft: bool
    added: Added
    left_out: list[LeftOut] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    printed: set[str] = field(default_factory=set)
    cited: set[str] = field(default_factory=set)
    drawn_on: set[str] = field(default_factory=set)
    has_annex: bool = False
    has_news: bool = False
    news: News = field(default_factory=News)

    def document(self) -> Document:
        skeleton = skeleton_for(self.library.documents[self.choice.id], self.choice)
        issued = {choice.id for choice in self.profile.documents}
        numbers = {
            id_: n for n, id_ in enumerate((id_ for id_ in skeleton.appendices() if id_ in issued), start=1)
        }
        scope = Scope(
            self.library,
            self.profile,
            self.needs,
            skeleton,
            skeleton.voice,
            numbers,
            self.choice.addressed_as,
        )
        # also in a section that is not printed: whether a clause is retired is asked of it all the same
        named = (id_ for section in _all_chosen(self.choice.sections or ()) for id_ in section.clauses or ())
        self.drawn_on.update(self._clause(id_).topic for id_ in named)
        title = self._title(skeleton, scope, self.choice)
        blocks = tuple(self._blocks(skeleton.blocks, scope, 2, self.choice.sections))
        if self.has_annex:
            blocks = with_frameworks(blocks, framework_rows(self.cited, scope))
        if self.has_news:
            blocks = with_news(blocks, self.news.told_in(self.profile.policy_year))
        if skeleton.is_numbered:
            blocks = with_numbers(blocks, scope)
        return Document(self._meta(skeleton, scope, plain_text(title)), title, blocks)

    def _title(self, skeleton: Skeleton, scope: Scope, choice: DocumentChoice | None) -> Inlines:
        if choice and choice.title:
            return (Value(choice.title, "documents"),)
        return scope.fill(skeleton.title)

    def _meta(self, skeleton: Skeleton, scope: Scope, title: str) -> Meta:
        profile = self.profile
        status = scope.words_for(Slot("approval")) if skeleton.is_approved or scope.is_exemplar else ()
        return Meta(
            id=skeleton.id,
            title=title,
            school=profile.name,
            language=self.library.language.tag,
            policy_year=str(profile.policy_year),
            edition=str(profile.edition.number),
            date=profile.edition.date,
            status=plain_text(status),
            running=plain_text(
                scope.phrase("running", approval=status) if status else scope.phrase("running_edition")
            ),
            audiences=tuple(skeleton.audiences),
            draft=plain_text(scope.phrase("draft")) if self.draft else "",
            is_large=skeleton.is_large,
            school_fill_in=next((i for i in scope.words_for(_SCHOOL_NAME) if isinstance(i, FillIn)), None),
            is_plain=skeleton.is_plain,
        )

    # -------------------------------------------------------------- blocks

    def _blocks(
        self,
        gaps: Iterable[BlockGap],
        scope: Scope,
        level: int,
        chosen: tuple[SectionChoice, ...] | None = None,
    ) -> Iterator[Block]:
        """Yield the blocks of some gaps. Sections chosen by the profile stand where the first section stood."""
        for gap in gaps:
            match gap:
                case SectionGap():
                    if chosen is None:
                        yield from self._section(gap, scope, level, None)
                    else:
                        yield from self._chosen_sections(chosen, scope, level)
                        chosen = ()
                case ParagraphGap(pieces, role):
                    yield Paragraph(scope.fill(pieces), role)
                case ListGap():
                    yield self._list(gap, scope, level)
                case TableGap(header, rows):
                    filled = (tuple(scope.fill(cell) for cell in row) for row in (header, *rows))
                    first, *rest = filled
                    yield Table(first, tuple(rest))
                case ListTableGap():
                    yield from self._list_table(gap, scope)
                case ContentsGap(title):
                    yield Contents(scope.fill(title), ())  # its entries wait for the sections further on
                case RatingsGap(header, uses):
                    ratings = tuple(
                        (scope.fill(use), *(self._rating(rating, scope) for rating in row))
                        for use, row in uses
                    )
                    yield Table(_headings(header, scope), ratings, "ratings")
                case PathGap():
                    yield self._path(gap, scope)
                case ContactsGap():
                    table = self._contacts(gap, scope)
                    if table.rows:
                        yield table
                case FieldsGap(labels):
                    yield Fields(tuple(scope.fill(label) for label in labels))
                case ChoicesGap():
                    choices = self._choices(gap, scope)
                    if choices.rows:
                        yield choices
                case SlipGap(cut, title, inside, edition):
                    blocks = tuple(self._blocks(inside, scope, level))
                    yield Slip(scope.fill(cut), level, scope.fill(title), blocks, scope.fill(edition))
                case DrawingGap(caption):
                    yield Drawing(scope.fill(caption))
                case MottosGap():
                    for motto in self.profile.mottos:
                        yield Paragraph((Value(motto, "mottos"),), "motto")
                case FrameworksGap(header):
                    self.has_annex = True  # its rows wait for the clauses that stand further on
                    yield Table(tuple(scope.fill(cell) for cell in header), (), ANNEX)
                case NewGap(header):
                    self.has_news = True  # as above
                    yield Table(tuple(scope.fill(cell) for cell in header), (), NEWS)
                case AppendixGap(document):
                    if document in scope.appendices:
                        yield self._appendix(document, scope, level)
                case IssuedGap(documents, inside, when_issued):
                    if any(is_issued(document, scope) for document in documents) is when_issued:
                        # Where the profile lists its sections, those inside stand in that list or nowhere.
                        listed = chosen is not None
                        kept = (part for part in inside if not (listed and isinstance(part, SectionGap)))
                        yield from self._blocks(kept, scope, level)
                case _:
                    assert_never(gap)

    def _choices(self, gap: ChoicesGap, scope: Scope) -> Choices:
        """The questions of the template, then one for each item the school names."""
        rows = [scope.fill(row) for row in gap.rows]
        own = scope.setting(gap.each) if gap.each else None
        if isinstance(own, WordsValue):
            rows += [(Value(item, gap.each),) for item in own.items]
        header = tuple(scope.fill(cell) for cell in gap.header)
        return Choices(header, tuple(rows), self._anchor("choices"))

    def _chosen_sections(
        self, chosen: tuple[SectionChoice, ...], scope: Scope, level: int
    ) -> Iterator[Section]:
        known = scope.document.sections()
        for choice in chosen:
            yield from self._section(chosen_section(known.get(choice.id), choice), scope, level, choice)

    def _list(self, gap: ListGap, scope: Scope, level: int) -> BulletList | NumberedList:
        items = tuple(
            ListItem(scope.fill(pieces), None, tuple(self._blocks(inner, scope, level)))
            for pieces, inner in gap.items
        )
        return BulletList(items) if gap.start is None else NumberedList(items, gap.start)

    def _section(
        self, gap: SectionGap, scope: Scope, level: int, choice: SectionChoice | None
    ) -> Iterator[Section]:
        """Yield the section, or nothing where its condition does not hold or nothing is left to stand in it."""
        if not scope.holds(gap.when):
            return
        scope = scope.for_readers(gap.audiences).speaking(gap.voice or scope.voice)
        essential_only = scope.document.essential_only
        if choice and choice.essential_only is not None:
            essential_only = choice.essential_only
        selected, left = select_clauses(gap.topics, gap.clauses, scope, essential_only=essential_only)
        self.left_out += left
        self.drawn_on.update(gap.topics, (self._clause(id_).topic for id_ in gap.clauses))
        selected = self.added.completed(selected, gap, scope)
        own = tuple(self._clauses(selected, gap, scope))
        if choice and choice.sections is not None:
            inner = tuple(self._chosen_sections(choice.sections, scope, level + 1))
        else:
            inner = tuple(
                section for part in gap.sections for section in self._section(part, scope, level + 1, None)
            )
        intro = tuple(self._blocks(gap.intro, scope, level))
        expects_clauses = bool(gap.topics or gap.clauses or gap.sections or (choice and choice.sections))
        if not own and not inner and (expects_clauses or not intro):
            return
        if choice and choice.extension_point and scope.is_exemplar:
            own = (*own, Paragraph(scope.phrase("extension_point"), "small"))
        title = () if choice and not choice.heading else self._section_title(gap, choice, scope)
        voice = scope.voice.value if selected else ""
        yield Section(self._anchor(gap.id), level, title, (*intro, *own, *inner), voice)

    def _section_title(self, gap: SectionGap, choice: SectionChoice | None, scope: Scope) -> Inlines:
        if choice and choice.title:
            return (Value(choice.title, "documents"),)
        if gap.title is not None:
            return capitalised(scope.fill(gap.title))
        topics = gap.topics
        if not topics and (template := scope.document.sections().get(gap.id)):
            topics = template.topics  # the profile prints none of them and gives no other title
        self.drawn_on.update(topics[:1])
        return (Text(self.library.topics[topics[0]].title),) if topics else ()

    def _clauses(self, selected: tuple[Selected, ...], gap: SectionGap, scope: Scope) -> Iterator[Block]:
        """Yield a section's clauses: sentences before the list, the list under its lead-in, sentences after."""
        table = self.library.language.voices[scope.voice]
        if table.lead_ins:
            yield from self._lists_by_kind(selected, gap, scope)
            return
        before: list[ListItem] = []
        items: list[ListItem] = []
        after: list[ListItem] = []
        for s in selected:
            inside = scope.in_clause(s.clause.id)
            spoken = self._spoken(s, inside)
            said = ListItem(self._open_choice(s, inside) or say(spoken, inside), self._mark(s, gap, scope))
            self.news.note(s, said.inlines, spoken.is_item, inside)
            if spoken.is_item:
                items.append(said)
            else:
                (after if items else before).append(said)
        if table.bulleted and not table.items and before:
            yield BulletList(tuple(before))
            return
        yield from (Paragraph(said.inlines, "", said.clause) for said in before)
        if items:
            lead_in = table.lead_in if gap.lead_in is None else gap.lead_in
            if lead_in:
                yield Paragraph(scope.fill(lead_in), "lead-in")
            yield BulletList(tuple(items))
        yield from (Paragraph(said.inlines, "", said.clause) for said in after)

    def _lists_by_kind(
        self, selected: tuple[Selected, ...], gap: SectionGap, scope: Scope
    ) -> Iterator[Block]:
        """Yield a section's clauses in a voice that makes a list of each kind, its readers or its owner apart.

        Numbers run on from list to list, so that a number names one clause of the section. The section's own
        lead-in stands before its first list.
        """
        before: list[Paragraph] = []
        after: list[Paragraph] = []
        lists: dict[Inlines, list[ListItem]] = {}
        for s in selected:
            inside = scope.in_clause(s.clause.id)
            spoken = self._spoken(s, inside)
            said, mark = say(spoken, inside), self._mark(s, gap, scope)
            if not spoken.is_item:
                (after if lists else before).append(Paragraph(said, "", mark))
                continue
            line = lead_in(s.clause.kind, spoken, s.clause.owner, scope)
            lists.setdefault(line, []).append(ListItem(said, mark))
        if lists and gap.lead_in is not None:
            first = next(iter(lists))
            lists = {scope.fill(gap.lead_in): lists.pop(first), **lists}
        yield from before
        number = 1
        for line, items in lists.items():
            if line:
                yield Paragraph(line, "lead-in")
            yield NumberedList(tuple(items), number)
            number += len(items)
        yield from after

    def _list_table(self, gap: ListTableGap, scope: Scope) -> Iterator[ListTable]:
        """The table without the clauses that are left out; nothing where that is all of them.

        Rows of one name are one row: somebody may hold two posts.
        """
        section = clauses_of(gap)
        rows: dict[Inlines, tuple[tuple[ListItem, ...], ...]] = {}
        for name, cells in gap.rows:
            shown = capitalised(scope.fill(name))
            before = rows.get(shown, ((),) * len(cells))
            lists = tuple(
                (*b, *self._cell(cell, section, scope)) for b, cell in zip(before, cells, strict=True)
            )
            if any(lists):
                rows[shown] = lists
        if rows:
            yield ListTable(_headings(gap.header, scope), tuple(rows.items()), gap.id)

    def _cell(self, ids: tuple[str, ...], section: SectionGap, scope: Scope) -> tuple[ListItem, ...]:
        self.drawn_on.update(self._clause(id_).topic for id_ in ids)
        selected, left = select_clauses((), ids, scope, essential_only=False)
        self.left_out += left
        items = []
        for s in self.added.completed(selected, section, scope):
            inside = scope.in_clause(s.clause.id)
            items.append(ListItem(say(self._spoken(s, inside), inside), self._mark(s, section, scope)))
        return tuple(items)

    def _rating(self, rating: str, scope: Scope) -> Inlines:
        """How far a use may go, in words; a parameter chooses where the library leaves it to the school."""
        if rating in RATINGS:
            return scope.phrase(_rating_phrase(rating))
        chosen = scope.setting(rating)
        if not isinstance(chosen, ChoiceValue):
            return scope.words_for(Slot(rating))  # asks for it
        return (Value(plain_text(scope.phrase(_rating_phrase(chosen.choice))), rating),)

    def _path(self, gap: PathGap, scope: Scope) -> Path:
        branches = tuple(
            (
                capitalised(scope.fill(what)),
                (*scope.fill(then), Text(" "), *scope.role(role)) if role else scope.fill(then),
            )
            for what, then, role in gap.rows
        )
        end = tuple(scope.fill(text) for text in gap.end)
        return Path(scope.fill(gap.caption), scope.fill(gap.start), branches, end)

    def _spoken(self, selected: Selected, scope: Scope) -> Spoken:
        """What the voice says: the school's own wording, else the first whose condition holds."""
        if own := self._own_wording(selected, scope):
            language, audiences = self.library.language, scope.document.audiences
            return spoken(selected.clause, own.wording, language, audiences, scope.voice)
        for when, said in selected.wordings:
            if not when or scope.holds(when):
                return said
        raise AssertionError(f"no wording of {selected.clause.id} always holds")

    def _open_choice(self, selected: Selected, scope: Scope) -> Inlines:
        """A fill-in with the words of every answer, where the clause hangs on a choice that is still to be made.

        () where it hangs on none, or is made: by the profile, or, but in an exemplar, by the library's default.
        """
        if not (self.draft or scope.is_exemplar) or self._own_wording(selected, scope):
            return ()
        name = next((name for when, _ in selected.wordings for name, _ in when if scope.is_open(name)), "")
        if not name:
            return ()
        parameter = self.library.parameters[name]
        answers = tuple(
            (answer, plain_text(say(spoken, scope)).replace("[[", "(").replace("]]", ")"))
            for answer in parameter.choices
            for spoken in [_worded_for(answer, name, selected, scope)]
        )
        if len({words for _, words in answers}) < len(answers):
            return ()  # two answers in the same words are no choice of words
        joined = tuple(Text(" / " * bool(n) + words) for n, (_, words) in enumerate(answers))
        label = scope.phrase("choose_one", what=(Text(parameter.label),), answers=joined)
        return (FillIn(plain_text(label), name, answers, parameter.label),)

    def _own_wording(self, selected: Selected, scope: Scope) -> OwnWording | None:
        choice = self.profile.clause_choices.get(selected.clause.id)
        if choice is None:
            return None
        return own_wording(selected.clause, selected.revision, choice, scope.document.audiences)

    def _mark(self, selected: Selected, gap: SectionGap, scope: Scope) -> ClauseMark:
        """What a clause is printed as: its layer is who gave it its words here."""
        clause = selected.clause
        self.printed.add(clause.id)
        self.cited.update(clause.cites)
        self.drawn_on.add(clause.topic)
        for link in clause.requires:
            self.drawn_on.add(self.library.clauses[link.clause].topic)
        anchor = self._anchor(f"{gap.id}-{clause.id}")
        own = self._own_wording(selected, scope)
        return ClauseMark(clause.id, selected.number, own.layer if own else clause.layer, anchor)

    def _clause(self, id_: str) -> Clause:
        return self.profile.local_clause(id_) or self.library.clauses[id_]

    def _contacts(self, gap: ContactsGap, scope: Scope) -> Table:
        rows = [self._contact_row(what, role, scope) for what, role in gap.rows]
        for what, role in gap.known:
            _, contact = scope.holder(role)
            if contact and (contact.phone or contact.email):
                rows.append(self._contact_row(what, role, scope))
        header = tuple(scope.fill(cell) for cell in gap.header)
        return Table(header, tuple(rows), "contacts")

    def _contact_row(self, what: Pieces, role: str, scope: Scope) -> tuple[Inlines, ...]:
        held, contact = scope.holder(role)
        title = scope.title(role if role in self.profile.contacts else held)
        source = f"contacts.{held}"
        if contact is None:
            self.needs.ask(Missing(role=role), scope.place)
            return scope.fill(what), (FillIn(title, source),), scope.phrase("in_person")
        named = contact.show is Show.NAME
        who = scope.person(held, contact, title, source) if named else (Value(capital(title), source),)
        how: list[Inlines] = [(Value(contact.phone, source),)] if contact.phone else []
        if contact.email:
            how.append((Link(f"mailto:{contact.email}", (Value(contact.email, source),)),))
        return scope.fill(what), who, _lines(how) or scope.phrase("in_person")

    def _appendix(self, document: str, scope: Scope, level: int) -> Section:
        own = next(choice for choice in self.profile.documents if choice.id == document)
        skeleton = skeleton_for(self.library.documents[document], own)
        inside = scope.in_document(skeleton, own.addressed_as)
        number = scope.appendices[document]
        title = scope.phrase(
            "appendix", number=(Text(str(number)),), title=self._title(skeleton, inside, own)
        )
        gaps = [
            gap for gap in skeleton.blocks if not (isinstance(gap, ParagraphGap) and gap.role == TITLE_BLOCK)
        ]
        outer, self.news = self.news, News()
        blocks: Blocks = tuple(self._blocks(gaps, inside, level + 1, own.sections))
        blocks = with_news(blocks, self.news.told_in(self.profile.policy_year))
        self.news = outer
        return Section(self._anchor(document), level, title, blocks, "", number)

    def _anchor(self, name: str) -> str:
        """An anchor for a section or a clause, whose ids are kebab-case already."""
        anchor, count = name, 1
        while anchor in self.anchors:
            count += 1
            anchor = f"{name}-{count}"
        self.anchors.add(anchor)
        return anchor


def _rating_phrase(rating: str) -> str:
    return f"rating_{rating.replace('-', '_')}"


def _headings(header: tuple[Pieces, ...], scope: Scope) -> tuple[Inlines, ...]:
    return tuple(capitalised(scope.fill(cell)) for cell in header)


def _worded_for(answer: str, name: str, selected: Selected, scope: Scope) -> Spoken:
    """What the voice says where a choice is made in one way."""
    return next(
        spoken
        for when, spoken in selected.wordings
        if all(
            answer in values if tested == name else scope.holds(((tested, values),))
            for tested, values in when
        )
    )


def _lines(parts: list[Inlines]) -> Inlines:
    out: list[object] = []
    for part in parts:
        out += [LineBreak(), *part] if out else part
    return tuple(out)  # type: ignore[arg-type]
