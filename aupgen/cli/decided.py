"""The page "decided for you": what a school answered, what was decided for it, and what it is still asked.

Bound documents in; rows and a text of at most 100 columns out. Reads no files and prints nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from msgspec import Struct

from aupgen.binding.bind import Bound, answer_help, question_for
from aupgen.binding.values import Scope
from aupgen.document.walk import plain_text
from aupgen.library.compiled import Library
from aupgen.policy.parameter import ChoiceValue, FlagValue, HoursValue, Parameter, RolesValue, Value
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.wording import Slot

WIDTH = 100
_HELD = "\N{NO-BREAK SPACE}"


class Decision(Struct, frozen=True):
    """How a parameter stands in one school.

    ``state`` is ``answered``, ``decided`` (by the library), ``open`` (a document cannot be built without it),
    ``left out`` (nothing is printed until it is answered) or ``not used`` by the documents the school issues.
    ``words`` is the value as people read it, "" where there is none.
    """

    parameter: Parameter
    state: str
    words: str


def decisions(library: Library, profile: Profile, bound: Bound, scope: Scope) -> tuple[Decision, ...]:
    """How each parameter of the library stands. A profile that issues nothing itself, such as a trust, uses all."""
    asked = {missing.parameter for missing in bound.missing}
    out = []
    for parameter in library.parameters.values():
        value = scope.setting(parameter.name)
        if profile.documents and parameter.name not in bound.used:
            state = "not used"
        elif profile.setting(parameter.name):
            state = "answered"
        elif parameter.default is not None:
            state = "decided"
        else:
            state = "open" if parameter.name in asked else "left out"
        words = "" if value is None else _in_words(parameter.name, value, scope)
        out.append(Decision(parameter, state, words))
    return tuple(out)


def _in_words(name: str, value: Value, scope: Scope) -> str:
    """The value as a sentence prints it; a choice and a switch as the answer to their question."""
    match value:
        case ChoiceValue(choice):
            return choice.replace("-", " ")
        case FlagValue(on):
            return "yes" if on else "no"
        case HoursValue(places=places, times=times):
            said = plain_text(scope.words_for(Slot(name)))
            parts = [
                plain_text(scope.words_for(Slot(name, what, "any")))
                for what, given in (("places", places), ("times", times))
                if given
            ]
            return f"{said}, except: {'; '.join(parts)}" if parts else said
        case _:
            form = "any" if isinstance(value, RolesValue) else "all"
            return plain_text(scope.words_for(Slot(name, "", form)))


def decided_page(library: Library, profile: Profile, bound: Bound, scope: Scope) -> str:
    """The page as text, with how to answer or change each thing."""
    by_state: dict[str, list[Decision]] = {}
    for decision in decisions(library, profile, bound, scope):
        by_state.setdefault(decision.state, []).append(decision)
    others = [missing for missing in bound.missing if not missing.parameter]
    above = profile.kind in (ProfileKind.AUTHORITY, ProfileKind.TRUST)
    open_to = "left to the schools below" if above else "no document is built without an answer"
    undecided = by_state.get("open", [])
    out = [f"{profile.name}, {profile.policy_year}"]
    out += _heading("Still open", len(undecided) + len(others), open_to)
    for missing in others:
        finding = question_for(library, profile, missing)
        out += ["", *_wrapped(finding.message[:1].upper() + finding.message[1:], 2)]
        out += _wrapped(finding.help, 4)
    out += _questions(undecided, answers=False)
    decided = by_state.get("decided", [])
    out += _heading(
        "Decided for you", len(decided), f"a line under `parameters:` in {profile.path} changes it"
    )
    out += _questions(decided)
    answered = by_state.get("answered", [])
    out += _heading("Answered", len(answered), "by your profile, or by a layer above it")
    for decision in answered:
        out += _answered(decision, profile, scope)
    left_out = by_state.get("left out", [])
    out += _heading("Left out", len(left_out), "nothing is printed about these until you answer")
    out += _questions(left_out)
    if unused := by_state.get("not used"):
        count = "1 more question is" if len(unused) == 1 else f"{len(unused)} more questions are"
        out += ["", f"{count} not asked by the documents that you issue; --json lists every one."]
    return "\n".join(out) + "\n"


def _heading(title: str, count: int, what: str) -> list[str]:
    return ["", *_wrapped(f"{title.upper()} ({count}): {what}", 0)] if count else []


def _questions(decisions: list[Decision], *, answers: bool = True) -> Iterator[str]:
    for decision in decisions:
        yield ""
        yield from _wrapped(decision.parameter.question, 2)
        if decision.words:
            yield from _wrapped(decision.words, 4)
        help_ = answer_help(decision.parameter)
        yield from _wrapped(f"to change: {help_}" if decision.words else f"answer: {help_}", 4)
        if decision.parameter.help and not (answers and decision.words):
            yield from _wrapped(decision.parameter.help, 4)


def _answered(decision: Decision, profile: Profile, scope: Scope) -> Iterator[str]:
    name = decision.parameter.name
    setting = profile.setting(name)
    yield ""
    yield from _wrapped(decision.parameter.question, 2)
    yield from _wrapped(f"{decision.words} ({name}: {setting.layer if setting else ''})", 4)
    for clause, settings in profile.clause_parameters.items():
        if name in settings:
            own = _in_words(name, settings[name].value, scope.in_clause(clause))
            yield from _wrapped(f"for {clause}: {own} ({settings[name].layer})", 4)


def _wrapped(text: str, indent: int) -> list[str]:
    """Lines of a text; what stands between two backticks stays on one, as it is to be typed."""
    held = re.sub("`[^`]*`", lambda typed: typed[0].replace(" ", _HELD), text)
    lines = textwrap.wrap(
        held,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HELD, " ") for line in lines]
