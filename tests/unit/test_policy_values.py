"""Years, dates, hours, joins and titles as people write them."""

from __future__ import annotations

from datetime import time

import pytest
from msgspec.structs import replace

from aupgen.binding.values import Needs, Scope, capital
from aupgen.document.walk import plain_text
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Voice
from aupgen.policy.wording import Slot
from aupgen.policy.year import EditionDate, PolicyYear
from tests.conftest import VALLEY, ReadProfile


@pytest.fixture(scope="module")
def scope(library: Library, valley: Profile) -> Scope:
    return Scope(
        library, valley, Needs(), library.documents["staff-policy"], Voice.RULE_LIST, {"staff-agreement": 1}
    )


def words(scope: Scope, slot: Slot) -> str:
    return plain_text(scope.words_for(slot))


def test_a_policy_year_reads_prints_and_compares() -> None:
    assert str(PolicyYear.parse("2026-27")) == "2026-27"
    assert str(PolicyYear.parse("2099-00")) == "2099-00"
    assert PolicyYear.parse("2018-19") < PolicyYear.parse("2026-27")


@pytest.mark.parametrize("text", ["2018-20", "2018", "2018/19", "18-19", "2018-2019", ""])
def test_what_is_not_a_policy_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"policy year|run from one year"):
        PolicyYear.parse(text)


@pytest.mark.parametrize(
    "text", ["2026-02-31", "01/09/2026", "20260901", "2026-13", "1725148800", "2026-9-1"]
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|day"):
        EditionDate.parse(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (time(8, 30), "8.30am"),
        (time(15, 30), "3.30pm"),
        (time(9), "9am"),
        (time(12), "noon"),
        (time(0), "midnight"),
        (time(12, 5), "12.05pm"),
        (time(0, 5), "12.05am"),
    ],
)
def test_times_of_day_read_as_people_write_them(scope: Scope, moment: time, text: str) -> None:
    assert scope.clock(moment) == text


def test_dates_print_in_full_or_as_a_month(scope: Scope) -> None:
    assert scope.date(EditionDate.parse("2019-03")) == "March 2019"
    assert scope.date(EditionDate.parse("2026-09-01")) == "1 September 2026"


def test_lists_join_and_roles_carry_their_articles(scope: Scope) -> None:
    assert words(scope, Slot("log_viewers", form="any")) == "a line manager or the Headteacher"
    assert (
        words(scope, Slot("school_systems", form="all")) == "email, internet, intranet and learning platform"
    )
    assert words(scope, Slot("phone_free_hours", form="range")) == "between 8.30am and 3.30pm"
    assert words(scope, Slot("phone_free_hours", "from")) == "8.30am"


def test_a_setting_for_one_clause_goes_before_the_others(scope: Scope) -> None:
    slot = Slot("permission_from", form="any")
    assert words(scope, slot) == "the Headteacher"
    assert (
        words(scope.in_clause("install-permission"), slot) == "the Headteacher or the Senior Leader for ICT"
    )


def test_a_document_names_itself_its_appendix_and_others(scope: Scope, library: Library) -> None:
    slot = Slot("see", "staff_agreement")
    assert words(scope, slot) == "the user agreement (appendix 1)"
    agreement = library.documents["staff-agreement"]
    assert words(scope.in_document(agreement, ""), slot) == "this agreement"
    assert words(replace(scope, appendices={}, known={}), slot) == "the user agreement"


def test_who_stands_apart_is_never_held_by_other_roles(scope: Scope) -> None:
    assert scope.holder("siro")[0] == "headteacher"
    assert scope.holder("dpo") == ("dpo", None)


def test_a_capital_leaves_names_as_their_owners_spell_them() -> None:
    assert capital("tablets") == "Tablets"
    assert capital("iPads") == "iPads"
    assert capital("") == ""


def test_a_school_names_things_in_its_own_words(profile_of: ReadProfile, library: Library) -> None:
    text = VALLEY.read_text(encoding="utf-8")
    for choice, many, possessive in (
        ("pupil: child", "children", "children’s"),
        ("pupil: {one: scholar, many: scholars}", "scholars", "scholars’"),
    ):
        profile = profile_of(f"{text}\nvocabulary:\n  {choice}\n")
        scope = Scope(library, profile, Needs(), library.documents["staff-policy"], Voice.PROSE)
        assert words(scope, Slot("pupils")) == many
        assert words(scope, Slot("pupils", "possessive")) == possessive
