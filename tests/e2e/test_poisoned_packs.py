"""A pack that lies, bursts, slips or acts is refused with a reason, and nothing is written."""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aupgen.cli.main import run
from aupgen.packs.archive import PackRefusedError
from aupgen.packs.contents import read_pack
from tests.conftest import ROOT
from tests.e2e import poison

ARCHIVES, LISTS, CONTENTS = 70, 20, 35
"""At least so many of each kind: together 125."""


def aupgen(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "southend.zip"
    assert aupgen("pack", str(ROOT / "schools" / "southend.yaml"), "--out", str(path)) == 0
    return path.read_bytes()


def everything(folder: Path) -> dict[str, str]:
    """Every file and folder below, with the digest of each file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in folder.rglob("*")
    }


@pytest.fixture
def refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[bytes], str]:
    """Take a pack in with `aupgen init`; return what was said once it is sure that it was refused without a trace."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    answers = "name: Ashby School\nphase: primary\nphone_free_hours: 8:30 to 15:00\n"
    (place / "answers.yaml").write_text(answers, encoding="utf-8")

    def refuse(pack: bytes) -> str:
        (place / "pack.zip").write_bytes(pack)
        before = everything(tmp_path)
        capsys.readouterr()
        code = aupgen("init", "new", "--pack", "pack.zip", "--answers", "answers.yaml")
        said = capsys.readouterr()
        assert code == 1, said.err
        assert everything(tmp_path) == before
        assert "Traceback" not in said.err
        assert "internal error" not in said.err
        assert said.out == ""
        assert said.err.endswith("Nothing was written.\n")
        return said.err

    return refuse


def test_the_good_pack_is_taken(good: bytes) -> None:
    pack = read_pack(good)
    assert pack.record.exemplar == "southend"
    assert set(pack.taken) < set(pack.files)


def test_every_archive_that_is_not_as_we_write_it_is_refused_quickly(good: bytes) -> None:
    poisons = list(poison.archives(good))
    assert len(poisons) >= ARCHIVES
    assert len({name for name, _, _ in poisons}) == len(poisons)
    for name, data, code in poisons:
        started = time.process_time()
        with pytest.raises(PackRefusedError) as refused:
            read_pack(data)
        assert refused.value.code.startswith(code), f"{name}: {refused.value.code} {refused.value.message}"
        assert refused.value.message.isprintable(), name
        assert time.process_time() - started < 1, name


def test_every_list_that_is_not_true_is_refused(good: bytes) -> None:
    poisons = list(poison.lists(good))
    assert len(poisons) >= LISTS
    for name, data, code in poisons:
        with pytest.raises(PackRefusedError) as refused:
            read_pack(data)
        assert refused.value.code == code, f"{name}: {refused.value.code} {refused.value.message}"


def test_a_bomb_takes_no_memory(good: bytes) -> None:
    """What lies about its size is unpacked no further than it says."""
    bombs = [data for name, data, _ in poison.archives(good) if name.startswith("bomb")]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in bombs:
        with pytest.raises(PackRefusedError):
            read_pack(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000


def test_the_command_refuses_archives_and_lists_and_writes_nothing(
    good: bytes, refused: Callable[[bytes], str]
) -> None:
    for name, data, code in (*poison.archives(good), *poison.lists(good)):
        said = refused(data)
        assert said.startswith("pack.zip:1:1: error " + code), f"{name}: {said}"


def test_the_command_refuses_texts_that_would_do_harm_and_writes_nothing(
    good: bytes, refused: Callable[[bytes], str]
) -> None:
    poisons = list(poison.contents(good))
    assert len(poisons) >= CONTENTS
    for name, data, code in poisons:
        read_pack(data)  # the zip and its list are in order: it is the text that is refused
        said = refused(data)
        assert f"error {code}" in said, f"{name}: {said[:2000]}"
        assert said.startswith("pack.zip!"), f"{name}: {said[:2000]}"
        assert ".aupgen-" not in said, name
