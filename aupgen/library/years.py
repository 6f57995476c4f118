"""How long a clause is in force: the one check that clauses of the library and of a school share."""

from __future__ import annotations

from collections.abc import Sequence

from aupgen.policy.clause import Revision
from aupgen.policy.year import FIRST_YEAR, PolicyYear
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.yaml_text import Route, YamlFile


def until_fault(
    file: YamlFile, route: Route, until: PolicyYear | None, revisions: Sequence[Revision], clause: str
) -> Diagnostic | None:
    """Return AUP303, at the ``until`` of the clause that stands at ``route``, where a wording begins after it.

    None where every wording is in force for a year at least, and where the clause has no end.
    """
    late = next((r.since for r in revisions if until is not None and r.since > until), None)
    if late is None or late == FIRST_YEAR:
        return None
    message = f"the last year is {until}, but a wording begins only in {late}"
    help_ = f"`until:` is the last policy year in which the clause is in force: give {late} or a later one, or delete it"
    return Diagnostic("AUP303", file.value_span((*route, "until")), message, help_, clause=clause)
