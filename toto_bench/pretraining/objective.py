"""What is minimised: the cross-entropy of the next token (for patches, the error of the next patch)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.loss import next_losses
from toto_bench.backbones.toto.reading import embed
from toto_bench.backbones.toto.transformer import CausalTransformer


class NextToken(nn.Module):
    """Mean loss of sequences of ids."""

    def __init__(self, model: CausalTransformer) -> None:
        super().__init__()
        self.model, self.depth = model, model.config.depth

    def forward(self, ids: Tensor) -> dict[str, Tensor]:
        """Of int64 [B, N]; in eval mode also `positions` [N - 1], the mean loss of each token after the first."""
        [hidden] = self.model(self.model.embed_ids(ids[:, :-1]), [self.depth])
        logits = self.model.logits(hidden).float().flatten(0, 1)
        targets = ids[:, 1:].flatten()
        if self.training:
            return {"loss": F.cross_entropy(logits, targets)}
        losses = F.cross_entropy(logits, targets, reduction="none").view(len(ids), -1)
        return {"loss": losses.mean(), "positions": losses.mean(0)}


class NextPatch(nn.Module):
    """Mean loss of clips of pixels, which the backbone's own tokenizers read in each step."""

    def __init__(self, backbone: Toto) -> None:
        super().__init__()
        self.model = backbone.model
        self._prepare, self._prepare_targets = backbone.prepare, backbone.prepare_targets
        self._same = backbone.target is backbone.tokenizer

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Of `pixels` uint8 [B, T, R, R, 3]; `images` [B] says which are random images, not clips.

        In eval mode also `positions`, the mean loss of each predicted token.
        """
        video = batch["pixels"].permute(0, 1, 4, 2, 3).float().div(255)
        inputs = self._prepare(video)
        targets = inputs if self._same else self._prepare_targets(video)
        model, config = self.model, self.model.config
        tokens = embed(model, inputs, None)
        starts = torch.where(batch["images"], config.image_start, config.video_start)
        embeddings = torch.cat([model.embed_ids(starts[:, None]).to(tokens.dtype), tokens], dim=1)
        [hidden] = model(embeddings, [config.depth])
        # Which kind it is stands in the start token alone, and that is not predicted.
        losses = next_losses(model, hidden, targets, "video")
        found = {"loss": losses.mean()}
        return found if self.training else found | {"positions": losses.mean(0)}


def discrete(backbone: Toto) -> bool:
    """Whether what is read and what is predicted are the same ids, so that frames become shards."""
    return backbone.tokenizer.vocabulary is not None and backbone.target is backbone.tokenizer


def objective_of(backbone: Toto) -> NextToken | NextPatch:
    """What a Toto minimises: ids from shards where it reads the ids that it predicts, else clips of pixels."""
    return NextToken(backbone.model) if discrete(backbone) else NextPatch(backbone)
