"""How a policy is run."""

from pydantic import Field

from toto_bench.deploy.limits.model import Finite


class RunnerSettings(Finite):
    """Every number of the loop; the rate is the policy's, and thresholds of safety are the guard's."""

    warm_up: int = Field(default=20, ge=5)
    """Inferences on pictures of the real size before anything may move; the first few are slower than all others."""
    share: float = Field(default=0.8, gt=0, le=1)
    """Of the time that is there, the 99th percentile of inference may take this share."""
    misses_in_a_row: int = Field(default=3, ge=1)
    """So many deadlines in a row that are missed stop the trial."""
    watchdog_periods: float = Field(default=3.0, ge=1)
    """After so many periods without a tick the watchdog stops the arm."""
    horizon: int | None = Field(default=None, ge=1)
    """Actions of a chunk that are carried out before the policy is asked again; None: all of them."""
    rest: float = Field(default=5.0, gt=0)
    """s in which the arm has to come to rest at the end."""
