"""What a run draws: an overlay video per sequence, one contact sheet, the curves."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.files import write_bytes
from toto_bench.media.h264 import write_h264
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.davis.plots import plot_curves
from toto_bench.tasks.davis.predictions import davis_palette
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import VideoSequence, read_frame, read_labels, read_truth

Image = NDArray[np.uint8]
"""[H, W, 3] RGB."""

PALETTE = np.array(davis_palette(), dtype=np.uint8).reshape(256, 3)
FRAMES_PER_SECOND = 24
SHEET_COLUMNS, SHEET_WIDTH, SHEET_ROWS = 6, 240, 12


def draw(
    sequences: Mapping[str, VideoSequence],
    predictions: Path,
    protocol: DavisProtocol,
    curves: Mapping[str, list[dict[str, Any]]],
    context: RunContext,
) -> dict[str, Path]:
    """Draw everything; title to file."""
    out = context.out / "artifacts"
    artifacts = {"contact sheet": out / "contact-sheet.png", "curves": out / "curves.png"}
    context.progress.start("Overlay videos", len(sequences))
    for sequence in sequences.values():
        path = out / "overlays" / f"{sequence.name}.mp4"
        if not path.is_file():
            frames = _overlays(sequence, predictions, protocol)
            write_h264(path, frames, FRAMES_PER_SECOND, crf=23, preset="veryfast")
        artifacts[f"overlay of {sequence.name}"] = path
        context.progress.advance()
    context.progress.stop()
    sheet = contact_sheet(list(sequences.values())[:SHEET_ROWS], predictions, protocol)
    write_bytes(artifacts["contact sheet"], cv2.imencode(".png", sheet[:, :, ::-1])[1].tobytes())
    plot_curves(artifacts["curves"], curves)
    return artifacts


def overlay(frame: Image, labels: NDArray[np.uint8]) -> Image:
    """A frame with its objects tinted and outlined."""
    colour = PALETTE[labels]
    mixed = np.where((labels > 0)[..., None], frame // 2 + colour // 2, frame)
    for number in np.unique(labels[labels > 0]):
        outline, _ = cv2.findContours(
            (labels == number).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
        )
        cv2.drawContours(mixed, outline, -1, (255, 255, 255), 3)
        cv2.drawContours(mixed, outline, -1, [int(c) for c in PALETTE[number]], 1)
    return np.asarray(mixed, dtype=np.uint8)


def contact_sheet(sequences: Sequence[VideoSequence], predictions: Path, protocol: DavisProtocol) -> Image:
    """Two rows a sequence, truth above prediction, over time from left to right."""
    bands = [
        _band(sequence, predictions, protocol, title)
        for sequence in sequences
        for title in ("truth", "prediction")
    ]
    width = max(band.shape[1] for band in bands)
    padded = [np.pad(b, ((0, 0), (0, width - b.shape[1]), (0, 0)), constant_values=255) for b in bands]
    return np.concatenate(padded)


def _overlays(sequence: VideoSequence, predictions: Path, protocol: DavisProtocol) -> Iterator[Image]:
    """Truth on the left, prediction on the right."""
    for frame, mask in zip(sequence.frames, sequence.masks, strict=True):
        assert mask is not None
        image = read_frame(frame)
        truth = overlay(image, read_truth(mask, protocol))
        prediction = overlay(image, read_labels(predictions / sequence.name / f"{frame.stem}.png"))
        yield np.concatenate([_titled(truth, "truth"), _titled(prediction, "prediction")], axis=1)


def _band(sequence: VideoSequence, predictions: Path, protocol: DavisProtocol, title: str) -> Image:
    """One row of the sheet."""
    count = min(SHEET_COLUMNS, len(sequence.frames))
    cells = []
    for index in np.linspace(0, len(sequence.frames) - 1, count).round().astype(int):
        frame, mask = sequence.frames[index], sequence.masks[index]
        assert mask is not None
        truth = title == "truth"
        labels = (
            read_truth(mask, protocol)
            if truth
            else read_labels(predictions / sequence.name / f"{frame.stem}.png")
        )
        image = overlay(read_frame(frame), labels)
        height = round(image.shape[0] * SHEET_WIDTH / image.shape[1])
        small = np.asarray(
            cv2.resize(image, (SHEET_WIDTH, height), interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
        name = f"{sequence.name}  {title}" if index == 0 else f"{index}"
        cells.append(np.pad(_titled(small, name), ((2, 2), (2, 2), (0, 0)), constant_values=255))
    return np.concatenate(cells, axis=1)


def _titled(image: Image, title: str) -> Image:
    """Text on a dark strip at the top left."""
    drawn = np.ascontiguousarray(image)
    (width, height), _ = cv2.getTextSize(title, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
    cv2.rectangle(drawn, (0, 0), (width + 8, height + 9), (20, 20, 20), -1)
    cv2.putText(
        drawn, title, (4, height + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA
    )
    return drawn
