"""A profile's `school_type:` held against its nation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aupgen.policy.layer import Layer
from aupgen.policy.school_type import TYPES_IN
from aupgen.source.diagnostics import Diagnostic, listing


def school_type_faults(layers: Sequence[Layer]) -> Iterator[Diagnostic]:
    """Yield AUP113, where it is said, for a type of school that the nation does not have.

    ``layers`` stand with the nearest first, and the nearest that says it counts, for either. Nothing where no
    layer says the one or the other.
    """
    said = next(((layer, layer.school_type) for layer in layers if layer.school_type), None)
    nation = next((layer.nation.value for layer in layers if layer.nation), None)
    if said is None or nation is None or said[1].value in TYPES_IN[nation]:
        return
    layer, school_type = said
    place = nation.replace("-", " ").title()
    message = f"`school_type`: {place} has no schools of the type `{school_type.value}`"
    help_ = f"choose from {listing(TYPES_IN[nation], 20)}"
    yield Diagnostic("AUP113", school_type.span, message, help_, profile=layer.slug)
