"""The VQGAN of taming transformers (Esser et al. 2021), encoder and codebook: one code for 16x16 pixels.

The network is transformers' ChameleonVQVAE, whose keys are those of the official checkpoints.
"""

from importlib import import_module

from torch import Tensor, nn

from toto_bench.backbones.hf.library import model_class
from toto_bench.backbones.toto.tokenizers.base import Tokenizer

CONFIGURATION = {
    "embed_dim": 256,
    "double_latent": False,
    "latent_channels": 256,
    "resolution": 256,
    "in_channels": 3,
    "base_channels": 128,
    "channel_multiplier": [1, 1, 2, 2, 4],
    "num_res_blocks": 2,
    "attn_resolutions": [16],
    "attn_type": "vanilla",
}
"""`ddconfig` of both official models (vqgan_imagenet_f16_1024 and _16384, model.yaml).

The resolution says where the attention stands, so it is 256 whatever the size of the frames.
"""


class Vqgan(Tokenizer):
    """Pixels to the nearest vectors of a codebook."""

    stride = 16
    mapping = "2x-1;float32;nearest"
    frames_at_once = 16

    def __init__(self, name: str, vocabulary: int) -> None:
        super().__init__()
        self.name, self.vocabulary = name, vocabulary
        configuration = model_class("ChameleonVQVAEConfig")(num_embeddings=vocabulary, **CONFIGURATION)
        kind = import_module("transformers.models.chameleon.modeling_chameleon").ChameleonVQVAE
        self.vqvae = kind(configuration)

    def checkpointed(self) -> nn.Module:
        """Keys are the official ones."""
        module: nn.Module = self.vqvae
        return module

    def _encode(self, images: Tensor) -> Tensor:
        tokens: Tensor = self.vqvae.encode(2 * images - 1).image_tokens
        height, width = (side // self.stride for side in images.shape[-2:])
        return tokens.reshape(-1, height, width)


class Vqgan1k(Vqgan):
    """1024 codes."""

    def __init__(self) -> None:
        super().__init__("vqgan-1k", 1024)


class Vqgan16k(Vqgan):
    """16384 codes."""

    def __init__(self) -> None:
        super().__init__("vqgan-16k", 16384)
