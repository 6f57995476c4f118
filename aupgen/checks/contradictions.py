"""Two clauses of one document that cannot both be kept, told by their words.

The library says of its own clauses which contradict each other (`conflicts:`, AUP217). This finds what nobody
declared: a thing that one clause rules out altogether, and another allows on a condition. It knows a few matters
that school policies contradict themselves in, and is silent about all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

from msgspec import Struct

from aupgen.checks.view import Printed, SchoolView
from aupgen.policy.terms import Kind
from aupgen.source.diagnostics import Diagnostic, Severity, printable


class Stance(StrEnum):
    """What a wording says of a matter."""

    NEVER = "never"
    ON_CONDITION = "on a condition"


class _Matter(Struct, frozen=True):
    """Something to be ruled out or allowed: all of ``about`` must be in the text; "" in ``never`` takes the general words."""

    name: str
    about: tuple[re.Pattern[str], ...]
    never: re.Pattern[str] | None = None
    on_condition: re.Pattern[str] | None = None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


_PHONE = r"\b(?:mobiles?|mobile phones?|phones?|smartphones?|handsets?|devices?|smart ?watch(?:es)?)\b"
_OWN = r"\b(?:personal(?:ly[- ]owned)?|own|private|mobiles?|phones?)\b"
_PICTURES = r"\b(?:photo\w*|pictures?|images?|film\w*|videos?|record(?:ing)?s?)\b"

_CONTACTING = "own phones for contact with families"
_OWN_PHONES = "own phones"
_MATTERS = (
    _Matter(
        "phones on silent",
        (_words(_PHONE),),
        _words(
            r"\b(?:not|never|rather than|instead of)\s+(?:just |only |merely |simply |left |set |put |be |kept )*(?:on |to |in )?(?:silent|vibrate|mute)"
            r"|\b(?:silent|vibrate)(?: mode)? is not (?:enough|allowed|permitted|acceptable)"
            r"|\b(?:switched|turned|powered) (?:completely |fully )off\b"
        ),
        _words(r"(?<!not )(?<!not on )(?<!not to )(?<!just on )(?<!only on )\b(?:or|and|on|to|put on|kept on|set to) (?:be )?(?:on |put on |set to |to )?(?:silent|vibrate|mute)"),
    ),
    _Matter("pictures taken with phones and own devices", (_words(_PICTURES), _words(_OWN))),
    _Matter(
        _CONTACTING,
        (_words(_OWN), _words(_PHONE), _words(r"\b(?:contact|call|ring|text|message|telephone|speak)\w*|\b(?:hid|withh)\w*[^.;]{0,20}\bnumber"), _words(r"\b(?:pupils?|students?|child(?:ren)?|learners?|parents?|carers?|famil(?:y|ies)|young people|them|number)\b")),
    ),
    _Matter(_OWN_PHONES, (_words(r"\b(?:use|using|used|carry|have|answer|make|switch)\w*"), _words(r"\b(?:personal|own|private|personally[- ]owned)\b"), _words(_PHONE))),
    _Matter(
        "personal data by e-mail",
        (_words(r"\be-?mail\w*"), _words(r"\b(?:personal|sensitive|confidential|pupil)\b[^.;]{0,25}\b(?:data|information|details|records?)\b")),
        None,
        _words(r"\bencrypt\w*|\b(?:unless|except|only (?:if|when|where|by|with|through))\b|\b(?:permission|consent|agreement)\b"),
    ),
)  # fmt: skip

_NEVER = _words(
    r"\b(?:never|nobody|no one|under no circumstances|not under any circumstances|on no account|at no time|not at any time|in no case|without exception|no exceptions|not[^.;]{0,60} at all\b"
    r"|at all times|strictly (?:forbidden|prohibited|banned)|(?:is|are) (?:banned|forbidden|prohibited)|no (?:\w+ ){0,3}(?:photo|picture|image|film|video|phone|mobile|device)\w*)"
)
_ON_CONDITION = _words(
    r"\b(?:unless|except(?:ion\w*|ional\w*|ing)?|emergenc\w+|by (?:prior )?agreement|agreed|with (?:\w+ ){0,3}(?:permission|agreement|consent|approval|authorisation)|permission|if (?:the )?\w+ (?:agrees|allows|permits)|only (?:if|when|where|with))\b"
)
_MEANS_THE_RULE = _words(r"\b(?:these|those|the|other) rules\b|\botherwise\b|\bexcept as\b|\bapart from\b")


@lru_cache(maxsize=8192)
def stances(text: str, kind: Kind, is_local: bool) -> tuple[tuple[str, Stance], ...]:
    """What a printed clause says of each matter it touches.

    A plain prohibition of a school's own counts as never; one of the library's does not, because the library
    words its exceptions as clauses beside the rule.
    """
    out: list[tuple[str, Stance]] = []
    for matter in _MATTERS:
        if not all(pattern.search(text) for pattern in matter.about):
            continue
        if matter.name == _OWN_PHONES and _CONTACTING in (name for name, _ in out):
            continue  # a rule on ringing families is not one on having a phone
        conditional = (matter.on_condition or _ON_CONDITION).search(text)
        if matter.never is not None:
            never = matter.never.search(text)
            if never:
                out.append((matter.name, Stance.NEVER))
            elif conditional:
                out.append((matter.name, Stance.ON_CONDITION))
        elif conditional:
            if not _MEANS_THE_RULE.search(text):
                out.append((matter.name, Stance.ON_CONDITION))
        elif _NEVER.search(text) or (is_local and kind is Kind.MUST_NOT):
            out.append((matter.name, Stance.NEVER))
    return tuple(out)


def opposed(one: Printed, other: Printed) -> bool:
    """Whether two printed clauses take opposite stances on some matter."""
    of_one = dict(stances(one.text, one.clause.kind, one.layer != "library"))
    of_other = stances(other.text, other.clause.kind, other.layer != "library")
    return any(of_one.get(matter, stance) is not stance for matter, stance in of_other)


def clauses_contradict_in_words(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        No two clauses of one document say different things of one matter: phones *off, not silent* and *off or
        silent*; pictures on phones *never* and *by agreement*; an own phone *never* and *in an emergency*; personal data
        *never* by e-mail and *encrypted*.
    Why it matters:
        Whoever keeps the one breaks the other, and nobody can be held to either.
    Example:
        "keep phones switched off, not on silent" in one section, "keep phones off or on silent" in another.
    What to do:
        Decide which is meant and take the other out. If the second is an exception to the first, write it into the
        first: "…, except in an emergency".
    Source:
        Published school policies.
    """
    told: set[frozenset[str]] = set()
    for document in school.documents:
        by_matter: dict[str, list[tuple[Printed, Stance]]] = {}
        for said in school.printed:
            if said.document != document.meta.id:
                continue
            is_local = said.layer != "library"
            for matter, stance in stances(said.text, said.clause.kind, is_local):
                by_matter.setdefault(matter, []).append((said, stance))
        for matter, all_said in by_matter.items():
            for (one, stance), (other, opposite) in combinations(all_said, 2):
                pair = frozenset((one.clause.id, other.clause.id))
                if stance is opposite or pair in told or not set(one.readers) & set(other.readers):
                    continue
                told.add(pair)
                yield _contradiction(school, document.meta.id, matter, one, other)


def _contradiction(
    school: SchoolView, document: str, matter: str, one: Printed, other: Printed
) -> Diagnostic:
    """At the clause that the school can mend: its own before the library's, else the later of the two."""
    at, against = (one, other) if other.layer == "library" != one.layer else (other, one)
    message = f"`{at.clause.id}` and `{against.clause.id}` say different things of {matter} in `{document}`"
    place = school.place(against)
    notes = (
        f"`{at.clause.id}`: {printable(at.text, 200)}",
        f"`{against.clause.id}` ({place.path}:{place.line}): {printable(against.text, 200)}",
    )
    help_ = "decide which is meant, and take the other out; an exception belongs in the rule itself"
    return Diagnostic(
        "AUP330", school.place(at), message, help_, Severity.WARNING, notes,
        clause=at.clause.id, profile=school.profile.slug,
    )  # fmt: skip
