"""The `aupgen` command: global options, lazy subcommands, and what becomes of errors.

Exit codes: 0 done · 1 errors in what the user wrote · 2 could not run · 130 interrupted.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path

import click

from aupgen import __version__

_COMMANDS = {
    "approve": "Record that a body approved a school’s documents.",
    "check": "Find everything that makes a policy wrong, in a file or the whole workspace.",
    "build": "Build a school’s documents: Word, web page and Markdown.",
    "diff": "Show what changed since last year, or between two profiles.",
    "explain": "Explain a code, a clause, a role, or a value of a profile.",
    "init": "Set up a folder for your school, from the shipped library or a pack, and build its documents.",
    "list": "List clauses, roles, parameters, documents, audiences, frameworks or years.",
    "pack": "Make one file of an authority’s exemplar for its schools to take in.",
    "report": "Show where every school of an authority or trust stands.",
    "schema": "Print the JSON Schema of a kind of file, for editors.",
}
"""Each subcommand and its one-line help; the module of the same name is imported only when it runs."""

_MODULES = {"list": "listing"}


class _LazyGroup(click.Group):
    """Imports a subcommand's module when it is called: start-up time is what a user feels first."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"aupgen.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from aupgen.source.diagnostics import suggestion

            help_ = suggestion(args[0], _COMMANDS, f"The commands are {', '.join(sorted(_COMMANDS))}.")
            ctx.fail(f"there is no command `{args[0]}`: {help_}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "--version", prog_name="aupgen")
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder that holds clauses/, schools/ and templates/. "
    "Default: the nearest one upwards from the first profile, else the library that came with aupgen.",
)
@click.pass_context
def aupgen(context: click.Context, workspace: Path | None) -> None:
    """A policy compiler for UK school acceptable use policies.

    One library of clauses and one profile per school give the agreements and policies that people sign,
    as Word, web page and Markdown that say the same.
    """
    context.obj = workspace


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit. A traceback reaching a user is a bug; `AUPGEN_DEBUG=1` shows it."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for them reads every installed package
    gc.disable()  # a build leaves no cycles, and others few; long work that leaves some turns it on again
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        with aupgen.make_context("aupgen", list(sys.argv[1:] if arguments is None else arguments)) as context:
            code = aupgen.invoke(context)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _finish("interrupted", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader went away, as `| head` does: what was asked for is done, and there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        from aupgen.files import CannotRunError, shown

        if isinstance(error, CannotRunError):
            _finish(f"error: {error}", 2)
        if os.environ.get("AUPGEN_DEBUG"):
            raise
        if isinstance(error, PermissionError) and error.filename:
            # in a folder that is closed to us, the system does not even say whether a file is there
            _finish(f"error: cannot get at {shown(Path(str(error.filename)))}: permission denied", 2)
        _finish(
            f"internal error: {type(error).__name__}: {error}\nPlease report this; AUPGEN_DEBUG=1 shows more.",
            2,
        )


def _finish(message: str, code: int) -> None:
    click.echo(f"aupgen: {message}", err=True)
    sys.exit(code)
