"""The layers of one school in, its own first; one checked `Profile` out, everything with who said it.

The rule: what stands nearer the school goes before what stands further away. Blocks of names (contacts,
parameters, vocabulary, single clauses, documents) are put together name by name; a value (a text, a list, the
hours, one contact) is taken whole. Reads no files: `cli/loading.py` finds the layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from msgspec.structs import replace

from aupgen.library.compiled import Library, phase_fault
from aupgen.policy.clause import Clause
from aupgen.policy.layer import LaterName, Layer, Lock, Locked, Said
from aupgen.policy.parameter import value_text
from aupgen.policy.profile import (
    ClauseChoice,
    Contact,
    DocumentChoice,
    Edition,
    Origin,
    Profile,
    ProfileKind,
    Setting,
)
from aupgen.policy.terms import DOCUMENTS, Nation
from aupgen.policy.wording import source_text
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.profiles.school_type import school_type_faults
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, nearest, suggestion
from aupgen.source.span import Span

T = TypeVar("T")

MOST_LAYERS = 5
"""How many profiles may stand one above the other, the school's own counted."""

_ISSUING = (ProfileKind.SCHOOL, ProfileKind.EXEMPLAR)
_FACTS = ("nation", "phase", "policy_year", "edition", "approver")


def fold(
    files: Sequence[Layer], library: Library, *, area: Layer | None = None, year: PolicyYear | None = None
) -> tuple[Profile | None, list[Diagnostic]]:
    """Return what the layers give together, or None and the findings that stop it.

    ``files`` are the school's own layer and those above it, nearest first. ``area`` is the profile of the local
    authority whose contacts count whoever stands above; None takes them from ``files`` like any others.
    ``year`` None takes the nearest policy year that a layer says.
    """
    return _Fold(tuple(files), library, area, year).profile()


class _Fold:
    def __init__(
        self, files: tuple[Layer, ...], library: Library, area: Layer | None, year: PolicyYear | None
    ) -> None:
        self.files, self.library = files, library
        self.own = files[0]
        self.found: list[Diagnostic] = []
        said = next((f.policy_year for f in files if f.policy_year), None)
        self.current = said.value if said else None
        self.year = year or self.current or _newest_year(library)
        self.layers = self._in_force(area)

    def profile(self) -> tuple[Profile | None, list[Diagnostic]]:
        own = self.own
        self._check_facts()
        self._check_year()
        self._check_nation()
        self.found += school_type_faults(self.layers, self.library.nations)
        local_clauses = self._local_clauses()
        contacts = self._nearest(lambda layer: layer.contacts)
        self._check_later_names({clause.id: clause for clause in local_clauses}, contacts)
        self._check_locks()
        self._check_switches()
        nation = self._fact(lambda layer: layer.nation)
        edition = self._fact(lambda layer: layer.edition)
        if has_errors(self.found) or nation is None or (edition is None and own.kind in _ISSUING):
            return None, self.found
        clause_parameters: dict[str, dict[str, Setting]] = {}
        for layer in reversed(self.layers):
            for clause, settings in layer.clause_parameters.items():
                clause_parameters.setdefault(clause, {}).update(settings)
        return Profile(
            slug=own.slug,
            kind=own.kind,
            name=own.name,
            nation=nation,
            phase=self._fact(lambda layer: layer.phase),
            policy_year=self.year,
            edition=edition or Edition(1, EditionDate(self.year.start, 9)),
            approver=self._fact(lambda layer: layer.approver) or "",
            path=own.path,
            mottos=self._fact(lambda layer: layer.mottos) or (),
            contacts={role: said.value for role, said in contacts.items()},
            other_roles=self._fact(lambda layer: layer.other_roles) or "",
            vocabulary={
                id_: said.value for id_, said in self._nearest(lambda layer: layer.vocabulary).items()
            },
            parameters=self._nearest(lambda layer: layer.parameters),
            clause_parameters=clause_parameters,
            clause_choices=dict(self._clause_choices()),
            local_clauses=local_clauses,
            documents=self._documents(),
            parameters_span=own.parameters_span or Span(own.path),
            contacts_span=own.contacts_span or Span(own.path),
            school_type=self._fact(lambda layer: layer.school_type),
            layers=tuple(dict.fromkeys(layer.slug for layer in self.layers)),
            origins=self._origins(),
        ), self.found

    # -------------------------------------------------------------- the layers in force

    def _in_force(self, area: Layer | None) -> tuple[Layer, ...]:
        """Every file as it was in the year, nearest first. The area's contacts stand after the school's own."""
        layers = [layer for file in self.files for layer in file.in_year(self.year)]
        if area is not None:
            outside = {role: said for role, said in area.contacts.items() if self.library.roles[role].area}
            own = len(self.own.in_year(self.year))
            layers.insert(own, Layer(area.slug, area.kind, area.name, area.path, contacts=outside))
        return tuple(layers)

    def _fact(self, get: Callable[[Layer], Said[T] | None]) -> T | None:
        return next((said.value for layer in self.layers if (said := get(layer)) is not None), None)

    def _nearest(self, get: Callable[[Layer], Mapping[str, T]]) -> dict[str, T]:
        out: dict[str, T] = {}
        for layer in reversed(self.layers):
            out.update(get(layer))
        return out

    # -------------------------------------------------------------- facts and years

    def _check_facts(self) -> None:
        """AUP111 for what no layer says; a key that was only misspelt has its finding already."""
        for name in _FACTS if self.own.kind in _ISSUING else ("nation",):
            if any(name in file.keys or getattr(file, name) for file in (*self.files, *self.layers)):
                continue
            from aupgen.profiles.shapes import ProfileShape  # pydantic: only a profile that lacks something

            fields = ProfileShape.model_fields
            if nearest(name, (key for key in self.own.keys if key not in fields)):
                continue
            above = " here, and no profile it extends says it" if len(self.files) > 1 else ""
            help_ = f"add `{name}:` — {fields[name].description}"
            self.found.append(Diagnostic("AUP111", Span(self.own.path), f"`{name}` is missing{above}", help_))

    def _check_year(self) -> None:
        """AUP303 for a year before the library's first wording, AUP401 for one the profile says nothing of."""
        said = next((f.policy_year for f in self.files if f.policy_year), None)
        span = said.span if said else Span(self.own.path)
        first = min((r.since for c in self.library.clauses.values() for r in c.revisions), default=None)
        if first is not None and said is not None and said.value < first:
            message = f"the library has no wording for {said.value}: it begins with {first}"
            self.found.append(Diagnostic("AUP303", span, message, "give a later year", profile=self.own.slug))
        if self.current is None or self.year == self.current or self.own.kind not in _ISSUING:
            return
        block = self.own.years.get(str(self.year))
        if self.year > self.current or block is None:
            message = f"this profile is for {self.current}, and says nothing of {self.year}"
            help_ = (
                f"under `years:`, add `{self.year}:` with the edition of that year and what differed in it"
            )
            if self.year > self.current:
                help_ = "set `policy_year:` and `edition:`, or leave `--year` out"
            self.found.append(Diagnostic("AUP401", span, message, help_, profile=self.own.slug))
        elif block.edition is None:
            span = block.parameters_span or span
            message = f"the edition of {self.year} is not given"
            help_ = f"add `edition:` with its number and date under `{self.year}:`"
            self.found.append(Diagnostic("AUP401", span, message, help_, profile=self.own.slug))

    def _check_nation(self) -> None:
        """AUP222 where a layer above is of another nation: its rules are not for this school. AUP215 where the
        nation has no schools of the phase."""
        nation = self._fact(lambda layer: layer.nation)
        phase = next((layer.phase for layer in self.layers if layer.phase), None)
        if nation and phase and (fault := phase_fault(nation, phase.value, self.library.nations)):
            code, message, help_ = fault
            self.found.append(Diagnostic(code, phase.span, message, help_, profile=self.own.slug))
        said = [(file, file.nation) for file in self.files if file.nation]
        for lower, upper in pairwise(said):
            if lower[1].value is not upper[1].value:
                reference = lower[0].extends or lower[1]
                message = (
                    f"{lower[0].name} is in {_nation(lower[1].value)}, and {upper[0].name} "
                    f"({upper[0].path}) in {_nation(upper[1].value)}"
                )
                help_ = "a school takes its rules from its own nation: extend another profile"
                self.found.append(Diagnostic("AUP222", reference.span, message, help_, profile=self.own.slug))

    # -------------------------------------------------------------- clauses and documents

    def _local_clauses(self) -> tuple[Clause, ...]:
        out: dict[str, Clause] = {}
        for file in reversed(self.files):
            for clause in file.local_clauses.values():
                if other := out.get(clause.id):
                    message = f"{other.layer} ({other.span.path}:{other.span.line}) has a clause `{clause.id}` already"
                    help_ = f"give yours another id, or change theirs under `clauses:` at `{clause.id}:`"
                    self.found.append(Diagnostic("AUP207", clause.span, message, help_, clause=clause.id))
                else:
                    out[clause.id] = clause
        return tuple(out.values())

    def _clause_choices(self) -> Iterator[tuple[str, ClauseChoice]]:
        uses = self._chains(lambda layer: layer.clause_uses)
        wordings = self._chains(lambda layer: layer.clause_wordings)
        for id_ in dict.fromkeys((*uses, *wordings)):
            use = uses[id_][0] if id_ in uses else None
            wording = wordings[id_][0] if id_ in wordings else None
            layer, said = wording or use or _never()
            yield (
                id_,
                ClauseChoice(
                    said.reason or (use[1].reason if use else ""),
                    said.span,
                    layer.slug,
                    use[1].value if use else None,
                    wording[1].value if wording else None,
                ),
            )

    def _chains(self, get: Callable[[Layer], Mapping[str, T]]) -> dict[str, list[tuple[Layer, T]]]:
        """For every name, who said something of it, the nearest first."""
        out: dict[str, list[tuple[Layer, T]]] = {}
        for layer in self.layers:
            for name, said in get(layer).items():
                out.setdefault(name, []).append((layer, said))
        return out

    def _documents(self) -> tuple[DocumentChoice, ...]:
        """The documents issued, in the order all schools list them in."""
        out = []
        for id_, chain in self._chains(lambda layer: layer.documents).items():
            choice = _together([said for _, said in chain])
            if choice.issue is not False:
                out.append((DOCUMENTS.index(id_) if id_ in DOCUMENTS else len(DOCUMENTS), id_, choice))
        return tuple(choice for _, _, choice in sorted(out, key=lambda entry: entry[:2]))

    # -------------------------------------------------------------- checks between layers

    def _check_later_names(self, local: Mapping[str, Clause], contacts: Mapping[str, Said[Contact]]) -> None:
        for position, file in enumerate(self.files):
            above = {id_ for upper in self.files[position:] for id_ in upper.local_clauses}
            given = {role for upper in self.layers for role in upper.contacts}
            for later in file.later_names:
                if later.what is Locked.CLAUSE and later.name not in above:
                    self._unknown_clause(later, file, {*self.library.clauses, *above})
                elif later.what is Locked.CONTACT and later.name not in given:
                    message = f"`{later.name}` is not another contact here"
                    help_ = suggestion(
                        later.name, contacts, "name another role that stands under `contacts:`"
                    )
                    self.found.append(Diagnostic("AUP201", later.span, message, help_, profile=file.slug))
        for layer in self.layers:
            for id_, settings in layer.clause_parameters.items():
                clause = local.get(id_)
                for name, setting in settings.items():
                    if clause and name not in clause.parameter_names():
                        message = f"the clause `{id_}` does not use `{name}`"
                        self.found.append(Diagnostic("AUP211", setting.span, message, profile=layer.slug))

    def _unknown_clause(self, later: LaterName, file: Layer, known: Iterable[str]) -> None:
        help_ = suggestion(later.name, known, "`aupgen list clauses` prints them all")
        message = f"there is no clause `{later.name}`"
        self.found.append(Diagnostic("AUP204", later.span, message, help_, profile=file.slug))

    def _check_locks(self) -> None:
        used: set[tuple[str, str]] = set()
        for position, upper in enumerate(self.files):
            for lock in upper.locks:
                for lower in self.files[:position]:
                    for layer in lower.in_year(self.year):
                        for span, reason in self._changes(layer, lock, position):
                            used.add((lower.slug, lock.name))
                            self._departure(lower, upper, lock, span, reason)
        for file in self.files:
            for name, said in file.departures.items():
                if (file.slug, name) not in used:
                    message = f"`{name}` is not locked by a profile above, or is not changed here"
                    help_ = "delete the line: a departure needs no reason where nothing is locked"
                    self.found.append(
                        Diagnostic("AUP228", said.span, message, help_, Severity.WARNING, profile=file.slug)
                    )

    def _changes(self, layer: Layer, lock: Lock, position: int) -> Iterator[tuple[Span, str]]:
        """Where a layer changes what a lock holds, with the reason it gives; saying the same again is no change."""
        name = lock.name
        above = [view for file in self.files[position:] for view in file.in_year(self.year)]
        match lock.what:
            case Locked.PARAMETER:
                held = next((view.parameters[name].value for view in above if name in view.parameters), None)
                if held is None and name in self.library.parameters:
                    held = self.library.parameters[name].default
                own = [layer.parameters[name]] if name in layer.parameters else []
                own += [s[name] for s in layer.clause_parameters.values() if name in s]
                yield from ((setting.span, setting.reason) for setting in own if setting.value != held)
            case Locked.CLAUSE:
                if (use := layer.clause_uses.get(name)) and use.value is not _first(above, name):
                    yield use.span, use.reason
                if wording := layer.clause_wordings.get(name):
                    yield wording.span, wording.reason
                for setting in layer.clause_parameters.get(name, {}).values():
                    yield setting.span, setting.reason
            case Locked.CONTACT:
                contact = layer.contacts.get(name)
                theirs = next((view.contacts[name].value for view in above if name in view.contacts), None)
                if contact is not None and contact.value != theirs:
                    yield contact.span, contact.reason
            case Locked.DOCUMENT:
                document = layer.documents.get(name)
                if document and document != DocumentChoice(document.id, document.span):
                    yield document.span, ""

    def _departure(self, lower: Layer, upper: Layer, lock: Lock, span: Span, reason: str) -> None:
        reason = reason or (lower.departures[lock.name].value if lock.name in lower.departures else "")
        whose = f"{upper.name} ({lock.span.path}:{lock.span.line})"
        note = f"{upper.name} gives as its reason: {lock.reason}"
        if upper.kind is ProfileKind.TRUST:
            message = f"{lower.name} changes `{lock.name}`, which {whose} has locked"
            help_ = f"delete it here, or ask {upper.name} to lift the lock"
            code, severity = "AUP226", Severity.ERROR
        elif reason:
            message = f"{lower.name} departs from `{lock.name}`, which {whose} expects: {reason}"
            help_ = "nothing to do: the reason is on record for governors"
            code, severity = "AUP227", Severity.WARNING
        else:
            message = f"{lower.name} departs from `{lock.name}`, which {whose} expects, and gives no reason"
            help_ = "add the reason: under `departures:`, or as `reason:` beside a clause"
            code, severity = "AUP225", Severity.ERROR
            help_ = f"add a line to `departures:`, such as `{lock.name}: our governors decided it on 12 May`"
            if lock.what is Locked.CLAUSE:
                help_ = "add `reason:` beside it, or delete it here"
        self.found.append(Diagnostic(code, span, message, help_, severity, notes=(note,), profile=lower.slug))

    def _check_switches(self) -> None:
        """AUP229 where one layer leaves out what one above asks for, or decides on what one above leaves out."""
        for id_, chain in self._chains(lambda layer: layer.clause_uses).items():
            layer, use = chain[0]
            for upper, other in chain[1:]:
                if upper.slug != layer.slug and other.value is not use.value:
                    did = "prints" if use.value else "leaves out"
                    wants = "prints" if other.value else "leaves out"
                    because = f" ({other.reason})" if other.reason else ""
                    message = (
                        f"{layer.name} {did} `{id_}`, which {upper.name} "
                        f"({other.span.path}:{other.span.line}) {wants}{because}"
                    )
                    help_ = "nothing to do if that is meant: what stands nearer the school goes first"
                    self.found.append(
                        Diagnostic(
                            "AUP229",
                            use.span,
                            message,
                            help_,
                            Severity.WARNING,
                            clause=id_,
                            profile=layer.slug,
                        )
                    )
                    break
            if not use.value:
                self._without_effect(id_, layer, use)

    def _without_effect(self, id_: str, layer: Layer, use: Said[bool]) -> None:
        for nearer in self.layers[: self.layers.index(layer)]:
            span = None
            if id_ in nearer.clause_wordings:
                span = nearer.clause_wordings[id_].span
            elif nearer.clause_parameters.get(id_):
                span = next(iter(nearer.clause_parameters[id_].values())).span
            if span is not None and nearer.slug != layer.slug:
                message = (
                    f"this does nothing: {layer.name} ({use.span.path}:{use.span.line}) leaves `{id_}` out"
                )
                help_ = "add `use: true` with a reason to print the clause, or delete it here"
                self.found.append(Diagnostic("AUP230", span, message, help_, clause=id_, profile=nearer.slug))

    # -------------------------------------------------------------- who said what

    def _origins(self) -> dict[str, tuple[Origin, ...]]:
        out: dict[str, list[Origin]] = {}

        def add(key: str, layer: Layer, span: Span, text: str, reason: str = "") -> None:
            departure = layer.departures.get(key.split(".")[1]) if "." in key else None
            why = reason or (departure.value if departure else "")
            out.setdefault(key, []).append(Origin(layer.slug, span, text, why))

        for layer in self.layers:
            for name, fact in _facts(layer):
                add(name, layer, fact.span, _fact_text(fact.value))
            for id_, forms in layer.vocabulary.items():
                add(f"vocabulary.{id_}", layer, forms.span, f"{forms.value.one}, {forms.value.many}")
            for role, contact in layer.contacts.items():
                add(f"contacts.{role}", layer, contact.span, _contact_text(contact.value))
            for name, setting in layer.parameters.items():
                add(f"parameters.{name}", layer, setting.span, value_text(setting.value), setting.reason)
            for id_, settings in layer.clause_parameters.items():
                for name, setting in settings.items():
                    key = f"clauses.{id_}.{name}"
                    add(key, layer, setting.span, value_text(setting.value), setting.reason)
            for id_, use in layer.clause_uses.items():
                add(f"clauses.{id_}.use", layer, use.span, "true" if use.value else "false", use.reason)
            for id_, wording in layer.clause_wordings.items():
                text = source_text(wording.value.pieces)
                add(f"clauses.{id_}.text", layer, wording.span, text, wording.reason)
            for id_, clause in layer.local_clauses.items():
                add(
                    f"local_clauses.{id_}",
                    layer,
                    clause.span,
                    source_text(clause.revisions[-1].wording.pieces),
                )
            for id_, document in layer.documents.items():
                add(f"documents.{id_}", layer, document.span, _document_text(document))
        return {key: tuple(chain) for key, chain in out.items()}


def _never() -> tuple[Layer, Said[bool]]:
    raise AssertionError("a clause is listed because a layer decided on it")


def _newest_year(library: Library) -> PolicyYear:
    years = [r.since for clause in library.clauses.values() for r in clause.revisions]
    return max(years, default=PolicyYear(2000))


def _nation(nation: Nation) -> str:
    return nation.value.replace("-", " ").title()


def _first(layers: Iterable[Layer], clause: str) -> bool | None:
    return next((layer.clause_uses[clause].value for layer in layers if clause in layer.clause_uses), None)


def _together(chain: Sequence[DocumentChoice]) -> DocumentChoice:
    """A document as its layers have it: each key from the nearest that says it."""
    out = chain[0]
    for above in chain[1:]:
        missing = {
            name: getattr(above, name)
            for name in out.__struct_fields__
            if getattr(out, name) in (None, "") and getattr(above, name) not in (None, "")
        }
        out = replace(out, **missing)
    return out


def _facts(layer: Layer) -> Iterator[tuple[str, Said[object]]]:
    for name in (*_FACTS, "school_type", "mottos", "other_roles"):
        fact = getattr(layer, name)
        if fact is not None:
            yield name, fact


def _fact_text(value: object) -> str:
    match value:
        case Edition(number, date, reason):
            day = f"-{date.day:02d}" if date.day else ""
            return f"{number}, {date.year}-{date.month:02d}{day}" + (f": {reason}" if reason else "")
        case tuple():
            return " / ".join(map(str, value))
        case _:
            return str(value)


def _contact_text(contact: Contact) -> str:
    same = f"the same as {contact.same_as}" if contact.same_as else ""
    parts = (contact.title, ", ".join(contact.names), same, contact.email, contact.phone)
    return "; ".join(part for part in parts if part) or "the post alone"


def _document_text(choice: DocumentChoice) -> str:
    if choice.issue is False:
        return "not issued"
    said = [name for name in choice.__struct_fields__ if name not in ("id", "span", "issue")]
    changed = [name for name in said if getattr(choice, name) not in (None, "")]
    return "issued" + (f" with its own {', '.join(changed)}" if changed else "")
