"""How hard a text is to read: syllables as they are spoken, sentences as they are read, values as neutral words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.document import readability
from aupgen.document.readability import (
    NEUTRAL_SYLLABLES,
    SPOKEN_OTHERWISE,
    document_reading,
    reading,
    syllables,
)
from aupgen.document.tree import (
    Block,
    BulletList,
    Document,
    FillIn,
    ListItem,
    Paragraph,
    Section,
    Table,
    Text,
    Value,
)
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Audience
from tests.conftest import sample
from tests.e2e.test_formats_agree import SAMPLES

SPOKEN = {
    1: "the a I we school screen safe rules games shared asked used saved stopped helped tried lost read eye friend build "
    "guest guide piece use while whole phone phones file files site sites cause clothes their whose breach checked logged "
    "blocked strength through thought please league vague queue",
    2: "tablet people people’s password online someone something sometimes wanted needed posted added little picture "
    "careful safely homework website quiet science create being doing going playing saying trying player agreed table "
    "handled bullied simple lawful harmful return statement grownup household harmless rudeness shameful "
    "threatens decides leaving using business breaches changes pages classes watches every minute software wireless "
    "lonely likely rarely therefore timeline AI ID react trusted parent’s region special social million union settled "
    "colleagues technique behave safety couldn’t",
    3: "computer devices messages video media radio area idea ideas everyone somebody permission property management "
    "volunteer governor visitor contractor library telephone safeguarding recorded reported usual manual actual serious "
    "obvious previous various audience period guardian element implement theatre families family consequence relative "
    "illegal offensive VPN USB copying employer settlement creative companion essential official musician "
    "behaviour everything argument continue enabled",
    4: "technology information material society reality photography authority community education experience criticism "
    "secondary January political CCTV geography convenience necessary continuing responsible",
    5: "individual examination organisation communication investigation intellectual immediately",
    6: "responsibility discriminatory inappropriately electronically confidentiality",
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "count"), [(word, count) for count, words in SPOKEN.items() for word in words.split()]
)
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_table_of_spoken_words_is_long_enough_to_trust() -> None:
    assert len({word for words in SPOKEN.values() for word in words.split()}) >= 200


def test_every_exception_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    exceptions = dict(SPOKEN_OTHERWISE)
    monkeypatch.setattr(readability, "SPOKEN_OTHERWISE", {})
    readability._syllables.cache_clear()
    assert [word for word, count in exceptions.items() if syllables(word) == count] == []
    readability._syllables.cache_clear()


@pytest.mark.parametrize(
    ("text", "words", "sentences", "grade"),
    [
        # Worked out by hand: 0.39 × words / sentences + 11.8 × syllables / words − 15.59.
        ("The cat sat on the mat.", 6, 1, 0.39 * 6 + 11.8 - 15.59),
        ("The cat sat. It was a big cat.", 8, 2, 0.39 * 4 + 11.8 - 15.59),
        ("Keep your password safe; tell nobody.", 6, 1, 0.39 * 6 + 11.8 * 9 / 6 - 15.59),
        ("I use school computers for school work only.", 8, 1, 0.39 * 8 + 11.8 * 11 / 8 - 15.59),
        ("Is it safe? Ask a teacher! “Yes.” Then go.", 9, 4, 0.39 * 9 / 4 + 11.8 * 10 / 9 - 15.59),
        (
            "Unauthorised utilisation of institutional technology constitutes a disciplinary infringement.",
            9,
            1,
            0.39 * 9 + 11.8 * 31 / 9 - 15.59,
        ),
    ],
)
def test_the_grade_of_a_text_is_what_the_formula_says(
    text: str, words: int, sentences: int, grade: float
) -> None:
    found = reading([text])
    assert (found.words, found.sentences) == (words, sentences)
    assert found.grade == pytest.approx(grade)


def test_each_line_ends_a_sentence_and_a_number_is_no_word() -> None:
    found = reading(["between 8.30am and 3pm", "on 12 May"])
    assert (found.words, found.sentences) == (6, 2)


@pytest.mark.parametrize("texts", [[], [""], ["12.", " – "]])
def test_a_text_without_words_has_grade_0(texts: list[str]) -> None:
    assert (reading(texts).words, reading(texts).grade) == (0, 0.0)


def tree(library: Library, valley: Profile, *blocks: Block) -> Document:
    bound, _ = bind_profile(library, valley, only=["staff-agreement"])
    return replace(bound.documents[0], blocks=blocks)


def test_a_value_weighs_as_one_neutral_word_whatever_it_is(library: Library, valley: Profile) -> None:
    def said(value: Value | FillIn) -> Document:
        return tree(library, valley, Paragraph((Text("Ask "), value, Text(" first."))))

    names = ("Jo", "the Director of Institutional Responsibilities", "12")
    found = {document_reading(said(Value(name, "contacts.dsl"))) for name in names}
    found.add(document_reading(said(FillIn("name of the head", "contacts.headteacher"))))
    assert len(found) == 1
    (one,) = found
    assert (one.words, one.syllables) == (3, 2 + NEUTRAL_SYLLABLES)


def test_only_what_is_read_as_a_sentence_counts(library: Library, valley: Profile) -> None:
    cell = (Text("Responsibility"),)
    document = tree(
        library,
        valley,
        Paragraph((Text("Oakfield School, September"),), "subtitle"),
        Table((cell,), ((cell,),)),
        Section(
            "s",
            2,
            (Text("Responsibilities"),),
            (
                Paragraph((Text("All staff must:"),), "lead-in"),
                BulletList((ListItem((Text("be kind"),), None, (Paragraph((Text("Be fair."),)),)),)),
            ),
        ),
    )
    assert document_reading(document) == reading(["be kind", "Be fair."])


# ---------------------------------------------------------------- the samples


def test_every_audience_has_a_limit_and_younger_readers_a_lower_one(library: Library) -> None:
    limits = {audience.value: library.language.audiences[audience].grade for audience in Audience}
    assert [limits[f"pupil-{key}"] for key in ("ks1", "send", "ks2", "ks3")] == [2, 2, 5, 7]
    assert limits["parent"] == 7
    adults = set(Audience) - {a for a in Audience if a.startswith("pupil")} - {Audience.PARENT}
    assert {limits[audience] for audience in adults} == {9}


AS_PUBLISHED = {"harbour": 9.5, "hillside": 10.5, "southend": 9.5}
"""Samples that say what a published policy said, clause by clause; those policies measure 10.9 to 15.2."""


@pytest.mark.parametrize("slug", SAMPLES)
def test_every_document_of_a_sample_can_be_read_by_those_it_is_for(library: Library, slug: str) -> None:
    bound, _ = bind_profile(library, sample(slug))
    hard = {
        document.meta.id: round(grade, 1)
        for document in bound.documents
        if (grade := document_reading(document).grade)
        > AS_PUBLISHED.get(slug, library.language.grade_limit(map(Audience, document.meta.audiences)) or 0)
    }
    assert hard == {}
