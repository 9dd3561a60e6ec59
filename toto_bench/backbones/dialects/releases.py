"""Dialects of published releases: which of a training checkpoint's tensors make the backbone."""

from collections.abc import Mapping

from torch import nn

from toto_bench.backbones.dialects.layout import State, below, inside, tensors_of, unwrapped, without


def mae(content: Mapping[str, object], _: nn.Module) -> State:
    """MAE: weights under `model` (or alone); the decoder and the mask token are left out."""
    return without(tensors_of(inside(content, "model")), "decoder", "mask_token")


def dino(content: Mapping[str, object], _: nn.Module) -> State:
    """DINO: a backbone alone, or a training checkpoint: its teacher (else its student), without the head."""
    found = inside(content, "teacher", "student")
    tensors = unwrapped(tensors_of(found))
    return tensors if found is content else below(tensors, "backbone.")


def ijepa(content: Mapping[str, object], _: nn.Module) -> State:
    """I-JEPA: the target encoder of a training checkpoint; the context encoder and predictor are left out."""
    return unwrapped(tensors_of(inside(content, "target_encoder")))


def moco_v3(content: Mapping[str, object], _: nn.Module) -> State:
    """MoCo v3: the base encoder under `state_dict`, as its linear evaluation reads it, without the projector.

    The projector is called `head` in vision transformers and `fc` in ResNets (moco/builder.py).
    """
    tensors = unwrapped(tensors_of(inside(content, "state_dict")))
    return without(below(tensors, "base_encoder."), "head.", "fc.")


def swav(content: Mapping[str, object], _: nn.Module) -> State:
    """SwAV: a ResNet alone or under `state_dict`, without the projection head and the prototypes."""
    tensors = unwrapped(tensors_of(inside(content, "state_dict")))
    return without(tensors, "projection_head.", "prototypes.")


def simclr(content: Mapping[str, object], _: nn.Module) -> State:
    """SimCLR as tonylins/simclr-converter writes it: a ResNet under `state_dict`, without the classifier."""
    return without(tensors_of(inside(content, "state_dict")), "fc.")


def hiera(content: Mapping[str, object], model: nn.Module) -> State:
    """Hiera: an MAE checkpoint under `model_state`, without mask token, decoder and the heads that feed it.

    `encoder_norm` is the norm that a classifier would read: timm calls it `head.norm`, Hiera's own code `norm`.
    """
    tensors = tensors_of(inside(content, "model_state"))
    kept = without(tensors, "decoder", "mask_token", "multi_scale_fusion_heads.", "encoder_norm.")
    norm = "head.norm" if "head.norm.weight" in model.state_dict() else "norm"
    return kept | {f"{norm}.{key}": tensor for key, tensor in below(tensors, "encoder_norm.").items()}
