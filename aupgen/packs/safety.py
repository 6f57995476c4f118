"""What a stranger's templates, web page shell and Word look must not hold: findings in them, nothing changed.

The texts of clauses and profiles need no check of their own: the ordinary rules hold for them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from aupgen.library.compiled import Library
from aupgen.library.templates import calls_only
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span

_ELEMENTS = frozenset(
    {
        "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "div", "p", "span",
        "h1", "h2", "strong", "em", "br", "hr", "bdi", "nav", "ul", "ol", "li", "small",
    }
)  # fmt: skip
_POLICY = frozenset({"default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"})
_LOADS = re.compile(r"@import|url\s*\(\s*['\"]?(?!data:)|expression\s*\(|behavior\s*:|\\", re.I)
_MOST_PARTS, _MOST_PART_BYTES = 100, 20_000_000
_ACTIVE = re.compile(
    r"vbaProject|activeX|oleObject|embeddings/|altChunk|attachedTemplate|macros?Enabled", re.I
)
_OUTSIDE = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*['\"]External", re.I)
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.I)


def template_faults(templates: Mapping[str, SourceText]) -> list[Diagnostic]:
    """AUP607 in templates that do more than print."""
    return [fault for source in templates.values() for fault in calls_only(source)]


def page_faults(library: Library, path: str) -> list[Diagnostic]:
    """AUP607 where the page shell could run, load or send anything."""
    page = library.page
    text = "".join("x" if n % 2 else part for n, part in enumerate(page))
    checker = _Page()
    checker.feed(text)
    checker.close()
    messages = list(dict.fromkeys(checker.faults))
    if not checker.has_policy:
        messages.append("the web page shell lacks its content security policy")
    if _LOADS.search(text):
        messages.append("the look of web pages loads something from elsewhere")
    return [Diagnostic("AUP607", Span(path), message, _HELP) for message in messages[:5]]


_HELP = "do not use this pack, and tell its publisher"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.has_policy = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _ELEMENTS:
            self.faults.append(f"the web page shell holds the element `{tag[:20]}`")
        if any(
            name.startswith("on") or name in ("href", "src", "srcset", "style", "formaction")
            for name in given
        ):
            self.faults.append("the web page shell holds an attribute that acts or loads")
        if tag == "meta" and (equivalent := given.get("http-equiv", "").lower()):
            parts = {part.strip() for part in given.get("content", "").split(";") if part.strip()}
            if equivalent == "content-security-policy" and parts <= _POLICY and "default-src 'none'" in parts:
                self.has_policy = True
            else:
                self.faults.append("the web page shell holds a `meta` element that acts")


def reference_faults(data: bytes, path: str) -> list[Diagnostic]:
    """AUP607 where the Word reference document could act, call out or fill a memory."""
    message = _reference_fault(data)
    return [Diagnostic("AUP607", Span(path), message, _HELP)] if message else []


def _reference_fault(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            if len(infos) > _MOST_PARTS or sum(info.file_size for info in infos) > _MOST_PART_BYTES:
                return "the Word reference document unpacks to too much"
            for name, part in _parts(package, infos):
                if _ACTIVE.search(name) or _ACTIVE.search(part[:100_000].decode("latin-1")):
                    return "the Word reference document holds a macro or another active part"
                if _OUTSIDE.search(part):
                    return "the Word reference document calls out to another place"
                if _DOCTYPE.search(part):
                    return "the Word reference document declares entities"
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        KeyError,
    ):
        return "the Word reference document cannot be read"
    return ""


def _parts(package: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    for info in infos:
        with package.open(info) as part:
            contents = part.read(info.file_size + 1)
        if len(contents) != info.file_size:
            raise zipfile.BadZipFile("lying sizes")
        yield info.filename, contents
