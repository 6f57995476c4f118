"""The commands as a user types them: results on stdout, the rest on stderr, the right exit code."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from yaml import BaseLoader, SafeLoader, load

from tests.conftest import ROOT, VALLEY


def aupgen(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aupgen", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_list_prints_every_kind_as_text_json_and_csv() -> None:
    for what in ("clauses", "roles", "parameters", "documents", "audiences", "frameworks", "years"):
        for profile in ([], ["schools/valley.yaml"]):
            text = aupgen("list", what, *profile)
            rows = json.loads(aupgen("list", what, *profile, "--json").stdout)
            table = list(csv.DictReader(io.StringIO(aupgen("list", what, *profile, "--csv").stdout)))
            assert (text.returncode, text.stderr) == (0, "")
            is_page = what == "parameters" and profile  # told in tests/unit/test_decided.py
            assert is_page or len(text.stdout.splitlines()) == len(rows) + 1
            assert [row[next(iter(row))] for row in table] == [row[next(iter(row))] for row in rows]


def test_list_clauses_uses_the_keys_of_the_files_and_names_who_answers() -> None:
    rows = {
        row["id"]: row
        for row in json.loads(aupgen("list", "clauses", "schools/valley.yaml", "--json").stdout)
    }
    row = rows["install-permission"]
    assert row["owner"] == "network-manager"
    assert row["owner_title"] == "Network Manager"
    assert row["documents"] == ["staff-agreement", "staff-policy"]
    assert row["printed"][-1]["text"].endswith("without permission from the Network Manager.")
    assert row["revisions"][0]["since"] == "2018-19"


def test_list_by_owner_groups_clauses_under_the_post() -> None:
    out = aupgen("list", "clauses", "schools/valley.yaml", "--by", "owner").stdout
    assert out.index("\nNetwork Manager\n  (network-manager)\n") < out.index("  password-private")
    assert "\nDesignated Safeguarding Lead\n  (dsl: Tess Okoro)\n" in out
    rows = json.loads(aupgen("list", "clauses", "schools/valley.yaml", "--by", "owner", "--json").stdout)
    private = next(row for row in rows if row["id"] == "password-private")
    assert (private["held_by"], private["names"], private["review_due"]) == (
        "network-manager",
        [],
        "2027-08-31",
    )


def test_list_counts_what_of_each_framework_a_school_prints() -> None:
    rows = json.loads(aupgen("list", "frameworks", "schools/oakfield.yaml", "--json").stdout)
    kcsie = next(row for row in rows if row["id"] == "kcsie-2025")
    assert kcsie["met_by"]
    assert set(kcsie["met_by"]) | set(kcsie["not_met"]) <= set(kcsie["cited_by"])
    assert not set(kcsie["met_by"]) & set(kcsie["not_met"])
    assert kcsie["coverage"] == f"{len(kcsie['met_by'])} of {len(kcsie['met_by']) + len(kcsie['not_met'])}"
    clauses = json.loads(aupgen("list", "clauses", "schools/oakfield.yaml", "--json").stdout)
    assert set(kcsie["met_by"]) <= {row["id"] for row in clauses}
    welsh = json.loads(aupgen("list", "frameworks", "schools/bryn-derw.yaml", "--json").stdout)
    assert all("wales" in row["nations"] for row in welsh)


def test_list_says_what_was_decided_by_default() -> None:
    rows = {
        row["name"]: row
        for row in json.loads(aupgen("list", "parameters", "schools/valley.yaml", "--json").stdout)
    }
    assert rows["log_viewers"]["set_by"] == "library default"
    assert rows["permission_from"]["set_by"] == "valley"
    assert rows["permission_from"]["for_clauses"]["install-permission"] == "network-manager"


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ("AUP301", "clause-without-owner"),
        ("aup102", "not-yaml"),
        ("password-private", "One shared password makes every log entry worthless"),
        ("dsl", "designated safeguarding lead (DSL)"),
        ("permission_from", "Who gives permission"),
        ("schools/valley.yaml:permission_from", "set by valley at schools/valley.yaml:"),
        ("schools/valley.yaml:log_viewers", "default of the library"),
        ("schools/valley.yaml:staff-phone-hours", "except at breaks in the staff room"),
        ("schools/valley.yaml:safeguarding-governor", "held by nobody"),
        ("schools/valley.yaml:siro", "held as Headteacher"),
    ],
)
def test_explain_knows_codes_clauses_roles_and_values(thing: str, words: str) -> None:
    done = aupgen("explain", thing)
    assert done.returncode == 0
    assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bild", "x"], "did you mean `build`?"),
        (["explain", "pasword-private"], "did you mean `password-private`?"),
        (["explain", "schools/vally.yaml:permission_from"], "there is no file schools/vally.yaml"),
        (["build", "schools/vally.yaml"], "did you mean `valley.yaml`?"),
        (["build", "schools/valley.yaml", "--document", "staf-policy"], "did you mean `staff-policy`?"),
        (["build", "schools/valley.yaml", "--year", "2018"], "is not a policy year"),
        (["build", "schools/valley.yaml", "--format", "pdf"], "'pdf' is not one of"),
        (["list", "clauses", "--json", "--csv"], "cannot be had together"),
        (["list", "roles", "--by", "owner"], "--by goes with"),
        (["--workspace", "tests", "list", "roles"], "is not a workspace"),
        (["build"], "Missing argument"),
    ],
)
def test_wrong_usage_is_told_in_a_line_and_exits_with_2(arguments: list[str], words: str) -> None:
    done = aupgen(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("profile", "schools/*.yaml"),
        ("roles", "clauses/roles.yaml"),
        ("parameters", "clauses/parameters.yaml"),
        ("clauses", "clauses/*.yaml"),
    ],
)
def test_schemas_accept_every_shipped_file_as_an_editor_reads_it(kind: str, files: str) -> None:
    schema = json.loads(aupgen("schema", kind).stdout)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    registers = {"roles.yaml", "parameters.yaml", "frameworks.yaml", "nations.yaml", "voices.yaml"}
    paths = [p for p in ROOT.glob(files) if kind != "clauses" or p.name not in registers]
    assert paths
    for path in paths:
        for loader in (BaseLoader, SafeLoader):
            data = load(path.read_text(encoding="utf-8"), Loader=loader)
            faults = [e.message for e in validator.iter_errors(json.loads(json.dumps(data, default=str)))]
            assert loader is BaseLoader or not faults, f"{path.name}: {faults[:3]}"
    assert list(validator.iter_errors({"nonsense": 1}))


def test_several_profiles_build_at_once_as_they_do_one_by_one(tmp_path: Path) -> None:
    text = VALLEY.read_text(encoding="utf-8")
    paths = []
    for n in range(4):
        path = tmp_path / f"school-{n}.yaml"
        path.write_text(text.replace("The Valley School", f"School {n}"), encoding="utf-8")
        paths.append(str(path))
    one = aupgen("build", *paths, "--out", str(tmp_path / "one"))
    two = aupgen("build", *paths, "--out", str(tmp_path / "two"), "--jobs", "2")
    assert (one.returncode, two.returncode) == (0, 0)
    assert one.stdout.replace("/one/", "/two/") == two.stdout
    for file in sorted((tmp_path / "one").rglob("*.*")):
        assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()


def test_the_manifest_says_what_each_document_holds(tmp_path: Path) -> None:
    aupgen("build", "schools/valley.yaml", "--year", "2018-19", "--out", str(tmp_path))
    manifest = json.loads((tmp_path / "valley" / "2018-19" / "manifest.json").read_text(encoding="utf-8"))
    assert (
        manifest["profile"],
        manifest["policy_year"],
        manifest["edition"],
        manifest["draft"],
        manifest["approval"]["minute"],
    ) == ("valley", "2018-19", 1, False, "7.2")
    assert {"clauses/passwords.yaml", "schools/valley.yaml", "templates/reference.docx"} <= {
        s["path"] for s in manifest["sources"]
    }
    policy = next(entry for entry in manifest["documents"] if entry["id"] == "staff-policy")
    clauses = [clause for section in policy["sections"] for clause in section["clauses"]]
    assert {
        "id": "password-private",
        "revision": 1,
        "layer": "library",
        "text": "not pass on a password that the school or another organisation has given you",
    } in clauses
    assert [file["format"] for file in policy["files"]] == ["docx", "html", "md"]


def test_a_missing_value_stops_the_build_with_its_question_and_a_draft_shows_it(tmp_path: Path) -> None:
    text = VALLEY.read_text(encoding="utf-8")
    start, end = text.index("  phone_free_hours:"), text.index("  online_safety_policy:")
    path = tmp_path / "gap.yaml"
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    out = tmp_path / "out"
    done = aupgen("build", str(path), "--out", str(out))
    assert done.returncode == 1
    assert (
        "error AUP210: not answered yet: Between which times must staff not use personal phones"
        in done.stderr
    )
    assert re.search(r"\n\d+ \| parameters:\n", done.stderr)
    assert not out.exists()
    assert aupgen("build", str(path), "--out", str(out), "--draft").returncode == 0
    folder = out / "gap" / "2018-19"
    assert "[[hours without personal phones]]" in (folder / "staff-policy.md").read_text(encoding="utf-8")
    assert '<span class="fill-in">[[hours without personal phones]]</span>' in (
        folder / "staff-policy.html"
    ).read_text(encoding="utf-8")
    assert "**Draft – not for signature**" in (folder / "staff-policy.md").read_text(encoding="utf-8")
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["draft"] is True


def profile_with(tmp_path: Path, changes: dict[str, str]) -> Path:
    """Valley's profile in a folder of its own, with some of its text replaced."""
    text = VALLEY.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "valley.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_explain_says_why_a_required_clause_is_printed(tmp_path: Path) -> None:
    path = profile_with(
        tmp_path,
        {
            "      - id: who-to-tell\n": "      - id: phones\n        title: Phones\n        clauses: [staff-phone-exception]\n",
            "      - id: responsibilities\n        title: Key responsibilities and key practices\n": "",
        },
    )
    done = aupgen("--workspace", str(ROOT), "explain", f"{path}:staff-phone-hours")
    words = " ".join(done.stdout.split())
    assert (
        "staff-policy: printed because `staff-phone-exception` requires it: "
        "An exception means nothing without the rule that it is an exception to"
    ) in words
    assert "“Phones”: not use a personal phone" in words
    assert "staff-agreement: printed because" not in words


def test_explain_says_who_words_a_clause_for_whom_and_who_keeps_the_librarys_words(tmp_path: Path) -> None:
    own = """clauses:
  copyright:
    text: ask before {{ i }} copy
    wordings:
      pupil-ks2: I ask before I copy.
    reason: A fine was paid
"""
    path = profile_with(tmp_path, {"clauses:\n": own})
    done = aupgen("--workspace", str(ROOT), "explain", f"{path}:copyright")
    words = " ".join(done.stdout.split())
    line = path.read_text(encoding="utf-8").splitlines().index("      pupil-ks2: I ask before I copy.") + 1
    assert f"valley rewords it for pupil-ks2 at {path}:{line}: I ask before I copy. because: A fine" in words
    assert "the library’s words stay for pupil-ks3" in words
    assert "ask before you copy" in words
    said = aupgen("--workspace", str(ROOT), "explain", f"{path}:copyright.wordings.pupil-ks2").stdout
    assert said.startswith("I ask before I copy.\n  set by valley at ")


def test_explain_says_what_a_clause_requires_and_what_it_contradicts() -> None:
    assert "Requires: staff-phone-hours — An exception" in aupgen("explain", "staff-phone-exception").stdout
    assert "Required by: staff-phone-exception — An" in aupgen("explain", "staff-phone-hours").stdout
    for clause in ("scope-any-equipment", "scope-personal-devices"):
        assert "Conflicts with: scope-" in aupgen("explain", clause).stdout
    assert "Only when: class_tablets is true" in aupgen("explain", "tablet-sets").stdout


def test_a_school_s_own_clause_is_explained_without_a_year_it_never_named(tmp_path: Path) -> None:
    own = """local_clauses:
  - id: be-polite
    topic: passwords
    owner: headteacher
    audiences: [staff]
    kind: must
    until: 2018-19
    rationale: Ours.
    text: be polite
documents:
"""
    path = profile_with(tmp_path, {"documents:\n": own})
    done = aupgen("--workspace", str(ROOT), "explain", f"{path}:be-polite")
    assert "Since" not in done.stdout
    assert "Until: 2018-19" in done.stdout
    rows = json.loads(aupgen("--workspace", str(ROOT), "list", "clauses", str(path), "--json").stdout)
    row = next(row for row in rows if row["id"] == "be-polite")
    assert (row["revisions"][0]["since"], row["until"]) == (None, "2018-19")


def test_list_clauses_has_what_clauses_say_of_one_another() -> None:
    rows = {row["id"]: row for row in json.loads(aupgen("list", "clauses", "--json").stdout)}
    assert [link["clause"] for link in rows["device-take-home"]["requires"]] == [
        "device-safekeeping",
        "lost-damaged-report",
    ]
    assert set(rows["sign-and-follow"]["conflicts"][0]) == {"clause", "reason"}
    assert (rows["copyright"]["requires"], rows["copyright"]["conflicts"], rows["copyright"]["until"]) == (
        [],
        [],
        None,
    )
    assert "class_tablets is true" in aupgen("list", "clauses").stdout
