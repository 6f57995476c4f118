"""Members in; the bytes of a zip out, the same on any day. Members that never change come deflated already.

Writes what Word files need and no more: deflated members, no links, no comments, no sizes beyond 4 GB
(PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

from msgspec import Struct

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _UTF8, _STORED, _DEFLATED = 20, 0x800, 0, 8
_NOT_WORTH_DEFLATING = 1200  # bytes: setting the compressor up takes longer than the few bytes are worth
_BEST, _FAST = 6, 3  # levels of deflating: a body of 20 kB takes half the time at 3, and 300 bytes more
_TIME, _DATE = 0, 0x21  # midnight on 1 January 1980, the earliest a zip can hold: the clock must not show


class Member(Struct, frozen=True):
    """A file of the package as it is written: ``data`` is deflated, or stored as it is where ``stored``.

    ``size`` and ``crc`` are of the bytes before.
    """

    name: str
    size: int
    crc: int
    data: bytes
    stored: bool = False


def member(name: str, data: bytes, *, fast: bool = False) -> Member:
    """Return a file of the package, ready to be written. ``fast`` is for what is written once."""
    if len(data) <= _NOT_WORTH_DEFLATING:
        return Member(name, len(data), zlib.crc32(data), data, True)
    compressor = zlib.compressobj(_FAST if fast else _BEST, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Member(name, len(data), zlib.crc32(data), compressor.compress(data) + compressor.flush())


def contents(part: Member) -> bytes:
    """The bytes of a file of the package, as they were before."""
    return part.data if part.stored else zlib.decompress(part.data, -zlib.MAX_WBITS)


def write_package(members: Iterable[Member]) -> bytes:
    """Return the zip of some members, in their order."""
    out: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for part in members:
        name = part.name.encode()
        method = _STORED if part.stored else _DEFLATED
        sizes = (part.crc, len(part.data), part.size, len(name), 0)
        common = (_VERSION, _UTF8, method, _TIME, _DATE, *sizes)
        header = _LOCAL.pack(b"PK\x03\x04", *common) + name
        directory.append(_CENTRAL.pack(b"PK\x01\x02", _VERSION, *common, 0, 0, 0, 0, offset) + name)
        out += [header, part.data]
        offset += len(header) + len(part.data)
    listing = b"".join(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, len(directory), len(directory), len(listing), offset, 0)
    return b"".join([*out, listing, end])
