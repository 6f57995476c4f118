"""The text of a file of answers in, YAML or CSV; the answers by key with the place of each out.

A YAML file answers for one school, in the shape of a profile. A CSV file answers for many, a school a row under a row of
keys: `name`, `phase`, `contacts.dsl.name`, `phone_free_hours`. Values are checked where the profile made of
them is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.library.compiled import Library
from aupgen.packs.profile_text import Answer
from aupgen.packs.questions import CONTACTS, PARAMETERS
from aupgen.policy.decision import Pick
from aupgen.policy.facts import FACTS as CHOICES
from aupgen.policy.parameter import ParameterType
from aupgen.source.diagnostics import Diagnostic, Severity, listing, printable, suggestion
from aupgen.source.span import SourceText, Span
from aupgen.source.table import read_rows
from aupgen.source.yaml_text import Route, read_yaml

FACTS = ("name", "file", "extends", "area", "nation", "phase", "school_type", "policy_year", "approver", "other_roles",
         "documents", "edition.number", "edition.date")  # fmt: skip
_CONTACT_PARTS = ("title", "name", "names", "firm", "same_as", "email", "phone", "show", "reach")
_TIME = r"([0-9]{1,2}[:.][0-9]{2})"
_TIME_12 = r"(1[0-2]|0?[1-9])(?:[:.]([0-9]{2}))? ?([ap])\.?m\.?"
_TO = r" ?(?:to|-|–) ?"
_HOURS, _HOURS_12 = re.compile(_TIME + _TO + _TIME), re.compile(_TIME_12 + _TO + _TIME_12)
MOST_SCHOOLS = 1_000
UNFINISHED = "unfinished"
"""Under it stand answers, by key, that did not hold yet when a page of questions saved them."""
DECIDED = "decided."
"""Before the id of a clause: whose words the school has, now that its authority changed what it had changed."""


class Unfinished(Struct, frozen=True, forbid_unknown_fields=True):
    """What was answered until somebody stopped while a pack was taken in: by the slug of the school and by key.

    ``pack`` is the digest of the pack, ``profiles`` those of the schools' profiles as they were: the answers are to these
    and no others.
    """

    pack: str
    profiles: dict[str, str]
    answers: Mapping[str, Mapping[str, Any]]


def unfinished_text(unfinished: Unfinished) -> bytes:
    """The answers as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(unfinished), indent=1) + b"\n"


def read_unfinished(data: bytes) -> Unfinished | None:
    """Return answers that were kept, without what is none; None where the file is not as it was written."""
    try:
        kept = msgspec.json.decode(data, type=Unfinished)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    answers = {
        slug: {
            key: value
            for key, value in said.items()
            if (key.startswith((PARAMETERS, CONTACTS)) and _is_typed(value))
            or (key.startswith(DECIDED) and value in list(Pick))
        }
        for slug, said in kept.answers.items()
    }
    return replace(kept, answers=answers)


def _is_typed(value: object) -> bool:
    """Whether a value has a shape that `typed` gives."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return all(isinstance(part, str) for part in inner)


class Answers(Struct):
    """What one school answered, by key, and where each answer stands; ``whole`` is where the school itself does."""

    whole: Span
    values: dict[str, Answer] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)

    def span(self, key: str) -> Span:
        """The place of an answer, of what it is part of, or of a part of it; the school's where there is none."""
        while key:
            if key in self.spans:
                return self.spans[key]
            inner = next((span for other, span in self.spans.items() if other.startswith(f"{key}.")), None)
            if inner:
                return inner
            key = key.rpartition(".")[0]
        return self.whole


def read_answers(
    source: SourceText, library: Library, clauses: Collection[str] = ()
) -> tuple[list[Answers], list[Diagnostic]]:
    """Return the answers of each school in a file, and findings AUP1xx, AUP610, AUP611, AUP615 and AUP636.

    ``clauses`` are those that may be decided about beside the library's.
    """
    decided = {*library.clauses, *clauses}
    if source.path.lower().endswith(".csv"):
        return _from_table(source, library, decided)
    file, found = read_yaml(source)
    if file is None:
        return [], found
    answers = Answers(source.whole)
    for route, value in _leaves(file.data, (), library):
        key, fault = _key(".".join(route), library, decided)
        if route[0] == UNFINISHED and len(route) > 1:
            found.append(_not_finished(route, file.key_span(route)))
        elif fault:
            found.append(Diagnostic("AUP610", file.key_span(route), *fault))
        elif value != "":
            _take(answers, key, value, file.value_span(route), library, found)
    return [answers], found


def _not_finished(route: Route, span: Span) -> Diagnostic:
    key = ".".join(map(str, route[1:]))
    message = f"`{printable(key)}` was not finished when it was saved, so it is left out"
    help_ = "finish it on the page of questions and save again, or answer it in the profile"
    return Diagnostic("AUP636", span, message, help_, Severity.WARNING)


def _take(
    answers: Answers, key: str, value: Answer, span: Span, library: Library, found: list[Diagnostic]
) -> None:
    answers.values[key] = typed(key, value, library)
    answers.spans[key] = span
    if key.startswith(DECIDED) and answers.values[key] not in list(Pick):
        help_ = suggestion(str(value), list(Pick), f"write one of {listing(list(Pick))}")
        message = f"`{printable(str(value))}` is no decision"
        found.append(Diagnostic("AUP113", span, message, help_))
    if key == "documents" and answers.values[key] == []:
        help_ = "name one document at least, or leave the key out for those that the phase has readers for"
        found.append(Diagnostic("AUP615", span, "no document is chosen", help_))
    if fault := hours_fault(key, answers.values[key], library):
        found.append(replace(fault, span=span))


def hours_fault(key: str, value: Answer, library: Library) -> Diagnostic | None:
    """AUP113 for a text that is no stretch of the day, where one is asked for."""
    parameter = library.parameters.get(key.removeprefix(PARAMETERS))
    if parameter is None or parameter.type is not ParameterType.HOURS or not isinstance(value, str):
        return None
    message = f"`{parameter.name}`: `{printable(value)}` does not say from when to when"
    return Diagnostic(
        "AUP113", Span(""), message, "write it as 8:30 to 15:30 (24 hours), or 8:30am to 3:30pm"
    )


def _leaves(
    data: Mapping[str, Answer], route: tuple[str, ...], library: Library
) -> Iterator[tuple[tuple[str, ...], Answer]]:
    for name, value in data.items():
        here = (*route, name)
        if isinstance(value, dict) and name.removeprefix(PARAMETERS) not in library.parameters:
            yield from _leaves(value, here, library)
        else:
            yield here, value


def _key(name: str, library: Library, decided: Collection[str]) -> tuple[str, tuple[str, str] | None]:
    """The key that a name stands for, and message and help where it stands for none."""
    if name in FACTS:
        return name, None
    if name.removeprefix(PARAMETERS) in library.parameters:
        return f"{PARAMETERS}{name.removeprefix(PARAMETERS)}", None
    if name.startswith("vocabulary."):
        return name, None
    if name.startswith(DECIDED):
        clause = name.removeprefix(DECIDED)
        if clause in decided:
            return name, None
        return name, (
            f"there is no clause `{clause}`",
            suggestion(clause, decided, "`aupgen list clauses` prints them all"),
        )
    if name.startswith(CONTACTS):
        role, _, part = name.removeprefix(CONTACTS).partition(".")
        if role in library.roles and part in _CONTACT_PARTS:
            return name, None
        if role in library.roles:
            help_ = suggestion(part, _CONTACT_PARTS, f"write `{CONTACTS}{role}.email`, `.phone` or `.name`")
            return name, (f"`{part}` is nothing that a contact has", help_)
        return name, (
            f"there is no role `{role}`",
            suggestion(role, library.roles, "`aupgen list roles` prints them"),
        )
    help_ = suggestion(
        name,
        [*FACTS, *library.parameters],
        "a starter profile lists the questions; put anything else into the profile later",
    )
    return name, (f"`{name}` is not a question that a school is asked", help_)


def typed(key: str, value: Answer, library: Library) -> Answer:
    """The answer in the shape that a profile wants, where a cell of a table holds it as text."""
    if not isinstance(value, str):
        return value
    if key.startswith(DECIDED):
        return value.lower()
    if key == "documents":
        return [part.strip() for part in re.split("[;,]", value) if part.strip()]
    parameter = library.parameters.get(key.removeprefix(PARAMETERS))
    choices = parameter.choices if parameter else CHOICES.get(key, ())
    if (picked := "-".join(value.lower().split())) in choices:
        return picked
    if parameter and parameter.type is ParameterType.HOURS:
        hours = value.lower()
        if match := _HOURS.fullmatch(hours):
            return {"from": match[1], "to": match[2]}
        if match := _HOURS_12.fullmatch(hours):
            return {"from": _in_24_hours(*match.group(1, 2, 3)), "to": _in_24_hours(*match.group(4, 5, 6))}
    if parameter and parameter.type is ParameterType.WORDS:
        return [part.strip() for part in value.split(";") if part.strip()]
    if parameter and parameter.type is ParameterType.ROLES:
        return ["-".join(part.lower().split()) for part in re.split("[;,]", value) if part.strip()]
    if parameter and parameter.type is ParameterType.FLAG and value.lower() in _YES_AND_NO:
        return _YES_AND_NO[value.lower()]
    return value


def _in_24_hours(hour: str, minutes: str | None, half: str) -> str:
    """`3`, `30` and `p` as 15:30; there is no minute where it is the full hour."""
    return f"{int(hour) % 12 + (12 if half == 'p' else 0)}:{minutes or '00'}"


_YES_AND_NO = {"yes": "true", "no": "false", "true": "true", "false": "false"}


# ------------------------------------------------------------------ a table, a school a row


def _from_table(
    source: SourceText, library: Library, decided: Collection[str]
) -> tuple[list[Answers], list[Diagnostic]]:
    found: list[Diagnostic] = []
    rows = read_rows(source, found, "AUP611")
    if found:
        return [], found
    if len(rows) < 2:
        help_ = "write the keys in the first row, such as name,phase, and a school in each row below"
        return [], [Diagnostic("AUP611", source.whole, "the table has no school in it", help_)]
    if len(rows) > MOST_SCHOOLS + 1:
        return [], [Diagnostic("AUP611", source.whole, f"the table has more than {MOST_SCHOOLS} schools")]
    keys: list[str] = []
    for text, span in rows[0]:
        key, fault = _key(text.strip().lower(), library, decided)
        if fault:
            found.append(Diagnostic("AUP610", span, *fault))
        elif key in keys:
            found.append(
                Diagnostic("AUP611", span, f"the column `{key}` is there twice", "keep one of the two")
            )
        keys.append(key)
    out = []
    for row in rows[1:]:
        answers = Answers(row[0][1])
        if len(row) > len(keys):
            message = f"this row has {len(row)} cells, and the first row names {len(keys)}"
            help_ = "put quotation marks round a text that holds a comma or a semicolon"
            found.append(Diagnostic("AUP611", row[len(keys)][1], message, help_))
            continue
        for key, (text, span) in zip(keys, row, strict=False):
            if value := text.strip():
                _take(answers, key, value, span, library, found)
        out.append(answers)
    return out, found
