"""Prediction files: scores of every cell for every video, or for several views of it. npz, or CSV.

npz: `videos` (text [M]), `scores` (numbers [M, C]) and, where a video has several rows, `views` (whole numbers [M]).
A run that chose among probes adds the scores of another choice, as `scores@NAME`, and how both were made, as
`selection` and `selection@NAME` (a text).
CSV: the columns `video`, `view` (only where a video has several rows), and `cell_0` to `cell_<C - 1>`.
The rows come in any order; videos are named as in the lists, with or without folder and `.avi`. The scores of several
views are averaged and have to be softmax probabilities; those of one view may be any numbers, larger being better.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError, RequestError
from toto_bench.files import write_text, write_with
from toto_bench.tasks.arrays import read_npz

SUFFIXES = (".npz", ".csv")
_CELL = "cell_"
_SCORES, _SELECTION = "scores", "selection"


class PredictionsError(DataError):
    """A prediction file is damaged, or not laid out as one."""


class Predictions(NamedTuple):
    """What a prediction file holds."""

    videos: tuple[str, ...]
    """Name of the video of each row, as written: M names."""
    scores: NDArray[Any]
    """Of every cell, [M, C]."""
    views: tuple[int, ...] | None
    """Number of the view of each row; None where each video has one row."""
    others: Mapping[str, NDArray[Any]] = MappingProxyType({})
    """Scores [M, C] of other choices of a probe, by name; npz only."""
    selections: Mapping[str, str] = MappingProxyType({})
    """How scores were chosen, by the name of the choice; the empty name is that of `scores`. npz only."""


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write `path`, a npz or CSV file, atomically; every digit is kept.

    Raises:
        RequestError: the path has another suffix.
        DiskError: the file cannot be written.
    """
    _expect_suffix(path)
    if path.suffix == ".csv":
        write_text(path, _csv(predictions))
        return
    arrays = {"videos": np.array(predictions.videos, dtype=np.str_), "scores": predictions.scores}
    if predictions.views is not None:
        arrays["views"] = np.array(predictions.views, dtype=np.int64)
    arrays |= {_key(_SCORES, name): scores for name, scores in predictions.others.items()}
    arrays |= {_key(_SELECTION, name): np.array(text) for name, text in predictions.selections.items()}

    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)

    write_with(path, write)


def read_predictions(path: Path) -> Predictions:
    """Read a prediction file; nothing in it is run.

    Raises:
        RequestError: it is of another kind, or does not exist.
        PredictionsError: it is cut off, or not laid out as a prediction file.
    """
    if not path.is_file():
        raise RequestError(f"{path} is no file: give the prediction file itself, a .npz or .csv.")
    _expect_suffix(path)
    return _read_csv(path) if path.suffix == ".csv" else _read_npz(path)


def _expect_suffix(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise RequestError(
            f"{path} is no prediction file of CATER by its name: expected {' or '.join(SUFFIXES)}. {_LAYOUT}"
        )


_LAYOUT = (
    "A .npz holds `videos` [M], `scores` [M, C] and, for several rows of one video, `views` [M]; a .csv the columns "
    "video, view (for several rows of one video), cell_0, cell_1 and so on."
)


def _read_npz(path: Path) -> Predictions:
    arrays = read_npz(path, PredictionsError)
    videos, scores, views = (arrays.get(name) for name in ("videos", "scores", "views"))
    if videos is None or scores is None:
        raise PredictionsError(f"{path} holds {', '.join(arrays) or 'nothing'}. {_LAYOUT}")
    fitting = (
        videos.ndim == 1 and videos.dtype.kind == "U" and scores.ndim == 2 and len(videos) == len(scores)
    )
    if fitting and views is not None:
        fitting = views.shape == videos.shape and views.dtype.kind in "iu"
    others, texts = _named(arrays, _SCORES), _named(arrays, _SELECTION)
    others.pop("", None)
    fitting = fitting and all(each.shape == scores.shape for each in others.values())
    fitting = fitting and all(each.ndim == 0 and each.dtype.kind == "U" for each in texts.values())
    if not fitting:
        shapes = {name: f"{array.dtype} {list(array.shape)}" for name, array in arrays.items()}
        raise PredictionsError(f"{path} holds {shapes}: they do not fit each other. {_LAYOUT}")
    numbers = None if views is None else tuple(int(view) for view in views)
    selections = {name: str(text) for name, text in texts.items()}
    return Predictions(tuple(str(name) for name in videos), scores, numbers, others, selections)


def _key(kind: str, name: str) -> str:
    return f"{kind}@{name}" if name else kind


def _named(arrays: Mapping[str, NDArray[Any]], kind: str) -> dict[str, NDArray[Any]]:
    """Arrays of a kind, by the name of the choice."""
    found = {key.partition("@"): array for key, array in arrays.items()}
    return {name: array for (word, _, name), array in found.items() if word == kind}


def _read_csv(path: Path) -> Predictions:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PredictionsError(f"{path} cannot be read as text ({error}).") from error
    if not text.endswith("\n"):
        raise PredictionsError(f"{path} is cut off: its last line does not end. Write the file again.")
    header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    lead = 2 if header[1:2] == ["view"] else 1
    if header[:1] != ["video"] or not header[lead:] or header[lead:] != _cells(len(header) - lead):
        raise PredictionsError(
            f"{path} begins with the columns {', '.join(header[:4]) or '(none)'}. {_LAYOUT}"
        )
    values = [_numbers(path, number, row, len(header), lead) for number, row in enumerate(rows, 2) if row]
    scores = np.array([value[1] for value in values], dtype=np.float64).reshape(-1, len(header) - lead)
    views = tuple(value[0] for value in values) if lead == 2 else None
    return Predictions(tuple(row[0] for row in rows if row), scores, views)


def _numbers(path: Path, line: int, row: Sequence[str], columns: int, lead: int) -> tuple[int, list[float]]:
    """View and scores of a line."""
    try:
        if len(row) != columns:
            raise ValueError(f"{len(row)} of {columns} columns")  # noqa: TRY301  one message for both
        return int(row[1]) if lead == 2 else 0, [float(value) for value in row[lead:]]
    except ValueError as error:
        raise PredictionsError(
            f"{path}, line {line}: {error}. The file is damaged: write it again."
        ) from error


def _cells(count: int) -> list[str]:
    return [f"{_CELL}{number}" for number in range(count)]


def _csv(predictions: Predictions) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    several = predictions.views is not None
    writer.writerow(["video", *(["view"] if several else []), *_cells(predictions.scores.shape[1])])
    for index, name in enumerate(predictions.videos):
        lead = [predictions.views[index]] if predictions.views is not None else []
        writer.writerow([name, *lead, *predictions.scores[index].tolist()])
    return text.getvalue()
