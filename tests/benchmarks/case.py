"""What the benchmarks in this process share: the library compiled once, Valley, its staff agreement, its neighbours.

The product remembers finished sentences, and the same school again and again would find all of its own. So no
call that is measured gets a school that came before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from functools import cache
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Document
from aupgen.files import LibraryFiles, Workspace, read_library
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.parameter import HoursValue
from aupgen.policy.profile import Contact, Profile
from aupgen.source.span import SourceText
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.shell import Shell
from tests.conftest import VALLEY
from tests.one_layer import read_profile

ROOT = Path(__file__).parent.parent.parent
REFERENCE = ROOT / "templates" / "reference.docx"
AGREEMENT = "staff-agreement"
ENOUGH = 4000
"""More schools than any benchmark has calls."""

_TITLES = ("Headteacher", "Head Teacher", "Principal")
_FIRST_NAMES = ("Amina", "Bryn", "Cerys", "Daniel", "Esi", "Farah", "Gwen", "Hugh", "Ines", "Jan", "Kit")
_LAST_NAMES = (
    "Abara",
    "Bell",
    "Colman",
    "Darzi",
    "Evans",
    "Fox",
    "Gill",
    "Hale",
    "Imran",
    "Jones",
    "Khan",
    "Lowe",
    "Price",
)


@dataclass(frozen=True)
class Case:
    files: LibraryFiles
    library: Library
    shell: Shell
    source: SourceText
    profile: Profile
    document: Document


@cache
def valley() -> Case:
    files, _ = read_library(Workspace(ROOT))
    library, found = compile_library(files.clauses, files.templates)
    assert library is not None, found
    source = SourceText("schools/valley.yaml", VALLEY.read_text(encoding="utf-8"))
    profile, found = read_profile(source, "valley", library)
    assert profile is not None, found
    document = bind_profile(library, profile, only=[AGREEMENT])[0].documents[0]
    return Case(files, library, prepare_shell(files.reference), source, profile, document)


def neighbours(profile: Profile) -> Iterator[Profile]:
    """Yield schools without end that answer as a school does but for its name, people, addresses and hours."""
    for number in count(1):
        contacts = {
            role: _neighbour(contact, f"{role}.{number}@example.org", number + position)
            for position, (role, contact) in enumerate(profile.contacts.items())
        }
        contacts["headteacher"] = replace(contacts["headteacher"], title=_TITLES[number % len(_TITLES)])
        hours = profile.parameters["phone_free_hours"]
        assert isinstance(hours.value, HoursValue)
        day = replace(hours.value, start=time(8, number % 60), end=time(15, number // 60 % 60))
        yield replace(
            profile,
            slug=f"school-{number}",
            name=f"School {number} of the Valley",
            contacts=contacts,
            parameters={**profile.parameters, "phone_free_hours": replace(hours, value=day)},
        )


def _neighbour(contact: Contact, email: str, number: int) -> Contact:
    first, last = _FIRST_NAMES[number % len(_FIRST_NAMES)], _LAST_NAMES[number % len(_LAST_NAMES)]
    return replace(
        contact,
        names=(f"{first} {last}",) if contact.names else (),
        email=email if contact.email else "",
        phone=f"01632 960{number % 1000:03}" if contact.phone else "",
    )


def agreements(case: Case) -> Iterator[Document]:
    """Yield the staff agreements of Valley's neighbours."""
    for profile in neighbours(case.profile):
        yield bind_profile(case.library, profile, only=[AGREEMENT])[0].documents[0]
