"""Bad files as people write them: `aupgen build` reports every fault, at its exact place, and harms nothing.

Each file of `tests/bad/` says in comments what is expected of it, one line a finding:

    # expect: 7:3 AUP110
    # expect: schools/valley.yaml:81:3 AUP205      in another file of the workspace

A file that can hold no comment (a Word file, UTF-16) has them beside it in NAME.expect. What stands where:
`profiles/` are built themselves; `clauses/` and `templates/` are put into a copy of the library, beside the
good files or in the place of their namesake. `registers/roles.shapes.yaml` takes the place of
`clauses/roles.yaml`, completed with the entries that it does not hold. One of `approvals/` takes the place of the
sample school's approval record. Then that school is built.

A folder of `layers/` is one case of several profiles, all put into `schools/`. Its `oakfield.yaml` says what is
expected and is built, with every other file that says `# build` and the options that follow it:

    # build: --year 2025-26
    # says: oakfield → larkway → oakfield          words that must be printed

A place is where a person would look: the key of an unknown key, a wrong shape or a key given twice; the value
of a bad value; the clause's id for a key it lacks; the key of the block, else 1:1, where there is no id; the
first sign that cannot stand where it stands in broken YAML, and for a thing never closed the place it opens.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from aupgen.cli.main import run
from tests.conftest import ROOT, VALLEY

BAD = Path(__file__).parent / "bad"
LIBRARY = ("clauses", "schools", "templates")
SAMPLE = "schools/valley.yaml"
RECORD = "schools/approved/valley/2018-19-edition-1.yaml"

_EXPECTATION = re.compile(r"^(?:#|\{#) expect: (?:(\S+?):)?(\d+):(\d+) (AUP\d{3})\b", re.M)
_SAYS = re.compile(r"^# says: (.+)$", re.M)
_BUILD = re.compile(r"^# build(?:: (.+))?$", re.M)
_FINDING = re.compile(r"^(.+?):(\d+):(\d+): (?:error|warning|note) (AUP\d{3}): .+$", re.M)

Place = tuple[str, int, int, str]
"""Path, line, column and code of a finding."""


@dataclass(frozen=True)
class Outcome:
    """What one run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def places(self) -> list[Place]:
        return sorted(
            (path, int(line), int(column), code) for path, line, column, code in _FINDING.findall(self.err)
        )


def bad_files(*groups: str) -> list[str]:
    return sorted(
        path.relative_to(BAD).as_posix()
        for group in groups
        for path in (BAD / group).iterdir()
        if path.suffix != ".expect"
    )


def expected(file: Path, path: str) -> list[Place]:
    """The findings a bad file says it has when it stands at ``path``."""
    beside = file.with_name(file.name + ".expect")
    text = (beside if beside.exists() else file).read_bytes().decode("latin-1")
    found = _EXPECTATION.findall(text)
    assert found, f"{file} does not say what is expected of it"
    return sorted((other or path, int(line), int(column), code) for other, line, column, code in found)


def target(name: str) -> str:
    """Where a bad file is put in the workspace."""
    group, file = name.split("/", 1)
    match group:
        case "profiles":
            return f"schools/{file}"
        case "registers":
            return f"clauses/{file.split('.')[0]}.yaml"
        case "approvals":
            return RECORD
        case _:
            return name


def put(name: str, workspace: Path) -> str:
    """Put a bad file into the workspace; return where it stands."""
    path = target(name)
    if name.startswith("registers/"):
        good = (workspace / path).read_text(encoding="utf-8")
        text = completed((BAD / name).read_text(encoding="utf-8"), good)
        (workspace / path).write_text(text, encoding="utf-8")
    else:
        shutil.copyfile(BAD / name, workspace / path)
    return path


def completed(bad: str, good: str) -> str:
    """A bad register, and after it what it does not hold of the good one, so that nothing else misses it."""
    held = {_entry(line) for line in bad.splitlines()}
    blocks = re.split(r"^(?=  - (?:id|name): |[a-z_]+:)", good, flags=re.M)[1:]
    return bad + "".join(block for block in blocks if _entry(block.partition("\n")[0]) not in held)


def _entry(line: str) -> str:
    """What a line of a register opens: an entry of its list, or a block at the margin."""
    return line if line.startswith("  - ") else line.partition(":")[0]


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder, with its bytes and the time it was written."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lines(places: Iterable[Place]) -> Mapping[str, int]:
    """Places as text, so that a failure shows at a glance what is missing and what is too much."""
    return Counter(f"{path}:{line}:{column} {code}" for path, line, column, code in places)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the library to spoil, as the current folder."""
    monkeypatch.delenv("AUPGEN_DEBUG", raising=False)
    monkeypatch.chdir(library_with_valley(tmp_path))
    return tmp_path


def library_with_valley(to: Path) -> Path:
    for folder in LIBRARY:
        shutil.copytree(ROOT / folder, to / folder)
    shutil.copyfile(VALLEY, to / SAMPLE)
    return to


@pytest.fixture(scope="session")
def earlier_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as an earlier build left it."""
    place = library_with_valley(tmp_path_factory.mktemp("earlier"))
    out = place / "build"
    with pytest.raises(SystemExit) as stop:
        run(["build", str(place / SAMPLE), "--out", str(out)])
    assert stop.value.code == 0
    return out


def build(capsys: pytest.CaptureFixture[str], *arguments: str) -> Outcome:
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        run(["build", *arguments])
    printed = capsys.readouterr()
    assert isinstance(stop.value.code, int)
    return Outcome(stop.value.code, printed.out, printed.err)


def assert_orderly(outcome: Outcome) -> None:
    """Whatever was wrong, it was reported and not stumbled over."""
    assert "Traceback" not in outcome.err, outcome.err
    assert "internal error" not in outcome.err, outcome.err
    assert outcome.code == 1, outcome.err


# ------------------------------------------------------------------ one bad file at a time


@pytest.mark.parametrize("name", bad_files("profiles", "clauses", "registers", "templates", "approvals"))
def test_every_fault_is_reported_at_its_place(
    name: str, workspace: Path, earlier_output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(name, workspace)
    profile = path if name.startswith("profiles/") else SAMPLE
    out = workspace / "out"
    shutil.copytree(earlier_output, out)
    shutil.copytree(earlier_output / "valley", out / Path(profile).stem, dirs_exist_ok=True)
    before = snapshot(out)

    outcome = build(capsys, profile, "--out", "out")

    assert_orderly(outcome)
    assert lines(outcome.places) == lines(expected(BAD / name, path)), outcome.err
    assert outcome.out == ""
    assert snapshot(out) == before


def test_the_places_do_not_depend_on_line_ends_or_a_byte_order_mark(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("choices.yaml", "duplicate-keys.yaml", "wrong-shapes.yaml", "tabs.yaml"):
        raw = (BAD / "profiles" / name).read_bytes()
        path = f"schools/{name}"
        (workspace / path).write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
        outcome = build(capsys, path, "--out", "out")
        assert_orderly(outcome)
        assert lines(outcome.places) == lines(expected(BAD / "profiles" / name, path)), outcome.err


# ------------------------------------------------------------------ layers


@pytest.mark.parametrize("name", sorted(folder.name for folder in (BAD / "layers").iterdir()))
def test_faults_between_layers_are_reported_at_their_places(
    name: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = BAD / "layers" / name
    shutil.copytree(case, workspace / "schools", dirs_exist_ok=True)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(case.iterdir())}
    asked = {slug: _BUILD.search(text) for slug, text in texts.items()}
    built = ["oakfield", *(slug for slug, found in asked.items() if found and slug != "oakfield")]
    options = [option for found in asked.values() if found and found[1] for option in found[1].split()]
    wanted = expected(case / "oakfield.yaml", "schools/oakfield.yaml")

    outcome = build(capsys, *(f"schools/{slug}.yaml" for slug in built), *options, "--out", "out")

    assert lines(outcome.places) == lines(wanted), outcome.err
    for words in _SAYS.findall(texts["oakfield"]):
        assert words in outcome.err
    if ": error AUP" in outcome.err:
        assert_orderly(outcome)
        assert not (workspace / "out" / "oakfield").exists()
    else:
        assert outcome.code == 0, outcome.err
        assert (workspace / "out" / "oakfield").exists()


def test_a_link_out_of_the_workspace_is_not_followed(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "larkway.yaml"
    outside.write_text("kind: trust\nname: Larkway Trust\nnation: england\n", encoding="utf-8")
    try:
        (workspace / "schools" / "linked-trust.yaml").symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no links")
    sample = (workspace / SAMPLE).read_text(encoding="utf-8")
    path = "schools/linked.yaml"
    (workspace / path).write_text(f"extends: linked-trust\n{sample}", encoding="utf-8")

    outcome = build(capsys, path, "--out", "out")

    assert_orderly(outcome)
    assert lines(outcome.places) == lines([(path, 1, 10, "AUP231")]), outcome.err
    assert "`linked-trust` leads out of the workspace" in outcome.err
    assert not (workspace / "out").exists()


# ------------------------------------------------------------------ several profiles


def test_two_bad_profiles_do_not_stop_a_good_one(
    workspace: Path, earlier_output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = ("choices.yaml", "unknown-names.yaml")
    wanted: list[Place] = []
    for name in bad:
        shutil.copyfile(BAD / "profiles" / name, workspace / "schools" / name)
        wanted += expected(BAD / "profiles" / name, f"schools/{name}")

    outcome = build(capsys, f"schools/{bad[0]}", SAMPLE, f"schools/{bad[1]}", "--out", "out")

    assert_orderly(outcome)
    assert lines(outcome.places) == lines(wanted), outcome.err
    built = {name: data for name, (data, _) in snapshot(workspace / "out").items()}
    assert built == {name: data for name, (data, _) in snapshot(earlier_output).items()}
    assert f"{len(wanted)} errors; 1 of 3 profiles built." in outcome.err


def test_a_profile_that_lacks_answers_does_not_stop_a_good_one(
    workspace: Path, earlier_output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "not-answered.yaml"
    shutil.copyfile(BAD / "profiles" / name, workspace / "schools" / name)

    outcome = build(capsys, f"schools/{name}", SAMPLE, "--out", "out")

    assert_orderly(outcome)
    assert lines(outcome.places) == lines(expected(BAD / "profiles" / name, f"schools/{name}")), outcome.err
    assert set(snapshot(workspace / "out")) == set(snapshot(earlier_output))


def test_two_profiles_of_one_name_are_both_refused(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("larkfield.yaml", "larkfield.yml"):
        shutil.copyfile(workspace / SAMPLE, workspace / "schools" / name)

    outcome = build(capsys, "schools/larkfield.yaml", "schools/larkfield.yml", "--out", "out")

    assert_orderly(outcome)
    assert lines(outcome.places) == lines(
        [("schools/larkfield.yaml", 1, 1, "AUP212"), ("schools/larkfield.yml", 1, 1, "AUP212")]
    )
    assert not (workspace / "out").exists()


# ------------------------------------------------------------------ more than anybody would read


def test_a_file_with_many_faults_prints_fifty_and_a_count(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contacts = "".join(f"  post-{n}: {{title: Post {n}, tel: 01632 960100}}\n" for n in range(63))
    path = "schools/many.yaml"
    sample = (workspace / SAMPLE).read_text(encoding="utf-8")
    (workspace / path).write_text(sample.replace("contacts:\n", "contacts:\n" + contacts), encoding="utf-8")
    first = sample[: sample.index("contacts:\n")].count("\n") + 2

    outcome = build(capsys, path, "--out", "out")

    assert_orderly(outcome)
    assert [(line, code) for _, line, _, code in outcome.places] == [
        (first + n, "AUP110") for n in range(50)
    ], outcome.err
    assert f"{path}: and 13 more" in outcome.err
    assert "63 errors; nothing was written." in outcome.err


@pytest.mark.parametrize(("surplus", "code"), [(0, "AUP110"), (1, "AUP106")])
def test_a_profile_may_have_one_megabyte_and_no_more(
    surplus: int, code: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "schools/large.yaml"
    text = "nickname: Valley\n" + (workspace / SAMPLE).read_text(encoding="utf-8") + "# "
    data = text.encode()
    (workspace / path).write_bytes(data + b"x" * (1_000_000 - len(data) + surplus))

    outcome = build(capsys, path, "--out", "out")

    assert_orderly(outcome)
    assert lines(outcome.places) == lines([(path, 1, 1, code)])


def test_a_profile_with_too_many_values_is_refused_at_the_first_that_is_too_much(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "schools/wordy.yaml"
    # The root, the key and the list are three values; the item in line n + 1 is the (n + 3)rd.
    (workspace / path).write_text("mottos:\n" + "- Be kind\n" * 6_000, encoding="utf-8")

    outcome = build(capsys, path, "--out", "out")

    assert_orderly(outcome)
    assert lines(outcome.places) == lines([(path, 4_999, 3, "AUP107")])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("mottos: " + "[" * 50_000, id="brackets"),
        pytest.param("mottos: " + "{a: " * 20_000, id="braces"),
        pytest.param("".join(" " * n + "a:\n" for n in range(900)), id="indents"),
        pytest.param("- " * 5_000, id="dashes"),
    ],
)
def test_nesting_without_end_is_a_finding(
    text: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "schools/deep.yaml"
    (workspace / path).write_text(text, encoding="utf-8")

    outcome = build(capsys, path, "--out", "out")

    assert_orderly(outcome)
    assert [(line, code) for _, line, _, code in outcome.places] in ([(1, "AUP107")], [(21, "AUP107")])


def test_a_placeholder_nested_without_end_is_a_finding(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workspace / "clauses" / "signing.yaml"
    text = path.read_text(encoding="utf-8")
    before, after = text.split("sign {{ see.staff_agreement }} every year")
    path.write_text(f"{before}sign {{{{ {'(' * 4_000}me{')' * 4_000} }}}}{after}", encoding="utf-8")

    outcome = build(capsys, SAMPLE, "--out", "out")

    assert_orderly(outcome)
    place = ("clauses/signing.yaml", before.count("\n") + 1, len(before.rsplit("\n", 1)[1]) + 6, "AUP501")
    assert lines(outcome.places) == lines([place])
