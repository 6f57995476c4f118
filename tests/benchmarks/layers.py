"""Schools in layers: five hundred of them read, folded and checked; and one chain against its files alone.

Every round reads all files anew, from disk and without the cache. Each school is complete in its own file and
says what it says over what stands above it, so that the same file can be read alone; what the layers above say
besides is a page of contacts, answers, decisions, wordings, clauses of their own and locks.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yaml import dump

from aupgen.cli.loading import Loaded
from aupgen.files import Workspace
from aupgen.profiles.layers import fold
from aupgen.source.diagnostics import Severity
from tests.benchmarks.case import valley
from tests.benchmarks.measure import Row, at_most, in_turn, spread

SCHOOLS = 500
ROUNDS = 5
GOAL_SECONDS = 5
GOAL_RATIO = 1.3

_POSTS = ("dsl", "online-safety-lead", "network-manager", "computing-lead", "school-business-manager", "siro")


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="aupgen-bench-") as folder, _no_cache():
        many, chained, alone = (Path(folder) / name for name in ("many", "chained", "alone"))
        paths = _workspace(many, SCHOOLS, chain=("hub", "trust", "authority"))
        chain = _workspace(chained, 1, chain=("trust", "authority"))
        parts = _workspace(alone, 1, chain=())
        parts += [alone / "schools" / f"{name}.yaml" for name in ("trust", "authority")]
        fifty = _workspace(Path(folder) / "fifty", 50, chain=("trust", "authority"))
        fifty_alone = _workspace(Path(folder) / "fifty-alone", 50, chain=())
        fifty_alone += [
            Path(folder) / "fifty-alone" / "schools" / f"{n}.yaml" for n in ("trust", "authority")
        ]
        return [
            _five_hundred(paths),
            *_folding(paths),
            _chain("a school of three layers, against its three files alone", chain, parts),
            _chain("50 schools of a trust and an authority, against 52 files", fifty, fifty_alone),
        ]


def _five_hundred(paths: list[Path]) -> Row:
    """Wall clock: somebody waits for it."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        _read(paths)
        seconds.append(time.perf_counter() - began)
    each = statistics.median(seconds) / len(paths) * 1000
    met = statistics.median(seconds) <= GOAL_SECONDS
    subject = f"{len(paths)} schools under three layers: read, folded, checked"
    return Row(subject, f"{spread(seconds, '.2f')} s", "", f"{each:.2f} ms each", f"≤ {GOAL_SECONDS} s", met)


def _folding(paths: list[Path]) -> Iterator[Row]:
    """What of it is folding, for orientation."""
    case, loaded = valley(), _read(paths)
    layers = {read.layer.slug: read.layer for read in loaded.read.values() if read}
    above = [layers[name] for name in ("hub", "trust", "authority")]
    schools = [layers[path.stem] for path in paths]

    def folding() -> None:
        for school in schools:
            fold([school, *above], case.library)

    taken = in_turn({"fold": folding}, ROUNDS)["fold"]
    each = statistics.median(taken) / len(paths) * 1000
    yield Row("… of which folding", f"{spread(taken, '.2f')} s", "", f"{each:.2f} ms each")


def _chain(subject: str, chain: list[Path], parts: list[Path]) -> Row:
    taken = in_turn({"chain": lambda: _read(chain), "alone": lambda: [_read([p]) for p in parts]}, 15)
    return at_most(subject, taken["chain"], taken["alone"], GOAL_RATIO)


def _read(paths: list[Path]) -> Loaded:
    """A run's first half: every profile with all layers above it. Raises AssertionError where one has a fault."""
    case = valley()
    loaded = Loaded(Workspace(paths[0].parent.parent), case.files, case.library, [], {})
    for path in paths:
        profile, _ = loaded.profile(path)
        if profile is None:
            raise AssertionError([f.message for f in loaded.found if f.severity is Severity.ERROR])
    return loaded


@contextmanager
def _no_cache() -> Iterator[None]:
    before = os.environ.get("AUPGEN_CACHE_DIR")
    os.environ["AUPGEN_CACHE_DIR"] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ["AUPGEN_CACHE_DIR"]
        else:
            os.environ["AUPGEN_CACHE_DIR"] = before


# ------------------------------------------------------------------ generated profiles


def _workspace(folder: Path, schools: int, chain: tuple[str, ...]) -> list[Path]:
    """Write profiles, each of a chain below the next, and return the schools' paths; an empty chain joins none."""
    place = folder / "schools"
    place.mkdir(parents=True)
    layers: dict[str, Callable[[], dict[str, Any]]] = {
        "hub": lambda: _above("trust", "Moorside Hub", 3),
        "trust": lambda: _above("trust", "Larkway Trust", 2),
        "authority": lambda: _above("authority", "Northmoor Council", 1),
    }
    for name, make in layers.items():
        if not chain or name in chain:
            _write(
                place / f"{name}.yaml",
                make(),
                next(iter(chain[chain.index(name) + 1 :]), "") if chain else "",
            )
    paths = [place / f"school-{number:03}.yaml" for number in range(schools)]
    for number, path in enumerate(paths):
        _write(path, _school(number), chain[0] if chain else "")
    return paths


def _write(path: Path, data: dict[str, Any], parent: str) -> None:
    whole = {**data, **({"extends": parent} if parent else {})}
    path.write_text(dump(whole, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _contacts(posts: tuple[str, ...], number: int) -> dict[str, Any]:
    return {
        post: {
            "name": f"{post.title()} {number}",
            "email": f"{post}.{number}@example.org",
            "phone": f"01632 960{100 + (number + n) % 900}",
            "show": "name" if n % 2 else "role",
        }
        for n, post in enumerate(posts)
    }


def _above(kind: str, name: str, number: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "nation": "england",
        "policy_year": "2026-27",
        "edition": {"number": 1, "date": "2026-09-01"},
        "approver": f"the board of {name}",
        "vocabulary": {"pupil": "child"},
        "contacts": _contacts(("dpo", "safeguarding-governor", *_POSTS[number:]), number),
        "parameters": {
            "permission_from": ["headteacher", "computing-lead"],
            "records_system": f"System {number}",
            "log_viewers": ["headteacher"],
            "covered_devices": ["phones", "watches", "tablets"],
        },
        "clauses": {
            "password-secure": {"use": "true", "reason": "Asked for"},
            "copyright": {"text": f"respect copyright in work of kind {number}", "reason": "Ours"},
            "install-permission": {"parameters": {"permission_from": ["network-manager"]}},
        },
        "local_clauses": [
            {
                "id": f"rule-{number}-{n}",
                "topic": "passwords",
                "owner": "headteacher",
                "audiences": ["staff"],
                "kind": "must",
                "rationale": "So that it is told",
                "text": f"follow rule {n} of {name}",
            }
            for n in range(3)
        ],
        "documents": {"staff-policy": {"title": f"The policy of {name}"}, "staff-agreement": {}},
        "locks": [
            {"parameter": "covered_services", "reason": "The same everywhere"},
            {"clause": "password-private", "reason": "Agreed"},
            {"contact": "governing-board", "reason": "Published"},
        ],
    }


def _school(number: int) -> dict[str, Any]:
    return {
        "name": f"School {number}",
        "nation": "england",
        "phase": "primary",
        "policy_year": "2026-27",
        "edition": {"number": 1 + number % 3, "date": "2026-09-01"},
        "approver": "full governing board",
        "mottos": [f"Motto of school {number}"],
        "vocabulary": {"pupil": ("child", "student", "pupil")[number % 3]},
        "contacts": _contacts(("headteacher", "chair-of-governors", *_POSTS[:4]), number),
        "other_roles": "headteacher",
        "parameters": {
            "permission_from": ["headteacher"],
            "school_systems": ["email", "intranet", f"platform {number}"],
            "phone_free_hours": {"from": "8:30", "to": f"15:{number % 60:02}", "places": ["the staff room"]},
            "personal_details": ["telephone number", "email address"],
        },
        "clauses": {
            "install-permission": {"parameters": {"permission_from": ["headteacher", "computing-lead"]}}
        },
        "documents": {"staff-policy": {}, "staff-agreement": {"title": f"Agreement of school {number}"}},
        "years": {
            "2025-26": {
                "edition": {"number": 1, "date": "2025-09-01"},
                "parameters": {"records_system": "paper"},
            }
        },
    }
