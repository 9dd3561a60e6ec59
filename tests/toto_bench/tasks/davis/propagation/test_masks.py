"""Covers: encoding of first masks and read-out of soft labels, for both variants."""

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from toto_bench.tasks.davis.propagation import PropagationError, decode_labels, encode_first_mask


def squares(shape=(48, 80)):
    labels = np.zeros(shape, dtype=np.uint8)
    labels[8:24, 16:40] = 1
    labels[24:40, 40:72] = 3
    return labels


class TestEncodeDino:
    def test_is_the_nearest_label_one_hot_up_to_the_largest(self):
        soft, ids = encode_first_mask(squares(), (6, 10))
        small = np.asarray(Image.fromarray(squares()).resize((10, 6), Image.Resampling.NEAREST))
        assert ids == (0, 1, 2, 3)
        assert soft.shape == (4, 6, 10)
        assert soft.dtype == torch.float32
        np.testing.assert_array_equal(soft.argmax(0).numpy(), small)
        assert not soft[2].any()

    def test_a_largest_label_lost_by_the_resize_gets_no_channel(self):
        labels = squares()
        labels[0, 0] = 7
        assert encode_first_mask(labels, (6, 10)).ids == (0, 1, 2, 3)

    def test_background_alone_is_one_channel(self):
        soft, ids = encode_first_mask(np.zeros((48, 80), dtype=np.uint8), (6, 10))
        assert ids == (0,)
        assert torch.equal(soft, torch.ones(1, 6, 10))


class TestEncodeVideowalk:
    def test_is_the_bilinear_resize_of_the_labels_present(self):
        soft, ids = encode_first_mask(squares(), (5, 9), "videowalk")
        assert ids == (0, 1, 3)
        for channel, label in zip(soft.numpy(), ids, strict=True):
            expected = cv2.resize((squares() == label).astype(np.float32), (9, 5))
            np.testing.assert_allclose(channel, expected, atol=1e-6)

    def test_one_label(self):
        soft, ids = encode_first_mask(np.full((48, 80), 2, dtype=np.uint8), (6, 10), "stc")
        assert ids == (2,)
        assert torch.equal(soft, torch.ones(1, 6, 10))


class TestDecode:
    @pytest.mark.parametrize("variant", ["dino", "videowalk"])
    def test_brings_aligned_squares_back(self, variant):
        soft, ids = encode_first_mask(squares(), (6, 10), variant)
        decoded = decode_labels(soft, ids, (48, 80), 8, variant)
        assert decoded.dtype == np.uint8
        assert decoded.shape == (48, 80)
        assert (decoded == squares()).mean() > 0.9
        assert set(np.unique(decoded)) == {0, 1, 3}

    def test_dino_stretches_weak_objects(self):
        soft = torch.full((2, 4, 4), 0.9)
        soft[1] = 0.0
        soft[0, 1, 1], soft[1, 1, 1] = 0.8, 0.2
        assert decode_labels(soft, (0, 1), (32, 32), 8).any()
        assert not decode_labels(soft, (0, 1), (32, 32), 8, normalise_masks=False).any()

    def test_dino_lets_a_constant_channel_win(self):
        """0/0 is NaN, and NaN is the largest to torch.max, as in the reference."""
        soft = torch.stack([torch.rand(4, 4), torch.full((4, 4), 0.25)])
        assert (decode_labels(soft, (0, 1), (32, 32), 8) == 1).all()

    def test_dino_gives_background_alone_label_0(self):
        assert not decode_labels(torch.ones(1, 4, 4), (0,), (32, 32), 8).any()

    def test_dino_takes_the_first_of_equal_channels(self):
        soft = torch.zeros(3, 4, 4)
        soft[1:, 1:3, 1:3] = 1.0
        decoded = decode_labels(soft, (0, 1, 2), (32, 32), 8, normalise_masks=False)
        assert set(np.unique(decoded)) == {0, 1}

    def test_a_patch_that_does_not_divide_the_frame_still_fills_the_size(self):
        assert decode_labels(torch.rand(2, 34, 59), (0, 1), (480, 854), 14).shape == (480, 854)

    def test_videowalk_stretches_each_cell_only_if_asked(self):
        soft = torch.zeros(2, 2, 2)
        soft[:, :, 0], soft[0, :, 1] = torch.tensor([[0.4], [0.6]]), 1.0
        plain = decode_labels(soft, (0, 5), (2, 16), 8, "videowalk")
        stretched = decode_labels(soft, (0, 5), (2, 16), 8, "videowalk", normalise_masks=True)
        assert (plain == 5).sum() < (stretched == 5).sum()

    def test_ids_must_fit(self):
        with pytest.raises(PropagationError, match="do not fit 2 label ids"):
            decode_labels(torch.zeros(3, 4, 4), (0, 1), (32, 32), 8)


@pytest.mark.parametrize(
    "labels",
    [
        np.zeros((4, 4, 3), dtype=np.uint8),
        np.zeros((4, 4)),
        np.full((4, 4), 256),
        np.full((4, 4), -1),
        np.zeros((0, 4), dtype=np.uint8),
    ],
)
def test_what_is_no_label_map_is_refused(labels):
    with pytest.raises(PropagationError, match="first mask"):
        encode_first_mask(labels, (2, 2))


def test_an_empty_grid_is_refused():
    with pytest.raises(PropagationError, match="grid"):
        encode_first_mask(squares(), (0, 4))
