"""The task on the bundled sample, and on real images where there are any."""

import os
from pathlib import Path

import pytest

from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest

QUICK = {"probe": "linear", "probe_bias": True, "views": 2, "epochs": 10}


@pytest.mark.bundle
@pytest.mark.slow
def test_the_bundled_sample(tmp_path: Path, one_thread: None) -> None:
    """A trained network is far above chance (10 %), which pixels alone are not."""
    request = RunRequest(
        "imagenet", "efficientnet-lite0", "sample", out=tmp_path, values=QUICK, batch_size=16
    )
    result = run(request)
    assert (result.record.coverage.scored, result.record.coverage.listed) == (100, 100)
    assert result.record.metrics["top1"].low > 0.2
    assert result.record.data.name == "sample"
    assert not result.record.data.comparable


@pytest.mark.slow
def test_real_images(tmp_path: Path, one_thread: None) -> None:
    """A check of the plumbing: the weights were trained on these classes, and on images like these."""
    folder = Path(os.environ.get("TOTO_BENCH_TEST_DATA", "/nonexistent")) / "imagenette"
    if not folder.is_dir():
        pytest.skip("TOTO_BENCH_TEST_DATA names no folder with real images")
    values = QUICK | {"resolution": 224, "eval_resize": 256, "layers": "last"}
    request = RunRequest(
        "imagenet",
        "efficientnet-lite0",
        str(folder),
        preset="sample",
        values=values,
        out=tmp_path,
        batch_size=16,
    )
    result = run(request)
    assert result.record.metrics["top1"].n == 150
    assert result.record.metrics["top1"].value >= 0.95
