"""A document tree and a shell in; the bytes of a Word file out.

Writes WordprocessingML for the dozen nodes of the tree and no more: real heading styles, real lists, tables
with header rows, content controls for fill-ins. The same tree and shell give the same bytes on any day.

A section gives the same XML in every file but for the numbers of its links, lists and controls. So those stand
as gaps at first, what was written of a section serves the next school too, and the gaps are numbered last.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import assert_never

from msgspec import Struct, field

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
from aupgen.document.walk import BOX, SENTENCES, plain_text, steps
from aupgen.writers.diagram import Arrow, Box, diagram
from aupgen.writers.docx_fill_ins import control, parts, relationships
from aupgen.writers.html import escape, is_right_to_left
from aupgen.writers.package import Member, member, write_package
from aupgen.writers.shell import FRAGMENTS, SECTIONS, Shell

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_LINK_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
_AFTER_LIST = '<w:spacing w:after="100"/>'
_SHORT_TABLE = 12  # rows
_LONG_CELLS = ("frameworks", SENTENCES)
_LONG_LINE = 180  # characters: what is longer asks for no more of a table's width
_SHORT_LINE = 10  # characters left empty at the end of a line
_AFTER_TABLE = '<w:spacing w:before="160"/>'
_CHARACTER = 122  # twentieths of a point a letter of table text takes, generously
_CELL_MARGINS = 240
_FRAME_HEIGHT = 3200  # twentieths of a point: a frame to draw in
_PROPERTY_LIMIT = 255  # Word refuses longer properties


def write_docx(document: Document, shell: Shell) -> bytes:
    """Return the document as a Word file."""
    numbers = Numbers(shell)
    return package(document, shell, numbers.put_into(body_with_gaps(document, shell)), numbers)


def body_with_gaps(document: Document, shell: Shell) -> str:
    """Return the body's XML without its last settings; its gaps, between ``GAP``, wait for their numbers."""
    return _Writer(shell, document.meta.is_large).document(document)


class Further(Struct, frozen=True):
    """Parts of a file beside the shell's, such as comments; the relationships and content types they ask for."""

    parts: tuple[Member, ...] = ()
    relationships: str = ""
    types: str = ""


def package(
    document: Document, shell: Shell, body: str, numbers: Numbers, further: Further | None = None
) -> bytes:
    """Return the Word file of a body whose gaps were filled from ``numbers``."""
    further = further or Further()
    named = named_parts(document, shell, numbers)
    changing = {_PROPERTIES: named.pop(_PROPERTIES), BODY: body_part(body, shell), **named}
    changing["word/_rels/document.xml.rels"] = numbers.relationships(further.relationships)
    numbering = shell.plain_numbering
    if numbers.starts:
        numbering = member("word/numbering.xml", numbers.numbering().encode(), fast=True)
    tied, types = parts(list(numbers.fill_ins), shell) if numbers.fill_ins else ([], "")
    own = [*shell.parts]
    if types or further.types:
        text = shell.content_types.replace("</Types>", f"{types}{further.types}</Types>")
        own[0] = member(own[0].name, text.encode(), fast=True)
    replaced = {part.name for part in further.parts}
    kept = (part for part in own if part.name not in replaced)
    changed = (member(name, text.encode(), fast=True) for name, text in changing.items())
    return write_package([*kept, numbering, *changed, *tied, *further.parts])


_PROPERTIES = "docProps/core.xml"
BODY = "word/document.xml"
"""The part of a Word file that holds its text."""


def body_part(body: str, shell: Shell) -> str:
    """The part with the text of a file."""
    namespaces = f"{_NAMESPACES} {_DRAWING_NAMESPACES}" if "<w:drawing>" in body else _NAMESPACES
    return f"{_XML}<w:document {namespaces}><w:body>{body}{shell.section}</w:body></w:document>"


def named_parts(document: Document, shell: Shell, numbers: Numbers) -> dict[str, str]:
    """The parts that name the school and the document: its properties, headers and footers."""
    meta = document.meta
    fills = {"school": meta.school, "title": meta.title, "running": meta.running, "draft": meta.draft}
    out = {_PROPERTIES: _properties(document)}
    for name, pieces in shell.pages.items():
        page = ""
        for n, piece in enumerate(pieces):
            if n % 2 and piece == "school" and meta.school_fill_in:
                page += numbers.in_page(meta.school_fill_in, page)
            else:
                page += escape(fills[piece]) if n % 2 else piece
        out[name] = page
    return out


def _properties(document: Document) -> str:
    meta = document.meta
    day = f"{meta.date.first_day.isoformat()}T00:00:00Z"

    def text(value: str) -> str:
        return escape(value[:_PROPERTY_LIMIT])

    return (
        f'{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{text(meta.title)}</dc:title><dc:subject>{text(f'{meta.policy_year}, edition {meta.edition}')}</dc:subject>"
        f"<dc:creator>{text(meta.school)}</dc:creator><cp:lastModifiedBy>{text(meta.school)}</cp:lastModifiedBy>"
        f"<cp:contentStatus>{text(meta.draft or meta.status)}</cp:contentStatus>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{day}</dcterms:modified>'
        f"<dc:language>{text(meta.language)}</dc:language></cp:coreProperties>"
    )


GAP = "\0"  # no text can hold it: XML has no way to write it
LINK, CONTROL, LIST, NUMBER, LIST_END = "link:", "control", "list:", "number", "list end"
"""What a gap waits for: the number of a link, of a control, of the list that opens, of the list around it; nothing."""
BOOKMARK = "bookmark"
"""A gap that waits for the number of the bookmark at a heading; each stands twice, at its start and at its end."""
FILL_IN = "fill-in:"
"""A gap that waits for the number of what a control shows: its source and its label."""
AT = "at:"
"""A gap that stays empty and says what comes next: a section, its heading, or a clause, with its id."""


LINKED = (
    f'<Relationship Id="rIdLink{{number}}" Type="{_LINK_TYPE}" Target="{{address}}" TargetMode="External"/>'
)
"""A link as the list of relationships names it."""
LISTED = (
    '<w:num w:numId="{number}"><w:abstractNumId w:val="{list}"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{start}"/></w:lvlOverride></w:num>'
)
"""A numbered list that starts in the body."""


_OPEN_RUN = re.compile(r"<w:r(?: [^>]*)?>(?P<look><w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t(?: [^>]*)?>[^<]*$")


class Numbers(Struct):
    """Numbers the gaps of a body in reading order, and writes the parts that must know of links and lists.

    ``fill_ins`` numbers what controls show, by source and label; ``controls`` is how many there are.
    """

    shell: Shell
    links: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    fill_ins: dict[tuple[str, str], int] = field(default_factory=dict)
    controls: int = 0

    def put_into(self, body: str) -> str:
        """Return the body with its gaps filled; list numbers nest as the lists do."""
        parts = body.split(GAP)
        bookmarks = 0
        open_lists: list[str] = []
        for position in range(1, len(parts), 2):
            gap, number = parts[position], ""
            if gap.startswith(AT):
                pass
            elif gap.startswith(LINK):
                self.links.append(gap.removeprefix(LINK))
                number = str(len(self.links))
            elif gap == CONTROL:
                self.controls += 1
                number = str(self.controls)
            elif gap.startswith(FILL_IN):
                source, _, label = gap.removeprefix(FILL_IN).partition(" ")
                number = self.placeholder(source, label)
            elif gap == BOOKMARK:
                bookmarks += 1
                number = str((bookmarks + 1) // 2)
            elif gap.startswith(LIST):
                open_lists.append(str(self.shell.next_number + len(self.starts)))
                self.starts.append(int(gap.removeprefix(LIST)))
            elif gap == NUMBER:
                number = open_lists[-1]
            else:
                open_lists.pop()
            parts[position] = number
        return "".join(parts)

    def placeholder(self, source: str, label: str) -> str:
        """The number of what a control shows, the same for the same."""
        return str(self.fill_ins.setdefault((source, label), len(self.fill_ins) + 1))

    def in_page(self, fill_in: FillIn, before: str) -> str:
        """A fill-in in a header or footer, between two halves of the run that it stands in."""
        run = _OPEN_RUN.search(before)
        if run is None:
            return escape(f"[[{fill_in.label}]]")
        self.controls += 1
        shown = self.placeholder(fill_in.source, fill_in.label)
        made = control(fill_in, self.shell.styles["fill-in"], str(self.controls), shown)
        return f'</w:t></w:r>{made}<w:r>{run["look"] or ""}<w:t xml:space="preserve">'

    def relationships(self, further: str) -> str:
        """The main document's relationships, with the links, what fill-ins need, and ``further`` ones."""
        links = "".join(
            LINKED.format(number=n, address=escape(address)) for n, address in enumerate(self.links, start=1)
        )
        tied = relationships() if self.fill_ins else ""
        return self.shell.relationships.replace("</Relationships>", f"{links}{tied}{further}</Relationships>")

    def numbering(self) -> str:
        """The lists of the shell, and one for each numbered list that starts in the body."""
        lists = "".join(
            LISTED.format(number=self.shell.next_number + n, list=self.shell.number_list, start=start)
            for n, start in enumerate(self.starts)
        )
        return self.shell.numbering.replace("</w:numbering>", f"{lists}</w:numbering>")


class _Writer(Struct, frozen=True):
    """Writes the body, with gaps where a file has numbers of its own."""

    shell: Shell
    is_large: bool

    @property
    def styles(self) -> Mapping[str, str]:
        """The style of each look, by its id."""
        return self.shell.large_styles if self.is_large else self.shell.styles

    def document(self, document: Document) -> str:
        title = self._paragraph(document.title, self.styles["heading1"])
        body = "".join(self._block(block) for block in document.blocks)
        # Word wants a paragraph between a table and the end of the document, and adds one where there is none.
        end = '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr></w:p>'
        return title + body + (end if body.endswith("</w:tbl>") else "")

    # -------------------------------------------------------------- blocks

    def _block(self, block: Block, depth: int = 0, keep: str = "") -> str:
        styles = self.styles
        match block:
            case Paragraph(inlines, role, clause):
                return _at_clause(clause) + self._paragraph(inlines, styles.get(role, ""), keep)
            case BulletList(items):
                return self._list(items, styles["bullet"], self.shell.bullet_list, depth, keep)
            case NumberedList(items, start):
                listed = self._list(items, styles["number"], f"{GAP}{NUMBER}{GAP}", depth, keep)
                return f"{GAP}{LIST}{start}{GAP}{listed}{GAP}{LIST_END}{GAP}"
            case Table():
                return self._table(block, keep)
            case ListTable():
                return self._list_table(block)
            case Contents(title, entries):
                return self._contents(title, entries)
            case Path():
                return self._path(block)
            case Fields(labels):
                return self._fields(labels)
            case Choices():
                return self._choices(block)
            case Slip():
                return self._slip(block)
            case Drawing(caption):
                return self._drawing(caption)
            case Section():
                return _section(block, self.shell, self.is_large)
            case _:
                assert_never(block)

    def section(self, section: Section) -> str:
        """A section that ends in gaps for signing stays on one page with them."""
        style = self.styles[f"heading{min(section.level, 6)}"]
        if section.is_listed:
            style = self.styles[f"listed{min(section.level, 3)}"]
        page = "<w:pageBreakBefore/>" if section.appendix else ""
        signed = bool(section.blocks) and isinstance(section.blocks[-1], Fields)
        keep = "<w:keepNext/>" if signed else ""
        head = f"{GAP}{AT}section {section.id}{GAP}"
        if section.title:
            heading = self._paragraph(section.title, style, page)
            if section.is_listed:
                heading = heading.replace("<w:r>", _bookmark_start(section.id) + "<w:r>", 1)
                heading = heading.removesuffix("</w:p>") + _BOOKMARK_END + "</w:p>"
            head += f"{GAP}{AT}heading{GAP}{heading}"
        return head + "".join(self._among(section.blocks, n, keep) for n in range(len(section.blocks)))

    def _among(self, blocks: Blocks, position: int, keep: str) -> str:
        """A block among its neighbours: what leads into a table stands on its page, what follows keeps a distance."""
        block = blocks[position]
        if isinstance(block, Paragraph):
            if isinstance(next(iter(blocks[position + 1 : position + 2]), None), (Table, ListTable)):
                keep = "<w:keepNext/>"
            if position and isinstance(blocks[position - 1], (Table, ListTable, Fields)):
                keep += _AFTER_TABLE
        return self._block(block, 0, keep)

    def _list(self, items: tuple[ListItem, ...], style: str, number: str, depth: int, keep: str) -> str:
        """Bullets on the first level take their list from the style; every other list names its own."""
        own = depth > 0 or number != self.shell.bullet_list
        level = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>' if own else ""
        out = []
        for item in items:
            after = _AFTER_LIST if item is items[-1] and not depth else ""
            out.append(_at_clause(item.clause) + self._paragraph(item.inlines, style, keep + level + after))
            out += [self._block(block, depth + 1, keep) for block in item.blocks]
        return "".join(out)

    def _paragraph(self, inlines: Inlines, style: str = "", properties: str = "") -> str:
        return f"<w:p>{_settings(style, properties)}{_runs(inlines, '', self.shell)}</w:p>"

    def _table(self, table: Table, keep: str = "") -> str:
        """A table; one of few rows stays on one page unless its cells are long, its rows chained to the last."""
        widths = _column_widths(table, self.shell.text_width)
        styles = self.styles
        first = self._cells(widths, styles["header"], "")
        short = len(table.rows) <= _SHORT_TABLE and table.purpose not in _LONG_CELLS
        chained = self._cells(widths, styles["cell"], "<w:keepNext/>" if short else "")
        last = self._cells(widths, styles["cell"], keep)
        rows = [self._row(table.header, first, "<w:cantSplit/><w:tblHeader/>")]
        rows += [self._row(row, chained, "<w:cantSplit/>") for row in table.rows[:-1]]
        rows += [self._row(row, last, "<w:cantSplit/>") for row in table.rows[-1:]]
        return self._table_of(styles["table"], widths, "".join(rows), _FIRST_ROW)

    def _table_of(self, style: str, widths: list[int], rows: str, look: str = "") -> str:
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            f'<w:tblLayout w:type="fixed"/>{look}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
        )

    def _cells(self, widths: list[int], style: str, properties: str) -> list[str]:
        """How the cells of a row begin."""
        return [
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p>{_settings(style, properties)}'
            for width in widths
        ]

    def _row(self, cells: tuple[Inlines, ...], beginnings: list[str], properties: str) -> str:
        out = [f"<w:tr><w:trPr>{properties}</w:trPr>"]
        for beginning, cell in zip(beginnings, cells, strict=True):
            out += beginning, _runs(cell, "", self.shell), "</w:p></w:tc>"
        return "".join([*out, "</w:tr>"])

    def _list_table(self, table: ListTable) -> str:
        """A table of lists; a row may be long, so rows keep whole and the table goes over pages."""
        widths = _list_widths(len(table.header), self.shell.text_width)
        styles = self.styles
        first = self._cells(widths, styles["header"], "")
        rows = [self._row(table.header, first, "<w:cantSplit/><w:tblHeader/>")]
        bullet = (
            f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{self.shell.bullet_list}"/></w:numPr>{_CELL_LIST}'
        )
        for name, cells in table.rows:
            filled = [self._paragraph(name, styles["cell"])]
            filled += [
                "".join(self._paragraph(item.inlines, styles["cell"], bullet) for item in cell)
                or self._paragraph((), styles["cell"])
                for cell in cells
            ]
            columns = (
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{inside}</w:tc>'
                for width, inside in zip(widths, filled, strict=True)
            )
            rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(columns)}</w:tr>")
        return self._table_of(styles["table"], widths, "".join(rows), _FIRST_ROW)

    def _contents(self, title: Inlines, entries: tuple[tuple[int, Reference], ...]) -> str:
        """A field that Word fills with the headings and their pages; what it shows before that are the headings alone.

        Only a program that lays out pages knows their numbers, and a number that is wrong is worse than none.
        """
        styles = self.styles
        out = [self._paragraph(title, styles["contents"])]
        for position, (level, entry) in enumerate(entries):
            begin = _field_start(_contents_field(self.shell.style_names)) if not position else ""
            end = _FIELD_END if position == len(entries) - 1 else ""
            name = _bookmark_name(entry.section)
            shown = _runs(entry.inlines, "", self.shell)
            link = f'<w:hyperlink w:anchor="{name}" w:history="1">{shown}</w:hyperlink>'
            settings = _settings(styles[f"contents{level}"], "")
            out.append(f"<w:p>{settings}{begin}{link}{end}</w:p>")
        return "".join(out)

    def _path(self, path: Path) -> str:
        """The diagram as one group of shapes, with its words as the text alternative."""
        width = self.shell.text_width / 20
        drawn = diagram(path, width, _PATH_SIZE)
        shapes = [_drawn_arrow(arrow, n) for n, arrow in enumerate(drawn.arrows, start=2)]
        first = 2 + len(shapes)
        shapes += [_drawn_box(box, n, self.styles["cell"]) for n, box in enumerate(drawn.boxes, start=first)]
        size = f'cx="{_emu(width)}" cy="{_emu(drawn.height)}"'
        spoken = escape(". ".join(plain_text(step).removesuffix(".") for step in steps(path)))
        group = (
            f'<wpg:wgp><wpg:cNvGrpSpPr/><wpg:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/>'
            f'<a:chOff x="0" y="0"/><a:chExt {size}/></a:xfrm></wpg:grpSpPr>{"".join(shapes)}</wpg:wgp>'
        )
        drawing = (
            f'<w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
            f'<wp:docPr id="1" name="{escape(plain_text(path.caption))}" descr="{spoken}"/><wp:cNvGraphicFramePr/>'
            '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup">'
            f"{group}</a:graphicData></a:graphic></wp:inline></w:drawing>"
        )
        choice = f'<mc:AlternateContent><mc:Choice Requires="wpg">{drawing}</mc:Choice></mc:AlternateContent>'
        caption = self._paragraph(path.caption, self.styles["lead-in"], "<w:keepNext/>")
        return f"{caption}<w:p><w:r>{choice}</w:r></w:p>"

    def _fields(self, labels: tuple[Inlines, ...]) -> str:
        """Labels with a line to write on; all rows stay together."""
        widths = [self.shell.text_width * 3 // 10, self.shell.text_width * 6 // 10]
        style = self.styles["field"]
        line = '<w:tcBorders><w:bottom w:val="single" w:sz="6" w:space="0" w:color="auto"/></w:tcBorders>'
        rows = []
        for position, label in enumerate(labels):
            keep = "<w:keepNext/>" if position < len(labels) - 1 else ""
            rows.append(
                '<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="620" w:hRule="atLeast"/></w:trPr>'
                f'<w:tc><w:tcPr><w:tcW w:w="{widths[0]}" w:type="dxa"/><w:vAlign w:val="bottom"/></w:tcPr>'
                f"{self._paragraph(label, style, keep)}</w:tc>"
                f'<w:tc><w:tcPr><w:tcW w:w="{widths[1]}" w:type="dxa"/>{line}<w:vAlign w:val="bottom"/></w:tcPr>'
                f"{self._paragraph((), style, keep)}</w:tc></w:tr>"
            )
        return self._table_of(self.styles["fields"], widths, "".join(rows))

    def _drawing(self, caption: Inlines) -> str:
        """A frame as wide as the text, the line that says what to draw inside it at the top."""
        width = self.shell.text_width
        row = (
            f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="{_FRAME_HEIGHT}" w:hRule="atLeast"/></w:trPr>'
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
            f"{self._paragraph(caption, self.styles['field'])}</w:tc></w:tr>"
        )
        return self._table_of(self.styles["drawing"], [width], row)

    def _choices(self, choices: Choices) -> str:
        """Questions with boxes that Word ticks at a click; all rows stay together, and with what follows."""
        longest = max(_extent(answer)[0] for answer in choices.header[1:])
        answer = max(self.shell.text_width // 9, longest * _CHARACTER + _CELL_MARGINS)
        answers = [min(answer, self.shell.text_width // len(choices.header))] * (len(choices.header) - 1)
        widths = [self.shell.text_width - sum(answers), *answers]
        styles = self.styles
        first = self._cells(widths, styles["header"], "")
        first[1:] = self._cells(widths[1:], styles["header"], _CENTRED)
        question = self._cells(widths[:1], styles["cell"], "<w:keepNext/>")
        boxes = self._cells(widths[1:], styles["cell"], f"<w:keepNext/>{_CENTRED}")
        ticks = [_tick_box(plain_text(answer)) for answer in choices.header[1:]]
        ticked = "".join(f"{cell}{tick}</w:p></w:tc>" for cell, tick in zip(boxes, ticks, strict=True))
        rows = [self._row(choices.header, first, "<w:cantSplit/><w:tblHeader/>")]
        rows += [
            self._row((row,), question, "<w:cantSplit/>").removesuffix("</w:tr>") + f"{ticked}</w:tr>"
            for row in choices.rows
        ]
        return self._table_of(styles["table"], widths, "".join(rows), _FIRST_ROW)

    def _slip(self, slip: Slip) -> str:
        """What is cut off: every line keeps to the next one, so that all of it stands on one page."""
        styles = self.styles
        cut = _sign("✂") + _runs(((Text(" "), *slip.cut)), "", self.shell)
        out = [f"<w:p>{_settings(styles['small'], _CUT_HERE)}{cut}</w:p>"]
        out.append(self._paragraph(slip.title, styles[f"heading{min(slip.level, 6)}"], _SLIP_TITLE))
        for position, block in enumerate(slip.blocks):
            before = slip.blocks[position - 1] if position else None
            if isinstance(block, _TABLES) and isinstance(before, _TABLES):
                out.append(_BETWEEN_TABLES)  # else Word takes the two for one
            spaced = isinstance(block, Paragraph) and isinstance(before, _TABLES)
            if isinstance(block, Fields):
                out.append(self._paired_fields(block.labels))
            else:
                out.append(self._block(block, 0, "<w:keepNext/>" + (_AFTER_TABLE if spaced else "")))
        out.append(self._paragraph(slip.edition, styles["small"], _AFTER_TABLE))
        return "".join(out)

    def _paired_fields(self, labels: tuple[Inlines, ...]) -> str:
        """Labels with a line to write on, two to a row: a slip is small."""
        width = self.shell.text_width
        widths = [width * 3 // 20, width * 13 // 40, width // 40, width * 3 // 20, width * 13 // 40]
        style = self.styles["field"]
        line = '<w:tcBorders><w:bottom w:val="single" w:sz="6" w:space="0" w:color="auto"/></w:tcBorders>'
        rows = []
        for pair in (labels[n : n + 2] for n in range(0, len(labels), 2)):
            inside = [pair[0], (), (), *(((pair[1]), ()) if len(pair) > 1 else ((), ()))]
            written_on = {1, 4} if len(pair) > 1 else {1}
            cells = "".join(
                f'<w:tc><w:tcPr><w:tcW w:w="{widths[n]}" w:type="dxa"/>{line if n in written_on else ""}'
                f'<w:vAlign w:val="bottom"/></w:tcPr>{self._paragraph(cell, style, "<w:keepNext/>")}</w:tc>'
                for n, cell in enumerate(inside)
            )
            rows.append(
                f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="560" w:hRule="atLeast"/></w:trPr>{cells}</w:tr>'
            )
        return self._table_of(self.styles["fields"], widths, "".join(rows))


_TABLES = (Table, ListTable, Fields, Choices)
_CENTRED = '<w:jc w:val="center"/>'
_CUT_HERE = (
    '<w:keepNext/><w:pBdr><w:bottom w:val="dashed" w:sz="8" w:space="2" w:color="auto"/></w:pBdr>'
    '<w:spacing w:before="240" w:after="60"/>'
)
_SLIP_TITLE = '<w:spacing w:before="80" w:after="60"/>'
_BETWEEN_TABLES = '<w:p><w:pPr><w:keepNext/><w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/></w:pPr></w:p>'
_FIRST_ROW = (
    '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
    'w:noHBand="1" w:noVBand="1"/>'
)
_CELL_LIST = '<w:spacing w:before="20" w:after="20"/><w:ind w:left="227" w:hanging="227"/>'
_BOOKMARK_END = f'<w:bookmarkEnd w:id="{GAP}{BOOKMARK}{GAP}"/>'
_FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
_PATH_SIZE = 10.0  # points
_DRAWING_NAMESPACES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def _bookmark_name(section: str) -> str:
    """A name as Word gives them to headings: a section's id may be too long for one, or hold other signs."""
    return f"_Toc{zlib.crc32(section.encode()):010d}"


def _bookmark_start(section: str) -> str:
    return f'<w:bookmarkStart w:id="{GAP}{BOOKMARK}{GAP}" w:name="{_bookmark_name(section)}"/>'


def _field_start(instruction: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


def _contents_field(names: Mapping[str, str]) -> str:
    return rf'TOC \h \z \t "{names["listed2"]},1,{names["listed3"]},2"'


def _list_widths(columns: int, width: int) -> list[int]:
    """A narrow column of names; the lists share the rest."""
    first = width * 22 // 100
    others = [(width - first) // (columns - 1)] * (columns - 1)
    return [width - sum(others), *others]


def _emu(points: float) -> int:
    return round(points * 12700)


_FILLS = {"end": "0B4F5C", "question": "FFFFFF", "answer": "EEF4F5"}


def _drawn_box(box: Box, number: int, style: str) -> str:
    colour = "FFFFFF" if box.look == "end" else "1D2329"
    run = f'<w:rPr><w:color w:val="{colour}"/><w:sz w:val="{round(_PATH_SIZE * 2)}"/></w:rPr>'
    words = f'<w:r>{run}<w:t xml:space="preserve">{escape(" ".join(box.lines))}</w:t></w:r>'
    return (
        f'<wps:wsp><wps:cNvPr id="{number}" name="Step {number}"/><wps:cNvSpPr/><wps:spPr>{_place(box.left, box.top, box.width, box.height)}'
        '<a:prstGeom prst="roundRect"><a:avLst><a:gd name="adj" fmla="val 8000"/></a:avLst></a:prstGeom>'
        f'<a:solidFill><a:srgbClr val="{_FILLS[box.look]}"/></a:solidFill><a:ln w="9525"><a:solidFill><a:srgbClr val="0B4F5C"/></a:solidFill></a:ln></wps:spPr>'
        f'<wps:txbx><w:txbxContent><w:p><w:pPr><w:pStyle w:val="{style}"/><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/></w:pPr>{words}</w:p></w:txbxContent></wps:txbx>'
        '<wps:bodyPr wrap="square" lIns="50800" tIns="25400" rIns="50800" bIns="25400" anchor="ctr"/></wps:wsp>'
    )


def _drawn_arrow(arrow: Arrow, number: int) -> str:
    (x1, y1), (x2, y2) = arrow.points[0], arrow.points[-1]
    head = '<a:tailEnd type="triangle"/>' if arrow.has_head else ""
    return (
        f'<wps:wsp><wps:cNvPr id="{number}" name="Line {number}"/><wps:cNvCnPr/><wps:spPr>{_place(x1, y1, x2 - x1, y2 - y1)}'
        '<a:prstGeom prst="line"><a:avLst/></a:prstGeom>'
        f'<a:ln w="12700"><a:solidFill><a:srgbClr val="4D5963"/></a:solidFill>{head}</a:ln></wps:spPr><wps:bodyPr/></wps:wsp>'
    )


def _place(left: float, top: float, width: float, height: float) -> str:
    return f'<a:xfrm><a:off x="{_emu(left)}" y="{_emu(top)}"/><a:ext cx="{_emu(width)}" cy="{_emu(height)}"/></a:xfrm>'


_TICKS = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
_SIGN_FONT = "Segoe UI Symbol"


def _sign(sign: str) -> str:
    """A sign that the document's own font may not have."""
    font = f'<w:rFonts w:ascii="{_SIGN_FONT}" w:hAnsi="{_SIGN_FONT}" w:eastAsia="{_SIGN_FONT}" w:cs="{_SIGN_FONT}"/>'
    return f"<w:r><w:rPr>{font}</w:rPr><w:t>{sign}</w:t></w:r>"


def _tick_box(answer: str) -> str:
    """A check box content control, named by its answer."""
    state = f'w14:font="{_SIGN_FONT}"'
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val="{escape(answer[:64])}"/><w:id w:val="{GAP}{CONTROL}{GAP}"/>'
        f'<w14:checkbox {_TICKS}><w14:checked w14:val="0"/><w14:checkedState w14:val="2612" {state}/>'
        f'<w14:uncheckedState w14:val="2610" {state}/></w14:checkbox></w:sdtPr>'
        f"<w:sdtContent>{_sign(BOX)}</w:sdtContent></w:sdt>"
    )


def _at_clause(clause: ClauseMark | None) -> str:
    return f"{GAP}{AT}clause {clause.id}{GAP}" if clause else ""


@lru_cache(maxsize=SECTIONS)
def _section(section: Section, shell: Shell, is_large: bool) -> str:
    return _Writer(shell, is_large).section(section)


def _settings(style: str, properties: str) -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:pPr>{named}{properties}</w:pPr>" if named or properties else ""


def _write_runs(inlines: Inlines, properties: str, shell: Shell) -> str:
    out: list[str] = []
    for inline in inlines:
        match inline:
            case Text(text):
                out.append(_text_run(text, properties))
            case Value(text):
                out.append(_text_run(text, properties + ("<w:rtl/>" if is_right_to_left(text) else "")))
            case FillIn(label, source):
                shown = f"{GAP}{FILL_IN}{source} {label}{GAP}"
                number = f"{GAP}{CONTROL}{GAP}"
                out.append(control(inline, shell.styles["fill-in"], number, shown))
            case Strong(inner):
                out.append(_write_runs(inner, "<w:b/>" + properties, shell))
            case Emphasis(inner):
                out.append(_write_runs(inner, properties + "<w:i/>", shell))
            case Link(address, inner):
                runs = _write_runs(inner, f'<w:rStyle w:val="{shell.styles["link"]}"/>', shell)
                out.append(f'<w:hyperlink r:id="rIdLink{GAP}{LINK}{address}{GAP}">{runs}</w:hyperlink>')
            case Reference(section, inner):
                runs = _write_runs(inner, f'<w:rStyle w:val="{shell.styles["link"]}"/>', shell)
                out.append(f'<w:hyperlink w:anchor="{_bookmark_name(section)}">{runs}</w:hyperlink>')
            case LineBreak():
                out.append("<w:r><w:br/></w:r>")
            case _:
                assert_never(inline)
    return "".join(out)


_runs = lru_cache(maxsize=FRAGMENTS)(_write_runs)


def _text_run(text: str, properties: str) -> str:
    settings = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{settings}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _column_widths(table: Table, width: int) -> list[int]:
    """Widths that hold the longest word of each column, the rest shared out by the longest line; together ``width``."""
    columns = [[_extent(cell) for cell in column] for column in zip(table.header, *table.rows, strict=True)]
    longest_word = [max(word for word, _ in column) for column in columns]
    longest_line = [max(line for _, line in column) for column in columns]
    least = width // (2 * len(longest_word))  # a word without end in one column must not squeeze the others
    needed = [max(word * _CHARACTER + _CELL_MARGINS, least) for word in longest_word]
    if table.purpose == SENTENCES:
        needed = [min(need, width * 3 // (2 * len(needed) + 4)) for need in needed]
    if sum(needed) > width:
        over = sum(need - least for need in needed)
        needed = [least + (width - least * len(needed)) * (need - least) // over for need in needed]
    spare = width - sum(needed)
    if table.purpose == SENTENCES:  # most rows are full: what all of them hold decides, not the longest
        wishes = [sum(_length(cell) for cell in column) + 1 for column in zip(*table.rows, strict=True)]
    else:
        wishes = [
            max(min(line, _LONG_LINE) - word, 0) + 1
            for line, word in zip(longest_line, longest_word, strict=True)
        ]
    widths = [need + spare * wish // sum(wishes) for need, wish in zip(needed, wishes, strict=True)]
    widths[-1] += width - sum(widths)
    return widths


@lru_cache(maxsize=FRAGMENTS)
def _length(cell: Inlines) -> int:
    """Characters of a cell; a line that ends early takes its room all the same."""
    breaks = sum(isinstance(inline, LineBreak) for inline in cell)
    return len(plain_text(cell)) + breaks * _SHORT_LINE


@lru_cache(maxsize=FRAGMENTS)
def _extent(cell: Inlines) -> tuple[int, int]:
    """Characters of a cell's longest word and of its longest line."""
    lines = [""]
    for inline in cell:
        if isinstance(inline, LineBreak):
            lines.append("")
        else:
            lines[-1] += plain_text((inline,))
    words = [len(word) for line in lines for word in line.split()]
    return max(words, default=0), max(len(line) for line in lines)
