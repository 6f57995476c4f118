"""Edits of a YAML text: what was meant is said, and every other line stays as its author wrote it."""

from __future__ import annotations

import pytest

from aupgen.source.yaml_edit import EditError, YamlEditor
from aupgen.source.yaml_text import Data, Route
from tests.conftest import ROOT

TEXT = """\
# a school
name: X School   # here
contacts:
  # who answers
  siro:
    name: Jo # she
  # chair-of-governors:

clauses:
  # asked for by the librarian
  copyright:
    text: >-
      respect copyright, and ask
      in case of doubt

    reason: because
  no-disrepute: {use: false, reason: "no, thanks"}
documents:
  # pupil: {issue: false}
  staff-policy:
    sections:
      - id: a
        clauses:
          - one
          - two
      - id: b
        clauses: [three, four]
parameters:
  # signing: every-year
# the end
"""


def added(before: str, after: str) -> list[str]:
    """The lines that came in; fails where a line of before is no longer there, or in another order."""
    left, out = before.splitlines(), []
    for line in after.splitlines():
        if left and line == left[0]:
            left.pop(0)
        else:
            out.append(line)
    assert left == []
    return out


@pytest.mark.parametrize(
    ("route", "value", "lines"),
    [
        (("phase",), "primary", ["", "phase: primary"]),
        (("contacts", "dpo"), {"email": "a@example.org"}, ["  dpo:", "    email: a@example.org"]),
        (("contacts", "siro", "show"), "name", ["    show: name"]),
        (("clauses", "copyright", "use"), "true", ["    use: true"]),
        (("parameters", "byod"), "true", ["  byod: true"]),
        (("parameters", "hours"), {"from": "8:30", "to": "9:00"}, ["  hours:", "    from: 8:30", "    to: 9:00"]),
        (("documents", "device-loan", "issue"), "false", ["  device-loan:", "    issue: false"]),
        (("documents", "staff-policy", "sections", 0, "clauses", 2), "x", ["          - x"]),
        (("local_clauses", 0), {"id": "own", "audiences": ["staff", "governor"]},
         ["", "local_clauses:", "  - id: own", "    audiences: [staff, governor]"]),
        (("decided", "copyright"), {"choice": "keep"}, ["", "decided:", "  copyright:", "    choice: keep"]),
    ],
)  # fmt: skip
def test_what_is_put_in_is_all_that_changes(route: Route, value: Data, lines: list[str]) -> None:
    text = YamlEditor(TEXT)
    text.put(route, value)
    assert text.at(route) == value
    assert added(TEXT, text.text) == lines


def test_a_key_put_under_a_comment_stays_in_its_block() -> None:
    text = YamlEditor(TEXT)
    text.put(("parameters", "byod"), "true", ["May staff use their own devices?"])
    assert (
        "  # signing: every-year\n\n  # May staff use their own devices?\n  byod: true\n# the end\n"
        in text.text
    )


def test_what_is_in_braces_is_added_to_and_taken_from_in_braces() -> None:
    text = YamlEditor(TEXT)
    text.put(("clauses", "no-disrepute", "text"), "say [nothing], ever: at all")
    assert '{use: false, reason: "no, thanks", text: "say [nothing], ever: at all"}' in text.text
    text.remove(("clauses", "no-disrepute", "use"))
    assert '{reason: "no, thanks", text:' in text.text
    text.remove(("documents", "staff-policy", "sections", 1, "clauses", 1))
    assert "clauses: [three]\n" in text.text
    text.put(("documents", "staff-policy", "sections", 1, "clauses", 1), "five")
    assert "clauses: [three, five]\n" in text.text


@pytest.mark.parametrize(
    ("route", "gone"),
    [
        (("name",), ["name: X School   # here"]),
        (("contacts", "siro", "name"), ["    name: Jo # she"]),
        (("clauses", "copyright"), TEXT.splitlines()[10:16]),
        (("clauses", "copyright", "text"), TEXT.splitlines()[11:14]),
        (("clauses", "no-disrepute"), ['  no-disrepute: {use: false, reason: "no, thanks"}']),
        (("documents", "staff-policy", "sections", 0, "clauses", 1), ["          - two"]),
    ],
)
def test_what_is_taken_out_is_all_that_goes(route: Route, gone: list[str]) -> None:
    text = YamlEditor(TEXT)
    text.remove(route)
    assert text.at(route) is None
    assert added(text.text, TEXT) == gone


@pytest.mark.parametrize(
    ("block", "key", "left"),
    [
        ("  # why\n  a: 1\n", "a", ""),
        ("  # why\n  # and when\n  a:\n    b: 1\n\n", "a", "\n"),
        ("  x: 1\n  # why\n  a: 1\n\n  y: 1\n", "a", "  x: 1\n\n  y: 1\n"),
        ("  x: 1\n  # why\n  a: 1\n  # of y\n  y: 1\n", "a", "  x: 1\n  # of y\n  y: 1\n"),
        ("  # about a: why\n  a: 1\n  y: 1\n", "a", "  y: 1\n"),
        ("  # all of them\n  a: 1\n\n  y: 1\n", "a", "  # all of them\n\n  y: 1\n"),
        ("  x: 1\n  # both\n  a: 1\n  y: 1\n", "a", "  x: 1\n  # both\n  y: 1\n"),
        ("  x: 1\n  # a and x\n  a: 1\n", "a", "  x: 1\n  # a and x\n"),
        ("  x: 1\n  # of the block\n\n  a: 1\n", "a", "  x: 1\n  # of the block\n\n"),
        ("  x: 1\n  # z: 3\n  # why\n  a: 1\n", "a", "  x: 1\n  # z: 3\n"),
        ("  x: 1\n    # of x\n  a: 1\n", "a", "  x: 1\n    # of x\n"),
        ("  - 1\n  # why\n  - 2\n", 1, "  - 1\n"),
    ],
)
def test_a_comment_goes_with_the_entry_it_is_over_and_with_no_other(
    block: str, key: str | int, left: str
) -> None:
    text = YamlEditor(f"# top\nname: X\nin:\n{block}# end\nlast: 1\n")
    text.remove(("in", key), with_comments=True)
    assert text.text == f"# top\nname: X\nin:\n{left}# end\nlast: 1\n"


@pytest.mark.parametrize(
    ("block", "goes"),
    [
        ("in:\n", True),
        ("in:\n\n", True),
        ("in:  # mine\n", False),
        ("in:\n  # mine\n", False),
        ("in:\n\n  # a: 1\n", False),
        ("# mine\nin:\n", False),
        ("in: {}\n", False),
        ("in:\n  a: 1\n", False),
    ],
)
def test_a_block_goes_only_when_there_is_nothing_in_it_nor_over_it(block: str, goes: bool) -> None:
    text = YamlEditor(f"name: X\n{block}last: 1\n")
    text.remove_if_bare("in")
    assert ("in" not in text.data) == goes
    if goes:
        assert text.text.replace("\n\n", "\n") == "name: X\nlast: 1\n"
    else:
        assert text.text == f"name: X\n{block}last: 1\n"


def test_a_long_text_is_folded_and_any_text_comes_back_as_it_was() -> None:
    texts = [
        "word " * 60 + "end",
        "a: b # c",
        "yes, {x}",
        "- x",
        "two  blanks",
        "“quoted” ’",
        "'",
        '"',
        "*",
        "x\ny",
    ]
    for value in texts:
        text = YamlEditor(TEXT)
        text.put(("clauses", "new", "text"), value)
        assert text.at(("clauses", "new", "text")) == value
        assert all(len(line) < 130 for line in text.text.splitlines())


def test_a_text_that_cannot_be_edited_safely_is_left() -> None:
    text = YamlEditor("name: X\nsections:\n  - id: a\n    title: B\n")
    with pytest.raises(EditError):
        text.remove(("sections", 0, "id"))
    with pytest.raises(EditError):
        text.put(("name", "inner"), "x")
    with pytest.raises(EditError):
        YamlEditor("a: [b\n")
    assert text.text == "name: X\nsections:\n  - id: a\n    title: B\n"


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "schools").glob("*.yaml")))
def test_every_sample_takes_a_decision_and_gives_it_up_again(name: str) -> None:
    source = (ROOT / "schools" / name).read_text(encoding="utf-8")
    text = YamlEditor(source)
    clauses = text.at(("clauses",))
    for id_ in list(clauses) if isinstance(clauses, dict) else []:
        text.put(("decided", id_), {"choice": "later", "was": "I will do it, always: yes"})
    assert [line for line in added(source, text.text) if line and "    " in line and "{" in line] == []
    if isinstance(clauses, dict):
        for id_ in clauses:
            text.remove(("decided", id_))
        assert text.text == source.rstrip("\n") + "\n\ndecided:\n"
