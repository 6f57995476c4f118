"""A clause of the library is edited: only what shows it is built again, and all ends as a build from nothing would."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from aupgen.binding.bind import bind_profile
from aupgen.cli.main import aupgen
from aupgen.manifest import MANIFEST, read_manifest
from aupgen.profiles.reading import read_layer
from tests.e2e.test_incremental import Place
from tests.e2e.test_reproducible import contents, copy_workspace

SCHOOLS = ("ashdene", "oakfield", "quarry", "southend", "trelawnyd", "valley")

# Words of its own for clauses, one of its own beside the library's, sections of its own: one that is not printed, one
# with its heading from a topic of which it prints nothing, one that prints what a clause requires, which its trust locks.
# Its board has approved all of it.
QUARRY = """\
name: Quarry School
extends: larkway
phase: primary
edition: {number: 1, date: 2026-09-01}
contacts:
  headteacher: {name: Ada Reed, email: quarry@example.org, phone: 01632 960240}
  chair-of-governors: {email: quarry.chair@example.org}
  dsl: {name: Jo Lane, phone: 01632 960241, show: name}
  data-protection-lead: {email: quarry.data@example.org}
other_roles: headteacher
parameters:
  phone_free_hours: {from: 8:45, to: 15:15, places: [the staff room]}
  class_tablets: true
  tablet_name: iPads
clauses:
  compromise-report:
    text: tell {{ role.network_manager }} at once if somebody else may have {{ my }} password
    reason: Our staff ring the service desk first
  pupil-login-type:
    use: true
    text: sign in with the card from {{ my }} tray
    reason: Our youngest cannot type yet
local_clauses:
  - id: quarry-long-passwords
    topic: passwords
    beside: password-strength
    owner: network-manager
    audiences: [staff]
    kind: must
    rationale: Length is what counts.
    text: use three words or more
documents:
  staff-policy: {issue: false}
  staff-agreement:
    sections:
      - id: acceptable-use
      - id: passwords
      - id: images
        topics: []
        clauses: [no-personal-details, report-to-dsl, device-take-home]
      - id: mobile-phones
      - id: signature
  visitor-agreement: {}
  pupil-agreement-ks1: {}
  pupil-agreement-ks2: {}
  device-loan:
    sections:
      - id: device-loan
      - id: student
        clauses: [guest-wifi-key]
      - id: signatures
"""
LOCK = """locks:
  - clause: lost-damaged-report
    reason: Every device that was broken last year had been left lying about"""
KS2 = r"\n          pupil-ks2:\n            kind: statement\n            text: >-\n.*"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A workspace whose schools were built, with a cache of its own; see `place`."""
    folder = tmp_path_factory.mktemp("edited")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUPGEN_CACHE_DIR", str(folder / "cache"))
        place = Place(copy_workspace(folder / "workspace"))
        (place.root / "schools/quarry.yaml").write_text(QUARRY, encoding="utf-8")
        place.edit("schools/larkway.yaml", r"(?m)^locks:$", LOCK)
        place.clause("pupil-login-type", KS2, "")
        result = place.build(schools=SCHOOLS)
        assert (result.exit_code, "quarry" in result.stderr) == (0, False), result.stderr
        quarry = str(place.root / "schools/quarry.yaml")
        body = ("--by", "trust board", "--on", "2026-09-10")
        approved = CliRunner().invoke(aupgen, ["approve", quarry, *body], standalone_mode=False)
        assert approved.return_value == 0, approved.stderr
        place.build(schools=("quarry",))
        again = place.build("--explain", schools=SCHOOLS)
        assert again.stdout.count("all as it was: no source has changed") == len(SCHOOLS)
        shutil.copytree(folder, folder.with_name("as-it-was"))
        yield place


@pytest.fixture
def place(built: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The same, as it was before anything was edited. It stands in one place: stamps name the folder built."""
    folder = built.root.parent
    monkeypatch.setenv("AUPGEN_CACHE_DIR", str(folder / "cache"))
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("as-it-was"), folder)
    return built


def key(line: str) -> Callable[[str], Callable[[Place], object]]:
    """Give a clause one more key."""
    return lambda id_: lambda place: place.clause(id_, r"(?m)^(    kind: .*)$", rf"\1\n    {line}")


def edit(pattern: str, new: str) -> Callable[[str], Callable[[Place], object]]:
    return lambda id_: lambda place: place.clause(id_, pattern, new)


def moved_to_the_end(id_: str) -> Callable[[Place], object]:
    def move(place: Place) -> None:
        for path in (place.root / "clauses").glob("*.yaml"):
            head, *clauses = path.read_text(encoding="utf-8").rstrip("\n").split("\n  - id: ")
            own = [clause for clause in clauses if clause.startswith(f"{id_}\n")]
            if own:
                others = [clause for clause in clauses if clause not in own]
                path.write_text("\n  - id: ".join([head, *others, *own]) + "\n", encoding="utf-8")

    return move


def added_after(id_: str) -> Callable[[Place], object]:
    new = """
  - id: quite-new
    owner: headteacher
    audiences: [staff, visitor, pupil-ks2, parent, school]
    kind: must
    status: local
    rationale: It is new.
    revisions:
      - since: 2018-19
        text: begin anew
"""
    return lambda place: place.clause(id_, r"\Z", new)


def both(*edits: Callable[[Place], object]) -> Callable[[Place], object]:
    def all_of_them(place: Place) -> None:
        for one in edits:
            one(place)

    return all_of_them


always = edit(r"(\n        text: >-\n +)", r"\1always ")
ANY = r"[\s\S]*?"
END = r"\n*\Z"
REVISION = (
    "\n      - since: {}\n        change: material\n        why: It is time\n        text: begin anew\n"
)
EDITS: dict[str, Callable[[Place], object]] = {
    "words": edit(rf"(    revisions:{ANY}text: >-\n +)", r"\1always ")("password-private"),
    "the newest words": edit(r"(    revisions:[\s\S]*\n        text: >-\n +)", r"\1always ")(
        "password-private"
    ),
    "words for one reader": edit(rf"(wordings:{ANY}text: >-\n +)", r"\1Always: ")("password-strength"),
    "words for one voice": edit(rf"(wordings:{ANY}text: >-\n +)", r"\1always: ")("guest-wifi-terms"),
    "a variant": edit(rf"(variants:{ANY}text: >-\n +)", r"\1always ")("staff-phone-hours"),
    "an optional phrase": edit(r"in_places: \", except in", 'in_places: ", but not in')("staff-phone-hours"),
    "a value": edit(rf"(    revisions:{ANY}text: >-\n +)", r"\1as {{ staff_handbook }} says ")(
        "system-security"
    ),
    "words of a clause with words of a school": always("compromise-report"),
    "words of a locked clause": always("lost-damaged-report"),
    "words of a clause that others require": always("professional-use"),
    "the kind": edit(r"    kind: .*", "    kind: understands")("password-strength"),
    "the kind of words for one reader": edit(r"kind: statement", "kind: must")("own-account-only"),
    "the owner": edit(r"    owner: .*", "    owner: dsl")("professional-use"),
    "the owner of a duty": edit(r"    owner: .*", "    owner: dsl")("governors-follow-advice"),
    "what it cites": edit(r"    cites: .*", "    cites: [cma-1990]")("password-private"),
    "the reason": edit(r"(    rationale: >-\n +)", r"\1Again: ")("personal-phone-away"),
    "why it changed": edit(r"(        why: )", r"\1Again: ")("password-private"),
    "a change in meaning": edit(r"change: material", "change: editorial")("personal-phone-away"),
    "the status": edit(r"    status: .*", "    status: local")("password-private"),
    "a condition": key("when: {phase: [secondary]}")("password-strength"),
    "a condition nobody can meet": key("when: {loan_charge: [never]}")("password-strength"),
    "optional": key("optional: true")("password-strength"),
    "no longer optional": edit(r"    optional: true\n", "")("compromise-report"),
    "the audiences": edit(r"    audiences: .*", "    audiences: [governor, pupil-ks2]")("password-strength"),
    "the audiences of a locked clause": edit(r"    audiences: .*", "    audiences: [parent]")(
        "lost-damaged-report"
    ),
    "the audiences of a reworded clause": edit(r"    audiences: .*", "    audiences: [pupil-ks3]")(
        "compromise-report"
    ),
    "the nation": key("nations: [wales]")("password-strength"),
    "where it is essential": edit(r"    essential: .*", "    essential: [visitor-agreement]")(
        "password-private"
    ),
    "where it is essential besides": key("essential: [staff-agreement, pupil-agreement-ks2]")("mfa-enrol"),
    "the last year": key("until: 2024-25")("password-strength"),
    "the last year of one named in vain": key("until: 2024-25")("guest-wifi-key"),
    "the last year of a locked clause": key("until: 2025-26")("lost-damaged-report"),
    "a revision to come": edit(END, REVISION.format("2027-28"))("password-strength"),
    "a revision of this year": edit(END, REVISION.format("2026-27"))("password-strength"),
    "new words for one reader": edit(r"(\n          pupil-ks1:)", r"\n          pupil-ks2: I do it\1")(
        "pupil-login-type"
    ),
    "a requirement": key("requires: [{clause: mfa-prompt-care, reason: They go together}]")("mfa-enrol"),
    "a requirement of another topic": key("requires: [{clause: filtering-provided, reason: They belong}]")(
        "password-strength"
    ),
    "no requirement": edit(rf"    requires:\n{ANY}(    rationale)", r"\1")("device-take-home"),
    "a contradiction": key("conflicts: [{clause: password-strength, reason: One or the other}]")(
        "password-private"
    ),
    "a clause added": added_after("password-private"),
    "a clause of the same name as a school’s": edit("id: password-manager", "id: quarry-long-passwords")(
        "password-manager"
    ),
    "a clause removed": edit(r"[\s\S]+\Z", "")("password-manager"),
    "a clause removed that others name": edit(r"[\s\S]+\Z", "")("guest-wifi-key"),
    "a clause moved": moved_to_the_end("password-private"),
    "a clause renamed": edit("id: password-manager", "id: password-keeper")("password-manager"),
    "lines above": edit(r"\A", "\n  # A note.\n\n")("password-private"),
    "a comment": edit(END, "\n    # A note.\n")("account-responsibility"),
    "the heading of a topic": lambda place: place.edit(
        "clauses/images.yaml", "(?m)^title: .*$", "title: Films"
    ),
    "no requirement, and a contradiction": both(
        edit(rf"    requires:\n{ANY}(    rationale)", r"\1")("device-take-home"),
        key("conflicts: [{clause: report-to-dsl, reason: One or the other}]")("device-take-home"),
    ),
    "words of two topics": both(always("password-private"), always("staff-phone-hours")),
    "words here, a condition there": both(
        key("when: {phase: [secondary]}")("password-strength"), always("staff-phone-hours")
    ),
    "words, and a role’s title": both(
        always("password-private"),
        lambda place: place.edit("clauses/roles.yaml", "title: headteacher", "title: head teacher"),
    ),
}
TOLD = {
    "the newest words": "AUP411",
    "the audiences of a locked clause": "AUP233",
    "no requirement": "AUP233",
    "no requirement, and a contradiction": "AUP233",
    "new words for one reader": "AUP349",
    "the last year of one named in vain": "AUP350",
    "the last year of a locked clause": "AUP216",
    "a contradiction": "AUP217",
    "a condition nobody can meet": "AUP213",
    "a clause of the same name as a school’s": "AUP207",
    "a clause removed that others name": "AUP204",
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_clause_ends_as_a_build_from_nothing(what: str, place: Place) -> None:
    EDITS[what](place)
    again = place.build(schools=SCHOOLS)
    whole = place.build("--out", str(place.root / "whole"), schools=SCHOOLS)
    assert (again.exit_code, again.stderr) == (whole.exit_code, whole.stderr)
    assert TOLD.get(what, "") in again.stderr
    ended, fresh = contents(place.root / "build"), contents(place.root / "whole")
    built = {name.split("/")[0] for name in fresh}
    assert {name: data for name, data in ended.items() if name.split("/")[0] in built} == fresh


# ------------------------------------------------------------------ what is not done again


class Asked:
    """Which documents were bound, and which profiles read, since the last build of all schools."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bound: dict[str, set[str]] = {}
        self.read: list[str] = []

        def bind(library: Any, profile: Any, **options: Any) -> Any:
            bound, found = bind_profile(library, profile, **options)
            self.bound[profile.slug] = {document.meta.id for document in bound.documents}
            return bound, found

        def read(source: Any, slug: str, library: Any) -> Any:
            self.read.append(slug)
            return read_layer(source, slug, library)

        monkeypatch.setattr("aupgen.build.bind_profile", bind)
        monkeypatch.setattr("aupgen.profiles.reading.read_layer", read)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


def printing(place: Place, *clauses: str) -> dict[str, set[str]]:
    """The documents of each school that print one of some clauses, as its manifest says; no school without any."""
    out: dict[str, set[str]] = {}
    for path in (place.root / "build").rglob(MANIFEST):
        manifest = read_manifest(path.read_bytes())
        assert manifest is not None
        for document in manifest["documents"]:
            printed = {clause["id"] for section in document["sections"] for clause in section["clauses"]}
            if printed.intersection(clauses):
                out.setdefault(manifest["profile"], set()).add(document["id"])
    return out


@pytest.mark.parametrize(
    "id_", ["password-private", "professional-use", "lost-damaged-report", "head-overall"]
)
def test_words_bind_again_the_documents_that_print_them(id_: str, place: Place, asked: Asked) -> None:
    expected = printing(place, id_)
    assert expected
    always(id_)(place)
    result = place.build("--explain", schools=SCHOOLS)
    assert asked.bound == expected
    assert not asked.read
    lines = re.findall(
        r"(?m)^  [a-z0-9-]+: built: the clause `([a-z-]+)` \(clauses/[a-z-]+.yaml\) changed$", result.stdout
    )
    assert lines == [id_] * sum(map(len, expected.values()))


def test_a_library_that_is_no_longer_kept_is_compared_by_its_files(place: Place, asked: Asked) -> None:
    for kept in (place.root.parent / "cache").glob("library-*"):
        kept.unlink()
    always("fair-bandwidth")(place)
    result = place.build("--explain", schools=("oakfield",))
    assert asked.bound == {"oakfield": {"community-wifi", "online-safety-policy", "visitor-agreement"}}
    assert "  community-wifi: built: clauses/guest-wifi.yaml changed\n" in result.stdout
    assert "  staff-policy: as it was: nothing it prints has changed\n" in result.stdout


@pytest.mark.parametrize("what", ["lines above", "a comment", "a clause moved"])
def test_profiles_are_not_read_anew_where_a_topic_only_looks_otherwise(
    what: str, place: Place, asked: Asked
) -> None:
    EDITS[what](place)
    place.build(schools=SCHOOLS)
    assert not asked.read
    assert bool(asked.bound) is (what == "a clause moved")


@pytest.mark.parametrize("what", ["a value", "the kind", "a clause added", "a clause renamed"])
def test_profiles_are_read_anew_where_they_may_say_something_else(
    what: str, place: Place, asked: Asked
) -> None:
    EDITS[what](place)
    place.build(schools=SCHOOLS)
    assert set(asked.read) >= set(SCHOOLS)


def test_each_school_is_compared_with_the_library_it_was_built_with(place: Place, asked: Asked) -> None:
    always("password-private")(place)
    place.build(schools=("oakfield", "quarry"))
    edit(r"(\n        text: >-\n +)", r"\1still ")("professional-use")(place)
    asked.bound.clear()
    place.build(schools=SCHOOLS)
    both, last = printing(place, "password-private", "professional-use"), printing(place, "professional-use")
    assert asked.bound == {
        slug: (last if slug in ("oakfield", "quarry") else both)[slug] for slug in asked.bound
    }
    assert asked.bound.keys() == both.keys() - ({"oakfield", "quarry"} - last.keys())
