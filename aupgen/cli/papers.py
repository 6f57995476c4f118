"""`aupgen diff --document governors-paper` and `--document changes-for-staff`: papers made of a comparison.

Takes compared editions from `aupgen diff`; writes each page with the writers of all documents, and beside a governors'
paper for Word the redlines that go with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import click
from msgspec import Struct

from aupgen.cli.loading import Loaded
from aupgen.comparison.changes import Comparison
from aupgen.comparison.edition import Edition
from aupgen.document.tree import Document
from aupgen.files import read_page_texts, shown, write_file
from aupgen.library.compiled import Library
from aupgen.papers.governors import (
    GOVERNORS_PAPER,
    REDLINE_SUFFIX,
    LayerName,
    PaperWords,
    governors_paper,
)
from aupgen.papers.page import Facts, make_page
from aupgen.papers.readers import audience_of, changes_for, page_ids, template_for
from aupgen.papers.telling import Telling
from aupgen.policy.terms import Audience
from aupgen.reporting import PageError, Pages
from aupgen.source.diagnostics import Diagnostic, suggestion
from aupgen.source.span import SourceText, Span
from aupgen.writers.docx import write_docx
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from aupgen.writers.shell import Shell, ShellError

FORMATS = ("md", "html", "docx")
_TEMPLATE = "governors-paper.md.j2"
_WORDS = "words.j2"
_FOLDER = Path("changes")


class Papers(Struct, frozen=True):
    """What was asked for: the ids of papers, one of ``FORMATS``, and where to write; None: where it goes by itself."""

    ids: tuple[str, ...]
    format: str
    out: Path | None


Redlines: TypeAlias = Callable[[Shell], Iterable[tuple[str, bytes]]]
"""Gives the redline of each changed document of one school, by the document's id."""


def split_papers(asked: Iterable[str], library: Library) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the papers and the documents that were asked for. Raises UsageError for what is neither."""
    known = (GOVERNORS_PAPER, *page_ids())
    asked = tuple(dict.fromkeys(asked))
    for id_ in asked:
        if id_ not in known and id_ not in library.documents:
            help_ = suggestion(
                id_, (*library.documents, *known), f"There are {', '.join((*library.documents, *known))}."
            )
            raise click.UsageError(f"there is no document `{id_}`: {help_}")
    return tuple(id_ for id_ in asked if id_ in known), tuple(id_ for id_ in asked if id_ not in known)


def check_format(papers: Papers) -> None:
    """Raise UsageError where papers cannot be had in a format."""
    if papers.ids and papers.format not in FORMATS:
        message = f"`{papers.ids[0]}` is a page to hand out: write it with --format md, html or docx"
        raise click.UsageError(message)


class PaperMaker:
    """Makes the papers of one school after the other. ``errors`` counts what was told."""

    def __init__(self, loaded: Loaded, library: Library, papers: Papers) -> None:
        self.loaded, self.library, self.papers = loaded, library, papers
        self.errors = 0
        texts, found = read_page_texts(loaded.workspace, "changes")
        self.texts = texts
        self.errors += loaded.report(found)

    def show(
        self,
        report: Comparison,
        old: Edition | None,
        new: Edition | None,
        redlines: Redlines,
        *,
        several: bool,
    ) -> None:
        """Write the papers of one school, or print the one page that was asked for."""
        if new is None:
            message = "papers are made from profiles: a built folder does not say who approves, or why"
            help_ = "name the profile and its years, or two profiles"
            self._fault("AUP423", Path(report.profile), message, help_)
            return
        for id_ in self.papers.ids:
            page = self._page(id_, report, Telling(old, new))
            if page is None:
                continue
            data = self._written(page)
            if data is None:
                return
            alone = len(self.papers.ids) == 1 and not several
            if alone and self.papers.out is None and self.papers.format != "docx":
                click.echo(data.decode(), nl=False)
                continue
            path = self._place(id_, report, alone=alone)
            self._write(path, data)
            if id_ == GOVERNORS_PAPER and self.papers.format == "docx" and old is not None:
                for document, redline in redlines(self.loaded.shell()):
                    if document in old.documents and document in new.documents:
                        self._write(path.parent / f"{document}{REDLINE_SUFFIX}", redline)

    def _page(self, id_: str, report: Comparison, telling: Telling) -> Document | None:
        if id_ == GOVERNORS_PAPER:
            name, readers = _TEMPLATE, tuple[Audience, ...]()
            facts = self._paper(report, telling)
        else:
            name, readers = template_for(id_, self.texts), (audience_of(id_),)
            facts = changes_for(audience_of(id_), report, telling)
        if facts is None or name not in self.texts:
            self._lacking(name if facts else _WORDS)
            return None
        parts = {part: text.text for part, text in self.texts.items() if part.startswith("_")}
        page, found = make_page(
            id_, self.texts[name], parts, self.library, telling.new.profile, facts, readers
        )
        self.errors += self._report(found)
        return page

    def _paper(self, report: Comparison, telling: Telling) -> Facts | None:
        try:
            words = PaperWords.read(Pages(self.texts, self.library).words())
        except PageError:
            return None
        if words is None:
            return None
        profile = telling.new.profile
        layers = {layer.slug: LayerName(layer.name, layer.kind) for layer in self.loaded.layers()}
        behind = {slug: layer for slug, layer in layers.items() if slug in profile.layers}
        behind[profile.slug] = LayerName(profile.name, profile.kind)
        return governors_paper(report, telling, behind, words)

    # -------------------------------------------------------------- writing

    def _written(self, page: Document) -> bytes | None:
        match self.papers.format:
            case "md":
                return write_markdown(page).encode()
            case "html":
                return write_html(page, self.library.page).encode()
        try:
            return write_docx(page, self.loaded.shell())
        except ShellError as error:
            message = f"the Word reference document cannot be used: {error}"
            self._fault(
                "AUP504", Path(self.loaded.files.reference_path), message, "start again from the shipped one"
            )
            return None

    def _place(self, id_: str, report: Comparison, *, alone: bool) -> Path:
        """The file that was asked for, or one in the folder that was, beside those of other schools."""
        out = self.papers.out or _FOLDER
        if alone and out.suffix == f".{self.papers.format}":
            return out
        return out / report.profile / report.new / f"{id_}.{self.papers.format}"

    def _write(self, path: Path, data: bytes) -> None:
        write_file(path, data, self.loaded.workspace)
        click.echo(shown(path))

    # -------------------------------------------------------------- telling what is wrong

    def _lacking(self, name: str) -> None:
        folder = self.loaded.workspace.root / "templates" / "changes"
        message = f"`{name}` in this folder is missing, or older than this aupgen"
        help_ = "copy it from the `templates/changes/` that came with aupgen"
        self._fault("AUP424", folder, message, help_)

    def _fault(self, code: str, path: Path, message: str, help_: str) -> None:
        self.errors += self.loaded.report([Diagnostic(code, Span(shown(path)), message, help_)])

    def _report(self, found: Iterable[Diagnostic]) -> int:
        sources: dict[str, SourceText] = {text.path: text for text in self.texts.values()}
        self.loaded.sources.update(sources)
        return self.loaded.report(list(found))
