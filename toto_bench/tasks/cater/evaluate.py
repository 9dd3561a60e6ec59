"""A run: training, predictions of every video, their scores, pictures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from toto_bench.backbones.base import Backbone
from toto_bench.tasks.base import DataReport, Outcome
from toto_bench.tasks.cater.choice import ProbeScores, choose, curves_of, judge_probes
from toto_bench.tasks.cater.examples import read_examples, untaught_cells
from toto_bench.tasks.cater.maps import draw_error_maps
from toto_bench.tasks.cater.predictions import Predictions, write_predictions
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import TRAINED_ON, read_list
from toto_bench.tasks.cater.scoring import score_predictions
from toto_bench.tasks.cater.strips import draw_strips
from toto_bench.tasks.cater.views import VideoViews
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.recognition.adapted import save_adapted
from toto_bench.tasks.recognition.estimate import announce
from toto_bench.tasks.recognition.examples import Example, Examples
from toto_bench.tasks.recognition.fit import fit, loss_curve
from toto_bench.tasks.recognition.outcome import Rows
from toto_bench.tasks.recognition.plots import plot_curves
from toto_bench.tasks.recognition.rope import with_rope_base
from toto_bench.tasks.recognition.scoring import Scorer
from toto_bench.tasks.recognition.work import Work

FAMILY = "cater"
"""What backbone cards call the data, when they have seen it."""


def evaluate(backbone: Backbone, data: DataReport, protocol: CaterProtocol, context: RunContext) -> Outcome:
    """Train, predict, and score what was written.

    Raises:
        DataError: videos cannot be used, and that was not allowed.
        RequestError: what is asked for cannot be done.
    """
    examples = read_examples(data, protocol, context)
    work = Work(
        unit="videos",
        data=replace(examples, val=()),  # cells without a training video are told, not refused
        report=data,
        protocol=protocol,
        backbone=with_rope_base(backbone, protocol.rope_base),
        views=VideoViews(protocol, context.seed),
        context=context,
        leaves_out=True,
        frames_again=protocol.color_jitter == 0,
    )
    _tell_base(backbone, work)
    announce(work, len(examples.val))
    val, held_out = _predict(work, protocol, examples.val)
    curves = curves_of(val, held_out)
    path = predictions_path(context.out, protocol)
    if context.rank == 0:
        _write(path, val, choose(val, held_out, protocol.layer_choice))
    context.barrier()
    outcome = score_predictions(
        path, data, protocol, seed=context.seed, limit=context.limit, allow_missing=context.allow_missing
    )
    losses = loss_curve(context)
    artifacts = {}
    if context.rank == 0:
        with context.stage("draw"):
            artifacts = _draw(work, protocol, outcome.items, curves, losses)
    context.barrier()
    return replace(
        outcome,
        curves=outcome.curves | curves | ({"losses": losses} if losses else {}),
        artifacts=artifacts,
        frames=len(val.names) * protocol.clips * protocol.frames,
        warnings=(*outcome.warnings, *_warnings(work, examples)),
    )


def predictions_path(out: Path, protocol: CaterProtocol) -> Path:
    """Where a run keeps its predictions, as `toto-bench score cater` takes them."""
    return out / "predictions" / f"{protocol.split}.npz"


def _tell_base(given: Backbone, work: Work) -> None:
    """Where the backbone was trained with another base of rotary positions than the protocol's."""
    if work.backbone is not given:
        own, base = f"{given.info.rope_base:g}", f"{work.backbone.info.rope_base:g}"
        work.context.progress.say(
            f"The base of the rotary positions of `{given.info.name}`, {own}, becomes {base}, as the protocol says; "
            f"`--set rope_base={own}` keeps it."
        )


def _predict(
    work: Work, protocol: CaterProtocol, val: Sequence[Example]
) -> tuple[ProbeScores, ProbeScores | None]:
    """Train all probes; what they say of the videos that are scored, and of held-out ones."""
    context = work.context
    fitted = fit(work)
    if fitted.backbone is not work.backbone and context.rank == 0:
        save_adapted(work, fitted.backbone, FAMILY)
    scorer = Scorer(
        fitted.logits, work.views, context, work.clips, fitted.identity, keep=True, leaves_out=True
    )
    names = (protocol.split, TRAINED_ON[protocol.split])
    lists = [read_list(work.report.path, protocol, name) for name in names]
    cells = {video.name: video.label for listing in lists for video in listing.videos}
    found = [
        judge_probes(fitted.bank.probes, scorer.score(split, own), cells) if own else None
        for split, own in (("val", val), ("held-out", work.held_out))
    ]
    assert found[0] is not None
    return found[0], found[1]


def _write(path: Path, val: ProbeScores, choices: dict[str, tuple[int, str | None]]) -> None:
    """A row for each view of each video; a single view is a row without number."""
    views = val.scores.shape[2]
    videos = tuple(name for name in val.names for _ in range(views))
    numbers = None if views == 1 else tuple(int(view) for view in np.tile(np.arange(views), len(val.names)))
    scores = {name: val.scores[place].reshape(len(videos), -1) for name, (place, _) in choices.items()}
    texts = {name: text for name, (_, text) in choices.items() if text}
    main = scores.pop("")
    write_predictions(path, Predictions(videos, main, numbers, scores, texts))


def _draw(work: Work, protocol: CaterProtocol, items: Rows, curves: dict[str, Rows], losses: Rows) -> Any:
    folder = work.context.out / "artifacts"
    artifacts = {name: folder / f"{name}.png" for name in ("curves", "errors", "strips")}
    plot_curves(artifacts["curves"], curves | {"calibration": []}, losses, work.classes, work.unit)
    draw_error_maps(artifacts["errors"], items, protocol.grid)
    draw_strips(artifacts["strips"], items, work.report, protocol)
    return artifacts


def _warnings(work: Work, examples: Examples) -> list[str]:
    found = [text] if (text := untaught_cells(examples)) else []
    if work.left_out:
        first = next(iter(work.left_out))
        found.append(
            f"{len(work.left_out):,} of {len(examples.train):,} training videos were left out, first `{first}`: "
            f"{work.left_out[first]}"
        )
    return found
