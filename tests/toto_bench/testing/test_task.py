"""The contract of tasks notices what breaks it."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from toto_bench.backbones.base import Backbone
from toto_bench.results.record import Metric
from toto_bench.scaffold.task.module import SampleName, SampleNameProtocol
from toto_bench.scaffold.write import TEMPLATES
from toto_bench.tasks.base import DataReport, Outcome, ProtocolModel
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.items import coverage_of
from toto_bench.testing import check_task

CALLS = itertools.count()


class Once(SampleName):
    """Commits nothing."""

    def evaluate(self, backbone: Backbone, data: DataReport, protocol: Any, context: RunContext) -> Outcome:
        rows: dict[str, Any] = {}
        context.commit = rows.__setitem__  # type: ignore[method-assign]
        context.committed = lambda: rows  # type: ignore[method-assign]
        return super().evaluate(backbone, data, protocol, context)


class Moody(SampleName):
    """Its items depend on how often it was called."""

    def evaluate(self, backbone: Backbone, data: DataReport, protocol: Any, context: RunContext) -> Outcome:
        outcome = super().evaluate(backbone, data, protocol, context)
        return replace(outcome, items=[row | {"call": next(CALLS)} for row in outcome.items])


class Blind(SampleName):
    """Its fingerprint changes from one look to the next."""

    def check(self, data: Path, protocol: Any, *, thorough: bool = False) -> DataReport:
        report = super().check(data, protocol, thorough=thorough)
        return replace(report, fingerprint=f"{report.fingerprint}{next(CALLS)}")


class Unlimited(SampleName):
    """Does not know `--limit`."""

    def evaluate(self, backbone: Backbone, data: DataReport, protocol: Any, context: RunContext) -> Outcome:
        context.limit = None
        return super().evaluate(backbone, data, protocol, context)


class Empty(SampleName):
    """Has no rows."""

    def evaluate(self, backbone: Backbone, data: DataReport, protocol: Any, context: RunContext) -> Outcome:
        return replace(super().evaluate(backbone, data, protocol, context), items=[])


class MoreProtocol(SampleNameProtocol):
    """A value more than the card."""

    width: int = 1


class More(SampleName):
    """Its code has a value that the card does not tell."""

    protocol: type[ProtocolModel] = MoreProtocol  # type: ignore[misc]


@pytest.fixture
def hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Hold a task class against the contract, under a card of its own."""

    def check(kind: type[SampleName], change: Callable[[str], str] = str) -> None:
        folder = tmp_path / f"plugin_{kind.__name__.lower()}"
        (folder / "tasks").mkdir(parents=True)
        card = (TEMPLATES / "task" / "card.toml").read_text()
        card = card.replace("sample_plugins.sample_name:SampleName", f"{__name__}:{kind.__name__}")
        (folder / "tasks" / "sample-name.toml").write_text(change(card))
        monkeypatch.setenv("TOTO_BENCH_PATH", str(folder))
        monkeypatch.setattr("toto_bench.runner.tasks.import_entry", lambda entry, of: kind)
        check_task("sample-name", tmp_path / "work")

    return check


def test_the_template_keeps_it(hold: Callable[..., None], tmp_path: Path, home: Path) -> None:
    """What `toto-bench new task` starts from passes, and the user's home is left alone."""
    hold(SampleName)
    assert (tmp_path / "work" / "home" / "data").is_dir()
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Once, "commits no item"),
        (Moody, "other items"),
        (Blind, "computed twice"),
        (Unlimited, r"`--limit 1` scored 24 of 24 items, not 1 of 24"),
        (Empty, "no rows"),
        (More, "Only in the card: none. Only in the class: width"),
    ],
)
def test_what_breaks_it_is_said(kind: type[SampleName], said: str, hold: Callable[..., None]) -> None:
    """One plain sentence each."""
    with pytest.raises(AssertionError, match=said):
        hold(kind)


def test_a_metric_that_is_never_computed_is_noticed(hold: Callable[..., None]) -> None:
    """The card promises it."""

    def promise_more(card: str) -> str:
        more = '{ name = "top5", title = "Top-5", description = "More." },\n'
        return card.replace("metrics = [\n", f"metrics = [\n{more}")

    with pytest.raises(AssertionError, match=r"lacks metrics of its card: \['top5'\]"):
        hold(SampleName, promise_more)


def test_a_card_without_sample_preset_is_noticed(hold: Callable[..., None]) -> None:
    """`--data sample` takes it."""
    with pytest.raises(AssertionError, match="no preset `sample`"):
        hold(SampleName, lambda card: card.replace("[presets.sample]", "[presets.small]"))


class Generous(SampleName):
    """Writes predictions, and scores them higher than its run did."""

    def evaluate(self, backbone: Backbone, data: DataReport, protocol: Any, context: RunContext) -> Outcome:
        (context.out / "predictions" / "all").mkdir(parents=True, exist_ok=True)
        return super().evaluate(backbone, data, protocol, context)

    def score(
        self, predictions: Path, data: DataReport, protocol: Any, *, allow_missing: bool = False
    ) -> Outcome:
        assert predictions.name == "all"
        best = Metric(value=1.0, n=len(data.listed))
        return Outcome(metrics={"accuracy": best}, items=[], coverage=coverage_of(data, {}))


def test_predictions_that_score_otherwise_are_noticed(hold: Callable[..., None]) -> None:
    """`score` on what a run wrote has to give the run's numbers."""
    with pytest.raises(AssertionError, match="`score` on the files of a run gives"):
        hold(Generous)
