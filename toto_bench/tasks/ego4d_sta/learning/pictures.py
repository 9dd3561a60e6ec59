"""The contact sheet: annotated frames with what is meant and what was predicted."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from toto_bench.files import write_bytes
from toto_bench.tasks.ego4d_sta.annotations import AnnotationFile
from toto_bench.tasks.ego4d_sta.columns import Objects, Predictions
from toto_bench.tasks.ego4d_sta.data import StaData
from toto_bench.tasks.ego4d_sta.frames import Pixels, Sample, Wanted, gather
from toto_bench.tasks.ego4d_sta.learning.clips import scaled

SHOWN, COLUMNS, WIDTH, BEST = 24, 4, 360, 3
"""Images, images in a row, pixels of the width of one, predictions drawn in it."""
_FONT, _LINE = cv2.FONT_HERSHEY_SIMPLEX, 15
_TRUTH = (70, 200, 90)
_FOUND = ((240, 130, 60), (200, 110, 190), (110, 140, 220))
"""Colours of the predictions, the best one first."""


def draw_sheet(path: Path, file: AnnotationFile, split: StaData, predictions: Predictions) -> bool:
    """Draw images spread evenly over the split, by rising uid of their videos; false where none can be read."""
    places = {annotation.uid: place for place, annotation in enumerate(file.annotations)}
    chosen = [
        predictions.uids[n]
        for n in np.unique(np.linspace(0, len(predictions.uids) - 1, SHOWN).round().astype(int))
    ]
    source = split.still or split.clip
    if source is None or not chosen:
        return False
    rows = {uid: row for row, uid in enumerate(predictions.uids)}
    cells = {}
    whole: Wanted[Pixels] = Wanted(source, lambda frame: frame)
    samples: Iterator[Sample[Pixels, Pixels]] = gather(
        [file.annotations[places[uid]] for uid in chosen], still=whole
    )
    for sample in samples:
        uid = sample.annotation.uid
        if sample.still is not None:
            cells[uid] = _cell(sample.still, file, places[uid], predictions, rows[uid])
    if not cells:
        return False
    drawn = [cells[uid] for uid in chosen if uid in cells]
    height = max(len(cell) for cell in drawn)
    drawn = [np.pad(c, ((0, height - len(c)), (0, 0), (0, 0)), constant_values=255) for c in drawn]
    while len(drawn) % COLUMNS and len(drawn) > COLUMNS:
        drawn.append(np.full_like(drawn[0], 255))
    bands = [np.concatenate(drawn[at : at + COLUMNS], axis=1) for at in range(0, len(drawn), COLUMNS)]
    sheet = np.concatenate([_heading(bands[0].shape[1]), *bands])
    write_bytes(path, cv2.imencode(".png", sheet[:, :, ::-1])[1].tobytes())
    return True


def _cell(
    still: Pixels,
    file: AnnotationFile,
    place: int,
    predictions: Predictions,
    row: int,
) -> Pixels:
    """The frame with boxes, and a line for each of them below."""
    height, width = file.sizes[place].tolist()
    scale = WIDTH / width
    picture = np.ascontiguousarray(scaled(still, (round(height * scale), WIDTH)))
    words = [(_TRUTH, f"true: {text}") for text in _described(file, file.labels, place, None)]
    best = _described(file, predictions, row, BEST)
    words += [(_FOUND[n], text) for n, text in enumerate(best)] or [((120, 120, 120), "no prediction")]
    for n in reversed(range(len(best))):
        _box(
            picture,
            predictions.boxes[int(predictions.starts[row]) + _order(predictions, row)[n]] * scale,
            _FOUND[n],
        )
    start = int(file.labels.starts[place])
    for box in file.labels.boxes[start : start + int(file.labels.counts[place])]:
        _box(picture, box * scale, _TRUTH, 2)
    band = np.full((_LINE * len(words) + 6, WIDTH, 3), 255, np.uint8)
    for number, (colour, text) in enumerate(words):
        ink = tuple(int(0.7 * value) for value in colour)
        plain = text.encode("ascii", "replace").decode()
        cv2.putText(band, plain, (3, _LINE * (number + 1) - 2), _FONT, 0.4, ink, 1, cv2.LINE_AA)
    return np.pad(np.concatenate([picture, band]), ((3, 3), (3, 3), (0, 0)), constant_values=255)


def _described(file: AnnotationFile, objects: Objects, image: int, most: int | None) -> list[str]:
    """Noun, verb and time of the objects of an image, the likeliest first."""
    start = int(objects.starts[image])
    texts = []
    for place in _order(objects, image)[:most]:
        row = start + place
        noun, verb = file.nouns[int(objects.nouns[row])], file.verbs[int(objects.verbs[row])]
        score = f"{objects.scores[row]:.2f} " if isinstance(objects, Predictions) else ""
        texts.append(f"{score}{_short(verb)} {_short(noun)} in {objects.ttcs[row]:.2f} s")
    return texts


def _order(objects: Objects, image: int) -> Sequence[int]:
    count = int(objects.counts[image])
    if not isinstance(objects, Predictions):
        return range(count)
    start = int(objects.starts[image])
    found: list[int] = np.argsort(-objects.scores[start : start + count], kind="stable").tolist()
    return found


def _short(name: str) -> str:
    """`bag_(...)` is a bag."""
    return name.partition("_(")[0].replace("_", " ")


def _box(
    image: Pixels,
    box: np.ndarray[tuple[int], np.dtype[np.float64]],
    colour: tuple[int, int, int],
    line: int = 1,
) -> None:
    x1, y1, x2, y2 = (round(float(value)) for value in box)
    cv2.rectangle(image, (x1, y1), (x2, y2), colour, line, cv2.LINE_AA)


def _heading(width: int) -> Pixels:
    band = np.full((22, width, 3), 255, np.uint8)
    text = f"annotated frames: truth green, the {BEST} surest predictions (score, verb, noun, time) below"
    cv2.putText(band, text, (3, 15), _FONT, 0.42, (60, 60, 60), 1, cv2.LINE_AA)
    return band
