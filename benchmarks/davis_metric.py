"""Time the DAVIS metric against the frame-by-frame reference on synthetic 480p sequences.

Run as `python benchmarks/davis_metric.py [--runs 5]` with toto-bench installed. Both sides get the same label
maps, already in memory, and must give equal scores before a time is reported. The exit status is 1 where a
goal is missed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from davis_metric_reference import reference_scores
from numpy.typing import NDArray

from toto_bench.tasks.davis.metric import evaluate_masks

HEIGHT, WIDTH = 480, 854

Labels = NDArray[np.uint8]


class Case(NamedTuple):
    """A sequence to time and the ratio asked of it."""

    n_frames: int
    n_objects: int
    goal: float


CASES = (Case(n_frames=40, n_objects=1, goal=4.0), Case(n_frames=78, n_objects=5, goal=8.0))
"""As long as, and with as many objects as, car-shadow and gold-fish of the DAVIS-2017 validation set."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print both times and the ratio of every case; return 1 if a ratio is below its goal."""
    parser = argparse.ArgumentParser(
        description="Time the DAVIS metric against the frame-by-frame reference."
    )
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs, of which the median counts")
    runs = parser.parse_args(argv).runs
    reached = [report(case, runs) for case in CASES]
    return 0 if all(reached) else 1


def report(case: Case, runs: int) -> bool:
    """Print one case and say whether it reaches its goal."""
    truth, prediction = make_sequence(case)
    require_equal(truth, prediction)
    slow, fast = interleave(
        lambda: reference_scores(truth, prediction), lambda: evaluate_masks(truth, prediction), runs
    )
    ratio = slow / fast
    sys.stdout.write(
        f"{case.n_frames} frames, {case.n_objects} object(s): frame by frame {slow:.3f} s, "
        f"toto-bench {fast:.3f} s, ratio {ratio:.1f} (goal {case.goal:g})\n"
    )
    return ratio >= case.goal


def interleave(slow: Callable[[], object], fast: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median seconds of two calls that take turns, so that both see the same load."""
    times = [(seconds(slow), seconds(fast)) for _ in range(runs)]
    return statistics.median(pair[0] for pair in times), statistics.median(pair[1] for pair in times)


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def require_equal(truth: Labels, prediction: Labels) -> None:
    """Stop unless both sides give the same J and F for every object and frame."""
    expected = reference_scores(truth, prediction)
    for object_id, score in evaluate_masks(truth, prediction).items():
        for measure, reference in zip((score.j, score.f), expected[object_id], strict=True):
            if not np.array_equal(measure.per_frame, reference.per_frame):
                raise SystemExit(
                    f"object {object_id}: scores differ from the reference, so times mean nothing"
                )


def make_sequence(case: Case) -> tuple[Labels, Labels]:
    """Truth and result [T, H, W]: ellipses that drift and change shape, and a noisy copy of each."""
    rng = np.random.default_rng(0)
    truth = np.zeros((case.n_frames, HEIGHT, WIDTH), np.uint8)
    prediction = np.zeros_like(truth)
    for object_id in range(1, case.n_objects + 1):
        centre = rng.uniform((150, 120), (WIDTH - 150, HEIGHT - 120))
        speed = rng.uniform(-3, 3, 2)
        axes = rng.uniform(60, 130, 2) / np.sqrt(case.n_objects) * 1.3
        for frame in range(case.n_frames):
            position = centre + speed * frame
            size = axes * (1 + 0.2 * np.sin(frame / 7 + np.arange(2)))
            angle = 20 * np.sin(frame / 11 + object_id)
            draw(truth[frame], position, size, angle, object_id)
            offset, scale = rng.normal(0, 4, 2), rng.normal(1, 0.05, 2)
            draw(prediction[frame], position + offset, size * scale, angle, object_id)
            add_blobs(prediction[frame], position, size, object_id, rng)
    return truth, prediction


def draw(
    labels: Labels, centre: NDArray[np.float64], axes: NDArray[np.float64], angle: float, object_id: int
) -> None:
    """Fill an ellipse, (x, y) centre and half axes in pixels, with a label."""
    box = ((float(centre[0]), float(centre[1])), (2 * float(axes[0]), 2 * float(axes[1])), angle)
    cv2.ellipse(labels, box, object_id, thickness=-1)


def add_blobs(
    labels: Labels,
    centre: NDArray[np.float64],
    axes: NDArray[np.float64],
    object_id: int,
    rng: np.random.Generator,
) -> None:
    """Add and cut small discs along the outline, as a tracker's errors do."""
    for turn, label in zip(rng.uniform(0, 2 * np.pi, 8), [object_id, 0] * 4, strict=True):
        x, y = centre + axes * (np.cos(turn), np.sin(turn))
        cv2.circle(labels, (int(x), int(y)), int(rng.integers(3, 12)), label, thickness=-1)


if __name__ == "__main__":
    raise SystemExit(main())
