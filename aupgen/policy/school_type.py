"""The types of school there are in the nations of the United Kingdom: who runs a school and who pays for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from aupgen.policy.terms import Nation


class SchoolType(StrEnum):
    """What sort of school it is in law. It prints nowhere by itself; a ``when:`` may ask for it."""

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


_ENGLAND_AND_WALES = (
    SchoolType.COMMUNITY,
    SchoolType.FOUNDATION,
    SchoolType.VOLUNTARY_AIDED,
    SchoolType.VOLUNTARY_CONTROLLED,
    SchoolType.PUPIL_REFERRAL_UNIT,
)

TYPES_IN: Mapping[Nation, tuple[SchoolType, ...]] = {
    # Education Act 1996, sections 19 and 342; School Standards and Framework Act 1998, section 20; Academies Act 2010.
    Nation.ENGLAND: (
        *_ENGLAND_AND_WALES,
        SchoolType.ACADEMY,
        SchoolType.FREE_SCHOOL,
        SchoolType.NON_MAINTAINED_SPECIAL,
        SchoolType.INDEPENDENT,
    ),
    Nation.WALES: (*_ENGLAND_AND_WALES, SchoolType.INDEPENDENT),
    # Education (Scotland) Act 1980, section 135: public schools are those of an education authority.
    Nation.SCOTLAND: (SchoolType.LOCAL_AUTHORITY, SchoolType.GRANT_AIDED, SchoolType.INDEPENDENT),
    # "Maintained" there means Catholic maintained and other maintained (Irish-medium) schools.
    Nation.NORTHERN_IRELAND: (
        SchoolType.CONTROLLED,
        SchoolType.MAINTAINED,
        SchoolType.VOLUNTARY_GRAMMAR,
        SchoolType.INTEGRATED,
        SchoolType.INDEPENDENT,
    ),
}
"""The types each nation has, in the order a message lists them; every type is in at least one of them."""
