"""`aupgen init`: a folder with a library pinned in it, a school's profile, and its documents.

Everything is read, checked and rendered in a folder of its own beside the one that was asked for, which is then put
in its place in one step. Where anything is refused, nothing is there that was not there before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec import Struct, field
from msgspec.structs import replace

from aupgen import __version__
from aupgen.binding.bind import bind_profile
from aupgen.build import render_profile
from aupgen.changeover import finish
from aupgen.cli.pack import opened
from aupgen.cli.staging import (
    MOST_QUESTIONS,
    RefusedError,
    Stage,
    newest_year,
    tell_what_is_missing,
    tell_what_is_open,
)
from aupgen.files import (
    CannotRunError,
    Workspace,
    installed_library,
    lay_out,
    put_in_place,
    read_bytes,
    read_library,
    read_page_texts,
    read_text,
    shown,
    staged,
    write_file,
    write_outputs,
)
from aupgen.manifest import PINNED
from aupgen.packs.answers import Answers, read_answers
from aupgen.packs.making import intro
from aupgen.packs.profile_text import ProfileText, flow
from aupgen.packs.questions import Question, fact_question, open_questions
from aupgen.packs.record import Pinned, listed, pinned_text, read_pinned
from aupgen.packs.school import school_text, slug_of
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Nation
from aupgen.profiles.reading import slug_fault
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, listing
from aupgen.source.span import SourceText, Span


@click.command("init", short_help="Set up a folder for a school.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--pack",
    type=click.Path(path_type=Path),
    metavar="FILE.zip",
    help="The exemplar pack of your authority or trust. Default: the library that came with aupgen.",
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the answers from a YAML file, or from a CSV file with a school in each row.",
)
@click.option("--decide", is_flag=True, help="Decide what was put off when the last pack was taken in.")
@click.option(
    "--undo", "undoing", is_flag=True, help="Bring back what was in DIR before the last pack was taken in."
)
@click.pass_obj
def command(
    workspace: Path | None, folder: Path, pack: Path | None, answers: Path | None, decide: bool, undoing: bool
) -> int:
    """Set up DIR for a school: the library, its profile, and its documents in DIR/build.

    Where DIR has a school from an earlier pack, --pack takes the next one in: the school's own choices are kept, and
    where both changed a rule, it asks whose words are to hold.

    Without --answers it asks. You may stop at any question with Ctrl-C: what you said is kept beside DIR, and the
    same command goes on from there.
    """
    for path in (pack, answers):
        if path is not None and path.is_dir():
            what = "the pack itself, a .zip file" if path is pack else "the file of answers in it"
            raise CannotRunError(f"{shown(path)} is a folder: name {what}")
        if path is not None and not path.is_file():
            raise CannotRunError(f"there is no file {path}")
    if undoing and (pack or answers or decide):
        raise click.UsageError("--undo stands alone")
    if decide and pack:
        raise click.UsageError("--decide is for the pack that DIR holds already: leave --pack out")
    if folder.is_dir():
        finish(folder)
    there = _present(folder)
    if there is None and folder.resolve() == Path.cwd():
        raise CannotRunError(
            "this is the folder that you are in: go out of it with `cd ..`, then give its name"
        )
    if there is None and (undoing or decide):
        raise CannotRunError(f"{shown(folder)} holds no school yet")
    taken = None
    if pack is not None and (taken := opened(pack)) is None:
        click.echo("Nothing was written.", err=True)
        return 1
    if there and (undoing or decide or taken):
        from aupgen.cli import next_pack

        if undoing:
            return next_pack.undo_last(folder)
        if pack and taken and taken.sha256 != there.sha256:
            return next_pack.take_in(folder, there, pack, taken, answers)
        back = next_pack.put_back(folder, taken) if taken else []
        if back:
            click.echo(f"Put back in {shown(folder)} from the pack that it holds: {listing(back)}")
        if decide or (answers and next_pack.are_here(folder, there, answers)):
            return next_pack.decide(folder, there, answers)
        if answers is None and next_pack.schools_here(folder, there):
            if not back:
                click.echo(f"{shown(folder)} holds this pack already: nothing was changed.")
            click.echo(f"To add a school: `aupgen init {shown(folder)}`")
            return 0
    own: frozenset[str] = frozenset()
    with staged(folder) as stage:
        if there is None:
            files = taken.taken if taken else _shipped(workspace)
            name = shown(pack) if pack else ""
            digest, record = (taken.sha256, taken.record) if taken else ("", None)
            pinned = Pinned(__version__, Path(name).name, digest, record, listed(files))
            lay_out(stage, {**files, PINNED: pinned_text(pinned)})
            (stage / "schools").mkdir(exist_ok=True)
        else:
            pinned, name, kept = there, there.pack, _kept(folder)
            lay_out(stage, kept)
            own = frozenset(kept)
        work = _Work(folder, stage, name, pinned.published.exemplar if pinned.published else "", own=own)
        try:
            return work.run(answers, fresh=there is None)
        except RefusedError:
            if there:
                tell_what_is_missing(folder, there)
            click.echo("Nothing was written.", err=True)
            return 1


def _present(folder: Path) -> Pinned | None:
    """What the folder is pinned to, None where it is new or empty. Raises CannotRunError for any other folder."""
    if not folder.exists() and not folder.is_symlink():
        return None
    if not folder.is_dir() or folder.is_symlink():
        raise CannotRunError(f"{shown(folder)} is there already and is no folder: choose another name")
    if not any(folder.iterdir()):
        return None
    path = folder / PINNED
    pinned = read_pinned(read_bytes(path, 1_000_000)) if path.is_file() else None
    if pinned is None:
        raise CannotRunError(f"the folder {shown(folder)} is not empty: choose another name, or a new folder")
    return pinned


def _kept(folder: Path) -> dict[str, bytes]:
    """The texts of a workspace that `aupgen init` made, to add a school to it."""
    return {
        path.relative_to(folder).as_posix(): read_bytes(path, 10_000_000)
        for name in ("clauses", "templates", "templates/pack", "schools")
        for path in sorted((folder / name).glob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _shipped(workspace: Path | None) -> dict[str, bytes]:
    """The library that came with aupgen, or that of a workspace that was named."""
    place = Workspace(workspace.resolve() if workspace else installed_library())
    files, found = read_library(place)
    pages, faults = read_page_texts(place, "pack")
    if has_errors([*found, *faults]):
        raise CannotRunError(
            f"the library in {shown(place.root)} cannot be read: `aupgen list clauses` says why"
        )
    return {
        **{f"clauses/{name}": source.text.encode() for name, source in files.clauses.items()},
        **{f"templates/{name}": source.text.encode() for name, source in files.templates.items()},
        **{f"templates/pack/{name}": source.text.encode() for name, source in pages.items()},
        files.reference_name: files.reference,
    }


class _School(Struct):
    """A school on its way: its answers, the questions put to it, and the text and value of its profile."""

    answers: Answers
    slug: str
    questions: tuple[Question, ...] = ()
    text: ProfileText = field(default_factory=ProfileText)
    profile: Profile | None = None
    open: tuple[Question, ...] = ()


class _Work(Stage):
    """One run over a stage."""

    def run(self, answers: Path | None, *, fresh: bool) -> int:
        self.load()
        given, source = self._given(answers)
        schools = [_School(one, "") for one in given] if answers else [self._asked(given[0])]
        self._settle(schools, source)
        self._render(schools)
        if fresh:
            put_in_place(self.stage, self.folder)
        else:
            self._add(schools)
        with contextlib.suppress(OSError):
            if answers is None:
                self._unfinished.unlink()
        self._tell(schools)
        return 0

    # -------------------------------------------------------------- answers from a file

    @property
    def _unfinished(self) -> Path:
        """Where the answers of somebody who stopped are kept."""
        place = self.folder.resolve() if self.folder.name in ("", "..") else self.folder
        return place.with_name(f"{place.name}.answers.yaml")

    def _given(self, answers: Path | None) -> tuple[list[Answers], SourceText | None]:
        path = answers or (self._unfinished if self._unfinished.is_file() else None)
        if path is None:
            return [Answers(Span(shown(self.folder)))], None
        source, found = read_text(path)
        given: list[Answers] = []
        if source is not None:
            given, faults = read_answers(source, self.library)
            found += faults
            for one in given:  # before anything is written under that name
                if fault := slug_fault(source, slug_of(one)):
                    found.append(replace(fault, span=one.span("file")))
        self.stop_at(found, {source.path: source} if source else {})
        if answers is None:
            click.echo(f"Going on from {shown(path)}: {len(given[0].values)} questions are answered.")
        return given, source

    def _settle(self, schools: list[_School], source: SourceText | None) -> None:
        """Make and check the profile of every school; what is wrong is told at its answer. Raises RefusedError."""
        sources = {source.path: source} if source else {}
        found: list[Diagnostic] = []
        taken = {path.stem for path in (self.stage / "schools").glob("*.yaml")}
        for school in schools:
            answers = school.answers
            needed = ["name", "phase"] if self.exemplar else ["name", "nation", "phase"]
            for name in needed:
                if not answers.values.get(name):
                    message = f"not answered: {self.asked.questions[name].question}"
                    found.append(Diagnostic("AUP615", answers.whole, message, f"add `{name}`"))
            school.slug = slug_of(answers)
            if school.slug in taken:
                message = f"there is a profile `{school.slug}` already"
                help_ = "give this school another name for its file, under `file`"
                found.append(
                    Diagnostic(
                        "AUP614", answers.span("file" if "file" in answers.values else "name"), message, help_
                    )
                )
            taken.add(school.slug)
        incomplete = {finding.span for finding in found}
        for school in schools:
            if incomplete & {school.answers.whole, *school.answers.spans.values()}:
                continue
            faults = self._profile(school)
            found += [replace(f, span=self._place(school, f.span)) for f in faults]
        self.stop_at(found, {**sources, **{f"schools/{s.slug}.yaml": SourceText(f"schools/{s.slug}.yaml", s.text.text)
                                            for s in schools}}, lambda span: span)  # fmt: skip

    def _place(self, school: _School, span: Span) -> Span:
        """Where the answer stands that a line of the profile was made from; the line where there is none."""
        own = shown(self.stage / "schools" / f"{school.slug}.yaml")
        if span.path != own:
            return span
        key = school.text.keys.get(span.line, "")
        place = school.answers.span(key)
        typed_in = place.path == shown(self.folder)
        return replace(span, path=f"schools/{school.slug}.yaml") if typed_in else place

    def _profile(self, school: _School) -> list[Diagnostic]:
        """Write and read a school's profile in the stage; its findings. The questions left are those it then has."""
        assert self.loaded is not None
        path = self.stage / "schools" / f"{school.slug}.yaml"
        found: list[Diagnostic] = []
        for _ in range(4):  # an answer may raise a question, and that one another
            about = self.exemplar.name if self.exemplar else school.answers.values.get("name", "")
            school.text = school_text(
                self.library, school.answers, school.questions, self.exemplar, self.asked,
                intro(self.exemplar, self.asked) if self.exemplar else [f"{about}"], newest_year(self.library),
            )  # fmt: skip
            lay_out(self.stage, {f"schools/{school.slug}.yaml": school.text.text.encode()})
            self.loaded.forget(path)
            self.loaded.found.clear()
            school.profile, _ = self.loaded.profile(path)
            found = list(self.loaded.found)
            if school.profile is None or has_errors(found):
                return found
            school.open = open_questions(self.library, school.profile, self.asked)
            answered = [q for q in school.questions if q.key in school.answers.values]
            left = {question.key for question in school.open}
            asked = (*(q for q in answered if q.key not in left), *school.open)
            if asked == school.questions:
                break
            school.questions = asked
        assert school.profile is not None
        _, faults = bind_profile(self.library, school.profile, draft=True)
        return [*found, *(f for f in faults if f.severity is Severity.ERROR)]

    # -------------------------------------------------------------- answers from a person

    def _asked(self, answers: Answers) -> _School:
        """Put the questions to the person at the terminal, most needed first; what is answered already is passed over."""
        try:
            facts = ["name", "phase"] if self.exemplar else ["name", "nation", "phase"]
            put = 0
            for name in facts:
                put += self.put(answers, self._fact(name, answers), put)
            school = _School(answers, slug_of(answers))
            if (self.stage / "schools" / f"{school.slug}.yaml").exists():
                return school  # told with everything else
            skipped: set[str] = set()
            while True:
                faults = self._profile(school)
                if has_errors(faults) or school.profile is None:
                    (self.stage / "schools" / f"{school.slug}.yaml").unlink(missing_ok=True)
                    return school
                left = [
                    question
                    for question in school.open
                    if question.key not in answers.values and question.key not in skipped
                ]
                # one at a time: an answer may settle what else seemed to be missing
                following = [question for question in left if question.required][:1] or [
                    question for question in left if question.answers and put < MOST_QUESTIONS
                ]
                if not following:
                    (self.stage / "schools" / f"{school.slug}.yaml").unlink(missing_ok=True)
                    return school
                for question in following:
                    if not question.required and put >= MOST_QUESTIONS:
                        break
                    put += self.put(answers, question, put)
                    skipped.add(question.key)
        except (click.Abort, KeyboardInterrupt, EOFError):
            self._keep(answers)
            raise click.Abort from None

    def _fact(self, name: str, answers: Answers) -> Question:
        terms = self.library.nations
        choices: tuple[str, ...] = ()
        if name == "nation":
            choices = tuple(nation.value for nation in terms)
        elif name == "phase":
            said = self.exemplar.nation if self.exemplar else answers.values.get("nation")
            choices = tuple(terms[Nation(str(said))].phases) if said in list(Nation) else ()
        return fact_question(name, choices, self.asked)

    def _keep(self, answers: Answers) -> None:
        """Keep the answers of somebody who stops, beside the folder that is not there yet."""
        if not answers.values:
            return
        lines = [f"{key}: {flow(value)}" for key, value in answers.values.items()]
        write_file(self._unfinished, ("\n".join(lines) + "\n").encode())
        click.echo(
            f"\nYour answers are kept in {shown(self._unfinished)}. Run the same command to go on.", err=True
        )

    # -------------------------------------------------------------- documents

    def _render(self, schools: Sequence[_School]) -> None:
        assert self.loaded is not None
        shell = self.loaded.shell()
        for school in schools:
            assert school.profile is not None
            missing = [question for question in school.open if question.required]
            path = self.stage / "schools" / f"{school.slug}.yaml"
            _, digests = self.loaded.profile(path)
            profile = replace(school.profile, path=f"schools/{school.slug}.yaml")
            rendered, found = render_profile(self.library, shell, profile, digests, draft=bool(missing))
            self.stop_at([f for f in found if f.severity is Severity.ERROR], {})
            assert rendered is not None
            target = self.stage / "build" / school.slug / str(profile.policy_year)
            write_outputs(target, rendered.files, rendered.manifest, narrowed=False, force=False)

    def _add(self, schools: Sequence[_School]) -> None:
        """Put schools into a workspace that is there: their profiles, then their documents."""
        for school in schools:
            if (self.folder / "schools" / f"{school.slug}.yaml").exists():
                raise CannotRunError(
                    f"{shown(self.folder)}/schools/{school.slug}.yaml came into being meanwhile"
                )
            write_file(self.folder / "schools" / f"{school.slug}.yaml", school.text.text.encode())
            for path in sorted((self.stage / "build" / school.slug).rglob("*")):
                if path.is_file():
                    target = self.folder / path.relative_to(self.stage)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    write_file(target, read_bytes(path, 50_000_000))

    def _tell(self, schools: Sequence[_School]) -> None:
        for school in schools:
            assert school.profile is not None
            profile, missing = school.profile, [question for question in school.open if question.required]
            place = f"{shown(self.folder)}/build/{school.slug}/{profile.policy_year}"
            click.echo(f"{profile.name}, {profile.policy_year}{' (draft)' if missing else ''}: {place}")
            click.echo(f"  {len(profile.documents)} documents, each as Word file, web page and Markdown")
            tell_what_is_open(self.folder, f"{shown(self.folder)}/schools/{school.slug}.yaml", missing)
