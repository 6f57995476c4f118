"""`aupgen schema`: the JSON Schema of a kind of file, made from the shapes that check it."""

from __future__ import annotations

import json

import click

from aupgen.checks.config import ConfigShape
from aupgen.library.shapes import (
    FrameworksShape,
    LanguageShape,
    NationsShape,
    ParametersShape,
    RolesShape,
    TopicShape,
)
from aupgen.profiles.shapes import ProfileShape
from aupgen.source.shape import Shape

_SHAPES: dict[str, type[Shape]] = {
    "profile": ProfileShape,
    "clauses": TopicShape,
    "roles": RolesShape,
    "parameters": ParametersShape,
    "frameworks": FrameworksShape,
    "nations": NationsShape,
    "voices": LanguageShape,
    "settings": ConfigShape,
}
KINDS = tuple(_SHAPES)
"""The kinds of file; each has its schema in `schemas/` as well."""


@click.command("schema", short_help="Print a JSON Schema for editors.")
@click.argument("kind", type=click.Choice(KINDS))
def command(kind: str) -> None:
    """Print the JSON Schema of a profile, a topic of clauses, a register, or `aupgen.yaml` (settings).

    Editors use it for completion and hover texts: save it to a file and name that file in the first line
    of yours, `# yaml-language-server: $schema=FILE`.
    """
    click.echo(schema_text(kind), nl=False)


def schema_text(kind: str) -> str:
    """The JSON Schema of a kind of file, as it stands in `schemas/`."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_SHAPES[kind].model_json_schema(by_alias=True),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
