"""Reading the official layouts."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.tasks.davis import DavisProtocol
from toto_bench.tasks.davis.reader import (
    find_root,
    find_sequence,
    list_file,
    read_frame,
    read_labels,
    read_list,
    read_truth,
)

Make = Callable[..., Path]
Protocol = Callable[..., DavisProtocol]


def test_the_archive_folder_is_found_one_level_down(make_davis: Make, tmp_path: Path) -> None:
    """The official zip unpacks to DAVIS/; its parent is accepted."""
    root = make_davis()
    assert find_root(root) == root
    assert find_root(tmp_path) == root


def test_other_folders_are_refused(tmp_path: Path) -> None:
    """What was looked for is named."""
    with pytest.raises(DataError, match="JPEGImages"):
        find_root(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        find_root(tmp_path / "nowhere")


def test_lists_of_2016_name_files(tmp_path: Path, protocol: Protocol) -> None:
    """A line a frame, and the list in another folder: each sequence is read once, in order."""
    listing = tmp_path / "ImageSets" / "480p" / "val.txt"
    listing.parent.mkdir(parents=True)
    lines = [
        f"/JPEGImages/480p/{s}/{t:05d}.jpg /Annotations/480p/{s}/{t:05d}.png"
        for s in ("b", "a")
        for t in (0, 1)
    ]
    listing.write_text("\n".join(lines) + "\n\n")
    assert list_file(tmp_path, protocol(year=2016)) == listing
    assert read_list(listing) == ("b", "a")


def test_a_missing_list_names_those_there_are(make_davis: Make, protocol: Protocol) -> None:
    """The way out is in the message."""
    with pytest.raises(DataError, match=r"2017/val\.txt.*--set split"):
        list_file(make_davis(), protocol(split="test-dev"))


def test_an_empty_list_is_an_error(tmp_path: Path) -> None:
    """Not a run of nothing."""
    path = tmp_path / "val.txt"
    path.write_text("\n \n")
    with pytest.raises(DataError, match="no sequence"):
        read_list(path)


def test_frames_and_masks_are_paired_by_name(make_davis: Make, protocol: Protocol) -> None:
    """A missing mask is None at its place."""
    root = make_davis()
    (root / "Annotations/480p/seq-a/00003.png").unlink()
    sequence = find_sequence(root, "seq-a", protocol())
    assert [frame.name for frame in sequence.frames] == [f"{t:05d}.jpg" for t in range(5)]
    assert [mask is None for mask in sequence.masks] == [False, False, False, True, False]


def test_frames_are_rgb(tmp_path: Path) -> None:
    """OpenCV's order is turned round."""
    path = tmp_path / "red.jpg"
    Image.new("RGB", (16, 16), (250, 0, 0)).save(path, quality=95)
    red, green, blue = read_frame(path)[8, 8].tolist()
    assert red > 200 > 60 > max(green, blue)


@pytest.mark.parametrize("damage", ["cut", "text", "absent", "garbage"])
def test_unreadable_frames_are_named(make_davis: Make, damage: str) -> None:
    """A cut-off JPEG too, which OpenCV alone would fill with grey."""
    path = make_davis() / "JPEGImages/480p/seq-a/00001.jpg"
    content = path.read_bytes()
    if damage == "absent":
        path.unlink()
    else:
        path.write_bytes(
            {"cut": content[: len(content) // 2], "text": b"hello", "garbage": b"\0" * 99 + b"\xff\xd9"}[
                damage
            ]
        )
    with pytest.raises(DataError, match=r"00001\.jpg"):
        read_frame(path)


def test_labels_are_palette_indices(tmp_path: Path, write_mask: Callable[..., None]) -> None:
    """Also from grey and from binary PNGs; coloured ones are refused."""
    labels = np.array([[0, 1], [2, 255]], np.uint8)
    write_mask(tmp_path / "p.png", labels)
    assert read_labels(tmp_path / "p.png").tolist() == labels.tolist()
    cv2.imwrite(str(tmp_path / "l.png"), labels)
    assert read_labels(tmp_path / "l.png").tolist() == labels.tolist()
    Image.new("RGB", (2, 2)).save(tmp_path / "rgb.png")
    with pytest.raises(DataError, match=r"colours \(mode RGB\), not labels"):
        read_labels(tmp_path / "rgb.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(DataError, match=r"broken\.png"):
        read_labels(tmp_path / "broken.png")


def test_void_is_background_in_2017_and_object_in_2016(
    tmp_path: Path, protocol: Protocol, write_mask: Callable[..., None]
) -> None:
    """255 has two meanings."""
    write_mask(tmp_path / "m.png", np.array([[0, 255], [2, 1]]))
    assert read_truth(tmp_path / "m.png", protocol()).tolist() == [[0, 0], [2, 1]]
    assert read_truth(tmp_path / "m.png", protocol(year=2016)).tolist() == [[0, 1], [1, 1]]
