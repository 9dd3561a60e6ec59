"""The loss of pre-training: cross-entropy of the next token, or the squared error of the next patch."""

import torch.nn.functional as F
from torch import Tensor

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.toto.checks import check_codes
from toto_bench.backbones.toto.sequences import Kind, pack
from toto_bench.backbones.toto.transformer import CausalTransformer


def next_loss(model: CausalTransformer, hidden: Tensor, targets: Tensor, kind: Kind) -> Tensor:
    """Mean loss over the positions of all sequences, a scalar in float32; see `next_losses`."""
    return next_losses(model, hidden, targets, kind).mean()


def next_losses(model: CausalTransformer, hidden: Tensor, targets: Tensor, kind: Kind) -> Tensor:
    """Loss of every predicted position, float32 [B, T*h*w + 1] for codes and the end token, [B, T*h*w] for patches.

    Args:
        model: whose final norm and head are taken.
        hidden: after the last block, [B, 1 + T*h*w, D]: of the start token and every token of the frames.
        targets: codes [B, T, h, w], or normalised patches [B, T, h, w, 3 * patch**2].
        kind: of the sequence.

    Raises:
        UnsupportedInputError: there is not one target for each token, or codes are outside the vocabulary.
    """
    batch, length = hidden.shape[0], hidden.shape[1] - 1
    dimensions = 5 if model.config.predicts_patches else 4
    if targets.ndim != dimensions or targets.shape[0] != batch or targets[0].shape[:3].numel() != length:
        raise UnsupportedInputError(
            f"{length} tokens of each of {batch} clips are predicted, which targets {list(targets.shape)} do not fit: "
            + ("give patches [B, T, h, w, D]." if dimensions == 5 else "give codes [B, T, h, w].")
        )
    if model.config.predicts_patches:
        # Nothing is left to predict after the last patch.
        predicted = model.logits(hidden[:, :-1]).float()
        return F.mse_loss(predicted, targets.flatten(1, 3).float(), reduction="none").mean(-1)
    check_codes(targets, model.config, "This Toto predicts")
    ids = pack(targets, kind, model.config)[:, 1:]
    losses = F.cross_entropy(model.logits(hidden).float().flatten(0, 1), ids.flatten(), reduction="none")
    return losses.view(ids.shape)
