"""The `nonlin` command: one table of subcommands, and one place where errors become a sentence and an exit code.

Data goes to standard output, narration to standard error. Exit codes: 0 fine, 1 a run that failed or was
interrupted, 2 wrong use.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from nonlin.errors import NonlinError, unknown_name

# command -> (module, function). A module is imported only when its command runs or its help is shown.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("nonlin.cli.demo", "demo"),
    "list": ("nonlin.cli.list", "list_activations"),
    "show": ("nonlin.cli.show", "show"),
    "plot": ("nonlin.cli.plot", "plot"),
    "cheatsheet": ("nonlin.cli.cheatsheet", "cheatsheet"),
    "choose": ("nonlin.cli.choose", "choose"),
    "compare": ("nonlin.cli.compare", "compare"),
}


class CommandGroup(TyperGroup):
    """Looks subcommands up in `COMMANDS`, and turns what goes wrong in one into a message and an exit code."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The subcommand, built from its function the first time it is asked for; None for an unknown name."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _build(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As typer does, but a misspelt name is compared with the table, without importing every command."""
        if args and args[0] not in COMMANDS:
            raise unknown_name("command", args[0], COMMANDS, listing="nonlin --help")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand. No error a user can cause reaches them as a traceback."""
        try:
            return super().invoke(ctx)
        except NonlinError as error:
            raise _stop(f"Error: {error}", error.exit_code) from error
        except KeyboardInterrupt as error:
            raise _stop("Interrupted; work that was finished is kept.", 1) from error
        except BrokenPipeError:
            raise  # the reader of our output has gone (`nonlin list | head`): typer ends quietly
        except OSError as error:
            raise _stop(f"Error: {_describe(error)}", 2) from error


def _build(name: str) -> Any:
    module, function = COMMANDS[name]
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name)(getattr(importlib.import_module(module), function))
    return typer.main.get_command(single)


def _stop(message: str, code: int) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)


def _describe(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{reason}\n  fix: check that the path exists and that you may read or write it"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nonlin {metadata.version('nonlin')}")
        raise typer.Exit


app = typer.Typer(
    cls=CommandGroup, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


@app.callback()
def nonlin(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Activation functions: see them, use them exactly and fast, choose one with evidence."""
