"""`docs/rules.md`: every finding there can be, on one page, made from the rules and the table of codes."""

from __future__ import annotations

from itertools import groupby

from aupgen.checks.rules import rule_for
from aupgen.source.codes import CODES, Code

_STAGES = {
    "1": "Reading: can the file be read, and is everything in its place?",
    "2": "References: does every name lead somewhere, and do layers agree?",
    "3": "Content: who answers, who reads it, and is it right?",
    "4": "Years, reviews and waivers",
    "5": "Wording language, templates and output",
    "6": "Packs, the answers of schools, and the list of them",
}

_HEAD = """# Every finding, and what to do

<!-- Made from the rules themselves. `python -m tests.make_rules_page` writes it anew. -->

Each finding has a code that never changes and a name that says what is wrong. `aupgen explain CODE` prints the same text.
Those marked *check* are found by `aupgen check` alone; `aupgen build` finds all others as well.
"""


def rules_page() -> str:
    """The whole page as Markdown."""
    out = [_HEAD]
    for stage, codes in groupby(
        sorted(CODES.values(), key=lambda code: code.code), key=lambda code: code.code[3]
    ):
        out.append(f"## {_STAGES[stage]}\n")
        out += [_entry(code) for code in codes]
    return "\n".join(out)


def _entry(code: Code) -> str:
    rule = rule_for(code.code)
    mark = " · *check*" if rule else ""
    title = f"### {code.code} {code.name}{mark}\n\n"
    if rule is None:
        return title + code.explanation + "\n"
    return title + "\n\n".join(f"**{heading}.** {text}" for heading, text in rule.page().items()) + "\n"
