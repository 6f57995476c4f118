"""`aupgen init`: a folder with a library pinned in it, a school's profile, and its documents.

Everything is read, checked and rendered in a folder of its own beside the one that was asked for, which is then put
in its place in one step. Where anything is refused, nothing is there that was not there before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from msgspec import Struct, field
from msgspec.structs import replace

from aupgen import __version__
from aupgen.binding.bind import bind_profile
from aupgen.build import render_profile
from aupgen.cli.loading import Loaded, load
from aupgen.cli.pack import opened
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
from aupgen.library.compiled import Library
from aupgen.packs.answers import Answers, hours_fault, read_answers, typed
from aupgen.packs.making import TEXTS, intro, read_texts
from aupgen.packs.profile_text import IN_PERSON, Answer, ProfileText, flow
from aupgen.packs.questions import CONTACTS, Question, fact_question, open_questions
from aupgen.packs.record import PINNED, Pinned, listed, pinned_text, read_pinned
from aupgen.packs.safety import page_faults, reference_faults, template_faults
from aupgen.packs.school import school_text, slug_of
from aupgen.packs.shapes import TextsShape
from aupgen.policy.parameter import ParameterType
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.terms import Nation
from aupgen.policy.year import FIRST_YEAR, PolicyYear
from aupgen.profiles.reading import read_layer, slug_fault
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, in_order, render_text
from aupgen.source.span import SourceText, Span
from aupgen.source.text import decode

MOST_QUESTIONS = 20
"""How many questions a terminal asks; the rest stand in the profile with what holds if nothing is said."""


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
@click.pass_obj
def command(workspace: Path | None, folder: Path, pack: Path | None, answers: Path | None) -> int:
    """Set up DIR for a school: the library, its profile, and its documents in DIR/build.

    Without --answers it asks. You may stop at any question with Ctrl-C: what you said is kept beside DIR, and the
    same command goes on from there.
    """
    for path in (pack, answers):
        if path is not None and not path.is_file():
            raise CannotRunError(f"there is no file {path}")
    there = _present(folder)
    taken = None
    if pack is not None and (taken := opened(pack)) is None:
        click.echo("Nothing was written.", err=True)
        return 1
    if there and taken and taken.sha256 != there.sha256:
        of = there.pack or "the library that came with aupgen"
        raise CannotRunError(f"{shown(folder)} holds {of}, and not this pack: choose another folder for it")
    with staged(folder) as stage:
        if there is None:
            files = taken.taken if taken else _shipped(workspace)
            name = shown(pack) if pack else ""
            digest, record = (taken.sha256, taken.record) if taken else ("", None)
            pinned = Pinned(__version__, Path(name).name, digest, record, listed(files))
            lay_out(stage, {**files, PINNED: pinned_text(pinned)})
            (stage / "schools").mkdir(exist_ok=True)
        else:
            pinned, name = there, there.pack
            lay_out(stage, _kept(folder))
        work = _Work(folder, stage, name, pinned.published.exemplar if pinned.published else "")
        try:
            return work.run(answers, fresh=there is None)
        except _RefusedError:
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


class _RefusedError(Exception):
    """What was found is printed, and nothing is to be written."""


class _School(Struct):
    """A school on its way: its answers, the questions put to it, and the text and value of its profile."""

    answers: Answers
    slug: str
    questions: tuple[Question, ...] = ()
    text: ProfileText = field(default_factory=ProfileText)
    profile: Profile | None = None
    open: tuple[Question, ...] = ()


class _Work(Struct):
    """One run over a stage: the library loaded from it, the exemplar, the texts of questions.

    ``label`` names the pack in findings, "" for the shipped library; ``exemplar_slug`` likewise.
    """

    folder: Path
    stage: Path
    label: str
    exemplar_slug: str
    loaded: Loaded | None = None
    exemplar: Profile | None = None
    texts: TextsShape | None = None

    def run(self, answers: Path | None, *, fresh: bool) -> int:
        self._load()
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

    # -------------------------------------------------------------- the library

    def _load(self) -> None:
        """Read and check the library and the exemplar in the stage. Raises _RefusedError."""
        texts: dict[str, SourceText] = {}
        found: list[Diagnostic] = []
        for folder in ("templates", "templates/pack"):
            for path in sorted((self.stage / folder).glob("*")):
                if path.is_file() and path.suffix != ".docx":
                    source, faults = decode(shown(path), read_bytes(path))
                    found += faults
                    if source and path.suffix in (".j2", ".css"):
                        texts[f"{folder}/{path.name}"] = source
        reference = self.stage / "templates" / "reference.docx"
        found += template_faults(texts)
        found += reference_faults(read_bytes(reference, 2_000_000), shown(reference))
        self._stop_at(found, {source.path: source for source in texts.values()})
        loaded = load(self.stage)
        self.loaded = loaded
        self._stop_at(loaded.found, loaded.sources)
        assert loaded.library is not None
        self._stop_at(page_faults(loaded.library, shown(self.stage / "templates" / "page.html.j2")), {})
        source, faults = read_text(self.stage / "templates" / "pack" / TEXTS)
        if source:
            self.texts, more = read_texts(source)
            self._stop_at([*faults, *more], {source.path: source})
        for path in sorted((self.stage / "schools").glob("*.yaml")):
            profile, _ = loaded.profile(path)
            if path.stem == self.exemplar_slug:
                self.exemplar = profile
        self._stop_at(loaded.found, loaded.sources)
        if self.exemplar_slug:
            self._check_exemplar(loaded)

    def _check_exemplar(self, loaded: Loaded) -> None:
        assert loaded.library is not None
        path = shown(self.stage / "schools" / f"{self.exemplar_slug}.yaml")
        if self.exemplar is None or self.exemplar.kind is not ProfileKind.EXEMPLAR:
            message = "the profile that this pack is for is not an exemplar"
            self._stop_at(
                [Diagnostic("AUP606", Span(path), message, "ask its publisher for another pack")], {}
            )
        elif not self.exemplar.documents:
            message = "the exemplar of this pack issues no documents"
            self._stop_at(
                [Diagnostic("AUP606", Span(path), message, "ask its publisher for another pack")], {}
            )
        else:
            _, found = bind_profile(loaded.library, self.exemplar)
            self._stop_at([f for f in found if f.severity is Severity.ERROR], loaded.sources)

    def _stop_at(
        self,
        found: Sequence[Diagnostic],
        sources: Mapping[str, SourceText],
        place: Callable[[Span], Span] | None = None,
    ) -> None:
        """Print findings where the user knows the files: in the pack, in the answers. Errors end the work."""
        if not found:
            return
        stage = f"{shown(self.stage)}/"
        label = f"{self.label}!" if self.label else ""

        def moved(text: str) -> str:
            return text.replace(stage, label)

        told = [
            replace(
                finding,
                span=place(finding.span) if place else replace(finding.span, path=moved(finding.span.path)),
                message=moved(finding.message),
                help=moved(finding.help),
                notes=tuple(map(moved, finding.notes)),
            )
            for finding in found
        ]
        texts = {moved(path): source for path, source in sources.items()}
        click.echo(render_text(in_order(told), texts), err=True)
        if has_errors(found):
            raise _RefusedError

    # -------------------------------------------------------------- answers from a file

    @property
    def library(self) -> Library:
        assert self.loaded is not None
        assert self.loaded.library is not None
        return self.loaded.library

    @property
    def asked(self) -> TextsShape:
        assert self.texts is not None
        return self.texts

    @property
    def _unfinished(self) -> Path:
        """Where the answers of somebody who stopped are kept."""
        return self.folder.with_name(f"{self.folder.name}.answers.yaml")

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
        self._stop_at(found, {source.path: source} if source else {})
        if answers is None:
            click.echo(f"Going on from {shown(path)}: {len(given[0].values)} questions are answered.")
        return given, source

    def _settle(self, schools: list[_School], source: SourceText | None) -> None:
        """Make and check the profile of every school; what is wrong is told at its answer. Raises _RefusedError."""
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
        self._stop_at(found, {**sources, **{f"schools/{s.slug}.yaml": SourceText(f"schools/{s.slug}.yaml", s.text.text)
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
                intro(self.exemplar, self.asked) if self.exemplar else [f"{about}"], _newest_year(self.library),
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
                put += self._put(answers, self._fact(name, answers), put)
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
                    put += self._put(answers, question, put)
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

    def _put(self, answers: Answers, question: Question, number: int) -> int:
        """Ask until the answer is one that holds; 0 where it was given before, 1 where it was asked."""
        if question.key in answers.values:
            return 0
        click.echo(f"\n{number + 1}. {question.text}")
        if question.help:
            click.echo(click.wrap_text(question.help, 78, "   ", "   "))
        while True:
            value = _choice(question) if question.answers else _free(question)
            if value == "" and not question.required:
                return 1
            typed_value = typed(question.key, value, self.library)
            fault = self._fault_of(question.key, typed_value, answers)
            if fault is None:
                answers.values[question.key] = typed_value
                return 1
            click.echo(f"   {fault.message}" + (f"\n   {fault.help}" if fault.help else ""), err=True)

    def _fault_of(self, key: str, value: Answer, answers: Answers) -> Diagnostic | None:
        """What the ordinary rules say of one answer alone; None where they let it pass."""
        if key.startswith(CONTACTS) and isinstance(value, str) and value.lower() == IN_PERSON:
            return None
        if fault := hours_fault(key, value, self.library):
            return fault
        trial = Answers(answers.whole, {"name": "School", key: value})
        text = school_text(self.library, trial, (), self.exemplar, self.asked, (), _newest_year(self.library))
        source = SourceText("answer", text.text)
        _, found = read_layer(source, "school", self.library)
        role = key.rpartition(".")[0] if key.startswith(CONTACTS) else key
        return next(
            (
                f
                for f in found
                if f.severity is Severity.ERROR and text.keys.get(f.span.line, "").startswith(role)
            ),
            None,
        )

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
            self._stop_at([f for f in found if f.severity is Severity.ERROR], {})
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
            if missing:
                own = f"{shown(self.folder)}/schools/{school.slug}.yaml"
                still = "one question is" if len(missing) == 1 else f"{len(missing)} questions are"
                click.echo(
                    f"  These are drafts: {still} still open. Answer in {own}, then run `aupgen build {own}`:"
                )
                for question in missing:
                    click.echo(f"  - {question.text}")


def _newest_year(library: Library) -> PolicyYear:
    """The newest policy year that the library has words for."""
    return max(
        (revision.since for clause in library.clauses.values() for revision in clause.revisions),
        default=FIRST_YEAR,
    )


def _choice(question: Question) -> str:
    """An answer picked by its number; the words that it prints stand beside it."""
    answers = list(question.answers)
    for number, (answer, words) in enumerate(answers, start=1):
        shown_as = (
            {"true": "yes", "false": "no"}.get(answer, answer)
            if question.type is ParameterType.FLAG
            else answer
        )
        click.echo(
            click.wrap_text(f"{number}) {shown_as}" + (f": {words}" if words else ""), 78, "   ", "      ")
        )
    values = [answer for answer, _ in answers]
    default = values.index(question.default) + 1 if question.default in values else None
    number = click.prompt("   Number", type=click.IntRange(1, len(answers)), default=default)
    return values[int(number) - 1]


def _free(question: Question) -> str:
    hint = ""
    default: str | None = question.default or (None if question.required else "")
    if question.type is ParameterType.HOURS:
        hint = " (such as 8:30 to 15:30)"
    elif question.type in (ParameterType.WORDS, ParameterType.ROLES):
        hint = " (several with ; between)"
    elif question.key.endswith(".reach"):
        default = IN_PERSON
    return str(click.prompt(f"   Answer{hint}", default=default, show_default=bool(default))).strip()
