"""Preparing recorded demonstrations of an expert in the simulated tasks for behaviour cloning."""

import numpy as np

from toto_bench.robots.demonstrations.errors import WrongDemonstrationsError
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet
from toto_bench.robots.demonstrations.prepare import camera_specs
from toto_bench.robots.demonstrations.prepared import Prepared, PreparedEpisode, split_episodes
from toto_bench.robots.demonstrations.recording import PROPRIO, STATE, joint_names
from toto_bench.robots.learning.senses import StateSenses, proprio_names
from toto_bench.robots.policy.spec import ActionSpec
from toto_bench.robots.scenes import CAMERA
from toto_bench.robots.tasks import ManipulationTask


def prepare_simulated(
    demonstrations: DemonstrationSet,
    task: ManipulationTask,
    *,
    looks: bool = True,
    held_out: float = 0.0,
    seed: int = 0,
) -> Prepared:
    """Every recorded step, with the expert's action: what a policy of the simulated task learns from.

    Args:
        demonstrations: of `record_expert`.
        task: in which the policy will act.
        looks: whether it reads pictures and proprioception, or the state alone, as an upper anchor.
        held_out: share of the episodes that is not learnt from.
        seed: draws these.

    Raises:
        WrongDemonstrationsError: they are not of this task, or lack what is to be read.
        RequestError: nothing would be left to learn from.
    """
    joints = joint_names(task)
    read = PROPRIO if looks else STATE
    names = proprio_names(task) if looks else StateSenses(task).names
    if demonstrations.actions != joints or demonstrations.extras.get(read) != names:
        raise WrongDemonstrationsError(
            f"{demonstrations.path} ({demonstrations.source}) holds no demonstrations of {task.spec.name} with "
            f"`{read}` and the actions of its {len(joints)} joints: record some with `record_expert`."
        )
    cameras = camera_specs(demonstrations, (CAMERA,) if looks else (), None)
    episodes = [_prepared(episode, read, looks) for episode in demonstrations]
    train, away = split_episodes(episodes, held_out, seed)
    return Prepared(
        train=train,
        held_out=away,
        cameras=cameras,
        names=names,
        action=ActionSpec(kind="joint-target-delta", names=joints, scale=tuple(task.reach.tolist())),
        rate_hz=demonstrations.fps,
        left_out=demonstrations.problems,
    )


def _prepared(episode: Demonstration, read: str, looks: bool) -> PreparedEpisode:
    assert episode.actions is not None
    return PreparedEpisode(
        name=episode.name,
        steps=np.arange(len(episode)),
        state=episode.extras[read].astype(np.float32),
        actions=episode.actions,
        cameras={CAMERA: episode.cameras[CAMERA]} if looks else {},
    )
