"""Where everything of a plan of trials lies."""

from pathlib import Path

from toto_bench.deploy.trials import TrialPlan, read_plan
from toto_bench.errors import RequestError


class TrialsFolder:
    """Plan and journal, and beside them what belongs to the trials."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan = path / "plan.json"
        """Written once, before the first trial."""
        self.journal = path / "trials.jsonl"
        self.sessions = path / "sessions"
        """A file for each time that somebody ran trials: with what, on what."""
        self.photos = path / "photos"
        """How each start pose looks, for the person who puts the object there."""
        self.report = path / "report"

    def read_plan(self) -> TrialPlan:
        """The plan.

        Raises:
            RequestError: this is no folder of trials.
            PlanError: the plan is damaged.
        """
        if not self.plan.is_file():
            raise RequestError(
                f"{self.path} holds no trials (there is no `{self.plan.name}`): give the folder that "
                "`toto-bench robot run` was told with `--trials`."
            )
        return read_plan(self.plan)

    def photo(self, pose: int) -> Path:
        """The reference photo of a start pose."""
        return self.photos / f"pose-{pose:03d}.png"
