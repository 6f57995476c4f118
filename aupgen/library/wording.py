"""Wording text in; pieces out. Knows Jinja's expression syntax and Markdown's inlines, and opens neither to values.

Rule 1: a placeholder is a name, a name with a field, or either through one filter: checked on Jinja's own
syntax tree. Calls, arithmetic, loops and conditions are findings.
Rule 2: Markdown is parsed with tokens in the place of values, so no value ever meets the parser.
Rule 3: markup that is not known is a finding, never dropped: lost words are worse than a stop.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from jinja2 import Environment, TemplateSyntaxError, nodes
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct, field

from aupgen.library.fields import PhrasedShape
from aupgen.policy.clause import Wording
from aupgen.policy.wording import Break, Linked, Literal, Names, Piece, Pieces, Slot, Style, Styled
from aupgen.source.diagnostics import Diagnostic, listing, printable, suggestion
from aupgen.source.span import Span
from aupgen.source.yaml_text import Route, YamlFile

Locate: TypeAlias = Callable[[str, int], Span]
"""Where the n-th occurrence (0-based) of an excerpt of the wording stands in its file."""

_PLACEHOLDER = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%.*?%\}|\{#.*?#\}|\{\{|\{%|\{#", re.S)
_MARK = "zq7slot"  # ASCII letters and digits only: anything else is percent-escaped or turned inside links
_TOKEN = re.compile(_MARK + r"([0-9]+)qz")
_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_MAX_MARKUP_DEPTH = 10

_environment = Environment(autoescape=False)
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")


class SlotTable(Struct):
    """Slots met while compiling one text, and the tokens that stand for them in Markdown."""

    slots: list[Slot] = field(default_factory=list)

    def token(self, slot: Slot) -> str:
        self.slots.append(slot)
        return f"{_MARK}{len(self.slots) - 1}qz"

    def pieces(self, text: str) -> list[Piece]:
        """Literal text with tokens, as pieces."""
        out: list[Piece] = []
        parts = _TOKEN.split(text)
        for position, part in enumerate(parts):
            if position % 2 and int(part) < len(self.slots):
                out.append(self.slots[int(part)])
            elif part:
                out.append(Literal(part))
        return out


def compile_wording(text: str, names: Names, locate: Locate) -> tuple[Pieces, list[Diagnostic]]:
    """Return the pieces of one wording, and findings AUP501 to AUP503 at their places."""
    table = SlotTable()
    tokenised, found = substitute(text, names, table, locate)
    if _MARK in text:
        return (), [Diagnostic("AUP501", locate(_MARK, 0), f"`{_MARK}` is used by aupgen itself", "reword")]
    for pattern, what, help_ in _NOT_WORDS:
        if match := pattern.search(tokenised):
            excerpt = match.group(1).split(_MARK)[0]
            found.append(
                Diagnostic("AUP503", locate(excerpt, tokenised[: match.start(1)].count(excerpt)), what, help_)
            )
    for match in re.finditer(r"\{[^{}]*\}\}|\}\}", tokenised):
        excerpt = match.group().split(_MARK)[0]
        help_ = "a placeholder stands between two braces on each side"
        found.append(
            Diagnostic("AUP501", locate(excerpt, 0), f"`{printable(excerpt)}` is half a placeholder", help_)
        )
    tokens = _markdown.parse(" ".join(tokenised.split()))
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        what = next(
            (BLOCK_NAMES.get(token.type, token.type) for token in tokens if token.type != "paragraph_open"),
            "nothing",
        )
        help_ = "put a backslash before the sign that starts it, or reword"
        first = text.split()[0] if text.split() else ""
        return (), [*found, Diagnostic("AUP503", locate(first, 0), f"this wording starts {what}", help_)]
    pieces, faults = inline_pieces(tokens[1].children or [], table, lambda excerpt: locate(excerpt, 0))
    found += faults
    return (() if found else pieces), found


_NOT_WORDS = (
    (
        re.compile(r"(&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);)"),
        "a character reference cannot stand in a wording",
        "type the character itself",
    ),
    (re.compile(r"(</?[A-Za-z][^<>]*>)"), "HTML cannot stand in a wording", "take the tags away"),
    (
        re.compile(r"\]\(((?:javascript|vbscript|file|data):)", re.I),
        "a link of this kind cannot stand in a wording",
        "links go to fixed http, https, mailto or tel addresses",
    ),
    (
        re.compile(r"\n *((?:[-*+]|[0-9]+[.)]) )"),
        "a list cannot stand in a wording",
        "write a sentence, or a clause for each item",
    ),
)
"""Markup that Markdown would print as words or join to the text without a word: the first of each is reported."""


BLOCK_NAMES = {
    "heading_open": "a heading",
    "bullet_list_open": "a list",
    "ordered_list_open": "a numbered list",
    "blockquote_open": "a quotation",
    "table_open": "a table",
    "fence": "a block of code",
    "code_block": "a block of code",
    "hr": "with a drawn line",
}


def substitute(text: str, names: Names, table: SlotTable, locate: Locate) -> tuple[str, list[Diagnostic]]:
    """Return ``text`` with a token for each placeholder, and findings for those that are not allowed."""
    found: list[Diagnostic] = []

    def replace(match: re.Match[str]) -> str:
        excerpt = match.group()
        occurrence = text[: match.start()].count(excerpt)
        slot = _read_placeholder(excerpt, names)
        if isinstance(slot, Slot):
            return table.token(slot)
        code, message, help_ = slot
        found.append(Diagnostic(code, locate(excerpt, occurrence), message, help_))
        return "value"

    return _PLACEHOLDER.sub(replace, text), found


_Fault: TypeAlias = tuple[str, str, str]
_ALLOWED = "write {{ name }}, {{ name.field }} or {{ name | filter }}; use `when:` and `phrases:` for choices"


def _read_placeholder(excerpt: str, names: Names) -> Slot | _Fault:
    shown = printable(" ".join(excerpt.split()))
    if excerpt.startswith("{%"):
        return "AUP501", f"`{shown}` is a command, and wording has none", _ALLOWED
    if excerpt.startswith("{#"):
        return "AUP501", f"`{shown}` is a template comment", "use a YAML comment (`# …`) on a line of its own"
    if len(excerpt) > 200:
        return "AUP501", "this placeholder is longer than 200 characters", "close it with `}}` after the name"
    if not excerpt.endswith("}}"):
        return "AUP501", "`{{` is opened here and never closed", "close the placeholder with `}}`"
    try:
        body = _environment.parse(excerpt).body
    except TemplateSyntaxError as error:
        return "AUP501", f"`{shown}` is not a placeholder: {error.message}", _ALLOWED
    output = body[0] if len(body) == 1 and isinstance(body[0], nodes.Output) else None
    if output is None or len(output.nodes) != 1:
        return "AUP501", f"`{shown}` is not a placeholder", _ALLOWED
    return _slot_of(output.nodes[0], shown, names)


def _slot_of(node: nodes.Node, shown: str, names: Names) -> Slot | _Fault:
    form = field_ = ""
    if isinstance(node, nodes.Filter) and not node.args and not node.kwargs and node.node is not None:
        form, node = node.name, node.node
    if isinstance(node, nodes.Getattr):
        field_, node = node.attr, node.node
    if not isinstance(node, nodes.Name):
        return "AUP501", f"`{shown}` does more than name a value", _ALLOWED
    return check_slot(Slot(node.name, field_, form), names)


def check_slot(slot: Slot, names: Names) -> Slot | _Fault:
    """Return the slot if it names something, else the finding's code, message and help."""
    if slot.name not in names.fields:
        help_ = suggestion(
            slot.name,
            names.fields,
            "it must be a parameter, a pronoun, a vocabulary word or a role (role.headteacher)",
        )
        return "AUP502", f"`{slot.name}` is not a name this wording can use", help_
    fields = names.fields[slot.name]
    known = sorted(set(fields) - {""})
    if not fields:
        help_ = "use it in `when:`, which chooses between wordings"
        return "AUP502", f"`{slot.name}` is a yes-or-no answer and has no words of its own", help_
    if slot.field not in fields:
        if not slot.field:
            help_ = f"write {{{{ {slot.name}.{known[0]} }}}}; its fields are {listing(known)}"
            return "AUP502", f"`{slot.name}` needs a field", help_
        about = f"its fields are {listing(known)}" if known else "it has no fields"
        return (
            "AUP502",
            f"`{slot.name}` has no field `{printable(slot.field)}`",
            suggestion(slot.field, known, about),
        )
    if slot.form not in fields[slot.field]:
        name = f"{slot.name}.{slot.field}" if slot.field else slot.name
        filters = sorted(fields[slot.field] - {""}, reverse=True)  # `any` before `all`
        about = (
            f"write {{{{ {name} | {filters[0]} }}}}; its filters are {listing(filters)}"
            if filters
            else "it takes no filter"
        )
        if not slot.form:
            return "AUP502", f"`{name}` needs a filter", about
        return "AUP502", f"`{name}` cannot go through the filter `{printable(slot.form)}`", about
    return slot


def inline_pieces(
    tokens: list[Token], table: SlotTable, locate: Callable[[str], Span]
) -> tuple[Pieces, list[Diagnostic]]:
    """Return Markdown's inline tokens as pieces, and AUP503 for markup that has no place in a document."""
    found: list[Diagnostic] = []
    stack: list[tuple[Token | None, list[Piece]]] = [(None, [])]
    for token in tokens:
        pieces = stack[-1][1]
        match token.type:
            case "text":
                pieces.extend(table.pieces(token.content))
            case "softbreak":
                pieces.append(Literal(" "))
            case "hardbreak":
                pieces.append(Break())
            case "strong_open" | "em_open" | "link_open":
                stack.append((token, []))
            case "strong_close" | "em_close":
                stack.pop()
                style = Style.STRONG if token.type == "strong_close" else Style.EMPHASIS
                stack[-1][1].append(Styled(style, tuple(pieces)))
            case "link_close":
                opened, _ = stack.pop()
                address = str(opened.attrGet("href")) if opened else ""
                if not address.startswith(_SCHEMES) or _TOKEN.search(address):
                    help_ = "links go to fixed http, https, mailto or tel addresses"
                    found.append(
                        Diagnostic(
                            "AUP503",
                            locate(address.split(":")[0]),
                            f"a link to `{printable(_TOKEN.sub('…', address))}` cannot stand here",
                            help_,
                        )
                    )
                stack[-1][1].append(Linked(address, tuple(pieces)))
            case "image":
                found.append(
                    Diagnostic("AUP503", locate("!["), "an image cannot stand in a wording", "take it away")
                )
            case "code_inline":
                mark = token.markup + token.content
                found.append(
                    Diagnostic(
                        "AUP503",
                        locate(mark),
                        "code between backticks cannot stand in a wording",
                        "take the backticks away",
                    )
                )
            case other:
                found.append(
                    Diagnostic(
                        "AUP503",
                        locate(token.content),
                        f"`{other}` cannot stand in a wording",
                        "take the markup away",
                    )
                )
        if len(stack) > _MAX_MARKUP_DEPTH:
            found.append(
                Diagnostic("AUP503", locate(""), "markup is nested too deep", "take some of it away")
            )
            break
    return _joined(stack[0][1]), found


def _joined(pieces: list[Piece]) -> Pieces:
    """Neighbouring literals made one, so that equal wordings have equal pieces."""
    out: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Literal) and out and isinstance(out[-1], Literal):
            out[-1] = Literal(out[-1].text + piece.text)
        else:
            out.append(piece)
    return tuple(out)


def parse_blocks(text: str) -> list[Token]:
    """Markdown's block tokens of a template's text, in which tokens stand for slots and calls."""
    return _markdown.parse(text)


def wording_at(file: YamlFile, route: Route, text: str, names: Names) -> tuple[Pieces, list[Diagnostic]]:
    """Return the pieces of the wording that stands at ``route`` of a file, and findings at their places in it."""
    return compile_wording(text, names, lambda excerpt, n: file.excerpt_span(route, excerpt, n))


def phrased_wording(
    file: YamlFile, route: Route, shape: PhrasedShape, names: Names
) -> tuple[Wording, list[Diagnostic]]:
    """Return a wording with its optional phrases, and findings in either."""
    found: list[Diagnostic] = []
    for name in shape.phrases:
        if name in names.fields:
            span = file.key_span((*route, "phrases", name))
            found.append(
                Diagnostic(
                    "AUP207", span, f"`{name}` is a value’s name already", "give the phrase another name"
                )
            )
        if not re.search(r"\{\{\s*" + re.escape(name) + r"\s*\}\}", shape.text):
            span = file.key_span((*route, "phrases", name))
            found.append(
                Diagnostic(
                    "AUP502",
                    span,
                    f"the wording never uses the phrase `{name}`",
                    f"write {{{{ {name} }}}} where it belongs, or delete it",
                )
            )
    at = (*route, "text") if (*route, "text") in file.routes else route
    pieces, faults = wording_at(file, at, shape.text, names.with_plain(shape.phrases))
    found += faults
    phrases: dict[str, Pieces] = {}
    for name, text in shape.phrases.items():
        phrases[name], faults = wording_at(file, (*route, "phrases", name), text, names)
        found += faults
    return Wording(pieces, phrases=phrases), found
