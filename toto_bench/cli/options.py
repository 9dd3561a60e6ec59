"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Replace a protocol value; the result is another protocol.",
)
PRESET_HELP = "Protocol values changed together; default `paper` (`sample` with the sample)."


def protocol_options(function: Function) -> Function:
    """`--preset` and `--set`."""
    for option in (settings_option, click.option("--preset", help=PRESET_HELP)):
        function = option(function)
    return function


data_option = click.option(
    "--data", metavar="PATH|sample", help="Data folder, or `sample`; default $TOTO_BENCH_HOME/data/TASK."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable result on stdout.")
allow_missing_option = click.option(
    "--allow-missing", is_flag=True, help="Leave out items that cannot be read; coverage shows it."
)
