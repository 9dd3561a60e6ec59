"""`data check` of Kinetics."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toto_bench.samples.bundle import BUNDLE
from toto_bench.tasks.kinetics400.check import LISTED, check
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol
from toto_bench.tasks.kinetics400.reader import read_kinetics
from toto_bench.tasks.kinetics400.views import read_scored_views, read_train_view
from toto_bench.tasks.recognition.problems import training_examples

Protocol = Callable[..., KineticsProtocol]
Touch = Callable[..., Path]
Listing = Callable[..., Path]


@pytest.fixture
def copy(touch: Touch, listing: Listing, clip: bytes) -> Path:
    """Of six videos in each split one is cut, one is empty and one is missing."""
    for split in ("train", "val"):
        listing(
            f"annotations/{split}.csv",
            [
                "label,youtube_id,time_start,time_end,split",
                *(f"yoga,{split}{i},{i},{i + 10},{split}" for i in range(6)),
            ],
        )
        videos = [f"{split}/{split}{i}_{i:06d}_{i + 10:06d}.mp4" for i in range(6)]
        root = touch(*videos[:3])
        touch(videos[3], content=clip[: len(clip) // 2])
        touch(videos[4], content=b"")
    return root


def test_broken_videos_are_named_and_counted(copy: Path, protocol: Protocol) -> None:
    """Of both splits; they keep only themselves from being scored."""
    report = check(copy, protocol(), thorough=True)
    assert (report.name, report.comparable) == ("Kinetics-400", False)
    kinds = {name.split("_")[0]: problem.split(":")[0] for name, problem in report.problems.items()}
    assert kinds == {"val3": "unreadable", "val4": "unreadable", "val5": "missing"}
    assert {name: count for name, count in report.counts.items() if count in (1, 2)} == {
        "missing": 1,
        "unreadable": 2,
        "missing of training": 1,
        "unreadable of training": 2,
    }
    assert f"5 of the {LISTED['val']:,} videos of the official val list are there" in report.warnings
    assert "308" not in report.layout and "alphabetical rank of the 400" in report.layout


def test_what_was_found_is_known_to_later_looks_and_to_training(copy: Path, protocol: Protocol) -> None:
    """Without decoding again."""
    assert set(check(copy, protocol(), thorough=False).problems) == {"val5_000005_000015"}
    problems = check(copy, protocol(), thorough=True).problems
    assert check(copy, protocol(), thorough=False).problems == problems
    kept, left_out = training_examples(read_kinetics(copy), "videos")
    assert [example.name[:6] for example in kept] == ["train0", "train1", "train2"]
    assert {name[:6] for name in left_out} == {"train3", "train4", "train5"}


def test_the_fingerprint_is_of_the_files_not_of_the_folders(
    copy: Path, touch: Touch, listing: Listing, protocol: Protocol, tmp_path: Path
) -> None:
    """The same in class folders, other when a file is replaced."""
    before = check(copy, protocol(), thorough=False).fingerprint
    for path in [*copy.glob("*/*.mp4")]:
        place = path.parent / "yoga" / path.name
        place.parent.mkdir(exist_ok=True)
        path.rename(place)
    assert check(copy, protocol(), thorough=False).fingerprint == before
    touch("replacement/val0_000000_000010.mp4", content=b"longer or shorter")
    assert check(copy, protocol(), thorough=False).fingerprint != before


@pytest.mark.bundle
def test_the_sample(protocol: Protocol) -> None:
    """Nothing is wrong with it, and it is not taken for Kinetics."""
    report = check(BUNDLE / "kinetics400", protocol("sample"), thorough=True)
    assert not report.problems and not report.comparable
    assert (len(report.listed), report.counts["classes"], report.counts["training videos"]) == (32, 8, 64)
    assert len(report.warnings) == 1 and "8 classes of other data" in report.warnings[0]


@pytest.mark.skipif(
    "TOTO_BENCH_TEST_DATA" not in os.environ, reason="set TOTO_BENCH_TEST_DATA to read real videos"
)
def test_real_videos(protocol: Protocol) -> None:
    """H.264, DivX and Xvid: whole, and read to the end."""
    root = Path(os.environ["TOTO_BENCH_TEST_DATA"]) / "actions"
    report = check(root, protocol(), thorough=True)
    assert not report.problems
    assert report.counts["unreadable of training"] == 0
    examples = read_kinetics(root)
    for example in (*examples.train, *examples.val):
        assert example.source is not None
        views = read_scored_views(example.source.path, protocol())
        assert (views.total, views.view(29).shape) == (30, (16, 128, 128, 3))
        train = read_train_view(example.source.path, example.name, protocol(), seed=0, view=0)
        assert train.shape == (16, 128, 128, 3)
        assert float(np.std(train)) > 5
