"""Laws of layers: what stands nearer the school goes before what stands further away, and nobody is lost sight of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from yaml import BaseLoader, dump, load

from aupgen.binding.bind import bind_profile
from aupgen.build import Rendered, render_profile
from aupgen.cli.loading import load as load_workspace
from aupgen.cli.main import run
from aupgen.document.walk import lines
from aupgen.library.compiled import Library
from aupgen.policy.layer import Layer
from aupgen.policy.parameter import value_text
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.terms import Nation
from aupgen.policy.wording import source_text
from aupgen.policy.year import PolicyYear
from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import Diagnostic, Severity, render_text
from aupgen.source.span import SourceText
from aupgen.writers.shell import Shell
from tests.conftest import ROOT

Data = dict[str, Any]

SAMPLES = sorted(path.stem for path in (ROOT / "schools").glob("*.yaml"))
SCHOOL: Data = {"name": "Oakfield Primary School"}
TRUST: Data = {"kind": "trust", "name": "Larkway Trust"}
AUTHORITY: Data = {
    "kind": "authority",
    "name": "Northmoor Council",
    "nation": "england",
    "phase": "primary",
    "policy_year": "2026-27",
    "edition": {"number": "1", "date": "2026-09-01"},
    "approver": "full governing board",
    "contacts": {
        "headteacher": {"phone": "01632 960110", "email": "head@example.org"},
        "chair-of-governors": {"email": "chair@example.org"},
    },
    "other_roles": "headteacher",
    "parameters": {
        "phone_free_hours": {"from": "8:45", "to": "15:15", "places": ["the staff room"]},
        "permission_from": ["headteacher"],
    },
    "documents": {"staff-policy": {}, "staff-agreement": {}},
}
"""Everything a school needs, so that a school below it may say as little as it likes."""

few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def layer_of(library: Library, data: Data, slug: str) -> Layer:
    """A layer read from YAML text; it must be free of faults by itself."""
    text = dump(data, allow_unicode=True, sort_keys=False)
    source = SourceText(f"schools/{slug}.yaml", text)
    layer, found = read_layer(source, slug, library)
    assert not found, render_text(found, {source.path: source})
    assert layer is not None
    return layer


_SLUGS = {"authority": "northmoor", "trust": "larkway", "exemplar": "model"}


def slugs(chain: Sequence[Data]) -> list[str]:
    """Names for the files of a chain, each its own: oakfield, larkway, larkway-3, northmoor."""
    names = [_SLUGS.get(data.get("kind", ""), "oakfield") for data in chain]
    return [name if name not in names[:n] else f"{name}-{n + 1}" for n, name in enumerate(names)]


def folding(
    library: Library, *chain: Data, area: Data | None = None, year: str | None = None
) -> tuple[Profile | None, list[Diagnostic]]:
    """What a chain gives, the school's own profile first."""
    return fold(
        [layer_of(library, data, slug) for data, slug in zip(chain, slugs(chain), strict=True)],
        library,
        area=layer_of(library, area, "area") if area else None,
        year=PolicyYear.parse(year) if year else None,
    )


def folded(library: Library, *chain: Data, area: Data | None = None, year: str | None = None) -> Profile:
    """The same where nothing may be found that stops it."""
    profile, found = folding(library, *chain, area=area, year=year)
    assert profile is not None, render_text(found, {})
    return profile


def printed(library: Library, profile: Profile) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Every line of every document; what nobody said is a fill-in."""
    bound, _ = bind_profile(library, profile, draft=True)
    return {document.meta.id: tuple(lines(document)) for document in bound.documents}


def codes(found: Sequence[Diagnostic]) -> list[tuple[str, Severity]]:
    return [(finding.code, finding.severity) for finding in found]


# ------------------------------------------------------------------ layers as people might write them


def some(**choices: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    """Some of the keys, perhaps none."""
    return st.fixed_dictionaries({}, optional=choices)


_CONTACT = some(
    title=st.sampled_from(["Principal", "office manager"]),
    email=st.sampled_from(["post@example.org", "other@example.org"]),
    phone=st.just("01632 960199"),
)
_REASON = {"reason": st.sampled_from(["Governors asked for it", "Staff asked for it"])}
_CLAUSE = st.one_of(
    st.fixed_dictionaries({"use": st.sampled_from(["true", "false"]), **_REASON}),
    st.fixed_dictionaries({"text": st.sampled_from(["keep to this", "keep to that"]), **_REASON}),
)
_WITH_VALUES = st.one_of(
    _CLAUSE,
    st.fixed_dictionaries(
        {"parameters": st.just({"permission_from": ["computing-lead"]})}, optional={"use": st.just("true"), **_REASON}
    ).filter(lambda data: ("use" in data) is ("reason" in data)),
)  # fmt: skip
_DOCUMENT = some(
    title=st.sampled_from(["Acceptable use", "Using computers"]),
    noun=st.sampled_from(["policy", "code"]),
    clauses=st.sampled_from(["all", "essential"]),
    issue=st.sampled_from(["true", "false"]),
)
CHOICES = some(
    approver=st.sampled_from(["governing body", "trustees"]),
    mottos=st.lists(st.sampled_from(["Be kind", "Learn"]), unique=True, min_size=1),
    other_roles=st.sampled_from(["headteacher", "school-business-manager"]),
    vocabulary=some(
        pupil=st.sampled_from(["child", "student"]), parent=st.just({"one": "carer", "many": "carers"})
    ),
    contacts=some(**{"headteacher": _CONTACT, "network-manager": _CONTACT, "dsl": _CONTACT}),
    parameters=some(
        permission_from=st.sampled_from([["headteacher"], ["dsl", "headteacher"]]),
        records_system=st.sampled_from(["SIMS", "Arbor"]),
        school_systems=st.lists(st.sampled_from(["email", "intranet", "MIS"]), unique=True, min_size=1),
        phone_free_hours=st.sampled_from(
            [{"from": "9:00", "to": "15:00"}, {"from": "8:00", "to": "16:00", "places": ["offices"]}]
        ),
    ),
    clauses=some(
        **{"copyright": _CLAUSE, "password-secure": _CLAUSE, "install-permission": _WITH_VALUES}
    ),
    documents=some(**{"staff-policy": _DOCUMENT, "staff-agreement": _DOCUMENT}),
)  # fmt: skip


def with_local_clause(data: Data, id_: str) -> Data:
    """A layer with one more clause of its own, in a topic that both documents print."""
    clause = {
        "id": id_,
        "topic": "passwords",
        "owner": "headteacher",
        "audiences": ["staff"],
        "kind": "must",
        "essential": ["staff-agreement"],
        "rationale": "So that it is told",
        "text": f"keep to the rule {id_}",
    }
    return {**data, "local_clauses": [*data.get("local_clauses", []), clause]}


# ------------------------------------------------------------------ an empty layer, the order of keys


# The laws are functions inside their tests: a law that fails shows its example, and a whole library is no example.


def test_an_empty_layer_changes_nothing_but_the_list_of_layers(library: Library) -> None:
    @few
    @given(own=CHOICES, above=CHOICES, place=st.integers(1, 3))
    def law(own: Data, above: Data, place: int) -> None:
        chain = [({**SCHOOL, **own}, "oakfield"), ({**TRUST, **above}, "larkway"), (AUTHORITY, "northmoor")]
        with_empty = [*chain[:place], ({"kind": "trust", "name": "Nobody"}, "nobody"), *chain[place:]]
        one, found = fold([layer_of(library, *entry) for entry in chain], library)
        other, found_too = fold([layer_of(library, *entry) for entry in with_empty], library)
        assert found == found_too
        assert (one is None) is (other is None)
        if one and other:
            assert other.layers == tuple(slug for _, slug in with_empty)
            assert replace(other, layers=one.layers) == one

    law()


def shuffled(data: Any, order: Callable[[list[Any]], list[Any]]) -> Any:
    if isinstance(data, dict):
        return {key: shuffled(data[key], order) for key in order(list(data))}
    return [shuffled(item, order) for item in data] if isinstance(data, list) else data


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_order_of_keys_changes_no_byte(library: Library, shell: Shell, sample: str) -> None:
    own = load((ROOT / "schools" / f"{sample}.yaml").read_text(encoding="utf-8"), Loader=BaseLoader)

    def built(data: Data, above: Data) -> Rendered | None:
        profile, _ = folding(library, data, above)
        return None if profile is None else render_profile(library, shell, profile, {})[0]

    @settings(few, max_examples=8)
    @given(random=st.randoms(use_true_random=False), above=CHOICES)
    def law(random: Random, above: Data) -> None:
        def mixed(keys: list[Any]) -> list[Any]:
            return random.sample(keys, len(keys))

        trust = {**TRUST, **above}
        assert built(own, trust) == built(shuffled(own, mixed), shuffled(trust, mixed))

    law()


# ------------------------------------------------------------------ two layers are as good as one


def decided(**said: str) -> Data:
    """A layer that decides on a clause which prints only where it is asked for."""
    return {"clauses": {"password-secure": {**said, "reason": "Agreed"}}}


def valued(**values: list[str]) -> Data:
    """A layer with values for a clause that asks for two."""
    return {"clauses": {"professional-use": {"parameters": values}}}


def joined(lower: Data, upper: Data) -> Data:
    """Two layers as a person would write them in one file: the lower one's word holds."""
    out = {**upper, **lower}
    for block in ("vocabulary", "contacts", "parameters"):
        out[block] = {**upper.get(block, {}), **lower.get(block, {})}
    out["clauses"] = {
        id_: joined_clause(lower.get("clauses", {}).get(id_, {}), upper.get("clauses", {}).get(id_, {}))
        for id_ in {**upper.get("clauses", {}), **lower.get("clauses", {})}
    }
    out["documents"] = {}
    for id_ in {**upper.get("documents", {}), **lower.get("documents", {})}:
        own, theirs = lower.get("documents", {}).get(id_), upper.get("documents", {}).get(id_, {})
        named = {key: value for key, value in theirs.items() if key != "issue" or own is None}
        out["documents"][id_] = {**named, **(own or {})}
    out["local_clauses"] = [*upper.get("local_clauses", []), *lower.get("local_clauses", [])]
    return out


def joined_clause(lower: Data, upper: Data) -> Data:
    out = {**upper, **lower}
    parameters = {**upper.get("parameters", {}), **lower.get("parameters", {})}
    if parameters:
        out["parameters"] = parameters
    if out.get("use") == "false":
        out.pop("text", None)
    return out


def joined_too_deep(lower: Data, upper: Data) -> Data:
    """As `joined`, but a contact and a value take what they do not say from above: not the rule."""
    out = joined(lower, upper)
    for block in ("contacts", "parameters"):
        for name, value in out[block].items():
            theirs = upper.get(block, {}).get(name)
            if isinstance(value, dict) and isinstance(theirs, dict):
                out[block][name] = {**theirs, **value}
    return out


def assert_joining_is_stacking(
    library: Library, layers: Sequence[Data], join: Callable[[Data, Data], Data], lower: int
) -> None:
    stacked, found = folding(library, *layers)
    if stacked is None:  # a decision about what a layer above leaves out: no one file can say that
        assert {finding.code for finding in found if finding.severity is Severity.ERROR} == {"AUP230"}
        return
    one = join(layers[lower], layers[lower + 1])
    together = folded(library, *layers[:lower], one, *layers[lower + 2 :])
    assert printed(library, together) == printed(library, stacked)


def test_two_layers_written_in_one_file_give_the_same_documents(library: Library) -> None:
    heads = (SCHOOL, TRUST, {**TRUST, "name": "Larkhill Trust"})

    @settings(few, max_examples=120)
    @given(choices=st.tuples(CHOICES, CHOICES, CHOICES), lower=st.integers(0, 2))
    @example(choices=(decided(text="keep to this"), decided(use="true"), {}), lower=0)
    @example(choices=(decided(use="true"), decided(text="keep to this"), {}), lower=0)
    @example(choices=(decided(use="false"), decided(text="keep to this"), decided(use="true")), lower=1)
    @example(
        choices=(
            valued(permission_from=["dsl"]),
            valued(school_systems=["MIS"], permission_from=["siro"]),
            {},
        ),
        lower=0,
    )
    def law(choices: tuple[Data, Data, Data], lower: int) -> None:
        layers = [
            with_local_clause({**head, **own}, f"rule-{number}")
            for number, (head, own) in enumerate(zip(heads, choices, strict=True))
        ]
        assert_joining_is_stacking(library, [*layers, AUTHORITY], joined, lower)

    law()


@pytest.mark.parametrize(
    "own",
    [
        {"contacts": {"headteacher": {"email": "other@example.org"}}},
        {"parameters": {"phone_free_hours": {"from": "9:00", "to": "15:00"}}},
    ],
)
def test_a_deeper_joining_would_be_noticed(library: Library, own: Data) -> None:
    assert_joining_is_stacking(library, [{**SCHOOL, **own}, AUTHORITY], joined, 0)
    with pytest.raises(AssertionError):
        assert_joining_is_stacking(library, [{**SCHOOL, **own}, AUTHORITY], joined_too_deep, 0)


# ------------------------------------------------------------------ the nearest wins


def _document(profile: Profile, id_: str = "staff-policy") -> Any:
    return next((choice for choice in profile.documents if choice.id == id_), None)


def _title_and_noun(profile: Profile) -> Any:
    choice = _document(profile)
    return choice and (choice.title, choice.noun)


def _words(profile: Profile) -> str:
    own = profile.clause_choices["install-permission"].text
    return source_text(own.wording.pieces) if own else ""


def _permission_from(profile: Profile) -> str:
    setting = profile.setting("permission_from", "install-permission")
    return value_text(setting.value) if setting else ""


def _clause(text: str = "", use: str = "", **parameters: Any) -> Data:
    said = {"text": text, "use": use, "parameters": parameters}
    reason = {"reason": "Agreed"} if text or use else {}
    return {"clauses": {"install-permission": {**{k: v for k, v in said.items() if v}, **reason}}}


_HOURS = {"from": "9:00", "to": "15:00"}
_NEAREST: Mapping[str, tuple[Data, Data, Callable[[Profile], Any], Any]] = {
    "phase": ({"phase": "primary"}, {"phase": "special"}, lambda p: p.phase, "primary"),
    "policy_year": (
        {"policy_year": "2025-26"},
        {"policy_year": "2024-25"},
        lambda p: str(p.policy_year),
        "2025-26",
    ),
    "edition, whole": (
        {"edition": {"number": "2", "date": "2026-10"}},
        {"edition": {"number": "3", "date": "2026-11", "reason": "New rules"}},
        lambda p: (p.edition.number, p.edition.reason),
        (2, ""),
    ),
    "approver": ({"approver": "board"}, {"approver": "trustees"}, lambda p: p.approver, "board"),
    "mottos, whole": ({"mottos": ["One"]}, {"mottos": ["Two", "Three"]}, lambda p: p.mottos, ("One",)),
    "other_roles": ({"other_roles": "dsl"}, {"other_roles": "siro"}, lambda p: p.other_roles, "dsl"),
    "vocabulary, word by word": (
        {"vocabulary": {"pupil": "child"}},
        {"vocabulary": {"pupil": "student", "parent": "family"}},
        lambda p: [forms.one for _, forms in sorted(p.vocabulary.items())],
        ["family", "child"],
    ),
    "contacts, each whole": (
        {"contacts": {"dsl": {"email": "own@example.org"}}},
        {"contacts": {"dsl": {"title": "Safeguarding lead", "phone": "01632 960123"}, "dpo": {"title": "DPO"}}},
        lambda p: (p.contacts["dsl"].title, p.contacts["dsl"].phone, p.contacts["dpo"].title),
        ("", "", "DPO"),
    ),
    "parameters, each whole": (
        {"parameters": {"phone_free_hours": _HOURS}},
        {"parameters": {"phone_free_hours": {**_HOURS, "places": ["offices"]}, "records_system": "SIMS"}},
        lambda p: [value_text(p.parameters[name].value) for name in ("phone_free_hours", "records_system")],
        ["09:00 to 15:00", "SIMS"],
    ),
    "a clause's use": (
        _clause(use="true"),
        _clause(use="false"),
        lambda p: p.clause_choices["install-permission"].use,
        True,
    ),
    "a clause's text": (
        _clause("install nothing"),
        _clause("install little", use="true"),
        lambda p: (
            _words(p),
            p.clause_choices["install-permission"].use,
        ),
        ("install nothing", True),
    ),
    "a clause's parameters": (
        _clause(permission_from=["dsl"]),
        _clause(permission_from=["siro"]),
        _permission_from,
        "dsl",
    ),
    "a value for one clause, from above, before one for all": (
        {"parameters": {"permission_from": ["dsl"]}},
        _clause(permission_from=["siro"]),
        _permission_from,
        "siro",
    ),
    "documents, key by key": (
        {"documents": {"staff-policy": {"title": "Ours"}}},
        {"documents": {"staff-policy": {"title": "Theirs", "noun": "code"}}},
        _title_and_noun,
        ("Ours", "code"),
    ),
    "a document not issued": (
        {"documents": {"staff-policy": {"issue": "false"}}},
        {"documents": {"staff-policy": {"title": "Theirs"}}},
        _document,
        None,
    ),
    "a document named again is issued again": (
        {"documents": {"staff-policy": {"title": "Ours"}}},
        {"documents": {"staff-policy": {"issue": "false", "noun": "code"}}},
        _title_and_noun,
        ("Ours", "code"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", _NEAREST)
def test_the_nearest_layer_wins(library: Library, what: str) -> None:
    lower, upper, get, wanted = _NEAREST[what]
    assert get(folded(library, {**SCHOOL, **lower}, {**TRUST, **upper}, AUTHORITY)) == wanted
    assert get(folded(library, SCHOOL, {**TRUST, **lower}, {**TRUST, **upper}, AUTHORITY)) == wanted
    above = get(folded(library, SCHOOL, {**TRUST, **upper}, AUTHORITY))
    assert above != wanted or "from above" in what


def test_clauses_of_every_layer_print_the_topmost_first(library: Library) -> None:
    own, trust = with_local_clause(SCHOOL, "rule-own"), with_local_clause(TRUST, "rule-trust")
    profile = folded(library, own, trust, with_local_clause(AUTHORITY, "rule-authority"))
    assert [(clause.id, clause.layer) for clause in profile.local_clauses] == [
        ("rule-authority", "northmoor"),
        ("rule-trust", "larkway"),
        ("rule-own", "oakfield"),
    ]
    text = [line for _, line in printed(library, profile)["staff-policy"]]
    assert any("keep to the rule rule-trust" in line for line in text)


# ------------------------------------------------------------------ who said it


def values(profile: Profile) -> set[str]:
    """The key of everything that a profile holds because somebody said it."""
    issuing = profile.kind in (ProfileKind.SCHOOL, ProfileKind.EXEMPLAR)
    facts = {"nation", *(("phase", "policy_year", "edition", "approver") if issuing else ())}
    facts |= {name for name in ("mottos", "other_roles") if getattr(profile, name)}
    keys = facts | {f"contacts.{role}" for role in profile.contacts}
    keys |= {f"vocabulary.{id_}" for id_ in profile.vocabulary}
    keys |= {f"parameters.{name}" for name in profile.parameters}
    keys |= {f"clauses.{c}.{name}" for c, given in profile.clause_parameters.items() for name in given}
    keys |= {f"clauses.{c}.use" for c, said in profile.clause_choices.items() if said.use is not None}
    keys |= {f"clauses.{c}.text" for c, said in profile.clause_choices.items() if said.text}
    keys |= {f"local_clauses.{clause.id}" for clause in profile.local_clauses}
    return keys | {f"documents.{choice.id}" for choice in profile.documents}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_layer_answers_for_every_value_of_every_sample(
    sample: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    path = ROOT / "schools" / f"{sample}.yaml"
    profile, _ = load_workspace(ROOT, [path]).profile(path)
    assert profile is not None
    assert values(profile) <= set(profile.origins)
    for key, chain in profile.origins.items():
        assert {origin.layer for origin in chain} <= set(profile.layers), key
        for origin in chain:
            line = (ROOT / origin.span.path).read_text(encoding="utf-8").splitlines()[origin.span.line - 1]
            assert line.strip(), key
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            run(["explain", f"schools/{sample}.yaml:{key}"])
        out = capsys.readouterr().out
        assert stop.value.code == 0, key
        for origin in chain:
            assert f"{origin.layer} " in out, key
            assert f" at {origin.span.path}:{origin.span.line}" in out, key


def _why(library: Library, year: str, since: str, *chain: Data) -> str:
    return folded(library, *chain, year=year).reason_since("signing", PolicyYear.parse(since))


def test_reasons_are_of_the_year_they_stand_in(library: Library) -> None:
    """A value changed twice: each step has its own reason, both together have both, and a year without one has none."""
    school = {
        **SCHOOL,
        "parameters": {"signing": "every-year"},
        "reasons": {"signing": "Now"},
        "years": {
            "2025-26": {
                "edition": {"number": "1", "date": "2025-09-01"},
                "parameters": {"signing": "on-joining"},
                "reasons": {"signing": "Before"},
            },
            "2024-25": {
                "edition": {"number": "1", "date": "2024-09-01"},
                "parameters": {"signing": "every-year"},
            },
        },
    }
    chain = (school, AUTHORITY)
    assert _why(library, "2026-27", "2025-26", *chain) == "Now"
    assert _why(library, "2026-27", "2026-27", *chain) == "Now"
    assert _why(library, "2025-26", "2024-25", *chain) == "Before"
    assert _why(library, "2026-27", "2024-25", *chain) == "Before; Now"
    assert _why(library, "2024-25", "2024-25", *chain) == ""


def test_a_reason_stays_with_a_value_that_stays(library: Library) -> None:
    """The year after, nobody need copy it: what was changed in 2025-26 was so for the reason that stands at the top."""
    school = {
        **SCHOOL,
        "parameters": {"signing": "on-joining"},
        "reasons": {"signing": "Signed once is enough"},
        "years": {
            "2025-26": {"edition": {"number": "1", "date": "2025-09-01"}},
            "2024-25": {
                "edition": {"number": "1", "date": "2024-09-01"},
                "parameters": {"signing": "every-year"},
            },
        },
    }
    assert _why(library, "2025-26", "2024-25", school, AUTHORITY) == "Signed once is enough"
    assert _why(library, "2026-27", "2025-26", school, AUTHORITY) == ""


def test_a_trusts_reason_is_for_its_own_value(library: Library) -> None:
    trust = {**TRUST, "parameters": {"signing": "on-joining"}, "reasons": {"signing": "One list for all"}}
    own = {**SCHOOL, "parameters": {"signing": "every-year"}}
    said = {**own, "reasons": {"signing": "Our staff forget"}}
    told = [_why(library, "2026-27", "2025-26", school, trust, AUTHORITY) for school in (SCHOOL, own, said)]
    assert told == ["One list for all", "", "Our staff forget"]


def test_a_reason_beside_a_value_is_one_for_departing_from_a_lock(library: Library) -> None:
    authority = {**AUTHORITY, "locks": [{"parameter": "permission_from", "reason": "One person"}]}
    own = {**SCHOOL, "parameters": {"permission_from": ["dsl"]}}
    assert "AUP225" in {f.code for f in folding(library, own, authority)[1]}
    profile, found = folding(library, {**own, "reasons": {"permission_from": "A trained eye"}}, authority)
    assert [f.code for f in found if f.severity is not Severity.NOTE] == ["AUP227"]
    assert profile is not None
    assert profile.origins["parameters.permission_from"][0].reason == "A trained eye"


def test_the_chain_of_origins_goes_from_the_nearest_up_with_the_reasons(library: Library) -> None:
    own = {
        **SCHOOL,
        "parameters": {"permission_from": ["dsl"]},
        "departures": {"permission_from": "Our board"},
    }
    locks = {"locks": [{"parameter": "permission_from", "reason": "One person"}]}
    profile = folded(library, own, TRUST, {**AUTHORITY, **locks})
    assert [(o.layer, o.text, o.reason) for o in profile.origins["parameters.permission_from"]] == [
        ("oakfield", "dsl", "Our board"),
        ("northmoor", "headteacher", ""),
    ]


# ------------------------------------------------------------------ locks


_LOCKED: Data = {
    **AUTHORITY,
    "locks": [
        {"parameter": "permission_from", "reason": "One person"},
        {"clause": "install-permission", "reason": "The licence"},
        {"contact": "headteacher", "reason": "Published"},
        {"document": "staff-policy", "reason": "Agreed"},
    ],
    "documents": {"staff-policy": {"noun": "code"}, "staff-agreement": {}},
}


@pytest.mark.parametrize("kind", ["authority", "exemplar", "trust"])
@pytest.mark.parametrize(
    "own",
    [
        {"parameters": {"permission_from": "headteacher"}},
        _clause(permission_from=["headteacher"]),
        _clause(use="true"),
        {"contacts": {"headteacher": AUTHORITY["contacts"]["headteacher"]}},
        {"documents": {"staff-policy": {}}},
        {"documents": {"staff-policy": {"noun": "code", "issue": "true"}}},
    ],
)
def test_saying_the_same_again_is_no_departure(library: Library, kind: str, own: Data) -> None:
    _, found = folding(library, {**SCHOOL, **own}, {**_LOCKED, "kind": kind})
    assert found == []


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ({"parameters": {"permission_from": ["dsl"]}}, "permission_from"),
        ({"clauses": {"no-external-share": {}}}, ""),
        ({"contacts": {"headteacher": {"phone": "01632 960110"}}}, "headteacher"),
        ({"documents": {"staff-policy": {"noun": "policy"}}}, "staff-policy"),
        ({"documents": {"staff-policy": {"issue": "false"}}}, "staff-policy"),
    ],
)
def test_a_lock_is_a_rule_of_a_trust_and_an_expectation_of_others(
    library: Library, own: Data, name: str
) -> None:
    if not name:
        own, name = _clause(permission_from=["dsl"]), "install-permission"
    reasoned = {**own, "departures": {name: "Our governors"}}
    for kind, without, with_reason in (
        ("authority", ("AUP225", "error"), ("AUP227", "warning")),
        ("exemplar", ("AUP225", "error"), ("AUP227", "warning")),
        ("trust", ("AUP226", "error"), ("AUP226", "error")),
    ):
        locked = {**_LOCKED, "kind": kind}
        assert set(codes(folding(library, {**SCHOOL, **own}, locked)[1])) == {without}
        found = codes(folding(library, {**SCHOOL, **reasoned}, locked)[1])
        assert with_reason in found
        assert {code for code, _ in found} <= {"AUP225", *with_reason, *without}


def test_a_school_needs_no_reason_for_what_its_trust_has_answered_for(library: Library) -> None:
    departs = {"parameters": {"permission_from": ["dsl"]}}
    trust = {**TRUST, **departs, "departures": {"permission_from": "We have a lead in each school"}}
    _, found = folding(library, {**SCHOOL, **departs}, trust, _LOCKED)
    assert [(f.code, f.span.path) for f in found] == [("AUP227", "schools/larkway.yaml")]
    _, found = folding(library, {**SCHOOL, "parameters": {"permission_from": ["siro"]}}, trust, _LOCKED)
    assert sorted((f.code, f.span.path) for f in found) == [
        ("AUP225", "schools/oakfield.yaml"),
        ("AUP227", "schools/larkway.yaml"),
    ]


def test_a_departure_that_an_earlier_year_did_not_make_is_not_held_against_that_year(
    library: Library,
) -> None:
    block = {
        "edition": {"number": "1", "date": "2025-09"},
        "parameters": {"permission_from": ["headteacher"]},
    }
    own = {
        **SCHOOL,
        "parameters": {"permission_from": ["dsl"]},
        "departures": {"permission_from": "Our governors"},
        "years": {"2025-26": block},
    }
    assert codes(folding(library, own, _LOCKED)[1]) == [("AUP227", "warning")]
    assert folding(library, own, _LOCKED, year="2025-26")[1] == []


def test_a_reason_for_what_only_an_earlier_year_changed_is_not_left_over(library: Library) -> None:
    own = {
        **SCHOOL,
        "departures": {"permission_from": "We had no head that year"},
        "years": _year(2025, parameters={"permission_from": ["dsl"]}),
    }
    assert folding(library, own, _LOCKED)[1] == []
    assert folding(library, own, _LOCKED, year="2025-26")[1] == []  # a lock is for what holds now


def test_a_locked_clause_that_is_left_out_is_reported_once(library: Library) -> None:
    printing = {**_LOCKED, **_clause(use="true")}
    _, found = folding(library, {**SCHOOL, **_clause(use="false")}, printing)
    assert codes(found) == [("AUP227", "warning")]


def test_a_holder_whom_only_the_schools_can_name_is_no_fault_of_an_authority(library: Library) -> None:
    shared = {"contacts": {"dsl": {"same_as": "online-safety-lead"}}}
    authority = {**AUTHORITY, "contacts": {**AUTHORITY["contacts"], **shared["contacts"]}}
    assert folding(library, authority)[1] == []
    _, found = folding(library, SCHOOL, authority)
    assert [(f.code, f.span.path) for f in found] == [("AUP201", "schools/northmoor.yaml")]
    held = {"contacts": {"online-safety-lead": {"email": "lead@example.org"}}}
    assert folding(library, {**SCHOOL, **held}, authority)[1] == []


# ------------------------------------------------------------------ the area


def test_contacts_of_the_area_go_before_the_parents_and_not_before_the_schools_own(library: Library) -> None:
    roles = {**library.roles, "la-adviser": replace(library.roles["la-adviser"], area=True)}
    marked = replace(library, roles=roles)

    def contact(email: str) -> Data:
        return {"contacts": {"la-adviser": {"email": email}, "dpo": {"email": email}}}

    trust = {**TRUST, **contact("trust@example.org")}
    area = {**AUTHORITY, **contact("area@example.org"), "name": "Southmoor Council"}
    own = {**SCHOOL, **contact("own@example.org")}

    def emails(profile: Profile) -> tuple[str, str]:
        return profile.contacts["la-adviser"].email, profile.contacts["dpo"].email

    below = folded(marked, SCHOOL, trust, AUTHORITY, area=area)
    assert emails(below) == ("area@example.org", "trust@example.org")
    assert below.origins["contacts.la-adviser"][0].layer == "area"
    assert below.layers == ("oakfield", "area", "larkway", "northmoor")
    assert emails(folded(marked, own, trust, AUTHORITY, area=area)) == ("own@example.org", "own@example.org")
    assert emails(folded(library, SCHOOL, trust, AUTHORITY, area=area))[0] == "trust@example.org"
    # Nothing but those contacts is taken from the area.
    assert replace(below, contacts={}, layers=(), origins={}) == replace(
        folded(marked, SCHOOL, trust, AUTHORITY), contacts={}, layers=(), origins={}
    )


def test_an_authority_above_the_school_may_be_its_area_too(library: Library) -> None:
    roles = {**library.roles, "la-adviser": replace(library.roles["la-adviser"], area=True)}
    marked = replace(library, roles=roles)
    authority = {**AUTHORITY, "contacts": {**AUTHORITY["contacts"], "la-adviser": {"email": "a@example.org"}}}
    layer = layer_of(marked, authority, "northmoor")
    profile, found = fold([layer_of(marked, SCHOOL, "oakfield"), layer], marked, area=layer)
    assert found == []
    assert profile is not None
    assert profile.layers == ("oakfield", "northmoor")
    assert len(profile.origins["contacts.la-adviser"]) == 1


# ------------------------------------------------------------------ earlier years


def _year(start: int, **said: Any) -> Data:
    edition = {"number": "1", "date": f"{start}-09"}
    return {f"{start}-{(start + 1) % 100}": {"edition": edition, **said}}


def test_a_block_holds_in_its_year_and_every_earlier_one_that_says_nothing_else(library: Library) -> None:
    own = {
        **SCHOOL,
        "parameters": {"records_system": "Arbor", "school_systems": ["email"]},
        "approver": "board",
        "years": {
            **_year(2024, parameters={"school_systems": ["intranet"]}),
            **_year(2025, parameters={"records_system": "SIMS"}, approver="governing body"),
            **_year(2023, approver="managers"),
        },
    }

    def said(year: str | None) -> tuple[str, str, str]:
        profile = folded(library, own, AUTHORITY, year=year)
        values = (value_text(profile.parameters[n].value) for n in ("records_system", "school_systems"))
        return (*values, profile.approver)  # type: ignore[return-value]

    assert said(None) == ("Arbor", "email", "board")
    assert said("2026-27") == ("Arbor", "email", "board")
    assert said("2025-26") == ("SIMS", "email", "governing body")
    assert said("2024-25") == ("SIMS", "intranet", "governing body")
    assert said("2023-24") == ("SIMS", "intranet", "managers")


def test_years_inside_a_layer_go_before_layers(library: Library) -> None:
    own = {**SCHOOL, "parameters": {"records_system": "own now"}, "years": _year(2025)}
    trust = {
        **TRUST,
        "policy_year": "2026-27",
        "parameters": {"records_system": "trust now", "permission_from": ["dsl"]},
        "years": _year(2025, parameters={"records_system": "trust then", "permission_from": ["siro"]}),
    }

    def said(year: str) -> tuple[str, str]:
        profile = folded(library, own, trust, AUTHORITY, year=year)
        return tuple(value_text(profile.parameters[n].value) for n in ("records_system", "permission_from"))  # type: ignore[return-value]

    assert said("2026-27") == ("own now", "dsl")
    assert said("2025-26") == ("own now", "siro")  # the school's standing word goes before the trust's block
    then = {**own, "years": _year(2025, parameters={"records_system": "own then"})}
    own = then
    assert said("2025-26") == ("own then", "siro")


def test_a_school_a_year_behind_its_trust_gets_what_the_trust_said_then(library: Library) -> None:
    trust = {
        **TRUST,
        "policy_year": "2026-27",
        "approver": "trustees",
        "years": {"2025-26": {"approver": "trust board"}},
    }
    assert folded(library, {**SCHOOL, "policy_year": "2026-27"}, trust, AUTHORITY).approver == "trustees"
    assert folded(library, {**SCHOOL, "policy_year": "2025-26"}, trust, AUTHORITY).approver == "trust board"
    assert folded(library, {**SCHOOL, "policy_year": "2024-25"}, trust, AUTHORITY).approver == "trust board"


# ------------------------------------------------------------------ nothing wins, or is lost, in silence


def _bound(library: Library, profile: Profile) -> list[Diagnostic]:
    return bind_profile(library, profile)[1]


def test_a_name_that_is_to_be_printed_and_not_given_stops_a_school_and_no_exemplar(library: Library) -> None:
    model = {**AUTHORITY, "kind": "exemplar", "contacts": {**AUTHORITY["contacts"], "dsl": {"show": "name"}}}
    school = folded(library, {**SCHOOL, "kind": "school"}, model)
    (finding,) = _bound(library, school)
    assert codes([finding]) == [("AUP210", "error")]
    assert "to be printed by name, and the name is not given" in finding.message
    assert _bound(library, folded(library, model)) == []
    named = {**SCHOOL, "contacts": {"dsl": {"name": "Ruth Amadi", "show": "name"}}}
    assert _bound(library, folded(library, named, model)) == []


@pytest.mark.parametrize("kind", ["trust", "authority"])
def test_a_locked_clause_that_the_sections_pass_over_is_told(library: Library, kind: str) -> None:
    """The short form of the policy leaves it out, and so would sections that do not choose it."""
    lock = {"locks": [{"clause": "no-illegal-media-on-site", "reason": "Our insurer asks for it"}]}
    above = {**AUTHORITY, "kind": kind, **lock}
    assert _bound(library, folded(library, SCHOOL, above)) == []
    short = {**SCHOOL, "documents": {"staff-policy": {"clauses": "essential"}}}
    found = _bound(library, folded(library, short, above))
    assert codes(found) == [("AUP233", "error" if kind == "trust" else "warning")]
    assert "Our insurer asks for it" in found[0].message


def test_what_the_area_does_not_name_is_not_taken_from_another_authority(library: Library) -> None:
    theirs = {"lado": {"phone": "01632 960301"}, "police": {"phone": "01632 960303"}}
    above = {**AUTHORITY, "contacts": {**AUTHORITY["contacts"], **theirs}}
    area = {
        "kind": "authority",
        "name": "Eastholme",
        "nation": "england",
        "contacts": {"lado": {"phone": "01632 960311"}},
    }
    profile = folded(library, SCHOOL, TRUST, above, area=area)
    assert profile.contacts["lado"].phone == "01632 960311"
    assert "police" not in profile.contacts
    assert "headteacher" in profile.contacts


def test_same_as_of_the_area_is_settled_among_its_own_contacts(library: Library) -> None:
    shared = {
        "lado": {"same_as": "la-adviser", "title": "named officer"},
        "la-adviser": {"phone": "01632 960999"},
    }
    area = {"kind": "authority", "name": "Eastholme", "nation": "england", "contacts": shared}
    other = {**AUTHORITY, "contacts": {**AUTHORITY["contacts"], "la-adviser": {"phone": "01632 960111"}}}
    lado = folded(library, SCHOOL, other, area=area).contacts["lado"]
    assert (lado.title, lado.phone, lado.same_as) == ("named officer", "01632 960999", "")


def test_an_edition_of_another_year_is_a_warning(library: Library) -> None:
    moved_on = {**AUTHORITY, "policy_year": "2027-28"}
    own = {**SCHOOL, "edition": {"number": "1", "date": "2026-09-01"}}
    assert codes(folding(library, own, moved_on)[1]) == [("AUP402", "warning")]
    assert folding(library, own, AUTHORITY)[1] == []


def test_the_first_answer_to_a_locked_question_is_no_change(library: Library) -> None:
    open_question = {
        name: value for name, value in AUTHORITY["parameters"].items() if name != "phone_free_hours"
    }
    lock = {"locks": [{"parameter": "phone_free_hours", "reason": "The buses"}]}
    trust = {**AUTHORITY, "kind": "trust", "parameters": open_question, **lock}
    answered = {**SCHOOL, "parameters": {"phone_free_hours": {"from": "8:30", "to": "15:00"}}}
    assert folding(library, answered, trust)[1] == []
    set_above = {**AUTHORITY, "kind": "trust", **lock}
    assert codes(folding(library, answered, set_above)[1]) == [("AUP226", "error")]


def test_an_old_years_contact_is_looked_up_in_that_year(library: Library) -> None:
    years = {
        "2025-26": {
            "edition": {"number": "1", "date": "2025-09-01"},
            "contacts": {"siro": {"phone": "01632 960120"}},
        },
        "2024-25": {
            "edition": {"number": "1", "date": "2024-09-01"},
            "contacts": {"dsl": {"same_as": "siro"}},
        },
    }
    for year in (None, "2025-26", "2024-25"):
        assert folding(library, {**SCHOOL, "years": years}, AUTHORITY, year=year)[1] == []


def test_a_decision_on_a_clause_of_another_nation_is_told_to_do_nothing(library: Library) -> None:
    clauses = {
        id_: replace(clause, nations=(Nation.WALES,))
        for id_, clause in library.clauses.items()
        if id_ == "copyright"
    }
    topics = {
        id_: replace(topic, clauses=tuple(clauses.get(clause.id, clause) for clause in topic.clauses))
        for id_, topic in library.topics.items()
    }
    welsh = replace(library, topics=topics)
    wanted = {"clauses": {"copyright": {"use": "true", "reason": "We want it"}}}
    found = folding(welsh, {**SCHOOL, **wanted}, AUTHORITY)[1]
    assert codes(found) == [("AUP230", "warning")]
    assert "`copyright` is for Wales only" in found[0].message
