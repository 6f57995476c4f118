"""What a pack holds: the files that it is made of, and which of them a workspace takes over.

Values and bytes only. Making one: `pack_files`, `write_pack`. Opening one: `read_pack`, which trusts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from aupgen.manifest import sha256
from aupgen.packs.archive import PackRefusedError, printable_name, read_archive
from aupgen.packs.record import RECORD, PackRecord, read_record, record_text
from aupgen.writers.package import member, write_package

_PLACES = (
    re.compile(r"(readme|who-owns-what|frameworks|whats-new)\.(md|html)|starter\.yaml|licence\.txt"),
    re.compile(r"documents/([a-z0-9-]+\.(docx|md|html|txt)|manifest\.json)"),
)
_TAKEN = (
    re.compile(r"clauses/[a-z0-9-]+\.yaml"),
    re.compile(r"templates/(_?[a-z0-9-]+\.(md|html)\.j2|[a-z0-9-]+\.css|reference\.docx)"),
    re.compile(r"templates/pack/([a-z0-9-]+\.md\.j2|questions\.yaml|licence\.txt)"),
    re.compile(r"schools/[a-z0-9-]+\.yaml"),
)


class Pack(Struct, frozen=True):
    """An opened pack: what it says of itself, its files by name without the record, and the digest of the whole."""

    record: PackRecord
    files: Mapping[str, bytes]
    sha256: str

    @property
    def taken(self) -> dict[str, bytes]:
        """What a workspace takes over: the library, the document types, the publisher's profiles."""
        return {name: data for name, data in self.files.items() if is_taken(name)}


def is_taken(name: str) -> bool:
    """Whether a file of a pack is one that a workspace takes over."""
    return any(place.fullmatch(name) for place in _TAKEN)


def write_pack(record: PackRecord, files: Mapping[str, bytes]) -> bytes:
    """Return the zip: the record first, then the files by name."""
    parts = [(RECORD, record_text(record)), *sorted(files.items())]
    return write_package([member(name, data) for name, data in parts])


def read_pack(data: bytes) -> Pack:
    """Return what is in a pack once all of it is checked but the texts themselves. Raises PackRefusedError."""
    files = read_archive(data)
    for name in files:
        if name != RECORD and not is_taken(name) and not any(place.fullmatch(name) for place in _PLACES):
            message = f"the file {printable_name(name)} has no place in a pack"
            help_ = (
                "a pack made by `aupgen pack` has no such file: do not use this one, and tell its publisher"
            )
            raise PackRefusedError("AUP602", message, help_)
    record = read_record(files)
    missing = [name for name in needed_files(record.exemplar) if name not in files]
    if missing:
        raise PackRefusedError(
            "AUP606", f"the pack lacks {printable_name(missing[0])}", "ask its publisher for another"
        )
    return Pack(record, {name: part for name, part in files.items() if name != RECORD}, sha256(data))


def needed_files(exemplar: str) -> Iterable[str]:
    """What no pack can do without."""
    return (
        f"schools/{exemplar}.yaml", "clauses/roles.yaml", "clauses/parameters.yaml", "templates/page.html.j2",
        "templates/reference.docx", "templates/pack/questions.yaml", "starter.yaml", "licence.txt",
    )  # fmt: skip
