"""Write `docs/rules.md` and `schemas/` anew, from the rules and the shapes: `python -m tests.make_rules_page`."""

from __future__ import annotations

from aupgen.checks.pages import rules_page
from aupgen.cli.schema import KINDS, schema_text
from tests.conftest import ROOT


def generated() -> dict[str, str]:
    """The generated files by their path in the repository."""
    schemas = {f"schemas/{kind}.json": schema_text(kind) for kind in KINDS}
    return {"docs/rules.md": rules_page(), **schemas}


if __name__ == "__main__":
    (ROOT / "schemas").mkdir(exist_ok=True)
    for path, text in generated().items():
        (ROOT / path).write_text(text, encoding="utf-8")
