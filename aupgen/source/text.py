"""A file's bytes in; its text out: UTF-8 with LF line ends, or a finding that says what the file is instead."""

from __future__ import annotations

from aupgen.source.diagnostics import Diagnostic
from aupgen.source.span import SourceText, Span

MAX_BYTES = 1_000_000
_AS_CSV = "save it again as CSV UTF-8: in Excel, Save as, then the file type “CSV UTF-8 (Comma delimited)”"


def decode(path: str, raw: bytes) -> tuple[SourceText | None, list[Diagnostic]]:
    """Return the text of a file's bytes: UTF-8, one byte order mark allowed, LF line ends. May report AUP101, AUP106."""
    whole, is_table = Span(path), path.lower().endswith((".csv", ".xls", ".xlsx", ".ods"))
    if len(raw) > MAX_BYTES:
        return None, [Diagnostic("AUP106", whole, "the file is larger than 1 MB", "split it in two")]
    head = raw[:64].lstrip().lower()
    for start, what in (
        (b"pk\x03\x04", "a Word document or zip file"),
        (b"%pdf", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an old Word document"),
        (b"{\\rtf", "a rich text document"),
        (b"<!", "a web page"),
        (b"<html", "a web page"),
    ):
        is_page = what == "a web page" and not path.endswith((".yaml", ".yml"))
        if head.startswith(start) and not is_page:
            message, help_ = f"this is {what}, not YAML text", "save the text as plain text (UTF-8)"
            if is_table and "Word" in what:
                message, help_ = "this is a spreadsheet, not a table as text", _AS_CSV
            return None, [Diagnostic("AUP101", whole, message, help_)]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw[:4]:
        return None, [
            Diagnostic(
                "AUP101",
                whole,
                "not UTF-8 (looks like UTF-16)",
                _AS_CSV if is_table else "save the file again with the encoding UTF-8",
            )
        ]
    try:
        text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        column = len(before) - (before.rfind("\n") + 1) + 1
        span = Span(path, before.count("\n") + 1, column, column)
        help_ = "open it in a text editor and save it again with the encoding UTF-8"
        if is_table:
            help_ = _AS_CSV
        return None, [Diagnostic("AUP101", span, "not UTF-8 from this character on", help_)]
    return SourceText(path, text.replace("\r\n", "\n").replace("\r", "\n")), []
