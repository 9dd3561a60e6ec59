"""Where the files of the data set lie."""

from pathlib import Path
from typing import Literal

from toto_bench.errors import WrongDataError
from toto_bench.tasks.ego4d_sta.sizes import SMALL

Version = Literal["v1", "v2"]
Split = Literal["train", "val", "test"]
_NAMES = {
    split: (
        f"fho_sta_{split}.json",
        f"fho_sta_{split}_unannotated.json",
        f"fho_sta_{split}_height-{SMALL}.json",
    )
    for split in ("train", "val", "test")
}
_FOLDERS = ("annotations", f"annotations_{SMALL}ss", ".")


def find_annotations(data: Path, version: Version, split: Split) -> Path:
    """The annotation file of a split: `data` itself, or one below it.

    Accepted are a folder with `v1` and `v2`, as the official tool writes it, one of these, and any folder that has
    `annotations`, or the file itself. Files of full size are preferred to those of height 540.

    Raises:
        WrongDataError: there is none.
    """
    if data.is_file():
        return data
    places = [
        base / folder / name
        for folder in _FOLDERS
        for name in _NAMES[split]
        for base in (data / version, data)
    ]
    for place in places:
        if place.is_file():
            return place
    if not data.exists():
        raise WrongDataError(
            f"{data} does not exist: give the folder of Ego4D, or an annotation file, with `--data`."
        )
    raise WrongDataError(
        f"{data} has no annotations of `{split}`, {version}: looked for {places[0]} and "
        f"{data / 'annotations' / _NAMES[split][0]}, among others. `toto-bench show task ego4d_sta` shows the layout."
    )


def find_training(data: Path, version: Version) -> Path | None:
    """The annotation file that is trained on; None where there is none, or `data` is a file."""
    try:
        return None if data.is_file() else find_annotations(data, version, "train")
    except WrongDataError:
        return None


def media_folders(data: Path, version: Version, name: str) -> list[Path]:
    """Folders that may hold pictures or videos of a kind, the likeliest first; those that exist."""
    root = data.parent.parent if data.is_file() else data
    candidates = (root / version / name, root / name)
    return [folder for folder in candidates if folder.is_dir()]
