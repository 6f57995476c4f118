"""`aupgen build`: profiles to folders of documents."""

from __future__ import annotations

import contextlib
import gc
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click
from msgspec import Struct, field

from aupgen.approval.record import KeptRecord, latest
from aupgen.build import FORMATS, Rendered, render_approved, render_profile
from aupgen.cli.loading import Loaded, load
from aupgen.document.tree import Document
from aupgen.files import CannotRunError, Workspace, approvals_folder, check_out, shown, write_outputs
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.year import PolicyYear
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, listing, suggestion
from aupgen.source.span import Span
from aupgen.writers.shell import Shell, ShellError


class _Request(Struct, frozen=True):
    """What the command line asked for."""

    year: PolicyYear | None
    documents: tuple[str, ...]
    formats: tuple[str, ...]
    out: Path
    force: bool
    draft: bool
    workspace: Workspace

    @property
    def narrowed(self) -> bool:
        return bool(self.documents) or set(self.formats) != set(FORMATS)


class _Task(Struct, frozen=True):
    """A school to build: its profile, the digests of all sources, and the approval records of the year."""

    profile: Profile
    digests: dict[str, str]
    records: tuple[KeptRecord, ...]


class _Outcome(Struct):
    """What one profile came to: lines for stdout, findings for stderr, and whether the system refused."""

    lines: list[str] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    refused: str = ""


def policy_year(context: click.Context, parameter: click.Parameter, text: str | None) -> PolicyYear | None:
    """The value of `--year`."""
    try:
        return None if text is None else PolicyYear.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


@click.command("build", short_help="Build a school’s documents.")
@click.argument("profiles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PROFILE...")
@click.option(
    "--year",
    callback=policy_year,
    metavar="Y",
    help="The policy year to build, such as 2026-27. Default: the profile’s.",
)
@click.option(
    "--document",
    "documents",
    multiple=True,
    metavar="ID",
    help="Build this document only; may be given again.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="Write this format only; may be given again.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build"),
    show_default=True,
    metavar="DIR",
    help="The folder to write to.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Build so many schools at a time.",
)
@click.option(
    "--force", is_flag=True, help="Replace files that somebody edited; the edited copy is kept as .bak."
)
@click.option("--draft", is_flag=True, help="Show missing values as fill-ins and mark every page as a draft.")
@click.option(
    "--approved",
    is_flag=True,
    help="Write the documents again as they were approved, whatever has changed since.",
)
@click.option(
    "--edition",
    type=click.IntRange(1, 999_999),
    metavar="N",
    help="With --approved: as they were approved in edition N. Default: as they were approved last.",
)
@click.pass_obj
def command(
    workspace: Path | None,
    profiles: tuple[Path, ...],
    year: PolicyYear | None,
    documents: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path,
    jobs: int,
    force: bool,
    draft: bool,
    approved: bool,
    edition: int | None,
) -> int:
    """Build the documents of one or more profiles.

    Files land at OUT/<profile>/<policy year>/, with a manifest.json beside them. Nothing of a school is
    written while anything is wrong with it or missing from it; all that is found is reported in one run.
    """
    missing = [path for path in profiles if not path.is_file()]
    if missing:
        raise CannotRunError(
            f"there is no file {', '.join(str(path) for path in missing)}{nearby(missing[0])}"
        )
    loaded = load(workspace, profiles)
    request = _Request(year, documents, tuple(formats) or FORMATS, out, force, draft, loaded.workspace)
    if loaded.library is not None:
        check_documents(documents, loaded.library)
    if approved or edition is not None:
        if draft or not approved:
            other = "--draft and --approved exclude each other" if draft else "--edition goes with --approved"
            raise click.UsageError(other)
        return _build_approved(loaded, profiles, request, edition)
    broken = has_errors(loaded.found)
    named = {(path.resolve(), path.name): path for path in profiles}.values()
    read = [(path, *loaded.profile(path, year)) for path in named]
    if broken:
        # What a profile names may well be in the file that could not be read.
        loaded.found = [f for f in loaded.found if f.profile is None or f.code not in _MAY_FOLLOW]
    loaded.found += _same_names(path for path, _, _ in read)
    approvals = {
        path: loaded.records(path, profile.policy_year) for path, profile, _ in read if profile is not None
    }
    errors = loaded.report(loaded.found)
    if broken:
        click.echo("Nothing was built: the library has errors.", err=True)
        return 1
    spoilt = {finding.span.path for finding in loaded.found if finding.severity is Severity.ERROR}
    tasks = [
        _Task(profile, {**digests, **approvals[path][1]}, records)
        for path, profile, digests in read
        if profile is not None and shown(path) not in spoilt and (records := approvals[path][0]) is not None
    ]
    outcomes = _build_all(loaded, tasks, request, jobs)
    refused = False
    for outcome in outcomes:
        for line in outcome.lines:
            click.echo(line)
        errors += loaded.report(outcome.found)
        if outcome.refused:
            click.echo(f"aupgen: error: {outcome.refused}", err=True)
            refused = True
    if errors:
        built = sum(bool(outcome.lines) for outcome in outcomes)
        issuing = sum(profile is None or profile.kind not in _ABOVE for _, profile, _ in read)
        click.echo(_summary(errors, built, issuing), err=True)
    return 2 if refused else 1 if errors else 0


def _summary(errors: int, built: int, of: int) -> str:
    count = "1 error" if errors == 1 else f"{errors} errors"
    return (
        f"{count}; nothing was written."
        if of == 1 and not built
        else f"{count}; {built} of {of} profiles built."
    )


_ABOVE = (ProfileKind.AUTHORITY, ProfileKind.TRUST)
_MAY_FOLLOW = frozenset({"AUP201", "AUP203", "AUP204", "AUP205", "AUP206", "AUP208", "AUP211"})


def nearby(path: Path) -> str:
    folder = path.parent
    names = [p.name for p in folder.glob("*.yaml")] if folder.is_dir() else []
    near = suggestion(path.name, names, "")
    return f": {near}" if near else ""


def check_documents(documents: Iterable[str], library: Library) -> None:
    for id_ in documents:
        if id_ not in library.documents:
            help_ = suggestion(id_, library.documents, f"There are {listing(library.documents)}.")
            raise click.UsageError(f"there is no document `{id_}`: {help_}")


def _same_names(paths: Iterable[Path]) -> list[Diagnostic]:
    """Two profiles with one slug, capitals and Unicode forms apart, would write to one folder; neither is built."""
    by_slug: dict[str, list[Path]] = {}
    for path in paths:
        by_slug.setdefault(unicodedata.normalize("NFKC", path.stem).casefold(), []).append(path)
    return [
        Diagnostic(
            "AUP212",
            Span(shown(path)),
            f"another profile has the same name: {shown(other)}",
            "rename one of them",
        )
        for same in by_slug.values()
        if len(same) > 1
        for path in same
        for other in same
        if other != path
    ]


# ------------------------------------------------------------------ one school at a time, or several


def _build_all(loaded: Loaded, tasks: Sequence[_Task], request: _Request, jobs: int) -> list[_Outcome]:
    assert loaded.library is not None
    shell = _shell(loaded)
    if isinstance(shell, Diagnostic):
        return [_Outcome(found=[shell])]
    if len(tasks) > _LONG_WORK:
        gc.enable()
    with _progress(len(tasks)) as step:
        if jobs == 1 or len(tasks) < 2:
            return [step(_build_one(loaded.library, shell, task, request)) for task in tasks]
        from concurrent.futures import ProcessPoolExecutor

        started_with = (loaded.library, shell, request)
        with ProcessPoolExecutor(min(jobs, len(tasks)), initializer=_share, initargs=started_with) as pool:
            chunk = max(1, len(tasks) // (jobs * 8))
            return [step(outcome) for outcome in pool.map(_build_shared, tasks, chunksize=chunk)]


def _shell(loaded: Loaded) -> Shell | Diagnostic:
    """The Word shell, or AUP504 where the reference document cannot serve."""
    try:
        return loaded.shell()
    except ShellError as error:
        span = Span(loaded.files.reference_path)
        message = f"the Word reference document cannot be used: {error}"
        return Diagnostic("AUP504", span, message, "start again from the shipped one")


_LONG_WORK = 20  # schools


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[_Outcome], _Outcome]]:
    """A function to call for each outcome: it moves a progress bar on long work on a terminal, and nothing else."""
    if count < _LONG_WORK or not sys.stderr.isatty():
        yield lambda outcome: outcome
        return
    with click.progressbar(length=count, label="Building", file=sys.stderr) as bar:

        def step(outcome: _Outcome) -> _Outcome:
            bar.update(1)
            return outcome

        yield step


_shared: list[tuple[Library, Shell, _Request]] = []  # what a worker process was started with


def _share(library: Library, shell: Shell, request: _Request) -> None:
    _shared[:] = [(library, shell, request)]


def _build_shared(task: _Task) -> _Outcome:
    library, shell, request = _shared[0]
    return _build_one(library, shell, task, request)


def _build_one(library: Library, shell: Shell, task: _Task, request: _Request) -> _Outcome:
    profile = task.profile
    if profile.kind in _ABOVE or not profile.documents:
        what = f"an {profile.kind}" if profile.kind is ProfileKind.AUTHORITY else f"a {profile.kind}"
        message = f"{what} issues no documents of its own"
        if profile.kind in (ProfileKind.SCHOOL, ProfileKind.EXEMPLAR):
            message = "this profile issues no documents, so there is nothing to build"
        return _Outcome(found=[Diagnostic("AUP514", Span(profile.path), message, severity=Severity.NOTE)])
    found = not_issued(profile, request.documents)
    rendered, faults = render_profile(
        library,
        shell,
        profile,
        task.digests,
        formats=request.formats,
        only=request.documents,
        draft=request.draft,
        records=task.records,
    )
    found += faults
    if rendered is None or has_errors(found):
        return _Outcome(found=found)
    folder = request.out / profile.slug / str(profile.policy_year)
    title = f"{profile.name}, {profile.policy_year}{' (draft)' if request.draft else ''}"
    outcome = _write(folder, rendered, title, request, narrowed=request.narrowed)
    outcome.found = [*found, *outcome.found]
    return outcome


def not_issued(profile: Profile, documents: Iterable[str]) -> list[Diagnostic]:
    """AUP205 for each document that was asked for and that the school does not issue."""
    issued = {choice.id for choice in profile.documents}
    return [
        Diagnostic(
            "AUP205",
            Span(profile.path),
            f"{profile.name} does not issue `{id_}`",
            "add it under `documents:`",
        )
        for id_ in documents
        if id_ not in issued
    ]


def _write(folder: Path, rendered: Rendered, title: str, request: _Request, *, narrowed: bool) -> _Outcome:
    try:
        check_out(folder, request.workspace)
        report = write_outputs(
            folder, rendered.files, rendered.manifest, narrowed=narrowed, force=request.force
        )
    except CannotRunError as error:
        return _Outcome(refused=str(error))
    lines = [f"{title}: {shown(folder)}"]
    lines += [f"  {name}" for name in report.written]
    lines += [f"  {name} (unchanged)" for name in report.unchanged]
    lines += [f"  {name} (removed: no longer issued)" for name in report.removed]
    return _Outcome(lines, report.found)


# ------------------------------------------------------------------ as they were approved


_LOOK = ("templates/page.", "templates/slip.", "templates/reference.")
"""What documents that were approved still take from the library: how they look."""


def _build_approved(loaded: Loaded, profiles: Sequence[Path], request: _Request, edition: int | None) -> int:
    """Write the documents of some profiles again as an approval record kept them. Needs no profile without faults
    where the year is given: only its name."""
    errors, refused = 0, False
    for path in profiles:
        outcome = _approved_again(loaded, path, request, edition)
        errors += loaded.report([*loaded.found, *outcome.found])
        loaded.found.clear()
        for line in outcome.lines:
            click.echo(line)
        if outcome.refused:
            click.echo(f"aupgen: error: {outcome.refused}", err=True)
            refused = True
    return 2 if refused else 1 if errors else 0


def _approved_again(loaded: Loaded, path: Path, request: _Request, edition: int | None) -> _Outcome:
    if loaded.library is None:
        return _Outcome()
    year = request.year
    if year is None:
        profile, _ = loaded.profile(path)
        if profile is None:
            return _Outcome()
        year = profile.policy_year
    records, digests = loaded.records(path, year)
    shell = _shell(loaded)
    if records is None or isinstance(shell, Diagnostic):
        return _Outcome(found=[shell] if isinstance(shell, Diagnostic) else [])
    records = tuple(kept for kept in records if edition in (None, kept.record.edition.number))
    ids = dict.fromkeys(document.id for kept in records for document in kept.record.documents)
    wanted = [id_ for id_ in ids if not request.documents or id_ in request.documents]
    if not wanted:
        what = f"edition {edition} of {year}" if edition else f"the policy year {year}"
        which = " for these documents" if request.documents and records else ""
        message = f"there is no approval record of {what}{which} in {shown(approvals_folder(path))}"
        help_ = f"after the meeting, `aupgen approve {shown(path)} --by BODY --on DATE` writes one"
        return _Outcome(found=[Diagnostic("AUP418", Span(shown(path)), message, help_)])
    pairs: list[tuple[KeptRecord, Document]] = []
    for id_ in wanted:
        kept = latest(records, id_)
        assert kept is not None
        document = loaded.kept_document(path, kept, id_)
        if document is None:
            return _Outcome()
        pairs.append((kept, document))
    slug = path.name.removesuffix(".yaml").removesuffix(".yml")
    look = {name: digest for name, digest in loaded.files.digests.items() if name.startswith(_LOOK)}
    rendered = render_approved(
        loaded.library, shell, slug, pairs, {**look, **digests}, formats=request.formats
    )
    record = pairs[0][0].record
    folder = request.out / slug / str(year)
    title = f"{record.school}, {year}, as approved"
    return _write(folder, rendered, title, request, narrowed=True)
