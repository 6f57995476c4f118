"""Compiling the library: the texts of `clauses/` and `templates/` in, checked and linked values out.

Every fault of every file is found in one run; a library with errors is still returned where it can be, so
that a profile's own faults are found in the same run. Reads no files: `files.py` hands over the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from aupgen.library.compiled import Library, Templates, condition_fault
from aupgen.library.concerns import read_with
from aupgen.library.fields import UNITS, PhrasedShape, SpecialShape
from aupgen.library.links import link_faults, read_links
from aupgen.library.shapes import (
    ClauseShape,
    FrameworksShape,
    LanguageShape,
    NationsShape,
    ParametersShape,
    RevisionShape,
    RolesShape,
    TopicShape,
    VariantShape,
)
from aupgen.library.skeleton import (
    RATINGS,
    AppendixGap,
    BlockGap,
    ChoicesGap,
    ContactsGap,
    IssuedGap,
    ListTableGap,
    PathGap,
    RatingsGap,
    SectionGap,
    Skeleton,
    SlipGap,
)
from aupgen.library.templates import check_part, compile_page, compile_template, conditions
from aupgen.library.values import read_value, role_suggestion, unknown_role, word_forms
from aupgen.library.wording import phrased_wording, wording_at
from aupgen.library.years import until_fault
from aupgen.policy.clause import Clause, Conditions, Revision, Topic, Wording
from aupgen.policy.facts import FACTS
from aupgen.policy.framework import PRINTED_STATUSES, Framework, FrameworkStatus, editions_from
from aupgen.policy.language import AudienceNames, Clock, Concept, Language, VoiceTable
from aupgen.policy.nation import NationTerms
from aupgen.policy.parameter import (
    Parameter,
    ParameterType,
    RolesValue,
)
from aupgen.policy.role import Article, Role
from aupgen.policy.terms import DOCUMENTS, Audience, Kind, Nation, Voice
from aupgen.policy.wording import Names, Pieces, slots_in
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, listing, suggestion
from aupgen.source.shape import AnyShape, check_shape
from aupgen.source.span import SourceText, Span
from aupgen.source.yaml_text import Route, YamlFile, read_yaml

ROLES, PARAMETERS, FRAMEWORKS, VOICES = "roles.yaml", "parameters.yaml", "frameworks.yaml", "voices.yaml"
NATIONS = "nations.yaml"
REGISTERS = (ROLES, PARAMETERS, FRAMEWORKS, NATIONS, VOICES)
PAGE = "page.html.j2"
DOCUMENT_SUFFIX = ".md.j2"

# The phrases that pages need beside clauses, and the placeholders each may use beside the general ones.
_PHRASES: dict[str, tuple[str, ...]] = {
    "awaiting_approval": (),
    "circulated": ("approval_line", "fingerprint"),
    "approved": ("approving_body", "approval_day"),
    "approved_with_minute": ("approving_body", "approval_day", "minute_reference"),
    "contacts_changed_since": ("approval_line",),
    "running": ("approval",),
    "running_edition": (),
    "hours_range": ("start", "end"),
    "in_person": (),
    "every_of": ("names",),
    "if_only": ("conditions", "text"),
    "exemplar": (),
    "extension_point": (),
    "name_of": ("post",),
    "school_name": (),
    "choose_one": ("what", "answers"),
    "draft": (),
    "appendix": ("number", "title"),
    "person_in_post": ("person", "post"),
    "see_self": ("noun",),
    "see_appendix": ("name", "number"),
    "see_other": ("name",),
    "see_section": ("number",),
    **{f"rating_{rating.replace('-', '_')}": () for rating in RATINGS},
    **{f"status_{status.value.replace('-', '_')}": () for status in PRINTED_STATUSES},
}


_NAMES_OF_PHRASES = (
    "issuer",
    "approver",
    "edition",
    "policy_year",
    "document",
    "pupil",
    "pupils",
    "parent",
    "parents",
)


def compile_library(
    clause_files: Mapping[str, SourceText],
    template_files: Mapping[str, SourceText],
    known: Mapping[str, Topic] | None = None,
    templates: Templates | None = None,
) -> tuple[Library | None, list[Diagnostic]]:
    """Return the library compiled from its files by name, and every finding in them.

    ``known`` are topics by file name that were compiled before, without findings, from the same text and beside
    the same registers and documents: they are taken as they are. So are ``templates``, compiled before from the same texts
    of all templates beside the same registers; whether there are the topics and clauses they name is looked up again.

    None where roles, parameters, frameworks, nations or voices cannot be read: nothing can be checked without
    them. What is found and stops nothing stands in the library's ``warnings``, too.
    """
    reading = _Reading()
    roles_file, roles_shape = reading.register(clause_files, ROLES, RolesShape)
    parameters_file, parameters_shape = reading.register(clause_files, PARAMETERS, ParametersShape)
    frameworks_file, frameworks_shape = reading.register(clause_files, FRAMEWORKS, FrameworksShape)
    nations_file, nations_shape = reading.register(clause_files, NATIONS, NationsShape)
    voices_file, voices_shape = reading.register(clause_files, VOICES, LanguageShape)
    usable = not reading.spoilt
    known = known or {}
    topics = {
        name: None if name in known else reading.register(clause_files, name, TopicShape)
        for name in sorted(clause_files)
        if name not in REGISTERS
    }
    if not usable:
        for file, key, name in (
            (roles_file, "roles", "id"),
            (frameworks_file, "frameworks", "id"),
            (nations_file, "nations", "id"),
            (parameters_file, "parameters", "name"),
        ):
            reading.found += _given_twice(file, key, name)
        return None, reading.found

    linker = _Linker(reading.found, document_ids(template_files))
    linker.roles = linker.unique(roles_file, "roles", ((r.id, _role(r)) for r in roles_shape.roles))
    linker.check_posts(roles_file, roles_shape)
    linker.read_parameters(parameters_file, parameters_shape)
    linker.frameworks = linker.unique(
        frameworks_file, "frameworks", ((f.id, _framework(f)) for f in frameworks_shape.frameworks)
    )
    linker.check_successors(frameworks_file, frameworks_shape)
    nations = linker.nations(nations_file, nations_shape)
    linker.names = _names(linker, parameters_file, _built_in_names(linker, voices_shape))
    language = linker.language(voices_file, voices_shape)
    linked: dict[str, Topic] = {}
    for name, read in topics.items():
        if read is None:
            linked[known[name].id] = linker.placed(known[name])
        elif read[1].topic:
            linked[read[1].topic] = linker.topic(name, *read)
    unread = {name.removesuffix(".yaml") for name in reading.spoilt}
    documents = linker.documents(template_files, linked, unread, templates.documents if templates else None)
    reading.found += link_faults(linked, complete=not unread)
    page = templates.page if templates else ()
    if templates is None:
        page, faults = compile_page(template_files.get(PAGE), template_files)
        reading.found += faults
    warnings = tuple(f for f in reading.found if f.severity is not Severity.ERROR)
    digest = read_with(linker.roles, linker.parameters, language, documents, linker.names, linked)
    library = Library(
        linker.roles, linker.parameters, linker.frameworks, nations, linked, language, documents, linker.names, page,
        digest, warnings,
    )  # fmt: skip
    return library, reading.found


def _given_twice(file: YamlFile, key: str, name: str) -> Iterator[Diagnostic]:
    """AUP207 for every entry of a register that takes the name of an earlier one."""
    entries = file.data.get(key)
    seen: set[object] = set()
    for position, entry in enumerate(entries if isinstance(entries, list) else []):
        id_ = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(id_, str) and id_ in seen:
            span = file.value_span((key, position, name))
            yield Diagnostic(
                "AUP207", span, f"`{id_}` is given twice in this file", "give one of them another id"
            )
        seen.add(id_ if isinstance(id_, str) else None)


def document_ids(template_files: Iterable[str]) -> tuple[str, ...]:
    """The ids of the document types among the template files, sorted; names that start with `_` are parts."""
    names = (name.removesuffix(DOCUMENT_SUFFIX) for name in template_files if name.endswith(DOCUMENT_SUFFIX))
    return tuple(sorted(name for name in names if not name.startswith("_")))


class _Reading:
    """Reads files and keeps what was found on the way."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.spoilt: set[str] = set()

    def register(
        self, files: Mapping[str, SourceText], name: str, model: type[AnyShape]
    ) -> tuple[YamlFile, AnyShape]:
        """A file and its shape; what could be saved of it where it has faults, nothing where it cannot be read."""
        source = files.get(name)
        if source is None:
            where = next(iter(files.values())).whole if files else Span(f"clauses/{name}")
            self.found.append(
                Diagnostic("AUP513", where, f"the library has no file `{name}`", "every library needs it")
            )
        file, found = read_yaml(source) if source else (None, [])
        if file is None:
            file = YamlFile(source or SourceText(f"clauses/{name}", ""), {}, {}, {})
            shape, faults = check_shape(model, file)
            faults = []
            self.spoilt.add(name)
        else:
            shape, faults = check_shape(model, file)
        self.found += [*found, *faults]
        if has_errors([*found, *faults]):
            self.spoilt.add(name)
        return file, shape


def _role(shape: Any) -> Role:
    nations = {nation: (title.title, title.short or "") for nation, title in shape.nations.items()}
    return Role(
        shape.id,
        shape.title,
        shape.duty,
        shape.article,
        shape.short or "",
        tuple(shape.also_called),
        shape.separate,
        shape.area,
        nations,
        shape.always_held,
        tuple(shape.apart_from),
        shape.retired,
        shape.successor or "",
    )


def _framework(shape: Any) -> Framework:
    return Framework(
        shape.id, shape.title, tuple(shape.nations), shape.edition, shape.status, shape.about, shape.url,
        shape.verified, shape.checked.iso, shape.date or "", shape.note or "", shape.superseded_by or "",
        shape.confirmed_by or "", shape.confirmed_on.iso if shape.confirmed_on else "",
    )  # fmt: skip


def _citation_faults(
    cited: Framework, nations: Collection[Nation], register: Mapping[str, Framework]
) -> Iterator[tuple[str, Severity, str, str]]:
    """Yield code, severity, message and help of what is wrong with a citation by a clause for ``nations``."""
    if nations and not set(nations) & set(cited.nations):
        message = f"`{cited.id}` is for {listing(cited.nations)}, and this clause for {listing(nations)}"
        help_ = "cite a framework of the clause’s own nation, or mend `nations:`"
        yield "AUP308", Severity.ERROR, message, help_
    if cited.is_superseded:
        newest = editions_from(cited.id, register)[-1]
        if newest is cited or newest.is_superseded:
            message, help_ = f"`{cited.id}` is superseded", "cite what has taken its place, or nothing"
        elif newest.is_confirmed:
            message = f"`{cited.id}` is superseded by `{newest.id}`, which documents name in its place"
            help_ = f"read the clause against the new edition, then cite `{newest.id}`"
        else:
            message = f"`{cited.id}` is superseded by `{newest.id}`, which nobody has confirmed yet"
            help_ = f"confirm `{newest.id}` in `{FRAMEWORKS}`; documents name neither until then"
        yield "AUP306", Severity.WARNING, message, help_
    elif not cited.is_confirmed:
        draft = cited.status is FrameworkStatus.DRAFT
        message = f"`{cited.id}` is a draft" if draft else f"nobody has confirmed `{cited.id}`"
        help_ = f"confirm it in `{FRAMEWORKS}`, or cite it no longer; documents leave it out until then"
        if draft:
            help_ = "cite it once it is in force; documents leave it out until then"
        yield "AUP307", Severity.WARNING, message, help_


_PLAIN = frozenset({""})
_JOINED = frozenset({"any", "all"})
_FIELDS_OF_TYPE: dict[ParameterType, dict[str, frozenset[str]]] = {
    ParameterType.TEXT: {"": _PLAIN},
    ParameterType.ROLES: {"": _JOINED},
    ParameterType.HOURS: {
        "": frozenset({"range"}),
        "from": _PLAIN,
        "to": _PLAIN,
        "places": _JOINED,
        "times": _JOINED,
    },
    ParameterType.DURATION: {"": _PLAIN},
    ParameterType.NUMBER: {"": _PLAIN},
    ParameterType.CHOICE: {"": _PLAIN},
    ParameterType.WORDS: {"": _JOINED},
    ParameterType.FLAG: {},
}


def _built_in_names(linker: _Linker, voices: LanguageShape) -> Names:
    """Everything a placeholder may name beside parameters."""
    fields: dict[str, dict[str, frozenset[str]]] = {}

    def add(name: str, of: Iterable[str], through: Iterable[str] = ("",)) -> None:
        fields[name] = dict.fromkeys(of, frozenset(through))

    for voice in voices.voices.values():
        for pronoun in voice.pronouns:
            add(pronoun, [""])
    for concept in voices.vocabulary.values():
        add(concept.placeholder, ["", "possessive"])
        add(concept.plural, ["", "possessive"])
    add("role", [role.replace("-", "_") for role in linker.roles])
    add("see", [document.replace("-", "_") for document in linker.document_ids])
    add("school", ["", "name"])
    add("audience", ["every", "name"], ["", "capital"])
    add("edition", ["number", "date"])
    for name in ("document", "policy_year", "approver", "approval", "issuer"):
        add(name, [""])
    return Names(fields)


def _names(linker: _Linker, file: YamlFile, built_in: Names) -> Names:
    """All names; AUP207 for a parameter that takes a name of aupgen's own."""
    taken = {
        *built_in.fields,
        *FACTS,
        "text",
        "owner",
        *(name for names in _PHRASES.values() for name in names),
    }
    for position, name in enumerate(linker.parameters):
        if name in taken:
            span = file.value_span(("parameters", position, "name"))
            linker.found.append(
                Diagnostic(
                    "AUP207", span, f"`{name}` is a name of aupgen’s own", "give the parameter another name"
                )
            )
    of_parameters = {
        parameter.name: _FIELDS_OF_TYPE[parameter.type] for parameter in linker.parameters.values()
    }
    return Names({**of_parameters, **built_in.fields})


class _Linker:
    """Turns checked shapes into values and holds their references against each other."""

    def __init__(self, found: list[Diagnostic], documents: tuple[str, ...]) -> None:
        self.found = found
        self.document_ids = documents
        self.roles: dict[str, Role] = {}
        self.parameters: dict[str, Parameter] = {}
        self.frameworks: dict[str, Framework] = {}
        self.names = Names({})
        self._clause_files: dict[str, Span] = {}

    def unique(self, file: YamlFile, key: str, entries: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """The entries of a register by id; the first of two with one id."""
        self.found += _given_twice(file, key, "name" if key == "parameters" else "id")
        out: dict[str, Any] = {}
        for id_, value in entries:
            out.setdefault(id_, value)
        return out

    def read_parameters(self, file: YamlFile, shape: ParametersShape) -> None:
        entries: list[tuple[str, Parameter]] = []
        for position, entry in enumerate(shape.parameters):
            route: Route = ("parameters", position)
            bare = Parameter(
                entry.name,
                entry.type,
                entry.label,
                entry.question,
                entry.help or "",
                None,
                tuple(entry.choices),
            )
            if bool(entry.choices) != (entry.type is ParameterType.CHOICE):
                help_ = "give `choices:` to parameters of the type choice, and only to these"
                self.found.append(
                    Diagnostic(
                        "AUP111",
                        file.value_span((*route, "name")),
                        f"`{entry.name}`: type and choices do not go together",
                        help_,
                    )
                )
            default = None
            if entry.default is not None:
                default, found = read_value(bare, file, (*route, "default"), entry.default)
                self.found += found
                if isinstance(default, RolesValue):
                    self.check_roles(file, (*route, "default"), default.roles)
            entries.append(
                (
                    entry.name,
                    Parameter(
                        bare.name, bare.type, bare.label, bare.question, bare.help, default, bare.choices
                    ),
                )
            )
        self.parameters = self.unique(file, "parameters", entries)

    def check_roles(self, file: YamlFile, route: Route, roles: Iterable[str]) -> None:
        for position, role in enumerate(roles):
            if role not in self.roles:
                at = (*route, position) if (*route, position) in file.routes else route
                self.found.append(unknown_role(file, at, role, self.roles))

    def check_posts(self, file: YamlFile, shape: RolesShape) -> None:
        """AUP201 for roles that other roles name and that are not there, or are retired themselves."""
        for position, role in enumerate(shape.roles):
            route: Route = ("roles", position)
            self.check_roles(file, (*route, "apart_from"), role.apart_from)
            successor = self.roles.get(role.successor or "")
            if role.successor and (successor is None or successor.retired):
                why = "is retired itself" if successor else "is not a role"
                known = [id_ for id_, other in self.roles.items() if not other.retired]
                help_ = suggestion(role.successor, known, "name the role that answers now")
                span = file.value_span((*route, "successor"))
                self.found.append(Diagnostic("AUP201", span, f"`{role.successor}` {why}", help_))

    def check_successors(self, file: YamlFile, shape: FrameworksShape) -> None:
        """AUP202 for a successor nobody knows; AUP309 where successors lead back to where they began."""
        circled: set[str] = set()
        for position, entry in enumerate(shape.frameworks):
            if not entry.superseded_by:
                continue
            span = file.value_span(("frameworks", position, "superseded_by"))
            line = [framework.id for framework in editions_from(entry.id, self.frameworks)]
            if entry.superseded_by not in self.frameworks:
                help_ = suggestion(
                    entry.superseded_by, self.frameworks, "give the id of another entry of this file"
                )
                self.found.append(
                    Diagnostic("AUP202", span, f"`{entry.superseded_by}` is not a framework", help_)
                )
            elif self.frameworks[line[-1]].superseded_by == entry.id and not circled & set(line):
                circled |= set(line)
                message = " is replaced by ".join(f"`{id_}`" for id_ in (*line, entry.id))
                help_ = "delete `superseded_by:` of the newest of them"
                self.found.append(Diagnostic("AUP309", span, message, help_))

    def nations(self, file: YamlFile, shape: NationsShape) -> dict[Nation, NationTerms]:
        """The nations by id; AUP111 where the register lacks one."""
        entries = ((n.id, NationTerms(n.name, n.phases, tuple(n.school_types))) for n in shape.nations)
        out: dict[Any, NationTerms] = self.unique(file, "nations", entries)
        if absent := [nation.value for nation in Nation if nation not in out]:
            help_ = "add an entry for each nation, with its name and phases"
            self.found.append(
                Diagnostic("AUP111", file.key_span(("nations",)), f"`nations` lacks {listing(absent)}", help_)
            )
        return out

    # -------------------------------------------------------------- wording

    def wording(self, file: YamlFile, route: Route, text: str, names: Names | None = None) -> Pieces:
        pieces, found = wording_at(file, route, text, names or self.names)
        self.found += found
        return pieces

    def phrased(self, file: YamlFile, route: Route, shape: PhrasedShape) -> Wording:
        wording, found = phrased_wording(file, route, shape, self.names)
        self.found += found
        if isinstance(shape, VariantShape):
            return replace(wording, when=self.conditions(file, (*route, "when"), shape.when))
        return replace(wording, kind=shape.kind) if isinstance(shape, SpecialShape) else wording

    def conditions(self, file: YamlFile, route: Route, when: Mapping[str, list[str]]) -> Conditions:
        for name, values in when.items():
            fault = condition_fault(name, values, self.parameters)
            if fault:
                span = file.key_span((*route, name))
                wrong = next((n for n, value in enumerate(values) if f"`{value}`" in fault[1]), None)
                if wrong is not None and fault[0] == "AUP213":
                    at = (*route, name, wrong)
                    span = file.value_span(at if at in file.routes else at[:-1])
                self.found.append(Diagnostic(fault[0], span, fault[1], fault[2]))
        return conditions(when)

    # -------------------------------------------------------------- clauses

    def topic(self, name: str, file: YamlFile, shape: TopicShape) -> Topic:
        if shape.topic != name.removesuffix(".yaml"):
            help_ = "give the file the name of its topic"
            self.found.append(
                Diagnostic(
                    "AUP208",
                    file.value_span(("topic",)),
                    f"the topic `{shape.topic}` stands in the file `{name}`",
                    help_,
                )
            )
        clauses = []
        for position, clause in enumerate(shape.clauses or ()):
            route: Route = ("clauses", position)
            if clause is None:
                continue  # reported already
            clauses.append(self._clause(file, route, shape.topic, clause))
        return self.placed(Topic(shape.topic, shape.title or "", tuple(clauses)))

    def placed(self, topic: Topic) -> Topic:
        """The topic with those of its clauses whose id no earlier topic has; AUP207 for the others."""
        clauses = []
        for clause in topic.clauses:
            other = self._clause_files.setdefault(clause.id, clause.span)
            if other is clause.span:
                clauses.append(clause)
                continue
            message = f"the clause `{clause.id}` is in {other.path} already, on line {other.line}"
            self.found.append(
                Diagnostic("AUP207", clause.span, message, "give one of them another id", clause=clause.id)
            )
        return Topic(topic.id, topic.title, tuple(clauses))

    def _clause(self, file: YamlFile, route: Route, topic: str, shape: ClauseShape) -> Clause:
        if shape.owner not in self.roles:
            help_ = role_suggestion(shape.owner, self.roles)
            span = file.value_span((*route, "owner"))
            self.found.append(
                Diagnostic(
                    "AUP302",
                    span,
                    f"the owner role `{shape.owner}` is not in `{ROLES}`",
                    help_,
                    clause=shape.id,
                )
            )
        references: tuple[tuple[str, list[str], str, Collection[str], str], ...] = (
            ("cites", shape.cites, "AUP202", self.frameworks, "framework"),
            ("essential", shape.essential, "AUP205", {*DOCUMENTS, *self.document_ids}, "document"),
        )
        for key, ids, code, there, what in references:
            for position, id_ in enumerate(ids):
                if id_ not in there:
                    span = file.value_span((*route, key, position))
                    help_ = suggestion(id_, there, f"`aupgen list {what}s` prints those there are")
                    self.found.append(
                        Diagnostic(code, span, f"there is no {what} `{id_}`", help_, clause=shape.id)
                    )
        self._check_citations(file, route, shape)
        revisions = tuple(
            self._revision(file, (*route, "revisions", n), r, n) for n, r in enumerate(shape.revisions)
        )
        for position in range(1, len(revisions)):
            if revisions[position].since <= revisions[position - 1].since:
                span = file.value_span((*route, "revisions", position, "since"))
                message = f"this revision does not come after {revisions[position - 1].since}"
                self.found.append(
                    Diagnostic(
                        "AUP303", span, message, "put revisions in order, oldest first", clause=shape.id
                    )
                )
        if fault := until_fault(file, route, shape.until, revisions, shape.id):
            self.found.append(fault)
        return Clause(
            shape.id, topic, shape.owner, tuple(shape.audiences), shape.kind, shape.status, shape.rationale, revisions,
            file.value_span((*route, "id")), tuple(shape.cites), tuple(shape.essential), tuple(shape.nations),
            self.conditions(file, (*route, "when"), shape.when), shape.optional, shape.until,
            read_links(file, (*route, "requires"), shape.requires), read_links(file, (*route, "conflicts"), shape.conflicts),
            tuple(shape.replaces),
        )  # fmt: skip

    def _check_citations(self, file: YamlFile, route: Route, shape: ClauseShape) -> None:
        """AUP306 to AUP308 for citations that cannot be printed as they stand, each at its place.

        A citation of another nation is a slip of the author's. The others come with time, and with a register that
        others may keep, so they are warnings.
        """
        for position, id_ in enumerate(shape.cites):
            framework = self.frameworks.get(id_)
            if framework is None:
                continue  # reported already
            span = file.value_span((*route, "cites", position))
            for code, severity, message, help_ in _citation_faults(framework, shape.nations, self.frameworks):
                self.found.append(Diagnostic(code, span, message, help_, severity, clause=shape.id))

    def _revision(self, file: YamlFile, route: Route, shape: RevisionShape, position: int) -> Revision:
        if position and not (shape.change and shape.why):
            span = file.value_span((*route, "since"))
            help_ = "say in `change:` whether it is editorial or material, and in `why:` what it is for"
            self.found.append(Diagnostic("AUP111", span, "a later revision needs `change` and `why`", help_))
        special = {}
        for name, wording in shape.wordings.items():
            if name not in list(Audience) and name not in list(Voice):
                known = [*Audience, *Voice]
                help_ = suggestion(name, known, f"use an audience or a voice: {listing(known, 20)}")
                span = file.key_span((*route, "wordings", name))
                self.found.append(
                    Diagnostic("AUP113", span, f"`{name}` is neither an audience nor a voice", help_)
                )
            special[name] = self.phrased(file, (*route, "wordings", name), wording)
        return Revision(
            shape.since, self.phrased(file, route, shape), shape.change, shape.why or "",
            tuple(self.phrased(file, (*route, "variants", n), v) for n, v in enumerate(shape.variants)),
            special,
        )  # fmt: skip

    # -------------------------------------------------------------- language and documents

    def language(self, file: YamlFile, shape: LanguageShape) -> Language:
        self._check_language(file, shape)
        voices: dict[Voice, VoiceTable] = {}
        for voice, table in shape.voices.items():
            route: Route = ("voices", voice.value)
            missing = [kind for kind in Kind if (kind in table.items) == (kind in table.sentences)]
            if missing:
                message = f"the voice `{voice}` needs one frame each for {listing(missing)}"
                self.found.append(
                    Diagnostic(
                        "AUP505",
                        file.key_span(route),
                        message,
                        "give it under `items:` or under `sentences:`",
                    )
                )
            voices[voice] = VoiceTable(
                table.pronouns,
                self.wording(file, (*route, "lead_in"), table.lead_in) if table.lead_in else (),
                {k: self._frame(file, (*route, "items", k.value), text) for k, text in table.items.items()},
                {
                    k: self._frame(file, (*route, "sentences", k.value), text)
                    for k, text in table.sentences.items()
                },
                table.bulleted,
                {k: self._lead_in(file, (*route, "lead_ins", k.value), t) for k, t in table.lead_ins.items()},
            )
        for what, needed, given in (
            ("voices", Voice, shape.voices),
            ("audiences", Audience, shape.audiences),
            ("phrases", _PHRASES, shape.phrases),
        ):
            absent = [str(name) for name in needed if name not in given]
            if absent:
                self.found.append(
                    Diagnostic(
                        "AUP505",
                        file.key_span((what,)),
                        f"`{what}` lacks {listing(absent)}",
                        "add an entry for each",
                    )
                )
        for name in shape.phrases:
            if name not in _PHRASES:
                self.found.append(
                    Diagnostic(
                        "AUP110",
                        file.key_span(("phrases", name)),
                        f"no page uses the phrase `{name}`",
                        suggestion(name, _PHRASES, "delete it"),
                    )
                )
        # A phrase that named what phrases are printed for would go round in circles.
        plain = Names(
            {name: self.names.fields[name] for name in _NAMES_OF_PHRASES if name in self.names.fields}
        )
        phrases = {
            name: self.wording(file, ("phrases", name), text, plain.with_plain(_PHRASES.get(name, ())))
            for name, text in shape.phrases.items()
        }
        clock = shape.clock
        concepts = {
            id_: Concept(c.placeholder, c.plural, c.default, {w: word_forms(f) for w, f in c.words.items()})
            for id_, c in shape.vocabulary.items()
        }
        return Language(
            shape.language, {"any": shape.joins.any, "all": shape.joins.all}, shape.articles,
            Clock(clock.separator, clock.morning, clock.afternoon, clock.noon, clock.midnight), tuple(shape.months),
            {unit: word_forms(forms) for unit, forms in shape.units.items()}, concepts,
            {audience: AudienceNames(names.every, names.name, names.condition, names.grade) for audience, names in shape.audiences.items()}, voices, phrases,
        )  # fmt: skip

    def _check_language(self, file: YamlFile, shape: LanguageShape) -> None:
        """AUP505 where a table lacks an entry that some sentence will need."""
        pronouns = {name for table in shape.voices.values() for name in table.pronouns}
        for voice, table in shape.voices.items():
            if lacking := sorted(pronouns - set(table.pronouns)):
                self._lacks(
                    file, ("voices", voice.value, "pronouns"), f"the voice `{voice}` lacks {listing(lacking)}"
                )
        for what, needed, given in (("articles", Article, shape.articles), ("units", UNITS, shape.units)):
            if absent := [str(name) for name in needed if name not in given]:
                self._lacks(file, (what,), f"`{what}` lacks {listing(absent)}")
        for id_, concept in shape.vocabulary.items():
            if concept.default not in concept.words:
                help_ = suggestion(concept.default, concept.words, f"choose from {listing(concept.words)}")
                span = file.value_span(("vocabulary", id_, "default"))
                self.found.append(
                    Diagnostic("AUP113", span, f"`{concept.default}` is not among the words", help_)
                )

    def _frame(self, file: YamlFile, route: Route, text: str) -> Pieces:
        pieces = self.wording(file, route, text, self.names.with_plain(["text", "owner"]))
        if pieces and all(slot.name != "text" for slot in slots_in(pieces)):
            self._lacks(file, route, f"the frame of `{route[-1]}` has no {{{{ text }}}}")
        return pieces

    def _lead_in(self, file: YamlFile, route: Route, text: str) -> Pieces:
        return self.wording(file, route, text, self.names.with_plain(["owner"]))

    def _lacks(self, file: YamlFile, route: Route, message: str) -> None:
        self.found.append(Diagnostic("AUP505", file.key_span(route), message, "add what is missing"))

    def documents(
        self,
        files: Mapping[str, SourceText],
        topics: Mapping[str, Topic],
        unread: set[str],
        known: Mapping[str, Skeleton] | None,
    ) -> dict[str, Skeleton]:
        """The document types. ``unread`` are topics whose files have faults of their own, which need no second one;
        ``known`` the document types compiled before, None where they must be compiled."""
        parts = {name: source.text for name, source in files.items()}
        broken: set[str] = set()
        out: dict[str, Skeleton] = {}
        clauses = {clause.id for topic in topics.values() for clause in topic.clauses}
        for name in sorted(files) if known is None else ():
            if name.startswith("_") and (faults := check_part(files[name], self.names)):
                self.found += faults
                broken.add(name)
        for id_ in self.document_ids:
            source = files[id_ + DOCUMENT_SUFFIX]
            if any(f'"{name}"' in source.text for name in broken):
                continue  # the fault is in the part, and is reported there
            if known is None:
                skeleton, found = compile_template(id_, source, self.names, parts)
                self.found += found
            else:
                skeleton = known[id_]
            if skeleton is not None:
                out[id_] = skeleton
                self.found += self._template_references(
                    source, skeleton.blocks, {*topics, *unread}, None if unread else clauses
                )
        for id_, skeleton in out.items():
            for inner in skeleton.appendices():
                own = out[inner].appendices() if inner in out else ()
                if inner == id_ or (own and inner not in own):  # what holds itself is reported there
                    why = "itself" if inner == id_ else f"`{inner}`, which has an appendix of its own"
                    source = files[id_ + DOCUMENT_SUFFIX]
                    offset = max(source.text.find("{{ appendix"), 0)
                    span = source.span_at(offset, 12)
                    self.found.append(
                        Diagnostic(
                            "AUP504",
                            span,
                            f"`{id_}` cannot hold {why} as an appendix",
                            "appendices stand one level deep",
                        )
                    )
        return out

    def _template_references(
        self,
        source: SourceText,
        blocks: Iterable[BlockGap],
        topics: Collection[str],
        clauses: Collection[str] | None,
    ) -> Iterator[Diagnostic]:
        def at(word: str) -> Any:
            offset = source.text.find(f'"{word}"')
            return source.span_at(offset + 1, len(word)) if offset >= 0 else source.whole

        for block in blocks:
            if isinstance(block, SectionGap):
                references: tuple[tuple[str, str, tuple[str, ...], Collection[str] | None], ...] = (
                    ("AUP208", "topic", block.topics, topics),
                    ("AUP204", "clause", block.clauses, clauses),
                )
                for code, what, names, known in references:
                    for name in names:
                        if known is not None and name not in known:
                            help_ = suggestion(name, known, f"a section names a {what} of the library")
                            yield Diagnostic(code, at(name), f"there is no {what} `{name}`", help_)
                for name, values in block.when:
                    fault = condition_fault(name, values, self.parameters)
                    if fault:
                        wrong = next((value for value in values if f"`{value}`" in fault[1]), name)
                        yield Diagnostic(
                            fault[0], at(wrong if fault[0] == "AUP213" else name), fault[1], fault[2]
                        )
                yield from self._template_references(source, (*block.intro, *block.sections), topics, clauses)
            elif isinstance(block, ContactsGap):
                yield from self._unknown_roles((role for _, role in (*block.rows, *block.known)), at)
            elif isinstance(block, PathGap):
                yield from self._unknown_roles((role for _, _, role in block.rows if role), at)
            elif isinstance(block, ListTableGap):
                for id_ in (id_ for _, cells in block.rows for cell in cells for id_ in cell):
                    if clauses is not None and id_ not in clauses:
                        help_ = suggestion(id_, clauses, "a table of clauses names clauses of the library")
                        yield Diagnostic("AUP204", at(id_), f"there is no clause `{id_}`", help_)
            elif isinstance(block, RatingsGap):
                yield from self._ratings_faults(block, at)
            elif isinstance(block, AppendixGap) and block.document not in self.document_ids:
                yield self._no_document(block.document, at)
            elif isinstance(block, IssuedGap):
                # A document type without a template here is one that no school of this library issues.
                known_types = {*self.document_ids, *DOCUMENTS}
                for document in block.documents:
                    if document not in known_types:
                        yield self._no_document(document, at)
                yield from self._template_references(source, block.blocks, topics, clauses)
            elif isinstance(block, SlipGap):
                yield from self._template_references(source, block.blocks, topics, clauses)
            elif isinstance(block, ChoicesGap) and block.each:
                yield from self._choices_faults(block, at)

    def _unknown_roles(self, roles: Iterable[str], at: Callable[[str], Span]) -> Iterator[Diagnostic]:
        for role in roles:
            if role not in self.roles:
                help_ = role_suggestion(role, self.roles)
                yield Diagnostic("AUP201", at(role), f"there is no role `{role}`", help_)

    def _ratings_faults(self, block: RatingsGap, at: Callable[[str], Span]) -> Iterator[Diagnostic]:
        """AUP504 for what is neither a rating nor a parameter that chooses between ratings."""
        choosing = [n for n, p in self.parameters.items() if p.choices and set(p.choices) <= set(RATINGS)]
        for rating in dict.fromkeys(rating for _, ratings in block.rows for rating in ratings):
            if rating not in (*RATINGS, *choosing):
                message = f"`{rating}` is neither a rating nor a parameter that chooses between ratings"
                help_ = suggestion(rating, [*RATINGS, *choosing], f"choose from {listing(RATINGS)}")
                yield Diagnostic("AUP504", at(rating), message, help_)

    def _no_document(self, document: str, at: Callable[[str], Span]) -> Diagnostic:
        help_ = suggestion(document, self.document_ids, "")
        return Diagnostic("AUP205", at(document), f"there is no document `{document}`", help_)

    def _choices_faults(self, block: ChoicesGap, at: Callable[[str], Span]) -> Iterator[Diagnostic]:
        """AUP504 where the rows of choices are to come from what is no list of words."""
        of_words = [n for n, p in self.parameters.items() if p.type is ParameterType.WORDS]
        if block.each not in of_words:
            message = f"`{block.each}` is not a parameter of the type words"
            help_ = suggestion(block.each, of_words, f"choose from {listing(of_words, 20)}")
            yield Diagnostic("AUP504", at(block.each), message, help_)
