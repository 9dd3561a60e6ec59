"""A small tokenizer of our own: a convolutional auto-encoder with finite scalar quantisation.

FSQ (Mentzer et al. 2023, arXiv 2309.15505) has no codebook that could collapse: each of a few channels is rounded to
one of a few levels, and a code numbers their combination. Nothing in it looks at a whole image, so that the code of a
place depends on its surroundings alone, not on what else is in the image.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from toto_bench.backbones.toto.tokenizers.base import Tokenizer

LEVELS = (8, 5, 5, 5)
"""Of each channel of the latents."""
CODES = math.prod(LEVELS)
WIDTHS = (48, 96)
"""Channels at a fourth and at an eighth of the resolution."""
BLOCKS = (1, 2)
"""Residual blocks there, in the encoder and in the decoder."""
STRIDE = 8
_SPACE_TO_DEPTH = (4, 2)
"""First from pixels to a fourth of the resolution, then to an eighth."""


class NanoTokenizer(Tokenizer):
    """Frames to one of 1000 codes for each square of 8 pixels, and back."""

    name = "nano"
    vocabulary = CODES
    stride = STRIDE
    mapping = f"clamp to [0, 1], 2x - 1;fsq {'x'.join(map(str, LEVELS))}"

    def __init__(self) -> None:
        super().__init__()
        fine, coarse = WIDTHS
        first, second = _SPACE_TO_DEPTH
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(first),
            nn.Conv2d(3 * first**2, fine, 3, padding=1),
            *(_Block(fine) for _ in range(BLOCKS[0])),
            nn.PixelUnshuffle(second),
            nn.Conv2d(second**2 * fine, coarse, 1),
            *(_Block(coarse) for _ in range(BLOCKS[1])),
            nn.SiLU(),
            nn.Conv2d(coarse, len(LEVELS), 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(len(LEVELS), coarse, 3, padding=1),
            *(_Block(coarse) for _ in range(BLOCKS[1])),
            nn.Conv2d(coarse, second**2 * fine, 1),
            nn.PixelShuffle(second),
            *(_Block(fine) for _ in range(BLOCKS[0])),
            nn.SiLU(),
            nn.Conv2d(fine, 3 * first**2, 3, padding=1),
            nn.PixelShuffle(first),
        )
        self.register_buffer("levels", torch.tensor(LEVELS).view(-1, 1, 1), persistent=False)
        self.levels: Tensor

    def latents(self, images: Tensor) -> Tensor:
        """Of [N, 3, H, W] in [0, 1]: [N, channels, H / 8, W / 8] in (0, 1), before they are rounded."""
        latents: Tensor = torch.sigmoid(self.encoder(2 * images.clamp(0, 1) - 1))
        return latents

    def quantise(self, latents: Tensor) -> Tensor:
        """The centre of the level that each latent falls into, in (-1, 1); gradients pass as if nothing was rounded."""
        exact = 2 * latents - 1
        return exact + (self._centres(self._rounded(latents)) - exact).detach()

    def reconstruct(self, values: Tensor) -> Tensor:
        """Of quantised latents: images [N, 3, H, W] about [0, 1], not clamped."""
        images: Tensor = (self.decoder(values) + 1) / 2
        return images

    def forward(self, images: Tensor) -> Tensor:
        """The reconstruction, differentiable: [N, 3, H, W] to the same."""
        return self.reconstruct(self.quantise(self.latents(images)))

    def decode(self, ids: Tensor) -> Tensor:
        """Images of codes.

        Args:
            ids: integers [N, h, w] in 0..999.

        Returns:
            float32 [N, 3, 8 * h, 8 * w] in [0, 1].

        Raises:
            ValueError: another shape, or codes outside the vocabulary.
        """
        if ids.ndim != 3 or (ids.numel() and not (ids.min() >= 0 and ids.max() < CODES)):
            raise ValueError(f"codes are [N, h, w] in 0..{CODES - 1}, not {list(ids.shape)} of {ids.dtype}")
        rest, channels = ids.long(), []
        for level in reversed(LEVELS):
            channels.append(rest % level)
            rest = rest // level
        with torch.no_grad(), torch.autocast(ids.device.type, enabled=False):
            return self.reconstruct(self._centres(torch.stack(channels[::-1], dim=1))).clamp(0, 1)

    def _encode(self, images: Tensor) -> Tensor:
        """One frame at a time: a convolution may sum in another order for a batch, and a last bit can turn a code."""
        return torch.cat([self._codes(self.latents(image[None])) for image in images])

    def _codes(self, latents: Tensor) -> Tensor:
        codes = torch.zeros_like(latents[:, 0], dtype=torch.int64)
        for level, index in zip(LEVELS, self._rounded(latents).unbind(1), strict=True):
            codes = codes * level + index.long()
        return codes

    def _rounded(self, latents: Tensor) -> Tensor:
        return torch.minimum((latents * self.levels).floor(), self.levels - 1)

    def _centres(self, index: Tensor) -> Tensor:
        return (index + 0.5) / self.levels * 2 - 1


class _Block(nn.Module):
    """A residual block without norm; it begins as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.second(F.silu(self.first(F.silu(x))))
        return x + change
