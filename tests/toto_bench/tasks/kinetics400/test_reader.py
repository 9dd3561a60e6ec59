"""Copies of Kinetics in all their layouts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.errors import DataError, WrongDataError
from toto_bench.samples.bundle import BUNDLE
from toto_bench.tasks.kinetics400.classes import kinetics_labels
from toto_bench.tasks.kinetics400.reader import read_kinetics
from toto_bench.tasks.recognition.examples import Examples

Touch = Callable[..., Path]
Listing = Callable[..., Path]
HEADER = "label,youtube_id,time_start,time_end,split"
SLALOM, CROSS = "skiing (not slalom or crosscountry)", "skiing crosscountry"
ROWS = {"train": ["-A_b--C_d12", "b1234567890"], "val": ["_c123456789", "d1234567890"]}


def cvdf_lists(listing: Listing, name: str = "annotations/{}.csv") -> Path:
    """Two videos in each split, of the classes 308 and 309."""
    for split, (first, second) in ROWS.items():
        root = listing(
            name.format(split),
            [HEADER, f"{SLALOM},{first},7,17,{split}", f"{CROSS},{second},100,110,{split}"],
        )
    return root


def names(split: str) -> list[str]:
    """Of the videos of the lists."""
    first, second = ROWS[split]
    return [f"{first}_000007_000017", f"{second}_000100_000110"]


def found(examples: Examples, split: str = "val") -> list[tuple[str, int, str | None]]:
    """Name, label and file of each example."""
    own = examples.val if split == "val" else examples.train
    root = examples.root
    return [(e.name, e.label, e.source.path.relative_to(root).as_posix() if e.source else None) for e in own]


@pytest.mark.parametrize("name", ["annotations/{}.csv", "{}.csv", "annotations/kinetics400_{}.csv"])
def test_cvdf_flat(name: str, listing: Listing, touch: Touch) -> None:
    """Names are built of identifier and times; labels are matched to the 400."""
    root = cvdf_lists(listing, name)
    touch(*(f"{split}/{each}.mp4" for split in ROWS for each in names(split)))
    examples = read_kinetics(root)
    assert examples.official and len(examples.classes) == 400
    assert found(examples) == [(n, 308 + i, f"val/{n}.mp4") for i, n in enumerate(names("val"))]
    assert found(examples, "train") == [(n, 308 + i, f"train/{n}.mp4") for i, n in enumerate(names("train"))]
    assert not examples.faults and not examples.warnings


def test_cvdf_with_class_folders_and_other_endings(listing: Listing, touch: Touch) -> None:
    """Crawlers' folders, resized copies, names without times; folders of other splits are not looked into."""
    root = cvdf_lists(listing)
    touch(f"val_256/skiing/{names('val')[0]}.mkv", f"videos/{ROWS['val'][1]}.webm")
    touch(f"train/x/{names('train')[0]}.mp4", f"val/{names('train')[1]}.mp4")
    examples = read_kinetics(root)
    assert [path for *_, path in found(examples)] == [
        f"val_256/skiing/{names('val')[0]}.mkv",
        f"videos/{ROWS['val'][1]}.webm",
    ]
    assert [path for *_, path in found(examples, "train")] == [f"train/x/{names('train')[0]}.mp4", None]


def test_replacements_take_the_place_of_files_of_the_same_name(listing: Listing, touch: Touch) -> None:
    """As CVDF means them, in lists of both kinds and in class folders."""
    root = cvdf_lists(listing)
    touch(*(f"{split}/{each}.mp4" for split in ROWS for each in names(split)))
    replaced = f"replacement/replacement_for_corrupted_k400/{names('train')[0]}.mp4"
    touch(replaced)
    assert found(read_kinetics(root), "train")[0][2] == replaced
    for split in ROWS:
        (root / f"annotations/{split}.csv").unlink()
        listing(f"{split}.csv", [f"{split}/{each}.mp4 {i}" for i, each in enumerate(names(split))])
    assert found(read_kinetics(root), "train")[0] == (names("train")[0], 0, replaced)
    for split in ROWS:
        (root / f"{split}.csv").unlink()
    touch(f"train/archery/{names('train')[0]}.mp4", "val/archery/x.mp4")
    assert (names("train")[0], 5, replaced) in found(read_kinetics(root), "train")


def test_a_listed_video_that_is_not_there_stays_listed(listing: Listing, touch: Touch) -> None:
    """Without a file; the other one is not taken for it."""
    root = cvdf_lists(listing)
    touch(f"val/{names('val')[0]}.mp4", *(f"train/{each}.mp4" for each in names("train")))
    assert found(read_kinetics(root))[1] == (names("val")[1], 309, None)


def test_lines_that_cannot_be_used(listing: Listing, touch: Touch) -> None:
    """No label, two labels, twice the same: named, not guessed."""
    root = cvdf_lists(listing)
    more = [f"yoga,{ROWS['val'][0]},7,17,val", f"{CROSS},{ROWS['val'][1]},100,110,val", ",e,1,11,val"]
    with (root / "annotations/val.csv").open("a") as stream:
        stream.write("\n".join(more) + "\n")
    touch("val/x.mp4", "train/x.mp4")
    examples = read_kinetics(root)
    assert examples.faults == {
        names("val")[0]: "val.csv lists it twice, with the classes 308 and 398",
        "e_000001_000011": "val.csv, line 6, has no label",
    }
    assert examples.warnings == (f"val lists 1 videos twice, counted once: {names('val')[1]}",)
    assert len(examples.val) == 3


def test_a_list_without_any_label_is_an_error(listing: Listing, touch: Touch) -> None:
    """CVDF's test list once was."""
    root = cvdf_lists(listing)
    listing("annotations/val.csv", ["youtube_id,time_start,time_end,split", "abc,1,11,val"])
    with pytest.raises(DataError, match=r"val\.csv has no labels"):
        read_kinetics(root)


def test_a_video_in_both_lists_is_said(listing: Listing, touch: Touch) -> None:
    """Trained on what is scored."""
    root = cvdf_lists(listing)
    listing("annotations/train.csv", (root / "annotations/val.csv").read_text().splitlines())
    assert any("2 videos are in both lists" in text for text in read_kinetics(root).warnings)


@pytest.mark.parametrize("mark", [" ", ",", "\t", " 300 "])
@pytest.mark.parametrize(
    "place",
    ["{split}/{folder}/{name}.mp4", "/elsewhere/k400/{split}/{folder}/{name}.mp4", "{folder}/{name}.mp4"],
)
def test_lists_of_paths(mark: str, place: str, listing: Listing, touch: Touch) -> None:
    """SlowFast's, mmaction's, V-JEPA's: with blanks in paths, from another machine, without the split's folder.

    Folders that are labels prove what ids mean.
    """
    folders = (SLALOM, CROSS)
    for split in ROWS:
        videos = list(zip(folders, names(split), strict=True))
        touch(*(f"{split}/{folder}/{name}.mp4" for folder, name in videos))
        lines = [
            place.format(split=split, folder=f, name=n) + f"{mark}{308 + i}"
            for i, (f, n) in enumerate(videos)
        ]
        root = listing(f"{split}.csv", lines)
    examples = read_kinetics(root)
    assert found(examples) == [(n, 308 + i, f"val/{folders[i]}/{n}.mp4") for i, n in enumerate(names("val"))]
    assert examples.official
    assert "4 names agree" in examples.order


def test_absolute_paths_outside_of_the_folder(
    listing: Listing, touch: Touch, tmp_path: Path, clip: bytes
) -> None:
    """Lists lie here, videos there."""
    for split in ROWS:
        (tmp_path / f"{split}.mp4").write_bytes(clip)
        root = listing(f"{split}.csv", [f"{tmp_path / split}.mp4 0"])
    assert read_kinetics(root).val[0].source == (tmp_path / "val.mp4", 0, None)


def test_lists_whose_ids_are_of_sorted_folders_are_refused(listing: Listing, touch: Touch) -> None:
    """308 and 309 exchanged, as sorting torchvision's stripped names gives."""
    folders = ("skiing_crosscountry", "skiing_not_slalom_or_crosscountry")
    for split in ROWS:
        root = listing(f"{split}.csv", [f"{split}/{f}/{f}.mp4 {308 + i}" for i, f in enumerate(folders)])
    with pytest.raises(DataError, match=r"has the id 308, but its class `skiing_crosscountry` is 309"):
        read_kinetics(root)


def test_cvdf_lists_prove_ids_of_flat_files(listing: Listing, touch: Touch) -> None:
    """Where paths have no class folder, another list may say the labels."""
    for split in ROWS:
        listing(f"{split}.csv", [f"{name}.mp4 {308 + i}" for i, name in enumerate(names(split))])
    root = listing("annotations/validate.csv", [HEADER, f"{SLALOM},{ROWS['val'][0]},7,17,val"])
    assert "1 names agree" in read_kinetics(root).order
    listing("annotations/validate.csv", [HEADER, f"{CROSS},{ROWS['val'][0]},7,17,val"])
    with pytest.raises(DataError, match=f"has the id 308, but its class `{CROSS}` is 309"):
        read_kinetics(root)


def test_ids_without_any_name(listing: Listing, touch: Touch) -> None:
    """Few of them: classes without names. All of them: Kinetics, though nothing proves it."""
    for split in ROWS:
        root = listing(f"{split}.csv", ["a.mp4 0", "b.mp4 2"])
    examples = read_kinetics(root)
    assert (examples.classes, examples.official) == (("class 0", "class 1", "class 2"), False)
    for split in ROWS:
        listing(f"{split}.csv", [f"{i}.mp4 {i}" for i in range(400)])
    examples = read_kinetics(root)
    assert examples.official and "no name in the lists proves them" in examples.order


def test_ids_beyond_the_class_list(listing: Listing, touch: Touch) -> None:
    """Counted from 1, for example."""
    for split in ROWS:
        root = listing(f"{split}.csv", ["archery/a.mp4 5", "b.mp4 400"])
    with pytest.raises(DataError, match="id 400, but there are 400 classes"):
        read_kinetics(root)


def test_slowfasts_test_list_is_the_validation_list(listing: Listing, touch: Touch) -> None:
    """Where there is no val.csv."""
    listing("train.csv", ["train/archery/a.mp4 5"])
    root = listing("test.csv", ["val/archery/b.mp4 5"])
    touch("train/archery/a.mp4", "val/archery/b.mp4")
    assert found(read_kinetics(root)) == [("b", 5, "val/archery/b.mp4")]


def underscored(label: str) -> str:
    """As mmaction calls folders."""
    return label.replace(" ", "_")


def stripped(label: str) -> str:
    """As torchvision does."""
    return underscored(label).replace("(", "").replace(")", "")


@pytest.mark.parametrize("spell", [str, underscored, stripped])
def test_class_folders(spell: Callable[[str], str], touch: Touch) -> None:
    """With blanks, with `_`, and stripped, whose order is another one: names are matched, never counted."""
    for split in ROWS:
        root = touch(*(f"{split}/{spell(label)}/{split}{i}.mp4" for i, label in enumerate(kinetics_labels())))
    examples = read_kinetics(root)
    assert sorted((label, name) for name, label, _ in found(examples)) == [(i, f"val{i}") for i in range(400)]
    assert examples.official
    assert "only those that are there are counted" in examples.warnings[0]


def test_class_folders_called_like_splits(touch: Touch) -> None:
    """`training dog` is no `train`, `testifying` is no `test`."""
    root = touch(
        "train/training dog/a.mp4", "train/testifying/b.mp4", "val/training dog/c.mp4", "val/testifying/d.mp4"
    )
    assert sorted(found(read_kinetics(root))) == [
        ("c", kinetics_labels().index("training dog"), "val/training dog/c.mp4"),
        ("d", kinetics_labels().index("testifying"), "val/testifying/d.mp4"),
    ]


def test_folders_one_below(touch: Touch) -> None:
    """The folder above was given."""
    root = touch("train/yoga/a.mp4", "val/yoga/b.mp4")
    assert read_kinetics(root.parent).root == root


def test_what_is_no_kinetics(tmp_path: Path, touch: Touch, listing: Listing) -> None:
    """Nothing, videos without classes, one list of two."""
    with pytest.raises(WrongDataError, match="neither lists"):
        read_kinetics(tmp_path)
    with pytest.raises(WrongDataError, match=r"no list says which class"):
        read_kinetics(touch("val/a.mp4", "train/b.mp4"))
    with pytest.raises(WrongDataError, match=r"a list of `train` and none of `val`"):
        read_kinetics(listing("train.csv", ["a.mp4 0"]))


@pytest.mark.bundle
def test_the_sample() -> None:
    """Its own class list; identifiers as hard as real ones."""
    examples = read_kinetics(BUNDLE / "kinetics400")
    assert (len(examples.train), len(examples.val), len(examples.classes)) == (64, 32, 8)
    assert all(
        example.source and example.source.path.is_file() for example in (*examples.train, *examples.val)
    )
    assert any(example.name.startswith("-") for example in (*examples.train, *examples.val))
    assert not examples.official and not examples.warnings
