"""Scoring held-out and validation items: in chunks of fixed items, each kept when it is done."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.errors import DataError
from toto_bench.files import digest, write_with
from toto_bench.probing.judged import Judged, joined, judge
from toto_bench.probing.views import ViewSums, softmax
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.views import Pixels, Views, decoded

CHUNK = 64
"""Items that are committed together; batches never reach over their border, so that no process sees other ones."""
LEFT_OUT = "left_out"
"""Key of a committed row: item to the reason why it could not be scored."""
T = TypeVar("T")
Logits = Callable[[Tensor], Tensor]
"""Clips uint8 [B, T, R, R, 3] to logits [P, B, C]."""


class Scored(NamedTuple):
    """What is known of the items of a split after scoring."""

    examples: tuple[Example, ...]
    """Those that were scored, N."""
    judged: Judged
    """Of P probes on them, [P, N]."""
    left_out: Mapping[str, str]
    """Items that could not be, with the reason."""
    scores: NDArray[np.float32] | None = None
    """Probabilities of every class in each of V views, [P, N, V, C], where they are kept."""


@dataclass(frozen=True)
class Scorer:
    """What scores items, and where."""

    logits: Logits
    """Of all probes."""
    views: Views
    """Reads all views of an example."""
    context: RunContext
    """Of the run; this process does its share of the chunks, and waits for the others."""
    clips: int
    """Views that go through the backbone at once."""
    trained: str
    """Identity of what scores, so that chunks of other probes are not taken."""
    keep: bool = False
    """Whether the probabilities of every view are kept, not what they amount to alone."""
    leaves_out: bool = False
    """Whether items that cannot be read are left out without `--allow-missing` too."""
    _kept: dict[int, NDArray[np.float32]] = field(default_factory=dict, init=False)
    """Probabilities [P, V, C] of the items of the chunk that is scored."""

    def score(self, split: str, examples: Sequence[Example]) -> Scored:
        """Score every view of every example, and judge what they amount to.

        Args:
            split: name of the items, in files and messages.
            examples: what is scored.

        Raises:
            DataError: an example cannot be decoded, and that was not allowed; or none can.
        """
        context = self.context
        chunks = {
            f"{split}-{first // CHUNK:05d}": tuple(examples[first : first + CHUNK])
            for first in range(0, len(examples), CHUNK)
        }
        # Of what is scored too: an item that is found to be broken between two sessions moves all that come after it.
        identities = {
            name: digest([self.trained, [example.name for example in own]]) for name, own in chunks.items()
        }
        known = set(identities.values())
        todo = context.todo(list(chunks), retry=lambda row: bool(row[LEFT_OUT]) or row["scored"] not in known)
        context.progress.start(f"Scoring {split}", sum(len(chunks[name]) for name in todo))
        for name in todo:
            with context.stage("score"):
                done, left_out = self._judge_chunk(chunks[name])
                _save(_file(context, name), done, self._kept)
            context.commit(name, {LEFT_OUT: left_out, "scored": identities[name]})
        context.progress.stop()
        context.barrier()
        return _collect(split, chunks, context)

    def _judge_chunk(self, examples: Sequence[Example]) -> tuple[dict[int, Judged], dict[str, str]]:
        """Place in the chunk to judgements; and what could not be read, with the reason."""
        views, left_out, done = self.views, dict[str, str](), dict[int, Judged]()
        sums = ViewSums(views.count)
        self._kept.clear()
        for waiting in batched(self._views_of(examples, left_out), self.clips):
            items, numbers, pixels = zip(*waiting, strict=True)
            found = self.logits(torch.from_numpy(np.stack(pixels))).float().cpu().numpy()
            if self.keep:
                self._keep(items, numbers, found)
            for item in sums.add(items, numbers, scores_of(found, views)):
                done[item] = _judge(sums.take([item]), examples[item], views)
        return done, left_out

    def _keep(self, items: Sequence[int], numbers: Sequence[int], logits: NDArray[np.float32]) -> None:
        """Probabilities of some views."""
        with np.errstate(invalid="ignore"):  # of probes that diverged
            found = softmax(logits).astype(np.float32)
        probes, _, classes = found.shape
        for place, (item, number) in enumerate(zip(items, numbers, strict=True)):
            of_item = self._kept.setdefault(item, np.empty((probes, self.views.count, classes), np.float32))
            of_item[:, number] = found[:, place]

    def _views_of(
        self, examples: Sequence[Example], left_out: dict[str, str]
    ) -> Iterator[tuple[int, int, Pixels]]:
        """(place, number of the view, its pixels), read ahead."""
        context, views = self.context, self.views
        ahead = max(2, 2 * self.clips // views.count)
        for (place, example), result in decoded(
            enumerate(examples), lambda each: views.scored(each[1]), context.workers, ahead=ahead
        ):
            try:
                pixels = result()
            except DataError as error:
                if not (context.allow_missing or self.leaves_out):
                    raise
                context.progress.say(f"Left out: {error}")
                left_out[example.name] = str(error)
            else:
                yield from ((place, number, pixels[number]) for number in range(views.count))
            context.progress.advance()


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one perhaps shorter (itertools has it from Python 3.12 on)."""
    coming = iter(items)
    while batch := list(islice(coming, size)):
        yield batch


def _file(context: RunContext, name: str) -> Path:
    return context.folder.state / "scores" / f"{name}.npz"


def scores_of(logits: NDArray[np.float32], views: Views) -> NDArray[np.floating]:
    """What is summed over views: probabilities, or logits; a single view needs no softmax."""
    return softmax(logits) if views.count > 1 and views.average == "softmax" else logits


def _judge(sums: NDArray[np.float64], example: Example, views: Views) -> Judged:
    """Of one item: [P, 1]."""
    probabilities = views.count > 1 and views.average == "softmax"
    with np.errstate(invalid="ignore"):
        return judge(sums / views.count, np.array([example.label]), probabilities=probabilities)


def _save(path: Path, done: Mapping[int, Judged], kept: Mapping[int, NDArray[np.float32]]) -> None:
    places = sorted(done)
    content: dict[str, NDArray[Any]] = {"places": np.array(places, np.int64)}
    if places:
        content |= joined([done[place] for place in places])._asdict()
    if kept:
        content["scores"] = np.stack([kept[place] for place in places], 1)
    write_with(path, lambda temporary: np.savez(temporary, **content))  # type: ignore[arg-type]


def _collect(split: str, chunks: Mapping[str, Sequence[Example]], context: RunContext) -> Scored:
    rows = context.committed()
    scored: list[Example] = []
    parts, kept, left_out = [], list[NDArray[np.float32]](), dict[str, str]()
    for name, examples in chunks.items():
        left_out |= rows[name][LEFT_OUT]
        with np.load(_file(context, name), allow_pickle=False) as content:
            places = content["places"]
            if len(places):
                parts.append(Judged(content["rank"], content["predicted"], content["confidence"]))
                kept += [content["scores"]] if "scores" in content else []
        scored += [examples[place] for place in places]
    if not parts:
        raise DataError(
            f"None of the items of `{split}` could be scored: {next(iter(left_out.values()), '')}"
        )
    scores = np.concatenate(kept, 1) if kept else None
    return Scored(tuple(scored), joined(parts), left_out, scores)
