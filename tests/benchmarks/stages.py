"""What each stage takes in a process, for orientation: no peers, no goals. Another school at every call."""

from __future__ import annotations

from itertools import islice

from aupgen.binding.bind import bind_profile
from aupgen.library.compiling import compile_library
from aupgen.writers.docx import write_docx
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from tests.benchmarks.case import AGREEMENT, ENOUGH, agreements, neighbours, valley
from tests.benchmarks.measure import Row, in_turn, milliseconds
from tests.one_layer import read_profile

ROUNDS = 7


def rows() -> list[Row]:
    case = valley()
    schools = iter(list(islice(neighbours(case.profile), 2 * ENOUGH)))
    documents = iter(list(islice(agreements(case), 3 * ENOUGH)))
    stages = {
        "compile the library": lambda: compile_library(case.files.clauses, case.files.templates),
        "prepare the Word shell": lambda: prepare_shell(case.files.reference),
        "read the profile": lambda: read_profile(case.source, "valley", case.library),
        "bind two documents": lambda: bind_profile(case.library, next(schools)),
        "bind the agreement": lambda: bind_profile(case.library, next(schools), only=[AGREEMENT]),
        "write Word": lambda: write_docx(next(documents), case.shell),
        "write HTML": lambda: write_html(next(documents), case.library.page),
        "write Markdown": lambda: write_markdown(next(documents)),
    }
    taken = in_turn(stages, ROUNDS)
    return [Row(name, milliseconds(taken[name])) for name in stages]
