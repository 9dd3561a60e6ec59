"""Options and prompts that several robot commands share."""

import getpass
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

trials_argument = click.argument("trials", type=click.Path(path_type=Path, file_okay=False))
labeller_option = click.option(
    "--labeller", metavar="NAME", help="Who judges; default: the name of the account."
)
start_option = click.option(
    "--start",
    metavar="Q1,...,Q7",
    help="Joints at the start of each trial, rad; default: Franka's ready pose.",
)
policy_option = click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="[NAME=]SOURCE",
    help="Folder of a finished run or of a policy, `remote:ws://HOST:PORT`, or `scripted` in a simulation.",
)
_STATION = (
    click.option(
        "--driver",
        type=click.Choice(["mujoco", "franky", "franky-sim", "replay"]),
        default="mujoco",
        show_default=True,
        help="Of the arm.",
    ),
    click.option(
        "--log", type=click.Path(path_type=Path), help="Of the trial that the driver `replay` repeats."
    ),
    click.option("--host", metavar="ADDRESS", help="Of the real robot's control unit, such as 172.16.0.2."),
    click.option(
        "--arm",
        type=click.Choice(["fr3", "fer"]),
        default="fr3",
        show_default=True,
        help="Which real robot it is.",
    ),
    click.option(
        "--camera",
        "cameras",
        multiple=True,
        metavar="NAME=KIND:SOURCE",
        help="`wrist=opencv:/dev/video0,width=640,height=480`, `wrist=realsense:SERIAL`, `wrist=simulated:wrist`.",
    ),
    click.option(
        "--speed",
        type=click.FloatRange(0, 1, min_open=True),
        default=0.2,
        show_default=True,
        help="Share of the joints' velocity limits.",
    ),
    click.option(
        "--box", metavar="X0,X1,Y0,Y1,Z0,Z1", help="Where hand and fingertips stay, m from the arm's base."
    ),
    click.option(
        "--pace",
        type=click.Choice(["realtime", "fast"]),
        default="realtime",
        show_default=True,
        help="Of a simulation.",
    ),
)
_LOADING = (
    click.option(
        "--device", default="auto", show_default=True, help="Of the backbones: cpu, cuda, cuda:N or mps."
    ),
    click.option("--checkpoint", type=click.Path(path_type=Path), help="File of the backbone's weights."),
    click.option("--token-file", type=click.Path(path_type=Path), help="Secret of the policy servers."),
)


def station_options(function: Function) -> Function:
    """What stands on the table."""
    return _with(_STATION, function)


def loading_options(function: Function) -> Function:
    """How policies are loaded."""
    return _with(_LOADING, function)


def _with(options: Sequence[Callable[[Function], Function]], function: Function) -> Function:
    for option in reversed(options):
        function = option(function)
    return function


def _forget_typed() -> None:
    """An Enter too many must not answer the next question, which may be the one that moves an arm."""
    try:
        import termios
    except ImportError:  # another operating system, on which no real arm is driven
        return
    termios.tcflush(sys.stdin, termios.TCIFLUSH)


class Terminal:
    """The person at the terminal."""

    @property
    def present(self) -> bool:
        """Whether standard input is a terminal."""
        return sys.stdin.isatty()

    def say(self, text: str) -> None:
        """Show a line."""
        click.echo(text)

    def ask(self, question: str) -> str:
        """One line of answer; Ctrl-C and the end of input stop. What was typed before the question is no answer."""
        if self.present:
            _forget_typed()
        try:
            return str(click.prompt(question, prompt_suffix=" ", default="", show_default=False)).strip()
        except click.Abort:
            raise KeyboardInterrupt from None


def name_of(labeller: str | None) -> str:
    """Who judges."""
    if labeller:
        return labeller
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        return "operator"
