"""A rule: a stable code, and one function whose docstring is its page. Reads that docstring; knows no rule itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from aupgen.source.codes import CODES
from aupgen.source.diagnostics import Diagnostic

HEADINGS = ("What it checks", "Why it matters", "Example", "What to do", "Source")
"""What the docstring of a rule says, in this order."""


class Rule(Struct, frozen=True):
    """A rule of `aupgen check`. ``check`` takes one of the views of `view.py` and yields findings of ``code`` only."""

    code: str
    check: Callable[[Any], Iterator[Diagnostic]]

    @property
    def name(self) -> str:
        return CODES[self.code].name

    def page(self) -> dict[str, str]:
        """The paragraphs of its docstring by heading, each one line."""
        text = inspect.cleandoc(self.check.__doc__ or "")
        parts = re.split(rf"^({'|'.join(HEADINGS)}):$", text, flags=re.M)[1:]
        return {
            heading: " ".join(body.split()) for heading, body in zip(parts[::2], parts[1::2], strict=True)
        }
