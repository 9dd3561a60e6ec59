"""From cosines to the weights of the votes."""

from torch import Tensor

_SAFE_TEMPERATURE = 0.02
"""From here up, exp(cosine / temperature) of any number of sources fits float32 and needs no shift."""


def affinities(cosines: Tensor, temperature: float, largest: Tensor) -> Tensor:
    """Exponentiate cosines ``[Q, ...]`` as DINO does: exp(cosine / temperature), float32; -inf becomes 0.

    Ties are decided on these rounded numbers, as in the reference, where two cosines that differ in their
    last bit can become one affinity. At lower temperatures (0.1 / 9) the reference overflows to NaN; so below
    0.02 each query's ``largest`` cosine [Q] is subtracted first, which the normalisation cancels.
    """
    logits = cosines / temperature
    if temperature < _SAFE_TEMPERATURE:
        shift = (largest / temperature).nan_to_num(neginf=0.0)
        logits = logits - shift.view(-1, *[1] * (cosines.dim() - 1))
    return logits.exp()


def kth_largest(values: Tensor, k: int) -> Tensor:
    """Return the k-th largest value of each row [Q, n] (the smallest if there are fewer): [Q, 1]."""
    return values.topk(min(k, values.shape[1]), dim=1).values[:, -1:]


def keep_from(values: Tensor, threshold: Tensor) -> Tensor:
    """Zero what is below the row's threshold [Q, 1] and normalise each row [Q, n] to sum 1; ties stay."""
    kept = values.masked_fill(values < threshold, 0.0)
    return kept / kept.sum(dim=1, keepdim=True)
