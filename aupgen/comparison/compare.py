"""Two bound editions in; what changed between them out.

The law: every line that differs is in the places of at least one change, and one thing that changed is one
change, in however many lines it shows. Clauses are held against each other by id and by what `replaces` says,
never by likeness of words. Not a change: the policy year, the edition's number and date, and the line that says
whether it is approved, for they are what is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.comparison.changes import Change, Comparison, Place
from aupgen.comparison.edition import Edition
from aupgen.comparison.pairing import Pair, out_of_order, own_words, pair_lines, words_of
from aupgen.comparison.rule import consequence
from aupgen.comparison.signing import signed_in
from aupgen.document.leaves import looks, pieces, values_in
from aupgen.document.tree import ClauseMark, Document, Inlines, Section
from aupgen.document.walk import Passage, own_clauses, passages, sections
from aupgen.policy.change import ChangeKind, Consequence
from aupgen.policy.clause import Revision
from aupgen.policy.parameter import RolesValue
from aupgen.policy.terms import Change as Extent

_THE_EDITION = frozenset({"policy_year", "edition"})
_CONTACT = "contacts."
_APPROVER = "approver"
_TITLES = "documents"  # where a profile gives titles of documents and sections: each is a thing of its own

Cause = tuple[ChangeKind, str, str]
"""Kind, the clause it is about ("" for none), and what else tells it from others: a parameter, a section, a text."""


class _Draft(Struct):
    """A change that is being gathered: its places, and whom each concerns."""

    places: list[Place] = field(default_factory=list)
    audiences: dict[str, list[str]] = field(default_factory=dict)  # by document

    def add(self, place: Place, audiences: tuple[str, ...]) -> None:
        if place not in self.places:
            self.places.append(place)
        there = self.audiences.setdefault(place.document, [])
        there += [audience for audience in audiences if audience not in there]


def compare(old: Edition | None, new: Edition, *, against: str = "") -> Comparison:
    """Return what changed from one edition to another; ``old`` None: everything is new.

    ``against`` names the old side where it is not an earlier year of the same profile.
    """
    return _Comparer(old, new).comparison(against)


class _Comparer:
    def __init__(self, old: Edition | None, new: Edition) -> None:
        self.old, self.new = old or new, new
        self.first = old is None
        self.before = {} if old is None else old.documents
        self.after = new.documents
        self.signed = {
            id_: {a for a in document.meta.audiences if signed_in(self.after, id_, a)}
            for id_, document in self.after.items()
        }
        self.drafts: dict[Cause, _Draft] = {}
        self.replaced: dict[str, tuple[str, ...]] = {}  # by the clause that took the place
        self.given_today = {} if old is None else old.given_today
        self.by_print = False  # whether the line in hand is one of which only what it prints is known
        self.contacts_apart = False
        self.unknown: set[str] = set()  # clauses of which there was such a line
        self.printed: dict[Cause, tuple[list[str], list[str]]] = {}  # what such lines print of a value

    def comparison(self, against: str) -> Comparison:
        for id_, document in self.after.items():
            if id_ not in self.before:
                self._whole(document, None, document.meta.title)
            elif self.before[id_].meta.language != document.meta.language:
                self._whole(document, self.before[id_].meta.language, document.meta.language)
            else:
                self._document(self.before[id_], document)
        for id_, document in self.before.items():
            if id_ not in self.after:
                self._whole(document, document.meta.title, None)
        titles = {**({} if self.first else self.old.titles()), **self.new.titles()}
        approvals = (() if self.first else self.old.approvals, self.new.approvals)
        if not any(approval.recorded for side in approvals for approval in side):
            approvals = ((), ())
        return Comparison(
            self.new.profile.slug,
            self.new.profile.name,
            "" if self.first else self.old.profile.name,
            None if self.first else str(self.old.profile.policy_year),
            str(self.new.profile.policy_year),
            tuple(titles.items()),
            tuple(self._change(cause, draft) for cause, draft in self.drafts.items()),
            against,
            bool(self.old.kept),
            *approvals,
        )

    # -------------------------------------------------------------- finding what differs

    def _whole(self, document: Document, old: str | None, new: str | None) -> None:
        id_ = document.meta.id
        place = Place(id_, "", "", "", old, new)
        self._draft((ChangeKind.DOCUMENT, "", id_)).add(place, document.meta.audiences)

    def _document(self, old: Document, new: Document) -> None:
        own = self.before.keys() | self.after.keys()
        self._approver(old, new)
        self._audiences(old, new)
        self._sections_moved(old, new, own)
        ids = [{section.id for section in sections(side.blocks)} for side in (old, new)]
        gone, come = ids[0] - ids[1], ids[1] - ids[0]
        alike: set[str] = set()
        if self.old.library is self.new.library:  # else a clause may have changed where its words have not
            old, new, alike = _without_alike(old, new)
        pairs = pair_lines(old, new, own)
        moved = self._clauses_moved(pairs)
        stay = alike | {p.clause for p in pairs if p.old and p.new}
        stay |= {p.clause for p in pairs if p.old} & {p.clause for p in pairs if p.new}
        removed = {p.clause for p in pairs if p.clause and p.new is None} - stay
        added = {p.clause for p in pairs if p.clause and p.old is None} - stay
        taken = self._replacements(added, removed)
        for pair in pairs:
            if pair.clause and pair.clause in moved and pair.old and pair.new:
                self._note((ChangeKind.MOVED, pair.clause, ""), pair, new)
            if not pair.differs or self._is_the_edition(pair, old, new):
                continue
            self._look_at(pair, old)
            if pair.clause in taken and pair.new is None:
                for successor in taken[pair.clause]:
                    self._note((ChangeKind.REWORDED, successor, ""), pair, new)
            elif pair.clause:
                for cause in self._causes_in_clause(pair, old, new, added, removed):
                    self._note(cause, pair, new)
            else:
                for cause in self._causes_elsewhere(pair, gone, come):
                    self._note(cause, pair, new)
        for clause in {p.clause for p in pairs if p.clause} - added - removed:
            before, after = self.old.clause(clause), self.new.clause(clause)
            if before is None or after is None or before is after:
                continue
            kinds = {
                ChangeKind.OWNER: before.owner != after.owner,
                ChangeKind.AUDIENCE: before.audiences != after.audiences,
            }
            for kind in (kind for kind, differs in kinds.items() if differs):
                line = next(pair for pair in pairs if pair.clause == clause)
                self._note((kind, clause, ""), line, new)

    def _approver(self, old: Document, new: Document) -> None:
        """Another body approves: told here, for it stands in the line that says whether the edition is approved."""
        if self.old.profile.approver != self.new.profile.approver and old.meta.status != new.meta.status:
            place = Place(new.meta.id, "", "", "", old.meta.status, new.meta.status)
            self._draft((ChangeKind.PARAMETER, "", _APPROVER)).add(place, new.meta.audiences)

    def _audiences(self, old: Document, new: Document) -> None:
        if old.meta.audiences != new.meta.audiences:
            both = tuple(dict.fromkeys((*old.meta.audiences, *new.meta.audiences)))
            place = Place(
                new.meta.id, "", "", "", ", ".join(old.meta.audiences), ", ".join(new.meta.audiences)
            )
            self._draft((ChangeKind.AUDIENCE, "", new.meta.id)).add(place, both)

    def _sections_moved(self, old: Document, new: Document, own: Collection[str]) -> None:
        """A section that stands elsewhere among its neighbours is one change, not one for each of its lines.

        Those of an appendix that is compared by itself are told of there.
        """
        old_sections, new_sections = (list(sections(side.blocks, own)) for side in (old, new))
        for level in {section.level for section in new_sections}:
            before = [s.id for s in old_sections if s.level == level]
            headings = {s.id: s for s in new_sections if s.level == level}
            for id_ in headings:
                if id_ in out_of_order(before, list(headings)):
                    section = headings[id_]
                    title = words_of(Passage("h", section.title)) or id_
                    place = Place(new.meta.id, id_, title, "", title, title)
                    self._draft((ChangeKind.STRUCTURE, "", f"order:{id_}")).add(place, new.meta.audiences)

    def _clauses_moved(self, pairs: list[Pair]) -> set[str]:
        """Clauses that stand in another section, or elsewhere among those of their own."""
        moved = {p.clause for p in pairs if p.clause and p.old and p.new and p.old.section != p.new.section}
        before: dict[str, list[str]] = defaultdict(list)
        after: dict[str, list[str]] = defaultdict(list)
        stayed = [
            pair for pair in pairs if pair.clause and pair.old and pair.new and pair.clause not in moved
        ]
        for pair in stayed:
            if pair.new:
                after[pair.new.section].append(pair.clause)
        for pair in sorted(stayed, key=lambda pair: pair.at):
            if pair.old:
                before[pair.old.section].append(pair.clause)
        for section, clauses in after.items():
            moved |= {str(clause) for clause in out_of_order(before[section], clauses)}
        return moved

    def _replacements(self, added: set[str], removed: set[str]) -> dict[str, tuple[str, ...]]:
        """The clauses that are gone because others took their place, with those: a split or merged clause."""
        taken: dict[str, tuple[str, ...]] = {}
        for id_ in added:
            clause = self.new.clause(id_)
            gone = tuple(old for old in clause.replaces if old in removed) if clause else ()
            if gone:
                self.replaced[id_] = gone
            for old in gone:
                taken[old] = (*taken.get(old, ()), id_)
        return taken

    def _is_the_edition(self, pair: Pair, old: Document, new: Document) -> bool:
        """Whether nothing differs but the policy year, the edition's number and date, and its approval."""
        if pair.old is None or pair.new is None or pair.clause or pair.old.what != pair.new.what:
            return False
        return _beside_the_edition(pair.old.inlines, old) == _beside_the_edition(pair.new.inlines, new)

    # -------------------------------------------------------------- why a line differs

    def _look_at(self, pair: Pair, old: Document) -> None:
        """Note of the old line whether profile and library still give it, or only an approval record has it."""
        today = self.given_today.get(old.meta.id)
        self.by_print = pair.old is not None and today is not None and looks(pair.old.inlines) not in today
        self.contacts_apart = old.meta.id in self.old.contacts_apart

    def _causes_in_clause(
        self, pair: Pair, old: Document, new: Document, added: set[str], removed: set[str]
    ) -> Iterator[Cause]:
        clause = pair.clause
        if pair.old is None or pair.new is None:
            yield self._cause_of_new_line(pair, added, removed)
            return
        before, after = self.old.clause(clause), self.new.clause(clause)
        causes = list(self._value_causes(pair.old.inlines, pair.new.inlines, clause))
        if self._same_own_words(pair.old.inlines, pair.new.inlines) and pair.old.what == pair.new.what:
            yield from causes or [(ChangeKind.STRUCTURE, clause, "wording")]
        elif self._is_reworded(pair.old.clause, pair.new.clause):
            if self.by_print:
                self.unknown.add(clause)
            yield (ChangeKind.REWORDED, clause, "")
            yield from causes
        elif before and after and before.owner != after.owner:
            yield from causes  # the owner's change is noted for the clause
            yield (ChangeKind.OWNER, clause, "")
        elif old.meta.audiences != new.meta.audiences:
            yield from causes or [(ChangeKind.AUDIENCE, "", new.meta.id)]
        else:
            names = sorted(after.parameter_names()) if after else ()
            causes += [c for n in names if (c := self._parameter_cause(n, clause)) and c not in causes]
            for source in (*values_in(pair.old.inlines), *values_in(pair.new.inlines)):
                cause = self._one_sided_cause(source, clause)
                if cause and cause not in causes:
                    causes.append(cause)
            if not causes and self.old.profile.vocabulary != self.new.profile.vocabulary:
                causes.append((ChangeKind.STRUCTURE, "", "vocabulary"))
            yield from causes or [(ChangeKind.STRUCTURE, clause, "wording")]

    def _cause_of_new_line(self, pair: Pair, added: set[str], removed: set[str]) -> Cause:
        """A clause that is new in a document, gone from it, or printed there once more or less than before."""
        clause = pair.clause
        if clause in self.replaced and pair.old is None:
            return (ChangeKind.REWORDED, clause, "")
        before, after = self.old.clause(clause), self.new.clause(clause)
        if before and after and before.audiences != after.audiences:
            return (ChangeKind.AUDIENCE, clause, "")
        if clause in added:
            return (ChangeKind.ADDED, clause, "")
        if clause in removed:
            return (ChangeKind.REMOVED, clause, "")
        return (ChangeKind.MOVED, clause, "")

    def _causes_elsewhere(self, pair: Pair, gone: set[str], come: set[str]) -> Iterator[Cause]:
        """Why a line that is no clause differs."""
        old, new = pair.old, pair.new
        if (old is None or new is None) and (side := new or old) and side.section in (gone | come):
            yield (ChangeKind.STRUCTURE, "", f"section:{side.section}")
            return
        if old and new:
            causes = [
                self._text_cause(pair) if cause[2] == _TITLES else cause
                for cause in self._value_causes(old.inlines, new.inlines, "")
            ]
            if self._same_own_words(old.inlines, new.inlines) and old.what == new.what:
                yield from causes or [self._text_cause(pair)]
                return
        else:
            causes = []
        sides = [side.inlines for side in (old, new) if side]
        told = [
            cause
            for side in sides
            for source in values_in(side)
            if (cause := self._one_sided_cause(source, ""))
        ]
        if told and any(not _letters(side) for side in sides):
            yield from dict.fromkeys([*causes, *told])
            return
        in_words = any(source == "vocabulary" for side in sides for source in values_in(side))
        if in_words and self.old.profile.vocabulary != self.new.profile.vocabulary:
            yield (ChangeKind.STRUCTURE, "", "vocabulary")
        else:
            yield self._text_cause(pair)
        yield from causes

    def _text_cause(self, pair: Pair) -> Cause:
        side = pair.new or pair.old
        assert side
        if side.what in ("cell", "header"):
            return (ChangeKind.STRUCTURE, "", f"table:{side.section}")
        return (ChangeKind.STRUCTURE, "", f"text:{words_of(pair.old)}→{words_of(pair.new)}")

    def _same_own_words(self, old: Inlines, new: Inlines) -> bool:
        articles = tuple(filter(None, self.new.library.language.articles.values()))
        return "".join(own_words(old, articles)) == "".join(own_words(new, articles))

    def _is_reworded(self, old: ClauseMark | None, new: ClauseMark | None) -> bool:
        """Whether somebody wrote other words for the clause here: the library in a revision, or a layer."""
        if self.by_print and not self.contacts_apart:
            return True  # or an answer picked other words: either way they are other words than were approved
        own = [self.old.words_behind(old), self.new.words_behind(new)]
        if own[0] != own[1]:
            return True
        if own[1] or new is None:
            return False
        before, after = self.old.revision(new.id), self.new.revision(new.id)
        return before is not None and after is not None and _words(before) != _words(after)

    def _value_causes(self, old: Inlines, new: Inlines, clause: str) -> Iterator[Cause]:
        """The values that print differently on both sides, each with what is behind it."""
        before, after = values_in(old), values_in(new)
        for source, words in after.items():
            if source in before and before[source] != words and source not in _THE_EDITION:
                causes = list(self._value_cause(source, clause))
                if self.by_print:
                    for cause in causes:
                        self._note_printed(cause, before[source], words)
                yield from causes

    def _note_printed(self, cause: Cause, old: tuple[str, ...], new: tuple[str, ...]) -> None:
        for known, words in zip(self.printed.setdefault(cause, ([], [])), (old, new), strict=True):
            known += [word for word in words if word not in known]

    def _value_cause(self, source: str, clause: str) -> Iterator[Cause]:
        if source.startswith(_CONTACT) or source == _APPROVER:
            yield self._plain_cause(source)
        elif source in self.new.library.parameters or source in self.old.library.parameters:
            if cause := self._parameter_cause(source, clause):
                yield cause
                return
            value = self.new.value(source, clause)
            roles = value.roles if isinstance(value, RolesValue) else ()
            if self.by_print and not self.contacts_apart:
                yield (ChangeKind.PARAMETER, clause if self._is_its_own(source, clause) else "", source)
                return
            changed = [r for r in roles if self.by_print or self.old.contact(r) != self.new.contact(r)]
            yield from ((ChangeKind.CONTACT, "", f"{_CONTACT}{role}") for role in changed)
            if not changed:
                yield (ChangeKind.STRUCTURE, "", f"value:{source}")
        else:
            yield (ChangeKind.STRUCTURE, "", source)

    def _plain_cause(self, source: str) -> Cause:
        if source == _APPROVER:
            return (ChangeKind.PARAMETER, "", _APPROVER)
        return (ChangeKind.CONTACT, "", source)

    def _parameter_cause(self, name: str, clause: str) -> Cause | None:
        """The parameter as a cause, where its value differs: of this clause alone where a layer set it for it."""
        if name not in self.new.library.parameters or self.old.value(name, clause) == self.new.value(
            name, clause
        ):
            return None
        return (ChangeKind.PARAMETER, clause if self._is_its_own(name, clause) else "", name)

    def _is_its_own(self, name: str, clause: str) -> bool:
        """Whether a clause has a value of its own on either side."""
        return any(name in side.profile.clause_parameters.get(clause, {}) for side in (self.old, self.new))

    def _one_sided_cause(self, source: str, clause: str) -> Cause | None:
        """What is behind a value that may stand on one side only; None where nothing the profiles say differs."""
        if source.startswith(_CONTACT):
            role = source.removeprefix(_CONTACT)
            same = not self.by_print and self.old.contact(role) == self.new.contact(role)
            return None if same else (ChangeKind.CONTACT, "", source)
        if source == _APPROVER and self.old.profile.approver != self.new.profile.approver:
            return self._plain_cause(source)
        if cause := self._parameter_cause(source, clause):
            return cause
        value = self.new.value(source, clause) if source in self.new.library.parameters else None
        for role in value.roles if isinstance(value, RolesValue) else ():
            if self.old.contact(role) != self.new.contact(role):
                return (ChangeKind.CONTACT, "", f"{_CONTACT}{role}")
        return None

    # -------------------------------------------------------------- gathering

    def _draft(self, cause: Cause) -> _Draft:
        return self.drafts.setdefault(cause, _Draft())

    def _note(self, cause: Cause, pair: Pair, document: Document) -> None:
        side = pair.new or pair.old
        assert side
        place = Place(
            document.meta.id, side.section, side.heading, pair.clause, words_of(pair.old), words_of(pair.new)
        )
        readers: tuple[str, ...] = document.meta.audiences
        if clause := (self.new.clause(pair.clause) or self.old.clause(pair.clause)) if pair.clause else None:
            readers = tuple(a for a in readers if a in clause.audiences) or readers
        self._draft(cause).add(place, readers)

    def _change(self, cause: Cause, draft: _Draft) -> Change:
        kind, clause, name = cause
        documents = tuple(dict.fromkeys(place.document for place in draft.places))
        audiences = tuple(dict.fromkeys(a for there in draft.audiences.values() for a in there))
        old, new = self._sides(cause, draft)
        owner_role = self._owner_role(cause, draft)
        material = self._is_material(cause)
        follows = consequence(kind, material, self.new.profile.change_rules)
        signs = follows is Consequence.APPROVE_AND_SIGN
        signing = (a for id_ in documents for a in draft.audiences[id_] if a in self.signed.get(id_, ()))
        return Change(
            kind,
            self._subject(cause, draft),
            documents,
            audiences,
            tuple(draft.places),
            clause,
            name if kind in (ChangeKind.PARAMETER, ChangeKind.CONTACT) else "",
            old,
            new,
            self._why(cause, draft),
            owner_role,
            self.new.holder(owner_role) if owner_role else "",
            self.replaced.get(clause, ()) if kind is ChangeKind.REWORDED else (),
            material,
            follows is not Consequence.NOTHING,
            tuple(dict.fromkeys(signing)) if signs else (),
        )

    def _sides(self, cause: Cause, draft: _Draft) -> tuple[str | None, str | None]:
        """What was and what is, in words. Of a value that the profile no longer knows, what was printed of it, or else
        the line that it stood in."""
        if cause in self.printed:
            before, after = self.printed[cause]
            return ", ".join(before), ", ".join(after)
        old, new = self._known_sides(cause, draft)
        if old == new and cause[0] in (ChangeKind.PARAMETER, ChangeKind.CONTACT) and self.given_today:
            return draft.places[0].old, draft.places[0].new
        return old, new

    def _known_sides(self, cause: Cause, draft: _Draft) -> tuple[str | None, str | None]:
        kind, clause, name = cause
        match kind:
            case ChangeKind.PARAMETER if name == _APPROVER:
                return self.old.profile.approver, self.new.profile.approver
            case ChangeKind.PARAMETER:
                at = clause or next((place.clause for place in draft.places if place.clause), "")
                return self.old.value_words(name, at), self.new.value_words(name, at)
            case ChangeKind.CONTACT:
                role = name.removeprefix(_CONTACT)
                return self.old.contact_words(role), self.new.contact_words(role)
            case ChangeKind.OWNER | ChangeKind.AUDIENCE if clause:
                return self._of_clause(self.old, kind, clause), self._of_clause(self.new, kind, clause)
            case ChangeKind.MOVED:
                return self._headings(self.old, draft, clause), self._headings(self.new, draft, clause)
            case ChangeKind.STRUCTURE if name == "vocabulary":
                return _vocabulary(self.old, self.new), _vocabulary(self.new, self.old)
            case ChangeKind.REWORDED if clause in self.replaced:
                olds = dict.fromkeys(p.old for p in draft.places if p.old is not None)
                news = dict.fromkeys(p.new for p in draft.places if p.new is not None)
                return " ".join(olds) or None, next(iter(news), None)
            case ChangeKind.STRUCTURE if name.startswith(("table:", "section:")):
                olds = dict.fromkeys(p.old for p in draft.places if p.old is not None)
                news = dict.fromkeys(p.new for p in draft.places if p.new is not None)
                return "; ".join(olds) or None, "; ".join(news) or None
            case _:
                return draft.places[0].old, draft.places[0].new

    def _of_clause(self, edition: Edition, kind: ChangeKind, clause: str) -> str | None:
        there = edition.clause(clause)
        if there is None:
            return None
        return there.owner if kind is ChangeKind.OWNER else ", ".join(there.audiences)

    def _headings(self, edition: Edition, draft: _Draft, clause: str) -> str:
        """The sections that hold a clause in the documents where it moved."""
        from_documents = {place.document for place in draft.places}
        found = (
            passage.heading
            for id_, document in edition.documents.items()
            if id_ in from_documents
            for passage in passages(document)
            if passage.clause and passage.clause.id == clause
        )
        return ", ".join(dict.fromkeys(found))

    def _subject(self, cause: Cause, draft: _Draft) -> str:
        kind, clause, name = cause
        if kind is ChangeKind.CONTACT:
            return (
                self.new.library.roles[role].title
                if (role := name.removeprefix(_CONTACT)) in self.new.library.roles
                else role
            )
        if kind is ChangeKind.PARAMETER:
            parameter = self.new.library.parameters.get(name)
            return parameter.label if parameter else name
        if kind is ChangeKind.DOCUMENT or (kind is ChangeKind.AUDIENCE and not clause):
            return {**self.old.titles(), **self.new.titles()}.get(name, name)
        if clause:
            known = self.new.clause(clause) or self.old.clause(clause)
            topic = self.new.library.topics.get(known.topic) if known else None
            heading = next((place.heading for place in draft.places if place.heading), "")
            return heading or (topic.title if topic else clause)
        return "" if name in ("vocabulary", "name", "mottos", _TITLES) else draft.places[0].heading

    def _owner_role(self, cause: Cause, draft: _Draft) -> str:
        kind, clause, name = cause
        if kind is ChangeKind.CONTACT:
            return name.removeprefix(_CONTACT)
        if kind in (ChangeKind.STRUCTURE, ChangeKind.DOCUMENT, ChangeKind.AUDIENCE) and not clause:
            return ""
        at = clause or next((place.clause for place in draft.places if place.clause), "")
        there = self.new.clause(at) or self.old.clause(at)
        return there.owner if there else ""

    def _is_material(self, cause: Cause) -> bool:
        kind, clause, _ = cause
        if kind in (ChangeKind.CONTACT, ChangeKind.MOVED, ChangeKind.STRUCTURE):
            return False
        if kind is ChangeKind.REWORDED and clause in self.unknown:
            return True  # nobody can tell how far the words that were approved are from these
        if kind is ChangeKind.REWORDED and clause not in self.replaced:
            crossed = self._crossed(clause)
            by_layer = self.old.own_wordings(clause) != self.new.own_wordings(clause)
            return by_layer or not crossed or any(r.change is not Extent.EDITORIAL for r in crossed)
        if kind in (ChangeKind.ADDED, ChangeKind.REWORDED):
            revision = self.new.revision(clause)
            return revision is None or revision.change is not Extent.EDITORIAL
        return True

    def _crossed(self, clause: str) -> tuple[Revision, ...]:
        """The revisions that took effect from the older of the two editions to the newer, oldest first."""
        known = self.new.clause(clause)
        if known is None:
            return ()
        years = sorted((self.old.profile.policy_year, self.new.profile.policy_year))
        return tuple(r for r in known.revisions if years[0] < r.since <= years[1])

    def _why(self, cause: Cause, draft: _Draft) -> str:
        kind, clause, name = cause
        choice = self.new.profile.clause_choices.get(clause)
        further = self.new.profile.edition.reason  # why there is another edition in the same year
        match kind:
            case ChangeKind.ADDED | ChangeKind.REMOVED if choice and choice.use is not None:
                return choice.reason
            case ChangeKind.ADDED | ChangeKind.REMOVED if why := self._why_of_condition(clause):
                return why
            case ChangeKind.ADDED:
                revision, known = self.new.revision(clause), self.new.clause(clause)
                return (revision.why if revision else "") or (known.rationale if known else "")
            case ChangeKind.REMOVED:
                left = dict(self.new.bound.left_out).get(draft.places[0].document, ())
                return next((out.reason for out in left if out.clause == clause), further)
            case ChangeKind.REWORDED if clause in self.replaced:
                revision, known = self.new.revision(clause), self.new.clause(clause)
                return (revision.why if revision else "") or (known.rationale if known else "")
            case ChangeKind.REWORDED:
                if choice and self.old.own_wordings(clause) != self.new.own_wordings(clause):
                    return choice.reason
                return "; ".join(dict.fromkeys(r.why for r in self._crossed(clause) if r.why)) or further
            case ChangeKind.PARAMETER if name != _APPROVER:
                at = clause or next((place.clause for place in draft.places if place.clause), "")
                return self.new.reason_for(name, at, self.old.profile.policy_year) or further
            case _:
                about = name.removeprefix(_CONTACT)
                return self.new.profile.reason_since(about, self.old.profile.policy_year) or further

    def _why_of_condition(self, clause: str) -> str:
        """The reason for the values that let a clause in or out; "" where none of them has changed with a reason."""
        known = self.new.clause(clause) or self.old.clause(clause)
        names = [name for name, _ in known.when] if known else []
        year = self.old.profile.policy_year
        told = (self.new.reason_for(n, clause, year) for n in names if self._parameter_cause(n, clause))
        return "; ".join(dict.fromkeys(filter(None, told)))


def _without_alike(old: Document, new: Document) -> tuple[Document, Document, set[str]]:
    """Both documents without the sections that are the same in both, and the clauses of those: most, in most years."""
    before = {block.id: block for block in old.blocks if isinstance(block, Section)}
    same = {block.id for block in new.blocks if isinstance(block, Section) and before.get(block.id) == block}
    clauses = {
        mark.id for id_ in same for section in sections((before[id_],)) for mark, _ in own_clauses(section)
    }

    def rest(document: Document) -> Document:
        kept = (b for b in document.blocks if not (isinstance(b, Section) and b.id in same))
        return replace(document, blocks=tuple(kept))

    return rest(old), rest(new), clauses


def _words(revision: Revision) -> tuple[object, ...]:
    return revision.wording, revision.variants, revision.special


def _letters(inlines: Inlines) -> bool:
    """Whether a line has words of its own beside values."""
    return any(not source and any(map(str.isalpha, text)) for text, _, source in pieces(inlines))


def _beside_the_edition(inlines: Inlines, document: Document) -> str:
    kept = "".join(f"{look}|{text}" for text, look, source in pieces(inlines) if source not in _THE_EDITION)
    return kept.replace(document.meta.status, "")


def _vocabulary(edition: Edition, other: Edition) -> str:
    """The words a school chose that the other edition has not: "child, children"."""
    out = []
    concepts = edition.library.language.vocabulary
    for id_, concept in concepts.items():
        usual = concept.words[concept.default]
        forms = edition.profile.vocabulary.get(id_) or usual
        if forms != (other.profile.vocabulary.get(id_) or usual):
            out.append(f"{forms.one}, {forms.many}")
    return "; ".join(out)
