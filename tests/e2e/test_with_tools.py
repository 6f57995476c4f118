"""What other programs make of the documents: LibreOffice, Chromium, html-validate; and a bare installation."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import sysconfig
import threading
import venv
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import ROOT, VALLEY

Tool = Callable[[str], str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "aupgen",
            "build",
            "schools/valley.yaml",
            "--year",
            "2018-19",
            "--out",
            str(out),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return out / "valley" / "2018-19"


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents with slips to cut off and boxes to tick."""
    out = tmp_path_factory.mktemp("letters")
    asked = ("parent-letter", "consent-form", "device-loan")
    documents = [part for document in asked for part in ("--document", document)]
    subprocess.run(
        [sys.executable, "-m", "aupgen", "build", "schools/oakfield.yaml", "--out", str(out), *documents],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return out / "oakfield" / "2026-27"


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_libreoffice_opens_every_word_file_and_shows_its_words(
    built: Path, tool: Tool, tmp_path: Path
) -> None:
    soffice, pdftotext = tool("soffice"), tool("pdftotext")
    files = sorted(built.glob("*.docx"))
    manifest = json.loads((built / "manifest.json").read_text(encoding="utf-8"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    for file in files:
        pdf = tmp_path / f"{file.stem}.pdf"
        text = subprocess.run(
            [pdftotext, "-layout", str(pdf), "-"], check=True, capture_output=True, text=True
        ).stdout
        assert re.search(r"Page 1 of [2-5]\b", text)
        assert "Approved by the Full Governing Board on 20 March 2019, minute 7.2" in text
        document = next(d for d in manifest["documents"] if d["id"] == file.stem)
        clauses = [clause["text"] for section in document["sections"] for clause in section["clauses"]]
        assert len(clauses) > 15
        assert [words for words in clauses if squeezed(words) not in squeezed(text)] == []


def test_libreoffice_keeps_a_slip_on_one_page_and_a_letter_on_one_side(
    letters: Path, tool: Tool, tmp_path: Path
) -> None:
    soffice, pdftotext = tool("soffice"), tool("pdftotext")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    files = [str(letters / f"{name}.docx") for name in ("parent-letter", "consent-form")]
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *files],
        check=True,
        capture_output=True,
        timeout=180,
    )
    for name in ("parent-letter", "consent-form"):
        text = subprocess.run(
            [pdftotext, "-layout", str(tmp_path / f"{name}.pdf"), "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        letter, *others = text.split("\f")
        (slip,) = (page for page in (letter, *others) if "Cut here" in page)
        assert all(words in slip for words in ("Child’s name", "Signature", "Policy year 2026-27, edition 1"))
        assert name == "consent-form" or "oakfield.office@example.org" in letter


def test_the_agreements_in_large_type_print_on_one_side(tool: Tool, tmp_path: Path) -> None:
    """Word file and web page alike, for children who keep one sheet; and the oldest get two."""
    soffice, chromium, pdfinfo = tool("soffice"), tool("chromium"), tool("pdfinfo")
    out = tmp_path / "out"
    schools = ["schools/millbrook.yaml", "schools/oakfield.yaml"]
    subprocess.run(
        [sys.executable, "-m", "aupgen", "build", *schools, "--out", str(out)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    files = sorted(out.glob("*/*/pupil-*.docx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip

    def pages(pdf: Path) -> int:
        told = subprocess.run([pdfinfo, str(pdf)], check=True, capture_output=True, text=True).stdout
        return int(re.search(r"Pages: +(\d+)", told)[1])  # type: ignore[index]

    most = {f"pupil-agreement-{key}": 2 if key == "ks3" else 1 for key in ("ks1", "ks2", "ks3", "send")}
    assert {file.stem: pages(tmp_path / f"{file.stem}.pdf") for file in files} == most
    for key in ("ks1", "send"):
        page, *_ = sorted(out.glob(f"*/*/pupil-agreement-{key}.html"))
        pdf = tmp_path / f"page-{key}.pdf"
        subprocess.run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                f"--user-data-dir={tmp_path / 'chromium'}", f"--print-to-pdf={pdf}", page.as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        assert pages(pdf) == 1, key


def test_what_people_sign_prints_on_the_sides_it_is_meant_for(tool: Tool, tmp_path: Path) -> None:
    """Two sides for staff in every sample, one for whoever signs at the front desk or the log-in."""
    soffice, pdfinfo = tool("soffice"), tool("pdfinfo")
    most = {"staff-agreement": 2, "visitor-agreement": 1, "community-wifi": 1, "sign-in-banner": 1}
    schools = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "schools").glob("*.yaml"))
        if re.search(r"^  staff-agreement:", path.read_text(encoding="utf-8"), re.M)
        or "extends: larkway" in path.read_text(encoding="utf-8")
    ]
    assert len(schools) >= 7
    subprocess.run(
        [sys.executable, "-m", "aupgen", "build", *schools, "--format", "docx", "--out", str(tmp_path / "out")],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    files = []
    for file in sorted((tmp_path / "out").glob("*/*/*.docx")):
        if file.stem in most:
            files.append(file.rename(tmp_path / f"{file.stem}.{file.parts[-3]}.docx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    assert len([file for file in files if file.name.startswith("staff-agreement")]) >= 7
    for file in files:
        told = subprocess.run(
            [pdfinfo, str(file.with_suffix(".pdf"))], check=True, capture_output=True, text=True
        ).stdout
        assert int(re.search(r"Pages: +(\d+)", told)[1]) <= most[file.name.split(".")[0]], file.name  # type: ignore[index]


def test_html_validate_finds_nothing(built: Path, letters: Path, tool: Tool) -> None:
    done = subprocess.run(
        [tool("html-validate"), *map(str, sorted([*built.glob("*.html"), *letters.glob("*.html")]))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


class _Logged(SimpleHTTPRequestHandler):
    requests: list[str] = []  # noqa: RUF012 - one server, one list

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002
        self.requests.append(str(args[0]))


@pytest.fixture
def server(built: Path) -> Iterator[str]:
    _Logged.requests.clear()
    handler = functools.partial(_Logged, directory=str(built))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


def test_a_page_opens_in_chromium_and_asks_for_nothing_else(server: str, tool: Tool, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            tool("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path}", "--dump-dom", f"{server}/staff-policy.html",
        ],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "<h1>Policy – Staff Use of ICT</h1>" in done.stdout
    asked = [line for line in _Logged.requests if "favicon" not in line]
    assert asked == ["GET /staff-policy.html HTTP/1.1"]
    page = (ROOT / "templates" / "page.html.j2").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "<script" not in done.stdout
    assert not re.search(r"""(src|href)=["'](?!mailto:|#)""", done.stdout)


def test_an_installed_wheel_builds_in_an_empty_folder(tmp_path: Path) -> None:
    """The wheel carries clauses, templates and samples; a copy of a sample profile is all a school needs."""
    wheels = tmp_path / "wheels"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(wheels),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False)
    python = bare / "bin" / "python"
    wheel = next(wheels.glob("*.whl"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    site = next((bare / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "ours.yaml").write_bytes(VALLEY.read_bytes())
    done = subprocess.run(
        [str(bare / "bin" / "aupgen"), "build", "ours.yaml"],
        cwd=empty,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (empty / "build" / "ours" / "2018-19" / "staff-agreement.docx").is_file()
    where = subprocess.run(
        [str(python), "-c", "import aupgen; print(aupgen.__file__)"],
        cwd=empty,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(bare) in where
