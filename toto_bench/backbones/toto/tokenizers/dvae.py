"""The discrete VAE of DALL-E (Ramesh et al. 2021), its encoder alone: 8192 codes, one for 8x8 pixels.

Architecture and pixel mapping after OpenAI's DALL-E 0.1 (dall_e/encoder.py, dall_e/utils.py); the keys of the state
dict are its own, with `weight` and `bias` for `w` and `b`.
"""

from torch import Tensor, nn

from toto_bench.backbones.toto.tokenizers.base import Tokenizer

WIDTH = 256
"""Channels after the first convolution; they double from group to group."""
GROUPS, BLOCKS = 4, 2
"""Groups, the last of which keeps the resolution, and residual blocks in each."""
CODES = 8192
EPSILON = 0.1
"""Pixels are squeezed into [EPSILON, 1 - EPSILON], where the logit-Laplace likelihood is defined."""


class Dvae(Tokenizer):
    """Pixels to the most likely of 8192 codes; float32 always, also where `dall_e` takes half precision on a GPU."""

    name = "dvae"
    vocabulary = CODES
    stride = 8
    mapping = "0.8x+0.1;float32;argmax"
    frames_at_once = 16

    def __init__(self) -> None:
        super().__init__()
        layers: dict[str, nn.Module] = {"input": nn.Conv2d(3, WIDTH, 7, padding=3)}
        width = WIDTH
        for group in range(GROUPS):
            layers[f"group_{group + 1}"] = _group(width, WIDTH * 2**group, pool=group < GROUPS - 1)
            width = WIDTH * 2**group
        layers["output"] = _named(relu=nn.ReLU(), conv=nn.Conv2d(width, CODES, 1))
        self.blocks = _named(**layers)

    def logits(self, images: Tensor) -> Tensor:
        """Scores of each code: [N, 3, H, W] in [0, 1] to [N, 8192, H / 8, W / 8]."""
        scores: Tensor = self.blocks((1 - 2 * EPSILON) * images + EPSILON)
        return scores

    def _encode(self, images: Tensor) -> Tensor:
        return self.logits(images).argmax(dim=1)


class _Block(nn.Module):
    """Residual block of three 3x3 convolutions and one 1x1, at a quarter of the width."""

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        inner = width // 4
        self.gain = 1 / (GROUPS * BLOCKS) ** 2
        self.id_path = nn.Conv2d(width_in, width, 1) if width_in != width else nn.Identity()
        self.res_path = _named(
            relu_1=nn.ReLU(),
            conv_1=nn.Conv2d(width_in, inner, 3, padding=1),
            relu_2=nn.ReLU(),
            conv_2=nn.Conv2d(inner, inner, 3, padding=1),
            relu_3=nn.ReLU(),
            conv_3=nn.Conv2d(inner, inner, 3, padding=1),
            relu_4=nn.ReLU(),
            conv_4=nn.Conv2d(inner, width, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.id_path(x) + self.gain * self.res_path(x)
        return out


def _group(width_in: int, width: int, *, pool: bool) -> nn.Sequential:
    blocks: dict[str, nn.Module] = {
        f"block_{block + 1}": _Block(width if block else width_in, width) for block in range(BLOCKS)
    }
    return _named(**blocks, **({"pool": nn.MaxPool2d(2)} if pool else {}))


def _named(**layers: nn.Module) -> nn.Sequential:
    network = nn.Sequential()
    for name, layer in layers.items():
        network.add_module(name, layer)
    return network
