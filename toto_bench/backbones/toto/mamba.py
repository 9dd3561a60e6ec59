"""Blocks of Mamba (Gu and Dao 2023), those of `transformers`."""

from importlib.util import find_spec

from torch import nn

from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.errors import RequestError


def mamba_blocks(config: TotoConfig) -> list[nn.Module]:
    """Blocks with random weights; state 16, expansion 2 and convolution 4, which are Mamba's own.

    Without the kernels of `mamba-ssm` they take the pure PyTorch path, which steps through a sequence token by token.

    Raises:
        RequestError: `transformers` is not installed.
    """
    if find_spec("transformers") is None:
        raise RequestError(
            "A transformer of `style` mamba needs the Python package `transformers`, which is not installed: `pip "
            "install 'toto-bench[hf]'`."
        )
    from transformers import MambaConfig, MambaModel  # noqa: PLC0415  an extra

    settings = MambaConfig(
        vocab_size=1,
        hidden_size=config.dim,
        num_hidden_layers=config.depth,
        layer_norm_epsilon=config.eps,
        use_cache=False,
    )
    return list(MambaModel(settings).layers)
