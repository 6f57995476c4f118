"""Run by a Python that has `uno`: tasks in as JSON, the words of resolved and of plain files out.

A task is a redline, the file it should become, and whether to accept ("new") or reject ("old") all. Starts an
office of its own, through a pipe of its own, and ends it.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue


def connected(soffice, folder):
    pipe = f"aupgen{os.getpid()}"
    office = subprocess.Popen(
        [
            soffice, f"-env:UserInstallation=file://{folder}/office", "--headless", "--norestore", "--nologo",
            f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(120):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return (
                office,
                context,
                context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context),
            )
        except Exception:
            time.sleep(0.5)
    office.kill()
    raise SystemExit("LibreOffice did not answer")


def opened(desktop, path):
    hidden = PropertyValue()
    hidden.Name, hidden.Value = "Hidden", True
    return desktop.loadComponentFromURL(f"file://{path}", "_blank", 0, (hidden,))


def words(document):
    """Every paragraph, empty ones too, and every cell."""
    out = []
    for part in each(document.Text):
        if part.supportsService("com.sun.star.text.TextTable"):
            for name in part.CellNames:
                cell = part.getCellByName(name)
                out.append(["cell", *(p.String for p in each(cell) if hasattr(p, "String"))])
        else:
            out.append(["paragraph", part.String])
    return out


def each(text):
    parts = text.createEnumeration()
    while parts.hasMoreElements():
        yield parts.nextElement()


def main():
    office, context, desktop = connected(sys.argv[1], sys.argv[2])
    dispatcher = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.DispatchHelper", context
    )
    results = []
    try:
        for redline, wanted, side in json.load(sys.stdin):
            document = opened(desktop, redline)
            command = ".uno:AcceptAllTrackedChanges" if side == "new" else ".uno:RejectAllTrackedChanges"
            dispatcher.executeDispatch(document.CurrentController.Frame, command, "", 0, ())
            plain = opened(desktop, wanted)
            results.append((words(document), words(plain)))
            document.close(True)
            plain.close(True)
    finally:
        with contextlib.suppress(Exception):
            desktop.terminate()
        try:
            office.wait(30)
        except subprocess.TimeoutExpired:
            office.kill()
    print(json.dumps(results))


main()
