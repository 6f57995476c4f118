"""A profile file in; one checked `Profile` out, every value knowing the layer that set it.

Findings stand at the profile's own lines. This module knows what a profile may say; what a document then
needs of it is found in binding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from aupgen.library.compiled import Library
from aupgen.library.fields import FormsShape, PhrasedShape
from aupgen.library.skeleton import SectionGap
from aupgen.library.values import read_value, role_suggestion, unknown_role, word_forms
from aupgen.library.years import until_fault
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.parameter import RolesValue
from aupgen.policy.profile import (
    ClauseChoice,
    Contact,
    DocumentChoice,
    Edition,
    Profile,
    ProfileKind,
    SectionChoice,
    Setting,
    Show,
)
from aupgen.policy.terms import DOCUMENTS, Status
from aupgen.policy.vocabulary import WordForms
from aupgen.policy.year import FROM_THE_START
from aupgen.profiles.school_type import school_type_faults
from aupgen.profiles.shapes import ContactShape, DocumentShape, ProfileShape, SectionShape
from aupgen.source.diagnostics import Diagnostic, has_errors, listing, suggestion
from aupgen.source.shape import check_shape
from aupgen.source.span import SourceText
from aupgen.source.yaml_text import Route, YamlFile, read_yaml

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


def read_profile(source: SourceText, slug: str, library: Library) -> tuple[Profile | None, list[Diagnostic]]:
    """Return the profile in ``source``, or None and the findings that stop it. ``slug`` is its file's name."""
    file, found = read_yaml(source)
    if fault := slug_fault(source, slug):
        found.append(fault)
    if file is None:
        return None, found
    shape, faults = check_shape(ProfileShape, file)
    found += faults
    reader = _Reader(file, slug, library, found)
    profile = reader.profile(shape)
    return (None if has_errors(found) else profile), found


class _Reader:
    def __init__(self, file: YamlFile, slug: str, library: Library, found: list[Diagnostic]) -> None:
        self.file, self.slug, self.library, self.found = file, slug, library, found
        self.kind = ProfileKind.SCHOOL
        self.contact_roles: frozenset[str] = frozenset()
        self.clause_ids: set[str] = set()

    def profile(self, shape: ProfileShape) -> Profile | None:
        """The profile; None where anything is wrong with it. A shape with faults is looked through for more."""
        data = self.file.data.get("contacts")
        self.kind, self.contact_roles = shape.kind, frozenset(data if isinstance(data, dict) else ())
        contacts = {role: self._contact(role, contact) for role, contact in shape.contacts.items()}
        shape = shape.model_copy(update={"local_clauses": shape.local_clauses or []})
        self.clause_ids = {*self.library.clauses, *(local.id for local in shape.local_clauses if local)}
        for role in shape.contacts:
            if role not in self.library.roles:
                self._fault(
                    "AUP201",
                    ("contacts", role),
                    f"there is no role `{role}`",
                    role_suggestion(role, self.library.roles),
                )
        if shape.other_roles is not None and shape.other_roles not in self.library.roles:
            self.found.append(
                unknown_role(self.file, ("other_roles",), shape.other_roles, self.library.roles)
            )
        vocabulary = dict(self._vocabulary(shape.vocabulary))
        parameters = self._settings(("parameters",), shape.parameters)
        clause_parameters = dict(self._clause_settings(shape))
        clause_choices = dict(self._clause_choices(shape))
        local_clauses = tuple(self._local_clauses(shape))
        documents = tuple(self._document(id_, choice) for id_, choice in shape.documents.items())
        self._check_year(shape)
        self.found += school_type_faults(self.file, shape.nation, shape.school_type, self.slug)
        if has_errors(self.found):
            return None
        return Profile(
            slug=self.slug,
            kind=shape.kind,
            name=shape.name,
            nation=shape.nation,
            phase=shape.phase,
            policy_year=shape.policy_year,
            edition=Edition(shape.edition.number, shape.edition.date, shape.edition.reason or ""),
            approver=shape.approver,
            path=self.file.source.path,
            mottos=tuple(shape.mottos),
            contacts=contacts,
            other_roles=shape.other_roles or "",
            vocabulary=vocabulary,
            parameters=parameters,
            clause_parameters=clause_parameters,
            clause_choices=clause_choices,
            local_clauses=local_clauses,
            documents=documents,
            parameters_span=self.file.key_span(("parameters",)),
            contacts_span=self.file.key_span(("contacts",)),
            school_type=shape.school_type,
        )

    def _check_year(self, shape: ProfileShape) -> None:
        """AUP303 for a year before the library's first wording: every document would come out empty."""
        first = min((r.since for c in self.library.clauses.values() for r in c.revisions), default=None)
        if first is not None and shape.policy_year is not None and shape.policy_year < first:
            span = self.file.value_span(("policy_year",))
            message = f"the library has no wording for {shape.policy_year}: it begins with {first}"
            self.found.append(Diagnostic("AUP303", span, message, "give a later year", profile=self.slug))

    def _contact(self, role: str, shape: ContactShape) -> Contact:
        names = tuple(shape.names or [name for name in (shape.name, shape.firm) if name])
        if shape.show is Show.NAME and not names and self.kind is not ProfileKind.EXEMPLAR:
            span = self.file.value_span(("contacts", role, "show"))
            help_ = "add `name:`, or write `show: role`"
            self.found.append(
                Diagnostic("AUP113", span, "`show: name` needs a name", help_, profile=self.slug)
            )
        if shape.same_as == role or (shape.same_as is not None and shape.same_as not in self.contact_roles):
            help_ = suggestion(
                shape.same_as, self.contact_roles, "name another role that stands under `contacts:`"
            )
            self._fault(
                "AUP201",
                ("contacts", role, "same_as"),
                f"`{shape.same_as}` is not another contact here",
                help_,
            )
        elif shape.same_as is not None:
            self._check_apart(role, shape.same_as)
        return Contact(
            shape.title or "", names, shape.same_as or "", shape.email or "", shape.phone or "", shape.show
        )

    def _check_apart(self, role: str, held_by: str) -> None:
        """AUP214 where `same_as` joins a post that stands apart to one that does not.

        A concern about the head must not reach the head by this way either: see `Role.separate`.
        """
        apart = {
            post: self.library.roles[post].separate for post in (role, held_by) if post in self.library.roles
        }
        if len(set(apart.values())) > 1:
            post = next(post for post, separate in apart.items() if separate)
            other = held_by if post == role else role
            span = self.file.value_span(("contacts", role, "same_as"))
            message = f"`{post}` stands apart from the other posts, and `{other}` cannot share its holder"
            help_ = f"say who holds `{role}` with its own `name:`, `email:` or `phone:`, or leave it as the post alone"
            self.found.append(Diagnostic("AUP214", span, message, help_, profile=self.slug))

    def _fault(self, code: str, route: Route, message: str, help_: str) -> None:
        self.found.append(Diagnostic(code, self.file.key_span(route), message, help_, profile=self.slug))

    def _settings(self, route: Route, given: Mapping[str, object]) -> Mapping[str, Setting]:
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
                out[name] = Setting(value, self.slug, self.file.value_span(at))
        return out

    def _clause_settings(self, shape: ProfileShape) -> Iterator[tuple[str, Mapping[str, Setting]]]:
        clauses = self.library.clauses
        for id_, choice in shape.clauses.items():
            clause = clauses.get(id_)
            if clause is None:
                help_ = suggestion(id_, clauses, "`aupgen list clauses` prints them all")
                self._fault("AUP204", ("clauses", id_), f"there is no clause `{id_}`", help_)
                continue
            route: Route = ("clauses", id_, "parameters")
            used = clause.parameter_names() & set(self.library.parameters)
            for name in choice.parameters:
                if name in self.library.parameters and name not in used:
                    help_ = f"it uses {listing(sorted(used))}" if used else "it uses none"
                    self._fault("AUP211", (*route, name), f"the clause `{id_}` does not use `{name}`", help_)
            yield id_, self._settings(route, choice.parameters)

    def _clause_choices(self, shape: ProfileShape) -> Iterator[tuple[str, ClauseChoice]]:
        """What was switched or reworded. A clause that is not in the library is reported with its settings."""
        for id_, choice in shape.clauses.items():
            if id_ not in self.library.clauses or (choice.use is None and choice.text is None):
                continue
            route: Route = ("clauses", id_)
            wording = self._wording(route, choice.text, choice.phrases) if choice.text is not None else None
            yield id_, ClauseChoice(choice.reason or "", self.file.key_span(route), choice.use, wording)

    def _wording(self, route: Route, text: str, phrases: dict[str, str]) -> Wording:
        # Most profiles word nothing themselves, and Jinja takes longer to import than such a profile to read.
        from aupgen.library.wording import phrased_wording

        shape = PhrasedShape.model_construct(text=text, phrases=phrases)
        wording, found = phrased_wording(self.file, route, shape, self.library.names)
        self.found += found
        return wording

    def _local_clauses(self, shape: ProfileShape) -> Iterator[Clause]:
        seen: set[str] = set()
        for position, local in enumerate(shape.local_clauses):
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
            wording = self._wording(route, local.text, local.phrases)
            revisions = (Revision(local.since or FROM_THE_START, wording),)
            if fault := until_fault(self.file, route, local.until, revisions, local.id):
                self.found.append(fault)
            yield Clause(
                local.id, local.topic, local.owner, tuple(local.audiences), local.kind, Status.LOCAL, local.rationale,
                revisions, span, essential=tuple(local.essential), until=local.until,
            )  # fmt: skip

    def _vocabulary(self, given: Mapping[str, str | FormsShape]) -> Iterator[tuple[str, WordForms]]:
        concepts = self.library.language.vocabulary
        for id_, choice in given.items():
            route: Route = ("vocabulary", id_)
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

    def _document(self, id_: str, shape: DocumentShape) -> DocumentChoice:
        route: Route = ("documents", id_)
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
            for key, code, names, there in (
                ("topics", "AUP208", shape.topics, self.library.topics),
                ("clauses", "AUP204", shape.clauses, self.clause_ids),
            ):
                for n, name in enumerate(names or ()):
                    if name not in there:
                        what = key.removesuffix("s")
                        help_ = suggestion(name, there, f"name a {what} of the library")
                        self.found.append(
                            Diagnostic(
                                code,
                                self.file.value_span((*at, key, n)),
                                f"there is no {what} `{name}`",
                                help_,
                            )
                        )
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
