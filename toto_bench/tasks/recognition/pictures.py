"""The contact sheet of what was misclassified: images, or middle frames, with truth and prediction in words."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

import cv2
import numpy as np

from toto_bench.errors import DataError
from toto_bench.files import write_bytes
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.outcome import Rows
from toto_bench.tasks.recognition.views import Pixels, Views

SHOWN, COLUMNS, SIDE, BAND = 40, 8, 160, 46
"""Items, items in a row, pixels of an item, pixels of the words below it."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_TRUTH, _WRONG, _INK = (40, 110, 40), (170, 40, 30), (60, 60, 60)


def draw_errors(path: Path, rows: Rows, examples: Sequence[Example], views: Views) -> bool:
    """Draw the most confident errors, surest first; false where there is none to draw."""
    wrong = [row for row in rows if not row["correct"] and row["confidence"] is not None]
    wrong = sorted(wrong, key=lambda row: (-row["confidence"], row["item"]))[:SHOWN]
    known = {example.name: example for example in examples}
    cells = []
    for row in wrong:
        try:
            shown = views.scored(known[row["item"]])
        except DataError:
            continue  # it was scored, and has gone since
        view = shown[len(shown) // 2]
        cells.append(_cell(view[len(view) // 2], row))
    if not cells:
        return False
    while len(cells) % COLUMNS and len(cells) > COLUMNS:
        cells.append(np.full_like(cells[0], 255))
    bands = [np.concatenate(cells[at : at + COLUMNS], 1) for at in range(0, len(cells), COLUMNS)]
    sheet = np.concatenate([_heading(bands[0].shape[1], len(wrong), rows), *bands])
    write_bytes(path, cv2.imencode(".png", sheet[:, :, ::-1])[1].tobytes())
    return True


def _cell(pixels: Pixels, row: dict[str, object]) -> Pixels:
    shrinking = cv2.INTER_AREA if len(pixels) > SIDE else cv2.INTER_CUBIC
    picture = np.asarray(cv2.resize(pixels, (SIDE, SIDE), interpolation=shrinking), np.uint8)
    words = np.full((BAND, SIDE, 3), 255, np.uint8)
    confidence = float(str(row["confidence"]))
    _write(words, f"true {_short(row['class'])}", 13, _TRUTH)
    _write(words, f"said {_short(row['predicted_class'])} ({100 * confidence:.0f} %)", 27, _WRONG)
    _write(words, shorten_middle(str(row["item"]), 26), 40, _INK, 0.3)
    cell = np.concatenate([picture, words])
    return np.pad(cell, ((3, 3), (3, 3), (0, 0)), constant_values=255)


def _heading(width: int, shown: int, rows: Rows) -> Pixels:
    band = np.full((24, width, 3), 255, np.uint8)
    wrong = sum(not row["correct"] for row in rows)
    _write(band, f"{wrong} of {len(rows)} wrong; the {shown} surest", 16, _INK, 0.42)
    return band


def _write(image: Pixels, text: str, y: int, colour: tuple[int, int, int], size: float = 0.36) -> None:
    plain = text.encode("ascii", "replace").decode()
    cv2.putText(image, plain, (3, y), _FONT, size, colour, 1, cv2.LINE_AA)


def _short(name: object) -> str:
    """The first of several names of a class, cut to fit."""
    return shorten(str(name).split(",")[0], 17, placeholder="..")


def shorten_middle(text: str, most: int) -> str:
    """The end of a name tells more than its middle."""
    return text if len(text) <= most else f"..{text[2 - most :]}"
