"""ImageNet as class folders: a row of pictures for each class."""

from pathlib import Path

from PIL import Image

from toto_bench.samples.show.sheet import ROWS, Cell, Page, Row, shown, spread

_SUFFIXES = frozenset({".jpeg", ".jpg", ".png"})
_EACH = {"train": 6, "val": 6}
_HEIGHT = 120


def find(folder: Path) -> Path | None:
    """The folder that holds train/CLASS/IMAGES: this one, or that of Kaggle's archive."""
    return next((root for root in (folder, folder / "ILSVRC/Data/CLS-LOC") if _classes(root)), None)


def page(root: Path) -> Page:
    """A row for each class."""
    classes, words = _classes(root), _words(root)
    rows = [_row(root, index, classes[index], words) for index in spread(len(classes), ROWS)]
    return Page(
        f"imagenet: {shown(ROWS, len(classes), 'classes')}",
        "The number before a class is its index: the rank of its folder.",
        rows,
        _HEIGHT,
    )


def _row(root: Path, index: int, name: str, words: dict[str, str]) -> Row:
    cells, counts = [], []
    for split, most in _EACH.items():
        images = _images(root / split / name)
        counts.append(f"{len(images):,} {split}")
        cells += [_cell(images[chosen], split) for chosen in spread(len(images), most)]
    called = f"{name} ({words[name]})" if name in words else name
    return Row(f"{index}: {called}, {' + '.join(counts)}", cells)


def _cell(path: Path, split: str) -> Cell:
    with Image.open(path) as image:
        return Cell(_square(image.convert("RGB")), split)


def _square(image: Image.Image) -> Image.Image:
    """Its middle, as wide as high."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def _classes(root: Path) -> list[str]:
    """Folders of train (else of val) that hold images, in the order of their indices."""
    for split in _EACH:
        names = [path.name for path in (root / split).glob("[!.]*") if path.is_dir() and _has_images(path)]
        if names:
            return sorted(names)
    return []


def _has_images(folder: Path) -> bool:
    return any(path.suffix.lower() in _SUFFIXES for path in folder.iterdir())


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("[!.]*") if path.suffix.lower() in _SUFFIXES)


def _words(root: Path) -> dict[str, str]:
    """Class folder to its words, where Kaggle's list of them is there."""
    for place in (root, *root.parents[:3]):
        if (listing := place / "LOC_synset_mapping.txt").is_file():
            lines = listing.read_text(encoding="utf-8").splitlines()
            return dict(line.split(" ", 1) for line in lines if " " in line)
    return {}
