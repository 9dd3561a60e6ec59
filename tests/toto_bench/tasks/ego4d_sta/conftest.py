"""The plain per-image loop, and small annotation files, submissions and data sets."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from toto_bench.tasks.ego4d_sta.expectations import HEADER

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def plain() -> ModuleType:
    """The module that the benchmark measures against, loaded by path: benchmarks are not a package."""
    path = ROOT / "benchmarks" / "sta_metric_reference.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def thing(
    box: tuple[float, ...] = (10, 10, 59, 59),
    noun: int = 0,
    verb: int = 0,
    ttc: float = 0.5,
    score: float | None = None,
) -> dict[str, Any]:
    """An annotated object; with a score a predicted one."""
    found = {
        "box": list(box),
        "noun_category_id": noun,
        "verb_category_id": verb,
        "time_to_contact": ttc,
    }
    return found if score is None else {**found, "score": score}


def annotation(video: str, frame: int, objects: list[dict[str, Any]] | None) -> dict[str, Any]:
    entry = {
        "uid": f"{video}_{frame:07d}",
        "video_id": video,
        "frame": frame,
        "clip_id": 1,
        "clip_uid": f"clip-{video}",
        "clip_frame": frame,
    }
    return entry if objects is None else {**entry, "objects": objects}


def annotations_of(entries: list[dict[str, Any]], *, size: tuple[int, int] = (240, 320)) -> dict[str, Any]:
    """An annotation file with three nouns and two verbs."""
    videos = dict.fromkeys(entry.get("video_id") or entry["video_uid"] for entry in entries)
    return {
        "version": "v1",
        "split": "val",
        "info": {
            "video_metadata": {
                video: {"frame_width": size[1], "frame_height": size[0], "fps": 30.0} for video in videos
            }
        },
        "noun_categories": [{"id": n, "name": name} for n, name in enumerate(["bag", "cup_(mug)", "jar"])],
        "verb_categories": [{"id": n, "name": name} for n, name in enumerate(["take", "turn"])],
        "annotations": entries,
    }


def results_of(results: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """A submission."""
    return {**HEADER, "results": results}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes JSON below the test's folder."""

    def write_file(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write_file
