"""Questions and answers in; the text of a school's profile out, with comments a person can read and edit.

Remembers which answer each line came from, so that what is wrong with a profile is told at the answer.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from aupgen.packs.questions import CONTACTS, PARAMETERS, Question
from aupgen.packs.shapes import StarterShape
from aupgen.policy.parameter import ParameterType
from aupgen.policy.profile import Contact, Show

Answer: TypeAlias = "str | list[Answer] | dict[str, Answer]"

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ’'()/.@+_–-]|:(?=[0-9]))*")
_WIDTH = 100
IN_PERSON = "in person"
"""The answer of a school that gives no address or number for a post."""


class ProfileText(Struct):
    """A profile as it is written, and the key of the answer behind each line (1-based)."""

    lines: list[str] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)

    def add(self, line: str, key: str = "") -> None:
        self.lines.append(line)
        if key:
            self.keys[len(self.lines)] = key

    def comment(self, text: str, indent: str = "") -> None:
        for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False):
            self.add(f"{indent}# {line}")

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def profile_text(
    facts: Mapping[str, Answer],
    questions: Sequence[Question],
    answers: Mapping[str, Answer],
    contacts: Mapping[str, Contact],
    starter: StarterShape,
    intro: Iterable[str],
    *,
    documents: Sequence[str] = (),
    not_issued: Sequence[str] = (),
    may_issue: tuple[Question, Sequence[str]] | None = None,
    drafting: bool = False,
) -> ProfileText:
    """Return a profile. ``facts`` are its keys at the left margin, in order, "" for one still to be given.

    ``answers`` are by key: those of ``questions`` stand under their questions, others after them. A question
    without an answer leaves its key empty where it must be answered (a comment with ``drafting``, so that a draft can
    be built), and else a comment with what holds. ``contacts`` are those of the layers above: an answer keeps what
    they say of the post beside it. ``documents`` are issued and ``not_issued`` taken back; ``may_issue`` is the
    question which of some documents are issued.
    """
    out = ProfileText()
    for line in intro:
        out.comment(line)
    known = {question.key: question for question in questions}
    for key, value in facts.items():
        if asked := known.get(key):
            out.add("")
            _about(out, asked, starter, "", bool(value))
        out.add(f"{key}: {flow(value)}".rstrip(), key)
    posts = [question for question in questions if question.key.startswith(CONTACTS)]
    given = dict.fromkeys(key.split(".")[1] for key in answers if key.startswith(CONTACTS))
    roles = dict.fromkeys([*(question.key.split(".")[1] for question in posts), *given])
    if roles:
        out.add("")
        out.add("contacts:", "contacts")
    for role in roles:
        for asked in posts:
            if asked.key.split(".")[1] == role:
                _about(out, asked, starter, "  ", asked.key in answers)
        if role not in given and drafting:
            out.add(f"  # {role}:", f"{CONTACTS}{role}")
            continue
        parts = contact_parts(role, posts, answers, contacts.get(role))
        out.add(f"  {role}:" + (" {}" if not parts else ""), f"{CONTACTS}{role}")
        for part, value in parts.items():
            out.add(f"    {part}: {flow(value)}".rstrip(), f"{CONTACTS}{role}.{part}")
    asked_values = [question for question in questions if question.key.startswith(PARAMETERS)]
    others = [key for key in answers if key.startswith(PARAMETERS) and key not in known]
    if asked_values or others:
        out.add("")
        out.add("parameters:", "parameters")
    for asked in asked_values:
        _about(out, asked, starter, "  ", asked.key in answers)
        name = asked.key.removeprefix(PARAMETERS)
        if asked.key in answers or (asked.required and not drafting):
            _value(out, name, answers.get(asked.key, ""), asked)
        else:
            out.add(f"  # {name}: {default_text(asked)}".rstrip())
    for key in others:
        _value(out, key.removeprefix(PARAMETERS), answers[key], None)
    if documents or not_issued or may_issue:
        out.add("")
        if may_issue:
            out.comment(may_issue[0].text)
            out.comment(f"{may_issue[0].help}.")
        out.add("documents:", "documents")
        for id_ in documents:
            out.add(f"  {id_}:", "documents")
        for id_ in not_issued:
            out.add(f"  {id_}: {_NOT_ISSUED}", "documents")
        for id_ in may_issue[1] if may_issue else ():
            out.add(f"  # {id_}: {_NOT_ISSUED}")
    return out


_NOT_ISSUED = "{issue: false}"


def _about(out: ProfileText, asked: Question, starter: StarterShape, indent: str, answered: bool) -> None:
    if indent:
        out.add("")
    for paragraph in about(asked, starter, answered=answered):
        out.comment(paragraph, indent)


def about(asked: Question, starter: StarterShape, *, answered: bool) -> Iterator[str]:
    """The question as comments, with what to write, and what holds where nothing is written."""
    yield asked.text
    if asked.help:
        yield f"{asked.help}."
    worded = [(answer, words) for answer, words in asked.answers if words]
    if worded:
        yield from (f"- {answer}: {words}" for answer, words in worded)
    elif asked.answers:
        yield starter.choice.replace("{answers}", ", ".join(answer for answer, _ in asked.answers))
    if answered:
        return
    if asked.required:
        yield starter.must
    elif asked.default:
        yield starter.may
    else:
        yield starter.none


def _value(out: ProfileText, name: str, value: Answer, asked: Question | None) -> None:
    key = f"{PARAMETERS}{name}"
    if isinstance(value, dict) and value:
        out.add(f"  {name}:", key)
        for part, inner in value.items():
            out.add(f"    {part}: {flow(inner)}", key)
    elif asked and asked.type is ParameterType.HOURS and value == "":
        out.add(f"  {name}:", key)
        out.add("    from:", key)
        out.add("    to:", key)
    else:
        out.add(f"  {name}: {flow(value)}".rstrip(), key)


def default_text(asked: Question) -> str:
    """What holds if nothing is said, as YAML."""
    if asked.type in (ParameterType.ROLES, ParameterType.WORDS) and asked.default:
        return f"[{asked.default}]"
    return asked.default


def contact_parts(
    role: str, posts: Sequence[Question], answers: Mapping[str, Answer], above: Contact | None
) -> dict[str, Answer]:
    """What is said of a post: its title above and whether its holder is named, the answers, and an empty line for
    what is asked and open. How another post of that name is reached is left behind."""
    parts: dict[str, Answer] = {}
    if above is not None:
        if above.title:
            parts["title"] = above.title
        if above.show is Show.NAME:
            parts["show"] = "name"
    prefix = f"{CONTACTS}{role}."
    for key, value in answers.items():
        if key.startswith(prefix):
            parts[key.removeprefix(prefix)] = value
    reach = parts.pop("reach", None)
    if isinstance(reach, str) and reach.lower() not in ("", IN_PERSON):
        parts["email" if "@" in reach else "phone"] = reach
    for asked in posts:
        if asked.key not in answers and asked.key.startswith(prefix):
            parts["name" if asked.key.endswith(".name") else "email"] = ""
    return parts


def flow(value: Answer) -> str:
    """A value on one line of YAML."""
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if not value or (_PLAIN.fullmatch(value) and value == value.strip()):
        return value
    return json.dumps(value, ensure_ascii=False)
