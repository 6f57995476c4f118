"""The agreements of pupils: short enough for their readers, in words that they have, and with somebody to tell."""

from __future__ import annotations

import re
from typing import Any

import pytest
from yaml import BaseLoader, dump, load

from aupgen.binding.bind import bind_profile
from aupgen.document.readability import reading
from aupgen.document.tree import Document, Drawing, Fields
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause
from aupgen.policy.terms import Audience
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText
from tests.conftest import ROOT, sample
from tests.one_layer import read_profile
from tests.unit.small_library import compiled
from tests.unit.test_library_wording import text_of

PUPILS = (Audience.PUPIL_KS1, Audience.PUPIL_KS2, Audience.PUPIL_KS3, Audience.PUPIL_SEND)
SCHOOLS = {"ks1": "millbrook", "ks2": "millbrook", "ks3": "oakfield", "send": "millbrook"}
MOST_WORDS = {Audience.PUPIL_KS1: 9, Audience.PUPIL_KS2: 27, Audience.PUPIL_SEND: 12}
"""The most words of one rule, over the whole library."""
IDIOMS = re.compile(
    r"\b(keep an eye|out of the blue|in hot water|piece of cake|think twice|look out|hang out|open up|speak up"
    r"|own up|log ?in details|footprint|fall for|at your fingertips|screen time|gang up|make sure|pile in|nasty turn)\b"
)


def words_in(text: str) -> int:
    """Words as a child counts them: grown-up is one."""
    return len(text.split())


@pytest.fixture(scope="module")
def agreements(library: Library) -> dict[str, Document]:
    out = {}
    for key, slug in SCHOOLS.items():
        bound, found = bind_profile(library, sample(slug), only=[f"pupil-agreement-{key}"])
        assert not found
        (out[key],) = bound.documents
    return out


def rules(document: Document) -> list[str]:
    return [plain_text(inlines) for s in sections(document.blocks) for _, inlines in own_clauses(s)]


def wordings_of(library: Library, audience: Audience) -> list[tuple[Clause, str]]:
    """Every wording of the library for one reader, whether a document prints it or not."""
    return [
        (clause, text_of(wording.pieces, dict(wording.phrases)))
        for clause in library.clauses.values()
        for revision in clause.revisions
        if (wording := revision.special.get(audience.value))
    ]


# ---------------------------------------------------------------- how long


@pytest.mark.parametrize(
    ("key", "least", "most"), [("ks1", 5, 9), ("ks2", 10, 15), ("ks3", 25, 60), ("send", 9, 16)]
)
def test_an_agreement_has_as_many_rules_as_its_readers_can_bear(
    agreements: dict[str, Document], key: str, least: int, most: int
) -> None:
    assert least <= len(rules(agreements[key])) <= most


def test_no_rule_of_the_youngest_has_more_than_nine_words_as_built(agreements: dict[str, Document]) -> None:
    assert [rule for rule in rules(agreements["ks1"]) if words_in(rule) > 9] == []


@pytest.mark.parametrize("audience", MOST_WORDS)
def test_no_wording_of_the_library_is_too_long_for_its_reader(library: Library, audience: Audience) -> None:
    texts = wordings_of(library, audience)
    assert len(texts) > 10
    assert [(clause.id, text) for clause, text in texts if words_in(text) > MOST_WORDS[audience]] == []


# ---------------------------------------------------------------- how hard


@pytest.mark.parametrize("audience", PUPILS)
def test_what_the_library_says_to_a_reader_can_be_read_by_them(library: Library, audience: Audience) -> None:
    most = library.language.grade_limit([audience])
    assert most is not None
    assert reading(text for _, text in wordings_of(library, audience)).grade <= most


# ---------------------------------------------------------------- room to write and draw


def test_the_youngest_have_room_for_their_name_and_to_colour_in(agreements: dict[str, Document]) -> None:
    blocks = [block for section in sections(agreements["ks1"].blocks) for block in section.blocks]
    assert sum(isinstance(block, Drawing) for block in blocks) == 1
    labels = [plain_text(label) for block in blocks if isinstance(block, Fields) for label in block.labels]
    assert "My name" in labels


# ---------------------------------------------------------------- in which words


def test_words_for_those_who_take_them_literally_hold_no_idiom(library: Library) -> None:
    for audience in (Audience.PUPIL_KS1, Audience.PUPIL_SEND):
        assert [text for _, text in wordings_of(library, audience) if IDIOMS.search(text)] == []


def test_one_idea_a_line_for_those_who_need_it(library: Library) -> None:
    assert [t for _, t in wordings_of(library, Audience.PUPIL_SEND) if re.search(r"[;:(]|\. ", t)] == []


def test_no_rule_for_pupils_threatens(library: Library) -> None:
    threat = re.compile(
        r"\b(must|punish|sanction|prosecut|police|suspen|exclu(de|sion)|expel|disciplin|shame|stupid)"
    )
    texts = [(clause.id, text) for audience in PUPILS for clause, text in wordings_of(library, audience)]
    assert [found for found in texts if threat.search(found[1])] == []


def test_every_clause_speaks_to_each_of_its_pupils_in_words_of_their_own(library: Library) -> None:
    """The oldest may be given the base text; a clause with variants cannot have wordings beside them.

    What the school's own policy says about its pupils is not said to them.
    """
    of_policy = {
        topic
        for section in library.documents["online-safety-policy"].sections().values()
        for topic in section.topics
    } | {"role-duties"}
    lacking = [
        (clause.id, audience.value)
        for clause in library.clauses.values()
        if clause.topic not in of_policy
        for revision in clause.revisions
        for audience in clause.audiences
        if audience in PUPILS and audience is not Audience.PUPIL_KS3
        if audience.value not in revision.special and not revision.variants
    ]
    assert lacking == []


# ---------------------------------------------------------------- what a school chooses


def printed(library: Library, key: str, **changes: Any) -> set[str]:
    """The clauses of an agreement where its school answers otherwise."""
    data = load((ROOT / "schools" / f"{SCHOOLS[key]}.yaml").read_text(encoding="utf-8"), Loader=BaseLoader)
    data = {name: value for name, value in data.items() if name not in ("extends", "departures", "years")}
    data |= {"nation": "england", "policy_year": "2026-27", "approver": "board"}
    data["clauses"] = changes.get("clauses", {})
    data["parameters"] = {**data["parameters"], **changes.get("parameters", {})}
    data["documents"] = {f"pupil-agreement-{key}": {}}
    source = SourceText("schools/trial.yaml", dump({k: v for k, v in data.items() if v}, allow_unicode=True))
    profile, found = read_profile(source, "trial", library)
    assert not found
    assert profile is not None
    bound, found = bind_profile(library, profile)
    assert not found
    return {mark.id for s in sections(bound.documents[0].blocks) for mark, _ in own_clauses(s)}


@pytest.mark.parametrize(
    ("answer", "rules"),
    [
        ("sixth_form_phones", {"sixth-form-variation"}),
        ("boarding", {"boarding-device-hours"}),
        ("live_lessons", {"live-lesson-conduct", "live-lesson-recording", "live-lesson-one-to-one"}),
    ],
)
def test_an_answer_adds_its_rules_and_no_others(library: Library, answer: str, rules: set[str]) -> None:
    without = printed(library, "ks3", parameters={answer: "false"})
    assert printed(library, "ks3", parameters={answer: "true"}) - without == rules
    assert not without & rules


@pytest.mark.parametrize("key", ["ks1", "ks2", "ks3"])
def test_optional_rules_for_pupils_are_switched_on_without_naming_sections(
    library: Library, key: str
) -> None:
    """Those for pupils alone: one shared with adults stands where a section names it."""
    audience = Audience(f"pupil-{key}")
    optional = {
        c.id for c in library.clauses.values() if c.optional and audience in c.audiences and set(c.audiences) <= set(PUPILS)
    }  # fmt: skip
    assert len(optional) > 2
    choices = {id_: {"use": "true", "reason": "Our pupils asked for it"} for id_ in optional}
    assert optional - printed(library, key, clauses=choices) == set()


# ---------------------------------------------------------------- whom to tell


@pytest.mark.parametrize("key", SCHOOLS)
def test_every_agreement_says_whom_to_tell(agreements: dict[str, Document], key: str) -> None:
    text = " ".join(text for _, text in lines(agreements[key]))
    assert re.search(r"\b(tell|talk to) my (teacher|tutor)\b", text)
    assert "help" in text


@pytest.mark.parametrize("key", ["ks2", "ks3"])
def test_a_worry_about_an_adult_goes_to_another(agreements: dict[str, Document], key: str) -> None:
    text = " ".join(text for _, text in lines(agreements[key]))
    assert re.search(r"If my worry is about (a grown-up|one adult), I (can )?tell a different one", text)


@pytest.mark.parametrize("key", SCHOOLS)
def test_every_agreement_is_signed_by_the_pupil_and_an_adult_at_home(
    agreements: dict[str, Document], key: str
) -> None:
    labels = [
        plain_text(label)
        for section in sections(agreements[key].blocks)
        for block in section.blocks
        if isinstance(block, Fields)
        for label in block.labels
    ]
    assert any(re.search("[Nn]ame", label) for label in labels)
    assert any(re.search("grown-up|[Aa]dult at home", label) for label in labels)


# ---------------------------------------------------------------- how large


def with_template(change: tuple[str, str]) -> list[Diagnostic]:
    """What is found in the library where the template of the youngest is changed."""
    name = "pupil-agreement-ks1.md.j2"
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")
    assert text.count(change[0]) == 1
    return compiled({}, {name: text.replace(*change)})[1]


def test_the_look_of_a_document_is_normal_or_large() -> None:
    (fault,) = with_template(("look: large", "look: huge"))
    assert (fault.code, fault.span.line) == ("AUP113", 8)
    assert not with_template(("look: large", "look: normal"))


def test_a_frame_needs_a_line_that_says_what_it_is_for() -> None:
    (fault,) = with_template(('drawing("Me, safe online")', "drawing()"))
    assert fault.code == "AUP504"
    assert "caption" in fault.message


def test_only_the_youngest_and_those_who_need_it_have_large_type(agreements: dict[str, Document]) -> None:
    assert {key for key, document in agreements.items() if document.meta.is_large} == {"ks1", "send"}
