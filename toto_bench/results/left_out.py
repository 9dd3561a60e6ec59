"""What a light export leaves out of a run: its files of predictions and overlay videos, which are large."""

import json
from pathlib import Path, PurePosixPath

LEFT_OUT_FILE = "left-out.json"
"""In the folder of a run that came without some of its files: their names."""
_PREDICTIONS = "predictions"
_HEAVY_FOLDERS = frozenset({_PREDICTIONS, "overlays"})


def is_heavy(path: str) -> bool:
    """Whether a light export leaves this file of a run's folder out."""
    return bool(_HEAVY_FOLDERS.intersection(PurePosixPath(path).parts[:-1]))


def is_prediction(path: str) -> bool:
    """Whether this file of a run's folder is what the run is scored by."""
    return path.startswith(f"{_PREDICTIONS}/")


def left_out_of(folder: Path) -> frozenset[str]:
    """Files that this run was exported without; none for a run that was made here."""
    try:
        names = json.loads((folder / LEFT_OUT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(str(name) for name in names) if isinstance(names, list) else frozenset()


def left_out_text(names: frozenset[str]) -> str:
    """The content of the file; the same names give the same text."""
    return json.dumps(sorted(names), indent=1) + "\n"
