"""Every code a finding can carry is explained, and every explained code can occur."""

from __future__ import annotations

import re
from pathlib import Path

from aupgen.source.codes import CODES

PACKAGE = Path(__file__).parent.parent.parent / "aupgen"


def test_codes_in_use_and_codes_explained_are_the_same() -> None:
    texts = [p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py") if p.name != "codes.py"]
    used = {code for text in texts for code in re.findall(r"\"(AUP\d{3})\"", text)}
    assert used == set(CODES)


def test_names_are_kebab_case_and_unique() -> None:
    names = [code.name for code in CODES.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
