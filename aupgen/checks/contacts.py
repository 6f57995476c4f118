"""What a profile publishes of people: telephone numbers and e-mail addresses that should not be on a public page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from aupgen.checks.view import FileView, Seen, WorkspaceView, place_of
from aupgen.policy.profile import Contact
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import Span

_MOBILE = re.compile(r"(?:\+?44|0044|0)7[0-9]{9}")
_PRIVATE = re.compile(
    r"@((gmail|googlemail|hotmail|live|msn|outlook|yahoo|ymail|rocketmail|icloud|me|mac|aol|gmx|mail|proton(mail)?|zoho|fastmail)"
    r"\.(com|co\.uk|net|me|org|de|fr|ie)|(btinternet|btopenworld|sky|talktalk|virginmedia|ntlworld|blueyonder|tiscali|plus)"
    r"\.(com|co\.uk|net))$",
    re.I,
)


def _contacts(file: FileView) -> Iterator[tuple[str, Contact, Span]]:
    for layer in (file.layer, *file.layer.years.values()):
        for role, said in layer.contacts.items():
            yield role, said.value, said.span


def personal_mobile_published(file: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        No telephone number under `contacts:` is a mobile number (07…). Every number there is printed in documents
        that parents, visitors and the public read.
    Why it matters:
        A member of staff whose own number is on the website can be called at any hour, by anybody, for years. The
        school’s own rules tell staff to keep such numbers to themselves.
    Example:
        `phone: 07700 900123`
    What to do:
        Give the school’s number, with an extension if need be. If the mobile belongs to the school and is answered as
        part of the job, put that on record under `waivers:`.
    Source:
        UK GDPR, Article 5(1)(c): no more personal data than is needed.
    """
    for role, contact, span in _contacts(file):
        if contact.phone and _MOBILE.fullmatch(re.sub(r"[^0-9+]|\(0\)", "", contact.phone.split("x")[0])):
            at = place_of(contact.phone, file.source, span)
            message = f"{contact.phone} is a mobile number, and would be published as that of `{role}`"
            help_ = "give the school’s number; if it is a work phone, say so under `waivers:`"
            yield Diagnostic("AUP335", at, message, help_, Severity.WARNING, profile=file.layer.slug)


def private_email_published(file: FileView) -> Iterator[Diagnostic]:
    """What it checks:
        No e-mail address under `contacts:` is with a service for private mail, such as Gmail or Outlook.com.
    Why it matters:
        Concerns about children would lie in a mailbox that the school can neither secure, search nor close when
        somebody leaves.
    Example:
        `email: tess.okoro@gmail.com`
    What to do:
        Give an address of the school’s own. Ask for one that belongs to the post (head@…), so that it need not change
        when the person does.
    Source:
        UK GDPR, Article 32; the cyber security standards for schools and colleges.
    """
    for role, contact, span in _contacts(file):
        if contact.email and _PRIVATE.search(contact.email):
            at = place_of(contact.email, file.source, span)
            message = f"{contact.email} is a private address, and would be published as that of `{role}`"
            yield Diagnostic(
                "AUP336",
                at,
                message,
                "give an address of the school’s own",
                Severity.WARNING,
                profile=file.layer.slug,
            )


def contact_of_another_school(workspace: WorkspaceView) -> Iterator[Diagnostic]:
    """What it checks:
        No contact of a school has an address at a domain that another school of the workspace uses for its own
        headteacher or safeguarding lead, while the rest of the school’s contacts are elsewhere.
    Why it matters:
        Profiles are copied from school to school. One line that was not changed sends reports about children to
        people who do not know them.
    Example:
        Oakfield's `dsl:` has the address `safeguarding@millbrook.example`.
    What to do:
        Put in this school’s own address. A person shared by two schools belongs in the profile of their trust.
    Source:
        Good practice.
    """
    at_home: dict[str, set[str]] = defaultdict(set)
    for seen in workspace.profiles:
        if seen.kind == "school" and (own := _own_domain(seen)):
            at_home[own].add(seen.slug)
    names = {seen.slug: seen.name for seen in workspace.profiles}
    for seen in workspace.profiles:
        own = _own_domain(seen)
        if seen.kind != "school" or own is None:
            continue
        for role, domain in seen.domains.items():
            others = at_home.get(domain, set()) - {seen.slug, *seen.parents}
            if domain != own and len(others) == 1 and seen.slug not in at_home[domain]:
                other = names[next(iter(others))]
                message = f"the address of `{role}` is at {domain}, where {other} has its own"
                help_ = f"give the address of {seen.name}; the others here are at {own}"
                yield Diagnostic(
                    "AUP337", seen.spans[role], message, help_, Severity.WARNING, profile=seen.slug
                )


def _own_domain(seen: Seen) -> str | None:
    """The domain that most contacts of a school's own file are at; None where there is no most."""
    counted = Counter(seen.domains.values()).most_common(2)
    if not counted or (len(counted) == 2 and counted[0][1] == counted[1][1]):
        return None
    return counted[0][0]
