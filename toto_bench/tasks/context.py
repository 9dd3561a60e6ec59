"""What a run offers to a task: device, seed, finished items, progress, the feature store."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from toto_bench.backbones.base import Backbone
from toto_bench.errors import TotoBenchError
from toto_bench.features.prepared import keeps_ids, prepare_kept
from toto_bench.features.store import FeatureStore
from toto_bench.files import DiskError
from toto_bench.progress import Progress, Silent
from toto_bench.results.folder import RunFolder

INPUT_STATE = "input"
"""Name under which `describe_input` keeps the shape."""


@dataclass
class RunContext:
    """The surroundings of one run."""

    folder: RunFolder
    """Where the run lies on disk."""
    store: FeatureStore
    """Features computed before."""
    device: str = "cpu"
    """torch device."""
    dtype: str = "float32"
    """Number type of the backbone; everything after it is float32."""
    seed: int = 0
    """Of everything random."""
    batch_size: int = 1
    """Frames per forward pass."""
    workers: int = 1
    """Threads that decode ahead; 0 decodes in place."""
    limit: int | None = None
    """Only the first items; such a run never enters a leaderboard."""
    cache_features: bool = False
    """Whether tokens are kept in the store."""
    allow_missing: bool = False
    """Whether items that cannot be read are left out and counted, instead of ending the run."""
    rank: int = 0
    """Number of this process."""
    world_size: int = 1
    """Number of processes."""
    progress: Progress = field(default_factory=Silent)
    """Where to say how far the run is."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall-clock seconds by stage, of this session."""

    def __post_init__(self) -> None:
        self._seconds_name = f"seconds-{self.rank}"
        self._input_described = False
        self._ids_kept = True
        self._earlier: dict[str, float] = self.folder.recall(self._seconds_name) or {}

    @property
    def out(self) -> Path:
        """The run's folder."""
        return self.folder.path

    def todo(self, ids: Sequence[str], retry: Callable[[Any], bool] | None = None) -> list[str]:
        """This rank's unfinished items, in order; `retry` tells of a committed row whether to try it again."""
        done = {item: row for item, row in self.folder.committed().items() if not (retry and retry(row))}
        return [item for item in ids[self.rank :: self.world_size] if item not in done]

    def commit(self, identifier: str, row: Any) -> None:
        """Keep a finished item, whole."""
        self.folder.remember(self._seconds_name, self.all_seconds())
        self.folder.commit(identifier, row)

    def committed(self) -> dict[str, Any]:
        """All finished items."""
        return self.folder.committed()

    def all_seconds(self) -> dict[str, float]:
        """Wall-clock seconds by stage, of earlier sessions too."""
        return {
            stage: self._earlier.get(stage, 0.0) + self.seconds.get(stage, 0.0)
            for stage in (self._earlier | self.seconds)
        }

    def prepare(self, backbone: Backbone, video: Tensor) -> Tensor:
        """The backbone's inputs for frames [B, T, 3, H, W]: in float32 always; each frame is tokenised once ever.

        A tokenizer picks other ids in half precision. A store that cannot be used costs time, not the run.
        """
        if self._ids_kept and keeps_ids(backbone):
            try:
                return prepare_kept(backbone, video, self.store.ids)
            except DiskError as error:
                self._ids_kept = False
                self.progress.say(f"Note: {error}")
        return backbone.prepare(video)

    def describe_input(self, video: Tensor, inputs: Tensor, layers: Sequence[int]) -> None:
        """Keep the shape of what the backbone reads, of the run's first batch, so that its cost can be counted.

        Args:
            video: frames [B, T, 3, H, W].
            inputs: what the backbone's `prepare` made of them, [B, ...].
            layers: that are read.
        """
        if self.rank != 0 or self._input_described:
            return
        self._input_described = True
        if self.load_state(INPUT_STATE) is None:
            content = {
                "video": list(video.shape[1:]),
                "inputs": list(inputs.shape[1:]),
                "layers": list(layers),
            }
            self.save_state(INPUT_STATE, content | {"dtype": str(inputs.dtype).removeprefix("torch.")})

    def log(self, step: int, **scalars: float) -> None:
        """Add a row to the run's log of training curves, `log.jsonl`."""
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"step": step, **scalars}) + "\n")

    def barrier(self) -> None:
        """Wait for the other processes, if there are any."""
        if self.world_size > 1:
            import torch.distributed as dist  # noqa: PLC0415  only under torchrun

            try:
                dist.barrier()
            except RuntimeError as error:
                raise TotoBenchError(
                    "Another process of this run ended before it was done; its own message says why. Finished items "
                    "are kept: the same command goes on where it was."
                ) from error

    def save_state(self, name: str, content: Any) -> None:
        """Keep something small (JSON) of an unfinished run."""
        self.folder.remember(name, content)

    def load_state(self, name: str) -> Any:
        """What `save_state` kept, or None."""
        return self.folder.recall(name)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
