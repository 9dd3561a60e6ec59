"""A policy answers the same for one and for many, refuses what it did not learn from, and never gives NaN."""

import numpy as np
import pytest
import torch

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.load import load_backbone
from toto_bench.robots.errors import ActionError
from toto_bench.robots.policy import (
    ActionSpec,
    CameraSpec,
    Crop,
    Normalisation,
    Observation,
    ObservationError,
    Policy,
    PolicyBackboneError,
    PolicySpec,
    make_policy,
    readout_of,
)


def backbone(seed: int = 0) -> Backbone:
    return load_backbone("toto-nano", random_init=True, seed=seed)


def spec_for(read: Backbone | None, **changes: object) -> PolicySpec:
    values: dict[str, object] = {
        "proprio": ("a", "b", "c"),
        "proprio_statistics": Normalisation(mean=(0.5, -1.0, 2.0), std=(2.0, 1.0, 0.5)),
        "action": ActionSpec(
            kind="joint-delta", names=("j1", "j2"), statistics=Normalisation(mean=(0.1, 0.2), std=(0.3, 0.4))
        ),
        "rate_hz": 10.0,
        "chunk": 3,
    }
    if read is not None:
        values["cameras"] = (
            CameraSpec(name="wrist", height=40, width=60, crop=Crop(top=4, left=20, height=32, width=32)),
            CameraSpec(name="front", height=32, width=32),
        )
        values["readout"] = readout_of(read, layer=2, resolution=32)
    return PolicySpec.model_validate(values | changes)


def seen(count: int, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    draw = np.random.default_rng(seed)
    images = {
        "wrist": draw.integers(0, 256, (count, 40, 60, 3), dtype=np.uint8),
        "front": draw.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8),
    }
    return images, draw.normal(size=(count, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def policy() -> Policy:
    read = backbone()
    policy = make_policy(spec_for(read), read, seed=3)
    with torch.no_grad():  # so that features and proprioception matter
        policy.head.mlp[-1].weight.mul_(100)
    return policy


def test_one_and_many_get_the_same_numbers(policy: Policy) -> None:
    images, proprio = seen(37)
    together = policy.act_batch(images, proprio)
    policy.reset()
    assert together.shape == (37, 3, 2)
    assert together.dtype == np.float32
    for index in range(37):
        one = {name: pictures[index] for name, pictures in images.items()}
        chunk = policy.act(Observation(one, proprio[index], time=4.5))
        np.testing.assert_array_equal(chunk.actions, together[index])
    assert (chunk.kind, chunk.period, chunk.time) == ("joint-delta", 0.1, 4.5)
    assert np.unique(together.reshape(37, -1), axis=0).shape[0] == 37


def test_acting_is_the_head_on_features_and_statistics(policy: Policy) -> None:
    images, proprio = seen(4)
    features = policy.features(images)
    assert features is not None
    statistics = policy.spec.proprio_statistics
    assert statistics is not None
    with torch.inference_mode():
        raw = policy.head(features, torch.tensor(statistics.apply(proprio), dtype=torch.float32)).numpy()
    expected = raw * np.array([0.3, 0.4]) + np.array([0.1, 0.2])
    np.testing.assert_allclose(policy.act_batch(images, proprio), expected, rtol=1e-4, atol=1e-5)


def test_only_the_crop_of_its_own_camera_counts(policy: Policy) -> None:
    images, proprio = seen(1)
    before = policy.act_batch(images, proprio)
    outside = {**images, "wrist": images["wrist"].copy(), "third": np.zeros(3)}
    outside["wrist"][:, :4] = 0
    np.testing.assert_array_equal(policy.act_batch(outside, proprio), before)
    inside = {**images, "wrist": images["wrist"].copy()}
    inside["wrist"][:, 4:20] = 0
    assert not np.array_equal(policy.act_batch(inside, proprio), before)
    exchanged = {**images, "wrist": images["wrist"].copy()}
    exchanged["wrist"][:, 4:36, 20:52] = images["front"]
    assert not np.array_equal(policy.act_batch(exchanged, proprio), before)


def test_features_are_the_mean_of_the_layers_patches(policy: Policy) -> None:
    images, _ = seen(2)
    features = policy.features(images)
    assert features is not None
    read = backbone()
    video = torch.tensor(images["front"]).permute(0, 3, 1, 2)[:, None] / 255
    with torch.inference_mode():
        [tokens] = read.forward_layers(read.prepare(video), [2])
    width = read.info.layer(2).dim
    torch.testing.assert_close(
        features[:, width:], tokens.patches.flatten(1, 3).mean(1), rtol=1e-3, atol=1e-5
    )


def test_without_cameras_it_reads_the_state_alone() -> None:
    policy = make_policy(spec_for(None))
    proprio = seen(5)[1]
    together = policy.act_batch({}, proprio)
    np.testing.assert_array_equal(policy.act(Observation({}, proprio[4])).actions, together[4])
    assert policy.features({}) is None


def test_the_head_is_drawn_from_its_seed_with_the_gains_of_mvp() -> None:
    spec = spec_for(None, chunk=1)
    first, again, other = (make_policy(spec, seed=seed).head for seed in (1, 1, 2))
    torch.testing.assert_close(first.state_dict(), again.state_dict(), rtol=0, atol=0)
    assert not torch.equal(first.mlp[0].weight, other.mlp[0].weight)
    widths = [tuple(layer.weight.shape) for layer in first.mlp if isinstance(layer, torch.nn.Linear)]
    assert widths == [(256, 128), (128, 256), (64, 128), (2, 64)]
    for place, gain in ((2, 2.0), (4, 2.0), (6, 1e-4)):
        weight = first.mlp[place].weight
        torch.testing.assert_close(weight @ weight.T, gain * torch.eye(len(weight)), rtol=1e-4, atol=1e-5)


def test_features_are_standardised_by_what_was_seen(policy: Policy) -> None:
    head = make_policy(policy.spec, policy.reader.backbone if policy.reader else None).head
    features = torch.randn(50, policy.spec.features, generator=torch.manual_seed(0)) * 40 + 7
    proprio = torch.zeros(50, 3)
    scaled = (features - features.mean(0)) / features.std(0)
    expected = head(scaled, proprio)
    head.standardise(features)
    torch.testing.assert_close(head(features, proprio), expected, rtol=1e-4, atol=1e-5)


def test_actions_that_are_not_finite_are_an_error() -> None:
    policy = make_policy(spec_for(None))
    with torch.no_grad():
        policy.head.mlp[0].bias[0] = float("nan")
    with pytest.raises(ActionError, match="observation 0 of 2 is not finite"):
        policy.act_batch({}, np.zeros((2, 3)))
    huge = make_policy(spec_for(None))
    with torch.no_grad():
        huge.head.mlp[-1].bias.fill_(3e38)
        huge.head.mlp[-1].weight.fill_(3e38)
    with pytest.raises(ActionError, match="not finite"):
        huge.act(Observation({}, np.ones(3, dtype=np.float32)))


def test_wrong_observations_are_told(policy: Policy) -> None:
    images, proprio = seen(2)
    with pytest.raises(ObservationError, match="camera `front`, and the observation has `wrist`"):
        policy.act_batch({"wrist": images["wrist"]}, proprio)
    with pytest.raises(ObservationError, match=r"`wrist` are uint8 \[2, 30, 60, 3\].*uint8 \[2, 40, 60, 3\]"):
        policy.act_batch({**images, "wrist": images["wrist"][:, :30]}, proprio)
    with pytest.raises(ObservationError, match="float32"):
        policy.act_batch({**images, "wrist": images["wrist"].astype(np.float32)}, proprio)
    with pytest.raises(ObservationError, match=r"\[3, 40, 60, 3\]"):
        policy.act_batch(images, np.zeros((3, 3)))
    with pytest.raises(ObservationError, match=r"\[2, 2\]; the policy reads \[N, 3\]: a, b, c"):
        policy.act_batch(images, proprio[:, :2])
    proprio[1, 2] = np.inf
    with pytest.raises(ObservationError, match="`c` of observation 1 is not finite"):
        policy.act_batch(images, proprio)


def test_another_backbone_is_refused(policy: Policy) -> None:
    with pytest.raises(PolicyBackboneError, match=r"weights sha256:.* instead of sha256"):
        Policy(policy.spec, policy.head, backbone(seed=1))
    with pytest.raises(PolicyBackboneError, match="give the backbone"):
        Policy(policy.spec, policy.head)
    moved = backbone()
    with torch.no_grad():
        next(moved.checkpointed().parameters()).view(-1)[0] += 1
    with pytest.raises(PolicyBackboneError):
        Policy(policy.spec, policy.head, moved)
