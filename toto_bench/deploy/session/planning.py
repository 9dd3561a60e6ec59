"""The plan of a folder of trials: made once, then kept."""

from dataclasses import dataclass
from typing import Literal

from toto_bench.cards import find_task
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.trials import Region, TrialPlan, make_plan
from toto_bench.errors import RequestError


@dataclass(frozen=True)
class PlanRequest:
    """What somebody asks for; None leaves it to the task's card, or to the plan that is there."""

    backbones: tuple[str, ...]
    task: str | None = None
    count: int | None = None
    seed: int | None = None
    region: Region | None = None
    aborted: Literal["failure", "exclude"] | None = None


DEFAULT_TASK = "franka-cube-pick"


def plan_for(folder: TrialsFolder, request: PlanRequest) -> TrialPlan:
    """The plan of the folder; where there is none, it is made and written.

    Raises:
        RequestError: the plan that is there is another one than was asked for.
        PlanError: there is no such plan, or the one that is there is damaged.
        DiskError: the operating system refused.
    """
    if folder.plan.is_file():
        plan = folder.read_plan()
        _expect_same(plan, request, folder)
        return plan
    card = find_task(request.task or DEFAULT_TASK)
    values = {name: entry.value for name, entry in card.protocol.items()}
    plan = make_plan(
        card.name,
        request.backbones,
        count=request.count or values.get("trials", 16),
        seed=request.seed or 0,
        region=request.region,
        aborted=request.aborted or values.get("aborted_trials", "failure"),
    )
    plan.save(folder.plan)
    return plan


def _expect_same(plan: TrialPlan, request: PlanRequest, folder: TrialsFolder) -> None:
    if set(plan.backbones) != set(request.backbones):
        raise RequestError(
            f"The plan in {folder.path} is of {_names(plan.backbones)}, and the policies given are "
            f"{_names(request.backbones)}: give the same ones, named as in the plan (`--policy NAME=FOLDER`), or "
            "another folder."
        )
    asked = {
        "task": (request.task, plan.task),
        "trials": (request.count, len(plan.poses)),
        "seed": (request.seed, plan.seed),
        "region": (request.region, plan.region),
        "aborted": (request.aborted, plan.aborted),
    }
    for name, (wanted, there) in asked.items():
        if wanted is not None and wanted != there:
            raise RequestError(
                f"The plan in {folder.path} was made with another `{name}` ({there}): it is not changed once trials "
                "may have begun. Leave the option out, or give another folder."
            )


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
