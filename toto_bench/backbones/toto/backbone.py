"""Toto behind the backbone interface: frames to ids, ids to tokens of every layer."""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from toto_bench.backbones.base import FinalNorm, Tokens, UnsupportedInputError
from toto_bench.backbones.parameters import name_within
from toto_bench.backbones.toto.cache import KeyValueCache
from toto_bench.backbones.toto.checkpoints import read_checkpoint
from toto_bench.backbones.toto.checks import check_inputs, check_targets
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.facts import info_of
from toto_bench.backbones.toto.loss import next_loss
from toto_bench.backbones.toto.reading import embed, shaped, tokens_of
from toto_bench.backbones.toto.sequences import Kind, kind_of
from toto_bench.backbones.toto.stream import Stream
from toto_bench.backbones.toto.tokenising import Tokenising
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.tokenizers.find import own_tokenizer
from toto_bench.backbones.toto.transformer import CausalTransformer
from toto_bench.backbones.weights import put_weights


class Toto(Tokenising):
    """A causal transformer over the visual tokens of frames, in raster order, one frame after the other.

    The token of a patch is the state where its code is read, so that it has seen what comes before it, and itself.
    All frames of a clip make one sequence, so that a frame sees those before it; the start token tells a video from
    one image, and is not among the tokens that are given.
    """

    def __init__(
        self,
        name: str,
        config: TotoConfig,
        tokenizer: Tokenizer,
        target: Tokenizer | None = None,
        *,
        seed: int = 0,
    ) -> None:
        """With random weights.

        Args:
            name: of the backbone.
            config: of its transformer.
            tokenizer: as the configuration says.
            target: None = the same.
            seed: that the random weights were drawn from.

        Raises:
            UnsupportedInputError: a tokenizer does not fit the configuration.
        """
        super().__init__()
        self.config = config
        self.model = CausalTransformer(config)
        self.tokenizer = tokenizer
        self.target = target or tokenizer
        self.info = info_of(name, config, self.model, seed)

    def checkpointed(self) -> nn.Module:
        """The transformer."""
        return self.model

    def load_checkpoint(self, path: Path) -> None:
        """Take the transformer's weights from a file or folder, of any dialect, and trained tokenizers with them.

        Raises:
            WeightsError: something is missing, damaged, does not fit, or holds NaN; also of a tokenizer.
        """
        put_weights(read_checkpoint(path, self.config), self.model, str(path))
        self.take_tokenizers(own_tokenizer(path))

    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        """Tokens [B, T, h, w, D] of the asked layers, 0 = embeddings; later blocks and the head do not run.

        Raises:
            UnsupportedInputError: a layer does not exist, or the inputs are no codes (or patches).
        """
        self._check(inputs, layers)
        if not layers:
            return []
        return tokens_of(self.model, inputs, layers, norm)

    def forward_with_loss(
        self,
        inputs: Tensor,
        layers: Sequence[int],
        *,
        targets: Tensor | None = None,
        norm: FinalNorm = "last",
        kind: Kind | None = None,
    ) -> tuple[Tensor, list[Tokens]]:
        """The loss of the next token (or patch), and the tokens of the asked layers, from one pass.

        Args:
            inputs: what `prepare` returned.
            layers: 1..depth, 0 = embeddings.
            targets: what `prepare_targets` returned, if another tokenizer makes what is predicted.
            norm: which layers pass the final norm.
            kind: of the sequences; None = a frame alone is an image, several are a video.

        Raises:
            UnsupportedInputError: as `forward_layers`; or the targets are missing, or do not fit.
        """
        self._check(inputs, layers)
        if targets is None:
            if self.target is not self.tokenizer:
                raise UnsupportedInputError(
                    f"`{self.info.name}` reads `{self.tokenizer.name}` and predicts `{self.target.name}`: pass "
                    "`targets`, which `prepare_targets` makes."
                )
            targets = inputs
        check_targets(targets, inputs)
        kind = kind or kind_of(inputs.shape[1])
        *states, last = self.model(embed(self.model, inputs, kind), [*layers, self.config.depth])
        loss = next_loss(self.model, last, targets, kind)
        return loss, shaped(self.model, states, inputs, layers, norm)

    def stream(self, layers: Sequence[int], *, norm: FinalNorm = "last") -> Stream:
        """A video whose frames come one by one; see `Stream` for what is exact.

        Raises:
            UnsupportedInputError: a layer does not exist, or the transformer keeps no keys and values (Mamba).
        """
        self._check_layers(layers)
        if self.config.style == "mamba":
            raise UnsupportedInputError(f"`{self.info.name}` cannot read frame by frame: read whole clips.")

        def read(frames: Tensor, cache: KeyValueCache) -> list[Tokens]:
            self._check(frames, layers)
            return tokens_of(self.model, frames, layers, norm, cache)

        return Stream(read, self.config.depth)

    def layer_of(self, parameter: str) -> int:
        """Layer of a parameter, by its name in `named_parameters()`; 0 = embeddings, `depth` = norm and head too."""
        name = name_within(self.model, parameter, self.info.name)
        part, _, rest = name.partition(".")
        if part == "blocks":
            return int(rest.partition(".")[0]) + 1
        return self.config.depth if part in ("norm", "head") else 0

    def _check_layers(self, layers: Sequence[int]) -> None:
        for layer in layers:
            if layer != 0:
                self.info.layer(layer)

    def _check(self, inputs: Tensor, layers: Sequence[int]) -> None:
        self._check_layers(layers)
        check_inputs(inputs, self.config, self.info.name)
