"""A document tree and the compiled page shell in; one self-contained HTML page out.

Semantic elements, no script, nothing loaded from elsewhere. Every text is escaped here and nowhere else.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import assert_never

from aupgen.document.tree import (
    Block,
    Blocks,
    BulletList,
    ClauseMark,
    Document,
    Drawing,
    Emphasis,
    Fields,
    FillIn,
    Inlines,
    LineBreak,
    Link,
    ListItem,
    NumberedList,
    Paragraph,
    Section,
    Strong,
    Table,
    Text,
    Value,
)
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
    return "".join(fills[part] if position % 2 else part for position, part in enumerate(page))


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
        case Fields(labels):
            rows = "".join(f'<tr><th scope="row">{_inlines(label)}</th><td></td></tr>\n' for label in labels)
            return f'<table class="fields">\n<tbody>\n{rows}</tbody>\n</table>\n'
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
    rows = "".join(
        "<tr>" + "".join(f"<td>{_inlines(cell)}</td>" for cell in row) + "</tr>\n" for row in table.rows
    )
    return f"<table{css}>\n<thead>\n<tr>{header}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


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
            case LineBreak():
                out.append("<br>")
            case _:
                assert_never(inline)
    return "".join(out)


_inlines = lru_cache(maxsize=FRAGMENTS)(_write_inlines)
