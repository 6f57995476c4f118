"""Where something stands in a file. Comes from the loader, goes into every finding; reads no files itself."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct


class Span(Struct, frozen=True, order=True):
    """A stretch of one line: 1-based, counted in characters; ``end_column`` is one past the last character.

    A finding on a whole file stands at 1:1 with nothing underlined (``end_column`` equal to ``column``).
    """

    path: str
    line: int = 1
    column: int = 1
    end_column: int = 1


class SourceText(Struct, frozen=True, dict=True):
    """The text of one file as it was read, with the path to show to the user."""

    path: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    @property
    def whole(self) -> Span:
        """The span of a finding that concerns the file as a whole."""
        return Span(self.path)

    def span_at(self, offset: int, length: int = 1) -> Span:
        """The span of ``length`` characters at ``offset`` (0-based), cut at the end of their line."""
        line_start = self.text.rfind("\n", 0, offset) + 1
        line_end = self.text.find("\n", offset)
        line_end = len(self.text) if line_end < 0 else line_end
        column = offset - line_start + 1
        end = max(column + 1, min(offset + length, line_end) - line_start + 1)
        return Span(self.path, self.text.count("\n", 0, offset) + 1, column, end)
