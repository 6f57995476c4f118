"""The placeholder language: what it can say, what it refuses and where."""

from __future__ import annotations

import pytest

from aupgen.library.wording import compile_wording
from aupgen.policy.wording import Linked, Literal, Names, Pieces, Slot, Style, Styled
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span

PLAIN = frozenset({""})
JOINED = frozenset({"any", "all"})
NAMES = Names(
    {
        "me": {"": PLAIN},
        "hours": {"": frozenset({"range"}), "from": PLAIN, "places": JOINED},
        "roles": {"": JOINED},
        "role": {"headteacher": PLAIN},
        "flag": {},
    }
)


def compiled(text: str) -> tuple[Pieces, list[Diagnostic]]:
    source = SourceText("x.yaml", text)

    def locate(excerpt: str, occurrence: int) -> Span:
        offset = -1
        for _ in range(occurrence + 1):
            offset = text.find(excerpt, offset + 1)
        return source.span_at(max(offset, 0), len(excerpt))

    return compile_wording(text, NAMES, locate)


def test_names_fields_and_filters_become_slots() -> None:
    pieces, found = compiled(
        "tell {{ me }} of {{ hours.from }} {{hours|range}} *now* or **{{ role.headteacher }}**"
    )
    assert not found
    assert pieces == (
        Literal("tell "),
        Slot("me"),
        Literal(" of "),
        Slot("hours", "from"),
        Literal(" "),
        Slot("hours", "", "range"),
        Literal(" "),
        Styled(Style.EMPHASIS, (Literal("now"),)),
        Literal(" or "),
        Styled(Style.STRONG, (Slot("role", "headteacher"),)),
    )


def test_links_go_to_fixed_addresses() -> None:
    assert compiled("see [the advice](https://example.org/a)")[0][1] == Linked(
        "https://example.org/a", (Literal("the advice"),)
    )
    for address in ("ms-word:x", "//host/x", "search-ms:x", "file.html"):
        assert [d.code for d in compiled(f"see [it]({address})")[1]] == ["AUP503"]


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        ("x {{ 7*7 }}", 3, "AUP501"),
        ("x {{ me() }}", 3, "AUP501"),
        ("x {{ me.upper() }}", 3, "AUP501"),
        ("x {{ 'a' }}", 3, "AUP501"),
        ("x {{ hours['from'] }}", 3, "AUP501"),
        ("x {{ me if roles }}", 3, "AUP501"),
        ("x {{ me, roles }}", 3, "AUP501"),
        ("x {{ roles | any | all }}", 3, "AUP501"),
        ("x {{ roles | any(1) }}", 3, "AUP501"),
        ("x {{ }}", 3, "AUP501"),
        ("x {{ me", 3, "AUP501"),
        ("x {% if me %}y{% endif %}", 3, "AUP501"),
        ("x {% for a in b %}", 3, "AUP501"),
        ("x {# note #}", 3, "AUP501"),
        ("me {{ me }} {{ mee }}", 13, "AUP502"),
        ("x {{ me.name }}", 3, "AUP502"),
        ("x {{ roles }}", 3, "AUP502"),
        ("x {{ me | any }}", 3, "AUP502"),
        ("x {{ role.nobody }}", 3, "AUP502"),
        ("x {{ me.__class__ }}", 3, "AUP502"),
        ("x {{ flag }}", 3, "AUP502"),
        ("x {{ hours }}", 3, "AUP502"),
        ("x {{ hours.places }}", 3, "AUP502"),
        ("x {{ hours.from | range }}", 3, "AUP502"),
        ("x {{ role.headteacher | any }}", 3, "AUP502"),
        ("# a heading", 1, "AUP503"),
        ("- a list", 1, "AUP503"),
        ("1. a list", 1, "AUP503"),
        ("> quoted", 1, "AUP503"),
        ("an ![image](https://example.org/x.png)", 4, "AUP503"),
        ("some `code` here", 6, "AUP503"),
    ],
)
def test_everything_else_is_refused_at_its_place(text: str, column: int, code: str) -> None:
    _, found = compiled(text)
    assert [(d.span.column, d.code) for d in found if d.code == code][:1] == [(column, code)]


def test_odd_signs_are_words_like_any_other() -> None:
    for text in ("a < b & c > d", "& 5", "C# and \\*stars\\*", "5 > 3 and 3 < 5"):
        pieces, found = compiled(text)
        assert not found
        assert all(isinstance(piece, Literal) for piece in pieces)


def test_html_scripts_and_hidden_lists_are_refused() -> None:
    for text in (
        "<b>never</b>",
        "[x](javascript:y)",
        "one\n- two",
        "see <https://example.org> or <br>",
        "&#12;",
        "&Tab;",
    ):
        assert "AUP503" in [d.code for d in compiled(text)[1]]
