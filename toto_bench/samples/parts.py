"""What the units of a task leave for its lists: a JSON file each."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from toto_bench.files import write_json
from toto_bench.samples.place import PARTS


def write_part(folder: Path, unit: str, part: dict[str, Any]) -> None:
    """Leave what `finish` needs of a unit."""
    write_json(folder / PARTS / f"{unit}.json", part)


def read_parts(folder: Path, units: Iterable[str]) -> list[dict[str, Any]]:
    """What these units left, in their order."""
    return [json.loads((folder / PARTS / f"{unit}.json").read_text(encoding="utf-8")) for unit in units]
