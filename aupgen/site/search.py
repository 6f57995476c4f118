"""Contents of a site in; the index that its search reads out, as a script that a page can load from a disk, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from aupgen.site.contents import Contents

INDEX = "assets/search-index.js"


def search_index(contents: Contents, pages: Iterable[tuple[str, str, str]]) -> bytes:
    """Return the script. ``pages`` are those that are neither a clause nor a document: path, title, words.

    An entry is a kind, a path, a title, what is shown below it, and more words to look in.
    """
    entries = [
        *_documents(contents),
        *_clauses(contents),
        *(["page", *page[:2], "", page[2]] for page in pages),
    ]
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


def _each_once(text: str) -> str:
    """The words of a text, each once, in small letters: enough to find a page by."""
    return " ".join(dict.fromkeys(re.findall(r"[\w’'-]+", text.lower())))
