"""Waivers: which findings a school lives with for a while, and what becomes of those when the time is over.

A waiver never hides what stops a build. Once it has run out, the finding is shown again, as a warning at most: a date
alone never turns a check red.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from aupgen.checks.dates import last_day
from aupgen.checks.view import FileView
from aupgen.policy.layer import Layer
from aupgen.policy.waiver import Waiver
from aupgen.source.diagnostics import Diagnostic, Severity


class Waived(Struct, frozen=True):
    """A finding that is not reported, and the waiver that holds it."""

    finding: Diagnostic
    waiver: Waiver


def apply_waivers(
    found: Iterable[Diagnostic], layers: Iterable[Layer], day: date, waivable: frozenset[str]
) -> tuple[list[Diagnostic], list[Waived]]:
    """Return the findings that are left, with those about the waivers themselves, and what was waived.

    ``waivable`` are the codes that a waiver may hold. A waiver holds findings of its own profile.
    """
    held: list[Waived] = []
    left = list(found)
    for layer in layers:
        for waiver in layer.waivers:
            if waiver.code not in waivable:
                continue
            theirs = [
                f
                for f in left
                if f.code == waiver.code and f.profile == layer.slug and waiver.clause in ("", f.clause)
            ]
            if not theirs:
                left.append(_unused(layer, waiver))
                continue
            left = [f for f in left if f not in theirs]
            if last_day(waiver.until) < day:
                left += [
                    replace(f, severity=min(f.severity, Severity.WARNING, key=_mildness)) for f in theirs
                ]
                left.append(_expired(layer, waiver))
            else:
                held += [Waived(f, waiver) for f in theirs]
    return left, held


def _mildness(severity: Severity) -> int:
    return (Severity.NOTE, Severity.WARNING, Severity.ERROR).index(severity)


def _expired(layer: Layer, waiver: Waiver) -> Diagnostic:
    message = f"the waiver of {_what(waiver)} ran out on {waiver.until.iso}: {waiver.approver} allowed it because {waiver.reason}"
    help_ = "mend what it was for, or have it allowed anew with a later `until:`"
    return Diagnostic(
        "AUP406",
        waiver.span,
        message,
        help_,
        Severity.WARNING,
        clause=waiver.clause or None,
        profile=layer.slug,
    )


def _unused(layer: Layer, waiver: Waiver) -> Diagnostic:
    message = f"nothing here has {_what(waiver)} any more, so this waiver holds nothing"
    return Diagnostic(
        "AUP251",
        waiver.span,
        message,
        "delete it",
        Severity.NOTE,
        clause=waiver.clause or None,
        profile=layer.slug,
    )


def _what(waiver: Waiver) -> str:
    return f"{waiver.code} at `{waiver.clause}`" if waiver.clause else waiver.code


def waiver_of_what_stops_a_build(file: FileView, waivable: frozenset[str]) -> Iterator[Diagnostic]:
    """AUP252: see the page of the rule."""
    for waiver in file.layer.waivers:
        if waiver.code not in waivable:
            message = f"{waiver.code} cannot be waived: `aupgen build` stops at it all the same"
            help_ = f"put right what is reported; `aupgen explain {waiver.code}` says how"
            yield Diagnostic("AUP252", waiver.span, message, help_, profile=file.layer.slug)
