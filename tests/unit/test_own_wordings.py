"""A school's own words for one kind of reader, and whom its words for all reach."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from yaml import dump

from aupgen.binding.bind import bind_profile
from aupgen.library.compiled import Library
from aupgen.manifest import manifest_data
from aupgen.policy.profile import Profile
from aupgen.policy.terms import FAMILIES, Audience
from aupgen.policy.year import PolicyYear
from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText
from tests.one_layer import read_profile
from tests.unit.small_library import clause, good_library, school, section, under_trust
from tests.unit.test_profile_choices import layers, said, text_of

WHY = "Our governors asked for it"
GROWN_UPS = "tell {{ role.headteacher }} what {{ i }} saw"
DOCUMENTS = ("staff-agreement", "visitor-agreement", "pupil-agreement-ks1", "pupil-agreement-ks2")


def reworded(**clauses: Any) -> dict[str, Any]:
    """What a profile says of some clauses, by their ids with `_` for the hyphens, each with a reason."""
    return {id_.replace("_", "-"): {"reason": WHY, **choice} for id_, choice in clauses.items()}


def documents(*ids: str, **keys: Any) -> dict[str, Any]:
    """Documents that print nothing but the rules of `small`."""
    return {id_: {"sections": [section("helping", "helping")], "clauses": "all", **keys} for id_ in ids}


@pytest.fixture(scope="module")
def small() -> Library:
    """A rule for three readers of whom the pupils have words of their own, the same for pupils alone, one for pupils of
    one age, and one whose words differ among adults and by voice."""

    def rule(id_: str, audiences: list[str], **wordings: Any) -> dict[str, Any]:
        own = {reader: {**words} if isinstance(words, dict) else words for reader, words in wordings.items()}
        revision = {"since": "2018-19", "text": "tell somebody", "wordings": own}
        return clause(id_, audiences=audiences, revisions=[revision])

    ks1 = {"kind": "statement", "text": "I tell a grown-up."}
    ks2 = {"kind": "statement", "text": "I tell an adult I trust."}
    both = {"pupil-ks1": ks1, "pupil-ks2": ks2}
    return good_library(
        {
            "helping": [
                rule("tell", ["staff", "visitor", "pupil-ks1", "pupil-ks2"], **both),
                rule("tell-a-grown-up", ["pupil-ks1", "pupil-ks2"], **both),
                rule("one-age", ["pupil-ks2"], **{"pupil-ks2": ks2}),
                rule("adults", ["staff", "visitor"], staff="tell the office", prose="tell the desk"),
            ]
        }
    )


def of_school(small: Library, **clauses: Any) -> Profile:
    return school(small, documents=documents(*DOCUMENTS), clauses=reworded(**clauses))


def printed(library: Library, profile: Profile, id_: str) -> dict[str, str]:
    """What a clause says in each document that prints it."""
    bound, _ = bind_profile(library, profile)
    return {d.meta.id: words[id_] for d in bound.documents for words in [said(d)] if id_ in words}


def told(library: Library, profile: Profile, code: str) -> list[Diagnostic]:
    return [finding for finding in bind_profile(library, profile)[1] if finding.code == code]


# ------------------------------------------------------------------ a text for all


def test_a_text_puts_no_adult_words_before_children(small: Library) -> None:
    profile = of_school(small, tell={"text": GROWN_UPS})
    assert printed(small, profile, "tell") == {
        "staff-agreement": "I will tell the Headteacher what I saw.",
        "visitor-agreement": "tell the Headteacher what you saw",
        "pupil-agreement-ks1": "I tell a grown-up.",
        "pupil-agreement-ks2": "I tell an adult I trust.",
    }
    assert told(small, profile, "AUP349") == []


def test_a_sentence_names_the_layer_whose_words_it_has(small: Library) -> None:
    bound, _ = bind_profile(small, of_school(small, tell={"text": GROWN_UPS}))
    by_document = {document.meta.id: layers(document)["tell"] for document in bound.documents}
    assert by_document == {
        "staff-agreement": "valley",
        "visitor-agreement": "valley",
        "pupil-agreement-ks1": "library",
        "pupil-agreement-ks2": "library",
    }


def test_the_manifest_gives_the_reason_where_the_schools_own_words_stand(small: Library) -> None:
    profile = of_school(small, tell={"text": GROWN_UPS})
    bound, _ = bind_profile(small, profile)
    made = manifest_data("1", profile, bound.documents, (), {}, draft=False)
    reasons = {
        document["id"]: clause.get("reason")
        for document in made["documents"]
        for part in document["sections"]
        for clause in part["clauses"]
        if clause["id"] == "tell"
    }
    assert reasons == {
        "staff-agreement": WHY,
        "visitor-agreement": WHY,
        "pupil-agreement-ks1": None,
        "pupil-agreement-ks2": None,
    }


def test_a_text_takes_the_place_of_words_for_one_adult_audience_and_for_one_voice(small: Library) -> None:
    profile = of_school(small, adults={"text": GROWN_UPS})
    assert printed(small, profile, "adults") == {
        "staff-agreement": "I will tell the Headteacher what I saw.",
        "visitor-agreement": "tell the Headteacher what you saw",
    }
    prose = school(
        small,
        documents=documents("visitor-agreement", voice="prose"),
        clauses=reworded(adults={"text": GROWN_UPS}),
    )
    assert printed(small, prose, "adults") == {
        "visitor-agreement": "Visitors must tell the Headteacher what they saw."
    }


def test_a_text_is_for_the_pupils_of_a_clause_that_is_for_one_age_only(small: Library) -> None:
    profile = of_school(small, one_age={"text": "tell my teacher"})
    assert printed(small, profile, "one-age") == {"pupil-agreement-ks2": "I will tell my teacher."}
    assert told(small, profile, "AUP349") == []


def test_one_text_for_pupils_of_several_ages_is_told(small: Library) -> None:
    profile = of_school(small, tell_a_grown_up={"text": "tell a teacher"})
    assert set(printed(small, profile, "tell-a-grown-up").values()) == {"I will tell a teacher."}
    (finding,) = told(small, profile, "AUP349")
    assert finding.severity is Severity.WARNING
    assert "`pupil-ks1`, `pupil-ks2`" in finding.message
    assert "`wordings: {pupil-ks1: …, pupil-ks2: …}`" in finding.help


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"documents": documents("pupil-agreement-ks2")}, id="one of them has a document"),
        pytest.param(
            {
                "clauses": reworded(
                    tell_a_grown_up={"text": "tell a teacher", "wordings": {"pupil-ks1": "I tell Miss."}}
                )
            },
            id="one of them has words of the school's own",
        ),
    ],
)
def test_one_text_for_pupils_of_one_age_is_not_told(small: Library, changes: dict[str, Any]) -> None:
    clauses = reworded(tell_a_grown_up={"text": "tell a teacher"})
    profile = school(small, **{"documents": documents(*DOCUMENTS), "clauses": clauses, **changes})
    assert told(small, profile, "AUP349") == []


def test_a_text_that_no_document_gives_to_anybody_is_told(small: Library) -> None:
    clauses = reworded(tell={"text": GROWN_UPS})
    for_pupils = school(small, documents=documents("pupil-agreement-ks2"), clauses=clauses)
    (finding,) = told(small, for_pupils, "AUP351")
    assert finding.severity is Severity.WARNING
    assert finding.message == "no document prints this text: `pupil-ks2` keep words of their own for `tell`"
    assert (
        finding.help == "in the place of `text:`, write `wordings: {pupil-ks2: …}`, with the words for each"
    )
    assert told(small, of_school(small, tell={"text": GROWN_UPS}), "AUP351") == []


def test_what_a_school_promises_and_tells_parents_is_one_promise(library: Library) -> None:
    clauses = reworded(filtering_provided={"text": "filter its internet day and night"})
    chosen = {"sections": [section("promises", clauses=["filtering-provided"])]}
    both = {"online-safety-policy": chosen, "parent-letter": deepcopy(chosen)}
    words = printed(library, school(library, documents=both, clauses=clauses), "filtering-provided")
    assert words == {
        "online-safety-policy": "filter its internet day and night",
        "parent-letter": "The school will filter its internet day and night.",
    }


# ------------------------------------------------------------------ words for one audience


def test_words_for_one_audience_leave_the_others_theirs(small: Library) -> None:
    profile = of_school(small, tell={"wordings": {"pupil-ks2": "I tell my class teacher."}})
    assert printed(small, profile, "tell") == {
        "staff-agreement": "I will tell somebody.",
        "visitor-agreement": "tell somebody",
        "pupil-agreement-ks1": "I tell a grown-up.",
        "pupil-agreement-ks2": "I tell my class teacher.",  # a whole sentence, as the words it stands for
    }


def test_words_for_one_audience_stand_beside_a_text(small: Library) -> None:
    profile = of_school(small, tell={"text": GROWN_UPS, "wordings": {"visitor": "tell {{ me }} who"}})
    words = printed(small, profile, "tell")
    assert words["staff-agreement"] == "I will tell the Headteacher what I saw."
    assert words["visitor-agreement"] == "tell you who"


def test_words_for_one_audience_may_be_of_another_kind_and_have_phrases(small: Library) -> None:
    own = {
        "kind": "must-not",
        "text": "wait {{ long }}",
        "phrases": {"long": "for {{ image_consent_also_from | any }}"},
    }
    profile = of_school(small, tell={"wordings": {"pupil-ks1": own}})
    assert printed(small, profile, "tell")["pupil-agreement-ks1"] == "I will not wait."


def test_a_clause_of_ones_own_has_words_for_one_audience_too(small: Library) -> None:
    own = {
        "id": "wave",
        "topic": "helping",
        "owner": "headteacher",
        "audiences": ["staff", "pupil-ks1"],
        "kind": "must",
        "rationale": "It is kind.",
        "text": "greet everybody",
        "wordings": {"pupil-ks1": {"kind": "statement", "text": "I wave."}},
    }
    profile = school(small, documents=documents(*DOCUMENTS), local_clauses=[own])
    assert printed(small, profile, "wave") == {
        "staff-agreement": "I will greet everybody.",
        "pupil-agreement-ks1": "I wave.",
    }


@pytest.mark.parametrize(
    ("choice", "code", "words"),
    [
        ({"wordings": {"pupil-ks4": "I tell."}, "reason": WHY}, "AUP113", "`pupil-ks4` is not an audience"),
        ({"wordings": {"rule-list": "tell"}, "reason": WHY}, "AUP113", "`rule-list` is not an audience"),
        ({"wordings": {"pupil-ks2": "I tell {{ nobody }}."}, "reason": WHY}, "AUP502", "nobody"),
        ({"wordings": {"pupil-ks2": "I tell."}}, "AUP113", "a reason is missing"),
        ({"wordings": {"pupil-ks2": "I tell."}, "use": "false", "reason": WHY}, "AUP113", "left out"),
    ],
)
def test_what_cannot_be_is_reported_where_it_stands(
    small: Library, choice: dict[str, Any], code: str, words: str
) -> None:
    source = SourceText("schools/valley.yaml", text_of(clauses={"tell": choice}))
    profile, found = read_profile(source, "valley", small)
    assert profile is None
    (finding,) = found
    assert finding.code == code
    assert words in finding.message
    block = source.text.splitlines().index("  tell:") + 1
    assert finding.span.line >= block


def test_a_clause_of_ones_own_has_no_words_for_readers_it_is_not_for(small: Library) -> None:
    own = {
        "id": "wave",
        "topic": "helping",
        "owner": "headteacher",
        "audiences": ["staff"],
        "kind": "must",
        "rationale": "It is kind.",
        "text": "greet everybody",
        "wordings": {"pupil-ks1": "I wave."},
    }
    source = SourceText("schools/valley.yaml", text_of(local_clauses=[own]))
    profile, (finding,) = read_profile(source, "valley", small)
    assert profile is None
    assert finding.message == "`pupil-ks1` is not among the audiences of `wave`"


def test_words_for_a_reader_whom_the_clause_is_not_for_are_told(small: Library) -> None:
    clauses = reworded(one_age={"wordings": {"pupil-ks1": "I tell."}})
    source = SourceText("schools/valley.yaml", text_of(clauses=clauses))
    profile, found = read_profile(source, "valley", small)
    assert profile is not None
    (finding,) = found
    assert (finding.code, finding.severity) == ("AUP230", Severity.WARNING)
    assert finding.message == "this does nothing: `one-age` is not for pupil-ks1"
    assert source.text.splitlines()[finding.span.line - 1].strip().startswith("pupil-ks1:")


# ------------------------------------------------------------------ layers


@pytest.mark.parametrize(
    ("trust", "own", "words"),
    [
        pytest.param(
            {"wordings": {"pupil-ks2": "I tell the trust."}},
            {"text": GROWN_UPS},
            ("I will tell the Headteacher what I saw.", "I tell the trust."),
            id="a school's text leaves the trust's words for pupils",
        ),
        pytest.param(
            {"wordings": {"staff": "tell the trust"}},
            {"text": GROWN_UPS},
            ("I will tell the Headteacher what I saw.", "I tell an adult I trust."),
            id="a school's text goes before the trust's words for staff",
        ),
        pytest.param(
            {"text": "tell the trust"},
            {"wordings": {"pupil-ks2": "I tell Miss."}},
            ("I will tell the trust.", "I tell Miss."),
            id="a school's words for pupils leave the trust's text",
        ),
        pytest.param(
            {"wordings": {"pupil-ks2": "I tell the trust."}},
            {"wordings": {"pupil-ks2": "I tell Miss."}},
            ("I will tell somebody.", "I tell Miss."),
            id="the nearest words go first",
        ),
    ],
)
def test_layers_are_put_together_reader_by_reader(
    small: Library, trust: dict[str, Any], own: dict[str, Any], words: tuple[str, str]
) -> None:
    profile = under_trust(
        small,
        {"clauses": reworded(tell=trust)},
        documents=documents(*DOCUMENTS),
        clauses=reworded(tell=own),
    )
    said = printed(small, profile, "tell")
    assert (said["staff-agreement"], said["pupil-agreement-ks2"]) == words


def test_a_text_for_pupils_alone_goes_before_the_trusts_words_for_some_of_them(small: Library) -> None:
    profile = under_trust(
        small,
        {"clauses": reworded(tell_a_grown_up={"wordings": {"pupil-ks2": "I tell the trust."}})},
        documents=documents(*DOCUMENTS),
        clauses=reworded(tell_a_grown_up={"text": "tell Miss"}),
    )
    assert set(printed(small, profile, "tell-a-grown-up").values()) == {"I will tell Miss."}


def test_each_layer_that_worded_it_is_on_record(small: Library) -> None:
    profile = under_trust(
        small,
        {"clauses": reworded(tell={"text": "tell the trust"})},
        documents=documents(*DOCUMENTS),
        clauses=reworded(tell={"wordings": {"pupil-ks2": "I tell Miss."}}),
    )
    assert [origin.layer for origin in profile.origins["clauses.tell.text"]] == ["larkway"]
    assert [origin.text for origin in profile.origins["clauses.tell.wordings.pupil-ks2"]] == ["I tell Miss."]


# ------------------------------------------------------------------ documents for several readers


@pytest.mark.parametrize("clauses", [{}, reworded(tell={"wordings": {"pupil-ks1": "I tell Miss."}})])
@pytest.mark.parametrize("id_", ["tell", "tell-a-grown-up"])
def test_a_document_for_adults_as_well_has_no_words_meant_for_children(
    small: Library, clauses: dict[str, Any], id_: str
) -> None:
    whole = documents("staff-policy", audiences=["school", "staff", "pupil-ks1", "pupil-ks2"])
    words = printed(small, school(small, documents=whole, clauses=clauses), id_)["staff-policy"]
    assert words.endswith("tell somebody")


@pytest.mark.parametrize(
    ("audiences", "words"),
    [
        (["staff", "visitor"], "tell the office"),
        (["visitor", "staff"], "tell somebody"),
        (["school", "staff"], "tell the office"),
        (["staff", "pupil-ks1"], "tell the office"),
    ],
)
def test_adults_are_spoken_to_as_the_first_of_them_whom_the_clause_is_for(
    small: Library, audiences: list[str], words: str
) -> None:
    """`adults` is for staff and visitors, and has words for staff."""
    profile = school(small, documents=documents("staff-policy", audiences=audiences))
    assert printed(small, profile, "adults")["staff-policy"].endswith(words)


def test_a_policy_of_the_whole_school_speaks_as_the_school(library: Library) -> None:
    everybody = ["school", "staff", "pupil-ks1", "parent"]
    chosen = {"sections": [section("watching", clauses=["monitoring-notice"])], "audiences": everybody}
    profile = school(library, documents={"online-safety-policy": chosen})
    words = printed(library, profile, "monitoring-notice")["online-safety-policy"]
    assert words.startswith("monitor how its internet")


def test_own_words_for_one_adult_are_not_given_to_another(small: Library) -> None:
    clauses = reworded(adults={"text": GROWN_UPS, "wordings": {"visitor": "tell the desk"}})
    both = school(small, documents=documents("staff-policy", audiences=["staff", "visitor"]), clauses=clauses)
    assert printed(small, both, "adults")["staff-policy"].endswith("tell the Headteacher what you saw")


def test_a_document_for_children_of_two_ages_has_the_words_of_the_first(small: Library) -> None:
    shared = documents("pupil-agreement-ks1", audiences=["pupil-ks1", "pupil-ks2"])
    words = printed(small, school(small, documents=shared), "tell-a-grown-up")
    assert words == {"pupil-agreement-ks1": "I tell a grown-up."}


# ------------------------------------------------------------------ locks and years


@pytest.mark.parametrize(
    ("own", "codes"),
    [
        pytest.param({"wordings": {"pupil-ks2": "I tell Miss."}}, ["AUP226"], id="other words for pupils"),
        pytest.param({"wordings": {"pupil-ks1": "I tell the trust."}}, ["AUP226"], id="words for others"),
        pytest.param({"wordings": {"pupil-ks2": "I tell the trust."}}, [], id="the same words"),
        pytest.param({"text": "tell the trust"}, [], id="the same text"),
        pytest.param({"text": "tell Miss"}, ["AUP226"], id="another text"),
    ],
)
def test_a_lock_holds_the_words_of_every_reader(
    small: Library, own: dict[str, Any], codes: list[str]
) -> None:
    given = reworded(tell={"text": "tell the trust", "wordings": {"pupil-ks2": "I tell the trust."}})
    trust = {
        "kind": "trust",
        "name": "Larkway Trust",
        "nation": "england",
        "clauses": given,
        "locks": [{"clause": "tell", "reason": "All our schools say the same"}],
    }
    texts = {
        "valley": text_of(extends="larkway", documents=documents(*DOCUMENTS), clauses=reworded(tell=own)),
        "larkway": dump(trust, sort_keys=False),
    }
    files = [
        layer
        for slug, text in texts.items()
        if (layer := read_layer(SourceText(f"schools/{slug}.yaml", text), slug, small)[0])
    ]
    assert [finding.code for finding in fold(files, small)[1]] == codes


def test_words_for_one_audience_may_have_been_others_in_an_earlier_year(small: Library) -> None:
    years = {
        "2018-19": {
            "edition": {"number": 1, "date": "2018-09-01"},
            "clauses": reworded(tell={"wordings": {"pupil-ks2": "I told Miss."}}),
        }
    }
    text = text_of(
        policy_year="2019-20",
        edition={"number": 1, "date": "2019-09-01"},
        documents=documents(*DOCUMENTS),
        clauses=reworded(tell={"text": GROWN_UPS, "wordings": {"pupil-ks2": "I tell Miss."}}),
        years=years,
    )
    layer, found = read_layer(SourceText("schools/valley.yaml", text), "valley", small)
    assert layer is not None
    assert not found
    for year, words in (("2018-19", "I told Miss."), ("2019-20", "I tell Miss.")):
        profile, _ = fold([layer], small, year=PolicyYear.parse(year))
        assert profile is not None
        said = printed(small, profile, "tell")
        assert said["pupil-agreement-ks2"] == words
        assert said["staff-agreement"] == "I will tell the Headteacher what I saw."


# ------------------------------------------------------------------ the whole library

WORDED_APART = "said to grown-ups alone"


def everything(library: Library, *readers: str, **changes: Any) -> dict[str, str]:
    """What every clause of the library that can be printed for some readers says in one document for them."""
    ids = [id_ for id_, clause in library.clauses.items() if set(readers) & set(clause.audiences)]
    chosen = {
        "sections": [section("all", clauses=ids)],
        "audiences": [str(reader) for reader in readers],
        "voice": "prose",
    }
    profile = school(library, documents={"staff-policy": chosen}, **changes)
    return said(bind_profile(library, profile, draft=True)[0].documents[0])


def mixed(library: Library, reader: str) -> list[str]:
    """The clauses that have words for one kind of reader and are for others than pupils and parents, too."""
    return [
        id_
        for id_, clause in library.clauses.items()
        if reader in clause.revisions[-1].special
        and not {*FAMILIES, Audience.SCHOOL}.issuperset(clause.audiences)
    ]


@pytest.mark.parametrize("reader", sorted(FAMILIES))
def test_no_text_of_a_school_takes_the_place_of_words_for_pupils_or_parents(
    library: Library, reader: str
) -> None:
    ids = mixed(library, reader)
    clauses = reworded(**{id_: {"text": WORDED_APART} for id_ in ids})
    year = {"policy_year": "2026-27", "edition": {"number": "1", "date": "2026-09-01"}}
    before, after = everything(library, reader, **year), everything(library, reader, clauses=clauses, **year)
    shown = [id_ for id_ in ids if id_ in before]  # the others hang on what this school has not
    assert shown
    assert {id_: after[id_] for id_ in shown} == {id_: before[id_] for id_ in shown}


@pytest.mark.parametrize("reader", sorted(FAMILIES))
def test_no_words_for_pupils_or_parents_are_said_to_everybody(library: Library, reader: str) -> None:
    year = {"policy_year": "2026-27", "edition": {"number": "1", "date": "2026-09-01"}}
    alone = everything(library, reader, **year)
    to_all = everything(library, "staff", *sorted(FAMILIES), **year)
    plain = {id_ for id_ in alone if reader in library.clauses[id_].revisions[-1].special}
    assert plain
    assert [id_ for id_ in plain if alone[id_] == to_all[id_]] == []
