"""The shipped library with topics of a test's own, for what its clauses and templates do not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yaml import dump

from aupgen.binding.bind import Bound, bind_profile
from aupgen.document.walk import own_clauses, sections
from aupgen.files import Workspace, read_library
from aupgen.library.compiled import Library
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile
from aupgen.profiles.layers import fold
from aupgen.profiles.reading import read_layer
from aupgen.source.diagnostics import Diagnostic, has_errors, render_text
from aupgen.source.span import SourceText
from tests.conftest import ROOT
from tests.one_layer import read_profile
from tests.unit.test_profile_choices import text_of


def clause(id_: str, **keys: Any) -> dict[str, Any]:
    """A clause as a topic file has it, for staff; ``text`` is its wording since 2018-19, its id where not given."""
    text, since = keys.pop("text", f"keep {id_}"), keys.pop("since", "2018-19")
    return {
        "id": id_,
        "owner": "headteacher",
        "audiences": ["staff"],
        "kind": "must",
        "status": "local",
        "rationale": "Because.",
        **keys,
        "revisions": keys.get("revisions", [{"since": since, "text": text}]),
    }


def link(*ids: str) -> list[dict[str, str]]:
    return [{"clause": id_, "reason": f"It needs {id_}."} for id_ in ids]


def compiled(
    topics: Mapping[str, Sequence[dict[str, Any]]], templates: Mapping[str, str] = {}
) -> tuple[Library, list[Diagnostic]]:
    """The shipped library with some topics and templates added, and the findings in them."""
    files, _ = read_library(Workspace(ROOT))
    clause_files = dict(files.clauses)
    for topic, clauses in topics.items():
        text = dump({"topic": topic, "title": topic.title(), "clauses": list(clauses)}, sort_keys=False)
        clause_files[f"{topic}.yaml"] = SourceText(f"clauses/{topic}.yaml", text)
    template_files = dict(files.templates)
    for name, text in templates.items():
        template_files[name] = SourceText(f"templates/{name}", text)
    library, found = compile_library(clause_files, template_files)
    assert library is not None
    return library, found


def good_library(
    topics: Mapping[str, Sequence[dict[str, Any]]], templates: Mapping[str, str] = {}
) -> Library:
    library, found = compiled(topics, templates)
    assert not has_errors(found), render_text(found, {})
    return library


def school(library: Library, *chosen: dict[str, Any], **changes: Any) -> Profile:
    """Valley with a staff policy of some sections, and other keys replaced; it must be free of faults."""
    if chosen:
        changes = {"documents": {"staff-policy": {"sections": list(chosen)}}, **changes}
    source = SourceText("schools/valley.yaml", text_of(**changes))
    profile, found = read_profile(source, "valley", library)
    assert profile is not None, render_text(found, {source.path: source})
    assert not found
    return profile


def under_trust(library: Library, trust: dict[str, Any], **changes: Any) -> Profile:
    """Valley with some keys replaced, as an academy of a trust that says some things of its own."""
    layers = []
    head = {"kind": "trust", "name": "Larkway Trust", "nation": "england"}
    for slug, text in (
        ("valley", text_of(extends="larkway", **changes)),
        ("larkway", dump({**head, **trust}, sort_keys=False)),
    ):
        layer, found = read_layer(SourceText(f"schools/{slug}.yaml", text), slug, library)
        assert layer is not None
        assert not has_errors(found), render_text(found, {})
        layers.append(layer)
    profile, found = fold(layers, library)
    assert profile is not None, render_text(found, {})
    return profile


def section(id_: str, *topics: str, **keys: Any) -> dict[str, Any]:
    return {"id": id_, "title": id_.title(), **({"topics": list(topics)} if topics else {}), **keys}


def printed(bound: Bound, document: str = "staff-policy") -> dict[str, list[str]]:
    """The clauses of each section of a document, by the section's id, in print order."""
    tree = next(d for d in bound.documents if d.meta.id == document)
    return {
        part.id: [mark.id for mark, _ in own_clauses(part)]
        for part in sections(tree.blocks)
        if list(own_clauses(part))
    }


def printed_by(library: Library, profile: Profile, **options: Any) -> dict[str, list[str]]:
    bound, found = bind_profile(library, profile, **options)
    assert not has_errors(found), render_text(found, {})
    return printed(bound)


def line_of(profile_path: str, diagnostic: Diagnostic, text: str) -> str:
    """The line of a profile's text that a finding points to, without its indent."""
    assert diagnostic.span.path == profile_path
    return text.splitlines()[diagnostic.span.line - 1].strip()
