"""`toto-bench robot`: from a robot that is switched on to a row of the leaderboard."""

import click

from toto_bench.cli import (
    robot_calibrate_latency,
    robot_check,
    robot_dry_run,
    robot_label,
    robot_record,
    robot_report,
    robot_run,
    robot_serve,
)


@click.group("robot")
def command() -> None:
    """Try policies on a Franka, real or simulated; `docs/robot.md` goes through it step by step.

    Software cannot make a robot safe: keep the hardware emergency stop in your hand.
    """


for part in (
    robot_record,
    robot_check,
    robot_calibrate_latency,
    robot_dry_run,
    robot_run,
    robot_label,
    robot_report,
    robot_serve,
):
    command.add_command(part.command)
