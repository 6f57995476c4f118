"""Document templates in; skeletons out. Jinja runs here once, without any school, and never again.

A template is a head of `key: value` lines between two `---` lines, then Markdown with Jinja calls. The calls
return tokens; the Markdown is parsed with the tokens in it, and each token is exchanged for what it stands
for. Names in placeholders become slots, so the templates of the library are filled like its clauses.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import (
    DictLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it.token import Token
from msgspec import Struct, field

from aupgen.library.shapes import TemplateHeadShape
from aupgen.library.skeleton import (
    AppendixGap,
    BlockGap,
    ChoicesGap,
    ContactsGap,
    ContentsGap,
    DrawingGap,
    FieldsGap,
    FrameworksGap,
    IssuedGap,
    ListGap,
    ListTableGap,
    MottosGap,
    NewGap,
    ParagraphGap,
    PathGap,
    RatingsGap,
    SectionGap,
    Skeleton,
    SlipGap,
    TableGap,
)
from aupgen.library.wording import (
    BLOCK_NAMES,
    SlotTable,
    check_slot,
    compile_wording,
    inline_pieces,
    parse_blocks,
)
from aupgen.policy.clause import Conditions
from aupgen.policy.terms import Audience, Voice
from aupgen.policy.wording import Names, Pieces, Slot, slots_in
from aupgen.source.diagnostics import Diagnostic, listing, suggestion
from aupgen.source.shape import check_shape
from aupgen.source.span import SourceText, Span
from aupgen.source.yaml_text import read_yaml

_HEAD = re.compile(r"\A---\n(.*?)^---\n", re.S | re.M)
PARAGRAPH_ROLES = ("subtitle", "small")
_CALL = "zq7call"
_CALL_TOKEN = re.compile(_CALL + r"([0-9]+)qz")
_TOKENS = re.compile(r"zq7(?:slot|call)[0-9]+qz")
_CALLS = (
    "section",
    "contacts",
    "fields",
    "choices",
    "slip",
    "drawing",
    "mottos",
    "frameworks",
    "new_this_year",
    "appendix",
    "paragraph",
    "issued",
    "not_issued",
    "list_table",
    "contents",
    "ratings",
    "path",
    "see_section",
)


def compile_template(
    document: str, source: SourceText, names: Names, parts: Mapping[str, str]
) -> tuple[Skeleton | None, list[Diagnostic]]:
    """Return the skeleton of one document type, and findings AUP1xx and AUP5xx.

    ``parts`` are the texts a template may include, by file name.
    """
    match = _HEAD.match(source.text)
    if not match:
        help_ = "start the file with `---`, the lines `title:`, `noun:`, `audiences:` and so on, and `---`"
        return None, [Diagnostic("AUP504", source.whole, "the template has no head", help_)]
    # A blank line in the place of the first `---` keeps the line numbers of the file.
    file, found = read_yaml(SourceText(source.path, "\n" + match.group(1)))
    head, faults = check_shape(TemplateHeadShape, file) if file else (None, [])
    found += faults
    body = "\n" * match.group().count("\n") + source.text[match.end() :]
    compiler = _Compiler(source, names)
    blocks = compiler.compile(body, parts)
    found += compiler.found
    if head is None or found:
        return None, found
    title, faults = compile_wording(head.title, names, compiler.locate)
    skeleton = Skeleton(
        document,
        title,
        head.name,
        head.noun,
        tuple(head.audiences),
        head.voice,
        head.clauses == "essential",
        blocks,
        source.whole,
        head.look == "large",
        head.look == "plain",
        head.approval,
        head.numbering == "sections",
    )
    faults += _head_faults(skeleton, compiler)
    known = skeleton.sections()
    faults += [
        Diagnostic(
            "AUP504",
            compiler.locate(f'see_section("{id_}")'),
            f"there is no section `{id_}` to refer to",
            suggestion(id_, known, "give the id of a section of this template"),
        )
        for id_ in compiler.referred_to
        if id_ not in known
    ]
    return (None if faults else skeleton), faults


def _head_faults(skeleton: Skeleton, compiler: _Compiler) -> Iterator[Diagnostic]:
    """AUP504 where what the head says and what the template prints do not go together."""
    if not skeleton.is_approved and Slot("approval") in compiler.table.slots:
        yield Diagnostic(
            "AUP504",
            compiler.locate("{{ approval }}"),
            "this template prints who approves it, and its head says `approval: false`",
            "take {{ approval }} out, or `approval: false`",
        )
    if skeleton.is_plain and any(not isinstance(gap, _PLAIN_GAPS) for gap in _inside(skeleton.blocks)):
        yield Diagnostic(
            "AUP504",
            skeleton.span,
            "a template with `look: plain` holds text and sections of clauses only",
            "take tables, slips, fields and frames out, or `look: plain`",
        )


_PLAIN_GAPS = (ParagraphGap, SectionGap, IssuedGap)


def _inside(blocks: Iterable[BlockGap]) -> Iterator[BlockGap]:
    """Every gap, outer before inner."""
    for block in blocks:
        yield block
        if isinstance(block, SectionGap):
            yield from _inside((*block.intro, *block.sections))
        elif isinstance(block, IssuedGap):
            yield from _inside(block.blocks)


class _Name:
    """A name in a template: prints as a token, gives fields, goes through filters, and nothing else."""

    def __init__(self, compiler: _Compiler, slot: Slot) -> None:
        self._compiler, self._slot = compiler, slot

    def __getattr__(self, field_: str) -> _Name:
        if field_.startswith("_") or self._slot.field:
            raise AttributeError(field_)
        return _Name(self._compiler, Slot(self._slot.name, field_))

    def __bool__(self) -> bool:
        raise _TemplateFaultError(
            f"`{self._slot.name}` cannot be tested here: a template is compiled without any school",
            "use section(when={…}), or {% call issued(…) %}",
        )

    def through(self, form: str) -> _Name:
        return _Name(self._compiler, Slot(self._slot.name, self._slot.field, form))

    def __str__(self) -> str:
        return self._compiler.slot_token(self._slot)


class _Compiler(Struct):
    source: SourceText
    names: Names
    found: list[Diagnostic] = field(default_factory=list)
    table: SlotTable = field(default_factory=SlotTable)
    calls: list[BlockGap] = field(default_factory=list)
    referred_to: list[str] = field(default_factory=list)

    def compile(self, body: str, parts: Mapping[str, str]) -> tuple[BlockGap, ...]:
        environment = ImmutableSandboxedEnvironment(
            loader=DictLoader({**parts, self.source.path: body}),
            undefined=StrictUndefined,
            autoescape=False,
            keep_trailing_newline=True,
        )
        environment.globals.clear()
        environment.filters.clear()
        environment.filters.update({form: _filter(form) for form in ("any", "all", "range", "capital")})
        try:
            self.check_names(environment.parse(body, self.source.path))
            text = environment.get_template(self.source.path).render(self._context())
        except TemplateSyntaxError as error:
            if "endcall" in (error.message or ""):
                line = _unended_call(body) or error.lineno
                self._fault(line, "this call is never ended", "add {% endcall %} where its text ends")
            else:
                self._fault(error.lineno, error.message or "cannot be read")
            return ()
        except _TemplateFaultError as error:
            self._fault(_template_line(error, self.source.path), error.message, error.help)
            return ()
        except TemplateNotFound as error:
            self._fault(
                _template_line(error, self.source.path), f"there is no file `{error.name}` to include"
            )
            return ()
        except RecursionError:
            self._fault(1, "a template includes itself, or a text is nested without end")
            return ()
        except UndefinedError as error:
            if not self.found:  # else check_names has told
                self._fault(_template_line(error, self.source.path), str(error))
            return ()
        except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError, TemplateError) as error:
            message = re.sub(r"_Compiler\._call_(\w+)\(\)", r"\1()", str(error))
            self._fault(_template_line(error, self.source.path), f"a call is not as it should be: {message}")
            return ()
        return self.blocks(text)

    def locate(self, excerpt: str, occurrence: int = 0) -> Span:
        """The n-th place of an excerpt in the template's file, its first line where it is not to be found."""
        offset = -1
        for _ in range(occurrence + 1):
            offset = self.source.text.find(excerpt, offset + 1)
            if offset < 0 or not excerpt:
                return self.source.whole
        return self.source.span_at(offset, len(excerpt))

    def slot_token(self, slot: Slot) -> str:
        checked = check_slot(slot, self.names)
        if isinstance(checked, Slot):
            return self.table.token(checked)
        return "value"  # reported by check_names

    def _fault(self, line: int, message: str, help_: str = "", name: str = "") -> None:
        """A finding on a line of the template: at the placeholder that holds ``name``, else on the line's text."""
        text = self.source.lines[line - 1] if 0 < line <= len(self.source.lines) else ""
        start = len(text) - len(text.lstrip())
        if name and (met := re.search(rf"\b{re.escape(name)}\b", text)):
            start = max(text.rfind("{{", 0, met.start()), text.rfind("{%", 0, met.start()), start)
        span = Span(self.source.path, max(line, 1), start + 1, len(text) + 1)
        self.found.append(Diagnostic("AUP504", span, message, help_))

    def check_names(self, tree: nodes.Template) -> None:
        """AUP504 for every name, field and filter that no school could fill, each at its placeholder."""
        inner: set[int] = set()  # names met as part of something larger
        for node in (*tree.find_all(nodes.Filter), *tree.find_all(nodes.Getattr), *tree.find_all(nodes.Name)):
            if id(node) in inner:
                continue
            form = field_ = ""
            base: Any = node
            if isinstance(base, nodes.Filter):
                form, base = base.name, base.node
            if isinstance(base, nodes.Getattr):
                inner.add(id(base))
                field_, base = base.attr, base.node
            inner.add(id(base))
            if not isinstance(base, nodes.Name) or base.ctx != "load" or base.name in (*_CALLS, "caller"):
                continue
            if base.name not in self.names.fields:
                known = [*self.names.fields, *_CALLS]
                message = f"`{base.name}` is not a name this template can use"
                help_ = suggestion(
                    base.name, known, "use a parameter, a pronoun or one of " + listing(_CALLS)
                )
            else:
                checked = check_slot(Slot(base.name, field_, form), self.names)
                if isinstance(checked, Slot):
                    continue
                _, message, help_ = checked
            self._fault(base.lineno, message, help_, base.name)

    # -------------------------------------------------------------- what a template may call

    def _context(self) -> dict[str, Any]:
        context: dict[str, Any] = {name: _Name(self, Slot(name)) for name in self.names.fields}
        context.update({name: getattr(self, f"_call_{name}") for name in _CALLS})
        return context

    def _call_token(self, gap: BlockGap) -> str:
        self.calls.append(gap)
        return f"\n\n{_CALL}{len(self.calls) - 1}qz\n\n"

    def _wording(self, text: object) -> Pieces:
        pieces, found = (
            compile_wording(str(text), self.names, self.locate) if _CALL not in str(text) else ((), [])
        )
        self.found += found
        return pieces

    def _call_section(
        self,
        id: str,  # noqa: A002 - the name template authors write
        title: str | None = None,
        topics: list[str] | None = None,
        clauses: list[str] | None = None,
        voice: str | None = None,
        lead_in: str | None = None,
        when: dict[str, Any] | None = None,
        audiences: list[str] | None = None,
        caller: Callable[[], str] | None = None,
    ) -> str:
        """A section of clauses; the text inside ``{% call %}`` is its intro and its inner sections."""
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
            raise _TemplateFaultError(f"`{id}` is not a section id", "use small letters, digits and hyphens")
        if voice is not None and voice not in list(Voice):
            raise _TemplateFaultError(
                f"`{voice}` is not a voice", suggestion(voice, list(Voice), f"choose from {listing(Voice)}")
            )
        for audience in audiences or ():
            if audience not in list(Audience):
                help_ = suggestion(audience, list(Audience), f"choose from {listing(Audience, 20)}")
                raise _TemplateFaultError(f"`{audience}` is not an audience", help_)
        if title is None and not topics:
            raise _TemplateFaultError(
                f"the section `{id}` needs a title",
                'write section("…", title="…"): only topics bring one along',
            )
        for given, value in (("topics", topics), ("clauses", clauses)):
            if value is not None and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise _TemplateFaultError(f"`{given}` must be a list of names", f'write {given}=["…"]')
        inside = self.blocks(caller()) if caller else ()
        gap = SectionGap(
            id,
            None if title is None else self._wording(title) if title else (),
            tuple(topics or ()),
            tuple(clauses or ()),
            None if voice is None else Voice(voice),
            None if lead_in is None else self._wording(lead_in) if lead_in else (),
            conditions(when or {}),
            tuple(block for block in inside if not isinstance(block, SectionGap)),
            tuple(block for block in inside if isinstance(block, SectionGap)),
            tuple(Audience(audience) for audience in audiences or ()),
        )
        return self._call_token(gap)

    def _call_list_table(self, id: str, header: list[str], rows: list[tuple[Any, ...]]) -> str:  # noqa: A002
        """A table of clauses: its headings, and rows of a name and a list of clause ids for each further column."""
        for name, *cells in rows:
            if len(cells) != len(header) - 1 or not all(isinstance(cell, list) for cell in cells):
                raise _TemplateFaultError(
                    f"the row “{name}” does not fit the header",
                    'write rows=[("…", ["…"]), …] with a list of clauses for each column but the first',
                )
        filled = tuple((self._wording(name), tuple(map(tuple, cells))) for name, *cells in rows)
        return self._call_token(ListTableGap(id, tuple(self._wording(text) for text in header), filled))

    def _call_contents(self, title: str) -> str:
        """The table of contents."""
        return self._call_token(ContentsGap(self._wording(title)))

    def _call_ratings(self, header: list[str], rows: list[tuple[str, ...]]) -> str:
        """A table of uses: headings, and rows of a use and how far each group may go."""
        for use, *ratings in rows:
            if len(ratings) != len(header) - 1:
                raise _TemplateFaultError(
                    f"the row “{use}” does not fit the header", "give a rating for each column but the first"
                )
        filled = tuple((self._wording(use), tuple(map(str, ratings))) for use, *ratings in rows)
        return self._call_token(RatingsGap(tuple(self._wording(text) for text in header), filled))

    def _call_path(self, caption: str, start: str, rows: list[tuple[str, str, str]], end: list[str]) -> str:
        """A diagram of what to do: rows of what happened, what to do, and the role whose title ends that."""
        filled = tuple((self._wording(what), self._wording(then), role) for what, then, role in rows)
        last = tuple(self._wording(text) for text in end)
        return self._call_token(PathGap(self._wording(caption), self._wording(start), filled, last))

    def _call_see_section(self, section: str) -> str:
        """Words that lead to a section of this document, by its id."""
        self.referred_to.append(section)
        return self.table.token(Slot("see_section", section))

    def _call_contacts(
        self, header: list[str], rows: list[tuple[str, str]], known: Iterable[tuple[str, str]] = ()
    ) -> str:
        """A table of whom to tell: three headings, and rows of what has happened with the role to turn to;
        those of ``known`` only where a telephone number or email is known."""
        first, second, third = (self._wording(text) for text in header)
        always, if_known = (
            tuple((self._wording(what), role) for what, role in part) for part in (rows, known)
        )
        return self._call_token(ContactsGap((first, second, third), always, if_known))

    def _call_fields(self, *labels: str) -> str:
        """Gaps to complete by hand, such as a signature."""
        return self._call_token(FieldsGap(tuple(self._wording(label) for label in labels)))

    def _call_choices(self, header: list[str], rows: Iterable[str] = (), each: str = "") -> str:
        """Questions with boxes to tick: a header of what is asked and the answers, and a row for each question;
        ``each`` names a parameter whose items are rows of their own."""
        for given, value in (("header", header), ("rows", list(rows))):
            if not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise _TemplateFaultError(f"`{given}` must be a list of texts", f'write {given}=["…", "…"]')
        if isinstance(rows, str) or not isinstance(each, str):
            raise _TemplateFaultError("`rows` is a list of texts and `each` the name of one parameter")
        if len(header) < 2:
            raise _TemplateFaultError(
                "choices need a question and an answer", 'write choices(["May we …?", "Yes", "No"], …)'
            )
        if not (list(rows) or each):
            raise _TemplateFaultError("choices need rows", 'write rows=["…"], or each="photo_uses"')
        words = tuple(self._wording(text) for text in header)
        return self._call_token(ChoicesGap(words, tuple(self._wording(row) for row in rows), each))

    def _call_slip(self, title: str, cut: str, edition: str, caller: Callable[[], str]) -> str:
        """A slip to cut off and send back, with what stands inside ``{% call %}``; it names its edition."""
        footer = self._wording(edition)
        if not {Slot("policy_year"), Slot("edition", "number")} <= set(slots_in(footer)):
            raise _TemplateFaultError(
                "this slip does not say of which edition it is",
                "a slip comes back alone: put {{ policy_year }} and {{ edition.number }} into `edition`",
            )
        inside = self.blocks(caller())
        if any(isinstance(gap, (SectionGap, AppendixGap, SlipGap, IssuedGap)) for gap in inside):
            raise _TemplateFaultError(
                "a slip holds text, lists, tables, fields and choices only",
                "put sections, and what depends on other documents, above the slip",
            )
        return self._call_token(SlipGap(self._wording(cut), self._wording(title), inside, footer))

    def _call_drawing(self, caption: str) -> str:
        """A frame to draw in by hand, with a line that says what to draw."""
        return self._call_token(DrawingGap(self._wording(caption)))

    def _call_mottos(self) -> str:
        """The school's mottos, a paragraph each."""
        return self._call_token(MottosGap())

    def _call_frameworks(self, header: list[str]) -> str:
        """A table of the law and guidance behind the printed clauses: headings of title, edition, status, about."""
        title, edition, status, about = (self._wording(text) for text in header)
        return self._call_token(FrameworksGap((title, edition, status, about)))

    def _call_new_this_year(self, header: list[str]) -> str:
        """A table of what is new in the policy year: headings of the rules and of the reasons."""
        rules, reasons = (self._wording(text) for text in header)
        return self._call_token(NewGap((rules, reasons)))

    def _call_appendix(self, document: str) -> str:
        """Another document, in full."""
        return self._call_token(AppendixGap(document))

    def _call_issued(self, document: str, *others: str, caller: Callable[[], str]) -> str:
        """What stands inside ``{% call %}``, in schools that issue the other document, or one of several."""
        return self._call_token(IssuedGap((document, *others), self.blocks(caller())))

    def _call_not_issued(self, document: str, *others: str, caller: Callable[[], str]) -> str:
        """What stands inside ``{% call %}``, in schools that issue none of the other documents."""
        return self._call_token(IssuedGap((document, *others), self.blocks(caller()), False))

    def _call_paragraph(self, role: str, caller: Callable[[], str]) -> str:
        """The paragraphs inside ``{% call %}`` with a role that sets their look: subtitle or small."""
        if role not in PARAGRAPH_ROLES:
            help_ = suggestion(role, PARAGRAPH_ROLES, f"choose from {listing(PARAGRAPH_ROLES)}")
            raise _TemplateFaultError(f"paragraphs have no role `{role}`", help_)
        gaps = self.blocks(caller())
        return "".join(
            self._call_token(ParagraphGap(gap.pieces, role) if isinstance(gap, ParagraphGap) else gap)
            for gap in gaps
        )

    # -------------------------------------------------------------- Markdown to gaps

    def blocks(self, text: str) -> tuple[BlockGap, ...]:
        """The gaps of some Markdown; a `##` heading opens a section that lasts to the next heading or call of one."""
        tokens = parse_blocks(text)
        out: list[BlockGap] = []
        position = 0
        while position < len(tokens):
            end = _closing(tokens, position)
            self._block(tokens[position : end + 1], out)
            position = end + 1
        return tuple(out)

    def _block(self, tokens: list[Token], out: list[BlockGap]) -> None:
        first = tokens[0]
        match first.type:
            case "paragraph_open":
                content = tokens[1].content.strip()
                if call := _CALL_TOKEN.fullmatch(content):
                    self._append(out, self.calls[int(call.group(1))])
                elif _CALL_TOKEN.search(content):
                    self.found.append(
                        Diagnostic(
                            "AUP504",
                            self.source.whole,
                            "a call such as section() must stand in a paragraph of its own",
                        )
                    )
                else:
                    self._append(out, ParagraphGap(self._inline(tokens[1])))
            case "heading_open":
                title = self._inline(tokens[1])
                slug = re.sub(r"[^a-z0-9]+", "-", tokens[1].content.lower()).strip("-") or "section"
                if first.tag != "h2":
                    at = self._line_with(tokens[1].content)
                    self.found.append(
                        Diagnostic(
                            "AUP504",
                            at,
                            "headings in a template are `##`",
                            "the title stands in the head; inner headings are sections",
                        )
                    )
                out.append(SectionGap(slug, title, (), (), None, None, (), (), ()))
            case "bullet_list_open" | "ordered_list_open":
                start = None if first.type.startswith("bullet") else int(first.attrGet("start") or 1)
                self._append(out, ListGap(tuple(self._items(tokens[1:-1])), start))
            case "table_open":
                rows = list(self._rows(tokens))
                self._append(out, TableGap(rows[0], tuple(rows[1:])))
            case other:
                help_ = "a template holds paragraphs, lists, tables, `##` headings and calls"
                message = f"{BLOCK_NAMES.get(other, other)} has no place in a document"
                words = next((token.content for token in tokens if token.content), "")
                above = 1 if other == "fence" else 0
                self.found.append(
                    Diagnostic("AUP504", self._line_with(words.split("\n")[0], above), message, help_)
                )

    def _line_with(self, excerpt: str, above: int = 0) -> Span:
        """The line an excerpt stands on, or one so many lines above it."""
        line = max(self.locate(_TOKENS.split(excerpt)[0]).line - above, 1)
        text = self.source.lines[line - 1]
        return Span(self.source.path, line, len(text) - len(text.lstrip()) + 1, len(text) + 1)

    def _append(self, out: list[BlockGap], gap: BlockGap) -> None:
        """Add a gap; text after a Markdown heading belongs to the section that the heading opened."""
        opened = out[-1] if out else None
        is_heading = (
            isinstance(opened, SectionGap)
            and not (opened.topics or opened.clauses or opened.sections)
            and opened.lead_in is None
        )
        if (
            isinstance(opened, SectionGap)
            and is_heading
            and not isinstance(gap, (SectionGap, AppendixGap))
            and opened not in self.calls
        ):
            out[-1] = SectionGap(opened.id, opened.title, (), (), None, None, (), (*opened.intro, gap), ())
        else:
            out.append(gap)

    def _items(self, tokens: list[Token]) -> Iterator[tuple[Pieces, tuple[BlockGap, ...]]]:
        position = 0
        while position < len(tokens):
            end = _closing(tokens, position)
            inner: list[BlockGap] = []
            at = position + 1
            while at < end:
                stop = _closing(tokens, at)
                self._block(tokens[at : stop + 1], inner)
                at = stop + 1
            head = inner[0] if inner and isinstance(inner[0], ParagraphGap) else None
            yield (head.pieces if head else ()), tuple(inner[1:] if head else inner)
            position = end + 1

    def _rows(self, tokens: list[Token]) -> Iterator[tuple[Pieces, ...]]:
        row: list[Pieces] = []
        for token in tokens:
            if token.type == "tr_open":
                row = []
            elif token.type == "inline":
                row.append(self._inline(token))
            elif token.type == "tr_close":
                yield tuple(row)

    def _inline(self, token: Token) -> Pieces:
        if tag := re.search(r"</?[A-Za-z][^<>]*>", token.content):
            self.found.append(
                Diagnostic(
                    "AUP504",
                    self._line_with(tag.group()),
                    "HTML has no place in a template",
                    "take the tags away",
                )
            )
        pieces, found = inline_pieces(token.children or [], self.table, self.locate)
        self.found += found
        return pieces


class _TemplateFaultError(Exception):
    def __init__(self, message: str, help_: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help_


def conditions(when: Mapping[str, Any]) -> Conditions:
    """A ``when:`` as pairs of a parameter and its values; a flag's true and false are their words."""
    return tuple(
        (name, tuple(_switch(v) for v in (value if isinstance(value, (list, tuple)) else [value])))
        for name, value in when.items()
    )


def _switch(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filter(form: str) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        if not isinstance(value, _Name):
            raise _TemplateFaultError(f"the filter `{form}` works on names only")
        return value.through(form)

    return apply


def _template_line(error: BaseException, path: str) -> int:
    """The line of the template an exception came from: Jinja gives its frames the template's lines."""
    line, frame = 1, error.__traceback__
    while isinstance(frame, types.TracebackType):
        if frame.tb_frame.f_code.co_filename in (path, "<template>"):
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def _unended_call(body: str) -> int:
    """The line of the first ``{% call %}`` that no ``{% endcall %}`` ends; 0 where each has its end."""
    opened: list[int] = []
    for match in re.finditer(r"\{%-?\s*(call|endcall)\b", body):
        if match[1] == "call":
            opened.append(body.count("\n", 0, match.start()) + 1)
        elif opened:
            opened.pop()
    return opened[0] if opened else 0


def _closing(tokens: list[Token], position: int) -> int:
    """The index of the token that closes the block opened at ``position`` (itself where it opens none)."""
    depth = 0
    for index in range(position, len(tokens)):
        depth += tokens[index].nesting
        if depth <= 0:
            return index
    return len(tokens) - 1


def compile_page(
    source: SourceText | None, files: Mapping[str, SourceText]
) -> tuple[tuple[str, ...], list[Diagnostic]]:
    """Return the HTML shell as literal HTML with the names of its gaps at the odd positions.

    The shell is rendered once; what it prints with ``{{ … }}`` are the gaps the HTML writer fills, each
    escaped for the place it stands in. () and a finding where there is no shell or it cannot be rendered.
    """
    if source is None:
        return (), [
            Diagnostic(
                "AUP504",
                Span("templates/page.html.j2"),
                "the page shell is missing",
                "every library needs it",
            )
        ]
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader({name: file.text for name, file in files.items()}),
        undefined=StrictUndefined,
        autoescape=False,
    )
    environment.globals.clear()
    gaps = {name: f"{_CALL}{name}qz" for name in PAGE_GAPS}
    for name, file in LOOKS.items():
        look = files.get(file)
        gaps[name] = f"{_CALL}{name}qz\n{look.text.rstrip()}{_CALL}end{name}qz" if look else ""
    try:
        text = environment.get_template(source.path.rsplit("/", 1)[-1]).render(gaps)
    except TemplateError as error:
        line = getattr(error, "lineno", None) or _template_line(error, source.path)
        return (), [Diagnostic("AUP504", Span(source.path, line), error.message or "cannot be read")]
    page = tuple(re.split(_CALL + r"([a-z]+?)qz", text))
    absent = [name for name in ("language", "title", "body", "draft", "running") if name not in page[1::2]]
    if absent:
        message = f"the page shell does not print {listing(absent)}"
        return (), [
            Diagnostic("AUP504", source.whole, message, "write {{ body }} and so on where they belong")
        ]
    return page, []


PAGE_GAPS = (
    "language",
    "title",
    "school",
    "audiences",
    "body",
    "running",
    "draft",
    "slips",
    "policies",
    "changes",
)
"""What the page shell may print. Those of ``LOOKS`` are the look of what only some pages hold: the text between a
gap and the gap of the same name that starts with ``end``."""
LOOKS = {"slips": "slip.css", "policies": "policy.css", "changes": "changes.css"}


_PLAIN_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Filter, nodes.Call,
    nodes.CallBlock, nodes.Keyword, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Include,
)  # fmt: skip


def calls_only(source: SourceText) -> list[Diagnostic]:
    """AUP607 for what a template from elsewhere may not do: anything but print names, call and include by name.

    A loop or a sum could keep a machine busy for ever; so could parts that include parts, which double each time.
    """
    try:
        tree = ImmutableSandboxedEnvironment().parse(source.text)
    except (TemplateSyntaxError, RecursionError):
        return []  # compiling tells of it
    found = []
    is_part = source.path.rsplit("/", 1)[-1].startswith("_")
    for node in tree.find_all(nodes.Node):
        called = node.node if isinstance(node, nodes.Call) else None
        plain = isinstance(node, _PLAIN_NODES) and not (is_part and isinstance(node, nodes.Include))
        if not plain or (called is not None and not isinstance(called, nodes.Name)):
            message = "a template from elsewhere prints names, calls and includes, and does nothing else"
            found.append(Diagnostic("AUP607", Span(source.path, max(node.lineno, 1)), message))
    return found[:5]


def check_part(source: SourceText, names: Names) -> list[Diagnostic]:
    """Findings in a text that templates include: names it cannot use, at its own lines."""
    compiler = _Compiler(source, names)
    environment = ImmutableSandboxedEnvironment()
    environment.filters.update({form: _filter(form) for form in ("any", "all", "range", "capital")})
    try:
        tree = environment.parse(source.text)
        compiler.check_names(tree)
        for constant in tree.find_all(nodes.Const):
            if isinstance(constant.value, str) and "{{" in constant.value:
                compiler.found += compile_wording(constant.value, names, compiler.locate)[1]
    except TemplateSyntaxError as error:
        return [Diagnostic("AUP504", Span(source.path, error.lineno), error.message or "cannot be read")]
    return compiler.found
