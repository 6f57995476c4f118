"""The authority's board as values: who needs a call, what is counted, what is kept out, and the list of schools."""

from __future__ import annotations

import csv
import io
from datetime import date
from html.parser import HTMLParser

import pytest

from aupgen.board.board import Tally, make_board
from aupgen.board.page import Written, write_board
from aupgen.board.people import with_parts, without_people
from aupgen.board.roster import Given, match_roster, not_expected, read_roster
from aupgen.board.school import Call, Departed, Departure, PutOff, SchoolRow, current_year, unheard_row
from aupgen.files import LOOK, Workspace, read_look, read_page_texts
from aupgen.policy.year import PolicyYear
from aupgen.source.span import SourceText
from tests.conftest import ROOT

DAY = date(2026, 11, 22)


def row(
    name: str, *calls: Call, year: int | None = 2026, departures: tuple[Departure, ...] = ()
) -> SchoolRow:
    slug = name.lower()
    return SchoolRow(slug, name, calls, PolicyYear(year) if year else None, edition=1, departures=departures)


def changed(clause: str, what: Departed = Departed.OFF, reason: str = "Not ours") -> Departure:
    return Departure(what, clause, "Passwords", reason, "a")


def templates() -> dict[str, SourceText]:
    texts, _ = read_page_texts(Workspace(ROOT), "report")
    look, _ = read_look(Workspace(ROOT))
    assert look is not None
    return {**texts, LOOK: look}


def written(*rows: SchoolRow) -> Written:
    out, found = write_board(make_board(rows, DAY), templates())
    assert out is not None, found
    return out


# ------------------------------------------------------------------ order and numbers


def test_schools_stand_by_their_most_urgent_reason_then_by_how_many_then_by_name() -> None:
    rows = [
        row("Fine"),
        row("Beta", Call.UNAPPROVED),
        row("alpha", Call.UNAPPROVED),
        row("Both", Call.UNAPPROVED, Call.REVIEW),
        row("Changed", Call.CHANGED),
        row("Unheld", Call.UNHELD),
        row("Stopped", Call.STOPPED),
        unheard_row("silent", "Silent"),
        row("Late", Call.REVIEW),
        row("Old", Call.OLD, year=2025),
        row("Wrong", Call.ERRORS),
        row("Undecided", Call.UNDECIDED),
    ]
    names = [one.name for one in make_board(rows, DAY).rows]
    assert names == [
        "Silent", "Stopped", "Unheld", "Changed", "Both", "alpha", "Beta", "Late", "Old", "Undecided", "Wrong",
        "Fine",
    ]  # fmt: skip
    assert make_board(reversed(rows), DAY) == make_board(rows, DAY)


def test_the_numbers_of_the_first_sentence_add_up_to_the_schools_expected() -> None:
    from msgspec.structs import replace

    rows = [
        row("A"), row("B"), row("C", Call.OLD, year=2025), row("D", year=2018), row("E", year=2027),
        row("F", Call.STOPPED, year=None), unheard_row("g", "G"), replace(row("H"), expected=False),
    ]  # fmt: skip
    tally = make_board(rows, DAY).tally
    assert tally == Tally(7, current=2, last=1, older=1, ahead=1, unknown=1, unheard=1, others=1, calls=3)
    places = (tally.current, tally.last, tally.older, tally.ahead, tally.unknown, tally.unheard)
    assert sum(places) == tally.expected
    assert written(*rows).sentence == (
        "2 of 7 schools are on 2026-27, 1 on a later year, 1 on last year’s, 1 on an older year, "
        "1 with a profile that cannot be read, 1 not heard from. 1 more is not on the list of schools."
    )


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ((), "No schools are expected."),
        (("A",), "1 of 1 school is on 2026-27."),
        (("A", "B"), "2 of 2 schools are on 2026-27."),
    ],
)
def test_the_first_sentence_says_no_more_than_there_is(rows: tuple[str, ...], sentence: str) -> None:
    assert written(*map(row, rows)).sentence == sentence


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 8, 31), "2025-26"), (date(2026, 9, 1), "2026-27"), (DAY, "2026-27")]
)
def test_a_policy_year_begins_in_september(day: date, year: str) -> None:
    assert str(current_year(day)) == year


def test_clauses_changed_are_counted_over_schools_with_their_reasons() -> None:
    rows = [
        row("A", departures=(changed("quiet"), changed("own", Departed.ADDED))),
        row("B", departures=(changed("loud"), changed("quiet", Departed.REWORDED))),
        row("C", departures=(changed("quiet", reason="Too long"),)),
    ]
    first, second = make_board(rows, DAY).changed
    assert (first.clause, first.off, first.reworded, first.number) == ("quiet", 2, 1, 3)
    assert [(reason.text, reason.number) for reason in first.reasons] == [("Not ours", 2), ("Too long", 1)]
    assert (second.clause, second.number) == ("loud", 1)


# ------------------------------------------------------------------ page and table


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = "</td><script>alert(1)</script>{{ 7 * 7 }}"


def test_what_schools_wrote_is_text_on_the_page() -> None:
    page = written(row(HOSTILE, departures=(changed("quiet", reason=HOSTILE),))).page
    reader = _Reader()
    reader.feed(page)
    assert "script" not in {tag for tag, _ in reader.tags}
    assert reader.text.count(HOSTILE) == 4
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    ids = {attributes.get("id") for _, attributes in reader.tags}
    assert links == ["#changes-1"]
    assert "changes-1" in ids


def test_the_page_loads_nothing_and_its_style_is_allowed_by_digest_alone() -> None:
    import base64
    import hashlib

    page = written(row("A")).page
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" in page
    assert " style=" not in page
    assert not [
        word
        for word in ("src=", "http:", "https:", "@import", "url(")
        if word in page.replace("default-src", "")
    ]


def test_the_table_has_a_row_for_each_school_and_no_formula() -> None:
    text = written(row("=1+1", Call.OLD, Call.ERRORS), unheard_row("silent", "Silent")).table
    silent, other = csv.DictReader(io.StringIO(text))
    assert (silent["slug"], silent["needs_call"], silent["errors"]) == ("silent", "not-heard-from", "")
    assert (other["name"], other["needs_call"], other["errors"]) == ("'=1+1", "old-year; other-errors", "0")


def test_who_still_has_to_decide_is_counted_and_named_with_the_rules() -> None:
    from msgspec.structs import replace

    put_off = (PutOff("copyright", "2026-27, edition 2", "a"), PutOff("quiet", HOSTILE, "trust"))
    one, two = replace(row("A", Call.UNDECIDED), put_off=put_off), row("B")
    board = written(one, two)
    reader = _Reader()
    reader.feed(board.page)
    text = " ".join(reader.text.split())
    assert "1 school has put off a decision, or the trust above it has." in text
    assert "copyright, changed by the pack of 2026-27, edition 2 quiet, changed by the pack of" in text
    assert f"{HOSTILE}: its trust has to decide" in text
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    ids = [attributes.get("id") for _, attributes in reader.tags]
    assert links == ["#decide-1"]
    assert ids.count("decide-1") == 1
    first, second = csv.DictReader(io.StringIO(board.table))
    assert first["decisions_put_off"] == f"copyright (2026-27, edition 2); quiet ({HOSTILE})"
    assert second["decisions_put_off"] == ""
    assert "Who still has to decide" not in written(two).page


def test_a_template_that_cannot_be_used_is_told_at_its_line() -> None:
    texts = templates()
    name = "sentence.txt.j2"
    for text, line in (("\n{% if %}", 2), ("{{ nothing.at.all }}", 1)):
        out, (fault,) = write_board(
            make_board([row("A")], DAY), {**texts, name: SourceText(f"templates/report/{name}", text)}
        )
        assert out is None
        assert (fault.code, fault.span.path, fault.span.line) == ("AUP504", f"templates/report/{name}", line)
    out, (fault,) = write_board(make_board([], DAY), {k: v for k, v in texts.items() if k != "page.css"})
    assert (out, fault.code) == (None, "AUP504")


# ------------------------------------------------------------------ no people


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ann Lee asked for it", "[…] asked for it"),
        ("ANN  LEE and Mrs Lee asked", "[…] and […] asked"),
        ("Lee’s idea, then Ann’s", "[…]’s idea, then […]’s"),
        ("Ask head@school.example.org, or 01632 960110.", "Ask […], or […]."),
        ("Ring +44 (0)1632 960 110 first", "Ring […] first"),
        ("Dr Oduya-Brown said so", "[…] said so"),
        ("Agreed on 2026-06-09 and on 9 June 2026, minute 7.2", "Agreed on 2026-06-09 and on 9 June 2026, minute 7.2"),
        ("A sleeve and an annual fee for 120 pupils", "A sleeve and an annual fee for 120 pupils"),
        ("two\nlines", "two lines"),
        ("Our data Protection Officer rang Data Protection Hub", "Our data Protection Officer rang […]"),
    ],
)  # fmt: skip
def test_names_emails_and_numbers_give_way_to_a_mark(text: str, left: str) -> None:
    assert (
        without_people(text, with_parts(["Ann  Lee", "Data Protection Hub"], {"data", "protection"})) == left
    )


# ------------------------------------------------------------------ the list of schools


def roster(text: str) -> list[tuple[str, int, int]]:
    schools, found = read_roster(SourceText("roster.csv", text))
    assert found or schools
    return [(finding.code, finding.span.line, finding.span.column) for finding in found]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("name,slug\nA,a\n", []),
        ("Name, FILE ,head\n\nA,schools/a.yaml,Ann Lee\n", []),
        ("", [("AUP620", 1, 1)]),
        ("name,slug\n", [("AUP620", 1, 1)]),
        ("school,slug\nA,a\n", [("AUP620", 1, 1)]),
        ("name,head\nA,a\n", [("AUP620", 1, 1)]),
        ("name;slug;\nA;a;\n", []),
        ("name|slug\nA|a\n", [("AUP620", 1, 1)]),
        ("name,slug,slug\nA,a,b\n", [("AUP620", 1, 11)]),
        ("name,slug\nA,a,b\nB,b\n", [("AUP621", 2, 5)]),
        ("name,slug\n,a\nB,\n", [("AUP621", 2, 1), ("AUP621", 3, 3)]),
        ('name,slug\nA,"a"b\n', [("AUP621", 2, 6)]),
        ("name,slug\nA,a\nB,b\nC,a.yaml\n", [("AUP622", 4, 1)]),
    ],
)
def test_faults_of_the_list_stand_at_their_row_and_column(
    text: str, faults: list[tuple[str, int, int]]
) -> None:
    assert roster(text) == faults


def test_profiles_meet_their_rows_by_name_or_by_file() -> None:
    schools, _ = read_roster(SourceText("r.csv", "name,slug,file\nA,a,\nB,,x/b.yaml\nC,c,\n"))
    a, b, b_elsewhere, d = Given("a", "/s/a"), Given("b", "/x/b.yaml"), Given("b", "/y/b"), Given("d", "/s/d")
    matched, found = match_roster(schools, {schools[1]: "/x/b.yaml"}, [a, b, b_elsewhere, d])
    assert not found
    assert {one: school.name for one, school in matched.items()} == {a: "A", b: "B"}


def test_one_row_for_two_profiles_and_two_rows_for_one_are_told() -> None:
    schools, _ = read_roster(SourceText("r.csv", "name,slug,file\nA,a,\nB,,s/a.yaml\n"))
    _, found = match_roster(schools, {schools[1]: "/s/a"}, [Given("a", "/s/a"), Given("a", "/t/a")])
    assert [(finding.code, finding.span.line) for finding in found] == [("AUP624", 2), ("AUP622", 3)]


def test_a_school_that_is_not_expected_is_a_warning_with_the_likely_row() -> None:
    schools, _ = read_roster(SourceText("r.csv", "name,slug\nOakfield,oakfeild\n"))
    finding = not_expected("oakfield", schools, "r.csv")
    assert (finding.code, finding.severity) == ("AUP623", "warning")
    assert finding.help == "did you mean `oakfeild`?"
