"""The cache between runs: the compiled library, the Word shell, checked profiles and approvals, as plain data.

Safe to delete at any time. An entry's name says what it was made from: the contents of its sources, and the
versions of this program, of Python and of the libraries that compile. An entry that cannot be read, for
whatever reason, is as good as none; one that cannot be written is not written.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from aupgen import __version__

_FORMAT = 3
_KEPT = 6000  # entries, two for each school of a large authority; the oldest go first
_KEPT_BYTES = 300_000_000
_BETWEEN_LOOKS = 64  # entries kept, on average, before the folder is looked through again
_BUILT_WITH = ("approval", "binding", "document", "library", "policy", "profiles", "source", "writers")
_MADE_WITH = (
    "jinja2-",
    "markdown_it_py-",
    "msgspec-",
    "pydantic-",
    "pydantic_core-",
    "pyyaml-",
    "python_docx-",
    "lxml-",
)


def folder() -> Path | None:
    """Where entries stand: AUPGEN_CACHE_DIR, else the user's cache folder; None where there is no such place."""
    own = os.environ.get("AUPGEN_CACHE_DIR")
    if own is not None:
        return Path(own) if own else None
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "aupgen"
    home = os.environ.get("USERPROFILE" if os.name == "nt" else "HOME")
    return Path(home) / ".cache" / "aupgen" if home else None


def key(kind: str, parts: Iterable[str]) -> str:
    """The name of an entry made from some parts: digests of contents, paths that findings show."""
    digest = hashlib.sha256(
        "\n".join((kind, *parts, *_versions())).encode("utf-8", "surrogatepass")
    ).hexdigest()
    return f"{kind}-{digest[:40]}.json"


@functools.cache
def _versions() -> tuple[str, ...]:
    """What else an entry depends on: this program's own code, Python, and the libraries it was made with.

    Looked up once: none of it changes under a run.
    """
    package = Path(__file__).parent
    code = sorted(
        f"{entry.path}:{entry.stat().st_mtime_ns}:{entry.stat().st_size}"
        for place in (
            package,
            *(package / name for name in _BUILT_WITH),
        )
        for entry in os.scandir(place)
        if entry.name.endswith(".py")
    )
    installed = sorted(
        name
        for place in sys.path
        if place.endswith("site-packages") and os.path.isdir(place)
        for name in os.listdir(place)
        if name.lower().startswith(_MADE_WITH) and name.endswith(".dist-info")
    )
    return (str(_FORMAT), __version__, sys.version, *code, *installed)


Kept = TypeVar("Kept")


def load(name: str, type_: type[Kept]) -> Kept | None:
    """Return the value of an entry; None where there is none that can be read, or it is not of this type."""
    place = folder()
    if place is None:
        return None
    try:
        digest, _, payload = (place / name).read_bytes().partition(b"\n")
        if digest != hashlib.sha256(payload).hexdigest().encode("ascii"):
            return None
        return msgspec.json.decode(payload, type=type_)
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return None


def store(name: str, value: object) -> None:
    """Keep a value under a name. A run beside this one may read it half written, and its digest then tells that.

    So an entry is written where it stands: to put a new file in its place takes some disks a hundred times as long.
    """
    place = folder()
    if place is None:
        return
    try:
        payload = msgspec.json.encode(value)
    except UnicodeEncodeError:
        return  # the name of a file that is not text, as some systems allow
    data = hashlib.sha256(payload).hexdigest().encode("ascii") + b"\n" + payload
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(place / name, flags, 0o600), "wb") as file:
            file.write(data)
            file.truncate()
        if zlib.crc32(name.encode()) % _BETWEEN_LOOKS == 0:
            _forget_oldest(place)


def _forget_oldest(place: Path) -> None:
    """Once there are too many entries, or they take too much room, keep the newest up to half of it."""
    entries = [
        (entry.stat().st_mtime_ns, entry.stat().st_size, entry.path)
        for entry in os.scandir(place)
        if entry.name.endswith(".json")
    ]
    if len(entries) <= _KEPT and sum(size for _, size, _ in entries) <= _KEPT_BYTES:
        return
    kept = room = 0
    for _, size, path in sorted(entries, reverse=True):
        kept, room = kept + 1, room + size
        if kept > _KEPT // 2 or room > _KEPT_BYTES // 2:
            with contextlib.suppress(OSError):
                os.unlink(path)
