"""Findings as machines read them: JSON, and the annotations of GitHub Actions. Text for people is in `diagnostics.py`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from msgspec.structs import replace

from aupgen.checks.waivers import Waived
from aupgen.source.codes import CODES
from aupgen.source.diagnostics import Diagnostic, Severity, in_order, listing


def counts(found: Iterable[Diagnostic]) -> dict[str, int]:
    """How many errors, warnings and notes there are."""
    counted = Counter(finding.severity for finding in found)
    return {f"{severity.value}s": counted[severity] for severity in Severity}


def as_json(found: Sequence[Diagnostic], waived: Sequence[Waived]) -> str:
    """Findings in order with their counts; ``waived`` stands beside them only where there is any."""
    data: dict[str, Any] = {"findings": [_entry(finding) for finding in found], "summary": counts(found)}
    if waived:
        data["waived"] = [
            {
                **_entry(one.finding),
                "reason": one.waiver.reason,
                "approver": one.waiver.approver,
                "until": one.waiver.until.iso,
            }
            for one in waived
        ]
    return json.dumps(data, ensure_ascii=False, indent=2)


def _entry(finding: Diagnostic) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.span.path,
        "line": finding.span.line,
        "column": finding.span.column,
        "message": finding.message,
        "help": finding.help,
        "clause": finding.clause,
        "profile": finding.profile,
    }


_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_github(found: Iterable[Diagnostic]) -> str:
    """One workflow command a finding, escaped so that no text of a profile can end it or begin another.

    The escapes are those of actions/toolkit, `packages/core/src/command.ts`.
    """
    return "\n".join(_annotation(finding) for finding in found)


def _annotation(finding: Diagnostic) -> str:
    span = finding.span
    title = f"{finding.code} {CODES[finding.code].name}"
    parts = [finding.message, finding.help, *finding.notes]
    body = "\n".join(part for part in parts if part)
    return (
        f"::{_LEVELS[finding.severity]} file={_property(span.path)},line={span.line},col={span.column},"
        f"title={_property(title)}::{_data(body)}"
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def together(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings for people: those of one code at one place, for several clauses, are one that lists the clauses."""
    out: list[Diagnostic] = []
    for _, same in groupby(in_order(found), key=lambda f: (f.span, f.code, f.severity, f.help, f.profile)):
        first, *others = same
        clauses = [finding.clause for finding in others if finding.clause and finding.clause != first.clause]
        if first.clause is None or len(clauses) < len(others):
            out += [first, *others]
        elif clauses:
            notes = tuple(note for note in first.notes if f"`{first.clause}`" not in note)
            also = f"the same of {len(clauses)} more: {listing(clauses, 400)}"
            out.append(replace(first, notes=(*notes, also)))
        else:
            out.append(first)
    return out


def summary(found: Sequence[Diagnostic], waived: Sequence[Waived], profiles: int, topics: int) -> str:
    """The last lines of the text: what was looked at, what was found, and what was waived by whom."""
    counted = counts(found)
    looked = f"{_count(profiles, 'profile')} and {_count(topics, 'topic')} of clauses"
    said = [_count(number, name[:-1]) for name, number in counted.items() if number]
    out = [f"Checked {looked}: {', '.join(said) if said else 'nothing to put right'}."]
    for one in waived:
        waiver = one.waiver
        where = f"{one.finding.span.path}:{one.finding.span.line}"
        out.append(
            f"Waived until {waiver.until.iso}: {waiver.code} at {where}; {waiver.approver} allowed it: {waiver.reason}"
        )
    return "\n".join(out)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
