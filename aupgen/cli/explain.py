"""`aupgen explain`: a code, a clause, a role, or the value of a parameter in a profile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from aupgen.binding.bind import bind_profile
from aupgen.binding.rewordings import reworded
from aupgen.binding.values import Needs, Scope
from aupgen.cli.loading import loaded_library
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.files import CannotRunError
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause, Wording
from aupgen.policy.facts import condition_text
from aupgen.policy.parameter import value_text
from aupgen.policy.profile import Origin, Profile
from aupgen.policy.role import Role
from aupgen.policy.terms import Voice
from aupgen.policy.wording import source_text
from aupgen.policy.year import FIRST_YEAR
from aupgen.source.codes import CODES
from aupgen.source.diagnostics import suggestion


@click.command("explain", short_help="Explain a code, clause, role or value.")
@click.argument("thing")
@click.pass_obj
def command(workspace: Path | None, thing: str) -> int:
    """Explain THING: a code (AUP301), a clause id, a role id, or PROFILE:NAME.

    PROFILE:NAME, such as schools/valley.yaml:permission_from, prints the value of a parameter in that
    school, where it was set, and for which clauses it differs; with a clause id in the place of the
    parameter, the words of that clause in that school.
    """
    if code := CODES.get(thing.upper()):
        from aupgen.checks.rules import explanation

        click.echo(f"{code.code}: {code.name}\n\n{_wrap(explanation(code.code))}")
        return 0
    path, colon, name = thing.rpartition(":")
    if colon and name and Path(path).is_file():
        return _in_profile(workspace, Path(path), name)
    if colon and path.endswith((".yaml", ".yml")):
        raise CannotRunError(f"there is no file {path}")
    _, library = loaded_library(workspace)
    if thing in library.clauses:
        click.echo(_clause(library, library.clauses[thing]))
    elif thing in library.roles:
        click.echo(_role(library, library.roles[thing]))
    elif thing in library.parameters:
        parameter = library.parameters[thing]
        default = value_text(parameter.default) if parameter.default else "none: every school must answer"
        users = [clause.id for clause in library.clauses.values() if thing in clause.parameter_names()]
        click.echo(
            f"{thing} ({parameter.type})\n\n{parameter.question}\n{parameter.help}\n".replace(
                "\n\n\n", "\n\n"
            )
            + f"\nDefault: {default}\nUsed by: {', '.join(users) or 'no clause'}"
        )
    else:
        known = [*CODES, *library.clauses, *library.roles, *library.parameters]
        help_ = suggestion(thing, known, "Give a code, a clause, a role, a parameter, or PROFILE:parameter.")
        raise click.UsageError(f"`{thing}` is not known: {help_}")
    return 0


def _wrap(text: str) -> str:
    return click.wrap_text(text, width=100, preserve_paragraphs=True)


def _clause(library: Library, clause: Clause) -> str:
    owner = library.roles[clause.owner]
    out = [
        f"{clause.id} ({clause.kind}, topic {clause.topic}; from {clause.layer} at {clause.span.path}:{clause.span.line})",
        "",
        _wrap(f"Why: {clause.rationale}"),
        f"Owner: {owner.title} — {owner.duty}",
        f"For: {', '.join(clause.audiences)}",
        f"Status: {clause.status}",
    ]
    if clause.nations:
        out.append(f"Only in: {', '.join(library.nations[nation].name for nation in clause.nations)}")
    if clause.cites:
        out.append(
            "Rests on: "
            + "; ".join(library.frameworks[f].title for f in clause.cites if f in library.frameworks)
        )
    if clause.essential:
        out.append(f"Essential in: {', '.join(clause.essential)}")
    if clause.when:
        out.append(f"Only when: {condition_text(clause.when)}")
    if clause.until:
        out.append(f"Until: {clause.until}, its last policy year")
    out += [_wrap(f"Requires: {link.clause} — {link.reason}") for link in clause.requires]
    out += [
        _wrap(f"Required by: {other.id} — {link.reason}")
        for other in library.clauses.values()
        for link in other.requires
        if link.clause == clause.id
    ]
    out += [_wrap(f"Conflicts with: {id_} — {reason}") for id_, reason in _conflicts(library, clause).items()]
    used = sorted(clause.parameter_names() & set(library.parameters))
    if used:
        out.append(f"Values it asks for: {', '.join(used)}")
    for revision in reversed(clause.revisions):
        change = f" ({revision.change}: {revision.why})" if revision.change else ""
        since = [] if revision.since == FIRST_YEAR else [f"Since {revision.since}{change}"]
        out += ["", *since, *_wording_lines(revision.wording)]
        for variant in revision.variants:
            out += [f"When {condition_text(variant.when)}:", *_wording_lines(variant)]
        for name, special in revision.special.items():
            out += [f"For {name}:", *_wording_lines(special)]
    return "\n".join(out)


def _conflicts(library: Library, clause: Clause) -> dict[str, str]:
    """The clauses that cannot stand beside one, whichever of the two says so, with the reason."""
    told = {link.clause: link.reason for link in clause.conflicts}
    for other in library.clauses.values():
        for link in other.conflicts:
            if link.clause == clause.id:
                told.setdefault(other.id, link.reason)
    return told


def _wording_lines(wording: Wording) -> list[str]:
    phrases = [f"  {name}: {source_text(pieces)}" for name, pieces in wording.phrases.items()]
    return [_wrap(source_text(wording.pieces)), *phrases]


def _role(library: Library, role: Role) -> str:
    owned = [clause.id for clause in library.clauses.values() if clause.owner == role.id]
    out = [
        f"{role.id}: {role.title}" + (f" ({role.short})" if role.short else ""),
        "",
        _wrap(f"The {role.title} {role.duty}."),
    ]
    if role.also_called:
        out.append(f"Also called: {', '.join(role.also_called)}")
    out += [f"In {library.nations[nation].name}: {title}" for nation, (title, _) in role.nations.items()]
    out.append(f"Answers for: {', '.join(owned) or 'no clause'}")
    return "\n".join(out)


def _in_profile(workspace: Path | None, path: Path, name: str) -> int:
    loaded, library = loaded_library(workspace, [path])
    profile = loaded.profile_alone(path)
    if profile is None:
        return 1
    key, name = name, name.removeprefix("parameters.").removeprefix("clauses.").removeprefix("contacts.")
    name = name.removeprefix("local_clauses.").removesuffix(".use").removesuffix(".text")
    if name in library.parameters:
        click.echo(_parameter(library, profile, name))
    elif clause := profile.local_clause(name) or library.clauses.get(name):
        click.echo(_clause_here(library, profile, clause))
    elif name in library.roles:
        click.echo(_role_here(library, profile, name))
    elif key in profile.origins or f"clauses.{key}" in profile.origins:
        click.echo("\n".join(_said(profile, key if key in profile.origins else f"clauses.{key}")))
    else:
        known = [*library.parameters, *library.clauses, *library.roles, *profile.origins]
        help_ = suggestion(name, known, "Give a parameter, a clause, a role, or a key such as approver.")
        raise click.UsageError(f"`{name}` is not known: {help_}")
    return 0


def _said(profile: Profile, key: str) -> list[str]:
    """Everyone who said something, the one that holds first, each with file and line and the reason given."""
    out = []
    for position, origin in enumerate(profile.origins.get(key, ())):
        verb = "in place of what was set by" if position else "set by"
        out += [_wrap(origin.text), f"  {verb} {origin.layer} at {_at(origin)}"]
        if origin.reason:
            out.append(_wrap(f"  because: {origin.reason}"))
    return out


def _at(origin: Origin) -> str:
    return f"{origin.span.path}:{origin.span.line}"


def _role_here(library: Library, profile: Profile, name: str) -> str:
    scope = Scope(library, profile, Needs(), next(iter(library.documents.values())), Voice.PROSE)
    held, contact = scope.holder(name)
    holder = f"held as {scope.title(held)}" if contact else "held by nobody"
    people = f" ({', '.join(contact.names)})" if contact and contact.names else ""
    out = [f"{name}: {scope.title(name)} — {holder}{people}"]
    for role in dict.fromkeys((name, held)):
        out += _said(profile, f"contacts.{role}")
    return "\n".join(out)


def _parameter(library: Library, profile: Profile, name: str) -> str:
    parameter = library.parameters[name]
    said = _said(profile, f"parameters.{name}")
    out = [parameter.question, "", *said]
    if parameter.default is not None:
        replaced = " (replaced here)" if said else ""
        out.append(f"{value_text(parameter.default)}\n  default of the library{replaced}")
    elif not said:
        out.append("not answered, and there is no safe default")
    for clause in profile.clause_parameters:
        if own := _said(profile, f"clauses.{clause}.{name}"):
            out += ["", f"For the clause {clause}:", *own]
    return "\n".join(out)


def _for_one_reader(library: Library, profile: Profile, clause: Clause) -> Iterator[str]:
    """Who words it for one kind of reader, and who keeps the library's words though it was reworded."""
    for audience in clause.audiences:
        for origin in profile.origins.get(f"clauses.{clause.id}.wordings.{audience}", ()):
            yield f"  {origin.layer} rewords it for {audience} at {_at(origin)}:"
            yield _wrap(f"    {origin.text}")
            yield _wrap(f"    because: {origin.reason}")
    for one in reworded(library, profile, [clause.id]):
        if one.kept:
            yield _wrap(f"  the library’s words stay for {', '.join(one.apart)}")


def _clause_here(library: Library, profile: Profile, clause: Clause) -> str:
    bound, _ = bind_profile(library, profile, draft=True)
    out = [_clause(library, clause), "", f"In {profile.name}, {profile.policy_year}:"]
    for origin in profile.origins.get(f"clauses.{clause.id}.use", ()):
        did = "prints it" if origin.text == "true" else "leaves it out"
        out.append(_wrap(f"  {origin.layer} {did} at {_at(origin)}, because: {origin.reason}"))
    for origin in profile.origins.get(f"clauses.{clause.id}.text", ()):
        out += [f"  {origin.layer} rewords it at {_at(origin)}:", _wrap(f"    {origin.text}")]
        out.append(_wrap(f"    because: {origin.reason}"))
    out += _for_one_reader(library, profile, clause)
    out += [
        _wrap(f"  {document}: printed because `{one.required_by}` requires it: {one.reason}")
        for document, included in bound.included
        for one in included
        if one.clause == clause.id
    ]
    for name in profile.clause_parameters.get(clause.id, ()):
        for origin in profile.origins[f"clauses.{clause.id}.{name}"]:
            because = f", because: {origin.reason}" if origin.reason else ""
            out.append(_wrap(f"  {origin.layer} sets {name} to {origin.text} at {_at(origin)}{because}"))
    printed = False
    for document in bound.documents:
        for section in sections(document.blocks):
            for mark, inlines in own_clauses(section):
                if mark.id == clause.id:
                    printed = True
                    out.append(
                        _wrap(f"  {document.meta.id}, “{plain_text(section.title)}”: {plain_text(inlines)}")
                    )
    if not printed:
        reasons = {
            f"{d}: {left.reason}"
            for d, all_left in bound.left_out
            for left in all_left
            if left.clause == clause.id
        }
        out.append(
            "  not printed; " + ("; ".join(sorted(reasons)) or "no section of its documents chooses it")
        )
    return "\n".join(out)
