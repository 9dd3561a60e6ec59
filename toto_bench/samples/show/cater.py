"""CATER: videos from first to last frame, and a map of where the snitch ends."""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

from toto_bench.samples.show.clips import read_clip
from toto_bench.samples.show.map import CELLS, draw_map
from toto_bench.samples.show.sheet import ROWS, Cell, Page, Row, shown, spread

_FRAMES, _HEIGHT = 5, 170
_SNITCH = "spl"


class _Item(NamedTuple):
    video: str
    cell: int
    split: str


def find(folder: Path) -> Path | None:
    """The folder that holds lists/localize: this one, or that of a camera."""
    roots = (folder, folder / "all_actions", folder / "all_actions_cameramotion")
    return next((root for root in roots if (root / "lists" / "localize").is_dir()), None)


def page(root: Path) -> Page:
    """A row for each video."""
    listed = [item for split in ("train", "val") for item in _listed(root, split)]
    there = [item for item in listed if (root / "videos" / item.video).is_file()]
    missing = f"; listed but missing: {len(listed) - len(there):,}" if len(there) < len(listed) else ""
    chosen = sorted(there, key=lambda item: item.video)
    return Page(
        f"cater: {shown(ROWS, len(there), 'videos')}, {len({item.cell for item in listed})} of "
        f"{CELLS * CELLS} cells in use{missing}",
        "Right: the ground from above, x to the right, y up; the listed cell, the snitch's way (line) and last place "
        "(star), the other objects' last places, from the scene file.",
        [_row(root, chosen[index]) for index in spread(len(chosen), ROWS)],
        _HEIGHT,
    )


def _row(root: Path, item: _Item) -> Row:
    clip = read_clip(root / "videos" / item.video, _FRAMES)
    scene = _scene(root / "scenes" / f"{Path(item.video).stem}.json")
    found = _cell_of(scene)
    disagrees = "" if found in (None, item.cell) else f", BUT {found} IN THE SCENE FILE"
    heading = (
        f"{item.video}: {item.split}, ends in cell {item.cell} (row {item.cell // CELLS}, column "
        f"{item.cell % CELLS}){disagrees}, {clip.frames} frames at {clip.rate:.3g}/s"
    )
    plan = Cell(draw_map(item.cell, scene, _SNITCH), "from above, at the end")
    return Row(heading, [*clip.cells, plan])


def _listed(root: Path, split: str) -> list[_Item]:
    """Lines `CATER_new_000123.avi 17`; a full path is taken by its last part."""
    listing = root / "lists" / "localize" / f"{split}.txt"
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    words = [line.split() for line in lines if line.strip()]
    return [_Item(Path(word[0]).name, int(word[1]), split) for word in words]


def _scene(path: Path) -> list[dict[str, Any]]:
    """Objects of a scene file; none where it is missing."""
    return list(json.loads(path.read_text(encoding="utf-8"))["objects"]) if path.is_file() else []


def _cell_of(scene: list[dict[str, Any]]) -> int | None:
    """The cell of the snitch's last place: `6 * (floor(y) + 3) + floor(x) + 3`."""
    for thing in scene:
        if thing["shape"] == _SNITCH:
            x, y, _ = thing["locations"][max(thing["locations"], key=int)]
            return CELLS * math.floor(float(y) + CELLS / 2) + math.floor(float(x) + CELLS / 2)
    return None
