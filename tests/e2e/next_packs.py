"""An authority's pack and the next one, for tests: Southend's exemplar with few documents, and what it changes in a year."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.conftest import ROOT

ANSWERS = """\
name: Ashby School
phase: primary
phone_free_hours: 8:30 to 15:00
contacts:
  siro: {name: Jo Field}
  chair-of-governors: {email: ashby.chair@example.org}
"""

ISSUED = ("staff-policy", "pupil-agreement-ks2", "pupil-agreement-ks3")
ANEW = ("device-loan", "pupil-agreement-send")

OWN = """
# What our governors decided on 12 May
clauses:
  # copyright: the librarian asked
  copyright:
    text: >-
      respect copyright, and ask the
      librarian in case of doubt
    reason: Our librarian asked for it   # minute 14
  no-disrepute: {use: false, reason: "It is in our code of conduct, which staff sign"}
  install-permission:
    parameters:
      permission_from: [governing-board]
"""
"""What a school may have changed under the first pack."""


def workspace(folder: Path) -> Path:
    """The library with Southend's exemplar, which issues few documents."""
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, folder / name)
    edit(
        folder,
        "schools/southend.yaml",
        r"(?m)^  (?!staff-agreement|staff-policy)[a-z0-9-]+:$\n(?=  [a-z]|\Z)",
        "",
    )
    add(folder, "schools/southend.yaml", "".join(f"  {id_}:\n" for id_ in ISSUED[1:]))
    return folder


def edit(folder: Path, name: str, pattern: str, new: str | Callable[[re.Match[str]], str]) -> None:
    """Replace what a pattern finds in a file, at least once."""
    path = folder / name
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"))
    assert count, (name, pattern)
    path.write_text(text, encoding="utf-8")


def add(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def a_year_later(folder: Path) -> None:
    """What the authority changes: words of its own, words of the library, a rule renamed, one removed, one new with a
    new question, two new documents."""
    edit(folder, "schools/southend.yaml", "2018-19", "2019-20")
    edit(folder, "schools/southend.yaml", "date: 2018-09", "date: 2019-09")
    edit(
        folder,
        "schools/southend.yaml",
        "(?m)^clauses:\n",
        "clauses:\n  copyright:\n    text: use other people’s work only where the licence lets {{ me }}\n"
        "    reason: Asked for by our schools\n",
    )
    add(folder, "schools/southend.yaml", "".join(f"  {id_}:\n" for id_ in ANEW))
    edit(
        folder,
        "clauses/software-and-hardware.yaml",
        r"(id: install-permission\n(?:    .*\n)+?    revisions:\n      - since: 2018-19\n(?:        .*\n)+)",
        r"\1      - since: 2019-20\n        change: material\n        why: Add-ons read what is on the screen\n"
        r"        text: >-\n          install nothing without permission from {{ permission_from | any }}\n",
    )
    edit(
        folder,
        "clauses/acceptable-use.yaml",
        r"(?ms)^  - id: no-plagiarism\n.*?(?=^  - id)",
        lambda old: (
            old[0].replace("    rationale:", "    until: 2018-19\n    rationale:")
            + old[0]
            .replace("no-plagiarism\n", "own-work\n    replaces: [no-plagiarism]\n")
            .replace(
                "since: 2018-19\n",
                "since: 2019-20\n        change: editorial\n        why: Said in fewer words\n",
            )
        ),
    )
    edit(folder, "templates/pupil-agreement-ks3.md.j2", '"no-plagiarism"', '"no-plagiarism", "own-work"')
    edit(
        folder, "clauses/software-and-hardware.yaml", r"(?ms)^  - id: removable-media\n.*?(?=^  - id|\Z)", ""
    )
    add(
        folder,
        "clauses/passwords.yaml",
        "\n  - id: laptops-locked-away\n    owner: network-manager\n    audiences: [staff]\n    kind: must\n"
        "    status: local\n    rationale: >-\n      Most laptops are stolen overnight.\n    revisions:\n"
        "      - since: 2018-19\n        text: >-\n          lock laptops away in {{ laptop_store }} every evening\n",
    )
    add(
        folder,
        "clauses/parameters.yaml",
        "\n  - name: laptop_store\n    type: text\n    label: where laptops are locked away\n"
        "    question: Where are laptops locked away every evening?\n",
    )
