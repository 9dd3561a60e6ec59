"""Prepared demonstrations as the frames that a policy's head is trained on."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.progress import Progress, Silent
from toto_bench.robots.demonstrations.prepared import PreparedEpisode
from toto_bench.robots.learning.demonstrations import Demonstrations
from toto_bench.robots.policy.spec import CameraSpec

Features = Callable[[NDArray[np.uint8]], Tensor]
"""Pictures uint8 [n, H, W, 3] to features float16 [n, F]: `robots.learning.features.FrameFeatures`."""
_AT_ONCE = 64


def frames_of(
    episodes: Sequence[PreparedEpisode],
    cameras: Sequence[CameraSpec] = (),
    features: Mapping[str, Features] | None = None,
    progress: Progress | None = None,
) -> Demonstrations:
    """Features, states and actions of every row, in order; each picture is decoded and read once.

    ```python
    reader = FeatureReader(backbone, [layer], resolution=224)
    readers = {camera.name: FrameFeatures(reader, camera) for camera in prepared.cameras}
    data = frames_of(prepared.train, prepared.cameras, readers)
    ```

    Args:
        episodes: `Prepared.train` or `Prepared.held_out`; at least one.
        cameras: `Prepared.cameras`; none: the policy looks at no picture.
        features: of each camera.
        progress: is told of pictures.

    Raises:
        DemonstrationError: a picture cannot be decoded.
        FeatureError: features are not finite.
    """
    progress, readers = progress or Silent(), features or {}
    progress.start("Features of demonstrations", sum(map(len, episodes)) * len(cameras))
    seen = []
    for episode in episodes:
        views = [_features(episode, camera.name, readers[camera.name], progress) for camera in cameras]
        seen.append(torch.cat(views, 1) if views else torch.empty(len(episode), 0, dtype=torch.float16))
    progress.stop()
    return Demonstrations(
        torch.cat(seen),
        torch.from_numpy(np.concatenate([episode.state for episode in episodes])),
        torch.from_numpy(np.concatenate([episode.actions for episode in episodes])),
    )


def _features(episode: PreparedEpisode, camera: str, read: Features, progress: Progress) -> Tensor:
    parts = []
    for pictures in episode.cameras[camera].chunks(_AT_ONCE):
        parts.append(read(pictures))
        progress.advance(len(pictures))
    return torch.cat(parts)
