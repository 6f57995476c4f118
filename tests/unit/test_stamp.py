"""Which documents a change of sources concerns."""

from __future__ import annotations

from aupgen.stamp import causes, changed, digest_of

DRAWN = {"policy": ("images", "passwords"), "agreement": ("passwords",), "letter": ()}
TOPICS = ("images", "passwords", "tablets")


def test_changed_names_what_differs_came_or_went() -> None:
    assert changed({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}) == ("b", "c", "d")
    assert changed({"a": "1"}, {"a": "1"}) == ()


def test_a_topic_concerns_the_documents_that_draw_on_it() -> None:
    why = causes(DRAWN, ("clauses/images.yaml",), TOPICS)
    assert why == {"policy": ("clauses/images.yaml",), "agreement": (), "letter": ()}
    assert not any(causes(DRAWN, ("clauses/tablets.yaml",), TOPICS).values())


def test_any_other_source_concerns_every_document() -> None:
    for path in ("clauses/roles.yaml", "templates/page.css", "schools/valley.yaml", "clauses/gone.yaml"):
        assert causes(DRAWN, (path,), TOPICS) == dict.fromkeys(DRAWN, (path,))


def test_the_digest_hangs_on_paths_and_contents_and_on_no_order() -> None:
    assert digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"})
    assert len({digest_of(s) for s in ({"a": "1"}, {"a": "2"}, {"b": "1"}, {})}) == 4
