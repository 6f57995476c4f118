"""What a school wrote, without people in it: names, emails and telephone numbers give way to a mark.

Contacts and text in, text out. It takes out the names that the school's profiles know, and any that follow a title
such as Mrs; of a name that stands nowhere else it cannot tell that it is one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from aupgen.policy.layer import Layer
from aupgen.policy.profile import Contact

MARK = "[…]"
"""What stands in the place of what was taken out."""

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]*[^\s@<>()\[\],;:\".]")
_NUMBER = re.compile(
    r"(?<![\w-])\+?\(?[0-9](?:[ ()./–-]{0,3}[0-9]){8,}(?!\w)"
)  # a day, 2026-09-01, has eight digits
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Revd?|Sir|Dame|Lady|Lord|Canon|Father|Sister)\.?"
    r"(?:\s+[^\W\d_a-z][\w'’.-]*){1,3}"
)
_SHORTEST = 3  # letters of a part of a name that is taken out where it stands alone


def people_in(layers: Iterable[Layer], ordinary: Collection[str] = ()) -> tuple[str, ...]:
    """What some layers know of people, of earlier years too: every name, and each part of it with a capital.

    ``ordinary`` are words, in small letters, that are no part of a name by themselves: a firm's name may have them.
    """
    contacts: list[Contact] = []
    for layer in layers:
        for view in (layer, *layer.years.values()):
            contacts += (said.value for said in view.contacts.values())
    return with_parts({name for contact in contacts for name in contact.names}, ordinary)


def with_parts(names: Iterable[str], ordinary: Collection[str] = ()) -> tuple[str, ...]:
    """Names and their parts, the longest first, no duplicates."""
    whole = {" ".join(name.split()) for name in names if name.strip()}
    parts = {
        part
        for name in whole
        for part in name.split()
        if len(part) >= _SHORTEST and part[0].isupper() and part.lower() not in ordinary
    }
    return tuple(sorted(whole | parts, key=lambda name: (-len(name), name)))


def without_people(text: str, people: Iterable[str]) -> str:
    """Return a text on one line with a mark in the place of names, emails and telephone numbers.

    A name of several words goes in any capitals, a single word only as it is written.
    """
    text = " ".join(text.split())
    for pattern in (_EMAIL, _NUMBER, _TITLED):
        text = pattern.sub(MARK, text)
    for name in people:
        flags = re.I if " " in name else re.NOFLAG
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", MARK, text, flags=flags)
    return re.sub(rf"{re.escape(MARK)}(?:\s+{re.escape(MARK)})+", MARK, text)
