"""The cache: the same values back, and nothing believed that is not ours."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from aupgen import cache
from aupgen.files import Workspace, read_library
from aupgen.library.compiled import Library, Templates
from aupgen.library.compiling import compile_library
from aupgen.policy.profile import Profile
from aupgen.source.span import SourceText, Span
from aupgen.writers.shell import Shell
from tests.conftest import ROOT


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUPGEN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_library_shell_and_profile_come_back_equal(library: Library, shell: Shell, valley: Profile) -> None:
    for value in (library, shell, valley):
        back = msgspec.json.decode(msgspec.json.encode(value), type=type(value))
        assert msgspec.structs.astuple(back) == msgspec.structs.astuple(value)


def test_what_was_stored_is_loaded(place: Path, valley: Profile) -> None:
    cache.store("profile-x.json", valley)
    assert (place / "profile-x.json").is_file()
    assert cache.load("profile-x.json", Profile) == valley
    assert cache.load("profile-y.json", Profile) is None


@pytest.mark.parametrize(
    "damage",
    [b"", b"\n", b"garbage", b"[" * 100_000, b"\xff\xfe\x00", b'{"a": 1}', b"null"],
    ids=["empty", "line", "garbage", "deep", "binary", "object", "null"],
)
@pytest.mark.parametrize("signed", [False, True], ids=["as it is", "with its digest"])
def test_an_entry_that_is_not_ours_is_as_good_as_none(place: Path, damage: bytes, signed: bool) -> None:
    place.mkdir()
    head = hashlib.sha256(damage).hexdigest().encode() + b"\n" if signed else b""
    (place / "library-x.json").write_bytes(head + damage)
    assert all(cache.load("library-x.json", type_) is None for type_ in (Library, Profile, Shell))


@pytest.mark.usefixtures("place")
def test_an_entry_of_another_type_is_as_good_as_none(valley: Profile) -> None:
    cache.store("profile-x.json", valley)
    assert cache.load("profile-x.json", Library) is None
    assert cache.load("profile-x.json", Shell) is None


@pytest.mark.usefixtures("place")
def test_a_file_name_that_is_not_text_is_not_kept() -> None:
    cache.store("profile-x.json", Span("schools/\udcff.yaml"))
    assert cache.load("profile-x.json", Span) is None


def test_every_cut_and_every_changed_byte_of_an_entry_is_noticed(place: Path, valley: Profile) -> None:
    cache.store("profile-x.json", valley)
    path = place / "profile-x.json"
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at])
        assert cache.load(path.name, Profile) is None
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.load(path.name, Profile) is None


@pytest.mark.parametrize("second", [("a",), ("a" * 5000,)], ids=["shorter", "longer"])
def test_an_entry_is_written_over_an_older_one(place: Path, second: tuple[str]) -> None:
    for value in (("x" * 1000,), second):
        cache.store("built-x.json", value)
        assert cache.load("built-x.json", tuple[str]) == value
    assert len(list(place.iterdir())) == 1


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links are followed here")
def test_an_entry_is_written_through_no_link(place: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("Mine.", encoding="utf-8")
    place.mkdir(parents=True, exist_ok=True)
    (place / "built-x.json").symlink_to(mine)
    cache.store("built-x.json", ("x",))
    assert mine.read_text(encoding="utf-8") == "Mine."


def test_a_cache_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valley: Profile
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    for place in (str(blocked), str(blocked / "below"), ""):
        monkeypatch.setenv("AUPGEN_CACHE_DIR", place)
        cache.store("profile-x.json", valley)
        assert cache.load("profile-x.json", Profile) is None


def test_the_name_of_an_entry_depends_on_all_it_was_made_from() -> None:
    assert cache.key("library", ["a", "b"]) == cache.key("library", ["a", "b"])
    assert (
        len(
            {
                cache.key(kind, parts)
                for kind in ("library", "profile")
                for parts in (["a"], ["b"], ["a", "b"])
            }
        )
        == 6
    )


def test_entries_hang_on_all_code_that_builds() -> None:
    # what an earlier build made is passed over by such an entry: with other code it might come out otherwise
    command = "import aupgen.build, sys; print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    parts = [name.split(".") for name in said.stdout.split() if name.startswith("aupgen.")]
    assert {part[1] for part in parts if len(part) > 2} <= set(cache._BUILT_WITH)


def test_old_entries_make_room(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_KEPT", 10)
    monkeypatch.setattr(cache, "_BETWEEN_LOOKS", 1)
    for number in range(30):
        cache.store(f"profile-{number}.json", ("x",))
    assert 5 <= len(list(place.iterdir())) <= 10


def test_large_entries_make_room_earlier(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_KEPT_BYTES", 10_000)
    monkeypatch.setattr(cache, "_BETWEEN_LOOKS", 1)
    for number in range(30):
        cache.store(f"library-{number}.json", ("x" * 1000,))
    assert 4 <= len(list(place.iterdir())) <= 9


def test_runs_side_by_side_and_a_warm_cache_write_the_same(tmp_path: Path) -> None:
    """Six builds at once over an empty cache, then one over the cache they left: one set of bytes."""
    environment = {**os.environ, "AUPGEN_CACHE_DIR": str(tmp_path / "cache")}

    def start(out: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "aupgen", "build", "schools/valley.yaml", "--out", str(out)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    running = [start(tmp_path / str(n)) for n in range(6)]
    assert [process.communicate()[1] for process in running] == [b""] * 6
    assert start(tmp_path / "warm").communicate()[1] == b""
    builds = [
        {p.name: p.read_bytes() for p in (tmp_path / name / "valley" / "2026-27").iterdir()}
        for name in ("0", "5", "warm")
    ]
    assert builds[0] == builds[1] == builds[2]
    assert not list((tmp_path / "cache").glob("*.tmp"))


def test_topics_and_templates_kept_from_before_give_the_same_library_and_the_same_findings(
    library: Library,
) -> None:
    files, _ = read_library(Workspace(ROOT))
    known = {f"{topic.id}.yaml": topic for topic in library.topics.values()}
    templates = Templates(library.documents, library.page)
    again, found = compile_library(files.clauses, files.templates, known, templates)
    assert not found
    assert msgspec.json.encode(again) == msgspec.json.encode(library)

    text = files.clauses["passwords.yaml"]
    twice = SourceText(text.path, text.text.replace("id: password-private", "id: professional-use", 1))
    changed = {**files.clauses, "passwords.yaml": twice}
    some = {name: topic for name, topic in known.items() if name != "passwords.yaml"}
    cold = compile_library(changed, files.templates)[1]
    warm = compile_library(changed, files.templates, some)[1]
    assert warm == cold
    assert "AUP207" in {finding.code for finding in warm}

    gone = SourceText(text.path, text.text.replace("id: compromise-report", "id: compromise-telling", 1))
    changed = {**files.clauses, "passwords.yaml": gone}
    cold = compile_library(changed, files.templates)[1]
    warm = compile_library(changed, files.templates, some, templates)[1]
    assert warm == cold
    assert {"AUP204"} == {finding.code for finding in warm}
