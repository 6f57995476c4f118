"""`aupgen.yaml` at the root of a workspace: what `aupgen check` takes for granted there. Text in, a choice out."""

from __future__ import annotations

from aupgen.checks.choice import Choice, word_fault
from aupgen.source.diagnostics import Diagnostic
from aupgen.source.shape import Flag, Line, Shape, check_shape, described
from aupgen.source.span import SourceText
from aupgen.source.yaml_text import read_yaml


class CheckShape(Shape):
    select: list[Line] = described(
        "the findings that count: codes, beginnings of codes, or names; all when left out", default=[]
    )
    ignore: list[Line] = described("the findings that do not count", default=[])
    strict: Flag = described("whether warnings fail the check, too", default=False)


class ConfigShape(Shape):
    """What the workspace decides for all its schools."""

    check: CheckShape = described("how `aupgen check` works here", default=CheckShape())


def read_config(source: SourceText) -> tuple[Choice, list[Diagnostic]]:
    """Return the choice in the file and findings; with findings, the choice of nothing."""
    file, found = read_yaml(source)
    if file is None:
        return Choice(), found
    shape, faults = check_shape(ConfigShape, file)
    found += faults
    if found or shape.check is None:
        return Choice(), found
    check = shape.check
    for key, words in (("select", check.select), ("ignore", check.ignore)):
        for position, word in enumerate(words):
            if help_ := word_fault(word):
                span = file.value_span(("check", key, position))
                found.append(
                    Diagnostic("AUP113", span, f"`{word}` is not a code, nor the name of one", help_)
                )
    return (Choice() if found else Choice(tuple(check.select), tuple(check.ignore), check.strict)), found
