"""`aupgen build --approved`: documents written again as they were approved, whatever has become of their sources.

Takes a loaded workspace and the paths of profiles; of a profile it needs the name alone where the year is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from aupgen.approval.record import KeptRecord, latest
from aupgen.build import render_approved
from aupgen.cli.loading import Loaded
from aupgen.cli.school import Outcome, Request
from aupgen.document.tree import Document
from aupgen.files import CannotRunError, approvals_folder, check_out, shown, write_outputs
from aupgen.library.compiled import Library
from aupgen.policy.year import PolicyYear
from aupgen.source.diagnostics import Diagnostic, has_errors
from aupgen.source.span import Span
from aupgen.writers.shell import Shell, ShellError

_LOOK = ("templates/page.", "templates/slip.", "templates/reference.")
"""What documents that were approved still take from the library: how they look."""


def build_approved(loaded: Loaded, profiles: Iterable[Path], request: Request, edition: int | None) -> int:
    """Write the approved documents of some profiles, of one edition or the last; return the exit code."""
    if loaded.library is None or has_errors(loaded.found):
        loaded.report(loaded.found)
        click.echo("Nothing was built: the library has errors.", err=True)
        return 1
    try:
        shell = loaded.shell()
    except ShellError as error:
        message = f"the Word reference document cannot be used: {error}"
        span = Span(loaded.files.reference_path)
        loaded.report([Diagnostic("AUP504", span, message, "start again from the shipped one")])
        return 1
    errors, refused = loaded.report(loaded.found), False
    for path in profiles:
        loaded.found.clear()
        try:
            outcome = _build(loaded, loaded.library, shell, path, request, edition)
        except CannotRunError as error:
            outcome = Outcome(refused=str(error))
        errors += loaded.report([*loaded.found, *outcome.found])
        for line in outcome.lines:
            click.echo(line)
        if outcome.refused:
            click.echo(f"aupgen: error: {outcome.refused}", err=True)
            refused = True
    return 2 if refused else 1 if errors else 0


def _build(
    loaded: Loaded, library: Library, shell: Shell, path: Path, request: Request, edition: int | None
) -> Outcome:
    year = request.year or _own_year(loaded, path)
    if year is None:
        return Outcome()
    all_records, digests = loaded.records(path, year)
    if all_records is None:
        return Outcome()
    records = tuple(kept for kept in all_records if edition in (None, kept.record.edition.number))
    ids = dict.fromkeys(document.id for kept in records for document in kept.record.documents)
    wanted = [id_ for id_ in ids if not request.documents or id_ in request.documents]
    if not wanted:
        return Outcome(found=[_no_record(path, year, edition, bool(records))])
    pairs: list[tuple[KeptRecord, Document]] = []
    for id_ in wanted:
        kept = latest(records, id_)
        document = loaded.kept_document(path, kept, id_) if kept else None
        if kept is None or document is None:
            return Outcome()
        pairs.append((kept, document))
    slug = path.name.removesuffix(".yaml").removesuffix(".yml")
    look = {name: digest for name, digest in loaded.files.digests.items() if name.startswith(_LOOK)}
    rendered = render_approved(library, shell, slug, pairs, {**look, **digests}, formats=request.formats)
    folder = request.out / slug / str(year)
    check_out(folder, loaded.workspace)
    report = write_outputs(folder, rendered.files, rendered.manifest, narrowed=True, force=request.force)
    lines = [f"{pairs[0][0].record.school}, {year}, as approved: {shown(folder)}"]
    lines += [f"  {name}" for name in report.written]
    lines += [f"  {name} (unchanged)" for name in report.unchanged]
    return Outcome(lines, report.found)


def _own_year(loaded: Loaded, path: Path) -> PolicyYear | None:
    profile, _ = loaded.profile(path)
    return profile.policy_year if profile else None


def _no_record(path: Path, year: PolicyYear, edition: int | None, has_others: bool) -> Diagnostic:
    what = f"edition {edition} of {year}" if edition else f"the policy year {year}"
    which = " for these documents" if has_others else ""
    message = f"there is no approval record of {what}{which} in {shown(approvals_folder(path))}"
    help_ = f"after the meeting, `aupgen approve {shown(path)} --by BODY --on DATE` writes one"
    return Diagnostic("AUP418", Span(shown(path)), message, help_)
