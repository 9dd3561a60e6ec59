"""The DAVIS task: propagate, write the masks, score what was written."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from toto_bench.backbones.base import Backbone
from toto_bench.errors import DataError
from toto_bench.files import replacing_folder
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.davis.check import check
from toto_bench.tasks.davis.encoder import FrameEncoder
from toto_bench.tasks.davis.estimate import announce
from toto_bench.tasks.davis.metric import MetricError
from toto_bench.tasks.davis.pictures import draw
from toto_bench.tasks.davis.predictions import save_labels
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import VideoSequence, find_sequence
from toto_bench.tasks.davis.rescore import rescore
from toto_bench.tasks.davis.resolve import layers_of, resolve
from toto_bench.tasks.davis.scoring import (
    SequenceScore,
    expect_sequences,
    items_of,
    score_sequence,
    truth_of,
)
from toto_bench.tasks.davis.summary import (
    best_layer,
    frame_curve,
    layer_curve,
    metrics_of,
    metrics_over_layers,
)
from toto_bench.tasks.davis.tracking import track
from toto_bench.tasks.items import PROBLEM, coverage_of, scored_items, usable, usable_items


class Davis(Task[DavisProtocol]):
    """DAVIS label propagation with J and F."""

    protocol = DavisProtocol

    def check(self, data: Path, protocol: DavisProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`: see `toto_bench.tasks.davis.check`."""
        return check(data, protocol, thorough=thorough)

    def resolve(self, protocol: DavisProtocol, backbone: Backbone) -> DavisProtocol:
        """The protocol with the backbone's resolution, patch, RoPE base and checkpoint filled in."""
        return resolve(protocol, backbone.info)

    def image_size(self, protocol: DavisProtocol) -> tuple[int, int] | None:
        """The square, where there is one and its side is given."""
        side = protocol.resolution
        return (side, side) if protocol.resize == "square" and isinstance(side, int) else None

    def evaluate(
        self, backbone: Backbone, data: DataReport, protocol: DavisProtocol, context: RunContext
    ) -> Outcome:
        """Track every sequence with all layers at once; each is written, scored from its files, committed."""
        layers = layers_of(protocol, backbone.info)
        names = usable_items(data, context, "sequences")
        sequences = {name: find_sequence(data.path, name, protocol) for name in names}
        encoder = FrameEncoder(backbone, layers, protocol, context)
        todo = [sequences[name] for name in context.todo(names, retry=lambda row: PROBLEM in row)]
        announce(todo, encoder)
        context.progress.start("DAVIS frames", sum(len(sequence.frames) for sequence in todo))
        for sequence in todo:
            self._run(sequence, encoder)
        context.progress.stop()
        context.barrier()
        return self._collect(sequences, layers, data, protocol, context)

    def score(
        self,
        predictions: Path,
        data: DataReport,
        protocol: DavisProtocol,
        *,
        allow_missing: bool = False,
    ) -> Outcome:
        """Score `predictions/<sequence>/*.png`, anyone's, against the annotations.

        Raises:
            DataError: a sequence or file is missing.
            MetricError: the labels cannot be scored.
        """
        names = usable(data, None, allow_missing=allow_missing, what="sequences")
        absent = [name for name in names if not (predictions / name).is_dir()] if allow_missing else []
        names = [name for name in names if name not in absent]
        expect_sequences(predictions, names)
        without = {name: {PROBLEM: "no predictions"} for name in absent}
        scores = {}
        for name in names:
            sequence = find_sequence(data.path, name, protocol)
            try:
                truth = truth_of(sequence, protocol)
                scores[name] = score_sequence(sequence, truth, predictions / name, protocol)
            except DataError as error:
                if not allow_missing or isinstance(error, MetricError):  # a wrong result is not a missing one
                    raise
                without[name] = {PROBLEM: str(error)}
        if not scores:
            reason = next(iter(without.values()))[PROBLEM]
            raise DataError(f"No sequence in {predictions} could be scored: {reason}")
        return Outcome(
            metrics=metrics_of(scores, seed=0),
            items=items_of(scores),
            coverage=coverage_of(data, {**{name: {} for name in scores}, **without}),
            curves={"frames": frame_curve(scores)},
            warnings=data.warnings,
        )

    def rescore(
        self,
        run: Path,
        data: DataReport,
        protocol: DavisProtocol,
        *,
        seed: int,
        limit: int | None,
        allow_missing: bool,
    ) -> Outcome:
        """The numbers of a finished run, from its masks: see `toto_bench.tasks.davis.rescore`."""
        names = usable(data, limit, allow_missing=allow_missing, what="sequences")
        return rescore(run / "predictions", names, data, protocol, seed=seed, allow_missing=allow_missing)

    def _run(self, sequence: VideoSequence, encoder: FrameEncoder) -> None:
        """One sequence from frames to committed scores; with `allow_missing` an unreadable one is committed so."""
        context = encoder.context
        try:
            folders = self._write(sequence, encoder)
            with context.stage("score"):
                truth = truth_of(sequence, encoder.protocol)
                row: dict[str, Any] = {
                    str(layer): score_sequence(sequence, truth, folder, encoder.protocol)._asdict()
                    for layer, folder in folders.items()
                }
        except DataError as error:
            if not context.allow_missing:
                raise
            context.progress.say(f"Left out: {error}")
            row = {PROBLEM: str(error)}
        context.commit(sequence.name, row)

    def _write(self, sequence: VideoSequence, encoder: FrameEncoder) -> dict[int, Path]:
        """Track a sequence, each mask on disk as soon as it is there; the folder of each layer."""
        names = [frame.stem for frame in sequence.frames]
        folders = {
            layer: predictions_folder(encoder.context.out, layer) / sequence.name for layer in encoder.layers
        }
        with ExitStack() as stack:
            writing = {layer: stack.enter_context(replacing_folder(path)) for layer, path in folders.items()}
            for name, labels in zip(names, track(sequence, encoder), strict=True):
                with encoder.context.stage("write"):
                    for layer, mask in labels.items():
                        save_labels(writing[layer] / f"{name}.png", mask)
        return folders

    def _collect(
        self,
        sequences: Mapping[str, VideoSequence],
        layers: Sequence[int],
        data: DataReport,
        protocol: DavisProtocol,
        context: RunContext,
    ) -> Outcome:
        """Numbers, curves and pictures from what was committed."""
        done = context.committed()
        committed = {name: done[name] for name in sequences}
        scored = {name: sequences[name] for name in scored_items(committed, data, "sequences")}
        by_layer = {
            layer: {name: SequenceScore(**committed[name][str(layer)]) for name in scored} for layer in layers
        }
        best = best_layer(by_layer)
        curves = {"layers": layer_curve(by_layer), "frames": frame_curve(by_layer[best])}
        artifacts = {}
        if context.rank == 0:
            with context.stage("draw"):
                artifacts = draw(scored, predictions_folder(context.out, best), protocol, curves, context)
        return Outcome(
            metrics=metrics_over_layers(by_layer, seed=context.seed),
            items=[row for layer, scores in by_layer.items() for row in items_of(scores, layer)],
            coverage=coverage_of(data, committed),
            curves=curves,
            artifacts=artifacts,
            frames=sum(len(sequence.frames) for sequence in scored.values()),
        )


def predictions_folder(out: Path, layer: int) -> Path:
    """Where the masks of a layer lie, in the official layout of results."""
    return out / "predictions" / f"layer-{layer:02d}"
