"""A revision of the workspace as a folder of its own, read from git without touching the working tree."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from aupgen.files import CannotRunError, Workspace

_FOLDERS = ("clauses", "schools", "templates")


class Past(Struct, frozen=True):
    """A workspace as it was: where its files stand now, and the names that files of today had then."""

    workspace: Workspace
    renamed: dict[str, str]

    def profile(self, today: str) -> Path | None:
        """The file of a profile, by its path in today's workspace; None where there was none."""
        path = self.workspace.root / self.renamed.get(today, today)
        return path if path.is_file() else None


@contextmanager
def workspace_at(workspace: Workspace, revision: str, profiles: Sequence[str]) -> Iterator[Past]:
    """Yield the workspace as it was at a git revision; it is gone afterwards. ``profiles`` are paths inside it.

    Raises CannotRunError where the workspace is in no repository, or git knows no such revision.
    """
    commit = _git(workspace, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    prefix = _git(workspace, "rev-parse", "--show-prefix")
    there = _git(workspace, "ls-tree", "--name-only", f"{commit}:{prefix}").splitlines()
    absent = [folder for folder in _FOLDERS if folder not in there]
    if absent:
        raise CannotRunError(f"at the revision {revision} the workspace has no folder {', '.join(absent)}")
    beside = {Path(path).parts[0] for path in profiles} & set(there) - set(_FOLDERS)
    archive = _run(
        workspace, "archive", "--format=tar", f"{commit}:{prefix}", "--", *_FOLDERS, *sorted(beside)
    )
    with tempfile.TemporaryDirectory(prefix="aupgen-") as folder:
        root = Path(folder).resolve()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.isreg() else None
                if content is not None:
                    path = root / entry.name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())
        yield Past(Workspace(root), _renamed(workspace, commit))


def _renamed(workspace: Workspace, commit: str) -> dict[str, str]:
    """The name of each renamed profile at the commit, by its name today."""
    told = _git(
        workspace, "diff", "--find-renames", "--diff-filter=R", "--name-status", "-z", "--relative", commit
    )
    parts = told.split("\0")
    return {new: old for mark, old, new in zip(parts[::3], parts[1::3], parts[2::3], strict=False) if mark}


def _git(workspace: Workspace, *arguments: str) -> str:
    return _run(workspace, *arguments).decode("utf-8", "replace").strip("\n")


def _run(workspace: Workspace, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(workspace.root), *arguments], capture_output=True, check=False
        )
    except OSError as error:
        raise CannotRunError("git is not installed, and `--rev` reads revisions through it") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        wanted = arguments[-1].removesuffix("^{commit}")
        reason = said[-1] if said else f"git knows no revision `{wanted}`"
        raise CannotRunError(f"cannot read the workspace's history: {reason}")
    return done.stdout
