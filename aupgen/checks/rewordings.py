"""What a profile words itself: whom its words reach, and whom they do not."""

from __future__ import annotations

from collections.abc import Iterator

from aupgen.binding.bind import readers_of, wordings_help
from aupgen.binding.voice import readers_with_words_of_their_own
from aupgen.checks.view import SchoolView
from aupgen.source.diagnostics import Diagnostic, Severity, listing


def reworded_for_some_readers_only(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        A clause that a profile rewords with `text:` says the same to every reader whom a document of the school gives it
        to. Pupils and parents for whom the library has words of their own keep those, unless the profile has others for
        them.
    Why it matters:
        A text written for adults does not belong before a child of six. But if the rule itself has changed, the children
        are still told the old one.
    Example:
        `text:` for `report-accidental-access` in a school that issues `pupil-agreement-ks1`.
    What to do:
        Read the words that the pupils and parents are given: `aupgen explain PROFILE:CLAUSE` prints them. If they still
        say what is meant, there is nothing to do; else give those readers words of their own under `wordings:`.
    Source:
        The readers of each document; see docs/pupil-documents.md.
    """
    for id_, choice in school.profile.clause_choices.items():
        clause = school.clauses.get(id_)
        current = clause.revision_in(school.profile.policy_year) if clause else None
        if clause is None or current is None or choice.text is None:
            continue
        theirs = readers_with_words_of_their_own(clause, current[1], choice)
        kept = [reader for reader in theirs if clause.keeps_words_for(reader)]
        if told := readers_of(id_, kept, school.documents):
            message = f"this `text` is not for {listing(told)}, who keep words of their own for `{id_}`"
            help_ = f"nothing to do if those are still right; else add {wordings_help(told)}"
            yield Diagnostic(
                "AUP430",
                choice.text.span,
                message,
                help_,
                Severity.NOTE,
                clause=id_,
                profile=choice.text.layer,
            )
