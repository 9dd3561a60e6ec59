"""Values that depend on the backbone, and what does not go together."""

from typing import TypeVar

from toto_bench.backbones.base import Backbone
from toto_bench.errors import RequestError
from toto_bench.robots.spec import expect_multiple
from toto_bench.tasks.manipulation.protocol import ManipulationProtocol
from toto_bench.tasks.readouts import expect_token, read_layers, read_side

P = TypeVar("P", bound=ManipulationProtocol)


def resolve(protocol: P, backbone: Backbone) -> P:
    """The protocol with layer (several: in order, each once) and side of the backbone.

    Raises:
        UnsupportedInputError: it has no such layer or class token, or reads another size.
        RequestError: values of the protocol do not go together.
    """
    info = backbone.info
    expect_multiple("physics_hz", protocol.physics_hz, "control_hz", protocol.control_hz)
    # the mean over evaluations is the area under the curve only where they are equally far apart
    expect_multiple("iterations", protocol.iterations, "eval_every", protocol.eval_every)
    if not all(0 <= share <= 1 for share in protocol.expert_share):
        raise RequestError(f"`expert_share` = {list(protocol.expert_share)}: give shares between 0 and 1.")
    expect_token(protocol.pooling, info)
    layers = read_layers(protocol.layer, info)
    layer = layers[0] if len(layers) == 1 else layers
    side = read_side(protocol.resolution, info)
    return protocol.model_copy(update={"layer": layer, "resolution": side})


def layers_of(protocol: ManipulationProtocol) -> tuple[int, ...]:
    """The layers of a resolved protocol."""
    assert not isinstance(protocol.layer, str)
    return (protocol.layer,) if isinstance(protocol.layer, int) else protocol.layer
