"""What a profile words itself: whom its words reach, and whom they do not."""

from __future__ import annotations

from collections.abc import Iterator

from aupgen.binding.rewordings import is_printed, readers_given, reworded, wordings_help
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
    for one in reworded(school.library, school.profile):
        told = readers_given(one, school.documents)
        if one.kept and told and is_printed(one, school.documents):
            message = (
                f"this `text` is not for {listing(told)}, who keep words of their own for `{one.clause.id}`"
            )
            help_ = f"nothing to do if those are still right; else add {wordings_help(told)}"
            span, layer = one.text.span, one.text.layer
            yield Diagnostic(
                "AUP430", span, message, help_, Severity.NOTE, clause=one.clause.id, profile=layer
            )
