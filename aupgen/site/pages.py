"""Contents of a site and the texts of its templates in; its pages out, each under its path.

All words are the templates'. Whatever came from elsewhere is escaped; the templates' language can print and choose,
and reach nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from traceback import walk_tb

from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct, field

from aupgen.site.contents import Contents
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span

FORM = "form.html"


class Extra(Struct, frozen=True):
    """A page made elsewhere: its template, what that is given beside the site, and the files that go with it by path."""

    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


class Page(Struct, frozen=True):
    """A page to be written. ``section`` is the entry of the navigation that it belongs to, "" for none."""

    path: str
    template: str
    section: str
    context: Mapping[str, object] = field(default_factory=dict)


def site_pages(contents: Contents, form: Extra | None) -> Iterator[Page]:
    """Yield every page of the site, the start page first."""
    yield Page("index.html", "index.html.j2", "")
    yield Page("documents.html", "documents.html.j2", "documents")
    for reader, documents in contents.readers:
        yield Page(
            f"for/{reader.id}.html", "reader.html.j2", "documents", {"reader": reader, "documents": documents}
        )
    for document in contents.documents.values():
        yield Page(f"read/{document.id}.html", "document.html.j2", "documents", {"document": document})
    yield Page("clauses.html", "clauses.html.j2", "clauses")
    for clause in contents.clauses.values():
        yield Page(f"clauses/{clause.id}.html", "clause.html.j2", "clauses", {"clause": clause})
    yield Page("owners.html", "owners.html.j2", "owners")
    yield Page("frameworks.html", "frameworks.html.j2", "frameworks")
    yield Page("whats-new.html", "whats-new.html.j2", "whats-new")
    yield Page("downloads.html", "downloads.html.j2", "downloads")
    yield Page("help.html", "help.html.j2", "help")
    if form is not None:
        yield Page(FORM, form.template, "form", form.context)


def write_pages(
    contents: Contents, templates: Mapping[str, SourceText], form: Extra | None
) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the text of every page by its path, or nothing and AUP630 where a template cannot be used."""
    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda name: _source(templates.get(name))),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["site"] = contents
    environment.filters["day"] = lambda text: _in_full(text, contents.months)
    environment.globals["has_form"] = form is not None
    out: dict[str, str] = {}
    for page in site_pages(contents, form):
        root = "../" * page.path.count("/")
        try:
            text = environment.get_template(page.template).render(
                page.context, root=root, path=page.path, section=page.section
            )
        except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            return {}, [_broken(error, page.template, templates)]
        out[page.path] = text.rstrip() + "\n"
    return out, []


def _in_full(text: str, months: tuple[str, ...]) -> str:
    """A day of a register, such as 2026-09-01, as people write it; a month or a year where it says no more."""
    year, month, day = [*text.split("-"), "", ""][:3]
    return " ".join(part for part in (day.lstrip("0"), month and months[int(month) - 1], year) if part)


def _source(source: SourceText | None) -> tuple[str, str, Callable[[], bool]] | None:
    """A template as Jinja wants it, with the path by which its errors are found."""
    return (source.text, source.path, lambda: True) if source else None


def _broken(error: Exception, used: str, templates: Mapping[str, SourceText]) -> Diagnostic:
    """What to tell of an error, at the line of the template that it comes from; ``used`` is the page's."""
    help_ = "put back the file that came with aupgen, or mend it"
    by_path = {source.path: source for source in templates.values()}
    if isinstance(error, TemplateNotFound):
        span = Span(f"templates/site/{error.name}")
        return Diagnostic("AUP630", span, "this template of the site is missing", help_)
    if isinstance(error, TemplateSyntaxError):
        span = _line(by_path, error.filename or "", error.lineno)
        return Diagnostic("AUP630", span, error.message or "this line cannot be read", help_)
    frames = ((frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__))
    places = [place for place in frames if place[0] in by_path]
    span = _line(by_path, *(places[-1] if places else (templates[used].path, 1)))
    return Diagnostic("AUP630", span, f"this line cannot be used: {error}", help_)


def _line(by_path: Mapping[str, SourceText], path: str, line: int) -> Span:
    """A line of a template without the blanks before it."""
    text = by_path[path].lines[line - 1] if path in by_path else ""
    return Span(path, line, len(text) - len(text.lstrip()) + 1, len(text) + 1)
