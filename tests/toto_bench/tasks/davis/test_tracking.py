"""Lockstep over layers gives what each layer alone would give."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.davis import DavisProtocol, propagate
from toto_bench.tasks.davis.encoder import FrameEncoder
from toto_bench.tasks.davis.propagation import decode_labels, encode_first_mask
from toto_bench.tasks.davis.reader import find_sequence, read_truth
from toto_bench.tasks.davis.tracking import track


@pytest.mark.parametrize("preset", ["dino", "stc"])
def test_layers_in_lockstep_equal_layers_alone(
    make_davis: Callable[..., Path], protocol: Callable[..., DavisProtocol], context: RunContext, preset: str
) -> None:
    """Three layers of a small CNN with three strides, against `propagate` on the features of each."""
    changes = {"resolution": 96} if preset == "dino" else {}
    values = protocol(preset, context_frames=2, top_k=4, radius=3, **changes)
    sequence = find_sequence(make_davis(frames=5), "seq-a", values)
    backbone = load_backbone("timm:test_efficientnet", random_init=True)
    layers = (1, 2, 3)
    encoder = FrameEncoder(backbone, layers, values, context)
    tracked = list(track(sequence, encoder))
    features = list(encoder.encode(sequence.frames))
    first = read_truth(sequence.masks[0], values)
    for layer in layers:
        stack = torch.stack([frame[layer] for frame in features])
        encoded = encode_first_mask(first, tuple(stack.shape[1:3]), values.variant)
        soft = propagate(
            stack,
            encoded.soft,
            context_frames=2,
            top_k=4,
            radius=3,
            temperature=values.temperature,
            variant=values.variant,
        )
        stride = backbone.info.layer(layer).stride
        expected = [
            decode_labels(s, encoded.ids, first.shape, stride, values.variant, values.normalise_masks)
            for s in soft
        ]
        assert np.array_equal(tracked[0][layer], first)
        assert all(np.array_equal(t[layer], e) for t, e in zip(tracked[1:], expected, strict=True))
