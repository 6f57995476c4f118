"""One side of a comparison: a bound profile, and what it says of values, contacts and clauses in words."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from aupgen.binding.bind import Bound
from aupgen.binding.values import Needs, Scope
from aupgen.comparison.changes import Approval
from aupgen.document.leaves import Looks, looks
from aupgen.document.tree import ClauseMark, Document, Text
from aupgen.document.walk import passages, plain_text
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.parameter import HoursValue, RolesValue, Value, value_text
from aupgen.policy.profile import Contact, Profile, Show
from aupgen.policy.year import PolicyYear


class Edition(Struct, frozen=True):
    """A school's documents with what they were made from.

    ``kept`` are documents as an approval record holds them, which stand in the place of those that profile and library
    give today. Where the two say the same, all is known of it; of other words only what they print. Those in
    ``contacts_apart`` differ in nothing but contacts. ``approvals`` say how the documents stand.
    """

    profile: Profile
    library: Library
    bound: Bound
    kept: tuple[Document, ...] = ()
    contacts_apart: frozenset[str] = frozenset()
    approvals: tuple[Approval, ...] = ()

    @property
    def documents(self) -> dict[str, Document]:
        return {document.meta.id: document for document in (*self.bound.documents, *self.kept)}

    @property
    def given_today(self) -> dict[str, frozenset[Looks]]:
        """The lines that profile and library give today of each document which was kept, by its id."""
        own = {document.meta.id: tuple(passages(document)) for document in self.bound.documents}
        ids = [document.meta.id for document in self.kept]
        return {id_: frozenset(looks(line.inlines) for line in own.get(id_, ())) for id_ in ids}

    def clause(self, id_: str) -> Clause | None:
        """A clause of the library or of a layer; None where there is none of this id."""
        return self.profile.local_clause(id_) or self.library.clauses.get(id_)

    def revision(self, id_: str) -> Revision | None:
        """The revision of a clause in force; None where there is none."""
        clause = self.clause(id_)
        current = clause.revision_in(self.profile.policy_year) if clause else None
        return current[1] if current else None

    def own_wordings(self, id_: str) -> dict[str, Wording]:
        """The wordings that layers gave a clause in the place of the library's, by reader; that for all under ""."""
        choice = self.profile.clause_choices.get(id_)
        if choice is None:
            return {}
        given = {**choice.by_reader, **({"": choice.text} if choice.text else {})}
        return {reader: own.wording for reader, own in given.items()}

    def words_behind(self, mark: ClauseMark | None) -> dict[str, Wording]:
        """The wordings that layers gave a clause, where a line prints one of them; {} where it has the library's."""
        choice = self.profile.clause_choices.get(mark.id) if mark else None
        return self.own_wordings(mark.id) if mark and choice and choice.wording_of(mark.layer) else {}

    def value(self, parameter: str, clause: str = "") -> Value | None:
        """What holds for a parameter: set for this clause, set for all, or the library's default."""
        setting = self.profile.setting(parameter, clause)
        known = self.library.parameters.get(parameter)
        return setting.value if setting else known.default if known else None

    def value_words(self, parameter: str, clause: str = "") -> str | None:
        """The value as one line for people: roles by their titles here; None where nothing holds."""
        value = self.value(parameter, clause)
        if isinstance(value, RolesValue):
            return ", ".join(self._scope.title(role) for role in value.roles if role in self.library.roles)
        if isinstance(value, HoursValue):
            hours = value_text(replace(value, places=(), times=()))
            first, last = ((Text(self._scope.clock(at)),) for at in (value.start, value.end))
            range_ = plain_text(self._scope.phrase("hours_range", start=first, end=last))
            return value_text(value).replace(hours, range_, 1)
        return None if value is None else value_text(value)

    def reason_for(self, parameter: str, clause: str, since: PolicyYear) -> str:
        """The reason a layer gave for a value: for that of this clause, for any it has had since another year, or for
        departing from a lock; "" where none did."""
        own = self.profile.clause_parameters.get(clause, {}).get(parameter)
        if own and own.reason:
            return own.reason
        if why := self.profile.reason_since(parameter, since):
            return why
        keys = (f"clauses.{clause}.{parameter}", f"parameters.{parameter}")
        chains = (self.profile.origins.get(key, ()) for key in keys)
        return next((origin.reason for chain in chains for origin in chain[:1] if origin.reason), "")

    def contact(self, role: str) -> tuple[str, Contact | None]:
        """The role that answers for a role here, and its contact; None where nobody does."""
        if role not in self.library.roles:
            return role, self.profile.contacts.get(role)
        return self._scope.holder(role)

    def contact_words(self, role: str) -> str | None:
        """Who holds a role, as documents may print it: title, names where shown, telephone, email. None for nobody."""
        held, contact = self.contact(role)
        if contact is None:
            return None
        return ", ".join(part for part in (self.holder(held), contact.phone, contact.email) if part)

    def holder(self, role: str) -> str:
        """Who answers for a role: the post, with the person where documents show one; "" where nobody does."""
        held, contact = self.contact(role)
        if contact is None or held not in self.library.roles:
            return ""
        post = self._scope.title(held)
        named = contact.show is Show.NAME and contact.names
        return f"{post} ({', '.join(contact.names)})" if named else post

    def titles(self) -> dict[str, str]:
        """The title of each document, by id."""
        return {id_: plain_text(document.title) for id_, document in self.documents.items()}

    @property
    def _scope(self) -> Scope:
        skeleton = next(iter(self.library.documents.values()))
        return Scope(self.library, self.profile, Needs(), skeleton, skeleton.voice)
