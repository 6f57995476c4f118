"""What each stage takes in a process, without peers, some with a goal. Another school at every call."""

from __future__ import annotations

from itertools import islice

from aupgen import cache
from aupgen.binding.bind import bind_profile
from aupgen.build import FORMATS, render
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile
from aupgen.writers.docx import write_docx
from aupgen.writers.docx_shell import prepare_shell
from aupgen.writers.html import write_html
from aupgen.writers.markdown import write_markdown
from tests.benchmarks.case import AGREEMENT, ENOUGH, Case, agreements, neighbours, valley
from tests.benchmarks.measure import Row, in_turn, within
from tests.one_layer import read_profile

ROUNDS = 7
GOALS = {"compile the library": 400, "library from the cache": 5, "one more document, three formats": 1}
"""In milliseconds of CPU."""


def _three_formats(case: Case, school: Profile) -> None:
    bound, _ = bind_profile(case.library, school, only=[AGREEMENT])
    for document in bound.documents:
        for format_ in FORMATS:
            render(document, format_, case.library, case.shell)


def rows() -> list[Row]:
    case = valley()
    schools = iter(list(islice(neighbours(case.profile), 3 * ENOUGH)))
    entry = cache.key("benchmark", ())
    cache.store(entry, case.library)
    assert cache.load(entry, Library) is not None, "the cache is off, or cannot be written"
    documents = iter(list(islice(agreements(case), 3 * ENOUGH)))
    stages = {
        "compile the library": lambda: compile_library(case.files.clauses, case.files.templates),
        "library from the cache": lambda: cache.load(entry, Library),
        "prepare the Word shell": lambda: prepare_shell(case.files.reference),
        "read the profile": lambda: read_profile(case.source, "valley", case.library),
        "bind two documents": lambda: bind_profile(case.library, next(schools)),
        "bind the agreement": lambda: bind_profile(case.library, next(schools), only=[AGREEMENT]),
        "write Word": lambda: write_docx(next(documents), case.shell),
        "write HTML": lambda: write_html(next(documents), case.library.page),
        "write Markdown": lambda: write_markdown(next(documents)),
        "one more document, three formats": lambda: _three_formats(case, next(schools)),
    }
    taken = in_turn(stages, ROUNDS)
    return [within(name, taken[name], GOALS.get(name)) for name in stages]
