"""The pack as a site, looked at without a browser: what is on its pages, where they lead, what they may load."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest

from aupgen.binding.bind import bind_profile
from aupgen.document.walk import lines
from aupgen.files import Workspace, read_page_texts
from aupgen.library.compiled import Library
from aupgen.packs.archive import read_archive
from aupgen.packs.contents import read_pack
from aupgen.site.pages import Extra
from aupgen.site.site import make_site
from aupgen.source.span import SourceText
from tests.conftest import ROOT, sample
from tests.e2e.test_packs import Command, aupgen
from tests.e2e.test_poisoned_packs import everything

__all__ = ["aupgen"]  # a fixture

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'"
)


def parsed(path: Path) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(path.read_text(encoding="utf-8"))


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.fixture(scope="module")
def trees(site: Path, pages: list[str]) -> dict[str, lxml.html.HtmlElement]:
    return {page: parsed(site / page) for page in pages}


@pytest.fixture(scope="module")
def files(pack_and_site: tuple[Path, Path]) -> dict[str, bytes]:
    return read_archive(pack_and_site[0].read_bytes())


def links(page: str, tree: lxml.html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Where a page leads inside the site: path and fragment."""
    for address in tree.xpath("//a/@href"):
        parts = urlsplit(address)
        if not parts.scheme:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
            yield (path if parts.path else page), parts.fragment


def test_every_clause_document_and_reader_has_a_page(pages: list[str], files: dict[str, bytes]) -> None:
    manifest = json.loads(files["documents/manifest.json"])
    for document in manifest["documents"]:
        assert f"read/{document['id']}.html" in pages
        assert {f"for/{reader}.html" for reader in document["audiences"]} <= set(pages)
    printed = {c["id"] for d in manifest["documents"] for s in d["sections"] for c in s["clauses"]}
    assert {page for page in pages if page.startswith("clauses/")} == {
        f"clauses/{id_}.html" for id_ in printed
    }
    assert len(printed) > 100


def test_no_link_leads_nowhere_and_every_page_is_reached_from_the_first(
    site: Path, trees: dict[str, lxml.html.HtmlElement]
) -> None:
    anchors = {page: set(tree.xpath("//@id")) for page, tree in trees.items()}
    broken = [
        (page, path, fragment)
        for page, tree in trees.items()
        for path, fragment in links(page, tree)
        if not (site / path).is_file() or (fragment and fragment not in anchors[path])
    ]
    assert broken == []
    reached, todo = set(), ["index.html"]
    while todo:
        page = todo.pop()
        if page in trees and page not in reached:
            reached.add(page)
            todo += [path for path, _ in links(page, trees[page])]
    assert reached == set(trees)


def test_pages_load_their_own_files_alone_and_say_so(
    trees: dict[str, lxml.html.HtmlElement], site: Path
) -> None:
    for page, tree in trees.items():
        assert tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [POLICY], page
        loaded = [
            *tree.xpath("//script/@src"),
            *tree.xpath("//link[@rel='stylesheet']/@href"),
            *tree.xpath("//img/@src"),
        ]
        for address in loaded:
            assert (site / posixpath.dirname(page) / address).is_file(), (page, address)
        assert not tree.xpath(
            "//style | //*[@style] | //script[not(@src)] | //iframe | //object | //embed | //form[@action]"
        ), page
        assert not [name for name in tree.xpath("//@*") if name.attrname.startswith("on")], page
        assert tree.xpath("//a[@href='javascript:' or starts-with(@href, 'data:')]") == []
    for path in (site / "documents").glob("*.html"):
        (policy,) = parsed(path).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'"), path
        assert "script" not in policy
    assert "http" not in (site / "assets" / "site.css").read_text(encoding="utf-8")
    assert "eval" not in (site / "assets" / "site.js").read_text(encoding="utf-8")


def test_pages_have_one_heading_of_the_first_level_and_no_id_twice(
    trees: dict[str, lxml.html.HtmlElement],
) -> None:
    titles = []
    for page, tree in trees.items():
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids)), page
        assert len(tree.xpath("//h1")) == 1, page
        levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert all(after <= before + 1 for before, after in pairwise(levels)), page
        titles.append(tree.findtext(".//title"))
        assert tree.get("lang")
    assert len(titles) == len(set(titles))


def test_the_words_of_a_document_stand_on_its_page_in_their_order(library: Library, site: Path) -> None:
    bound, _ = bind_profile(library, sample("southend"))
    assert len(bound.documents) >= 15
    for document in bound.documents:
        tree = parsed(site / "read" / f"{document.meta.id}.html")
        (article,) = tree.xpath("//article")
        for link in article.xpath(".//a[starts-with(@href, '../clauses/')]"):
            link.drop_tree()
        shown = "".join([*words(tree.xpath("//h1")[0]), *words(article)]).replace(" ", "")
        at = 0
        for what, line in lines(document):
            text = "".join(line.split())
            found = shown.find(text, at) if text != "☐" else at
            assert found >= 0, (document.meta.id, what, line)
            at = found + (len(text) if text != "☐" else 0)
        assert set(tree.xpath("//*[@class='fill-in']/text()")) >= {"[[name of your school]]"}


def test_a_clause_page_says_what_why_who_and_on_what_it_rests(library: Library, site: Path) -> None:
    clause = library.clauses["password-private"]
    said = words(parsed(site / "clauses" / "password-private.html").xpath("//main")[0])
    for part in (
        "I will not pass on a password that the school or another organisation has given me.",
        "All staff must: not pass on a password that the school or another organisation has given you",
        "Using technology well (All pupils from Key Stage 3 on)",
        clause.rationale,
        f"Network manager: {library.roles['network-manager'].duty}.",
        library.frameworks["dfe-cyber-security"].title,
        library.frameworks["dfe-cyber-security"].edition,
        "21 November 2026",
        *(revision.why for revision in clause.revisions),
    ):
        assert part in said, part
    asked = words(parsed(site / "clauses" / "password-change.html").xpath("//main")[0])
    assert "Southend on Sea has decided: regularly" in asked
    assert library.parameters["password_rule"].question in asked


def test_owners_and_frameworks_are_all_there(library: Library, site: Path, pages: list[str]) -> None:
    owners = parsed(site / "owners.html")
    listed = list(owners.xpath("//dl//a/@href"))
    assert sorted(listed) == [page for page in pages if page.startswith("clauses/")]
    frameworks = parsed(site / "frameworks.html")
    assert len(frameworks.xpath("//main//h2")) >= 10
    for id_ in frameworks.xpath("//main//h2/@id"):
        (section,) = frameworks.xpath(f"//section[h2[@id='{id_}']]")
        assert library.frameworks[id_].edition in words(section)


def test_downloads_are_the_files_of_the_pack_with_size_and_digest(
    pack_and_site: tuple[Path, Path], files: dict[str, bytes]
) -> None:
    zip_, site = pack_and_site
    offered = site / "downloads"
    assert (offered / "southend-2018-19.zip").read_bytes() == zip_.read_bytes()
    assert (offered / "starter.yaml").read_bytes() == files["starter.yaml"]
    documents = {
        name: data for name, data in files.items() if name.startswith("documents/") and "manifest" not in name
    }
    assert {f"documents/{path.name}" for path in (site / "documents").iterdir()} == set(documents)
    manifest = {
        file["name"]: file
        for file in json.loads((site / "manifest.json").read_text(encoding="utf-8"))["documents"][0]["files"]
    }
    assert set(manifest) | {"manifest.json"} == {
        p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()
    }
    rows = parsed(site / "downloads.html").xpath("//tbody/tr")
    assert len(rows) == len(documents) + 3
    for row in rows:
        (address,) = row.xpath(".//a/@href")
        data = (site / address).read_bytes()
        assert row.xpath(".//code/text()") == [manifest[address]["sha256"]]
        assert manifest[address]["size"] == len(data)
        assert address not in documents or documents[address] == data


def test_the_search_knows_every_document_clause_and_page(site: Path, pages: list[str]) -> None:
    text = (site / "assets" / "search-index.js").read_text(encoding="utf-8")
    entries = json.loads(text.removeprefix("window.aupgenSearchIndex = ").removesuffix(";\n"))
    assert sorted(path for _, path, *_ in entries) == pages
    assert {kind for kind, *_ in entries} == {"document", "clause", "page"}
    for kind, path, title, shown, more in entries:
        assert title, path
        assert shown or kind == "page", path
        assert more, path


def test_the_same_exemplar_gives_the_same_site_anywhere(site: Path, tmp_path: Path) -> None:
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, tmp_path / "elsewhere" / name)
    subprocess.run(
        [sys.executable, "-m", "aupgen", "pack", "elsewhere/schools/southend.yaml", "--out", "x.zip", "--site", "again"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C", "AUPGEN_CACHE_DIR": ""},
        check=True,
        capture_output=True,
    )  # fmt: skip
    assert everything(tmp_path / "again") == everything(site)


def few_documents(folder: Path) -> None:
    """A workspace whose exemplar issues three documents: what every answer changes in all of them takes a while."""
    for name in ("clauses", "templates", "schools"):
        shutil.copytree(ROOT / name, folder / name)
    path = folder / "schools" / "southend.yaml"
    listed, own, _ = path.read_text(encoding="utf-8").partition("  staff-policy:\n")
    assert own
    path.write_text(f"{listed}  pupil-agreement-ks2:\n  community-wifi:\n", encoding="utf-8")


def test_hostile_text_of_a_profile_is_text_on_the_pages(aupgen: Command, tmp_path: Path) -> None:
    few_documents(tmp_path)
    profile = tmp_path / "schools" / "southend.yaml"
    text = profile.read_text(encoding="utf-8").replace(
        "name: Southend on Sea", "name: \"<script>alert(1)</script> & 'Sons' {{ 7 * 7 }}\""
    )
    profile.write_text(text, encoding="utf-8")
    assert aupgen("pack", "schools/southend.yaml", "--site", "site").code == 0
    for page in ("index.html", "help.html", "read/staff-agreement.html"):
        tree = parsed(tmp_path / "site" / page)
        assert "<script>alert(1)</script> & 'Sons' {{ 7 * 7 }}" in words(tree.xpath("//header")[0])
        assert not tree.xpath("//script[not(@src)]")


def test_what_changed_since_the_last_pack_is_told_on_its_page(aupgen: Command, tmp_path: Path) -> None:
    few_documents(tmp_path)
    assert aupgen("pack", "schools/southend.yaml", "--out", "one.zip", "--site", "first").code == 0
    assert "no earlier one" in words(parsed(tmp_path / "first" / "whats-new.html").xpath("//main")[0])
    assert aupgen("pack", "schools/southend.yaml", "--since", "one.zip", "--site", "same").code == 0
    assert "in the same words" in words(parsed(tmp_path / "same" / "whats-new.html").xpath("//main")[0])
    profile = tmp_path / "schools" / "southend.yaml"
    text = profile.read_text(encoding="utf-8").replace("          - no-disrepute\n", "")
    reworded = (
        "clauses:\n  copyright:\n    text: use other people’s work only where the licence lets {{ me }}\n"
        "    reason: Asked for by our schools\n"
    )
    profile.write_text(text.replace("clauses:\n", reworded, 1), encoding="utf-8")
    done = aupgen("pack", "schools/southend.yaml", "--since", "one.zip", "--site", "first")
    assert done.code == 0, done.err
    page = parsed(tmp_path / "first" / "whats-new.html")
    assert page.xpath("//main//h2/text()") == ["Clauses in other words", "Clauses no longer printed"]
    (row,) = page.xpath("//section[h2[@id='reworded']]//tbody/tr[th//a='copyright'][1]")
    assert "I will use other people’s work only where the licence lets me." in words(row)
    own = words(parsed(tmp_path / "first" / "clauses" / "copyright.html").xpath("//main")[0])
    assert "departs from the library here: Asked for by our schools" in own


# ------------------------------------------------------------------ writing


def test_a_page_whose_document_went_goes_and_unchanged_files_are_not_touched(
    aupgen: Command, tmp_path: Path
) -> None:
    few_documents(tmp_path)
    assert aupgen("pack", "schools/southend.yaml", "--site", "site").code == 0
    icon = tmp_path / "site" / "assets" / "site.css"
    before = icon.stat().st_mtime_ns
    profile = tmp_path / "schools" / "southend.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("  community-wifi:\n", ""), encoding="utf-8")
    again = aupgen("pack", "schools/southend.yaml", "--site", "site")
    assert again.code == 0
    assert " removed" in again.out
    assert not (tmp_path / "site" / "read" / "community-wifi.html").exists()
    assert not (tmp_path / "site" / "documents" / "community-wifi.docx").exists()
    assert icon.stat().st_mtime_ns == before
    same = aupgen("pack", "schools/southend.yaml", "--site", "site")
    assert "  0 files written" in same.out
    assert not list((tmp_path / "site").rglob(".aupgen*"))


def test_files_of_others_are_kept_and_told_of(aupgen: Command, tmp_path: Path) -> None:
    few_documents(tmp_path)
    profile = "schools/southend.yaml"
    (tmp_path / "site" / "clauses").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("mine", encoding="utf-8")
    (tmp_path / "site" / "clauses" / "notes.txt").write_text("mine", encoding="utf-8")
    said = aupgen("pack", profile, "--site", "site")
    assert said.code == 1
    assert "site/index.html:1:1: error AUP512" in said.err
    assert "= help: move it away, or make the pack again with `--force`" in said.err
    assert "site: the site is not whole, as one of its files was in the way\n" in said.out
    assert "pages" not in said.out
    assert (tmp_path / "site" / "index.html").read_text(encoding="utf-8") == "mine"
    (tmp_path / "site" / "index.html").unlink()
    assert aupgen("pack", profile, "--site", "site").code == 0
    page = tmp_path / "site" / "clauses" / "copyright.html"
    page.write_text("edited", encoding="utf-8")
    edited = aupgen("pack", profile, "--site", "site")
    assert edited.code == 1
    assert "site/clauses/copyright.html:1:1: error AUP511" in edited.err
    assert page.read_text(encoding="utf-8") == "edited"
    assert aupgen("pack", profile, "--site", "site", "--force").code == 0
    assert "I will respect copyright" in page.read_text(encoding="utf-8")
    assert page.with_name("copyright.html.bak").read_text(encoding="utf-8") == "edited"
    assert (tmp_path / "site" / "clauses" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_the_site_of_another_exemplar_is_not_written_over(aupgen: Command, tmp_path: Path) -> None:
    """Nor the documents of a school: all that was written there before would go."""
    few_documents(tmp_path)
    text = (tmp_path / "schools" / "southend.yaml").read_text(encoding="utf-8")
    other = text.replace("name: Southend on Sea", "name: Northend").partition("documents:")[0]
    other = f"{other}documents:\n  community-wifi:\n"
    (tmp_path / "schools" / "northend.yaml").write_text(other, encoding="utf-8")
    assert aupgen("pack", "schools/southend.yaml", "--site", "site").code == 0
    assert aupgen("build", "schools/oakfield.yaml").code == 0
    (tmp_path / "southend-2018-19.zip").unlink()
    before = everything(tmp_path)
    (school,) = (tmp_path / "build" / "oakfield").iterdir()
    for folder, whose in (("site", "Southend on Sea"), (str(school.relative_to(tmp_path)), "Oakfield")):
        refused = aupgen("pack", "schools/northend.yaml", "--site", folder)
        assert refused.code == 1
        assert (
            f"{folder}/manifest.json:1:1: error AUP640: this folder holds what aupgen wrote for {whose}"
            in refused.err
        )
        assert refused.err.endswith("Nothing was written.\n")
        assert everything(tmp_path) == before
    forced = aupgen("pack", "schools/northend.yaml", "--site", "site", "--force")
    assert forced.code == 0, forced.err
    assert not (tmp_path / "site" / "read" / "staff-agreement.html").exists()


def test_a_folder_with_a_manifest_of_others_a_link_or_a_file_in_the_way_is_refused(
    aupgen: Command, tmp_path: Path
) -> None:
    few_documents(tmp_path)
    profile = "schools/southend.yaml"
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"name": "an app"}', encoding="utf-8")
    said = aupgen("pack", profile, "--site", "app")
    assert said.code == 1
    assert "app/manifest.json:1:1: error AUP512" in said.err
    assert [path.name for path in (tmp_path / "app").iterdir()] == ["manifest.json"]
    (tmp_path / "linked").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "linked" / "clauses").symlink_to(tmp_path / "other")
    assert aupgen("pack", profile, "--site", "linked").code == 2
    assert list((tmp_path / "other").iterdir()) == []
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert aupgen("pack", profile, "--site", "file").code == 2
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "clauses").write_text("mine", encoding="utf-8")
    assert aupgen("pack", profile, "--site", "below").code == 2
    assert (tmp_path / "below" / "clauses").read_text(encoding="utf-8") == "mine"
    before = everything(tmp_path / "schools")
    assert aupgen("pack", profile, "--site", "schools/site").code == 2
    assert everything(tmp_path / "schools") == before


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("clause.html.j2", "{% endif %}", "", r"\d+"),
        ("clause.html.j2", "{{ clause.id }}", "{{ nobody }}", "3"),
        ("base.html.j2", "{{ root }}index.html", "{{ 1 + root }}", "29"),
        ("words.html.j2", "bytes < 1000", "bytes < [].no.more", "2"),
        ("owners.html.j2", "{% block main %}", "{% block main %}{{ site.__class__.__mro__ }}", "4"),
        ("owners.html.j2", None, "", "1"),
        ("base.html.j2", None, "", "1"),
        ("site.js", None, "", "1"),
    ],
)
def test_a_template_that_cannot_be_used_is_told_and_nothing_is_written(
    name: str, old: str | None, new: str, line: str, aupgen: Command, tmp_path: Path
) -> None:
    few_documents(tmp_path)
    path = tmp_path / "templates" / "site" / name
    if old is None:
        path.unlink()
    else:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    said = aupgen("pack", "schools/southend.yaml", "--out", "x.zip", "--site", "site")
    assert said.code == 1
    assert re.search(rf"^templates/site/{re.escape(name)}:{line}:\d+: error AUP630", said.err, re.M), said.err
    assert old is None or new in said.err
    assert not (tmp_path / "x.zip").exists()
    assert not (tmp_path / "site").exists()


def test_a_page_made_elsewhere_joins_the_site(pack_and_site: tuple[Path, Path], library: Library) -> None:
    """As the form does: its template extends the others', the navigation and the start page lead to it."""
    zip_, site = pack_and_site
    templates, _ = read_page_texts(Workspace(ROOT), "site")
    own = (
        '{% extends "base.html.j2" %}{% block title %}Questions{% endblock %}'
        '{% block scripts %}<script src="{{ root }}assets/own.js" defer></script>{% endblock %}'
        "{% block main %}<h1>{{ asked }}</h1>{% endblock %}"
    )
    form = Extra("own.html.j2", {"asked": "Who & when?"}, {"assets/own.js": b"//"})
    data = zip_.read_bytes()
    looks = {"page.css": SourceText("page.css", "")}
    own_texts = {**templates, "own.html.j2": SourceText("own.html.j2", own)}
    files, found = make_site(
        library, sample("southend"), read_pack(data), "southend.zip", data, None, own_texts, looks, form
    )
    assert found == []
    page = lxml.html.document_fromstring(files["form.html"].decode())
    assert words(page.xpath("//h1")[0]) == "Who & when?"
    assert page.xpath("//nav//a[@aria-current='page']/@href") == ["form.html"]
    assert "assets/own.js" in page.xpath("//script/@src")
    assert files["assets/own.js"] == b"//"
    assert b"Three ways to use them" in files["index.html"]
    assert b'href="../form.html"' in files["read/staff-policy.html"]
    assert b"form.html" in files["assets/search-index.js"]
    assert (site / "form.html").exists() or b"form.html" not in (site / "index.html").read_bytes()
