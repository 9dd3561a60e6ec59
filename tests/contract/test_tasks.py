"""Every runnable task keeps the contract: its card and its code agree, and it runs on its sample."""

from pathlib import Path

import pytest

from toto_bench.cards import TaskCard, task_cards
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.runner.tasks import build_protocol, load_task
from toto_bench.tasks.base import Scorable

RUNNABLE = [card for card in task_cards().values() if card.runnable]
names = pytest.mark.parametrize("card", RUNNABLE, ids=lambda card: card.name)


@names
def test_card_and_protocol_model_name_the_same_values(card: TaskCard) -> None:
    """Every protocol value has a type in code and a source in the card."""
    assert set(load_task(card.name).protocol.model_fields) == set(card.protocol)


@names
def test_every_preset_is_a_valid_protocol(card: TaskCard) -> None:
    """The values of each preset fit the model."""
    task = load_task(card.name)
    for preset in card.presets:
        build_protocol(task, preset, {})


@names
def test_runs_on_its_sample_with_the_floor(card: TaskCard, tmp_path: Path) -> None:
    """The bundled sample and the `pixels` floor give every metric of the card, and items."""
    result = run(RunRequest(task=card.name, backbone="pixels", data="sample", out=tmp_path))
    assert {metric.name for metric in card.metrics} <= set(result.record.metrics)
    assert result.record.preset == "sample"
    assert result.record.data.name == "sample"
    assert result.record.backbone.floor
    assert result.record.coverage.scored == result.record.coverage.listed > 0
    for path in result.record.artifacts.values():
        assert (result.path / path).stat().st_size > 0


@names
def test_what_a_run_wrote_scores_the_same(card: TaskCard, tmp_path: Path) -> None:
    """`score` on the files that a run wrote gives the run's numbers."""
    task = load_task(card.name)
    if not isinstance(task, Scorable):
        pytest.skip("predictions are not files")
    result = run(RunRequest(task=card.name, backbone="pixels", data="sample", out=tmp_path))
    protocol = task.protocol.model_validate(result.record.protocol)
    report = task.check(Path(result.record.data.path), protocol)
    outcome = task.score(next((result.path / "predictions").iterdir()), report, protocol)
    assert {name: metric.value for name, metric in outcome.metrics.items()} == {
        name: metric.value for name, metric in result.record.metrics.items()
    }
