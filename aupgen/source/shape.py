"""Plain data in; checked shapes out, with every fault at its line and column.

The base of all shapes, the field types that turn text into values, and the translation of pydantic's
errors into findings. The shapes themselves are with the stage that reads them.
"""

from __future__ import annotations

import re
import types
import typing
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from msgspec.structs import replace
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from aupgen.source.diagnostics import Diagnostic, listing, nearest, printable, suggestion
from aupgen.source.yaml_text import Route, YamlFile


class Shape(BaseModel):
    """Mirrors a block of YAML: unknown keys refused, no silent conversions, never changed after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def refuse(message: str, help_: str = "", at: str = "") -> PydanticCustomError:
    """The error a field type raises: ``message`` in lower case, ``help_`` what to write instead.

    ``at`` names the key at fault where a whole block is refused, "" for the block itself.
    """
    return PydanticCustomError(
        "aupgen", "{message}", {"message": message, "help": help_, **({"at": at} if at else {})}
    )


def _as_flag(value: object) -> bool:
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, str) and value.lower() in ("yes", "on", "no", "off", "y", "n", "true", "false"):
        meant = "true" if value.lower() in ("yes", "on", "y", "true") else "false"
        raise refuse(f"`{value}` must be `true` or `false`", f"write `{meant}`")
    raise refuse("must be `true` or `false`")


def _as_whole_number(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value):
        return int(value)
    raise refuse("must be a whole number such as 3", "write it in figures, without a sign or a unit")


def _as_positive_number(value: object) -> int:
    number = _as_whole_number(value)
    if number < 1:
        raise refuse("must be 1 or more", "editions are numbered from 1")
    return number


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _shows(character: str) -> bool:
    """Whether a reader sees anything of a character on its own."""
    hidden = unicodedata.category(character) in ("Cf", "Mn", "Me", "Zs", "Zl", "Zp")
    return not hidden and character not in "\u115f\u1160\u3164\uffa0\u2800"


def _without_blank(value: object) -> object:
    if isinstance(value, str) and not any(map(_shows, value)):
        raise refuse("has no value", "write one after the colon")
    return value


def _as_id(value: object) -> object:
    value = _without_blank(value)
    if isinstance(value, str) and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise refuse(f"`{printable(value)}` is not an id", "use small letters, digits and single hyphens")
    return value


def _as_name(value: object) -> object:
    value = _without_blank(value)
    if isinstance(value, str) and not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", value):
        raise refuse(
            f"`{printable(value)}` is not a parameter name",
            "use small letters, digits and underscores: a hyphen is a minus here",
        )
    return value


def _nfc(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


_TEXT_SCHEMA = WithJsonSchema({"type": ["string", "number", "boolean"], "minLength": 1})

Line = Annotated[
    str,
    StringConstraints(max_length=200),
    BeforeValidator(_without_blank),
    BeforeValidator(_one_line),
    BeforeValidator(_nfc),
    _TEXT_SCHEMA,
]
"""One line of text, at most 200 characters, white space folded, never empty."""

Prose = Annotated[
    str,
    StringConstraints(max_length=10_000),
    BeforeValidator(_without_blank),
    BeforeValidator(_nfc),
    WithJsonSchema({"type": "string", "minLength": 1}),
]
"""A text of sentences, at most 10,000 characters, never empty."""

Id = Annotated[
    str,
    StringConstraints(max_length=80),
    BeforeValidator(_as_id),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}),
]
"""A permanent kebab-case name."""

Name = Annotated[
    str,
    StringConstraints(max_length=80),
    BeforeValidator(_as_name),
    WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"}),
]
"""A parameter's name: snake_case, because it stands in placeholders."""

Flag = Annotated[bool, BeforeValidator(_as_flag), WithJsonSchema({"type": "boolean"})]
PositiveNumber = Annotated[
    int, BeforeValidator(_as_positive_number), WithJsonSchema({"type": "integer", "minimum": 1})
]
WholeNumber = Annotated[
    int, BeforeValidator(_as_whole_number), WithJsonSchema({"type": "integer", "minimum": 0})
]

AnyShape = TypeVar("AnyShape", bound=Shape)


def check_shape(model: type[AnyShape], file: YamlFile) -> tuple[AnyShape, list[Diagnostic]]:
    """Return the checked shape of a whole file, and findings.

    Where there are findings the shape is what could be saved, for the checks that come after: a field that is
    missing or wrong is None, a wrong item of a list is None in its place, a wrong entry of a mapping is left out.
    Findings: AUP110 unknown key, AUP111 missing key, AUP112 wrong shape, AUP113 value not understood,
    AUP301 for a clause without its owner.
    """
    try:
        return model.model_validate(file.data), []
    except ValidationError as error:
        return _saved(model, file.data), _findings(model, file, (), error)


def check_value(annotation: Any, file: YamlFile, route: Route, data: object) -> tuple[Any, list[Diagnostic]]:
    """Return ``data``, which stands at ``route``, as a value of the annotated type; None and findings where it is none."""
    try:
        return _adapter(annotation).validate_python(data), []
    except ValidationError as error:
        return None, _findings(annotation, file, route, error)


_adapters: dict[
    int, tuple[Any, TypeAdapter[Any]]
] = {}  # by the identity of the type, which is kept beside it


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    """The validator of a type, built once: building takes a hundred times as long as using it."""
    known = _adapters.get(id(annotation))
    if known is None:
        known = _adapters[id(annotation)] = (annotation, TypeAdapter(annotation))
    return known[1]


def _saved(model: type[AnyShape], data: Any) -> AnyShape:
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in data:
            fields[name] = None if field.is_required() else field.get_default(call_default_factory=True)
            continue
        annotation = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        fields[name] = _part(annotation, data[key])
        if fields[name] is None and not field.is_required():
            fields[name] = field.get_default(call_default_factory=True)
            if not isinstance(data[key], (list, dict)):
                continue
        elif fields[name] is not None:
            continue
        if isinstance(data[key], (list, dict)):
            inner = typing.get_args(field.annotation)
            if typing.get_origin(field.annotation) is list and isinstance(data[key], list):
                fields[name] = [_part(inner[0], item) for item in data[key]]
            elif typing.get_origin(field.annotation) is dict and isinstance(data[key], dict):
                parts = {
                    k: _part(inner[1], v) for k, v in data[key].items() if _part(inner[0], k) is not None
                }
                fields[name] = {k: v for k, v in parts.items() if v is not None}
    return typing.cast(AnyShape, model.model_construct(**fields))


def _part(annotation: Any, data: Any) -> Any:
    """One part as its type, None where it is not of it."""
    try:
        return TypeAdapter(annotation).validate_python(data)
    except ValidationError:
        return None


def _findings(annotation: Any, file: YamlFile, base: Route, error: ValidationError) -> list[Diagnostic]:
    """The findings of one validation: none for a value the loader reported already, and one for a key misspelt."""
    details = error.errors(include_url=False)
    slips = {
        (tuple(d["loc"][:-1]), nearest(str(d["loc"][-1]), _keys_at(annotation, tuple(d["loc"][:-1]))))
        for d in details
        if d["type"] == "extra_forbidden"
    }
    return [
        _of_clause(_finding(annotation, file, base, d), file, (*base, *d["loc"]))
        for d in details
        if not (d["type"] == "missing" and (tuple(d["loc"][:-1]), d["loc"][-1]) in slips)
        and _known_route(file, base, tuple(d["loc"])) not in file.refused
    ]


_CLAUSES = ("clauses", "local_clauses")


def _of_clause(finding: Diagnostic, file: YamlFile, route: Route) -> Diagnostic:
    """The finding with the id of the clause it stands in, where it stands in one that has an id."""
    entries = file.data.get(str(route[0])) if len(route) > 1 and route[0] in _CLAUSES else None
    if not isinstance(entries, list) or not isinstance(route[1], int):
        return finding
    entry = entries[route[1]]
    id_ = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(id_, str) or not id_:
        return finding
    message = (
        f"the clause `{printable(id_)}` has no owner role" if finding.code == "AUP301" else finding.message
    )
    return replace(finding, clause=id_, message=message)


def _finding(annotation: Any, file: YamlFile, base: Route, details: Any) -> Diagnostic:
    loc: Route = tuple(details["loc"])
    if "[key]" in loc:  # pydantic's mark for a fault in a mapping's key
        at = _known_route(file, base, loc[: loc.index("[key]")])
        context = details.get("ctx", {})
        word = str(details["input"])
        if "expected" in context:
            choices = re.findall(r"'([^']*)'", context["expected"])
            message, help_ = (
                f"`{printable(word)}` is not one of the choices",
                suggestion(word, choices, f"choose from {listing(choices, 20)}"),
            )
        else:
            message, help_ = (
                context.get("message", f"`{printable(word)}` is not a name"),
                context.get("help", ""),
            )
        return Diagnostic("AUP113", file.key_span(at), message, help_)
    route = _known_route(file, base, loc)
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    name = next((printable(step) for step in reversed((*base, *loc)) if isinstance(step, str)), "the file")
    span = file.value_span(route)
    match kind:
        case "extra_forbidden":
            known = sorted(_keys_at(annotation, loc[:-1]))
            help_ = suggestion(str(loc[-1]), known, f"the keys known here are {listing(known, 30)}")
            at = (*_known_route(file, base, loc[:-1]), loc[-1])
            return Diagnostic("AUP110", file.key_span(at), f"unknown key `{name}`", help_)
        case "missing":
            return _missing(annotation, file, _known_route(file, base, loc[:-1]), loc)
        case "aupgen":
            if name == "owner" and value == "":
                return Diagnostic("AUP301", span, *_NO_OWNER)
            if name == "owner":
                message = f"`{printable(str(value))}` is not a post that can own a clause"
                help_ = "write the post and not the person, such as `headteacher`: `aupgen list roles` prints the posts there are"
                return Diagnostic("AUP113", span, message, help_)
            if "at" in context:
                span = file.value_span((*route, context["at"]))
            return Diagnostic("AUP113", span, f"`{name}`: {context['message']}", context["help"])
        case "literal_error" | "enum":
            choices = re.findall(r"'([^']*)'", context["expected"])
            shown = f"`{printable(value)}`" if isinstance(value, str) else "this"
            help_ = suggestion(str(value), choices, f"choose from {listing(choices, 20)}")
            return Diagnostic("AUP113", span, f"`{name}`: {shown} is not one of the choices", help_)
        case "string_too_long":
            message = f"`{name}` is longer than {context['max_length']} characters"
            return Diagnostic("AUP113", span, message, "shorten it")
        case "too_short" if context["min_length"] > 1:
            message = f"`{name}` needs {context['min_length']} entries and has {context['actual_length']}"
            return Diagnostic("AUP113", span, message, "")
        case "too_short":
            return Diagnostic("AUP113", span, f"`{name}` has no entries", "add one")
        case "too_long":
            return Diagnostic("AUP113", span, f"`{name}` has more than {context['max_length']} entries")
    wanted = {
        "string_type": "one text",
        "list_type": "a list",
        "tuple_type": "a list",
        "dict_type": "a block of `key: value` lines",
        "model_type": "a block of `key: value` lines",
    }.get(kind)
    if wanted is None:
        return Diagnostic("AUP113", span, f"`{name}`: {details['msg'].lower()}")
    block, list_ = "a block of `key: value` lines", "a list"
    found = (
        block
        if isinstance(value, dict)
        else list_
        if isinstance(value, list)
        else "a text"
        if value
        else "nothing"
    )
    help_ = {
        "a list": "write one item a line, each starting with `- `",
        "one text": "put quotes round text that holds `: ` or starts with a bracket",
    }.get(wanted, "write `key: value` lines, indented under it")
    if wanted == block and not value and (known := sorted(_keys_at(annotation, loc))):
        help_ = (
            f"write a line such as `{known[0]}: …` under it, further in, or delete it; "
            f"the keys known here are {listing(known, 30)}"
        )
    return Diagnostic(
        "AUP112", file.key_span(route), f"`{name}`: {wanted} is needed, and {found} was found", help_
    )


def _known_route(file: YamlFile, base: Route, loc: Route) -> Route:
    """The longest part of pydantic's location that stands in the file: a union adds steps of its own."""
    route = base
    for step in loc:
        if (*route, step) in file.routes:
            route = (*route, step)
    return route


_NO_OWNER = (
    "this clause has no owner role",
    "add `owner:` with the role that answers for it, such as `headteacher`",
)


def _missing(annotation: Any, file: YamlFile, parent: Route, loc: Route) -> Diagnostic:
    name = str(loc[-1])
    if (*parent, "id") in file.routes:
        span = file.value_span((*parent, "id"))
    else:
        span = file.key_span(parent) if parent else file.source.whole
    about = _description(annotation, loc)
    help_ = f"add `{name}:`" + (f" — {about}" if about else "")
    if name == "owner":
        return Diagnostic("AUP301", span, *_NO_OWNER)
    return Diagnostic("AUP111", span, f"`{name}` is missing", help_)


def _models_in(annotation: Any) -> Iterator[type[Shape]]:
    """The shapes named in a type: through lists, mappings, unions and Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        yield annotation
    elif (
        isinstance(annotation, (types.UnionType, types.GenericAlias))
        or typing.get_origin(annotation) is not None
    ):
        for part in typing.get_args(annotation):
            yield from _models_in(part)


def _shapes_at(annotation: Any, loc: Route) -> list[type[Shape]]:
    """The shapes a location may be checked against; a step that is no field (an index, a tag) stays put."""
    found = list(_models_in(annotation))
    for step in loc:
        fields = [
            field
            for shape in found
            for name, field in shape.model_fields.items()
            if step in (name, field.alias)
        ]
        below = [model for field in fields for model in _models_in(field.annotation)]
        found = below or found
    return found


def _keys_at(annotation: Any, loc: Route) -> set[str]:
    return {
        field.alias or name
        for shape in _shapes_at(annotation, loc)
        for name, field in shape.model_fields.items()
    }


def _description(annotation: Any, loc: Route) -> str:
    for shape in _shapes_at(annotation, loc[:-1]):
        for name, field in shape.model_fields.items():
            if loc[-1] in (name, field.alias):
                return field.description or ""
    return ""


def described(description: str, **options: Any) -> Any:
    """A field with its description: what the help line and the editor's hover text say."""
    return Field(description=description, **options)
