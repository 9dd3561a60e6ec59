"""The whole model: a backbone that reads clips, and the detector on its layers."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone, SelfSupervised, Tokens
from toto_bench.backbones.modes import evaluating
from toto_bench.backbones.seeding import seeded
from toto_bench.tasks.ego4d_sta.model.batch import Batch, Detections
from toto_bench.tasks.ego4d_sta.model.detector import Detector
from toto_bench.tasks.ego4d_sta.model.levels import pyramid_layers
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol


class StaModel(nn.Module):
    """StillFast's model with another backbone in the place of its video network.

    A backbone that is fine-tuned is a part of the module. A frozen one is only read: it is in no state dict and no
    optimiser, keeps its eval mode, and has to be brought to the device by whoever owns it.
    """

    def __init__(
        self,
        backbone: Backbone,
        protocol: EgoStaProtocol,
        nouns: int,
        verbs: int,
        still_weights: Path | None = None,
    ) -> None:
        """With an untrained detector; see `build_sta_model`."""
        super().__init__()
        self.protocol = protocol
        self.layers = pyramid_layers(backbone.info.depth, protocol.pyramid_layers)
        """Of the backbone, from the finest level of the pyramid to the coarsest."""
        self.depth = backbone.info.depth
        """Layers of the backbone, for `parameter_groups`."""
        self.fine_tuned = protocol.adaptation == "fine-tune"
        self._reader = (backbone,)  # a tuple hides it from the module's parts
        if self.fine_tuned:
            self.backbone = backbone
        dims = [backbone.info.layer(layer).dim for layer in self.layers]
        self.detector = Detector(dims, protocol, nouns, verbs, still_weights)

    @property
    def self_supervised(self) -> bool:
        """Whether the backbone's own loss is added."""
        return (
            self.fine_tuned
            and self.protocol.self_supervised_weight > 0
            and isinstance(self._reader[0], SelfSupervised)
        )

    def maps(self, inputs: Tensor) -> list[Tensor]:
        """Maps of the pyramid's layers, pooled over time: float32 [B, D, h, w] each.

        Args:
            inputs: what `Backbone.prepare` returned.

        Raises:
            UnsupportedInputError: the backbone cannot read them.
        """
        if self.fine_tuned:
            return self._pooled(self._reader[0].forward_layers(inputs, self.layers))
        with torch.no_grad(), evaluating(self._reader[0]):
            return self._pooled(self._reader[0].forward_layers(inputs, self.layers))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """`loss`, which is to be minimised, and its parts without their weights.

        The parts are `noun`, `verb`, `ttc`, `box`, `objectness`, `rpn_box` and, where it is used, `self_supervised`.

        Raises:
            UnsupportedInputError: the backbone cannot read the inputs.
        """
        assert batch.targets is not None
        own, maps = self._read(batch)
        parts = self.detector(maps, batch.sizes, batch.targets, batch.stills)
        numbers = self.protocol
        loss = (
            numbers.noun_weight * parts["noun"]
            + numbers.verb_weight * parts["verb"]
            + numbers.ttc_weight * parts["ttc"]
            + numbers.box_weight * parts["box"]
            + parts["objectness"]
            + parts["rpn_box"]
        )
        if own is not None:
            loss = loss + numbers.self_supervised_weight * own
            parts = {**parts, "self_supervised": own}
        return {"loss": loss} | {name: part.detach() for name, part in parts.items()}

    @torch.no_grad()
    def detect(self, batch: Batch) -> list[Detections]:
        """Predictions of each image, in eval mode; targets are not looked at.

        Raises:
            UnsupportedInputError: the backbone cannot read the inputs.
        """
        with evaluating(self):
            return self.detector.detect(self._maps_of(batch), batch.sizes, batch.stills)

    def layer_of(self, parameter: str) -> int:
        """Layer of a parameter, by its name in `named_parameters()`; what is no backbone lies above the last.

        Raises:
            UnsupportedInputError: the backbone does not say.
        """
        part, _, rest = parameter.partition(".")
        return self._reader[0].layer_of(rest) if part == "backbone" else self.depth + 1

    def _read(self, batch: Batch) -> tuple[Tensor | None, list[Tensor]]:
        """The backbone's own loss, if it is used, and the maps, from one pass."""
        if not self.self_supervised:
            return None, self._maps_of(batch)
        backbone: Any = self._reader[0]
        options = {} if batch.next is None else {"targets": batch.next}
        own, tokens = backbone.forward_with_loss(batch.inputs, self.layers, **options)
        return own, self._pooled(tokens)

    def _maps_of(self, batch: Batch) -> list[Tensor]:
        if batch.maps is not None:
            return batch.maps
        assert batch.inputs is not None
        return self.maps(batch.inputs)

    def _pooled(self, tokens: list[Tokens]) -> list[Tensor]:
        """[B, T', h, w, D] of each layer to [B, D, h, w]."""
        last = self.protocol.temporal_pooling == "last"
        flat = (layer.patches[:, -1].float() if last else layer.patches.float().mean(1) for layer in tokens)
        return [part.movedim(-1, 1).contiguous() for part in flat]


def build_sta_model(
    backbone: Backbone,
    protocol: EgoStaProtocol,
    nouns: int,
    verbs: int,
    *,
    seed: int = 0,
    still_weights: Path | None = None,
) -> StaModel:
    """The model of a protocol on a backbone, on the CPU, its detector untrained.

    Args:
        backbone: with its weights; fine-tuned or only read, as the protocol says.
        protocol: layers, pyramid, heads, weights of losses.
        nouns: number of nouns in the annotations' list.
        verbs: number of verbs.
        seed: of the detector's random weights.
        still_weights: a state dict of torchvision's ResNet-50 for the still branch; None = untrained.

    Raises:
        WeightsError: that file is damaged or does not fit.
    """
    with seeded(seed):
        return StaModel(backbone, protocol, nouns, verbs, still_weights)
