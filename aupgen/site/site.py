"""An exemplar, its opened pack and the texts of the site's templates in; every file of the site by its path out.

The same pack gives the same bytes. Writes nothing: `files.py` puts the files in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aupgen import __version__
from aupgen.binding.bind import bind_profile
from aupgen.library.compiled import Library
from aupgen.manifest import BuiltFile, Entry, sha256
from aupgen.packs.contents import Pack
from aupgen.packs.whats_new import WhatsNew
from aupgen.policy.profile import Profile
from aupgen.site.contents import Contents, site_contents
from aupgen.site.pages import Extra, write_pages
from aupgen.site.search import INDEX, search_index
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span

STYLE, SCRIPT = "site.css", "site.js"
"""Files of `templates/site/` beside the pages' templates."""
DOCUMENT_LOOKS = ("page.css", "slip.css", "policy.css")
"""The style sheets of documents, which their words on the site's pages keep."""


def make_site(
    library: Library,
    profile: Profile,
    pack: Pack,
    name: str,
    data: bytes,
    news: WhatsNew | None,
    templates: Mapping[str, SourceText],
    looks: Mapping[str, SourceText],
    form: Extra | None = None,
) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """Return the files of the site, or nothing and AUP630 where a part of it is missing or cannot be used.

    ``pack`` is what is in the file ``name`` with the bytes ``data``; ``templates`` are the texts of
    `templates/site/`, ``looks`` those of `templates/`. ``form`` is the page of questions, None where there is none.
    """
    missing = [Span(f"templates/site/{part}") for part in (STYLE, SCRIPT) if part not in templates]
    if missing:
        return {}, [Diagnostic("AUP630", missing[0], "this part of the site is missing", "put it back")]
    bound, _ = bind_profile(library, profile)
    contents = site_contents(library, profile, bound.documents, pack, name, len(data), news)
    pages, found = write_pages(contents, templates, form)
    if found:
        return {}, found
    style = "".join(looks[look].text for look in DOCUMENT_LOOKS if look in looks) + templates[STYLE].text
    return {
        **{path: text.encode() for path, text in pages.items()},
        f"assets/{STYLE}": style.encode(),
        f"assets/{SCRIPT}": templates[SCRIPT].text.encode(),
        INDEX: search_index(contents, pages),
        **dict(_downloads(contents, pack, data)),
        **(form.files if form else {}),
    }, []


def _downloads(contents: Contents, pack: Pack, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield contents.pack.path, data
    yield contents.starter.path, pack.files["starter.yaml"]
    yield contents.licence.path, pack.files["licence.txt"]
    for document in contents.documents.values():
        yield from ((file.path, pack.files[file.path]) for file in document.files)


def built_site(profile: Profile, files: Mapping[str, bytes]) -> tuple[list[BuiltFile], Entry]:
    """The files as they are written, and the manifest by which the next run knows them for its own."""
    built = [BuiltFile("site", path.rpartition(".")[2], path, data) for path, data in sorted(files.items())]
    listed = [
        {"name": file.name, "format": file.format, "size": len(file.data), "sha256": sha256(file.data)}
        for file in built
    ]
    return built, {
        "aupgen": __version__,
        "profile": profile.slug,
        "school": profile.name,
        "policy_year": str(profile.policy_year),
        "edition": profile.edition.number,
        "documents": [{"id": "site", "files": listed}],
    }


def is_site_of(profile: Profile, manifest: Entry) -> bool:
    """Whether a manifest is that of a site of this exemplar, whichever edition it was."""
    return manifest.get("profile") == profile.slug and [part["id"] for part in manifest["documents"]] == [
        "site"
    ]
