"""A profile of one file, read as `cli/loading.py` reads it where nothing stands above it."""

from __future__ import annotations

from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import Diagnostic, has_errors
from aupgen.source.span import SourceText


def read_profile(source: SourceText, slug: str, library: Library) -> tuple[Profile | None, list[Diagnostic]]:
    """Return the profile in ``source``, which extends nothing, or None and the findings that stop it."""
    layer, found = read_layer(source, slug, library)
    if layer is None:
        return None, found
    profile, faults = fold([layer], library)
    found += faults
    return (None if has_errors(found) else profile), found
