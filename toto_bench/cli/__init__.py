"""The command line. Thin: heavy imports happen inside the command that needs them."""

import importlib
import sys
import traceback
import warnings
from pathlib import Path
from typing import TextIO

import click

from toto_bench._version import __version__
from toto_bench.cards.code import failed_in_plugin
from toto_bench.cards.plugins import PluginWarning, add_plugin_folder
from toto_bench.errors import TotoBenchError

COMMANDS = (
    "run",
    "score",
    "list",
    "show",
    "data",
    "leaderboard",
    "runs",
    "pretrain",
    "loss",
    "simulate",
    "robot",
    "cache",
    "validate",
    "new",
)
"""Each is a module of this package that holds a click command named `command`."""

INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"toto_bench.cli.{cmd_name}").command
        return _with_plugin_dir(command)


def _with_plugin_dir(command: click.Command) -> click.Command:
    """Give a command, and those inside it, the option `--plugin-dir`, unless it has one of its own."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _with_plugin_dir(inner)
    elif not any("--plugin-dir" in parameter.opts for parameter in command.params):
        command.params.append(
            click.Option(
                ["--plugin-dir"],
                multiple=True,
                type=click.Path(path_type=Path),
                is_eager=True,
                expose_value=False,
                callback=_add_plugin_dirs,
                help="Folder of plug-ins: tasks and backbones of your own. May be repeated.",
            )
        )
    return command


def _add_plugin_dirs(context: click.Context, parameter: click.Parameter, folders: tuple[Path, ...]) -> None:
    del context, parameter
    for folder in reversed(folders):
        add_plugin_folder(folder)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="toto-bench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:
    """Evaluate a visual backbone on everything in the Toto paper: one command per task, one table."""
    context.obj = {"debug": debug}


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 a run failed, 2 the request was wrong."""
    sys.exit(invoke(sys.argv[1:]))


def invoke(arguments: list[str]) -> int:
    """Run a command line and return its exit code; errors become one paragraph on stderr."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("once", PluginWarning)
            warnings.showwarning = _show_warning
            status = cli.main(arguments, prog_name="toto-bench", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  a user never meets a bare traceback
        return _report(error, debug="--debug" in arguments)
    return status if isinstance(status, int) else 0


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """What is wrong with a plug-in is one paragraph; other warnings stay as Python writes them."""
    own = issubclass(category, PluginWarning)
    text = (
        f"Warning: {message}\n" if own else warnings.formatwarning(message, category, filename, lineno, line)
    )
    click.echo(text, file=file, err=file is None, nl=False)


def _report(error: BaseException, *, debug: bool) -> int:
    """Say what happened and what to do; the exit code."""
    message, code = _explain(error)
    if debug and code != INTERRUPTED:
        traceback.print_exc()
    click.echo(message, err=True)
    return code


def _explain(error: BaseException) -> tuple[str, int]:
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return "\nStopped. What was finished is kept: the same command goes on where it was.", INTERRUPTED
    if isinstance(error, TotoBenchError):
        return f"Error: {error}", error.exit_code
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"Error: {place}{error.strerror or error}.", 1
    if own := failed_in_plugin(error):
        return f"Error: {own}", own.exit_code
    return (
        f"Error: {type(error).__name__}: {error}. This was not foreseen: repeat the command with "
        "`toto-bench --debug ...` and report what it prints.",
        1,
    )
