"""How a changed sentence reads: what stayed, what went, what came."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aupgen.comparison.words import Mark, marked, split_words

WORDS = {Mark.KEPT: "{}", Mark.DELETED: "[-{}-]", Mark.INSERTED: "{{+{}+}}"}


def shown(old: str, new: str) -> str:
    return "".join(WORDS[part.mark].format(part.text) for part in marked(old, new))


@pytest.mark.parametrize(
    ("old", "new", "reads"),
    [
        ("lock the door", "lock the door", "lock the door"),
        ("lock the front door", "lock the front and back doors", "lock the front [-door-]{+and back doors+}"),
        ("ring 01632 960101.", "ring 01632 960102.", "ring 01632 [-960101-]{+960102+}."),
        ("from 8.30am to 3pm", "from 8.45am to 3pm", "from [-8.30am-]{+8.45am+} to 3pm"),
        ("write to a.b@example.org", "write to a.c@example.org", "write to [-a.b@example.org-]{+a.c@example.org+}"),
        ("keep it safe", "keep it safe, always", "keep it safe{+, always+}"),
        ("tell nobody", "", "[-tell nobody-]"),
        ("", "tell nobody", "{+tell nobody+}"),
        # with little in common, both are shown whole
        ("I leave my phone at home.", "Use of watches is a matter for parents.",
         "[-I leave my phone at home.-]{+Use of watches is a matter for parents.+}"),
    ],
)  # fmt: skip
def test_a_changed_sentence(old: str, new: str, reads: str) -> None:
    assert shown(old, new) == reads


@given(st.text(max_size=60), st.text(max_size=60))
def test_without_deletions_it_is_the_new_and_without_insertions_the_old(old: str, new: str) -> None:
    parts = marked(old, new)
    assert "".join(part.text for part in parts if part.mark is not Mark.DELETED) == new
    assert "".join(part.text for part in parts if part.mark is not Mark.INSERTED) == old
    assert all(one.mark is not other.mark for one, other in pairwise(parts))


@given(st.text(max_size=60))
def test_words_are_the_text(text: str) -> None:
    assert "".join(split_words(text)) == text
