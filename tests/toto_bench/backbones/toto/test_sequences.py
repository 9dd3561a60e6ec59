"""Start token, codes in raster order, end token."""

import pytest
import torch

from toto_bench.backbones.toto.sequences import kind_of, pack


@pytest.mark.parametrize(("kind", "start"), [("video", 1), ("images", 3)])
def test_sequence_is_start_codes_of_each_frame_and_end(kind, start, make_small):
    ids = torch.arange(24, dtype=torch.int32).reshape(2, 2, 2, 3)
    packed = pack(ids, kind, make_small())
    assert packed.dtype == torch.int64
    assert packed.tolist() == [[start, *range(4, 16), 2], [start, *range(16, 28), 2]]


def test_ids_are_those_of_the_configuration(make_small):
    config = make_small(code_offset=10, video_start=5, video_end=6)
    assert pack(torch.zeros(1, 1, 1, 2, dtype=torch.uint8), "video", config).tolist() == [[5, 10, 10, 6]]


def test_one_frame_is_an_image():
    assert [kind_of(frames) for frames in (1, 2, 16)] == ["images", "video", "video"]
