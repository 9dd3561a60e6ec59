"""What cannot be read, on the way: it is counted in every session, and never shifts what others are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.cards import find_task
from toto_bench.errors import DataError, RequestError
from toto_bench.results.items import read_items
from toto_bench.runner.execute import RunResult
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.task import Imagenet
from toto_bench.tasks.recognition import scoring

Evaluate = Callable[..., RunResult]
MakeImages = Callable[..., Path]


def cut(path: Path) -> None:
    """Leave the beginning of a file."""
    path.write_bytes(path.read_bytes()[:60])


def test_kept_features_do_not_hide_a_corrupt_image(make_images: MakeImages, evaluate: Evaluate) -> None:
    """Features of a run that left it out are there: the next run names it all the same, or counts it."""
    data, values = make_images(), {"held_out": 0.01}
    for colour in ("blue", "green", "red"):
        for number in (1, 2):
            cut(data / "train" / colour / f"{colour}_{number}.png")
    evaluate(data, values=values, allow_missing=True)
    with pytest.raises(DataError, match=r"_[12]\.png cannot be decoded"):
        evaluate(data, values=values | {"lr": 0.02})
    result = evaluate(data, values=values | {"lr": 0.02}, allow_missing=True)
    assert any("training images could not be read" in warning for warning in result.record.warnings)


def test_a_corrupt_held_out_image_is_counted(make_images: MakeImages, evaluate: Evaluate) -> None:
    """The choice of a layer stands on fewer items, and the record says so."""
    data = make_images()
    for colour in ("blue", "green", "red"):
        for number in (1, 2, 3, 4):
            cut(data / "train" / colour / f"{colour}_{number}.png")
    result = evaluate(data, allow_missing=True)
    assert any("12 training images could not be read" in warning for warning in result.record.warnings)


def test_an_image_found_corrupt_between_two_sessions(
    make_images: MakeImages, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`data check` takes it out of the list: chunks that were scored before are not those of the list any more."""
    data = make_images()
    cut(data / "val" / "blue" / "blue_2.png")
    monkeypatch.setattr(scoring, "CHUNK", 4)
    original, count = scoring.Scorer._judge_chunk, [0]

    def interrupted(*args: Any) -> Any:
        count[0] += 1
        if count[0] == 5:
            raise KeyboardInterrupt
        return original(*args)

    monkeypatch.setattr(scoring.Scorer, "_judge_chunk", interrupted)
    with pytest.raises(KeyboardInterrupt):
        evaluate(data, allow_missing=True)
    monkeypatch.setattr(scoring.Scorer, "_judge_chunk", original)
    task = Imagenet(find_task("imagenet"))
    task.check(data, ImagenetProtocol(**task.card.values("paper")), thorough=True)
    result = evaluate(data, allow_missing=True)
    whole = evaluate(data, allow_missing=True, out="whole")
    assert read_items(result.path) == read_items(whole.path)
    assert result.record.metrics == whole.record.metrics


def test_a_single_image_of_each_class(make_images: MakeImages, evaluate: Evaluate) -> None:
    """Nothing can be held out: said before any work."""
    with pytest.raises(DataError, match="a second training item"):
        evaluate(make_images(train=1))


def test_a_norm_of_a_single_vector(make_images: MakeImages, evaluate: Evaluate) -> None:
    """Its variance is zero: all features would be."""
    values = {"batch": 1}
    with pytest.raises(RequestError, match="probe_batch_norm"):
        evaluate(make_images(), values=values)
