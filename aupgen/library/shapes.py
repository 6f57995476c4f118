"""The shapes of the library's files: what a person may write in `clauses/` and at the head of a template.

Textual and complete with descriptions, which become help lines and editors' hover texts. Checked shapes
become the values of `policy/` in `compiled.py`; nothing past that sees pydantic.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema, model_validator

from aupgen.library.fields import (
    ArticleText,
    AudienceText,
    ChangeText,
    Date,
    FormsShape,
    FrameworkStatusText,
    KindText,
    NationText,
    PhaseText,
    PhrasedShape,
    SchoolTypeText,
    SpecialWording,
    StatusText,
    TypeText,
    VoiceText,
    WhenShape,
    Year,
)
from aupgen.policy.role import Article
from aupgen.source.shape import Flag, Id, Line, Name, Prose, Shape, WholeNumber, described, refuse

# ------------------------------------------------------------------ clauses


class VariantShape(PhrasedShape):
    when: WhenShape = described(
        "the values of parameters, or of `phase`, `nation` and `school_type`, for which this variant is used",
        min_length=1,
    )


class RevisionShape(PhrasedShape):
    since: Year = described("the first policy year this wording is used in, such as 2026-27")
    change: ChangeText | None = described("what the revision did: editorial or material", default=None)
    why: Line | None = described("why the wording was changed, for governors", default=None)
    variants: list[VariantShape] = described(
        "other wordings, by the values of parameters; the first match is used", default=[]
    )
    wordings: dict[Line, SpecialWording] = described(
        "wordings for one audience or one voice where grammar is not enough", default={}
    )


class LinkShape(Shape):
    clause: Id = described("the other clause, by its id")
    reason: Line = described(
        "why, in a plain sentence: schools read it when the two are not as they should be"
    )


class ClauseShape(Shape):
    id: Id = described("the clause's permanent name")
    owner: Id = described("the role that answers for this clause")
    audiences: list[AudienceText] = described("whom the clause concerns", min_length=1)
    kind: KindText = described(
        "must, must-not, may, understands, role-duty, commits, teaches, purpose or statement"
    )
    status: StatusText = described("law, statutory-guidance, guidance or local")
    cites: list[Id] = described("the frameworks it rests on, by id", default=[])
    essential: list[Id] = described("the documents whose short form prints it", default=[])
    nations: list[NationText] = described("the nations it is for; all four when left out", default=[])
    when: WhenShape = described(
        "the values of parameters, or of `phase`, `nation` and `school_type`, for which the clause is used at all",
        default={},
    )
    optional: Flag = described("whether it is printed only where a profile asks for it", default=False)
    until: Year | None = described(
        "the last policy year in which it is in force, such as 2024-25", default=None
    )
    requires: list[LinkShape] = described(
        "clauses that every document which prints this one prints as well, with the reason", default=[]
    )
    conflicts: list[LinkShape] = described(
        "clauses that no document may print beside this one, with the reason", default=[]
    )
    replaces: list[Id] = described(
        "older clauses whose place this one takes, by id: those it was split from or merged of", default=[]
    )
    rationale: Prose = described("why the rule exists, in a sentence a parent would accept")
    revisions: list[RevisionShape] = described(
        "the wording from each policy year on, oldest first", min_length=1
    )


class TopicShape(Shape):
    topic: Id = described("the topic's name, the same as the file's")
    title: Line = described("the heading a section of this topic gets")
    clauses: list[ClauseShape] = described("the clauses in the order they print", min_length=1)


# ------------------------------------------------------------------ roles, parameters, frameworks


class NationalTitleShape(Shape):
    title: Line = described("the post's title in this nation")
    short: Line | None = described("its short form", default=None)


class RoleShape(Shape):
    id: Id = described("the role's permanent name")
    title: Line = described("the title in mid-sentence case")
    duty: Prose = described("what the post does, in one line that follows its title")
    article: ArticleText = described("the, a, an or none", default=Article.THE)
    short: Line | None = described("the short form in common use", default=None)
    also_called: list[Line] = described("other titles in use", default=[])
    separate: Flag = described(
        "whether `other_roles` never fills it: it stands apart, or is many people", default=False
    )
    area: Flag = described(
        "whether the post is the local authority's, for all schools of its area", default=False
    )
    nations: dict[NationText, NationalTitleShape] = described(
        "titles of nations that name the post differently", default={}
    )
    always_held: Flag = described(
        "whether every school has one, so that a profile need not say who it is", default=False
    )
    apart_from: list[Id] = described("the posts that nobody can hold beside this one", default=[])
    retired: Flag = described("whether the post is no longer to be used", default=False)
    successor: Id | None = described("the role that took the place of a retired one", default=None)

    @model_validator(mode="after")
    def _only_the_retired_have_a_successor(self) -> RoleShape:
        if self.successor and not self.retired:
            raise refuse(
                "only a retired role has a successor", "add `retired: true`, or delete it", at="successor"
            )
        return self


class RolesShape(Shape):
    roles: list[RoleShape] = described("the roles", min_length=1)


class ParameterShape(Shape):
    name: Name = described("the parameter's name, as placeholders use it")
    type: TypeText = described("text, roles, hours, duration, number, choice, words or flag")
    label: Line = described("what a fill-in shows in an exemplar or draft")
    question: Line = described("the question a school is asked")
    help: Prose | None = described("how to answer it", default=None)
    choices: list[Line] = described("the choices, for the type choice", default=[])
    default: object = described(
        "a safe value for schools that do not answer; left out where there is none", default=None
    )


class ParametersShape(Shape):
    parameters: list[ParameterShape] = described("the parameters", min_length=1)


class FrameworkShape(Shape):
    id: Id = described("the framework's permanent name")
    title: Line = described("its title")
    nations: list[NationText] = described("the nations it is for", min_length=1)
    edition: Line = described("the edition")
    status: FrameworkStatusText = described(
        "how binding it is: law, statutory-guidance, guidance, standard, tool, draft or superseded"
    )
    url: Line = described(
        "where it is published: an address that starts with https://", pattern=r"^https?://\S+$"
    )
    about: Prose = described("what it asks, in one line")
    verified: Flag = described("whether a person has checked the entry")
    checked: Date = described("when it was last checked")
    date: Annotated[str, WithJsonSchema({"type": ["string", "integer"]})] | None = described(
        "the date it took effect: YYYY, YYYY-MM or YYYY-MM-DD",
        default=None,
        pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$",
    )
    note: Prose | None = described("what is still to be confirmed", default=None)
    superseded_by: Id | None = described("the entry that replaced it", default=None)
    confirmed_by: Line | None = described(
        "the post or body that stands for the entry, such as online safety adviser", default=None
    )
    confirmed_on: Date | None = described("when it did", default=None)

    @model_validator(mode="after")
    def _confirmed_by_somebody_on_a_day(self) -> FrameworkShape:
        if (self.confirmed_by is None) is not (self.confirmed_on is None):
            given = "confirmed_on" if self.confirmed_by is None else "confirmed_by"
            lacking = "confirmed_by" if self.confirmed_by is None else "confirmed_on"
            raise refuse(
                f"`{given}` needs `{lacking}` beside it",
                "say both who confirmed the entry, as a post or body, and on which day",
                at=given,
            )
        return self


class FrameworksShape(Shape):
    frameworks: list[FrameworkShape] = described("the frameworks", min_length=1)


# ------------------------------------------------------------------ nations


class NationShape(Shape):
    id: NationText = described("england, wales, scotland or northern-ireland")
    name: Line = described("the nation's name")
    phases: dict[PhaseText, Line] = described(
        "the phases its schools have, each with its name there", min_length=1
    )
    school_types: list[SchoolTypeText] = described(
        "the types of school it has; any may be given where this is left out", default=[]
    )


class NationsShape(Shape):
    nations: list[NationShape] = described("the four nations", min_length=1)


# ------------------------------------------------------------------ voices


class ConceptShape(Shape):
    placeholder: Name = described("the name that stands for one of them in placeholders")
    plural: Name = described("the name that stands for several")
    default: Id = described("the word used unless a profile chooses another")
    words: dict[Id, FormsShape] = described("the words to choose from", min_length=1)


class AudienceNamesShape(Shape):
    every: Line = described("how a lead-in names them, such as all staff")
    name: Line = described("how a sentence names them, such as staff")
    condition: Line = described(
        "what follows `if` where a rule is for them alone, such as employed by the school"
    )
    grade: WholeNumber | None = described(
        "the reading grade (years of school) that a document for them is to stay within", default=None
    )


class VoiceShape(Shape):
    pronouns: dict[Name, Line] = described("what each pronoun placeholder prints")
    lead_in: Prose | None = described("the line before a list of rules", default=None)
    items: dict[KindText, Prose] = described(
        "frames of kinds that stand in a list under the lead-in", default={}
    )
    sentences: dict[KindText, Prose] = described("frames of kinds that stand as whole sentences", default={})
    bulleted: Flag = described("whether sentences stand in a list of their own", default=False)
    lead_ins: dict[KindText, Prose] = described(
        "the line before the list of each kind, in a voice that makes a list of each", default={}
    )


class JoinsShape(Shape):
    any: Line = described("the word that joins alternatives")
    all: Line = described("the word that joins things that hold together")


class ClockShape(Shape):
    separator: Line = described("between hours and minutes")
    morning: Annotated[str, Field(max_length=10)] = described("after times before noon")
    afternoon: Annotated[str, Field(max_length=10)] = described("after times from noon on")
    noon: Line = described("twelve in the day")
    midnight: Line = described("twelve at night")


class LanguageShape(Shape):
    language: Line = described("the language tag, such as en-GB")
    joins: JoinsShape = described("the words that join lists")
    articles: dict[ArticleText, Annotated[str, Field(max_length=10)]] = described("the articles")
    clock: ClockShape = described("how times of day are written")
    months: list[Line] = described("January to December", min_length=12, max_length=12)
    units: dict[Id, FormsShape] = described("units of time")
    vocabulary: dict[Id, ConceptShape] = described("words a school may choose")
    audiences: dict[AudienceText, AudienceNamesShape] = described("the names of audiences")
    voices: dict[VoiceText, VoiceShape] = described("the voices")
    phrases: dict[Name, Prose] = described("the words pages need beside clauses")


# ------------------------------------------------------------------ templates


class TemplateHeadShape(Shape):
    title: Line = described("the document's title; may hold placeholders")
    name: Line = described("what other documents call it in mid-sentence, such as staff agreement")
    noun: Line = described("what the document calls itself, such as policy or agreement")
    audiences: list[AudienceText] = described("whom it addresses", min_length=1)
    voice: VoiceText = described("the voice of its clauses")
    clauses: Literal["all", "essential"] = described("whether it prints all clauses or the essential ones")
    look: Literal["normal", "large", "plain"] = described(
        "the size of its type, large for young readers; or plain, for a notice of text alone",
        default="normal",
    )
    approval: Flag = described(
        "whether a body approves it, so that its pages say so; false for letters, forms and notices",
        default=True,
    )
    numbering: Literal["none", "sections"] = described(
        "whether headings of sections have numbers", default="none"
    )
