"""Finished runs that are what their records say, made without running anything."""

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.files import digest
from toto_bench.results.record import RunRecord
from toto_bench.results.verify import identity_of

TEMPLATE = json.loads((Path(__file__).parents[1] / "leaderboard" / "record.json").read_text())
FILES = {
    "items.parquet": b"PAR1 rows PAR1",
    "curves/layers.csv": b"layer,j\n1,0.5\n",
    "artifacts/contact-sheet.png": b"sheet",
    "artifacts/overlays/bear.mp4": b"video",
    "predictions/layer-01/bear/00000.png": b"mask",
    "lock": b"",
}


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run; `backbone__name="x"` changes one value inside."""

    def make(runs: Path = tmp_path / "runs", suffix: str = "", **changes: Any) -> Path:
        content = copy.deepcopy(TEMPLATE)
        content["artifacts"] |= {"overlay of bear": "artifacts/overlays/bear.mp4"}
        content["items_sha256"] = hashlib.sha256(FILES["items.parquet"]).hexdigest()
        for name, value in changes.items():
            *parents, last = name.split("__")
            part = content
            for parent in parents:
                part = part[parent]
            part[last] = value
        content["protocol_hash"] = digest(content["protocol"])
        identity = identity_of(RunRecord.model_validate(content))
        content |= {"identity": identity.hash, "id": identity.run_id + suffix}
        folder = runs / content["id"]
        for name, data in FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (folder / "record.json").write_text(
            RunRecord.model_validate(content).model_dump_json(indent=1) + "\n"
        )
        return folder

    return make


@pytest.fixture
def edit() -> Callable[..., None]:
    """Changes a record on disk, as someone with an editor would."""

    def change(folder: Path, **changes: Any) -> None:
        path = folder / "record.json"
        content = json.loads(path.read_text())
        for name, value in changes.items():
            *parents, last = name.split("__")
            part = content
            for parent in parents:
                part = part[parent]
            part[last] = value
        path.write_text(json.dumps(content, indent=1))

    return change
