"""The bytes of a zip in; its files by name out, or the one reason why it is not taken.

The law of a pack: it is exactly what `writers/package.py` would write of its files. That leaves no room for a
comment, a link, a second directory, a gap, a lying header or bytes before and after. Everything is checked before
anything is given out, and nothing is unpacked further than its header says. The explicit checks stand before the
comparison, so that the message says what is wrong.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator

from msgspec import Struct

from aupgen.source.diagnostics import printable
from aupgen.writers.package import Member, write_package

MOST_BYTES = 8_000_000
"""A pack's size, and that of all its files together when unpacked."""
MOST_FILES = 500
MOST_FILE_BYTES = 2_000_000
_MOST_RATIO = 100  # text of ours shrinks to a fifth; what shrinks to a hundredth was made to fill a disk
_SMALL = 4_096  # bytes that need no ratio
_LONGEST_NAME = 100
_DEEPEST = 3  # folders and file

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]*(\.[a-z0-9]+)*")
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.I)
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800


class PackRefusedError(Exception):
    """A pack is not taken. ``code`` is its finding's; the message says why, in the words of a finding."""

    def __init__(self, code: str, message: str, help_: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help_


class _Entry(Struct, frozen=True):
    """A line of the zip's directory, as it stands there."""

    name: str
    raw_name: bytes
    version: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int


def read_archive(data: bytes) -> dict[str, bytes]:
    """Return the files of a zip by name, in its order. Raises PackRefusedError AUP601 to AUP605."""
    entries = _directory(data)
    _check_names(entries)
    _check_sizes(entries)
    members = []
    files: dict[str, bytes] = {}
    position = 0
    for entry in entries:
        if entry.offset != position:
            raise _unlike(f"{printable_name(entry.name)} does not stand where the file before it ends")
        start = _check_local(data, entry)
        position = start + entry.packed
        packed = data[start:position]
        files[entry.name] = _unpacked(entry, packed)
        members.append(Member(entry.name, entry.size, entry.crc, packed, entry.method == _STORED))
    if write_package(members) != data:
        raise _unlike("it was packed again, or changed, by another program")
    return files


def _unlike(what: str) -> PackRefusedError:
    help_ = "ask for the file again, and use it as it came: do not unpack it and pack it again"
    return PackRefusedError("AUP601", f"this is not a pack as aupgen writes it: {what}", help_)


def printable_name(name: str) -> str:
    return f"`{printable(name)}`"


# ------------------------------------------------------------------ the directory


def _directory(data: bytes) -> list[_Entry]:
    if len(data) > MOST_BYTES:
        help_ = "a pack is a few pages of text in three formats: ask its publisher"
        raise PackRefusedError("AUP604", f"the pack is larger than {MOST_BYTES // 1_000_000} MB", help_)
    if not data:
        raise _unlike("the file is empty")
    if not data.startswith(b"PK\x03\x04"):
        where = "it does not begin like a zip file"
        raise _unlike("something stands before the zip" if b"PK\x03\x04" in data else where)
    end = data[-_END.size :]
    if not end.startswith(b"PK\x05\x06"):
        whole = b"PK\x05\x06" in data
        raise _unlike(
            "something stands after its end, or it has a comment" if whole else "its end is missing"
        )
    _, disk, first_disk, here, count, size, offset, comment = _END.unpack(end)
    if (
        data[-_END.size - 20 :].startswith(b"PK\x06\x07")
        or 0xFFFF in (here, count)
        or 0xFFFFFFFF in (size, offset)
    ):
        raise _unlike("it says that it is a zip of the large kind (ZIP64)")
    if disk or first_disk or here != count:
        raise _unlike("it says that it is one of several parts")
    if comment:
        raise _unlike("it says that it has a comment")
    if count > MOST_FILES:
        raise PackRefusedError("AUP604", f"the pack holds {count} files, and {MOST_FILES} is the most")
    if offset + size + _END.size != len(data):
        raise _unlike("its directory does not stand where its end says")
    entries = list(_entries(data[offset : offset + size], count))
    if not entries:
        raise _unlike("there is nothing in it")
    if (last := entries[-1]).offset >= offset:
        raise _unlike(f"{printable_name(last.name)} is said to stand behind the directory")
    return entries


def _entries(directory: bytes, count: int) -> Iterator[_Entry]:
    position = 0
    for _ in range(count):
        if len(directory) < position + _CENTRAL.size or directory[position : position + 4] != b"PK\x01\x02":
            raise _unlike("its directory is damaged")
        (
            _, _, version, flags, method, time, date, crc, packed, size, name_length, extra, comment, disk, _,
            attributes, offset,
        ) = _CENTRAL.unpack_from(directory, position)  # fmt: skip
        raw = directory[position + _CENTRAL.size : position + _CENTRAL.size + name_length]
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise _name_fault(raw.decode("latin-1"), "is not written in UTF-8") from None
        if 0xFFFFFFFF in (packed, size, offset) or disk == 0xFFFF:
            raise _unlike(f"{printable_name(name)} says that it is of the large kind (ZIP64)")
        if extra or comment or disk:
            raise _unlike(f"{printable_name(name)} has an extra field or a comment")
        yield _Entry(name, raw, version, flags, method, time, date, crc, packed, size, attributes, offset)
        position += _CENTRAL.size + name_length
    if position != len(directory):
        raise _unlike("its directory holds more than it says")


# ------------------------------------------------------------------ names


def _name_fault(name: str, why: str) -> PackRefusedError:
    help_ = "a pack made by `aupgen pack` has no such file: do not use this one, and tell its publisher"
    return PackRefusedError("AUP602", f"the file name {printable_name(name)} {why}", help_)


def _check_names(entries: Iterable[_Entry]) -> None:
    names: dict[str, str] = {}
    for entry in entries:
        name = entry.name
        folded = unicodedata.normalize("NFKC", name).casefold()
        if folded in names:
            other = names[folded]
            alike = (
                "is there twice"
                if other == name
                else f"is the same as {printable_name(other)} on many systems"
            )
            raise PackRefusedError("AUP603", f"the file {printable_name(name)} {alike}")
        names[folded] = name
    for entry in entries:
        if fault := name_fault(entry.name):
            raise _name_fault(entry.name, fault)
        kind = entry.attributes >> 16 & 0o170000
        if kind == 0o120000:
            raise _name_fault(entry.name, "is a link")
        if kind not in (0, 0o100000) or entry.attributes & 0x10:
            raise _name_fault(entry.name, "is not an ordinary file")
        parents = entry.name.split("/")[:-1]
        for depth in range(len(parents)):
            folder = "/".join(parents[: depth + 1])
            if folder in names:
                raise PackRefusedError("AUP603", f"{printable_name(folder)} is a file and a folder at once")


def name_fault(name: str) -> str:
    """What is wrong with the name of a file in a pack, to follow the name in a sentence; "" where nothing is.

    Names are judged by the rules of all systems on every system.
    """
    if not name:
        return "is empty"
    if any(unicodedata.category(character)[0] == "C" for character in name):
        return "holds a hidden or control character"
    if name.startswith(("/", "\\")):
        return "starts at the root of a disk"
    if re.match(r"[A-Za-z]:", name):
        return "names a drive"
    if "\\" in name:
        return "holds a backslash"
    parts = name.split("/")
    if ".." in parts or "." in parts:
        return "leads out of its folder"
    if name.endswith("/"):
        return "is a folder"
    if "" in parts:
        return "has an empty part"
    if len(name) > _LONGEST_NAME:
        return f"is longer than {_LONGEST_NAME} characters"
    if len(parts) > _DEEPEST:
        return "lies too many folders deep"
    if any(part.startswith(".") for part in parts):
        return "is a hidden file"
    if any(part.endswith((".", " ")) for part in parts):
        return "ends in a full stop or a space, which some systems drop"
    if any(_DEVICES.fullmatch(part) for part in parts):
        return "is the name of a device on Windows"
    if not all(_NAME.fullmatch(part) for part in parts):
        return "holds a character other than small letters, digits, hyphens and underscores"
    return ""


# ------------------------------------------------------------------ sizes and contents


def _check_sizes(entries: Iterable[_Entry]) -> None:
    total = 0
    for entry in entries:
        total += entry.size
        if entry.size > MOST_FILE_BYTES:
            raise PackRefusedError(
                "AUP604",
                f"{printable_name(entry.name)} is larger than {MOST_FILE_BYTES // 1_000_000} MB when unpacked",
            )
        if entry.size > max(entry.packed * _MOST_RATIO, _SMALL):
            raise PackRefusedError(
                "AUP604", f"{printable_name(entry.name)} unpacks to more than {_MOST_RATIO} times its size"
            )
        if total > MOST_BYTES:
            raise PackRefusedError("AUP604", f"the pack unpacks to more than {MOST_BYTES // 1_000_000} MB")


def _check_local(data: bytes, entry: _Entry) -> int:
    """Where an entry's bytes begin, once its own header agrees with the directory."""
    if entry.flags & _ENCRYPTED:
        raise _name_fault(entry.name, "is encrypted")
    if entry.flags & _DESCRIPTOR:
        raise _unlike(f"{printable_name(entry.name)} gives its size only after its contents")
    if entry.method not in (_STORED, _DEFLATED):
        raise _unlike(f"{printable_name(entry.name)} is packed in a way that aupgen does not use")
    if len(data) < entry.offset + _LOCAL.size:
        raise _unlike(f"{printable_name(entry.name)} is cut off")
    mark, *rest, name_length, extra = _LOCAL.unpack_from(data, entry.offset)
    start: int = entry.offset + _LOCAL.size + name_length
    if mark != b"PK\x03\x04":
        raise _unlike(f"{printable_name(entry.name)} does not begin where the directory says")
    said = [
        entry.version, entry.flags, entry.method, entry.time, entry.date, entry.crc, entry.packed, entry.size,
    ]  # fmt: skip
    if data[entry.offset + _LOCAL.size : start] != entry.raw_name or rest != said or extra:
        raise _unlike(f"what stands before {printable_name(entry.name)} is not what the directory says of it")
    if start + entry.packed > len(data):
        raise _unlike(f"{printable_name(entry.name)} is cut off")
    return start


def _unpacked(entry: _Entry, packed: bytes) -> bytes:
    """An entry's contents: no more of them than its size are ever unpacked."""
    contents = packed
    if entry.method == _DEFLATED:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            contents = unpacker.decompress(packed, entry.size + 1)
        except zlib.error:
            raise _damaged(entry) from None
        if len(contents) <= entry.size and (not unpacker.eof or unpacker.unused_data):
            raise _damaged(entry)
    if len(contents) != entry.size:
        raise PackRefusedError("AUP604", f"{printable_name(entry.name)} is not as large as its header says")
    if zlib.crc32(contents) != entry.crc:
        raise _damaged(entry)
    return contents


def _damaged(entry: _Entry) -> PackRefusedError:
    return PackRefusedError("AUP605", f"{printable_name(entry.name)} is damaged", "ask for the file again")
