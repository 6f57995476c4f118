"""Days on the command line, and the one a command works with: one rule, and the one place that reads the clock."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

import click

from aupgen.policy.year import EditionDate


def calendar_day(context: click.Context, parameter: click.Parameter, text: str) -> EditionDate:
    """Return a day written as profiles write one. Raises BadParameter for what is none; a month is none."""
    try:
        day = EditionDate.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None
    if day.day is None:
        raise click.BadParameter(f"`{text}` is a month: give the day, such as {text}-14", context, parameter)
    return day


def today(context: click.Context, parameter: click.Parameter, text: str | None) -> date:
    """Return the day given with --date, else that of SOURCE_DATE_EPOCH, else today where the command runs.

    SOURCE_DATE_EPOCH counts seconds of UTC, as reproducible-builds.org has it. Today is that of the calendar on the
    wall: a review due on the 31st is not overdue in a place where the 1st has not begun. Raises BadParameter for
    what is no day.
    """
    if text is not None:
        return calendar_day(context, parameter, text).first_day
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        try:
            return datetime.fromtimestamp(int(epoch), UTC).date()
        except (ValueError, OverflowError, OSError):
            message = f"SOURCE_DATE_EPOCH={epoch} is not a number of seconds since 1970"
            raise click.BadParameter(message, context, parameter) from None
    return date.today()
