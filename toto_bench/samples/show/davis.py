"""DAVIS: frames over time with their masks."""

from pathlib import Path

import numpy as np
from PIL import Image

from toto_bench.samples.show.marks import tint
from toto_bench.samples.show.sheet import ROWS, Cell, Page, Row, shown, spread

_FRAMES, _HEIGHT = 6, 150


def find(folder: Path) -> Path | None:
    """The folder that holds JPEGImages: this one, or its `DAVIS`."""
    return next((root for root in (folder, folder / "DAVIS") if (root / "JPEGImages").is_dir()), None)


def page(root: Path) -> Page:
    """A row for each sequence."""
    sizes = sorted(path for path in (root / "JPEGImages").glob("[!.]*") if path.is_dir())
    folders = [folder for size in sizes[:1] for folder in sorted(size.glob("[!.]*")) if folder.is_dir()]
    splits = _splits(root)
    rows = [_row(root, folders[index], splits) for index in spread(len(folders), ROWS)]
    return Page(
        f"davis: {shown(ROWS, len(folders), 'sequences')}",
        "Objects tinted in the colours of the masks' palette, with their numbers; the first mask is given, the others "
        "are to be found.",
        rows,
        _HEIGHT,
    )


def _row(root: Path, folder: Path, splits: dict[str, str]) -> Row:
    frames = sorted(folder.glob("[!.]*.jpg"))
    masks = [
        root / "Annotations" / folder.parent.name / folder.name / f"{frame.stem}.png" for frame in frames
    ]
    chosen = spread(len(frames), _FRAMES)
    objects = int(_labels(masks[0])[0].max()) if masks and masks[0].is_file() else 0
    split = splits.get(folder.name, "in no list")
    heading = (
        f"{folder.name}: {split}, {len(frames)} frames, {objects} {'object' if objects == 1 else 'objects'}"
    )
    return Row(heading, [_cell(frames[index], masks[index]) for index in chosen])


def _cell(frame: Path, mask: Path) -> Cell:
    with Image.open(frame) as image:
        if not mask.is_file():
            return Cell(image.convert("RGB"), f"{frame.stem}, no mask")
        labels, palette = _labels(mask)
        if labels.shape != (image.height, image.width):
            return Cell(image.convert("RGB"), f"{frame.stem}, mask of another size")
        return Cell(tint(image, labels, palette), frame.stem)


def _labels(mask: Path) -> tuple[np.ndarray, np.ndarray]:
    """Labels uint8 [H, W] and palette uint8 [256, 3] (greys where the file has none)."""
    with Image.open(mask) as image:
        colours = np.array(image.getpalette() or np.repeat(np.arange(256), 3), dtype=np.uint8)
        palette = np.zeros((256, 3), dtype=np.uint8)
        palette[: len(colours) // 3] = colours.reshape(-1, 3)
        return np.asarray(image if image.mode == "P" else image.convert("L"), dtype=np.uint8), palette


def _splits(root: Path) -> dict[str, str]:
    """Sequence to the lists that have it: `train`, `val`."""
    found: dict[str, list[str]] = {}
    for listing in sorted(root.glob("ImageSets/*/*.txt")):
        for line in listing.read_text(encoding="utf-8").split():
            names = found.setdefault(Path(line).parent.name if "/" in line else line, [])
            if listing.stem not in names:
                names.append(listing.stem)
    return {name: " and ".join(lists) for name, lists in found.items()}
