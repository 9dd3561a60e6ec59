"""Latents of Stable Diffusion's VAE, put into words by a random codebook, as BEST-RQ does (Chiu et al. 2022)."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.tokenizers.vae import LATENT, VaeEncoder

SCALE = 0.18215
"""[from memory] The scaling factor of SD 1.x's VAE, which brings latents to about unit variance."""
CODES, DIM = 8192, 16
"""Vectors of the codebook, and their length; 16 is BEST-RQ's."""


class SdVaeRandom(Tokenizer):
    """Pixels to the nearest of random unit vectors, after a frozen random projection of the latents."""

    name = "sdvae-random"
    vocabulary = CODES
    stride = 8
    frames_at_once = 16

    def __init__(self, codebook_seed: int = 0) -> None:
        super().__init__()
        self.encoder = VaeEncoder()
        self.quant_conv = nn.Conv2d(2 * LATENT, 2 * LATENT, 1)
        projection, codebook = _random_codebook(codebook_seed)
        self.projection: Tensor
        self.codebook: Tensor
        self.register_buffer("projection", projection, persistent=False)
        self.register_buffer("codebook", codebook, persistent=False)
        self.mapping = (
            f"2x-1;mean*{SCALE};{CODES} codes of {DIM}, RandomState({codebook_seed});float32;nearest"
        )

    def latents(self, images: Tensor) -> Tensor:
        """Scaled means: [N, 3, H, W] in [0, 1] to [N, 4, H / 8, W / 8]."""
        moments: Tensor = self.quant_conv(self.encoder(2 * images - 1))
        return moments[:, :LATENT] * SCALE

    def _encode(self, images: Tensor) -> Tensor:
        latents = self.latents(images).movedim(1, -1)
        # Of unit vectors the nearest is the one with the largest product.
        return (F.normalize(latents @ self.projection, dim=-1) @ self.codebook.T).argmax(dim=-1)


def _random_codebook(seed: int) -> tuple[Tensor, Tensor]:
    """Projection [4, 16] (Xavier's bounds) and codebook [8192, 16], alike in every version of every library.

    RandomState's streams are frozen (NEP 19); torch's are not.
    """
    random = np.random.RandomState(seed)
    bound = (6 / (LATENT + DIM)) ** 0.5
    projection = random.uniform(-bound, bound, (LATENT, DIM))
    codebook = random.standard_normal((CODES, DIM))
    codebook /= np.linalg.norm(codebook, axis=1, keepdims=True)
    return torch.from_numpy(projection).float(), torch.from_numpy(codebook).float()
