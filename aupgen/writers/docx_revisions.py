"""Two editions of a document and a shell in; one Word file out, the new edition with tracked changes against the old.

The law: "accept all" gives exactly the body that `write_docx` writes of the new edition, "reject all" that of the
old. So the two bodies themselves are compared, paragraph by paragraph and row by row, and whatever the writer
can write can be tracked: what is alike stands as it is, a changed paragraph has marked words in it, and a change of
its settings is tracked as well.

Clauses are held against each other by id and section, headings by section, the rest by place. A clause
that moved is deleted where it was and inserted where it is: Word's own marks for moves may not cross a table, pair by
names that must be unique, and are left behind as insertions by some programs; the comment says where it came from.

How Word joins paragraphs decides where marks stand (ECMA-376-1, 17.13.5.15 and 17.13.5.20): when a paragraph's
end is deleted, its words join the next paragraph. Before a table, or at the end, there is none, and an empty paragraph
would be left over. There the end of the paragraph before is marked in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.comparison.words import Mark, split_words, stretches
from aupgen.document.tree import Document
from aupgen.writers.docx import (
    AT,
    BOOKMARK,
    CONTROL,
    FILL_IN,
    GAP,
    LINK,
    LIST,
    NUMBER,
    Further,
    Numbers,
    body_with_gaps,
    package,
)
from aupgen.writers.html import escape
from aupgen.writers.package import member
from aupgen.writers.shell import Shell
from aupgen.writers.wordml import Element, inner_xml, read_elements, top_elements, words, xml

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
T = TypeVar("T")

_MARK = '<at is="'
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_COMMENTS = "word/comments.xml"
_COMMENTS_TYPE = (
    f'<Override PartName="/{_COMMENTS}" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"/>'
)
_COMMENTS_RELATIONSHIP = (
    '<Relationship Id="rIdComments" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments" Target="comments.xml"/>'
)
_CONTENT = "<w:sdtContent>"
_WITHIN, _WHOLE = "T00:00:00Z", "T00:10:00Z"
_A_CONTROL = '<w:id w:val="aupgen-control"/>'  # no text of ours can hold it: there, signs are escaped


class Note(Struct, frozen=True):
    """A comment: where it stands, and its paragraphs.

    ``section`` and ``clause`` are ids; without a clause it stands at the line of these ``words``.
    """

    section: str
    clause: str
    words: str
    lines: tuple[str, ...]


class Author(Struct, frozen=True):
    """Who made the changes, and on which day (2026-09-01), as every mark says."""

    name: str
    day: str


def _by_whom(author: Author, time: str) -> str:
    return f'w:author="{escape(author.name)}" w:date="{escape(author.day)}{time}"'


def write_redline(
    old: Document | None, new: Document | None, shell: Shell, author: Author, notes: Iterable[Note] = ()
) -> bytes:
    """Return the new edition as a Word file with tracked changes against the old one.

    ``old`` None: all of it is inserted; ``new`` None: all of it is deleted. A note whose line is nowhere stands
    at the title, so that none is lost.
    """
    document = new or old
    if document is None:
        raise ValueError("there is no edition to write")
    reading = _Reading(shell)
    before, after = (reading.units(side) if side else [] for side in (old, new))
    redline = _Redline(author, shell)
    redline.place(tuple(notes), (*after, *before))
    body = redline.body(before, after)
    first, *rest = body.split(_A_CONTROL)
    body = first + "".join(f'<w:id w:val="{n}"/>{part}' for n, part in enumerate(rest, start=1))
    numbers = Numbers(shell, list(reading.links), list(reading.lists.values()), reading.fill_ins, len(rest))
    if not redline.notes:
        return package(document, shell, body, numbers)
    comments = f"{_XML}<w:comments {_W}>{redline.comments()}</w:comments>"
    further = Further(
        (member(_COMMENTS, comments.encode(), fast=True),),
        "" if "comments.xml" in shell.relationships else _COMMENTS_RELATIONSHIP,
        "" if f"/{_COMMENTS}" in shell.content_types else _COMMENTS_TYPE,
    )
    return package(document, shell, body, numbers, further)


# ------------------------------------------------------------------ two bodies, in units


class _Unit(Struct, dict=True):
    """A paragraph or table of a body: its XML, where it stands, and what it is paired by.

    Most are alike on both sides: so they are taken apart only where something asks.
    """

    source: str
    section: str
    clause: str = ""
    key: Hashable = ""

    @property
    def is_table(self) -> bool:
        return self.source.startswith("<w:tbl>")

    @property
    def settings(self) -> str:
        """What stands in a paragraph's settings, as XML; they come first and hold no settings of their own kind."""
        start = "<w:p><w:pPr>"
        return self.source[len(start) :].partition("</w:pPr>")[0] if self.source.startswith(start) else ""

    @cached_property
    def element(self) -> Element:
        return read_elements(self.source)[0]

    @cached_property
    def text(self) -> str:
        return words(self.element)


class _Reading(Struct):
    """Reads both bodies with the numbers of links and lists that they share."""

    shell: Shell
    links: dict[str, int] = field(default_factory=dict)
    lists: dict[tuple[str, int, int], int] = field(default_factory=dict)  # where each starts, by its number
    fill_ins: dict[tuple[str, str], int] = field(default_factory=dict)
    bookmarks: dict[str, int] = field(default_factory=dict)  # the number of each heading's, by its section

    def units(self, document: Document) -> list[_Unit]:
        """The units of a body in reading order."""
        out: list[_Unit] = []
        section = clause = ""
        heading, tables = False, 0
        counts: dict[Hashable, int] = {}
        for source in top_elements(self._filled(body_with_gaps(document, self.shell))):
            if source.startswith(_MARK):
                what, _, id_ = source.removeprefix(_MARK).removesuffix('"/>').partition(" ")
                if what == "section":
                    section, tables = id_, 0
                heading, clause = what == "heading", id_ if what == "clause" else ""
                continue
            unit = _Unit(source, section, clause)
            if unit.is_table:
                key: Hashable = ("table", section, tables, source.count("<w:gridCol "))
                tables += 1
            elif heading:
                key = ("heading", section)
            elif clause:
                key = ("clause", section, clause)
            else:
                key = ("text", section, unit.text) if out else ("title",)
            count = counts[key] = counts.get(key, 0) + 1
            unit.key = (key, count)
            out.append(unit)
            heading, clause = False, ""
        return out

    def _filled(self, body: str) -> str:
        parts = body.split(GAP)
        section, count = "", 0
        open_lists: list[str] = []
        for position in range(1, len(parts), 2):
            gap, text = parts[position], ""
            if gap.startswith(AT):
                told = gap.removeprefix(AT)
                if told.startswith("section "):
                    section, count = told, 0
                text = f'{_MARK}{escape(told)}"/>'
            elif gap == BOOKMARK:
                text = str(self.bookmarks.setdefault(section, len(self.bookmarks) + 1))
            elif gap.startswith(LINK):
                address = gap.removeprefix(LINK)
                text = str(self.links.setdefault(address, len(self.links) + 1))
            elif gap == CONTROL:
                text = "aupgen-control"
            elif gap.startswith(FILL_IN):
                source, _, label = gap.removeprefix(FILL_IN).partition(" ")
                text = str(self.fill_ins.setdefault((source, label), len(self.fill_ins) + 1))
            elif gap.startswith(LIST):
                start = int(gap.removeprefix(LIST))
                name = (section, count, start)
                self.lists.setdefault(name, start)
                open_lists.append(str(self.shell.next_number + list(self.lists).index(name)))
                count += 1
            elif gap == NUMBER:
                text = open_lists[-1]
            else:
                open_lists.pop()
            parts[position] = text
        return "".join(parts)


# ------------------------------------------------------------------ one marked body


class _Line(Struct):
    """A paragraph or table of the marked body: what it was and what it is.

    ``mark`` says what becomes of a paragraph's end, ``before`` and ``after`` its settings when all is rejected and
    when all is accepted.
    """

    old: _Unit | None
    new: _Unit | None
    mark: Mark = Mark.KEPT
    before: str = ""
    after: str = ""
    is_whole: bool = False  # old and new are shown one after the other, whatever they have in common

    @property
    def unit(self) -> _Unit:
        unit = self.new or self.old
        assert unit
        return unit

    @property
    def state(self) -> Mark:
        return Mark.KEPT if self.old and self.new else Mark.INSERTED if self.new else Mark.DELETED


def _line(old: _Unit | None, new: _Unit | None) -> _Line:
    line = _Line(old, new)
    if not line.unit.is_table:
        line.mark = line.state
        line.before = (old or line.unit).settings
        line.after = (new or line.unit).settings
    return line


def _lines(old: Sequence[_Unit], new: Sequence[_Unit]) -> list[_Line]:
    """The two bodies as one, what is gone before what came in its place."""
    out: list[_Line] = []
    matcher = SequenceMatcher(None, [u.key for u in old], [u.key for u in new], autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            out += [_line(o, n) for o, n in zip(old[a1:a2], new[b1:b2], strict=True)]
            continue
        left = list(new[b1:b2])
        for o in old[a1:a2]:
            match = next((n for n, unit in enumerate(left) if _alike(o, unit)), None)
            if match is None:
                out.append(_line(o, None))
            else:
                out += [_line(None, unit) for unit in left[:match]]
                out.append(_line(o, left[match]))
                left = left[match + 1 :]
        out += [_line(None, unit) for unit in left]
    return out


def _alike(old: _Unit, new: _Unit) -> bool:
    """Whether two paragraphs without an id stand in the same place and look the same."""
    plain = not old.clause and not new.clause and not old.is_table and not new.is_table
    return plain and _kind(old) == _kind(new)


def _kind(unit: _Unit) -> tuple[str, str, bool]:
    style = next((e.attributes["w:val"] for p in unit.element.all("w:pStyle") for e in (p,)), "")
    return unit.section, style, bool(unit.text)


def _mark_ends(lines: Sequence[_Line]) -> list[_Line]:
    """The lines in an order, and with marks at paragraphs' ends, that leave no empty paragraph behind.

    What came and went between two lines that stay is put in order as a whole: a paragraph whose end goes needs
    one after it to join, in the body as it is then.
    """
    out: list[_Line] = []
    position = 0
    while position < len(lines):
        end = position
        while end < len(lines) and lines[end].state is not Mark.KEPT:
            end += 1
        if end > position:
            ahead = out[-1] if out else None
            out += _settled(lines[position:end], ahead, lines[end] if end < len(lines) else None)
        else:
            out.append(lines[position])
            end += 1
        position = end
    return out


def _settled(region: Sequence[_Line], ahead: _Line | None, follows: _Line | None) -> list[_Line]:
    """What came and went between ``ahead`` and ``follows``; None is the start or the end of the body."""
    gone = [line for line in region if line.state is Mark.DELETED]
    come = [line for line in region if line.state is Mark.INSERTED]
    if follows is not None and not follows.unit.is_table:
        return _in_order(gone, come)
    if gone and come and not gone[-1].unit.is_table and not come[-1].unit.is_table:
        last = _line(gone[-1].old, come[-1].new)
        last.is_whole = True
        return [*_settled([*gone[:-1], *come[:-1]], ahead, last), last]
    seam = next((line for line in reversed(region) if not line.unit.is_table), None)
    if seam is None or (gone and come):
        return [*gone, *come]
    if ahead is not None and not ahead.unit.is_table and ahead.mark is Mark.KEPT:
        ahead.mark, seam.mark = seam.mark, Mark.KEPT
        if come:
            seam.before, ahead.before = ahead.before, ahead.after
        else:
            seam.after, ahead.after = ahead.after, ahead.before
    elif follows is None:
        seam.mark = Mark.KEPT  # the last paragraph of a file stays, if empty
    return [*gone, *come]


def _in_order(gone: list[_Line], come: list[_Line]) -> list[_Line]:
    """What came and went before a paragraph that stays, so that every paragraph which goes has one to join.

    Deleted ones join what came, inserted ones what went. Where tables follow on both sides, the last paragraphs
    before them are made one, which stays.
    """
    out: list[_Line] = []
    while gone and come:
        tables, gone = _run(gone, tables=True)
        more, come = _run(come, tables=True)
        out += tables + more
        went, gone_after = _run(gone, tables=False)
        came, come_after = _run(come, tables=False)
        if went and came and gone_after and come_after:
            last = _line(went[-1].old, came[-1].new)
            last.is_whole = True
            out += [*went[:-1], *came[:-1], last]
        else:
            out += came + went if gone_after else went + came
        gone, come = gone_after, come_after
    return out + gone + come


def _run(lines: list[_Line], *, tables: bool) -> tuple[list[_Line], list[_Line]]:
    """The tables, or the paragraphs, that some lines begin with; and the rest."""
    count = next((n for n, line in enumerate(lines) if line.unit.is_table is not tables), len(lines))
    return lines[:count], lines[count:]


class _Redline(Struct):
    """Writes the marked body and gathers the comments in it."""

    author: Author
    shell: Shell
    marks: int = 0
    is_whole: bool = False  # whether the paragraph being written came or went as a whole
    notes: list[Note] = field(default_factory=list)  # by the number of the comment
    waiting: dict[tuple[str, str, str], list[Note]] = field(default_factory=dict)

    def place(self, notes: Sequence[Note], units: Iterable[_Unit]) -> None:
        """Find the paragraph of each note."""
        if not notes:
            return
        known: set[tuple[str, str, str]] = set()
        title: tuple[str, str, str] | None = None
        for unit in units:
            for text in _texts(unit):
                place = (unit.section, unit.clause, "" if unit.clause else text)
                title = title or place
                known.add(place)
        for note in notes:
            place = (note.section, note.clause, "" if note.clause else note.words)
            found = place if place in known else title
            if found:
                self.waiting.setdefault(found, []).append(note)

    def body(self, old: Sequence[_Unit], new: Sequence[_Unit]) -> str:
        return "".join(self._line(line) for line in _mark_ends(_lines(old, new)))

    def _line(self, line: _Line) -> str:
        if line.unit.is_table:
            return self._table(line)
        notes = self._notes_at(line)
        self.is_whole = line.state is not Mark.KEPT
        same = line.old and line.new and line.old.source == line.new.source
        if same and line.mark is Mark.KEPT and line.before == line.after and not notes:
            return line.unit.source
        return self._paragraph(line, notes)

    def _notes_at(self, line: _Line) -> list[Note]:
        """The notes of a line, which are no longer waiting then."""
        out: list[Note] = []
        for unit in (line.new, line.old) if self.waiting else ():
            if unit:
                out += self.waiting.pop((unit.section, unit.clause, "" if unit.clause else unit.text), ())
        return out

    def _paragraph(self, line: _Line, notes: Sequence[Note]) -> str:
        runs = self._runs(
            _atoms(line.old.element) if line.old else (),
            _atoms(line.new.element) if line.new else (),
            line.is_whole,
        )
        settings = self._settings(line.before, line.after, line.mark)
        return f"<w:p>{settings}{self._noted(runs, notes, line.state)}</w:p>"

    def _settings(self, before: str, after: str, mark: Mark) -> str:
        end = "" if mark is Mark.KEPT else f"<w:rPr>{self._empty(mark)}</w:rPr>"
        changed = ""
        if before != after:
            changed = f"<w:pPrChange {self._who()}><w:pPr>{before}</w:pPr></w:pPrChange>"
        inside = after + end + changed
        return f"<w:pPr>{inside}</w:pPr>" if inside else ""

    # -------------------------------------------------------------- words

    def _runs(self, old: Sequence[_Atom], new: Sequence[_Atom], is_whole: bool = False) -> str:
        out: list[str] = []
        link = ""
        inside: list[str] = []

        def close() -> None:
            out.append(f"<w:hyperlink {link}>{''.join(inside)}</w:hyperlink>" if link else "".join(inside))
            inside.clear()

        if is_whole:
            found: Iterable[tuple[Mark, Sequence[_Atom]]] = ((Mark.DELETED, old), (Mark.INSERTED, new))
        else:
            found = stretches(old, new, [atom.is_filler for atom in old])
        for mark, atoms in found:
            for address, linked in _by(atoms, lambda atom: atom.link):
                if address != link:
                    close()
                    link = address
                inside += [
                    self._marked_control(mark, part) if are_controls else self._marked(mark, part)
                    for are_controls, part in _by(linked, lambda atom: atom.look is None)
                ]
        close()
        return "".join(out)

    def _marked(self, mark: Mark, atoms: Sequence[_Atom]) -> str:
        runs = []
        for look, alike in _by(atoms, lambda atom: atom.look):
            text = "".join(atom.content for atom in alike)
            settings = f"<w:rPr>{look}</w:rPr>" if look else ""
            runs.append(f"<w:r>{settings}{_joined(text)}</w:r>")
        return self._wrapped(mark, "".join(runs))

    def _marked_control(self, mark: Mark, atoms: Sequence[_Atom]) -> str:
        """Controls, which came or went with what is in them: the words are marked inside, the control around it."""
        out: list[str] = []
        for atom in atoms:
            head, opens, rest = atom.content.partition(_CONTENT)
            if mark is Mark.KEPT or not opens:
                out.append(atom.content)
                continue
            inside, closes, tail = rest.rpartition("</w:sdtContent>")
            range_ = "customXmlInsRange" if mark is Mark.INSERTED else "customXmlDelRange"
            start = f"<w:{range_}Start {self._who()}/>"
            number = self.marks
            marked = f"{head}{opens}{self._wrapped(mark, inside)}{closes}{tail}"
            out.append(f'{start}{marked}<w:{range_}End w:id="{number}"/>')
        return "".join(out)

    def _wrapped(self, mark: Mark, runs: str) -> str:
        if mark is Mark.KEPT or not runs:
            return runs
        if mark is Mark.INSERTED:
            return f"<w:ins {self._who()}>{runs}</w:ins>"
        deleted = (
            runs.replace("<w:t ", "<w:delText ")
            .replace("<w:t>", "<w:delText>")
            .replace("</w:t>", "</w:delText>")
            .replace("<w:instrText", "<w:delInstrText")
            .replace("</w:instrText>", "</w:delInstrText>")
        )
        return f"<w:del {self._who()}>{deleted}</w:del>"

    def _empty(self, mark: Mark) -> str:
        return f"<w:{'ins' if mark is Mark.INSERTED else 'del'} {self._who()}/>"

    def _who(self) -> str:
        # LibreOffice takes a paragraph that came for part of a change at the end of the one before, and joins the
        # two when all is rejected; it does not where more than a minute lies between the two.
        self.marks += 1
        time = _WHOLE if self.is_whole else _WITHIN
        return f'w:id="{self.marks}" {_by_whom(self.author, time)}'

    # -------------------------------------------------------------- tables

    def _table(self, line: _Line) -> str:
        old, new = line.old, line.new
        if old and new:
            noted = any(
                (unit.section, "", text) in self.waiting for unit in (old, new) for text in _texts(unit)
            )
            if old.source == new.source and not noted:
                return new.source
            rows = _row_pairs(old.element, new.element)
            if rows is not None:
                return self._changed_table(line, rows)
            return self._table(_Line(old, None)) + self._table(_Line(None, new))
        unit = line.unit
        head = "".join(xml(part) for part in unit.element.elements if part.tag != "w:tr")
        rows = [(row, None) if line.state is Mark.DELETED else (None, row) for row in _rows(unit.element)]
        return f"<w:tbl>{head}{''.join(self._row(*row, unit.section) for row in rows)}</w:tbl>"

    def _changed_table(self, line: _Line, rows: Sequence[tuple[Element | None, Element | None]]) -> str:
        assert line.old
        assert line.new
        before, after = line.old.element, line.new.element
        settings = self._changed(before.first("w:tblPr"), after.first("w:tblPr"))
        grid, old_grid = after.first("w:tblGrid"), before.first("w:tblGrid")
        columns = inner_xml(grid)
        if columns != inner_xml(old_grid):
            self.marks += 1
            columns += f'<w:tblGridChange w:id="{self.marks}"><w:tblGrid>{inner_xml(old_grid)}</w:tblGrid></w:tblGridChange>'
        body = "".join(self._row(old, new, line.new.section) for old, new in rows)
        return f"<w:tbl>{settings}<w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl>"

    def _row(self, old: Element | None, new: Element | None, section: str) -> str:
        row = new or old
        assert row is not None
        if old and new:
            cells = zip(_cells(old), _cells(new), strict=True)
            settings = self._changed(old.first("w:trPr"), new.first("w:trPr"))
            return f"<w:tr>{settings}{''.join(self._cell(o, n, section) for o, n in cells)}</w:tr>"
        mark = Mark.INSERTED if new else Mark.DELETED
        settings = f"<w:trPr>{inner_xml(row.first('w:trPr'))}{self._empty(mark)}</w:trPr>"
        cells_of = [(None, cell) if new else (cell, None) for cell in _cells(row)]
        return f"<w:tr>{settings}{''.join(self._cell(o, n, section) for o, n in cells_of)}</w:tr>"

    def _cell(self, old: Element | None, new: Element | None, section: str) -> str:
        cell = new or old
        assert cell is not None
        settings = xml(cell.first("w:tcPr") or Element("w:tcPr", {}))
        if old and new:
            settings = self._changed(old.first("w:tcPr"), new.first("w:tcPr"))
        olds = [_cell_unit(e, section) for e in _paragraphs(old)] if old else []
        news = [_cell_unit(e, section) for e in _paragraphs(new)] if new else []
        pairs: Iterable[tuple[_Unit | None, _Unit | None]]
        if old and new:
            pairs = zip(olds, news, strict=True)
        else:
            pairs = [(unit, None) for unit in olds] or [(None, unit) for unit in news]
        return f"<w:tc>{settings}{''.join(self._line(_line(o, n)) for o, n in pairs)}</w:tc>"

    def _changed(self, old: Element | None, new: Element | None) -> str:
        """Settings of a table, a row or a cell, with what they were."""
        side = new or old
        if side is None:
            return ""
        before, after = inner_xml(old), inner_xml(new)
        if before == after:
            return xml(side)
        change = f"{side.tag}Change"
        return f"<{side.tag}>{after}<{change} {self._who()}><{side.tag}>{before}</{side.tag}></{change}></{side.tag}>"

    # -------------------------------------------------------------- comments

    def _noted(self, runs: str, notes: Sequence[Note], state: Mark) -> str:
        starts, ends = [], []
        for note in notes:
            number = len(self.notes)
            self.notes.append(note)
            starts.append(f'<w:commentRangeStart w:id="{number}"/>')
            # the reference goes with a paragraph that goes: else it would be left in the next one
            reference = self._wrapped(state, f'<w:r><w:commentReference w:id="{number}"/></w:r>')
            ends.append(f'<w:commentRangeEnd w:id="{number}"/>{reference}')
        return "".join([*starts, runs, *ends])

    def comments(self) -> str:
        who = _by_whom(self.author, _WITHIN)
        initials = escape("".join(part[0] for part in self.author.name.split())[:4])
        return "".join(
            f'<w:comment w:id="{number}" {who} w:initials="{initials}">'
            + "".join(
                f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in note.lines
            )
            + "</w:comment>"
            for number, note in enumerate(self.notes)
        )


# ------------------------------------------------------------------ words of a paragraph


class _Atom(Struct, frozen=True):
    """The least that can be marked: a word, some space, a sign, a break, or a control as a whole.

    ``look`` is the settings of its run, None where ``content`` brings a run of its own; ``link`` the attributes of
    the link around it, "" for none.
    """

    content: str
    look: str | None = ""
    link: str = ""

    @property
    def is_filler(self) -> bool:
        return self.content.startswith(_PLAIN) and not self.content[1:2].isalnum()


_PLAIN = "\1"  # before plain text in the content of an atom: no text can hold it


_NO_WORDS = ("w:pPr", "w:bookmarkStart", "w:bookmarkEnd")
"""A changed heading has no bookmark: Word makes it anew with the contents."""


def _atoms(paragraph: Element) -> tuple[_Atom, ...]:
    out: list[_Atom] = []
    for child in paragraph.elements:
        if child.tag == "w:hyperlink":
            link = " ".join(f'{name}="{escape(value)}"' for name, value in child.attributes.items())
            for run in child.elements:
                out += (replace(atom, link=link) for atom in _run_atoms(run))
        elif child.tag not in _NO_WORDS:
            out += _run_atoms(child)
    return tuple(out)


def _run_atoms(run: Element) -> Iterator[_Atom]:
    if run.tag != "w:r":
        yield _Atom(xml(run), None)
        return
    look = inner_xml(run.first("w:rPr"))
    for child in run.elements:
        if child.tag == "w:t":
            yield from (_Atom(f"{_PLAIN}{escape(word)}", look) for word in split_words(words(child)))
        elif child.tag != "w:rPr":
            yield _Atom(xml(child), look)


def _joined(text: str) -> str:
    """Atoms of one run as its content: words side by side are one text."""
    parts = re.split(f"((?:{_PLAIN}[^{_PLAIN}<]*)+)", text)
    return "".join(
        f'<w:t xml:space="preserve">{part.replace(_PLAIN, "")}</w:t>' if part.startswith(_PLAIN) else part
        for part in parts
    )


def _by(atoms: Sequence[_Atom], key: Callable[[_Atom], T]) -> Iterator[tuple[T, Sequence[_Atom]]]:
    """Yield neighbours that share something, with what they share."""
    start = 0
    for position in range(1, len(atoms) + 1):
        if position == len(atoms) or key(atoms[position]) != key(atoms[start]):
            yield key(atoms[start]), atoms[start:position]
            start = position


# ------------------------------------------------------------------ parts of a table


def _rows(table: Element) -> list[Element]:
    return [part for part in table.elements if part.tag == "w:tr"]


def _cells(row: Element) -> list[Element]:
    return [part for part in row.elements if part.tag == "w:tc"]


def _paragraphs(cell: Element) -> list[Element]:
    return [part for part in cell.elements if part.tag == "w:p"]


def _cell_unit(paragraph: Element, section: str) -> _Unit:
    return _Unit(xml(paragraph), section)


def _texts(unit: _Unit) -> list[str]:
    """The words of a paragraph, or of every paragraph of a table."""
    return [words(p) for p in unit.element.all("w:p")] if unit.is_table else [unit.text]


def _row_pairs(old: Element, new: Element) -> list[tuple[Element | None, Element | None]] | None:
    """The rows of two tables in pairs, by their words and then by their first cell; None where cells do not match."""
    before, after = _rows(old), _rows(new)
    if any(
        part.tag != "w:p"
        for row in (*before, *after)
        for cell in _cells(row)
        for part in cell.elements
        if part.tag != "w:tcPr"
    ):
        return None
    out: list[tuple[Element | None, Element | None]] = []
    matcher = SequenceMatcher(
        None, [_row_words(r) for r in before], [_row_words(r) for r in after], autojunk=False
    )
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            out += zip(before[a1:a2], after[b1:b2], strict=True)
            continue
        left = after[b1:b2]
        for row in before[a1:a2]:
            match = next(
                (n for n, other in enumerate(left) if _row_words(row)[:1] == _row_words(other)[:1]), None
            )
            if match is None:
                out.append((row, None))
            else:
                out += [(None, other) for other in left[:match]]
                out.append((row, left[match]))
                left = left[match + 1 :]
        out += [(None, other) for other in left]
    for one, other in out:
        if (
            one
            and other
            and [len(_paragraphs(c)) for c in _cells(one)] != [len(_paragraphs(c)) for c in _cells(other)]
        ):
            return None
    return out


def _row_words(row: Element) -> tuple[str, ...]:
    return tuple(words(cell) for cell in _cells(row))
