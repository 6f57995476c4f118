"""`aupgen report`: where every school of an authority or a trust stands, as one page and one table."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from aupgen import __version__
from aupgen.board.board import Board, make_board
from aupgen.board.page import Written, write_board
from aupgen.board.people import people_in, without_people
from aupgen.board.roster import Expected, Given, match_roster, not_expected, read_roster
from aupgen.board.school import SchoolRow, school_row, stopped_row, stops_build, unheard_row
from aupgen.checks.rules import WAIVABLE
from aupgen.checks.run import Checker
from aupgen.checks.waivers import apply_waivers
from aupgen.cli.build import nearby
from aupgen.cli.day import today
from aupgen.cli.loading import Loaded, load
from aupgen.files import (
    LOOK,
    CannotRunError,
    Workspace,
    approvals_folder,
    check_out,
    find_workspace,
    manifest_in,
    read_bytes,
    read_look,
    read_page_texts,
    read_text,
    shown,
    write_outputs,
)
from aupgen.manifest import MANIFEST, PINNED, BuiltFile, Entry, sha256
from aupgen.packs.record import read_pinned
from aupgen.policy.profile import ProfileKind
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, in_order, render_text
from aupgen.source.span import SourceText, Span

PAGE, TABLE = "index.html", "schools.csv"
_LONG_WORK = 20  # profiles
_AT_A_TIME = 8  # profiles that a process takes over at once


@click.command("report", short_help="Show where every school stands.")
@click.argument("profiles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PROFILE...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The folder to write to.",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="CSV",
    help="The schools you expect, with the columns name, and slug or file. Default: those given.",
)
@click.option(
    "--force", is_flag=True, help="Replace files that somebody edited; the edited copy is kept as .bak."
)
@click.option(
    "--date", "day", callback=today, metavar="DATE",
    help="Report as on this day, such as 2026-11-22. Default: today.",
)  # fmt: skip
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=lambda: min(os.cpu_count() or 1, 8),
    metavar="N",
    help="Read many schools in N processes at once. Default: one for each processor, up to 8.",
)
@click.pass_obj
def command(
    workspace: Path | None,
    profiles: tuple[Path, ...],
    out: Path,
    roster: Path | None,
    force: bool,
    day: date,
    jobs: int,
) -> int:
    """Write a page, index.html, and a table, schools.csv: where each school stands, and which need a call first.

    Each school is read with the library of its own workspace, so that profiles may come from many folders. Names, emails
    and telephone numbers of people are on neither. Profiles of authorities, trusts and exemplars are passed over.
    """
    missing = [path for path in (*profiles, *([roster] if roster else [])) if not path.is_file()]
    if missing:
        raise CannotRunError(f"there is no file {missing[0]}{nearby(missing[0])}")
    place = find_workspace(workspace, [])
    check_out(out, place)
    if not force and _is_in_the_way(out):
        click.echo("Nothing was written.", err=True)
        return 1
    named = list({(path.resolve(), path.name): path for path in profiles}.values())
    rows, errors = _rows(workspace, named, roster, day, jobs)
    if rows is None:
        click.echo("Nothing was written.", err=True)
        return 1
    board = make_board(rows, day)
    texts, found = read_page_texts(place, "report")
    look, faults = read_look(place)
    texts, found = {**texts, **({LOOK: look} if look else {})}, [*found, *faults]
    written, faults = write_board(board, texts)
    found += faults
    if written is None or has_errors(found):
        _print(found, {source.path: source for source in texts.values()})
        click.echo("Nothing was written.", err=True)
        return 1
    files, manifest = _files(written, board)
    report = write_outputs(out, files, manifest, narrowed=False, force=force, again="report again")
    _print(report.found, {})
    click.echo(written.sentence)
    for names, note in ((report.written, ""), (report.unchanged, " (unchanged)")):
        for name in names:
            click.echo(f"  {shown(out / name)}{note}")
    return 1 if errors or has_errors(report.found) else 0


def _is_in_the_way(out: Path) -> bool:
    """Whether a folder holds what aupgen wrote for something else, which would go; told with AUP640."""
    there = manifest_in(out)
    if there is None or [part["id"] for part in there["documents"]] == ["report"]:
        return False
    message = "this folder holds what aupgen wrote for something else, and all of that would be removed"
    help_ = "name another folder, or report again with `--force` if that is what you want"
    _print([Diagnostic("AUP640", Span(shown(out / MANIFEST)), message, help_)], {})
    return True


def _files(written: Written, board: Board) -> tuple[list[BuiltFile], Entry]:
    """The files, and the manifest by which the next run knows them for ours."""
    files = [
        BuiltFile("report", "html", PAGE, written.page.encode()),
        BuiltFile(
            "report", "csv", TABLE, written.table.encode("utf-8-sig")
        ),  # Excel takes it for Latin-1 without
    ]
    listed = [{"name": file.name, "format": file.format, "sha256": sha256(file.data)} for file in files]
    return files, {
        "aupgen": __version__,
        "date": board.day.isoformat(),
        "policy_year": str(board.year),
        "documents": [{"id": "report", "files": listed}],
    }


def _print(found: Iterable[Diagnostic], sources: dict[str, SourceText]) -> None:
    if listed := in_order(found):
        click.echo(render_text(listed, sources), err=True)


# ------------------------------------------------------------------ the schools, one at a time


def _rows(
    workspace: Path | None, paths: Sequence[Path], roster: Path | None, day: date, jobs: int
) -> tuple[list[SchoolRow] | None, bool]:
    """The row of every school, and whether errors keep any from being built; None where the list cannot be used."""
    expected: tuple[Expected, ...] = ()
    of_school: dict[str, Expected] = {}
    if roster is not None:
        source, found = read_text(roster)
        if source is not None:
            expected, faults = read_roster(source)
            found += faults
        given = [Given(_slug(path), str(path.resolve())) for path in paths]
        if not has_errors(found):
            places = {
                school: str((roster.parent / school.file).resolve()) for school in expected if school.file
            }
            matched, faults = match_roster(expected, places, given)
            found += faults
            of_school = {one.place: school for one, school in matched.items()}
        _print(found, {source.path: source} if source else {})
        if has_errors(found):
            return None, True
    rows, told = [], []
    seen: set[Diagnostic] = set()  # a fault above several schools is met with each, or by each process
    for read in _read_all(workspace, paths, day, jobs):
        anew = [finding for finding in read.found if finding not in seen]
        seen.update(anew)
        told += [render_text(anew, read.sources)] if anew else []
        if read.row is None:
            continue
        school = of_school.get(str(read.path.resolve()))
        name = school.name if school and not read.row.known else read.row.name
        rows.append(replace(read.row, name=name, expected=roster is None or school is not None))
    for text in told:
        click.echo(text, err=True)
    heard = set(of_school.values())
    unheard = [school for school in expected if school not in heard]
    if roster is not None:
        _print([not_expected(row.slug, unheard, shown(roster)) for row in rows if not row.expected], {})
    rows += [unheard_row(school.slug or _slug(Path(school.file)), school.name) for school in unheard]
    return rows, bool(told)


class _Read(Struct, frozen=True):
    """A profile that was read: its row, None where it is no school's; the errors that keep it from being built, and
    the texts that they quote."""

    path: Path
    row: SchoolRow | None
    found: tuple[Diagnostic, ...]
    sources: Mapping[str, SourceText]


class _Held(Struct, frozen=True):
    """A workspace that was loaded: the errors of its library, whether it can be used, and what it came from."""

    loaded: Loaded
    faults: tuple[Diagnostic, ...]
    broken: bool
    pack: str


def _read_all(workspace: Path | None, paths: Sequence[Path], day: date, jobs: int) -> Iterator[_Read]:
    """Every profile, those of one workspace together; many of them in several processes."""
    by_root: dict[Path, list[Path]] = {}
    for path in paths:
        by_root.setdefault(find_workspace(workspace, [path]).root, []).append(path)
    parts = [
        (root, theirs[start : start + _AT_A_TIME], day)
        for root, theirs in by_root.items()
        for start in range(0, len(theirs), _AT_A_TIME)
    ]
    at_once = jobs > 1 and len(paths) > _LONG_WORK
    _held.clear()
    if len(paths) > _LONG_WORK:
        _hold(parts[0][0])  # for all processes
        gc.freeze()  # it need not be looked through again and again
        gc.enable()
    with _progress(len(paths)) as step, contextlib.ExitStack() as stack:
        done: Iterable[list[_Read]] = map(_read_some, parts)
        if at_once:
            from concurrent.futures import ProcessPoolExecutor

            pool = stack.enter_context(ProcessPoolExecutor(min(jobs, len(parts))))
            done = pool.map(_read_some, parts)
        for some in done:
            yield from some
            step(len(some))


_held: dict[Path, _Held | str] = {}
"""The workspace that this process read last, by its root; a text says why it cannot be read."""


def _hold(root: Path) -> _Held | str:
    if root not in _held:
        _held.clear()  # there may be hundreds of workspaces
        try:
            loaded = load(root)
        except CannotRunError as error:  # it stops no other
            _held[root] = str(error)
        else:
            broken = loaded.library is None or has_errors(loaded.found)
            faults = tuple(filter(stops_build, loaded.found))
            _held[root] = _Held(loaded, faults, broken, _pack(loaded.workspace))
    return _held[root]


def _read_some(part: tuple[Path, Sequence[Path], date]) -> list[_Read]:
    """Some schools of one workspace, as on a day."""
    root, paths, day = part
    held = _hold(root)
    if isinstance(held, str):
        stopped = ((path, *_unreadable(path, held, "")) for path in paths)
        return [_Read(path, row, tuple(found), {}) for path, row, found in stopped]
    return [_school(held, path, day) for path in paths]


def _school(held: _Held, path: Path, day: date) -> _Read:
    """One school, and let go of what was read for it alone."""
    loaded = held.loaded
    loaded.found.clear()
    row, found = _row(loaded, path, day, held.pack, broken=held.broken)
    stops = (*held.faults, *filter(stops_build, found))
    quoted = {finding.span.path for finding in stops}
    sources = {name: source for name, source in loaded.sources.items() if name in quoted}
    loaded.forget(path)
    return _Read(path, row, stops, sources)


def _row(
    loaded: Loaded, path: Path, day: date, pack: str, *, broken: bool
) -> tuple[SchoolRow | None, list[Diagnostic]]:
    """A school's row, and all that was found on the way to it."""
    slug, library = _slug(path), loaded.library
    try:
        profile, _ = loaded.profile(path)
    except CannotRunError as error:
        return _unreadable(path, str(error), pack)
    own = loaded.layer_of(path)
    if own is not None and own.kind is not ProfileKind.SCHOOL:
        return None, []
    if profile is None or library is None or own is None or broken:
        about = [f for f in loaded.found if _is_about(f, path, slug)]
        year = own.policy_year.value if own and own.policy_year else None
        return stopped_row(slug, own.name if own else slug, year, about, pack), loaded.found
    records, _ = loaded.records(path, profile.policy_year)
    checker = Checker(library, loaded.sources, day)
    checker.check_school(profile, records or ())
    checker.check_file(own, loaded.sources[own.path])
    about = [f for f in loaded.found if _is_about(f, path, slug)]
    about += [f for f in checker.found if f.severity is Severity.ERROR or _is_about(f, path, slug)]
    left, _ = apply_waivers(in_order(about), [own], day, WAIVABLE)
    behind, _ = loaded.layers_behind(path)
    ordinary = {word for role in library.roles.values() for word in role.title.lower().split()}
    row = school_row(library, profile, records, left, behind, people_in(behind, ordinary), day, pack)
    return row, loaded.found + checker.found


def _unreadable(path: Path, why: str, pack: str) -> tuple[SchoolRow, list[Diagnostic]]:
    fault = Diagnostic("AUP513", Span(shown(path)), f"the profile cannot be read: {why}")
    return stopped_row(_slug(path), _slug(path), None, [fault], pack), [fault]


def _is_about(finding: Diagnostic, path: Path, slug: str) -> bool:
    """Whether a finding is in a school's own file or approvals, or names it."""
    place = finding.span.path
    return (
        finding.profile == slug
        or place == shown(path)
        or place.startswith(f"{shown(approvals_folder(path))}/")
    )


def _pack(place: Workspace) -> str:
    """What the library of a workspace came from, as `aupgen init` noted it; "" where it did not."""
    path = place.root / PINNED
    pinned = read_pinned(read_bytes(path)) if path.is_file() else None
    if pinned is None:
        return ""
    if pinned.published is None:
        return f"aupgen {pinned.aupgen}"
    said = f"{pinned.published.issuer}, {pinned.published.policy_year}, edition {pinned.published.edition}"
    return without_people(said, ())


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[int], None]]:
    """A function to call with the number of profiles done: it moves a progress bar on long work on a terminal, and nothing else."""
    if count < _LONG_WORK or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=count, label="Reading", file=sys.stderr) as bar:
        yield bar.update


def _slug(path: Path) -> str:
    return path.name.removesuffix(".yaml").removesuffix(".yml")
