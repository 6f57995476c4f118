"""A profile file in; one checked `Profile` out, every value knowing the layer that set it.

Findings stand at the profile's own lines. This module knows what a profile may say; what a document then
needs of it is found in binding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from aupgen.library.compiled import Library, read_value, unknown_role, word_forms
from aupgen.library.shapes import FormsShape
from aupgen.library.skeleton import SectionGap
from aupgen.policy.parameter import RolesValue
from aupgen.policy.profile import Contact, DocumentChoice, Edition, Profile, SectionChoice, Setting, WordForms
from aupgen.profiles.shapes import DocumentShape, ProfileShape, SectionShape
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
    if shape is None:
        return None, found
    reader = _Reader(file, slug, library, found)
    profile = reader.profile(shape)
    return (None if has_errors(found) else profile), found


class _Reader:
    def __init__(self, file: YamlFile, slug: str, library: Library, found: list[Diagnostic]) -> None:
        self.file, self.slug, self.library, self.found = file, slug, library, found

    def profile(self, shape: ProfileShape) -> Profile:
        for role in shape.contacts:
            if role not in self.library.roles:
                help_ = suggestion(role, self.library.roles, "`aupgen list roles` prints the roles there are")
                self._fault("AUP201", ("contacts", role), f"there is no role `{role}`", help_)
        if shape.other_roles is not None and shape.other_roles not in self.library.roles:
            self.found.append(
                unknown_role(self.file, ("other_roles",), shape.other_roles, self.library.roles)
            )
        contacts = {
            role: Contact(c.title or "", c.name or "", c.email or "", c.phone or "", c.show)
            for role, c in shape.contacts.items()
        }
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
            vocabulary=dict(self._vocabulary(shape.vocabulary)),
            parameters=self._settings(("parameters",), shape.parameters),
            clause_parameters=dict(self._clause_settings(shape)),
            documents=tuple(self._document(id_, choice) for id_, choice in shape.documents.items()),
            parameters_span=self.file.key_span(("parameters",)),
            contacts_span=self.file.key_span(("contacts",)),
        )

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
        return DocumentChoice(id_, self.file.key_span(route), shape.title, sections)

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
            elif shape.id not in known and shape.title is None:
                self.found.append(
                    Diagnostic("AUP111", span, "a section of your own needs a `title`", "add `title:`")
                )
            for key, code, names, there in (
                ("topics", "AUP208", shape.topics, self.library.topics),
                ("clauses", "AUP204", shape.clauses, self.library.clauses),
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
                )
            )
        return tuple(out)
