"""The encoder of Stable Diffusion's VAE (Rombach et al. 2022), with the keys of diffusers' AutoencoderKL."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (128, 256, 512, 512)
"""Channels of each stage; all but the last halve the resolution."""
LAYERS = 2
"""Residual blocks of a stage."""
LATENT = 4
"""Channels of the latents; the encoder gives as many means as logarithms of variances."""


class VaeEncoder(nn.Module):
    """[N, 3, H, W] in [-1, 1] to [N, 8, H / 8, W / 8]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(3, WIDTHS[0], 3, padding=1)
        ins = (WIDTHS[0], *WIDTHS[:-1])
        self.down_blocks = nn.ModuleList(
            _Stage(width_in, width, down=stage < len(WIDTHS) - 1)
            for stage, (width_in, width) in enumerate(zip(ins, WIDTHS, strict=True))
        )
        self.mid_block = _Middle(WIDTHS[-1])
        self.conv_norm_out = _norm(WIDTHS[-1])
        self.conv_out = nn.Conv2d(WIDTHS[-1], 2 * LATENT, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Means, then logarithms of variances."""
        x = self.conv_in(x)
        for stage in self.down_blocks:
            x = stage(x)
        x = self.mid_block(x)
        out: Tensor = self.conv_out(F.silu(self.conv_norm_out(x)))
        return out


class _Stage(nn.Module):
    def __init__(self, width_in: int, width: int, *, down: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(
            _Residual(width if layer else width_in, width) for layer in range(LAYERS)
        )
        self.downsamplers = nn.ModuleList([_Down(width)] if down else [])

    def forward(self, x: Tensor) -> Tensor:
        for layer in (*self.resnets, *self.downsamplers):
            x = layer(x)
        return x


class _Middle(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([_Residual(width, width), _Residual(width, width)])
        self.attentions = nn.ModuleList([_Attention(width)])

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.resnets[1](self.attentions[0](self.resnets[0](x)))
        return out


class _Residual(nn.Module):
    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = _norm(width_in), nn.Conv2d(width_in, width, 3, padding=1)
        self.norm2, self.conv2 = _norm(width), nn.Conv2d(width, width, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(width_in, width, 1) if width_in != width else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(F.silu(self.norm1(x)))
        out: Tensor = self.conv_shortcut(x) + self.conv2(F.silu(self.norm2(inner)))
        return out


class _Down(nn.Module):
    """Halves the resolution; the padding is on the right and below alone."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(F.pad(x, (0, 1, 0, 1)))
        return out


class _Attention(nn.Module):
    """One head over all positions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.group_norm = _norm(width)
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.group_norm(x).flatten(2).transpose(1, 2)
        read = F.scaled_dot_product_attention(self.to_q(tokens), self.to_k(tokens), self.to_v(tokens))
        return x + torch.unflatten(self.to_out[0](read).transpose(1, 2), 2, x.shape[2:])


def _norm(width: int) -> nn.GroupNorm:
    return nn.GroupNorm(32, width, eps=1e-6)
