"""A clause of the library is edited: only what shows it is built again, and all ends as a build from nothing would."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.test_incremental import Place
from tests.e2e.test_reproducible import contents, copy_workspace

SCHOOLS = ("ashdene", "oakfield", "quarry", "southend", "trelawnyd", "valley")

# Words of its own for clauses, one of its own beside the library's, sections of its own: one that is not printed, one
# with its heading from a topic of which it prints nothing, one that prints what a clause requires, which its trust locks.
QUARRY = """\
name: Quarry School
extends: larkway
phase: primary
edition: {number: 1, date: 2026-09-01}
contacts:
  headteacher: {name: Ada Reed, email: quarry@example.org, phone: 01632 960240}
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
        clauses: [no-personal-details, device-take-home]
      - id: mobile-phones
      - id: signature
  visitor-agreement: {}
  pupil-agreement-ks1: {}
  pupil-agreement-ks2: {}
  device-loan:
    sections:
      - id: device-loan
      - id: student
        clauses: [own-account-only]
      - id: signatures
"""
LOCK = """locks:
  - clause: device-safekeeping
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
        assert (result.exit_code, result.stderr.count("error")) == (0, 0), result.stderr
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
    "words of a clause with words of a school": edit(r"(text: >-\n +)", r"\1always ")("compromise-report"),
    "words of a locked clause": edit(r"(text: >-\n +)", r"\1always ")("device-safekeeping"),
    "words of a clause that others require": edit(r"(text: >-\n +)", r"\1always ")("professional-use"),
    "the kind": edit(r"    kind: .*", "    kind: understands")("password-strength"),
    "the kind of words for one reader": edit(r"kind: statement", "kind: must")("own-account-only"),
    "the owner": edit(r"    owner: .*", "    owner: dsl")("professional-use"),
    "the owner of a duty": edit(r"    owner: .*", "    owner: dsl")("online-safety-policy-dissemination"),
    "what it cites": edit(r"    cites: .*", "    cites: [cma-1990]")("password-private"),
    "the reason": edit(r"(    rationale: >-\n +)", r"\1Again: ")("personal-phone-away"),
    "why it changed": edit(r"(        why: )", r"\1Again: ")("password-private"),
    "a change in meaning": edit(r"change: material", "change: editorial")("personal-phone-away"),
    "the status": edit(r"    status: .*", "    status: local")("password-private"),
    "a condition": key("when: {phase: [secondary]}")("password-strength"),
    "a condition nobody answered": key("when: {loan_charge: [never]}")("password-strength"),
    "optional": key("optional: true")("password-strength"),
    "no longer optional": edit(r"    optional: true\n", "")("compromise-report"),
    "the audiences": edit(r"    audiences: .*", "    audiences: [governor, pupil-ks2]")("password-strength"),
    "the audiences of a locked clause": edit(r"    audiences: .*", "    audiences: [governor]")(
        "device-safekeeping"
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
    "the last year of one named in vain": key("until: 2024-25")("own-account-only"),
    "the last year of a locked clause": key("until: 2024-25")("device-safekeeping"),
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
    "a clause removed that others name": edit(r"[\s\S]+\Z", "")("own-account-only"),
    "a clause moved": moved_to_the_end("password-private"),
    "a clause renamed": edit("id: password-manager", "id: password-keeper")("password-manager"),
    "lines above": edit(r"\A", "\n  # A note.\n\n")("password-private"),
    "a comment": edit(END, "\n    # A note.\n")("account-responsibility"),
    "the heading of a topic": lambda place: place.edit(
        "clauses/images.yaml", "(?m)^title: .*$", "title: Films"
    ),
    "words of two topics": lambda place: [
        edit(r"(text: >-\n +)", r"\1always ")(id_)(place) for id_ in ("password-private", "staff-phone-hours")
    ],
    "words here, a condition there": lambda place: [
        key("when: {phase: [secondary]}")("password-strength")(place),
        edit(r"(text: >-\n +)", r"\1always ")("staff-phone-hours")(place),
    ],
    "words, and a role’s title": lambda place: [
        edit(r"(text: >-\n +)", r"\1always ")("password-private")(place),
        place.edit("clauses/roles.yaml", "title: headteacher", "title: head teacher"),
    ],
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_clause_ends_as_a_build_from_nothing(what: str, place: Place) -> None:
    EDITS[what](place)
    again = place.build(schools=SCHOOLS)
    whole = place.build("--out", str(place.root / "whole"), schools=SCHOOLS)
    assert (again.exit_code, again.stderr) == (whole.exit_code, whole.stderr)
    ended, fresh = contents(place.root / "build"), contents(place.root / "whole")
    built = {name.split("/")[0] for name in fresh}
    assert {name: data for name, data in ended.items() if name.split("/")[0] in built} == fresh


TOLD = {
    "the audiences of a locked clause": "AUP233",
    "no requirement": "AUP233",
    "new words for one reader": "AUP349",
    "the last year of one named in vain": "AUP350",
    "a condition nobody answered": "AUP213",
    "a contradiction": "AUP217",
    "the last year of a locked clause": "AUP216",
    "a clause of the same name as a school’s": "AUP207",
    "a clause removed that others name": "AUP204",
}


@pytest.mark.parametrize("what", TOLD)
def test_what_an_edit_does_to_all_documents_together_is_told(what: str, place: Place) -> None:
    EDITS[what](place)
    assert TOLD[what] in place.build(schools=SCHOOLS).stderr
