"""The samples that are shipped with toto-bench."""

from pathlib import Path

BUNDLE = Path(__file__).resolve().parent / "data"
"""A folder of samples as `toto-bench data make-sample` writes it: one folder for each task, and the manifest."""


def bundled(task: str) -> Path | None:
    """The root of a task's bundled sample, to be read where it lies; None where there is none."""
    folder = BUNDLE / task
    return folder if folder.is_dir() else None
