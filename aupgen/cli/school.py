"""One school of a build, from its profile's file to its folder of documents.

Takes a loaded workspace, the path of a profile and what was asked for; gives lines and findings to print. What an
earlier run has built, and what still stands, is not built again: a school whose sources are all as they were costs
the reading of its files; a change in the words of a clause rebuilds the documents that print it, any other change in a
topic those that draw on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from aupgen import cache
from aupgen.approval.record import KeptRecord
from aupgen.build import ALL_FORMATS, Rendered, no_documents, render_profile
from aupgen.cli.loading import Loaded
from aupgen.files import CannotRunError, Written, check_out, read_bytes, shown, stands, write_outputs
from aupgen.library.compiled import Library
from aupgen.library.concerns import Edits
from aupgen.manifest import MANIFEST, read_manifest
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.year import PolicyYear
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors
from aupgen.source.span import SourceText, Span
from aupgen.stamp import Stamp, causes, changed, digest_of, rechosen
from aupgen.writers.shell import Shell


class Request(Struct, frozen=True):
    """What the command line asked for. ``year`` None: the profile's own; ``documents`` () and all formats: whole."""

    year: PolicyYear | None
    documents: tuple[str, ...]
    formats: tuple[str, ...]
    out: Path
    force: bool
    draft: bool
    explain: bool

    @property
    def narrowed(self) -> bool:
        return bool(self.documents) or set(self.formats) != set(ALL_FORMATS)


class Outcome(Struct):
    """What one profile came to: lines for stdout, findings for stderr, and whether the system refused.

    ``read`` are findings met while reading, in this file or one above it; ``sources`` the texts that findings
    quote; ``issues`` is False for a profile that is not one to be built.
    """

    lines: list[str] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    refused: str = ""
    issues: bool = True
    read: list[Diagnostic] = field(default_factory=list)
    sources: dict[str, SourceText] = field(default_factory=dict)


def build_school(loaded: Loaded, library: Library, shell: Shell, path: Path, request: Request) -> Outcome:
    """Build one school, and let go of what was read for it alone."""
    already = len(loaded.found)
    try:
        outcome = _build(loaded, library, shell, path, request)
    except CannotRunError as error:  # a file that cannot be read stops no other school
        outcome = Outcome(refused=str(error))
    outcome.read = loaded.found[already:]
    del loaded.found[already:]
    quoted = {finding.span.path for finding in (*outcome.read, *outcome.found)}
    outcome.sources = {name: source for name, source in loaded.sources.items() if name in quoted}
    loaded.forget(path)
    return outcome


def _build(loaded: Loaded, library: Library, shell: Shell, path: Path, request: Request) -> Outcome:
    already = len(loaded.found)
    stamp_name = "" if request.narrowed else _stamp_name(path, request)
    before = _before(loaded, path, request, stamp_name) if stamp_name and not request.force else None
    if before and not before.changed:
        loaded.found += before.stamp.found
        return Outcome(_lines(before.stamp.school, before.stamp.year, Written(), before, request, {}))
    profile, digests = loaded.profile(path, request.year)
    layer = loaded.layer_of(path)
    own = layer.path if layer else shown(path)
    at_fault = any(f.severity is Severity.ERROR and f.span.path == own for f in loaded.found[already:])
    if profile is None or at_fault:
        return Outcome(issues=profile is None or profile.kind not in ABOVE)
    if note := issues_nothing(profile):
        return Outcome(found=[note], issues=profile.kind not in ABOVE)
    records, of_records = loaded.records(path, profile.policy_year)
    if records is None:
        return Outcome()
    digests |= of_records
    why = _why(before, profile, library)
    if all(why.values()):
        before = None  # nothing of the earlier build can be kept
    found = not_issued(profile, request.documents)
    rendered, faults = _render(library, shell, profile, digests, records, request, why if before else {})
    if before and (rendered is None or _is_asked_again(before.stamp, rendered, profile)):
        # all documents together may have more to tell
        why, before = dict.fromkeys(why, before.changed), None
        rendered, faults = _render(library, shell, profile, digests, records, request, {})
    found += faults
    if rendered is None or has_errors(found):
        return Outcome(found=found)
    folder = request.out / profile.slug / str(profile.policy_year)
    check_out(folder, loaded.workspace)
    narrowed = request.narrowed or before is not None
    report = write_outputs(folder, rendered.files, rendered.manifest, narrowed=narrowed, force=request.force)
    found += report.found
    if stamp_name and not found:
        stamp = _stamp(profile, digests, report, rendered, before, loaded.found[already:])
        if cache.load(stamp_name, Stamp) != stamp:
            cache.store(stamp_name, stamp)
    return Outcome(
        _lines(profile.name, str(profile.policy_year), report, before, request, why, profile.slug), found
    )


ABOVE = (ProfileKind.AUTHORITY, ProfileKind.TRUST)


def issues_nothing(profile: Profile) -> Diagnostic | None:
    """AUP514 for a profile that issues no documents, None for one that does."""
    if profile.kind not in ABOVE and profile.documents:
        return None
    what = f"an {profile.kind}" if profile.kind is ProfileKind.AUTHORITY else f"a {profile.kind}"
    message = f"{what} issues no documents of its own"
    if profile.kind not in ABOVE:
        message = "this profile issues no documents, so there is nothing to build"
    return Diagnostic("AUP514", Span(profile.path), message, severity=Severity.NOTE)


def not_issued(profile: Profile, documents: Iterable[str]) -> list[Diagnostic]:
    """AUP205 for each document that was asked for and that the school does not issue."""
    issued = {choice.id for choice in profile.documents}
    return [
        Diagnostic(
            "AUP205",
            Span(profile.path),
            f"{profile.name} does not issue `{id_}`",
            "add it under `documents:`",
        )
        for id_ in documents
        if id_ not in issued
    ]


def _render(
    library: Library,
    shell: Shell,
    profile: Profile,
    digests: Mapping[str, str],
    records: tuple[KeptRecord, ...],
    request: Request,
    why: Mapping[str, tuple[str, ...]],
) -> tuple[Rendered | None, list[Diagnostic]]:
    """What was asked for; of an earlier build only what has a reason to be built again."""
    only = tuple(id_ for id_, reasons in why.items() if reasons) or request.documents
    if why and not only:
        return no_documents(profile, digests, draft=request.draft), []
    return render_profile(
        library,
        shell,
        profile,
        digests,
        formats=request.formats,
        only=only,
        draft=request.draft,
        records=records,
    )


def _lines(
    school: str,
    year: str,
    report: Written,
    before: _Before | None,
    request: Request,
    why: Mapping[str, tuple[str, ...]],
    slug: str = "",
) -> list[str]:
    folder = before.folder if before else request.out / slug / year
    lines = [f"{school}, {year}{' (draft)' if request.draft else ''}: {shown(folder)}"]
    if request.explain:
        lines += [f"  {id_}: {_because(reasons)}" for id_, reasons in why.items()]
        lines += [] if why else ["  all as it was: no source has changed"]
    unchanged = report.unchanged
    if before:
        unchanged = [name for name in before.stamp.files if name not in report.written]
    lines += [f"  {name}" for name in report.written]
    lines += [f"  {name} (unchanged)" for name in unchanged]
    lines += [f"  {name} (removed: no longer issued)" for name in report.removed]
    return lines


def _because(sources: tuple[str, ...]) -> str:
    if not sources:
        return "as it was: nothing it prints has changed"
    if not sources[0]:
        return "built: no earlier build of it stands here"
    more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    return f"built: {', '.join(sources[:3])}{more} changed"


# ------------------------------------------------------------------ what an earlier run has built


class _Before(Struct, frozen=True):
    """An earlier build of this school that stands as it was left, the sources that have changed since, and what became
    of the library's clauses; ``edits`` None where that is not known."""

    stamp: Stamp
    folder: Path
    changed: tuple[str, ...]
    edits: Edits | None = None


def _stamp_name(path: Path, request: Request) -> str:
    asked = (os.path.abspath(request.out), os.path.abspath(path), str(request.year or ""), str(request.draft))
    return cache.key("built", asked)


def _before(loaded: Loaded, path: Path, request: Request, name: str) -> _Before | None:
    digests = loaded.digests(path)
    stamp = cache.load(name, Stamp) if digests else None
    if stamp is None:
        return None
    folder = request.out / stamp.slug / stamp.year
    if not stands(folder, stamp.manifest, stamp.files):
        return None
    digests |= loaded.records(path, PolicyYear.parse(stamp.year))[1]
    if stamp.sources == digest_of(digests):
        return _Before(stamp, folder, ())
    manifest = read_manifest(read_bytes(folder / MANIFEST))
    if manifest is None:
        return None
    sources = {entry["path"]: entry["sha256"] for entry in manifest["sources"]}
    return _Before(stamp, folder, changed(sources, digests), loaded.edits_since(sources))


def _why(before: _Before | None, profile: Profile, library: Library) -> dict[str, tuple[str, ...]]:
    """What has changed for which each document is built, in words, by its id; () for one that is not, "" for want of an
    earlier build."""
    if before is None:
        return {choice.id: ("",) for choice in profile.documents}
    otherwise = rechosen(before.changed, library.topics, before.edits)
    asked = (library.clauses.get(id_) for id_ in _asked_of_all(profile))
    if any(clause and clause.topic in otherwise for clause in asked):
        return {choice.id: before.changed for choice in profile.documents}
    return causes(before.stamp, before.changed, library.topics, before.edits)


def _is_asked_again(stamp: Stamp, rendered: Rendered, profile: Profile) -> bool:
    """Whether a document that was built again prints a clause that it did not, or no longer prints one that it did, of
    which something is asked of all documents."""
    asked = _asked_of_all(profile)
    return any(asked & set(ids) != asked & set(stamp.prints[id_]) for id_, ids in rendered.prints.items())


def _asked_of_all(profile: Profile) -> frozenset[str]:
    """The clauses of which something is asked of all documents together: whether one still prints what a layer above
    has locked (AUP233), and whom the profile’s own text of it reaches (AUP349, AUP351)."""
    reworded = (id_ for id_, choice in profile.clause_choices.items() if choice.text)
    return frozenset((*profile.locked_clauses, *reworded))


def _stamp(
    profile: Profile,
    digests: Mapping[str, str],
    report: Written,
    rendered: Rendered,
    before: _Before | None,
    found: Sequence[Diagnostic],
) -> Stamp:
    """The stamp of a build, and of what stays as an earlier one made it."""
    return Stamp(
        profile.slug,
        profile.name,
        str(profile.policy_year),
        digest_of(digests),
        report.manifest,
        report.digests,
        {**(before.stamp.drawn_on if before else {}), **rendered.drawn_on},
        {**(before.stamp.prints if before else {}), **rendered.prints},
        tuple(found),
    )
