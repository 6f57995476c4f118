"""Where one school stands: its profile, its approvals and its findings in, a row of the board out.

A row holds no person: no name, email or telephone number. What is urgent about a school is decided here and worded
in the page's template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from aupgen.approval.record import KeptRecord
from aupgen.approval.standing import standings_of
from aupgen.binding.bind import bind_profile
from aupgen.board.people import without_people
from aupgen.checks.dates import last_day
from aupgen.checks.rules import WAIVABLE
from aupgen.library.compiled import Library
from aupgen.policy.decision import Pick
from aupgen.policy.layer import Layer
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.policy.year import EditionDate, PolicyYear
from aupgen.source.codes import CODES
from aupgen.source.diagnostics import Diagnostic, Severity

_NOBODY_HOLDS, _PUT_OFF = "AUP310", "AUP616"


class Call(StrEnum):
    """Why a school needs a call, the most urgent first."""

    NOT_HEARD = "not-heard-from"
    STOPPED = "errors-stop-build"
    UNHELD = "role-unfilled"
    CHANGED = "changed-since-approval"
    UNAPPROVED = "not-approved"
    REVIEW = "review-overdue"
    OLD = "old-year"
    UNDECIDED = "decision-put-off"
    ERRORS = "other-errors"


class Stand(StrEnum):
    """How the documents that need an approval stand, together."""

    APPROVED = "approved"
    CHANGED = "changed"
    """Words of some have changed since they were approved."""
    PARTLY = "partly"
    AWAITING = "awaiting"
    NOT_NEEDED = "not-needed"
    UNKNOWN = "unknown"


class Departed(StrEnum):
    OFF = "off"
    REWORDED = "reworded"
    ADDED = "added"


class Approval(Struct, frozen=True, order=True):
    """A decision of a body: the day, the body, and the minute, "" where it is not known."""

    on: str
    by: str
    minute: str


class Departure(Struct, frozen=True):
    """A clause that a school or its trust left out, reworded or added. ``topic`` is the title of the clause's topic;
    ``layer`` the slug of who did."""

    what: Departed
    clause: str
    topic: str
    reason: str
    layer: str


class PutOff(Struct, frozen=True, order=True):
    """A clause that a pack changed after a school or its trust had, and on which it has not decided whose words hold.

    ``pack`` names that pack; ``layer`` is the slug of who has to decide.
    """

    clause: str
    pack: str
    layer: str


class Counted(Struct, frozen=True):
    """How many findings of one code there are."""

    code: str
    severity: Severity
    number: int

    @property
    def name(self) -> str:
        return CODES[self.code].name.replace("-", " ")


class SchoolRow(Struct, frozen=True):
    """A school on the board.

    ``year``, ``edition`` and ``effective`` are None where its profile cannot be read so far. ``review`` is when a
    review is due: what the profile says, else the end of the policy year. ``pack`` says what its library came from,
    "" where that is not recorded. ``unfilled`` are the titles of roles that answer for a clause it prints and that nobody
    holds. ``put_off`` is what it, or its trust, has still to decide. ``expected`` is False for a school that the list of schools does not have.
    """

    slug: str
    name: str
    calls: tuple[Call, ...] = ()
    year: PolicyYear | None = None
    edition: int | None = None
    effective: EditionDate | None = None
    stand: Stand = Stand.UNKNOWN
    approvals: tuple[Approval, ...] = ()
    review: EditionDate | None = None
    review_overdue: bool = False
    pack: str = ""
    departures: tuple[Departure, ...] = ()
    unfilled: tuple[str, ...] = ()
    findings: tuple[Counted, ...] = ()
    put_off: tuple[PutOff, ...] = ()
    expected: bool = True

    @property
    def heard(self) -> bool:
        """Whether a profile of it was given."""
        return Call.NOT_HEARD not in self.calls

    @property
    def known(self) -> bool:
        """Whether its profile could be read, so that empty means none."""
        return self.edition is not None

    def number(self, severity: Severity) -> int:
        return sum(counted.number for counted in self.findings if counted.severity is severity)

    def departed(self, what: str) -> tuple[Departure, ...]:
        """The departures of one kind, which a template names by its text."""
        return tuple(departure for departure in self.departures if departure.what == what)


def current_year(day: date) -> PolicyYear:
    """The policy year that a day is in; it begins on 1 September."""
    return PolicyYear(day.year if day.month >= 9 else day.year - 1)


def stops_build(finding: Diagnostic) -> bool:
    """Whether a finding keeps the documents of its school from being built."""
    return finding.severity is Severity.ERROR and finding.code not in WAIVABLE


def unheard_row(slug: str, name: str) -> SchoolRow:
    """The row of a school that is expected and of which no profile was given."""
    return SchoolRow(slug, name, calls=(Call.NOT_HEARD,))


def stopped_row(
    slug: str, name: str, year: PolicyYear | None, found: Sequence[Diagnostic], pack: str
) -> SchoolRow:
    """The row of a school whose profile cannot be read, or not together with those above it."""
    return SchoolRow(slug, name, (Call.STOPPED,), year, pack=pack, findings=_counted(found))


def school_row(
    library: Library,
    profile: Profile,
    records: tuple[KeptRecord, ...] | None,
    found: Sequence[Diagnostic],
    layers: Sequence[Layer],
    people: Sequence[str],
    day: date,
    pack: str = "",
) -> SchoolRow:
    """The row of a school as on a day.

    ``records`` are its approvals of the policy year, None where they cannot be read; ``found`` is what `aupgen check`
    finds of it; ``layers`` are its file and those above it: what an authority or an exemplar decided is no
    departure of the school's. ``people`` are the names to be kept out.
    """
    kinds = {layer.slug: layer.kind for layer in layers}
    put_off = put_off_of(layers, people)
    waived = {one.clause for one in put_off if one.layer == profile.slug} - {
        finding.clause for finding in found if finding.code == _PUT_OFF
    }
    stand, approvals = _approvals(library, profile, records, people)
    review = profile.review_by or EditionDate(profile.policy_year.start + 1, 8, 31)
    overdue = last_day(review) < day
    unfilled = _unfilled(library, profile, found)
    others = any(
        f.severity is Severity.ERROR and f.code != _NOBODY_HOLDS and not stops_build(f) for f in found
    )
    reasons = {
        Call.STOPPED: any(map(stops_build, found)),
        Call.UNHELD: bool(unfilled),
        Call.CHANGED: stand is Stand.CHANGED,
        Call.UNAPPROVED: stand in (Stand.AWAITING, Stand.PARTLY, Stand.UNKNOWN),
        Call.REVIEW: overdue,
        Call.OLD: profile.policy_year < current_year(day),
        Call.UNDECIDED: any(one.layer != profile.slug or one.clause not in waived for one in put_off),
        Call.ERRORS: others,
    }
    return SchoolRow(
        profile.slug,
        profile.name,
        tuple(call for call, holds in reasons.items() if holds),
        profile.policy_year,
        profile.edition.number,
        profile.edition.date,
        stand,
        approvals,
        review,
        overdue,
        pack,
        departures_of(library, profile, kinds, people),
        unfilled,
        _counted(found),
        put_off,
    )


def _approvals(
    library: Library, profile: Profile, records: tuple[KeptRecord, ...] | None, people: Sequence[str]
) -> tuple[Stand, tuple[Approval, ...]]:
    wanted = [choice.id for choice in profile.documents if library.documents[choice.id].is_approved]
    if not wanted:
        return Stand.NOT_NEEDED, ()
    if records is None:
        return Stand.UNKNOWN, ()
    if not records:
        return Stand.AWAITING, ()
    bound, _ = bind_profile(library, profile, draft=True, only=wanted)
    standings = standings_of(library, profile, bound.documents, records)
    decisions = {standing.kept.record for standing in standings if standing.kept}
    approvals = sorted(
        Approval(record.on.iso, without_people(record.by, people), without_people(record.minute, people))
        for record in decisions
    )
    if all(standing.approved for standing in standings):
        stand = Stand.APPROVED
    elif any(standing.kept and not standing.approved for standing in standings):
        stand = Stand.CHANGED
    else:
        stand = Stand.PARTLY if approvals else Stand.AWAITING
    return stand, tuple(dict.fromkeys(approvals))


def departures_of(
    library: Library, profile: Profile, kinds: Mapping[str, ProfileKind], people: Sequence[str] = ()
) -> tuple[Departure, ...]:
    """What a school and its trust made of the clauses given to them: left out, reworded, added, each by clause.

    ``kinds`` are those of its layers, by slug; ``people`` are names to be kept out of reasons.
    """
    own = {slug for slug, kind in kinds.items() if kind in (ProfileKind.SCHOOL, ProfileKind.TRUST)}
    out = []
    for id_, choice in profile.clause_choices.items():
        if choice.layer in own and (choice.use is False or choice.is_reworded):
            what = Departed.OFF if choice.use is False else Departed.REWORDED
            clause = profile.local_clause(id_) or library.clauses[id_]
            topic = library.topics[clause.topic].title
            out.append(Departure(what, id_, topic, without_people(choice.reason, people), choice.layer))
    for clause in profile.local_clauses:
        if clause.layer in own:
            reason = without_people(clause.rationale, people)
            out.append(
                Departure(Departed.ADDED, clause.id, library.topics[clause.topic].title, reason, clause.layer)
            )
    order = list(Departed)
    return tuple(sorted(out, key=lambda departure: (order.index(departure.what), departure.clause)))


def put_off_of(layers: Iterable[Layer], people: Sequence[str] = ()) -> tuple[PutOff, ...]:
    """What a school and its trust have still to decide, by clause; ``people`` are names to be kept out."""
    return tuple(
        sorted(
            PutOff(id_, without_people(decision.pack, people), layer.slug)
            for layer in layers
            if layer.kind in (ProfileKind.SCHOOL, ProfileKind.TRUST)
            for id_, decision in layer.decided.items()
            if decision.pick is Pick.LATER
        )
    )


def _unfilled(library: Library, profile: Profile, found: Iterable[Diagnostic]) -> tuple[str, ...]:
    """The library's titles of the roles, in its order: a school's own title may hold a name."""
    ids = set()
    for finding in found:
        if finding.code == _NOBODY_HOLDS and finding.clause:
            ids.add((profile.local_clause(finding.clause) or library.clauses[finding.clause]).owner)
    return tuple(role.title_in(profile.nation) for role in library.roles.values() if role.id in ids)


def _counted(found: Iterable[Diagnostic]) -> tuple[Counted, ...]:
    """Errors, then warnings, by code. Notes need nobody's call."""
    numbers = Counter((finding.severity, finding.code) for finding in found)
    return tuple(
        Counted(code, severity, number)
        for wanted in (Severity.ERROR, Severity.WARNING)
        for (severity, code), number in sorted(numbers.items())
        if severity is wanted
    )
