"""Propagation as in videowalk: the whole first frame and a windowed queue, softmax over exactly k."""

import torch
from torch import Tensor
from torch.nn import functional as F

from toto_bench.tasks.davis.propagation.search import Candidates, Search
from toto_bench.tasks.davis.propagation.settings import PropagationSettings
from toto_bench.tasks.davis.propagation.window import Window


class VideowalkPropagation:
    """The first frame is remembered for good; the queue is a ring that starts as copies of it.

    Early frames therefore meet the same source cell several times, and all copies count towards ``top_k``.
    Exactly k are kept: of several equal cosines at the k-th place, the first frame's go before the queue's;
    within the queue the choice is open, as it is in the reference. Takes unit features ``[long, short, D]``
    and labels ``[long, short, C]``.
    """

    def __init__(self, features: Tensor, labels: Tensor, settings: PropagationSettings) -> None:
        self.settings = settings
        long, short = features.shape[:2]
        self.first = Search(Window(long, short, None), 1, features, labels)
        self.first.write(0, features, _stretch_over_channels(labels) if settings.normalise_first else labels)
        self.queue = Search(Window(long, short, settings), settings.context_frames, features, labels)
        for slot in range(settings.context_frames):
            self.queue.write(slot, features, labels)
        self.channels = labels.shape[2]
        self.steps = 0

    def step(self, features: Tensor) -> Tensor:
        """Predict the labels ``[long, short, C]`` of the next frame and remember them."""
        labels = features.new_empty(*features.shape[:2], self.channels)
        cosines, sources = self._of_first(features)

        def vote(found: Candidates) -> None:
            place = (found.block.columns, found.block.rows)
            votes = self._vote(found, cosines[place].flatten(0, 1), sources[place].flatten(0, 1))
            labels[place] = votes.view(labels[place].shape)

        self.queue(features, self.settings.top_k, vote)
        self.queue.write(self.steps % self.settings.context_frames, features, labels)
        self.steps += 1
        return labels

    def _of_first(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the top-k cosines with the first frame, and their label rows: ``[long, short, k]`` each."""
        long, short = features.shape[:2]
        count = min(self.settings.top_k, long * short)
        cosines = features.new_empty(long, short, count)
        sources = torch.empty(long, short, count, dtype=torch.long, device=features.device)

        def keep(found: Candidates) -> None:
            place = (found.block.columns, found.block.rows)
            cosines[place] = found.cosines.view(cosines[place].shape)
            sources[place] = found.sources.view(sources[place].shape)

        self.first(features, count, keep)
        return cosines, sources

    def _vote(self, found: Candidates, first_cosines: Tensor, first_sources: Tensor) -> Tensor:
        """Softmax over the k best of the first frame's candidates [Q, k] and the queue's."""
        top_k = self.settings.top_k
        queue_cosines, place = found.cosines.topk(min(top_k, found.cosines.shape[1]), dim=1)
        labels = [
            self.first.memories[0].label_table()[first_sources],
            found.memory.label_table()[found.sources.gather(1, place)],
        ]
        cosines = torch.cat([first_cosines, queue_cosines], dim=1)
        best, chosen = cosines.sort(dim=1, descending=True, stable=True)
        weights = F.softmax(best[:, :top_k] / self.settings.temperature, dim=1)
        voters = torch.cat(labels, dim=1).take_along_dim(chosen[:, :top_k, None], dim=1)
        return (weights[:, :, None] * voters).sum(dim=1)


def _stretch_over_channels(labels: Tensor) -> Tensor:
    """Map the channels of each cell ``[..., C]`` to [0, 1]; cells with equal channels stay as they are."""
    lowest, highest = labels.amin(dim=-1, keepdim=True), labels.amax(dim=-1, keepdim=True)
    return torch.where(highest > lowest, (labels - lowest) / (highest - lowest), labels)
