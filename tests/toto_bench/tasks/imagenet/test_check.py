"""`data check` of ImageNet."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.samples.bundle import BUNDLE
from toto_bench.tasks.imagenet.check import check
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.reader import read_imagenet
from toto_bench.tasks.imagenet.views import read_scored_view, read_train_view
from toto_bench.tasks.imagenet.wordnet import FIRST_TEN, official_wnids
from toto_bench.tasks.recognition.problems import training_examples

Draw = Callable[..., Path]
Protocol = Callable[..., ImagenetProtocol]


def test_torn_images_are_found_by_decoding(draw: Draw, protocol: Protocol) -> None:
    """Of both splits; then they are known, and left out of training."""
    root = draw(
        *(f"{split}/{c}/{c}_{i}.JPEG" for split in ("train", "val") for c in ("arch", "mug") for i in (1, 2))
    )
    for path in (root / "train/arch/arch_1.JPEG", root / "val/mug/mug_2.JPEG"):
        path.write_bytes(path.read_bytes()[:600])
    assert not check(root, protocol(), thorough=False).problems
    report = check(root, protocol(), thorough=True)
    assert list(report.problems) == ["mug_2"] and "mug_2.JPEG" in report.problems["mug_2"]
    assert report.counts["unreadable"] == report.counts["unreadable of training"] == 1
    assert check(root, protocol(), thorough=False).problems == report.problems
    kept, left_out = training_examples(read_imagenet(root), "images")
    assert ([example.name for example in kept], list(left_out)) == (["arch_2", "mug_1", "mug_2"], ["arch_1"])


def test_the_whole_validation_set_is_counted(
    draw: Draw, write_labels: Callable[..., Path], true_labels: list[str], protocol: Protocol
) -> None:
    """Of 50,000 listed ones three are there: not comparable as long as training images are missing too."""
    draw(
        *(f"train/{w}/{w}_1.JPEG" for w in FIRST_TEN),
        *(f"val/ILSVRC2012_val_{i:08d}.JPEG" for i in (1, 2, 9)),
    )
    report = check(write_labels("kit", true_labels), protocol(), thorough=False)
    assert (report.name, report.comparable, len(report.listed)) == ("ImageNet-1k", False, 50_000)
    assert report.counts["missing"] == len(report.problems) == 49_997
    assert report.counts["fewest training images of a class"] == 0
    assert report.warnings[0] == "10 training images, where the official set has 1,281,167"
    assert "990 classes have nothing to train on" in report.warnings[1]
    assert "rank of the WordNet id among the 1,000" in report.layout


def test_classes_that_have_not_fifty_validation_images_are_said(draw: Draw, protocol: Protocol) -> None:
    """Of class folders nothing says what is missing but their number."""
    wnids = official_wnids()
    root = draw(*(f"{split}/{w}/{w}_1.JPEG" for split in ("train", "val") for w in wnids))
    report = check(root, protocol(), thorough=False)
    assert report.name == "ImageNet-1k" and not report.comparable and not report.problems
    assert any("1000 classes have not 50 validation images" in text for text in report.warnings)


@pytest.mark.bundle
def test_the_sample(protocol: Protocol) -> None:
    """Nothing is wrong with it, and it is not taken for ImageNet."""
    report = check(BUNDLE / "imagenet", protocol("sample"), thorough=True)
    assert not report.problems and not report.comparable
    assert (report.counts["images"], report.counts["training images"], report.counts["classes"]) == (
        100,
        240,
        10,
    )
    assert report.warnings == (
        "these are 10 classes, not the 1,000 of ImageNet-1k: numbers are not comparable with published ones",
    )


@pytest.mark.skipif(
    "TOTO_BENCH_TEST_DATA" not in os.environ, reason="set TOTO_BENCH_TEST_DATA to read real photos"
)
def test_real_photos(protocol: Protocol) -> None:
    """Ten classes of the thousand."""
    root = Path(os.environ["TOTO_BENCH_TEST_DATA"]) / "imagenette"
    report = check(root, protocol(), thorough=True)
    assert not report.problems and not report.comparable
    assert "10 of 10 ids are of ImageNet-1k's 1,000" in report.layout
    examples = read_imagenet(root)
    for example in examples.val[::15]:
        assert example.source is not None
        assert read_scored_view(example.source, protocol()).shape == (256, 256, 3)
        assert read_train_view(example.source, example.name, protocol(), seed=0, view=0).std() > 5
