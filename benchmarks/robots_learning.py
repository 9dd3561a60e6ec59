"""How DAgger goes, round by round: seed, round, steps, success, CPU seconds.

    python benchmarks/robots_learning.py [--task franka-pick] [--seeds 3]
    python benchmarks/robots_learning.py --camera efficientnet-lite0:4 --camera pixels

The first form learns from the state, with the starts and rules of the card's preset `paper`: no backbone's result, but
what the learning reaches when nothing has to be seen. The exit status is 1 where one of the last two evaluations of a
seed is below 95 %. With `--camera` each backbone (`:LAYER`, else half depth; `:random`, untrained) learns what the
preset `sample` (`--preset`) of the card says, by numbers of the command line where they are given.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.cards import find_task
from toto_bench.progress import Silent
from toto_bench.robots.experts import scripted_expert
from toto_bench.robots.learning import CameraSenses, Dagger, Learning, StateSenses
from toto_bench.robots.learning.features import FrameFeatures
from toto_bench.robots.learning.spec import camera_of
from toto_bench.robots.policy import FeatureReader, readout_of
from toto_bench.robots.tasks import make_task
from toto_bench.robots.views import Views

GOAL = 0.95
STATE: dict[str, Any] = {"steps": 24_000, "rounds": 12, "fit_steps": 1250, "episodes": 64, "envs": 16}
NUMBERS = {
    "steps": "train_steps",
    "rounds": "iterations",
    "fit_steps": "fit_steps",
    "episodes": "eval_episodes",
    "envs": "envs",
}
"""What the command line calls them, and what the cards do."""
SHARED = {"share": "expert_share", "batch": "batch", "learning_rate": "lr", "weight_decay": "weight_decay"}
"""What the learning calls them, and what the cards do."""


class Rounds(Silent):
    """Notes the CPU time at the end of each round's evaluation, and says on the error stream how far it is."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._begun, self._title = time.process_time(), ""

    def start(self, title: str, total: int) -> None:
        """A stage begins."""
        del total
        self._title = title
        sys.stderr.write(f"{title}\n")

    def stop(self) -> None:
        """A stage is over."""
        if "evaluation" in self._title:
            self.seconds.append(time.process_time() - self._begun)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if the state's goal was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", default="franka-pick")
    parser.add_argument("--camera", action="append", default=[], metavar="BACKBONE[:LAYER][:random]")
    parser.add_argument("--preset", default="sample", help="Of the card, for cameras.")
    parser.add_argument("--seeds", type=int, default=None, help="How many; 3 for the state, 1 for a camera.")
    parser.add_argument("--every", type=int, default=None, help="Rounds between evaluations.")
    for name in NUMBERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=None)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    sys.stdout.write(f"{'learner':32s} seed round    steps  success  CPU s\n")
    missed = False
    for seed in range(options.seeds or (1 if options.camera else 3)):
        for camera in options.camera or [None]:
            last = learn(camera, seed, options)
            missed |= camera is None and min(last[-2:]) < GOAL
    return int(missed)


def learn(camera: str | None, seed: int, options: argparse.Namespace) -> list[float]:
    """Learn once, print its rounds, and give the success of its evaluations."""
    preset = "paper" if camera is None else options.preset
    values = find_task(options.task).values(preset)
    numbers = {name: values[card] for name, card in NUMBERS.items()}
    numbers |= STATE if camera is None else {}
    numbers |= {name: given for name in NUMBERS if (given := getattr(options, name)) is not None}
    task = make_task(options.task, numbers.pop("envs"), preset=preset)
    every = options.every or (1 if camera is None else values["eval_every"])
    settings = Learning.model_validate(
        numbers
        | {name: values[card] for name, card in SHARED.items()}
        | {"evaluate_every": every, "seed": seed}
    )
    progress = Rounds()
    more: dict[str, Any] = {}
    senses: Any = StateSenses(task)
    if camera is not None:
        name, _, rest = camera.partition(":")
        backbone = load_backbone(name, random_init=rest.endswith("random"), seed=seed)
        given = rest.partition(":")[0]
        layer = int(given) if given.isdigit() else -(-backbone.info.depth // 2)
        side = values["resolution"] if isinstance(values["resolution"], int) else values["image_size"]
        features = FrameFeatures(FeatureReader(backbone, [layer], resolution=side), camera_of(task))
        senses = CameraSenses(task, features, Views(task, values["image_size"]))
        more = {"backbone": backbone, "readout": readout_of(backbone, layer=layer, resolution=side)}
    with tempfile.TemporaryDirectory() as folder:
        learner = Dagger(
            task, scripted_expert(task), senses, settings, Path(folder), progress=progress, **more
        )
        rounds = [each for each in learner.run() if each.episodes]
    for each, seconds in zip(rounds, progress.seconds, strict=True):
        sys.stdout.write(
            f"{camera or 'state':32s} {seed:4d} {each.number + 1:5d} {each.steps:8,d} {each.success:8.3f} "
            f"{seconds:6.0f}\n"
        )
        sys.stdout.flush()
    return [each.success for each in rounds]


if __name__ == "__main__":
    sys.exit(main())
