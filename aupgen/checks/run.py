"""All rules over a library and its profiles: values in, findings out. Keeps one school at a time in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from aupgen.approval.record import KeptRecord
from aupgen.approval.standing import notes, standings_of
from aupgen.binding.bind import bind_profile
from aupgen.checks.rules import FILE_RULES, LIBRARY_RULES, PASSAGE_RULES, SCHOOL_RULES, WORKSPACE_RULES
from aupgen.checks.view import FileView, LibraryView, Passage, SchoolView, Seen, WorkspaceView
from aupgen.library.compiled import Library
from aupgen.policy.layer import Layer
from aupgen.policy.profile import Profile, ProfileKind
from aupgen.source.diagnostics import Diagnostic, Severity
from aupgen.source.span import SourceText


class Checker(Struct):
    """Gathers findings: first `library`, then each `file` and `school`, last `together`."""

    library: Library
    sources: Mapping[str, SourceText]
    day: date
    found: list[Diagnostic] = field(default_factory=list)
    layers: dict[str, Layer] = field(default_factory=dict)
    printed: dict[str, frozenset[str]] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def check_library(self) -> None:
        """The rules on the library's own wording, roles and parameters."""
        view = LibraryView(self.library, self.sources)
        self.found += _passages(view.passages())
        for rule in LIBRARY_RULES:
            self.found += rule.check(view)

    def check_file(self, layer: Layer, source: SourceText) -> None:
        """The rules on one profile file, as it stands; each file once, however many schools it stands above."""
        if layer.path in self.layers:
            return
        self.layers[layer.path] = layer
        view = FileView(layer, source, self.library)
        self.found += _passages(view.passages())
        for rule in FILE_RULES:
            self.found += rule.check(view)

    def check_school(self, profile: Profile, records: tuple[KeptRecord, ...] = ()) -> None:
        """The rules on a school with all its layers, and what a build of it would find.

        ``records`` are its approvals of the policy year. Words that changed since are a note of a build, which goes
        on; here they are a warning (AUP411).
        """
        if profile.kind not in (ProfileKind.SCHOOL, ProfileKind.EXEMPLAR):
            return
        bound, found = bind_profile(self.library, profile)
        self.found += found
        if records:
            standings = standings_of(self.library, profile, bound.documents, records)
            told = notes(profile, bound.documents, standings)
            self.found += [replace(f, severity=Severity.WARNING) if f.code == "AUP411" else f for f in told]
        school = SchoolView(self.library, profile, bound.documents, self.sources, self.day)
        for rule in SCHOOL_RULES:
            self.found += rule.check(school)
        self.printed[profile.path] = frozenset(school.clauses)
        self.parents[profile.path] = profile.layers[1:]

    def check_together(self, *, complete: bool) -> None:
        """The rules that hold profiles against each other; ``complete`` says whether they are all there are."""
        seen = tuple(self._seen(path, layer) for path, layer in sorted(self.layers.items()))
        view = WorkspaceView(LibraryView(self.library, self.sources), seen, complete)
        for rule in WORKSPACE_RULES:
            self.found += rule.check(view)

    def _seen(self, path: str, layer: Layer) -> Seen:
        contacts = {role: said.value for role, said in layer.contacts.items()}
        mailed = {role: contact.email for role, contact in contacts.items() if contact.email}
        return Seen(
            layer.slug,
            layer.name,
            path,
            layer.kind.value,
            self.printed.get(path, frozenset()),
            {role: email.rpartition("@")[2].lower() for role, email in mailed.items()},
            {role: layer.contacts[role].span for role in mailed},
            frozenset(part for c in contacts.values() for part in (c.email.lower(), c.phone) if part),
            self.parents.get(path, ()),
        )


def _passages(passages: Iterable[Passage]) -> Iterator[Diagnostic]:
    for passage in passages:
        for rule in PASSAGE_RULES:
            yield from rule.check(passage)
