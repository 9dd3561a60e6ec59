"""`data check`: counts, problems, fingerprint."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from toto_bench.errors import DataError
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.davis import DavisProtocol
from toto_bench.tasks.davis.check import check

Make = Callable[..., Path]
Protocol = Callable[..., DavisProtocol]
WriteMask = Callable[[Path, np.ndarray], None]


def look(root: Path, protocol: DavisProtocol, *, thorough: bool = False) -> DataReport:
    """What check says."""
    return check(root, protocol, thorough=thorough)


def test_counts_of_a_good_folder(make_davis: Make, protocol: Protocol) -> None:
    """Everything is there."""
    report = look(make_davis(sequences=3, frames=4), protocol(), thorough=True)
    assert not report.comparable
    assert report.counts == {"sequences": 3, "frames": 12, "masks": 12, "objects": 6}
    assert report.listed == ("seq-a", "seq-b", "seq-c")
    assert not report.problems
    assert report.warnings == (
        "the list has 3 of the 30 sequences of DAVIS-2017 val: numbers from it are not comparable with published ones",
    )


def cut_jpeg(root: Path, write_mask: WriteMask) -> None:
    """Half a file."""
    path = root / "JPEGImages/480p/seq-a/00002.jpg"
    path.write_bytes(path.read_bytes()[:400])


def remove_mask(root: Path, write_mask: WriteMask) -> None:
    """One mask fewer."""
    (root / "Annotations/480p/seq-a/00002.png").unlink()


def remove_frame(root: Path, write_mask: WriteMask) -> None:
    """The last frame lost: without a look at the masks, the metric would drop another one as the last."""
    (root / "JPEGImages/480p/seq-a/00004.jpg").unlink()


def folder_for_frame(root: Path, write_mask: WriteMask) -> None:
    """A folder where a frame should be."""
    path = root / "JPEGImages/480p/seq-a/00002.jpg"
    path.unlink()
    path.mkdir()


def broken_link(root: Path, write_mask: WriteMask) -> None:
    """A link whose file was never fetched."""
    path = root / "JPEGImages/480p/seq-a/00002.jpg"
    path.unlink()
    path.symlink_to(root / "nowhere.jpg")


def empty_folder(root: Path, write_mask: WriteMask) -> None:
    """No frames."""
    for path in (root / "JPEGImages/480p/seq-a").iterdir():
        path.unlink()


def smaller_mask(root: Path, write_mask: WriteMask) -> None:
    """A mask of another size."""
    write_mask(root / "Annotations/480p/seq-a/00002.png", np.ones((50, 60)))


def smaller_frame(root: Path, write_mask: WriteMask) -> None:
    """A frame of another size."""
    cv2.imwrite(str(root / "JPEGImages/480p/seq-a/00002.jpg"), np.zeros((50, 60, 3), np.uint8))


def binary_masks(root: Path, write_mask: WriteMask) -> None:
    """DAVIS-2016's 0/255."""
    write_mask(root / "Annotations/480p/seq-a/00000.png", np.eye(96, 128) * 255)


def empty_mask(root: Path, write_mask: WriteMask) -> None:
    """Nothing to track."""
    write_mask(root / "Annotations/480p/seq-a/00000.png", np.zeros((96, 128)))


def broken_mask(root: Path, write_mask: WriteMask) -> None:
    """Half a PNG."""
    path = root / "Annotations/480p/seq-a/00002.png"
    path.write_bytes(path.read_bytes()[:40])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_jpeg, "00002.jpg"),
        (remove_mask, "masks missing: 1 of 5, first 00002.png"),
        (remove_frame, "frames missing: 1 masks have none, first 00004.png"),
        (folder_for_frame, "00002.jpg cannot be read"),
        (broken_link, "00002.jpg cannot be read"),
        (empty_folder, "no frames"),
        (smaller_mask, "00002.png is 60x50, but the first frame is 128x96"),
        (smaller_frame, "00002.jpg is 60x50, but the first frame is 128x96"),
        (binary_masks, "--set year=2016"),
        (empty_mask, "empty"),
        (broken_mask, "00002.png"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_problems_are_named(
    make_davis: Make, protocol: Protocol, write_mask: WriteMask, damage: Callable[..., None], words: str
) -> None:
    """The sequence, the file, and what is wrong with it; the other sequence is fine."""
    root = make_davis()
    damage(root, write_mask)
    problems = look(root, protocol(), thorough=True).problems
    assert list(problems) == ["seq-a"]
    assert words in problems["seq-a"]


def test_two_frames_are_too_few(make_davis: Make, protocol: Protocol) -> None:
    """The metric drops the first and the last."""
    assert "only 2 frames" in look(make_davis(frames=2), protocol()).problems["seq-a"]


def test_void_in_a_first_mask_is_a_warning(
    make_davis: Make, protocol: Protocol, write_mask: WriteMask
) -> None:
    """Background, as the official evaluation has it, said aloud."""
    root = make_davis()
    labels = np.zeros((96, 128))
    labels[:20, :20], labels[30:40, 30:40] = 1, 255
    write_mask(root / "Annotations/480p/seq-a/00000.png", labels)
    report = look(root, protocol())
    assert not report.problems
    assert "255" in report.warnings[1]


def test_no_sequence_at_all_is_an_error(make_davis: Make, protocol: Protocol) -> None:
    """A wrong resolution folder, for example."""
    with pytest.raises(DataError, match="--set folder"):
        look(make_davis(), protocol(folder="1080p"))


def test_the_fingerprint_sees_frames_and_masks(
    make_davis: Make, protocol: Protocol, write_mask: WriteMask
) -> None:
    """Equal for equal data, wherever it lies; different when a mask or a frame's size differs."""
    first, second = make_davis(name="one"), make_davis(name="two")
    assert look(first, protocol()).fingerprint == look(second, protocol()).fingerprint
    seen = {look(first, protocol()).fingerprint}
    write_mask(first / "Annotations/480p/seq-a/00004.png", np.ones((96, 128)))
    seen.add(look(first, protocol()).fingerprint)
    path = first / "JPEGImages/480p/seq-b/00000.jpg"
    path.write_bytes(path.read_bytes() + b"\xff\xd9")
    seen.add(look(first, protocol()).fingerprint)
    assert len(seen) == 3


def test_real_sequences(real_davis: Path, protocol: Protocol) -> None:
    """Four official sequences, both years."""
    report = look(real_davis, protocol(), thorough=True)
    assert report.counts == {"sequences": 4, "frames": 229, "masks": 229, "objects": 4}
    assert not report.problems
    assert look(real_davis, protocol(year=2016)).counts["frames"] == 229
