"""What every command does first: find the workspace, read and compile the library, print what was found."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import click
from msgspec import Struct, field

from aupgen import cache
from aupgen.approval.record import KeptRecord, Record, kept_name, named_year
from aupgen.document.tree import Document
from aupgen.document.words import with_approval
from aupgen.files import (
    NEXT,
    CannotRunError,
    LibraryFiles,
    OutsideError,
    Workspace,
    approvals_folder,
    find_workspace,
    names_in,
    read_bytes,
    read_library,
    read_text,
    shown,
    text_digest,
)
from aupgen.library.compiled import Library, Templates
from aupgen.library.concerns import Edits, edits_between
from aupgen.manifest import sha256
from aupgen.policy.clause import Topic
from aupgen.policy.layer import Layer, Reference
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.year import PolicyYear
from aupgen.profiles.layers import MOST_LAYERS, fold
from aupgen.source.diagnostics import (
    Diagnostic,
    Severity,
    has_errors,
    in_order,
    listing,
    render_text,
    suggestion,
)
from aupgen.source.span import SourceText, Span
from aupgen.writers.shell import Shell

# Compiling takes Jinja, pydantic and PyYAML, and the Word shell takes python-docx: a run that finds the
# library, the shell and its profiles in the cache imports none of them.


_MOST_KEPT = 20_000_000  # bytes of finished documents beside a record


class _KeptTopic(Struct, frozen=True):
    """A topic as it was compiled without findings, and the digest of its file."""

    digest: str
    topic: Topic


class _Read(Struct, frozen=True):
    """A profile's file: where it lies, links followed, its name for the manifest, its layer, and whether it has errors."""

    path: Path
    place: Path
    name: str
    digest: str
    layer: Layer
    broken: bool


_Chain: TypeAlias = tuple[list[_Read], _Read | None, bool]


def _held_up(below: _Read, reference: Reference, above: Path) -> Diagnostic:
    """AUP232 at what names a profile with errors: those below it are not built."""
    message = f"{below.layer.name} is not built: {shown(above)} has errors"
    help_ = "put those right first"
    return Diagnostic("AUP232", reference.span, message, help_, Severity.NOTE, profile=below.layer.slug)


_KINDS = {
    ProfileKind.AUTHORITY: "an authority",
    ProfileKind.TRUST: "a trust",
    ProfileKind.EXEMPLAR: "an exemplar",
    ProfileKind.SCHOOL: "a school",
}


_MAY_FOLLOW = frozenset({"AUP201", "AUP203", "AUP204", "AUP205", "AUP206", "AUP208", "AUP211"})


class Loaded(Struct):
    """A workspace with its library, and the findings and texts gathered so far. ``library`` None: see findings."""

    workspace: Workspace
    files: LibraryFiles
    library: Library | None
    found: list[Diagnostic]
    sources: dict[str, SourceText]
    read: dict[tuple[Path, str], _Read | None] = field(default_factory=dict)
    chains: dict[tuple[Path, str], _Chain] = field(default_factory=dict)
    referred: dict[tuple[Path, str], Path | None] = field(default_factory=dict)
    edits: dict[str, Edits | None] = field(default_factory=dict)

    def profile(self, path: Path, year: PolicyYear | None = None) -> tuple[Profile | None, dict[str, str]]:
        """The profile in a file with all layers above it, or None with its findings kept; and the digests of
        all sources behind it. ``year`` None takes the profile's own policy year."""
        if self.library is None:
            self._read(path)
            return None, {}
        own = self._read(path)
        if own is None:
            return None, {}
        chain, area, complete = self._chain(own)
        layers = [read.layer for read in chain]
        profile, found = fold(layers, self.library, area=area.layer if area else None, year=year)
        behind = [*chain, *([area] if area else [])]
        spoilt = next((read for read in behind[1:] if read.broken), None)
        # what a profile seems to lack may stand in a parent that could not be read, or under a misspelt key
        doubtful = set() if complete and not spoilt else {"AUP111", "AUP201", "AUP204", "AUP211", "AUP228"}
        if own.broken:
            doubtful.add("AUP228")
        self.found += [f for f in found if f.code not in doubtful]
        named = own.layer.area if spoilt is area else own.layer.extends
        if spoilt and (reference := named or own.layer.extends or own.layer.area):
            self.found.append(_held_up(own, reference, spoilt.path))
        digests = {read.name: read.digest for read in behind}
        usable = complete and not spoilt and not own.broken
        return (profile if usable else None), {**self.files.digests, **digests}

    def layers_behind(self, path: Path) -> tuple[tuple[Layer, ...], Layer | None]:
        """The layers of a profile, its own first, and its area's; () where one of them cannot be followed. What is
        found stays with the findings."""
        own = self._read(path)
        if own is None:
            return (), None
        chain, area, complete = self._chain(own)
        return (tuple(read.layer for read in chain) if complete else ()), area.layer if area else None

    def years_of(self, path: Path) -> tuple[str, ...]:
        """The earlier policy years that a profile which was read says something of."""
        read = self.read.get((path.resolve(), path.name))
        return tuple(read.layer.years) if read else ()

    def digests(self, path: Path) -> dict[str, str]:
        """The digests of all sources behind a profile, without making a school of its layers; {} where one of
        them has errors, which `profile` then reports."""
        own = self._read(path) if self.library is not None else None
        if own is None:
            return {}
        chain, area, complete = self._chain(own)
        behind = [*chain, *([area] if area else [])]
        if not complete or any(read.broken for read in behind):
            return {}
        return {**self.files.digests, **{read.name: read.digest for read in behind}}

    def edits_since(self, sources: Mapping[str, str]) -> Edits | None:
        """What became of the topics since an earlier build, by the digests of its sources; None where the library of that
        build is no longer kept."""
        digests = {path: sources[path] for path in sources if path.startswith(("clauses/", "templates/"))}
        name = _library_name(self.workspace, digests)
        if name not in self.edits:  # schools that were built together share it
            before, now = cache.load(name, Library), self.library
            self.edits[name] = edits_between(before.topics, now.topics) if before and now else None
        return self.edits[name]

    def forget(self, path: Path) -> None:
        """Let go of a school that is done, so that a thousand of them take no more memory than one."""
        key = (path.resolve(), path.name)
        self.chains.pop(key, None)
        self.read.pop(key, None)
        self.sources.pop(shown(path), None)

    def profile_alone(self, path: Path) -> Profile | None:
        """The profile for a command that only looks at it; None where it has errors, which are printed."""
        self.found.clear()
        profile, _ = self.profile(path)
        errors = self.report(finding for finding in self.found if finding.severity is Severity.ERROR)
        return None if errors else profile

    def layer_of(self, path: Path) -> Layer | None:
        """What a profile that was read says itself; None where it could not be read. A school before it may have read it
        as its parent, under another spelling of the path."""
        read = self.read.get((path.resolve(), path.name))
        return read.layer if read else None

    def layers(self) -> list[Layer]:
        """Every profile file that was read so far, those above a school too, each once, by its path."""
        layers = {read.layer.path: read.layer for read in self.read.values() if read is not None}
        return [layers[path] for path in sorted(layers)]

    def without_what_may_follow(self) -> list[Diagnostic]:
        """The findings where the library has errors: what a profile names may well be in the file that has them."""
        return [f for f in self.found if f.profile is None or f.code not in _MAY_FOLLOW]

    def records(self, path: Path, year: PolicyYear) -> tuple[tuple[KeptRecord, ...] | None, dict[str, str]]:
        """The approval records of a profile for one year, and their digests; None where one of them has errors,
        which are kept with the findings."""
        folder = approvals_folder(path)
        found: list[Diagnostic] = []
        records: list[KeptRecord] = []
        digests: dict[str, str] = {}
        for name in names_in(folder, f"{year}-"):
            if not name.endswith((".yaml", ".yml")):
                continue
            if named_year(name) is None:
                message = "this is not the name of an approval record, and the file was passed over"
                help_ = f"a record is called such as `{year}-edition-1.yaml`; move other files away"
                note = Diagnostic("AUP416", Span(shown(folder / name)), message, help_, Severity.WARNING)
                self.found.append(note)
                continue
            if not (folder / name).resolve().is_relative_to(path.parent.resolve()):
                message = "this record is a link out of the folder of profiles, and was not followed"
                help_ = "put the file itself here"
                found.append(Diagnostic("AUP416", Span(shown(folder / name)), message, help_))
                continue
            source, faults = read_text(folder / name)
            record = None
            if source is not None:
                digest = text_digest(source)
                record, faults = _record(source, digest, year)
                if record is None:
                    self.sources[source.path] = source
                else:
                    listed = self.workspace.relative(folder.resolve() / name)
                    digests[listed] = digest
                    records.append(KeptRecord(source.path, listed, record))
            found += faults
        self.found += found
        return (None if has_errors(found) else tuple(records)), digests

    def approved_years(self, path: Path) -> list[PolicyYear]:
        """The policy years of a profile that have an approval record, by the names of the records; oldest first."""
        named = filter(None, map(named_year, names_in(approvals_folder(path), "2")))
        years = set()
        for text in named:
            with contextlib.suppress(ValueError):  # 2025-99: `records` says so
                years.add(PolicyYear.parse(text))
        return sorted(years)

    def kept_document(self, path: Path, kept: KeptRecord, id_: str) -> Document | None:
        """A finished document as a record of the profile at ``path`` kept it; None, and AUP410 or AUP416 with
        the findings, where the file beside the record is not what it was."""
        from aupgen.approval.kept import KeptError, read_kept

        beside = approvals_folder(path) / kept_name(kept.name.rpartition("/")[2])
        help_ = "put the file back from a copy or from version control: the record holds its words to read"
        code, message = "AUP416", ""
        try:
            data = read_bytes(beside, _MOST_KEPT)
            documents = read_kept(data)
            if sha256(data) != kept.record.kept:
                code, message = "AUP410", "this file was changed after `aupgen approve` wrote it"
        except CannotRunError as error:
            message = f"the documents of {kept.path} are not there: {error}"
        except KeptError as error:
            code, message = "AUP410", f"this file {error}"
        approved = kept.record.document(id_)
        if not message and approved is not None:
            for document in documents:
                if document.meta.id == id_:
                    return with_approval(document, approved.approval)
            message = f"this file does not hold `{id_}`"
        self.found.append(Diagnostic(code, Span(shown(beside)), message, help_))
        return None

    def _read(self, path: Path) -> _Read | None:
        """One file, read once a run; None where it cannot be read. Its findings are kept."""
        place = path.resolve()
        key = (place, path.name)  # a link has a name, and so a folder of documents, of its own
        if key in self.read:
            return self.read[key]
        source, found = read_text(path)
        self.found += found
        read = None
        if source is not None:
            self.sources[source.path] = source
            if self.library is not None:
                read = self._layer(path, place, source, self.library)
        self.read[key] = read
        return read

    def _layer(self, path: Path, place: Path, source: SourceText, library: Library) -> _Read | None:
        digest = text_digest(source)
        slug = path.name.removesuffix(".yaml").removesuffix(".yml")
        name = cache.key("profile", (library.read_with, source.path, slug, digest))
        layer = cache.load(name, Layer)
        found: list[Diagnostic] = []
        if layer is None:
            from aupgen.profiles.reading import read_layer

            layer, found = read_layer(source, slug, library)
            if layer is not None and not found:
                cache.store(name, layer)
            self.found += found
        if layer is None:
            return None
        return _Read(path, place, self.workspace.relative(place), digest, layer, has_errors(found))

    def _chain(self, own: _Read) -> _Chain:
        """The profile and those above it, nearest first, and the area's; False where one cannot be followed.

        Followed once a run, so that a fault on the way is told once.
        """
        key = (own.place, own.path.name)
        if key not in self.chains:
            self.chains[key] = self._followed(own)
        return self.chains[key]

    def _followed(self, own: _Read) -> _Chain:
        chain, complete = [own], True
        while complete and (reference := chain[-1].layer.extends):
            above = self._referred(chain[-1], reference)
            if above is None or self._misfit(chain, above, reference):
                complete = False
            else:
                chain.append(above)
        for read in chain:
            if reference := read.layer.area:
                area = self._referred(read, reference)
                if area is None:
                    return chain, None, False
                if area.layer.kind is not ProfileKind.AUTHORITY:
                    what = _KINDS[area.layer.kind]
                    message = (
                        f"{area.layer.name} ({shown(area.path)}) is {what}, and `area` names an authority"
                    )
                    help_ = "name the profile of the local authority whose area the school is in"
                    self._fault("AUP222", reference, message, help_, read)
                    return chain, None, False
                return chain, area, complete
        return chain, None, complete

    def _misfit(self, chain: list[_Read], above: _Read, reference: Reference) -> bool:
        """Whether a profile cannot stand above the last of a chain; reported at what names it."""
        slugs = [*(read.layer.slug for read in chain), above.layer.slug]
        below, kind = chain[-1].layer.kind, above.layer.kind
        if any(read.place == above.place for read in chain):
            message = f"profiles extend each other in a circle: {' → '.join(slugs)}"
            self._fault("AUP223", reference, message, "take out one `extends:` of the circle", chain[-1])
        elif above.broken:
            return False  # its kind may be what is wrong
        elif kind is ProfileKind.SCHOOL or (below is ProfileKind.AUTHORITY and kind is ProfileKind.TRUST):
            message = f"{above.layer.name} ({shown(above.path)}) is {_KINDS[kind]}, and {_KINDS[below]} cannot extend that"
            help_ = f"extend an authority, a trust or an exemplar; if {shown(above.path)} is one, say `kind:` there"
            if below is ProfileKind.AUTHORITY:
                help_ = "an authority can extend another authority or an exemplar"
            self._fault("AUP222", reference, message, help_, chain[-1])
        elif len(slugs) > MOST_LAYERS:
            message = f"more than {MOST_LAYERS} profiles stand one above the other: {' → '.join(slugs)}"
            self._fault("AUP224", reference, message, "join two of them", chain[-1])
        else:
            return False
        return True

    def _fault(self, code: str, reference: Reference, message: str, help_: str, read: _Read) -> None:
        self.found.append(Diagnostic(code, reference.span, message, help_, profile=read.layer.slug))

    def _referred(self, read: _Read, reference: Reference) -> _Read | None:
        """The profile that a reference names; None where it is not there or cannot be read, which is reported."""
        key = (read.place.parent, reference.text)
        try:
            if key not in self.referred:  # most schools of a trust name it alike
                self.referred[key] = self.workspace.profile_named(reference.text, read.place)
        except OutsideError as error:
            message = f"`{reference.text}` {error}"
            help_ = "copy that profile into the workspace, and name its file, or the path to it from this one"
            self._fault("AUP231", reference, message, help_, read)
            return None
        path = self.referred[key]
        if path is None:
            names = self.workspace.profile_names(read.path)
            help_ = suggestion(reference.text, names, f"there are {listing(names)}" if names else "")
            message = f"there is no profile `{reference.text}`"
            self._fault("AUP221", reference, message, help_, read)
            return None
        above = self._read(path)
        if above is None:
            self.found.append(_held_up(read, reference, path))
        return above

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


def _record(source: SourceText, digest: str, year: PolicyYear) -> tuple[Record | None, list[Diagnostic]]:
    """An approval record, from the cache where it was read before without findings."""
    name = cache.key("approval", (digest, str(year)))
    if known := cache.load(name, Record):
        return known, []
    from aupgen.approval.reading import read_record

    record, found = read_record(source, str(year))
    if record is not None and not found:
        cache.store(name, record)
    return record, found


def load(workspace: Path | None, profiles: Sequence[Path] = ()) -> Loaded:
    """Return the library of the workspace that goes with some profiles. Raises CannotRunError."""
    place = find_workspace(workspace, profiles)
    if (
        place.root / NEXT
    ).is_dir():  # a pack was taken in, and the run was killed before all was in its place
        from aupgen.changeover import finish

        finish(place.root)
    files, found = read_library(place)
    sources = {source.path: source for source in (*files.clauses.values(), *files.templates.values())}
    name = _library_name(place, files.digests)
    cached = cache.load(name, Library) if not found else None
    if cached is not None:
        return Loaded(place, files, cached, list(cached.warnings), sources)
    library, faults = _compiled(place, files, keep=not found)
    if library is not None and not found and not has_errors(faults):
        cache.store(name, library)
    return Loaded(place, files, library, [*found, *faults], sources)


def _compiled(
    place: Workspace, files: LibraryFiles, *, keep: bool
) -> tuple[Library | None, list[Diagnostic]]:
    """The library, compiled from those of its files that have changed; its parts are kept where nothing was found."""
    from aupgen.library.compiling import REGISTERS, compile_library

    registers = [f"{name}={files.digests.get(f'clauses/{name}')}" for name in REGISTERS]
    # a topic hangs on its own text, the registers, and which documents there are
    topics_name = cache.key("topics", (shown(place.root), *registers, *sorted(files.templates)))
    before = cache.load(topics_name, dict[str, _KeptTopic]) or {}
    digests = {file: files.digests[f"clauses/{file}"] for file in files.clauses}
    known = {file: kept.topic for file, kept in before.items() if kept.digest == digests.get(file)}
    # templates hang on the texts of all of them, and the registers
    texts = [f"{file}={files.digests[f'templates/{file}']}" for file in sorted(files.templates)]
    templates_name = cache.key("templates", (shown(place.root), *registers, *texts))
    templates = cache.load(templates_name, Templates)
    library, faults = compile_library(files.clauses, files.templates, known, templates)
    if library is not None and keep and not faults:
        topics = {f"{topic.id}.yaml": topic for topic in library.topics.values()}
        cache.store(topics_name, {file: _KeptTopic(digests[file], topic) for file, topic in topics.items()})
        if templates is None:
            cache.store(templates_name, Templates(library.documents, library.page))
    return library, faults


def _library_name(workspace: Workspace, digests: Mapping[str, str]) -> str:
    """What the cache calls the library compiled from files with these digests, by their paths in the workspace."""
    made_from = (f"{path}={digest}" for path, digest in sorted(digests.items()))
    return cache.key("library", (shown(workspace.root), *made_from))


def loaded_library(workspace: Path | None, profiles: Sequence[Path] = ()) -> tuple[Loaded, Library]:
    """The same for commands that need a library without errors: prints them and exits with 1 where there are any."""
    loaded = load(workspace, profiles)
    errors = loaded.report(loaded.found)
    if loaded.library is None or errors:
        raise click.exceptions.Exit(1)
    return loaded, loaded.library


def one_folder_each(paths: Iterable[Path]) -> list[Diagnostic]:
    """AUP212: two profiles with one slug, capitals and Unicode forms apart, would write to one folder; neither is built."""
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
