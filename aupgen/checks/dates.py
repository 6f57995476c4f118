"""What time does to a policy. Warnings and notes only: a date alone never turns a check red."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from aupgen.checks.view import SchoolView
from aupgen.policy.profile import ProfileKind
from aupgen.policy.year import EditionDate
from aupgen.source.diagnostics import Diagnostic, Severity


def last_day(day: EditionDate) -> date:
    """The day itself, or the last one of a month."""
    if day.day:
        return day.first_day
    start = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(start.toordinal() - 1)


def review_date_passed(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        The day the profile gives in `review_by:` has not passed.
    Why it matters:
        Governors promised a review by then, and inspectors ask for it.
    Example:
        `review_by: 2026-07`, looked at in November 2026.
    What to do:
        Review the documents, raise `policy_year:` and `edition:`, and set the next `review_by:`.
    Source:
        Good practice; the filtering and monitoring standards ask for a review every year.
    """
    due = school.profile.review_by
    if due is not None and last_day(due) < school.day and school.profile.kind is ProfileKind.SCHOOL:
        message = f"the review of {school.profile.name}’s documents was due by {due.iso}"
        help_ = "review them, then give the new `policy_year:` and `edition:` and the next `review_by:`"
        yield Diagnostic(
            "AUP403",
            school.span_of("review_by"),
            message,
            help_,
            Severity.WARNING,
            profile=school.profile.slug,
        )


def policy_year_over(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        The policy year of a school that names no `review_by:` is not over; it ends on 31 August.
    Why it matters:
        The documents go on saying last year, and nobody has looked at them since.
    Example:
        `policy_year: 2025-26`, looked at in November 2026.
    What to do:
        Raise `policy_year:` and `edition:`. If the documents are reviewed less often, say when in `review_by:`.
    Source:
        The policy year runs from September to August.
    """
    end = date(school.profile.policy_year.start + 1, 8, 31)
    if school.profile.kind is ProfileKind.SCHOOL and school.profile.review_by is None and end < school.day:
        message = f"the policy year {school.profile.policy_year} of {school.profile.name} is over since {end.day} August {end.year}"
        help_ = "review the documents and raise `policy_year:` and `edition:`, or say in `review_by:` when they are due"
        yield Diagnostic(
            "AUP404",
            school.span_of("policy_year"),
            message,
            help_,
            Severity.NOTE,
            profile=school.profile.slug,
        )
