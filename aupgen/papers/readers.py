"""A comparison and its editions in; what changed for one audience out, as its page tells it.

Only what concerns the documents of that audience, in the words that they print. The words around it stand in
`templates/changes/changes-for-….md.j2`. Pupils are told from the documents that are written for them, not from what
a school says of itself to adults.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from aupgen.comparison.changes import Change, Comparison, Place
from aupgen.comparison.edition import Edition
from aupgen.document.tree import Document, Inlines, Text
from aupgen.papers.page import Entry, Facts
from aupgen.papers.telling import Telling, said
from aupgen.policy.change import ChangeKind
from aupgen.policy.parameter import TextValue
from aupgen.policy.terms import Audience

CHANGES_FOR = "changes-for-"
_GENERAL = "changes-for.md.j2"
_PUPILS = frozenset({Audience.PUPIL_KS1, Audience.PUPIL_KS2, Audience.PUPIL_KS3, Audience.PUPIL_SEND})
_TOLD = frozenset(
    {ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.REWORDED, ChangeKind.PARAMETER, ChangeKind.AUDIENCE}
)
_SLIP_DAY = "return_slip_by"
_SO: Inlines = ()


class Said(Entry, frozen=True):
    words: Inlines


class Changed(Entry, frozen=True):
    was: Inlines
    now: Inlines
    why: Inlines | None


class Titled(Entry, frozen=True):
    title: Inlines


class Person(Entry, frozen=True):
    was: Inlines
    now: Inlines


def page_ids() -> tuple[str, ...]:
    """The ids of the pages, one for each audience."""
    return tuple(f"{CHANGES_FOR}{audience.value}" for audience in Audience)


def audience_of(id_: str) -> Audience:
    """The audience of a page by its id."""
    return Audience(id_.removeprefix(CHANGES_FOR))


def template_for(id_: str, templates: Iterable[str]) -> str:
    """The file name of a page's template: its own, else the general one."""
    own = f"{id_}.md.j2"
    return own if own in templates else _GENERAL


def changes_for(audience: Audience, report: Comparison, telling: Telling) -> Facts:
    """Return what the page of an audience tells."""
    return _Page(audience, report, telling).facts()


class _Page(Struct):
    audience: Audience
    report: Comparison
    telling: Telling

    def facts(self) -> Facts:
        old, new = self.telling.old, self.telling.new
        before = self._documents(old.documents if old else {})
        after = self._documents(new.documents)
        fresh, different, gone, editorial = self._rules(before, after)
        people = tuple(self._people())
        come = tuple(_titled(self.telling, id_) for id_ in after if old and id_ not in before)
        left = tuple(_titled(self.telling, id_) for id_ in before if id_ not in after)
        renamed = tuple(
            Changed(said(was) or (), said(now) or (), None)
            for id_ in after
            if id_ in before and (was := before[id_].meta.title) != (now := after[id_].meta.title)
        )
        signatures = tuple(self._signed(after))
        told = bool(fresh or different or gone or people or come or left or renamed or editorial)
        has_any = bool(before or after)
        slip = new.value(_SLIP_DAY)
        day = slip.text if isinstance(slip, TextValue) and self.audience is Audience.PARENT else ""
        return Facts(
            {
                "reader": self.telling.readers((self.audience,)),
                "old_side": said(report_side(self.report)),
                "first": _SO if old is None and after else None,
                "nothing": _SO if old is not None and has_any and not told else None,
                "no_document": None if has_any else _SO,
                "told": _SO if old is not None and told else None,
                "one_in_other_words": _SO if editorial == 1 else None,
                "in_other_words": _text(str(editorial)) if editorial > 1 else None,
                "signed": self.telling.scope.join([one.title for one in signatures], "all") or None,
                "no_signature": _SO if told and old is not None and not signatures else None,
                "sign_by": said(day) if signatures else None,
                "no_day": None if day or not signatures else _SO,
            },
            {
                "fresh": (Said, fresh),
                "different": (Changed, different),
                "gone": (Said, gone),
                "document_new": (Titled, come),
                "document_gone": (Titled, left),
                "renamed": (Changed, renamed),
                "person": (Person, people),
                "signature": (Titled, signatures),
                "listed": (Titled, tuple(_titled(self.telling, id_) for id_ in after)),
            },
        )

    def _documents(self, documents: Mapping[str, Document]) -> dict[str, Document]:
        """Those of the audience, the ones for it alone first."""
        own = {
            id_: document
            for id_, document in documents.items()
            if self.audience in document.meta.audiences
            and not (self.audience in _PUPILS and Audience.SCHOOL in document.meta.audiences)
        }
        return dict(sorted(own.items(), key=lambda item: len(item[1].meta.audiences)))

    def _rules(
        self, before: Mapping[str, Document], after: Mapping[str, Document]
    ) -> tuple[tuple[Said, ...], tuple[Changed, ...], tuple[Said, ...], int]:
        """Rules that are new, different and gone, each told once; and how many only have better words."""
        fresh: dict[str, None] = {}
        gone: dict[str, None] = {}
        different: dict[tuple[str, str], str] = {}
        told: set[tuple[str, str]] = set()
        editorial = 0
        both = [id_ for id_ in after if id_ in before]
        for change in self.report.changes:
            places = self._places(change, both)
            if change.kind not in _TOLD or not places:
                continue
            if change.kind is ChangeKind.REWORDED and not change.material:
                editorial += 1
                continue
            places = [place for place in places if (place.section, place.clause) not in told]
            told |= {(place.section, place.clause) for place in places}
            pairs = [(self.telling.was(place), self.telling.now(place)) for place in places]
            was, now = (
                (" ".join(dict.fromkeys(filter(None, side))) for side in zip(*pairs, strict=True))
                if pairs
                else ("", "")
            )
            if was and now and was != now:
                different[was, now] = change.why
            elif now and not was:
                fresh[now] = None
            elif was and not now:
                gone[was] = None
        return (
            tuple(Said(said(words) or ()) for words in fresh),
            tuple(
                Changed(said(was) or (), said(now) or (), said(why)) for (was, now), why in different.items()
            ),
            tuple(Said(said(words) or ()) for words in gone),
            editorial,
        )

    def _places(self, change: Change, documents: Iterable[str]) -> list[Place]:
        """Where a change of a rule shows, in the first of some documents that shows it to this audience."""
        for id_ in documents:
            places = [p for p in change.places if p.document == id_ and p.clause and self._concerns(p)]
            if places:
                return places
        return []

    def _concerns(self, place: Place) -> bool:
        """Whether the rule at a place is for this audience, and not for others of the document's readers."""
        readers: set[str] = set()
        for side in (self.telling.new, self.telling.old):
            clause = side.clause(place.clause) if side else None
            readers |= set(clause.audiences) if clause else set()
        document = self.telling.document(place.document)
        among = readers & set(document.meta.audiences) if document else set()
        return not among or self.audience in among

    def _people(self) -> Iterator[Person]:
        """Contacts that changed in the documents of the audience: the post with what is different about it."""
        for change in self.report.changes:
            own = self._documents({id_: d for id_ in change.documents if (d := self.telling.document(id_))})
            if change.kind is ChangeKind.CONTACT and own:
                was, now = (
                    _reached(side, change.owner_role) for side in (self.telling.old, self.telling.new)
                )
                yield Person(_differing(was, now), _differing(now, was))

    def _signed(self, after: Mapping[str, Document]) -> Iterator[Titled]:
        """What the audience signs: anew because of a change, or all of it the first time."""
        telling = self.telling
        if telling.old is None:
            found = [one for id_ in after for one in telling.signed(id_, self.audience) if one == id_]
        else:
            pairs = (pair for change in self.report.changes for pair in telling.signatures(change))
            found = [id_ for id_, audience in pairs if audience == self.audience]
        yield from (_titled(telling, id_) for id_ in dict.fromkeys(found))


def report_side(report: Comparison) -> str:
    """What the older side of a comparison is called: a policy year, another profile or a revision."""
    return report.against or report.old or ""


def _reached(edition: Edition | None, role: str) -> tuple[str, ...]:
    """Who holds a role and how to reach them: the post, the telephone number, the email; () for nobody."""
    _, contact = edition.contact(role) if edition else (role, None)
    if edition is None or contact is None:
        return ()
    return tuple(filter(None, (edition.holder(role), contact.phone, contact.email)))


def _differing(parts: tuple[str, ...], other: tuple[str, ...]) -> Inlines:
    """A post with what differs from another time about it; a dash for nobody."""
    return said(", ".join((*parts[:1], *(part for part in parts[1:] if part not in other)))) or (Text("–"),)


def _titled(telling: Telling, id_: str) -> Titled:
    return Titled(said(telling.title(id_)) or ())


def _text(text: str) -> Inlines:
    return (Text(text),)
