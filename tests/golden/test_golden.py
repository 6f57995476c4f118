"""The samples' documents, word for word: reviewed by a person, changed only on purpose.

`pytest tests/golden --update-golden` writes them anew. A Word file is kept as its parts, pretty-printed,
never as the zip's bytes.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from aupgen.build import render_profile
from aupgen.library.compiled import Library
from aupgen.policy.year import PolicyYear
from aupgen.source.diagnostics import render_text
from aupgen.writers.shell import Shell
from tests.conftest import sample, sample_records

GOLDEN = Path(__file__).parent
SAMPLES = ("trelawnyd", "valley", "hillside", "harbour", "southend", "oakfield", "millbrook", "bryn-derw")
EDITIONS: dict[str, tuple[str, PolicyYear | None]] = {
    **{slug: (slug, None) for slug in SAMPLES},
    "valley-2018-19": ("valley", PolicyYear(2018)),
}
"""By its folder, whose documents of which year: the profile's own where None."""


def readable(name: str, data: bytes) -> str:
    if not name.endswith(".docx"):
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [
            n
            for n in package.namelist()
            if n.startswith(("word/document", "word/header", "word/footer", "docProps/core"))
        ]
        printed = (
            etree.tostring(etree.fromstring(package.read(n)), pretty_print=True, encoding="unicode")
            for n in parts
        )
        return "\n".join(f"==== {name}\n{text}" for name, text in zip(parts, printed, strict=True))


@pytest.mark.parametrize("name", EDITIONS)
def test_the_documents_of_a_sample_are_the_ones_reviewed(
    name: str, library: Library, shell: Shell, request: pytest.FixtureRequest
) -> None:
    slug, year = EDITIONS[name]
    records = sample_records(slug, year)
    rendered, found = render_profile(library, shell, sample(slug, year), {}, records=records)
    assert not found, (
        f"{render_text(found, {})}Where words that were approved have changed: undo that, or delete the files in "
        f"schools/approved/{slug}/, build, and `aupgen approve` again as the deleted record says"
    )
    assert rendered is not None
    folder = GOLDEN / name
    current = {
        f"{file.name}{'.xml' if file.format == 'docx' else ''}": readable(file.name, file.data)
        for file in rendered.files
    }
    if request.config.getoption("--update-golden"):
        folder.mkdir(exist_ok=True)
        for part, text in current.items():
            (folder / part).write_text(text, encoding="utf-8")
    assert {p.name for p in folder.iterdir()} == set(current)
    for part, text in current.items():
        assert (folder / part).read_text(encoding="utf-8") == text, (
            f"{name}/{part} has changed: see `make golden`"
        )
