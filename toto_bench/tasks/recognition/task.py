"""Classification by probes on every layer: what ImageNet and Kinetics-400 have in common."""

import abc
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, TypeVar

import numpy as np

from toto_bench.backbones.base import Backbone
from toto_bench.errors import DataError
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.items import PROBLEM, coverage_of, usable, usable_items
from toto_bench.tasks.recognition.adapted import save_adapted
from toto_bench.tasks.recognition.augment import expect_plain
from toto_bench.tasks.recognition.estimate import announce
from toto_bench.tasks.recognition.examples import Example, Examples
from toto_bench.tasks.recognition.fit import fit, loss_curve
from toto_bench.tasks.recognition.outcome import Judgement, Rows, curves_of, items_of, metrics_of
from toto_bench.tasks.recognition.pictures import draw_errors
from toto_bench.tasks.recognition.plots import plot_curves
from toto_bench.tasks.recognition.predictions import load_judgement, save_judgement
from toto_bench.tasks.recognition.problems import Unit
from toto_bench.tasks.recognition.protocol import RecognitionProtocol
from toto_bench.tasks.recognition.resolve import UNTRAINED, resolve
from toto_bench.tasks.recognition.rope import with_rope_base
from toto_bench.tasks.recognition.scoring import Scorer
from toto_bench.tasks.recognition.untrained import judge_untrained
from toto_bench.tasks.recognition.views import Views
from toto_bench.tasks.recognition.work import Work

P = TypeVar("P", bound=RecognitionProtocol)


class Recognition(Task[P], abc.ABC):
    """A task of classification: it gives a reader and views, all else is here."""

    unit: ClassVar[Unit]
    """What items are."""
    family: ClassVar[str]
    """What backbone cards call the data, when they have seen it."""

    @abc.abstractmethod
    def read(self, data: Path) -> Examples:
        """The labelled items of both splits."""

    @abc.abstractmethod
    def views(self, protocol: P, seed: int) -> Views:
        """What reads their pixels."""

    def image_size(self, protocol: P) -> tuple[int, int] | None:
        """The square that the protocol gives."""
        return (protocol.resolution, protocol.resolution)

    def resolve(self, protocol: P, backbone: Backbone) -> P:
        """The protocol with layers, heads and mode of the backbone: see `toto_bench.tasks.recognition.resolve`."""
        resolved = resolve(protocol, backbone, frames=self.views(protocol, 0).frames)
        expect_plain(resolved)
        return resolved

    def evaluate(self, backbone: Backbone, data: DataReport, protocol: P, context: RunContext) -> Outcome:
        """Train all probes in one pass over the training items, then score held-out and validation items with them."""
        _tell_base(backbone, protocol, context)
        work = Work(
            unit=self.unit,
            data=self.read(data.path),
            report=data,
            protocol=protocol,
            backbone=with_rope_base(backbone, protocol.rope_base),
            views=self.views(protocol, context.seed),
            context=context,
        )
        if not work.held_out:
            raise DataError(
                f"None of the {len(work.train):,} training {self.unit} in {data.path} can be held out, on which a "
                "layer and a rate are chosen: every class has a single one. Give one class a second training item."
            )
        names = set(usable_items(data, context, self.unit))
        val = tuple(example for example in work.data.val if example.name in names)
        announce(work, len(val))
        if str(getattr(protocol, "probe")) in UNTRAINED:  # noqa: B009
            judgement, left_out = _untrained(work, val)
        else:
            judgement, left_out = _trained(work, val, self.family)
        return self._collect(work, judgement, left_out)

    def rescore(
        self,
        run: Path,
        data: DataReport,
        protocol: P,
        *,
        seed: int,
        limit: int | None,
        allow_missing: bool,
    ) -> Outcome:
        """The numbers of a finished run, from what its probes said of each item; no model is needed."""
        usable(data, limit, allow_missing=allow_missing, what=self.unit)
        examples = self.read(data.path)
        judgement, left_out = load_judgement(run, {example.name: example.label for example in examples.val})
        return _outcome(
            judgement, left_out, data, examples, unit=self.unit, main=protocol.layer_choice, seed=seed
        )

    def _collect(self, work: Work, judgement: Judgement, left_out: dict[str, str]) -> Outcome:
        context, protocol = work.context, work.protocol
        outcome = _outcome(
            judgement,
            left_out,
            work.report,
            work.data,
            unit=self.unit,
            main=protocol.layer_choice,
            seed=context.seed,
        )
        losses = loss_curve(context)
        artifacts = {}
        if context.rank == 0:
            save_judgement(context.out, judgement, left_out)
            with context.stage("draw"):
                artifacts = _draw(work, outcome.items, outcome.curves, losses)
        context.barrier()
        curves = {name: rows for name, rows in outcome.curves.items() if rows}
        return replace(
            outcome,
            curves=curves | ({"losses": losses} if losses else {}),
            artifacts=artifacts,
            frames=len(judgement.examples) * work.views.count * work.views.frames,
            warnings=_warnings(work),
        )


def _outcome(
    judgement: Judgement,
    left_out: dict[str, str],
    data: DataReport,
    examples: Examples,
    *,
    unit: str,
    main: str,
    seed: int,
) -> Outcome:
    """What follows from judgements and labels alone."""
    rows = {example.name: dict[str, str]() for example in judgement.examples}
    rows |= {name: {PROBLEM: reason} for name, reason in left_out.items()}
    return Outcome(
        metrics=metrics_of(judgement, len(examples.classes), unit=unit, seed=seed, main=main),
        items=items_of(judgement, examples.titles, main),
        coverage=coverage_of(data, rows),
        curves=curves_of(judgement, examples.titles, main),
    )


def _trained(work: Work, val: tuple[Example, ...], family: str) -> tuple[Judgement, dict[str, str]]:
    context = work.context
    fitted = fit(work)
    if fitted.backbone is not work.backbone and context.rank == 0:
        save_adapted(work, fitted.backbone, family)
    probes = fitted.bank.probes
    scorer = Scorer(fitted.logits, work.views, context, work.clips, fitted.identity)
    found = {
        split: scorer.score(split, examples)
        for split, examples in (("held-out", work.held_out), ("val", val))
    }
    scored = found["val"]
    held = found["held-out"]
    work.left_out |= held.left_out
    chosen_by = np.asarray((held.judged.rank < 1).mean(1), np.float64)
    top = np.full(len(probes), 5, np.int64)
    return Judgement(probes, scored.examples, scored.judged, chosen_by, top), dict(scored.left_out)


def _untrained(work: Work, val: tuple[Example, ...]) -> tuple[Judgement, dict[str, str]]:
    found = judge_untrained(work, val)
    judgement = Judgement(found.probes, found.val.examples, found.val.judged, found.chosen_by, found.top)
    return judgement, dict(found.val.left_out)


def _tell_base(backbone: Backbone, protocol: RecognitionProtocol, context: RunContext) -> None:
    """Weights that were trained with other positions read otherwise, and nothing else would show it."""
    base = backbone.info.rope_base
    if base not in (None, protocol.rope_base):
        context.progress.say(
            f"The rotary positions of `{backbone.info.name}` have the base {base:g}, the protocol has "
            f"{protocol.rope_base:g}, which is taken: `--set rope_base={base:g}` leaves them as they are."
        )


def _draw(work: Work, items: Rows, curves: dict[str, Rows], losses: Rows) -> dict[str, Path]:
    folder = work.context.out / "artifacts"
    artifacts = {"curves": folder / "curves.png"}
    plot_curves(artifacts["curves"], curves, losses, work.classes, work.unit)
    if draw_errors(folder / "errors.png", items, work.data.val, work.views):
        artifacts["misclassified"] = folder / "errors.png"
    return artifacts


def _warnings(work: Work) -> tuple[str, ...]:
    found = []
    if left_out := work.all_left_out():
        first = next(iter(left_out))
        found.append(
            f"{len(left_out):,} training {work.unit} could not be read and were left out, first `{first}`"
        )
    return tuple(found)
