"""The loader: what stays text, where things stand, what is refused."""

from __future__ import annotations

import pytest

from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span
from aupgen.source.text import MAX_BYTES, decode
from aupgen.source.yaml_text import MAX_DEPTH, MAX_NODES, YamlFile, read_yaml


def read(text: str) -> tuple[YamlFile | None, list[Diagnostic]]:
    return read_yaml(SourceText("x.yaml", text))


def places(found: list[Diagnostic]) -> list[tuple[int, int, str]]:
    return [(d.span.line, d.span.column, d.code) for d in found]


@pytest.mark.parametrize(
    "written",
    [
        "8:30",
        "0161 496 0000",
        "0161",
        "no",
        "on",
        "1.10",
        "2026-09-01",
        "1_000",
        "0x1F",
        "12e03",
        ".nan",
        "=",
        "null",
        "1e999999",
        "+44 1632 960000",
    ],
)
def test_every_scalar_stays_the_text_it_was_written_as(written: str) -> None:
    file, found = read(f"key: {written}\n")
    assert not found
    assert file is not None
    assert file.data == {"key": written}


def test_keys_and_values_know_their_places() -> None:
    file, _ = read(
        "name: Valley\nlist:\n  - a: 1\n    bé: two words\ntext: >-\n  one {{ two\n  three }} four\n"
    )
    assert file is not None
    assert file.key_span(("list", 0, "bé")) == Span("x.yaml", 4, 5, 7)
    assert file.value_span(("list", 0, "bé")) == Span("x.yaml", 4, 9, 18)
    assert file.value_span(("nothing", "there")) == Span("x.yaml", 1, 1, 1)
    assert file.data["text"] == "one {{ two three }} four"
    assert file.excerpt_span(("text",), "{{ two three }}") == Span("x.yaml", 6, 7, 13)


def test_line_ends_of_windows_and_old_macs_read_like_any_other() -> None:
    for raw in (b"a: 1\r\nb: 2\r\n", b"a: 1\rb: 2\r", b"\xef\xbb\xbfa: 1\nb: 2\n"):
        source, found = decode("x.yaml", raw)
        assert not found
        assert source is not None
        file, found = read_yaml(source)
        assert file is not None
        assert file.data == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [(3, 1, "AUP103")]),
        ("a: 1\n'a': 2\n", [(2, 1, "AUP103")]),
        ("caf\u00e9: 1\ncafe\u0301: 2\n", [(2, 1, "AUP103")]),
        ("a: &x 1\nb: *x\nc: !!set {}\n", [(1, 4, "AUP104"), (2, 4, "AUP104"), (3, 4, "AUP104")]),
        ("<<: 1\n", [(1, 1, "AUP104")]),
        ("a: 1\n---\nb: 2\n", [(2, 1, "AUP104")]),
        ("%YAML 1.1\n---\na: 1\n", [(1, 1, "AUP104")]),
        ("a:\n\tb: 1\nc:\td\n", [(2, 1, "AUP105"), (3, 3, "AUP105")]),
        ("a: x\x07y\n", [(1, 5, "AUP105")]),
        ('a: "\\0"\nb: "\\uFFFF"\n', [(1, 4, "AUP105"), (2, 4, "AUP105")]),
        ("a: \u202eevil\n", [(1, 4, "AUP105")]),
        ("a: 1\n\u00a0b: 2\n", [(2, 1, "AUP105")]),
        (
            "<<<<<<< mine\na: 1\n=======\na: 2\n>>>>>>> theirs\n",
            [(1, 1, "AUP102"), (3, 1, "AUP102"), (5, 1, "AUP102")],
        ),
        ("head: Mrs: Smith\n", [(1, 10, "AUP102")]),
        ("a: [one, two\nb: 1\n", [(1, 4, "AUP102")]),
        ("a: @home\n", [(1, 4, "AUP102")]),
        ('a: "never closed\n', [(1, 4, "AUP102")]),
        ("- a\n", [(1, 1, "AUP108")]),
        ("# only a comment\n", [(1, 1, "AUP108")]),
        ("", [(1, 1, "AUP108")]),
        ("? [a, b]\n: 1\n", [(1, 3, "AUP112")]),
    ],
)
def test_what_is_not_plain_yaml_is_refused_at_its_place(
    text: str, expected: list[tuple[int, int, str]]
) -> None:
    assert places(read(text)[1]) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a: é\n".encode("cp1252"), (1, 4, "AUP101")),
        ("a: 1\n".encode("utf-16"), (1, 1, "AUP101")),
        (b"PK\x03\x04rest", (1, 1, "AUP101")),
        (b"a" * (MAX_BYTES + 1), (1, 1, "AUP106")),
    ],
)
def test_files_that_are_no_utf8_text_are_named(raw: bytes, expected: tuple[int, int, str]) -> None:
    source, found = decode("x.yaml", raw)
    assert source is None
    assert places(found) == [expected]


def test_depth_and_size_have_limits_one_below_at_and_above() -> None:
    for depth, codes in ((MAX_DEPTH - 1, []), (MAX_DEPTH, ["AUP107"])):
        _, found = read("a: " + "[" * depth + "]" * depth + "\n")
        assert [d.code for d in found] == codes
    for count, codes in ((MAX_NODES - 3, []), (MAX_NODES - 2, ["AUP107"])):
        _, found = read("a:\n" + "- x\n" * count)
        assert [d.code for d in found] == codes


def test_an_emoji_family_may_keep_its_joiners() -> None:
    file, found = read("motto: 👩‍👩‍👧 together\n")
    assert not found
    assert file is not None
