"""Frames on disk, and batches of them."""

from pathlib import Path

import torch

from toto_bench.robots.learning.demonstrations import ACTIONS, PROPRIO, SEEN, Aggregated, Demonstrations


def frames(count: int, first: int = 0) -> Demonstrations:
    numbers = torch.arange(first, first + count).float()
    return Demonstrations(numbers[:, None].half(), numbers[:, None], -numbers[:, None])


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "frames.safetensors"
    frames(5).save(path)
    loaded = Demonstrations.load(path)
    assert loaded is not None
    assert loaded.seen.dtype == torch.float16
    assert all(torch.equal(one, two) for one, two in zip(loaded, frames(5), strict=True))


def test_damaged_file_is_as_none(tmp_path: Path) -> None:
    path = tmp_path / "frames.safetensors"
    frames(5).save(path)
    path.write_bytes(path.read_bytes()[:-3])
    assert Demonstrations.load(path) is None
    assert not path.exists()


def test_every_frame_of_all_rounds_comes_once_an_epoch() -> None:
    data = Aggregated([frames(7), frames(5, 7)], seed=3)
    assert len(data) == 12
    batches = [data.read(range(at, at + 4)) for at in range(0, 12, 4)]
    numbers = torch.cat([batch[PROPRIO] for batch in batches]).flatten()
    assert sorted(numbers.tolist()) == list(range(12))
    assert numbers.tolist() != list(range(12))
    for batch in batches:
        assert torch.equal(batch[PROPRIO], -batch[ACTIONS])
        assert torch.equal(batch[SEEN], batch[PROPRIO])
        assert batch[SEEN].dtype == torch.float32


def test_order_does_not_depend_on_batches() -> None:
    data = Aggregated([frames(7), frames(5, 7)], seed=3)
    whole = data.read(range(30))[PROPRIO]
    parts = torch.cat([data.read(range(10 * k, 10 * k + 10))[PROPRIO] for k in range(3)])
    assert torch.equal(whole, parts)
