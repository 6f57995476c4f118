"""The layers of one school in, its own first; one checked `Profile` out, everything with who said it.

The rule: what stands nearer the school goes before what stands further away. Blocks of names (contacts,
parameters, vocabulary, single clauses, documents) are put together name by name; a value (a text, a list, the
hours, one contact) is taken whole. Reads no files: `cli/loading.py` finds the layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

from msgspec.structs import replace

from aupgen.library.compiled import Library, phase_fault
from aupgen.policy.clause import Clause
from aupgen.policy.decision import Pick
from aupgen.policy.layer import LaterName, Layer, Lock, Locked, Rewording, Said
from aupgen.policy.parameter import Value, value_text
from aupgen.policy.profile import (
    ClauseChoice,
    ClauseLock,
    Contact,
    DocumentChoice,
    Edition,
    Origin,
    OwnWording,
    Profile,
    ProfileKind,
    Setting,
)
from aupgen.policy.terms import DOCUMENTS, Nation
from aupgen.policy.wording import source_text
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.profiles.school_type import school_type_faults
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, listing, nearest, suggestion
from aupgen.source.span import Span

T = TypeVar("T")

MOST_LAYERS = 5
"""How many profiles may stand one above the other, the school's own counted."""

_ALL_READERS = ""
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
        self.files, self.library, self.area = files, library, area
        self.own = files[0]
        self.found: list[Diagnostic] = []
        self.departed: set[tuple[str, str]] = set()  # by file, the names of locked things that it changes
        said = next((f.policy_year for f in files if f.policy_year), None)
        self.current = said.value if said else None
        self.year = year or self.current or _newest_year(library)
        self.views = [file.in_year(self.year) for file in files]
        self.layers = self._in_force()

    def profile(self) -> tuple[Profile | None, list[Diagnostic]]:
        own = self.own
        self._check_facts()
        self._check_year()
        self._check_nation()
        self.found += school_type_faults(self.layers, self.library.nations)
        local_clauses = self._local_clauses()
        contacts = self._nearest(lambda layer: layer.contacts)
        self._check_later_names({clause.id: clause for clause in local_clauses}, contacts)
        self._check_holders(contacts)
        self._check_locks()
        self._check_switches()
        self._check_decided()
        nation = self._fact(lambda layer: layer.nation)
        edition = self._fact(lambda layer: layer.edition)
        if nation and not has_errors(self.found):
            self._check_effect(nation)
            self._check_edition()
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
            change_rules={
                kind: said.value for kind, said in self._nearest(lambda layer: layer.change_rules).items()
            },
            review_by=self._fact(lambda layer: layer.review_by),
            reasons=self._reasons(),
            layers=tuple(dict.fromkeys(layer.slug for layer in self.layers)),
            origins=self._origins(),
            locked_clauses={
                lock.name: ClauseLock(file.name, lock.span, lock.reason, file.kind is ProfileKind.TRUST)
                for file in reversed(self.files[1:])
                for lock in file.locks
                if lock.what is Locked.CLAUSE and self.year == self.current
            },
        ), self.found

    # -------------------------------------------------------------- the layers in force

    def _in_force(self) -> tuple[Layer, ...]:
        """Every file as it was in the year, nearest first. The area's contacts stand after the school's own."""
        layers = _joined(self.views)
        if area := self.area:
            given: dict[str, Said[Contact]] = {}
            for view in reversed(area.in_year(self.year)):
                given.update(view.contacts)
            theirs = {role for role, entry in self.library.roles.items() if entry.area}
            outside = {
                role: replace(said, value=contact)
                for role, said in given.items()
                if role in theirs and (contact := _held_within(role, given))
            }
            # another authority's people are no help: a post that the area's does not name has nobody
            missing = theirs - set(outside)
            layers = [
                replace(layer, contacts={r: c for r, c in layer.contacts.items() if r not in missing})
                if layer.kind is ProfileKind.AUTHORITY and layer.path != area.path
                else layer
                for layer in layers
            ]
            layers.insert(
                len(self.views[0]), Layer(area.slug, area.kind, area.name, area.path, contacts=outside)
            )
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
        file, said = next(((f, f.policy_year) for f in self.files if f.policy_year), (self.own, None))
        first = _oldest_year(self.library)
        if first is not None and said is not None and said.value < first:
            message = f"the library has no wording for {said.value}: it begins with {first}"
            self.found.append(
                Diagnostic("AUP303", said.span, message, "give a later year", profile=file.slug)
            )
        elif first is not None and self.year < first and self.own.years.get(str(self.year)):
            span = self.own.years[str(self.year)].span or Span(self.own.path)
            message = f"the library has no wording for {self.year}: it begins with {first}"
            self.found.append(
                Diagnostic("AUP303", span, message, "build a later year", profile=self.own.slug)
            )
        self._check_blocks()
        span = self.own.policy_year.span if self.own.policy_year else Span(self.own.path)
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
            span = block.span or span
            message = f"the edition of {self.year} is not given"
            help_ = f"add `edition:` with its number and date under `{self.year}:`"
            self.found.append(Diagnostic("AUP401", span, message, help_, profile=self.own.slug))

    def _check_blocks(self) -> None:
        """AUP113 for a block of what holds now, where it is another layer that says the policy year."""
        for position, file in enumerate(self.files):
            if file.policy_year is not None:
                continue  # reported in reading
            above = next((upper.policy_year for upper in self.files[position:] if upper.policy_year), None)
            latest = above.value if above else self.current
            for text, block in file.years.items():
                if latest is not None and PolicyYear.parse(text) >= latest:
                    message = f"`{text}` is not before the policy year {latest}"
                    help_ = "under `years:` stands what differed earlier; what holds now stands outside it"
                    span = block.span or Span(file.path)
                    self.found.append(Diagnostic("AUP113", span, message, help_, profile=file.slug))

    def _check_edition(self) -> None:
        """AUP402 for an edition that takes effect long before its policy year, or after it; AUP415 for a further
        one that does not say why there is one."""
        said = next((layer.edition for layer in self.layers if layer.edition), None)
        if said is None or self.own.kind not in _ISSUING:
            return
        day, start = said.value.date.first_day, self.year.start
        if not date(start, 3, 1) <= day <= date(start + 1, 8, 31):
            message = f"the edition of {day:%B %Y} is not one of the policy year {self.year}"
            help_ = "give the edition of this year its own number and date, or correct `policy_year:`"
            self.found.append(
                Diagnostic("AUP402", said.span, message, help_, Severity.WARNING, profile=self.own.slug)
            )
        if said.value.number > 1 and not said.value.reason:
            message = f"edition {said.value.number} does not say why there is one"
            help_ = "add `reason:` beside its number, such as `reason: a new safeguarding lead`"
            self.found.append(
                Diagnostic("AUP415", said.span, message, help_, Severity.WARNING, profile=self.own.slug)
            )

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
                self.found.append(Diagnostic("AUP222", reference.span, message, help_, profile=lower[0].slug))
        file = next((file for file in self.files if file.area), None)
        nation = said[0][1].value if said else None
        if (
            (area := self.area)
            and file
            and file.area
            and area.nation
            and nation not in (None, area.nation.value)
        ):
            message = f"{self.own.name} is in {_nation(nation)}, and {area.name} ({area.path}) in {_nation(area.nation.value)}"
            help_ = "name the local authority whose area the school is in"
            self.found.append(Diagnostic("AUP222", file.area.span, message, help_, profile=file.slug))

    # -------------------------------------------------------------- clauses and documents

    def _local_clauses(self) -> tuple[Clause, ...]:
        out: dict[str, Clause] = {}
        names = {file.slug: file.name for file in self.files}
        for file in reversed(self.files):
            for clause in file.local_clauses.values():
                if other := out.get(clause.id):
                    message = f"{names[other.layer]} ({other.span.path}:{other.span.line}) has a clause `{clause.id}` already"
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
            rewordings = wordings.get(id_, [])
            reworded = rewordings[0] if rewordings else None
            layer, said = (use if use and not use[1].value else reworded) or use or _never()
            own = {} if reworded is None else self._worded(id_, rewordings)
            yield (
                id_,
                ClauseChoice(
                    said.reason or (use[1].reason if use else ""),
                    said.span,
                    layer.slug,
                    use[1].value if use else None,
                    own.pop(_ALL_READERS, None),
                    own,
                ),
            )

    def _worded(self, id_: str, chain: Sequence[tuple[Layer, Said[Rewording]]]) -> dict[str, OwnWording]:
        """The words of a clause that hold, by reader; those of a layer for all readers under `_ALL_READERS`.

        ``chain`` is who reworded it, the nearest first. A text takes the place of what a layer further away says to any
        of its readers.
        """
        local = (layer.local_clauses.get(id_) for layer in self.layers)
        clause = self.library.clauses.get(id_) or next(filter(None, local), None)
        out: dict[str, OwnWording] = {}
        for layer, said in reversed(chain):
            given = dict(said.value.by_reader)
            if said.value.text:
                out = {name: own for name, own in out.items() if clause and clause.keeps_words_for(name)}
                given[_ALL_READERS] = Said(said.value.text, said.span, said.reason)
            for name, words in given.items():
                out[name] = OwnWording(words.value, layer.slug, words.span, words.reason)
        return out

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
            given = set(contacts)
            if self.own.kind not in _ISSUING:
                given |= set(self.library.roles)  # its schools say who holds it
            for later in (name for view in self.views[position] for name in view.later_names):
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

    def _check_holders(self, contacts: Mapping[str, Said[Contact]]) -> None:
        """AUP201 where posts are held by one another in a circle, so that nobody holds them."""
        reported: set[str] = set()
        for first in contacts:
            circle = [first]
            while (above := contacts.get(circle[-1])) and (held_by := above.value.same_as) not in circle:
                circle.append(held_by)
            if above and above.value.same_as == first and len(circle) > 1 and first not in reported:
                reported |= set(circle)
                spans = [contacts[role].span for role in circle]
                span = next((span for span in spans if span.path == self.own.path), spans[0])
                message = f"posts have each other’s holder, so that nobody holds them: {' → '.join((*circle, first))}"
                help_ = (
                    "say of one of them who holds it: `name:`, `email:`, `phone:`, or nothing but the post"
                )
                self.found.append(Diagnostic("AUP201", span, message, help_, profile=self.own.slug))

    def _check_locks(self) -> None:
        used: set[tuple[str, str]] = set()
        for position, upper in enumerate(self.files):
            for lock in upper.locks:
                for below, lower in enumerate(self.files[:position]):
                    now = self.views[below]
                    others = (view for view in lower.years.values() if all(view is not v for v in now))
                    for number, layer in enumerate((*now, *others)):
                        if not _mentions(layer, lock):
                            continue
                        for span, reason in self._changes(layer, lock, below, position):
                            used.add((lower.path, lock.name))
                            # what a block of years says is a record of what was: a lock is for what holds now
                            if number < len(now) and self.year == self.current:
                                self.departed.add((lower.path, lock.name))
                                self._departure(lower, upper, lock, span, reason)
        for file in self.files:
            for name, said in file.departures.items():
                if (file.path, name) not in used:
                    message = f"`{name}` is not locked by a profile above, or is not changed here"
                    help_ = "delete the line, or put it under `reasons:`, which is for what nobody has locked"
                    self.found.append(
                        Diagnostic("AUP228", said.span, message, help_, Severity.WARNING, profile=file.slug)
                    )

    def _changes(self, layer: Layer, lock: Lock, below: int, position: int) -> Iterator[tuple[Span, str]]:
        """Where a layer of the file at ``below`` changes what the file at ``position`` has locked, with its reason.

        Saying the same again is no change: neither what stands at the lock and above it, nor what a layer in
        between has put in its place and answered for.
        """
        name = lock.name
        held, between = _joined(self.views[position:]), _joined(self.views[below + 1 :])
        match lock.what:
            case Locked.PARAMETER:
                own = layer.parameters.get(name)
                answers = [self._value(views, name) for views in (held, between)]
                if own and answers[0] is not None and own.value not in answers:
                    yield own.span, own.reason
                for clause, settings in layer.clause_parameters.items():
                    yield from self._changed_settings(clause, settings, held, between, only=name)
            case Locked.CLAUSE:
                use = layer.clause_uses.get(name)
                if use and not any(use.value is self._used(views, name) for views in (held, between)):
                    yield use.span, use.reason
                said = layer.clause_wordings.get(name)
                if said and not any(self._says_the_same(name, layer, views) for views in (held, between)):
                    yield said.span, said.reason
                settings = layer.clause_parameters.get(name, {})
                yield from self._changed_settings(name, settings, held, between)
            case Locked.CONTACT:
                contact = layer.contacts.get(name)
                if contact and contact.value not in _values(held, between, "contacts", name):
                    yield contact.span, contact.reason
            case Locked.DOCUMENT:
                document = layer.documents.get(name)
                chains = [_told(views, "documents", name) for views in (held, between)]
                if document and not any(_changes_nothing(document, chain) for chain in chains):
                    yield document.span, ""

    def _changed_settings(
        self,
        clause: str,
        settings: Mapping[str, Setting],
        held: Sequence[Layer],
        between: Sequence[Layer],
        only: str = "",
    ) -> Iterator[tuple[Span, str]]:
        for name, setting in settings.items():
            same = any(setting.value == self._value(views, name, clause) for views in (held, between))
            if not same and only in ("", name):
                yield setting.span, setting.reason

    def _value(self, views: Sequence[Layer], name: str, clause: str = "") -> Value | None:
        """What a parameter is for some layers: for this clause first, else for all, else the library's default."""
        for_clause = (view.clause_parameters.get(clause, {}).get(name) for view in views)
        for_all = (view.parameters.get(name) for view in views)
        said = next((setting for setting in (*for_clause, *for_all) if setting), None)
        if said:
            return said.value
        return self.library.parameters[name].default if name in self.library.parameters else None

    def _says_the_same(self, clause: str, layer: Layer, views: Sequence[Layer]) -> bool:
        """Whether a clause has the words that some layers give it, with those of a layer before them as well."""
        chain = [(view, view.clause_wordings[clause]) for view in views if clause in view.clause_wordings]
        own = self._worded(clause, [(layer, layer.clause_wordings[clause]), *chain])
        theirs = self._worded(clause, chain)
        return {name: said.wording for name, said in own.items()} == {
            name: said.wording for name, said in theirs.items()
        }

    def _used(self, views: Sequence[Layer], clause: str) -> bool:
        """Whether some layers print a clause: as the nearest of them says, else as the library does."""
        said = _told(views, "clause_uses", clause)
        optional = clause in self.library.clauses and self.library.clauses[clause].optional
        return said[0].value if said else not optional

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
                if (layer.path, id_) in self.departed:
                    break  # said already, with the lock
                if upper.path != layer.path and other.value is not use.value:
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

    def _check_effect(self, nation: Nation) -> None:
        """AUP230 where this file words or asks for a clause that no school of its nation and year can have.

        What it says of a later year holds for this one as well, and may well be of a clause that came in between.
        """
        of_block = {id(block): PolicyYear.parse(text) for text, block in self.own.years.items()}
        for view in self.views[0]:
            said_in = of_block.get(id(view), self.current)
            for id_, span, why, help_ in self._useless(view, nation, now=said_in in (None, self.year)):
                message = f"this does nothing: {why}"
                self.found.append(
                    Diagnostic(
                        "AUP230",
                        span,
                        message,
                        help_,
                        Severity.WARNING,
                        clause=id_,
                        profile=self.own.slug,
                    )
                )

    def _useless(self, view: Layer, nation: Nation, *, now: bool) -> Iterator[tuple[str, Span, str, str]]:
        """The clauses of the library that a layer words or asks for in vain: each with place, reason and way out."""
        wanted = {id_: use.span for id_, use in view.clause_uses.items() if use.value}
        wanted |= {id_: wording.span for id_, wording in view.clause_wordings.items()}
        for id_, span in wanted.items():
            clause = self.library.clauses.get(id_)
            if clause is None:
                continue
            help_ = "delete it here; a rule of your own stands under `local_clauses:`"
            if clause.nations and nation not in clause.nations:
                of_nations = " and ".join(_nation(n) for n in clause.nations)
                yield id_, span, f"`{id_}` is for {of_nations} only", help_
            elif now and clause.revision_in(self.year) is None:
                yield id_, span, f"`{id_}` has no wording for {self.year}", help_
            elif id_ in view.clause_wordings:
                for reader, words in view.clause_wordings[id_].value.by_reader.items():
                    if reader not in clause.audiences:
                        help_ = f"delete it, or give it to those it is for: {listing(clause.audiences, 20)}"
                        yield id_, words.span, f"`{id_}` is not for {reader}", help_

    def _check_decided(self) -> None:
        """AUP616 for a decision that is put off, AUP617 for one that the profile has not carried out."""
        own = self.own
        folder = own.path.rpartition("/")[0].rpartition("/")[0] or "."
        for id_, decision in own.decided.items():
            if decision.pick is Pick.LATER:
                code = "AUP616"
                message = (
                    f"{own.name} has not decided yet about `{id_}`, which the pack of {decision.pack} changed: "
                    "its own choice stays in force"
                )
                help_ = f"`aupgen init {folder} --decide` shows both wordings and asks"
            elif decision.pick is Pick.TAKE and (id_ in own.clause_wordings or _is_off(own, id_)):
                code = "AUP617"
                message = (
                    f"{own.name} decided to take the words of the pack for `{id_}`, and its own still stand"
                )
                help_ = f"delete `{id_}:` under `clauses:`, or write `choice: keep` here"
            else:
                continue
            self.found.append(
                Diagnostic(
                    code, decision.span, message, help_, Severity.WARNING, clause=id_, profile=own.slug
                )
            )

    def _without_effect(self, id_: str, layer: Layer, use: Said[bool]) -> None:
        for nearer in self.layers[: self.layers.index(layer)]:
            span = None
            if id_ in nearer.clause_wordings:
                span = nearer.clause_wordings[id_].span
            elif nearer.clause_parameters.get(id_):
                span = next(iter(nearer.clause_parameters[id_].values())).span
            if span is not None and nearer.path != layer.path:
                message = (
                    f"this does nothing: {layer.name} ({use.span.path}:{use.span.line}) leaves `{id_}` out"
                )
                help_ = "add `use: true` with a reason to print the clause, or delete it here"
                self.found.append(Diagnostic("AUP230", span, message, help_, clause=id_, profile=nearer.slug))

    # -------------------------------------------------------------- who said what

    def _reasons(self) -> dict[str, tuple[tuple[PolicyYear, str], ...]]:
        """What gives a reason for what, by year: see `Profile.reasons`."""
        said = [layer for file in self.files for layer in (file, *file.years.values())]
        names = dict.fromkeys(name for layer in said for name in layer.reasons)
        if not names:
            return {}  # as in most profiles
        spoken_of = {PolicyYear.parse(text) for file in self.files for text in file.years}
        years = sorted({self.year, *(year for year in spoken_of if year < self.year)})
        in_force = {year: _joined(file.in_year(year) for file in self.files) for year in years}
        return {
            name: tuple((year, why) for year in years if (why := _reason(in_force[year], name)))
            for name in names
        }

    def _origins(self) -> dict[str, tuple[Origin, ...]]:
        out: dict[str, list[Origin]] = {}

        departures = {
            (file.path, name): said.value for file in self.files for name, said in file.departures.items()
        }

        def add(key: str, layer: Layer, span: Span, text: str, reason: str = "") -> None:
            given = (departures.get((layer.path, part)) for part in key.split(".")[1:])
            why = reason or next(filter(None, given), "")
            origin = Origin(layer.slug, span, text, why)
            chain = out.setdefault(key, [])
            if origin not in chain:  # an area's authority may stand above the school as well
                chain.append(origin)

        for layer in self.layers:
            for name, fact in _facts(layer):
                add(name, layer, fact.span, _fact_text(fact.value))
            for id_, forms in layer.vocabulary.items():
                add(f"vocabulary.{id_}", layer, forms.span, f"{forms.value.one}, {forms.value.many}")
            for role, contact in layer.contacts.items():
                # without its reason: manifests go round with documents, and it may be about a person
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
                if wording.value.text:
                    text = source_text(wording.value.text.pieces)
                    add(f"clauses.{id_}.text", layer, wording.span, text, wording.reason)
                for reader, words in wording.value.by_reader.items():
                    key = f"clauses.{id_}.wordings.{reader}"
                    add(key, layer, words.span, source_text(words.value.pieces), words.reason)
            for id_, clause in layer.local_clauses.items():
                add(
                    f"local_clauses.{id_}",
                    layer,
                    clause.span,
                    source_text(clause.revisions[-1].wording.pieces),
                )
            for kind, rule in layer.change_rules.items():
                add(f"change_rules.{kind}", layer, rule.span, rule.value)
            for id_, document in layer.documents.items():
                add(f"documents.{id_}", layer, document.span, _document_text(document))
        return {key: tuple(chain) for key, chain in out.items()}


def _reason(layers: Iterable[Layer], name: str) -> str:
    """The reason of the nearest layer that says something of a name; "" where that one gives none: a reason further
    away is for what stood there."""
    nearest = (layer for layer in layers if name in layer.reasons or layer.says(name))
    return next((layer.reasons.get(name, "") for layer in nearest), "")


def _held_within(role: str, contacts: Mapping[str, Said[Contact]]) -> Contact | None:
    """A contact of one file, with what `same_as` takes from another contact of that file; None where that is not there."""
    contact, seen = contacts[role].value, {role}
    title = contact.title
    while contact.same_as:
        if contact.same_as in seen or contact.same_as not in contacts:
            return None
        seen.add(contact.same_as)
        contact = contacts[contact.same_as].value
    return replace(contact, title=title)


def _is_off(layer: Layer, clause: str) -> bool:
    use = layer.clause_uses.get(clause)
    return use is not None and not use.value


def _never() -> tuple[Layer, Said[bool]]:
    raise AssertionError("a clause is listed because a layer decided on it")


def _newest_year(library: Library) -> PolicyYear:
    years = [r.since for clause in library.clauses.values() for r in clause.revisions]
    return max(years, default=PolicyYear(2000))


@lru_cache(maxsize=4)  # libraries
def _oldest_year(library: Library) -> PolicyYear | None:
    return min((r.since for clause in library.clauses.values() for r in clause.revisions), default=None)


def _nation(nation: Nation) -> str:
    return nation.value.replace("-", " ").title()


def _joined(views: Iterable[Sequence[Layer]]) -> list[Layer]:
    return [layer for file in views for layer in file]


def _told(views: Iterable[Layer], block: str, name: str) -> list[Any]:
    """What layers say of a name in one of their blocks, the nearest first."""
    return [getattr(view, block)[name] for view in views if name in getattr(view, block)]


def _values(held: Iterable[Layer], between: Iterable[Layer], block: str, name: str) -> list[Any]:
    """What stands at a lock and what stands in its place above a layer; empty where nobody said anything."""
    return [said[0].value for views in (held, between) if (said := _told(views, block, name))]


def _mentions(layer: Layer, lock: Lock) -> bool:
    """Whether a layer says anything of what a lock holds."""
    name = lock.name
    match lock.what:
        case Locked.PARAMETER:
            settings = layer.clause_parameters.values()
            return name in layer.parameters or any(name in of_clause for of_clause in settings)
        case Locked.CLAUSE:
            said = (layer.clause_uses, layer.clause_wordings, layer.clause_parameters)
            return any(name in block for block in said)
        case Locked.CONTACT:
            return name in layer.contacts
        case Locked.DOCUMENT:
            return name in layer.documents


def _changes_nothing(own: DocumentChoice, above: Sequence[DocumentChoice]) -> bool:
    """Whether a document is the same with what a layer says of it as without."""
    plain = DocumentChoice(own.id, own.span)
    theirs = _together(list(above)) if above else plain
    return replace(_together([own, *above]), span=own.span, issue=None) == replace(
        theirs, span=own.span, issue=None
    ) and (own.issue is False) is (theirs.issue is False)


def _together(chain: Sequence[DocumentChoice]) -> DocumentChoice:
    """A document as its layers have it: each key from the nearest that says it. To name it is to issue it."""
    out = chain[0]
    for above in chain[1:]:
        missing = {
            name: getattr(above, name)
            for name in out.__struct_fields__
            if name != "issue" and getattr(out, name) in (None, "") and getattr(above, name) not in (None, "")
        }
        out = replace(out, **missing)
    return out


def _facts(layer: Layer) -> Iterator[tuple[str, Said[object]]]:
    for name in (*_FACTS, "school_type", "review_by", "mottos", "other_roles"):
        fact = getattr(layer, name)
        if fact is not None:
            yield name, fact


def _fact_text(value: object) -> str:
    match value:
        case Edition(number, date, reason):
            day = f"-{date.day:02d}" if date.day else ""
            return f"{number}, {date.year}-{date.month:02d}{day}" + (f": {reason}" if reason else "")
        case EditionDate():
            return value.iso
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
