"""A form in; the scripts with its data, and the page of questions that goes with them, out.

Every document comes as pieces, each with its words for the answers it depends on, in every format; what is typed is put
into their slots, escaped as the format wants it. `writing.js` does that, and holds no rule of ours.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from aupgen.binding.values import capital
from aupgen.binding.voice import STOPS
from aupgen.document.walk import plain_text
from aupgen.library.compiled import Library
from aupgen.packs.making import intro
from aupgen.packs.profile_text import profile_text
from aupgen.packs.school import documents_for
from aupgen.packs.shapes import TextsShape
from aupgen.policy.parameter import HoursValue, RolesValue, WordsValue, value_text
from aupgen.policy.profile import Profile
from aupgen.profiles.shapes import EMAIL_PATTERN, PHONE_PATTERN
from aupgen.site.alternatives import Piece, UnsettledError
from aupgen.site.form import PART, Form, make_form, plain_scope
from aupgen.site.pages import Extra
from aupgen.site.switches import MOST_ITEMS, MOST_PLACES, MOST_ROLES, PHASE, Asked, Kind, phases_of
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText, Span
from aupgen.writers.docx import LINKED, LISTED, body_part
from aupgen.writers.shell import Shell

Json: TypeAlias = Any
LINE = 200
"""How many characters a text of a profile may have."""


# ------------------------------------------------------------------ what the page is given


def form_scripts(
    form: Form, library: Library, exemplar: Profile, shell: Shell, texts: TextsShape
) -> dict[str, str]:
    """Return the scripts that hold the form's data, by file name: one for all documents, and one for each."""
    numbers = {switch.name: n for n, switch in enumerate(form.switches)}
    out = {"data.js": f"const aupgen = {_json(_common(form, library, exemplar, shell, texts))};\n"}
    for id_, pieces in form.documents.items():
        data = _document_data(pieces, form.formats[id_], numbers)
        out[f"{id_}.js"] = f"aupgen.documents[{_json(id_)}] = {_json(data)};\n"
    return out


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\u2028", "\\u2028")


def _common(
    form: Form, library: Library, exemplar: Profile, shell: Shell, texts: TextsShape
) -> dict[str, Json]:
    language = library.language
    numbers = {switch.name: n for n, switch in enumerate(form.switches)}
    ids = [choice.id for choice in exemplar.documents]
    return {
        "questions": [_question_data(one) for one in form.questions],
        "switches": [[switch.name, switch.states] for switch in form.switches],
        "slots": form.slots,
        "posts": {
            piece.name: {"switches": [numbers[name] for name in piece.switches], "texts": piece.texts}
            for piece in form.posts
        },
        "phases": {phase: documents_for(phase, ids) for phase in phases_of(library, exemplar.nation)},
        "formats": form.formats,
        "clock": {
            "separator": language.clock.separator,
            "morning": language.clock.morning,
            "afternoon": language.clock.afternoon,
            "noon": language.clock.noon,
            "midnight": language.clock.midnight,
        },
        "units": {unit: [forms.one, forms.many] for unit, forms in language.units.items()},
        "email": EMAIL_PATTERN,
        "phone": PHONE_PATTERN,
        "line": LINE,
        "stops": STOPS,
        "word": _word_data(shell),
        "profile": _profile_data(form, exemplar, texts),
        "unnamed": plain_text(plain_scope(library, exemplar).phrase("school_name")),
        "year": str(exemplar.policy_year),
        "documents": {},
    }


def _question_data(one: Asked) -> dict[str, Json]:
    return {
        "key": one.key,
        "kind": one.kind.value,
        "states": one.states,
        "usual": _usual(one),
        "most": {Kind.ROLES: MOST_ROLES, Kind.HOURS: MOST_PLACES}.get(one.kind, MOST_ITEMS),
    }


def _usual(one: Asked) -> Json:
    """What holds if nothing is said: a text, a list, or hours by their parts; null where nothing does."""
    default = one.parameter.default if one.parameter else None
    match default:
        case None:
            return None
        case RolesValue(items) | WordsValue(items):
            return list(items)
        case HoursValue(start, end, places, times):
            return {"from": f"{start:%H:%M}", "to": f"{end:%H:%M}", "places": places, "times": times}
        case _:
            return value_text(default)


def _document_data(
    pieces: Sequence[Piece], formats: Sequence[str], numbers: Mapping[str, int]
) -> dict[str, Json]:
    """The pieces by format, those that never change joined; each with its switches and the number of its text for each
    combination, -1 for none."""
    strings: dict[str, int] = {}
    body = [piece for piece in pieces if not piece.name.startswith(PART)]
    parts = [piece for piece in pieces if piece.name.startswith(PART)]
    return {
        "formats": {
            format_: [
                [[numbers[name] for name in names], [_number(text, strings) for text in column]]
                for names, column in _columns(body, n)
            ]
            for n, format_ in enumerate(formats)
        },
        "parts": {
            piece.name.removeprefix(PART): [
                [numbers[name] for name in piece.switches],
                [_number(texts[0] if texts else None, strings) for texts in piece.texts],
            ]
            for piece in parts
        },
        "strings": list(strings),
    }


def _columns(pieces: Iterable[Piece], format_: int) -> Iterator[tuple[tuple[str, ...], list[str | None]]]:
    """One format of some pieces: a text that no answer changes is one with the next such."""
    still = ""
    for piece in pieces:
        column = [texts[format_] if texts else None for texts in piece.texts]
        if len(set(column)) == 1 and column[0] is not None:
            still += column[0]
            continue
        if still:
            yield (), [still]
        still = ""
        yield piece.switches, column
    if still:
        yield (), [still]


def _number(text: str | None, strings: dict[str, int]) -> int:
    return -1 if text is None else strings.setdefault(text, len(strings))


def _word_data(shell: Shell) -> dict[str, Json]:
    """What a Word file has beside its own parts, packed as it is written into the zip."""
    before, after = body_part("\0", shell).split("\0")
    drawn = body_part("\0<w:drawing>", shell).split("\0")[0]
    return {
        "members": [
            [part.name, part.size, part.crc, part.stored, base64.b64encode(part.data).decode()]
            for part in (*shell.parts, shell.plain_numbering)
        ],
        "before": before,
        "drawn": drawn,
        "after": after,
        "relationships": shell.relationships,
        "linked": LINKED,
        "numbering": shell.numbering,
        "listed": LISTED.replace("{list}", shell.number_list),
        "next": shell.next_number,
    }


def _profile_data(form: Form, exemplar: Profile, texts: TextsShape) -> dict[str, Json]:
    """The profile as lines: what stands above each answer, and what stands where there is none."""
    head = profile_text({}, (), {}, {}, texts.starter, intro(exemplar, texts)).lines
    blocks: dict[str, Json] = {}
    for one in form.questions:
        if one.key in ("name", PHASE):
            written = profile_text({one.key: "x"}, (one.question,), {}, {}, texts.starter, ()).lines
            blocks[one.key] = {"above": written[1:-1], "none": []}
            continue
        above = exemplar.contacts if one.role else {}
        given = profile_text({}, (one.question,), {one.key: "x"}, above, texts.starter, ()).lines
        none = profile_text({}, (one.question,), {}, above, texts.starter, (), drafting=True).lines
        blocks[one.key] = {"above": given[2:-1], "none": none[2:]}
    return {"head": head, "extends": exemplar.slug, "blocks": blocks}


# ------------------------------------------------------------------ the page


PAGE, SCRIPTS, LOOK = "form.html.j2", ("writing.js", "form.js"), "form.css"
"""Files of `templates/site/` that make the page."""


def form_extra(
    library: Library,
    exemplar: Profile,
    shell: Shell,
    texts: TextsShape,
    templates: Mapping[str, SourceText],
    done: Callable[[], None],
) -> tuple[Extra | None, list[Diagnostic]]:
    """Return the page of questions with its files; None and AUP630 where a part of it is missing, or AUP634, a
    warning, where a document depends on the answers in more ways than a page can hold. ``done`` is called after each
    document."""
    for part in (*SCRIPTS, LOOK):
        if part not in templates:
            message = "this part of the site is missing"
            return None, [Diagnostic("AUP630", Span(f"templates/site/{part}"), message, "put it back")]
    try:
        form = make_form(library, exemplar, shell, texts, done)
    except UnsettledError as error:
        help_ = "schools can still fill in the Word files, or use `aupgen init`"
        message = f"the site has no page of questions: {error}"
        return None, [Diagnostic("AUP634", Span(exemplar.path), message, help_, Severity.WARNING)]
    scripts = form_scripts(form, library, exemplar, shell, texts)
    files = {f"assets/form/{name}": text.encode() for name, text in scripts.items()}
    files |= {f"assets/{part}": templates[part].text.encode() for part in (*SCRIPTS, LOOK)}
    return Extra(PAGE, form_page(form, library, exemplar), files), []


class Put(Struct, frozen=True):
    """A question as the page puts it. ``id`` names its field; ``answers`` have their words; ``usual`` is what holds."""

    id: str
    key: str
    kind: str
    text: str
    help: str
    required: bool
    usual: Json
    answers: tuple[tuple[str, str], ...]


def form_page(form: Form, library: Library, exemplar: Profile) -> dict[str, object]:
    """Return what the template of the page is given beside the site."""
    posts = ((piece.name, next(texts for texts in piece.texts if texts)[2]) for piece in form.posts)
    return {
        "questions": [_put(one, library, exemplar) for one in form.questions],
        "posts": sorted(posts, key=lambda post: post[1].lower()),
        "most": MOST_ITEMS,
        "most_places": MOST_PLACES,
    }


def _put(one: Asked, library: Library, exemplar: Profile) -> Put:
    put = one.question
    phases: Mapping[str, str] = {
        str(phase): name for phase, name in phases_of(library, exemplar.nation).items()
    }
    answers = tuple(
        (answer, words or capital(phases.get(answer) or _READ.get(answer) or answer.replace("-", " ")))
        for answer, words in put.answers
    )
    id_ = re.sub(r"[^a-z0-9]+", "-", one.key)
    return Put(id_, one.key, one.kind.value, put.text, put.help, put.required, _usual(one), answers)


_READ = {"true": "Yes", "false": "No"}
