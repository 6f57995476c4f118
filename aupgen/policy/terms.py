"""The closed sets of the field: kinds, audiences, voices, nations. Only names; their wording is in `clauses/`."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a clause does to its reader."""

    MUST = "must"
    MUST_NOT = "must-not"
    MAY = "may"
    UNDERSTANDS = "understands"
    ROLE_DUTY = "role-duty"
    COMMITS = "commits"
    TEACHES = "teaches"
    PURPOSE = "purpose"
    STATEMENT = "statement"


class Audience(StrEnum):
    """Whom a clause or a document addresses; ``SCHOOL`` is the school's own commitments."""

    STAFF = "staff"
    GOVERNOR = "governor"
    VOLUNTEER = "volunteer"
    VISITOR = "visitor"
    CONTRACTOR = "contractor"
    PUPIL_KS1 = "pupil-ks1"
    PUPIL_KS2 = "pupil-ks2"
    PUPIL_KS3 = "pupil-ks3"
    PUPIL_SEND = "pupil-send"
    PARENT = "parent"
    COMMUNITY = "community"
    SCHOOL = "school"


FAMILIES = frozenset(
    {Audience.PUPIL_KS1, Audience.PUPIL_KS2, Audience.PUPIL_KS3, Audience.PUPIL_SEND, Audience.PARENT}
)
"""Pupils and parents: what is written for them is not for others, nor what is written for others for them."""


def is_adult(audience: Audience) -> bool:
    """Whether an audience is people who are neither pupils nor parents; the school itself is no reader."""
    return audience not in FAMILIES and audience is not Audience.SCHOOL


class Voice(StrEnum):
    """Who speaks, and to whom."""

    FIRST_PERSON = "first-person"
    RULE_LIST = "rule-list"
    SECOND_PERSON = "second-person"
    PROSE = "prose"
    INSTITUTION = "institution"


class Nation(StrEnum):
    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"


class Status(StrEnum):
    """How binding a clause is: schools ask which ones they may leave out."""

    LAW = "law"
    STATUTORY_GUIDANCE = "statutory-guidance"
    GUIDANCE = "guidance"
    LOCAL = "local"


class Change(StrEnum):
    """What a revision did to a clause: only a material one asks for approval and signatures anew."""

    EDITORIAL = "editorial"
    MATERIAL = "material"


DOCUMENTS = (
    "staff-agreement",
    "staff-policy",
    "governor-agreement",
    "visitor-agreement",
    "volunteer-agreement",
    "contractor-agreement",
    "pupil-agreement-ks1",
    "pupil-agreement-ks2",
    "pupil-agreement-ks3",
    "pupil-agreement-send",
    "parent-letter",
    "consent-form",
    "online-safety-policy",
    "device-loan",
    "community-wifi",
    "sign-in-banner",
)
"""The document types a school may know, whether or not a library has a template for them yet: a clause may be
essential for any of them."""
