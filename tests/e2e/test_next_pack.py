"""Taking the next pack in: what both the authority and the school changed is asked, recorded and carried out; nothing of
the school's is lost, and all of it can be undone."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from aupgen.changeover import finish
from aupgen.cli.main import run
from aupgen.packs.archive import read_archive
from tests.conftest import ROOT
from tests.e2e import next_packs
from tests.e2e.next_packs import ANSWERS, OWN
from tests.e2e.poison import with_record
from tests.e2e.test_packs import Command, commands_in
from tests.e2e.test_packs_story import on_a_terminal
from tests.e2e.test_poisoned_packs import everything
from tests.e2e.test_writing import Driver
from tests.unit.test_yaml_edit import added

PROFILE = "schools/ashby-school.yaml"
LAPTOPS = "laptop_store: the store room\n"


def silently(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(list(arguments))
    assert ended.value.code == 0


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `one.zip`, `two.zip`, and `ashby`: a school set up from the first, with choices of its own."""
    folder = next_packs.workspace(tmp_path_factory.mktemp("authority"))
    profile = str(folder / "schools" / "southend.yaml")
    silently("pack", profile, "--out", str(folder / "one.zip"))
    next_packs.a_year_later(folder)
    silently("pack", profile, "--out", str(folder / "two.zip"), "--since", str(folder / "one.zip"))
    (folder / "a.yaml").write_text(ANSWERS, encoding="utf-8")
    ashby = folder / "ashby"
    silently("init", str(ashby), "--pack", str(folder / "one.zip"), "--answers", str(folder / "a.yaml"))
    shutil.copytree(ashby, folder / "plain")
    next_packs.add(ashby, PROFILE, OWN)
    silently("build", str(ashby / PROFILE), "--out", str(ashby / "build"))
    return folder


@pytest.fixture
def aupgen(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in the folder that the school and the packs are in."""
    return commands_in(tmp_path, capsys, monkeypatch)


@pytest.fixture
def ashby(packs: Path, tmp_path: Path) -> Path:
    """The school, with both packs beside it."""
    for name in ("one.zip", "two.zip"):
        shutil.copy(packs / name, tmp_path)
    shutil.copytree(packs / "ashby", tmp_path / "ashby")
    return tmp_path / "ashby"


def said(folder: Path, name: str = "a.yaml", **answers: str) -> str:
    """A file of answers: decisions by clause, with `_` for the hyphens."""
    lines = "".join(f"  {id_.replace('_', '-')}: {pick}\n" for id_, pick in answers.items())
    text = LAPTOPS + (f"decided:\n{lines}" if lines else "")
    (folder / name).write_text(text, encoding="utf-8")
    return name


def page_of(school: Path, document: str) -> str:
    return (school / "build" / "ashby-school" / "2019-20" / f"{document}.md").read_text(encoding="utf-8")


def policy(school: Path) -> str:
    return page_of(school, "staff-policy")


def words(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


THEIRS = "use other people’s work only where the licence lets"
MINE = "respect copyright, and ask the librarian in case of doubt"


def test_a_school_without_choices_of_its_own_gets_what_a_new_school_would(
    packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    shutil.copytree(packs / "plain", tmp_path / "taken")
    (tmp_path / "a.yaml").write_text(ANSWERS + LAPTOPS, encoding="utf-8")
    pack = str(packs / "two.zip")
    done = aupgen("init", "taken", "--pack", pack, "--answers", "a.yaml")
    assert done.code == 0, done.err
    assert "Waiting" not in done.out
    assert aupgen("init", "fresh", "--pack", pack, "--answers", "a.yaml").code == 0
    place = Path("build") / "ashby-school" / "2019-20"
    assert words(tmp_path / "taken" / place) == words(tmp_path / "fresh" / place)
    assert len(words(tmp_path / "taken" / place)) == 12
    for name in ("clauses", "templates"):
        assert everything(tmp_path / "taken" / name) == everything(tmp_path / "fresh" / name)


def test_what_is_put_off_stays_as_the_school_has_it_and_is_told_until_it_is_decided(
    ashby: Path, aupgen: Command
) -> None:
    before = (ashby / PROFILE).read_text(encoding="utf-8")
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent))
    assert done.code == 0, done.err
    assert "Waiting for your decision; yours holds until then: copyright\n" in done.out
    assert "New documents: device-loan" in done.out
    assert MINE in policy(ashby)
    assert THEIRS not in policy(ashby)
    new = added(before, (ashby / PROFILE).read_text(encoding="utf-8"))
    assert "  laptop_store: the store room" in new
    assert "    was: I will respect copyright and other intellectual property rights." in new
    assert "    choice: later" in new
    built = aupgen("build", f"ashby/{PROFILE}", "--out", "ashby/build")
    assert built.code == 0
    assert re.search(
        r"ashby-school\.yaml:\d+:3: warning AUP616: Ashby School has not decided yet about `copyright`",
        built.err,
    )
    assert "`aupgen init ashby --decide`" in built.err
    assert "AUP616" in aupgen("check", f"ashby/{PROFILE}").out
    shown = aupgen("init", "ashby", "--decide").out
    assert "It was:  I will respect copyright and other intellectual property rights." in shown
    assert "Theirs:  I will use other people’s work only where the licence lets me." in shown
    assert "Yours:   I will respect copyright, and ask the librarian in case of doubt." in shown
    assert "Why:     Asked for by our schools" in shown


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("pick", ["keep", "take", "both"])
def test_a_decision_is_carried_out_recorded_and_not_asked_again(
    ashby: Path, aupgen: Command, pick: str, at_once: bool
) -> None:
    decided = said(ashby.parent, "decided.yaml", copyright=pick)
    if at_once:
        done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", decided)
    else:
        assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent)).code == 0
        done = aupgen("init", "ashby", "--decide", "--answers", decided)
    assert done.code == 0, done.err
    text = (ashby / PROFILE).read_text(encoding="utf-8")
    assert re.search(rf"decided:\n  copyright:\n    choice: {pick}\n    pack: 2019-20, edition 1\n", text)
    assert (MINE in policy(ashby), THEIRS in policy(ashby)) == (pick != "take", pick != "keep")
    assert ("reason: Our librarian asked for it" in text) == (pick == "keep")
    assert ("# copyright: the librarian asked" in text) == (pick != "take")
    assert "# What our governors decided on 12 May" in text
    if pick == "both":
        assert "  # copyright: the librarian asked\n  - id: copyright-own\n" in text
        assert "  - id: copyright-own\n    topic: acceptable-use\n    owner: computing-lead\n" in text
        assert "    beside: copyright\n" in text
        assert "is not printed in" not in done.out
        for name in ("staff-agreement", "staff-policy"):  # the agreement names its clauses one by one
            lines = page_of(ashby, name).splitlines()
            theirs = next(number for number, line in enumerate(lines) if THEIRS in line)
            assert MINE in lines[theirs + 1], name
    built = aupgen("build", f"ashby/{PROFILE}", "--out", "ashby/build")
    assert (built.code, built.err) == (0, "")
    assert all(line.endswith("(unchanged)") for line in built.out.splitlines()[1:])
    before = everything(ashby)
    for arguments in (("--pack", "two.zip"), ("--pack", "two.zip", "--answers", decided), ("--decide",)):
        again = aupgen("init", "ashby", *arguments)
        assert again.code == 0, again.err
        assert everything(ashby) == before


def test_what_was_left_out_and_what_was_set_is_asked_where_the_authority_changed_it(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    next_packs.edit(
        third, "schools/southend.yaml", "(?m)^clauses:\n",
        "clauses:\n  no-disrepute:\n    text: say nothing online that harms the school\n    reason: Shorter\n"
        "  install-permission:\n    parameters: {permission_from: [headteacher]}\n",
    )  # fmt: skip
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    shutil.copytree(ashby, tmp_path / "other")
    kept = said(tmp_path, "k.yaml", copyright="keep", no_disrepute="keep", install_permission="keep")
    assert aupgen("init", "ashby", "--pack", "three.zip", "--answers", kept).code == 0
    assert "harms the school" not in policy(ashby)
    assert "without permission from the Governing Body" in policy(ashby)
    taken = said(tmp_path, "t.yaml", copyright="keep", no_disrepute="take", install_permission="take")
    assert aupgen("init", "other", "--pack", "three.zip", "--answers", taken).code == 0
    assert "harms the school" in policy(tmp_path / "other")
    assert "install nothing without permission from the Headteacher" in policy(tmp_path / "other")
    text = (tmp_path / "other" / PROFILE).read_text(encoding="utf-8")
    assert "It is in our code of conduct" not in text
    assert "governing-board" not in text
    both = said(tmp_path, "b.yaml", no_disrepute="both")
    shutil.copytree(packs / "ashby", tmp_path / "third")
    before = everything(tmp_path)
    refused = aupgen("init", "third", "--pack", "three.zip", "--answers", both)
    assert refused.code == 1
    assert "b.yaml:3:17: error AUP626" in refused.err
    assert everything(tmp_path) == before


def for_pupils(packs: Path, aupgen: Command, tmp_path: Path) -> str:
    """A third pack, in which the authority has new words for pupils on a rule that staff have, too."""
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    next_packs.edit(
        third, "clauses/monitoring.yaml", "I know that grown-ups at school can check", "Grown-ups may look at"
    )
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    return "three.zip"


def pupils_page(school: Path) -> str:
    return (school / "build" / "ashby-school" / "2019-20" / "pupil-agreement-ks2.md").read_text(
        encoding="utf-8"
    )


def test_words_for_pupils_that_the_school_left_alone_are_the_authoritys_to_change(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    third = for_pupils(packs, aupgen, tmp_path)
    own = "  monitoring-notice:\n    text: the school writes down what {{ i }} do\n    reason: It is new\n"
    next_packs.add(ashby, PROFILE, own)
    done = aupgen("init", "ashby", "--pack", third, "--answers", said(tmp_path, copyright="keep"))
    assert done.code == 0, done.err
    assert "monitoring-notice" not in done.out
    assert "the school writes down what you do" in policy(ashby)
    assert "Grown-ups may look at what I do" in pupils_page(ashby)


@pytest.mark.parametrize("pick", ["keep", "take", "both"])
def test_words_for_pupils_that_both_sides_changed_are_asked_about(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path, pick: str
) -> None:
    third = for_pupils(packs, aupgen, tmp_path)
    mine = "I know that Miss can see my screen"
    own = f"  monitoring-notice:\n    wordings:\n      pupil-ks2: {mine}\n    reason: Our council wrote it\n"
    next_packs.add(ashby, PROFILE, own)
    answers = said(tmp_path, copyright="keep", monitoring_notice=pick)
    done = aupgen("init", "ashby", "--pack", third, "--answers", answers)
    assert done.code == 0, done.err
    text, page = (ashby / PROFILE).read_text(encoding="utf-8"), pupils_page(ashby)
    assert f"  monitoring-notice:\n    choice: {pick}\n" in text
    assert (f"{mine}." in page, "Grown-ups may look at what I do" in page) == (pick != "take", pick != "keep")
    assert "Miss" not in policy(ashby)
    if pick == "both":
        assert "    audiences: [pupil-ks2]\n" in text
        assert "        kind: statement\n" in text


def test_words_for_pupils_that_are_put_off_are_shown_as_pupils_read_them(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    third = for_pupils(packs, aupgen, tmp_path)
    own = "  monitoring-notice:\n    wordings: {pupil-ks2: I know that Miss can see.}\n    reason: Our council wrote it\n"
    next_packs.add(ashby, PROFILE, own)
    assert aupgen("init", "ashby", "--pack", third, "--answers", said(tmp_path, copyright="keep")).code == 0
    shown = " ".join(aupgen("init", "ashby", "--decide").out.split())
    assert "It was: I know that grown-ups at school can check" in shown
    assert "Theirs: Grown-ups may look at what I do" in shown
    assert "Yours: I know that Miss can see." in shown


def test_words_for_adults_that_stay_beside_the_authoritys_are_for_adults_alone(
    ashby: Path, aupgen: Command
) -> None:
    assert (
        aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent, copyright="both")).code
        == 0
    )
    text = (ashby / PROFILE).read_text(encoding="utf-8")
    own = text[text.index("- id: copyright-own") :]
    assert "    audiences: [staff, governor, volunteer, visitor, contractor, community]\n" in own


def test_a_rule_that_the_authority_leaves_out_now_is_kept_or_let_go(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    next_packs.edit(
        third,
        "schools/southend.yaml",
        r"(?m)^  copyright:\n    text: .*$",
        "  copyright:\n    use: false",
    )
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    shutil.copytree(ashby, tmp_path / "other")
    later = aupgen("init", "ashby", "--pack", "three.zip", "--answers", said(tmp_path))
    assert later.code == 0, later.err
    assert "Waiting for your decision; yours holds until then: copyright" in later.out
    assert MINE in policy(ashby)
    assert "Theirs:  left out" in aupgen("init", "ashby", "--decide").out
    taken = said(tmp_path, "t.yaml", copyright="take")
    assert aupgen("init", "ashby", "--decide", "--answers", taken).code == 0
    assert aupgen("init", "other", "--pack", "three.zip", "--answers", taken).code == 0
    for school in (ashby, tmp_path / "other"):
        assert "copyright" not in policy(school)
        assert MINE not in (school / PROFILE).read_text(encoding="utf-8").replace("\n      ", " ")


def test_a_value_of_the_school_flows_into_the_authoritys_new_words(ashby: Path, aupgen: Command) -> None:
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent))
    assert "install-permission" not in done.out
    assert "install nothing without permission from the Governing Body" in policy(ashby)


def test_why_and_how_far_the_library_changed_a_rule_is_told(ashby: Path, aupgen: Command) -> None:
    next_packs.edit(
        ashby, PROFILE, r"  install-permission:\n(    .*\n)+",
        "  install-permission:\n    text: install anything alone\n    reason: Shorter\n",
    )  # fmt: skip
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent)).code == 0
    shown = " ".join(aupgen("init", "ashby", "--decide").out.split())
    assert "Why: Add-ons read what is on the screen (material: it changes what is asked of people)" in shown
    assert "Yours: … not install anything alone" in shown
    next_packs.edit(
        ashby, PROFILE, "install-permission:\n    choice: later", "install-permission:\n    choice: take"
    )
    built = aupgen("build", f"ashby/{PROFILE}", "--out", "ashby/build")
    assert built.code == 0, built.err
    assert (
        "warning AUP617: Ashby School decided to take the words of the pack for `install-permission`"
        in built.err
    )


def test_what_the_authority_answers_otherwise_now_and_what_was_edited_in_documents_is_told(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    next_packs.edit(third, "schools/southend.yaml", "records_system: SIMS", "records_system: Arbor")
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    next_packs.edit(ashby, PROFILE, "(?m)^parameters:\n", "parameters:\n  records_system: Bromcom\n")
    assert (
        aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(tmp_path, copyright="keep")).code == 0
    )
    page = ashby / "build" / "ashby-school" / "2019-20" / "staff-policy.md"
    page.write_text("Mine.\n", encoding="utf-8")
    answers = said(tmp_path, copyright="keep", no_disrepute="take")
    done = aupgen("init", "ashby", "--pack", "three.zip", "--answers", answers)
    assert done.code == 1
    assert "ashby/build/ashby-school/2019-20/staff-policy.md:1:1: error AUP511" in done.err
    assert page.read_text(encoding="utf-8") == "Mine.\n"
    assert "  `records_system` is now Arbor in the pack; yours holds: Bromcom\n" in done.out
    assert "  There was nothing to decide about: copyright, no-disrepute\n" in done.out


def test_a_rule_that_is_gone_leaves_nobody_with_a_broken_build(ashby: Path, aupgen: Command) -> None:
    """A rule renamed keeps the school's words under its new name; one removed stays as the school's own, or goes."""
    next_packs.add(
        ashby, PROFILE,
        "  no-plagiarism:\n    text: say where words come from, and ask\n    reason: Our English department asked\n"
        "  removable-media:\n    text: use no memory stick at all\n    reason: We lost one\n",
    )  # fmt: skip
    silently("build", str(ashby / PROFILE), "--out", str(ashby / "build"))
    shutil.copytree(ashby, ashby.parent / "taken")
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent, copyright="keep"))
    assert done.code == 0, done.err
    assert "Waiting for your decision; yours holds until then: own-work, removable-media" in done.out
    text = (ashby / PROFILE).read_text(encoding="utf-8")
    assert "  own-work:\n    text: say where words come from, and ask\n" in text
    assert "  - id: removable-media-own\n" in text
    assert "use no memory stick at all" in policy(ashby)
    shown = aupgen("init", "ashby", "--decide").out
    assert "Theirs:  no longer a rule of theirs" in shown
    settled = said(ashby.parent, removable_media="take", own_work="take")
    assert aupgen("init", "ashby", "--decide", "--answers", settled).code == 0
    assert "memory stick at all" not in (ashby / PROFILE).read_text(encoding="utf-8")
    assert "memory stick at all" not in policy(ashby)
    at_once = said(ashby.parent, copyright="keep", removable_media="take", no_plagiarism="keep")
    assert aupgen("init", "taken", "--pack", "two.zip", "--answers", at_once).code == 0
    text = (ashby.parent / "taken" / PROFILE).read_text(encoding="utf-8")
    assert "removable-media-own" not in text
    assert "  own-work:\n    choice: keep\n" in text
    built = aupgen("build", f"taken/{PROFILE}", "--out", "taken/build")
    assert (built.code, built.err) == (0, "")


def test_a_rule_of_the_schools_own_stays_when_the_one_it_stands_beside_goes(
    ashby: Path, aupgen: Command, tmp_path: Path
) -> None:
    """It moves beside the one clause that takes the other's place; where there is none, it prints with its topic."""
    for id_, beside in (("cite", "no-plagiarism"), ("sticks", "removable-media")):
        next_packs.add(
            ashby, PROFILE,
            ("local_clauses:\n" if id_ == "cite" else "")
            + f"  - id: {id_}\n    topic: acceptable-use\n    owner: headteacher\n    audiences: [staff]\n    kind: must\n"
            f"    beside: {beside}\n    rationale: Ours\n    text: keep to our rule {id_}\n",
        )  # fmt: skip
    assert aupgen("build", f"ashby/{PROFILE}", "--out", "ashby/build").code == 0
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(tmp_path, copyright="keep"))
    assert done.code == 0, done.err
    assert "AUP628: `beside: removable-media` of a rule of your own was taken out" in done.err
    text = (ashby / PROFILE).read_text(encoding="utf-8")
    assert re.findall(r"    beside: (.*)", text) == ["own-work"]
    assert "keep to our rule cite" in policy(ashby)
    assert "keep to our rule sticks" in policy(ashby)


def test_both_may_be_chosen_again_for_a_rule_that_both_changed_again(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    both = said(tmp_path, "both.yaml", copyright="both")
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", both).code == 0
    next_packs.edit(
        ashby, PROFILE, "(?m)^clauses:\n",
        "clauses:\n  copyright:\n    text: ask before copying\n    reason: A letter came\n",
    )  # fmt: skip
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    next_packs.edit(
        third, "schools/southend.yaml", "text: use other people’s work only", "text: use works only"
    )
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    done = aupgen("init", "ashby", "--pack", "three.zip", "--answers", both)
    assert done.code == 0, done.err
    lines = policy(ashby).splitlines()
    theirs = next(number for number, line in enumerate(lines) if "use works only where" in line)
    assert MINE in lines[theirs + 1]
    assert "ask before copying" in lines[theirs + 2]


def test_what_the_next_pack_has_no_place_for_is_taken_out_and_said(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    (third / "templates" / "sign-in-banner.md.j2").unlink()
    next_packs.edit(
        third, "clauses/parameters.yaml", r"(?ms)^  - name: laptop_store\n.*?(?=^  - name|\Z)", ""
    )
    next_packs.edit(third, "clauses/passwords.yaml", "in {{ laptop_store }} ", "")
    next_packs.edit(
        third, "clauses/software-and-hardware.yaml", r"\{\{ permission_from \| any \}\}", "the office"
    )
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    assert (
        aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(tmp_path, copyright="keep")).code == 0
    )
    next_packs.add(
        ashby,
        PROFILE,
        "\nreasons:\n  laptop_store: The lock was mended\n  dsl: A new post\n"
        "years:\n  2018-19:\n    edition: {number: 1, date: 2018-09}\n    parameters:\n      laptop_store: the hall\n",
    )
    next_packs.edit(ashby, PROFILE, "(?m)^documents:\n", "documents:\n  sign-in-banner: {issue: false}\n")
    done = aupgen("init", "ashby", "--pack", "three.zip")
    assert done.code == 0, done.err
    assert "the answer `laptop_store` was taken out: it is no longer asked" in done.err
    assert "the document `sign-in-banner` was taken out" in done.err
    assert "the reason for `laptop_store` was taken out" in done.err
    assert "`permission_from` for `install-permission` was taken out: the rule has no place" in done.err
    assert "AUP627" in done.err  # of the same edition as the second
    text = (ashby / PROFILE).read_text(encoding="utf-8")
    assert "laptop_store:" not in text
    assert "install-permission:" not in text
    assert "  dsl: A new post" in text
    assert "laptop_store: the" in (ashby / ".before" / "2" / PROFILE).read_text(encoding="utf-8")


def test_undo_brings_everything_back_byte_for_byte(ashby: Path, aupgen: Command) -> None:
    before = everything(ashby)
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent)).code == 0
    between = everything(ashby)
    settled = said(ashby.parent, "d.yaml", copyright="both")
    assert aupgen("init", "ashby", "--decide", "--answers", settled).code == 0
    assert (
        aupgen("init", "ashby", "--undo").out
        == "ashby is again as it was: 2019-20, edition 1, before these decisions\n"
    )
    assert everything(ashby) == between
    assert aupgen("init", "ashby", "--undo").code == 0
    assert everything(ashby) == before
    nothing = aupgen("init", "ashby", "--undo")
    assert (nothing.code, nothing.out) == (2, "")
    assert "nothing is kept in ashby" in nothing.err
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent)).code == 0
    next_packs.add(ashby, PROFILE, "# mine\n")
    said_so = aupgen("init", "ashby", "--undo").out
    assert "What was made of one file since is kept in ashby/.undone/1" in said_so
    assert (ashby / ".undone" / "1" / PROFILE).read_text(encoding="utf-8").endswith("# mine\n")
    shutil.rmtree(ashby / ".undone")
    assert everything(ashby) == before


def test_a_pack_that_is_no_later_one_is_refused(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    files = read_archive((packs / "one.zip").read_bytes())

    def other(name: str, **changes: object) -> str:
        record = {**json.loads(files["pack.json"]), **changes}
        (tmp_path / name).write_bytes(with_record(files, **{k: v for k, v in record.items() if k in changes}))
        return name

    before = everything(ashby)
    for pack, why in (
        (other("issuer.zip", issuer="Northend"), "which is of Northend"),
        (other("nation.zip", nation="wales"), "which is for wales"),
        (other("older.zip", policy_year="2017-18"), "holds a later one, of 2018-19, edition 1"),
    ):
        refused = aupgen("init", "ashby", "--pack", pack)
        assert refused.code == 1
        assert f"{pack}:1:1: error AUP618: " in refused.err
        assert why in refused.err
        assert refused.err.endswith("Nothing was changed.\n")
        assert everything(ashby) == before
    (tmp_path / "s.yaml").write_text(ANSWERS + "nation: england\n", encoding="utf-8")
    assert aupgen("init", "shipped", "--answers", "s.yaml").code == 0
    refused = aupgen("init", "shipped", "--pack", "two.zip")
    assert refused.code == 1
    assert "shipped holds the library that came with aupgen, and not this pack" in refused.err
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(tmp_path)).code == 0
    back = aupgen("init", "ashby", "--pack", "one.zip")
    assert back.code == 1
    assert "was in ashby before the one that it holds now, two.zip" in back.err
    assert "`aupgen init ashby --undo`" in back.err


def test_an_edited_file_of_the_library_is_never_lost_in_silence(ashby: Path, aupgen: Command) -> None:
    both, mine, gone = "clauses/acceptable-use.yaml", "clauses/images.yaml", "templates/community-wifi.md.j2"
    next_packs.edit(ashby, both, "respect copyright and other", "respect copyright and all")
    next_packs.edit(ashby, mine, "(?m)^title: .*$", "title: Pictures of people")
    (ashby / gone).unlink()
    (ashby / "clauses" / "ours.txt").write_text("a note", encoding="utf-8")
    before = everything(ashby)
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent))
    assert done.code == 0, done.err
    assert f"ashby/{both}:1:1: warning AUP625" in done.err
    assert f"yours is kept as ashby/.before/1/{both}" in done.err
    assert "and all" in (ashby / ".before" / "1" / both).read_text(encoding="utf-8")
    assert "and all" not in (ashby / both).read_text(encoding="utf-8")
    assert (
        f"ashby/{mine}:1:1: warning AUP625: this file of the library was edited here, and the pack leaves it"
        in done.err
    )
    assert "title: Pictures of people" in (ashby / mine).read_text(encoding="utf-8")
    assert (ashby / gone).exists()
    assert (ashby / "clauses" / "ours.txt").exists()
    assert aupgen("init", "ashby", "--undo").code == 0
    assert everything(ashby) == before


def test_documents_of_a_profile_that_has_another_name_now_are_told_of_and_left(
    ashby: Path, aupgen: Command
) -> None:
    (ashby / PROFILE).rename(ashby / "schools" / "ashby.yaml")
    (ashby / "build" / "notes").mkdir()
    built = everything(ashby / "build")
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent))
    assert done.code == 0, done.err
    line = "ashby/build/ashby-school was left as it is: there is no profile of that name here any more."
    assert line in done.out
    assert "build/notes was" not in done.out
    assert "build/ashby was" not in done.out
    assert built.items() <= everything(ashby / "build").items()


def test_a_file_of_the_library_that_was_deleted_comes_back_with_its_pack(
    ashby: Path, aupgen: Command, tmp_path: Path
) -> None:
    """The documents cannot be told without it: the next pack and another school wait, and what to do is said."""
    whole = everything(ashby)
    (ashby / "clauses" / "tablets.yaml").unlink()
    (tmp_path / "b.yaml").write_text(ANSWERS.replace("Ashby", "Birch"), encoding="utf-8")
    before = everything(ashby)
    for arguments in (["--pack", "two.zip"], ["--answers", "b.yaml"]):
        refused = aupgen("init", "ashby", *arguments)
        assert refused.code == 1
        assert "ashby/templates/staff-policy.md.j2:" in refused.err
        assert "one.zip!" not in refused.err
        assert (
            "`clauses/tablets.yaml` is missing in ashby: `aupgen init ashby --pack one.zip` puts back"
            in refused.err
        )
        assert everything(ashby) == before
    back = aupgen("init", "ashby", "--pack", "one.zip")
    assert (back.code, back.err) == (0, "")
    assert "Put back in ashby from the pack that it holds: `clauses/tablets.yaml`\n" in back.out
    assert everything(ashby) == whole
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(tmp_path)).code == 0


def test_a_folder_that_may_not_be_written_to_or_read_is_named(ashby: Path, tmp_path: Path) -> None:
    """The super-user may write anywhere, so that it is run as nobody where the tests run as root."""
    answers = said(tmp_path)
    before = everything(ashby)
    user = 0 if os.geteuid() else 65534
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    with Driver(tmp_path / "driver.py") as driver:
        for mode, errand, what in (
            (0o555, ["--pack", "two.zip", "--answers", answers], "cannot write in ashby"),
            (0o555, ["--decide"], "cannot write in ashby"),
            (0o000, ["--decide"], "cannot get at ashby/"),
        ):
            ashby.chmod(mode)
            done = driver.run(tmp_path, "init", "ashby", *errand, user=user)
            ashby.chmod(0o755)
            told = done.stderr.splitlines()[-1]  # before it, the driver is told off for trying `--out`
            assert done.code == 2
            assert told.startswith(f"aupgen: error: {what}")
            assert told.endswith(": permission denied")
    assert everything(ashby) == before


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
@pytest.mark.parametrize(
    ("name", "what"),
    [
        (PROFILE, "profile"),
        ("schools/approved", "folder"),
        ("schools", "folder"),
        ("clauses/images.yaml", "file"),
        ("build", "folder"),
        ("build/ashby-school/2018-19", "folder"),
        ("library.json", "file"),
    ],
)
def test_nothing_is_written_through_a_link_out_of_the_folder(
    ashby: Path, aupgen: Command, tmp_path: Path, name: str, what: str
) -> None:
    if name == "schools/approved":
        (ashby / name).mkdir()
    (tmp_path / "elsewhere").mkdir()
    shutil.move(ashby / name, tmp_path / "elsewhere" / "real")
    (ashby / name).symlink_to(tmp_path / "elsewhere" / "real")
    answers = said(tmp_path, copyright="take")
    before = everything(tmp_path)
    for arguments in (["--pack", "two.zip", "--answers", answers], ["--decide", "--answers", answers]):
        refused = aupgen("init", "ashby", *arguments)
        assert refused.code == 1, refused.err
        assert (
            f"ashby/{name}:1:1: error AUP629: this {what} is a link to {tmp_path}/elsewhere/real"
            in refused.err
        )
        assert refused.err.endswith("Nothing was changed.\n")
        assert everything(tmp_path) == before
        assert (ashby / name).is_symlink()
    (ashby / name).unlink()
    shutil.move(tmp_path / "elsewhere" / "real", ashby / name)
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", answers)
    assert done.code == 0, done.err


def test_a_poisoned_next_pack_changes_nothing(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    files = read_archive((packs / "two.zip").read_bytes())
    acting = b"<script>alert(1)</script>"
    for data in (
        (packs / "two.zip").read_bytes()[:-40],
        with_record({**files, "clauses/passwords.yaml": b"topic: [\n"}),
        with_record({**files, "schools/southend.yaml": b"name: X\nkind: school\n"}),
        with_record({**files, "templates/page.html.j2": files["templates/page.html.j2"] + acting}),
        with_record({name: part for name, part in files.items() if name != "clauses/tablets.yaml"}),
        with_record({**files, PROFILE: b"name: Ashby School\nextends: southend\nphase: primary\n"}),
    ):
        (tmp_path / "bad.zip").write_bytes(data)
        before = everything(ashby)
        refused = aupgen("init", "ashby", "--pack", "bad.zip", "--answers", said(tmp_path))
        assert refused.code == 1, refused.err
        assert " error AUP" in refused.err
        assert ".aupgen-" not in refused.err
        assert everything(ashby) == before


def test_each_of_many_schools_has_decisions_of_its_own(ashby: Path, aupgen: Command, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(ANSWERS.replace("Ashby", "Birch"), encoding="utf-8")
    assert aupgen("init", "ashby", "--answers", "b.yaml").code == 0
    next_packs.add(ashby, "schools/birch-school.yaml", OWN)
    (tmp_path / "d.csv").write_text(
        "name,laptop_store,decided.copyright\nAshby School,the office,take\nBirch School,,both\n",
        encoding="utf-8",
    )
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", "d.csv")
    assert done.code == 0, done.err
    assert (MINE in policy(ashby), THEIRS in policy(ashby)) == (False, True)
    birch = (ashby / "build" / "birch-school" / "2019-20" / "staff-policy.md").read_text(encoding="utf-8")
    assert MINE in birch
    assert THEIRS in birch
    assert "Draft" in birch  # where its laptops are was not said
    wrong = "name,decided.copyright,decided.copyrite\nDogwood School,keep,\nAshby School,perhaps,\n"
    (tmp_path / "d.csv").write_text(wrong, encoding="utf-8")
    refused = aupgen("init", "ashby", "--decide", "--answers", "d.csv")
    assert refused.code == 1
    found = re.findall(r"^d\.csv:(\d+):(\d+): error (AUP\d+)", refused.err, re.M)
    assert found == [("1", "24", "AUP610"), ("2", "1", "AUP619"), ("3", "14", "AUP113")]


def test_a_profile_with_an_error_is_never_passed_over_by_a_pack(
    ashby: Path, aupgen: Command, tmp_path: Path
) -> None:
    """The pack waits until it is mended: what was not asked of the school with the others would never be."""
    (tmp_path / "b.yaml").write_text(ANSWERS.replace("Ashby", "Birch"), encoding="utf-8")
    assert aupgen("init", "ashby", "--answers", "b.yaml").code == 0
    next_packs.edit(ashby, PROFILE, "reason: Our librarian", "reasn: Our librarian")
    before = everything(ashby)
    answers = said(tmp_path, "t.yaml", copyright="take")
    next_packs.add(tmp_path, "t.yaml", "name: Ashby School\n")
    command = ["init", "ashby", "--pack", "two.zip", "--answers", answers]
    for arguments in (command, ["init", "ashby", "--decide"]):
        refused = aupgen(*arguments)
        assert (refused.code, refused.out) == (1, "")
        assert re.search(rf"ashby/{PROFILE}:\d+:5: error AUP110: unknown key `reasn`", refused.err)
        assert "put those right, then run the same command again.\nNothing was changed.\n" in refused.err
        assert everything(ashby) == before
    next_packs.edit(ashby, PROFILE, "reasn: Our librarian", "reason: Our librarian")
    done = aupgen(*command)
    assert done.code == 0, done.err
    assert "Their wording was taken: copyright" in done.out


def test_yours_can_stand_beside_theirs_time_and_again(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    both = said(tmp_path, "both.yaml", copyright="both")
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", both).code == 0
    next_packs.edit(
        ashby, PROFILE, "(?m)^clauses:\n",
        "clauses:\n  copyright:\n    text: copy nothing in a hurry\n    reason: Our second thought\n",
    )  # fmt: skip
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    next_packs.edit(third, "schools/southend.yaml", "only where the licence", "wherever the licence")
    next_packs.edit(third, "schools/southend.yaml", "number: 1", "number: 2")
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    done = aupgen("init", "ashby", "--pack", "three.zip", "--answers", both)
    assert done.code == 0, done.err
    assert "is not printed in" not in done.out
    printed = policy(ashby)
    assert [words in printed for words in (MINE, "copy nothing in a hurry", "wherever the licence")] == [
        True,
        True,
        True,
    ]


@pytest.mark.parametrize("pick", ["later", "take", "both"])
def test_a_clause_of_the_schools_own_that_has_such_a_name_already_is_left_alone(
    ashby: Path, aupgen: Command, pick: str
) -> None:
    next_packs.add(
        ashby, PROFILE,
        "\nlocal_clauses:\n  - id: copyright-own\n    topic: acceptable-use\n    owner: headteacher\n"
        "    audiences: [staff]\n    kind: must\n    rationale: Ours\n    text: ask before singing in public\n",
    )  # fmt: skip
    silently("build", str(ashby / PROFILE), "--out", str(ashby / "build"))
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent, copyright=pick))
    assert done.code == 0, done.err
    assert "is not printed in" not in done.out
    text = (ashby / PROFILE).read_text(encoding="utf-8")
    assert ("  - id: copyright-own-2\n" in text) == (pick == "both")
    assert "ask before singing in public" in policy(ashby)


def test_where_words_that_became_a_rule_of_the_schools_own_do_not_print_is_told(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    next_packs.add(
        ashby, PROFILE, "  no-upset-community:\n    text: post nothing that upsets people\n    reason: Shorter\n"
    )  # fmt: skip
    third = tmp_path / "authority"
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(packs / name, third / name)
    (path,) = (
        p
        for p in (third / "clauses").iterdir()
        if "id: no-upset-community\n" in p.read_text(encoding="utf-8")
    )
    next_packs.edit(third, f"clauses/{path.name}", r"(?ms)^  - id: no-upset-community\n.*?(?=^  - id|\Z)", "")
    next_packs.edit(third, "schools/southend.yaml", "          - no-upset-community\n", "")
    assert aupgen("pack", "authority/schools/southend.yaml", "--out", "three.zip").code == 0
    answers = said(tmp_path, copyright="keep")
    done = aupgen("init", "ashby", "--pack", "three.zip", "--answers", answers)
    assert done.code == 0, done.err
    assert "    `no-upset-community-own` is not printed in `staff-agreement`: to have it there, " in done.out


def test_a_rule_that_is_gone_takes_nothing_of_the_schools_own_with_it(ashby: Path, aupgen: Command) -> None:
    next_packs.add(
        ashby, PROFILE,
        "  removable-media:\n    text: use no memory stick at all\n    reason: We lost one\n"
        "\nlocal_clauses:\n  - id: removable-media-own\n    topic: acceptable-use\n    owner: headteacher\n"
        "    audiences: [staff]\n    kind: must\n    rationale: Ours\n    text: label every stick\n",
    )  # fmt: skip
    shutil.copytree(ashby, ashby.parent / "taken")
    take = said(ashby.parent, "t.yaml", copyright="keep", removable_media="take")
    assert aupgen("init", "taken", "--pack", "two.zip", "--answers", take).code == 0
    later = said(ashby.parent, "l.yaml", copyright="keep")
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", later).code == 0
    assert "use no memory stick at all" in policy(ashby)
    assert aupgen("init", "ashby", "--decide", "--answers", take).code == 0
    for school in (ashby, ashby.parent / "taken"):
        assert "label every stick" in policy(school)
        assert "no memory stick at all" not in policy(school)


def test_what_a_trust_changed_is_asked_of_the_trust_and_printed_by_its_schools(
    ashby: Path, aupgen: Command
) -> None:
    """A trust that takes its authority's pack in may stand between the exemplar and its schools."""
    (ashby / "schools" / "trust.yaml").write_text(
        "kind: trust\nname: Larkway Trust\nextends: southend\nclauses:\n  no-harmful-content:\n"
        "    text: look at nothing harmful\n    reason: Shorter\n  copyright:\n    text: ask before copying\n"
        "    reason: Trust policy\n",
        encoding="utf-8",
    )
    next_packs.edit(ashby, PROFILE, "extends: southend", "extends: trust")
    next_packs.edit(ashby, PROFILE, "(?ms)^  # copyright: the librarian.*?(?=^  no-disrepute)", "")
    (ashby.parent / "n.yaml").write_text("name: Ashby School\n" + LAPTOPS, encoding="utf-8")
    done = aupgen("init", "ashby", "--pack", "two.zip", "--answers", "n.yaml")
    assert done.code == 0, done.err
    assert "Larkway Trust, 2019-20: ashby/schools/trust.yaml\n  Waiting for your decision" in done.out
    assert "ask before copying" in policy(ashby)
    (ashby.parent / "t.yaml").write_text("file: trust\ndecided: {copyright: take}\n", encoding="utf-8")
    assert aupgen("init", "ashby", "--decide", "--answers", "t.yaml").code == 0
    assert THEIRS in policy(ashby)
    assert "ask before copying" not in policy(ashby)
    assert "look at nothing harmful" in policy(ashby)


def test_on_a_terminal_each_change_is_shown_with_all_three_wordings_and_asked(ashby: Path) -> None:
    code, screen = on_a_terminal(
        ashby.parent, ["init", "ashby", "--pack", "two.zip"], ["all", "Both", "the store room", ""]
    )
    assert code == 0, screen
    for line in (
        "   It was:  I will respect copyright and other intellectual property rights.\n",
        "   Theirs:  I will use other people’s work only where the licence lets me.\n",
        "   Yours:   I will respect copyright, and ask the librarian in case of doubt.\n",
        "   Why:     Asked for by our schools (whether it changes a duty is not said)\n",
        "   3) both: theirs, and yours beside it as a rule of your school’s own\n",
        "2. Where are laptops locked away every evening?\n",
        "  Their wording was taken, and yours stands beside it: copyright\n",
    ):
        assert line in screen
    assert "(draft)" not in screen


KEPT = ".aupgen-answers.json"


def without_kept(folder: Path) -> dict[str, str]:
    return {name: digest for name, digest in everything(folder).items() if not name.endswith(KEPT)}


def test_whoever_stops_at_the_first_question_leaves_nothing_behind(ashby: Path) -> None:
    before = everything(ashby.parent)
    code, screen = on_a_terminal(ashby.parent, ["init", "ashby", "--pack", "two.zip"], ["\x04"])
    assert code == 130
    assert "Nothing was changed. The same command asks again." in screen
    assert everything(ashby.parent) == before


@pytest.mark.parametrize("stop", ["\x04", "\x03"])
def test_whoever_stops_later_has_changed_nothing_and_goes_on_from_there(ashby: Path, stop: str) -> None:
    """At the end of input, and with Ctrl-C."""
    before = everything(ashby.parent)
    command = ["init", "ashby", "--pack", "two.zip"]
    code, screen = on_a_terminal(ashby.parent, command, ["3", stop])
    assert code == 130
    assert f"Nothing was changed. Your answer is kept in ashby/{KEPT}: the same command goes on" in screen
    assert without_kept(ashby.parent) == before
    code, screen = on_a_terminal(ashby.parent, command, ["the store room", ""])
    assert code == 0, screen
    assert f"Going on from ashby/{KEPT}: 1 question is answered." in screen
    assert "has changed `copyright`" not in screen
    assert "Their wording was taken, and yours stands beside it: copyright" in screen
    assert (MINE in policy(ashby), THEIRS in policy(ashby)) == (True, True)
    assert "the store room" in policy(ashby)
    assert not (ashby / KEPT).exists()


def test_a_terminal_that_is_closed_at_a_question_loses_no_answer(ashby: Path) -> None:
    before = everything(ashby.parent)
    command = ["init", "ashby", "--pack", "two.zip"]
    assert on_a_terminal(ashby.parent, command, ["2"])[0] < 0  # killed at the second question
    code, screen = on_a_terminal(ashby.parent, command, ["\x04"])
    assert code == 130
    assert "1 question is answered" in screen
    assert without_kept(ashby.parent) == before


def test_answers_of_a_run_that_was_stopped_are_to_that_pack_and_that_profile_alone(
    ashby: Path, packs: Path, aupgen: Command, tmp_path: Path
) -> None:
    command = ["init", "ashby", "--pack", "two.zip"]
    assert on_a_terminal(tmp_path, command, ["2", "\x04"])[0] == 130
    shutil.copytree(ashby, tmp_path / "edited")
    shutil.copytree(ashby, tmp_path / "another")
    shutil.copytree(ashby, tmp_path / "damaged")
    next_packs.add(tmp_path / "edited", PROFILE, "# mine\n")
    (tmp_path / "damaged" / KEPT).write_text('{"pack": 1}', encoding="utf-8")
    files = read_archive((packs / "two.zip").read_bytes())
    (tmp_path / "three.zip").write_bytes(with_record(files, edition=2))
    for folder, pack in (("edited", "two.zip"), ("another", "three.zip"), ("damaged", "two.zip")):
        code, screen = on_a_terminal(tmp_path, ["init", folder, "--pack", pack], ["4", "the hall", ""])
        assert code == 0, screen
        assert "Going on from" not in screen
        assert "has changed `copyright`" in screen
        assert not (tmp_path / folder / KEPT).exists()
    done = aupgen(*command)  # without a terminal: what was answered holds, and the rest stays open
    assert done.code == 0, done.err
    assert "Their wording was taken: copyright" in done.out
    assert "one question is still open" in done.out


def test_whoever_stops_while_deciding_keeps_the_answers_given(ashby: Path, aupgen: Command) -> None:
    next_packs.edit(
        ashby, PROFILE, r"  install-permission:\n(    .*\n)+",
        "  install-permission:\n    text: install anything alone\n    reason: Shorter\n",
    )  # fmt: skip
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent)).code == 0
    before = everything(ashby)
    code, screen = on_a_terminal(ashby.parent, ["init", "ashby", "--decide"], ["2", "\x04"])
    assert code == 130
    assert without_kept(ashby) == before
    code, screen = on_a_terminal(ashby.parent, ["init", "ashby", "--decide"], ["4"])
    assert code == 0
    assert screen.count("has changed `") == 1
    assert "Their wording was taken: copyright" in screen
    assert "copyright" not in aupgen("init", "ashby", "--decide").out
    assert not (ashby / KEPT).exists()


def test_a_profile_with_windows_line_ends_keeps_them(ashby: Path, aupgen: Command) -> None:
    path = ashby / PROFILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    assert aupgen("init", "ashby", "--pack", "two.zip", "--answers", said(ashby.parent)).code == 0
    after = path.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf")
    assert after.count(b"\n") == after.count(b"\r\n")
    added(before.decode(), after.decode())


def test_the_folder_itself_may_be_the_one_you_are_in(
    ashby: Path, aupgen: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(ashby)
    monkeypatch.chdir(ashby)
    (ashby.parent / "a.yaml").write_text(LAPTOPS, encoding="utf-8")
    done = aupgen("init", ".", "--pack", "../two.zip", "--answers", "../a.yaml")
    assert done.code == 0, done.err
    assert "aupgen init . --decide" in done.out
    assert aupgen("init", ".", "--undo").code == 0
    assert everything(ashby) == before


def test_options_that_exclude_each_other_are_refused(ashby: Path, aupgen: Command) -> None:
    before = everything(ashby)
    for arguments in (
        ["--undo", "--decide"],
        ["--undo", "--pack", "two.zip"],
        ["--decide", "--pack", "two.zip"],
    ):
        assert aupgen("init", "ashby", *arguments).code == 2
    assert aupgen("init", "new", "--undo").code == 2
    assert aupgen("init", "new", "--decide").code == 2
    assert everything(ashby) == before
    assert (ROOT / "schools").exists()


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(ashby: Path, tmp_path: Path) -> None:
    """Struck here and there while the pack is checked and rendered, and often while it takes its place."""
    command = ["init", "ashby", "--pack", "two.zip", "--answers", said(tmp_path, copyright="both")]
    shutil.copytree(ashby, tmp_path / "start")
    old = everything(ashby)

    def again() -> None:
        shutil.rmtree(ashby)
        shutil.copytree(tmp_path / "start", ashby)

    with Driver(tmp_path / "driver.py") as driver:
        clean = driver.run(tmp_path, *command, fault="kill")
        assert clean.code == 0, clean.stderr
        new = everything(ashby)
        seen = set()
        for at in (*range(2, clean.steps, clean.steps // 4), *range(clean.steps - 230, clean.steps, 30)):
            again()
            assert driver.run(tmp_path, *command, fault="kill", at=at).code == 9
            finish(ashby)  # as every command does first
            found = {
                name: data for name, data in everything(ashby).items() if not name.startswith(".aupgen-")
            }
            assert found in (old, new), f"killed at {at} of {clean.steps}"
            seen.add(found == new)
        assert seen == {True, False}
        again()
        assert driver.run(tmp_path, *command, fault="kill", at=clean.steps - 150).code == 9
        assert driver.run(tmp_path, "list", "years", f"ashby/{PROFILE}").code == 0
        assert driver.run(tmp_path, *command).code == 0
        assert everything(ashby) == new
