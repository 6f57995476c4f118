"""Profile text is data: whatever a school writes stands in its documents as those characters, and changes
nothing else. Every text field is set to every hostile text: beside other hostile texts, with all other fields
set to the same one and, for one field of each kind, alone. The three files are read back by programs that are
not ours."""

from __future__ import annotations

import copy
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from aupgen.build import FORMATS, render_profile
from aupgen.document.walk import lines
from aupgen.policy.parameter import ParameterType
from aupgen.policy.profile import Profile
from aupgen.source.shape import _shows
from aupgen.source.span import SourceText
from tests.conftest import VALLEY
from tests.e2e.hostile import ALL_HOSTILE, HOSTILE
from tests.e2e.test_formats_agree import (
    MARKDOWN,
    Lines,
    PageReader,
    documents_of,
    docx_lines,
    kit,
    markdown_lines,
    profile_from,
)
from tests.one_layer import read_profile

HARMLESS = "Harmless words"
"""Starts with a capital, so that no sentence changes it, and ends without a stop."""

Route: TypeAlias = tuple[str | int, ...]
Kind: TypeAlias = tuple[str | int | bool, ...]
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def printed(text: str) -> str:
    """What a one-line field holds: white space folded, in Unicode's composed form."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


# ------------------------------------------------------------------ the profile and its text fields


@cache
def _base() -> dict[str, Any]:
    """Valley with some more decisions, so that every kind of text field is there."""
    data: dict[str, Any] = yaml.load(VALLEY.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    data["contacts"]["network-manager"] |= {"names": ["Ann Lee", "Bo Lim"], "show": "name"}
    data["contacts"]["data-protection-lead"] |= {"firm": "Lock and Key Ltd", "show": "name"}
    data["documents"]["staff-policy"]["addressed_as"] = "staff and friends"
    data["documents"]["staff-agreement"]["name"] = "user agreement"
    forms = {"one": "child", "many": "children", "possessive": "child’s", "possessive_many": "children’s"}
    data["vocabulary"] = {"pupil": dict(forms), "parent": {**forms, "one": "parent", "many": "parents"}}
    return data


def _leaves(value: Any, route: Route = ()) -> Iterator[Route]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*route, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _leaves(inner, (*route, position))
    else:
        yield route


def _is_text(route: Route) -> bool:
    """Whether a profile may write any text there: not an id, a number, an address or one of a few choices."""
    match route:
        case ("name",) | ("approver",) | ("mottos", _) | ("vocabulary", _, _):
            return True
        case ("contacts", _, "title" | "name" | "firm") | ("contacts", _, "names", _):
            return True
        case ("documents", *_, "title" | "name" | "addressed_as"):
            return True
        case ("parameters", str(name), *rest) | ("clauses", _, "parameters", str(name), *rest):
            type_ = kit().library.parameters[name].type
            hours = type_ is ParameterType.HOURS and rest[:1] in (["places"], ["times"])
            return type_ in (ParameterType.TEXT, ParameterType.WORDS) or hours
        case _:
            return False


@cache
def text_fields() -> tuple[Route, ...]:
    """Every text field of the profile, by its route."""
    return tuple(route for route in _leaves(_base()) if _is_text(route))


def _with(texts: dict[Route, str]) -> str:
    """The profile as YAML, every scalar in double quotes, with some texts changed."""
    data = copy.deepcopy(_base())
    for route, text in texts.items():
        place: Any = data
        for step in route[:-1]:
            place = place[step]
        place[route[-1]] = text
    return _dumped(data)


def _dumped(data: dict[str, Any]) -> str:
    dumped: str = yaml.dump(
        data, Dumper=_DUMPER, default_style='"', allow_unicode=True, width=10_000, sort_keys=False
    )
    return dumped


# ------------------------------------------------------------------ what a build reads back as

Shape: TypeAlias = list[Any]


@dataclass(frozen=True)
class Built:
    """What the files of a profile say (lines) and how they are made (shapes), by file name.

    The fingerprint of the words is taken out of the lines: other words have another one.
    """

    lines: dict[str, Lines]
    shapes: dict[str, Shape]


def built(texts: dict[Route, str], only: tuple[str, ...] = ()) -> Built:
    """Build a profile in memory, exactly as `aupgen build` does, and read its files back."""
    return built_from(_with(texts), only)


def built_from(profile: str, only: tuple[str, ...] = ()) -> Built:
    """The same from the text of a profile."""
    rendered, found = render_profile(kit().library, kit().shell, profile_from(profile), {}, only=only)
    assert rendered is not None
    assert not found
    read = {file.name: _READERS[file.format](file.data) for file in rendered.files}
    said = {name: _without_fingerprint(lines) for name, (lines, _) in read.items()}
    return Built(said, {name: shape for name, (_, shape) in read.items()})


def _without_fingerprint(lines: Iterable[tuple[str, str]]) -> Lines:
    return [(kind, _FINGERPRINT.sub("", line)) for kind, line in lines]


_FINGERPRINT = re.compile(r" \(fingerprint [0-9a-f]{4}-[0-9a-f]{4}\)")


def _read_markdown(data: bytes) -> tuple[Lines, Shape]:
    """The lines, and every block and inline but plain text."""
    tokens = MARKDOWN.parse(data.decode("utf-8"))
    shape: Shape = []
    for token in tokens:
        shape.append((token.type, token.tag, token.markup, token.level, token.attrs))
        for child in token.children or []:
            if child.type not in ("text", "text_special"):
                shape.append((child.type, child.content, child.attrs))
    return markdown_lines(tokens), shape


class _TagReader(PageReader):
    """Reads lines, and all there is on the page but its text."""

    def __init__(self) -> None:
        super().__init__()
        self.shape: Shape = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag != "bdi":  # isolates right-to-left text: wanted, and no structure
            self.shape.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if tag != "bdi":
            self.shape.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.shape.append(("comment", data))

    def handle_pi(self, data: str) -> None:
        self.shape.append(("instruction", data))

    def handle_decl(self, decl: str) -> None:
        self.shape.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        self.shape.append(("declaration", data))


def _read_html(data: bytes) -> tuple[Lines, Shape]:
    reader = _TagReader()
    reader.feed(data.decode("utf-8"))
    reader.close()
    return reader.lines, reader.shape


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEFT_OUT = {f"{_W}{name}" for name in ("r", "t", "rtl", "bidi", "cs")}  # plain runs, and their direction
_WIDTHS = {f"{_W}gridCol", f"{_W}tcW"}  # follow the length of the words
_WITH_WORDS = re.compile(r"word/(document|header\d*|footer\d*)\.xml|docProps/core\.xml")


def _read_docx(data: bytes) -> tuple[Lines, Shape]:
    """The lines, and every part with each of its elements but plain runs and column widths."""
    shape: Shape = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            part = package.read(name)
            shape.append(name if _WITH_WORDS.fullmatch(name) else (name, hash(part)))
            if _WITH_WORDS.fullmatch(name):
                for element in etree.fromstring(part).iter():
                    if element.tag not in _LEFT_OUT and not _is_direction(element):
                        shape.append((element.tag, () if element.tag in _WIDTHS else element.items()))
    return docx_lines(data), shape


def _is_direction(element: Any) -> bool:
    return element.tag == f"{_W}rPr" and all(inner.tag in _LEFT_OUT for inner in element)


_READERS: dict[str, Callable[[bytes], tuple[Lines, Shape]]] = {
    "md": _read_markdown,
    "html": _read_html,
    "docx": _read_docx,
}

# ------------------------------------------------------------------ holding one against the other

_STOPS = (".", "!", "?", "…", ":")


def _may_print(line: str, texts: Mapping[str, str]) -> set[str]:
    """A harmless line with hostile texts in place of harmless ones. A sentence may give the text at its
    start a capital, and has no stop of its own after a text that ends in one."""
    pieces = re.split("|".join(f"({re.escape(harmless)})" for harmless in texts), line)
    said = [texts.get(piece, piece) for piece in pieces if piece]
    words = [piece for piece in pieces if piece]
    if words[-1:] == ["."] and words[-2] in texts and said[-2].endswith(_STOPS):
        said.pop()
    literal = "".join(said)
    return {literal, literal[:1].upper() + literal[1:]} if words[:1] and words[0] in texts else {literal}


def faults(hostile: Built, harmless: Built, texts: Mapping[str, str]) -> Iterator[str]:
    """Say where files with hostile texts differ from those with harmless ones in more than those texts."""
    for name, calm in harmless.lines.items():
        assert calm, f"{name} could not be read back"
        for (kind, line), (kind_now, line_now) in zip(calm, hostile.lines[name], strict=False):
            if kind_now != kind or line_now not in _may_print(line, texts):
                yield f"{name}: {kind} {line!r} became {kind_now} {line_now!r}"
        if len(calm) != len(hostile.lines[name]):
            yield f"{name}: {len(calm)} lines became {len(hostile.lines[name])}"
        if hostile.shapes[name] != harmless.shapes[name]:
            pairs = zip(harmless.shapes[name], hostile.shapes[name], strict=False)
            first = next(((a, b) for a, b in pairs if a != b), ("the end", "another end"))
            yield f"{name}: {first[0]} became {first[1]}"


def _documents_to_read(route: Route) -> tuple[str, ...]:
    """The policy prints every field, with the agreement as its appendix; only titles show elsewhere too."""
    return () if route[0] == "documents" else ("staff-policy",)


@cache
def _harmless(route: Route) -> Built:
    return built({route: HARMLESS}, _documents_to_read(route))


@cache
def _all_harmless() -> Built:
    return built(dict.fromkeys(text_fields(), HARMLESS))


@cache
def _all_harmless_and_different() -> Built:
    return built({route: f"{HARMLESS} {n:03d} x" for n, route in enumerate(text_fields())})


def _kind(route: Route) -> Kind:
    """Fields of one kind reach the documents by one way: an item of a list, a title of some contact."""
    match route:
        case ("contacts", _, what, *_):
            return "contacts", "title" if what == "title" else "name"
        case ("documents", _, *_, what):
            return "documents", len(route) > 3, what
        case ("parameters", str(name), *_):
            return (str(kit().library.parameters[name].type),)
        case _:
            return route[:1]


texts_by_name = pytest.mark.parametrize("text", ALL_HOSTILE.values(), ids=ALL_HOSTILE.keys())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_in_one_field_of_a_kind_is_printed_and_changes_nothing_else(text: str) -> None:
    one_of_a_kind = {_kind(route): route for route in reversed(text_fields())}
    found = [
        f"{'.'.join(map(str, route))}: {fault}"
        for route in (*one_of_a_kind.values(), ("contacts", "dsl", "name"))
        for fault in faults(
            built({route: text}, _documents_to_read(route)), _harmless(route), {HARMLESS: printed(text)}
        )
    ]
    assert found == []


@texts_by_name
def test_a_hostile_text_in_every_field_at_once_is_printed_and_changes_nothing_else(text: str) -> None:
    hostile = built(dict.fromkeys(text_fields(), text))
    assert list(faults(hostile, _all_harmless(), {HARMLESS: printed(text)})) == []


@pytest.mark.parametrize("turn", range(len(ALL_HOSTILE)))
def test_every_field_has_its_turn_with_every_hostile_text_beside_other_hostile_texts(turn: int) -> None:
    texts = list(ALL_HOSTILE.values())
    given_ = {route: texts[(n + turn) % len(texts)] for n, route in enumerate(text_fields())}
    expected = {f"{HARMLESS} {n:03d} x": printed(text) for n, text in enumerate(given_.values())}
    assert list(faults(built(given_), _all_harmless_and_different(), expected)) == []


def test_the_fields_tried_are_of_every_kind_a_profile_has() -> None:
    kinds = {
        "name", "approver", "mottos", "contacts", "vocabulary", "parameters", "documents",
    }  # fmt: skip
    assert {route[0] for route in text_fields()} >= kinds
    assert len(text_fields()) >= 30


def test_every_field_tried_is_printed_but_the_names_of_those_who_show_their_post_only() -> None:
    def is_printed(route: Route) -> bool:
        return any(HARMLESS in line for page in _harmless(route).lines.values() for _, line in page)

    silent = {route for route in text_fields() if not is_printed(route)}
    assert {route for route in silent if route[0] not in ("contacts", "vocabulary")} == set()
    assert ("contacts", "headteacher", "name") in silent
    assert ("contacts", "dsl", "name") not in silent
    assert ("vocabulary", "pupil", "many") not in silent


@texts_by_name
def test_name_and_title_stand_literally_in_page_title_headers_and_properties(text: str) -> None:
    title: Route = ("documents", "staff-agreement", "title")
    profile = profile_from(_with({("name",): text, title: text}))
    rendered, _ = render_profile(kit().library, kit().shell, profile, {}, only=["staff-agreement"])
    assert rendered is not None
    files = {file.format: file.data for file in rendered.files}

    head = files["html"].decode("utf-8").split("<title>")[1].split("</title>")[0]
    reader = _TextReader()
    reader.feed(f"<p>{head}</p>")
    reader.close()
    assert reader.text == f"{printed(text)} – {printed(text)}"

    with zipfile.ZipFile(io.BytesIO(files["docx"])) as package:
        core = etree.fromstring(package.read("docProps/core.xml"))
        values = {etree.QName(element).localname: element.text for element in core}
        margins = "\n".join(
            "".join(etree.fromstring(package.read(name)).itertext(f"{_W}t"))
            for name in package.namelist()
            if name.startswith(("word/header", "word/footer"))
        )
    assert (values["title"], values["creator"]) == (printed(text)[:255], printed(text)[:255])
    assert printed(text) in margins


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def test_right_to_left_names_are_set_apart_from_the_words_around_them() -> None:
    profile = profile_from(_with({("name",): HOSTILE["arabic"]}))
    rendered, _ = render_profile(kit().library, kit().shell, profile, {}, only=["staff-agreement"])
    assert rendered is not None
    files = {file.format: file.data for file in rendered.files}
    assert f"<bdi>{HOSTILE['arabic']}</bdi>" in files["html"].decode("utf-8")
    with zipfile.ZipFile(io.BytesIO(files["docx"])) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    runs = [run for run in body.iter(f"{_W}r") if "".join(run.itertext(f"{_W}t")) == HOSTILE["arabic"]]
    assert runs
    assert all(run.find(f"{_W}rPr/{_W}rtl") is not None for run in runs)


HOSTILE_ADDRESSES = (
    "o'brien&amp=school.x@example.org",
    "a|school.b@example.org",
    "a_b_c*d*`e`@school.example.org",
    "a?cc=b%0d%0a&subject=school.x@example.org",
    "#@school.example.org",
    "\\@school.example.org",
    "o'brien_mc+school.office@example.org",
)


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_an_odd_email_address_is_refused_or_printed_as_one_mailto_link(address: str) -> None:
    route: Route = ("contacts", "headteacher", "email")
    source = SourceText("schools/valley.yaml", _with({route: address}))
    profile, found = read_profile(source, "valley", kit().library)
    if profile is None:
        assert [finding.code for finding in found] == ["AUP113"]
        return
    calm, odd = (built({route: text}, ("staff-policy",)) for text in ("Harmless.words@x.example", address))
    for name, page in calm.lines.items():
        expected = [(kind, line.replace("Harmless.words@x.example", address)) for kind, line in page]
        assert odd.lines[name] == expected, name
        plain = [entry[0] if isinstance(entry, tuple) else entry for entry in calm.shapes[name]]
        assert [e[0] if isinstance(e, tuple) else e for e in odd.shapes[name]] == plain, name
    links = [dict(entry[1])["href"] for entry in odd.shapes["staff-policy.html"] if entry[0] == "a"]
    assert f"mailto:{address}" in links
    assert all(str(link).startswith("mailto:") for link in links)


# ------------------------------------------------------------------ any text at all

_NOT_LEGAL = "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb"
_SIGNS = st.sampled_from([*"\\`*_{}[]()<>#+-.!|~&=:;\"'/^$%@ 0123456789aB", "&amp;", "](", "<!--", "  "])
_CHARACTERS = st.characters(exclude_categories=["Cc", "Cs", "Cn"], exclude_characters=_NOT_LEGAL).filter(
    lambda character: not 0xE0000 <= ord(character) <= 0xE007F and ord(character) & 0xFFFE != 0xFFFE
)
_HOSTILE = st.sampled_from([text for text in ALL_HOSTILE.values() if len(text) < 40])


LEGAL = (
    st.lists(st.one_of(_SIGNS, _SIGNS, _CHARACTERS, _HOSTILE), min_size=1, max_size=20)
    .map("".join)
    .filter(lambda text: 0 < len(printed(text)) <= 200 and any(map(_shows, printed(text))))
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes: add it by hand
    print_blob=True,
)
@given(name=LEGAL, motto=LEGAL, title=LEGAL)
def test_any_legal_name_motto_and_title_are_printed_and_change_nothing_else(
    name: str, motto: str, title: str
) -> None:
    routes: list[Route] = [("name",), ("mottos", 0), ("documents", "staff-agreement", "title")]
    texts = dict(zip(routes, (name, motto, title), strict=True))
    calm = _harmless_three()
    now = built(texts)
    trees = documents_of(profile_from(_with(texts)))
    for document, tree in trees.items():
        said = list(lines(tree))
        for format_ in FORMATS:
            assert now.lines[f"{document}.{format_}"] == said, format_
    assert now.shapes == calm.shapes
    policy, agreement = (list(lines(trees[id_])) for id_ in ("staff-policy", "staff-agreement"))
    assert agreement[0] == ("title", printed(title))
    assert ("paragraph", printed(name)) in agreement
    assert ("paragraph", printed(motto)) in policy


@cache
def _harmless_three() -> Built:
    return built(
        {
            ("name",): HARMLESS,
            ("mottos", 0): HARMLESS,
            ("documents", "staff-agreement", "title"): HARMLESS,
        }
    )


# ------------------------------------------------------------------ a school's own wordings

WORDINGS = {
    "tag": "tell <script>alert(1)</script> nobody",
    "comment": "tell <!-- nobody --> it",
    "escaped-tag": r"tell \<b\>nobody\</b\>",
    "entity-tag": "tell &lt;b&gt;nobody&lt;/b&gt; &amp;amp;",
    "heading": "# tell nobody",
    "heading-later": "tell nobody\n\n# Heading\n\nSetext\n===",
    "list": "- tell nobody",
    "list-later": "tell nobody\n\n- one\n- two",
    "number": "1. tell nobody",
    "year": r"2026\. tell nobody",
    "quote": "> tell nobody",
    "quote-later": "tell nobody\n\n> quoted",
    "fence": "```\ntell nobody\n```",
    "fence-later": "tell nobody\n\n```\ncode",
    "table": "| a | b |\n|---|---|\n| tell | nobody |",
    "line": "---",
    "html-block": "<div>\n\ntell nobody\n\n</div>",
    "reference": "tell [x]\n\n[x]: javascript:y",
    "script-link": "tell [x](javascript:alert(1)) nobody",
    "entity-script-link": "tell [x](&#106;avascript:y) nobody",
    "data-link": "tell [x](data:text/html,x) nobody",
    "file-link": "tell [x](file:///etc/passwd) nobody",
    "network-link": "tell [x](//host/share) nobody",
    "office-link": "tell [x](ms-msdt:/id) nobody",
    "automatic-script-link": "tell <javascript:y> nobody",
    "good-link": 'tell [x](https://a.example/?a=1&b="><b>) nobody',
    "link-with-brackets": "tell [x](https://a.example/(b)_*c*|d) nobody",
    "image": "tell ![x](http://y/z.png) nobody",
    "code": "tell `x` nobody",
    "hard-break": "tell  \nnobody \\\nat all",
    "emphasis": "tell **no**body _at_ *all*, ***never***, a_b_c",
    "deep-emphasis": " ".join("*a **b" for _ in range(20)) + "** c*" * 20,
    "expression": "tell {{ 7*7 }} nobody",
    "statement": "tell {% for x in y %} nobody",
    "template-comment": "tell {# x #} nobody",
    "attribute": "tell {{ school.__class__ }} nobody",
    "call": "tell {{ school.name.upper() }} nobody",
    "slot-mark": "tell zq7slot0qz nobody",
    "coded-slot-mark": "tell zq7&#115;lot0qz nobody",
    "coded-slot-mark-beside-a-slot": "tell {{ role.headteacher }} zq7&#115;lot0qz",
    "call-mark": "tell zq7call0qz nobody",
    "coded-form-feed": "tell &#12; nobody",
    "coded-escape": "tell &#27; nobody",
    "coded-line-separator": "tell &#x2028; nobody",
    "coded-bidi-override": "tell &#x202e;nobody",
    "coded-line-feed": "tell &#10;&#10;# nobody",
    "coded-tab": "tell &#9; nobody",
    "coded-noncharacter": "tell &#xFFFF; &#x1FFFF; &#xFDD0; nobody",
    "coded-surrogate": "tell &#xD800; nobody",
    "named-entities": "tell &Tab;&NewLine;&ZeroWidthSpace;&NoBreak; nobody",
}
CALM = "tell nobody"
_INLINE_TAGS = {"strong", "em", "a", "br"}
_NEVER_PRINTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_SAFE = ("https://", "http://", "mailto:", "tel:")


def _reworded(text: str) -> str:
    """The profile with a clause of the library reworded."""
    data = copy.deepcopy(_base())
    data["clauses"]["password-private"] = {"text": text, "reason": "Ours is clearer"}
    return _dumped(data)


def _added(text: str) -> str:
    """The profile with a clause of its own."""
    data = copy.deepcopy(_base())
    clause = {"id": "our-own", "topic": "passwords", "owner": "network-manager", "kind": "must-not"}
    clause |= {"rationale": "We saw it happen", "text": text}
    lists = {"audiences": ["staff"], "essential": ["staff-agreement"]}
    data["local_clauses"] = [{**clause, **lists}]
    return _dumped(data)


def _as_phrase(text: str) -> str:
    """The profile with a clause reworded, and the text in an optional phrase of it."""
    data = copy.deepcopy(_base())
    clause = {"text": "tell nobody{{ more }}", "phrases": {"more": text}, "reason": "Ours is clearer"}
    data["clauses"]["password-private"] = clause
    return _dumped(data)


@pytest.mark.parametrize("write", [_reworded, _added, _as_phrase])
@pytest.mark.parametrize("text", WORDINGS.values(), ids=WORDINGS.keys())
def test_a_hostile_wording_is_refused_at_its_place_or_stays_inside_its_clause(
    text: str, write: Callable[[str], str]
) -> None:
    source = SourceText("schools/valley.yaml", write(text))
    profile, found = read_profile(source, "valley", kit().library)
    if profile is None:
        assert {finding.code[:4] for finding in found} <= {"AUP1", "AUP5"}
        assert {finding.span.line for finding in found} <= _lines_near(source, text)
        return
    trees = documents_of(profile)
    calm = _calm(write)
    for name, (said, blocks, links) in _blocks_of(profile).items():
        document, format_ = name.split(".")
        assert said == list(lines(trees[document])), format_
        assert "&#115;lot" not in text or any("zq7slot0qz" in line for _, line in said)
        assert [line for _, line in said if _NEVER_PRINTED.search(line)] == []
        assert blocks == calm[name][1], format_
        assert [link for link in links if not link.startswith(_SAFE)] == []


@cache
def _calm(write: Callable[[str], str]) -> dict[str, tuple[Lines, Shape, list[str]]]:
    return _blocks_of(profile_from(write(CALM)))


def _lines_near(source: SourceText, text: str) -> set[int]:
    """The line of the profile that holds the wording: it is dumped on one line."""
    first = yaml.dump(text, Dumper=_DUMPER, default_style='"', allow_unicode=True, width=10_000).strip()
    return {number for number, line in enumerate(source.lines, start=1) if first in line}


def _blocks_of(profile: Profile) -> dict[str, tuple[Lines, Shape, list[str]]]:
    """The lines, the shape without inlines and the links of every file."""
    rendered, found = render_profile(kit().library, kit().shell, profile, {})
    assert rendered is not None, found
    out: dict[str, tuple[Lines, Shape, list[str]]] = {}
    for file in rendered.files:
        said, shape = _READERS[file.format](file.data)
        match file.format:
            case "html":
                links = [str(dict(e[1])["href"]) for e in shape if e[0] == "a"]
                blocks = [e for e in shape if (e[0] if isinstance(e, tuple) else e[1:]) not in _INLINE_TAGS]
            case "md":
                links = [str(e[2]["href"]) for e in shape if e[0] == "link_open"]
                blocks = [e for e in shape if len(e) == 5]
            case _:
                links = _docx_links(file.data)
                blocks = [e[0] for e in shape if e[0] in (f"{_W}p", f"{_W}tbl", f"{_W}tr", f"{_W}tc")]
        out[file.name] = _without_fingerprint(said), blocks, links
    return out


def _docx_links(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        relationships = etree.fromstring(package.read("word/_rels/document.xml.rels"))
    return [r.get("Target", "") for r in relationships if r.get("TargetMode") == "External"]


@pytest.mark.parametrize("sign", ["Arbor (MIS)", "C#"])
def test_emphasis_round_a_value_that_ends_in_a_sign_is_still_emphasis(sign: str) -> None:
    data = copy.deepcopy(_base())
    data["clauses"]["password-private"] = {"text": "open **{{ records_system }}**s", "reason": "Ours"}
    data["parameters"]["records_system"] = sign
    for name, (said, _, _) in _blocks_of(profile_from(_dumped(data))).items():
        assert any(f"open {sign}s" in line for _, line in said), name


@pytest.mark.parametrize(
    "route", [("name",), ("documents", "staff-agreement", "title")], ids=["name", "title"]
)
@pytest.mark.parametrize(
    "text", ["\u200b", "\u00ad\u200d", "\u3164"], ids=["zero-width", "joiners", "filler"]
)
def test_a_text_that_shows_nothing_is_refused_as_one_that_is_empty(route: Route, text: str) -> None:
    profile, found = read_profile(
        SourceText("schools/valley.yaml", _with({route: text})), "valley", kit().library
    )
    assert profile is None
    assert [finding.code for finding in found] == ["AUP113"]
