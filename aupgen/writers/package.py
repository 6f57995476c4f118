"""Members in; the bytes of a zip out, the same on any day. Members that never change come deflated already.

Writes what Word files need and no more: deflated members, no links, no comments, no sizes beyond 4 GB
(PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _UTF8, _DEFLATED = 20, 0x800, 8
_TIME, _DATE = 0, 0x21  # midnight on 1 January 1980, the earliest a zip can hold: the clock must not show


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the package, deflated: ``size`` and ``crc`` are of its bytes before."""

    name: str
    size: int
    crc: int
    deflated: bytes


def member(name: str, data: bytes) -> Member:
    """Return a file of the package, ready to be written."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Member(name, len(data), zlib.crc32(data), compressor.compress(data) + compressor.flush())


def write_package(members: Iterable[Member]) -> bytes:
    """Return the zip of some members, in their order."""
    out: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for part in members:
        name = part.name.encode()
        common = (
            _VERSION,
            _UTF8,
            _DEFLATED,
            _TIME,
            _DATE,
            part.crc,
            len(part.deflated),
            part.size,
            len(name),
            0,
        )
        header = _LOCAL.pack(b"PK\x03\x04", *common) + name
        directory.append(_CENTRAL.pack(b"PK\x01\x02", _VERSION, *common, 0, 0, 0, 0, offset) + name)
        out += [header, part.deflated]
        offset += len(header) + len(part.deflated)
    listing = b"".join(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, len(directory), len(directory), len(listing), offset, 0)
    return b"".join([*out, listing, end])
