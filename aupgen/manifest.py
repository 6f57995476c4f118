"""What a folder of built documents says about itself: `manifest.json`, made and read back as plain data.

Comes from documents and the digests of files and sources; goes out as text. Writes nothing itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from aupgen.approval.record import KeptRecord
from aupgen.approval.standing import Standing
from aupgen.document.leaves import values_in
from aupgen.document.tree import ClauseMark, Document, Inlines
from aupgen.document.walk import own_clauses, plain_text, sections
from aupgen.document.words import SENTENCES, fingerprint, sentence, short, words_digest
from aupgen.policy.profile import Edition, Profile
from aupgen.policy.year import PolicyYear

MANIFEST = "manifest.json"
PINNED = "library.json"
"""The file of a workspace that says which pack its library came from: see `packs/record.py`."""
Entry: TypeAlias = dict[str, Any]


class BuiltFile(Struct, frozen=True):
    """A file of a document: its name in the folder, its format and its bytes."""

    document: str
    format: str
    name: str
    data: bytes


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def manifest_data(
    version: str,
    profile: Profile,
    documents: Iterable[Document],
    files: Iterable[BuiltFile],
    sources: Mapping[str, str],
    *,
    draft: bool,
    standings: Sequence[Standing] = (),
) -> Entry:
    """Return the manifest of one build. ``sources`` maps a path inside the workspace to its SHA-256 over LF text.

    ``standings`` says how documents stand; one that is not among them awaits approval.
    """
    by_document = _by_document(files)
    stand = {standing.document: standing for standing in standings}
    entries = [
        _document_entry(
            document,
            by_document.get(document.meta.id, []),
            stand.get(document.meta.id) or Standing(document.meta.id, fingerprint(document)),
            profile,
        )
        for document in documents
    ]
    settings = [
        {
            # who decided, and not what: a contact's name may be in the profile and in no document
            "key": key,
            "layer": chain[0].layer,
            **({"reason": chain[0].reason} if chain[0].reason else {}),
        }
        for key, chain in sorted(profile.origins.items())
    ]
    return {
        **_head(version, profile.slug, profile.name, profile.policy_year, profile.edition),
        "draft": draft,
        "approval": _overall(entries),
        "layers": list(profile.layers),
        "settings": settings,
        "sources": [{"path": path, "sha256": digest} for path, digest in sorted(sources.items())],
        "documents": entries,
    }


def approved_manifest(
    version: str,
    slug: str,
    documents: Iterable[tuple[KeptRecord, Document]],
    files: Iterable[BuiltFile],
    sources: Mapping[str, str],
) -> Entry:
    """Return the manifest of documents written again as they were approved, the newest record's first."""
    by_document = _by_document(files)
    pairs = list(documents)
    record = max((kept.record for kept, _ in pairs), key=lambda record: record.edition.number)
    entries = [
        _document_entry(
            document,
            by_document.get(document.meta.id, []),
            Standing(document.meta.id, fingerprint(document), kept, approved=True),
        )
        for kept, document in pairs
    ]
    return {
        **_head(version, slug, record.school, record.policy_year, record.edition),
        "draft": False,
        "approval": _overall(entries),
        "layers": list(record.layers),
        "settings": [],
        "sources": [{"path": path, "sha256": digest} for path, digest in sorted(sources.items())],
        "documents": entries,
    }


def _head(version: str, slug: str, school: str, year: PolicyYear, edition: Edition) -> Entry:
    return {
        "aupgen": version,
        "profile": slug,
        "school": school,
        "policy_year": str(year),
        "edition": edition.number,
        "effective": edition.date.iso,
        "reason": edition.reason or None,
    }


def _by_document(files: Iterable[BuiltFile]) -> dict[str, list[Entry]]:
    by_document: dict[str, list[Entry]] = {}
    for file in files:
        entry = {"name": file.name, "format": file.format, "sha256": sha256(file.data)}
        by_document.setdefault(file.document, []).append(entry)
    return by_document


def _document_entry(
    document: Document, files: list[Entry], standing: Standing, profile: Profile | None = None
) -> Entry:
    return {
        "id": document.meta.id,
        "variant": None,
        "title": document.meta.title,
        "audiences": list(document.meta.audiences),
        "sections": [
            {
                "id": section.id,
                "title": plain_text(section.title),
                "level": section.level,
                "voice": section.voice or None,
                "clauses": [
                    {
                        "id": mark.id,
                        "revision": mark.revision,
                        "layer": mark.layer,
                        **_said(inlines),
                        **(_reason(profile, mark) if profile else {}),
                    }
                    for mark, inlines in own_clauses(section)
                ],
            }
            for section in sections(document.blocks)
        ],
        # a document that tells nothing of an approval needs none
        "fingerprint": short(standing.fingerprint) if document.meta.status else None,
        "fingerprint_sha256": standing.fingerprint,
        "approval": _approval(standing),
        "words_sha256": words_digest(document),
        "files": sorted(files, key=lambda file: str(file["name"])),
    }


@lru_cache(maxsize=SENTENCES)
def _said(inlines: Inlines) -> Entry:
    """A clause as text, and what it prints of the profile's values and contacts, by their names, where it prints any."""
    values = {source: ", ".join(texts) for source, texts in values_in(inlines).items()}
    return {"text": sentence(inlines), **({"values": values} if values else {})}


def _approval(standing: Standing) -> Entry | None:
    """What a document was approved by; None while it awaits approval."""
    if standing.kept is None or not standing.approved:
        return None
    record = standing.kept.record
    return {
        "by": record.by,
        "on": record.on.iso,
        "minute": record.minute or None,
        "as_amended": record.as_amended,
        "edition": record.edition.number,
        "contacts_changed": standing.contacts_only,
        "record": standing.kept.name,
    }


def _overall(documents: Iterable[Entry]) -> Entry | None:
    """The approval of all documents together: the last of theirs, None while one that needs it awaits its own."""
    approvals = [document.get("approval") for document in documents if document.get("fingerprint")]
    given = [approval for approval in approvals if isinstance(approval, dict)]
    if len(given) < len(approvals):
        return None
    return max(
        given, key=lambda approval: (str(approval.get("on")), str(approval.get("record"))), default=None
    )


def _reason(profile: Profile, mark: ClauseMark) -> Entry:
    """Why the profile departs from the library here, where it does."""
    choice = profile.clause_choices.get(mark.id)
    if choice is None:
        return {}
    own = choice.wording_of(mark.layer)
    if own is None and choice.is_reworded and choice.use is None:
        return {}  # it has other words elsewhere, and the library's here
    return {"reason": (own.reason if own else "") or choice.reason}


def merge_narrowed(old: Entry | None, new: Entry) -> Entry:
    """The manifest after a build narrowed by document or format: what it did not build stays as listed."""
    if old is None:
        return new
    built = {entry["id"]: entry for entry in new["documents"]}
    merged: list[Entry] = []
    for entry in old.get("documents", []):
        again = built.pop(entry.get("id"), None)
        if again is None:
            merged.append(entry)
            continue
        names = {file["name"] for file in again["files"]}
        kept = [file for file in entry.get("files", []) if file.get("name") not in names]
        files = sorted([*again["files"], *kept], key=lambda file: str(file["name"]))
        merged.append({**again, "files": files})
    documents = [*merged, *built.values()]
    return {**new, "approval": _overall(documents), "documents": documents}


def file_digests(manifest: Entry | None) -> dict[str, str]:
    """Digest by file name of what the manifest says we wrote; files kept because somebody edited them are not ours."""
    if manifest is None:
        return {}
    return {
        str(file["name"]): str(file["sha256"])
        for document in manifest["documents"]
        for file in document["files"]
        if not file.get("edited")
    }


def with_edited(manifest: Entry, edited: Mapping[str, str]) -> Entry:
    """The manifest with the digests of files that were kept as somebody edited them, marked so."""
    if not edited:
        return manifest
    documents = [
        {
            **document,
            "files": [
                {**file, "sha256": edited[file["name"]], "edited": True} if file["name"] in edited else file
                for file in document["files"]
            ],
        }
        for document in manifest["documents"]
    ]
    return {**manifest, "documents": documents}


def _line(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def manifest_text(manifest: Entry) -> str:
    """The manifest as JSON that people can read: a line for each source, section and file."""

    def listed(values: list[Any], indent: str) -> str:
        if not values:
            return "[]"
        return "[\n" + ",\n".join([f"{indent}  {_line(value)}" for value in values]) + f"\n{indent}]"

    def document(entry: Entry) -> str:
        parts = [
            f'"{key}": ' + (listed(value, "      ") if key in ("sections", "files") else _line(value))
            for key, value in entry.items()
        ]
        return "    {\n      " + ",\n      ".join(parts) + "\n    }"

    parts = []
    for key, value in manifest.items():
        if key == "documents":
            documents = ",\n".join(map(document, value))
            parts.append(f'"{key}": [\n{documents}\n  ]' if value else f'"{key}": []')
        else:
            parts.append(
                f'"{key}": ' + (listed(value, "  ") if key in ("sources", "settings") else _line(value))
            )
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def edited_names(manifest: Entry | None) -> set[str]:
    """Names of files that an earlier build kept because somebody had edited them."""
    documents = manifest["documents"] if manifest else []
    return {str(file["name"]) for document in documents for file in document["files"] if file.get("edited")}


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}(/[A-Za-z0-9][A-Za-z0-9._-]{0,200}){0,3}")


def is_plain_name(name: object) -> bool:
    """Whether this names a file in a folder, or in a folder of it, and nothing beyond: what stands there may have
    been forged."""
    return isinstance(name, str) and _PLAIN.fullmatch(name) is not None


def read_manifest(data: bytes) -> Entry | None:
    """Return the manifest in some bytes, or None where it is not one of ours or was damaged."""
    try:
        value = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or "aupgen" not in value or not isinstance(value.get("documents"), list):
        return None
    for document in value["documents"]:
        if not isinstance(document, dict) or not isinstance(document.get("files"), list):
            return None
        if not isinstance(document.get("id"), str):
            return None
        for file in document["files"]:
            if not isinstance(file, dict) or not isinstance(file.get("sha256"), str):
                return None
            if not is_plain_name(file.get("name")):
                return None
    return value
