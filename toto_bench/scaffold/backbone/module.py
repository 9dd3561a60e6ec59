"""The backbone `sample-name`: a network of your own, and what tells toto-bench how to read it.

CHANGE marks what is yours to change. The network knows nothing of toto-bench; `SampleName` stands between them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from toto_bench.backbones.base import Backbone, BackboneInfo, FinalNorm, LayerInfo, Statistics, Tokens
from toto_bench.backbones.frames import check_frames, normalise, preprocessing_id
from toto_bench.backbones.seeding import seeded
from toto_bench.cards import BackboneCard


class Block(nn.Module):
    """Attention and a perceptron, each behind a norm."""

    def __init__(self, dim: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        """[N, L, D] in and out."""
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        mixed: Tensor = self.mlp(self.norm2(x))
        return x + mixed


class SampleNameNet(nn.Module):
    """CHANGE: your network. This one is a vision transformer with a class token that reads images of any size."""

    def __init__(self, dim: int, depth: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.embed = nn.Conv2d(3, dim, patch, stride=patch)
        self.places = nn.Conv2d(dim, dim, 3, padding=1, groups=dim)  # tells neighbours apart, at any size
        self.cls = nn.Parameter(torch.zeros(1, 1, dim))
        self.blocks = nn.ModuleList(Block(dim) for _ in range(depth))
        self.norm = nn.LayerNorm(dim)

    def forward(self, images: Tensor, depth: int) -> tuple[list[Tensor], tuple[int, int]]:
        """Outputs [N, 1 + h * w, D] of the embedding and of the first `depth` blocks, and the grid (h, w)."""
        height, width = images.shape[-2:]
        whole = F.pad(images, (0, -width % self.patch, 0, -height % self.patch), mode="replicate")
        grid = self.embed(whole)
        grid = grid + self.places(grid)
        x = torch.cat([self.cls.expand(len(images), -1, -1), grid.flatten(2).transpose(1, 2)], dim=1)
        outputs = [x]
        for block in list(self.blocks)[:depth]:
            outputs.append(block(outputs[-1]))
        return outputs, (grid.shape[2], grid.shape[3])


class SampleName(Backbone):
    """Frames are read one by one; layers are the blocks, layer 0 is what enters the first of them."""

    def __init__(self, net: SampleNameNet, info: BackboneInfo) -> None:
        super().__init__()
        self.net, self.info = net, info

    def checkpointed(self) -> nn.Module:
        """The network: weights files have its keys."""
        return self.net

    def prepare(self, video: Tensor) -> Tensor:
        """[B, T, 3, H, W] in [0, 1] to what the network was trained on."""  # CHANGE: the backbone's own normalisation
        check_frames(video, self.info.name)
        assert self.info.statistics is not None
        return normalise(video, self.info.statistics)

    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        """Tokens of the asked layers; the pass ends at the deepest of them."""
        for layer in layers:
            if layer != 0:
                self.info.layer(layer)  # refuses a layer that does not exist
        check_frames(inputs, self.info.name)
        outputs, grid = self.net(inputs.flatten(0, 1), max(layers, default=0))
        return [self._tokens(outputs[layer], grid, inputs, layer, norm) for layer in layers]

    def layer_of(self, parameter: str) -> int:
        """Layer of a parameter, by its name in `named_parameters()`: `net.blocks.3.out.bias` is in layer 4."""
        if parameter.startswith("net.blocks."):
            return int(parameter.split(".")[2]) + 1
        return self.info.depth if parameter.startswith("net.norm.") else 0

    def _tokens(
        self, output: Tensor, grid: tuple[int, int], inputs: Tensor, layer: int, norm: FinalNorm
    ) -> Tokens:
        if norm == "all" or (norm == "last" and layer == self.info.depth):
            output = self.net.norm(output)
        tokens = output.reshape(*inputs.shape[:2], *output.shape[1:])  # B and T were one axis for the network
        patches = tokens[:, :, 1:].reshape(*inputs.shape[:2], *grid, -1)
        return Tokens(patches=patches, prefix=tokens[:, :, :1])


def build(card: BackboneCard, *, seed: int, image_size: tuple[int, int] | None = None) -> SampleName:
    """The untrained backbone of a card; toto-bench then loads the weights into `checkpointed()`."""
    del image_size  # CHANGE: a network that is built for one size takes it, and says so in `info.image_size`
    what = card.architecture
    assert what.layers and what.mean and what.std
    dim, patch = what.arguments["dim"], what.arguments["patch"]
    with seeded(seed):
        net = SampleNameNet(dim, what.layers, patch)
    statistics = Statistics(what.mean, what.std)
    info = BackboneInfo(
        name=card.name,
        layers=(LayerInfo(dim=dim, stride=patch, tubelet=1),) * what.layers,
        default_layer=what.layers,
        preprocessing=preprocessing_id(statistics),
        weights=f"random:{seed}",
        architecture=f"{what.model} dim={dim} depth={what.layers} patch={patch}",  # all that changes features
        prefix=("cls",),
        native_size=what.image_size,
        statistics=statistics,
        checkpoint="random",
        floor=True,  # until weights are loaded
        parameters=sum(parameter.numel() for parameter in net.parameters()),
    )
    return SampleName(net, info).eval()
