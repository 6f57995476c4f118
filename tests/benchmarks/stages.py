"""What each stage takes in a process, for orientation: no peers, no goals."""

from __future__ import annotations

from aupgen.binding.bind import bind_profile
from aupgen.library.compiling import compile_library
from aupgen.profiles.reading import read_profile
from aupgen.writers.docx import write_docx
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from tests.benchmarks.case import AGREEMENT, valley
from tests.benchmarks.measure import Row, in_turn, milliseconds

ROUNDS = 7


def rows() -> list[Row]:
    case = valley()
    stages = {
        "compile the library": lambda: compile_library(case.files.clauses, case.files.templates),
        "prepare the Word shell": lambda: prepare_shell(case.files.reference),
        "read the profile": lambda: read_profile(case.source, "valley", case.library),
        "bind two documents": lambda: bind_profile(case.library, case.profile),
        "bind the agreement": lambda: bind_profile(case.library, case.profile, only=[AGREEMENT]),
        "write Word": lambda: write_docx(case.document, case.shell),
        "write HTML": lambda: write_html(case.document, case.library.page),
        "write Markdown": lambda: write_markdown(case.document),
    }
    taken = in_turn(stages, ROUNDS)
    return [Row(name, milliseconds(taken[name])) for name in stages]
