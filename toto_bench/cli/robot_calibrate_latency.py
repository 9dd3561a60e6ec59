"""`toto-bench robot calibrate-latency`."""

from typing import Any

import click

from toto_bench.cli.robot_options import Terminal, station_options


@click.command("calibrate-latency")
@station_options
@click.option("--joint", type=click.IntRange(1, 7), default=1, show_default=True, help="That is moved.")
@click.option(
    "--seconds", type=click.FloatRange(min=5), default=12.0, show_default=True, help="For each camera."
)
@click.option(
    "--amplitude",
    type=click.FloatRange(0.01, 0.3),
    default=0.08,
    show_default=True,
    help="Of the motion, rad.",
)
def command(joint: int, seconds: float, amplitude: float, **options: Any) -> None:
    """Move one joint a little, and measure how late each camera shows it.

    The number goes into the camera's words: `wrist=opencv:/dev/video0,latency=0.045`. A real arm moves only after you
    have typed that the hardware emergency stop is in your hand.

    \b
    toto-bench robot calibrate-latency --driver franky --host 172.16.0.2 --camera wrist=opencv:/dev/video0
    """
    from toto_bench.cli.robot_station import station_of, workspace_of
    from toto_bench.deploy.cameras.calibrate import measure_latency
    from toto_bench.deploy.guard import GuardSettings
    from toto_bench.deploy.session.safety import expect_emergency_stop, expect_operator
    from toto_bench.deploy.signals import StopSignals

    station = station_of(**options)
    if not station.cameras:
        raise click.UsageError("`--camera` names what is measured.")
    expect_operator(Terminal(), station.driver.info())
    with station.opened():
        expect_emergency_stop(Terminal(), station.driver.info())
        guard = GuardSettings(rate_hz=20.0, limits=station.limits(), workspace=workspace_of(options["box"]))
        for name, camera in station.cameras.items():
            with StopSignals(station.driver.stop) as signals:
                station.driver.recover()
                latency = measure_latency(
                    station.driver,
                    camera,
                    station.clock,
                    guard,
                    joint=joint,
                    seconds=seconds,
                    amplitude=amplitude,
                    interrupted=signals.is_requested,
                )
                if (
                    signals.is_requested()
                ):  # at the last moment of a camera: the next one would move the arm again
                    raise KeyboardInterrupt
            click.echo(
                f"Camera `{name}`: latency={latency.seconds:.3f} ({100 * latency.explained:.0f} % explained, "
                f"{latency.pictures} pictures, {1 / latency.period:.0f} per second)"
            )
