"""Writing robomimic's HDF5."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from toto_bench.files import DiskError, replacing
from toto_bench.robots.demonstrations.errors import RecordingError
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet
from toto_bench.robots.demonstrations.robomimic.layout import FINGERS, IMAGE, JOINTS, VELOCITIES, WIDEST, hdf5


def write_robomimic(
    demonstrations: DemonstrationSet, path: Path, *, splits: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Write a set; its k-th episode becomes `demo_k`.

    Args:
        demonstrations: with actions, which robomimic needs.
        path: of the file.
        splits: names of episodes of the set by the name of a split; None: those of the set.

    Raises:
        RecordingError: there are no actions, or a split names an episode that is not there.
        DemonstrationError: a picture cannot be decoded.
        DiskError: the operating system refused.
        RequestError: h5py is missing.
    """
    if any(episode.actions is None for episode in demonstrations):
        raise RecordingError("robomimic needs the actions of every step, and these demonstrations have none.")
    called = {episode.name: f"demo_{number}" for number, episode in enumerate(demonstrations)}
    masks = {
        split: _renamed(split, names, called) for split, names in (splits or demonstrations.splits).items()
    }
    h5py = hdf5(path)
    with replacing(path) as temporary:
        try:
            with h5py.File(temporary, "w") as file:
                data = file.create_group("data")
                data.attrs["total"] = demonstrations.steps
                data.attrs["env_args"] = json.dumps(
                    {"env_name": "", "type": 1, "env_kwargs": {"control_freq": demonstrations.fps}}
                )
                data.attrs["joint_names"] = json.dumps(demonstrations.joints)
                data.attrs["action_names"] = json.dumps(demonstrations.actions)
                data.attrs["robot"] = demonstrations.robot
                for episode in demonstrations:
                    _write(data.create_group(called[episode.name]), episode)
                for split, names in masks.items():
                    file.create_dataset(f"mask/{split}", data=np.array(names, dtype="S"))
        except RuntimeError as error:  # what h5py makes of a full disk when it closes a file
            raise DiskError(f"{path} could not be written: {error}. Free some space.") from error


def _write(group: Any, episode: Demonstration) -> None:
    steps = len(episode)
    group.attrs["num_samples"], group.attrs["task"] = steps, episode.task
    done = np.zeros(steps)
    done[-1] = 1
    group.create_dataset("actions", data=episode.actions)
    group.create_dataset("timestamps", data=episode.timestamps)
    group.create_dataset("dones", data=done.astype(np.int64))
    if episode.success is not None:
        group.create_dataset("rewards", data=done * episode.success)
    numbers: dict[str, Any] = {JOINTS: episode.joints, **episode.extras}
    if episode.velocities is not None:
        numbers[VELOCITIES] = episode.velocities
    if episode.gripper is not None:
        numbers[FINGERS] = np.outer(episode.gripper, (WIDEST / 2, -WIDEST / 2))
    for name, values in numbers.items():
        group.create_dataset(f"obs/{name}", data=values)
    for camera, frames in episode.cameras.items():
        one = (1, *frames.shape[1:])
        images = group.create_dataset(
            f"obs/{camera}{IMAGE}", frames.shape, np.uint8, chunks=one, compression="gzip", compression_opts=1
        )
        for first, some in zip(range(0, steps, 64), frames.chunks(64), strict=True):
            images[first : first + len(some)] = some


def _renamed(split: str, names: Sequence[str], called: Mapping[str, str]) -> list[str]:
    if unknown := [name for name in names if name not in called]:
        raise RecordingError(f"Split `{split}` names `{unknown[0]}`, which is no episode of this set.")
    return [called[name] for name in names]
