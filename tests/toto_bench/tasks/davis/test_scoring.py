"""Scoring folders of PNGs, ours and others'."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toto_bench.errors import DataError
from toto_bench.runner.tasks import load_task
from toto_bench.tasks.davis import DavisProtocol
from toto_bench.tasks.davis.metric import MetricError

Make = Callable[..., Path]
Protocol = Callable[..., DavisProtocol]


def copy_truth(root: Path, results: Path) -> Path:
    """Predictions that are the truth."""
    shutil.copytree(root / "Annotations" / "480p", results)
    return results


def score(root: Path, results: Path, protocol: DavisProtocol, **options: bool):
    """Through the task."""
    task = load_task("davis")
    return task.score(results, task.check(root, protocol), protocol, **options)


def test_the_truth_scores_one(make_davis: Make, protocol: Protocol, tmp_path: Path) -> None:
    """On every metric; items have the columns that are promised."""
    root = make_davis()
    outcome = score(root, copy_truth(root, tmp_path / "results"), protocol())
    assert outcome.metrics["j_and_f"].value == outcome.metrics["j_recall"].value == 1.0
    assert outcome.metrics["f_decay"].value == 0.0
    assert outcome.metrics["j_and_f"].n == 4
    promised = ["sequence", "object", "j_mean", "j_recall", "j_decay", "f_mean", "f_recall", "f_decay"]
    assert list(outcome.items[0])[:8] == promised
    assert len(outcome.items[0]["rle"]) == 5


def test_a_missing_sequence_is_an_error_unless_allowed(
    make_davis: Make, protocol: Protocol, tmp_path: Path
) -> None:
    """Coverage then shows it."""
    root = make_davis()
    results = copy_truth(root, tmp_path / "results")
    shutil.rmtree(results / "seq-b")
    with pytest.raises(DataError, match="seq-b"):
        score(root, results, protocol())
    outcome = score(root, results, protocol(), allow_missing=True)
    assert (outcome.coverage.scored, outcome.coverage.listed) == (1, 2)


def test_damage_that_shows_late_leaves_the_sequence_out(
    make_davis: Make, protocol: Protocol, tmp_path: Path
) -> None:
    """On request; the reason is kept."""
    root = make_davis()
    results = copy_truth(root, tmp_path / "results")
    (results / "seq-b" / "00002.png").write_bytes(b"no PNG")
    with pytest.raises(DataError, match=r"00002\.png"):
        score(root, results, protocol())
    outcome = score(root, results, protocol(), allow_missing=True)
    assert (outcome.coverage.scored, outcome.coverage.listed) == (1, 2)
    assert "00002.png" in outcome.coverage.missing["seq-b"]


def test_metric_errors_name_the_sequence(
    make_davis: Make, protocol: Protocol, tmp_path: Path, write_mask: Callable[..., None]
) -> None:
    """An object that the first frame does not have; the official tool would exit with status 0."""
    root = make_davis()
    results = copy_truth(root, tmp_path / "results")
    write_mask(results / "seq-b" / "00002.png", np.full((96, 128), 7))
    for allow_missing in (False, True):  # a wrong result is not a missing one
        with pytest.raises(MetricError, match=r"`seq-b`.*7"):
            score(root, results, protocol(), allow_missing=allow_missing)


def test_binary_predictions_for_2016(make_davis: Make, protocol: Protocol, tmp_path: Path) -> None:
    """0/255 truth and 0/255 predictions are one object."""
    root = make_davis(objects=1)
    (root / "ImageSets/2017").rename(root / "ImageSets/2016")
    results = copy_truth(root, tmp_path / "results")
    outcome = score(root, results, protocol(year=2016))
    assert outcome.metrics["j"].value == 1.0
    assert {item["object"] for item in outcome.items} == {1}


def test_official_osvos_results(real_davis: Path, protocol: Protocol) -> None:
    """The official evaluation's numbers to the last digit."""
    reference = json.loads((real_davis / "osvos_reference_jf.json").read_text())
    for item in score(real_davis, real_davis / "Results-osvos", protocol()).items:
        expected = reference[item["sequence"]]
        for measure in ("J", "F"):
            for name in ("mean", "recall", "decay"):
                assert item[f"{measure.lower()}_{name}"] == expected[measure][name]
