"""Reading DAVIS on disk: lists, frames, masks. The official layout of 2016 and 2017."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from toto_bench.errors import DataError, WrongDataError
from toto_bench.tasks.davis.metric.validation import VOID
from toto_bench.tasks.davis.protocol import DavisProtocol

_ENDS = {".jpg": b"\xff\xd9", ".png": b"IEND"}
_TAIL = 1024
_WAY_OUT = "Restore the file from the archive, or leave its sequence out with `--allow-missing`."


@dataclass(frozen=True)
class VideoSequence:
    """One video: its frames, and a mask for each of them (None where it is missing)."""

    name: str
    """Name of its folder."""
    frames: tuple[Path, ...]
    """JPEGs in order."""
    masks: tuple[Path | None, ...]
    """PNGs of the same names."""
    orphans: tuple[str, ...] = ()
    """Names of masks without a frame."""


def find_root(data: Path) -> Path:
    """The folder that holds JPEGImages: `data` itself, or `data/DAVIS` as the official archive unpacks.

    Raises:
        DataError: there is neither.
    """
    for root in (data, data / "DAVIS"):
        if (root / "JPEGImages").is_dir():
            return root
    if not data.exists():
        raise WrongDataError(f"{data} does not exist: give the DAVIS folder with `--data`.")
    raise WrongDataError(
        f"{data} is not a DAVIS folder: `JPEGImages` was looked for there and in `{data / 'DAVIS'}`. "
        "`toto-bench show task davis` shows the layout."
    )


def list_file(root: Path, protocol: DavisProtocol) -> Path:
    """The file that lists the sequences of a split.

    Raises:
        DataError: it does not exist.
    """
    places = [root / "ImageSets" / str(protocol.year) / f"{protocol.split}.txt"]
    if protocol.year == 2016:
        places.append(root / "ImageSets" / protocol.folder / f"{protocol.split}.txt")
    for place in places:
        if place.is_file():
            return place
    lists = sorted(str(path.relative_to(root)) for path in root.glob("ImageSets/*/*.txt"))
    raise WrongDataError(
        f"{places[0]} is missing, so the sequences of `{protocol.split}` are not known. "
        f"Lists found: {', '.join(lists) or 'none'}. Choose one with `--set split=...` or `--set year=...`."
    )


def read_list(path: Path) -> tuple[str, ...]:
    """Names of the sequences, in the order of the list (2017), or of first mention (2016: a line a frame).

    Raises:
        DataError: the list is empty.
    """
    names: dict[str, None] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if words := line.split():
            names[Path(words[0]).parent.name if "/" in words[0] else words[0]] = None
    if not names:
        raise DataError(f"{path} lists no sequence. Restore it from the official archive.")
    return tuple(names)


def find_sequence(root: Path, name: str, protocol: DavisProtocol) -> VideoSequence:
    """The files of a sequence; frames may be none when the folder is missing or empty."""
    frames = tuple(sorted((root / "JPEGImages" / protocol.folder / name).glob("[!.]*.jpg")))
    folder = root / "Annotations" / protocol.folder / name
    masks = tuple(mask if (mask := folder / f"{frame.stem}.png").is_file() else None for frame in frames)
    names = {frame.stem for frame in frames}
    orphans = tuple(sorted(mask.stem for mask in folder.glob("[!.]*.png") if mask.stem not in names))
    return VideoSequence(name, frames, masks, orphans)


def read_frame(path: Path) -> NDArray[np.uint8]:
    """A frame as uint8 [H, W, 3] RGB.

    Raises:
        DataError: the file is not an image, or is cut off (OpenCV would fill the rest with grey).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}. {_WAY_OUT}") from error
    _expect_end(path, content[-_TAIL:])
    image = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"{path} cannot be decoded as a JPEG. {_WAY_OUT}")
    return np.ascontiguousarray(image[:, :, ::-1], dtype=np.uint8)


def expect_whole(path: Path) -> None:
    """Look at the end of a JPEG or PNG, without decoding it.

    Raises:
        DataError: it is cut off.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(max(path.stat().st_size - _TAIL, 0))
            tail = stream.read()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}. {_WAY_OUT}") from error
    _expect_end(path, tail)


def _expect_end(path: Path, tail: bytes) -> None:
    if _ENDS[path.suffix] not in tail:
        raise DataError(
            f"{path} is not a whole {path.suffix[1:].upper()}: it is cut off, or another kind of file. {_WAY_OUT}"
        )


def read_labels(path: Path) -> NDArray[np.uint8]:
    """A label map as uint8 [H, W], as it is on disk: palette index, or grey value.

    Raises:
        DataError: the file is unreadable, or coloured.
    """
    try:
        with Image.open(path) as image:
            if image.mode not in ("P", "L", "1"):
                raise DataError(
                    f"{path} has colours (mode {image.mode}), not labels: DAVIS masks are palette PNGs whose pixel "
                    "value is the object number. Convert it, keeping the palette."
                )
            return np.array(image, dtype=np.uint8)
    except (OSError, UnidentifiedImageError, SyntaxError) as error:
        raise DataError(f"{path} cannot be decoded as a PNG ({error}). {_WAY_OUT}") from error


def read_truth(path: Path, protocol: DavisProtocol) -> NDArray[np.uint8]:
    """A true label map: void becomes background; in 2016 everything that is not 0 is object 1."""
    labels = read_labels(path)
    if protocol.year == 2016:
        return (labels > 0).astype(np.uint8)
    labels[labels == VOID] = 0
    return labels
