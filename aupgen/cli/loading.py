"""What every command does first: find the workspace, read and compile the library, print what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from aupgen.files import LibraryFiles, Workspace, find_workspace, read_library, read_text, text_digest
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile
from aupgen.profiles.layers import read_profile
from aupgen.source.diagnostics import Diagnostic, Severity, in_order, render_text
from aupgen.source.span import SourceText


@dataclass
class Loaded:
    """A workspace with its library, and the findings and texts gathered so far. ``library`` None: see findings."""

    workspace: Workspace
    files: LibraryFiles
    library: Library | None
    found: list[Diagnostic]
    sources: dict[str, SourceText] = field(default_factory=dict)

    def profile(self, path: Path) -> tuple[Profile | None, dict[str, str]]:
        """The profile in a file, or None with its findings kept; and the digests of all sources behind it."""
        source, found = read_text(path)
        self.found += found
        if source is None or self.library is None:
            return None, {}
        self.sources[source.path] = source
        profile, found = read_profile(
            source, path.name.removesuffix(".yaml").removesuffix(".yml"), self.library
        )
        self.found += found
        return profile, {**self.files.digests, self.workspace.relative(path): text_digest(source)}

    def report(self, found: Iterable[Diagnostic]) -> int:
        """Print findings to stderr; return how many are errors."""
        listed = in_order(found)
        if listed:
            click.echo(render_text(listed, self.sources), err=True)
        return sum(finding.severity is Severity.ERROR for finding in listed)


def load(workspace: Path | None, profiles: Sequence[Path] = ()) -> Loaded:
    """Return the library of the workspace that goes with some profiles. Raises CannotRunError."""
    place = find_workspace(workspace, profiles)
    files, found = read_library(place)
    library, faults = compile_library(files.clauses, files.templates)
    sources = {source.path: source for source in (*files.clauses.values(), *files.templates.values())}
    return Loaded(place, files, library, [*found, *faults], sources)


def loaded_library(workspace: Path | None, profiles: Sequence[Path] = ()) -> tuple[Loaded, Library]:
    """The same for commands that need a library without errors: prints them and exits with 1 where there are any."""
    loaded = load(workspace, profiles)
    errors = loaded.report(loaded.found)
    if loaded.library is None or errors:
        raise click.exceptions.Exit(1)
    return loaded, loaded.library
