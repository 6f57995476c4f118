"""A library laid out in a folder of its own, to be taken over: read and checked by all rules, and what it asks.

What is found is printed where the user knows the files: in the pack, in the answers, in the folder that is set up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.cli.loading import Loaded, load
from aupgen.files import read_bytes, read_text, shown
from aupgen.library.compiled import Library
from aupgen.packs.answers import Answers, hours_fault, typed
from aupgen.packs.making import TEXTS, read_texts
from aupgen.packs.profile_text import IN_PERSON, Answer
from aupgen.packs.questions import CONTACTS, Question
from aupgen.packs.record import Pinned
from aupgen.packs.safety import page_faults, reference_faults, template_faults
from aupgen.packs.school import school_text
from aupgen.packs.shapes import TextsShape
from aupgen.policy.parameter import ParameterType
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.year import FIRST_YEAR, PolicyYear
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import Diagnostic, Severity, has_errors, in_order, listing, render_text
from aupgen.source.span import SourceText, Span
from aupgen.source.text import decode

MOST_QUESTIONS = 20
"""How many questions a terminal asks; the rest stand in the profile with what holds if nothing is said."""


def build_command(folder: Path, profile: str) -> str:
    """What is typed to build a school's documents again where they are: in its own folder's `build`."""
    return f"aupgen build {profile} --out {shown(folder)}/build"


def tell_what_is_open(folder: Path, profile: str, missing: Sequence[Question]) -> None:
    """Say which questions of a school still make its documents drafts; nothing where there are none."""
    if not missing:
        return
    still = "one question is" if len(missing) == 1 else f"{len(missing)} questions are"
    then = f"Answer in {profile}, then run `{build_command(folder, profile)}`:"
    click.echo(f"  These are drafts: {still} still open. {then}")
    for question in missing:
        click.echo(f"  - {question.text}")


def tell_what_is_missing(folder: Path, there: Pinned) -> None:
    """Say which files of its pack a workspace lacks, and how they come back; nothing where there are none."""
    gone = [entry.name for entry in there.files if not (folder / entry.name).exists()]
    if gone:
        verb = "is" if len(gone) == 1 else "are"
        back = f"`aupgen init {shown(folder)} --pack {there.pack}` puts back what is missing"
        if not there.pack:
            back = "put back a copy"
        click.echo(f"{listing(gone)} {verb} missing in {shown(folder)}: {back}.", err=True)


class RefusedError(Exception):
    """What was found is printed, and nothing is to be written."""


class Stage(Struct):
    """A folder ``stage`` with a library in it that is to become that of ``folder``; the exemplar, the texts of questions.

    ``label`` names the pack in findings, "" for the shipped library; ``exemplar_slug`` likewise. ``own`` are files of
    the folder and not of the pack.
    """

    folder: Path
    stage: Path
    label: str
    exemplar_slug: str
    loaded: Loaded | None = None
    exemplar: Profile | None = None
    texts: TextsShape | None = None
    own: frozenset[str] = frozenset()

    @property
    def library(self) -> Library:
        assert self.loaded is not None
        assert self.loaded.library is not None
        return self.loaded.library

    @property
    def asked(self) -> TextsShape:
        assert self.texts is not None
        return self.texts

    # -------------------------------------------------------------- the library

    def load(self) -> None:
        """Read and check the library and the exemplar in the stage. Raises RefusedError."""
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
        self.stop_at(found, {source.path: source for source in texts.values()})
        loaded = load(self.stage)
        self.loaded = loaded
        self.stop_at(loaded.found, loaded.sources)
        assert loaded.library is not None
        self.stop_at(page_faults(loaded.library, shown(self.stage / "templates" / "page.html.j2")), {})
        source, faults = read_text(self.stage / "templates" / "pack" / TEXTS)
        if source:
            self.texts, more = read_texts(source)
            self.stop_at([*faults, *more], {source.path: source})
        for path in sorted((self.stage / "schools").glob("*.yaml")):
            profile, _ = loaded.profile(path)
            if path.stem == self.exemplar_slug:
                self.exemplar = profile
        self.stop_at(loaded.found, loaded.sources)
        if self.exemplar_slug:
            self._check_exemplar(loaded)

    def _check_exemplar(self, loaded: Loaded) -> None:
        assert loaded.library is not None
        path = shown(self.stage / "schools" / f"{self.exemplar_slug}.yaml")
        if self.exemplar is None or self.exemplar.kind is not ProfileKind.EXEMPLAR:
            message = "the profile that this pack is for is not an exemplar"
            self.stop_at(
                [Diagnostic("AUP606", Span(path), message, "ask its publisher for another pack")], {}
            )
        elif not self.exemplar.documents:
            message = "the exemplar of this pack issues no documents"
            self.stop_at(
                [Diagnostic("AUP606", Span(path), message, "ask its publisher for another pack")], {}
            )
        else:
            _, found = bind_profile(loaded.library, self.exemplar)
            self.stop_at([f for f in found if f.severity is Severity.ERROR], loaded.sources)

    def stop_at(
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
            for name in self.own:
                text = text.replace(f"{stage}{name}", shown(self.folder / name))
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
            raise RefusedError

    # -------------------------------------------------------------- answers from a person

    def put(self, answers: Answers, question: Question, number: int) -> int:
        """Ask until the answer is one that holds; 0 where it was given before, 1 where it was asked."""
        if question.key in answers.values:
            return 0
        click.echo(f"\n{number + 1}. {question.text}")
        if question.help:
            click.echo(click.wrap_text(question.help, 78, "   ", "   "))
        while True:
            value = _choice(question) if question.answers else _free(question)
            if value == "":
                if question.required:
                    continue
                return 1
            typed_value = typed(question.key, value, self.library)
            fault = self.fault_of(question.key, typed_value, answers)
            if fault is None:
                answers.values[question.key] = typed_value
                return 1
            click.echo(f"   {fault.message}" + (f"\n   {fault.help}" if fault.help else ""), err=True)

    def fault_of(self, key: str, value: Answer, answers: Answers) -> Diagnostic | None:
        """What the ordinary rules say of one answer alone; None where they let it pass."""
        if key.startswith(CONTACTS) and isinstance(value, str) and value.lower() == IN_PERSON:
            return None
        if fault := hours_fault(key, value, self.library):
            return fault
        trial = Answers(answers.whole, {"name": "School", key: value})
        text = school_text(self.library, trial, (), self.exemplar, self.asked, (), newest_year(self.library))
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


def newest_year(library: Library) -> PolicyYear:
    """The newest policy year that the library has words for."""
    return max(
        (revision.since for clause in library.clauses.values() for revision in clause.revisions),
        default=FIRST_YEAR,
    )


def _choice(question: Question) -> str:
    """An answer picked by its number; the words that it prints stand beside it."""
    values = [answer for answer, _ in question.answers]
    names = values
    if question.type is ParameterType.FLAG:
        names = ["yes" if value == "true" else "no" for value in values]
    for number, (_, words) in enumerate(question.answers, start=1):
        name = names[number - 1]
        click.echo(
            click.wrap_text(f"{number}) {name}" + (f": {words}" if words else ""), 78, "   ", "      ")
        )
    return values[picked(names, values.index(question.default) if question.default in values else None)]


def picked(names: Sequence[str], default: int | None) -> int:
    """Which of some names a person picks, by its number from 1 or the name itself; returned from 0, as ``default`` is."""
    while True:
        holds = "" if default is None else str(default + 1)
        said = str(click.prompt("   Number", default=holds, show_default=bool(holds)))
        said = "-".join(said.casefold().split())
        if not said and default is not None:
            return default
        if said in names:
            return names.index(said)
        if said.isdecimal() and 1 <= int(said) <= len(names):
            return int(said) - 1
        if said:
            click.echo(
                f"   Type a number from 1 to {len(names)}, or what stands behind it, such as {names[0]}",
                err=True,
            )


def _free(question: Question) -> str:
    """What a person types, "" where that is nothing and nothing holds by default."""
    hint = ""
    default = question.default
    if question.type is ParameterType.HOURS:
        hint = " (such as 8:30 to 15:30)"
    elif question.type in (ParameterType.WORDS, ParameterType.ROLES):
        hint = " (several with ; between)"
    elif question.key.endswith(".reach"):
        default = IN_PERSON
    said = str(click.prompt(f"   Answer{hint}", default=default, show_default=bool(default)))
    return said.strip() or default
