"""Same sources, same bytes: in any folder, time zone, locale, hash seed, with any umask and clock setting."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT, VALLEY

SOURCES = ("clauses", "schools", "templates")
TEXTS = (".yaml", ".j2", ".css")


def copy_workspace(to: Path) -> Path:
    """A copy of the library, the samples and the templates, as another school would have it: without approvals."""
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("approved"))
    shutil.copyfile(VALLEY, to / "schools" / "valley.yaml")
    return to


def aupgen(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None, umask: int = -1
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "aupgen", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        umask=umask,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


NAMES = {
    f"{id_}.{suffix}" for id_ in ("staff-policy", "staff-agreement") for suffix in ("docx", "md", "html")
}


def test_two_builds_in_two_worlds_give_the_same_bytes(tmp_path: Path) -> None:
    here = copy_workspace(tmp_path / "a")
    there = copy_workspace(tmp_path / "another folder with a far longer name" / "Grüße" / "b")
    one = aupgen(
        "build",
        "schools/valley.yaml",
        cwd=here,
        env={
            "TZ": "Pacific/Kiritimati",
            "LC_ALL": "C",
            "PYTHONCOERCECLOCALE": "0",
            "PYTHONUTF8": "0",
            "PYTHONHASHSEED": "0",
            "SOURCE_DATE_EPOCH": "0",
        },
        umask=0o077,
    )
    two = aupgen(
        "build",
        there / "schools" / "valley.yaml",
        "--out",
        there / "out",
        cwd=tmp_path,
        env={
            "TZ": "America/Adak",
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": "12345",
            "SOURCE_DATE_EPOCH": "4102444800",
        },
        umask=0o002,
    )
    assert (one.returncode, one.stderr) == (0, "")
    assert (two.returncode, two.stderr) == (0, "")
    first, second = contents(here / "build"), contents(there / "out")
    assert {name.removeprefix("valley/2018-19/") for name in first} == NAMES | {"manifest.json"}
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()


@pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["CRLF", "CR"])
def test_sources_with_other_line_ends_give_the_same_bytes(tmp_path: Path, end: bytes) -> None:
    unix, other = copy_workspace(tmp_path / "unix"), copy_workspace(tmp_path / "other")
    changed = [path for path in other.rglob("*") if path.suffix in TEXTS]
    assert len(changed) > 20
    for path in changed:
        path.write_bytes(path.read_bytes().replace(b"\n", end))
    for place in (unix, other):
        done = aupgen("build", "schools/valley.yaml", cwd=place)
        assert (done.returncode, done.stderr) == (0, "")
    assert contents(unix / "build") == contents(other / "build")


def test_a_byte_order_mark_changes_no_document(tmp_path: Path) -> None:
    plain, marked = copy_workspace(tmp_path / "plain"), copy_workspace(tmp_path / "marked")
    for path in [path for path in marked.rglob("*") if path.suffix in TEXTS]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    for place in (plain, marked):
        done = aupgen("build", "schools/valley.yaml", cwd=place)
        assert (done.returncode, done.stderr) == (0, "")
    assert contents(plain / "build") == contents(marked / "build")


def test_several_jobs_and_another_order_of_profiles_give_the_same_bytes(tmp_path: Path) -> None:
    place = copy_workspace(tmp_path)
    profile = (place / "schools" / "valley.yaml").read_text(encoding="utf-8")
    names = ["schools/ash.yaml", "schools/beech.yaml", "schools/cedar.yaml"]
    for name in names:
        text = profile.replace("name: The Valley School", f"name: {Path(name).stem.title()} School")
        (place / name).write_text(text, encoding="utf-8")
    one = aupgen("build", *names, "--out", "one", cwd=place)
    two = aupgen("build", *reversed(names), "--out", "two", "--jobs", "3", cwd=place)
    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    assert contents(place / "one") == contents(place / "two")
    assert len(contents(place / "one")) == 3 * (len(NAMES) + 1)


def test_no_trace_of_the_machine_is_in_any_file(tmp_path: Path) -> None:
    place = copy_workspace(tmp_path / "zebracrossing")
    done = aupgen(
        "build", "schools/valley.yaml", cwd=place, env={"USER": "zebrauser", "HOSTNAME": "zebrahost"}
    )
    assert done.returncode == 0
    for name, data in contents(place / "build").items():
        parts = {name: data}
        if name.endswith(".docx"):
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                parts = {f"{name}/{part}": package.read(part) for part in package.namelist()}
                assert all(part.date_time == (1980, 1, 1, 0, 0, 0) for part in package.infolist())
        assert [part for part, read in parts.items() if b"zebra" in read or b"zebra" in part.encode()] == []
