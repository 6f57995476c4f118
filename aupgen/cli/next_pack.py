"""`aupgen init DIR` where DIR has schools: the next pack taken in, what was put off decided, the last change undone.

Everything is prepared in a folder of its own inside DIR, checked and rendered, and becomes DIR's as a whole. What it
replaces is kept, and comes back with `--undo`.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import click
from msgspec import Struct, field
from msgspec.structs import replace

from aupgen import __version__
from aupgen.build import render_profile
from aupgen.changeover import WORK, change, changing, undo
from aupgen.cli.loading import Loaded, load
from aupgen.cli.school import ABOVE
from aupgen.cli.staging import (
    MOST_QUESTIONS,
    RefusedError,
    Stage,
    picked,
    tell_what_is_missing,
    tell_what_is_open,
)
from aupgen.files import (
    CannotRunError,
    lay_out,
    profiles_in,
    read_bytes,
    read_text,
    reason,
    shown,
    write_file,
    write_outputs,
)
from aupgen.manifest import MANIFEST, PINNED, Entry, read_manifest, sha256
from aupgen.packs.answers import DECIDED, Answers, Unfinished, read_answers, read_unfinished, unfinished_text
from aupgen.packs.contents import Pack
from aupgen.packs.next_profile import TakenOut, answer, leave_open, not_issued, settle, take_out, unused
from aupgen.packs.pinned_files import Edit, NextFiles, is_profile, next_files
from aupgen.packs.profile_text import Answer
from aupgen.packs.questions import CONTACTS, PARAMETERS, Question, open_questions
from aupgen.packs.record import PackRecord, Pinned, listed, pinned_text, read_pinned
from aupgen.packs.school import documents_for, slug_of
from aupgen.packs.telling import TOLD, both_wordings, lacking, meaning, news, printed_in
from aupgen.packs.three_way import (
    Conflict,
    Overruled,
    Side,
    conflicts,
    overruled,
    put_off,
)
from aupgen.policy.decision import Pick
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, listing, printable, render_text
from aupgen.source.span import SourceText, Span
from aupgen.source.text import decode
from aupgen.source.yaml_edit import EditError, YamlEditor
from aupgen.writers.shell import Shell

_MANAGED = ("clauses", "templates", "schools")
_MOST_BYTES = 50_000_000
_KINDS = (ProfileKind.AUTHORITY, ProfileKind.TRUST, ProfileKind.EXEMPLAR, ProfileKind.SCHOOL)
"""What stands above goes first: what it has decided holds for those below it."""


def take_in(folder: Path, there: Pinned, path: Path, pack: Pack, answers: Path | None) -> int:
    """Put a later pack in the place of the one that a workspace holds; return the exit code."""
    found = [*_against(folder, there, path, pack), *_links(folder)]
    if found:
        click.echo(render_text(found, {}), err=True)
    if has_errors(found):
        return _nothing()
    assert there.published is not None
    with changing(folder):
        present = _managed(folder)
        files = next_files(present, {entry.name: entry.sha256 for entry in there.files}, pack.taken)
        work = _Work(
            folder, folder / WORK, shown(path), pack.record.exemplar, own=files.own,
            was=_label(there.published), now=_label(pack.record), pack=pack.sha256,
        )  # fmt: skip
        pinned = Pinned(
            __version__,
            path.name,
            pack.sha256,
            pack.record,
            listed(pack.taken),
            (*there.earlier, there.sha256),
        )
        with _stopping(work):
            return work.take_in(present, files, pinned, answers)
    return _nothing()


def decide(folder: Path, there: Pinned, answers: Path | None) -> int:
    """Settle what was put off when a pack was taken in; return the exit code."""
    if found := list(_links(folder)):
        click.echo(render_text(found, {}), err=True)
        return _nothing()
    with changing(folder):
        present = _managed(folder)
        pinned = {entry.name for entry in there.files}
        own = {name: data for name, data in present.items() if is_profile(name) and name not in pinned}
        library = {name: data for name, data in present.items() if name not in own}
        files = NextFiles(library, own, frozenset(present), {})
        exemplar = there.published.exemplar if there.published else ""
        label = _label(there.published) if there.published else ""
        work = _Work(
            folder, folder / WORK, shown(folder), exemplar, own=files.own, was=label, now=label, pack=there.sha256
        )  # fmt: skip
        with _stopping(work):
            return work.decide(present, files, there, answers)
    return _nothing()


def put_back(folder: Path, pack: Pack) -> list[str]:
    """Put files of its pack that a workspace lacks in their places; return their names."""
    missing = {
        name: data
        for name, data in pack.taken.items()
        if not os.path.lexists(folder / name)
        and (folder / name).parent.resolve().is_relative_to(folder.resolve())  # through no link
    }
    if missing:
        with changing(folder):
            for name, data in missing.items():
                write_file(folder / name, data)
    return list(missing)


def undo_last(folder: Path) -> int:
    """Bring back what the last change of a workspace replaced."""
    with changing(folder):
        kept, aside, names = undo(folder)
    click.echo(f"{shown(folder)} is again as it was: {kept.old}")
    if names:
        count = "one file" if len(names) == 1 else f"{len(names)} files"
        click.echo(f"  What was made of {count} since is kept in {shown(folder / aside)}")
    return 0


def schools_here(folder: Path, there: Pinned) -> list[str]:
    """The names of the profiles in a workspace that came from no pack."""
    pinned = {entry.name for entry in there.files}
    return sorted(
        path.stem
        for path in (folder / "schools").glob("*.yaml")
        if f"schools/{path.name}" not in pinned and not path.name.startswith(".")
    )


def are_here(folder: Path, there: Pinned, answers: Path) -> bool:
    """Whether answers are for schools that a workspace has, every one of them."""
    loaded = load(folder.resolve())
    source, _ = read_text(answers)
    if loaded.library is None or source is None:
        return False
    given, _ = read_answers(source, loaded.library)  # what is wrong with them is told where they are used
    here = schools_here(folder, there)
    return bool(given) and all(_slug(one, here) in here for one in given)


def _slug(answers: Answers, here: Sequence[str]) -> str:
    """The school that answers are for; where they do not say and there is one alone, that one."""
    says = answers.values.get("file") or answers.values.get("name")
    return slug_of(answers) if says or len(here) != 1 else here[0]


def _nothing() -> int:
    click.echo("Nothing was changed.", err=True)
    return 1


@contextlib.contextmanager
def _stopping(work: _Work) -> Iterator[None]:
    """Say what became of the workspace, and of the answers of a person who stops."""
    try:
        yield
    except RefusedError:
        if kept := work.what_is_kept():
            click.echo(kept, err=True)
    except (click.Abort, KeyboardInterrupt, EOFError):
        if work.is_in_place:
            click.echo(
                f"\nThe change was made. To go back: `aupgen init {shown(work.folder)} --undo`", err=True
            )
        else:
            said = work.what_is_kept() or "The same command asks again."
            click.echo(f"\nNothing was changed. {said}", err=True)
        raise click.Abort from None


def _label(record: PackRecord) -> str:
    return f"{record.policy_year}, edition {record.edition}"


# ------------------------------------------------------------------ is it the next one, and what is in the folder


def _against(folder: Path, there: Pinned, path: Path, pack: Pack) -> list[Diagnostic]:
    """AUP618 for a pack that is not a later one of the same exemplar, AUP627 for one that does not say so."""
    old, new = there.published, pack.record
    elsewhere = "take it into a folder of its own: `aupgen init ANOTHER-FOLDER --pack FILE.zip`"
    back = f"`aupgen init {shown(folder)} --undo` brings back what was here before the last pack"
    message, help_ = "", elsewhere
    if old is None:
        message = f"{shown(folder)} holds the library that came with aupgen, and not this pack"
    elif old.issuer != new.issuer or old.exemplar != new.exemplar:
        message = (
            f"{shown(folder)} holds {there.pack} of {old.issuer}, and not this pack, which is of {new.issuer}"
        )
    elif old.nation != new.nation:
        message = f"{shown(folder)} holds {there.pack} for {old.nation}, and not this pack, which is for {new.nation}"
    elif pack.sha256 in there.earlier:
        message, help_ = (
            f"this pack was in {shown(folder)} before the one that it holds now, {there.pack}",
            back,
        )
    elif (new.policy_year, new.edition) < (old.policy_year, old.edition):
        message = f"this pack is of {_label(new)}, and {shown(folder)} holds a later one, of {_label(old)}"
        help_ = "ask its publisher for the newest pack"
    elif _label(new) == _label(old):
        message = (
            f"this pack says that it is of {_label(new)}, and so does the one that {shown(folder)} holds"
        )
        help_ = f"it was not here before, so it is taken for the later one; if it is not, {back}"
        return [Diagnostic("AUP627", Span(shown(path)), message, help_, Severity.WARNING)]
    return [Diagnostic("AUP618", Span(shown(path)), message, help_)] if message else []


def _links(folder: Path) -> Iterator[Diagnostic]:
    """AUP629 for each link in the place of something that a change would read or replace: nothing is written through
    one, and what it leads to would be left behind."""
    folders = [folder / name for name in _MANAGED]
    files = [path for inside in folders if not inside.is_symlink() for path in inside.rglob("*")]
    built = [folder / "build", *(folder / "build").glob("*"), *(folder / "build").glob("*/[0-9]*-[0-9]*")]
    for path in sorted({*folders, *files, *built, folder / PINNED}):
        place = path.relative_to(folder)
        if path.is_symlink() and not any(part.startswith(".") for part in place.parts):
            what = "profile" if is_profile(place.as_posix()) else "folder" if path.is_dir() else "file"
            message = f"this {what} is a link to {printable(os.readlink(path))}, and nothing is written through links"
            help_ = f"put the {what} itself in the place of the link, or move the link away, then run the command again"
            yield Diagnostic("AUP629", Span(shown(path)), message, help_)


def _managed(folder: Path) -> dict[str, bytes]:
    """The library, the templates, the profiles and their approvals, by their path in the workspace. No links."""
    out = {}
    for name in _MANAGED:
        for path in sorted((folder / name).rglob("*")):
            place = path.relative_to(folder)
            hidden = any(part.startswith(".") for part in place.parts)
            if path.is_file() and not path.is_symlink() and not hidden:
                out[place.as_posix()] = read_bytes(path, _MOST_BYTES)
    out[PINNED] = read_bytes(folder / PINNED, _MOST_BYTES)
    return out


def _edits_told(folder: Path, edits: Mapping[str, Edit], keep: str) -> list[Diagnostic]:
    """AUP625 for what somebody changed by hand; AUP614 for a profile that stands where the pack has one."""
    found = []
    for name, edit in edits.items():
        span, help_ = Span(shown(folder / name)), ""
        if edit in (Edit.GIVES_WAY, Edit.GOES, Edit.COVERED):
            help_ = (
                f"yours is kept as {shown(folder / keep / name)}: wording of your own is safe in the school’s profile, "
                "under `clauses:`"
            )
        if edit is Edit.TWO_PROFILES:
            found.append(
                Diagnostic("AUP614", span, f"this profile {edit}", "rename yours, then take the pack in")
            )
        else:
            message = f"this file of the library {edit}"
            found.append(Diagnostic("AUP625", span, message, help_, Severity.WARNING))
    return found


# ------------------------------------------------------------------ one school


class _School(Struct):
    """A profile of the workspace on its way: its text, what was decided, asked and taken out, and what came of it.

    ``first`` are the keys of the questions that were open under the last pack. ``said`` are the answers of a person, in
    this run or in one that was stopped. ``made`` are the clauses that its own words became in this run, each with the one
    whose words they were. ``news`` says what is new in its documents, "" where nothing is. ``elsewhere`` tells of clauses
    of its own that stand in fewer documents than those whose place they have. ``kept`` is where a document that
    somebody edited was kept as it is.
    """

    slug: str
    name: str
    raw: bytes
    text: YamlEditor
    old: Side
    answers: Answers
    first: frozenset[str] = frozenset()
    said: dict[str, Answer] = field(default_factory=dict)
    profile: Profile | None = None
    year: str = ""
    picked: list[tuple[Conflict, Pick]] = field(default_factory=list)
    made: list[tuple[str, Conflict]] = field(default_factory=list)
    taken_out: list[TakenOut] = field(default_factory=list)
    overruled: list[Overruled] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    open: tuple[Question, ...] = ()
    documents: list[str] = field(default_factory=list)
    news: str = ""
    elsewhere: list[str] = field(default_factory=list)
    kept: bool = False

    @property
    def data(self) -> bytes:
        """The profile's file, with the line ends and the mark that it had."""
        if decode("", self.raw)[0] == SourceText("", self.text.text):
            return self.raw
        text = self.text.text.replace("\n", "\r\n") if b"\r\n" in self.raw else self.text.text
        mark = b"\xef\xbb\xbf" if self.raw.startswith(b"\xef\xbb\xbf") else b""
        return mark + text.encode()


class _Work(Stage):
    """One change of a workspace. ``was`` and ``now`` name the packs before and after it; ``pack`` is the digest of the
    latter. ``is_in_place`` once it is made."""

    was: str = ""
    now: str = ""
    pack: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    before: Loaded | None = None
    schools: list[_School] = field(default_factory=list)
    is_in_place: bool = False

    # -------------------------------------------------------------- the two errands

    def take_in(
        self, present: Mapping[str, bytes], files: NextFiles, pinned: Pinned, answers: Path | None
    ) -> int:
        found = [f for f in _edits_told(self.folder, files.edits, "") if f.severity is Severity.ERROR]
        self.stop_at(found, {}, lambda span: span)
        schools = self._begin(present, files, pinned, answers)
        asking = answers is None and sys.stdin.isatty()
        for school in schools:
            self._take_over(school, asking=asking)
        if asking:
            click.echo("")
        keep = self._put_in_place(schools, self.was, self.now)
        if told := _edits_told(self.folder, files.edits, keep):
            click.echo(render_text(told, {}), err=True)
        assert self.exemplar is not None
        click.echo(
            f"{shown(self.folder)} holds the pack of {self.exemplar.name} of {self.now} now; it was that of {self.was}."
        )
        return self._told(schools, keep)

    def decide(
        self, present: Mapping[str, bytes], files: NextFiles, pinned: Pinned, answers: Path | None
    ) -> int:
        schools = self._begin(present, files, pinned, answers)
        asking = answers is None and sys.stdin.isatty()
        waiting = 0
        for school in schools:
            side = school.old
            for number, conflict in enumerate(put_off(side), start=1):
                pick = self._pick(school, conflict, number, asking=asking)
                if pick is Pick.LATER:
                    waiting += 1
                    if not asking:
                        click.echo("\n".join(self._both_wordings(school, conflict)))
                        keys = listing(conflict.picks)
                        click.echo(
                            f"   Decide on a terminal, or with --answers: `{DECIDED}{conflict.clause}` is {keys}\n"
                        )
                else:
                    self._settle(school, conflict, pick, side)
            self._write(school)
        changed = [school for school in schools if school.picked]
        if not changed:
            self._finished()
            click.echo("Nothing was changed." if waiting else "Nothing waits for a decision.")
            return 0
        label = f"{self.now}, before these decisions"
        keep = self._put_in_place(schools, label, self.now)  # what a trust decided, its schools print
        return self._told(changed, keep)

    # -------------------------------------------------------------- its parts

    def _begin(
        self, present: Mapping[str, bytes], files: NextFiles, pinned: Pinned, answers: Path | None
    ) -> list[_School]:
        """Lay out and check the library, then the profiles of the workspace as they are. Raises RefusedError."""
        self.digests = {name: sha256(data) for name, data in present.items()}
        self.before = load(self.folder.resolve())
        if self.before.library is None or has_errors(self.before.found):
            self.before.report(self.before.found)
            click.echo(
                f"The library in {shown(self.folder)} has errors of its own: put those right first.", err=True
            )
            if there := read_pinned(present[PINNED]):
                tell_what_is_missing(self.folder, there)
            raise RefusedError
        try:
            self.stage.mkdir()
        except OSError as error:
            raise CannotRunError(f"cannot write in {shown(self.folder)}: {reason(error)}") from error
        lay_out(self.stage, {**files.library, PINNED: pinned_text(pinned)})
        (self.stage / "schools").mkdir(exist_ok=True)
        self.load()
        lay_out(self.stage, files.profiles)
        read = [self._school(name, data) for name, data in files.profiles.items()]
        schools = [school for school in read if school is not None]
        if len(schools) < len(read):
            click.echo(
                "What a pack changes for a school cannot be told while its profile has errors: put those right, then run "
                "the same command again.",
                err=True,
            )
            raise RefusedError
        schools.sort(key=lambda one: (_KINDS.index(one.old.own.kind), one.slug))
        self.schools = schools
        if answers is not None:
            self._give(schools, answers)
        else:
            self._go_on()
        return schools

    def _school(self, name: str, raw: bytes) -> _School | None:
        """A profile as it stands under the last pack; None where it has errors, which are printed."""
        assert self.before is not None
        assert self.before.library is not None
        path = self.folder.resolve() / name
        slug = Path(name).stem
        self.before.found.clear()
        profile, _ = self.before.profile(path)
        layers, area = self.before.layers_behind(path)
        source, _ = decode(name, raw)
        answers = Answers(Span(shown(self.folder)))
        if profile is None or has_errors(self.before.found) or source is None or not layers:
            self.before.report(f for f in self.before.found if f.severity is Severity.ERROR)
            return None
        side = Side(self.before.library, layers, area)
        first: frozenset[str] = frozenset()
        if profile.kind is ProfileKind.SCHOOL:
            first = frozenset(q.key for q in open_questions(self.before.library, profile, self.asked))
        year = str(profile.policy_year)
        return _School(
            slug, name, raw, YamlEditor(source.text), side, answers, first, year=year, profile=profile
        )

    def _give(self, schools: Sequence[_School], path: Path) -> None:
        """Hand each school its answers. Raises RefusedError for those of a school that is not here."""
        assert self.before is not None
        assert self.before.library is not None
        source, found = read_text(path)
        if source is not None:
            given, faults = read_answers(source, self.library, self._decidable(schools))
            found += faults
            by_slug = {school.slug: school for school in schools}
            for one in given:
                slug = _slug(one, list(by_slug))
                if slug in by_slug:
                    by_slug[slug].answers = one
                    continue
                message = f"there is no school `{slug}` in {shown(self.folder)}: it has {listing(by_slug) or 'none'}"
                help_ = f"give its name, or its `file`; a new school is added with `aupgen init {shown(self.folder)} --answers FILE`"
                place = one.span("file" if "file" in one.values else "name")
                found.append(Diagnostic("AUP619", place, message, help_))
        self.stop_at(found, {source.path: source} if source else {}, lambda span: span)

    @property
    def _unfinished(self) -> Path:
        """Where the answers of somebody who stopped are kept."""
        return self.folder / ".aupgen-answers.json"

    def _keep(self, school: _School, answers: Mapping[str, Answer]) -> None:
        """Keep what a person answered at once: a terminal may be closed at the next question."""
        school.said |= answers
        profiles = {one.slug: sha256(one.raw) for one in self.schools if one.said}
        said = {one.slug: one.said for one in self.schools if one.said}
        write_file(self._unfinished, unfinished_text(Unfinished(self.pack, profiles, said)))

    def what_is_kept(self) -> str:
        """What is to be said of the answers that a person gave so far; "" where there are none."""
        count = sum(len(school.said) for school in self.schools)
        what = "Your answer is" if count == 1 else f"Your {count} answers are"
        if not count:
            return ""
        return (
            f"{what} kept in {shown(self._unfinished)}: the same command goes on from there. To be asked again from "
            "the start, delete that file."
        )

    def _go_on(self) -> None:
        """Take the answers of a run that was stopped, as far as they are to this pack and to profiles as they are."""
        path = self._unfinished
        kept = read_unfinished(read_bytes(path, _MOST_BYTES)) if path.is_file() else None
        if kept is None or kept.pack != self.pack:
            return
        for school in self.schools:
            if kept.profiles.get(school.slug) == sha256(school.raw):
                school.said = dict(kept.answers.get(school.slug, {}))
                school.answers.values.update(school.said)
        if count := sum(len(school.said) for school in self.schools):
            what = "question is" if count == 1 else "questions are"
            click.echo(f"Going on from {shown(path)}: {count} {what} answered.")

    def _finished(self) -> None:
        """The run has come to its end: what was kept of one that was stopped is of no use any more."""
        with contextlib.suppress(OSError):
            self._unfinished.unlink()

    def _decidable(self, schools: Sequence[_School]) -> Collection[str]:
        """Clauses that may be decided about, though the library does not have them: those of the last pack."""
        sides = [school.old for school in schools]
        return {id_ for side in sides for id_ in (*side.known, *side.own.decided)}

    def _take_over(self, school: _School, *, asking: bool) -> None:
        """Bring one profile over to the new library: what was decided, what has no place, what is asked anew."""
        old, new = school.old, self._side(school)
        found = conflicts(old, new)
        for number, conflict in enumerate(found, start=1):
            self._settle(school, conflict, self._pick(school, conflict, number, asking=asking), new)
        settled = [conflict.clause for conflict in found]
        school.overruled = list(overruled(old, new))
        with self._editing(school) as text:
            school.taken_out = take_out(text, old.own, new, settled)
        if old.own.kind is ProfileKind.SCHOOL:
            self._documents(school)
            self._write(school)
            self._ask(school, len(found), asking=asking)
        self._write(school)

    def _settle(self, school: _School, conflict: Conflict, pick: Pick, new: Side) -> None:
        school.picked.append((conflict, pick))
        with self._editing(school) as text:
            if own := settle(text, conflict, pick, self.now, school.old, new):
                school.made.append((own, conflict))

    def _side(self, school: _School) -> Side:
        """The profile as it stands in the stage, under the new library."""
        assert self.loaded is not None
        self.loaded.found.clear()
        layers, area = self.loaded.layers_behind(self.stage / school.name)
        if not layers:
            self.stop_at(self.loaded.found, self.loaded.sources)
            raise RefusedError
        return Side(self.library, layers, area)

    @contextlib.contextmanager
    def _editing(self, school: _School) -> Iterator[YamlEditor]:
        try:
            yield school.text
        except EditError as error:
            raise CannotRunError(
                f"{shown(self.folder / school.name)} is written in a way that cannot be edited safely ({error}): "
                "write it in lines of `key: value`, without braces"
            ) from error

    def _write(self, school: _School) -> None:
        """Put the profile's text as it now is into the stage, to be read anew."""
        assert self.loaded is not None
        lay_out(self.stage, {school.name: school.data})
        self.loaded.forget(self.stage / school.name)

    def _documents(self, school: _School) -> None:
        """Documents that are issued anew: those that pupils of the school cannot read are taken back."""
        before = school.old.profile()
        after = self._side(school).theirs()
        if before is None or after is None or after.phase is None:
            return
        there = [choice.id for choice in before.documents]
        anew = [
            choice.id for choice in after.documents if choice.id not in {*there, *school.old.own.documents}
        ]
        school.documents = list(documents_for(after.phase.value, anew))
        with self._editing(school) as text:
            not_issued(text, [id_ for id_ in anew if id_ not in school.documents])

    # -------------------------------------------------------------- what is asked

    def _pick(self, school: _School, conflict: Conflict, number: int, *, asking: bool) -> Pick:
        """What is decided about a clause: as the answers say, else as a person does, else it is put off."""
        key = f"{DECIDED}{conflict.clause}"
        said = school.answers.values.get(key) or school.answers.values.get(f"{DECIDED}{conflict.successor}")
        if said is not None:
            pick = Pick(str(said))
            if pick is not Pick.LATER and pick not in conflict.picks:
                message = f"`{conflict.clause}` cannot have both wordings: choose {listing(conflict.picks)}"
                finding = Diagnostic("AUP626", school.answers.span(key), message, "", clause=conflict.clause)
                self.stop_at([finding], {}, lambda span: span)
            return pick
        if not asking:
            return Pick.LATER
        click.echo(f"\n{number}. " + "\n".join(self._both_wordings(school, conflict)))
        offered = (*conflict.picks, Pick.LATER)
        for position, pick in enumerate(offered, start=1):
            click.echo(f"   {position}) {pick}: {meaning(pick, conflict)}")
        pick = offered[picked([pick.value for pick in offered], len(offered) - 1)]
        self._keep(school, {key: pick.value})
        return pick

    def _both_wordings(self, school: _School, conflict: Conflict) -> Iterator[str]:
        return both_wordings(
            school.old.own.name, self.exemplar.name if self.exemplar else "the library", conflict
        )

    def _ask(self, school: _School, number: int, *, asking: bool) -> None:
        """Put what is asked anew to the person, or take it from the answers; leave the rest open in the profile."""
        assert self.loaded is not None
        given = {
            key: value
            for key, value in school.answers.values.items()
            if key.startswith((PARAMETERS, CONTACTS))
        }
        put: dict[str, Answer] = {}
        skipped: set[str] = set()
        path = self.stage / school.name
        while True:
            self.loaded.found.clear()
            profile, _ = self.loaded.profile(path)
            if profile is None or has_errors(self.loaded.found):
                self.stop_at(self.loaded.found, self.loaded.sources)
                raise RefusedError
            school.open = open_questions(self.library, profile, self.asked)
            anew = [q for q in school.open if q.required or q.key not in school.first]
            answered = {q.key: given[q.key] for q in school.open if q.key in given and q.key not in put}
            if asking and not answered:
                left = [q for q in anew if q.key not in skipped and (q.required or q.answers)]
                if not left or len(skipped) >= MOST_QUESTIONS:
                    break
                question = left[0]
                skipped.add(question.key)
                answers = Answers(school.answers.whole)
                self.put(answers, question, number + len(skipped) - 1)
                answered = {key: value for key, value in answers.values.items() if key == question.key}
                self._keep(school, answered)
            elif not answered:
                break
            if answered:
                put |= answered
                contacts = self.exemplar.contacts if self.exemplar else {}
                with self._editing(school) as text:
                    answer(text, school.open, answered, contacts, self.asked.starter)
                self._write(school)
        rest = {key: value for key, value in given.items() if key not in put}
        still = [q for q in school.open if q.key not in school.first]
        with self._editing(school) as text:
            school.unused = unused(text, rest)
            leave_open(text, still, self.asked.starter)

    # -------------------------------------------------------------- documents, and the change itself

    def _put_in_place(self, schools: Sequence[_School], was: str, now: str) -> str:
        """Render every school, then make it all the workspace's; return the folder that keeps what was there."""
        assert self.loaded is not None
        shell = self.loaded.shell()
        for school in schools:
            self._build(school, shell)
        keep = change(self.folder, self.stage, self.digests, (was, now))
        self.is_in_place = True
        self._finished()
        return keep

    def _build(self, school: _School, shell: Shell) -> None:
        assert self.loaded is not None
        path = self.stage / school.name
        self.loaded.found.clear()
        profile, digests = self.loaded.profile(path)
        told = [
            finding for finding in self.loaded.found if finding.code != "AUP616"
        ]  # the summary tells those
        self.stop_at(told, self.loaded.sources)
        if profile is None:
            raise RefusedError
        school.profile = profile
        if profile.kind in ABOVE or not profile.documents:
            return
        records, of_records = self.loaded.records(path, profile.policy_year)
        if records is None:
            self.stop_at(self.loaded.found, self.loaded.sources)
            raise RefusedError
        if profile.kind is ProfileKind.SCHOOL:
            school.open = open_questions(self.library, profile, self.asked)
        missing = [question for question in school.open if question.required]
        rendered, found = render_profile(
            self.library, shell, replace(profile, path=school.name), {**digests, **of_records},
            draft=bool(missing), records=records,
        )  # fmt: skip
        own = shown(self.folder / school.name)
        told = [
            replace(f, span=replace(f.span, path=own)) if f.span.path == school.name else f for f in found
        ]
        self.stop_at(told, {own: SourceText(own, school.text.text)}, lambda span: span)
        assert rendered is not None
        place = f"build/{school.slug}/{profile.policy_year}"
        for file in sorted((self.folder / place).glob("*")):
            if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
                data = read_bytes(file, _MOST_BYTES)
                self.digests[f"{place}/{file.name}"] = sha256(data)
                lay_out(self.stage, {f"{place}/{file.name}": data})
        earlier = self._manifest(school)
        report = write_outputs(
            self.stage / place, rendered.files, rendered.manifest, narrowed=False, force=False
        )
        if report.found:  # documents that somebody edited
            click.echo(render_text([_moved(f, self.stage, self.folder) for f in report.found], {}), err=True)
            school.kept = True
        school.news = news(earlier, rendered.manifest) if earlier else ""
        school.elsewhere = self._elsewhere(school, printed_in(rendered.manifest))
        self.loaded.forget(path)

    def _elsewhere(self, school: _School, printed: Mapping[str, list[str]]) -> list[str]:
        """Where a clause of the school's own is not printed though the one that it stands beside, or follows, is or was."""
        out = []
        for own, conflict in school.made:
            clause = conflict.successor or conflict.clause
            documents = lacking(own, printed.get(clause) or [conflict.document], printed)
            if documents:
                where = f"under `{own}` in `local_clauses:`, name a rule that is printed there as `beside:`"
                out.append(f"`{own}` is not printed in {listing(documents)}: to have it there, {where}")
        return out

    def _manifest(self, school: _School) -> Entry | None:
        """What the last build of the school under its old pack printed; None where there is none."""
        path = self.folder / "build" / school.slug / school.year / MANIFEST
        return read_manifest(read_bytes(path, _MOST_BYTES)) if path.is_file() else None

    # -------------------------------------------------------------- telling it

    def _told(self, schools: Sequence[_School], keep: str) -> int:
        """Say what became of each school, and how to go back; return the exit code."""
        for school in schools:
            self._tell(school, keep)
        for place in self._of_nobody():
            click.echo(
                f"{shown(place)} was left as it is: there is no profile of that name here any more. Delete it if nobody "
                "needs its documents."
            )
        click.echo(
            f"What was there before is kept in {shown(self.folder / keep)}. To go back to it: "
            f"`aupgen init {shown(self.folder)} --undo`"
        )
        return 1 if any(school.kept for school in schools) else 0

    def _of_nobody(self) -> Iterator[Path]:
        """Folders of documents whose profile was renamed or deleted."""
        known = {profile.stem for profile in profiles_in(self.folder / "schools")}
        for place in sorted((self.folder / "build").glob("*")):
            if place.name not in known and any(place.glob(f"*/{MANIFEST}")):
                yield place

    def _tell(self, school: _School, keep: str) -> None:
        folder = shown(self.folder)
        own = f"{folder}/{school.name}"
        assert school.profile is not None
        profile, missing = school.profile, [question for question in school.open if question.required]
        issues = profile.kind not in ABOVE and bool(profile.documents)
        year = str(profile.policy_year)
        place = f"{folder}/build/{school.slug}/{year}"
        click.echo(f"{profile.name}, {year}{' (draft)' if missing else ''}: {place if issues else own}")
        if issues:
            click.echo(f"  {len(profile.documents)} documents, each as Word file, web page and Markdown")
        if school.documents:
            click.echo(f"  New documents: {', '.join(school.documents)}")
        if school.news:
            click.echo(f"  In its documents: {school.news}")
        for pick in Pick:
            ids = [conflict.successor or conflict.clause for conflict, said in school.picked if said is pick]
            if ids:
                click.echo(f"  {TOLD[pick]}: {', '.join(ids)}")
        if any(pick is Pick.LATER for _, pick in school.picked):
            click.echo(f"    To see both wordings and decide: `aupgen init {folder} --decide`")
        for line in school.elsewhere:
            click.echo(f"    {line}")
        for gone in school.taken_out:
            finding = f"{gone.what} was taken out: {gone.why}"
            click.echo(
                render_text(
                    [
                        Diagnostic(
                            "AUP628", Span(own), finding, f"it is kept in {folder}/{keep}", Severity.WARNING
                        )
                    ],
                    {},
                ),
                err=True,
            )
        for other in school.overruled:
            click.echo(f"  `{other.parameter}` is now {other.theirs} in the pack; yours holds: {other.yours}")
        decided = {f"{DECIDED}{id_}" for one, _ in school.picked for id_ in (one.clause, one.successor)}
        if idle := [key for key in school.answers.values if key.startswith(DECIDED) and key not in decided]:
            clauses = ", ".join(key.removeprefix(DECIDED) for key in idle)
            click.echo(f"  There was nothing to decide about: {clauses}")
        if school.unused:
            click.echo(f"  Not used, as the profile has its own answer already: {', '.join(school.unused)}")
        tell_what_is_open(self.folder, own, missing)
        if school.news:
            before = f"{folder}/build/{school.slug}/{school.year}"
            if year == school.year:
                before = f"{folder}/{keep}/build/{school.slug}/{year}"
            click.echo(f"  To see every change: `aupgen diff {before} {place}`")


def _moved(finding: Diagnostic, stage: Path, folder: Path) -> Diagnostic:
    path = finding.span.path.replace(f"{shown(stage)}/", f"{shown(folder)}/")
    return replace(finding, span=replace(finding.span, path=path))
