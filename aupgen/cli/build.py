"""`aupgen build`: profiles to folders of documents, one school after another or several at a time."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from aupgen.build import ALL_FORMATS
from aupgen.cli.loading import Loaded, load, one_folder_each
from aupgen.cli.school import Outcome, Request, build_school
from aupgen.files import CannotRunError, read_bytes, shown
from aupgen.library.compiled import Library
from aupgen.manifest import PINNED
from aupgen.policy.year import PolicyYear
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, listing, suggestion
from aupgen.source.span import Span
from aupgen.writers.shell import Shell, ShellError


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
    type=click.Choice(ALL_FORMATS),
    help="Write this format only; may be given again. Only a sign-in banner has txt.",
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
@click.option("--explain", is_flag=True, help="Say why each document is built, or is not built again.")
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
    explain: bool,
) -> int:
    """Build the documents of one or more profiles.

    Files land at OUT/<profile>/<policy year>/, with a manifest.json beside them. Nothing of a school is
    written while anything is wrong with it or missing from it; all that is found is reported in one run.
    What an earlier run has built and no change concerns is left as it is.
    """
    missing = [path for path in profiles if not path.is_file()]
    if missing:
        raise CannotRunError(
            f"there is no file {', '.join(str(path) for path in missing)}{nearby(missing[0])}"
        )
    loaded = load(workspace, profiles)
    request = Request(year, documents, tuple(formats) or ALL_FORMATS, out, force, draft, explain)
    named = _without_the_packs(
        loaded, list({(path.resolve(), path.name): path for path in profiles}.values())
    )
    if loaded.library is not None:
        check_documents(documents, loaded.library)
    if approved or edition is not None:
        if draft or not approved:
            other = "--draft and --approved exclude each other" if draft else "--edition goes with --approved"
            raise click.UsageError(other)
        from aupgen.cli.approved import build_approved  # few builds are of what was

        return build_approved(loaded, named, request, edition)
    if loaded.library is None or has_errors(loaded.found):
        _report_broken(loaded, named, year)
        return 1
    twins = one_folder_each(named)
    spoilt = {finding.span.path for finding in twins}
    for path in named:
        if shown(path) in spoilt:
            loaded.profile(path, year)  # for its other faults
    alone = [path for path in named if shown(path) not in spoilt]
    outcomes = _build_all(loaded, loaded.library, alone, request, jobs)
    for outcome in outcomes:
        loaded.sources.update(outcome.sources)
    # a fault in a file above several schools is met by each process that builds one of them
    read = dict.fromkeys(finding for outcome in outcomes for finding in outcome.read)
    errors = loaded.report([*loaded.found, *twins, *read])
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
        issuing = len(spoilt) + sum(outcome.issues for outcome in outcomes)
        click.echo(_summary(errors, built, issuing), err=True)
    return 2 if refused else 1 if errors else 0


def _without_the_packs(loaded: Loaded, named: list[Path]) -> list[Path]:
    """The profiles without those that came with a school's pack, told with AUP514: `schools/*.yaml` means the school's
    own. Where nothing else is named, they are meant."""
    root = loaded.workspace.root
    if len(named) < 2 or not (root / PINNED).is_file():
        return named
    from aupgen.packs.record import read_pinned  # few workspaces have a pack

    pinned = read_pinned(read_bytes(root / PINNED))
    places = {root / entry.name for entry in pinned.files} if pinned else set()
    own = [path for path in named if path.resolve() not in places]
    if not own:
        return named
    message = "this profile came with the pack and is its publisher’s: it was passed over"
    help_ = "name it alone to build it"
    others = (Span(shown(path)) for path in named if path not in own)
    loaded.report(Diagnostic("AUP514", span, message, help_, Severity.NOTE) for span in others)
    return own


def _report_broken(loaded: Loaded, paths: Iterable[Path], year: PolicyYear | None) -> None:
    """Print all that is wrong where the library has errors: with it, and with the profiles as far as that can be told."""
    for path in paths:
        loaded.profile(path, year)
    loaded.report([*loaded.without_what_may_follow(), *one_folder_each(paths)])
    click.echo("Nothing was built: the library has errors.", err=True)


def _summary(errors: int, built: int, of: int) -> str:
    count = "1 error" if errors == 1 else f"{errors} errors"
    return (
        f"{count}; nothing was written."
        if of == 1 and not built
        else f"{count}; {built} of {of} profiles built."
    )


def nearby(path: Path) -> str:
    """The end of a message about a file that is not there: what may have been meant."""
    folder = path.parent
    names = [p.name for p in folder.glob("*.yaml")] if folder.is_dir() else []
    near = suggestion(path.name, names, "")
    return f": {near}" if near else ""


def check_documents(documents: Iterable[str], library: Library) -> None:
    """Raise UsageError for a document that no library has."""
    for id_ in documents:
        if id_ not in library.documents:
            help_ = suggestion(id_, library.documents, f"There are {listing(library.documents)}.")
            raise click.UsageError(f"there is no document `{id_}`: {help_}")


# ------------------------------------------------------------------ one school at a time, or several


def _build_all(
    loaded: Loaded, library: Library, paths: Sequence[Path], request: Request, jobs: int
) -> list[Outcome]:
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
        return [Outcome(found=[finding])]
    with _progress(len(paths)) as step:
        if jobs == 1 or len(paths) < 2:
            return [step(build_school(loaded, library, shell, path, request)) for path in paths]
        from concurrent.futures import ProcessPoolExecutor

        started_with = (loaded, library, shell, request)
        with ProcessPoolExecutor(min(jobs, len(paths)), initializer=_share, initargs=started_with) as pool:
            chunk = max(1, min(len(paths) // (jobs * 8), _LONG_WORK))
            return [step(outcome) for outcome in pool.map(_build_shared, paths, chunksize=chunk)]


_LONG_WORK = 20  # schools


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[Outcome], Outcome]]:
    """A function to call for each outcome: it moves a progress bar on long work on a terminal, and nothing else."""
    if count < _LONG_WORK or not sys.stderr.isatty():
        yield lambda outcome: outcome
        return
    with click.progressbar(length=count, label="Building", file=sys.stderr) as bar:

        def step(outcome: Outcome) -> Outcome:
            bar.update(1)
            return outcome

        yield step


_shared: list[tuple[Loaded, Library, Shell, Request]] = []  # what a worker process was started with


def _share(loaded: Loaded, library: Library, shell: Shell, request: Request) -> None:
    _shared[:] = [(loaded, library, shell, request)]


def _build_shared(path: Path) -> Outcome:
    loaded, library, shell, request = _shared[0]
    return build_school(loaded, library, shell, path, request)
