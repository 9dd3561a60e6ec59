"""Reading CATER on disk: versions, lists of videos and their cells. The layout of the official archives."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toto_bench.errors import DataError, WrongDataError
from toto_bench.tasks.cater.protocol import CaterProtocol

VERSIONS = {"static": "all_actions", "moving": "all_actions_cameramotion"}
"""Folder of each camera's version; snitch localization is measured on these."""
OTHER_VERSIONS = ("max2action", "max2action_cameramotion")
"""Versions for other tasks; they have such lists too."""
LISTS = {6: "localize", 4: "localize_4x4", 8: "localize_8x8"}
"""Folder of lists of each grid."""
TRAINED_ON = {"val": "train", "train_subsetV": "train_subsetT"}
"""The list that is trained on, for each that is scored."""


@dataclass(frozen=True)
class ListedVideo:
    """A line of a list."""

    name: str
    """File name of the video, as listed: `CATER_new_000123.avi`."""
    label: int
    """The cell in which the snitch ends, as listed; it may lie beyond the grid, as the official labels may."""
    path: Path
    """Where its video belongs."""
    scene: Path
    """Where its scene file belongs; it may be missing."""
    line: int
    """Of its list, from 1."""


@dataclass(frozen=True)
class VideoList:
    """One list."""

    name: str
    """`val`, `train`, `train_subsetV` or `train_subsetT`."""
    path: Path
    """The file."""
    videos: tuple[ListedVideo, ...]
    """Each once, in the order of first mention."""
    contradictions: dict[str, str]
    """Videos that are listed again with another cell."""
    repeated: tuple[str, ...]
    """Videos that are listed again with the same cell."""


def find_root(data: Path, protocol: CaterProtocol) -> Path:
    """The folder that holds `lists`: `data` itself, or that of the camera below it.

    Raises:
        WrongDataError: there is none, or it is of another version.
    """
    wanted = VERSIONS[protocol.camera]
    if (data / wanted / "lists").is_dir():
        return data / wanted
    name = data.resolve().name
    if (data / "lists").is_dir() and name not in {*VERSIONS.values(), *OTHER_VERSIONS} - {wanted}:
        return data
    if name in OTHER_VERSIONS:
        raise WrongDataError(
            f"{data} is the version `{name}`, which is for other tasks of CATER: snitch localization is measured on "
            f"`{wanted}`. `toto-bench show task cater` says where it is."
        )
    for camera, version in VERSIONS.items():
        if name == version or (data / version / "lists").is_dir():
            raise WrongDataError(
                f"{data} has the version `{version}`, but `{wanted}` is asked for. Give its folder with `--data`, or "
                f"take the other camera with `--set camera={camera}`."
            )
    raise WrongDataError(
        f"{data} is not a CATER folder: `lists` was looked for there and in `{data / wanted}`. "
        "`toto-bench show task cater` shows the layout."
    )


def read_list(root: Path, protocol: CaterProtocol, name: str) -> VideoList:
    """One list of the grid.

    Args:
        root: that holds `lists`, `videos` and perhaps `scenes`.
        protocol: which grid.
        name: of the list.

    Raises:
        DataError: it is missing, empty, or has a line that is no video and cell.
    """
    path = root / "lists" / LISTS[protocol.grid] / f"{name}.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        found = sorted(str(file.relative_to(root)) for file in root.glob("lists/localize*/*.txt"))
        raise WrongDataError(
            f"{path} is missing or cannot be read, so the videos of `{name}` are not known. Lists found: "
            f"{', '.join(found) or 'none'}. Restore it from lists.zip, or choose another grid with `--set grid=...`."
        ) from error
    entries = [_entry(root, path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not entries:
        raise WrongDataError(f"{path} lists no video. Restore it from lists.zip.")
    return _without_repeats(name, path, entries)


def video_name(text: str) -> str:
    """The name of a video, without folders; the lists of some copies have whole paths."""
    return text.rsplit("/", 1)[-1]


def _entry(root: Path, path: Path, number: int, line: str) -> ListedVideo:
    words = line.split()
    try:
        written, label = words[0], int(words[1])
        assert len(words) == 2
    except (IndexError, ValueError, AssertionError) as error:
        raise DataError(
            f"{path}, line {number}, is `{line.strip()[:80]}`: expected a video and its cell, as in "
            "`CATER_new_000123.avi 17`. Restore the list from lists.zip."
        ) from error
    name = video_name(written)
    stem = name.rsplit(".", 1)[0]
    return ListedVideo(name, label, root / "videos" / name, root / "scenes" / f"{stem}.json", number)


def _without_repeats(name: str, path: Path, entries: Sequence[ListedVideo]) -> VideoList:
    first: dict[str, ListedVideo] = {}
    contradictions: dict[str, str] = {}
    repeated: dict[str, None] = {}
    for entry in entries:
        known = first.setdefault(entry.name, entry)
        if known.label != entry.label:
            contradictions[entry.name] = (
                f"listed in {path.name} with cell {known.label} (line {known.line}) and with cell {entry.label} "
                f"(line {entry.line})"
            )
        elif known is not entry:
            repeated[entry.name] = None
    return VideoList(name, path, tuple(first.values()), contradictions, tuple(repeated))
