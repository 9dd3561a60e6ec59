"""Ego4D, short-term anticipation: the last observed frame, what is touched next, how, and when."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

from toto_bench.samples.show.clips import read_frame
from toto_bench.samples.show.marks import COLOURS, box
from toto_bench.samples.show.sheet import Cell, Page, Row, shown, spread

_SPLITS = ("train", "val")
_EACH, _COLUMNS, _HEIGHT = 12, 4, 230


def find(folder: Path) -> Path | None:
    """The folder that holds annotations/fho_sta_*.json: this one, or its v1 or v2."""
    roots = (folder, folder / "v1", folder / "v2")
    return next((root for root in roots if any(root.glob("annotations/fho_sta_*.json"))), None)


def page(root: Path) -> Page:
    """Some annotations of each split."""
    rows, counts = [], []
    nouns, verbs = set[str](), set[str]()
    for split in _SPLITS:
        path = root / "annotations" / f"fho_sta_{split}.json"
        if not path.is_file():
            continue
        content = json.loads(path.read_text(encoding="utf-8"))
        names = {kind: _names(content, kind) for kind in ("noun", "verb")}
        nouns |= set(names["noun"].values())
        verbs |= set(names["verb"].values())
        annotations = content["annotations"]
        counts.append(shown(_EACH, len(annotations), f"annotations of {split}"))
        cells = [_cell(root, annotations[index], names) for index in spread(len(annotations), _EACH)]
        rows += [
            Row("" if start else split, cells[start : start + _COLUMNS])
            for start in range(0, len(cells), _COLUMNS)
        ]
    return Page(
        f"ego4d_sta: {', '.join(counts)}; nouns: {len(nouns)}, verbs: {len(verbs)}",
        "The last observed frame, a box around each next active object, with verb, noun and time to contact.",
        rows,
        _HEIGHT,
    )


def _cell(root: Path, annotation: dict[str, Any], names: dict[str, dict[int, str]]) -> Cell:
    image = _frame(root, str(annotation.get("video_id") or annotation["video_uid"]), annotation["frame"])
    caption = f"{annotation['uid']}"
    if image is None:
        return Cell(Image.new("RGB", (320, 240), (200, 200, 200)), f"{caption}: no picture")
    for number, target in enumerate(annotation.get("objects", ())):
        noun = names["noun"].get(target["noun_category_id"], "?")
        verb = names["verb"].get(target["verb_category_id"], "?")
        words = f"{verb} {noun} in {target['time_to_contact']:.2f} s"
        box(image, target["box"], words, COLOURS[number % len(COLOURS)])
    return Cell(image, caption)


def _frame(root: Path, video: str, frame: int) -> Image.Image | None:
    """The extracted picture, else the frame of the full video; None where there is neither."""
    for place in (root, root.parent):
        if (path := place / "object_frames" / f"{video}_{frame:07d}.jpg").is_file():
            with Image.open(path) as image:
                return image.convert("RGB")
    path = root / "full_scale" / f"{video}.mp4"
    return read_frame(path, frame) if path.is_file() else None


def _names(content: dict[str, Any], kind: str) -> dict[int, str]:
    return {entry["id"]: entry["name"] for entry in content[f"{kind}_categories"]}
