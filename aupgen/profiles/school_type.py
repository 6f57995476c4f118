"""A profile's `school_type:` held against its nation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aupgen.policy.layer import Layer
from aupgen.policy.nation import NationTerms
from aupgen.policy.terms import Nation
from aupgen.source.diagnostics import Diagnostic, listing


def school_type_faults(
    layers: Sequence[Layer], nations: Mapping[Nation, NationTerms]
) -> Iterator[Diagnostic]:
    """Yield AUP113, where it is said, for a type of school that the nation does not have.

    ``layers`` stand with the nearest first, and the nearest that says it counts, for either. Nothing where no
    layer says the one or the other, or the register does not say what the nation has.
    """
    said = next(((layer, layer.school_type) for layer in layers if layer.school_type), None)
    nation = next((layer.nation.value for layer in layers if layer.nation), None)
    terms = nations.get(nation) if nation else None
    if said is None or terms is None or not terms.school_types or said[1].value in terms.school_types:
        return
    layer, school_type = said
    message = f"`school_type`: {terms.name} has no schools of the type `{school_type.value}`"
    help_ = f"choose from {listing(terms.school_types, 20)}"
    yield Diagnostic("AUP113", school_type.span, message, help_, profile=layer.slug)
