"""From the options of a robot command to a station, a workspace, a start and what is known of this computer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from pathlib import Path

    from toto_bench.deploy.limits import Vector
    from toto_bench.deploy.session.policies import Loading, PolicySource
    from toto_bench.deploy.session.station import Station
    from toto_bench.deploy.trials import Region
    from toto_bench.deploy.workspace import Workspace
    from toto_bench.results.record import Environment

FRANKY_SIM = "franky-sim"
"""A simulated robot that speaks the real one's protocol; it is started here, and ends with the command."""


def station_of(
    policies: "Sequence[PolicySource]" = (), *, size: tuple[int, int] = (224, 224), **options: Any
) -> "Station":
    """The station that the options describe, not yet open; a simulated robot of its own starts with the command."""
    from toto_bench.deploy.limits import WorkingLimits
    from toto_bench.deploy.session.assemble import StationRequest, assemble, at_franky_sim
    from toto_bench.deploy.session.look import sizes_of

    request = StationRequest(
        driver=options["driver"],
        host=options["host"],
        arm=options["arm"],
        cameras=options["cameras"],
        limits=WorkingLimits(speed_factor=options["speed"]),
        pace=options["pace"],
        sizes=sizes_of(policies),
        size=size,
        log=options["log"],
    )
    if options["driver"] != FRANKY_SIM:
        return assemble(request)
    from toto_bench.testing.franky_sim import FrankySim

    simulation = click.get_current_context().with_resource(FrankySim())
    return at_franky_sim(request, simulation.host, simulation)


def workspace_of(box: str | None) -> "Workspace":
    """Of `--box`."""
    from toto_bench.deploy.workspace import Workspace

    if box is None:
        return Workspace()
    x0, x1, y0, y1, z0, z1 = numbers(box, 6, "--box")
    try:
        return Workspace(lower=(x0, y0, z0), upper=(x1, y1, z1), floor=z0)
    except ValueError as error:
        raise click.UsageError(f"`--box {box}`: {error}") from error


def start_of(start: str | None) -> "Vector":
    """Of `--start`: float64 [7], rad."""
    import numpy as np

    from toto_bench.deploy.limits import OURS
    from toto_bench.deploy.simulated.world import READY

    if start is None:
        return READY
    q = np.array(numbers(start, 7, "--start"))
    if OURS.position.outside(q).any():
        raise click.UsageError(f"`--start {start}` is outside the range of the joints.")
    return q


def region_of(region: str | None) -> "Region | None":
    """Of `--region`."""
    from toto_bench.deploy.trials import Region

    if region is None:
        return None
    x0, x1, y0, y1 = numbers(region, 4, "--region")
    try:
        return Region(x=(x0, x1), y=(y0, y1))
    except ValueError as error:
        raise click.UsageError(f"`--region {region}`: {error}") from error


def size_of(size: str) -> tuple[int, int]:
    """Of `--size`: height and width."""
    height, _, width = size.partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise click.UsageError(f"`--size {size}` is not of the form HxW, for example 224x224.")
    return int(height), int(width)


def numbers(text: str, count: int, option: str) -> list[float]:
    """`1,2.5,3` as numbers."""
    parts = text.split(",")
    try:
        found = [float(part) for part in parts]
    except ValueError as error:
        raise click.UsageError(f"`{option} {text}`: {error}.") from error
    if len(found) != count:
        raise click.UsageError(f"`{option} {text}` has {len(found)} numbers instead of {count}.")
    return found


class _Alone(NamedTuple):
    device: str
    dtype: str = "float32"
    batch_size: int = 1
    world_size: int = 1


def here(device: str) -> "Environment":
    """Versions and machine of this process, for records."""
    from toto_bench.runner.provenance import environment

    return environment(_Alone(device))


def loading_of(device: str, checkpoint: "Path | None", token_file: "Path | None") -> "Loading":
    """How policies are loaded.

    Raises:
        RequestError: there is no such device, or the token cannot be used.
    """
    from toto_bench.deploy.remote import read_token
    from toto_bench.deploy.session.policies import Loading
    from toto_bench.runner.device import choose_device

    return Loading(choose_device(device), checkpoint, read_token(token_file))
