"""Which features of a backbone a policy reads."""

from toto_bench.backbones.base import Backbone, FinalNorm
from toto_bench.backbones.weights import state_hash
from toto_bench.probing.pool import width_of
from toto_bench.probing.settings import Pooling
from toto_bench.robots.policy.errors import PolicyBackboneError
from toto_bench.robots.policy.spec import Readout


def readout_of(
    backbone: Backbone,
    *,
    layer: int,
    resolution: int,
    pooling: Pooling = "average",
    norm: FinalNorm = "last",
    dtype: str = "float32",
) -> Readout:
    """The readout of one layer; it holds the hash of the weights as they are now.

    Args:
        backbone: whose tokens are read.
        layer: 1..depth; 0 = embeddings.
        resolution: side of the square that pictures are resized to, in pixels.
        pooling: how the tokens of a picture become one vector.
        norm: which layers pass the final norm.
        dtype: number type in which the backbone runs.

    Raises:
        UnsupportedInputError: the backbone has no such layer.
    """
    info = backbone.info
    return Readout.model_validate(
        {
            "backbone": info.name,
            "weights": info.weights,
            "state": state_hash(backbone.checkpointed()),
            "architecture": info.architecture,
            "preprocessing": info.preprocessing,
            "layer": layer,
            "norm": norm,
            "pooling": pooling,
            "resolution": resolution,
            "image_size": info.image_size,
            "width": width_of(pooling, info.layer(max(layer, 1)).dim),
            "dtype": dtype,
        }
    )


def expect_backbone(readout: Readout, backbone: Backbone) -> None:
    """Refuse a backbone other than the one whose features the head learnt to read.

    Raises:
        PolicyBackboneError: names what differs.
    """
    info = backbone.info
    found = {
        "weights": (state_hash(backbone.checkpointed()), readout.state),
        "architecture": (info.architecture, readout.architecture),
        "preprocessing": (info.preprocessing, readout.preprocessing),
    }
    wrong = [f"{what} {is_} instead of {was}" for what, (is_, was) in found.items() if is_ != was]
    if wrong:
        raise PolicyBackboneError(
            f"The policy was trained on features of `{readout.backbone}`, and `{info.name}` here has "
            f"{'; '.join(wrong)}: its actions would mean nothing. Give the weights that the policy was trained with "
            "(`--checkpoint`), or train a policy for these."
        )
