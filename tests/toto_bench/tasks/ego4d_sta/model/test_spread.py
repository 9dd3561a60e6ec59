"""Token maps over planes: places, borders, padding, exactness."""

import pytest
import torch
import torch.nn.functional as F

from toto_bench.tasks.ego4d_sta.model.spread import canvas_of, inside, spread


def test_the_canvas_holds_all_planes() -> None:
    assert canvas_of(torch.tensor([[128, 170], [100, 228]])) == (128, 256)
    assert canvas_of(torch.tensor([[64, 64]])) == (64, 64)
    assert canvas_of(torch.tensor([[800, 1333], [800, 1067]])) == (832, 1344)


@pytest.mark.parametrize("nearest", [False, True])
def test_a_constant_stays_one_inside_and_is_zero_beyond(nearest: bool) -> None:
    sizes = torch.tensor([[128, 170], [70, 228]])
    laid = spread(torch.ones(2, 3, 8, 8), sizes, 8, nearest=nearest)
    assert laid.shape == (2, 3, 16, 32)
    for plane, (height, width) in zip(laid, sizes.tolist(), strict=True):
        # One cell at or beyond the border is still the plane's, for boxes that end there.
        rows, columns = min(-(-height // 8) + 1, 16), min(-(-width // 8) + 1, 32)
        assert torch.allclose(plane[:, :rows, :columns], torch.tensor(1.0))
        assert plane[:, rows:].abs().sum() == plane[:, :, columns:].abs().sum() == 0


def test_a_ramp_is_read_where_its_cells_stand() -> None:
    """Tokens know the pixel of their centre: between the outermost centres every cell must read its own pixel."""
    height, width = 96, 160
    centres = (torch.arange(16) + 0.5) * width / 16
    ramp = centres.expand(1, 1, 16, 16).contiguous()
    laid = spread(ramp, torch.tensor([[height, width]]), 4)
    pixels = torch.arange(48) * 4.0
    expected = pixels.clamp(centres[0].item(), centres[-1].item())
    assert torch.allclose(laid[0, 0, 0, :41], expected[:41], atol=1e-4)
    upright = spread(ramp.mT.contiguous() * height / width, torch.tensor([[height, width]]), 4)
    assert torch.allclose(upright[0, 0, :25, 3], (torch.arange(25) * 4.0).clamp(3, 93), atol=1e-4)


def test_far_cells_take_a_mean_and_not_a_sample() -> None:
    """32 tokens over 128 pixels, cells of 64: a checkerboard becomes grey."""
    board = ((torch.arange(32)[:, None] + torch.arange(32)) % 2).float()[None, None]
    laid = spread(board, torch.tensor([[128, 128]]), 64)
    assert torch.allclose(laid, torch.tensor(0.5), atol=0.02)


def test_nearest_is_torchs_where_sizes_divide() -> None:
    maps = torch.randn(1, 2, 8, 8)
    laid = spread(maps, torch.tensor([[128, 128]]), 4, nearest=True)
    assert torch.equal(laid, F.interpolate(maps, (32, 32), mode="nearest"))


def test_planes_of_a_batch_do_not_touch_each_other() -> None:
    maps = torch.randn(2, 2, 8, 8)
    sizes = torch.tensor([[128, 100], [96, 256]])
    both = spread(maps, sizes, 16)
    alone = spread(maps[:1], sizes[:1], 16)
    assert torch.allclose(both[:1, :, :, :8], alone, atol=1e-6)
    assert both[0, :, :, 8:].abs().sum() == 0


def test_float64_stays_float64() -> None:
    maps = torch.randn(1, 1, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: spread(x, torch.tensor([[64, 90]]), 32), maps)


def test_inside() -> None:
    mask = inside(torch.tensor([[64, 65], [128, 128]]), 2, 2, 64)
    assert mask.tolist() == [[[True, True], [False, False]], [[True, True], [True, True]]]
