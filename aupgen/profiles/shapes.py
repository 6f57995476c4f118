"""The shape of a profile: what a person may write in `schools/*.yaml`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from aupgen.library.fields import (
    AudienceText,
    Date,
    FormsShape,
    NationText,
    SchoolTypeText,
    SpecialWording,
    VoiceText,
    Year,
)
from aupgen.library.fields import KindText as KindOfClause
from aupgen.policy.change import Consequence
from aupgen.policy.decision import Pick
from aupgen.policy.profile import Phase, ProfileKind, Show
from aupgen.source.shape import Flag, Id, Line, Name, PositiveNumber, Prose, Shape, described, refuse

# Plain addresses only: %, ? and & would become part of a mailto link and could add recipients to it.
_ATOM = r"[A-Za-z0-9!#$'*+/=^_`{|}~-]+"
EMAIL_PATTERN = rf"{_ATOM}(\.{_ATOM})*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{{2,}}"
PHONE_PATTERN = r"(\+|\()?[0-9][0-9 ()-]{3,24}[0-9](,? ?(ext|x)\.?:? ?[0-9]{1,6})?"
_EMAIL = re.compile(EMAIL_PATTERN)


def _email(value: object) -> object:
    if isinstance(value, str) and not _EMAIL.fullmatch(value):
        raise refuse(
            f"`{value}` is not an email address", "write one address, such as school.office@example.org"
        )
    return value


def _phone(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(PHONE_PATTERN, value):
        raise refuse(f"`{value}` is not a telephone number", "write figures and spaces, such as 01632 960123")
    return value


Email = Annotated[Line, BeforeValidator(_email)]
Phone = Annotated[Line, BeforeValidator(_phone)]
KindText = Annotated[ProfileKind, Field(strict=False)]
ChangeText = Literal[
    "added",
    "removed",
    "reworded",
    "editorial",
    "parameter",
    "contact",
    "moved",
    "owner",
    "audience",
    "structure",
    "document",
]
ConsequenceText = Annotated[Consequence, Field(strict=False)]
PhaseText = Annotated[Phase, Field(strict=False)]
ShowText = Annotated[Show, Field(strict=False)]
PickText = Annotated[Pick, Field(strict=False)]


class ContactShape(Shape):
    """Who holds a role."""

    title: Line | None = described("the post's title here, where it differs from the library's", default=None)
    name: Line | None = described("the person's name; printed only with `show: name`", default=None)
    names: list[Line] | None = described(
        "the names of several persons, any of whom may be turned to", default=None, min_length=1
    )
    firm: Line | None = described(
        "the firm that does this work for the school, in the place of a person", default=None
    )
    same_as: Id | None = described("the role whose holder holds this one too", default=None)
    email: Email | None = described("a work email address to print where the contact is listed", default=None)
    phone: Phone | None = described(
        "a work telephone number to print where the contact is listed", default=None
    )
    show: ShowText = described(
        "what is published: role (the post alone) or name (the person or firm, with the post)",
        default=Show.ROLE,
    )

    @model_validator(mode="after")
    def _one_holder(self) -> ContactShape:
        given = [key for key in ("name", "names", "firm", "same_as") if getattr(self, key)]
        if len(given) > 1:
            raise refuse(
                f"`{given[0]}` and `{given[1]}` cannot both say who holds the role",
                "keep one of the two",
                at=given[1],
            )
        taken = [key for key in ("email", "phone", "show") if key in self.model_fields_set]
        if self.same_as and taken:
            keys = " and ".join(f"`{key}`" for key in taken)
            raise refuse(
                f"`same_as` takes {keys} from the other role",
                f"delete {'it' if len(taken) == 1 else 'them'} here",
                at=taken[0],
            )
        return self


class EditionShape(Shape):
    number: PositiveNumber = described("the number of the edition within the policy year, from 1")
    date: Date = described("the date it takes effect: 2026-09-01, or 2026-09 for a month")
    reason: Line | None = described("why there is a further edition in the same year", default=None)


class ClauseChoiceShape(Shape):
    """What the profile decided for one clause."""

    parameters: dict[Name, object] = described("values for this clause alone", default={})
    use: Flag | None = described(
        "true to print an optional clause, false to leave the clause out", default=None
    )
    text: Prose | None = described(
        "the school's own wording, in the place of the library's; pupils and parents keep words of their own on a clause "
        "that is for others as well",
        default=None,
    )
    phrases: dict[Name, Prose] = described("optional phrases of the school's own wording", default={})
    wordings: dict[Line, SpecialWording] = described(
        "the school's own wordings for one audience each, such as pupil-ks2; the others keep theirs",
        default={},
    )
    reason: Line | None = described(
        "why: needed with `use`, `text` and `wordings`, and shown to governors", default=None
    )

    @model_validator(mode="after")
    def _says_something(self) -> ClauseChoiceShape:
        reworded = "text" if self.text is not None else "wordings" if self.wordings else ""
        if not self.parameters and self.use is None and not reworded:
            raise refuse(
                "nothing is decided here",
                "give `parameters`, `use`, `text` or `wordings`, or delete the clause",
            )
        if self.use is False and reworded:
            raise refuse(
                "a clause that is left out needs no wording", f"delete `{reworded}`, or `use: false`"
            )
        if (self.use is not None or reworded) and self.reason is None:
            raise refuse(
                "a reason is missing",
                "add `reason:`: governors are shown why the school departs from the library",
            )
        return self


class LocalClauseShape(Shape):
    """A clause of the school's own."""

    id: Id = described("the clause's permanent name, not one of the library's")
    topic: Id = described("the topic of the library it belongs to: it prints after the topic's own clauses")
    owner: Id = described("the role that answers for this clause")
    audiences: list[AudienceText] = described("whom it concerns", min_length=1)
    kind: KindOfClause = described(
        "must, must-not, may, understands, role-duty, commits, teaches, purpose or statement"
    )
    beside: Id | None = described(
        "the clause of the library, or of a profile above, that it stands right behind wherever that is printed",
        default=None,
    )
    essential: list[Id] = described("the documents whose short form prints it", default=[])
    since: Year | None = described(
        "the first policy year it is used in; from the start when left out", default=None
    )
    until: Year | None = described("the last policy year it is used in; no end when left out", default=None)
    rationale: Prose = described("why the school has this rule")
    text: Prose = described("the wording: a base-form phrase in mid-sentence case without a full stop")
    phrases: dict[Name, Prose] = described("optional phrases", default={})
    wordings: dict[Line, SpecialWording] = described(
        "wordings for one audience each, where the readers need words of their own", default={}
    )


class SectionShape(Shape):
    id: Id = described("the section's id in the template, or a new one")
    title: Line | None = described("another title", default=None)
    topics: list[Id] | None = described("the topics it prints, in place of the template's", default=None)
    clauses: list[Id] | None = described(
        "the clauses it prints, in place of or beside the topics", default=None
    )
    print: Literal["all", "essential"] | None = described(
        "whether it prints all clauses of its topics or the essential ones", default=None
    )
    voice: VoiceText | None = described("first-person, rule-list, second-person or prose", default=None)
    heading: Flag = described("false to print its clauses without a heading", default=True)
    extension_point: Flag = described(
        "true to end the section, in an exemplar, with a line that invites schools to add their own",
        default=False,
    )
    sections: list[SectionShape] | None = described("its inner sections, in order", default=None)


class DocumentShape(Shape):
    issue: Flag | None = described(
        "false to leave out a document that a layer above has issued", default=None
    )
    title: Line | None = described("another title", default=None)
    name: Line | None = described(
        "what other documents call it in mid-sentence, such as user agreement", default=None
    )
    noun: Line | None = described(
        "what the document calls itself, such as policy, agreement or code", default=None
    )
    audiences: list[AudienceText] | None = described(
        "other readers than the template's", default=None, min_length=1
    )
    addressed_as: Line | None = described(
        "what the document calls its readers together, such as staff, governors and visitors", default=None
    )
    voice: VoiceText | None = described(
        "another voice: first-person, rule-list, second-person or prose", default=None
    )
    clauses: Literal["all", "essential"] | None = described(
        "whether it prints all clauses or the essential ones", default=None
    )
    sections: list[SectionShape] | None = described(
        "the sections to print, in order; the template's when left out", default=None
    )
    approver: Line | None = described(
        "the body or post that approves this document, where it is not the one that approves the others",
        default=None,
    )


def _nothing(value: object) -> object:
    return {} if value == "" else value


def _word_or_forms(value: Any) -> str:
    return "forms" if isinstance(value, dict) else "word"


WordShape = Annotated[
    Annotated[Line, Tag("word")] | Annotated[FormsShape, Tag("forms")], Discriminator(_word_or_forms)
]

_MAY_BE_EMPTY = (
    "mottos",
    "vocabulary",
    "contacts",
    "parameters",
    "clauses",
    "local_clauses",
    "change_rules",
    "reasons",
    "documents",
    "locks",
    "departures",
    "years",
    "waivers",
    "decided",
)


class LockShape(Shape):
    """A thing that the schools below are not to change."""

    parameter: Name | None = described("the parameter that is locked", default=None)
    clause: Id | None = described(
        "the clause that is locked: its use, its wording and its values", default=None
    )
    contact: Id | None = described("the role whose contact is locked", default=None)
    document: Id | None = described(
        "the document that is locked: whether it is issued, and its sections", default=None
    )
    reason: Line = described("why: schools that want to differ are shown it")

    @model_validator(mode="after")
    def _one_thing(self) -> LockShape:
        given = [key for key in ("parameter", "clause", "contact", "document") if getattr(self, key)]
        if not given:
            raise refuse("nothing is locked here", "add `parameter:`, `clause:`, `contact:` or `document:`")
        if len(given) > 1:
            raise refuse("a lock holds one thing", f"make a lock of its own for `{given[1]}`", at=given[1])
        return self


class WaiverShape(Shape):
    """A finding of `aupgen check` that the school lives with for a while."""

    code: Line = described("the code of the finding, such as AUP336", pattern=r"^AUP[0-9]{3}$")
    clause: Id | None = described(
        "the clause it concerns; every finding of the code here when left out", default=None
    )
    reason: Line = described("why it stays as it is for now: governors are shown it")
    approver: Line = described("the post or body that allowed it")
    until: Date = described("the last day on which it holds")


class DecisionShape(Shape):
    """Whose words hold of a clause that the authority changed after the school did; `aupgen init` writes it."""

    choice: PickText = described(
        "keep (the school's words), take (the authority's), both, or later (not decided: the school's hold)"
    )
    pack: Line = described("the pack that brought the change, such as 2019-20, edition 2")
    fingerprint: Line = described(
        "which words of the authority's it was decided against; `aupgen init` writes it",
        pattern=r"^[0-9a-f]{12}$",
    )
    was: Prose | None = described(
        "the authority's words before the change, until it is decided", default=None
    )


class ChoicesShape(Shape):
    """What may differ from year to year. A list or block with nothing under it is none."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty_blocks(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if not (key in _MAY_BE_EMPTY and value == "")}

    school_type: SchoolTypeText | None = described(
        "the type of school, such as academy or voluntary-aided, which some clauses depend on; never printed",
        default=None,
    )
    edition: EditionShape | None = described("the edition: its number and date", default=None)
    approver: Line | None = described(
        "the body or post that approves the documents, such as the full governing board", default=None
    )
    mottos: list[Line] | None = described("mottos or values the policy opens with", default=None)
    vocabulary: dict[Id, WordShape] = described("the school's own words, such as `pupil: child`", default={})
    contacts: dict[Id, ContactShape] = described("who holds which role", default={})
    other_roles: Id | None = described("the role that holds what nobody else holds", default=None)
    parameters: dict[Name, object] = described("the school's answers, for all clauses", default={})
    clauses: dict[Id, ClauseChoiceShape] = described("decisions about single clauses", default={})
    change_rules: dict[ChangeText, ConsequenceText] = described(
        "what a kind of change asks for, where the school wants more or less than the usual rule", default={}
    )
    reasons: dict[Line, Line] = described(
        "why something is as it is from this year on, by the name of the parameter, post or document; or of approver, "
        "mottos, name or vocabulary",
        default={},
    )
    documents: dict[
        Id, Annotated[DocumentShape, BeforeValidator(_nothing, json_schema_input_type=DocumentShape | None)]
    ] = described("the documents the school issues", default={})


class ProfileShape(ChoicesShape):
    """A profile as a person writes it. What is not said here may come from the profiles it extends."""

    kind: KindText = described(
        "school (when left out), exemplar, trust or authority", default=ProfileKind.SCHOOL
    )
    name: Line = described("the school's name as printed")
    extends: Line | None = described(
        "the profile it takes the rest from: the name of its file, or a path from here", default=None
    )
    area: Line | None = described(
        "the profile of the local authority whose area the school is in, where it does not extend it",
        default=None,
    )
    nation: NationText | None = described("england, wales, scotland or northern-ireland", default=None)
    phase: PhaseText | None = described(
        "nursery, primary, middle, secondary, all-through, sixth-form, special or alternative-provision",
        default=None,
    )
    policy_year: Year | None = described("the policy year of the documents, such as 2026-27", default=None)
    local_clauses: list[LocalClauseShape] = described("clauses of the school's own", default=[])
    locks: list[LockShape] = described("what the schools below are not to change", default=[])
    departures: dict[Line, Line] = described(
        "reasons for changing what a layer above has locked, by the name of the thing", default={}
    )
    years: dict[Line, ChoicesShape] = described("what differed in earlier policy years", default={})
    review_by: Date | None = described(
        "when the documents are next due for review; the end of the policy year when left out", default=None
    )
    waivers: list[WaiverShape] = described(
        "findings of `aupgen check` that the school lives with for a while", default=[]
    )
    decided: dict[Id, DecisionShape] = described(
        "whose words hold of clauses that the authority changed after the school did", default={}
    )
