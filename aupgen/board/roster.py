"""The list of schools that are expected: a table in, its schools with their places out, or every fault at its cell.

The table has a column `name`, and `slug` or `file` or both: `slug` is the name of the profile's file without its ending,
`file` the path to it from the table. Other columns are passed over and never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from aupgen.source.diagnostics import Diagnostic, Severity, did_you_mean
from aupgen.source.span import SourceText, Span
from aupgen.source.table import read_rows

_COLUMNS = ("name", "slug", "file")
MOST_SCHOOLS = 10_000


class Expected(Struct, frozen=True):
    """A school that is expected. ``slug`` or ``file`` may be "", not both."""

    name: str
    slug: str
    file: str
    span: Span


class Given(Struct, frozen=True):
    """A profile that was given: its slug, and where its file really lies."""

    slug: str
    place: str


def read_roster(source: SourceText) -> tuple[tuple[Expected, ...], list[Diagnostic]]:
    """Return the schools in the order of the table, and findings AUP620 to AUP622."""
    found: list[Diagnostic] = []
    rows = read_rows(source, found, "AUP621")
    if found:
        return (), found
    if not rows:
        return (), [Diagnostic("AUP620", source.whole, "the table is empty", _HEAD)]
    columns = _columns(rows[0], found)
    if len(rows) < 2 and not found:
        help_ = "write a school in each row below the first"
        found.append(Diagnostic("AUP620", source.whole, "the table has no school in it", help_))
    if len(rows) > MOST_SCHOOLS + 1:
        found.append(
            Diagnostic("AUP620", source.whole, f"the table has more than {MOST_SCHOOLS} schools", "split it")
        )
    if found:
        return (), found
    schools = []
    for row in rows[1:]:
        if len(row) > len(rows[0]):
            message = f"this row has {len(row)} cells, and the first row names {len(rows[0])} columns"
            help_ = "put quotation marks round a text that holds a comma or a semicolon"
            found.append(Diagnostic("AUP621", row[len(rows[0])][1], message, help_))
            continue
        school = _school(row, columns, found)
        if school is not None:
            schools.append(school)
    return tuple(schools), [*found, *_twice(schools)]


_HEAD = "name the columns in the first row: name, and slug or file"


def _columns(head: Sequence[tuple[str, Span]], found: list[Diagnostic]) -> dict[str, int]:
    """The position of each column that counts."""
    columns: dict[str, int] = {}
    for position, (text, span) in enumerate(head):
        name = text.strip().lower()
        if name in columns:
            message = f"the column `{name}` is there twice"
            found.append(Diagnostic("AUP620", span, message, "keep one of the two"))
        elif name in _COLUMNS:
            columns[name] = position
    if "name" not in columns or not {"slug", "file"} & columns.keys():
        others = [text.strip() for text, _ in head if text.strip().lower() not in _COLUMNS]
        missing = "name" if "name" not in columns else "slug"
        near = next((near for other in others if (near := did_you_mean(other, _COLUMNS))), "")
        what = "no column `name`" if missing == "name" else "neither a column `slug` nor `file`"
        found.append(Diagnostic("AUP620", head[0][1], f"the table has {what}", near or _HEAD))
    return columns


def _school(
    row: Sequence[tuple[str, Span]], columns: Mapping[str, int], found: list[Diagnostic]
) -> Expected | None:
    cells = {name: row[at] for name, at in columns.items() if at < len(row)}
    said = {name: " ".join(cells[name][0].split()) if name in cells else "" for name in _COLUMNS}
    where = row[0][1]
    if not said["name"]:
        span = cells["name"][1] if "name" in cells else where
        found.append(
            Diagnostic(
                "AUP621", span, "this school has no name", "write it as people know it, or delete the row"
            )
        )
    elif not said["slug"] and not said["file"]:
        message = f"the profile of {said['name']} is not named"
        help_ = "write the name of its file without the ending under `slug`, or the path to it under `file`"
        span = next((cells[name][1] for name in ("slug", "file") if name in cells), where)
        found.append(Diagnostic("AUP621", span, message, help_))
    else:
        slug = said["slug"].removesuffix(".yaml").removesuffix(".yml")
        return Expected(said["name"], slug, said["file"], where)
    return None


def _twice(schools: Sequence[Expected]) -> list[Diagnostic]:
    found = []
    seen: dict[tuple[str, str], Expected] = {}
    for school in schools:
        # of two rows that name a file, the files tell the schools apart
        key = ("file", school.file) if school.file else ("slug", school.slug)
        if key in seen:
            message = f"`{key[1]}` is there twice, first in line {seen[key].span.line}"
            found.append(Diagnostic("AUP622", school.span, message, "delete one of the two rows"))
        seen.setdefault(key, school)
    return found


def match_roster(
    expected: Sequence[Expected], places: Mapping[Expected, str], given: Sequence[Given]
) -> tuple[dict[Given, Expected], list[Diagnostic]]:
    """Return which school each given profile is of, and findings.

    ``places`` says where the files that the table names really lie. AUP622 where two rows are of one profile, AUP624
    where one slug fits several.
    """
    found: list[Diagnostic] = []
    matched: dict[Given, Expected] = {}
    by_name: dict[tuple[str, str], list[Given]] = {}
    for one in given:
        by_name.setdefault(("slug", one.slug), []).append(one)
        by_name.setdefault(("file", one.place), []).append(one)
    for school in expected:
        key = ("file", places.get(school, "")) if school.file else ("slug", school.slug)
        theirs = by_name.get(key, [])
        if len(theirs) > 1:
            message = f"{len(theirs)} of the profiles are called `{school.slug}`"
            help_ = "name the path to the right one in a column `file`"
            found.append(Diagnostic("AUP624", school.span, message, help_))
        for one in theirs:
            if one in matched:
                message = f"the profile of {school.name} is that of line {matched[one].span.line}, too"
                found.append(Diagnostic("AUP622", school.span, message, "delete one of the two rows"))
            matched.setdefault(one, school)
    return matched, found


def not_expected(slug: str, unheard: Iterable[Expected], roster: str) -> Diagnostic:
    """AUP623, a warning, for a school that was given and is not in the table at ``roster``; ``unheard`` may be what was meant."""
    help_ = (
        did_you_mean(slug, {school.slug for school in unheard} - {""})
        or "add it to the table, or leave its profile out"
    )
    message = f"the profile `{slug}` was given, and the table has no such school"
    return Diagnostic("AUP623", Span(roster), message, help_, Severity.WARNING)
