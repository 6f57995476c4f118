"""Whatever a document depends on, the table of its pieces says what is written for any answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aupgen.site.alternatives import (
    States,
    Switch,
    Texts,
    UnsettledError,
    packed,
    pieces_for,
    put_together,
)

YES_NO = ("no", "yes")
SWITCHES = (*(Switch(name, YES_NO) for name in "abcdef"), Switch("count", tuple("0123456789")))
Write = Callable[[States], Sequence[tuple[str, Texts]]]


def is_right(write: Write, switches: Sequence[Switch]) -> bool:
    pieces = pieces_for(write, switches)
    by_name = {switch.name: switch for switch in switches}
    return all(
        tuple(put_together(pieces, by_name, states)) == tuple(texts for _, texts in write(states))
        for picked in product(*(switch.states for switch in switches))
        for states in [dict(zip(by_name, picked, strict=True))]
    )


def test_each_piece_knows_only_what_it_depends_on() -> None:
    def write(states: States) -> list[tuple[str, Texts]]:
        return [
            ("first", ("always",)),
            ("second", (f"a is {states['a']}",)),
            *([("third", ("b, where it holds",))] if states["b"] == "yes" else []),
            ("fourth", (f"{states['count']} of them",)),
        ]

    assert {piece.name: piece.switches for piece in pieces_for(write, SWITCHES)} == {
        "first": (),
        "second": ("a",),
        "third": ("b",),
        "fourth": ("count",),
    }
    assert is_right(write, SWITCHES)


def test_a_rule_that_asks_for_several_answers_at_once_is_found() -> None:
    def write(states: States) -> list[tuple[str, Texts]]:
        all_hold = all(states[name] == "yes" for name in "abcd")
        return [("rule", ("all of them" if all_hold else "not all",)), ("end", (states["count"],))]

    assert is_right(write, SWITCHES)


def test_pieces_that_are_never_first_seen_together_stand_in_their_order() -> None:
    def write(states: States) -> list[tuple[str, Texts]]:
        return [(name, (name,)) for name in "abcdef" if states[name] == "yes"]

    assert is_right(write, SWITCHES)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_documents_of_any_conditions_come_out_right(data: st.DataObject) -> None:
    switches = SWITCHES[:4]
    condition = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(YES_NO), max_size=3)
    rules = data.draw(st.lists(st.lists(condition, min_size=1, max_size=3), min_size=1, max_size=6))

    def write(states: States) -> list[tuple[str, Texts]]:
        """Each rule prints the first of its wordings whose condition holds, if any does."""
        out: list[tuple[str, Texts]] = []
        for number, wordings in enumerate(rules):
            for which, when in enumerate(wordings):
                if all(states[name] == state for name, state in when.items()):
                    out.append((str(number), (f"rule {number}, wording {which}",)))
                    break
        return out

    assert is_right(write, switches)


def test_a_document_that_is_put_in_another_order_is_refused() -> None:
    def write(states: States) -> list[tuple[str, Texts]]:
        names = "xy" if states["a"] == "yes" else "yx"
        return [(name, (name,)) for name in names]

    with pytest.raises(UnsettledError, match="another order"):
        pieces_for(write, SWITCHES)


def test_a_sentence_that_depends_on_too_much_is_refused() -> None:
    switches = [Switch(name, tuple("0123456789")) for name in "abcdef"]

    def write(states: States) -> list[tuple[str, Texts]]:
        return [("sentence", (" ".join(states.values()),))]

    with pytest.raises(UnsettledError, match="depends on 6 questions at once"):
        pieces_for(write, switches)


def test_sentences_that_depend_on_different_questions_are_tried_at_once() -> None:
    switches = [Switch(name, tuple("0123456789")) for name in "abcdefgh"]
    tries = 0

    def write(states: States) -> list[tuple[str, Texts]]:
        nonlocal tries
        tries += 1
        return [(pair, (states[pair[0]] + states[pair[1]],)) for pair in ("ab", "cd", "ef", "gh")]

    pieces = pieces_for(write, switches)
    assert [len(set(piece.texts)) for piece in pieces] == [100] * 4
    assert tries < 100 + 150  # 100 answers to each pair of questions, and what it takes to find the pairs


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_all_that_is_wanted_is_packed(data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(2, 4), min_size=1, max_size=5))
    some = st.sets(st.sampled_from(range(len(counts)))).map(lambda which: tuple(sorted(which)))
    wanted = {
        which: list(product(*(map(str, range(counts[n])) for n in which)))
        for which in data.draw(st.lists(some, max_size=4))
    }
    rows = packed(wanted)
    for which, parts in wanted.items():
        assert {tuple(row.get(n, "") for n in which) for row in rows} >= set(parts)
    assert len(rows) <= sum(map(len, wanted.values()))
