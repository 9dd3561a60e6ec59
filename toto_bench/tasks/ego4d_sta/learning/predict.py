"""Predictions for the images that are scored: a file for each video, so that a killed evaluation goes on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from toto_bench.files import digest
from toto_bench.tasks.ego4d_sta.annotations import AnnotationFile
from toto_bench.tasks.ego4d_sta.columns import Predictions, reorder_images
from toto_bench.tasks.ego4d_sta.learning.batches import Inputs, described
from toto_bench.tasks.ego4d_sta.learning.examples import Example, on_frame
from toto_bench.tasks.ego4d_sta.learning.module import StaOnBatches
from toto_bench.tasks.ego4d_sta.model.batch import Detections
from toto_bench.tasks.ego4d_sta.submission import read_columns, write_submission
from toto_bench.training.batches import to_device


@dataclass
class Predictor:
    """Predicts with a model as it is at this moment; processes share the videos, so that no image comes twice."""

    module: StaOnBatches
    """Of the training."""
    examples: tuple[Example, ...]
    """What is predicted, in the order of the annotations."""
    file: AnnotationFile
    """Says what the positions of nouns and verbs stand for."""
    inputs: Inputs
    """Gives what the model reads."""
    images: int
    """That are read at once."""
    folder: Path
    """Of the files."""
    groups: dict[str, list[Example]] = field(init=False)
    """The examples of each video."""

    def __post_init__(self) -> None:
        self.groups = {}
        for example in self.examples:
            self.groups.setdefault(example.annotation.video, []).append(example)
        uids = [annotation.uid for annotation in self.file.annotations]
        self._sizes = dict(zip(uids, self.file.sizes.tolist(), strict=True))

    def predict(self, name: str) -> Predictions:
        """Predictions for every image that could be read, in the order of the annotations.

        Args:
            name: of the state of the model: what was predicted under it is not predicted again.

        Raises:
            DataError: an image cannot be decoded, and that was not allowed.
        """
        context = self.module.context
        videos = list(self.groups)
        own = videos[context.rank :: context.world_size]
        todo = [video for video in own if not self._path(name, video).is_file()]
        context.progress.start("Predicting", sum(len(self.groups[video]) for video in todo))
        for video in todo:
            write_submission(self._path(name, video), self._of(self.groups[video]))
            context.progress.advance(len(self.groups[video]))
        context.progress.stop()
        context.barrier()
        found = [read_columns(self._path(name, video)) for video in videos]
        return _joined(found, [example.uid for example in self.examples])

    def _path(self, name: str, video: str) -> Path:
        return self.folder / name / f"{digest(video)[:32]}.npz"

    def _of(self, examples: Sequence[Example]) -> Predictions:
        uids: list[str] = []
        found: list[Detections] = []
        for first in range(0, len(examples), self.images):
            some = examples[first : first + self.images]
            there, tensors = self.inputs.read(some, [False] * len(some))
            if there:
                chosen = [some[place] for place in there]
                batch = to_device(tensors | described(chosen), torch.device(self.module.context.device))
                uids += [example.uid for example in chosen]
                found += self.module.detect(batch)
        planes = {example.uid: example.plane for example in examples}
        boxes = [
            on_frame(each.boxes.cpu().double().numpy(), planes[uid], self._sizes[uid])
            for uid, each in zip(uids, found, strict=True)
        ]
        return Predictions(
            tuple(uids),
            counts=np.array([len(each.scores) for each in found], dtype=np.int64),
            boxes=np.concatenate([np.zeros((0, 4)), *boxes]),
            nouns=_ids(self.file.nouns, [each.nouns for each in found]),
            verbs=_ids(self.file.verbs, [each.verbs for each in found]),
            ttcs=_floats([each.ttc for each in found]),
            scores=_floats([each.scores for each in found]),
        )


def _ids(
    known: dict[int, str], positions: Sequence[torch.Tensor]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    ids = np.array(list(known), dtype=np.int64)
    return np.asarray(
        ids[np.concatenate([np.zeros(0, np.int64), *(each.cpu().numpy() for each in positions)])]
    )


def _floats(values: Sequence[torch.Tensor]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.concatenate([np.zeros(0), *(each.cpu().double().numpy() for each in values)])


def _joined(parts: Sequence[Predictions], order: Sequence[str]) -> Predictions:
    """All of them, in an order."""
    uids = tuple(uid for part in parts for uid in part.uids)
    names = ("counts", "boxes", "nouns", "verbs", "ttcs", "scores")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    known = set(uids)
    return reorder_images(Predictions(uids, **columns), [uid for uid in order if uid in known])
