"""Slips and choices in templates: what a call may say, and what becomes of it in a school."""

from __future__ import annotations

import pytest

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Block, Choices, Fields, Paragraph, Slip
from aupgen.document.walk import plain_text
from aupgen.source.diagnostics import Diagnostic
from tests.unit.small_library import clause, compiled, good_library, school

HEAD = """\
---
title: Trial
name: trial
noun: form
audiences: [staff]
voice: second-person
clauses: all
---
{{ section("calls", topics=["calls"]) }}

"""
TOPICS = {"calls": [clause("call-a")]}
FOOT = 'cut="Cut here", edition="{{ policy_year }}, {{ edition.number }}"'


def blocks_of(body: str, **parameters: object) -> tuple[Block, ...]:
    """The blocks that a template makes after its section, in a school that answers some questions."""
    library = good_library(TOPICS, {"community-wifi.md.j2": HEAD + body})
    profile = school(library, documents={"community-wifi": {}}, parameters=parameters)
    bound, found = bind_profile(library, profile)
    assert not found
    return bound.documents[0].blocks[1:]


def finding(body: str) -> Diagnostic:
    found = compiled(TOPICS, {"community-wifi.md.j2": HEAD + body})[1]
    assert len(found) == 1, found
    return found[0]


def test_choices_hold_the_rows_of_the_template_and_then_those_of_the_school() -> None:
    body = '{{ choices(["May we", "Yes", "No"], rows=["call you"], each="extra_apps") }}'
    (choices,) = blocks_of(body, extra_apps=["use A", "use B"])
    assert isinstance(choices, Choices)
    assert [plain_text(cell) for cell in choices.header] == ["May we", "Yes", "No"]
    assert [plain_text(row) for row in choices.rows] == ["call you", "use A", "use B"]


def test_choices_without_any_row_vanish() -> None:
    assert blocks_of('{{ choices(["May we", "Yes", "No"], each="extra_apps") }}') == ()


def test_boxes_of_one_document_have_names_of_their_own() -> None:
    twice = '{{ choices(["May we", "Yes"], rows=["go"]) }}\n\n' * 2
    first, second = blocks_of(twice)
    assert isinstance(first, Choices)
    assert isinstance(second, Choices)
    assert first.anchor != second.anchor


def test_a_slip_holds_its_text_and_fields_and_says_its_edition() -> None:
    body = f'{{% call slip("Send to {{{{ role.headteacher }}}}", {FOOT}) %}}\nRead.\n\n{{{{ fields("Date") }}}}\n{{% endcall %}}'
    (slip,) = blocks_of(body)
    assert isinstance(slip, Slip)
    assert plain_text(slip.title) == "Send to the Headteacher"
    assert plain_text(slip.cut) == "Cut here"
    assert plain_text(slip.edition) == "2018-19, 1"
    assert isinstance(slip.blocks[1], Fields)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{{ choices(["May we"], rows=["go"]) }}', "choices need a question and an answer"),
        ('{{ choices(["May we", "Yes"]) }}', "choices need rows"),
        ('{{ choices("May we", rows=["go"]) }}', "`header` must be a list of texts"),
        ('{{ choices(["May we", "Yes"], rows="go") }}', "`rows` is a list of texts"),
        ('{{ choices(["May we", "Yes"], each="extra_aps") }}', "`extra_aps` is not a parameter of the type words"),
        ('{{ choices(["May we", "Yes"], each="signing") }}', "`signing` is not a parameter of the type words"),
        ('{% call slip("Send") %}x{% endcall %}', "missing 2 required"),
        ('{% call slip("Send", cut="Cut", edition="1") %}x{% endcall %}', "does not say of which edition"),
        (f'{{% call slip("Send", {FOOT}) %}}\n\n## More\n\nx\n{{% endcall %}}', "a slip holds text, lists"),
        (
            f'{{% call slip("Send", {FOOT}) %}}{{{{ section("x", topics=["calls"]) }}}}{{% endcall %}}',
            "a slip holds text, lists",
        ),
    ],
)  # fmt: skip
def test_a_call_that_is_not_as_it_should_be_is_found_in_the_template(body: str, message: str) -> None:
    fault = finding(body)
    assert fault.code == "AUP504"
    assert message in fault.message
    assert fault.span.path == "templates/community-wifi.md.j2"


@pytest.mark.parametrize(
    ("issued", "says"), [([], "none"), (["staff-policy"], "some"), (["staff-agreement"], "some")]
)
def test_issued_asks_for_one_of_several_documents(issued: list[str], says: str) -> None:
    names = '"staff-policy", "staff-agreement"'
    body = f"{{% call issued({names}) %}}some{{% endcall %}}\n\n{{% call not_issued({names}) %}}none{{% endcall %}}"
    library = good_library(TOPICS, {"community-wifi.md.j2": HEAD + body})
    documents: dict[str, object] = {"community-wifi": {}, **{id_: {} for id_ in issued}}
    bound, _ = bind_profile(library, school(library, documents=documents), only=["community-wifi"])
    texts = [
        plain_text(block.inlines) for block in bound.documents[0].blocks[1:] if isinstance(block, Paragraph)
    ]
    assert texts == [says]


def test_a_document_type_without_a_template_is_issued_by_nobody() -> None:
    assert blocks_of('{% call issued("online-safety-policy") %}some{% endcall %}') == ()
    fault = finding('{% call issued("online-safty-policy") %}some{% endcall %}')
    assert (fault.code, fault.message) == ("AUP205", "there is no document `online-safty-policy`")


@pytest.mark.parametrize(
    ("also", "says"), [({}, "if you would like a copy"), ({"pupil-agreement-ks2": {}}, "A copy comes with")]
)
def test_the_letter_speaks_of_the_pupils_agreement_where_there_is_one(
    also: dict[str, object], says: str
) -> None:
    library = good_library(TOPICS, {"pupil-agreement-ks2.md.j2": HEAD})
    profile = school(library, documents={"parent-letter": {}, **also})
    bound, _ = bind_profile(library, profile, only=["parent-letter"])
    texts = [plain_text(block.inlines) for block in bound.documents[0].blocks if isinstance(block, Paragraph)]
    assert [text for text in texts if says in text]
