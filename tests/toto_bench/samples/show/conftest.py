"""Small data sets in the official layouts: a bright disc on a textured ground."""

import csv
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Place = tuple[float, float]


def frame(
    place: Place, size: tuple[int, int] = (120, 160), colour=(230, 190, 40), seed: int = 0
) -> Image.Image:
    """A disc at (x, y) in [0, 1] on a ground of its own."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(rng.integers(40, 140, (6, 8, 3), np.uint8)).resize(size[::-1])
    x, y, radius = place[0] * size[1], place[1] * size[0], size[0] / 8
    ImageDraw.Draw(ground).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return ground


def write_video(path: Path, images: list[Image.Image], rate: int = 24) -> None:
    """MJPEG for .avi, H.264 for .mp4, with a key frame now and then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codec, pixels = ("mjpeg", "yuvj420p") if path.suffix == ".avi" else ("libx264", "yuv420p")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = *images[0].size, pixels
        if codec == "libx264":
            stream.options = {"g": "10", "crf": "18"}
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode())


def moving(frames: int, start: Place, end: Place, seed: int = 0) -> list[Image.Image]:
    """A disc that moves evenly."""
    share: NDArray[np.float64] = np.linspace(0, 1, frames)
    return [
        frame((start[0] + s * (end[0] - start[0]), start[1] + s * (end[1] - start[1])), seed=seed)
        for s in share
    ]


@pytest.fixture
def imagenet(tmp_path: Path) -> Path:
    """Three classes, eight and two pictures each; two are named."""
    root = tmp_path / "imagenet"
    for index, name in enumerate(("n01440764", "n01443537", "n02085620")):
        colour = tuple(60 + 150 * (index == channel) for channel in range(3))
        for split, count in (("train", 8), ("val", 2)):
            (root / split / name).mkdir(parents=True)
            for number in range(count):
                place = (0.3 + 0.05 * number, 0.5)
                frame(place, colour=colour, seed=number).save(root / split / name / f"{name}_{number}.JPEG")
    (root / "LOC_synset_mapping.txt").write_text("n01440764 tench, Tinca tinca\nn01443537 goldfish\n")
    return root


CLIPS = (("sliding left", "-ab_c", (0.9, 0.5), (0.1, 0.5)), ("falling", "xyz", (0.5, 0.1), (0.5, 0.9)))


@pytest.fixture
def kinetics400(tmp_path: Path) -> Path:
    """CVDF: one clip of each of two classes, an id with a dash and an underscore, one video missing."""
    root = tmp_path / "kinetics400"
    (root / "annotations").mkdir(parents=True)
    with (root / "annotations" / "val.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["label", "youtube_id", "time_start", "time_end", "split"])
        for label, name, start, end in CLIPS:
            writer.writerow([label, name, 7, 17, "val"])
            write_video(root / "val" / f"{name}_000007_000017.mp4", moving(30, start, end), rate=30)
        writer.writerow(["falling", "gone", 0, 10, "val"])
    return root


@pytest.fixture
def slowfast(tmp_path: Path) -> Path:
    """Lists as SlowFast has them."""
    root = tmp_path / "slowfast"
    for number, (_, name, start, end) in enumerate(CLIPS):
        write_video(root / "clips" / f"{name}.mp4", moving(12, start, end))
        (root / "train.csv").open("a").write(f"clips/{name}.mp4 {number}\n")
    return root


@pytest.fixture
def make_sta(tmp_path: Path) -> Callable[..., Path]:
    """Two annotated frames of a video, as stills or inside the full video, under v1."""

    def make(pictures: str = "stills") -> Path:
        root, video = tmp_path / "ego4d_sta", "aaaa-bbbb"
        images = moving(40, (0.2, 0.5), (0.8, 0.5))
        annotations = []
        for number in (9, 33):
            x = (0.2 + 0.6 * number / 39) * 160
            target = {
                "box": [x - 15.0, 45.0, x + 15.0, 75.0],
                "noun_category_id": 1,
                "verb_category_id": 0,
                "time_to_contact": 0.75,
            }
            annotations.append(
                {"uid": f"{video}_{number}", "video_id": video, "frame": number, "objects": [target]}
            )
            if pictures == "stills":
                path = root / "object_frames" / f"{video}_{number:07d}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                images[number].save(path)
        if pictures == "video":
            write_video(root / "v1" / "full_scale" / f"{video}.mp4", images, rate=30)
        content = {
            "noun_categories": [{"id": 0, "name": "cup"}, {"id": 1, "name": "ball"}],
            "verb_categories": [{"id": 0, "name": "push"}],
            "annotations": annotations,
        }
        (root / "v1" / "annotations").mkdir(parents=True)
        (root / "v1" / "annotations" / "fho_sta_val.json").write_text(json.dumps(content))
        return root

    return make


@pytest.fixture
def cater(tmp_path: Path) -> Path:
    """Two videos of the static camera; the list and the scene of the second one disagree."""
    root = tmp_path / "cater" / "all_actions"
    (root / "lists" / "localize").mkdir(parents=True)
    (root / "scenes").mkdir()
    for number, (split, cell) in enumerate((("train", 21), ("val", 8))):
        name = f"CATER_new_{number:06d}"
        write_video(root / "videos" / f"{name}.avi", moving(24, (0.2, 0.5), (0.5, 0.5), seed=number))
        (root / "lists" / "localize" / f"{split}.txt").write_text(f"{name}.avi {cell}\n")
        snitch = {str(t): [-2.5 + t / 8, 0.5, 0.3] for t in range(25)}
        cone = {str(t): [1.5, -1.5, 0.3] for t in range(25)}
        objects = [
            {"shape": "spl", "color": "gold", "locations": snitch},
            {"shape": "cone", "color": "red", "locations": cone},
        ]
        (root / "scenes" / f"{name}.json").write_text(json.dumps({"objects": objects}))
    return root.parent


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Clips and nothing else."""
    root = tmp_path / "video"
    for number in range(3):
        write_video(root / f"clip-{number}.mp4", moving(16, (0.2, 0.2), (0.8, 0.8), seed=number))
    return root
