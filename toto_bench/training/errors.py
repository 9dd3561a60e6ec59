"""What can go wrong in training, besides data and disks."""

from pathlib import Path

from toto_bench.errors import RequestError, TotoBenchError


class DivergedError(TotoBenchError):
    """A loss or gradient is NaN or infinite: training stopped before it could reach the weights."""


class DamagedStateError(TotoBenchError):
    """The saved state of a training cannot be read."""


class OtherTrainingError(RequestError):
    """The folder holds another training than the one asked for."""


class GroupingError(RequestError):
    """The processes that torchrun started cannot share the work as it is cut."""


def diverged(step: int, what: str, state: Path, saved: int) -> DivergedError:
    """The error of a step (0..) whose loss or gradient is not finite; `saved` steps are in the state file."""
    ways = "with a lower learning rate, a longer warm-up, stronger clipping or `--dtype float32`"
    kept = (
        f"The last good state, after {saved:,} steps, is kept in {state}: the same command goes on from it, and meets "
        f"the same again unless the cause was the machine; `--init {state}` begins another training from it, {ways}."
        if saved
        else f"No state had been saved yet: begin anew {ways}."
    )
    return DivergedError(
        f"Training diverged at step {step + 1:,} ({what}). It stopped before the weights were changed. {kept}"
    )
