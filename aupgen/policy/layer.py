"""What one file says for the schools below it, or for itself: a layer, before layers are put together.

Values only. Everything is told apart by who said it and where, so that nothing a school prints lacks an
answer to "who decided that?".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct, field

from aupgen.policy.change import Consequence
from aupgen.policy.clause import Clause, Wording
from aupgen.policy.decision import Decision
from aupgen.policy.profile import Contact, DocumentChoice, Edition, Phase, ProfileKind, Setting
from aupgen.policy.school_type import SchoolType
from aupgen.policy.terms import Nation
from aupgen.policy.vocabulary import WordForms
from aupgen.policy.waiver import Waiver
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.source.span import Span

T = TypeVar("T")


class Said(Struct, Generic[T], frozen=True):
    """What a layer says about one thing, where, and why; "" where no reason was asked for."""

    value: T
    span: Span
    reason: str = ""


class Rewording(Struct, frozen=True):
    """A layer's own words of a clause: its ``text``, None where it gives none, and those for one audience, by its name."""

    text: Wording | None = None
    by_reader: Mapping[str, Said[Wording]] = field(default_factory=dict)


class Reference(Struct, frozen=True):
    """Another profile as a person names it: by its file's name, or by a path from the file it stands in."""

    text: str
    span: Span


class Locked(StrEnum):
    """What can be locked."""

    PARAMETER = "parameter"
    CLAUSE = "clause"
    CONTACT = "contact"
    DOCUMENT = "document"


class Lock(Struct, frozen=True):
    """A thing that the layers below are not to change, and why."""

    what: Locked
    name: str
    reason: str
    span: Span


class LaterName(Struct, frozen=True):
    """A name that only a layer above can explain: a clause it added, or a contact it gave."""

    what: Locked
    name: str
    span: Span


REASONED = ("approver", "mottos", "name", "vocabulary")
"""What a reason can be about beside parameters, roles and documents."""


class Layer(Struct, frozen=True):
    """One profile file as it stands, or what it says differed in an earlier year.

    A fact that is None was not said here. ``span`` is where a year's block stands. ``keys`` are the keys of the file, wrong ones too. ``years`` holds
    a layer for each earlier policy year, by its text. ``departures`` are reasons for changing what a layer
    above has locked, by the name of the thing. ``reasons`` say why something is as it is from the year of this layer
    on, by the name of the parameter, role or document, or of a key in `REASONED`; what they are about need not be said
    here: it may be what is said no longer. ``decided`` says, by clause, whose words hold since a layer above changed
    its own.
    """

    slug: str
    kind: ProfileKind
    name: str
    path: str
    keys: tuple[str, ...] = ()
    extends: Reference | None = None
    area: Reference | None = None
    nation: Said[Nation] | None = None
    phase: Said[Phase] | None = None
    school_type: Said[SchoolType] | None = None
    policy_year: Said[PolicyYear] | None = None
    edition: Said[Edition] | None = None
    approver: Said[str] | None = None
    mottos: Said[tuple[str, ...]] | None = None
    other_roles: Said[str] | None = None
    vocabulary: Mapping[str, Said[WordForms]] = field(default_factory=dict)
    contacts: Mapping[str, Said[Contact]] = field(default_factory=dict)
    parameters: Mapping[str, Setting] = field(default_factory=dict)
    clause_parameters: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    clause_uses: Mapping[str, Said[bool]] = field(default_factory=dict)
    clause_wordings: Mapping[str, Said[Rewording]] = field(default_factory=dict)
    local_clauses: Mapping[str, Clause] = field(default_factory=dict)
    change_rules: Mapping[str, Said[Consequence]] = field(default_factory=dict)
    documents: Mapping[str, DocumentChoice] = field(default_factory=dict)
    locks: tuple[Lock, ...] = ()
    departures: Mapping[str, Said[str]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    later_names: tuple[LaterName, ...] = ()
    years: Mapping[str, Layer] = field(default_factory=dict)
    span: Span | None = None
    parameters_span: Span | None = None
    contacts_span: Span | None = None
    review_by: Said[EditionDate] | None = None
    waivers: tuple[Waiver, ...] = ()
    decided: Mapping[str, Decision] = field(default_factory=dict)

    def says(self, name: str) -> bool:
        """Whether this layer itself says something of what a reason can be about."""
        blocks = (self.parameters, self.contacts, self.documents)
        return any(name in block for block in blocks) or (name in REASONED and bool(getattr(self, name)))

    def in_year(self, year: PolicyYear) -> tuple[Layer, ...]:
        """This file as it was in a policy year, what goes before standing first.

        What a year's block says holds in that year and in every earlier one that says nothing else.
        """
        if not self.years:
            return (self,)
        blocks = sorted(
            (PolicyYear.parse(text), block)
            for text, block in self.years.items()
            if PolicyYear.parse(text) >= year
        )
        return (*(block for _, block in blocks), self)
