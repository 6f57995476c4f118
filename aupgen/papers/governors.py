"""A comparison, its editions and how the documents stand in; what the governors' paper tells out.

A paper is for decision: what a board is asked to resolve comes first, then what it needs to know for that. Its words
stand in `templates/changes/governors-paper.md.j2`, and what it calls kinds and decisions in `words.j2` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, ValidationError, convert
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.binding.values import capital
from aupgen.board.school import Departed, departures_of
from aupgen.comparison.changes import Approval, Change, Comparison
from aupgen.comparison.edition import Edition
from aupgen.document.tree import Inlines, Text
from aupgen.document.words import fingerprint, short
from aupgen.papers.page import Entry, Facts
from aupgen.papers.telling import Telling, printed_rules, said, shortened, with_new_words_bold
from aupgen.policy.change import ChangeKind
from aupgen.policy.parameter import ChoiceValue
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.terms import FAMILIES
from aupgen.policy.year import EditionDate

GOVERNORS_PAPER = "governors-paper"
REDLINE_SUFFIX = ".changes.docx"
"""The end of the file name of a document's redline."""

_DECISIONS = {"adopt", "again", "approved", "elsewhere", "information", "dropped"}
_DEPARTURES = {*(departed.value for departed in Departed), "value"}
_WHOLE = {"new", "dropped"}
"""The keys of `words.j2`'s tables of decisions, departures and whole documents. A decision names a group of documents."""
_NOTHING: Inlines = (Text("–"),)
_SO: Inlines = ()
_MOST_PLACES = 3
"""Of how many documents a row names the sections as well; who holds a post stands in nearly all of them."""


class LayerName(Struct, frozen=True):
    """A layer behind a profile as people know it, and what kind of profile it is."""

    name: str
    kind: ProfileKind


class PaperWords(Struct, frozen=True):
    """What the paper calls things, from `words.j2`: kinds of changes at a change and in a count, decisions on documents,
    kinds of departures; and the topics and owners of what concerns personal data."""

    kinds: Mapping[str, str]
    in_count: Mapping[str, str]
    decisions: Mapping[str, str]
    departures: Mapping[str, str]
    whole: Mapping[str, str]
    data_topics: list[str]
    data_owners: list[str]

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> PaperWords | None:
        """The words that a workspace's `words.j2` gives; None where it lacks some of them."""
        try:
            read = convert({name: words.get(name) for name in cls.__struct_fields__}, cls)
        except ValidationError:
            return None
        kinds = {kind.value for kind in ChangeKind}
        needed = (
            (kinds, read.kinds),
            (kinds, read.in_count),
            (_DECISIONS, read.decisions),
            (_DEPARTURES, read.departures),
            (_WHOLE, read.whole),
        )
        return read if all(keys <= table.keys() for keys, table in needed) else None


class ChangeRow(Entry, frozen=True):
    number: Inlines
    kind: Inlines
    subject: Inlines | None
    where: Inlines | None
    many: Inlines | None
    was: Inlines
    now: Inlines
    why: Inlines | None
    answer: Inlines | None
    no_reason: Inlines | None
    owner: Inlines | None
    no_owner: Inlines | None
    signers: Inlines | None


class CountRow(Entry, frozen=True):
    kind: Inlines
    approve: Inlines
    information: Inlines


class DocumentRow(Entry, frozen=True):
    title: Inlines
    decision: Inlines
    changes: Inlines
    print: Inlines
    body: Inlines
    line: Inlines | None
    redline: Inlines | None


class SignatureRow(Entry, frozen=True):
    document: Inlines
    readers: Inlines
    changes: Inlines


class DepartureRow(Entry, frozen=True):
    kind: Inlines
    topic: Inlines
    theirs: Inlines
    ours: Inlines
    why: Inlines | None
    no_reason: Inlines | None
    layer: Inlines


def governors_paper(
    report: Comparison,
    telling: Telling,
    layers: Mapping[str, LayerName],
    words: PaperWords,
) -> Facts:
    """Return what the paper tells. ``layers`` are those behind the profile, by slug."""
    return _Paper(report, telling, layers, words).facts()


class _Paper(Struct):
    report: Comparison
    telling: Telling
    layers: Mapping[str, LayerName]
    words: PaperWords

    @property
    def new(self) -> Edition:
        return self.telling.new

    @property
    def _lines(self) -> dict[str, str]:
        """The approval line of each document of the new edition that stands approved."""
        return {id_: one.line for one in _on_record(self.new) for id_ in one.documents}

    @property
    def is_first(self) -> bool:
        return self.telling.old is None

    def facts(self) -> Facts:
        changes = (
            ()
            if self.is_first
            else tuple(sorted(self.report.changes, key=lambda change: not self._needs_decision(change)))
        )
        numbers = {id(change): n for n, change in enumerate(changes, start=1)}
        to_approve = tuple(c for c in changes if self._needs_decision(c))
        informing = tuple(c for c in changes if not self._needs_decision(c))
        renumbered = tuple(c for c in informing if _only_numbers(c))
        shown = [shortened(side) for change in changes for side in self.telling.sides(change)]
        data = tuple(self._data(changes, numbers))
        documents = tuple(self._documents(changes, numbers))
        profile, old = self.new.profile, self.telling.old
        by_decision = {
            name: tuple(row for decision, row in documents if decision == name) for name in sorted(_DECISIONS)
        }
        signatures = tuple(self._signatures(changes, numbers))
        ended = tuple(
            row
            for (id_, _), (decision, row) in zip(self.report.titles, documents, strict=True)
            if decision == "dropped" and self._is_ours(id_)
        )
        asks = bool(by_decision["adopt"] or by_decision["again"] or ended)
        renamed = old is not None and old.profile.name != profile.name and not self.report.against
        departures = tuple(self._departures())
        review = profile.review_by
        return Facts(
            {
                "first": _SO if self.is_first else None,
                "compared": None if self.is_first else _SO,
                "unchanged": None if changes or self.is_first else _SO,
                "nothing_to_approve": None if to_approve or self.is_first else _SO,
                "signs": _SO if signatures and asks else None,
                "notes": _SO if informing and asks else None,
                "asks": _SO if asks else None,
                "all_stand": None if asks else _SO,
                "some_stand": _SO if by_decision["approved"] else None,
                "old_side": said(self.report.against or self.report.old),
                "since_year": None if self.is_first or self.report.since_approved else _SO,
                "since_approved": _SO if self.report.since_approved else None,
                "old_name": said(old.profile.name) if old and renamed else None,
                "edition_reason": said(profile.edition.reason),
                "approved_before": said(next((one.line for one in _on_record(old)), "")),
                "to_approve": said(str(len(to_approve))),
                "to_know": said(str(len(informing))),
                "review_by": said(self.telling.scope.date(review)) if review else None,
                "year_ends": None if review else said(self.telling.scope.date(_end_of_year(profile))),
                "shortened": _SO if any(cut for _, cut in shown) else None,
                "adds": _SO if any(what is Departed.ADDED for what, _ in departures) else None,
                "redlines": _SO if any(row.redline for _, row in documents) else None,
                "renumbered": _text(_numbers(numbers[id(c)] for c in renumbered)) or None,
                "no_data": None if data or self.is_first else _SO,
                "data_numbers": _text(_numbers(data)) or None,
            },
            {
                "approve": (ChangeRow, tuple(self._row(c, numbers) for c in to_approve)),
                "know": (ChangeRow, tuple(self._row(c, numbers) for c in informing if c not in renumbered)),
                "count": (CountRow, tuple(self._counts(to_approve, informing))),
                "listed": (DocumentRow, tuple(row for _, row in documents)),
                **{name: (DocumentRow, rows) for name, rows in by_decision.items()},
                "ended": (DocumentRow, ended),
                "sign": (SignatureRow, signatures),
                "departure": (
                    DepartureRow,
                    tuple(row for what, row in departures if what is not Departed.ADDED),
                ),
                "added": (DepartureRow, tuple(row for what, row in departures if what is Departed.ADDED)),
            },
        )

    # -------------------------------------------------------------- changes

    def _needs_decision(self, change: Change) -> bool:
        """Whether a change needs approval, and shows in a document that this body approves."""
        return change.needs_approval and any(self._is_ours(id_) for id_ in change.documents)

    def _row(self, change: Change, numbers: Mapping[int, int]) -> ChangeRow:
        was, now = (shortened(side)[0] for side in self.telling.sides(change))
        answers = self.telling.answers(change)
        why = "" if answers and change.why in self._left_out else change.why
        if change.kind is ChangeKind.DOCUMENT and change.old is None:
            now = self.words.whole["new"]
        elif change.kind is ChangeKind.DOCUMENT and change.new is None:
            now = self.words.whole["dropped"]
        is_everywhere = change.kind is ChangeKind.CONTACT and len(change.documents) > _MOST_PLACES
        return ChangeRow(
            number=_text(str(numbers[id(change)])),
            kind=_text(self.words.kinds[change.kind]),
            subject=said(capital(change.subject)),
            where=None if is_everywhere else self._where(change),
            many=_text(str(len(change.documents))) if is_everywhere else None,
            was=said(was) or _NOTHING,
            now=with_new_words_bold(was, now) or _NOTHING,
            why=said(why),
            answer=None if why else said(", ".join(answers)),
            no_reason=None if why or answers or not change.needs_approval else _SO,
            owner=said(change.owner),
            no_owner=None if change.owner else _SO,
            signers=self.telling.readers(change.resign) or None,
        )

    @property
    def _left_out(self) -> frozenset[str]:
        """What binding says of clauses that it left out: words for whoever keeps the library."""
        return frozenset(out.reason for _, left in self.new.bound.left_out for out in left)

    def _where(self, change: Change) -> Inlines:
        """The documents a change shows in, with its sections where they are few."""
        parts = []
        for id_ in change.documents:
            headings = dict.fromkeys(
                place.heading for place in change.places if place.document == id_ and place.heading
            )
            few = len(change.documents) <= _MOST_PLACES and len(headings) <= _MOST_PLACES
            shown = [heading for heading in headings if heading != change.subject] if few else []
            parts.append(
                f"{self.telling.name(id_)} ({', '.join(shown)})" if shown else self.telling.name(id_)
            )
        return _text("; ".join(parts))

    def _counts(self, to_approve: Iterable[Change], informing: Iterable[Change]) -> Iterator[CountRow]:
        for kind in ChangeKind:
            numbers = [sum(c.kind is kind for c in part) for part in (to_approve, informing)]
            if any(numbers):
                first, second = (_text(str(number)) if number else _NOTHING for number in numbers)
                yield CountRow(_text(self.words.in_count[kind]), first, second)

    # -------------------------------------------------------------- documents

    def _documents(
        self, changes: Iterable[Change], numbers: Mapping[int, int]
    ) -> Iterator[tuple[str, DocumentRow]]:
        """Every document of either edition, with the decision that is asked for."""
        profile = self.new.profile
        for id_, title in self.report.titles:
            own = [change for change in changes if id_ in change.documents]
            document = self.new.documents.get(id_)
            is_new = any(c.kind is ChangeKind.DOCUMENT and c.old is None for c in own)
            decision = self._decision(id_, own) if document else "dropped"
            yield (
                decision,
                DocumentRow(
                    title=said(title) or _NOTHING,
                    decision=_text(self.words.decisions[decision]),
                    changes=_text(_numbers(numbers[id(c)] for c in own)) or _NOTHING,
                    print=_text(short(fingerprint(document))) if document else _NOTHING,
                    body=said(profile.approver_of(id_)) or _NOTHING,
                    line=said(self._lines.get(id_)),
                    redline=_text(id_ + REDLINE_SUFFIX) if document and own and not is_new else None,
                ),
            )

    def _decision(self, id_: str, own: Iterable[Change]) -> str:
        """What the board is asked to do with a document: a key of the words for decisions."""
        if not self._is_approved(id_):
            return "information"
        if not self._is_ours(id_):
            return "elsewhere"
        if id_ in self._lines:
            return "approved"
        if self.is_first or any(change.needs_approval for change in own):
            return "adopt"
        return "again"

    def _is_approved(self, id_: str) -> bool:
        """Whether a document is one that a body approves at all."""
        skeleton = self.new.library.documents.get(id_)
        return skeleton is None or skeleton.is_approved

    def _is_ours(self, id_: str) -> bool:
        """Whether the body that the paper is for approves a document."""
        profile = self.new.profile
        return self._is_approved(id_) and profile.approver_of(id_) == profile.approver

    # -------------------------------------------------------------- what follows

    def _signatures(self, changes: Iterable[Change], numbers: Mapping[int, int]) -> Iterator[SignatureRow]:
        """Each document that is signed anew, by whom, and because of which changes; all that are signed the first time."""
        because: dict[str, tuple[dict[str, None], dict[int, None]]] = {}
        if self.is_first:
            for id_, document in self.new.documents.items():
                for audience in document.meta.audiences:
                    if id_ in self.telling.signed(id_, audience):
                        because.setdefault(id_, ({}, {}))[0][audience] = None
        for change in changes:
            for id_, audience in self.telling.signatures(change):
                readers, causes = because.setdefault(id_, ({}, {}))
                readers[audience], causes[numbers[id(change)]] = None, None
        for id_, (readers, causes) in because.items():
            yield SignatureRow(
                said(self.telling.title(id_)) or _NOTHING,
                self.telling.readers(readers),
                _text(_numbers(causes)) or _NOTHING,
            )

    def _data(self, changes: Iterable[Change], numbers: Mapping[int, int]) -> Iterator[int]:
        """The numbers of changes of rules that stand in a topic about personal data, or are answered for by who looks after it."""
        for change in changes:
            clauses = {change.clause, *(place.clause for place in change.places)} - {""}
            topics = {clause.topic for id_ in clauses if (clause := self.new.clause(id_))}
            is_rule = change.kind not in (ChangeKind.CONTACT, ChangeKind.STRUCTURE, ChangeKind.MOVED)
            if is_rule and (
                topics & set(self.words.data_topics) or change.owner_role in self.words.data_owners
            ):
                yield numbers[id(change)]

    # -------------------------------------------------------------- departures

    def _departures(self) -> Iterator[tuple[Departed | None, DepartureRow]]:
        """What the school, or its trust, made of the clauses and values that were given to it; None for a value."""
        profile, library = self.new.profile, self.new.library
        kinds = {slug: layer.kind for slug, layer in self.layers.items()}
        departures = departures_of(library, profile, kinds)
        changed = {one.clause for one in departures if one.what is not Departed.ADDED}
        ours = printed_rules(self.new)
        theirs = printed_rules(_as_given(self.new, changed)) if changed else {}
        for one in departures:
            printed, given = ours.get(one.clause, {}), theirs.get(one.clause, {})
            if one.what is not Departed.OFF and not printed:
                continue  # no document of this edition prints it
            if one.what is Departed.REWORDED:
                told = self._one_for_each_reader(id_ for id_ in printed if printed[id_] != given.get(id_))
                if not told:
                    continue  # no document of this edition prints it to the readers whom it was reworded for
                printed, given = ({id_: said.get(id_, "") for id_ in told} for said in (printed, given))
            if one.what is Departed.OFF and one.clause not in theirs:
                continue  # nor would one print it without the departure
            own = profile.local_clause(one.clause)
            reason = own.rationale if own else profile.clause_choices[one.clause].reason
            row = DepartureRow(
                kind=_text(self.words.departures[one.what]),
                topic=said(one.topic) or _NOTHING,
                theirs=said(_each(given, one.what)) or _NOTHING,
                ours=said(_each(printed, one.what)) or _NOTHING,
                why=said(reason),
                no_reason=None if reason else _SO,
                layer=self._layer(one.layer),
            )
            yield one.what, row
        for key, chain in profile.origins.items():
            above = next((origin for origin in chain if origin.layer != chain[0].layer), None)
            name = key.removeprefix("parameters.")
            if not (
                key.startswith("parameters.") and above and chain[0].reason and name in library.parameters
            ):
                continue
            theirs_said, ours_said = self._values(name, above.text, ours)
            row = DepartureRow(
                kind=_text(self.words.departures["value"]),
                topic=said(capital(library.parameters[name].label)) or _NOTHING,
                theirs=said(theirs_said) or _NOTHING,
                ours=said(ours_said) or _NOTHING,
                why=said(chain[0].reason),
                no_reason=None,
                layer=self._layer(chain[0].layer),
            )
            yield None, row

    def _one_for_each_reader(self, documents: Iterable[str]) -> list[str]:
        """The first of some documents, and the first for each age of pupils and for parents: these have words of their own."""
        known = self.new.documents
        by_reader: dict[tuple[str, ...], str] = {}
        for id_ in documents:
            audiences = known[id_].meta.audiences
            by_reader.setdefault(tuple(audiences) if FAMILIES.issuperset(audiences) else (), id_)
        return list(by_reader.values())

    def _values(
        self, name: str, theirs: str, printed: Mapping[str, Mapping[str, str]]
    ) -> tuple[str | None, str | None]:
        """What a value was given as, and what it is: of an answer chosen from a list, the first rule that it words."""
        own = self.new.profile.setting(name)
        if own is None or not isinstance(own.value, ChoiceValue):
            return theirs, self.new.value_words(name)
        profile = self.new.profile
        given = {**profile.parameters, name: replace(own, value=ChoiceValue(theirs))}
        others = printed_rules(_bound_anew(self.new, replace(profile, parameters=given)))
        for id_ in {**printed, **others}:
            if printed.get(id_) != others.get(id_):
                return _first(others.get(id_)), _first(printed.get(id_))
        return theirs, self.new.value_words(name)

    def _layer(self, slug: str) -> Inlines:
        layer = self.layers.get(slug)
        return said(layer.name if layer else slug) or _NOTHING


def _first(sentences: Mapping[str, str] | None) -> str | None:
    return next(iter((sentences or {}).values()), None)


def _each(sentences: Mapping[str, str], what: Departed) -> str | None:
    """What a rule says: of one that was reworded, to each reader in turn."""
    if what is not Departed.REWORDED:
        return _first(sentences)
    return " ".join(dict.fromkeys(filter(None, sentences.values()))) or None


def _on_record(edition: Edition | None) -> tuple[Approval, ...]:
    """How the documents of an edition stand that were approved in these words, contacts aside."""
    return tuple(one for one in edition.approvals if one.recorded and not one.other_words) if edition else ()


def _as_given(edition: Edition, clauses: Iterable[str]) -> Edition:
    """The edition as it would be without what its layers decided about some clauses."""
    profile = edition.profile
    left = {id_: choice for id_, choice in profile.clause_choices.items() if id_ not in set(clauses)}
    return _bound_anew(edition, replace(profile, clause_choices=left))


def _bound_anew(edition: Edition, profile: Profile) -> Edition:
    """The documents of an edition as they would be of another profile."""
    bound, _ = bind_profile(edition.library, profile, draft=True, only=edition.documents)
    return Edition(profile, edition.library, bound)


def _only_numbers(change: Change) -> bool:
    """Whether headings or words around rules differ in numbers alone, as of appendices."""
    if change.kind is not ChangeKind.STRUCTURE or change.old is None or change.new is None:
        return False
    return re.sub(r"[0-9]+", "0", change.old) == re.sub(r"[0-9]+", "0", change.new)


def _end_of_year(profile: Profile) -> EditionDate:
    return EditionDate(profile.policy_year.start + 1, 8, 31)


def _text(text: str) -> Inlines:
    return (Text(text),) if text else ()


def _numbers(numbers: Iterable[int]) -> str:
    """Numbers as people list them: 1, 3 to 6, 9."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}, {run[1]}" if len(run) == 2 else f"{run[0]}–{run[-1]}"
        for run in runs
    )
