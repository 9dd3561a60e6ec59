"""Training sequences, and losses by position."""

import csv

import numpy as np
import pytest
import torch

from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers import build_tokenizer
from toto_bench.backbones.toto.transformer import CausalTransformer
from toto_bench.pretraining.objective import NextPatch, NextToken
from toto_bench.pretraining.positions import position_losses, write_losses
from toto_bench.pretraining.sequences import Part, Sequences
from toto_bench.pretraining.speed import macs_of_sequence

CONFIG = TotoConfig(dim=16, heads=2, depth=2, mlp_dim=32, vocabulary=30, grid=2, frames=3)


class Rows:
    """Rows whose ids tell which they are."""

    def __init__(self, count, frames, first):
        self.rows = np.arange(first, first + count, dtype=np.uint16)[:, None, None, None]
        self.rows = np.tile(self.rows, (1, frames, 2, 2))

    def __len__(self):
        return len(self.rows)

    digest = "rows"

    def expect_some(self):
        pass

    def read(self, indices):
        return self.rows[indices]


@pytest.fixture
def sequences():
    parts = {"clips": Part("videos", 1, Rows(5, 3, 0)), "images": Part("images", 1, Rows(10, 1, 10))}
    return Sequences(parts, frames=3, seed=0, config=CONFIG)


def test_clips_and_images_have_their_tokens(sequences):
    packed = sequences.read(range(40))
    assert packed.shape == (40, 3 * 4 + 2)
    videos = packed[:, 0] == CONFIG.video_start
    assert 5 < videos.sum() < 35
    assert (packed[~videos, 0] == CONFIG.image_start).all()
    assert (packed[:, -1] == CONFIG.video_end).all()
    codes = packed[:, 1:-1].reshape(40, 3, 4) - CONFIG.code_offset
    assert (codes[videos] < 5).all() and (codes[~videos] >= 10).all()
    assert (codes[videos] == codes[videos][:, :1, :1]).all()  # a clip is one row
    assert any(len(set(images.unique().tolist())) == 3 for images in codes[~videos])  # images are random ones


def test_one_frame_of_a_video_is_an_image():
    """As backbones read it, or they would begin with a token that was never trained."""
    sequences = Sequences({"clips": Part("videos", 1, Rows(5, 1, 0))}, frames=1, seed=0, config=CONFIG)
    assert (sequences.read(range(8))[:, 0] == CONFIG.image_start).all()


def test_each_image_comes_once_in_an_epoch(sequences):
    packed = sequences.read(range(1000))
    images = (packed[packed[:, 0] == CONFIG.image_start, 1:-1:4] - CONFIG.code_offset).flatten()
    assert sorted(images[:10].tolist()) == list(range(10, 20))
    assert sorted(images[10:20].tolist()) == list(range(10, 20))


def test_sources_of_one_length_have_orders_of_their_own():
    parts = {name: Part("videos", 1, Rows(40, 1, 0)) for name in ("a", "b")}
    samplers = Sequences(parts, frames=1, seed=0, config=CONFIG).samplers
    orders = [samplers[name].indices(range(40)).tolist() for name in ("a", "b")]
    assert sorted(orders[0]) == sorted(orders[1]) and orders[0] != orders[1]


def test_reading_in_parts_is_reading_at_once(sequences):
    whole = sequences.read(range(17, 37))
    parts = torch.cat([sequences.read(range(at, at + 5)) for at in range(17, 37, 5)])
    assert torch.equal(whole, parts)


@pytest.fixture
def objective():
    torch.manual_seed(0)
    return NextToken(CausalTransformer(CONFIG))


def test_the_loss_is_the_cross_entropy_of_the_next_token(objective, sequences):
    ids = sequences.read(range(4))
    model = objective.model
    logits = model.logits(model(model.embed_ids(ids), [CONFIG.depth])[0])
    chosen = logits.log_softmax(-1)[:, :-1].gather(-1, ids[:, 1:, None])[..., 0]
    torch.testing.assert_close(objective(ids)["loss"], -chosen.mean())
    torch.testing.assert_close(objective.eval()(ids)["positions"], -chosen.mean(0))


def test_the_next_patch_follows_the_start_token_of_its_kind():
    """As the backbone itself has it."""
    config = TotoConfig(
        dim=16, heads=2, depth=1, mlp_dim=32, vocabulary=0, tokenizer="patches", patch=16, grid=1
    )
    backbone = Toto("tiny", config, build_tokenizer("patches"))
    pixels = torch.randint(0, 256, (2, 3, 16, 16, 3), dtype=torch.uint8)
    inputs = backbone.prepare(pixels.permute(0, 1, 4, 2, 3).float() / 255)
    losses = {}
    for kind, images in (("images", True), ("video", False)):
        expected, _ = backbone.forward_with_loss(inputs, [], kind=kind)
        found = NextPatch(backbone)({"pixels": pixels, "images": torch.tensor([images] * 2)})["loss"]
        torch.testing.assert_close(found, expected)
        losses[kind] = float(found.detach())
    assert losses["images"] != losses["video"]


def test_losses_by_position_and_frame(objective, sequences, tmp_path):
    arguments = {"grid": (3, 2, 2), "device": torch.device("cpu")}
    found = position_losses(objective, sequences, 10, batch=4, **arguments)
    with torch.no_grad():
        each = torch.stack([objective(sequences.read(range(n, n + 1)))["positions"] for n in range(10)])
    np.testing.assert_allclose(found.positions, each.mean(0)[:-1], rtol=1e-5)
    assert found.mean == pytest.approx(float(each.mean()), rel=1e-5)
    np.testing.assert_allclose(found.frames, found.positions.reshape(3, 4).mean(1))
    paths = write_losses(tmp_path, {"a": found, "b": found})
    rows = list(csv.DictReader(paths[0].open()))
    assert len(rows) == 24
    last = rows[11]
    assert (last["data"], last["position"], last["frame"], last["row"], last["column"]) == (
        "a",
        "11",
        "2",
        "1",
        "1",
    )
    assert float(last["loss"]) == found.positions[11]
    assert [float(row["loss"]) for row in csv.DictReader(paths[1].open())][:3] == list(found.frames)
    assert paths[2].read_bytes().startswith(b"\x89PNG")


def test_multiply_accumulates(objective):
    matrices = 2 * (16 * 48 + 16 * 16 + 3 * 16 * 32)
    expected = 13 * (matrices + 16 * 34) + 2 * 13 * 13 * 16
    assert macs_of_sequence(CONFIG, objective.model.blocks, 13) == expected
