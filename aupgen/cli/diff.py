"""`aupgen diff`: what changed between two editions, for people, for programs, and as tracked changes in Word."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from aupgen.approval.editions import approved_edition, stand_in, with_approvals
from aupgen.approval.record import KeptRecord, latest
from aupgen.binding.bind import bind_profile
from aupgen.cli.build import nearby
from aupgen.cli.day import today
from aupgen.cli.loading import Loaded, load
from aupgen.cli.school import issues_nothing
from aupgen.comparison.changes import Comparison, comparison_data
from aupgen.comparison.compare import compare
from aupgen.comparison.edition import Edition
from aupgen.document.tree import Document
from aupgen.files import CannotRunError, approvals_folder, read_bytes, read_page_texts, shown, write_file
from aupgen.history import Past, workspace_at
from aupgen.library.compiled import Library
from aupgen.manifest import MANIFEST, Entry, read_manifest
from aupgen.policy.year import PolicyYear
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, in_order, render_text
from aupgen.source.span import Span
from aupgen.writers.docx_revisions import Author, Note, write_redline
from aupgen.writers.shell import Shell, ShellError

if TYPE_CHECKING:
    from aupgen.cli.papers import Papers
    from aupgen.reporting import Pages  # Jinja: only pages need it

_FORMATS = ("text", "md", "html", "json", "docx")
_LONG_WORK = 20  # schools
_AT_A_TIME = 8  # schools that a process takes over at once
_FOLDER = Path("changes")
_MANIFEST_LIMIT = 50_000_000


class _Wanted(Struct, frozen=True):
    """What the command line asked for."""

    earlier: PolicyYear | None
    later: PolicyYear | None
    documents: tuple[str, ...]
    format: str
    out: Path | None
    author: str
    day: date
    approved: bool


class _Compared(Struct, frozen=True):
    """One school's comparison, and the two editions for a redline; both None where there are only manifests."""

    report: Comparison
    old: Edition | None = None
    new: Edition | None = None


def _year(context: click.Context, parameter: click.Parameter, text: str | None) -> PolicyYear | None:
    try:
        return None if text is None else PolicyYear.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


@click.command("diff", short_help="Show what changed since last year.")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PROFILE... | OLD NEW"
)
@click.option(
    "--from", "earlier", callback=_year, metavar="Y", help="The older policy year. Default: the one before."
)
@click.option(
    "--to", "later", callback=_year, metavar="Y", help="The newer policy year. Default: the profile’s."
)
@click.option("--rev", metavar="GITREV", help="Compare with the workspace at a revision that git knows.")
@click.option(
    "--approved",
    is_flag=True,
    help="Compare with the words that were approved, of the newest year that has any.",
)
@click.option(
    "--document",
    "documents",
    multiple=True,
    metavar="ID",
    help="This document only, or a paper: governors-paper, changes-for-staff …; may be given again.",
)
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="PATH", help="The file to write; for docx, the folder."
)
@click.option("--exit-code", is_flag=True, help="End with 1 where anything changed.")
@click.option(
    "--author", default="", metavar="NAME", help="Whose changes Word shows. Default: the school’s name."
)
@click.option("--date", "day", callback=today, metavar="DATE", help="The day Word shows. Default: today.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=lambda: min(os.cpu_count() or 1, 8),
    metavar="N",
    help="Compare many schools in N processes at once. Default: one for each processor, up to 8.",
)
@click.pass_obj
def command(
    workspace: Path | None,
    paths: tuple[Path, ...],
    earlier: PolicyYear | None,
    later: PolicyYear | None,
    rev: str | None,
    documents: tuple[str, ...],
    format_: str,
    out: Path | None,
    exit_code: bool,
    author: str,
    day: date,
    approved: bool,
    jobs: int,
) -> int:
    """Show what changed in a school's documents, why, who answers for it, what needs approval and who signs again.

    Compares this year with the year before. Two paths compare the first with the second: two profiles, such as an
    exemplar and a school, or two folders of built documents. --rev compares with an older state of the workspace,
    --approved with the very words that a body approved, whatever has become of the profile and the library since.
    """
    for path in paths:
        if not path.exists():
            raise CannotRunError(f"there is no file {path}{nearby(path)}")
    two = len(paths) == 2 and not (earlier or later or rev or approved)
    folders = [path for path in paths if path.is_dir()]
    if folders and not (two and len(folders) == 2):
        raise click.UsageError("a built folder is compared with another one: name two folders, and no years")
    if approved and rev is not None:
        raise click.UsageError("--approved and --rev each say what the older side is: give one of them")
    wanted = _Wanted(earlier, later, documents, format_, out, author, day, approved)
    loaded = load(workspace, () if folders else paths)
    if loaded.report(loaded.found) or loaded.library is None:
        return 1
    loaded.found.clear()
    papers: Papers | None = None
    if any(id_ not in loaded.library.documents for id_ in documents):
        papers, narrowed = _papers(wanted, loaded.library)
        wanted = replace(wanted, documents=narrowed)
    with ExitStack() as stack:
        run = _Run(loaded, wanted)
        if folders:
            compared: Iterable[_Compared] = run.folders(*folders)
        elif two:
            compared = run.profiles(*paths)
        elif rev is not None:
            inside = [loaded.workspace.relative(path.resolve()) for path in paths]
            past = stack.enter_context(workspace_at(loaded.workspace, rev, inside))
            compared = run.since(paths, past, rev)
        elif jobs > 1 and len(paths) > _LONG_WORK and format_ != "docx" and papers is None:
            compared = run.at_once(paths, jobs)
        else:
            compared = run.own(paths)
        if len(paths) > _LONG_WORK:
            gc.freeze()  # the library is there to the end: it need not be looked through again and again
            gc.enable()
        several = len(paths) > 1 and not two
        if papers:
            differs = run.show_papers(compared, papers, several=several)
        else:
            differs = run.show(compared, several=several)
    return 1 if run.errors or (exit_code and differs) else 0


def _papers(wanted: _Wanted, library: Library) -> tuple[Papers, tuple[str, ...]]:
    """The papers that were asked for as documents, and the documents beside them, to which the papers are narrowed."""
    from aupgen.cli.papers import Papers, check_format, split_papers

    ids, documents = split_papers(wanted.documents, library)
    papers = Papers(ids, wanted.format, wanted.out)
    check_format(papers)
    return papers, documents


class _Run:
    """Compares one profile after the other and shows each before the next is read."""

    def __init__(self, loaded: Loaded, wanted: _Wanted) -> None:
        self.loaded, self.wanted = loaded, wanted
        self.errors = 0
        self.told: set[Diagnostic] = set()  # both sides may have one fault, such as a damaged record

    # -------------------------------------------------------------- the two sides

    def own(self, paths: Sequence[Path]) -> Iterator[_Compared]:
        """Each profile against a year of its own: an earlier one, or the one whose words were approved."""
        return self.since_approved(paths) if self.wanted.approved else self.years(paths)

    def at_once(self, paths: Sequence[Path], jobs: int) -> Iterator[_Compared]:
        """The same in several processes, in the order of the paths. Without editions: a report is all that is shown."""
        from concurrent.futures import ProcessPoolExecutor

        started_with = (self.loaded, self.wanted)
        with ProcessPoolExecutor(jobs, initializer=_share, initargs=started_with) as pool:
            told: set[str] = set()  # a fault above several schools is met by each process
            for found, errors, reports in pool.map(_compare_shared, paths, chunksize=_AT_A_TIME):
                for finding in _FINDING.split(found):
                    if finding not in told:
                        click.echo(finding, nl=False, err=True)
                    told.add(finding)
                self.errors += errors
                yield from map(_Compared, reports)

    def years(self, paths: Sequence[Path]) -> Iterator[_Compared]:
        """Each profile in two policy years; a first edition where it says nothing of the year before."""
        for path in paths:
            new = self._edition(self.loaded, path, self.wanted.later)
            if new is None:
                continue
            year = self.wanted.earlier or self._year_before(path, new)
            old = self._edition(self.loaded, path, year) if year else None
            self._forget(path)
            if old is not None or year is None:
                yield self._compared(old, new)

    def since_approved(self, paths: Sequence[Path]) -> Iterator[_Compared]:
        """Each profile against the words of it that were approved."""
        for path in paths:
            new = self._edition(self.loaded, path, self.wanted.later)
            old = self._approved(path, new) if new else None
            self._forget(path)
            if new and old:
                yield self._compared(old, new)

    def profiles(self, old: Path, new: Path) -> Iterator[_Compared]:
        """Two profiles, each in its own policy year."""
        before, after = self._edition(self.loaded, old), self._edition(self.loaded, new)
        if before and after:
            yield self._compared(before, after, against=before.profile.name)

    def since(self, paths: Sequence[Path], past: Past, revision: str) -> Iterator[_Compared]:
        """Each profile today and in the workspace as it was; a first edition where there was no such profile."""
        then = load(past.workspace.root)
        self._report(then, then.found, past, revision)
        for path in paths:
            new = self._edition(self.loaded, path, self.wanted.later)
            was = past.profile(self.loaded.workspace.relative(path.resolve()))
            old = (
                self._edition(then, was, self.wanted.earlier, past, revision)
                if was and then.library
                else None
            )
            self._forget(path)
            if new and then.library and (old or not was):
                yield self._compared(old, new, against=revision if old else "")

    def folders(self, old: Path, new: Path) -> Iterator[_Compared]:
        """Two folders of built documents, by their manifests."""
        assert self.loaded.library is not None
        from aupgen.comparison.folders import compare_manifests

        if self.wanted.format == "docx":
            help_ = "name the profile and its years, or two profiles, instead of folders"
            message = "a folder holds the words of its clauses, and tracked changes need the whole text"
            self._fault("AUP421", new, message, help_)
            return
        before, after = (self._manifest(folder) for folder in (old, new))
        if before and after:
            yield _Compared(compare_manifests(before, after, self.loaded.library))

    def _manifest(self, folder: Path) -> Entry | None:
        path = folder / MANIFEST
        manifest = read_manifest(read_bytes(path, _MANIFEST_LIMIT)) if path.is_file() else None
        if manifest is None:
            help_ = "name a folder that `aupgen build` has written, such as build/oakfield/2026-27"
            self._fault("AUP421", folder, f"there is no `{MANIFEST}` of a build in this folder", help_)
        elif self.wanted.documents:
            documents = [entry for entry in manifest["documents"] if entry["id"] in self.wanted.documents]
            manifest = {**manifest, "documents": documents}
        return manifest

    def _fault(self, code: str, path: Path, message: str, help_: str) -> None:
        self.errors += self.loaded.report([Diagnostic(code, Span(shown(path)), message, help_)])

    def _year_before(self, path: Path, new: Edition) -> PolicyYear | None:
        """The newest earlier year the profile speaks of; None for a first edition."""
        years = sorted(PolicyYear.parse(text) for text in self.loaded.years_of(path))
        return next((year for year in reversed(years) if year < new.profile.policy_year), None)

    def _approved(self, path: Path, new: Edition) -> Edition | None:
        """The newest edition that was approved, or that of the year asked for; None where there is none, or where its
        records are damaged, which is told."""
        loaded, documents, asked = self.loaded, self.wanted.documents, self.wanted.earlier
        loaded.found.clear()
        years = [year for year in loaded.approved_years(path) if year <= new.profile.policy_year]
        records: tuple[KeptRecord, ...] = ()
        pairs: list[tuple[KeptRecord, Document]] = []
        for year in [asked] if asked else reversed(years):
            records = loaded.records(path, year)[0] or ()
            ids = dict.fromkeys(document.id for kept in records for document in kept.record.documents)
            pairs = [
                (kept, document)
                for id_ in ids
                if (not documents or id_ in documents)
                and (kept := latest(records, id_))
                and (document := loaded.kept_document(path, kept, id_))
            ]
            if pairs or has_errors(loaded.found):
                break
        if has_errors(loaded.found):
            self._report(loaded, loaded.found, None, "")
            return None
        if not pairs:
            self._report(loaded, [_nothing_approved(path, asked, documents)], None, "")
            return None
        old = approved_edition(self._given_today(path, new, pairs[0][0]), pairs, records)
        if others := [id_ for one in old.approvals if not one.recorded for id_ in one.documents]:
            self._report(loaded, [_as_in_the_profile(new, old, others)], None, "")
        return old

    def _given_today(self, path: Path, new: Edition, kept: KeptRecord) -> Edition:
        """What profile and library give now for the year of a record. Nothing is told of faults: the approved words
        are what is compared."""
        profile, _ = self.loaded.profile(path, kept.record.policy_year)
        self.loaded.found.clear()
        if profile is not None:
            bound, faults = bind_profile(new.library, profile, only=self.wanted.documents)
            if not has_errors(faults):
                return Edition(profile, new.library, bound)
        return stand_in(new, kept)

    def _edition(
        self,
        loaded: Loaded,
        path: Path,
        year: PolicyYear | None = None,
        past: Past | None = None,
        revision: str = "",
    ) -> Edition | None:
        """A profile and its documents; None where it has errors or issues none, which is told."""
        loaded.found.clear()
        profile, _ = loaded.profile(path, year)
        found = list(loaded.found)
        if profile is None or loaded.library is None or has_errors(found):
            self._report(loaded, found, past, revision)
            return None
        if note := issues_nothing(profile):
            self._report(loaded, [*found, note], past, revision)
            return None
        bound, faults = bind_profile(loaded.library, profile, only=self.wanted.documents)
        found += faults
        # what is amiss in an older edition cannot be helped any more, unless it cannot be read at all
        older = past is not None or (year is not None and year == self.wanted.earlier)
        told = [f for f in found if not older or f.severity is Severity.ERROR]
        self._report(loaded, told, past, revision)
        if has_errors(faults):
            return None
        edition = Edition(profile, loaded.library, bound)
        loaded.found.clear()
        records, _ = loaded.records(path, profile.policy_year)
        if past is None:
            self._report(loaded, loaded.found, None, "")
        # where a record is damaged nobody knows how the documents stood
        return edition if records is None else with_approvals(edition, records)

    def _report(self, loaded: Loaded, found: Iterable[Diagnostic], past: Past | None, revision: str) -> None:
        listed = in_order(dict.fromkeys(finding for finding in found if finding not in self.told))
        self.told.update(listed)
        if past is None:
            self.errors += loaded.report(listed)
        elif listed:
            text = render_text(listed, loaded.sources)
            click.echo(text.replace(f"{past.workspace.root}{os.sep}", f"{revision}:"), err=True)
            self.errors += sum(finding.severity is Severity.ERROR for finding in listed)

    def _forget(self, path: Path) -> None:
        """Let go of what only this school needed: there may be hundreds."""
        self.loaded.forget(path)

    def _compared(self, old: Edition | None, new: Edition, against: str = "") -> _Compared:
        report = compare(old, new, against=against)
        for id_ in (new.documents.keys() & old.documents.keys()) if old else ():
            languages = [side.documents[id_].meta.language for side in (old, new) if side]
            if languages[0] != languages[1]:
                message = f"`{id_}` is in {languages[0]} on one side and in {languages[1]} on the other"
                help_ = "compare editions of one language to see what changed in it"
                span = Span(new.profile.path)
                self.loaded.report([Diagnostic("AUP422", span, message, help_, Severity.NOTE)])
        return _Compared(report, old, new)

    # -------------------------------------------------------------- showing them

    def show(self, compared: Iterable[_Compared], *, several: bool) -> bool:
        """Print or write what was compared; return whether anything differs."""
        match self.wanted.format:
            case "json":
                return self._show_json(compared, several)
            case "docx":
                return self._show_docx(compared)
            case "html":
                return self._show_html(compared)
            case _:
                return self._show_text(compared)

    def show_papers(self, compared: Iterable[_Compared], papers: Papers, *, several: bool) -> bool:
        """Write the papers of each school, and the redlines that go with them; return whether anything differs."""
        from aupgen.cli.papers import PaperMaker

        assert self.loaded.library is not None
        pages, differs = self._pages(), False
        maker = PaperMaker(self.loaded, self.loaded.library, papers)
        for one in compared:
            differs = differs or bool(one.report.changes)
            redlines = functools.partial(self._redlines, one, pages=pages)
            maker.show(one.report, one.old, one.new, redlines, several=several)
        self.errors += maker.errors
        return differs

    def _show_json(self, compared: Iterable[_Compared], several: bool) -> bool:
        differs, parts = False, self._output()
        began = False
        for one in compared:
            differs = differs or bool(one.report.changes)
            text = json.dumps(comparison_data(one.report), ensure_ascii=False, indent=2)
            parts(("," if began else "[") + "\n" if several else "")
            parts(text)
            began = True
        if several:
            parts("\n]\n" if began else "[]\n")
        elif began:
            parts("\n")
        parts(None)
        return differs

    def _show_text(self, compared: Iterable[_Compared]) -> bool:
        pages, parts, differs = self._pages(), self._output(), False
        for one in compared:
            differs = differs or bool(one.report.changes)
            text = pages.text(one.report) if self.wanted.format == "text" else pages.markdown(one.report)
            in_colour = self.wanted.format == "text" and self.wanted.out is None and sys.stdout.isatty()
            parts(_coloured(text) if in_colour else text)
        parts(None)
        return differs

    def _show_html(self, compared: Iterable[_Compared]) -> bool:
        reports = [one.report for one in compared]
        if reports:
            parts = self._output()
            parts(self._pages().html(reports))
            parts(None)
        return any(report.changes for report in reports)

    def _pages(self) -> Pages:
        from aupgen.reporting import Pages

        assert self.loaded.library is not None
        texts, found = read_page_texts(self.loaded.workspace, "changes")
        self.loaded.found += found
        return Pages({**self.loaded.files.templates, **texts}, self.loaded.library)

    def _output(self) -> Callable[[str | None], None]:
        """Where text goes: to stdout at once, or to the file that was asked for when all is there (None)."""
        out = self.wanted.out
        if out is None:
            return lambda text: click.echo(text, nl=False) if text else None
        kept: list[str] = []

        def keep(text: str | None) -> None:
            if text is not None:
                kept.append(text)
            else:
                write_file(out, "".join(kept).encode(), self.loaded.workspace)
                click.echo(shown(out), err=True)

        return keep

    def _show_docx(self, compared: Iterable[_Compared]) -> bool:
        pages, differs = self._pages(), False
        shell: Shell | None = None
        for one in compared:
            try:
                shell = shell or self.loaded.shell()
            except ShellError as error:
                message = f"the Word reference document cannot be used: {error}"
                self._fault("AUP504", Path(self.loaded.files.reference_path), message, "")
                return differs
            differs = differs or bool(one.report.changes)
            for id_, data in self._redlines(one, shell, pages=pages):
                path = self._place(one.report, id_)
                write_file(path, data, self.loaded.workspace)
                click.echo(shown(path))
        return differs

    def _redlines(self, one: _Compared, shell: Shell, *, pages: Pages) -> Iterator[tuple[str, bytes]]:
        """The redline of each changed document, by its id."""
        assert one.new is not None
        changed = {id_ for change in one.report.changes for id_ in change.documents}
        before = one.old.documents if one.old else {}
        author = Author(self.wanted.author or one.report.school, self.wanted.day.isoformat())
        for id_ in {**one.new.documents, **before}:
            if id_ in changed:
                old, new = before.get(id_), one.new.documents.get(id_)
                yield id_, write_redline(old, new, shell, author, _notes(one.report, id_, pages))
            else:
                click.echo(f"{one.report.school}: nothing has changed in `{id_}`", err=True)

    def _place(self, report: Comparison, document: str) -> Path:
        """The file that was asked for, or one in the folder that was, beside those of other schools."""
        out = self.wanted.out or _FOLDER
        if out.suffix == ".docx" and len(self.wanted.documents) == 1:
            return out
        return out / report.profile / report.new / f"{document}.changes.docx"


def _nothing_approved(path: Path, year: PolicyYear | None, documents: Sequence[str]) -> Diagnostic:
    """AUP428 where `--approved` has nothing to compare with."""
    what = f" of {', '.join(f'`{id_}`' for id_ in documents)}" if documents else ""
    message = f"there is no approval record{what}{f' for {year}' if year else ''} in {shown(approvals_folder(path))}"
    help_ = (
        "leave `--approved` out to compare with what the profile says of the year before; "
        f"after a meeting, `aupgen approve {shown(path)} --by BODY --on DATE` writes a record"
    )
    return Diagnostic("AUP428", Span(shown(path)), message, help_)


def _as_in_the_profile(new: Edition, old: Edition, documents: Sequence[str]) -> Diagnostic:
    """AUP428, as a note, where nobody approved some documents of the older side."""
    names = ", ".join(f"`{id_}`" for id_ in documents)
    message = (
        f"nobody approved {names} for {old.profile.policy_year}: the words are those that the profile gives"
    )
    help_ = "with `--document` you can compare the others alone"
    return Diagnostic("AUP428", Span(new.profile.path), message, help_, Severity.NOTE)


_shared: list[_Run] = []  # what a worker process was started with
_FINDING = re.compile(r"^(?=\S[^\n]*:\d+:\d+: (?:error|warning|note) )", re.M)


def _share(loaded: Loaded, wanted: _Wanted) -> None:
    _shared[:] = [_Run(loaded, wanted)]


def _compare_shared(path: Path) -> tuple[str, int, list[Comparison]]:
    """What is told of a school, how many errors there are in that, and its comparison; none where it has errors."""
    run = _shared[0]
    before = run.errors
    with contextlib.redirect_stderr(io.StringIO()) as told:
        reports = [one.report for one in run.own([path])]
    return told.getvalue(), run.errors - before, reports


def _notes(report: Comparison, document: str, pages: Pages) -> Iterator[Note]:
    """A comment on each change that shows in a document, at the first place where it does."""
    for change in report.changes:
        places = [place for place in change.places if place.document == document]
        if places:
            first = next((place for place in places if place.new is not None), places[0])
            words = first.new if first.new is not None else first.old or ""
            yield Note(first.section, first.clause, words, pages.comment(change, len(places)))


def _coloured(text: str) -> str:
    """What was in red and what is in green; the signs before the lines say the same."""
    colours = {"   - ": "red", "   + ": "green"}
    lines, colour = [], ""
    for line in text.splitlines():
        colour = colours.get(line[:5]) or (colour if line.startswith("     ") else "")
        lines.append(click.style(line, fg=colour) if colour else line)
    return "\n".join(lines) + "\n"
