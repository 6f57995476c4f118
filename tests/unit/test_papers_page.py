"""How the template of a page of changes is filled: what is repeated, and what is left out."""

from __future__ import annotations

from aupgen.document.tree import Inlines, Text
from aupgen.document.walk import lines
from aupgen.library.compiled import Library
from aupgen.papers.page import Entry, Facts, make_page
from aupgen.policy.profile import Profile
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText

HEAD = """\
---
title: Page
name: page
noun: page
audiences: [staff]
voice: prose
clauses: all
approval: false
---
"""


class Rule(Entry, frozen=True):
    was: Inlines | None
    now: Inlines | None


def said(text: str) -> Inlines:
    return (Text(text),)


FACTS = Facts(
    {"known": said("blue"), "absent": None, "holds": (), "holds_not": None},
    {"rule": (Rule, (Rule(said("old"), said("new")), Rule(None, said("newer")))), "nobody": (Rule, ())},
)


def filled(library: Library, valley: Profile, text: str) -> tuple[list[tuple[str, str]], list[Diagnostic]]:
    page, found = make_page("page", SourceText("page.md.j2", HEAD + text), {}, library, valley, FACTS)
    return (list(lines(page))[1:] if page else []), found


def test_a_line_that_names_what_there_is_none_of_is_left_out(library: Library, valley: Profile) -> None:
    text = "It is {{ known }}.\\\nIt is {{ absent }}.\n\n{{ holds }}True.\n\n{{ holds_not }}False.\n"
    assert filled(library, valley, text) == ([("paragraph", "It is blue."), ("paragraph", "True.")], [])


def test_an_item_and_a_row_stand_once_for_each_entry(library: Library, valley: Profile) -> None:
    text = (
        '{% call section("rules", title="Rules") %}\n'
        "- {{ rule.now }}\n- {{ rule.was }}\n- {{ nobody.now }}\n\n"
        "| Now | Was |\n| --- | --- |\n| {{ rule.now }}{{ new_line }}once {{ rule.was }} | {{ rule.was }} |\n"
        "{% endcall %}\n"
    )
    told, found = filled(library, valley, text)
    assert found == []
    assert told == [
        *(("h2", "Rules"), ("item", "new"), ("item", "newer"), ("item", "old")),
        *(("header", "Now"), ("header", "Was"), ("cell", "new once old"), ("cell", "old")),
        *(("cell", "newer"), ("cell", "")),
    ]


def test_a_section_about_nothing_is_left_out(library: Library, valley: Profile) -> None:
    section = '{{% call section("one", title="{0}") %}}\n{1}\n{{% endcall %}}\n'
    assert filled(library, valley, section.format("Title", "Some words.\n\n- {{ nobody.now }}")) == ([], [])
    assert filled(library, valley, section.format("{{ holds_not }}Title", "Some words.")) == ([], [])
    assert filled(library, valley, section.format("{{ holds }}Title", "Some words."))[0] == [
        ("h2", "Title"),
        ("paragraph", "Some words."),
    ]


def test_an_item_with_a_list_of_its_own_goes_with_that(library: Library, valley: Profile) -> None:
    text = "1. These:\n   - {{ nobody.now }}\n2. Those:\n   - {{ rule.now }}\n"
    assert filled(library, valley, text)[0] == [("item", "Those:"), ("item", "new"), ("item", "newer")]


def test_what_a_page_cannot_hold_and_names_it_has_not_are_faults(library: Library, valley: Profile) -> None:
    for text in ('{{ drawing("Draw here") }}\n', "{{ rule.neither }}\n", "{{ somebody }}\n"):
        told, found = filled(library, valley, text)
        assert told == []
        assert [fault.code for fault in found] == ["AUP504"]
