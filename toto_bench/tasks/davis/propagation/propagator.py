"""Carrying the labels of a first frame through a video."""

import torch
from torch import Tensor

from toto_bench.tasks.davis.propagation.dino import DinoPropagation
from toto_bench.tasks.davis.propagation.errors import PropagationError
from toto_bench.tasks.davis.propagation.memory import Orientation
from toto_bench.tasks.davis.propagation.precision import full_float32
from toto_bench.tasks.davis.propagation.settings import PropagationSettings, resolve_variant
from toto_bench.tasks.davis.propagation.videowalk import VideowalkPropagation


class Propagator:
    """Labels a video frame by frame, remembering the first frame and the latest predictions.

    Args:
        features: Dense features ``[h, w, D]`` of the first frame, raw (they are normalised here), any float
            type, on the device that shall do the work.
        labels: Its labels ``[C, h, w]``: one-hot, or soft.
        settings: The protocol; DINO's by default.

    Raises:
        PropagationError: If shapes do not fit together or values are not finite.
    """

    def __init__(self, features: Tensor, labels: Tensor, settings: PropagationSettings | None = None) -> None:
        self.settings = settings or PropagationSettings()
        _check_features(features, "the first frame")
        _check_labels(labels, features)
        self._shape, self._steps = features.shape, 0
        self._device = features.device
        self._orientation = Orientation(*features.shape[:2])
        kind = DinoPropagation if self.settings.variant == "dino" else VideowalkPropagation
        with torch.no_grad():
            self._propagation = kind(
                self._orientation.features(features, "the first frame"),
                self._orientation.labels(labels.to(features.device)),
                self.settings,
            )

    @torch.no_grad()
    def step(self, features: Tensor) -> Tensor:
        """Label the next frame.

        Args:
            features: Its raw features ``[h, w, D]``.

        Returns:
            Soft labels ``[C, h, w]``, float32. They are also what later frames take their labels from.

        Raises:
            PropagationError: If the shape is not the first frame's, or a value is not finite.
        """
        name = f"frame {self._steps + 1}"
        if features.shape != self._shape:
            raise PropagationError(
                f"The features of {name} have shape {list(features.shape)}, those of the first frame "
                f"{list(self._shape)}; all frames of a video must be encoded at one size."
            )
        with full_float32(self._device):
            labels = self._propagation.step(self._orientation.features(features.to(self._device), name))
        self._steps += 1
        return self._orientation.grid(labels)


def propagate(
    features: Tensor,
    first_mask: Tensor,
    *,
    context_frames: int = 7,
    top_k: int = 5,
    radius: float = 12,
    temperature: float = 0.1,
    variant: str = "dino",
) -> Tensor:
    """Propagate the labels of frame 0 through a whole video.

    Args:
        features: Raw features ``[T, h, w, D]``.
        first_mask: Labels ``[C, h, w]`` of frame 0, one-hot or soft.
        context_frames: Latest predictions in the queue, beside the first frame.
        top_k: Source cells that vote for a cell.
        radius: Reach of the window in grid cells (``dino``: square, 0 for none; ``videowalk``: Euclidean).
        temperature: Affinity is exp(cosine / temperature).
        variant: ``dino`` or ``videowalk`` (also called ``stc``).

    Returns:
        Soft labels ``[T - 1, C, h, w]`` of frames 1 to T - 1, float32.

    Raises:
        PropagationError: If a setting is out of range, shapes do not fit, or values are not finite.
    """
    settings = PropagationSettings(context_frames, top_k, radius, temperature, resolve_variant(variant))
    if features.dim() != 4 or len(features) == 0:
        raise PropagationError(
            f"features have shape {list(features.shape)}; expected [T, h, w, D] with at least one frame."
        )
    propagator = Propagator(features[0], first_mask, settings)
    labels = first_mask.new_empty(
        len(features) - 1, *first_mask.shape, dtype=torch.float32, device=features.device
    )
    for frame in range(1, len(features)):
        labels[frame - 1] = propagator.step(features[frame])
    return labels


def _check_features(features: Tensor, name: str) -> None:
    if features.dim() != 3 or 0 in features.shape:
        raise PropagationError(
            f"The features of {name} have shape {list(features.shape)}; expected [h, w, D], none of them 0."
        )
    if not features.is_floating_point():
        raise PropagationError(f"The features of {name} are {features.dtype}; expected a float type.")


def _check_labels(labels: Tensor, features: Tensor) -> None:
    if labels.dim() != 3 or labels.shape[0] == 0 or labels.shape[1:] != features.shape[:2]:
        raise PropagationError(
            f"The first labels have shape {list(labels.shape)}; expected [C, {features.shape[0]}, "
            f"{features.shape[1]}] (at least one label, and the grid of the features). Bring a mask to the "
            "grid with encode_first_mask."
        )
    if labels.is_floating_point() and not torch.isfinite(labels).all():
        raise PropagationError("The first labels hold NaN or infinite values; expected one-hot or soft ones.")
