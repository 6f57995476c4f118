"""A profile's `school_type:` held against its nation."""

from __future__ import annotations

from collections.abc import Iterator

from aupgen.policy.school_type import TYPES_IN, SchoolType
from aupgen.policy.terms import Nation
from aupgen.source.diagnostics import Diagnostic, listing
from aupgen.source.yaml_text import YamlFile


def school_type_faults(
    file: YamlFile, nation: Nation | None, school_type: SchoolType | None, slug: str
) -> Iterator[Diagnostic]:
    """Yield AUP113, at the value, for a type of school that the nation does not have.

    Nothing where either is None: it is not said, or is a finding already.
    """
    if nation is None or school_type is None or school_type in TYPES_IN[nation]:
        return
    place = nation.replace("-", " ").title()
    message = f"`school_type`: {place} has no schools of the type `{school_type}`"
    help_ = f"choose from {listing(TYPES_IN[nation], 20)}"
    yield Diagnostic("AUP113", file.value_span(("school_type",)), message, help_, profile=slug)
