"""What a change of a clause concerns: the choice of clauses, their words alone, or the reading of profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import fields, replace

from aupgen.files import Workspace, profiles_in, read_library, read_text
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.library.concerns import edits_between
from aupgen.policy.clause import Clause, ClauseLink, Revision, Topic, Wording
from aupgen.policy.terms import Audience, Change, Kind, Nation, Status
from aupgen.policy.wording import Literal
from aupgen.policy.year import PolicyYear
from aupgen.profiles.reading import read_layer
from aupgen.source.span import SourceText, Span
from tests.conftest import ROOT

HERE, THERE = Span("clauses/phones.yaml", 5), Span("clauses/phones.yaml", 50)
LINK = ClauseLink("phones-off", "They belong together", HERE)
REVISION = Revision(PolicyYear(2018), Wording((Literal("keep it away"),)))
CLAUSE = Clause(
    "phones-away", "phones", "headteacher", (Audience.STAFF,), Kind.MUST, Status.LOCAL, "It rings", (REVISION,), HERE,
    requires=(LINK,), conflicts=(LINK,),
)  # fmt: skip
OTHER = replace(CLAUSE, id="phones-off", requires=(), conflicts=())


def revised(**changes: object) -> Clause:
    return replace(CLAUSE, revisions=(replace(REVISION, **changes),))


WORDS = Wording((Literal("put it away"),))
READS_OTHERWISE = {
    "owner": replace(CLAUSE, owner="dsl"),
    "kind": replace(CLAUSE, kind=Kind.MAY),
    "status": replace(CLAUSE, status=Status.LAW),
    "rationale": replace(CLAUSE, rationale="It buzzes"),
    "cites": replace(CLAUSE, cites=("dfe-mobile-phones",)),
    "revision.wording": revised(wording=WORDS),
    "revision.change": revised(change=Change.MATERIAL),
    "revision.why": revised(why="Watches came"),
    "revision.variants": revised(variants=(WORDS,)),
}
CHOSEN_OTHERWISE = {
    "id": replace(CLAUSE, id="phones-gone"),
    "topic": replace(CLAUSE, topic="devices"),
    "audiences": replace(CLAUSE, audiences=(Audience.GOVERNOR,)),
    "revisions": replace(CLAUSE, revisions=(REVISION, replace(REVISION, since=PolicyYear(2026)))),
    "essential": replace(CLAUSE, essential=("staff-agreement",)),
    "nations": replace(CLAUSE, nations=(Nation.WALES,)),
    "when": replace(CLAUSE, when=(("live_lessons", ("true",)),)),
    "optional": replace(CLAUSE, optional=True),
    "until": replace(CLAUSE, until=PolicyYear(2025)),
    "requires": replace(CLAUSE, requires=()),
    "conflicts": replace(CLAUSE, conflicts=(replace(LINK, reason="Another"),)),
    "replaces": replace(CLAUSE, replaces=("pagers-away",)),
    "layer": replace(CLAUSE, layer="valley"),
    "beside": replace(CLAUSE, beside="phones-off"),
    "revision.since": revised(since=PolicyYear(2019)),
    "revision.special": revised(special={"parent": WORDS}),
}
MOVED = {
    "span": replace(CLAUSE, span=THERE),
    "links": replace(CLAUSE, requires=(replace(LINK, span=THERE),), conflicts=(replace(LINK, span=THERE),)),
}


def topics(*clauses: Clause, title: str = "Phones") -> dict[str, Topic]:
    return {"phones": Topic("phones", title, clauses)}


BEFORE = topics(OTHER, CLAUSE)


def test_every_part_of_a_clause_is_known_to_decide_or_to_show() -> None:
    parts = {field.name for field in fields(Clause)} | {
        f"revision.{field.name}" for field in fields(Revision)
    }
    assert parts == READS_OTHERWISE.keys() | CHOSEN_OTHERWISE.keys() | {"span"}


@pytest.mark.parametrize("part", READS_OTHERWISE)
def test_what_only_shows_concerns_the_clause(part: str) -> None:
    edits = edits_between(BEFORE, topics(OTHER, READS_OTHERWISE[part]))
    assert (edits.rechosen, edits.reworded) == (frozenset(), {"phones": ("phones-away",)})


def test_other_words_for_a_reader_who_had_some_concern_the_clause() -> None:
    had = topics(revised(special={"parent": REVISION.wording}))
    edits = edits_between(had, topics(revised(special={"parent": WORDS})))
    assert (edits.rechosen, edits.reworded) == (frozenset(), {"phones": ("phones-away",)})


@pytest.mark.parametrize("part", CHOSEN_OTHERWISE)
def test_what_decides_concerns_the_topic(part: str) -> None:
    edits = edits_between(BEFORE, topics(OTHER, CHOSEN_OTHERWISE[part]))
    assert (edits.rechosen, edits.reworded) == (frozenset({"phones"}), {})


@pytest.mark.parametrize("part", MOVED)
def test_another_line_concerns_nothing(part: str) -> None:
    assert edits_between(BEFORE, topics(OTHER, MOVED[part])).reworded == {"phones": ()}


@pytest.mark.parametrize(
    "now",
    [topics(CLAUSE, OTHER), topics(CLAUSE), topics(OTHER, CLAUSE, replace(OTHER, id="third")), {}],
    ids=["order", "one went", "one came", "the topic went"],
)
def test_clauses_that_come_go_or_move_concern_the_topic(now: dict[str, Topic]) -> None:
    assert edits_between(BEFORE, now).rechosen == {"phones"}
    assert edits_between(now, BEFORE).rechosen == {"phones"}


def test_a_topic_s_title_is_a_heading_of_those_that_draw_on_it() -> None:
    assert edits_between(BEFORE, topics(OTHER, CLAUSE, title="Devices")).rechosen == {"phones"}


# ------------------------------------------------------------------ what reading a profile depends on


def compiled(change: Callable[[str], str] = str, file: str = "clauses/passwords.yaml") -> Library:
    """The shipped library with one of its files changed."""
    files, _ = read_library(Workspace(ROOT))
    texts = {"clauses": dict(files.clauses), "templates": dict(files.templates)}
    folder, name = file.split("/")
    source = texts[folder][name]
    changed = change(source.text)
    assert change is str or changed != source.text
    texts[folder][name] = SourceText(source.path, changed)
    library, _ = compile_library(texts["clauses"], texts["templates"])
    assert library is not None
    return library


def once(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


AS_BEFORE = {
    "words": once(
        "follow the school’s rules on cyber security", "keep to the school’s rules on cyber security"
    ),
    "a rationale": once("One shared password makes", "A shared password makes"),
    "an owner": once("owner: network-manager", "owner: computing-lead"),
    "who it is for": once("audiences: [staff, governor,", "audiences: [staff,"),
    "a comment": once("topic: passwords", "# A note.\n\ntopic: passwords"),
}
OTHERWISE = {
    "an id": once("id: password-private", "id: password-secret"),
    "a kind": once("kind: must\n", "kind: may\n"),
    "what it asks for": once("follow the school’s rules on", "follow the {{ staff_handbook }} on"),
    "the kind of words for one reader": lambda text: text.replace("kind: statement", "kind: must"),
}


@pytest.mark.parametrize("edit", AS_BEFORE)
def test_profiles_are_read_with_the_same(edit: str, library: Library) -> None:
    assert compiled(AS_BEFORE[edit]).read_with == library.read_with


@pytest.mark.parametrize("edit", OTHERWISE)
def test_profiles_are_read_with_something_else(edit: str, library: Library) -> None:
    assert compiled(OTHERWISE[edit]).read_with != library.read_with


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("clauses/parameters.yaml", "name: staff_handbook", "name: staff_manual"),
        ("clauses/roles.yaml", "id: headteacher", "id: head"),
        ("clauses/voices.yaml", "I will", "I shall"),
        ("templates/staff-policy.md.j2", 'section("', 'section("x-'),
    ],
)
def test_profiles_are_read_with_registers_and_templates(
    file: str, old: str, new: str, library: Library
) -> None:
    assert compiled(once(old, new), file).read_with != library.read_with


@dataclass
class Watched:
    """Stands for a value, and takes down what is asked of it."""

    value: Any
    asked: set[str]
    inside: dict[str, Callable[[Any], Any]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        value = getattr(self.value, name)
        return self.inside[name](value) if name in self.inside else value


def test_reading_looks_at_nothing_that_the_digest_leaves_out(library: Library) -> None:
    of_library, of_clauses, of_revisions = set[str](), set[str](), set[str]()

    def revisions(values: Any) -> Any:
        return [Watched(value, of_revisions) for value in values]

    def clauses(values: Any) -> Any:
        return {id_: Watched(clause, of_clauses, {"revisions": revisions}) for id_, clause in values.items()}

    watched: Any = Watched(library, of_library, {"clauses": clauses})
    for path in profiles_in(ROOT / "schools"):
        source, _ = read_text(path)
        assert source is not None
        assert read_layer(source, path.stem, watched)[0] == read_layer(source, path.stem, library)[0]
    assert of_clauses == {"kind", "parameter_names", "revisions"}
    assert of_revisions == {"special"}
    assert of_library == {"clauses", "documents", "language", "names", "parameters", "roles", "topics"}
