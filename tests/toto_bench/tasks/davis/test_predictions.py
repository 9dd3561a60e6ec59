"""Masks on disk."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.tasks.davis.predictions import (
    davis_palette,
    decode_rle,
    encode_rle,
    load_sequence,
    save_labels,
)

LABELS = np.random.default_rng(0).integers(0, 4, (3, 20, 31)).astype(np.uint8)
NAMES = ["00000", "00001", "00002"]


def save_sequence(folder: Path, names: list[str], labels: np.ndarray) -> None:
    """A folder of masks."""
    folder.mkdir(parents=True)
    for name, frame in zip(names, labels, strict=True):
        save_labels(folder / f"{name}.png", frame)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """Palette PNGs keep labels exactly; the palette is DAVIS's."""
    save_sequence(tmp_path / "seq", NAMES, LABELS)
    assert np.array_equal(load_sequence(tmp_path / "seq", NAMES, (20, 31)), LABELS)
    with Image.open(tmp_path / "seq" / "00000.png") as image:
        assert image.mode == "P"
        assert image.getpalette()[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]


def test_palette_is_that_of_voc() -> None:
    """Known entries: 4 blue, 15 light grey, 255 light."""
    palette = np.array(davis_palette()).reshape(256, 3)
    assert palette[4].tolist() == [0, 0, 128]
    assert palette[15].tolist() == [192, 128, 128]
    assert palette[255].tolist() == [224, 224, 192]


def test_missing_and_misfitting_files_are_named(tmp_path: Path) -> None:
    """With what was expected."""
    save_sequence(tmp_path / "seq", NAMES[::2], LABELS[::2])
    with pytest.raises(DataError, match=r"00001\.png is missing \(2 of 3"):
        load_sequence(tmp_path / "seq", NAMES, (20, 31))
    with pytest.raises(DataError, match="31x20, the annotation is 40x30"):
        load_sequence(tmp_path / "seq", NAMES[:1], (30, 40))


def test_first_and_last_frame_may_be_absent(tmp_path: Path) -> None:
    """They are not scored, and many methods do not write them."""
    save_sequence(tmp_path / "seq", NAMES[1:2], LABELS[1:2])
    loaded = load_sequence(tmp_path / "seq", NAMES, (20, 31))
    assert np.array_equal(loaded[1], LABELS[1])
    assert not loaded[[0, 2]].any()


def test_run_length_encoding_round_trip() -> None:
    """COCO's strings give the mask back."""
    for frame, counts in zip(LABELS, encode_rle(LABELS, 2), strict=True):
        assert np.array_equal(decode_rle(counts, (20, 31)), frame == 2)
