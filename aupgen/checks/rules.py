"""The rules of `aupgen check`, by what they look at. To add one: a function in a module of its family, and a line here."""

from __future__ import annotations

from collections.abc import Iterator

from aupgen.checks import (
    claims,
    contacts,
    contradictions,
    dates,
    language,
    leftovers,
    owners,
    rewordings,
    schools,
    unused,
    waivers,
)
from aupgen.checks.rule import Rule
from aupgen.checks.view import FileView
from aupgen.source.codes import CODES
from aupgen.source.diagnostics import Diagnostic


def waiver_of_what_stops_a_build(file: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        A waiver is for something that `aupgen check` alone finds, or for a warning of a build.
    Why it matters:
        A waiver does not mend a profile: the documents are not built.
    Example:
        `code: AUP210` under `waivers:`, where a value is missing.
    What to do:
        Put right what is reported, and delete the waiver.
    Source:
        The promises of `aupgen build`.
    """
    yield from waivers.waiver_of_what_stops_a_build(file, WAIVABLE)


def waiver_unused(_: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        Each waiver holds a finding that there is.
    Why it matters:
        A waiver that is left over hides the next fault of its kind.
    Example:
        A waiver of AUP335 for a mobile number that was replaced.
    What to do:
        Delete it.
    Source:
        Good practice.
    """
    yield from ()


def waiver_expired(_: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        No waiver that is still needed is past its `until:`. Its findings are shown again, as warnings at most.
    Why it matters:
        Somebody allowed it for a while, and the while is over.
    Example:
        `until: 2026-10-31`, looked at in November 2026.
    What to do:
        Mend what it was for, or have it allowed anew with a later day.
    Source:
        Good practice; a date alone never turns a check red.
    """
    yield from ()


PASSAGE_RULES = (
    Rule("AUP331", leftovers.placeholder_left_in_library),
    Rule("AUP334", language.fact_of_one_school_in_library),
    Rule("AUP342", language.jargon_for_its_readers),
    Rule("AUP343", claims.encryption_taken_for_a_password),
    Rule("AUP344", claims.search_without_lawful_ground),
    Rule("AUP345", claims.crime_overstated),
    Rule("AUP346", language.word_fixed_in_library),
)
LIBRARY_RULES = (
    Rule("AUP311", owners.role_retired_in_library),
    Rule("AUP320", unused.clause_no_reader_sees),
    Rule("AUP322", unused.parameter_nobody_uses),
    Rule("AUP324", unused.audience_without_wording),
    Rule("AUP348", language.clause_twice_in_library),
    Rule("AUP431", unused.successor_not_printed),
)
FILE_RULES = (
    Rule("AUP252", waiver_of_what_stops_a_build),
    Rule("AUP311", owners.role_retired),
    Rule("AUP331", leftovers.placeholder_left),
    Rule("AUP332", leftovers.word_processor_debris),
    Rule("AUP333", leftovers.curly_quotes_for_quotation_marks),
    Rule("AUP335", contacts.personal_mobile_published),
    Rule("AUP336", contacts.private_email_published),
)
SCHOOL_RULES = (
    Rule("AUP310", owners.owner_without_holder),
    Rule("AUP312", owners.one_person_in_posts_apart),
    Rule("AUP313", owners.concern_reaches_its_subject),
    Rule("AUP314", owners.role_nobody_holds),
    Rule("AUP330", contradictions.clauses_contradict_in_words),
    Rule("AUP340", language.too_hard_for_its_readers),
    Rule("AUP341", language.sentence_too_long),
    Rule("AUP346", language.mixed_vocabulary),
    Rule("AUP347", language.document_too_long),
    Rule("AUP348", language.clause_said_twice),
    Rule("AUP403", dates.review_date_passed),
    Rule("AUP404", dates.policy_year_over),
    Rule("AUP430", rewordings.reworded_for_some_readers_only),
)
WORKSPACE_RULES = (
    Rule("AUP250", schools.two_files_for_one_school),
    Rule("AUP321", unused.clause_no_document_prints),
    Rule("AUP337", contacts.contact_of_another_school),
)
WAIVER_RULES = (Rule("AUP251", waiver_unused), Rule("AUP406", waiver_expired))
"""What `waivers.py` finds when all the others are known."""

RULES = (*PASSAGE_RULES, *LIBRARY_RULES, *FILE_RULES, *SCHOOL_RULES, *WORKSPACE_RULES, *WAIVER_RULES)

_WARNINGS_OF_A_BUILD = (
    "AUP120",
    "AUP227",
    "AUP228",
    "AUP229",
    "AUP230",
    "AUP233",
    "AUP304",
    "AUP349",
    "AUP350",
    "AUP351",
    "AUP402",
    "AUP411",
    "AUP616",
    "AUP617",
)
WAIVABLE = frozenset(
    {rule.code for rule in RULES} - {"AUP251", "AUP252", "AUP406"} | set(_WARNINGS_OF_A_BUILD)
)
"""What a school may live with for a while: nothing that stops a build."""


def rule_for(code: str) -> Rule | None:
    """The rule whose docstring explains a code; None for what other commands find as well."""
    return next((rule for rule in RULES if rule.code == code), None)


def explanation(code: str) -> str:
    """What a code means, as `aupgen explain` prints it: paragraphs parted by empty lines."""
    rule = rule_for(code)
    if rule is None:
        return CODES[code].explanation
    return "\n\n".join(f"{heading}: {text}" for heading, text in rule.page().items())
