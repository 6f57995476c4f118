"""How findings print: snapshots of whole messages."""

from __future__ import annotations

from aupgen.source.diagnostics import Diagnostic, Severity, did_you_mean, printable, render_text
from aupgen.source.span import SourceText, Span

SOURCE = SourceText("schools/oakfield.yaml", "kind: school\nowner: network-manger\n")


def test_a_finding_prints_its_place_the_line_and_what_to_do() -> None:
    finding = Diagnostic(
        "AUP201",
        Span("schools/oakfield.yaml", 2, 8, 22),
        "there is no role `network-manger`",
        "did you mean `network-manager`?",
        notes=("needed by the clause `install-permission`",),
    )
    assert render_text([finding], {SOURCE.path: SOURCE}) == (
        "schools/oakfield.yaml:2:8: error AUP201: there is no role `network-manger`\n"
        "  |\n"
        "2 | owner: network-manger\n"
        "  |        ^^^^^^^^^^^^^^\n"
        "  = help: did you mean `network-manager`?\n"
        "  = note: needed by the clause `install-permission`\n"
    )


def test_a_finding_on_a_whole_file_has_no_excerpt() -> None:
    finding = Diagnostic("AUP514", SOURCE.whole, "an authority issues no documents", severity=Severity.NOTE)
    assert (
        render_text([finding], {SOURCE.path: SOURCE})
        == "schools/oakfield.yaml:1:1: note AUP514: an authority issues no documents\n"
    )


def test_findings_stand_in_the_order_of_their_places_and_once() -> None:
    findings = [Diagnostic("AUP110", Span("b", n, 1, 2), "x") for n in (3, 1, 2, 1)]
    assert [line.split(":")[1] for line in render_text(findings, {}).splitlines() if line] == ["1", "2", "3"]


def test_a_long_line_is_cut_round_the_fault() -> None:
    source = SourceText("x", "a" * 300 + "FAULT" + "b" * 300)
    out = render_text([Diagnostic("AUP110", Span("x", 1, 301, 306), "x")], {"x": source})
    excerpt, caret = out.splitlines()[2:4]
    assert len(excerpt) < 130
    assert excerpt[caret.index("^") : caret.rindex("^") + 1] == "FAULT"


def test_hidden_characters_are_shown() -> None:
    assert printable("a\u202eb\x07") == "a\\u202eb\\u0007"
    assert printable("x" * 100) == "x" * 80 + "…"


def test_the_nearest_known_word_is_offered() -> None:
    assert did_you_mean("polcy_year", ["policy_year", "phase"]) == "did you mean `policy_year`?"
    assert did_you_mean("zzz", ["policy_year", "phase"]) == ""
