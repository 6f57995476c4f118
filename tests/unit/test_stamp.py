"""Which documents a change of sources concerns, and what of it."""

from __future__ import annotations

from msgspec.structs import replace

from aupgen.library.concerns import Edits
from aupgen.stamp import Stamp, causes, changed, digest_of, rechosen

STAMP = Stamp(
    "valley",
    "The Valley School",
    "2026-27",
    "",
    "",
    {},
    drawn_on={"policy": ("images", "passwords"), "agreement": ("passwords",), "letter": ()},
    prints={
        "policy": ("image-consent", "password-private", "password-strength"),
        "agreement": ("password-private",),
        "letter": (),
    },
)
TOPICS = ("images", "passwords", "tablets")
IMAGES, PASSWORDS = "clauses/images.yaml", "clauses/passwords.yaml"


def test_changed_names_what_differs_came_or_went() -> None:
    assert changed({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}) == ("b", "c", "d")
    assert changed({"a": "1"}, {"a": "1"}) == ()


def test_a_topic_of_which_no_more_is_known_concerns_the_documents_that_draw_on_it() -> None:
    why = causes(STAMP, (IMAGES,), TOPICS, None)
    assert why == {"policy": (IMAGES,), "agreement": (), "letter": ()}
    assert not any(causes(STAMP, ("clauses/tablets.yaml",), TOPICS, None).values())
    assert rechosen((IMAGES, "clauses/roles.yaml"), TOPICS, None) == {"images"}


def test_words_concern_the_documents_that_print_them() -> None:
    edits = Edits(frozenset(), {"passwords": ("password-strength",), "images": (), "tablets": ()})
    why = causes(STAMP, (IMAGES, PASSWORDS), TOPICS, edits)
    said = "the clause `password-strength` (clauses/passwords.yaml)"
    assert why == {"policy": (said,), "agreement": (), "letter": ()}
    assert rechosen((IMAGES, PASSWORDS), TOPICS, edits) == frozenset()


def test_several_clauses_of_a_topic_are_one_reason() -> None:
    edits = Edits(frozenset(), {"passwords": ("password-private", "password-strength"), "images": ()})
    why = causes(STAMP, (PASSWORDS,), TOPICS, edits)
    said = "the clauses `password-private`, `password-strength` (clauses/passwords.yaml)"
    assert why["policy"] == (said,)
    many = replace(STAMP, prints={document: tuple("abcde") for document in STAMP.drawn_on})
    edits = Edits(frozenset(), {"passwords": tuple("abcdef")})
    why = causes(many, (PASSWORDS,), TOPICS, edits)
    assert why["letter"] == ("the clauses `a`, `b`, `c` and 2 more (clauses/passwords.yaml)",)


def test_another_choice_of_clauses_concerns_the_documents_that_draw_on_the_topic() -> None:
    edits = Edits(frozenset({"images"}), {"passwords": ("password-private",), "tablets": ()})
    why = causes(STAMP, (IMAGES, PASSWORDS), TOPICS, edits)
    said = "the clause `password-private` (clauses/passwords.yaml)"
    assert why == {"policy": (IMAGES, said), "agreement": (said,), "letter": ()}
    assert rechosen((IMAGES, PASSWORDS), TOPICS, edits) == {"images"}


def test_any_other_source_concerns_every_document() -> None:
    edits = Edits(frozenset(), dict.fromkeys(TOPICS, ()))
    for path in ("clauses/roles.yaml", "templates/page.css", "schools/valley.yaml", "clauses/gone.yaml"):
        for known in (None, edits):
            assert causes(STAMP, (path,), TOPICS, known) == dict.fromkeys(STAMP.drawn_on, (path,))


def test_the_digest_hangs_on_paths_and_contents_and_on_no_order() -> None:
    assert digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"})
    assert len({digest_of(s) for s in ({"a": "1"}, {"a": "2"}, {"b": "1"}, {})}) == 4
