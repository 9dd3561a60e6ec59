"""Two runs are one run when, and only when, nothing that can change a result differs."""

from typing import Any

import pytest

from toto_bench.results.identity import Identity, protocol_hash

BASE = Identity(
    task="davis",
    task_version=1,
    backbone="dino-b8",
    architecture="timm:vit",
    weights="sha256:00",
    preprocessing="imagenet",
    protocol_hash="aa",
    fingerprint="bb",
    seed=0,
    dtype="float32",
    limit=None,
    allow_missing=False,
)
OTHER: dict[str, Any] = {
    "task": "cater",
    "task_version": 2,
    "backbone": "dino-b16",
    "architecture": "timm:vit depth=3",
    "weights": "random:0",
    "preprocessing": "none",
    "protocol_hash": "ab",
    "fingerprint": "ba",
    "seed": 1,
    "dtype": "bfloat16",
    "limit": 0,
    "allow_missing": True,
}


def test_equal_fields_are_one_run() -> None:
    """The identity hangs on nothing else."""
    assert Identity(**BASE._asdict()).hash == BASE.hash
    assert Identity(**BASE._asdict()).run_id == BASE.run_id


@pytest.mark.parametrize("field", Identity._fields)
def test_every_field_changes_hash_and_name(field: str) -> None:
    """A field added later has to be put into the list above."""
    other = BASE._replace(**{field: OTHER[field]})
    assert other.hash != BASE.hash
    assert other.run_id != BASE.run_id


def test_values_do_not_move_between_fields() -> None:
    """Fields are hashed with their names."""
    one, other = BASE._replace(weights="x", preprocessing="y"), BASE._replace(weights="y", preprocessing="x")
    assert one.hash != other.hash


@pytest.mark.parametrize("backbone", ["timm:vit_tiny", "python:a.b:c", "hf:org/model", "../../etc", "a b\n"])
def test_the_name_of_the_folder_is_one_harmless_word(backbone: str) -> None:
    """Names of backbones hold colons and slashes."""
    name = BASE._replace(backbone=backbone).run_id
    assert name.startswith("davis-")
    assert not set(name) & set("/\\: \n")


def test_names_that_look_alike_stay_apart() -> None:
    """Two backbones may read the same once the odd characters are gone."""
    one, other = BASE._replace(backbone="hf:a/b"), BASE._replace(backbone="hf:a-b")
    assert one.run_id != other.run_id


def test_protocol_hash_depends_on_values_alone() -> None:
    """Not on the order in which they are given."""
    assert protocol_hash({"a": 1, "b": [1, 2]}) == protocol_hash({"b": [1, 2], "a": 1})
    assert protocol_hash({"a": 1}) != protocol_hash({"a": 2})
    assert protocol_hash({"a": 1}) != protocol_hash({"a": 1, "b": None})
