"""`aupgen pack`: an exemplar and everything behind it to one file that schools take in, and to a site of pages."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from aupgen.build import render_profile
from aupgen.cli.loading import Loaded, loaded_library
from aupgen.files import (
    CannotRunError,
    check_out,
    manifest_in,
    read_bytes,
    read_page_texts,
    shown,
    write_file,
    write_outputs,
)
from aupgen.library.compiled import Library
from aupgen.manifest import MANIFEST, read_manifest
from aupgen.packs.archive import MOST_BYTES, PackRefusedError
from aupgen.packs.contents import Pack, is_taken, read_pack
from aupgen.packs.making import (
    TEXTS,
    make_pack,
    news_since,
    no_later_edition,
    of_another,
    private_names,
    read_texts,
)
from aupgen.packs.shapes import TextsShape
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.site.form_page import form_extra
from aupgen.site.site import built_site, is_site_of, make_site
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, printable, render_text
from aupgen.source.span import SourceText, Span


@click.command("pack", short_help="Make a pack of an exemplar.")
@click.argument("profile", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.zip",
    help="The file to write. Default: the exemplar’s name and policy year, in the current folder.",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="OLD.zip",
    help="The last pack: a page then says what changed since.",
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Also write the pack as web pages into this folder, for people to read and download from.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace files of the site that somebody edited; the edited copy is kept as .bak.",
)
@click.pass_obj
def command(
    workspace: Path | None,
    profile: Path,
    out: Path | None,
    since: Path | None,
    site: Path | None,
    force: bool,
) -> int:
    """Make one file of an exemplar, for schools to take in with `aupgen init`.

    It holds every document with its fill-ins as Word file, web page and Markdown, a starter profile, the library
    and the profiles it was made from, who owns what, the law and guidance behind it, and what changed. The site
    needs no server: start with its index.html.
    """
    for path in (profile, *([since] if since else [])):
        if not path.is_file():
            raise CannotRunError(f"there is no file {path}")
    before = opened(since) if since else None
    if since and before is None:
        return 1
    loaded, library = loaded_library(workspace, [profile])
    exemplar = loaded.profile_alone(profile)
    if exemplar is None:
        return 1
    files, found = _sources(loaded, exemplar)
    found += private_names(exemplar)
    pages, faults = read_page_texts(loaded.workspace, "pack")
    loaded.sources.update({source.path: source for source in pages.values()})
    texts, more = read_texts(pages[TEXTS]) if TEXTS in pages else (None, [])
    found += [*faults, *more]
    files |= {f"templates/pack/{name}": source.text.encode() for name, source in pages.items()}
    if since and before:
        found += of_another(exemplar, before, shown(since))
        found += no_later_edition(exemplar, files, before, shown(since))
    data = None
    if not has_errors(found) and texts is not None:
        data, faults = _made(loaded, library, exemplar, files, pages, texts, before)
        found += faults
    if loaded.report(found) or data is None or texts is None:
        click.echo("Nothing was written.", err=True)
        return 1
    target = out or Path(f"{exemplar.slug}-{exemplar.policy_year}.zip")
    if not target.resolve().parent.is_dir():
        raise CannotRunError(f"there is no folder {shown(target.parent)}")
    built = None
    if site is not None:
        check_out(site, loaded.workspace)
        if not force and loaded.report(_in_the_way(site, exemplar)):
            click.echo("Nothing was written.", err=True)
            return 1
        built, found = _site(loaded, library, exemplar, texts, data, before)
        if loaded.report(found) or built is None:
            click.echo("Nothing was written.", err=True)
            return 1
    write_file(target, data)
    click.echo(f"{exemplar.name}, {exemplar.policy_year}: {shown(target)} ({len(data) // 1024} kB)")
    for id_ in (choice.id for choice in exemplar.documents):
        click.echo(f"  {id_}")
    return _write_site(site, exemplar, built, force=force) if site and built else 0


def _site(
    loaded: Loaded,
    library: Library,
    exemplar: Profile,
    texts: TextsShape,
    data: bytes,
    before: Pack | None,
) -> tuple[dict[str, bytes] | None, list[Diagnostic]]:
    """The files of the site by their paths in it, or None and what stops it."""
    templates, found = read_page_texts(loaded.workspace, "site")
    loaded.sources.update({source.path: source for source in templates.values()})
    if has_errors(found):
        return None, found
    pack = read_pack(data)
    name = f"{exemplar.slug}-{exemplar.policy_year}.zip"
    news = news_since(before, read_manifest(pack.files[f"documents/{MANIFEST}"]) or {})
    with _progress(len(exemplar.documents)) as done:
        form, faults = form_extra(library, exemplar, loaded.shell(), texts, templates, done)
    found += faults
    files, faults = make_site(
        library, exemplar, pack, name, data, news, templates, loaded.files.templates, form
    )
    return files or None, [*found, *faults]


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[], None]]:
    """A function to call after each document of the page of questions: it moves a progress bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(
        length=count, label="Working out what every answer changes", file=sys.stderr
    ) as bar:
        yield lambda: bar.update(1)


def _in_the_way(site: Path, exemplar: Profile) -> Iterator[Diagnostic]:
    """AUP640 for a folder that holds what aupgen wrote for something else: it would go."""
    there = manifest_in(site)
    if there is None or is_site_of(exemplar, there):
        return
    whose = str(there.get("school") or "something else")
    message = f"this folder holds what aupgen wrote for {printable(whose)}, and all of that would be removed"
    help_ = "name another folder, or make the pack again with `--force` if that is what you want"
    yield Diagnostic("AUP640", Span(shown(site / MANIFEST)), message, help_)


def _write_site(site: Path, exemplar: Profile, files: Mapping[str, bytes], *, force: bool) -> int:
    """Write the files of a site and say what became of them; return the exit code."""
    built, manifest = built_site(exemplar, files)
    again = "make the pack again"
    report = write_outputs(site, built, manifest, narrowed=False, force=force, again=again)
    if report.found:
        click.echo(render_text(report.found, {}), err=True)
    if not report.manifest:
        return 1
    pages = sum(file.format == "html" and not file.name.startswith("documents/") for file in built)
    size = sum(len(file.data) for file in built) // 1000
    if kept := sum(finding.severity is Severity.ERROR for finding in report.found):
        files_ = "one of its files was" if kept == 1 else f"{kept} of its files were"
        click.echo(f"{shown(site)}: the site is not whole, as {files_} in the way")
    else:
        click.echo(f"{shown(site / 'index.html')} ({pages} pages, {size} kB with all downloads)")
    click.echo(
        f"  {len(report.written)} files written, {len(report.unchanged)} unchanged, {len(report.removed)} removed"
    )
    return 1 if has_errors(report.found) else 0


def opened(path: Path) -> Pack | None:
    """The pack in a file, or None once it is said why it is not taken."""
    try:
        return read_pack(read_bytes(path, MOST_BYTES))
    except PackRefusedError as refused:
        finding = Diagnostic(refused.code, Span(shown(path)), refused.message, refused.help)
        click.echo(render_text([finding], {}), err=True)
        return None


def _made(
    loaded: Loaded,
    library: Library,
    exemplar: Profile,
    files: dict[str, bytes],
    pages: Mapping[str, SourceText],
    texts: TextsShape,
    before: Pack | None,
) -> tuple[bytes | None, list[Diagnostic]]:
    digests = {**loaded.files.digests, **{read.name: read.digest for read in loaded.read.values() if read}}
    rendered, found = render_profile(library, loaded.shell(), exemplar, digests)
    if rendered is None or has_errors(found):
        return None, found
    data, faults = make_pack(library, exemplar, rendered, files, pages, texts, before)
    return data, [*found, *faults]


def _sources(loaded: Loaded, exemplar: Profile) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """The files of the library, the document types and the profiles by their place in a pack; AUP613."""
    library = loaded.files
    files = {f"clauses/{name}": source.text.encode() for name, source in library.clauses.items()}
    files |= {f"templates/{name}": source.text.encode() for name, source in library.templates.items()}
    files[library.reference_name] = library.reference
    found = []
    if exemplar.kind is not ProfileKind.EXEMPLAR:
        message = f"{exemplar.name} is not an exemplar, and only an exemplar can be made into a pack"
        help_ = "say `kind: exemplar` in a profile that schools are to extend, and list its `documents:`"
        found.append(Diagnostic("AUP613", Span(exemplar.path), message, help_))
    for read in loaded.read.values():
        if read is None:
            continue
        if not re.fullmatch(r"schools/[a-z0-9-]+\.yaml", read.name):
            message = "a pack holds profiles of the workspace’s `schools/` folder, and this one is elsewhere"
            found.append(Diagnostic("AUP613", Span(shown(read.path)), message, "move it to `schools/`"))
        files[read.name] = loaded.sources[shown(read.path)].text.encode()
    for name in files:
        if not is_taken(name):
            message = f"a pack cannot hold a file of the name `{name}`"
            found.append(Diagnostic("AUP613", Span(name), message, "use small letters, digits and hyphens"))
    return files, found
