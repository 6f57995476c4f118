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

from aupgen.build import FORMATS, render_profile
from aupgen.cli.loading import Loaded, load
from aupgen.files import CannotRunError, Workspace, check_out, shown, write_outputs
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


class _Outcome(Struct):
    """What one profile came to: lines for stdout, findings for stderr, and whether the system refused."""

    lines: list[str] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    refused: str = ""


def _year(context: click.Context, parameter: click.Parameter, text: str | None) -> PolicyYear | None:
    try:
        return None if text is None else PolicyYear.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


@click.command("build", short_help="Build a school’s documents.")
@click.argument("profiles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PROFILE...")
@click.option(
    "--year",
    callback=_year,
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
    broken = has_errors(loaded.found)
    named = {(path.resolve(), path.name): path for path in profiles}.values()
    read = [(path, *loaded.profile(path, year)) for path in named]
    if broken:
        # What a profile names may well be in the file that could not be read.
        loaded.found = [f for f in loaded.found if f.profile is None or f.code not in _MAY_FOLLOW]
    loaded.found += _same_names(path for path, _, _ in read)
    errors = loaded.report(loaded.found)
    if broken:
        click.echo("Nothing was built: the library has errors.", err=True)
        return 1
    spoilt = {finding.span.path for finding in loaded.found if finding.severity is Severity.ERROR}
    tasks = [
        (profile, digests)
        for path, profile, digests in read
        if profile is not None and shown(path) not in spoilt
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
        issuing = sum(profile is None or profile.kind not in ABOVE for _, profile, _ in read)
        click.echo(_summary(errors, built, issuing), err=True)
    return 2 if refused else 1 if errors else 0


def _summary(errors: int, built: int, of: int) -> str:
    count = "1 error" if errors == 1 else f"{errors} errors"
    return (
        f"{count}; nothing was written."
        if of == 1 and not built
        else f"{count}; {built} of {of} profiles built."
    )


ABOVE = (ProfileKind.AUTHORITY, ProfileKind.TRUST)
_MAY_FOLLOW = frozenset({"AUP201", "AUP203", "AUP204", "AUP205", "AUP206", "AUP208", "AUP211"})


def nearby(path: Path) -> str:
    folder = path.parent
    names = [p.name for p in folder.glob("*.yaml")] if folder.is_dir() else []
    near = suggestion(path.name, names, "")
    return f": {near}" if near else ""


def check_documents(documents: Iterable[str], library: Library) -> None:
    """Raise UsageError for a document that the library has no template for."""
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


def _build_all(
    loaded: Loaded, tasks: Sequence[tuple[Profile, dict[str, str]]], request: _Request, jobs: int
) -> list[_Outcome]:
    assert loaded.library is not None
    try:
        shell = loaded.shell()
    except ShellError as error:
        span = Span(loaded.files.reference_path)
        finding = Diagnostic(
            "AUP504",
            span,
            f"the Word reference document cannot be used: {error}",
            "start again from the shipped one",
        )
        return [_Outcome(found=[finding])]
    if len(tasks) > _LONG_WORK:
        gc.enable()
    with _progress(len(tasks)) as step:
        if jobs == 1 or len(tasks) < 2:
            return [step(_build_one(loaded.library, shell, *task, request)) for task in tasks]
        from concurrent.futures import ProcessPoolExecutor

        started_with = (loaded.library, shell, request)
        with ProcessPoolExecutor(min(jobs, len(tasks)), initializer=_share, initargs=started_with) as pool:
            chunk = max(1, len(tasks) // (jobs * 8))
            return [step(outcome) for outcome in pool.map(_build_shared, tasks, chunksize=chunk)]


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


def _build_shared(task: tuple[Profile, dict[str, str]]) -> _Outcome:
    library, shell, request = _shared[0]
    return _build_one(library, shell, *task, request)


def issues_nothing(profile: Profile) -> Diagnostic | None:
    """AUP514 for a profile that issues no documents, None for one that does."""
    if profile.kind not in ABOVE and profile.documents:
        return None
    what = f"an {profile.kind}" if profile.kind is ProfileKind.AUTHORITY else f"a {profile.kind}"
    message = f"{what} issues no documents of its own"
    if profile.kind not in ABOVE:
        message = "this profile issues no documents, so there is nothing to build"
    return Diagnostic("AUP514", Span(profile.path), message, severity=Severity.NOTE)


def _build_one(
    library: Library, shell: Shell, profile: Profile, digests: dict[str, str], request: _Request
) -> _Outcome:
    if note := issues_nothing(profile):
        return _Outcome(found=[note])
    issued = {choice.id for choice in profile.documents}
    absent = [id_ for id_ in request.documents if id_ not in issued]
    found = [
        Diagnostic(
            "AUP205",
            Span(profile.path),
            f"{profile.name} does not issue `{id_}`",
            "add it under `documents:`",
        )
        for id_ in absent
    ]
    rendered, faults = render_profile(
        library, shell, profile, digests, formats=request.formats, only=request.documents, draft=request.draft
    )
    found += faults
    if rendered is None or has_errors(found):
        return _Outcome(found=found)
    folder = request.out / profile.slug / str(profile.policy_year)
    try:
        check_out(folder, request.workspace)
        report = write_outputs(
            folder, rendered.files, rendered.manifest, narrowed=request.narrowed, force=request.force
        )
    except CannotRunError as error:
        return _Outcome(refused=str(error))
    lines = [f"{profile.name}, {profile.policy_year}{' (draft)' if request.draft else ''}: {shown(folder)}"]
    lines += [f"  {name}" for name in report.written]
    lines += [f"  {name} (unchanged)" for name in report.unchanged]
    lines += [f"  {name} (removed: no longer issued)" for name in report.removed]
    return _Outcome(lines, [*found, *report.found])
