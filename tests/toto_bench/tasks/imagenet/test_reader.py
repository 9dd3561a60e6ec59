"""Copies of ImageNet in all their layouts."""

import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.errors import DataError, WrongDataError
from toto_bench.samples.bundle import BUNDLE
from toto_bench.tasks.imagenet.reader import read_imagenet
from toto_bench.tasks.imagenet.wordnet import FIRST_TEN, official_wnids
from toto_bench.tasks.recognition.examples import Examples, fingerprint_of

Draw = Callable[..., Path]
Write = Callable[..., Path]
TRAIN = [f"train/{wnid}/{wnid}_{i}.JPEG" for wnid in FIRST_TEN[:3] for i in (1, 10)]
VAL = [f"ILSVRC2012_val_{number:08d}.JPEG" for number in (1, 2, 3)]


def pack(target: Path, files: dict[str, bytes]) -> None:
    """Write an uncompressed tar."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def there(examples: Examples) -> dict[str, int]:
    """Name and label of validation images that are there."""
    return {example.name: example.label for example in examples.val if example.source}


def in_class_folders(draw: Draw) -> Path:
    """Three of the thousand, three images to score."""
    return draw(*TRAIN, *(f"val/{wnid}/{name}" for wnid, name in zip(FIRST_TEN, VAL, strict=False)))


def test_class_folders(draw: Draw) -> None:
    """The index is the rank among the folders that are there; names are those of the files."""
    examples = read_imagenet(in_class_folders(draw))
    assert examples.classes == tuple(sorted(FIRST_TEN[:3]))
    assert there(examples) == {
        Path(name).stem: examples.classes.index(w) for name, w in zip(VAL, FIRST_TEN, strict=False)
    }
    assert [example.name for example in examples.train][:2] == [f"{FIRST_TEN[0]}_1", f"{FIRST_TEN[0]}_10"]
    assert "first 3 validation images have their known labels" in examples.order


def test_a_validation_folder_that_was_sorted_wrongly(draw: Draw) -> None:
    """By the kit's numbers taken for indices, for example."""
    root = draw(*TRAIN, *(f"val/{wnid}/{name}" for wnid, name in zip(FIRST_TEN[1:], VAL, strict=False)))
    with pytest.raises(
        DataError, match=f"ILSVRC2012_val_00000001 is of class {FIRST_TEN[0]}, not {FIRST_TEN[1]}"
    ):
        read_imagenet(root)


@pytest.mark.parametrize("kind", ["kit", "packed", "solution", "meta"])
@pytest.mark.parametrize("folder", ["val", "val/ILSVRC2012_img_val"])
def test_flat_validation_images(
    kind: str, folder: str, draw: Draw, write_labels: Write, true_labels: list[str]
) -> None:
    """The index is the rank of the WordNet id among the thousand; what is listed and not there stays listed."""
    draw(*TRAIN, *(f"{folder}/{name}" for name in VAL))
    examples = read_imagenet(write_labels(kind, true_labels))
    assert examples.official and examples.classes == official_wnids()
    assert there(examples) == {
        Path(name).stem: label for name, label in zip(VAL, (65, 970, 230), strict=True)
    }
    assert len(examples.val) == 50_000
    assert {example.label for example in examples.train} == {65, 970, 230}


def test_two_orders_of_classes_cannot_be_mixed(
    draw: Draw, write_labels: Write, true_labels: list[str]
) -> None:
    """A meta.mat that numbers sorted ids, beside the official truth: in range, and wrong."""
    draw(*TRAIN, *(f"val/{name}" for name in VAL))
    root = write_labels("kit", true_labels)
    truth = (root / "data/ILSVRC2012_validation_ground_truth.txt").read_text()
    write_labels(
        "kit", true_labels, numbers={wnid: number for number, wnid in enumerate(official_wnids(), 1)}
    )
    (root / "data/ILSVRC2012_validation_ground_truth.txt").write_text(truth)
    with pytest.raises(DataError, match="ILSVRC2012_val_00000001 is of class n01751748"):
        read_imagenet(root)


def test_official_archives(draw: Draw, write_labels: Write, true_labels: list[str]) -> None:
    """Read as they are: the same examples, pixels and fingerprint as unpacked."""
    root = draw(*TRAIN, *(f"val/{name}" for name in VAL))
    write_labels("kit", true_labels)
    unpacked = fingerprint_of(read_imagenet(root))
    contents = {name: (root / name).read_bytes() for name in TRAIN}
    inner = {}
    for wnid in FIRST_TEN[:3]:
        pack(root / "t.tar", {Path(n).name: c for n, c in contents.items() if f"/{wnid}/" in n})
        inner[f"{wnid}.tar"] = (root / "t.tar").read_bytes()
    (root / "t.tar").unlink()
    pack(root / "ILSVRC2012_img_train.tar", inner)
    pack(root / "ILSVRC2012_img_val.tar", {name: (root / "val" / name).read_bytes() for name in VAL})
    shutil.rmtree(root / "train")
    shutil.rmtree(root / "val")
    packed = read_imagenet(root)
    assert "ILSVRC2012_img_train.tar" in packed.layout
    assert fingerprint_of(packed) == unpacked
    for example, name in zip(packed.train, sorted(TRAIN), strict=True):
        assert example.source is not None
        assert (f"{example.name}.JPEG", example.source.read()) == (Path(name).name, contents[name])
    for name, content in inner.items():
        (root / "train").mkdir(exist_ok=True)
        (root / "train" / name).write_bytes(content)
    (root / "ILSVRC2012_img_train.tar").unlink()
    assert fingerprint_of(read_imagenet(root)) == unpacked


def test_kaggle(draw: Draw, write_labels: Write, true_labels: list[str]) -> None:
    """Deep folders, labels and titles above them."""
    deep = "ILSVRC/Data/CLS-LOC"
    draw(
        *(f"{deep}/{name}" for name in TRAIN), *(f"{deep}/val/{name}" for name in VAL), f"{deep}/test/x.JPEG"
    )
    root = write_labels("solution", true_labels)
    (root / "LOC_synset_mapping.txt").write_text("n01751748 serpent of the sea, something\n")
    examples = read_imagenet(root)
    assert there(examples)["ILSVRC2012_val_00000001"] == 65
    assert examples.titles[65] == "serpent of the sea"
    assert len(examples.train) == 6


def test_flat_images_without_labels(draw: Draw) -> None:
    """An error that says which files would do; not one class of everything."""
    for folder in ("val", "val/val"):
        root = draw(*TRAIN, *(f"{folder}/{name}" for name in VAL))
        with pytest.raises(
            WrongDataError, match=r"3 validation images .*meta\.mat.*LOC_val_solution\.csv.*meta\.bin"
        ):
            read_imagenet(root)
        shutil.rmtree(root / "val")


def test_an_image_that_the_labels_do_not_have(
    draw: Draw, write_labels: Write, true_labels: list[str]
) -> None:
    """Named, and not scored."""
    draw(*TRAIN, "val/ILSVRC2012_val_00000001.JPEG", "val/cat.JPEG")
    examples = read_imagenet(write_labels("solution", true_labels))
    assert examples.faults == {"cat.JPEG": "the label file does not have it"}


def test_folders_that_are_no_wordnet_ids(draw: Draw) -> None:
    """Names alone are sorted; equal file names of two folders stay apart, deeper folders and other endings count."""
    root = draw(
        "train/mug/1.png",
        "train/arch/deep/1.jpg",
        "val/mug/1.png",
        "val/arch/1.webp",
        "train/mug/.hidden.png",
    )
    (root / "val/mug/note.txt").write_text("no image")
    examples = read_imagenet(root)
    assert examples.classes == ("arch", "mug")
    assert {example.name: example.label for example in examples.train} == {"arch/1.jpg": 0, "mug/1.png": 1}
    assert there(examples) == {"arch/1.webp": 0, "mug/1.png": 1}


def test_equal_names_with_other_endings_stay_apart(draw: Draw) -> None:
    """Every name is of one file."""
    root = draw("train/mug/mug_1.png", "train/mug/mug_1.jpg", "val/mug/mug_2.png")
    assert [example.name for example in read_imagenet(root).train] == ["mug/mug_1.jpg", "mug/mug_1.png"]


def test_training_images_in_no_class_folder(draw: Draw) -> None:
    """Whose class nobody knows."""
    with pytest.raises(DataError, match=r"1 training images .* in no class folder: a"):
        read_imagenet(draw("train/a.png", "train/mug/b.png", "val/mug/c.png"))


def test_what_is_no_imagenet(tmp_path: Path, draw: Draw) -> None:
    """Nothing there; or files of another form."""
    with pytest.raises(WrongDataError, match="neither folders `train` and `val`"):
        read_imagenet(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/0001.parquet").write_bytes(b"")
    with pytest.raises(WrongDataError, match="Parquet files are there"):
        read_imagenet(tmp_path)


@pytest.mark.bundle
def test_the_sample() -> None:
    """Ten kinds of things."""
    examples = read_imagenet(BUNDLE / "imagenet")
    assert (len(examples.train), len(examples.val), len(examples.classes)) == (240, 100, 10)
    assert examples.val[0].name == "arch_00000"
    assert not examples.official
