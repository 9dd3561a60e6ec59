"""Soft labels and label maps equal those printed by the official code of DINO and of videowalk."""

import numpy as np
import pytest
import torch

from toto_bench.tasks.davis.propagation import PropagationSettings, Propagator, decode_labels, propagate

DINO_CASES = [
    "three_default",
    "three_r0_nomask_k3_n2",
    "three_k1_r2",
    "border_r5",
    "ties_constant_features_r1",
    "background_only",
    "missing_middle_label",
]


@pytest.mark.parametrize("case", DINO_CASES)
def test_dino(golden_dino, case):
    expected = golden_dino.cases[case]
    soft = propagate(
        golden_dino.tensor(expected["feats"])[: expected["frames"]],
        golden_dino.tensor(f"{case}__first_onehot")[0].float(),
        context_frames=expected["n_last_frames"],
        top_k=expected["topk"],
        radius=expected["size_mask_neighborhood"],
        temperature=expected["temperature"],
    )
    torch.testing.assert_close(soft, golden_dino.tensor(f"{case}__soft"), atol=1e-5, rtol=0)
    ids, size = tuple(range(expected["C"])), tuple(expected["out_size"])
    for frame, labels in zip(soft, golden_dino.arrays[f"{case}__labels"], strict=True):
        np.testing.assert_array_equal(decode_labels(frame, ids, size, expected["patch_size"]), labels)


def test_all_dino_cases_are_tested(golden_dino):
    assert [name for name in golden_dino.cases if not name.startswith("_")] == DINO_CASES


@pytest.mark.parametrize("case", ["vw_L4_k5_r3_T05", "vw_L4_k5_r3_T05_normmask", "vw_L2_k10_r12_T07"])
def test_videowalk(golden_videowalk, case):
    expected = golden_videowalk.cases[case]
    norm_mask = expected["norm_mask"]
    frames = 2 if norm_mask else expected["frames"]  # later frames hang on how torch.topk orders ties
    features = golden_videowalk.tensor("feats")[:frames]
    first = golden_videowalk.tensor(f"{case}__first_soft").permute(2, 0, 1)
    settings = PropagationSettings(
        expected["videoLen"],
        expected["topk"],
        expected["radius"],
        expected["temperature"],
        "videowalk",
        normalise_first=norm_mask,
    )
    propagator = Propagator(features[0], first, settings)
    soft = torch.stack([first] + [propagator.step(frame) for frame in features[1:]])
    ids, size = tuple(range(expected["C"])), tuple(expected["out_size"])
    for frame, labels in zip(soft, golden_videowalk.arrays[f"{case}__labels"][:frames], strict=True):
        decoded = decode_labels(frame, ids, size, 8, "videowalk", normalise_masks=norm_mask)
        np.testing.assert_array_equal(decoded, labels)
    if norm_mask:
        soft = soft - soft.amin(1, keepdim=True)
        soft = soft / soft.amax(1, keepdim=True)
    official = golden_videowalk.tensor(f"{case}__soft").permute(0, 3, 1, 2)[:frames]
    torch.testing.assert_close(soft, official, atol=1e-5, rtol=0)
