"""Prediction files: the official JSON, and npz of the same as columns.

JSON is what the challenge takes; 1.2 million predictions are 240 MB of it, and take longer to read than to score.
npz holds `uids` (text [N]), `counts` (whole numbers [N]) and, of all predictions in the order of the images, `boxes`
[M, 4], `nouns`, `verbs`, `ttcs` and `scores` [M].
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.files import replacing, write_with
from toto_bench.tasks.arrays import read_npz
from toto_bench.tasks.ego4d_sta.columns import SCORED_COLUMNS, Predictions, reorder_images
from toto_bench.tasks.ego4d_sta.errors import DamagedSubmissionError, NotFiniteError, SubmissionLayoutError
from toto_bench.tasks.ego4d_sta.expectations import HEADER, expect_header, expect_images
from toto_bench.tasks.ego4d_sta.rows import read_predictions

SUFFIXES = (".json", ".npz")
_KINDS = {"boxes": "f", "nouns": "iu", "verbs": "iu", "ttcs": "f", "scores": "f"}


class Submission(NamedTuple):
    """Predictions of annotated images."""

    predictions: Predictions
    """Of the images that are there, in the order that was asked for."""
    missing: tuple[str, ...]
    """Annotated images that are not there."""


def read_submission(path: Path, uids: Sequence[str], *, allow_missing: bool = False) -> Submission:
    """Read predictions of annotated images; others are ignored.

    JSON passes the official check or is refused: version and challenge, types (times and scores are floats), every
    annotated image. NaN, which that check lets through, is refused too.

    Args:
        path: a file of the official format, or npz as `write_submission` writes it.
        uids: of the annotated images.
        allow_missing: images that are not in the file are left out instead of refused.

    Raises:
        RequestError: there is no such file, or it is of another kind.
        DataError: it is damaged or cannot be scored; one subclass per cause.
    """
    _expect_suffix(path)
    if not path.is_file():
        raise RequestError(f"{path} is no file: give the submission itself, a .json or .npz.")
    place = str(path)
    if path.suffix == ".npz":
        found = read_columns(path)
        expect_images({"results": dict.fromkeys(found.uids)}, uids, place, allow_missing=allow_missing)
        there = set(found.uids)
    else:
        content = _read_json(path)
        expect_header(content, place)
        results = expect_images(content, uids, place, allow_missing=allow_missing)
        there = set(results)
        found = read_predictions(results, [uid for uid in uids if uid in there], place, strict=True)
    missing = tuple(uid for uid in uids if uid not in there)
    return Submission(reorder_images(found, [uid for uid in uids if uid in there]), missing)


def write_submission(path: Path, predictions: Predictions) -> None:
    """Write `path`, a .json file in the official format or .npz, atomically; every digit is kept.

    Raises:
        RequestError: the path has another suffix.
        NotFiniteError: a number is NaN or infinite.
        DiskError: the file cannot be written.
    """
    _expect_suffix(path)
    for name in ("boxes", "ttcs", "scores"):
        if not np.isfinite(getattr(predictions, name)).all():
            raise NotFiniteError(f"{path} was not written: `{name}` of some predictions are NaN or infinite.")
    if path.suffix == ".npz":
        columns: dict[str, Any] = {name: getattr(predictions, name) for name in SCORED_COLUMNS}
        uids = np.array(predictions.uids, dtype=np.str_)

        def write(temporary: Path) -> None:
            with temporary.open("wb") as stream:
                np.savez(stream, allow_pickle=False, uids=uids, counts=predictions.counts, **columns)

        write_with(path, write)
        return
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        header = json.dumps({**HEADER, "results": {}})
        stream.write(header[: -len("}}")])
        for number, uid in enumerate(predictions.uids):
            rows = json.dumps(_rows(predictions, number), allow_nan=False)
            stream.write(f"{',' if number else ''}\n{json.dumps(uid)}: {rows}")
        stream.write("\n}}\n")


def _rows(predictions: Predictions, image: int) -> list[dict[str, Any]]:
    start = int(predictions.starts[image])
    part = slice(start, start + int(predictions.counts[image]))
    columns = (getattr(predictions, name)[part].tolist() for name in SCORED_COLUMNS)
    names = ("box", "noun_category_id", "verb_category_id", "time_to_contact", "score")
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _expect_suffix(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise RequestError(f"{path} is no submission by its name: expected {' or '.join(SUFFIXES)}.")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        size = path.stat().st_size
        where = f"line {error.lineno}, column {error.colno}"
        fault = "it is empty" if not size else f"{error.msg} at {where}, character {error.pos:,} of {size:,}"
        raise DamagedSubmissionError(
            f"{path} cannot be read as JSON: {fault}. It is cut off or damaged: write it again."
        ) from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedSubmissionError(f"{path} cannot be read as JSON ({error}).") from error


def read_columns(path: Path) -> Predictions:
    """All predictions of an npz file, in its order.

    Raises:
        DataError: it is damaged, or laid out otherwise.
    """
    arrays = read_npz(path, DamagedSubmissionError)
    if not _fit(arrays):
        shapes = ", ".join(f"`{name}` {array.dtype} {list(array.shape)}" for name, array in arrays.items())
        raise SubmissionLayoutError(
            f"{path} holds {shapes or 'nothing'}: expected `uids` and `counts` [N], `boxes` [M, 4], `nouns`, `verbs`, "
            "`ttcs` and `scores` [M], the counts adding up to M, and no uid twice."
        )
    types = {
        "boxes": np.float64,
        "nouns": np.int64,
        "verbs": np.int64,
        "ttcs": np.float64,
        "scores": np.float64,
    }
    columns: dict[str, Any] = {name: arrays[name].astype(kind) for name, kind in types.items()}
    for name in ("boxes", "ttcs", "scores"):
        if not np.isfinite(columns[name]).all():
            raise NotFiniteError(f"{path}: `{name}` of some predictions are NaN or infinite.")
    uids = tuple(str(uid) for uid in arrays["uids"])
    return Predictions(uids, counts=arrays["counts"].astype(np.int64), **columns)


def _fit(arrays: dict[str, NDArray[Any]]) -> bool:
    """Whether the arrays of a npz file belong together."""
    if not {"uids", "counts", *_KINDS} <= arrays.keys():
        return False
    uids, counts = arrays["uids"], arrays["counts"]
    images = uids.ndim == 1 and uids.dtype.kind == "U" and counts.shape == uids.shape
    if (
        not images
        or counts.dtype.kind not in "iu"
        or counts.min(initial=0) < 0
        or len(set(uids.tolist())) < len(uids)
    ):
        return False
    total = int(counts.sum())
    shapes = {name: (total, 4) if name == "boxes" else (total,) for name in _KINDS}
    return all(
        arrays[name].shape == shapes[name] and arrays[name].dtype.kind in kind
        for name, kind in _KINDS.items()
    )
