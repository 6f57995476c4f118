"""The law of a redline: accepting all gives the new edition, rejecting all the old, to the last setting of a cell."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docx_integrity import check
from lxml import etree
from msgspec.structs import replace
from openxml_audit import OpenXmlValidator

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import (
    Block,
    BulletList,
    Choices,
    Document,
    Drawing,
    Emphasis,
    Fields,
    Inlines,
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
from aupgen.library.compiled import Library
from aupgen.policy.profile import Profile
from aupgen.policy.year import PolicyYear
from aupgen.writers.docx import write_docx
from aupgen.writers.docx_revisions import Author, Note, write_redline
from aupgen.writers.shell import Shell
from tests.comparison.test_changes import SAMPLES
from tests.comparison.word_revisions import W, body_of, plain, resolved
from tests.conftest import sample

CLERK = Author("Clerk to the Governors", "2026-09-01")


def documents_of(library: Library, profile: Profile) -> dict[str, Document]:
    bound, _ = bind_profile(library, profile)
    return {document.meta.id: document for document in bound.documents}


@pytest.fixture(scope="module")
def editions(library: Library) -> list[dict[str, Document]]:
    """The documents of every sample, in every year it speaks of."""
    profiles = [sample(slug, PolicyYear.parse(year) if year else None) for slug, year in SAMPLES]
    return [documents for profile in profiles if (documents := documents_of(library, profile))]


def obeys(old: Document | None, new: Document | None, shell: Shell) -> None:
    data = write_redline(old, new, shell, CLERK)
    if new:
        assert resolved(data, accept=True) == plain(body_of(write_docx(new, shell)))
    if old:
        assert resolved(data, accept=False) == plain(body_of(write_docx(old, shell)))


def test_any_two_samples_obey_the_law(editions: list[dict[str, Document]], shell: Shell) -> None:
    """Two schools differ in far more than two years of one: sections, tables, lists, titles and all."""
    for old, new in itertools.permutations(editions, 2):
        for id_ in old.keys() & new.keys():
            obeys(old[id_], new[id_], shell)


def test_a_new_document_and_one_that_is_dropped_obey_the_law(
    editions: list[dict[str, Document]], shell: Shell
) -> None:
    for documents in editions:
        for document in documents.values():
            obeys(None, document, shell)
            obeys(document, None, shell)


def test_a_document_against_itself_has_no_marks(editions: list[dict[str, Document]], shell: Shell) -> None:
    for documents in editions:
        for document in documents.values():
            data = write_redline(document, document, shell, CLERK)
            names = {etree.QName(e).localname for e in body_of(data).iter()}
            assert not names & {"ins", "del", "pPrChange", "tcPrChange", "tblGridChange"}
            assert plain(body_of(data)) == plain(body_of(write_docx(document, shell)))


# ------------------------------------------------------------------ generated pairs


@pytest.mark.parametrize("seed", range(200))
def test_generated_pairs_obey_the_law(seed: int, editions: list[dict[str, Document]], shell: Shell) -> None:
    dice = random.Random(seed)
    documents = list(editions[seed % len(editions)].values())
    document = documents[seed // len(editions) % len(documents)]
    old = replace(document, blocks=_shaken(document.blocks, dice))
    new = replace(document, blocks=_shaken(document.blocks, dice))
    obeys(old, new, shell)


def _shaken(blocks: tuple[Block, ...], dice: random.Random) -> tuple[Block, ...]:
    """Some blocks with a few of them dropped, doubled, moved, changed or put in; never two tables side by side."""
    out: list[Block] = []
    for block in blocks:
        match dice.randrange(12):
            case 0:
                continue
            case 1:
                out += [_new_block(dice), _changed(block, dice)]
            case 2:
                out.insert(dice.randrange(len(out) + 1), _changed(block, dice))
            case _:
                out.append(_changed(block, dice))
    return tuple(_apart(out))


_TABLES = (Table, Fields, Choices, Drawing)


def _apart(blocks: list[Block]) -> Iterator[Block]:
    before: Block | None = None
    for block in blocks:
        if isinstance(block, _TABLES) and isinstance(before, _TABLES):
            yield Paragraph((Text("Between two tables."),))
        yield block
        before = block


def _changed(block: Block, dice: random.Random) -> Block:
    match block:
        case Section():
            return replace(block, blocks=_shaken(block.blocks, dice))
        case BulletList(items) | NumberedList(items):
            kept = [_changed_item(item, dice) for item in items if dice.randrange(6)]
            if not dice.randrange(8):
                dice.shuffle(kept)
            return replace(block, items=(*kept, *(_new_item(dice) for _ in range(dice.choice((0, 0, 1))))))
        case Paragraph(inlines) if not dice.randrange(3):
            return replace(block, inlines=_edited(inlines, dice))
        case Table(_, rows):
            kept_rows = [tuple(_edited(cell, dice) for cell in row) for row in rows if dice.randrange(5)]
            return replace(block, rows=tuple(kept_rows))
        case _:
            return block


def _changed_item(item: ListItem, dice: random.Random) -> ListItem:
    return item if dice.randrange(4) else replace(item, inlines=_edited(item.inlines, dice))


def _edited(inlines: Inlines, dice: random.Random) -> Inlines:
    match dice.randrange(6):
        case 0:
            return (*inlines, _new_inlines(dice)[0])
        case 1:
            return (Strong(inlines),)
        case 2:
            return _new_inlines(dice)
        case 3 if inlines and isinstance(inlines[0], Text):
            return (Text(inlines[0].text.replace(" the ", " a ")), *inlines[1:])
        case _:
            return inlines


def _new_inlines(dice: random.Random) -> Inlines:
    words = " ".join(
        dice.choice(("keep", "<tell>", "nobody", "& all", "“secret”", "الاسم")) for _ in range(5)
    )
    choices: tuple[Inlines, ...] = (
        (Text(words),),
        (Value(words, "name"),),
        (Emphasis((Text(words),)), Text(" and so on")),
        (Link("https://example.org/a?b&c", (Text(words),)), Text(".")),
    )
    return dice.choice(choices)


def _new_item(dice: random.Random) -> ListItem:
    inner: tuple[Block, ...] = (
        (NumberedList((ListItem(_new_inlines(dice)),), 3),) if dice.randrange(2) else ()
    )
    return ListItem(_new_inlines(dice), None, inner)


def _new_block(dice: random.Random) -> Block:
    columns = dice.choice((2, 3))
    cells = [tuple(_new_inlines(dice) for _ in range(columns)) for _ in range(3)]
    choices: tuple[Block, ...] = (
        Paragraph(_new_inlines(dice)),
        BulletList((_new_item(dice), _new_item(dice))),
        NumberedList((_new_item(dice),), dice.choice((1, 4))),
        Table(cells[0], tuple(cells[1:])),
    )
    return dice.choice(choices)


# ------------------------------------------------------------------ what readers meet


@pytest.fixture(scope="module")
def oakfield(library: Library) -> tuple[dict[str, Document], dict[str, Document]]:
    old, new = (sample("oakfield", year) for year in (PolicyYear.parse("2025-26"), None))
    return documents_of(library, old), documents_of(library, new)


Pair = tuple[dict[str, Document], dict[str, Document]]


def test_only_the_words_that_changed_are_marked(oakfield: Pair, shell: Shell) -> None:
    old, new = (side["governor-agreement"] for side in oakfield)
    body = body_of(write_redline(old, new, shell, CLERK))
    item = [p for p in body.iter(f"{W}p") if "I will turn on a second step" in "".join(p.itertext())][-1]
    inserted = ["".join(mark.itertext()) for mark in item.iter(f"{W}ins")]
    assert inserted == [", or a passkey,"]
    assert not list(item.iter(f"{W}del"))


def test_every_mark_names_author_and_day_and_has_a_number_of_its_own(oakfield: Pair, shell: Shell) -> None:
    old, new = (side["staff-policy"] for side in oakfield)
    body = body_of(write_redline(old, new, shell, CLERK))
    marks = [e for e in body.iter() if etree.QName(e).localname in ("ins", "del", "pPrChange")]
    assert marks
    assert {(m.get(f"{W}author"), m.get(f"{W}date", "")[:10]) for m in marks} == {(CLERK.name, CLERK.day)}
    numbers = [m.get(f"{W}id") for m in marks]
    assert len(set(numbers)) == len(numbers)


def test_comments_stand_at_their_clause_and_a_lost_one_at_the_title(oakfield: Pair, shell: Shell) -> None:
    old, new = (side["governor-agreement"] for side in oakfield)
    notes = [
        Note("email-and-sign-in", "no-such-clause", "", ("Nowhere",)),
        Note("", "", next(iter(_texts(new))), ("Why: <because>", "Second line")),
    ]
    data = write_redline(old, new, shell, CLERK, notes)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        comments = etree.fromstring(package.read("word/comments.xml"))
        types = package.read("[Content_Types].xml").decode()
        assert package.namelist()[0] == "[Content_Types].xml"
    assert [["".join(p.itertext()) for p in comment] for comment in comments] == [
        ["Nowhere"], ["Why: <because>", "Second line"],
    ]  # fmt: skip
    assert types.count("/word/comments.xml") == 1
    title = body_of(data)[0]
    assert len(list(title.iter(f"{W}commentReference"))) == 2


def _texts(document: Document) -> Iterator[str]:
    from aupgen.document.walk import lines

    return (text for _, text in lines(document))


def test_the_same_editions_give_the_same_bytes(oakfield: Pair, shell: Shell) -> None:
    old, new = (side["staff-policy"] for side in oakfield)
    assert write_redline(old, new, shell, CLERK) == write_redline(old, new, shell, CLERK)


def test_two_checkers_find_nothing_amiss(
    oakfield: Pair, editions: list[dict[str, Document]], shell: Shell, tmp_path: Path
) -> None:
    pairs: list[tuple[Document | None, Document | None]] = [
        (oakfield[0][id_], oakfield[1][id_]) for id_ in oakfield[0].keys() & oakfield[1].keys()
    ]
    policies = [documents["staff-policy"] for documents in editions if "staff-policy" in documents]
    pairs += [
        (policies[0], policies[-1]),
        (policies[-1], policies[0]),
        (None, policies[0]),
        (policies[0], None),
    ]
    for number, (old, new) in enumerate(pairs):
        path = tmp_path / f"{number}.docx"
        path.write_bytes(write_redline(old, new, shell, CLERK, [Note("", "", "", ("Why: so",))]))
        faults = OpenXmlValidator().validate(str(path)).errors
        assert [(f.part_uri, f.description) for f in faults] == []
        assert check(path) == []


# ------------------------------------------------------------------ LibreOffice

_RESOLVE = Path(__file__).parent / "resolve_in_libreoffice.py"


def test_libreoffice_accepts_to_the_new_and_rejects_to_the_old(
    oakfield: Pair,
    editions: list[dict[str, Document]],
    shell: Shell,
    tool: Callable[[str], str],
    tmp_path: Path,
) -> None:
    """The words of every paragraph and cell; LibreOffice does not keep all that Word does of tables."""
    soffice, python = tool("soffice"), _python_with_uno()
    pairs = [
        (oakfield[0][id_], oakfield[1][id_])
        for id_ in ("staff-policy", "parent-letter", "governor-agreement")
    ]
    others = [documents["staff-policy"] for documents in editions if "staff-policy" in documents]
    pairs += [(others[0], others[-1]), (others[-1], others[1])]
    tasks = []
    for number, (old, new) in enumerate(pairs):
        redline = tmp_path / f"{number}.docx"
        redline.write_bytes(write_redline(old, new, shell, CLERK))
        for name, document in (("new", new), ("old", old)):
            (tmp_path / f"{number}-{name}.docx").write_bytes(write_docx(document, shell))
            tasks.append([str(redline), str(tmp_path / f"{number}-{name}.docx"), name])
    told = subprocess.run(
        [python, str(_RESOLVE), soffice, str(tmp_path)], input=json.dumps(tasks), capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-2000:]
    for task, (got, wanted) in zip(tasks, json.loads(told.stdout), strict=True):
        assert got == wanted, task


def _python_with_uno() -> str:
    """A Python that has LibreOffice's bridge; the system's, most likely."""
    for python in ("/usr/bin/python3", "python3"):
        done = subprocess.run([python, "-c", "import uno"], capture_output=True, check=False)
        if done.returncode == 0:
            return python
    if os.environ.get("AUPGEN_REQUIRE_TOOLS"):
        pytest.fail("python3-uno is not installed, and AUPGEN_REQUIRE_TOOLS is set")
    pytest.skip("python3-uno is not installed")
