"""A document tree and the compiled page shell in; one self-contained HTML page out.

Semantic elements, no script, nothing loaded from elsewhere. Every text is escaped here and nowhere else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import assert_never

from aupgen.document.tree import (
    Block,
    Blocks,
    BulletList,
    Choices,
    ClauseMark,
    Contents,
    Document,
    Drawing,
    Emphasis,
    Fields,
    FillIn,
    Inlines,
    LineBreak,
    Link,
    ListItem,
    ListTable,
    NumberedList,
    Paragraph,
    Path,
    Reference,
    Section,
    Slip,
    Strong,
    Table,
    Text,
    Value,
)
from aupgen.document.walk import SENTENCES, blocks_in, plain_text
from aupgen.writers.shell import FRAGMENTS, SECTIONS


def write_html(document: Document, page: tuple[str, ...]) -> str:
    """Return the page: the shell with its gaps filled. ``page`` has gap names at the odd positions."""
    meta = document.meta
    body = f"<h1>{_inlines(document.title)}</h1>\n{_blocks(document.blocks)}"
    fills = {
        "language": escape(meta.language),
        "title": escape(meta.title),
        "school": escape(meta.school),
        "audiences": escape(" ".join(meta.audiences)),
        "running": _isolated(meta.running),
        "draft": f'<p class="draft">{escape(meta.draft)}</p>\n' if meta.draft else "",
        "body": f'<div class="large">\n{body}</div>\n' if meta.is_large else body,
    }
    return "".join(_filled(page, fills, _looks(document)))


def _looks(document: Document) -> dict[str, bool]:
    """Which looks of its own the document has a use for: of slips to cut off and boxes to tick; of what long policies
    alone have; of tables with whole sentences."""
    blocks = tuple(blocks_in(document.blocks))
    return {
        "slips": any(isinstance(block, (Slip, Choices)) for block in blocks),
        "policies": any(isinstance(block, (Contents, ListTable, Path)) for block in blocks),
        "changes": any(isinstance(block, Table) and block.purpose == SENTENCES for block in blocks),
    }


def _filled(page: tuple[str, ...], fills: Mapping[str, str], looks: Mapping[str, bool]) -> Iterator[str]:
    """Yield the page's own text and what fills its gaps; a look of its own only where the page has use for it."""
    shown = True
    for position, part in enumerate(page):
        if position % 2 and part.removeprefix("end") in looks:
            shown = part.startswith("end") or looks[part]
        elif shown:
            yield fills[part] if position % 2 else part


def body_html(document: Document) -> str:
    """The document's words below its title, for a page that has a title, a style and a frame of its own."""
    body = _blocks(document.blocks)
    return f'<div class="large">\n{body}</div>\n' if document.meta.is_large else body


def escape(text: str) -> str:
    """Text for element content and for attributes in double quotes."""
    # four replacements are much faster than one str.translate on text with curly quotes
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def is_right_to_left(text: str) -> bool:
    """Whether a text holds letters that run from right to left, such as Arabic or Hebrew."""
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in ("R", "AL") for character in text
    )


def _isolated(text: str) -> str:
    """A school's words; right-to-left ones must not turn round what stands beside them."""
    return f"<bdi>{escape(text)}</bdi>" if is_right_to_left(text) else escape(text)


def _blocks(blocks: Blocks) -> str:
    return "".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Paragraph(inlines, role, clause):
            css = f' class="{role}"' if role else ""
            return f"<p{css}{_id(clause)}>{_inlines(inlines)}</p>\n"
        case BulletList(items):
            return f"<ul>\n{''.join(_item(item) for item in items)}</ul>\n"
        case NumberedList(items, start):
            first = f' start="{start}"' if start != 1 else ""
            return f"<ol{first}>\n{''.join(_item(item) for item in items)}</ol>\n"
        case Table():
            return _table(block)
        case ListTable():
            return _list_table(block)
        case Contents(title, entries):
            return _contents(title, entries)
        case Path():
            return _path(block)
        case Fields(labels):
            rows = "".join(f'<tr><th scope="row">{_inlines(label)}</th><td></td></tr>\n' for label in labels)
            return f'<table class="fields">\n<tbody>\n{rows}</tbody>\n</table>\n'
        case Choices():
            return _choices(block)
        case Slip():
            return _slip(block)
        case Drawing(caption):
            return f'<figure class="drawing">\n<figcaption>{_inlines(caption)}</figcaption>\n</figure>\n'
        case Section():
            return _section(block)
        case _:
            assert_never(block)


@lru_cache(maxsize=SECTIONS)
def _section(section: Section) -> str:
    tag = f"h{min(section.level, 6)}"
    css = ' class="appendix"' if section.appendix else ""
    signed = ' class="signed"' if section.blocks and isinstance(section.blocks[-1], Fields) else ""
    element = "section" if section.title else "div"
    heading = f"<{tag}>{_inlines(section.title)}</{tag}>\n" if section.title else ""
    return f'<{element} id="{section.id}"{css or signed}>\n{heading}{_blocks(section.blocks)}</{element}>\n'


def _item(item: ListItem) -> str:
    inner = f"\n{_blocks(item.blocks)}" if item.blocks else ""
    return f"<li{_id(item.clause)}>{_inlines(item.inlines)}{inner}</li>\n"


def _table(table: Table) -> str:
    css = f' class="{table.purpose}"' if table.purpose else ""
    header = "".join(f'<th scope="col">{_inlines(cell)}</th>' for cell in table.header)
    labels = [""] * len(table.header)
    if table.purpose == SENTENCES:  # where columns stand below each other, cells need their names
        labels = [f' data-label="{escape(plain_text(cell))}"' for cell in table.header]
    rows = "".join(
        "<tr>"
        + "".join(f"<td{label}>{_inlines(cell)}</td>" for label, cell in zip(labels, row, strict=True))
        + "</tr>\n"
        for row in table.rows
    )
    return f"<table{css}>\n<thead>\n<tr>{header}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _list_table(table: ListTable) -> str:
    header = "".join(f'<th scope="col">{_inlines(cell)}</th>' for cell in table.header)
    labels = [f' data-label="{escape(plain_text(cell))}"' for cell in table.header[1:]]
    labels = (
        labels if len(labels) > 1 else [""]
    )  # where columns stand below each other, lists need their names
    rows = []
    for name, cells in table.rows:
        lists = (f"<ul>\n{''.join(_item(item) for item in cell)}</ul>" if cell else "" for cell in cells)
        filled = "".join(f"<td{label}>{listed}</td>" for label, listed in zip(labels, lists, strict=True))
        rows.append(f'<tr><th scope="row">{_inlines(name)}</th>{filled}</tr>\n')
    css = f"lists {table.purpose}".strip()
    return f'<table class="{css}">\n<thead>\n<tr>{header}</tr>\n</thead>\n<tbody>\n{"".join(rows)}</tbody>\n</table>\n'


def _contents(title: Inlines, entries: tuple[tuple[int, Reference], ...]) -> str:
    """Links to the sections, those of the second level in a list inside the first."""
    listed = ""
    for level, entry in entries:
        item = f"<li>{_inlines((entry,))}</li>\n"
        if level == 1:
            listed += item
        elif listed.endswith("</ul></li>\n"):
            listed = f"{listed.removesuffix('</ul></li>' + chr(10))}{item}</ul></li>\n"
        else:
            listed = f"{listed.removesuffix('</li>' + chr(10))}\n<ul>\n{item}</ul></li>\n"
    return (
        f'<nav class="contents" aria-labelledby="contents-title">\n<p class="lead-in" id="contents-title">{_inlines(title)}</p>\n'
        f"<ul>\n{listed}</ul>\n</nav>\n"
    )


def _path(path: Path) -> str:
    """The steps as a list in reading order, which the page’s style lays out as boxes with arrows between them."""
    boxes = [("end", path.start)]
    for what, then in path.branches:
        boxes += [("question", what), ("answer", then)]
    # The rails beside the rows begin at the first and end at the last.
    boxes[1:3] = [(f"{css} first", words) for css, words in boxes[1:3]]
    boxes[-2:] = [(f"{css} last", words) for css, words in boxes[-2:]]
    boxes += [("end", words) for words in path.end]
    listed = "".join(f'<li class="{css}">{_inlines(words)}</li>\n' for css, words in boxes)
    return (
        f'<div class="path">\n<p class="lead-in">{_inlines(path.caption)}</p>\n<ul>\n{listed}</ul>\n</div>\n'
    )


def _choices(choices: Choices) -> str:
    """A table of boxes; each is named by its question and its answer, and no two answers can both be ticked."""
    anchor = choices.anchor
    header = "".join(
        f'<th scope="col" id="{anchor}-answer-{n}">{_inlines(cell)}</th>'
        for n, cell in enumerate(choices.header)
    )
    rows = []
    for number, question in enumerate(choices.rows, start=1):
        row = f"{anchor}-{number}"
        boxes = "".join(
            f'<td><input type="radio" name="{row}" aria-labelledby="{row} {anchor}-answer-{n}"></td>'
            for n in range(1, len(choices.header))
        )
        rows.append(f'<tr><th scope="row" id="{row}">{_inlines(question)}</th>{boxes}</tr>\n')
    return (
        f'<table class="choices">\n<thead>\n<tr>{header}</tr>\n</thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


def _slip(slip: Slip) -> str:
    tag = f"h{min(slip.level, 6)}"
    return (
        f'<div class="slip">\n<p class="cut">{_inlines(slip.cut)}</p>\n<{tag}>{_inlines(slip.title)}</{tag}>\n'
        f'{_blocks(slip.blocks)}<p class="small">{_inlines(slip.edition)}</p>\n</div>\n'
    )


def _id(clause: ClauseMark | None) -> str:
    return f' id="{clause.anchor}"' if clause else ""


def _write_inlines(inlines: Inlines) -> str:
    out: list[str] = []
    for inline in inlines:
        match inline:
            case Text(text):
                out.append(escape(text))
            case Value(text):
                out.append(_isolated(text))
            case FillIn(label):
                out.append(f'<span class="fill-in">[[{escape(label)}]]</span>')
            case Strong(inner):
                out.append(f"<strong>{_write_inlines(inner)}</strong>")
            case Emphasis(inner):
                out.append(f"<em>{_write_inlines(inner)}</em>")
            case Link(address, inner):
                out.append(f'<a href="{escape(address)}">{_write_inlines(inner)}</a>')
            case Reference(section, inner):
                out.append(f'<a href="#{section}">{_write_inlines(inner)}</a>')
            case LineBreak():
                out.append("<br>")
            case _:
                assert_never(inline)
    return "".join(out)


_inlines = inlines_html = lru_cache(maxsize=FRAGMENTS)(_write_inlines)
"""The words as HTML that stands in a line; the same words are written once."""
