"""The list that a pack carries of itself: who published it, of which exemplar, and what every file must be.

A value and its JSON. There is one way to write a record, and only what was written in that way is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from aupgen.manifest import sha256
from aupgen.packs.archive import PackRefusedError, printable_name

RECORD = "pack.json"
_FORMAT = 1


class Listed(Struct, frozen=True):
    """A file of a pack: its name, its size in bytes and its digest."""

    name: str
    size: int
    sha256: str


class PackRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Who published what. ``exemplar`` is the slug of the profile that schools extend; ``issuer`` its name.

    ``files`` are all others of the pack, sorted by name.
    """

    format: int
    aupgen: str
    exemplar: str
    issuer: str
    nation: str
    policy_year: str
    edition: int
    files: tuple[Listed, ...]


def listed(files: Mapping[str, bytes]) -> tuple[Listed, ...]:
    """What a record says of some files."""
    return tuple(Listed(name, len(data), sha256(data)) for name, data in sorted(files.items()))


def record_for(
    aupgen: str,
    exemplar: str,
    issuer: str,
    nation: str,
    policy_year: str,
    edition: int,
    files: Mapping[str, bytes],
) -> PackRecord:
    return PackRecord(_FORMAT, aupgen, exemplar, issuer, nation, policy_year, edition, listed(files))


def record_text(record: PackRecord) -> bytes:
    """The record as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def read_record(files: Mapping[str, bytes]) -> PackRecord:
    """Return the record of a pack whose files are exactly those that it lists. Raises PackRefusedError."""
    if RECORD not in files:
        raise _fault(f"it has no `{RECORD}`, the list of what is in it")
    text = files[RECORD]
    try:
        record = msgspec.json.decode(text, type=PackRecord)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _fault(f"its `{RECORD}` cannot be read") from None
    if record.format != _FORMAT:
        help_ = "a newer aupgen may read it: `pip install --upgrade aupgen`"
        raise PackRefusedError(
            "AUP606", f"the pack is of format {record.format}, and this aupgen reads {_FORMAT}", help_
        )
    if record_text(record) != text:
        raise _fault(f"its `{RECORD}` was changed after aupgen wrote it")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", record.exemplar):
        raise _fault(f"its `{RECORD}` names no exemplar")
    names = [entry.name for entry in record.files]
    if names != sorted(set(names)):
        raise _fault(f"its `{RECORD}` lists a file twice")
    for name in files:
        if name != RECORD and name not in names:
            raise _fault(f"{printable_name(name)} is in it and not in its list")
    for entry in record.files:
        data = files.get(entry.name)
        if data is None or entry.name == RECORD:
            raise _fault(f"{printable_name(entry.name)} is in its list and not in it")
        if len(data) != entry.size or sha256(data) != entry.sha256:
            raise _fault(f"{printable_name(entry.name)} is not the file that its list describes")
    return record


class Pinned(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which library a workspace holds: the pack it came from with its digest, "" and None for the shipped one.

    ``earlier`` are the digests of the packs that it held before, the oldest first.
    """

    aupgen: str
    pack: str
    sha256: str
    published: PackRecord | None
    files: tuple[Listed, ...]
    earlier: tuple[str, ...] = ()


def pinned_text(pinned: Pinned) -> bytes:
    """The file as JSON that people can read; of the publisher's record without the list of its files."""
    record = pinned.published
    short = record and PackRecord(
        record.format, record.aupgen, record.exemplar, record.issuer, record.nation, record.policy_year,
        record.edition, (),
    )  # fmt: skip
    told = Pinned(pinned.aupgen, pinned.pack, pinned.sha256, short, pinned.files, pinned.earlier)
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def read_pinned(data: bytes) -> Pinned | None:
    """Return what a workspace says of its library, None where that was not written by `aupgen init`."""
    try:
        return msgspec.json.decode(data, type=Pinned)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _fault(what: str) -> PackRefusedError:
    help_ = "it was changed or damaged on its way: ask its publisher for the file again"
    return PackRefusedError("AUP605", f"the pack does not match its own list: {what}", help_)
