"""What was left in by accident: a gap that nobody filled, a trace of the word processor, the wrong quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aupgen.checks.view import FileView, Passage
from aupgen.policy.profile import ProfileKind
from aupgen.source.diagnostics import Diagnostic, Severity, printable
from aupgen.source.span import Span
from aupgen.source.yaml_text import YamlFile, read_yaml

_GAP = re.compile(
    r"\b[Xx]{3,}\b|\bX{2}(?= |$)|\b(?:TBC|TBA|TBD|TODO|FIXME|tbc|tba)\b|_{3,}|\.{5,}|…{2,}|\?{3,}"
    r"|[\[<(]\s*(?:please )?(?:insert|enter|delete as|complete as|add your)\b[^\])>]{0,60}[\])>]"
    r"|[\[<]\s*(?:name of|school name|your|state|specify|email|date|number|role|title)\b[^\])>]{0,60}[\]>](?!\()"
    r"|\[\s*(?:school|name|headteacher|school’s name|phone)\s*\]|\binsert (?:name|school|date|role|email|number|here)\b"
    r"|\bdd/mm/yy(?:yy)?\b|\blorem ipsum\b|\bSample School\b|\bAnytown\b",
    re.I,
)
_CASE = re.compile(r"[a-z]")
_DEBRIS = re.compile(
    r"Error! (?:Reference source|Bookmark|No text)[^.]{0,40}|Click (?:here|or tap here) to enter [a-z ]+|Choose an item|MERGEFIELD|FORMTEXT"
    r"|\{ ?(?:PAGE|REF|TOC|DATE)\b|â€[™œ\x9d“”˜¦]?|Ã[©¨¢]|Â[ £]|ï»¿|[•▪●◦‣⁃]\s?|[\uf0b7\uf0a7\uf076]|\u00ad|\bPage \d+ of \d+\b|&(?:nbsp|amp|rsquo|lsquo|ndash|quot);"
)
_HINT = re.compile(_GAP.pattern + "|" + _DEBRIS.pattern, re.I)
_QUOTED = re.compile(r"[“„‟].*[”“\"]|[‘‚].*[’‘']", re.S)
_NAMES_OF_KEYS = {"since", "until", "id", "code"}


def _values(file: FileView) -> Iterator[tuple[str, YamlFile, tuple[str | int, ...]]]:
    """Every text of a profile with its place; what is read is the file itself, so that nothing is passed over."""
    read, _ = read_yaml(file.source)
    if read is None:
        return
    for route in read.routes:
        value: object = read.data
        for step in route:
            if isinstance(value, dict):
                value = value.get(step)  # None for what stood at a key given twice, which was reported
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                value = None
        if isinstance(value, str):
            yield value, read, tuple(route)


def placeholder_left(file: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        No text of a profile, or of a clause, is a gap that somebody meant to fill: XXX, TBC, [insert name], ____,
        dd/mm/yyyy. Exemplars may have them: their schools fill them in.
    Why it matters:
        It is printed as it stands. Readers see at once that nobody read the policy through, and cannot tell who to
        turn to.
    Example:
        `approver: "[insert name of committee]"`
    What to do:
        Write what belongs there. If it is not known yet, take the line out: aupgen asks for what a document needs, and
        `--draft` shows the gaps as gaps.
    Source:
        Published school policies with rows of Xs for the name of an officer.
    """
    if file.layer.kind is ProfileKind.EXEMPLAR or not _GAP.search(file.source.text):
        return
    for text, read, route in _values(file):
        if found := gap_in(text):
            message = f"`{printable(found)}` was left to be filled in, and would be printed"
            help_ = "write what belongs here, or take the line out: aupgen asks for what it needs"
            yield Diagnostic(
                "AUP331", read.excerpt_span(route, found), message, help_, profile=file.layer.slug
            )


def gap_in(text: str) -> str:
    """The first gap in a text that somebody meant to fill, "" where there is none."""
    for found in _GAP.finditer(text):
        if (
            found[0].lower() in ("todo", "fixme", "tba", "tbc", "tbd")
            and _CASE.search(found[0])
            and not found[0].islower()
        ):
            continue  # a name
        return found[0]
    return ""


def placeholder_left_in_library(passage: Passage) -> Iterator[Diagnostic]:
    if passage.profile:
        return  # found with the rest of the profile
    if found := gap_in(passage.text):
        message = f"`{printable(found)}` was left to be filled in, and would be printed"
        help_ = "write what belongs here, or ask each school for it with a parameter"
        yield Diagnostic("AUP331", passage.at(found), message, help_, clause=passage.clause.id)


placeholder_left_in_library.__doc__ = placeholder_left.__doc__


def word_processor_debris(file: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        No text of a profile holds what a word processor or a web page leaves when it is copied: "Error! Reference
        source not found", "Click here to enter text", bullets, page numbers, mangled letters such as â€™.
    Why it matters:
        It is printed as it stands.
    Example:
        `- • Be kind`
    What to do:
        Delete it, and type the words again if letters are mangled.
    Source:
        Published school policies that were converted more than once.
    """
    if not _DEBRIS.search(file.source.text):
        return
    for text, read, route in _values(file):
        if found := _DEBRIS.search(text):
            message = (
                f"`{printable(found[0].strip())}` is left over from another program, and would be printed"
            )
            help_ = "delete it; where letters are mangled, type the words again"
            yield Diagnostic(
                "AUP332",
                read.excerpt_span(route, found[0].strip()),
                message,
                help_,
                Severity.WARNING,
                profile=file.layer.slug,
            )


def curly_quotes_for_quotation_marks(file: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        No value of a profile stands as a whole between curly quotation marks.
    Why it matters:
        YAML knows straight quotation marks only ("…" or '…'), which are not printed. Curly ones, which word processors
        and phones put in by themselves, become part of the text.
    Example:
        `name: “Oakfield Primary School”`
    What to do:
        Delete them, or type straight ones. If they are to be printed, put straight ones round the whole.
    Source:
        The YAML specification, 1.2.2, section 7.3.
    """
    if not any(mark in file.source.text for mark in "“„‟‘‚"):
        return
    for text, read, route in _values(file):
        if not _QUOTED.fullmatch(text) or (route and route[-1] == "text"):
            continue
        span = read.value_span(route)
        line = file.source.lines[span.line - 1]
        if line[span.column - 1 : span.column] in ("“", "„", "‟", "‘", "‚"):
            message = f"the quotation marks round {printable(text, 60)} are curly ones, and would be printed"
            help_ = 'delete them, or type straight ones: "'
            yield Diagnostic(
                "AUP333", _first(span), message, help_, Severity.WARNING, profile=file.layer.slug
            )


def _first(span: Span) -> Span:
    return Span(span.path, span.line, span.column, span.column + 1)
