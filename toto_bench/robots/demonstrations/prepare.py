"""MVP's preparation of demonstrations of a real robot (ir413/mvp, mvp/bc/dataset.py and configs/bc/real.yaml)."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from toto_bench.cards.base import Strict
from toto_bench.robots.demonstrations.errors import WrongDemonstrationsError
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet
from toto_bench.robots.demonstrations.prepared import Prepared, PreparedEpisode, split_episodes
from toto_bench.robots.demonstrations.state import GRIPPER
from toto_bench.robots.policy.spec import ActionSpec, CameraSpec, Crop

_FARTHEST = 0.5
"""rad; a target of one step is nearer than this."""


class Preparation(Strict):
    """Which steps are learnt from, and what is done in them."""

    still: float = Field(default=0.004, ge=0)
    """A step in which no joint is farther than this from where it was at the last kept step is left out, rad (MVP)."""
    gripper_still: float = Field(default=0.02, ge=0)
    """Unless its opening, from 0 to 1, changed by more than this. MVP's is 0 or 1; measured ones tremble."""
    gripper_scale: float = Field(default=0.2, gt=0)
    """Factor on the change of the gripper's opening in an action (MVP)."""
    targets: Literal["commanded", "measured"] = "measured"
    """Whether an action is the way to the next state that is kept (MVP), or to what was commanded, where that was
    recorded: of the joints the way from where they are, of the gripper the opening itself. Fingers that hold something
    do not close further, so that measured ways never press; and commands are free of the noise they were sent with."""
    cameras: tuple[str, ...] | None = None
    """Whose pictures are looked at, in this order; None: every camera's, in order of their names."""
    crop: int | None = Field(default=448, ge=16)
    """Side of the square in the middle of the lower edge that is looked at, in pixels (MVP); None: everything is."""
    held_out: float = Field(default=0.2, ge=0, lt=1)
    """Share of the episodes that is not learnt from."""
    seed: int = Field(default=0, ge=0)
    """Draws the episodes that are held out."""
    failures: bool = False
    """Whether episodes that are known to have failed are learnt from too."""


def prepare(demonstrations: DemonstrationSet, settings: Preparation | None = None) -> Prepared:
    """States, and the way from each to the next one that is kept: the actions of a policy of kind `joint-delta`.

    A state is the joints and, where there is one, the gripper's opening. Steps in which the robot stood still are left
    out, so a policy learns where to go next, not how fast the operator was.

    Args:
        demonstrations: with joint positions.
        settings: MVP's if None.

    Raises:
        WrongDemonstrationsError: there are no joints, no such camera, or no episode in which the robot moves.
        RequestError: nothing would be left to learn from.
    """
    settings = settings or Preparation()
    if not demonstrations.joints:
        raise WrongDemonstrationsError(
            f"{demonstrations.path} ({demonstrations.source}) has no joint positions, and a policy is to learn from "
            "them. If they are among the numbers of its states, say with `StateLayout` which of these is the gripper."
        )
    cameras = camera_specs(demonstrations, settings.cameras, settings.crop)
    with_gripper = all(episode.gripper is not None for episode in demonstrations)
    commands = settings.targets == "commanded" and with_gripper and _has_commands(demonstrations)
    episodes, left_out = [], dict(demonstrations.problems)
    for episode in demonstrations:
        if episode.success is False and not settings.failures:
            left_out[episode.name] = "it failed"
            continue
        made = _episode(
            episode, settings, [camera.name for camera in cameras], with_gripper, commands=commands
        )
        if len(made):
            episodes.append(made)
        else:
            left_out[episode.name] = "the robot does not move in it"
    if not episodes:
        raise WrongDemonstrationsError(
            f"{demonstrations.path} has {len(demonstrations)} demonstrations, and none to learn from: "
            f"{next(iter(left_out.values()), 'it is empty')}."
        )
    names = (*demonstrations.joints, *((GRIPPER,) if with_gripper else ()))
    opening = 1.0 if commands else 1 / settings.gripper_scale
    scale = (1.0,) * len(demonstrations.joints) + ((opening,) if with_gripper else ())
    train, held_out = split_episodes(episodes, settings.held_out, settings.seed)
    return Prepared(
        train=train,
        held_out=held_out,
        cameras=cameras,
        names=names,
        action=ActionSpec(
            kind="joint-delta",
            names=names,
            gripper="opening" if commands else "as-joints",
            scale=scale,
        ),
        rate_hz=demonstrations.fps,
        left_out=left_out,
    )


def moving(
    joints: NDArray[np.float64], gripper: NDArray[np.float64] | None, settings: Preparation
) -> list[int]:
    """The steps that are kept: the first, and each that is away from the last one that was kept."""
    kept = [0]
    for step in range(1, len(joints)):
        last = kept[-1]
        moved = np.abs(joints[step] - joints[last]).max() > settings.still
        if moved or (gripper is not None and abs(gripper[step] - gripper[last]) > settings.gripper_still):
            kept.append(step)
    return kept


def camera_specs(
    demonstrations: DemonstrationSet, names: tuple[str, ...] | None, crop: int | None
) -> tuple[CameraSpec, ...]:
    """What is looked at of each camera.

    Raises:
        WrongDemonstrationsError: there is no such camera.
    """
    found = demonstrations.cameras
    chosen = tuple(sorted(found)) if names is None else names
    if unknown := [name for name in chosen if name not in found]:
        raise WrongDemonstrationsError(
            f"{demonstrations.path} has no camera `{unknown[0]}` in every episode: it has "
            f"{', '.join(f'`{name}`' for name in sorted(found)) or 'none'}."
        )
    return tuple(
        CameraSpec(
            name=name,
            height=found[name][0],
            width=found[name][1],
            crop=None if crop is None else lower_centre(*found[name], crop),
        )
        for name in chosen
    )


def lower_centre(height: int, width: int, side: int) -> Crop:
    """The square in the middle of the lower edge, or the largest that fits; odd margins are wider on the left (MVP)."""
    side = min(side, height, width)
    return Crop(top=height - side, left=-((side - width) // 2), height=side, width=side)


def _has_commands(demonstrations: DemonstrationSet) -> bool:
    """Whether every step has targets of the joints and of the gripper.

    Raises:
        WrongDemonstrationsError: what is called so is far from where the joints are.
    """
    if demonstrations.actions != (*demonstrations.joints, GRIPPER):
        return False
    for episode in demonstrations:
        if episode.actions is None:
            return False
        far = float(np.abs(episode.actions[:, :-1] - episode.joints).max())
        if far > _FARTHEST:
            raise WrongDemonstrationsError(
                f"The actions of `{episode.name}` in {demonstrations.path} are named after the joints and lie up to "
                f"{far:.2f} rad from where these are: they are no targets of one step. Take `--set targets=measured`."
            )
    return True


def _episode(
    episode: Demonstration,
    settings: Preparation,
    cameras: list[str],
    with_gripper: bool,
    *,
    commands: bool,
) -> PreparedEpisode:
    gripper = episode.gripper if with_gripper else None
    kept = np.array(moving(episode.joints, gripper, settings), dtype=np.int64)
    state = episode.joints if gripper is None else np.column_stack([episode.joints, gripper])
    ways = np.diff(state[kept], axis=0)
    if gripper is not None:
        ways[:, -1] *= settings.gripper_scale
    steps = kept[:-1]
    if commands and episode.actions is not None:
        ways = episode.actions[steps].astype(np.float64)
        ways[:, :-1] -= episode.joints[steps]
    return PreparedEpisode(
        name=episode.name,
        steps=steps,
        state=state[steps].astype(np.float32),
        actions=ways.astype(np.float32),
        cameras={camera: episode.cameras[camera].take(steps.tolist()) for camera in cameras},
    )
