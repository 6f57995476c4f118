"""Who answers: an owner role that is there, is not retired, and is held in every school that prints the clause."""

from __future__ import annotations

from collections.abc import Iterator

from aupgen.checks.view import FileView, LibraryView, SchoolView, place_of_key
from aupgen.policy.parameter import RolesValue
from aupgen.policy.profile import ProfileKind
from aupgen.policy.role import Role
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import Span


def owner_without_holder(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        Every clause that a document of the school prints has an owner role, and somebody in the school holds it: a
        contact of its own, one that `same_as` names, or `other_roles`. One finding for each clause and school.
    Why it matters:
        A rule that nobody answers for is explained to nobody, applied by nobody and never brought up to date. Staff
        who ask about it, or report a breach of it, have nobody to turn to.
    Example:
        The consent form prints a clause that the data protection officer answers for, and `contacts:` has no `dpo:`.
    What to do:
        Add the role under `contacts:` with its `email:` or `phone:`, or say in `other_roles:` who holds the roles
        nobody else holds. Posts that stand apart, such as the chair of governors, always need a contact of their own.
    Source:
        Keeping children safe in education asks for named people behind the school's online safety rules; the
        filtering and monitoring standards ask the same of systems.
    """
    if school.profile.kind is ProfileKind.EXEMPLAR:
        return
    for clause in school.clauses.values():
        role = school.role(clause.owner)
        if role.always_held or school.holder(clause.owner):
            continue
        title = role.title_in(school.profile.nation)
        message = (
            f"nobody at {school.profile.name} holds `{role.id}`, the {title}, who answers for `{clause.id}`"
        )
        note = f"`{clause.id}` stands at {clause.span.path}:{clause.span.line}"
        yield Diagnostic(
            "AUP310", school.profile.contacts_span, message, _who_holds(role, school), notes=(note,),
            clause=clause.id, profile=school.profile.slug,
        )  # fmt: skip


def _who_holds(role: Role, school: SchoolView) -> str:
    add = f"add `{role.id}:` under `contacts:` with the post’s `email:` or `phone:`"
    if role.separate:
        return f"{add}; no other post can stand in for this one"
    other = school.profile.other_roles
    if other and other not in school.profile.contacts:
        return f"{add}, or add `{other}:` there, which `other_roles:` names"
    return f"{add}, or add the line `other_roles: headteacher` if the headteacher does what nobody else does"


def role_retired_in_library(view: LibraryView) -> Iterator[Diagnostic]:
    """What it checks:
        No clause and no default value names a role that `clauses/roles.yaml` marks as `retired: true`, and no profile
        has a contact for one.
    Why it matters:
        Posts are renamed and done away with. A clause that still names the old one sends people to a door with
        nobody behind it.
    Example:
        `owner: e-safety-coordinator`, retired in favour of `online-safety-lead`.
    What to do:
        Write the role that took its place, which the message names.
    Source:
        Good practice; the titles in use are those of the guidance in `clauses/frameworks.yaml`.
    """
    library = view.library
    for clause in library.clauses.values():
        role = library.roles.get(clause.owner)
        if role is not None and role.retired:
            span = place_of_key("owner", role.id, view.source(clause.span), clause.span)
            message = f"the owner of `{clause.id}`, `{role.id}`, is a retired role"
            yield Diagnostic("AUP311", span, message, _successor(role), clause=clause.id)
    for parameter in library.parameters.values():
        for name in parameter.default.roles if isinstance(parameter.default, RolesValue) else ():
            role = library.roles.get(name)
            if role is not None and role.retired:
                source = view.sources.get(_register(view, "parameters.yaml"))
                entry = source.whole if source else Span(_register(view, "parameters.yaml"))
                if source and (at := source.text.find(f"name: {parameter.name}\n")) >= 0:
                    entry = source.span_at(at + len("name: "), len(parameter.name))
                message = f"the default of `{parameter.name}` names `{role.id}`, a retired role"
                yield Diagnostic("AUP311", entry, message, _successor(role))


def _register(view: LibraryView, name: str) -> str:
    return next((path for path in view.sources if path.split("/")[-1] == name), f"clauses/{name}")


def _successor(role: Role) -> str:
    if role.successor:
        return f"write `{role.successor}`, which has taken its place"
    return "name a role that is in use: `aupgen list roles` prints them"


def role_retired(file: FileView) -> Iterator[Diagnostic]:
    for layer in (file.layer, *file.layer.years.values()):
        named = [(role, said.span) for role, said in layer.contacts.items()]
        if layer.other_roles:
            named.append((layer.other_roles.value, layer.other_roles.span))
        settings = [
            *layer.parameters.values(),
            *(s for of in layer.clause_parameters.values() for s in of.values()),
        ]
        for setting in settings:
            if isinstance(setting.value, RolesValue):
                named += [(role, setting.span) for role in setting.value.roles]
        for id_, span in named:
            role = file.library.roles.get(id_)
            if role is not None and role.retired:
                message = f"`{id_}` is a retired role"
                yield Diagnostic("AUP311", span, message, _successor(role), profile=layer.slug)
        for clause in layer.local_clauses.values():
            role = file.library.roles.get(clause.owner)
            if role is not None and role.retired:
                span = place_of_key("owner", role.id, file.source, clause.span)
                message = f"the owner of `{clause.id}`, `{role.id}`, is a retired role"
                yield Diagnostic(
                    "AUP311", span, message, _successor(role), clause=clause.id, profile=layer.slug
                )


role_retired.__doc__ = role_retired_in_library.__doc__


def one_person_in_posts_apart(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        Nobody holds two posts of which one watches over the other: `apart_from` in `clauses/roles.yaml` lists them. A
        person counts as the same where the name is, however it is written.
    Why it matters:
        A data protection officer who also decides how data is used would have to inspect their own decisions. A
        concern about the headteacher goes to the chair of governors, and must not arrive at the headteacher's desk.
    Example:
        `dpo: {name: Joan Alder}` and `headteacher: {name: Joan Alder}`.
    What to do:
        Name another person for one of the two posts. Many schools share a data protection officer with others, or
        buy one in.
    Source:
        UK GDPR, Article 38(6), for the data protection officer; Keeping children safe in education, Part four, for
        concerns about the head.
    """
    for role, other in _apart(school):
        shared = _names(school, role) & _names(school, other)
        if shared:
            name = next(n for n in school.profile.contacts[other].names if _folded(n) in shared)
            titles = [school.role(r).title_in(school.profile.nation) for r in (role, other)]
            message = f"{name} is both {titles[0]} and {titles[1]}, and nobody can be both"
            help_ = f"name another person under `{role}:` or under `{other}:`"
            note = (
                "one of the two watches over the other; `apart_from` in clauses/roles.yaml lists such posts"
            )
            yield Diagnostic(
                "AUP312",
                school.span_of(f"contacts.{role}"),
                message,
                help_,
                notes=(note,),
                profile=school.profile.slug,
            )


def _apart(school: SchoolView) -> Iterator[tuple[str, str]]:
    contacts = school.profile.contacts
    for role in contacts:
        for other in school.role(role).apart_from:
            if other in contacts:
                yield role, other


def _folded(name: str) -> str:
    words = name.casefold().replace(".", " ").split()
    return " ".join(
        word for word in words if word not in ("mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir")
    )


def _names(school: SchoolView, role: str) -> set[str]:
    return {_folded(name) for name in school.profile.contacts[role].names}


def concern_reaches_its_subject(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        The e-mail address of a post that takes concerns about another post is not the other post's own.
    Why it matters:
        A person who is the subject of a concern must not be the one who opens it. An address that two posts share is
        read by both.
    Example:
        `chair-of-governors:` and `headteacher:` both have `email: head@…`.
    What to do:
        Give the chair of governors an address that only the chair or the clerk reads.
    Source:
        Keeping children safe in education, Part four: concerns about the head go to the chair of governors.
    """
    contacts = school.profile.contacts
    for role, other in _apart(school):
        email = contacts[role].email
        if email and email.casefold() == contacts[other].email.casefold():
            titles = [school.role(r).title_in(school.profile.nation) for r in (role, other)]
            message = f"{email} is the address of the {titles[0]} and of the {titles[1]}: a concern about one would reach the other"
            help_ = f"give `{role}:` an address that the {titles[1]} does not read"
            yield Diagnostic(
                "AUP313", school.span_of(f"contacts.{role}"), message, help_, profile=school.profile.slug
            )


def role_nobody_holds(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        Every post that the profile names in an answer (who gives permission, whom to tell) is held by somebody here.
    Why it matters:
        The documents print "with permission from the SIRO", and readers look for a person who is not there.
    Example:
        `permission_from: [siro]`, and no `siro:` under `contacts:`.
    What to do:
        Add the post under `contacts:`, or name another one in the answer.
    Source:
        Good practice.
    """
    if school.profile.kind is not ProfileKind.SCHOOL:
        return
    used = {name for clause in school.clauses.values() for name in clause.parameter_names()}
    for name, setting in school.profile.parameters.items():
        if not isinstance(setting.value, RolesValue) or name not in used:
            continue
        for id_ in setting.value.roles:
            role = school.role(id_)
            if role.always_held or role.area or school.holder(id_):
                continue
            message = f"`{name}` names the {role.title_in(school.profile.nation)}, and nobody at {school.profile.name} holds that post"
            help_ = f"add `{id_}:` under `contacts:`, or name another post here"
            yield Diagnostic(
                "AUP314", setting.span, message, help_, Severity.WARNING, profile=school.profile.slug
            )
