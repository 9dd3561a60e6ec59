"""The DAVIS task: propagate, write the masks, score what was written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toto_bench.backbones.base import Backbone, BackboneInfo
from toto_bench.errors import DataError
from toto_bench.results.record import Coverage
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.davis.check import check
from toto_bench.tasks.davis.encoder import FrameEncoder
from toto_bench.tasks.davis.estimate import announce
from toto_bench.tasks.davis.pictures import draw
from toto_bench.tasks.davis.predictions import save_sequence
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import VideoSequence, find_sequence
from toto_bench.tasks.davis.resolve import layers_of, resolve
from toto_bench.tasks.davis.sample import write_sample
from toto_bench.tasks.davis.scoring import SequenceScore, expect_sequences, items_of, score_sequence
from toto_bench.tasks.davis.summary import (
    HELD_OUT,
    Scores,
    best_layer,
    frame_curve,
    layer_curve,
    leave_one_video_out,
    metrics_of,
)
from toto_bench.tasks.davis.tracking import track


class Davis(Task[DavisProtocol]):
    """DAVIS label propagation with J and F."""

    protocol = DavisProtocol

    def check(self, data: Path, protocol: DavisProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`: see `toto_bench.tasks.davis.check`."""
        return check(self.card, data, protocol, thorough=thorough)

    def resolve(self, protocol: DavisProtocol, backbone: Backbone) -> DavisProtocol:
        """The protocol with the backbone's resolution, patch, RoPE base and checkpoint filled in."""
        return resolve(protocol, backbone.info)

    def image_size(self, protocol: DavisProtocol) -> tuple[int, int] | None:
        """The square, where there is one and its side is given."""
        side = protocol.resolution
        return (side, side) if protocol.resize == "square" and isinstance(side, int) else None

    def write_sample(self, folder: Path) -> None:
        """Write the bundled sample."""
        write_sample(folder)

    def evaluate(
        self, backbone: Backbone, data: DataReport, protocol: DavisProtocol, context: RunContext
    ) -> Outcome:
        """Track every sequence with all layers at once; each is written, scored from its files, committed."""
        layers = layers_of(protocol, backbone.info)
        sequences = {
            name: find_sequence(data.path, name, protocol)
            for name in _usable(data, context.limit, context.allow_missing)
        }
        encoder = FrameEncoder(backbone, layers, protocol, context)
        todo = [sequences[name] for name in context.todo(list(sequences))]
        announce(todo, encoder)
        context.progress.start("DAVIS frames", sum(len(sequence.frames) for sequence in todo))
        for sequence in todo:
            self._run(sequence, encoder)
        context.progress.stop()
        context.barrier()
        return self._collect(sequences, data, protocol, backbone.info, context)

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
        names = _usable(data, None, allow_missing)
        missing = dict(data.problems)
        if allow_missing:
            absent = [name for name in names if not (predictions / name).is_dir()]
            missing |= dict.fromkeys(absent, "no predictions")
            names = [name for name in names if name not in absent]
        expect_sequences(predictions, names)
        if not names:
            raise DataError(f"{predictions} has no predictions for any listed sequence of {data.path}.")
        scores = {
            name: score_sequence(find_sequence(data.path, name, protocol), predictions / name, protocol)
            for name in names
        }
        return Outcome(
            metrics=metrics_of(scores, seed=0),
            items=items_of(scores),
            coverage=Coverage(scored=len(names), listed=len(data.listed), missing=missing),
            curves={"frames": frame_curve(scores)},
        )

    def _run(self, sequence: VideoSequence, encoder: FrameEncoder) -> None:
        """One sequence from frames to committed scores."""
        context = encoder.context
        labels: dict[int, list[Any]] = {layer: [] for layer in encoder.layers}
        for frame in track(sequence, encoder):
            for layer, prediction in frame.items():
                labels[layer].append(prediction)
        row = {}
        for layer in encoder.layers:
            folder = predictions_folder(context.out, layer) / sequence.name
            with context.stage("write"):
                save_sequence(folder, [frame.stem for frame in sequence.frames], labels.pop(layer))
            with context.stage("score"):
                row[str(layer)] = score_sequence(sequence, folder, encoder.protocol)._asdict()
        context.commit(sequence.name, row)

    def _collect(
        self,
        sequences: Mapping[str, VideoSequence],
        data: DataReport,
        protocol: DavisProtocol,
        info: BackboneInfo,
        context: RunContext,
    ) -> Outcome:
        """Numbers, curves and pictures from what was committed."""
        committed = context.committed()
        layers = layers_of(protocol, info)
        by_layer = {layer: _scores(sequences, committed, layer) for layer in layers}
        best = best_layer(by_layer)
        selection = f"best on val: layer {best} of {len(layers)} read" if len(layers) > 1 else None
        metrics = metrics_of(by_layer[best], seed=context.seed, selection=selection)
        if len(layers) > 1 and (held_out := leave_one_video_out(by_layer)):
            chosen = metrics_of(held_out, seed=context.seed, selection="layer chosen on the other videos")
            metrics |= {f"{name}@{HELD_OUT}": metric for name, metric in chosen.items()}
        curves = {"layers": layer_curve(by_layer), "frames": frame_curve(by_layer[best])}
        with context.stage("draw"):
            predictions = predictions_folder(context.out, best)
            artifacts = draw(sequences, predictions, protocol, curves, context) if context.rank == 0 else {}
        return Outcome(
            metrics=metrics,
            items=[row for layer, scores in by_layer.items() for row in items_of(scores, layer)],
            coverage=Coverage(
                scored=len(sequences), listed=len(data.listed), missing=_left_out(data, sequences)
            ),
            curves=curves,
            artifacts=artifacts,
            frames=sum(len(sequence.frames) for sequence in sequences.values()),
        )


def predictions_folder(out: Path, layer: int) -> Path:
    """Where the masks of a layer lie, in the official layout of results."""
    return out / "predictions" / f"layer-{layer:02d}"


def _usable(data: DataReport, limit: int | None, allow_missing: bool) -> list[str]:
    """Sequences that can be scored, up to the limit.

    Raises:
        DataError: some cannot, and that was not allowed; or none can.
    """
    wanted: Sequence[str] = data.listed[:limit]
    broken = {name: data.problems[name] for name in wanted if name in data.problems}
    usable = [name for name in wanted if name not in broken]
    if broken and not (allow_missing and usable):
        shown = "; ".join(f"`{name}`: {problem}" for name, problem in list(broken.items())[:5])
        raise DataError(
            f"{len(broken)} of {len(wanted)} sequences in {data.path} cannot be scored. {shown}. Restore them from "
            "the archive (`toto-bench data check davis` lists all), or leave them out with `--allow-missing`: "
            "coverage is then shown beside every number."
        )
    return usable


def _left_out(data: DataReport, scored: Mapping[str, VideoSequence]) -> dict[str, str]:
    """Why listed sequences were not scored."""
    return {name: data.problems.get(name, "beyond --limit") for name in data.listed if name not in scored}


def _scores(sequences: Mapping[str, VideoSequence], committed: dict[str, Any], layer: int) -> Scores:
    return {name: SequenceScore(**committed[name][str(layer)]) for name in sequences}
