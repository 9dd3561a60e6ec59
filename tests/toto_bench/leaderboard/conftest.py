"""Runs on disk, made from one complete record by changing what a test is about."""

import copy
import json
from pathlib import Path

import pytest

from toto_bench.leaderboard import build
from toto_bench.results.record import RunRecord

TEMPLATE = json.loads((Path(__file__).parent / "record.json").read_text())


class Runs:
    """A folder of runs."""

    def __init__(self, path):
        self.path = path

    def add(self, **changes):
        """Write a run; `backbone__name="x"` changes one value inside, `metrics={"j": 0.5}` gives bare values."""
        content = copy.deepcopy(TEMPLATE)
        content["id"] = f"run-{len(list(self.path.glob('*')))}"
        for name, value in changes.items():
            *parents, last = name.split("__")
            part = content
            for parent in parents:
                part = part[parent]
            part[last] = value
        content["metrics"] = {
            name: metric if isinstance(metric, dict) else {"value": metric, "n": 61}
            for name, metric in content["metrics"].items()
        }
        record = RunRecord.model_validate(content)
        folder = self.path / record.id
        folder.mkdir(parents=True)
        (folder / "record.json").write_text(record.model_dump_json(indent=1))
        return record

    def board(self, task="davis"):
        return build([self.path], task)

    def table(self, task="davis"):
        return self.board(task).tables[0]


@pytest.fixture
def runs(tmp_path):
    (tmp_path / "runs").mkdir()
    return Runs(tmp_path / "runs")
