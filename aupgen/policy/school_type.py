"""The types of school there are in the nations of the United Kingdom: who runs a school and who pays for it."""

from __future__ import annotations

from enum import StrEnum


class SchoolType(StrEnum):
    """What sort of school it is in law. It prints nowhere by itself; a ``when:`` may ask for it.

    Which nation has which is data of `clauses/nations.yaml`.
    """

    COMMUNITY = "community"
    FOUNDATION = "foundation"
    VOLUNTARY_AIDED = "voluntary-aided"
    VOLUNTARY_CONTROLLED = "voluntary-controlled"
    ACADEMY = "academy"
    FREE_SCHOOL = "free-school"
    NON_MAINTAINED_SPECIAL = "non-maintained-special"
    PUPIL_REFERRAL_UNIT = "pupil-referral-unit"
    LOCAL_AUTHORITY = "local-authority"
    GRANT_AIDED = "grant-aided"
    CONTROLLED = "controlled"
    MAINTAINED = "maintained"
    VOLUNTARY_GRAMMAR = "voluntary-grammar"
    INTEGRATED = "integrated"
    INDEPENDENT = "independent"
