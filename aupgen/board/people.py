"""What a school wrote, without people in it: names, emails and telephone numbers give way to a mark.

Contacts and text in, text out. It takes out the names that the school's profiles know, and any that follow a title
such as Mrs; of a name that stands nowhere else it cannot tell that it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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


def people_in(layers: Iterable[Layer]) -> tuple[str, ...]:
    """Every name of a person that some layers know, of earlier years too; sorted, no duplicates."""
    contacts: list[Contact] = []
    for layer in layers:
        for view in (layer, *layer.years.values()):
            contacts += (said.value for said in view.contacts.values())
    return tuple(sorted({name for contact in contacts for name in contact.names if name.strip()}))


def without_people(text: str, names: Iterable[str]) -> str:
    """Return a text on one line with a mark in the place of names, emails and telephone numbers.

    A name goes as a whole in any capitals, and each part of it where it is written with a capital.
    """
    text = " ".join(text.split())
    for pattern in (_EMAIL, _NUMBER, _TITLED):
        text = pattern.sub(MARK, text)
    for name in names:
        parts = name.split()
        whole = r"\s+".join(map(re.escape, parts))
        text = re.sub(rf"(?<!\w){whole}(?!\w)", MARK, text, flags=re.I)
        for part in parts:
            if len(part) >= _SHORTEST and part[0].isupper():
                text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", MARK, text)
    return re.sub(rf"{re.escape(MARK)}(?:\s+{re.escape(MARK)})+", MARK, text)
