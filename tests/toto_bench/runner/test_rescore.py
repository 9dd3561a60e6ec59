"""A run's own files give the numbers of its record, to the last digit; an edited number does not survive that."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from toto_bench.files import sha256_of, write_text
from toto_bench.results.items import read_items, write_items
from toto_bench.results.record import Metric, RunRecord
from toto_bench.results.transfer import export_runs, import_runs
from toto_bench.results.verify import verify_run
from toto_bench.runner.data import MissingDataError
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest
from toto_bench.runner.rescore import rescore_run

FAST = {"resolution": 64, "resize": "square", "context_frames": 2, "top_k": 3, "radius": 4}


@pytest.fixture
def request_for(make_davis: Callable[..., Path], tmp_path: Path) -> RunRequest:
    return RunRequest("davis", "pixels", data=str(make_davis()), out=tmp_path / "runs", values=FAST)


def rescore(result: RunResult, data: str | None = None):
    return rescore_run(result.path, result.record, data)


def edited(record: RunRecord, name: str, **values: object) -> RunRecord:
    metric = Metric.model_validate(record.metrics[name].model_dump() | values)
    return record.model_copy(update={"metrics": record.metrics | {name: metric}})


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"limit": 1},
        {"seed": 3},
        {"data": "sample", "values": {"resolution": 64}},
        {"backbone": "timm:test_vit", "random_init": True, "values": FAST | {"layer": "all"}},
    ],
    ids=["whole", "limited", "seed", "sample", "layers"],
)
def test_every_number_comes_out_again(request_for, change):
    """Also intervals, the choice of a layer, and metrics at the layer chosen on other videos."""
    result = run(replace(request_for, **change))
    assert verify_run(result.path) == ((), ())
    assert rescore(result) == ((), ())
    assert ("layer" in change.get("values", {})) == any("held-out" in name for name in result.record.metrics)


def test_intervals_are_of_the_runs_seed(make_davis, tmp_path):
    """From five videos on there are some."""
    data = str(make_davis(sequences=5, frames=3))
    result = run(RunRequest("davis", "pixels", data=data, out=tmp_path / "runs", values=FAST, seed=5))
    assert result.record.metrics["j"].low is not None
    assert rescore(result) == ((), ())


def test_left_out_sequences_stay_left_out(request_for):
    """`--allow-missing` is part of the record."""
    (Path(str(request_for.data)) / "Annotations/480p/seq-b/00002.png").unlink()
    result = run(replace(request_for, allow_missing=True))
    assert result.record.coverage.scored == 1
    assert rescore(result) == ((), ())


def test_an_edited_metric_is_noticed(request_for):
    """What `verify` alone lets pass."""
    result = run(request_for)
    value = result.record.metrics["j_and_f"].value
    assert value is not None
    forged = edited(result.record, "j_and_f", value=value + 1e-9)
    write_text(result.path / "record.json", forged.model_dump_json())
    assert verify_run(result.path).problems == ()
    [problem] = rescore_run(result.path, forged).problems
    assert f"`j_and_f`: its value is {value + 1e-9} in the record, {value} scored again" in problem


@pytest.mark.parametrize("field", ["low", "n", "selection"])
def test_every_part_of_a_metric_counts(request_for, field):
    """Intervals, numbers of items, the choice of the layer."""
    result = run(request_for)
    forged = edited(result.record, "j", **{field: "x" if field == "selection" else 1})
    [problem] = rescore_run(result.path, forged).problems
    assert f"its {field} is" in problem


def test_invented_and_removed_metrics_are_noticed(request_for):
    """Each is named."""
    result = run(request_for)
    metrics = dict(result.record.metrics)
    metrics["j@held-out"] = metrics.pop("f")
    found = rescore_run(result.path, result.record.model_copy(update={"metrics": metrics})).problems
    assert any("`j@held-out` is only in the record" in problem for problem in found)
    assert any("`f` is only in the scores" in problem for problem in found)


def test_items_with_a_fitting_digest_are_noticed(request_for):
    """Someone edited the rows, and the digest in the record too."""
    result = run(request_for)
    rows = read_items(result.path)
    rows[0]["j_mean"] += 1e-9
    write_items(result.path, rows)
    digest = sha256_of(result.path / "items.parquet")
    forged = result.record.model_copy(update={"items_sha256": digest})
    write_text(result.path / "record.json", forged.model_dump_json())
    assert verify_run(result.path).problems == ()
    assert rescore_run(result.path, forged).problems == (
        f"1 of {len(rows)} items on disk are not those scored again",
    )
    write_items(result.path, rows[1:])
    assert (
        f"{len(rows) - 1} items on disk, {len(rows)} scored again"
        in rescore_run(result.path, forged).problems[-1]
    )


def test_another_mask_is_noticed(request_for):
    """The predictions are files that anyone can replace."""
    result = run(request_for)
    folder = result.path / "predictions" / "layer-01" / "seq-a"
    shutil.copy(folder / "00000.png", folder / "00003.png")
    assert any("the metric `j`" in problem for problem in rescore(result).problems)


def test_a_lost_layer_is_noticed(request_for):
    """The best of the others is another choice."""
    request = replace(request_for, backbone="timm:test_vit", random_init=True, values=FAST | {"layer": "all"})
    result = run(request)
    layers = sorted((result.path / "predictions").iterdir())
    assert len(layers) > 2
    shutil.rmtree(layers[0])
    assert any("selection" in problem for problem in rescore(result).problems)


def test_without_masks_nothing_can_be_scored(request_for):
    """As after a light export."""
    result = run(request_for)
    shutil.rmtree(result.path / "predictions")
    [problem] = rescore(result).problems
    assert "holds no masks" in problem


def test_a_light_run_is_not_scored_again(request_for, tmp_path):
    """Its masks are elsewhere: a note, not a problem."""
    result = run(request_for)
    export_runs([result.path], tmp_path / "light.tar.gz", light=True)
    [light] = import_runs(tmp_path / "light.tar.gz", tmp_path / "others")
    note = "not scored again: its predictions were left out when it was exported"
    assert rescore_run(light.path, result.record) == ((), (note,))


def test_data_elsewhere_has_to_be_the_same(request_for, make_davis, write_mask):
    """By its fingerprint; where the record says it lay, it may be gone."""
    import numpy as np

    result = run(request_for)
    elsewhere = Path(str(request_for.data)).rename(Path(str(request_for.data)).with_name("moved"))
    problems, [note] = rescore(result)
    assert problems == ()
    assert "not scored again: Data: " in note
    assert "DAVIS" in note
    with pytest.raises(MissingDataError, match="does not exist"):
        rescore(result, str(request_for.data))
    assert rescore(result, str(elsewhere)) == ((), ())
    write_mask(elsewhere / "Annotations/480p/seq-a/00004.png", np.eye(96, 128))
    assert "other data" in rescore(result, str(elsewhere)).problems[0]


def test_records_of_other_versions_and_protocols(request_for):
    """They cannot be compared, and that is said."""
    result = run(request_for)
    later = result.record.model_copy(update={"task_version": 99})
    assert "of version 99" in rescore_run(result.path, later).problems[0]
    odd = result.record.model_copy(update={"protocol": result.record.protocol | {"top_k": 0}})
    assert "its protocol is not one of `davis`" in rescore_run(result.path, odd).problems[0]


def test_a_task_without_predictions_is_not_scored_again(request_for, monkeypatch):
    """A note, not a problem."""
    result = run(request_for)
    monkeypatch.setattr("toto_bench.runner.rescore.load_task", lambda _: object())
    assert rescore(result) == ((), ("not scored again: `davis` keeps no predictions",))


def test_a_run_of_a_task_that_is_not_here(request_for: RunRequest) -> None:
    """Of a plug-in, say: a note that names the option, not a problem."""
    result = run(request_for)
    elsewhere = result.record.model_copy(update={"task": "elsewhere"})
    problems, [note] = rescore_run(result.path, elsewhere)
    assert problems == ()
    assert "there is no task `elsewhere` here" in note
    assert "--plugin-dir" in note
