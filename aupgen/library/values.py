"""What a person wrote for a parameter, and for a word of the vocabulary: plain data in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aupgen.library.fields import VALUE_TYPES, FormsShape, HoursShape
from aupgen.policy.parameter import (
    ChoiceValue,
    DurationValue,
    FlagValue,
    HoursValue,
    NumberValue,
    Parameter,
    ParameterType,
    RolesValue,
    TextValue,
    Value,
    WordsValue,
)
from aupgen.policy.role import Role
from aupgen.policy.vocabulary import WordForms
from aupgen.source.diagnostics import Diagnostic, listing, nearest, suggestion
from aupgen.source.shape import check_value
from aupgen.source.yaml_text import Route, YamlFile


def read_value(
    parameter: Parameter, file: YamlFile, route: Route, data: object
) -> tuple[Value | None, list[Diagnostic]]:
    """Return what stands at ``route`` as a value of the parameter's type, or findings at its place.

    Roles are not looked up here: AUP201 is reported by the caller, which knows the register.
    """
    raw, found = check_value(VALUE_TYPES[parameter.type], file, route, data)
    if found:
        return None, found
    if parameter.type is ParameterType.CHOICE and raw not in parameter.choices:
        help_ = suggestion(
            raw,
            parameter.choices,
            f"choose from {listing(parameter.choices, 20)}" if parameter.choices else "",
        )
        message = f"`{parameter.name}`: `{raw}` is not one of the choices"
        return None, [Diagnostic("AUP113", file.value_span(route), message, help_)]
    return _value(parameter.type, raw), []


def _value(type_: ParameterType, raw: Any) -> Value:
    match type_:
        case ParameterType.TEXT:
            return TextValue(raw)
        case ParameterType.ROLES:
            return RolesValue(_once(raw))
        case ParameterType.HOURS:
            hours: HoursShape = raw
            return HoursValue(hours.start, hours.end, _once(hours.places), _once(hours.times))
        case ParameterType.DURATION:
            return DurationValue(*raw)
        case ParameterType.NUMBER:
            return NumberValue(raw)
        case ParameterType.CHOICE:
            return ChoiceValue(raw)
        case ParameterType.WORDS:
            return WordsValue(_once(raw))
        case ParameterType.FLAG:
            return FlagValue(raw)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    """What a list names, each once: a document is not to say a thing twice."""
    return tuple(dict.fromkeys(items))


def word_forms(shape: FormsShape) -> WordForms:
    """The four forms of a word; a possessive that is not given is formed the regular English way."""
    plural_possessive = shape.many + ("’" if shape.many.endswith("s") else "’s")
    return WordForms(
        shape.one,
        shape.many,
        shape.possessive or shape.one + "’s",
        shape.possessive_many or plural_possessive,
    )


def unknown_role(file: YamlFile, route: Route, role: str, roles: Mapping[str, Role]) -> Diagnostic:
    """The finding for a role that is not in the register."""
    return Diagnostic(
        "AUP201", file.value_span(route), f"there is no role `{role}`", role_suggestion(role, roles)
    )


def role_suggestion(word: str, roles: Mapping[str, Role]) -> str:
    """A help line with the role that is meant: by its id, its title or another title in use."""
    names: dict[str, str] = {}
    for role in roles.values():
        for name in (*role.also_called, role.short, role.title, role.id):
            names[name.lower().replace(" ", "-")] = role.id
    near = nearest(word.replace(" ", "-"), names)
    meant = f"did you mean `{names[near]}`? " if near else ""
    return f"{meant}`aupgen list roles` prints the roles there are"
