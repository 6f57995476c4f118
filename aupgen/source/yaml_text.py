"""YAML text in; plain data with the position of every key and value out.

Rule 1: every scalar stays the text it was written as; the shapes decide types. YAML 1.1's guesses would
turn the hour 8:30 into 510 and the telephone number 0161 into 113.
Rule 2: nothing here raises for what a user wrote. A file gives data, or findings, or both.
Rule 3: only plain YAML: no anchors, aliases, tags, directives, second documents or tabs.

This module opens no file and knows nothing of clauses or profiles.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, KeysView
from typing import Any, TypeAlias

import yaml
from msgspec import Struct

from aupgen.source.diagnostics import Diagnostic, Severity, printable
from aupgen.source.span import SourceText, Span

MAX_DEPTH = 20
MAX_NODES = 5_000

Route: TypeAlias = tuple[str | int, ...]
"""The way to a value: mapping keys and 0-based list positions from the root; () is the root."""

Data: TypeAlias = str | list["Data"] | dict[str, "Data"]

_LOADER: type[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# Characters no XML document can hold (XML 1.0, section 2.2), C1 controls, and marks that reorder text:
# they would break the Word file, or show a reader something other than what is stored.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff]|[\U000e0000-\U000e007f]|["
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_ODD_INDENT = re.compile("^ *([\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000])", re.M)
_CONFLICT = re.compile(r"^(<{7} .*|={7}|>{7} .*)$", re.M)


class Mark(Struct, frozen=True):
    """Where something begins and ends, as libyaml says: a block ends where the next thing begins."""

    line: int  # 0-based, as libyaml counts
    column: int
    end_line: int
    end_column: int


class YamlFile(Struct, frozen=True):
    """The plain data of one file and where each part of it stands.

    ``refused`` are the routes of values that were reported already and stand here as "".
    """

    source: SourceText
    data: dict[str, Data]
    _values: dict[Route, Mark]
    _keys: dict[Route, Mark]
    refused: frozenset[Route] = frozenset()

    @property
    def routes(self) -> KeysView[Route]:
        """Every route that has a value."""
        return self._values.keys()

    def value_span(self, route: Route) -> Span:
        """The span of the value at ``route``, or of its nearest ancestor that exists."""
        while route and route not in self._values:
            route = route[:-1]
        return self._span(self._values[route]) if route else self.source.whole

    def key_span(self, route: Route) -> Span:
        """The span of the key at ``route``; of the value for a list item or a route that has no key."""
        mark = self._keys.get(route)
        return self._span(mark) if mark else self.value_span(route)

    def value_mark(self, route: Route) -> Mark:
        """Where the value at a route stands. Raises KeyError where there is none."""
        return self._values[route]

    def key_mark(self, route: Route) -> Mark:
        """Where the key at a route stands. Raises KeyError for a route without a key."""
        return self._keys[route]

    def extent(self, route: Route, *, with_key: bool = False) -> tuple[int, int]:
        """The offsets in the text from which to which a value stands, with its key if asked for."""
        value = self._values[route]
        first = self._keys.get(route, value) if with_key else value
        return self._offset(first.line, first.column), self._offset(value.end_line, value.end_column)

    def excerpt_span(self, route: Route, excerpt: str, occurrence: int = 0) -> Span:
        """The span of the n-th ``excerpt`` inside the value at ``route``, else the span of the value.

        A folded value joins its lines with single spaces; a space of ``excerpt`` matches any white space.
        """
        mark = self._values.get(route)
        if mark is None or not excerpt.strip():
            return self.value_span(route)
        start = self._offset(mark.line, mark.column)
        if self.source.text[start : start + 1] in (">", "|"):
            start = self._offset(
                mark.line + 1, 0
            )  # the text of a folded value starts on the line below its mark
        end = self._offset(mark.end_line, mark.end_column)
        pattern = r"\s+".join(re.escape(word) for word in excerpt.split())
        hits = list(re.finditer(pattern, self.source.text[start:end]))
        if not hits:
            return self.value_span(route)
        hit = hits[min(occurrence, len(hits) - 1)]
        return self.source.span_at(start + hit.start(), hit.end() - hit.start())

    def _offset(self, line: int, column: int) -> int:
        return sum(len(text) + 1 for text in self.source.lines[:line]) + column

    def _span(self, mark: Mark) -> Span:
        line_end = len(self.source.lines[mark.line]) if mark.line < len(self.source.lines) else mark.column
        end = mark.end_column if mark.end_line == mark.line else line_end
        return Span(self.source.path, mark.line + 1, mark.column + 1, max(end, mark.column) + 1)


def read_yaml(source: SourceText, most_values: int = MAX_NODES) -> tuple[YamlFile | None, list[Diagnostic]]:
    """Return the file's data with positions, and findings (AUP102 to AUP108) sorted by place.

    Data is None when the text could not be read to its end, has more than ``most_values`` or is not a mapping.
    """
    found = list(_character_faults(source))
    if found:
        return None, found
    reader = _Reader(source, most_values)
    try:
        reader.read()
    except yaml.MarkedYAMLError as error:
        return None, [*reader.found, _syntax_fault(source, error)]
    except yaml.YAMLError as error:
        return None, [*reader.found, Diagnostic("AUP102", source.whole, f"cannot be read as YAML: {error}")]
    except _TooMuchError as stop:
        return None, [*reader.found, stop.diagnostic]
    root = reader.root
    if not isinstance(root, dict) or not root:
        what = (
            "the file is empty" if root in (None, "", {}) else "the file must start with `key: value` lines"
        )
        if not reader.found:
            reader.found.append(
                Diagnostic("AUP108", source.whole, what, "compare it with a sample in `schools/`")
            )
        return None, reader.found
    return YamlFile(source, root, reader.values, reader.keys, frozenset(reader.refused)), reader.found


def _character_faults(source: SourceText) -> Iterator[Diagnostic]:
    text = source.text
    for match in re.finditer("\t+", text):
        span = source.span_at(match.start(), match.end() - match.start())
        yield Diagnostic(
            "AUP105", span, "tab characters cannot stand in this file", "use spaces, two for each level"
        )
    for match in _FORBIDDEN.finditer(text):
        yield _forbidden(source.span_at(match.start()), match.group())
    for match in _ODD_INDENT.finditer(text):
        name = unicodedata.name(match.group(1), "unusual space").lower()
        span = source.span_at(match.start(1))
        yield Diagnostic(
            "AUP105", span, f"this line is indented with a {name}", "delete it and type ordinary spaces"
        )
    for match in _CONFLICT.finditer(text):
        span = source.span_at(match.start(), match.end() - match.start())
        help_ = "keep one of the two versions and delete the marks"
        yield Diagnostic("AUP102", span, "two versions of this file were merged and not yet settled", help_)


def _forbidden(span: Span, character: str) -> Diagnostic:
    name = unicodedata.name(character, "control character").lower()
    message = f"the character U+{ord(character):04X} ({name}) cannot stand in a document"
    return Diagnostic("AUP105", span, message, "delete it; it often comes along with pasted text")


class _TooMuchError(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class _Reader:
    """Builds data from libyaml's events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, source: SourceText, most_values: int) -> None:
        self.source = source
        self.most_values = most_values
        self.root: Data | None = None
        self.values: dict[Route, Mark] = {}
        self.keys: dict[Route, Mark] = {}
        self.found: list[Diagnostic] = []
        self.refused: set[Route] = set()
        self._stack: list[tuple[dict[str, Data] | list[Data], Route]] = []
        self._pending: list[str | None] = []  # the key waiting for its value, per open mapping
        self._nodes = 0

    def read(self) -> None:
        documents = 0
        for event in yaml.parse(self.source.text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _TooMuchError(
                        self._refusal(event, "a second document starts here", "keep one document a file")
                    )
                if event.version or event.tags:
                    self.found.append(
                        self._refusal(event, "directives (%) are not used here", "delete the line")
                    )
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._open(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._close(event)
            elif isinstance(event, yaml.AliasEvent):
                self.found.append(
                    self._refusal(
                        event,
                        "`*` at the start of a value makes it a reference (alias)",
                        "write the value out, or put quotes round it",
                    )
                )
                if not self._awaiting_key():
                    self.refused.add(self._route())
                self._put("", event)

    def _refusal(self, event: Any, message: str, help_: str) -> Diagnostic:
        mark = event.start_mark
        line = self.source.lines[mark.line] if mark.line < len(self.source.lines) else ""
        token = re.match(r"\S+", line[mark.column :])
        end = mark.column + 1 + (len(token.group()) if token else 1)
        return Diagnostic(
            "AUP104", Span(self.source.path, mark.line + 1, mark.column + 1, end), message, help_
        )

    def _check_decorations(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > self.most_values:
            raise _TooMuchError(
                Diagnostic("AUP107", self._span(event), f"more than {self.most_values:,} values in one file")
            )
        if event.anchor:
            self.found.append(
                self._refusal(
                    event,
                    "`&` at the start of a value makes it an anchor",
                    "put quotes round the value, or take the mark away",
                )
            )
        elif event.tag:
            self.found.append(
                self._refusal(
                    event,
                    "`!` at the start of a value makes it a tag",
                    "put quotes round the value, or take the mark away",
                )
            )

    def _scalar(self, event: Any) -> None:
        self._check_decorations(event)
        text = event.value
        if not event.style and text == "~":
            text = ""
        bad = _FORBIDDEN.search(text)
        if bad:
            self.found.append(_forbidden(self._span(event), bad.group()))
            text = _FORBIDDEN.sub("", text)
        if self._awaiting_key():
            self._key(text, event)
        else:
            self._put(text.strip(), event)
            self._warn_of_cut(event)

    def _warn_of_cut(self, event: Any) -> None:
        """AUP120 where ` #` in unquoted text was taken for a comment: comments have a space after their #."""
        end = event.end_mark
        line = self.source.lines[end.line] if end.line < len(self.source.lines) else ""
        cut = re.match(r"\s+#[^\s#]", line[end.column :])
        if not event.style and event.value and cut:
            span = Span(self.source.path, end.line + 1, end.column + 1, len(line) + 1)
            message = "everything from ` #` on was taken for a comment and is not read"
            self.found.append(
                Diagnostic("AUP120", span, message, "put quotes round the whole text", Severity.WARNING)
            )

    def _awaiting_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1][0], dict) and self._pending[-1] is None

    def _key(self, text: str, event: Any) -> None:
        name = unicodedata.normalize("NFC", text).strip()
        container, route = self._stack[-1]
        if not name:
            self.found.append(Diagnostic("AUP112", self._span(event), "a key is empty", "write `key: value`"))
        elif name == "<<":
            self.found.append(self._refusal(event, "`<<` (merge) is not used here", "write the values out"))
        elif name in container:
            first = self.keys[(*route, name)]
            help_ = f"it stands on line {first.line + 1} already: keep one of the two"
            self.found.append(
                Diagnostic("AUP103", self._span(event), f"the key `{printable(name)}` is given twice", help_)
            )
        else:
            self.keys[(*route, name)] = self._mark(event)
            self._pending[-1] = name
            return
        # A name no real key can have (keys are stripped), so that the value after it has a place to go.
        self._pending[-1] = f" {self._nodes}"

    def _route(self) -> Route:
        if not self._stack:
            return ()
        container, route = self._stack[-1]
        return (*route, len(container) if isinstance(container, list) else str(self._pending[-1]))

    def _put(self, value: Data, event: Any) -> None:
        if self._awaiting_key():
            self.found.append(
                Diagnostic("AUP112", self._span(event), "a key must be a short text", "write `key: value`")
            )
            self._pending[-1] = f" {self._nodes}"
            return
        self.values[self._route()] = self._mark(event)
        if not self._stack:
            self.root = value
            return
        container, _ = self._stack[-1]
        if isinstance(container, list):
            container.append(value)
            return
        key = self._pending[-1]
        self._pending[-1] = None
        if key is not None and not key.startswith(" "):
            container[key] = value

    def _open(self, event: Any) -> None:
        self._check_decorations(event)
        if len(self._stack) >= MAX_DEPTH:
            raise _TooMuchError(
                Diagnostic("AUP107", self._span(event), f"nested more than {MAX_DEPTH} levels deep")
            )
        if self._awaiting_key():
            message = "a key must be a short text"
            span = self._span(event)
            if event.flow_style:
                message = "`{` or `[` at the start of a value opens a list or block of its own"
                if self._stack:
                    mark = self.values[self._stack[-1][1]]
                    if (mark.line, mark.column + 1) == (event.start_mark.line, event.start_mark.column):
                        span = Span(self.source.path, mark.line + 1, mark.column + 1, mark.column + 3)
            raise _TooMuchError(
                Diagnostic("AUP112", span, message, "put quotes round text that starts with a bracket")
            )
        route = self._route()
        container: dict[str, Data] | list[Data] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(container, event)
        self._stack.append((container, route))
        self._pending.append(None)

    def _close(self, event: Any) -> None:
        _, route = self._stack.pop()
        self._pending.pop()
        start = self.values[route]
        self.values[route] = Mark(start.line, start.column, event.end_mark.line, event.end_mark.column)

    def _mark(self, event: Any) -> Mark:
        start, end = event.start_mark, event.end_mark
        return Mark(start.line, start.column, end.line, end.column)

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        line = self.source.lines[start.line] if start.line < len(self.source.lines) else ""
        last = end.column if end.line == start.line else len(line)
        return Span(self.source.path, start.line + 1, start.column + 1, max(last, start.column) + 1)


# What libyaml says, in words for people: a part of its message, what is wrong, what to do.
_SYNTAX = (
    (
        "mapping values are not allowed",
        "a second `: ` stands on this line, or the line is indented too far",
        "put quotes round the whole text, or line it up with the line above",
    ),
    (
        "could not find expected ':'",
        "a colon is missing after the key, or a line of a longer text is not indented",
        "write `key: value`; put quotes round text of several lines",
    ),
    (
        "did not find expected key",
        "this line does not fit the lines above it: it is indented too far or not far enough, or a quotation mark before it is not closed",
        "line it up with the lines it belongs to; put quotes round text that holds quotation marks",
    ),
    (
        "did not find expected '-' indicator",
        "this line stands in a list but does not start with `- `",
        "start it with `- ` or indent it under the item it belongs to",
    ),
    (
        "did not find expected ',' or",
        "a list in brackets is not closed, or text with a bracket at its start has no quotes",
        "close the bracket, or put quotes round the text",
    ),
    (
        "found unexpected end of stream",
        "a quotation mark or bracket is opened here and never closed",
        "close it at the end of the text",
    ),
    (
        "found character that cannot start any token",
        "a value cannot start with this sign",
        "put quotes round the value",
    ),
    (
        "found unknown escape character",
        "a backslash in double quotes starts a code YAML does not know",
        "use single quotes, or write two backslashes",
    ),
    (
        "block sequence entries are not allowed",
        "a list item `- ` cannot start on this line",
        "put it on a line of its own, indented under its key",
    ),
    ("found undefined tag", "`!` at the start of a value makes it a tag", "put quotes round the value"),
    (
        "did not find expected node content",
        "a value cannot start with this sign",
        "put quotes round the value",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "`&` or `*` at the start of a value has a meaning of its own in YAML",
        "put quotes round the value",
    ),
    (
        "did not find expected <document start>",
        "the text before this line cannot be read as `key: value` lines",
        "write `key: value`, and put quotes round longer text",
    ),
)


_SEEN_TOO_LATE = (
    "unexpected end of stream",
    "could not find expected ':'",
    "did not find expected ',' or",
    "alphabetic or numeric character",
)


def _syntax_fault(source: SourceText, error: yaml.MarkedYAMLError) -> Diagnostic:
    problem = error.problem or "cannot be read"
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and any(part in problem for part in _SEEN_TOO_LATE):
        mark = error.context_mark  # where the thing was opened helps; where its end was missed does not
    if mark is None:
        return Diagnostic("AUP102", source.whole, f"cannot be read as YAML: {problem}")
    line = min(mark.line, len(source.lines) - 1)
    column = mark.column if line == mark.line else len(source.lines[line])
    if "escape c" in problem:
        column = max(source.lines[line].rfind("\\", 0, column + 1), 0)
    span = Span(source.path, line + 1, column + 1, column + 2)
    if "directive" in problem:
        span = Span(source.path, line + 1, 1, len(source.lines[line]) + 1)
        return Diagnostic("AUP104", span, "directives (%) are not used here", "delete the line")
    if "'-' indicator" in problem and re.match(r"\s*- *[\"']", source.lines[line]):
        problem = "did not find expected key"  # the text goes on after its closing quotation mark
    for part, message, help_ in _SYNTAX:
        if part in problem:
            return Diagnostic("AUP102", span, message, help_)
    return Diagnostic(
        "AUP102", span, f"cannot be read as YAML: {problem}", "compare it with a sample in `schools/`"
    )
