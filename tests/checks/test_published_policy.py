"""Contradictions and claims of a published policy, written as a school's own clauses: all are found, and told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from aupgen.checks.leftovers import gap_in
from tests.checks.test_command import SCHOOL
from tests.checks.workspaces import findings, library_copy

CLAUSE = """  - id: {id}
    topic: {topic}
    owner: headteacher
    audiences: [staff]
    kind: {kind}
    essential: [staff-agreement]
    rationale: It stood in our old policy.
    text: >-
      {text}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return library_copy(tmp_path)


def codes(
    workspace: Path, capsys: pytest.CaptureFixture[str], *said: tuple[str, str, str]
) -> list[tuple[str, str]]:
    """Code and clause of what is found in a school with some clauses of its own: topic, kind and text of each."""
    clauses = (
        CLAUSE.format(id=f"own-{number}", topic=topic, kind=kind, text=text)
        for number, (topic, kind, text) in enumerate(said, start=1)
    )
    own = ", ".join(f"own-{number}" for number in range(1, len(said) + 1))
    sections = f"{{sections: [{{id: ours, title: Our rules, clauses: [{own}]}}]}}"
    text = SCHOOL.replace("{staff-agreement: {}}", f"{{staff-policy: {sections}}}")
    text += "local_clauses:\n" + "".join(clauses)
    (workspace / "schools" / "oakfield.yaml").write_text(text, encoding="utf-8")
    return [(f["code"], f["clause"]) for f in findings(capsys)]


PHONES, PICTURES, DATA = "mobile-phones", "images", "data-off-site"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            (PHONES, "must", "make sure that phones are switched off, not just on silent, while on site"),
            (PHONES, "must", "keep mobile devices switched off or on silent at all times"),
            id="off-not-silent, off-or-silent",
        ),
        pytest.param(
            (PHONES, "statement", "phones must be turned off (silent mode is not acceptable)"),
            (PHONES, "must", "put {{ my }} phone on silent in lessons"),
            id="silent-not-acceptable, on-silent",
        ),
        pytest.param(
            (PICTURES, "statement", "no images or videos are taken on mobile phones or personal devices"),
            (PICTURES, "may", "record images on a mobile phone where the headteacher has agreed it beforehand"),
            id="pictures-never, by-agreement",
        ),
        pytest.param(
            (PICTURES, "must-not", "take photographs of {{ pupils }} with {{ my }} own phone"),
            (PICTURES, "may", "use {{ my }} own camera for pictures of {{ pupils }} with permission from the headteacher"),
            id="pictures-not, with-permission",
        ),
        pytest.param(
            (PHONES, "must-not", "contact {{ pupils }} or their families on {{ my }} own mobile phone"),
            (PHONES, "may", "use {{ my }} own device in an emergency, hiding the number"),
            id="own-phone-never, in-an-emergency",
        ),
        pytest.param(
            (PHONES, "statement", "staff never use their personal phones during the school day"),
            (PHONES, "may", "use a personal phone in exceptional circumstances"),
            id="own-phone-never, exceptionally",
        ),
        pytest.param(
            (DATA, "must-not", "send personal data about {{ pupils }} or staff by email"),
            (DATA, "must", "send emails with personal data in encrypted form"),
            id="email-never, encrypted",
        ),
    ],
)  # fmt: skip
def test_two_clauses_that_cannot_both_be_kept_are_found(
    one: tuple[str, str, str],
    other: tuple[str, str, str],
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert codes(workspace, capsys, one, other) == [("AUP330", "own-2")]
    assert codes(workspace, capsys, one) == []
    assert codes(workspace, capsys, other) == []


@pytest.mark.parametrize(
    ("code", "topic", "kind", "text"),
    [
        ("AUP343", DATA, "must", "keep personal data that leaves the site encrypted, e.g. on a password secured laptop or memory stick"),
        ("AUP343", DATA, "must", "see that memory sticks with pupil data are password protected"),
        ("AUP343", DATA, "must", "protect files with personal data with a password before {{ i }} send them"),
        ("AUP344", PHONES, "statement", "we will search any device brought on site"),
        ("AUP344", PHONES, "statement", "routine monitoring may include a search of a staff member’s phone at any time"),
        ("AUP344", PHONES, "statement", "mobile phones may be searched at any time"),
        ("AUP345", "acceptable-use", "understands", "it is a criminal offence to use a school system for a purpose not permitted by its owner"),
        ("AUP345", "acceptable-use", "statement", "unauthorised use of school equipment is illegal"),
        ("AUP345", "acceptable-use", "statement", "anybody who breaks these rules commits a crime"),
        ("AUP345", "acceptable-use", "understands", "sharing a password is against our rules or breaks the law"),
        ("AUP345", "acceptable-use", "understands", "that careless or hurried use breaks the law"),
    ],
)  # fmt: skip
def test_a_claim_that_is_too_broad_is_found(
    code: str, topic: str, kind: str, text: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert codes(workspace, capsys, (topic, kind, text)) == [(code, "own-1")]


@pytest.mark.parametrize(
    ("topic", "kind", "text"),
    [
        (DATA, "must", "encrypt files with personal data before {{ i }} send them, and give the password by telephone"),
        (DATA, "must", "lock {{ my }} screen with a password whenever {{ i }} leave it"),
        (DATA, "must", "encrypt memory sticks and keep the password apart from them"),
        (PHONES, "statement", "staff who are allowed to may search for a phone, as far as the law allows"),
        (PHONES, "statement", "the school may search school-owned devices for personal files left on them"),
        (PHONES, "must", "search for {{ my }} phone at home before reporting it lost"),
        ("acceptable-use", "understands", "getting into an account without permission can be a crime"),
        ("acceptable-use", "must-not", "look at anything that is illegal"),
        ("acceptable-use", "must", "report a message that is very disturbing or breaks the law"),
        ("acceptable-use", "understands", "sharing a sexual picture of a child is a criminal offence"),
        (PHONES, "must", "not use a personal phone in lessons, except in an emergency"),
        (PHONES, "may", "use a personal phone in the staff room"),
        (PICTURES, "must", "take pictures of {{ pupils }} with school cameras only"),
    ],
)  # fmt: skip
def test_what_is_rightly_said_is_let_be(
    topic: str, kind: str, text: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert codes(workspace, capsys, (topic, kind, text)) == []


@pytest.mark.parametrize(
    ("value", "is_gap"),
    [
        ("XXX", True),
        ("TBC", True),
        ("to be agreed (tbc)", True),
        ("[insert name]", True),
        ("<school name>", True),
        ("(please insert the date)", True),
        ("____________", True),
        ("dd/mm/yyyy", True),
        ("details such as (email address, telephone number)", False),
        ("our [name of policy](https://example.org/policy)", False),
        ("Year 5 and Year 6 (date of birth not shown)", False),
        ("Tess Tba", False),
        ("X-ray lab", False),
        ("wait … and see", False),
    ],
)
def test_a_gap_is_told_from_words_that_look_like_one(value: str, is_gap: bool) -> None:
    assert bool(gap_in(value)) is is_gap
