"""`aupgen schema`: the JSON Schema of a kind of file, made from the shapes that check it."""

from __future__ import annotations

import json

import click

from aupgen.library.shapes import ParametersShape, RolesShape, TopicShape
from aupgen.profiles.shapes import ProfileShape
from aupgen.source.shape import Shape

_SHAPES: dict[str, type[Shape]] = {
    "profile": ProfileShape,
    "clauses": TopicShape,
    "roles": RolesShape,
    "parameters": ParametersShape,
}


@click.command("schema", short_help="Print a JSON Schema for editors.")
@click.argument("kind", type=click.Choice(list(_SHAPES)))
def command(kind: str) -> None:
    """Print the JSON Schema of a profile, a topic of clauses, the roles or the parameters.

    Editors use it for completion and hover texts: save it to a file and name that file in the first line
    of yours, `# yaml-language-server: $schema=FILE`.
    """
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_SHAPES[kind].model_json_schema(by_alias=True),
    }
    click.echo(json.dumps(schema, ensure_ascii=False, indent=2))
