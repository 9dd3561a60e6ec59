"""A tiny sequence made with numpy, in the official layout, so that everything runs with no download."""

from pathlib import Path

import cv2
import numpy as np

from toto_bench.files import write_bytes, write_text
from toto_bench.tasks.davis.predictions import save_labels

SIZE, FRAMES = (192, 320), 12


def write_sample(folder: Path) -> None:
    """Two textured discs cross over a textured ground: one sequence, two objects."""
    rng = np.random.default_rng(0)
    ground, *skins = (cv2.resize(rng.integers(0, 256, (n, n, 3), np.uint8), SIZE[::-1]) for n in (12, 5, 30))
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    for t in range(FRAMES):
        frame, label = ground.copy(), np.zeros(SIZE, np.uint8)
        for number, (x, y, skin) in enumerate(
            [(70 + 14 * t, 80, skins[0]), (240 - 14 * t, 115, skins[1])], 1
        ):
            inside = (columns - x) ** 2 + (rows - y) ** 2 < 38**2
            moved = np.roll(skin, (y, x), axis=(0, 1))
            frame[inside], label[inside] = moved[inside] // 2 + 100 * (number == 1), number
        path = folder / "JPEGImages" / "480p" / "discs" / f"{t:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, cv2.imencode(".jpg", frame)[1].tobytes())
        mask = folder / "Annotations" / "480p" / "discs" / f"{t:05d}.png"
        mask.parent.mkdir(parents=True, exist_ok=True)
        save_labels(mask, label)
    write_text(folder / "ImageSets/2017/val.txt", "discs\n")
