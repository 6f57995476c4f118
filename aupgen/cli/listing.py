"""`aupgen list`: what the library holds, and what a profile makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from aupgen.binding.bind import bind_profile
from aupgen.binding.values import Needs, Scope
from aupgen.cli.decided import Decision, decided_page, decisions
from aupgen.cli.loading import Loaded, loaded_library
from aupgen.document.readability import document_reading
from aupgen.document.tree import Document
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.files import CannotRunError
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause
from aupgen.policy.facts import condition_text
from aupgen.policy.parameter import value_text
from aupgen.policy.profile import Profile
from aupgen.policy.terms import Audience, Voice
from aupgen.policy.wording import source_text
from aupgen.policy.year import FIRST_YEAR, PolicyYear
from aupgen.source.table import table_text

_Row = dict[str, Any]


@click.command("list", short_help="List what the library holds.")
@click.argument(
    "what",
    type=click.Choice(["clauses", "roles", "parameters", "documents", "audiences", "frameworks", "years"]),
    metavar="clauses|roles|parameters|documents|audiences|frameworks|years",
)
@click.argument("profile", required=False, type=click.Path(path_type=Path), metavar="[PROFILE]")
@click.option("--by", type=click.Choice(["owner"]), help="Group clauses by the role that answers for them.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet.")
@click.pass_obj
def command(
    workspace: Path | None, what: str, profile: Path | None, by: str | None, as_json: bool, as_csv: bool
) -> int:
    """List clauses, roles, parameters, documents, audiences, frameworks or years.

    With a PROFILE: as they stand in that school — the clauses its documents print with their words, who
    answers for each and when it is next due, who holds each role, which answers it gave and which were decided by
    default, and how many of the clauses that rest on each framework it prints.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv cannot be had together")
    if by and what != "clauses":
        raise click.UsageError("--by goes with `list clauses`")
    if profile is not None and not profile.is_file():
        raise CannotRunError(f"there is no file {profile}")
    loaded, library = loaded_library(workspace, [profile] if profile else [])
    school = _profile(loaded, profile) if profile else None
    rows = _LISTS[what](library, school)
    if by == "owner":
        rows.sort(key=lambda row: (str(row.get("owner_title", "")), str(row["owner"])))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif as_csv:
        click.echo(_csv(rows), nl=False)
    elif what == "parameters" and school is not None:
        bound, _ = bind_profile(library, school)
        click.echo(decided_page(library, school, bound, _scope(library, school)), nl=False)
    else:
        click.echo(_text(rows, what, by), nl=False)
    return 0


def _profile(loaded: Loaded, path: Path) -> Profile:
    profile = loaded.profile_alone(path)
    if profile is None:
        raise click.exceptions.Exit(1)
    return profile


# ------------------------------------------------------------------ the lists


def _clauses(library: Library, profile: Profile | None) -> list[_Row]:
    if profile is None:
        return [_clause_row(clause) for clause in library.clauses.values()]
    rows: dict[str, _Row] = {}
    scope = _scope(library, profile)
    bound, _ = bind_profile(library, profile, draft=True)
    for document, section, mark, layer, text in _printed(bound.documents):
        clause = profile.local_clause(mark) or library.clauses[mark]
        row = rows.setdefault(
            mark,
            {
                **_clause_row(clause),
                **_answers(scope, clause.owner),
                "layer": layer,
                "documents": [],
                "printed": [],
            },
        )
        if document not in row["documents"]:
            row["documents"].append(document)
        row["printed"].append({"document": document, "section": section, "text": text})
    return list(rows.values())


def _answers(scope: Scope, owner: str) -> _Row:
    """Who answers for a clause in a school: the post, the role it is held under, the people named, and when the
    documents are next due for review. ``held_by`` is None where nobody holds the post."""
    held, contact = scope.holder(owner)
    always = scope.library.roles[owner].always_held
    due = scope.profile.review_by
    return {
        "owner_title": scope.title(owner if owner in scope.profile.contacts or contact is None else held),
        "held_by": held if contact or always else None,
        "names": list(contact.names) if contact else [],
        "review_due": due.iso if due else f"{scope.profile.policy_year.start + 1}-08-31",
    }


def _printed(documents: Iterable[Document]) -> Iterable[tuple[str, str, str, str, str]]:
    for document in documents:
        for section in sections(document.blocks):
            for mark, inlines in own_clauses(section):
                yield document.meta.id, section.id, mark.id, mark.layer, plain_text(inlines)


def _clause_row(clause: Clause) -> _Row:
    return {
        "id": clause.id,
        "topic": clause.topic,
        "owner": clause.owner,
        "audiences": list(clause.audiences),
        "kind": clause.kind.value,
        "status": clause.status.value,
        "cites": list(clause.cites),
        "essential": list(clause.essential),
        "nations": list(clause.nations),
        "when": {name: list(values) for name, values in clause.when},
        "until": str(clause.until) if clause.until else None,
        "requires": [{"clause": link.clause, "reason": link.reason} for link in clause.requires],
        "conflicts": [{"clause": link.clause, "reason": link.reason} for link in clause.conflicts],
        "rationale": clause.rationale,
        "revisions": [
            {
                "since": None if r.since == FIRST_YEAR else str(r.since),
                "change": r.change.value if r.change else None,
                "why": r.why or None,
                "text": source_text(r.wording.pieces),
            }
            for r in clause.revisions
        ],
    }


def _roles(library: Library, profile: Profile | None) -> list[_Row]:
    rows = []
    for role in library.roles.values():
        row: _Row = {
            "id": role.id,
            "title": role.title,
            "short": role.short or None,
            "also_called": list(role.also_called),
            "duty": role.duty,
            "nations": {
                nation.value: {"title": title, "short": short or None}
                for nation, (title, short) in role.nations.items()
            },
        }
        if profile is not None:
            scope = _scope(library, profile)
            held, contact = scope.holder(role.id)
            row["title"] = scope.title(role.id)
            row["held_by"] = None if contact is None else held
            row["names"] = [] if contact is None else list(contact.names)
            row["set_by"] = _set_by(profile, f"contacts.{held}") if contact else None
        rows.append(row)
    return rows


def _parameters(library: Library, profile: Profile | None) -> list[_Row]:
    rows = []
    stands: dict[str, Decision] = {}
    if profile is not None:
        bound, _ = bind_profile(library, profile)
        found = decisions(library, profile, bound, _scope(library, profile))
        stands = {decision.parameter.name: decision for decision in found}
    for parameter in library.parameters.values():
        row: _Row = {
            "name": parameter.name,
            "type": parameter.type.value,
            "question": parameter.question,
            "help": parameter.help or None,
            "choices": list(parameter.choices),
            "default": None if parameter.default is None else value_text(parameter.default),
        }
        if profile is not None:
            setting = profile.setting(parameter.name)
            row["value"] = value_text(setting.value) if setting else row["default"]
            row["set_by"] = setting.layer if setting else "library default" if parameter.default else None
            row["state"] = stands[parameter.name].state
            row["reads_as"] = stands[parameter.name].words or None
            row["instead_of"] = [
                {"value": origin.text, "layer": origin.layer}
                for origin in profile.origins.get(f"parameters.{parameter.name}", ())[1:]
            ]
            row["for_clauses"] = {
                clause: value_text(settings[parameter.name].value)
                for clause, settings in profile.clause_parameters.items()
                if parameter.name in settings
            }
        rows.append(row)
    return rows


def _documents(library: Library, profile: Profile | None) -> list[_Row]:
    issued = {choice.id: choice for choice in profile.documents} if profile else {}
    built = {d.meta.id: d for d in bind_profile(library, profile, draft=True)[0].documents} if profile else {}
    return [
        {
            "id": skeleton.id,
            "title": built[skeleton.id].meta.title if skeleton.id in built else source_text(skeleton.title),
            "noun": skeleton.noun,
            "audiences": list(skeleton.audiences),
            "voice": skeleton.voice.value,
            "clauses": "essential" if skeleton.essential_only else "all",
            "appendices": list(skeleton.appendices()),
            **(
                {
                    "issued": skeleton.id in issued,
                    "set_by": _set_by(profile, f"documents.{skeleton.id}"),
                    **_size(built.get(skeleton.id), library),
                }
                if profile
                else {}
            ),
        }
        for skeleton in library.documents.values()
    ]


def _size(document: Document | None, library: Library) -> _Row:
    """How long a document is and how hard to read; None throughout for one that is not issued."""
    if document is None:
        return dict.fromkeys(("words", "rules", "reading_grade", "grade_limit"))
    return {
        "words": sum(len(text.split()) for _, text in lines(document)),
        "rules": sum(1 for section in sections(document.blocks) for _ in own_clauses(section)),
        "reading_grade": round(document_reading(document).grade, 1),
        "grade_limit": library.language.grade_limit(map(Audience, document.meta.audiences)),
    }


def _set_by(profile: Profile, key: str) -> str | None:
    """The layer whose word holds, None where no layer said anything."""
    return profile.origins[key][0].layer if key in profile.origins else None


def _audiences(library: Library, profile: Profile | None) -> list[_Row]:
    documents = {choice.id for choice in profile.documents} if profile else set(library.documents)
    return [
        {
            "id": audience.value,
            "name": library.language.audiences[audience].name,
            "clauses": sum(audience in clause.audiences for clause in library.clauses.values()),
            "documents": [
                d.id for d in library.documents.values() if audience in d.audiences and d.id in documents
            ],
        }
        for audience in Audience
    ]


def _frameworks(library: Library, profile: Profile | None) -> list[_Row]:
    printed = _printed_ids(library, profile) if profile else set()
    return [
        {
            "id": f.id,
            "title": f.title,
            "nations": list(f.nations),
            "edition": f.edition,
            "date": f.date or None,
            "status": f.status,
            "about": f.about,
            "url": f.url,
            "verified": f.verified,
            "confirmed_by": f.confirmed_by or None,
            "confirmed_on": f.confirmed_on or None,
            "confirmed": f.is_confirmed,
            "checked": f.checked,
            "note": f.note or None,
            "superseded_by": f.superseded_by or None,
            "cited_by": [clause.id for clause in library.clauses.values() if f.id in clause.cites],
            **(_coverage(library, profile, f.id, printed) if profile else {}),
        }
        for f in library.frameworks.values()
        if profile is None or profile.nation in f.nations
    ]


def _printed_ids(library: Library, profile: Profile) -> set[str]:
    bound, _ = bind_profile(library, profile, draft=True)
    return {mark for _, _, mark, _, _ in _printed(bound.documents)}


def _coverage(library: Library, profile: Profile, framework: str, printed: set[str]) -> _Row:
    """What a school prints of what the library rests on a framework.

    The register has no list of what each framework expects; the clauses that cite it stand for its expectations.
    Those that the school cannot have, by nation or year, do not count.
    """
    theirs = [
        clause.id
        for clause in (*library.clauses.values(), *profile.local_clauses)
        if framework in clause.cites
        and (not clause.nations or profile.nation in clause.nations)
        and clause.revision_in(profile.policy_year) is not None
    ]
    met = [id_ for id_ in theirs if id_ in printed]
    return {
        "coverage": f"{len(met)} of {len(theirs)}" if theirs else "no clause cites it",
        "met_by": met,
        "not_met": [id_ for id_ in theirs if id_ not in printed],
    }


def _years(library: Library, profile: Profile | None) -> list[_Row]:
    changes: dict[str, _Row] = {}

    def note(year: PolicyYear, what: str, clause: Clause) -> None:
        row = changes.setdefault(str(year), {"year": str(year), "new": [], "revised": [], "retired": []})
        row[what].append(clause.id)

    for clause in library.clauses.values():
        for number, revision in enumerate(clause.revisions):
            note(revision.since, "revised" if number else "new", clause)
        if clause.until is not None:
            note(PolicyYear(clause.until.start + 1), "retired", clause)
    rows = [changes[year] for year in sorted(changes)]
    if profile is not None:
        own = str(profile.policy_year)
        rows = [{**row, "in_force": row["year"] <= own} for row in rows]
    return rows


_LISTS: dict[str, Callable[[Library, Profile | None], list[_Row]]] = {
    "clauses": _clauses,
    "roles": _roles,
    "parameters": _parameters,
    "documents": _documents,
    "audiences": _audiences,
    "frameworks": _frameworks,
    "years": _years,
}


def _scope(library: Library, profile: Profile) -> Scope:
    return Scope(library, profile, Needs(), next(iter(library.documents.values())), Voice.PROSE)


# ------------------------------------------------------------------ printing

_COLUMNS = {
    "clauses": ("id", "owner", "kind", "topic", "layer", "review_due", "when"),
    "roles": ("id", "title", "held_by", "set_by", "duty"),
    "parameters": ("name", "default", "question"),
    "documents": ("id", "title", "audiences", "voice", "issued", "words", "rules", "reading_grade", "set_by"),
    "audiences": ("id", "name", "clauses", "documents"),
    "frameworks": ("id", "title", "edition", "status", "confirmed", "coverage", "not_met"),
    "years": ("year", "new", "revised", "retired"),
}


def _text(rows: list[_Row], what: str, by: str | None) -> str:
    """A table in columns; grouped, the owner stands once above its clauses."""
    if not rows:
        return "Nothing to list.\n"
    columns = [column for column in _COLUMNS[what] if column in rows[0]]
    if by:
        columns = [column for column in columns if column != by]
    cells = [[_cell(row[column], what) for column in columns] for row in rows]
    widths = [
        min(46, max(len(column), *(len(line[n]) for line in cells))) for n, column in enumerate(columns)
    ]
    out = [_line([column.replace("_", " ").upper() for column in columns], widths)]
    group = None
    for row, line in zip(rows, cells, strict=True):
        if by and row[by] != group:
            group = row[by]
            out.append(f"\n{_who(row) if 'held_by' in row else group}")
        out.append(("  " if by else "") + _line(line, widths))
    return "\n".join(out) + "\n"


def _who(row: _Row) -> str:
    """A post as the heading of the clauses that it answers for: its title, then its role, and who holds it."""
    if row["held_by"] is None:
        return f"{row['owner_title']}\n  ({row['owner']}, held by nobody)"
    through = f", held as {row['held_by']}" if row["held_by"] != row["owner"] else ""
    names = f": {', '.join(row['names'])}" if row["names"] else ""
    return f"{row['owner_title']}\n  ({row['owner']}{through}{names})"


def _line(cells: list[str], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: object, what: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return condition_text(tuple((name, tuple(values)) for name, values in value.items()))
    if isinstance(value, list):
        return (
            f"{len(value)}: {', '.join(value[:3])}{' …' if len(value) > 3 else ''}"
            if what == "years"
            else ", ".join(map(str, value))
        )
    return "–" if value is None else str(value)


def _csv(rows: list[_Row]) -> str:
    return table_text(list(rows[0]), [list(map(_plain, row.values())) for row in rows]) if rows else ""


def _plain(value: object) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return "" if value is None else str(value)
