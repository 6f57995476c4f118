"""The governors' paper and the pages of what changed for each audience, as people get them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx_integrity import check

from aupgen.cli.main import run
from aupgen.document.readability import reading
from aupgen.library.compiled import Library
from aupgen.policy.terms import Audience
from tests.conftest import ROOT
from tests.e2e.hostile import ALL_HOSTILE
from tests.e2e.test_formats_agree import read_lines

SCHOOLS = ROOT / "schools"
OAKFIELD, VALLEY, TRELAWNYD = (SCHOOLS / f"{name}.yaml" for name in ("oakfield", "valley", "trelawnyd"))
PAPER = ("--document", "governors-paper")
FORMS = ("md", "html", "docx")
Diff = Callable[..., tuple[int, str, str]]


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Diff:
    """Run `aupgen diff` in an empty folder; its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, command: str = "diff") -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            run([command, *map(str, arguments)])
        out, err = capsys.readouterr()
        code = done.value.code
        assert isinstance(code, int)
        assert "Traceback" not in err
        assert "internal error" not in err
        return code, out, err

    return call


def section(page: str, title: str) -> str:
    """What stands under a heading of a page in Markdown."""
    return page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(part: str) -> list[list[str]]:
    """The rows of the tables of a page, without those of their headers."""
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        for line in lines
        if not line.startswith("| ---")
    ]


# ------------------------------------------------------------------ the governors' paper


def test_the_recommendation_can_be_copied_into_the_minutes(diff: Diff, tmp_path: Path) -> None:
    code, page, _ = diff(VALLEY, *PAPER, "--format", "md")
    assert code == 0
    asked = section(page, "Recommendation")
    assert (
        "1. That the Full Governing Board **approves**, for 2026-27, these documents of The Valley School"
        in asked
    )
    diff(VALLEY, "--format", "md", command="build")
    manifest = json.loads((tmp_path / "build" / "valley" / "2026-27" / "manifest.json").read_text("utf-8"))
    for document in manifest["documents"]:
        assert f"- {document['title']} ({document['fingerprint']})" in asked


def test_every_change_is_in_one_table_with_all_that_a_governor_asks(diff: Diff) -> None:
    for school in (OAKFIELD, VALLEY, TRELAWNYD):
        page = diff(school, *PAPER, "--format", "md")[1]
        changes = json.loads(diff(school, "--format", "json")[1])["changes"]
        approve, know = section(page, "Changes for approval"), section(page, "Changes for information")
        told = [re.match(r"\*\*([0-9]+)\. ", row[0]) for row in (*rows(approve)[1:], *rows(know)[1:])]
        numbers = {int(match[1]) for match in told if match}
        only_numbers = re.search(r"but numbers of sections and appendices in: ([0-9, –]+)\.", know)
        for part in only_numbers[1].split(", ") if only_numbers else ():
            first, _, last = part.partition("–")
            numbers |= set(range(int(first), int(last or first) + 1))
        assert numbers == set(range(1, len(changes) + 1))
        for row in rows(approve)[1:]:
            assert len(row) == 4
            assert "Approve: **yes**" in row[3]
            assert row[1] != "–" or row[2] != "–"
        answered = sum("Answers for it: " in row[3] for row in rows(approve)[1:])
        nobody = sum(change["needs_approval"] and not change["owner_role"] for change in changes)
        assert answered >= len(rows(approve)[1:]) - nobody > 0
        assert all("Approve: no." in row[3] for row in rows(know)[1:])


def test_a_change_reads_as_people_say_it(diff: Diff) -> None:
    page = diff(OAKFIELD, *PAPER, "--format", "md")[1]
    by_kind = {row[0]: row for row in rows(section(page, "Changes for approval"))}
    hours = next(row for head, row in by_kind.items() if "How soon a data breach" in head)
    assert hours[1:3] == ["24 hours", "**4** hours"]
    phones = next(row for head, row in by_kind.items() if "Where pupils’ phones are" in head)
    assert "I will keep my phone switched off" in phones[1]  # not the name of an answer in the profile
    rule = next(row for row in by_kind.values() if "password manager" in row[2])
    assert rule[2].startswith("You must save school passwords only in")
    assert "_" not in section(page, "Changes for approval")


def test_a_document_that_is_issued_no_longer_is_put_to_the_board(diff: Diff, tmp_path: Path) -> None:
    text = VALLEY.read_text(encoding="utf-8")
    own = "  governor-agreement:\n  visitor-agreement:\n"
    assert own in text
    ours = tmp_path / "ours.yaml"
    dropped = "  governor-agreement:\n    issue: false\n  visitor-agreement:\n"
    earlier = "      visitor-agreement:\n        issue: false\n"
    assert earlier in text
    both = f"{earlier}      governor-agreement:\n        issue: true\n"
    ours.write_text(text.replace(own, dropped).replace(earlier, both), encoding="utf-8")
    page = diff(ours, *PAPER, "--format", "md")[1]
    asked = section(page, "Recommendation").split("issues these documents no longer:")
    assert "- Governor agreement on the use of technology\n" in asked[1]
    assert "Governor agreement" not in asked[0]


def test_who_signs_names_the_document_that_has_the_signature(diff: Diff) -> None:
    page = diff(OAKFIELD, *PAPER, "--format", "md")[1]
    signed = {row[0]: row[1] for row in rows(section(page, "Who signs"))[1:]}
    assert signed["Staff agreement on the use of technology"] == "staff"
    assert "Staff policy on the use of technology" not in signed  # its appendix, the agreement, is signed
    assert "the school" not in signed.values()
    assert "the school" not in {
        row[1] for row in rows(section(diff(TRELAWNYD, *PAPER, "--format", "md")[1], "Who signs"))
    }


def test_departures_show_both_wordings_with_the_reason(diff: Diff) -> None:
    page = diff(TRELAWNYD, *PAPER, "--format", "md")[1]
    departures = section(page, "Where our rules depart from those we were given")
    encrypted = next(row for row in rows(departures) if "encrypt" in row[2])
    assert encrypted[1] == "I will encrypt personal data on every device that leaves school."
    assert encrypted[2].startswith(
        "I will encrypt any personal or sensitive data that leaves the school site"
    )
    assert "Our staff asked which things are meant" in encrypted[3]
    assert (
        "- I open and delete only my own files.\\\n  *Our classes share one area of the network.*"
        in departures
    )


def test_a_rule_that_was_worded_for_one_kind_of_reader_departs_in_the_words_of_that_reader(
    diff: Diff, tmp_path: Path
) -> None:
    for folder in ("clauses", "schools", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    school = tmp_path / "schools" / "trelawnyd.yaml"
    own = (
        "\nclauses:\n  permission-before-posting:\n    reason: Our council wrote it\n"
        "    wordings: {pupil-ks2: I ask Miss and my friends before I take a picture.}\n"
    )
    school.write_text(school.read_text(encoding="utf-8").replace("\nclauses:\n", own, 1), encoding="utf-8")
    page = diff(school, *PAPER, "--format", "md")[1]
    departures = section(page, "Where our rules depart from those we were given")
    row = next(row for row in rows(departures) if "Miss" in row[2])
    assert row[1] == "I will ask people before I take or share a picture of them."
    assert row[2] == "I ask Miss and my friends before I take a picture."
    assert "Our council wrote it" in row[3]


def test_a_value_that_departs_is_told_by_the_rule_that_it_words(diff: Diff) -> None:
    page = diff(SCHOOLS / "millbrook.yaml", *PAPER, "--format", "md")[1]
    row = next(
        row
        for row in rows(section(page, "Where our rules depart from those we were given"))
        if "Another value" in row[0]
    )
    assert "every-year" not in row[1]
    assert "on-joining" not in row[2]
    assert row[1] != row[2]
    assert "our governors agreed it on 9 June 2026" in row[3]


def test_what_only_the_school_knows_is_a_gap_to_fill_in(diff: Diff) -> None:
    page = diff(OAKFIELD, *PAPER, "--format", "md")[1]
    effects = section(page, "Equality, data protection and cost")
    assert effects.count("____") >= 3
    assert "Changes of rules about personal data: " in effects
    decision = section(page, "Decision of the trust board")
    assert "| The recommendation | ☐ | ☐ | ☐ |" in decision
    for gap in ("Name of the chair", "Signature", "Date", "Minute reference"):
        assert f"{gap}: ____" in decision


def test_a_first_edition_is_brought_as_a_whole(diff: Diff) -> None:
    code, page, _ = diff(SCHOOLS / "hillside.yaml", *PAPER, "--format", "md")
    assert code == 0
    assert "This is the first edition" in page
    assert "- Acceptable use of ICT by staff, governors and visitors (" in section(page, "Recommendation")
    assert "## Changes for approval" not in page
    assert "redline" not in page


def test_a_year_without_changes_is_adopted_again(diff: Diff) -> None:
    page = diff(OAKFIELD, *PAPER, "--format", "md", "--from", "2026-27", "--to", "2026-27")[1]
    asked = section(page, "Recommendation")
    assert "Nothing has changed since the edition before." in asked
    assert "**adopts again**" in asked
    assert "**approves**" not in asked
    assert "**notes**" not in asked
    assert "## Changes for" not in page
    assert "## Who signs" not in page


def test_what_is_on_record_is_not_asked_for_again(diff: Diff) -> None:
    page = diff(VALLEY, *PAPER, "--format", "md", "--to", "2025-26")[1]
    assert "No document of this edition waits for a decision" in page
    assert "Approved by the Full Governing Board on 24 September 2025, minute 5.3" in section(
        page, "Recommendation"
    )
    assert "The edition before: Approved by the Full Governing Board on 25 September 2024" in page
    assert "## Decision of" not in page


def test_what_changed_since_it_was_approved(diff: Diff) -> None:
    page = diff(VALLEY, *PAPER, "--approved", "--format", "md")[1]
    assert "compares the new edition with the words that were last approved" in page
    hours = next(
        row for row in rows(section(page, "Changes for approval")) if "Rule for personal phones" in row[0]
    )
    assert hours[1].startswith(
        "I will not use a personal phone or other personal device between 8.15am and 3.45pm"
    )
    assert "Pupils put their phones away for the whole day" in hours[3]


def test_a_document_that_somebody_else_approves_is_not_put_to_the_board(diff: Diff, tmp_path: Path) -> None:
    text = VALLEY.read_text(encoding="utf-8")
    own = "  governor-agreement:\n  visitor-agreement:\n"
    assert own in text
    ours = tmp_path / "ours.yaml"
    ours.write_text(
        text.replace(own, "  governor-agreement:\n    approver: headteacher\n  visitor-agreement:\n"), "utf-8"
    )
    page = diff(ours, *PAPER, "--format", "md")[1]
    assert "Governor agreement" not in section(page, "Recommendation")
    assert rows(section(page, "Approved by others"))[1] == [
        "Governor agreement on the use of technology",
        "headteacher",
    ]


def test_the_word_file_goes_with_the_redlines_that_it_names(diff: Diff, tmp_path: Path) -> None:
    code, out, _ = diff(OAKFIELD, *PAPER, "--format", "docx")
    assert code == 0
    folder = tmp_path / "changes" / "oakfield" / "2026-27"
    assert sorted(Path(line).name for line in out.splitlines()) == sorted(
        path.name for path in folder.iterdir()
    )
    paper = docx.Document(str(folder / "governors-paper.docx"))
    named = {
        word for table in paper.tables for row in table.rows for cell in row.cells for word in cell.text.split()
        if word.endswith(".changes.docx")
    }  # fmt: skip
    assert named == {path.name for path in folder.glob("*.changes.docx")}
    assert "How I use screens safely" in "\n".join(p.text for p in paper.paragraphs)  # new: no redline
    assert "pupil-agreement-send.changes.docx" not in named
    for path in folder.iterdir():
        assert check(path) == []
    assert all(
        table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        for table in paper.tables
        if table.style and "Table" in (table.style.name or "") and len(table.columns) == 4
    )


def test_redlines_stand_beside_a_paper_that_was_given_a_name(diff: Diff, tmp_path: Path) -> None:
    assert diff(VALLEY, *PAPER, "--format", "docx", "--out", "meeting/paper.docx")[0] == 0
    assert {path.name for path in (tmp_path / "meeting").iterdir()} == {
        *("paper.docx", "staff-agreement.changes.docx"),
        *("staff-policy.changes.docx", "governor-agreement.changes.docx"),
    }


def test_a_paper_about_one_document(diff: Diff) -> None:
    page = diff(OAKFIELD, *PAPER, "--document", "governor-agreement", "--format", "md")[1]
    assert "- Governor agreement on the use of technology (" in section(page, "Recommendation")
    assert "Staff agreement" not in page


def test_a_school_against_its_exemplar_has_a_paper_too(diff: Diff) -> None:
    code, page, _ = diff(SCHOOLS / "southend.yaml", SCHOOLS / "harbour.yaml", *PAPER, "--format", "md")
    assert code == 0
    assert "compares the new edition with Southend on Sea" in page


# ------------------------------------------------------------------ what changed for you


def test_staff_read_what_is_new_different_and_gone(diff: Diff) -> None:
    code, page, _ = diff(OAKFIELD, "--document", "changes-for-staff", "--format", "md")
    assert code == 0
    assert "# What changed for staff\n" in page
    assert "- You must say when AI has helped with work that other people rely on.\n" in section(
        page, "What is new"
    )
    assert rows(section(page, "What is different"))[1] == [
        "I will not pass on a password that the school or another organisation has given me.",
        "I will not share my passwords, passkeys or sign-in codes with anyone.",
    ]
    assert "terms and conditions of my employment" in section(page, "What no longer applies")
    assert "Principal, 01632 960210; until now: Principal, 01632 960214" in page
    assert "**Please read and sign:** Staff agreement on the use of technology." in page
    assert "Sign by, and hand in to: ____" in page
    assert "consent" not in page  # what concerns other readers


def test_parents_are_told_by_when(diff: Diff) -> None:
    page = diff(OAKFIELD, "--document", "changes-for-parent", "--format", "md")[1]
    assert "# What changed for parents and carers\n" in page
    assert "Please sign by Friday 18 September." in page
    assert "hand in to" not in page


def test_whoever_signs_again_is_told_so_and_nobody_else(diff: Diff) -> None:
    """The paper and the pages agree about every audience."""
    for school in (OAKFIELD, VALLEY, TRELAWNYD):
        changes = json.loads(diff(school, "--format", "json")[1])["changes"]
        again = {audience for change in changes for audience in change["resign"]}
        for audience in Audience:
            page = diff(school, "--document", f"changes-for-{audience.value}", "--format", "md")[1]
            signs = "read and sign:" in page or re.search(
                r"the rules and sign:|Then I sign:|I write my name on:", page
            )
            if audience is not Audience.SCHOOL:
                assert bool(signs) is (audience.value in again), (school, audience)


def test_an_audience_that_nothing_changed_for_is_told_so_in_one_sentence(diff: Diff) -> None:
    page = diff(
        OAKFIELD, "--document", "changes-for-staff", "--format", "md", "--from", "2026-27", "--to", "2026-27"
    )[1]
    assert page.strip().splitlines()[-1] == "Nothing that concerns staff has changed since 2026-27."
    assert "## " not in page
    page = diff(VALLEY, "--document", "changes-for-volunteer", "--format", "md")[1]
    assert page.strip().splitlines()[-1] == "The Valley School has no document for volunteers."


def test_pupils_are_told_from_their_own_documents_in_words_for_their_age(
    diff: Diff, tmp_path: Path, library: Library
) -> None:
    """What the page itself says is within the grade of its readers; rules are held to it elsewhere."""
    limits = library.language.audiences
    for key in ("ks1", "ks2", "ks3", "send"):
        audience = Audience(f"pupil-{key}")
        ours = tmp_path / f"{key}.yaml"
        ours.write_text(PUPILS.format(document=f"pupil-agreement-{key}"), encoding="utf-8")
        page = diff(ours, "--document", f"changes-for-{audience.value}", "--format", "md")[1]
        assert "- " in page
        said = [
            line.lstrip("#- ")
            for line in page.splitlines()
            if line and "|" not in line and "Ours" not in line
        ]
        limit = limits[audience].grade
        assert limit is not None
        assert reading(said).grade <= limit, (key, said)
        assert "The Valley" not in page


PUPILS = """\
name: Ours
nation: england
phase: all-through
policy_year: 2026-27
edition: {{number: 1, date: 2026-09-01}}
approver: governing board
contacts: {{headteacher: {{phone: 01632 960110}}, chair-of-governors: {{email: ours.chair@example.org}}}}
other_roles: headteacher
parameters: {{pupil_phone_rule: locked-away, phone_free_hours: {{from: 8:45, to: 15:15}}}}
documents: {{{document}: {{}}}}
years:
  2025-26:
    edition: {{number: 1, date: 2025-09-01}}
    parameters: {{pupil_phone_rule: off-and-away}}
    clauses:
      kind-online: {{use: false, reason: We waited for guidance}}
      pupil-tell-adult: {{use: false, reason: We waited for guidance}}
"""


def test_every_page_fits_on_one_side(diff: Diff, tool: Callable[[str], str], tmp_path: Path) -> None:
    soffice, pdfinfo = tool("soffice"), tool("pdfinfo")
    pages = [part for audience in Audience for part in ("--document", f"changes-for-{audience.value}")]
    for school in (OAKFIELD, VALLEY, TRELAWNYD):
        assert diff(school, *pages, "--format", "docx")[0] == 0
    files = []
    for file in sorted((tmp_path / "changes").glob("*/*/*.docx")):
        files.append(file.rename(tmp_path / f"{file.parts[-3]}.{file.name}"))
    assert len(files) == 3 * len(Audience)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    for file in files:
        told = subprocess.run(
            [pdfinfo, str(file.with_suffix(".pdf"))], check=True, capture_output=True, text=True
        ).stdout
        assert re.search(r"Pages: +1\n", told), file.name


# ------------------------------------------------------------------ all of them


def test_word_web_page_and_markdown_say_the_same(diff: Diff, tmp_path: Path) -> None:
    for form in FORMS:
        assert diff(OAKFIELD, *PAPER, "--document", "changes-for-staff", "--format", form)[0] == 0
    folder = tmp_path / "changes" / "oakfield" / "2026-27"
    for id_ in ("governors-paper", "changes-for-staff"):
        markdown, page, word = (read_lines(form, (folder / f"{id_}.{form}").read_bytes()) for form in FORMS)
        assert len(markdown) > 20
        assert page == markdown
        assert word == markdown


def test_web_pages_are_valid(diff: Diff, tool: Callable[[str], str], tmp_path: Path) -> None:
    asked = (
        *PAPER,
        "--document",
        "changes-for-staff",
        "--document",
        "changes-for-pupil-ks3",
        "--format",
        "html",
    )
    for school in (OAKFIELD, VALLEY, SCHOOLS / "hillside.yaml"):
        assert diff(school, *asked)[0] == 0
    files = sorted(str(path) for path in (tmp_path / "changes").rglob("*.html"))
    done = subprocess.run([tool("html-validate"), *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_one_page_goes_to_stdout_and_several_to_files(diff: Diff, tmp_path: Path) -> None:
    assert diff(OAKFIELD, *PAPER, "--format", "html")[1].startswith("<!DOCTYPE html>")
    assert not (tmp_path / "changes").exists()
    _, out, _ = diff(OAKFIELD, VALLEY, SCHOOLS / "hillside.yaml", *PAPER, "--format", "md")
    assert out.splitlines() == [
        "changes/oakfield/2026-27/governors-paper.md",
        "changes/valley/2026-27/governors-paper.md",
        "changes/hillside/2018-19/governors-paper.md",
    ]
    assert diff(OAKFIELD, *PAPER, "--format", "md", "--out", "paper.md")[0] == 0
    assert (tmp_path / "paper.md").is_file()


def test_exit_code_says_whether_anything_changed(diff: Diff) -> None:
    assert diff(OAKFIELD, *PAPER, "--format", "md", "--exit-code")[0] == 1
    assert (
        diff(OAKFIELD, *PAPER, "--format", "md", "--exit-code", "--from", "2026-27", "--to", "2026-27")[0]
        == 0
    )


def test_what_cannot_be_had_is_told_plainly(diff: Diff, tmp_path: Path) -> None:
    for form in ((), ("--format", "json")):
        code, out, err = diff(OAKFIELD, *PAPER, *form)
        assert (code, out) == (2, "")
        assert "`governors-paper` is a page to hand out: write it with --format md, html or docx" in err
    for wrong, right in (
        ("changes-for-staf", "changes-for-staff"),
        ("governor-paper", "governors-paper"),
        ("staff-polcy", "staff-policy"),
    ):
        code, _, err = diff(OAKFIELD, "--document", wrong, "--format", "md")
        assert code == 2
        assert f"there is no document `{wrong}`: did you mean `{right}`?" in err
    diff(OAKFIELD, "--format", "md", command="build")
    built = tmp_path / "build" / "oakfield" / "2026-27"
    code, out, err = diff(built, built, *PAPER, "--format", "md")
    assert (code, out) == (1, "")
    assert "error AUP423" in err


def test_a_workspace_with_older_pages_says_which_one_it_lacks(diff: Diff, tmp_path: Path) -> None:
    for folder in ("clauses", "schools", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    pages = tmp_path / "templates" / "changes"
    (pages / "governors-paper.md.j2").unlink()
    school = tmp_path / "schools" / "valley.yaml"
    code, _, err = diff(school, *PAPER, "--format", "md")
    assert code == 1
    assert "templates/changes:1:1: error AUP424: `governors-paper.md.j2` in this folder is missing" in err
    shutil.copy(ROOT / "templates" / "changes" / "governors-paper.md.j2", pages)
    words = (pages / "words.j2").read_text(encoding="utf-8")
    (pages / "words.j2").write_text(words.replace("{% set decisions", "{% set decided"), encoding="utf-8")
    assert "AUP424: `words.j2`" in diff(school, *PAPER, "--format", "md")[2]


def test_a_fault_in_a_page_is_told_at_its_line(diff: Diff, tmp_path: Path) -> None:
    for folder in ("clauses", "schools", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    page = tmp_path / "templates" / "changes" / "changes-for.md.j2"
    text = page.read_text(encoding="utf-8")
    line = text[: text.index("{{ fresh.words }}")].count("\n") + 1
    page.write_text(text.replace("{{ fresh.words }}", "{{ fresh.wrods }}"), encoding="utf-8")
    code, out, err = diff(
        tmp_path / "schools" / "valley.yaml", "--document", "changes-for-staff", "--format", "md"
    )
    assert (code, out) == (1, "")
    assert re.search(rf"^templates/changes/changes-for\.md\.j2:{line}:[0-9]+: error AUP504", err, re.M)


@pytest.mark.parametrize("hostile", list(ALL_HOSTILE.values())[::4])
def test_what_a_profile_says_stays_text(diff: Diff, tmp_path: Path, hostile: str) -> None:
    text = VALLEY.read_text(encoding="utf-8")
    ours = tmp_path / "ours.yaml"
    ours.write_text(
        text.replace("name: The Valley School", f"name: {json.dumps(hostile, ensure_ascii=False)}"),
        encoding="utf-8",
    )
    for form in FORMS:
        code, _, err = diff(ours, *PAPER, "--format", form, "--out", f"paper.{form}")
        if code:  # refused when it was read, as a build refuses it
            assert "AUP1" in err
            return
    markdown, page, word = (read_lines(form, (tmp_path / f"paper.{form}").read_bytes()) for form in FORMS)
    assert markdown == page
    assert word == page
