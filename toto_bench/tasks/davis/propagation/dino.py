"""Propagation as in DINO: every context through one square window, ties at the k-th affinity kept."""

import torch
from torch import Tensor

from toto_bench.tasks.davis.propagation.affinity import affinities, keep_from, kth_largest
from toto_bench.tasks.davis.propagation.memory import mix_labels
from toto_bench.tasks.davis.propagation.search import Candidates, Search
from toto_bench.tasks.davis.propagation.settings import PropagationSettings
from toto_bench.tasks.davis.propagation.window import Window

_SPARE_POSITIONS = 1
"""Positions looked at beyond the k that are enough without ties; the last one reveals a tie left outside."""
_TIED_NUMBERS = 1 << 20
"""Scores of tied queries that are handled at once."""


class DinoPropagation:
    """Slot 0 holds the first frame; the others are a ring of the latest predictions, which starts empty.

    Takes unit features ``[long, short, D]`` and labels ``[long, short, C]``.
    """

    def __init__(self, features: Tensor, labels: Tensor, settings: PropagationSettings) -> None:
        self.settings = settings
        window = Window(features.shape[0], features.shape[1], settings)
        self.search = Search(window, 1 + settings.context_frames, features, labels)
        self.search.write(0, features, labels)
        self.channels = labels.shape[2]
        self.steps = 0

    def step(self, features: Tensor) -> Tensor:
        """Predict the labels ``[long, short, C]`` of the next frame and remember them."""
        labels = features.new_empty(*features.shape[:2], self.channels)

        def vote(found: Candidates) -> None:
            target = labels[found.block.columns, found.block.rows]
            target.copy_(self._vote(found).view(target.shape))

        self.search(features, self.settings.top_k + _SPARE_POSITIONS, vote)
        if self.settings.context_frames:
            self.search.write(1 + self.steps % self.settings.context_frames, features, labels)
        self.steps += 1
        return labels

    def _vote(self, found: Candidates) -> Tensor:
        temperature, top_k = self.settings.temperature, self.settings.top_k
        largest = found.cosines.amax(dim=1)
        values = affinities(found.cosines, temperature, largest)
        threshold = kth_largest(values, top_k)
        votes = mix_labels(found.memory.label_table(), found.sources, keep_from(values, threshold))
        if found.outside is not None:
            outside = affinities(found.outside, temperature, largest)
            tied = ((outside >= threshold[:, 0]) & (outside > 0)).nonzero()[:, 0]
            if len(tied):
                votes[tied] = self._vote_of_tied(found, tied, threshold[tied], largest[tied])
        return votes

    def _vote_of_tied(self, found: Candidates, tied: Tensor, threshold: Tensor, largest: Tensor) -> Tensor:
        """Vote with all sources of the window, for queries whose k-th affinity also occurs outside."""
        labels = found.memory.labels[: len(found.scores), found.block.keys].flatten(0, 2)
        chunk = max(1, _TIED_NUMBERS // len(labels))
        votes = []
        for start in range(0, len(tied), chunk):
            part = slice(start, start + chunk)
            cosines = found.scores[:, tied[part]]
            if found.bias is not None:
                cosines += found.bias[tied[part]]
            cosines = cosines.transpose(0, 1).flatten(1)
            values = affinities(cosines, self.settings.temperature, largest[part])
            votes.append(keep_from(values, threshold[part]) @ labels)
        return torch.cat(votes)
