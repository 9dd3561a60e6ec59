"""ImageNet in Parquet files and in shards of WebDataset: the same examples as in class folders."""

import io
import json
import os
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.toto_bench.tasks.imagenet.conftest import picture
from toto_bench.errors import DataError, WrongDataError
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.imagenet import parquet, shards
from toto_bench.tasks.imagenet.check import check
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.reader import read_imagenet
from toto_bench.tasks.imagenet.views import read_scored_view
from toto_bench.tasks.imagenet.wordnet import official_wnids
from toto_bench.tasks.recognition.examples import Examples, fingerprint_of

Row = tuple[str | None, int, bytes]
CLASSES = ("n01440764", "n01751748", "n09193705")
"""Labels 0, 65 and 970 of the thousand; of the second and the third are the first two validation images."""
LABELS = (0, 65, 970)
TRAIN: list[Row] = [
    (f"{wnid}_{i}.JPEG", label, picture(10 * place + i))
    for place, (wnid, label) in enumerate(zip(CLASSES, LABELS, strict=True))
    for i in (1, 10, 2)
]
VAL: list[Row] = [
    ("ILSVRC2012_val_00000002.JPEG", 970, picture(50)),
    ("ILSVRC2012_val_00000001.JPEG", 65, picture(51)),
    ("ILSVRC2012_val_00000000.JPEG", 0, picture(52)),
]


def write_parquet(path: Path, rows: Sequence[Row], names: Sequence[str] = (), group: int = 2) -> None:
    """As `datasets` does it, in row groups of two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pa.array(
        [{"bytes": content, "path": name} for name, _, content in rows],
        pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
    )
    table = pa.table({"image": image, "label": pa.array([label for _, label, _ in rows], pa.int64())})
    features = {"image": {"_type": "Image"}, "label": {"names": list(names), "_type": "ClassLabel"}}
    noted = {"huggingface": json.dumps({"info": {"features": features}})} if names else {}
    pq.write_table(table.replace_schema_metadata(noted), path, row_group_size=group)


def write_shard(path: Path, rows: Sequence[Row], suffix: str = ".jpg") -> None:
    """Image, label, and a file of another kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, label, content in rows:
            key = Path(name or "").stem
            for ending, data in ((".cls", f"{label}\n".encode()), (suffix, content), (".json", b"{}")):
                entry = tarfile.TarInfo(f"./{key}{ending}")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))


def with_ids(rows: Sequence[Row]) -> list[Row]:
    """Names as Hugging Face's copy has them."""
    wnids = dict(zip(LABELS, CLASSES, strict=True))
    return [(f"{Path(name or '').stem}_{wnids[label]}.JPEG", label, content) for name, label, content in rows]


def huggingface(root: Path) -> Path:
    """Several files of the training images, one of the others, one of the images without labels."""
    for number in range(3):
        write_parquet(root / f"data/train-0000{number}-of-00003.parquet", with_ids(TRAIN[number::3]))
    write_parquet(root / "data/validation-00000-of-00001.parquet", with_ids(VAL))
    write_parquet(root / "data/test-00000-of-00001.parquet", [("x.JPEG", -1, picture(1))])
    return root


def converted(root: Path) -> Path:
    """Folders of splits, files that are numbered."""
    write_parquet(root / "train/0000.parquet", TRAIN)
    write_parquet(root / "validation/0000.parquet", VAL)
    return root


def webdataset(root: Path) -> Path:
    """Splits by the name of the shard."""
    for number in range(2):
        write_shard(root / f"imagenet1k-train-000{number}.tar", TRAIN[number::2])
    write_shard(root / "imagenet1k-validation-00.tar", VAL, ".jpeg")
    return root


def webdataset_in_folders(root: Path) -> Path:
    """Splits by folder."""
    write_shard(root / "train/00000.tar", TRAIN)
    write_shard(root / "val/00000.tar", VAL, ".JPEG")
    return root


LAYOUTS = [huggingface, converted, webdataset, webdataset_in_folders]


def class_folders(root: Path) -> Path:
    """What all of them amount to."""
    wnids = dict(zip(LABELS, CLASSES, strict=True))
    for split, rows in (("train", TRAIN), ("val", VAL)):
        for name, label, content in rows:
            path = root / split / wnids[label] / str(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


def content(examples: Examples) -> list[tuple[str, int, bytes]]:
    """Everything in its order."""
    both = (*examples.train, *examples.val)
    return [(each.name, each.label, each.source.read()) for each in both if each.source]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_the_same_data(layout: Callable[[Path], Path], tmp_path: Path) -> None:
    """Names, labels, order, bytes and fingerprint, from the first reading and from what is kept of it."""
    expected = read_imagenet(class_folders(tmp_path / "folders"))
    root = layout(tmp_path / "packed")
    for _ in range(2):
        examples = read_imagenet(root)
        assert examples.classes == expected.classes == CLASSES
        assert examples.titles == expected.titles
        assert content(examples) == content(expected)
        assert fingerprint_of(examples) == fingerprint_of(expected)
    assert "the first 2 validation images have their known labels" in examples.order
    assert ("Parquet" in examples.layout) == (layout in {huggingface, converted})
    assert not examples.warnings


@pytest.mark.parametrize("layout", [huggingface, webdataset])
def test_damaged_images_are_named(
    layout: Callable[[Path], Path],
    tmp_path: Path,
    protocol: Callable[..., ImagenetProtocol],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the check, and by who reads them."""
    monkeypatch.setattr(f"{__name__}.VAL", [(VAL[0][0], VAL[0][1], VAL[0][2][:300]), *VAL[1:]])
    root = layout(tmp_path / "packed")
    report = check(root, protocol(), thorough=True)
    assert list(report.problems) == ["ILSVRC2012_val_00000002"]
    place = "row 0" if layout is huggingface else "byte"
    assert place in report.problems["ILSVRC2012_val_00000002"]
    assert check(root, protocol(), thorough=False).problems == report.problems
    assert report.counts["images"] == 3 and report.counts["training images"] == 9
    broken = next(each for each in read_imagenet(root).val if each.name == "ILSVRC2012_val_00000002")
    assert broken.source is not None
    with pytest.raises(DataError, match=place):
        read_scored_view(broken.source, protocol())


def test_a_damaged_parquet_file_is_named(tmp_path: Path, protocol: Callable[..., ImagenetProtocol]) -> None:
    """Without its end it cannot be listed; with torn pages its images cannot be read."""
    root = converted(tmp_path / "packed")
    path = root / "train/0000.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with pytest.raises(DataError, match=r"0000\.parquet cannot be read as a Parquet file"):
        read_imagenet(root)
    path.write_bytes(whole)
    examples = read_imagenet(root)
    state = path.stat()
    path.write_bytes(whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    parquet._GROUPS._groups.clear()
    source = examples.train[0].source
    assert source is not None
    with pytest.raises(DataError, match="cannot be decoded"):
        read_scored_view(source, protocol())


def test_only_row_groups_that_are_wanted_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the last ones stay in memory, up to a size."""
    examples = read_imagenet(converted(tmp_path / "packed"))
    read: list[int] = []
    original = parquet._column

    def counted(path: Path, group: int) -> object:
        read.append(group)
        return original(path, group)

    monkeypatch.setattr(parquet, "_column", counted)
    parquet._GROUPS._groups.clear()
    rows = sorted(each.source.offset for each in examples.train if each.source)
    sources = {each.source.offset: each.source for each in examples.train if each.source}
    assert rows == list(range(9))
    for row in (4, 5, 4, 8):
        assert sources[row].read() == TRAIN[row][2]
    assert read == [2, 4]
    monkeypatch.setattr(parquet, "_KEPT", 10)
    for row in (0, 2, 0):
        sources[row].read()
    assert read == [2, 4, 0, 1, 0]


def test_large_row_groups_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "LARGE_GROUP", 100)
    [warning] = read_imagenet(converted(tmp_path / "packed")).warnings
    assert "row_group_size=100" in warning


def test_numbers_alone(tmp_path: Path) -> None:
    """Names in words come from the file; equal keys of two shards stay apart; 10 comes after 9."""
    titles = [f"kind {i}, or so" for i in range(11)]
    rows: list[Row] = [(None, label, picture(label)) for label in (10, 9, 2)]
    write_parquet(tmp_path / "hf/train-0.parquet", rows, titles)
    write_parquet(tmp_path / "hf/val-0.parquet", rows, titles)
    examples = read_imagenet(tmp_path / "hf")
    assert examples.classes == ("02", "09", "10")
    assert examples.titles == ("kind 2", "kind 9", "kind 10")
    assert [each.label for each in examples.val] == [0, 1, 2]
    assert not examples.official
    keyed: list[Row] = [(f"{i:04d}.jpg", label, picture(label)) for i, label in enumerate((10, 9, 2))]
    for split in ("train", "val"):
        for number in range(2):
            write_shard(tmp_path / f"wds/{split}-{number}.tar", keyed)
    examples = read_imagenet(tmp_path / "wds")
    names = [each.name for each in examples.train]
    assert len(set(names)) == len(names) == 6
    assert [each.label for each in examples.train] == [0, 0, 1, 1, 2, 2]


def test_a_thousand_numbers_are_the_sorted_wordnet_ids(tmp_path: Path) -> None:
    """Also where only words say that there are a thousand."""
    rows: list[Row] = [(f"{label:04d}.jpg", label, b"") for label in range(1000)]
    for split in ("train", "val"):
        write_shard(tmp_path / f"wds/{split}-0.tar", rows)
    examples = read_imagenet(tmp_path / "wds")
    assert examples.official and examples.classes == official_wnids()
    assert [each.label for each in examples.val] == list(range(1000))
    few = [rows[3], rows[7]]
    titles = [f"kind {i}" for i in range(1000)]
    write_parquet(tmp_path / "hf/train-0.parquet", few, titles)
    write_parquet(tmp_path / "hf/val-0.parquet", few, titles)
    assert read_imagenet(tmp_path / "hf").classes == (official_wnids()[3], official_wnids()[7])


def test_labels_that_contradict_names(tmp_path: Path) -> None:
    """Numbers of the development kit; two classes in one; one in two; a split without labels."""
    swapped = [(name, {0: 65, 65: 0}.get(label, label), data) for name, label, data in VAL]
    write_parquet(tmp_path / "a/train-0.parquet", TRAIN)
    write_parquet(tmp_path / "a/val-0.parquet", swapped)
    with pytest.raises(DataError, match="ILSVRC2012_val_00000001 is of class n01751748, not n01440764"):
        read_imagenet(tmp_path / "a")
    mixed = [(TRAIN[0][0], 65, TRAIN[0][2]), *TRAIN[1:]]
    write_parquet(tmp_path / "b/train-0.parquet", mixed)
    write_parquet(tmp_path / "b/val-0.parquet", VAL)
    with pytest.raises(DataError, match="label 65 is given to images of n01440764 and of n01751748"):
        read_imagenet(tmp_path / "b")
    split = [(TRAIN[0][0], 1, TRAIN[0][2]), *TRAIN[1:]]
    write_parquet(tmp_path / "c/train-0.parquet", split)
    write_parquet(tmp_path / "c/val-0.parquet", VAL)
    with pytest.raises(DataError, match="one WordNet id have several labels"):
        read_imagenet(tmp_path / "c")
    write_parquet(tmp_path / "d/train-0.parquet", TRAIN)
    write_parquet(tmp_path / "d/val-0.parquet", [(name, -1, data) for name, _, data in VAL])
    with pytest.raises(DataError, match="3 images have no label"):
        read_imagenet(tmp_path / "d")


def test_shards_without_labels_and_other_columns(tmp_path: Path) -> None:
    """What is wrong is named."""
    write_shard(tmp_path / "a/train-0.tar", TRAIN)
    write_shard(tmp_path / "a/val-0.tar", VAL)
    with tarfile.open(tmp_path / "a/val-0.tar", "a") as archive:
        entry = tarfile.TarInfo("alone.jpg")
        archive.addfile(entry, io.BytesIO())
    with pytest.raises(
        DataError, match=r"1 of 4 images in .*val-0\.tar have no `\.cls` beside them: alone\.jpg"
    ):
        read_imagenet(tmp_path / "a")
    with tarfile.open(tmp_path / "a/val-0.tar", "a") as archive:
        entry = tarfile.TarInfo("alone.cls")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"cat"))
    with pytest.raises(DataError, match=r"alone\.cls holds b'cat'"):
        read_imagenet(tmp_path / "a")
    (tmp_path / "b").mkdir()
    for split in ("train", "val"):
        pq.write_table(pa.table({"img": [b"x"], "fine_label": [1]}), tmp_path / f"b/{split}.parquet")
    with pytest.raises(DataError, match="columns `image`"):
        read_imagenet(tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/0001.parquet").write_bytes(b"")
    with pytest.raises(WrongDataError, match="none is called"):
        read_imagenet(tmp_path / "c")


def test_a_run_reads_them(tmp_path: Path, one_thread: None) -> None:
    """The numbers of class folders, from four threads."""
    values = {
        "adaptation": "frozen", "probe": "knn", "knn_neighbours": [1], "resolution": 32, "eval_resize": 32,
        "rope_base": 10_000, "held_out": 0.34,
    }  # fmt: skip
    found = {}
    for layout in (class_folders, huggingface, webdataset):
        root = layout(tmp_path / layout.__name__)
        request = RunRequest(
            "imagenet", "pixels", str(root), out=tmp_path / "runs" / layout.__name__, values=values, workers=4
        )
        found[layout.__name__] = run(request).record
    metrics = [record.metrics for record in found.values()]
    assert metrics[0] == metrics[1] == metrics[2]
    assert len({record.data.fingerprint for record in found.values()}) == 1
