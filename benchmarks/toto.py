"""Speed of Toto against transformers' Llama of the same size and weights, each as a ratio in one run.

    python benchmarks/toto.py [--size base] [--tokens 257 1025 4097] [--repeats 5] [--device cpu] [--threads N]

Reading: time to the states of the middle layer. Others ask `LlamaForCausalLM(output_hidden_states=True)` for all of
them (goal: 1.9 times as fast), or cut the model there themselves (goal: not slower). Training: tokens per second of
forward, backward and AdamW (goal: not slower). Tokenizer: time per frame, with random weights. Float32 on a CPU;
bfloat16 by autocast on a GPU, with the share of its peak. States are compared before anything is timed.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.toto.build import config_of
from toto_bench.backbones.toto.checkpoints.reading import fit
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers import build_tokenizer
from toto_bench.backbones.toto.transformer import CausalTransformer
from toto_bench.cards import find_backbone
from toto_bench.pretraining.speed import macs_of_sequence, peak_of

GOAL_ALL, GOAL_SAME = 1.9, 1.0


class Contestants:
    """Our model, and transformers' with the same weights: whole, and cut after the middle layer."""

    def __init__(self, config: TotoConfig, device: torch.device) -> None:
        from transformers import LlamaConfig, LlamaForCausalLM, LlamaModel  # noqa: PLC0415  an extra

        settings: dict[str, Any] = {
            "vocab_size": config.ids,
            "hidden_size": config.dim,
            "intermediate_size": config.mlp_dim,
            "num_attention_heads": config.heads,
            "rms_norm_eps": config.eps,
            "tie_word_embeddings": config.tie_head,
            "max_position_embeddings": 16_384,
            "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_base},
        }
        self.config, self.device, self.middle = config, device, config.depth // 2
        with seeded(0):
            self.theirs: Any = LlamaForCausalLM(LlamaConfig(num_hidden_layers=config.depth, **settings))
            self.half: Any = LlamaModel(LlamaConfig(num_hidden_layers=self.middle, **settings))
        self.half.layers = self.theirs.model.layers[: self.middle]
        self.half.embed_tokens = self.theirs.model.embed_tokens
        self.ours = CausalTransformer(config)
        self.ours.load_state_dict(fit(self.theirs.state_dict(), config, "transformers"))
        for model in (self.ours, self.theirs, self.half):
            model.eval().to(device)

    def ids(self, batch: int, length: int) -> Tensor:
        """Random ids."""
        return torch.randint(0, self.config.ids, (batch, length), device=self.device)

    def autocast(self) -> AbstractContextManager[object]:
        """bfloat16 on a GPU."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")

    def read(self, length: int) -> dict[str, Callable[[], Tensor]]:
        """Ways to the states of the middle layer of a sequence."""
        ids = self.ids(1, length)
        return {
            "ours": lambda: self.ours(self.ours.embed_ids(ids), [self.middle])[0],
            "all": lambda: self.theirs(ids, output_hidden_states=True, use_cache=False).hidden_states[
                self.middle
            ],
            "half": lambda: self.half(ids, use_cache=False).last_hidden_state,
        }

    def train(self, batch: int, length: int) -> dict[str, Callable[[], Tensor]]:
        """Steps of training on a batch; both weights change."""
        ids = self.ids(batch, length)
        optimisers = {
            name: torch.optim.AdamW(
                model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True
            )
            for name, model in (("ours", self.ours.train()), ("theirs", self.theirs.train()))
        }

        def step(name: str, loss_of: Callable[[], Tensor]) -> Callable[[], Tensor]:
            def run() -> Tensor:
                with self.autocast():
                    loss = loss_of()
                loss.backward()  # type: ignore[no-untyped-call]
                optimisers[name].step()
                optimisers[name].zero_grad()
                return loss.detach()

            return run

        def our_loss() -> Tensor:
            [state] = self.ours(self.ours.embed_ids(ids[:, :-1]), [self.config.depth])
            return F.cross_entropy(self.ours.logits(state).float().flatten(0, 1), ids[:, 1:].flatten())

        def their_loss() -> Tensor:
            loss: Tensor = self.theirs(ids, labels=ids, use_cache=False).loss
            return loss

        return {"ours": step("ours", our_loss), "theirs": step("theirs", their_loss)}


def fastest(ways: Mapping[str, Callable[[], Tensor]], repeats: int, device: torch.device) -> dict[str, float]:
    """Least seconds of each, in turns, so that a busy machine is unfair to none; the first turn is warm-up."""
    seconds = dict.fromkeys(ways, float("inf"))
    for turn in range(repeats + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            if turn:
                seconds[name] = min(seconds[name], time.perf_counter() - start)
    return seconds


def reading(models: Contestants, lengths: list[int], repeats: int) -> None:
    """Print times and ratios."""
    print(f"\nReading layer {models.middle} of {models.config.depth}, one sequence, seconds")
    print(
        f"{'tokens':>7} {'ours':>8} {'HF, all':>8} {'ratio':>6} {'HF, half':>9} {'ratio':>6} {'difference':>11}"
    )
    for length in lengths:
        ways = models.read(length)
        with torch.inference_mode():
            difference = (ways["ours"]() - ways["all"]()).abs().max().item()
            with models.autocast():
                took = fastest(ways, repeats, models.device)
        whole, half = took["all"] / took["ours"], took["half"] / took["ours"]
        print(
            f"{length:>7} {took['ours']:>8.4f} {took['all']:>8.4f} {whole:>6.2f} {took['half']:>9.4f} {half:>6.2f} "
            f"{difference:>11.1e}"
        )
    print(f"goals: {GOAL_ALL} times as fast as all of it, {GOAL_SAME} times as half of it")


def training(models: Contestants, batch: int, length: int, repeats: int) -> None:
    """Print tokens per second, and on a GPU the share of its peak."""
    took = fastest(models.train(batch, length + 1), repeats, models.device)
    rates = {name: batch * length / seconds for name, seconds in took.items()}
    ratio = rates["ours"] / rates["theirs"]
    print(f"\nTraining, {batch} x {length} tokens: forward, backward, AdamW")
    print(
        f"ours {rates['ours']:.0f} tokens/s, HF {rates['theirs']:.0f} tokens/s, ratio {ratio:.2f} (goal {GOAL_SAME})"
    )
    peak = peak_of(models.device, "bfloat16")
    if peak is not None:
        macs = macs_of_sequence(models.config, models.ours.blocks, length)
        used = 6 * macs * rates["ours"] / length / peak
        print(f"model flops utilisation {100 * used:.0f} % (goal for toto-1b at 4097 tokens: 50 %)")


def tokenizing(name: str, sides: list[int], repeats: int, device: torch.device) -> None:
    """Print the time that a tokenizer takes for a frame."""
    tokenizer = build_tokenizer(name).to(device)
    for side in sides:
        frame = torch.rand(1, 3, side, side, device=device)
        took = fastest({name: lambda frame=frame: tokenizer.encode(frame)}, repeats, device)[name]  # type: ignore[misc]
        print(f"{name}, {side}x{side} pixels: {took:.3f} s a frame")


def main(argv: list[str] | None = None) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="base", choices=["base", "large", "1b"])
    parser.add_argument("--tokens", type=int, nargs="+", default=[257, 1025, 4097])
    parser.add_argument(
        "--train-tokens", type=int, default=1025, help="Of a sequence; 0 leaves training out."
    )
    parser.add_argument("--batch", type=int, default=1, help="Sequences of a training step.")
    parser.add_argument(
        "--frames", type=int, nargs="*", default=[128, 256], help="Sides of tokenised frames."
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=0, help="0: as torch chooses.")
    options = parser.parse_args(argv)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    config = config_of(find_backbone(f"toto-{options.size}"))
    kind = (
        torch.cuda.get_device_name(device) if device.type == "cuda" else f"{torch.get_num_threads()} threads"
    )
    print(
        f"toto-{options.size} on {device.type} ({kind}), {'bfloat16' if device.type == 'cuda' else 'float32'}"
    )
    models = Contestants(config, device)
    reading(models, options.tokens, options.repeats)
    if options.train_tokens:
        training(models, options.batch, options.train_tokens - 1, options.repeats)
    del models
    gc.collect()
    print("\nTokenizer, random weights")
    tokenizing("dvae", options.frames, options.repeats, device)
    return 0


if __name__ == "__main__":
    sys.exit(main())
