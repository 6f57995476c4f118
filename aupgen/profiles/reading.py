"""A profile file in; one checked layer out: what this file says, each thing with its place.

Findings stand at the file's own lines. What only the layers above can settle (a clause they added, a contact
they gave) is kept by name for `layers.py`; what a document then needs of it all is found in binding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from msgspec.structs import replace

from aupgen.library.compiled import Library
from aupgen.library.fields import FormsShape, PhrasedShape, SpecialShape
from aupgen.library.skeleton import SectionGap
from aupgen.library.values import read_value, role_suggestion, unknown_role, word_forms
from aupgen.library.years import until_fault
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.decision import Decision
from aupgen.policy.layer import REASONED, LaterName, Layer, Lock, Locked, Reference, Rewording, Said
from aupgen.policy.parameter import RolesValue
from aupgen.policy.profile import (
    Contact,
    DocumentChoice,
    Edition,
    ProfileKind,
    SectionChoice,
    Setting,
    Show,
)
from aupgen.policy.terms import DOCUMENTS, Audience, Kind, Status
from aupgen.policy.vocabulary import WordForms
from aupgen.policy.waiver import Waiver
from aupgen.policy.wording import source_text
from aupgen.policy.year import FIRST_YEAR, PolicyYear
from aupgen.profiles.beginnings import said_twice
from aupgen.profiles.shapes import (
    ChoicesShape,
    ClauseChoiceShape,
    ContactShape,
    DocumentShape,
    ProfileShape,
    SectionShape,
)
from aupgen.source.codes import CODES
from aupgen.source.diagnostics import Diagnostic, listing, suggestion
from aupgen.source.shape import check_shape
from aupgen.source.span import SourceText
from aupgen.source.yaml_text import Route, YamlFile, read_yaml

T = TypeVar("T")

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_RESERVED = re.compile(
    r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.I
)  # device names Windows will not have as folders


def slug_fault(source: SourceText, slug: str) -> Diagnostic | None:
    """AUP209 where the file's name cannot name a folder on every system; None where it can."""
    if _SLUG.fullmatch(slug) and not _RESERVED.fullmatch(slug):
        return None
    better = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:63] or "school"
    help_ = f"rename the file, for example to `{better}.yaml`" if better != slug else "rename the file"
    return Diagnostic("AUP209", source.whole, f"the file name `{slug}` cannot name a folder", help_)


def read_layer(source: SourceText, slug: str, library: Library) -> tuple[Layer | None, list[Diagnostic]]:
    """Return the layer in ``source`` and findings; ``slug`` is its file's name.

    A layer with findings of severity error is what could be saved, for the checks that come after; None where
    the file cannot be read at all.
    """
    file, found = read_yaml(source)
    if fault := slug_fault(source, slug):
        found.append(fault)
    if file is None:
        return None, found
    shape, faults = check_shape(ProfileShape, file)
    found += faults
    return _Reader(file, slug, shape, library, found).layer(), found


class _Reader:
    def __init__(
        self, file: YamlFile, slug: str, shape: ProfileShape, library: Library, found: list[Diagnostic]
    ) -> None:
        self.file, self.slug, self.shape, self.library, self.found = file, slug, shape, library, found
        self.local_ids = {local.id for local in shape.local_clauses or [] if local}
        self.later: list[LaterName] = []

    def layer(self) -> Layer:
        """The whole file. A shape with faults is looked through for more."""
        shape = self.shape
        own = self._choices(shape, ())
        locks = tuple(self._locks())
        local_clauses = {clause.id: clause for clause in self._local_clauses()}
        later, self.later = self.later, []
        return replace(
            own,
            keys=tuple(self.file.data),
            extends=self._reference("extends", shape.extends),
            area=self._reference("area", shape.area),
            nation=self._said(("nation",), shape.nation),
            phase=self._said(("phase",), shape.phase),
            policy_year=self._said(("policy_year",), shape.policy_year),
            local_clauses=local_clauses,
            locks=locks,
            departures={
                name: Said(reason, self.file.key_span(("departures", name)))
                for name, reason in (shape.departures or {}).items()
            },
            years=dict(self._years()),
            review_by=self._said(("review_by",), shape.review_by),
            waivers=tuple(self._waivers()),
            decided=dict(self._decided()),
            later_names=(*own.later_names, *later),
        )

    def _choices(self, shape: ChoicesShape, at: Route) -> Layer:
        """What stands at a route: the file's own top, or the block of an earlier year."""
        for role in shape.contacts:
            if role not in self.library.roles:
                self._fault(
                    "AUP201",
                    (*at, "contacts", role),
                    f"there is no role `{role}`",
                    role_suggestion(role, self.library.roles),
                )
        if shape.other_roles is not None and shape.other_roles not in self.library.roles:
            self.found.append(
                unknown_role(self.file, (*at, "other_roles"), shape.other_roles, self.library.roles)
            )
        data = self.file.data
        for step in at:
            inner = data.get(str(step)) if isinstance(data, dict) else None
            data = inner if isinstance(inner, dict) else {}
        own = data.get("contacts")
        own_roles = frozenset(own if isinstance(own, dict) else ())
        edition = shape.edition
        layer = Layer(
            slug=self.slug,
            kind=self.shape.kind,
            name=self.shape.name or "",
            path=self.file.source.path,
            edition=None
            if edition is None
            else self._said((*at, "edition"), Edition(edition.number, edition.date, edition.reason or "")),
            school_type=self._said((*at, "school_type"), shape.school_type),
            approver=self._said((*at, "approver"), shape.approver),
            mottos=None if shape.mottos is None else self._said((*at, "mottos"), tuple(shape.mottos)),
            other_roles=self._said((*at, "other_roles"), shape.other_roles),
            vocabulary={
                id_: Said(forms, self.file.value_span((*at, "vocabulary", id_)))
                for id_, forms in self._vocabulary(shape.vocabulary, at)
            },
            contacts={
                role: Said(
                    self._contact((*at, "contacts", role), role, contact, own_roles),
                    self.file.key_span((*at, "contacts", role)),
                    shape.reasons.get(role, ""),
                )
                for role, contact in shape.contacts.items()
            },
            parameters=self._settings((*at, "parameters"), shape.parameters, shape.reasons),
            clause_parameters=dict(self._clause_settings(shape, at)),
            clause_uses={
                id_: Said(choice.use, self.file.key_span((*at, "clauses", id_)), choice.reason or "")
                for id_, choice in shape.clauses.items()
                if choice.use is not None
            },
            clause_wordings={
                id_: Said(
                    self._rewording((*at, "clauses", id_), choice),
                    self.file.key_span((*at, "clauses", id_)),
                    choice.reason or "",
                )
                for id_, choice in shape.clauses.items()
                if choice.text is not None or choice.wordings
            },
            change_rules={
                kind: Said(consequence, self.file.value_span((*at, "change_rules", kind)))
                for kind, consequence in shape.change_rules.items()
            },
            reasons=self._reasons(shape.reasons, at),
            documents={id_: self._document((*at, "documents"), id_, d) for id_, d in shape.documents.items()},
            span=self.file.key_span(at) if at else None,
            parameters_span=self.file.key_span((*at, "parameters")),
            contacts_span=self.file.key_span((*at, "contacts")),
        )
        named, self.later = self.later, []
        return replace(layer, later_names=tuple(named))

    def _said(self, route: Route, value: T | None) -> Said[T] | None:
        return None if value is None else Said(value, self.file.value_span(route))

    def _reference(self, key: str, text: str | None) -> Reference | None:
        return None if text is None else Reference(text, self.file.value_span((key,)))

    def _years(self) -> Iterator[tuple[str, Layer]]:
        latest = self.shape.policy_year
        for text, block in (self.shape.years or {}).items():
            route: Route = ("years", text)
            try:
                year = PolicyYear.parse(text)
            except ValueError as error:
                self._fault("AUP113", route, str(error), "write both years, such as 2025-26")
                continue
            if latest is not None and year >= latest:
                help_ = "under `years:` stands what differed earlier; what holds now stands outside it"
                self._fault("AUP113", route, f"`{text}` is not before the policy year {latest}", help_)
                continue
            yield str(year), self._choices(block, route)

    def _waivers(self) -> Iterator[Waiver]:
        """The waivers; AUP113 for a code that no finding has."""
        for position, waiver in enumerate(self.shape.waivers or []):
            if waiver is None or not all((waiver.code, waiver.reason, waiver.approver, waiver.until)):
                continue  # reported already
            span = self.file.value_span(("waivers", position, "code"))
            if waiver.code not in CODES:
                help_ = suggestion(waiver.code, CODES, "copy the code from the finding, such as AUP336")
                message = f"`{waiver.code}` is not the code of a finding"
                self.found.append(Diagnostic("AUP113", span, message, help_, profile=self.slug))
                continue
            yield Waiver(waiver.code, waiver.clause or "", waiver.reason, waiver.approver, waiver.until, span)

    def _decided(self) -> Iterator[tuple[str, Decision]]:
        for id_, said in (self.shape.decided or {}).items():
            if said is not None and said.choice is not None and said.fingerprint:  # else reported already
                span = self.file.key_span(("decided", id_))
                yield id_, Decision(id_, said.choice, said.pack or "", said.fingerprint, said.was or "", span)

    def _locks(self) -> Iterator[Lock]:
        known: dict[Locked, Iterable[str]] = {
            Locked.PARAMETER: self.library.parameters,
            Locked.CLAUSE: {*self.library.clauses, *self.local_ids},
            Locked.CONTACT: self.library.roles,
            Locked.DOCUMENT: self.library.documents,
        }
        if self.shape.locks and self.shape.kind is ProfileKind.SCHOOL:
            self._fault("AUP113", ("locks",), "a school has nothing below it to lock", "delete `locks:`")
        for position, lock in enumerate(self.shape.locks or []):
            if lock is None:
                continue  # reported already
            for what in Locked:
                name = getattr(lock, what.value)
                if name is None:
                    continue
                route: Route = ("locks", position, what.value)
                span = self.file.value_span(route)
                if what is Locked.CLAUSE and name not in known[what]:
                    self.later.append(LaterName(what, name, span))
                elif name not in known[what]:
                    code = {Locked.PARAMETER: "AUP203", Locked.CONTACT: "AUP201", Locked.DOCUMENT: "AUP205"}[
                        what
                    ]
                    noun = "role" if what is Locked.CONTACT else what.value
                    help_ = suggestion(name, known[what], f"`aupgen list {noun}s` prints them")
                    self.found.append(
                        Diagnostic(code, span, f"there is no {noun} `{name}`", help_, profile=self.slug)
                    )
                yield Lock(what, name, lock.reason, span)

    def _contact(self, route: Route, role: str, shape: ContactShape, own_roles: frozenset[str]) -> Contact:
        names = tuple(shape.names or [name for name in (shape.name, shape.firm) if name])
        if shape.show is Show.NAME and not names and self.shape.kind is not ProfileKind.EXEMPLAR:
            span = self.file.value_span((*route, "show"))
            help_ = "add `name:`, or write `show: role`"
            self.found.append(
                Diagnostic("AUP113", span, "`show: name` needs a name", help_, profile=self.slug)
            )
        if shape.same_as == role:
            help_ = "name another role that stands under `contacts:`"
            span = self.file.value_span((*route, "same_as"))
            self.found.append(
                Diagnostic("AUP201", span, f"`{role}` cannot be held by itself", help_, profile=self.slug)
            )
        elif shape.same_as is not None:
            if shape.same_as not in own_roles:
                span = self.file.value_span((*route, "same_as"))
                self.later.append(LaterName(Locked.CONTACT, shape.same_as, span))
            self._check_apart(route, role, shape.same_as)
        return Contact(
            shape.title or "", names, shape.same_as or "", shape.email or "", shape.phone or "", shape.show
        )

    def _check_apart(self, route: Route, role: str, held_by: str) -> None:
        """AUP214 where `same_as` joins a post that stands apart to one that does not.

        A concern about the head must not reach the head by this way either: see `Role.separate`.
        """
        apart = {
            post: self.library.roles[post].separate for post in (role, held_by) if post in self.library.roles
        }
        if len(set(apart.values())) > 1:
            post = next(post for post, separate in apart.items() if separate)
            other = held_by if post == role else role
            span = self.file.value_span((*route, "same_as"))
            message = f"`{post}` stands apart from the other posts, and `{other}` cannot share its holder"
            help_ = f"say who holds `{role}` with its own `name:`, `email:` or `phone:`, or leave it as the post alone"
            self.found.append(Diagnostic("AUP214", span, message, help_, profile=self.slug))

    def _fault(self, code: str, route: Route, message: str, help_: str) -> None:
        self.found.append(Diagnostic(code, self.file.key_span(route), message, help_, profile=self.slug))

    def _settings(
        self, route: Route, given: Mapping[str, object], reasons: Mapping[str, str]
    ) -> Mapping[str, Setting]:
        out: dict[str, Setting] = {}
        for name, data in given.items():
            parameter = self.library.parameters.get(name)
            at = (*route, name)
            if parameter is None:
                help_ = suggestion(
                    name, self.library.parameters, "`aupgen list parameters` prints them with their questions"
                )
                self._fault("AUP203", at, f"there is no parameter `{name}`", help_)
                continue
            value, found = read_value(parameter, self.file, at, data)
            self.found += found
            if isinstance(value, RolesValue):
                for position, role in enumerate(value.roles):
                    if role not in self.library.roles:
                        where = (*at, position) if (*at, position) in self.file.routes else at
                        self.found.append(unknown_role(self.file, where, role, self.library.roles))
            if value is not None:
                out[name] = Setting(value, self.slug, self.file.value_span(at), reasons.get(name, ""))
        return out

    def _reasons(self, given: Mapping[str, str], at: Route) -> Mapping[str, str]:
        """The reasons; AUP203 for one of something that there is not."""
        known = [*self.library.parameters, *self.library.roles, *self.library.documents, *REASONED]
        for name in given:
            if name not in known:
                message = f"there is no parameter, post or document `{name}` to give a reason for"
                help_ = suggestion(name, known, "write the name as it stands in this profile")
                self._fault("AUP203", (*at, "reasons", name), message, help_)
        return given

    def _clause_settings(self, shape: ChoicesShape, at: Route) -> Iterator[tuple[str, Mapping[str, Setting]]]:
        for id_, choice in shape.clauses.items():
            clause = self.library.clauses.get(id_)
            if clause is None:
                self.later.append(LaterName(Locked.CLAUSE, id_, self.file.key_span((*at, "clauses", id_))))
            route: Route = (*at, "clauses", id_, "parameters")
            used = clause.parameter_names() & set(self.library.parameters) if clause else set()
            for name in choice.parameters:
                if clause and name in self.library.parameters and name not in used:
                    help_ = f"it uses {listing(sorted(used))}" if used else "it uses none"
                    self._fault("AUP211", (*route, name), f"the clause `{id_}` does not use `{name}`", help_)
            reasons = dict.fromkeys(choice.parameters, choice.reason or "")
            settings = self._settings(route, choice.parameters, reasons)
            if settings:
                yield id_, settings

    def _rewording(self, at: Route, choice: ClauseChoiceShape) -> Rewording:
        text = None if choice.text is None else self._wording(at, choice.text, choice.phrases)
        by_reader = {
            reader: Said(wording, self.file.key_span((*at, "wordings", reader)), choice.reason or "")
            for reader, wording in self._by_reader((*at, "wordings"), choice.wordings).items()
        }
        if clause := self.library.clauses.get(str(at[-1])):
            special = clause.revisions[-1].special
            kinds = {reader: theirs.kind for reader, theirs in special.items()}
            self._check_beginnings(
                at, clause.kind, text, {name: said.value for name, said in by_reader.items()}, kinds
            )
        return Rewording(text, by_reader)

    def _check_beginnings(
        self,
        at: Route,
        kind: Kind,
        text: Wording | None,
        by_reader: Mapping[str, Wording],
        kinds: Mapping[str, Kind | None],
    ) -> None:
        """AUP352 for a wording that begins the sentence which documents begin themselves. ``kinds`` are those that
        wordings for one reader have where they say none."""
        given = [((*at, "text"), text, kind)] if text else []
        given += [
            ((*at, "wordings", reader), wording, wording.kind or kinds.get(reader) or kind)
            for reader, wording in by_reader.items()
        ]
        for route, wording, of_kind in given:
            if found := said_twice(wording, of_kind, self.library.language):
                before, repeated = found
                rest = source_text(wording.pieces)
                message = f"documents begin this sentence themselves: it would say “{before}{rest[: len(repeated)]}…”"
                help_ = f"write it from “{' '.join(rest[len(repeated) :].split()[:4])} …” on"
                self._fault("AUP352", route, message, help_)

    def _by_reader(self, at: Route, given: Mapping[str, SpecialShape]) -> dict[str, Wording]:
        """Wordings for one audience each; AUP113 for a key that names none."""
        out: dict[str, Wording] = {}
        for reader, shape in given.items():
            wording = self._wording((*at, reader), shape.text, shape.phrases)
            if reader not in list(Audience):
                help_ = suggestion(reader, Audience, f"use an audience: {listing(Audience, 20)}")
                self._fault("AUP113", (*at, reader), f"`{reader}` is not an audience", help_)
            else:
                out[reader] = replace(wording, kind=shape.kind)
        return out

    def _wording(self, route: Route, text: str, phrases: dict[str, str]) -> Wording:
        # Most profiles word nothing themselves, and Jinja takes longer to import than such a profile to read.
        from aupgen.library.wording import phrased_wording

        shape = PhrasedShape.model_construct(text=text, phrases=phrases)
        wording, found = phrased_wording(self.file, route, shape, self.library.names)
        self.found += found
        return wording

    def _local_clauses(self) -> Iterator[Clause]:
        seen: set[str] = set()
        for position, local in enumerate(self.shape.local_clauses or []):
            if local is None:
                continue  # reported already
            route: Route = ("local_clauses", position)
            span = self.file.value_span((*route, "id"))
            if local.id in self.library.clauses or local.id in seen:
                whose = "the library" if local.id in self.library.clauses else "this profile"
                self.found.append(
                    Diagnostic(
                        "AUP207",
                        span,
                        f"{whose} has a clause `{local.id}` already",
                        "give yours another id",
                        clause=local.id,
                    )
                )
            seen.add(local.id)
            if local.topic not in self.library.topics:
                help_ = suggestion(
                    local.topic, self.library.topics, f"choose from {listing(self.library.topics, 30)}"
                )
                self.found.append(
                    Diagnostic(
                        "AUP208",
                        self.file.value_span((*route, "topic")),
                        f"there is no topic `{local.topic}`",
                        help_,
                        clause=local.id,
                    )
                )
            if local.owner not in self.library.roles:
                help_ = role_suggestion(local.owner, self.library.roles)
                self.found.append(
                    Diagnostic(
                        "AUP302",
                        self.file.value_span((*route, "owner")),
                        f"there is no role `{local.owner}` to own this clause",
                        help_,
                        clause=local.id,
                    )
                )
            for n, document in enumerate(local.essential):
                if document not in (*DOCUMENTS, *self.library.documents):
                    help_ = suggestion(
                        document, self.library.documents, f"there are {listing(self.library.documents)}"
                    )
                    self.found.append(
                        Diagnostic(
                            "AUP205",
                            self.file.value_span((*route, "essential", n)),
                            f"there is no document `{document}`",
                            help_,
                            clause=local.id,
                        )
                    )
            if local.beside and local.beside not in self.library.clauses:
                beside = self.file.value_span((*route, "beside"))
                if local.beside in self.local_ids:
                    message = f"`{local.beside}` is a clause of this profile’s own: `{local.id}` cannot stand beside it"
                    help_ = "name a clause of the library, or of a profile above; your own print in their order here"
                    self.found.append(Diagnostic("AUP113", beside, message, help_, clause=local.id))
                else:
                    self.later.append(LaterName(Locked.CLAUSE, local.beside, beside))
            wording = self._wording(route, local.text, local.phrases)
            special = self._by_reader((*route, "wordings"), local.wordings)
            for reader in special:
                if reader not in local.audiences:
                    message = f"`{reader}` is not among the audiences of `{local.id}`"
                    help_ = f"add it to `audiences:`, or delete the words for {reader}"
                    self._fault("AUP113", (*route, "wordings", reader), message, help_)
            self._check_beginnings(route, local.kind, wording, special, {})
            revisions = (Revision(local.since or FIRST_YEAR, wording, special=special),)
            if fault := until_fault(self.file, route, local.until, revisions, local.id):
                self.found.append(fault)
            yield Clause(
                local.id, local.topic, local.owner, tuple(local.audiences), local.kind, Status.LOCAL, local.rationale,
                revisions, span, essential=tuple(local.essential), layer=self.slug, until=local.until,
                beside=local.beside or "",
            )  # fmt: skip

    def _vocabulary(
        self, given: Mapping[str, str | FormsShape], at: Route
    ) -> Iterator[tuple[str, WordForms]]:
        concepts = self.library.language.vocabulary
        for id_, choice in given.items():
            route: Route = (*at, "vocabulary", id_)
            if id_ not in concepts:
                self._fault(
                    "AUP113",
                    route,
                    f"the vocabulary has no word for `{id_}`",
                    suggestion(id_, concepts, f"it has {listing(concepts)}"),
                )
            elif isinstance(choice, FormsShape):
                yield id_, word_forms(choice)
            elif choice in concepts[id_].words:
                yield id_, concepts[id_].words[choice]
            else:
                words = concepts[id_].words
                help_ = suggestion(
                    choice,
                    words,
                    f"choose from {listing(words)}, or give `one:` and `many:` of your own word",
                )
                self.found.append(
                    Diagnostic(
                        "AUP113",
                        self.file.value_span(route),
                        f"`{choice}` is not a word for `{id_}`",
                        help_,
                        profile=self.slug,
                    )
                )

    def _document(self, at: Route, id_: str, shape: DocumentShape) -> DocumentChoice:
        route: Route = (*at, id_)
        skeleton = self.library.documents.get(id_)
        if skeleton is None:
            help_ = suggestion(id_, self.library.documents, f"there are {listing(self.library.documents)}")
            self._fault("AUP205", route, f"there is no document `{id_}`", help_)
        sections = None
        if shape.sections is not None and skeleton is not None:
            sections = self._sections((*route, "sections"), shape.sections, skeleton.sections())
        return DocumentChoice(
            id_,
            self.file.key_span(route),
            shape.title,
            sections,
            None if shape.audiences is None else tuple(shape.audiences),
            shape.voice,
            None if shape.clauses is None else shape.clauses == "essential",
            shape.addressed_as or "",
            shape.name or "",
            shape.noun or "",
            shape.issue,
            shape.approver or "",
        )

    def _sections(
        self, route: Route, shapes: list[SectionShape], known: Mapping[str, SectionGap]
    ) -> tuple[SectionChoice, ...]:
        out: list[SectionChoice] = []
        for position, shape in enumerate(shapes):
            at = (*route, position)
            span = self.file.value_span((*at, "id"))
            if any(choice.id == shape.id for choice in out):
                self.found.append(
                    Diagnostic("AUP207", span, f"the section `{shape.id}` is listed twice", "delete one")
                )
            if shape.id not in known and not (shape.topics or shape.clauses or shape.sections):
                help_ = suggestion(
                    shape.id,
                    known,
                    f"it has {listing(known, 30)}; a section of your own needs `topics`, `clauses` or `sections`",
                )
                self.found.append(
                    Diagnostic("AUP206", span, f"the template has no section `{shape.id}`", help_)
                )
            elif shape.id not in known and shape.title is None and shape.heading:
                self.found.append(
                    Diagnostic("AUP111", span, "a section of your own needs a `title`", "add `title:`")
                )
            for n, topic in enumerate(shape.topics or ()):
                if topic not in self.library.topics:
                    help_ = suggestion(topic, self.library.topics, "name a topic of the library")
                    there = self.file.value_span((*at, "topics", n))
                    self.found.append(Diagnostic("AUP208", there, f"there is no topic `{topic}`", help_))
            for n, clause in enumerate(shape.clauses or ()):
                if clause not in self.library.clauses and clause not in self.local_ids:
                    there = self.file.value_span((*at, "clauses", n))
                    self.later.append(LaterName(Locked.CLAUSE, clause, there))
            inner = None
            if shape.sections is not None:
                inner = self._sections((*at, "sections"), shape.sections, known)
            out.append(
                SectionChoice(
                    shape.id,
                    shape.title,
                    None if shape.topics is None else tuple(shape.topics),
                    None if shape.clauses is None else tuple(shape.clauses),
                    inner,
                    shape.voice,
                    None if shape.print is None else shape.print == "essential",
                    shape.heading,
                    shape.extension_point,
                )
            )
        return tuple(out)
