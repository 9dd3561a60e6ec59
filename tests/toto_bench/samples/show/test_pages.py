"""What stands on each contact sheet, and that it is drawn where the files say."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.samples.show import cater as cater_page
from toto_bench.samples.show import davis as davis_page
from toto_bench.samples.show import ego4d_sta as sta_page
from toto_bench.samples.show import imagenet as imagenet_page
from toto_bench.samples.show import kinetics400 as kinetics_page
from toto_bench.samples.show import video as video_page
from toto_bench.samples.show.layouts import LAYOUTS, Layout
from toto_bench.samples.show.marks import COLOURS
from toto_bench.samples.show.sheet import Page, draw_page


def page_of(name: str, folder: Path) -> Page:
    """What its layout makes of a folder."""
    layout: Layout = LAYOUTS[name]
    root = layout.find(folder)
    assert root is not None
    return layout.page(root)


def test_davis_tints_objects_and_counts_them(make_davis: Callable[..., Path]) -> None:
    """Green is the palette's colour of label 2; the ground stays as it was."""
    root = make_davis(sequences=2, frames=8, objects=2)
    page = page_of("davis", root)
    assert page.title == "davis: 2 sequences"
    assert page.rows[0].heading == "seq-a: val, 8 frames, 2 objects"
    assert [cell.caption for cell in page.rows[0].cells] == [
        "00000",
        "00001",
        "00003",
        "00004",
        "00006",
        "00007",
    ]
    drawn = np.asarray(page.rows[0].cells[0].image).astype(int)
    labels = np.asarray(Image.open(root / "Annotations/480p/seq-a/00000.png"))
    plain = np.asarray(Image.open(root / "JPEGImages/480p/seq-a/00000.jpg")).astype(int)
    assert (drawn[labels == 0] == plain[labels == 0]).mean() > 0.97, "only numbers reach beyond the objects"
    inside = drawn[labels == 2].mean(axis=0) - plain[labels == 2].mean(axis=0) / 2
    assert inside.argmax() == 1


def test_davis_says_what_is_missing(make_davis: Callable[..., Path]) -> None:
    """No mask, and no list."""
    root = make_davis(sequences=1, frames=3)
    (root / "Annotations/480p/seq-a/00001.png").unlink()
    (root / "ImageSets/2017/val.txt").unlink()
    page = page_of("davis", root.parent)
    assert "in no list" in page.rows[0].heading
    assert page.rows[0].cells[1].caption == "00001, no mask"


def test_imagenet_has_a_row_for_each_class(imagenet: Path) -> None:
    """Index, folder, words, counts; six and two pictures."""
    page = page_of("imagenet", imagenet)
    assert page.title == "imagenet: 3 classes"
    assert [row.heading for row in page.rows] == [
        "0: n01440764 (tench, Tinca tinca), 8 train + 2 val",
        "1: n01443537 (goldfish), 8 train + 2 val",
        "2: n02085620, 8 train + 2 val",
    ]
    assert [cell.caption for cell in page.rows[0].cells] == ["train"] * 6 + ["val"] * 2


def test_kinetics_reads_the_official_list(kinetics400: Path) -> None:
    """Ids with dashes and underscores are found; one that is missing is counted."""
    page = page_of("kinetics400", kinetics400)
    assert page.title == "kinetics400: 2 clips, 2 classes; listed but missing: 1"
    assert page.rows[1].heading == "sliding left: val, -ab_c_000007_000017.mp4, 30 frames at 30/s"
    captions = [cell.caption for cell in page.rows[1].cells]
    assert (captions[0], captions[-1], len(captions)) == ("frame 0", "frame 29", 8)
    first, last = (np.asarray(page.rows[1].cells[i].image).astype(int) for i in (0, -1))
    assert first[60, 144, 0] > 180 > first[60, 16, 0], "the disc begins at the right"
    assert last[60, 16, 0] > 180 > last[60, 144, 0], "and ends at the left"


def test_kinetics_reads_lists_of_paths(slowfast: Path) -> None:
    """Labels are numbers there."""
    page = page_of("kinetics400", slowfast)
    assert [row.heading.split(":")[0] for row in page.rows] == ["class 0", "class 1"]


@pytest.mark.parametrize("pictures", ["stills", "video"])
def test_sta_draws_the_box_around_the_object(make_sta: Callable[..., Path], pictures: str) -> None:
    """From extracted pictures as from the full video: the annotated frame, not one beside it."""
    page = page_of("ego4d_sta", make_sta(pictures))
    assert page.title == "ego4d_sta: 2 annotations of val; nouns: 2, verbs: 1"
    for cell, number in zip(page.rows[0].cells, (9, 33), strict=True):
        assert cell.caption == f"aaaa-bbbb_{number}"
        drawn = np.asarray(cell.image).astype(int)
        x = (0.2 + 0.6 * number / 39) * 160
        assert np.abs(drawn[60, round(x - 15)] - COLOURS[0]).max() < 40, "the left side of the box"
        bright = (np.abs(drawn[60] - (230, 190, 40)).max(axis=-1) < 40).nonzero()[0]
        assert abs(bright.mean() - x) < 2, "the disc lies in its middle"


def test_sta_without_pictures_says_so(make_sta: Callable[..., Path]) -> None:
    """Annotations alone are no error."""
    page = page_of("ego4d_sta", make_sta("none"))
    assert page.rows[0].cells[0].caption.endswith("no picture")


def test_cater_marks_the_cell_and_notices_disagreement(cater: Path) -> None:
    """The list says 21 and 8; the snitch ends at (0.5, 0.5), which is cell 21."""
    page = page_of("cater", cater)
    assert page.title == "cater: 2 videos, 2 of 36 cells in use"
    assert page.rows[0].heading == (
        "CATER_new_000000.avi: train, ends in cell 21 (row 3, column 3), 24 frames at 24/s"
    )
    assert "ends in cell 8 (row 1, column 2), BUT 21 IN THE SCENE FILE" in page.rows[1].heading
    plan = np.asarray(page.rows[1].cells[-1].image)
    side = (plan.shape[0] - 1) // 6
    marked = [
        row * 6 + column
        for row in range(6)
        for column in range(6)
        if tuple(plan[(6 - row) * side - 4, (column + 1) * side - 4]) == (255, 226, 120)
    ]
    assert marked == [8]


def test_video_has_a_row_for_each_clip(video: Path) -> None:
    """First frame to last."""
    page = page_of("video", video)
    assert page.title == "video: 3 clips"
    assert page.rows[2].heading == "clip-2.mp4: 16 frames at 24/s"


def test_a_damaged_video_is_named(video: Path) -> None:
    """With the way out."""
    (video / "clip-1.mp4").write_bytes(b"no video")
    with pytest.raises(DataError, match=r"clip-1\.mp4 cannot be decoded"):
        page_of("video", video)


def test_long_lists_are_spread_over_the_sheet(make_davis: Callable[..., Path]) -> None:
    """A sheet stays a sheet; the first and the last are on it."""
    page = page_of("davis", make_davis(sequences=20, frames=2, size=(48, 64)))
    assert page.title == "davis: 16 of 20 sequences"
    assert len(page.rows) == 16
    assert page.rows[-1].heading.startswith("seq-t")


def test_the_sheet_is_as_wide_as_its_rows(video: Path) -> None:
    """Nothing is cut off."""
    page = page_of("video", video)
    sheet = draw_page(page)
    assert sheet.width >= 8 * page.height * 160 // 120
    assert sheet.height >= 3 * page.height


def test_objects_of_later_labels_are_drawn_too(make_sta: Callable[..., Path]) -> None:
    """Several objects in one frame have several colours."""
    root = make_sta()
    path = root / "v1/annotations/fho_sta_val.json"
    content = json.loads(path.read_text())
    second = dict(content["annotations"][0]["objects"][0], box=[100.0, 80.0, 150.0, 110.0])
    content["annotations"][0]["objects"].append(second)
    path.write_text(json.dumps(content))
    drawn = np.asarray(page_of("ego4d_sta", root).rows[0].cells[0].image).astype(int)
    assert np.abs(drawn[95, 100] - COLOURS[1]).max() < 40


def test_each_layout_is_told_from_the_others(
    make_davis, imagenet, kinetics400, slowfast, make_sta, cater, video
) -> None:
    """Whatever order they are asked in."""
    modules = {
        "davis": (davis_page, [make_davis()]),
        "imagenet": (imagenet_page, [imagenet]),
        "kinetics400": (kinetics_page, [kinetics400, slowfast]),
        "ego4d_sta": (sta_page, [make_sta()]),
        "cater": (cater_page, [cater]),
        "video": (video_page, [video]),
    }
    for name, (module, _) in modules.items():
        for other, (_, folders) in modules.items():
            for folder in folders:
                if name == other:
                    assert module.find(folder), f"{name} does not know {folder}"
                elif name != "video":  # the last one that is asked
                    assert not module.find(folder), f"{name} takes {folder}"
