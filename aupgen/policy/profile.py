"""A school's profile: who it is, what it decided, which documents it issues. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from aupgen.policy.change import Consequence
from aupgen.policy.clause import Clause, Wording
from aupgen.policy.parameter import Value
from aupgen.policy.school_type import SchoolType
from aupgen.policy.terms import Audience, Nation, Voice
from aupgen.policy.vocabulary import WordForms
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.source.span import Span


class ProfileKind(StrEnum):
    AUTHORITY = "authority"
    TRUST = "trust"
    EXEMPLAR = "exemplar"
    SCHOOL = "school"


class Phase(StrEnum):
    NURSERY = "nursery"
    PRIMARY = "primary"
    MIDDLE = "middle"
    SECONDARY = "secondary"
    ALL_THROUGH = "all-through"
    SIXTH_FORM = "sixth-form"
    SPECIAL = "special"
    ALTERNATIVE_PROVISION = "alternative-provision"


class Show(StrEnum):
    """What documents print of a contact: the post alone, or the person's name with it."""

    ROLE = "role"
    NAME = "name"


class Contact(Struct, frozen=True):
    """Who holds a role here. ``title`` is "" where the library's title is used; all fields may be empty.

    ``names`` are persons, any of whom may be turned to, or the one firm that does the work. They are printed
    only with ``Show.NAME``; ``email`` and ``phone`` wherever the contact is listed. ``same_as`` is the role
    whose holder holds this one too, "" where it has a holder of its own.
    """

    title: str = ""
    names: tuple[str, ...] = ()
    same_as: str = ""
    email: str = ""
    phone: str = ""
    show: Show = Show.ROLE


class Edition(Struct, frozen=True):
    """Editions are numbered within a policy year; ``reason`` is "" for the first."""

    number: int
    date: EditionDate
    reason: str = ""


class Setting(Struct, frozen=True):
    """A parameter's value with the layer that set it (a profile's slug), where, and why ("" where not said)."""

    value: Value
    layer: str
    span: Span
    reason: str = ""


class Origin(Struct, frozen=True):
    """Who said something: the layer, where, what it said as one line, and its reason ("" where not given)."""

    layer: str
    span: Span
    text: str
    reason: str = ""


class ClauseLock(Struct, frozen=True):
    """A clause that a layer above has locked. ``rule``: a trust's, which holds; else an expectation."""

    layer: str
    span: Span
    reason: str
    rule: bool


class OwnWording(Struct, frozen=True):
    """Words that a layer gave a clause in the place of the library's, with who, where and why."""

    wording: Wording
    layer: str
    span: Span
    reason: str


class ClauseChoice(Struct, frozen=True):
    """What a profile decided about a clause of the library, with its reason.

    ``use`` is None where it did not switch the clause; ``text`` is None where it did not reword it for all readers.
    ``by_reader`` are its words for one audience, by its name. ``layer`` is the nearest that reworded it, or else who
    switched it.
    """

    reason: str
    span: Span
    layer: str
    use: bool | None = None
    text: OwnWording | None = None
    by_reader: Mapping[str, OwnWording] = field(default_factory=dict)

    @property
    def is_reworded(self) -> bool:
        return self.text is not None or bool(self.by_reader)

    def wording_of(self, layer: str) -> OwnWording | None:
        """The first of its wordings that a layer gave; None where the layer gave none."""
        given = (self.text, *self.by_reader.values())
        return next((own for own in given if own is not None and own.layer == layer), None)


class SectionChoice(Struct, frozen=True):
    """A section as the profile wants it. None keeps what the template says; an id new to the template
    makes a section of its own from ``topics`` and ``clauses``.

    ``heading`` False prints no heading. ``extension_point`` ends the section, in an exemplar, with a line that
    invites schools to add their own.
    """

    id: str
    title: str | None = None
    topics: tuple[str, ...] | None = None
    clauses: tuple[str, ...] | None = None
    sections: tuple[SectionChoice, ...] | None = None
    voice: Voice | None = None
    essential_only: bool | None = None
    heading: bool = True
    extension_point: bool = False


class DocumentChoice(Struct, frozen=True):
    """A document the school issues; None keeps what the template says. ``issue`` False takes back what a layer
    above has it issue.

    ``addressed_as`` is how the document names its readers together, "" for the names of its audiences;
    ``name`` is what other documents call it in mid-sentence and ``noun`` what it calls itself, "" for the
    template's. ``approver`` is who approves it, "" for who approves the others.
    """

    id: str
    span: Span
    title: str | None = None
    sections: tuple[SectionChoice, ...] | None = None
    audiences: tuple[Audience, ...] | None = None
    voice: Voice | None = None
    essential_only: bool | None = None
    addressed_as: str = ""
    name: str = ""
    noun: str = ""
    issue: bool | None = None
    approver: str = ""


class Profile(Struct, frozen=True):
    """Everything a school prints, complete and checked: what it decided itself, and what layers above it did.

    ``parameters`` holds only what the profile set; defaults stay with the library. ``clause_parameters``
    holds settings for one clause, which go before the others. ``vocabulary`` maps a concept (pupil,
    parent) to the forms chosen here. ``local_clauses`` are those of its layers, the topmost
    first, each in a topic of the library. ``other_roles`` is the role that holds what nobody else holds, "" if none.
    ``phase`` is None only for authorities and trusts. ``layers`` are the slugs of its layers, its own first.
    ``origins`` has, for everything that a layer said (``nation``, ``parameters.x``, ``contacts.dpo``,
    ``clauses.x``, ``documents.x`` …), all who said it, the one that holds first.
    ``school_type`` is None where the profile does not say it. ``change_rules`` holds what a layer decided a kind
    of change asks for, by kind or `editorial`; the usual rule holds for the others. ``review_by`` is when the documents are next due for
    review, None where no layer says it: then at the end of the policy year. ``reasons`` holds, by the name of a
    parameter, role, document or other key, the reason that holds for it in this year and in each earlier year that a
    layer speaks of, oldest first; a year without one is left out.
    """

    slug: str
    kind: ProfileKind
    name: str
    nation: Nation
    phase: Phase | None
    policy_year: PolicyYear
    edition: Edition
    approver: str
    path: str
    mottos: tuple[str, ...]
    contacts: Mapping[str, Contact]
    other_roles: str
    vocabulary: Mapping[str, WordForms]
    parameters: Mapping[str, Setting]
    clause_parameters: Mapping[str, Mapping[str, Setting]]
    clause_choices: Mapping[str, ClauseChoice]
    local_clauses: tuple[Clause, ...]
    documents: tuple[DocumentChoice, ...]
    parameters_span: Span
    contacts_span: Span
    layers: tuple[str, ...] = ()
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    locked_clauses: Mapping[str, ClauseLock] = field(default_factory=dict)
    school_type: SchoolType | None = None
    change_rules: Mapping[str, Consequence] = field(default_factory=dict)
    review_by: EditionDate | None = None
    reasons: Mapping[str, tuple[tuple[PolicyYear, str], ...]] = field(default_factory=dict)

    def local_clause(self, id_: str) -> Clause | None:
        """The school's own clause of this id, None where it has none."""
        return next((clause for clause in self.local_clauses if clause.id == id_), None)

    def approver_of(self, document: str) -> str:
        """The body or post that approves a document; "" where the profile does not say, as an authority's."""
        own = (choice.approver for choice in self.documents if choice.id == document)
        return next(own, "") or self.approver

    def reason_since(self, name: str, since: PolicyYear) -> str:
        """Why something is no longer as it was in another year: the reasons given after that year, oldest first; this
        year's in any case, where it is the same year or a later one. "" where nobody gave any."""
        given = self.reasons.get(name, ())
        known = {why for year, why in given if year == since != self.policy_year}
        told = (why for year, why in given if year > since or year == self.policy_year)
        return "; ".join(dict.fromkeys(why for why in told if why not in known))

    def setting(self, name: str, clause: str | None = None) -> Setting | None:
        """What was set for a parameter: for this clause first, else for all; None where nothing was."""
        own: Mapping[str, Setting] = self.clause_parameters.get(clause, {}) if clause else {}
        return own.get(name) or self.parameters.get(name)
