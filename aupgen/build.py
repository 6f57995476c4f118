"""The stages in order: one profile and a compiled library in, its files and manifest out. Writes nothing.

Or documents that an approval record kept, and no profile: they are written again with today's look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from aupgen import __version__
from aupgen.approval.record import KeptRecord
from aupgen.approval.standing import notes, settle
from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Document
from aupgen.library.compiled import Library
from aupgen.manifest import BuiltFile, Entry, approved_manifest, manifest_data
from aupgen.policy.profile import Profile
from aupgen.source.diagnostics import Diagnostic, has_errors
from aupgen.writers.docx import write_docx
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from aupgen.writers.shell import Shell
from aupgen.writers.text import write_text

FORMATS = ("docx", "md", "html")
"""The formats of every document."""
TEXT = "txt"
"""The format that a notice of text alone has beside them."""
ALL_FORMATS = (*FORMATS, TEXT)


class Rendered(Struct, frozen=True):
    """A school's documents as files, with the manifest that describes them.

    ``drawn_on`` are the topics each document chose its clauses from, ``prints`` the ids of the clauses in it, by its id.
    """

    files: tuple[BuiltFile, ...]
    manifest: Entry
    drawn_on: Mapping[str, tuple[str, ...]]
    prints: Mapping[str, tuple[str, ...]]


def render_profile(
    library: Library,
    shell: Shell,
    profile: Profile,
    sources: Mapping[str, str],
    *,
    formats: Iterable[str] = ALL_FORMATS,
    only: Iterable[str] = (),
    draft: bool = False,
    records: tuple[KeptRecord, ...] = (),
) -> tuple[Rendered | None, list[Diagnostic]]:
    """Return every file of a school in memory, or None and the findings that stop it.

    ``records`` are the approval records of the policy year.
    """
    bound, found = bind_profile(library, profile, draft=draft, only=only)
    if has_errors(found):
        return None, found
    documents, standings = settle(library, profile, bound.documents, records, draft=draft)
    if records:
        found += notes(profile, documents, standings)
    files = _files(documents, formats, library, shell)
    manifest = manifest_data(
        __version__, profile, documents, files, sources, draft=draft, standings=standings
    )
    return Rendered(files, manifest, dict(bound.drawn_on), dict(bound.prints)), found


def render_approved(
    library: Library,
    shell: Shell,
    slug: str,
    documents: Sequence[tuple[KeptRecord, Document]],
    sources: Mapping[str, str],
    *,
    formats: Iterable[str] = ALL_FORMATS,
) -> Rendered:
    """Return the files of documents as they were approved, each with the record that kept it."""
    files = _files([document for _, document in documents], formats, library, shell)
    return Rendered(files, approved_manifest(__version__, slug, documents, files, sources), {}, {})


def _files(
    documents: Iterable[Document], formats: Iterable[str], library: Library, shell: Shell
) -> tuple[BuiltFile, ...]:
    wanted = set(formats)
    return tuple(
        BuiltFile(
            document.meta.id,
            format_,
            f"{document.meta.id}.{format_}",
            render(document, format_, library, shell),
        )
        for document in documents
        for format_ in formats_of(document)
        if format_ in wanted
    )


def no_documents(profile: Profile, sources: Mapping[str, str], *, draft: bool = False) -> Rendered:
    """A build of none of a school's documents: its manifest alone, with the sources as they are now."""
    return Rendered((), manifest_data(__version__, profile, (), (), sources, draft=draft), {}, {})


def formats_of(document: Document) -> tuple[str, ...]:
    """The formats a document is written in."""
    return ALL_FORMATS if document.meta.is_plain else FORMATS


def render(document: Document, format_: str, library: Library, shell: Shell) -> bytes:
    """Return one document in one format."""
    match format_:
        case "docx":
            return write_docx(document, shell)
        case "md":
            return write_markdown(document).encode()
        case "html":
            return write_html(document, library.page).encode()
        case "txt":
            return write_text(document).encode()
    raise AssertionError(f"no writer for {format_}")
