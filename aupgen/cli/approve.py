"""`aupgen approve`: what a body decided, written down with the very words it decided on.

A clerk builds, circulates, takes the minutes, and comes here. Nothing is approved that was not circulated, and
no record is rewritten: only a minute reference that it lacks is added to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from aupgen import __version__
from aupgen.approval.kept import kept_text
from aupgen.approval.reading import read_record
from aupgen.approval.record import (
    KeptRecord,
    Record,
    approved_document,
    kept_name,
    record_name,
    record_text,
)
from aupgen.approval.standing import (
    Standing,
    approved_line,
    clause_changes,
    clause_texts,
    standings_of,
    without_contacts,
)
from aupgen.binding.bind import bind_profile
from aupgen.cli.build import check_documents, nearby, policy_year
from aupgen.cli.day import calendar_day, today
from aupgen.cli.loading import loaded_library
from aupgen.cli.school import not_issued
from aupgen.document.tree import Document
from aupgen.document.words import fingerprint, short
from aupgen.files import CannotRunError, approvals_folder, read_bytes, shown, write_record
from aupgen.library.compiled import Library
from aupgen.manifest import MANIFEST, Entry, read_manifest, sha256
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, printable
from aupgen.source.span import SourceText, Span
from aupgen.source.text import MAX_BYTES

_LONGEST = 200  # characters of a body's name or a minute reference
_MOST_MANIFEST = 50_000_000  # bytes


class _Decision(Struct, frozen=True):
    """What the command line says was decided. ``documents`` () leaves it to the profile which; ``fingerprints``
    are those on the papers, () where they are to be looked up in the built folder."""

    by: str
    on: EditionDate
    minute: str
    documents: tuple[str, ...]
    as_amended: bool
    fingerprints: tuple[str, ...]
    out: Path
    today: date
    path: Path


def _words(context: click.Context, parameter: click.Parameter, text: str | None) -> str:
    """One line of plain text, as a profile may hold one."""
    words = unicodedata.normalize("NFC", " ".join((text or "").split()))
    if text is not None and not words:
        raise click.BadParameter("it is empty", context, parameter)
    if len(words) > _LONGEST:
        raise click.BadParameter(f"it is longer than {_LONGEST} characters", context, parameter)
    if printable(words, _LONGEST) != words:
        message = f"`{printable(words)}` has a character that cannot stand in a document"
        raise click.BadParameter(message, context, parameter)
    return words


def _prints(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        if not re.fullmatch("[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}([0-9a-fA-F]{56})?", text):
            message = f"`{printable(text)}` is not a fingerprint such as 3f2a-9c1b"
            raise click.BadParameter(message, context, parameter)
    return tuple(short(text.replace("-", "").lower()) for text in texts)


@click.command("approve", short_help="Record that a body approved a school’s documents.")
@click.argument("profile", type=click.Path(path_type=Path))
@click.option(
    "--by", required=True, callback=_words, metavar="BODY", help="Who approved: the body, or the post."
)
@click.option(
    "--on",
    required=True,
    callback=calendar_day,
    metavar="DATE",
    help="The day of the decision, as 2026-10-14.",
)
@click.option(
    "--minute",
    callback=_words,
    metavar="REF",
    help="The reference of the minute. It may come later: give the command again with it.",
)
@click.option(
    "--document",
    "documents",
    multiple=True,
    metavar="ID",
    help="Only this document was approved; may be given again. Default: all that this body approves.",
)
@click.option("--as-amended", is_flag=True, help="The body changed what was circulated, as it is now.")
@click.option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
    callback=_prints,
    metavar="F",
    help="The fingerprint on the paper that was circulated; may be given again. "
    "Default: those of the documents in the built folder.",
)
@click.option(
    "--year",
    callback=policy_year,
    metavar="Y",
    help="The policy year that was approved. Default: the profile’s.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build"),
    show_default=True,
    metavar="DIR",
    help="The folder that was built to.",
)
@click.option("--date", "day", callback=today, metavar="DATE", help="Today, for checks of the day given.")
@click.pass_obj
def command(
    workspace: Path | None,
    profile: Path,
    by: str,
    on: EditionDate,
    minute: str,
    documents: tuple[str, ...],
    as_amended: bool,
    fingerprints: tuple[str, ...],
    year: PolicyYear | None,
    out: Path,
    day: date,
) -> int:
    """Record that a body approved the documents of a school, with the words that it approved.

    The record goes to approved/ beside the profile. Build again afterwards: the documents then print who
    approved them, on which day, and under which minute.
    """
    if not profile.is_file():
        raise CannotRunError(f"there is no file {profile}{nearby(profile)}")
    loaded, library = loaded_library(workspace, [profile])
    check_documents(documents, library)
    loaded.found.clear()
    school, _ = loaded.profile(profile, year)
    records, _ = loaded.records(profile, school.policy_year) if school else (None, {})
    if loaded.report(loaded.found) or school is None or records is None:
        click.echo("Nothing was recorded.", err=True)
        return 1
    by = re.sub("^the (?=.)", "", by, flags=re.I)
    minute = re.sub("^minute (?=.)", "", minute, flags=re.I)
    decision = _Decision(by, on, minute, documents, as_amended, fingerprints, out, day, profile)
    lines, found = _approve(library, school, records, decision)
    errors = loaded.report(found)
    for line in lines:
        click.echo(line)
    if errors:
        click.echo("Nothing was recorded.", err=True)
    return 1 if errors else 0


_Result = tuple[list[str], list[Diagnostic]]


def _approve(
    library: Library, profile: Profile, records: tuple[KeptRecord, ...], asked: _Decision
) -> _Result:
    """Return the lines to print and what was found; the record is written where there are no errors."""
    whole = Span(profile.path)
    if profile.kind is not ProfileKind.SCHOOL:
        message = f"{profile.name} is of the kind `{profile.kind}`: only a school’s documents are approved"
        return [], [Diagnostic("AUP418", whole, message, "name the profile of a school")]
    found = not_issued(profile, asked.documents)
    if found:
        return [], found
    if waiting := _without_minute(records, asked):
        return _again(library, profile, waiting, asked), []
    bound, found = bind_profile(library, profile, only=_chosen(profile, asked))
    documents = [document for document in bound.documents if document.meta.status]
    if has_errors(found):
        return [], found
    silent = [f"`{id_}`" for id_ in asked.documents if id_ not in {d.meta.id for d in documents}]
    if silent or not documents:
        what = ", ".join(silent) or profile.name
        message = f"{what} prints no approval line, so there is nothing to approve"
        return [], [Diagnostic("AUP418", whole, message, "leave it out of the command")]
    again, new, faults = _known_already(library, profile, documents, records, asked)
    if faults:
        return [], [*found, *faults]
    if not new:
        return _again(library, profile, again, asked), found
    documents = [document for document in documents if document.meta.id in new]
    found += [*_unlikely(profile, asked), *_not_circulated(profile, documents, asked)]
    if has_errors(found):
        return [], found
    return _written(library, profile, documents, asked, records), found


def _chosen(profile: Profile, asked: _Decision) -> tuple[str, ...]:
    """The documents named, else those whose approver is this body, else all that the school issues."""
    if asked.documents:
        return asked.documents
    issued = [choice.id for choice in profile.documents]
    theirs = tuple(id_ for id_ in issued if _same_body(profile.approver_of(id_), asked.by))
    return theirs or tuple(issued)


def _same_body(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _bare(body: str) -> str:
    return " ".join(body.casefold().split()).removeprefix("the ")


# ------------------------------------------------------------------ decisions that are on record already


def _without_minute(records: tuple[KeptRecord, ...], asked: _Decision) -> list[KeptRecord]:
    """The records of this decision that wait for the minute reference which is now given."""
    return [
        kept
        for kept in records
        if asked.minute
        and not kept.record.minute
        and _asks_for(asked, kept.record)
        and all(kept.record.document(id_) for id_ in asked.documents)
    ]


def _known_already(
    library: Library,
    profile: Profile,
    documents: Sequence[Document],
    records: tuple[KeptRecord, ...],
    asked: _Decision,
) -> tuple[list[KeptRecord], set[str], list[Diagnostic]]:
    """The records that hold this very decision, the documents of which it is new, and AUP414 for those of which
    another one is on record.

    New it is of documents that have no record yet, and of a later edition of them. Where there are such, the others
    may stay as they were approved, unless the command names them.
    """
    number = profile.edition.number
    again: dict[str, KeptRecord] = {}
    new: set[str] = set()
    decided: list[Standing] = []
    for standing in standings_of(library, profile, documents, records):
        kept = standing.kept
        if kept is not None and standing.approved and _asks_for(asked, kept.record):
            again[kept.path] = kept
        elif kept is None or number > kept.record.edition.number:
            new.add(standing.document)
        else:
            decided.append(standing)
    found = [
        _decided(profile, standing.kept, standing)
        for standing in decided
        if standing.kept and not (standing.approved and new and not asked.documents)
    ]
    found += [
        _other_minute(profile, kept)
        for kept in again.values()
        if asked.minute and asked.minute != kept.record.minute
    ]
    return list(again.values()), new, found


def _asks_for(asked: _Decision, record: Record) -> bool:
    return _same_body(record.by, asked.by) and record.on == asked.on


def _decided(profile: Profile, kept: KeptRecord, standing: Standing) -> Diagnostic:
    record, number = kept.record, kept.record.edition.number
    minute = f", minute {record.minute}" if record.minute else ""
    what = f"the {record.by} approved `{standing.document}` of edition {number} on {_said(record.on)}{minute}"
    if standing.approved:
        message = f"{what}, with these very words: a record is not written anew"
        help_ = (
            f"nothing is left to do; if {kept.path} itself is wrong, a new decision needs a new edition: "
            f"write `number: {max(number, profile.edition.number) + 1}` under `edition:`"
        )
    else:
        message = f"{what}, with other words: a record is not written anew"
        help_ = (
            f"make this edition {number + 1}, with its date and reason, under `edition:`; "
            f"then `aupgen build {profile.path}`, circulate, and approve that"
        )
    return Diagnostic("AUP414", _edition(profile), message, help_, notes=(f"the record is {kept.path}",))


def _other_minute(profile: Profile, kept: KeptRecord) -> Diagnostic:
    message = f"{kept.path} gives minute {kept.record.minute}: a record is not rewritten"
    help_ = "leave `--minute` out; if the reference is wrong, the body says so in its next minutes"
    return Diagnostic("AUP414", _edition(profile), message, help_)


def _again(library: Library, profile: Profile, records: Sequence[KeptRecord], asked: _Decision) -> list[str]:
    """The same decision once more: its minute reference is added to the records that lack one. Lines to print."""
    lines: list[str] = []
    for kept in records:
        if asked.minute and not kept.record.minute:
            write_record(
                _place(asked, kept),
                _readable(_with_minute(library, profile, kept.record, asked.minute)),
                None,
            )
            lines.append(f"{kept.path}: minute {asked.minute} added")
        else:
            lines.append(f"{kept.path}: on record already, nothing was changed")
    return [*lines, f"Next: aupgen build {profile.path}"]


def _with_minute(library: Library, profile: Profile, record: Record, minute: str) -> Record:
    record = replace(record, minute=minute)
    documents = tuple(
        replace(document, approval=approved_line(library, profile, record)) for document in record.documents
    )
    return replace(record, documents=documents)


def _place(asked: _Decision, kept: KeptRecord) -> Path:
    return approvals_folder(asked.path) / kept.name.rpartition("/")[2]


# ------------------------------------------------------------------ a new decision


def _unlikely(profile: Profile, asked: _Decision) -> list[Diagnostic]:
    """AUP419 for a day that has not come or is far from the year, AUP417 for a body the profile does not name."""
    found: list[Diagnostic] = []
    day, start = asked.on.first_day, profile.policy_year.start
    if day > asked.today:
        message = f"{_said(asked.on)} has not come yet"
        found.append(_warning("AUP419", _edition(profile), message, "was the year mistyped?"))
    elif not date(start - 1, 9, 1) <= day <= date(start + 2, 8, 31):
        message = f"{_said(asked.on)} is far from the policy year {profile.policy_year}"
        found.append(_warning("AUP419", _edition(profile), message, "was the year mistyped?"))
    approvers = {profile.approver_of(id_) for id_ in _chosen(profile, asked)}
    if not any(_same_body(approver, asked.by) for approver in approvers):
        named = " and ".join(f"the {approver}" for approver in sorted(approvers))
        message = f"the profile says that {named} approves this, and not the {asked.by}"
        said = profile.origins.get("approver")
        span = said[0].span if said else Span(profile.path)
        help_ = "it was recorded as you gave it; correct `approver:` if that is how it is decided now"
        found.append(_warning("AUP417", span, message, help_))
    return found


def _said(day: EditionDate) -> str:
    return f"{day.first_day.day} {day.first_day:%B %Y}"


def _warning(code: str, span: Span, message: str, help_: str) -> Diagnostic:
    return Diagnostic(code, span, message, help_, Severity.WARNING)


def _edition(profile: Profile) -> Span:
    said = profile.origins.get("edition")
    return said[0].span if said else Span(profile.path)


def _not_circulated(profile: Profile, documents: Sequence[Document], asked: _Decision) -> list[Diagnostic]:
    """AUP413 where the words are not those on the papers, or in the built folder; a note where there is neither."""
    if asked.as_amended:
        return []
    place = asked.out / profile.slug / str(profile.policy_year) / MANIFEST
    if asked.fingerprints:
        known = {document.meta.id: short(fingerprint(document)) for document in documents}
        stray = [print_ for print_ in asked.fingerprints if print_ not in known.values()]
        wrong = [id_ for id_, own in known.items() if own not in asked.fingerprints]
        if not wrong and not stray:
            return []
        now = tuple(f"`{id_}` is now {own}" for id_, own in known.items())
        if stray:
            message = f"no document has the fingerprint {', '.join(stray)}: the words have changed since"
        else:
            message = f"you gave no fingerprint for {', '.join(f'`{id_}`' for id_ in wrong)}"
        return [_refused(profile, message, now)]
    built = _manifest(place)
    if built is None:
        message = f"nothing is built in {shown(place.parent)}, so nobody can tell whether these words were circulated"
        help_ = "another time, build first, or give the `--fingerprint` that stands on the papers"
        return [Diagnostic("AUP413", _edition(profile), message, help_, Severity.NOTE)]
    found: list[Diagnostic] = []
    entries = {str(entry["id"]): entry for entry in built["documents"]}
    for document in documents:
        id_ = document.meta.id
        entry = entries.get(id_)
        if entry is None:
            message = f"`{id_}` is not among the documents in {shown(place.parent)}: it was not circulated"
            found.append(_refused(profile, message, ()))
        elif any(file.get("edited") for file in entry["files"]):
            message = (
                f"somebody edited a file of `{id_}` in {shown(place.parent)}: it may not have these words"
            )
            found.append(_refused(profile, message, ()))
        elif entry.get("fingerprint_sha256") != fingerprint(document):
            message = f"the words of `{id_}` are not those built in {shown(place.parent)}"
            found.append(_refused(profile, message, _since_built(entry, document)))
    return found


def _refused(profile: Profile, message: str, notes: tuple[str, ...]) -> Diagnostic:
    help_ = (
        f"`aupgen build {profile.path}` and circulate these words; or, where the meeting itself changed them, "
        "give the command again with `--as-amended`"
    )
    return Diagnostic("AUP413", _edition(profile), message, help_, notes=notes)


def _manifest(place: Path) -> Entry | None:
    """The manifest of the built folder; None where there is none. One that was damaged is no witness either."""
    if not place.is_file():
        return None
    return read_manifest(read_bytes(place, _MOST_MANIFEST))


def _since_built(entry: Entry, document: Document) -> tuple[str, ...]:
    """What changed in a document since it was built, clause by clause. The folder may hold anything by now."""
    old: dict[str, list[str]] = {}
    try:
        for section in entry["sections"]:
            for clause in section["clauses"]:
                old.setdefault(str(clause["id"]), []).append(str(clause["text"]))
    except (KeyError, TypeError):
        return ()
    new = clause_texts(approved_document(document, "", "", "").lines)
    return tuple(clause_changes(old, new)) or ("the change is in headings, lead-ins, tables or contacts",)


def _readable(record: Record) -> str:
    """The text of a record, which will be read back as it is meant. Raises CannotRunError where it would not."""
    text = record_text(record)
    if len(text.encode()) > MAX_BYTES:
        raise CannotRunError(
            "the record would be larger than 1 MB: approve the documents in two runs, with --document"
        )
    back, found = read_record(SourceText("the record", text), str(record.policy_year))
    if back != record:
        why = found[0].message if found else "it would read otherwise"
        raise CannotRunError(f"this cannot be put on record: {why}")
    return text


def _written(
    library: Library,
    profile: Profile,
    documents: Sequence[Document],
    asked: _Decision,
    records: tuple[KeptRecord, ...],
) -> list[str]:
    """Write the record; return the lines to print."""
    year, edition = profile.policy_year, profile.edition
    bare = without_contacts(library, profile, [document.meta.id for document in documents])
    by = next(
        (own for d in documents if _same_body(own := profile.approver_of(d.meta.id), asked.by)), asked.by
    )
    data = kept_text(tuple(documents))
    record = Record(
        profile.name, year, edition, by, asked.on, asked.minute, asked.as_amended,
        profile.layers, f"aupgen {__version__}", sha256(data), (),
    )  # fmt: skip
    approved = tuple(
        approved_document(
            document,
            approved_line(library, profile, record),
            fingerprint(document),
            bare[document.meta.id],
        )
        for document in documents
    )
    record = replace(record, documents=approved)
    text = _readable(record)
    taken = {kept.name.rpartition("/")[2] for kept in records}
    count = next(n for n in range(1, 1_000) if record_name(year, edition.number, n) not in taken)
    place = approvals_folder(asked.path) / record_name(year, edition.number, count)
    write_record(place, text, (kept_name(place.name), data))
    return [
        f"{profile.name}, {year}, edition {edition.number}: {approved[0].approval[:1].lower()}{approved[0].approval[1:]}"
        + (", as amended" if asked.as_amended else ""),
        *(f"  {document.id} (fingerprint {short(document.fingerprint)})" for document in approved),
        f"Written to {shown(place)}; keep it, and {kept_name(place.name)} beside it, with the profile.",
        f"Next: aupgen build {profile.path}",
    ]
