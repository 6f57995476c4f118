"""What every command does first: find the workspace, read and compile the library, print what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from msgspec import Struct

from aupgen import cache
from aupgen.files import LibraryFiles, Workspace, find_workspace, read_library, read_text, shown, text_digest
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, in_order, render_text
from aupgen.source.span import SourceText
from aupgen.writers.shell import Shell

# Compiling takes Jinja, pydantic and PyYAML, and the Word shell takes python-docx: a run that finds the
# library, the shell and its profiles in the cache imports none of them.


class Loaded(Struct):
    """A workspace with its library, and the findings and texts gathered so far. ``library`` None: see findings."""

    workspace: Workspace
    files: LibraryFiles
    library: Library | None
    found: list[Diagnostic]
    sources: dict[str, SourceText]
    key: tuple[str, ...]

    def profile(self, path: Path) -> tuple[Profile | None, dict[str, str]]:
        """The profile in a file, or None with its findings kept; and the digests of all sources behind it."""
        source, found = read_text(path)
        self.found += found
        if source is None or self.library is None:
            return None, {}
        self.sources[source.path] = source
        digests = {**self.files.digests, self.workspace.relative(path): text_digest(source)}
        slug = path.name.removesuffix(".yaml").removesuffix(".yml")
        name = cache.key("profile", (*self.key, source.path, slug, text_digest(source)))
        cached = cache.load(name, Profile)
        if cached is not None:
            return cached, digests
        from aupgen.profiles.layers import read_profile

        profile, found = read_profile(source, slug, self.library)
        self.found += found
        if profile is not None and not found:
            cache.store(name, profile)
        return profile, digests

    def shell(self) -> Shell:
        """The Word shell. Raises ShellError where the reference document cannot serve."""
        name = cache.key("shell", (self.files.digests[self.files.reference_name],))
        cached = cache.load(name, Shell)
        if cached is not None:
            return cached
        from aupgen.writers.docx_shell import prepare_shell

        shell = prepare_shell(self.files.reference)
        cache.store(name, shell)
        return shell

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
    sources = {source.path: source for source in (*files.clauses.values(), *files.templates.values())}
    key = (shown(place.root), *(f"{path}={digest}" for path, digest in sorted(files.digests.items())))
    name = cache.key("library", key)
    cached = cache.load(name, Library) if not found else None
    if cached is not None:
        return Loaded(place, files, cached, list(cached.warnings), sources, key)
    from aupgen.library.compiling import compile_library

    library, faults = compile_library(files.clauses, files.templates)
    if library is not None and not found and not has_errors(faults):
        cache.store(name, library)
    return Loaded(place, files, library, [*found, *faults], sources, key)


def loaded_library(workspace: Path | None, profiles: Sequence[Path] = ()) -> tuple[Loaded, Library]:
    """The same for commands that need a library without errors: prints them and exits with 1 where there are any."""
    loaded = load(workspace, profiles)
    errors = loaded.report(loaded.found)
    if loaded.library is None or errors:
        raise click.exceptions.Exit(1)
    return loaded, loaded.library
