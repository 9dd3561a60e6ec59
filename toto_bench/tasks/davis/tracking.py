"""One sequence: all layers propagate in lockstep behind one encoder."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.tasks.davis.encoder import FrameEncoder
from toto_bench.tasks.davis.propagation import (
    PropagationSettings,
    Propagator,
    decode_labels,
    encode_first_mask,
)
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import VideoSequence, read_truth
from toto_bench.tasks.davis.resolve import stride_of


def settings_of(protocol: DavisProtocol) -> PropagationSettings:
    """The part of the protocol that propagation needs."""
    return PropagationSettings(
        context_frames=protocol.context_frames,
        top_k=protocol.top_k,
        radius=protocol.radius,
        temperature=protocol.temperature,
        variant=protocol.variant,
        normalise_first=protocol.variant == "videowalk" and protocol.normalise_masks,
    )


class Lane:
    """One layer of one sequence: its propagator, and how its labels are read out."""

    def __init__(
        self, features: Tensor, first: NDArray[np.uint8], stride: int, protocol: DavisProtocol
    ) -> None:
        encoded = encode_first_mask(first, (features.shape[0], features.shape[1]), protocol.variant)
        self.propagator = Propagator(features, encoded.soft, settings_of(protocol))
        self.ids, self.stride, self.protocol = encoded.ids, stride, protocol
        self.size = (first.shape[0], first.shape[1])

    def step(self, features: Tensor) -> NDArray[np.uint8]:
        """Labels [H, W] of the next frame, from its features [h, w, D]."""
        soft = self.propagator.step(features)
        protocol = self.protocol
        return decode_labels(
            soft, self.ids, self.size, self.stride, protocol.variant, protocol.normalise_masks
        )


def track(sequence: VideoSequence, encoder: FrameEncoder) -> Iterator[dict[int, NDArray[np.uint8]]]:
    """Labels [H, W] of each layer, frame by frame; those of frame 0 are the annotation itself.

    Memory is layers x (contexts + 1) frames, however long the video is.
    """
    assert sequence.masks[0] is not None
    context, protocol = encoder.context, encoder.protocol
    first = read_truth(sequence.masks[0], protocol)
    lanes: dict[int, Lane] = {}
    for features in encoder.encode(sequence.frames):
        with context.stage("propagate"):
            if lanes:
                labels = {layer: lane.step(features[layer]) for layer, lane in lanes.items()}
            else:
                labels = dict.fromkeys(encoder.layers, first)
                lanes = {layer: _lane(layer, features, first, encoder) for layer in encoder.layers}
        context.progress.advance()
        yield labels


def _lane(layer: int, features: dict[int, Tensor], first: NDArray[np.uint8], encoder: FrameEncoder) -> Lane:
    stride = stride_of(layer, encoder.backbone.info)
    return Lane(features[layer], first, stride, encoder.protocol)
