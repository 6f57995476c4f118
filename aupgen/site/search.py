"""Contents of a site in; the index that its search reads out, as a script that a page can load from a disk, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from aupgen.site.contents import Contents

INDEX = "assets/search-index.js"


def search_index(contents: Contents, pages: Mapping[str, str]) -> bytes:
    """Return the script. ``pages`` are the finished pages by path; of those that are neither a document nor a clause it
    knows headings and paragraphs.

    An entry is a kind, a path, a title, what is shown below it, and more words to look in.
    """
    entries = [*_documents(contents), *_clauses(contents), *_others(pages)]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    return f"window.aupgenSearchIndex = [\n{lines}\n];\n".encode()


def _documents(contents: Contents) -> Iterator[list[str]]:
    for document in contents.documents.values():
        readers = ", ".join(reader.name for reader in document.readers)
        yield ["document", f"read/{document.id}.html", document.title, readers, _each_once(document.words)]


def _clauses(contents: Contents) -> Iterator[list[str]]:
    for read in contents.clauses.values():
        more = " ".join((read.topic.title, read.post.title, read.clause.rationale))
        yield ["clause", f"clauses/{read.id}.html", read.id, read.text, _each_once(more)]


def _others(pages: Mapping[str, str]) -> Iterator[list[str]]:
    for path, text in pages.items():
        if not path.startswith(("read/", "clauses/")):
            words = _Words()
            words.feed(text)
            yield ["page", path, " ".join(words.title.split()), "", _each_once(words.text)]


class _Words(HTMLParser):
    """The main heading of a page, and its other headings and paragraphs."""

    def __init__(self) -> None:
        super().__init__()
        self.title = self.text = ""
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in ("main", "h1", "h2", "h3", "p"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside[-1:] == [tag]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        match self.inside:
            case ["main", "h1", *_]:
                self.title += data
            case ["main", _, *_]:
                self.text += f"{data} "


def _each_once(text: str) -> str:
    """The words of a text, each once, in small letters: enough to find a page by."""
    return " ".join(dict.fromkeys(re.findall(r"[\w’'-]+", text.lower())))
