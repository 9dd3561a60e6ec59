"""Batches of examples, as the training loop moves them to a device: tensors by name."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from toto_bench.errors import DataError
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames import Pixels
from toto_bench.tasks.ego4d_sta.learning.clips import Clip, ClipReader, refusal
from toto_bench.tasks.ego4d_sta.learning.encoder import PIXELS
from toto_bench.tasks.ego4d_sta.learning.examples import Example
from toto_bench.tasks.ego4d_sta.learning.kept import KeptClips, LeaveOut
from toto_bench.training.sampler import Sampler, and_later

COUNTS, SIZES, STILLS = "counts", "sizes", "stills"
"""Keys of objects of each image [B], height and width of each plane [B, 2], stills float32 [B, 3, H, W]."""
OBJECTS = ("boxes", "nouns", "verbs", "ttc")
"""Keys of what is known of objects, those of an image together, [M, ...]."""


class Inputs(Protocol):
    """What gives a model's inputs for examples."""

    def read(
        self, examples: Sequence[Example], mirrored: Sequence[bool]
    ) -> tuple[list[int], dict[str, Tensor]]:
        """Places of those that could be read, and their tensors by name, [B, ...]."""
        ...


class FromKept:
    """Inputs that were kept, and stills, where they are wanted, anew."""

    def __init__(self, kept: KeptClips, stills: "FromFrames | None" = None) -> None:
        """With what was kept, and what reads stills."""
        self.kept, self.stills = kept, stills

    def read(
        self, examples: Sequence[Example], mirrored: Sequence[bool]
    ) -> tuple[list[int], dict[str, Tensor]]:
        """See `Inputs`."""
        there = [place for place, example in enumerate(examples) if self.kept.has(example)]
        found: dict[str, Tensor] = {}
        if self.stills is not None:
            readable, found = self.stills.read([examples[n] for n in there], [mirrored[n] for n in there])
            there = [there[n] for n in readable]
        if not there:
            return [], {}
        return there, found | self.kept.read([examples[n] for n in there], [mirrored[n] for n in there])


class FromFrames:
    """Inputs that are decoded each time, by threads: pixels of clips, stills, or both."""

    def __init__(
        self, reader: ClipReader, workers: int, *, clips: bool, stills: bool, leave_out: LeaveOut | None
    ) -> None:
        """With what is wanted.

        Args:
            reader: of frames.
            workers: threads; 0 = none.
            clips: whether clips are.
            stills: whether annotated frames are.
            leave_out: told of an example that cannot be read; None = an error.
        """
        self.reader, self.workers, self.clips, self.stills = reader, workers, clips, stills
        self.leave_out = leave_out

    def read(
        self, examples: Sequence[Example], mirrored: Sequence[bool]
    ) -> tuple[list[int], dict[str, Tensor]]:
        """See `Inputs`.

        Raises:
            FrameError: a frame cannot be read, and that was not allowed.
        """
        there, clips, stills = [], list[Pixels](), list[Pixels]()
        for place, (clip, turned) in enumerate(zip(self._all(examples), mirrored, strict=True)):
            if clip.problem is not None:
                self._leave_out(clip, clip.problem)
                continue
            there.append(place)
            turn = slice(None, None, -1 if turned else 1)
            if clip.frames is not None:
                clips.append(clip.frames[:, :, turn])
            if clip.still is not None:
                stills.append(clip.still[:, turn])
        found = {PIXELS: torch.from_numpy(np.stack(clips))} if clips else {}
        return there, found | ({STILLS: stacked(stills)} if stills else {})

    def _all(self, examples: Sequence[Example]) -> list[Clip]:
        if self.workers < 2:
            return [self._one(example) for example in examples]
        with ThreadPoolExecutor(self.workers, thread_name_prefix="decode") as pool:
            return list(pool.map(self._one, examples))

    def _one(self, example: Example) -> Clip:
        [clip] = self.reader.read([example], clips=self.clips, stills=self.stills)
        return clip

    def _leave_out(self, clip: Clip, problem: FrameError) -> None:
        if self.leave_out is None:
            raise refusal(problem)
        self.leave_out(clip.example, problem)


def stacked(stills: Sequence[Pixels]) -> Tensor:
    """Pictures of several sizes as float32 [B, 3, H, W] in [0, 1], zeros to the right of and below smaller ones."""
    height, width = (max(still.shape[side] for still in stills) for side in (0, 1))
    found = torch.zeros(len(stills), 3, height, width)
    for row, still in enumerate(stills):
        pixels = torch.from_numpy(np.ascontiguousarray(still)).permute(2, 0, 1)
        found[row, :, : still.shape[0], : still.shape[1]] = pixels.float().div(255)
    return found


def described(examples: Sequence[Example]) -> dict[str, Tensor]:
    """Planes and objects of examples."""
    nouns, verbs = (
        torch.from_numpy(np.concatenate([getattr(example, name) for example in examples]))
        for name in ("nouns", "verbs")
    )
    return {
        SIZES: torch.tensor([example.plane for example in examples]),
        COUNTS: torch.tensor([len(example.nouns) for example in examples]),
        "boxes": torch.from_numpy(np.concatenate([example.boxes for example in examples])).float(),
        "nouns": nouns,
        "verbs": verbs,
        "ttc": torch.from_numpy(np.concatenate([example.ttcs for example in examples])).float(),
    }


class TrainingBatches:
    """Training examples in the order of the loop: a seeded permutation of each epoch, some of them in a mirror."""

    def __init__(self, examples: Sequence[Example], inputs: Inputs, *, flip: float, seed: int) -> None:
        """With where their inputs come from.

        Args:
            examples: that are trained on.
            inputs: reads them.
            flip: share that is mirrored.
            seed: of order and mirrors.
        """
        self.examples, self.inputs, self.flip, self.seed = tuple(examples), inputs, flip, seed
        self._sampler = Sampler(len(self.examples), seed)

    def read(self, positions: range) -> dict[str, Tensor]:
        """Inputs, planes and objects. Where none of these can be decoded, those that come next take their place.

        Raises:
            DataError: an example cannot be decoded, and that was not allowed; or none of all can.
        """
        for tried in and_later(positions, len(self.examples)):
            if found := self._read(tried):
                return found
        raise DataError(f"None of the {len(self.examples):,} training annotations can be decoded.")

    def _read(self, positions: range) -> dict[str, Tensor] | None:
        """What can be decoded of these; None where that is nothing."""
        places = [int(place) for place in self._sampler.indices(positions)]
        mirrored = [
            self._is_mirrored(position // len(self.examples), place)
            for position, place in zip(positions, places, strict=True)
        ]
        chosen = [self.examples[place] for place in places]
        there, found = self.inputs.read(chosen, mirrored)
        if not there:
            return None
        seen = [chosen[n].mirrored() if mirrored[n] else chosen[n] for n in there]
        return found | described(seen)

    def _is_mirrored(self, epoch: int, place: int) -> bool:
        return bool(np.random.default_rng((self.seed, 1, epoch, place)).random() < self.flip)
