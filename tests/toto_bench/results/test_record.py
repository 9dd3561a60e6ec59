"""Records as JSON."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from toto_bench.results.record import (
    BackboneIdentity,
    Cost,
    Coverage,
    DataIdentity,
    Environment,
    Metric,
    RunRecord,
)


def make_record(**changes: Any) -> RunRecord:
    """A complete record, with some fields changed."""
    content: dict[str, Any] = {
        "id": "davis-dino-b8-0123456789",
        "identity": "01" * 32,
        "task": "davis",
        "task_version": 1,
        "backbone": BackboneIdentity(
            name="dino-b8",
            architecture="timm:vit",
            weights="sha256:ab",
            checkpoint="card",
            preprocessing="imagenet",
            floor=False,
            pretraining=("imagenet-1k",),
        ),
        "preset": "paper",
        "protocol": {"radius": 12, "temperature": 0.05, "split": "val", "layers": [1, 2], "rope": None},
        "protocol_hash": "cd" * 32,
        "changed": {"radius": 12},
        "data": DataIdentity(name="DAVIS-2017", path="/data", fingerprint="ef" * 32, comparable=True),
        "seed": 0,
        "limit": None,
        "allow_missing": False,
        "metrics": {"j": Metric(value=0.1 + 0.2, low=1 / 3, high=0.9, n=61, method="bootstrap")},
        "coverage": Coverage(scored=29, listed=30, missing={"bär": "unreadable"}),
        "cost": Cost(parameters=85_000_000, seconds={"encode": 1.25}, peak_memory_mb=512.5),
        "environment": Environment(
            toto_bench="0.1",
            revision=None,
            dirty=None,
            packages={"python": "3.11"},
            device="cpu",
            driver=None,
            dtype="float32",
            batch_size=1,
            world_size=1,
            threads=2,
        ),
        "artifacts": {"Curve": "artifacts/curve.png"},
        "command": "toto-bench run --task davis",
        "started": datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        "finished": datetime(2025, 1, 2, 4, tzinfo=UTC),
        "warnings": ("one",),
    }
    return RunRecord(**(content | changes))


def as_json(record: RunRecord) -> Any:
    """What the file holds."""
    return json.loads(record.model_dump_json())


def test_a_record_comes_back_equal() -> None:
    """Every digit, every type, every tuple."""
    record = make_record()
    assert RunRecord.model_validate_json(record.model_dump_json(indent=1)) == record


@pytest.mark.parametrize("value", [float("nan"), None])
def test_what_is_not_defined_is_null(value: float | None) -> None:
    """NaN is not JSON; it is written as null and read as None."""
    record = make_record(metrics={"j": Metric(value=value, low=value, high=value, n=0)})
    text = record.model_dump_json()
    assert "NaN" not in text
    metric = as_json(record)["metrics"]["j"]
    assert metric["value"] is metric["low"] is metric["high"] is None
    assert RunRecord.model_validate_json(text).metrics["j"].value is None


def test_nan_among_protocol_values_is_null_too() -> None:
    """The file is JSON for every reader."""
    record = make_record(protocol={"x": float("nan"), "deep": [math.inf]})
    assert "NaN" not in record.model_dump_json()
    assert as_json(record)["protocol"] == {"x": None, "deep": [None]}


@pytest.mark.parametrize("place", ["", "backbone", "data", "coverage", "cost", "environment"])
def test_an_unknown_field_is_refused(place: str) -> None:
    """A record of another version is not half understood."""
    content = as_json(make_record())
    (content[place] if place else content)["surprise"] = 1
    with pytest.raises(ValidationError, match=r"surprise\n.*not permitted"):
        RunRecord.model_validate(content)


def test_a_record_of_a_later_schema_is_refused() -> None:
    """Its fields may mean something else."""
    content = as_json(make_record()) | {"schema_version": 2}
    with pytest.raises(ValidationError, match="schema_version"):
        RunRecord.model_validate(content)


@pytest.mark.parametrize(
    "field", ["identity", "protocol_hash", "seed", "limit", "metrics", "coverage", "command"]
)
def test_what_every_result_carries_cannot_be_left_out(field: str) -> None:
    """Not even where it would be None."""
    content = as_json(make_record())
    del content[field]
    with pytest.raises(ValidationError, match=f"{field}\n.*required"):
        RunRecord.model_validate(content)


def test_a_record_from_before_macs_were_counted_is_read() -> None:
    """What it does not say is None."""
    content = as_json(make_record())
    for name in ("macs", "macs_of", "training_seconds"):
        del content["cost"][name]
    cost = RunRecord.model_validate(content).cost
    assert (cost.macs, cost.macs_of, cost.training_seconds) == (None, None, None)


def test_the_total_of_the_stages_is_no_field_of_the_file() -> None:
    """It follows from the stages."""
    record = make_record(cost=Cost(parameters=1, seconds={"encode": 1.25, "score": 2.5}, peak_memory_mb=1.0))
    assert record.cost.total_seconds == 3.75
    assert "total_seconds" not in as_json(record)["cost"]


def test_a_record_cannot_be_changed() -> None:
    """Neither it nor its parts."""
    record = make_record()
    with pytest.raises(ValidationError, match="frozen"):
        record.seed = 1
    with pytest.raises(ValidationError, match="frozen"):
        record.metrics["j"].value = 1.0
