"""What a change of pack means to a school, in lines for a person to read: both wordings, the choices, what is new.

Values in, text out. Asks nothing and prints nothing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from aupgen.manifest import Entry
from aupgen.packs.three_way import Conflict, Gone, Touch
from aupgen.packs.whats_new import whats_new
from aupgen.policy.decision import Pick
from aupgen.policy.terms import Change

TOLD: Mapping[Pick, str] = {
    Pick.KEEP: "Your own choice was kept",
    Pick.TAKE: "Their wording was taken",
    Pick.BOTH: "Their wording was taken, and yours stands beside it",
    Pick.LATER: "Waiting for your decision; yours holds until then",
}
"""What was decided, above the clauses that it was decided of."""

_TOUCHES = {
    Touch.REWORDED: "has changed `{clause}`, which you have in words of your own",
    Touch.LEFT_OUT: "has changed `{clause}`, which you leave out",
    Touch.SET: "has changed what `{clause}` is set to, and you set it yourself",
}
_GONE = {
    Gone.REMOVED: "no longer a rule of theirs",
    Gone.RETIRED: "no longer a rule of theirs",
    Gone.SWITCHED_OFF: "left out",
}
_EXTENTS = {
    Change.MATERIAL: "material: it changes what is asked of people",
    Change.EDITORIAL: "editorial: it changes no duty",
    None: "whether it changes a duty is not said",
}


def both_wordings(school: str, authority: str, conflict: Conflict) -> Iterator[str]:
    """What it was, theirs and yours, with why it changed and how far; the first line says what this is about."""
    place = f" ({conflict.document})" if conflict.document else ""
    yield f"{school}: {authority} {_TOUCHES[conflict.touch].replace('{clause}', conflict.clause)}{place}"
    theirs, yours = _item(conflict.theirs), _item(conflict.yours)
    if conflict.successor:
        theirs = f"{theirs} (`{conflict.successor}`, which takes its place)"
    elif conflict.gone is not None:
        theirs = _GONE[conflict.gone]
    if conflict.touch is Touch.LEFT_OUT:
        yours = f"left out: {conflict.reason}"
    extent = _EXTENTS[conflict.extent]
    why = f"{conflict.why} ({extent})" if conflict.why else f"no reason is given ({extent})"
    for title, words in (
        ("It was:", _item(conflict.was)),
        ("Theirs:", theirs),
        ("Yours:", yours),
        ("Why:", why),
    ):
        lines = textwrap.wrap(words, 78, break_long_words=False, break_on_hyphens=False)
        yield f"   {title:<8} {lines[0]}"
        yield from (f"{'':12}{line}" for line in lines[1:])


def _item(words: str) -> str:
    """The words of a clause; those of an item that goes on from its lead-in begin with an ellipsis."""
    return f"… {words}" if words[:1].islower() else words or "(not printed)"


def meaning(pick: Pick, conflict: Conflict) -> str:
    """What a choice does in this case."""
    left_out = conflict.touch is Touch.LEFT_OUT
    gone = conflict.gone is not None and not conflict.successor
    match pick:
        case Pick.KEEP if gone and conflict.gone is not Gone.SWITCHED_OFF:
            return "yours stays, as a rule of your school’s own"
        case Pick.KEEP:
            return "it stays left out" if left_out else "yours stays"
        case Pick.TAKE:
            return (
                "yours goes as well"
                if gone
                else "theirs is printed"
                if left_out
                else "theirs, and yours goes"
            )
        case Pick.BOTH:
            return "theirs, and yours beside it as a rule of your school’s own"
        case Pick.LATER:
            return "yours stays until you decide"


def news(old: Entry, new: Entry) -> str:
    """How many rules a school's documents print that they did not, print in other words, and print no more; "" where all
    is as it was. Both are manifests of builds."""
    differences = whats_new(old, new)
    before, after = set(printed_in(old)), set(printed_in(new))
    words = {now.id for _, now in differences.reworded}
    counts = ((after - before, "new"), (words, "in new words"), (before - after, "gone"))
    parts = [f"{len(ids)} {'rule' if len(ids) == 1 else 'rules'} {what}" for ids, what in counts if ids]
    return ", ".join(parts) or ("" if differences.is_nothing else "rules in more or fewer places")


def printed_in(manifest: Entry) -> dict[str, list[str]]:
    """The documents of a build that print each clause, by its id."""
    out: dict[str, list[str]] = {}
    for document in manifest["documents"]:
        for section in document["sections"]:
            for clause in section["clauses"]:
                out.setdefault(clause["id"], []).append(document["id"])
    return out


def lacking(own: str, beside: Iterable[str], printed: Mapping[str, Iterable[str]]) -> list[str]:
    """The documents that print a rule of the authority's, or did, and not the school's own that stands beside it."""
    there = set(printed.get(own, ()))
    return [document for document in dict.fromkeys(beside) if document not in there]
