"""`aupgen check`: everything that a build would find, over a whole workspace, and what makes a policy wrong besides."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import click
from msgspec import Struct, field

from aupgen.checks.choice import Choice, word_fault, words_in
from aupgen.checks.formats import as_github, as_json, counts, summary, together
from aupgen.checks.rules import WAIVABLE
from aupgen.checks.run import Checker
from aupgen.checks.waivers import Waived, apply_waivers
from aupgen.cli.day import today
from aupgen.cli.loading import Loaded, load, one_folder_each
from aupgen.files import CannotRunError, installed_library, profiles_in, read_text, shown
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, in_order, render_text

CONFIG = "aupgen.yaml"
_YAML = (".yaml", ".yml")
_LONG_WORK = 20  # profiles


class _Scope(Struct, frozen=True):
    """What is looked at: profiles, and the files that findings are wanted of; ``whole`` wants them all.

    Where profiles alone were named (``schools_only``), an error in any file behind them is wanted, too: it stops
    their build.
    """

    profiles: tuple[Path, ...]
    wanted: frozenset[str] = frozenset()
    whole: bool = True
    schools_only: bool = False

    def wants(self, finding: Diagnostic, slugs: frozenset[str]) -> bool:
        if self.schools_only and finding.severity is Severity.ERROR:
            return True
        return self.whole or finding.span.path in self.wanted or finding.profile in slugs


class _Result(Struct):
    """What came of it: the findings that count, and those that were waived."""

    found: list[Diagnostic]
    waived: list[Waived]
    profiles: int = 0
    topics: int = 0
    notes: list[str] = field(default_factory=list)


def _words(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    words = words_in(texts)
    for word in words:
        if help_ := word_fault(word):
            message = f"`{word}` is not a code, nor the name of one: {help_}"
            raise click.BadParameter(message, context, parameter)
    return words


@click.command("check", short_help="Find everything that makes a policy wrong.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH...]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How findings are printed: for people, for programs, or as annotations of GitHub Actions.",
)
@click.option(
    "--select", multiple=True, callback=_words, metavar="CODES",
    help="Report these findings only: codes, beginnings of codes, or names, parted by commas.",
)  # fmt: skip
@click.option(
    "--ignore", multiple=True, callback=_words, metavar="CODES", help="Do not report these findings."
)
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.option(
    "--date", "day", callback=today, metavar="DATE",
    help="Check as on this day, such as 2026-11-22. Default: today.",
)  # fmt: skip
@click.pass_obj
def command(
    workspace: Path | None,
    paths: tuple[Path, ...],
    format_: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    day: date,
) -> int:
    """Check clause files, profiles, folders of them, or the whole workspace.

    Finds what `aupgen build` would find in every profile, and besides: clauses that nobody answers for, contradictions,
    gaps left open, claims that are too broad, words too hard for their readers, reviews that are due, and more.
    `aupgen explain CODE` says more about each. The exit code is 1 where there is an error, with --strict where there
    is a warning, too.
    """
    for path in paths:
        if not path.exists():
            raise CannotRunError(f"there is no file or folder {path}")
    loaded = load(workspace, [_start(path) for path in paths])
    config, found = _config(loaded)
    choice = Choice(select or config.select, (*config.ignore, *ignore), strict or config.strict)
    result = _checked(loaded, _scope(loaded, paths), day, found)
    result.found = [finding for finding in in_order(result.found) if choice.keeps(finding)]
    if format_ == "json":
        click.echo(as_json(result.found, result.waived))
    elif format_ == "github":
        if result.found:
            click.echo(as_github(result.found))
    else:
        _print_text(loaded, result, named=bool(paths or workspace))
    counted = counts(result.found)
    return 1 if counted["errors"] or (choice.strict and counted["warnings"]) else 0


def _print_text(loaded: Loaded, result: _Result, *, named: bool) -> None:
    if result.found:
        click.echo(render_text(together(result.found), loaded.sources))
    click.echo(summary(result.found, result.waived, result.profiles, result.topics))
    if not named and loaded.workspace.root == installed_library() and Path.cwd() != loaded.workspace.root:
        click.echo(
            "This is not a workspace, so the library that came with aupgen was checked: name your profile to check it, "
            "such as `aupgen check oakfield.yaml`.",
            err=True,
        )


def _start(path: Path) -> Path:
    """A path from whose folder the workspace is looked for: for a folder, from inside it."""
    return path / "." / CONFIG if path.is_dir() else path


def _config(loaded: Loaded) -> tuple[Choice, list[Diagnostic]]:
    path = loaded.workspace.root / CONFIG
    if not path.is_file():
        return Choice(), []
    from aupgen.checks.config import read_config

    source, found = read_text(path)
    if source is None:
        return Choice(), found
    loaded.sources[source.path] = source
    choice, faults = read_config(source)
    return choice, [*found, *faults]


def _scope(loaded: Loaded, paths: Sequence[Path]) -> _Scope:
    root = loaded.workspace.root
    everything = tuple(profiles_in(root / "schools"))
    if not paths or any(path.resolve() == root for path in paths):
        return _Scope(everything)
    profiles: dict[Path, Path] = {}
    wanted: set[str] = set()
    schools_only = True
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        of_library = [file for file in files if _is_library(file, root)]
        wanted |= {name for file in of_library for name in _spellings(file)}
        if of_library:
            schools_only = False
            profiles.update((profile.resolve(), profile) for profile in everything)
        schools = (
            profiles_in(path) if path.is_dir() and not of_library else [path] if not path.is_dir() else ()
        )
        for file in schools:
            if file not in of_library and file.suffix in _YAML:
                profiles[file.resolve()] = file
                wanted |= _spellings(file)
            elif file not in of_library:
                raise CannotRunError(f"{file} is neither a profile nor a file of the library")
    return _Scope(tuple(profiles.values()), frozenset(wanted), whole=False, schools_only=schools_only)


def _spellings(file: Path) -> set[str]:
    """The names that findings in a file may have: as it was given, and as the workspace or a profile below it reads it."""
    return {shown(file), shown(file.resolve())}


def _is_library(file: Path, root: Path) -> bool:
    return any((root / folder) in file.resolve().parents for folder in ("clauses", "templates"))


def _checked(loaded: Loaded, scope: _Scope, day: date, found: Iterable[Diagnostic]) -> _Result:
    result = _Result([*found], [], len(scope.profiles), len(loaded.library.topics) if loaded.library else 0)
    if loaded.library is None:
        for path in scope.profiles:
            loaded.profile(path)
        result.found += loaded.found
        return result
    if len(scope.profiles) > _LONG_WORK:
        gc.enable()
    unreadable = has_errors(loaded.found)
    checker = Checker(loaded.library, loaded.sources, day)
    checker.check_library()
    for path in scope.profiles:
        profile, _ = loaded.profile(path)
        if profile is not None and not unreadable:  # nor does a build bind anything to a library with errors
            records, _ = loaded.records(path, profile.policy_year)
            checker.check_school(profile, records or ())
    for layer in loaded.layers():
        checker.check_file(layer, loaded.sources[layer.path])
    checker.check_together(complete=scope.whole and not unreadable)
    loaded.found += one_folder_each(scope.profiles)
    if unreadable:
        loaded.found = loaded.without_what_may_follow()
    left, result.waived = apply_waivers(
        [*loaded.found, *checker.found], checker.layers.values(), day, WAIVABLE
    )
    slugs = frozenset(layer.slug for layer in checker.layers.values() if layer.path in scope.wanted)
    result.found += [finding for finding in left if scope.wants(finding, slugs)]
    return result
