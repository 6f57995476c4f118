"""A small library and school for comparisons: topics of a test's own, and editions of one profile in two years."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aupgen.binding.bind import bind_profile
from aupgen.comparison.changes import Change, Comparison
from aupgen.comparison.compare import compare
from aupgen.comparison.edition import Edition
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.policy.year import PolicyYear
from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import has_errors, render_text
from aupgen.source.span import SourceText
from tests.unit.small_library import good_library
from tests.unit.test_profile_choices import text_of

OLD, NEW = "2025-26", "2026-27"


def revised(old: str, new: str, change: str = "material", why: str = "Times have changed") -> dict[str, Any]:
    """The keys of a clause with two revisions."""
    return {
        "revisions": [
            {"since": "2018-19", "text": old},
            {"since": NEW, "change": change, "why": why, "text": new},
        ]
    }


def rules(*clauses: dict[str, Any], **topics: Sequence[dict[str, Any]]) -> Library:
    """The shipped library with a topic `rules`, and others by name."""
    return good_library({"rules": clauses, **topics})


SECTION = {"id": "rules", "title": "Rules", "topics": ["rules"]}


def school_in(library: Library, year: str, earlier: Mapping[str, Any] = {}, **changes: Any) -> Profile:
    """Valley with a staff policy of one section in 2026-27, or as it was in an earlier year."""
    keys: dict[str, Any] = {
        "policy_year": NEW,
        "edition": {"number": 1, "date": "2026-09-01"},
        "documents": {"staff-policy": {"sections": [SECTION]}},
        "clauses": {},
        "years": {OLD: {"edition": {"number": 1, "date": "2025-09-01"}, **earlier}},
        **changes,
    }
    source = SourceText(
        "schools/valley.yaml", text_of(**json.loads(json.dumps(keys)))
    )  # no list twice: YAML would make it an alias
    layer, found = read_layer(source, "valley", library)
    assert layer is not None
    assert not has_errors(found), render_text(found, {source.path: source})
    profile, found = fold([layer], library, year=PolicyYear.parse(year))
    assert profile is not None, render_text(found, {source.path: source})
    return profile


def edition(library: Library, profile: Profile) -> Edition:
    bound, found = bind_profile(library, profile)
    assert not has_errors(found), render_text(found, {})
    return Edition(profile, library, bound)


def years_compared(library: Library, earlier: Mapping[str, Any] = {}, **changes: Any) -> Comparison:
    """What changed from 2025-26 to 2026-27 in a school that differed in ``earlier`` before."""
    old, new = (edition(library, school_in(library, year, earlier, **changes)) for year in (OLD, NEW))
    return compare(old, new)


def only(report: Comparison) -> Change:
    """The one change there is."""
    assert len(report.changes) == 1, [(c.kind, c.clause, c.parameter, c.old, c.new) for c in report.changes]
    return report.changes[0]
