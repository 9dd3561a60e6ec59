"""Does DAVIS of the sample world tell features apart? J&F of the first mask copied, pixels, a random ViT, a real CNN.

    python benchmarks/sample.py [--data FOLDER] [--generation]

The order has to be copy < pixels < real features, the real ones 15 points above the copy. With `--generation`, also
frames (or images) per second and processor at which the sample of each task is made.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import av

import toto_bench
from toto_bench.progress import Silent
from toto_bench.runner.tasks import build_protocol
from toto_bench.samples.make import make_sample
from toto_bench.samples.recipe import Making
from toto_bench.samples.recipes import RECIPES
from toto_bench.tasks.davis import Davis, DavisProtocol
from toto_bench.tasks.davis.reader import find_sequence

VIT, CNN = "timm:vit_small_patch16_224", "efficientnet-lite0"
VIT_LAYER, CNN_LAYER = 12, 4
"""The last block; the stage of stride 16."""
SEEDS = (0, 1, 2)
SPREAD = 15.0
"""Points from the copy to real features."""


class Row(NamedTuple):
    """One line of the table, in points."""

    title: str
    j_and_f: float
    j: float
    f: float


def copied(data: Path, work: Path) -> Row:
    """The first mask stands still: written as predictions and scored as anyone's."""
    task = toto_bench.load_task("davis")
    assert isinstance(task, Davis)
    protocol = build_protocol(task, "sample", {})
    assert isinstance(protocol, DavisProtocol)
    report = task.check(data, protocol)
    for name in report.listed:
        sequence = find_sequence(report.path, name, protocol)
        folder = work / "copy" / name
        folder.mkdir(parents=True)
        for frame in sequence.frames:
            assert sequence.masks[0]
            shutil.copyfile(sequence.masks[0], folder / f"{frame.stem}.png")
    metrics = task.score(work / "copy", report, protocol).metrics
    return Row("first mask copied", *(_points(metrics[name].value) for name in ("j_and_f", "j", "f")))


def _points(value: float | None) -> float:
    assert value is not None
    return 100 * value


def measured(title: str, backbone: str, data: Path, work: Path, **options: Any) -> Row:
    """The public Python API on the preset of the sample."""
    result = toto_bench.run("davis", backbone, data=data, preset="sample", out=work / "runs", **options)
    return Row(title, *(_points(result.value(name)) for name in ("j_and_f", "j", "f")))


def table(data: Path, work: Path) -> dict[str, Row]:
    """All rows, in the order in which they should rise."""
    rows = {"copy": copied(data, work), "pixels": measured("pixels", "pixels", data, work)}
    for seed in SEEDS:
        title = f"random ViT-S/16, layer {VIT_LAYER}, seed {seed}"
        rows[f"vit{seed}"] = measured(title, VIT, data, work, layer=VIT_LAYER, random_init=True, seed=seed)
    title = f"EfficientNet-Lite0, layer {CNN_LAYER} (stride 16)"
    rows["cnn"] = measured(title, CNN, data, work, layer=CNN_LAYER)
    return rows


def verdict(rows: dict[str, Row]) -> list[str]:
    """What is wrong with the order, if anything."""
    copy, pixels, cnn = (rows[name].j_and_f for name in ("copy", "pixels", "cnn"))
    vit = statistics.mean(rows[f"vit{seed}"].j_and_f for seed in SEEDS)
    wrong = []
    if not copy < pixels < cnn:
        wrong.append("the order is not copy < pixels < real features")
    if cnn - copy < SPREAD:
        wrong.append(f"real features are {cnn - copy:.1f} points above the copy, not {SPREAD:.0f}")
    if cnn <= vit:
        wrong.append("untrained features are as good as real ones")
    return wrong


def generation(work: Path) -> None:
    """Print the speed at which each sample is made, in one process."""
    print(f"\n{'sample':<14}{'CPU s':>9}{'frames':>9}{'frames / CPU s':>16}")
    for name in RECIPES:
        out = work / "generation" / name
        made = make_sample(out, [name], Making(), workers=1, progress=Silent()).made[name]
        assert made.cpu_seconds
        frames = count_frames(out / name)
        print(f"{name:<14}{made.cpu_seconds:>9.1f}{frames:>9}{frames / made.cpu_seconds:>16.1f}")


def count_frames(folder: Path) -> int:
    """Pictures and frames of videos; pictures taken out of a video count once."""
    videos = [path for path in folder.rglob("*") if path.suffix in {".mp4", ".avi"}]
    if not videos:
        return sum(path.suffix.lower() in {".jpg", ".jpeg"} for path in folder.rglob("*"))
    return sum(_frames_of(path) for path in videos)


def _frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if the order is not sensible."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="A sample of DAVIS; otherwise it is made: seed 0, scale 1.")
    parser.add_argument("--generation", action="store_true", help="Also time how every sample is made.")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if options.data is None:
            make_sample(work / "world", ["davis"], Making(), workers=None, progress=Silent())
        rows = table(options.data or work / "world" / "davis", work)
        print(f"{'DAVIS of the sample world':<42}{'J&F':>7}{'J':>7}{'F':>7}")
        for row in rows.values():
            print(f"{row.title:<42}{row.j_and_f:>7.1f}{row.j:>7.1f}{row.f:>7.1f}")
        wrong = verdict(rows)
        print("Order: " + ("; ".join(wrong) if wrong else "as it should be") + ".")
        if options.generation:
            generation(work)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
