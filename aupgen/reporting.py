"""Comparisons in; the pages that tell people of them out: text, Markdown, a web page, the comments of a redline.

The words stand in `templates/changes/`. A school's words reach a template as values only, and each form
escapes them for itself. Writes nothing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aupgen.comparison.changes import Change, Comparison
from aupgen.comparison.words import marked
from aupgen.library.compiled import Library
from aupgen.policy.change import ChangeKind
from aupgen.source.span import SourceText
from aupgen.writers.markdown import escaped

_WIDTH = 100


class PageError(ValueError):
    """A page of changes cannot be made: the name of its template and what is wrong with it."""


class Pages:
    """The templates of one library, each read once."""

    def __init__(self, templates: Mapping[str, SourceText], library: Library) -> None:
        self.library = library
        self.texts = {name: source.text for name, source in templates.items()}
        self.known: dict[str, Template] = {}

    def text(self, report: Comparison) -> str:
        """One school's changes for a terminal."""
        return self._render("text.j2", report=report)

    def markdown(self, report: Comparison) -> str:
        """One school's changes for a pull request, or for minutes."""
        return self._render("markdown.j2", report=report)

    def html(self, reports: Sequence[Comparison]) -> str:
        """The changes of all schools as one page."""
        return self._render("html.j2", reports=reports, language=self.library.language.tag)

    def comment(self, change: Change, here: int) -> tuple[str, ...]:
        """The lines of a comment beside a change that shows in so many places of the document."""
        text = self._render("comment.j2", change=change, here=here)
        return tuple(line for line in text.splitlines() if line.strip())

    def words(self) -> dict[str, Any]:
        """What `words.j2` calls things: tables of words by the name it gives them."""
        try:
            module = self._environment("words.j2").get_template("words.j2").module
        except TemplateError as error:
            raise PageError(f"templates/changes/words.j2: {error.message or type(error).__name__}") from error
        return {name: value for name, value in vars(module).items() if isinstance(value, (dict, list))}

    def _render(self, name: str, **values: object) -> str:
        try:
            if name not in self.known:
                self.known[name] = self._environment(name).get_template(name)
            return self.known[name].render(values)
        except TemplateError as error:
            raise PageError(f"templates/changes/{name}: {error.message or type(error).__name__}") from error

    def _environment(self, name: str) -> ImmutableSandboxedEnvironment:
        environment = ImmutableSandboxedEnvironment(
            loader=DictLoader(self.texts), undefined=StrictUndefined, autoescape=name == "html.j2"
        )
        environment.globals.clear()
        environment.filters.update(
            {
                "audience": self._audience,
                "counted": _counted,
                "md": _in_markdown,
                "now": lambda change: self._side(change, change.new),
                "stretches": lambda change: marked(
                    self._side(change, change.old) or "", self._side(change, change.new) or ""
                ),
                "strong": _strong,
                "title_in": _title,
                "was": lambda change: self._side(change, change.old),
                "wrapped": _wrapped,
            }
        )
        return environment

    def _side(self, change: Change, text: str | None) -> str | None:
        """What was or is, for people: readers and roles by their names."""
        if text is None:
            return None
        if change.kind is ChangeKind.AUDIENCE:
            return ", ".join(self._audience(id_) for id_ in text.split(", "))
        if change.kind is ChangeKind.OWNER and text in self.library.roles:
            return self.library.roles[text].title
        return text

    def _audience(self, id_: str) -> str:
        names = {audience.value: names.name for audience, names in self.library.language.audiences.items()}
        return names.get(id_, id_)


def _title(document: str, report: Comparison) -> str:
    return dict(report.titles).get(document, document)


def _counted(count: tuple[ChangeKind, int], words: Mapping[str, str]) -> str:
    return f"{count[1]} {words[count[0]]}"


def _in_markdown(text: str) -> str:
    return escaped(" ".join(str(text).split()) if "\n" in text else text)


def _strong(text: str) -> str:
    """Bold Markdown; space at the ends would keep the marks from working."""
    inside = text.strip()
    if not inside:
        return text
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}**{escaped(inside)}**{text[start + len(inside) :]}"


def _wrapped(text: str, first: str, other: str) -> str:
    """The text in lines for a terminal, with what stands before the first and before the others."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    )
