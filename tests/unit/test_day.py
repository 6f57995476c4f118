"""The day a command works with: the same rule for every command that has one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

import click
import pytest

from aupgen.cli.day import today
from aupgen.cli.main import aupgen

COMMANDS = ("approve", "check", "diff", "report")


def asked(text: str | None) -> date:
    option = click.Option(["--date"])
    return today(click.Context(click.Command("any")), option, text)


@pytest.fixture(autouse=True)
def no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture(params=["Etc/GMT+12", "Etc/GMT-14"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ends of the world: at any moment one of the two has not the day that UTC has."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_every_command_with_a_date_asks_the_same_function() -> None:
    context = click.Context(aupgen)
    for name in COMMANDS:
        command = aupgen.get_command(context, name)
        assert command is not None
        (option,) = [one for one in command.params if "--date" in one.opts]
        assert option.callback is today


def test_the_option_goes_first_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    assert asked("2026-11-22") == date(2026, 11, 22)
    assert asked(None) == date(2030, 3, 17)


def test_the_environment_counts_in_utc_wherever_the_command_runs(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")  # 17:46 in UTC
    assert asked(None) == date(2030, 3, 17), zone


def test_today_is_that_of_the_calendar_on_the_wall(zone: str) -> None:
    hours = -12 if zone.endswith("+12") else 14
    before = _there(hours)
    assert asked(None) in (before, _there(hours))  # midnight may pass between the two


def _there(hours: int) -> date:
    return date(1970, 1, 1) + timedelta(seconds=int(time.time()) + hours * 3600)


@pytest.mark.parametrize(
    "text", ["22/11/2026", "20261122", "2026-W47-7", "2026-02-30", "2026-11", "tomorrow", ""]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        asked(text)
    assert f"`{text}` is " in refused.value.message


@pytest.mark.parametrize("given", ["soon", "1e9", "9" * 30])
def test_an_environment_that_is_no_number_is_told(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    with pytest.raises(click.BadParameter, match="SOURCE_DATE_EPOCH"):
        asked(None)
