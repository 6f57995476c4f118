"""The compiled library: what compiling gives and binding reads. Plain values; nothing here parses or checks files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from aupgen.library.skeleton import Skeleton
from aupgen.policy.clause import Clause, Topic
from aupgen.policy.facts import FACTS
from aupgen.policy.framework import Framework
from aupgen.policy.language import Language
from aupgen.policy.nation import NationTerms
from aupgen.policy.parameter import Parameter, ParameterType
from aupgen.policy.profile import Phase
from aupgen.policy.role import Role
from aupgen.policy.terms import Nation
from aupgen.policy.wording import Names
from aupgen.source.diagnostics import Diagnostic, listing, suggestion


class Templates(Struct, frozen=True):
    """What the texts of `templates/` are compiled to beside some registers: document types by id, and the HTML shell."""

    documents: Mapping[str, Skeleton]
    page: tuple[str, ...]


class Library(Struct, frozen=True, dict=True, eq=False):
    """The compiled library. Mappings keep the order of their files; clauses stand by id across topics.

    Two libraries are equal only where they are the same: so what is worked out for one can be remembered under it.
    ``names`` is everything a placeholder may name. ``page`` is the HTML shell: literal HTML with the names of its gaps at the odd positions.
    ``read_with`` is the digest of all in it on which reading a profile depends.
    ``warnings`` are findings of compiling that stop nothing; they are kept so that whoever takes the library from the cache sees them too.
    """

    roles: Mapping[str, Role]
    parameters: Mapping[str, Parameter]
    frameworks: Mapping[str, Framework]
    nations: Mapping[Nation, NationTerms]
    topics: Mapping[str, Topic]
    language: Language
    documents: Mapping[str, Skeleton]
    names: Names
    page: tuple[str, ...]
    read_with: str
    warnings: tuple[Diagnostic, ...] = ()

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        return {clause.id: clause for topic in self.topics.values() for clause in topic.clauses}

    @cached_property
    def has_links(self) -> bool:
        """Whether any clause requires another or conflicts with one."""
        return any(clause.requires or clause.conflicts for clause in self.clauses.values())


def condition_fault(
    name: str, values: Iterable[str], parameters: Mapping[str, Parameter]
) -> tuple[str, str, str] | None:
    """Code, message and help where a ``when:`` could never match; None where it can."""
    if name in FACTS:
        return _value_fault(name, values, FACTS[name])
    parameter = parameters.get(name)
    if parameter is None:
        return (
            "AUP203",
            f"there is no parameter `{name}`",
            suggestion(
                name,
                [*parameters, *FACTS],
                f"`aupgen list parameters` prints them; {listing(FACTS)} are the school’s own facts",
            ),
        )
    choices = {ParameterType.CHOICE: parameter.choices, ParameterType.FLAG: ("true", "false")}.get(
        parameter.type
    )
    if choices is None:
        return (
            "AUP213",
            f"`{name}` is of the type {parameter.type}, which a condition cannot test",
            f"use a parameter of the type choice or flag, or one of {listing(FACTS)}",
        )
    return _value_fault(name, values, choices)


def _value_fault(name: str, values: Iterable[str], choices: Collection[str]) -> tuple[str, str, str] | None:
    for value in values:
        if value not in choices:
            return (
                "AUP213",
                f"`{name}` is never `{value}`",
                suggestion(value, choices, f"choose from {listing(choices, 20)}"),
            )
    return None


def phase_fault(
    nation: Nation, phase: Phase, nations: Mapping[Nation, NationTerms]
) -> tuple[str, str, str] | None:
    """Code, message and help where the nation has no schools of a phase; None where it has, or is not described."""
    terms = nations.get(nation)
    if terms is None or phase in terms.phases:
        return None
    named = (f"`{id_}`" + (f" ({name})" if name != id_ else "") for id_, name in terms.phases.items())
    return (
        "AUP215",
        f"`{phase}` is not a phase of schools in {terms.name}",
        f"choose from {', '.join(named)}",
    )
