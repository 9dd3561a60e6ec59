"""The scripted expert of each task."""

from collections.abc import Callable

from toto_bench.robots.experts.base import Expert
from toto_bench.robots.experts.franka_cabinet import FrankaCabinetExpert
from toto_bench.robots.experts.franka_pick import FrankaPickExpert
from toto_bench.robots.experts.kuka_cabinet import KukaCabinetExpert
from toto_bench.robots.experts.kuka_pick import KukaPickExpert
from toto_bench.robots.tasks import ManipulationTask

EXPERTS: dict[str, Callable[[ManipulationTask], Expert]] = {
    "franka-pick": FrankaPickExpert,
    "kuka-pick": KukaPickExpert,
    "franka-cabinet": FrankaCabinetExpert,
    "kuka-cabinet": KukaCabinetExpert,
}


def scripted_expert(task: ManipulationTask) -> Expert:
    """The expert made for a task; it serves exactly this one, because it reads its simulation."""
    return EXPERTS[task.spec.name](task)
