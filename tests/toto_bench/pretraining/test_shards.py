"""Shards: made once, resumable, equal however they are made."""

import json
import os
import shutil

import numpy as np
import pytest
import torch

from toto_bench.errors import DataError
from toto_bench.pretraining import shard_folder
from toto_bench.pretraining.listing import list_files
from toto_bench.pretraining.session import Session
from toto_bench.pretraining.shard_folder import ShardFolder
from toto_bench.pretraining.tokenise import encode, few_ahead, tokenise
from toto_bench.pretraining.views import Viewing, views_of
from toto_bench.training.ranks import Ranks

VIEWING = Viewing(size=24, frames=4, stride=3, views=2, seed=0)
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(shard_folder, "FILES_PER_PART", {"images": 4, "videos": 2, "frames": 2})


@pytest.fixture
def place(tmp_path, tokenizer):
    def make(root, kind="videos", store="store", **changes):
        listing = list_files(root, kind)
        viewing = VIEWING._replace(**changes)
        return ShardFolder(tmp_path / store, listing, kind, tokenizer.identity, viewing)

    return make


def test_rows_are_the_ids_of_the_views(make_videos, place, tokenizer, reporter):
    root = make_videos(5)
    shards = tokenise(place(root), tokenizer, VIEWING, Session(CPU, reporter))
    files = list_files(root, "videos").files
    assert len(shards) == 10 and reporter.advanced == 5
    expected = np.concatenate(
        [encode(views_of(root, file, "videos", VIEWING), tokenizer, CPU) for file in files]
    )
    assert expected.shape == (10, 4, 3, 3) and expected.dtype == np.uint16 and expected.max() > 20
    order = np.array([9, 0, 4, 4])
    assert np.array_equal(shards.read(order), expected[order])


def test_images(make_images, place, tokenizer, reporter):
    shards = tokenise(place(make_images(9), "images"), tokenizer, VIEWING, Session(CPU, reporter))
    assert shards.read(np.arange(18)).shape == (18, 1, 3, 3)


def test_stopped_in_the_middle_it_goes_on(make_videos, place, tokenizer, reporter, monkeypatch):
    root = make_videos(6)
    session = Session(CPU, reporter)
    tokenise(place(root, store="whole"), tokenizer, VIEWING, session)
    write, written = ShardFolder.write, []

    def stopping(self, number, rows, skipped):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(number)
        write(self, number, rows, skipped)

    monkeypatch.setattr(ShardFolder, "write", stopping)
    with pytest.raises(KeyboardInterrupt):
        tokenise(place(root), tokenizer, VIEWING, session)
    assert not place(root).finished
    monkeypatch.setattr(ShardFolder, "write", write)
    reporter.advanced = 0
    tokenise(place(root), tokenizer, VIEWING, session)
    assert reporter.advanced == 2  # only the files of the part that was missing
    expect_same(place(root, store="whole").path, place(root).path)
    tokenise(place(root), tokenizer, VIEWING, session)
    assert reporter.advanced == 2


def expect_same(one, two):
    files = sorted(path.name for path in one.iterdir())
    assert files == sorted(path.name for path in two.iterdir()) and len(files) == 7
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in files)


def test_two_processes_make_the_same(make_videos, place, tokenizer, reporter, monkeypatch):
    root = make_videos(6)
    tokenise(place(root, store="one"), tokenizer, VIEWING, Session(CPU, reporter))
    monkeypatch.setattr(Ranks, "barrier", lambda self: None)
    monkeypatch.setattr(Ranks, "total", lambda self, values, device: list(values))
    monkeypatch.setattr(ShardFolder, "open", lambda self: None)
    monkeypatch.setattr("toto_bench.pretraining.tokenise._report", lambda *_: None)
    for rank in (1, 0):  # the first, which finishes, comes last
        tokenise(place(root, store="two"), tokenizer, VIEWING, Session(CPU, reporter, Ranks(rank, 2)))
    expect_same(place(root, store="one").path, place(root, store="two").path)


def test_what_decides_the_ids_decides_the_place(make_videos, place, tokenizer):
    root = make_videos(2)
    paths = {
        place(root, **changes).path
        for changes in ({}, {"size": 32}, {"frames": 3}, {"stride": 2}, {"views": 1}, {"seed": 1})
    }
    assert len(paths) == 6
    os.utime(root / "group0/000.mp4", (1, 1))
    paths.add(place(root).path)
    (root / "group0/000.mp4").write_bytes(b"x")
    paths.add(place(root).path)
    assert len(paths) == 8
    own = place(root)
    others = [
        ShardFolder(own.path.parent, own.listing, "videos", "another", VIEWING),
        ShardFolder(own.path.parent, own.listing, "frames", tokenizer.identity, VIEWING),
    ]
    assert len({own.path, *(other.path for other in others)}) == 3


def test_the_digest_is_that_of_the_ids(make_videos, place, tokenizer, reporter):
    """A file that was only touched gives the same ids; another one in its place does not."""
    root = make_videos(3)
    session = Session(CPU, reporter)
    first = tokenise(place(root), tokenizer, VIEWING, session)
    os.utime(root / "group0/000.mp4", (1, 1))
    assert tokenise(place(root), tokenizer, VIEWING, session).digest == first.digest
    shutil.copy(root / "group0/000.mp4", root / "group0/002.mp4")
    assert tokenise(place(root), tokenizer, VIEWING, session).digest != first.digest


def test_single_frames_of_videos(make_videos, place, tokenizer, reporter):
    shards = tokenise(place(make_videos(3), "frames"), tokenizer, VIEWING, Session(CPU, reporter))
    assert shards.read(np.arange(6)).shape == (6, 1, 3, 3)


def test_links_to_nothing_are_left_out_and_named(make_videos, place, tokenizer, reporter):
    root = make_videos(2)
    (root / "lost.mp4").symlink_to(root / "nowhere.mp4")
    assert len(tokenise(place(root), tokenizer, VIEWING, Session(CPU, reporter))) == 4
    assert "lost.mp4" in reporter.said[0]


def test_files_that_cannot_be_read_are_left_out_and_named(make_videos, place, tokenizer, reporter):
    root = make_videos(3)
    (root / "group0/bad.mp4").write_bytes(b"no video")
    shards = tokenise(place(root), tokenizer, VIEWING, Session(CPU, reporter))
    assert len(shards) == 6
    assert "1 of 4 files" in reporter.said[0] and "bad.mp4" in reporter.said[0]
    assert list(json.loads((place(root).path / "manifest.json").read_text())["skipped"]) == ["group0/bad.mp4"]


def test_nothing_to_read_is_an_error(make_videos, place, tokenizer, reporter):
    root = make_videos(2, frames=5)
    shards = tokenise(place(root), tokenizer, VIEWING, Session(CPU, reporter))
    with pytest.raises(DataError, match=r"None of the 2 files could.*too few"):
        shards.expect_some()


def test_damaged_shards_say_so(make_videos, place, tokenizer, reporter):
    root = make_videos(3)
    tokenise(place(root), tokenizer, VIEWING, Session(CPU, reporter))
    path = place(root).path / "part-000000.npy"
    path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(DataError, match="Remove the folder: it is made again"):
        place(root).open().read(np.array([0]))
    (place(root).path / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="Remove the folder"):
        place(root).open()


def test_few_ahead_keeps_the_order():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        for count in (0, 2, 4, 9):
            names = [str(number) for number in range(count)]
            assert list(few_ahead(pool, lambda name: name * 2, names)) == [name * 2 for name in names]
