"""Which tokenizers there are, what they need, and where their weights come from. Importing this imports no torch."""

from pathlib import Path

from toto_bench.cards import UnknownNameError, Weights, did_you_mean
from toto_bench.paths import shipped

_HERE = "toto_bench.backbones.toto.tokenizers"

TOKENIZERS: dict[str, str] = {
    "dvae": f"{_HERE}.dvae:Dvae",
    "vqgan-1k": f"{_HERE}.vqgan:Vqgan1k",
    "vqgan-16k": f"{_HERE}.vqgan:Vqgan16k",
    "sdvae-random": f"{_HERE}.sdvae:SdVaeRandom",
    "patches": f"{_HERE}.patches:NormalisedPatches",
    "nano": f"{_HERE}.nano:NanoTokenizer",
}
"""Name to `module:class`; a class is called without arguments, and imported when it is asked for."""

NEEDS_TRANSFORMERS = ("vqgan-1k", "vqgan-16k")
"""Their networks are transformers', of the extra `hf`."""

_FLAVA = "facebook/flava-image-codebook"
_SOURCES: dict[str, tuple[Weights, ...]] = {
    "dvae": (
        Weights(
            url="https://cdn.openai.com/dall-e/encoder.pkl",
            filename="dall-e-encoder.pkl",
            megabytes=215,
            licence="Modified MIT (OpenAI)",
            dialect="dall-e",
        ),
        # The same encoder, as its authors say.
        Weights(
            url=f"https://huggingface.co/{_FLAVA}/resolve/main/pytorch_model.bin",
            filename="flava-image-codebook.bin",
            sha256="a846a9283494c282f48e5f91715aa16776e4106a69bf86b900da51c186a67990",
            megabytes=215,
            licence="BSD-3-Clause",
            dialect="dall-e",
        ),
        Weights(repository=_FLAVA, megabytes=215, licence="BSD-3-Clause", dialect="dall-e"),
        # OpenAI's as a plain state dict.
        Weights(
            url="https://download.openmmlab.com/mmselfsup/1.x/target_generator_ckpt/dalle_encoder.pth",
            licence="not stated",
            dialect="dall-e",
        ),
    ),
    "vqgan-1k": (
        Weights(
            url="https://heibox.uni-heidelberg.de/f/140747ba53464f49b476/?dl=1",
            filename="vqgan_imagenet_f16_1024.ckpt",
            megabytes=958,
            licence="MIT",
            dialect="taming",
        ),
    ),
    "vqgan-16k": (
        Weights(
            url="https://heibox.uni-heidelberg.de/f/867b05fc8c4841768640/?dl=1",
            filename="vqgan_imagenet_f16_16384.ckpt",
            licence="MIT",
            dialect="taming",
        ),
    ),
    "sdvae-random": (
        Weights(
            url="https://huggingface.co/stabilityai/sd-vae-ft-mse/resolve/main/diffusion_pytorch_model.safetensors",
            filename="sd-vae-ft-mse.safetensors",
            sha256="a1d993488569e928462932c8c38a0760b874d166399b14414135bd9c42df5815",
            megabytes=335,
            licence="MIT",
            dialect="diffusers-vae",
        ),
    ),
}

_SHIPPED = {"nano": "toto-nano/tokenizer.safetensors"}
"""Files that come with toto-bench, below its backbones."""


def expect_tokenizer(name: str) -> None:
    """Refuse a name that is no tokenizer's.

    Raises:
        UnknownNameError: suggests the nearest.
    """
    if name not in TOKENIZERS:
        raise UnknownNameError(f"There is no tokenizer `{name}`{did_you_mean(name, TOKENIZERS)}")


def tokenizer_weights(name: str) -> tuple[Weights, ...]:
    """Files on the web that hold a tokenizer's weights, any of which will do; the first is the one that is fetched.

    None: it has no weights, or they are shipped.

    Raises:
        UnknownNameError: there is no such tokenizer.
    """
    expect_tokenizer(name)
    return _SOURCES.get(name, ())


def shipped_weights(name: str) -> Path | None:
    """The file that comes with toto-bench, where one does."""
    return shipped("backbones") / _SHIPPED[name] if name in _SHIPPED else None
