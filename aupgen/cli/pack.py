"""`aupgen pack`: an exemplar and everything behind it to one file that schools take in."""

from __future__ import annotations

import re
from pathlib import Path

import click

from aupgen.build import render_profile
from aupgen.cli.loading import Loaded, loaded_library
from aupgen.files import CannotRunError, read_bytes, read_page_texts, shown, write_file
from aupgen.library.compiled import Library
from aupgen.packs.archive import MOST_BYTES, PackRefusedError
from aupgen.packs.contents import Pack, is_taken, read_pack
from aupgen.packs.making import TEXTS, make_pack, private_names, read_texts
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.source.diagnostics import Diagnostic, has_errors
from aupgen.source.span import Span


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
@click.pass_obj
def command(workspace: Path | None, profile: Path, out: Path | None, since: Path | None) -> int:
    """Make one file of an exemplar, for schools to take in with `aupgen init`.

    It holds every document with its fill-ins as Word file, web page and Markdown, a starter profile, the library
    and the profiles it was made from, who owns what, the law and guidance behind it, and what changed.
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
    data = None
    if not has_errors(found):
        data, faults = _made(loaded, library, exemplar, files, before)
        found += faults
    if loaded.report(found) or data is None:
        click.echo("Nothing was written.", err=True)
        return 1
    target = out or Path(f"{exemplar.slug}-{exemplar.policy_year}.zip")
    if not target.resolve().parent.is_dir():
        raise CannotRunError(f"there is no folder {shown(target.parent)}")
    write_file(target, data)
    click.echo(f"{exemplar.name}, {exemplar.policy_year}: {shown(target)} ({len(data) // 1024} kB)")
    for id_ in (choice.id for choice in exemplar.documents):
        click.echo(f"  {id_}")
    return 0


def opened(path: Path) -> Pack | None:
    """The pack in a file, or None once it is said why it is not taken."""
    try:
        return read_pack(read_bytes(path, MOST_BYTES))
    except PackRefusedError as refused:
        finding = Diagnostic(refused.code, Span(shown(path)), refused.message, refused.help)
        click.echo(_text(finding), err=True)
        return None


def _text(finding: Diagnostic) -> str:
    from aupgen.source.diagnostics import render_text

    return render_text([finding], {})


def _made(
    loaded: Loaded, library: Library, exemplar: Profile, files: dict[str, bytes], before: Pack | None
) -> tuple[bytes | None, list[Diagnostic]]:
    pages, found = read_page_texts(loaded.workspace, "pack")
    texts = None
    if TEXTS in pages:
        texts, faults = read_texts(pages[TEXTS])
        found += faults
    loaded.sources.update({source.path: source for source in pages.values()})
    digests = {**loaded.files.digests, **{read.name: read.digest for read in loaded.read.values() if read}}
    rendered, faults = render_profile(library, loaded.shell(), exemplar, digests)
    found += faults
    if texts is None or rendered is None or has_errors(found):
        return None, found
    carried = {f"templates/pack/{name}": source.text.encode() for name, source in pages.items()}
    data, faults = make_pack(library, exemplar, rendered, {**files, **carried}, pages, texts, before)
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
