"""Reading ImageNet on disk, in any of its usual layouts, as labelled examples."""

from collections import Counter
from pathlib import Path

from toto_bench.errors import DataError, WrongDataError
from toto_bench.tasks.imagenet.labels import Labels, find_labels, read_titles
from toto_bench.tasks.imagenet.numbered import name_classes
from toto_bench.tasks.imagenet.places import FOLDERS, Place, find_places, has_places, shards_of
from toto_bench.tasks.imagenet.wordnet import VAL_IMAGE, WNID, ClassOrder, order_of, prove_labels
from toto_bench.tasks.recognition.examples import Example, Examples, some

_FOLDERS = ("", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC", "CLS-LOC", "imagenet", "imagenet-1k", "ILSVRC2012")
"""Where in the folder that is given the data may lie."""
_SLOW = (
    "the Parquet files have few and large row groups, of which one is read for every image: write them again with "
    "`row_group_size=100`, or unpack them into class folders"
)


def read_imagenet(data: Path) -> Examples:
    """The images of both splits.

    Accepted are class folders (their names need not be WordNet ids), the official archives as they are, validation
    images in one folder beside the labels of the development kit, of Kaggle, or of torchvision, and shards: Parquet
    files of Hugging Face or tar archives of WebDataset.

    Raises:
        DataError: there is no such data, or its labels contradict what is known.
    """
    root = _find_root(data)
    train_kind, train = find_places(root, "train")
    val_kind, val = find_places(root, "val")
    shards = [each for split in FOLDERS if (each := shards_of(root, split)) is not None]
    words = next((known for each in shards if (known := each.titles())), ())
    train, val, titles = name_classes(train, val, words)
    near = [root, data, *(folder for folder in root.parents if folder.is_relative_to(data))]
    flat = [place for place in val if _is_flat(place, train)]
    found = find_labels(near) if flat else None
    if flat and found is None:
        raise WrongDataError(
            f"{len(flat):,} validation images in {root} are in no class folder, and no file says their classes: put "
            "the development kit's `data/meta.mat` and `data/ILSVRC2012_validation_ground_truth.txt` (or "
            "ILSVRC2012_devkit_t12.tar.gz), Kaggle's LOC_val_solution.csv, or torchvision's meta.bin beside them."
        )
    labels = found[1] if found else {}
    classes = {place.folder for place in train} | set(labels.values())
    order = order_of(
        classes | {place.folder for place in val if not _is_flat(place, train)}, titles | _titles(near)
    )
    scored, faults = _val_examples(val, train, labels, order)
    proofs = prove_labels(
        {example.name: order.names[example.label] for example in scored if example.label >= 0}
    )
    return Examples(
        root=root,
        layout=f"train: {train_kind}; val: {val_kind}{f', labels of {found[0]}' if found else ''}",
        classes=order.names,
        titles=order.titles,
        order=order.text
        + (f"; the first {proofs} validation images have their known labels" if proofs else ""),
        official=order.official,
        train=_train_examples(root, train, order),
        val=scored,
        faults=faults,
        warnings=(_SLOW,) if any(each.slow() for each in shards) else (),
    )


def _find_root(data: Path) -> Path:
    for folder in _FOLDERS:
        root = data / folder
        if any(has_places(root, split) for split in FOLDERS):
            return root
    way_out = "`toto-bench show task imagenet` shows the layouts."
    if any(data.rglob("*.parquet")):
        way_out = (
            "Parquet files are there, and none is called `train-...parquet` or `validation-...parquet`: rename them, "
            f"or put them into folders `train` and `val`. {way_out}"
        )
    raise WrongDataError(
        f"{data} is not a copy of ImageNet: neither folders `train` and `val` with images, nor "
        "ILSVRC2012_img_train.tar and ILSVRC2012_img_val.tar, nor Parquet files or WebDataset shards of both are "
        f"there. {way_out}"
    )


def _is_flat(place: Place, train: list[Place]) -> bool:
    """Whether its folder is no class: it lies in none, or in one that holds all of the validation set."""
    if place.label is not None:
        return False
    if not place.folder:
        return True
    known = bool(WNID.fullmatch(place.folder)) or not train
    return bool(VAL_IMAGE.fullmatch(place.stem)) and not known


def _titles(near: list[Path]) -> dict[str, str]:
    mapping = next((path for folder in near if (path := folder / "LOC_synset_mapping.txt").is_file()), None)
    return read_titles(mapping) if mapping else {}


def _train_examples(root: Path, train: list[Place], order: ClassOrder) -> tuple[Example, ...]:
    if flat := [place.stem for place in train if not place.folder]:
        raise DataError(
            f"{len(flat):,} training images in {root} are in no class folder: {some(flat)}. Move them."
        )
    index = {name: label for label, name in enumerate(order.names)}
    return tuple(
        Example(name, index[place.folder], place.source)
        for name, place in zip(_names(train), train, strict=True)
    )


def _val_examples(
    val: list[Place], train: list[Place], labels: Labels, order: ClassOrder
) -> tuple[tuple[Example, ...], dict[str, str]]:
    """Images that are there, and those that labels list and that are missing; and what has no label."""
    index = {name: label for label, name in enumerate(order.names)}
    examples, faults = [], {}
    for name, place in zip(_names(val), val, strict=True):
        of_class = labels.get(place.stem) if _is_flat(place, train) else place.folder
        if of_class is None:
            faults[name] = "the label file does not have it"
        examples.append(Example(name, -1 if of_class is None else index[of_class], place.source))
    missing = set(labels) - {example.name for example in examples}
    examples += [Example(name, index[labels[name]], None) for name in missing]
    return tuple(sorted(examples)), faults


def _names(places: list[Place]) -> list[str]:
    """Names of files without folder and ending where these tell them apart, as the official ones do."""
    short = [
        place.stem if place.stem.startswith(f"{place.folder}_") or VAL_IMAGE.fullmatch(place.stem) else ""
        for place in places
    ]
    counts = Counter(short)
    return [
        name if name and counts[name] == 1 else f"{place.folder}/{place.stem}{place.suffix}".removeprefix("/")
        for name, place in zip(short, places, strict=True)
    ]
