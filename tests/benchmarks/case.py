"""What the benchmarks in this process share: the library compiled once, Valley, and its staff agreement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Document
from aupgen.files import LibraryFiles, Workspace, read_library
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile
from aupgen.profiles.reading import read_profile
from aupgen.source.span import SourceText
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.shell import Shell

ROOT = Path(__file__).parent.parent.parent
REFERENCE = ROOT / "templates" / "reference.docx"
AGREEMENT = "staff-agreement"


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
    source = SourceText("schools/valley.yaml", (ROOT / "schools" / "valley.yaml").read_text(encoding="utf-8"))
    profile, found = read_profile(source, "valley", library)
    assert profile is not None, found
    document = bind_profile(library, profile, only=[AGREEMENT])[0].documents[0]
    return Case(files, library, prepare_shell(files.reference), source, profile, document)
