"""A YAML text in; the same text with single entries put in or taken out, and every other character as it was.

Rule: after each edit the text is read again, and must hold exactly the data that was meant. An edit that this module
cannot make safely raises EditError and changes nothing. Opens no file.
"""

from __future__ import annotations

import copy
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aupgen.source.span import SourceText
from aupgen.source.yaml_text import Data, Route, YamlFile, read_yaml

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ’'()/.@+_–,;-]|:(?=[0-9]))*")
_WIDTH = 100


class EditError(Exception):
    """The text is written in a way that an edit could damage."""


class YamlEditor:
    """A text under edit; ``text`` is what it has become, with LF line ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._file = _read(text)

    @property
    def data(self) -> dict[str, Data]:
        return self._file.data

    def at(self, route: Route) -> Data | None:
        """The value at a route, None where there is none."""
        found: Data | None = self.data
        for step in route:
            if isinstance(found, dict) and isinstance(step, str):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def put(self, route: Route, value: Data, comments: Sequence[str] = ()) -> None:
        """Add a key, or an item to a list (its position is then the list's length), under what stands there already.

        What the route needs above it is made. ``comments`` stand above the key where lines can be put between lines.
        """
        above = route[:-1]
        while above and self.at(above) is None:
            above = above[:-1]
        missing = route[len(above) :]
        expected = copy.deepcopy(self.data)
        _set(expected, route, value)
        inner = self.at(above)
        start = self._start(above)
        if not isinstance(inner, str) and start in ("{", "["):
            text = self._into_flow(above, missing, value)
        else:
            text = self._into_block(above, missing, value, comments)
        self._become(text, expected)

    def note(self, key: str, comments: Sequence[str], line: str) -> None:
        """Add comments and a line that is commented out at the end of a block, which is made where there is none.

        Nothing is added to a block that is written in braces.
        """
        expected = copy.deepcopy(self.data)
        if self.at((key,)) is None:
            expected[key] = ""
            self._become(f"{self.text.rstrip()}\n\n{key}:\n", expected)
        if self._start((key,)) in ("{", "["):
            return
        lines = self.text.removesuffix("\n").split("\n")
        column, at = self._end_of_block((key,), lines)
        new = ["", *_comments([*comments], column), f"{' ' * column}# {line}".rstrip()]
        self._become("\n".join([*lines[: at + 1], *new, *lines[at + 1 :]]) + "\n", expected)

    def remove(self, route: Route, *, with_comments: bool = False) -> None:
        """Take a key with its value, or an item of a list, out; ``with_comments`` those over it, too, that can belong to
        nothing else. A block that is left with nothing keeps its key."""
        if self.at(route) is None:
            raise EditError(f"there is nothing at {route}")
        expected = copy.deepcopy(self.data)
        in_flow = self._start(route[:-1]) in ("{", "[")
        _drop(expected, route, in_flow=in_flow)
        over = len(self.comments_over(route)) if with_comments else 0
        self._become(self._without_flow(route) if in_flow else self._without_lines(route, over), expected)

    def remove_if_bare(self, key: str) -> None:
        """Take a block out that has nothing in it, nor a comment in it or right over it. Any other stays."""
        if self.at((key,)) != "":
            return
        lines, at = self.text.split("\n"), self._file.key_mark((key,)).line
        inside = next((line for line in lines[at + 1 :] if line.strip()), "")
        bare = lines[at].rstrip() == f"{key}:" and not re.match(r"\s+#", inside)
        if bare and not (at and lines[at - 1].startswith("#")):
            self.remove((key,))

    def comments_over(self, route: Route) -> list[str]:
        """The comments right over an entry of a block that can belong to nothing else, without their signs.

        Over the first of several they may be for all of them, and over one that others follow without a gap for those, too,
        unless they name it alone; a setting that is commented out is a thing of its own.
        """
        above = self.at(route[:-1])
        if self._start(route[:-1]) in ("{", "[") or not isinstance(above, (dict, list)):
            return []
        lines = self.text.removesuffix("\n").split("\n")
        first, last, column = self._lines_of(route, lines)
        key, over = str(route[-1]), first
        while over and _is_comment(lines[over - 1], column):
            setting = re.match(r"\s*# ?([a-z0-9_-]+):", lines[over - 1])
            if setting and setting[1] != key:
                break
            over -= 1
        comments = [line.strip().lstrip("#").strip() for line in lines[over:first]]
        following = lines[last + 1] if last + 1 < len(lines) else ""
        is_apart = not following.strip() or following.lstrip().startswith("#") or _indent(following) < column
        is_first = route[-1] == (0 if isinstance(above, list) else next(iter(above)))
        named = {word for comment in comments for word in re.findall(r"[\w-]+", comment)}
        if named & {*map(str, above)} - {key}:
            return []
        return comments if len(above) == 1 or key in named or (is_apart and not is_first) else []

    def replace(self, route: Route, value: str) -> None:
        """Put another text in the place of one."""
        if not isinstance(self.at(route), str):
            raise EditError(f"there is no text at {route}")
        expected = copy.deepcopy(self.data)
        _set(expected, route, value)
        start, end = self._file.extent(route)
        self._become(self.text[:start] + _scalar(value) + self.text[end:], expected)

    # -------------------------------------------------------------- flow: {a: b}, [a, b]

    def _into_flow(self, above: Route, missing: Route, value: Data) -> str:
        _, end = self._file.extent(above)
        for step in reversed(missing[1:]):
            value = {str(step): value} if isinstance(step, str) else [value]
        entry = _flow(value) if isinstance(missing[0], int) else f"{_scalar(str(missing[0]))}: {_flow(value)}"
        inside = self.text[: end - 1].rstrip()
        comma = "" if inside.endswith(("{", "[", ",")) else ", "
        return f"{self.text[: end - 1]}{comma}{entry}{self.text[end - 1 :]}"

    def _without_flow(self, route: Route) -> str:
        start, end = self._file.extent(route, with_key=True)
        after = re.match(r"\s*,[ ]*", self.text[end:])
        if after:
            return self.text[:start] + self.text[end + after.end() :]
        before = re.search(r",?\s*\Z", self.text[:start])
        return self.text[: before.start() if before else start] + self.text[end:]

    # -------------------------------------------------------------- blocks of lines

    def _into_block(self, above: Route, missing: Route, value: Data, comments: Sequence[str]) -> str:
        lines = self.text.removesuffix("\n").split("\n")
        column, at = self._end_of_block(above, lines)
        new = list(_entry(missing, value, column, comments))
        if not above or (comments and at > self._file.value_mark(above).line):
            new.insert(0, "")
        return "\n".join([*lines[: at + 1], *new, *lines[at + 1 :]]) + "\n"

    def _end_of_block(self, route: Route, lines: Sequence[str]) -> tuple[int, int]:
        """How far the entries of a block are indented, and its last line, comments that belong to it counted in."""
        inner = self.at(route)
        if inner and not isinstance(inner, str):
            column = self._column(route)
            return column, _last_line(lines, self._end_line(route), column)
        if inner != "":
            raise EditError(f"nothing can be put at {route}")
        key = self._file.key_mark(route)
        at = key.line
        while at + 1 < len(lines) and re.match(rf" {{{key.column + 1},}}#| *$", lines[at + 1]):
            at += 1
        while not lines[at].strip():
            at -= 1
        return key.column + 2, at

    def _without_lines(self, route: Route, over: int) -> str:
        """The text without an entry and so many lines right over it."""
        lines = self.text.removesuffix("\n").split("\n")
        first, last, _ = self._lines_of(route, lines)
        return "\n".join([*lines[: first - over], *lines[last + 1 :]]) + "\n"

    def _lines_of(self, route: Route, lines: Sequence[str]) -> tuple[int, int, int]:
        """The first and the last line of an entry of a block, and how far it is indented."""
        if isinstance(route[-1], int):
            first = self._file.value_mark(route).line
            dash = re.match(r" *-(?= )", lines[first])
            if dash is None:
                raise EditError(f"the item at {route} shares its line")
            column = dash.end() - 1
        else:
            mark = self._file.key_mark(route)
            first, column = mark.line, mark.column
            if lines[first][:column].strip():
                raise EditError(f"the key at {route} shares its line")
        last = self._end_line(route)
        while last > first and (
            not lines[last].strip()
            or (lines[last].lstrip().startswith("#") and _indent(lines[last]) <= column)
        ):
            last -= 1
        return first, last, column

    def _column(self, route: Route) -> int:
        """How far the entries of a block are indented."""
        inner = self.at(route)
        if isinstance(inner, list):
            mark = self._file.value_mark(route)
            return mark.column
        assert isinstance(inner, dict)
        return self._file.key_mark((*route, next(iter(inner)))).column

    def _end_line(self, route: Route) -> int:
        """The last line of a value, 0-based; blank lines and comments after it may be counted in."""
        mark = self._file.value_mark(route)
        inner = self.at(route)
        lines = self.text.removesuffix("\n").split("\n")
        is_block = isinstance(inner, (dict, list)) and self._start(route) not in ("{", "[")
        if not is_block and mark.end_column > 0:
            return mark.end_line
        if mark.end_line >= len(lines):
            return len(lines) - 1
        # a block ends where the next thing begins; at the end of a text without a line end, on its last line
        at_end = mark.end_line == len(lines) - 1 and mark.end_column >= len(lines[-1])
        return mark.end_line if at_end else max(mark.end_line - 1, mark.line)

    def _start(self, route: Route) -> str:
        start, _ = self._file.extent(route)
        return self.text[start : start + 1]

    def _become(self, text: str, expected: Data) -> None:
        file = _read(text)
        if file.data != expected:
            raise EditError("the text would not say what was meant")
        self.text, self._file = text, file


def _read(text: str) -> YamlFile:
    file, _ = read_yaml(SourceText("", text))
    if file is None:
        raise EditError("the text cannot be read")
    return file


def _is_comment(line: str, column: int) -> bool:
    return line.lstrip().startswith("#") and _indent(line) == column


def _last_line(lines: Sequence[str], last: int, column: int) -> int:
    """The last line of a block up to ``last``: without blank lines, and comments that stand further out."""
    while last > 0:
        line = lines[last]
        if line.strip() and not (line.lstrip().startswith("#") and _indent(line) < column):
            return last
        last -= 1
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _set(data: Data, route: Route, value: Data) -> None:
    for step, following in pairwise(route):
        empty: Data = [] if isinstance(following, int) else {}
        if isinstance(data, dict):
            if data.get(str(step)) in (None, ""):
                data[str(step)] = empty
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step]
    if isinstance(data, dict):
        data[str(route[-1])] = value
    elif isinstance(data, list) and route[-1] == len(data):
        data.append(value)
    elif isinstance(data, list) and isinstance(route[-1], int):
        data[route[-1]] = value


def _drop(data: Data, route: Route, *, in_flow: bool) -> None:
    above: Data | None = None
    for step in route[:-1]:
        above = data
        data = data[step]  # type: ignore[index]
    if isinstance(data, dict):
        del data[str(route[-1])]
    elif isinstance(data, list) and isinstance(route[-1], int):
        del data[route[-1]]
    if not data and not in_flow and above is not None:
        above[route[-2]] = ""  # type: ignore[index]


def _entry(route: Route, value: Data, column: int, comments: Sequence[str]) -> Iterator[str]:
    """The lines of a key, with the keys above it that are to be made as well; comments stand above the last of them."""
    indent = " " * column
    step, rest = route[0], route[1:]
    if not rest:
        yield from _comments(comments, column)
    if rest:
        yield f"{indent}{'-' if isinstance(step, int) else f'{_scalar(str(step))}:'}"
        yield from _entry(rest, value, column + 2, comments)
    elif isinstance(step, int):
        lines = list(_value(value, column + 2))
        yield f"{indent}- {lines[0].strip()}"
        yield from lines[1:]
    else:
        lines = list(_value(value, column + 2))
        on_the_line = (
            not value
            or isinstance(value, str)
            or (not lines[0].lstrip().startswith("- ") and isinstance(value, list))
        )
        yield f"{indent}{_scalar(step)}: {lines[0].strip() if on_the_line else ''}".rstrip()
        yield from lines[1:] if on_the_line else lines


def _comments(texts: Sequence[str], column: int) -> Iterator[str]:
    for text in texts:
        for line in textwrap.wrap(text, _WIDTH - column, break_long_words=False, break_on_hyphens=False):
            yield f"{' ' * column}# {line}"


def _value(value: Data, column: int) -> Iterator[str]:
    """The lines of a value; of a text, what stands after its key comes first."""
    indent = " " * column
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _entry((key,), inner, column, ())
    elif isinstance(value, list) and value:
        if all(isinstance(item, str) for item in value):
            yield f"{indent}{_flow(value)}"
        else:
            for position, item in enumerate(value):
                yield from _entry((position,), item, column, ())
    elif isinstance(value, str) and len(value) + column > _WIDTH - 10 and _can_be_folded(value):
        yield ">-"
        for line in textwrap.wrap(value, _WIDTH - column, break_long_words=False, break_on_hyphens=False):
            yield f"{indent}{line}"
    else:
        yield _scalar(value) if isinstance(value, str) else _flow(value)


def _can_be_folded(text: str) -> bool:
    return " ".join(text.split(" ")) == text == text.strip() and not re.search(r"\s\s|[^\S ]", text)


def _flow(value: Data) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False) if "," in value else _scalar(value)


def _scalar(text: str) -> str:
    """A text on one line of YAML."""
    if not text or (_PLAIN.fullmatch(text) and text == text.strip()):
        return text
    return json.dumps(text, ensure_ascii=False)
