"""Values of ours as plain data and back: what the cache stores in the place of pickles.

Dataclasses, enums and the few built-in types inside them become lists that JSON can hold. Reading builds
only classes named here, from data whose shape is checked by their constructors: a file that somebody else
wrote can be refused, and can run nothing.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Mapping
from datetime import time
from enum import Enum
from typing import Any

from aupgen.library import compiled, skeleton
from aupgen.policy import clause, language, parameter, profile, role, terms, vocabulary, wording, year
from aupgen.source import span
from aupgen.writers import package, shell

_MODULES = (
    terms,
    year,
    vocabulary,
    role,
    wording,
    parameter,
    clause,
    language,
    profile,
    skeleton,
    compiled,
    package,
    shell,
    span,
)
_TUPLE, _DICT, _ENUM, _OBJECT, _BYTES, _TIME, _SET = range(7)


def _classes() -> list[type]:
    """Every dataclass and enum of the modules above, in an order that depends on nothing but the code."""
    found = [
        value
        for module in _MODULES
        for _, value in sorted(vars(module).items())
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    return [cls for cls in found if dataclasses.is_dataclass(cls) or issubclass(cls, Enum)]


_CLASSES = _classes()
_NUMBERS = {cls: number for number, cls in enumerate(_CLASSES)}


def to_plain(value: Any) -> Any:
    """Return a value as strings, numbers, None and lists of them. Raises TypeError for what is not ours."""
    if isinstance(value, Enum):
        return [_ENUM, _NUMBERS[type(value)], value.value]
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, (tuple, list)):
        return [_TUPLE, *map(to_plain, value)]
    if isinstance(value, Mapping):
        return [_DICT, *(to_plain(part) for item in value.items() for part in item)]
    if isinstance(value, frozenset):
        return [_SET, *map(to_plain, sorted(value))]
    if isinstance(value, bytes):
        return [_BYTES, base64.b85encode(value).decode("ascii")]
    if isinstance(value, time):
        return [_TIME, value.hour, value.minute]
    if type(value) in _NUMBERS:
        fields = (getattr(value, field.name) for field in dataclasses.fields(value))
        return [_OBJECT, _NUMBERS[type(value)], *map(to_plain, fields)]
    raise TypeError(f"{type(value).__name__} is not a value of the library")


def from_plain(data: Any) -> Any:
    """Return the value that ``to_plain`` made ``data`` from. Raises ValueError, TypeError, IndexError or
    RecursionError where the data is not of its making."""
    if type(data) is not list:
        return data
    return _READERS[data[0]](data)


def _object(data: list[Any]) -> Any:
    return _CLASSES[data[1]](
        *[part if type(part) is not list else _READERS[part[0]](part) for part in data[2:]]
    )


def _mapping(data: list[Any]) -> dict[Any, Any]:
    parts = [part if type(part) is not list else _READERS[part[0]](part) for part in data[1:]]
    return dict(zip(parts[::2], parts[1::2], strict=True))


_READERS: tuple[Callable[[list[Any]], Any], ...] = (
    lambda data: tuple([part if type(part) is not list else _READERS[part[0]](part) for part in data[1:]]),
    _mapping,
    lambda data: _CLASSES[data[1]](data[2]),
    _object,
    lambda data: base64.b85decode(data[1]),
    lambda data: time(data[1], data[2]),
    lambda data: frozenset(data[1:]),
)
