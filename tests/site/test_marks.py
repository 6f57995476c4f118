"""Marks change nothing but themselves: without them every writer writes what it always does."""

from __future__ import annotations

import re

import pytest

from aupgen.binding.bind import bind_profile
from aupgen.document.words import lasting_words
from aupgen.library.compiled import Library
from aupgen.site.form import tidy
from aupgen.site.marks import PLACE, SLOT, Marker, Slots
from aupgen.writers.docx import body_with_gaps
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from aupgen.writers.shell import Shell
from tests.conftest import sample

EMPTY = '<w:r>(<w:rPr>[^\0]*?</w:rPr>)?<w:t xml:space="preserve"></w:t></w:r>'
SAMPLES = ("southend", "oakfield", "millbrook", "trelawnyd", "hillside")


@pytest.mark.parametrize("slug", SAMPLES)
def test_places_stand_in_every_format_alike_and_change_no_word(
    slug: str, library: Library, shell: Shell
) -> None:
    bound, _ = bind_profile(library, sample(slug), draft=True)
    for document in bound.documents:
        marked = Marker(Slots(), lambda inline: inline).document(document)
        written = {
            "html": (write_html(marked, library.page), write_html(document, library.page)),
            "md": (write_markdown(marked), write_markdown(document)),
            "words": (lasting_words(marked), lasting_words(document)),
            "docx": (tidy(body_with_gaps(marked, shell)), body_with_gaps(document, shell)),
        }
        places = PLACE.findall(written["words"][0])
        assert len(places) > 5
        assert len(set(places)) == len(places)
        for format_, (with_places, plain) in written.items():
            assert PLACE.findall(with_places) == places, format_
            bare, plain = PLACE.sub("", with_places), plain
            if format_ == "docx":  # a place makes a cell a little wider, and takes a run that holds nothing
                bare, plain = (re.sub(f'w:w="[0-9]+"|{EMPTY}', "", text) for text in (bare, plain))
            assert bare == plain, format_


def test_a_slot_is_found_and_knows_whether_it_begins_a_sentence() -> None:
    slots = Slots()
    slot = slots.slot("name")
    other = slots.slot("other", 40)
    text = f"at {slot}, by {other}. {slot.replace('ⓐ', 'Ⓐ')} says"
    names = list(slots.numbers)
    found = [(names[ord(match[2]) - 0xE100], match[1] == "Ⓐ") for match in SLOT.finditer(text)]
    assert found == [("name", False), ("other", False), ("name", True)]
    assert SLOT.sub("…", text) == "at …, by …. … says"
