"""Time the top-5 mAP of short-term anticipation against a plain per-image loop, on a problem as large as validation.

    python benchmarks/sta_metric.py [--images 20000] [--loop-images 2000] [--runs 3] [--interval]

Both sides begin with what JSON gives, dictionaries and lists, and end with the four numbers; what each spends on making
arrays of them, which no way of matching can avoid, is told apart, and the goal of the ratio is for the rest. CPU
seconds of one process are counted, not wall time. The loop is timed on the first images, and its time is scaled by the
number of predictions (`--loop-images 20000` times all of it); both sides must give the same numbers of those images, to
1e-9, before a time is reported. The exit status is 1 where a goal is missed.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sta_metric_reference import OBJECT, reference_scores

from toto_bench.tasks.ego4d_sta import score_sta
from toto_bench.tasks.ego4d_sta.metric import evaluate
from toto_bench.tasks.ego4d_sta.rows import read_labels, read_predictions

GOAL_SECONDS, GOAL_RATIO = 4.0, 40.0
NOUNS, VERBS = 87, 74
WIDTH, HEIGHT = 1920, 1080

Content = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the seconds of both sides and their ratio; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description="Time the metric of anticipation against a per-image loop.")
    parser.add_argument("--images", type=int, default=20_000, help="annotated images")
    parser.add_argument("--loop-images", type=int, default=2000, help="of these the loop does so many")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the fastest counts")
    parser.add_argument("--interval", action="store_true", help="also time the bootstrap over videos")
    options = parser.parse_args(argv)
    annotations, results = make_problem(options.images)
    part, predictions = first_images(annotations, results, options.loop_images)
    require_equal(part, results)
    total = sum(map(len, results["results"].values()))
    objects = sum(len(entry["objects"]) for entry in annotations["annotations"])
    say(f"{options.images:,} images, {objects:,} objects, {total:,} predictions, 4 metrics; CPU seconds")
    ours = fastest(lambda: score_sta(annotations, results), options.runs)
    labels, columns = arrays(annotations, results)
    metric = fastest(lambda: evaluate(labels, columns).values("official"), options.runs)
    loop = fastest(lambda: reference_scores(part, results), 1)
    scale = total / predictions
    reading = fastest(lambda: [as_arrays(entry, results) for entry in part["annotations"]], 1)
    ratio = (loop - reading) / metric * scale
    say(
        f"toto-bench  {ours:7.2f} after JSON parsing (goal {GOAL_SECONDS:g}); {metric:.2f} once they are arrays"
    )
    say(
        f"plain loop  {loop * scale:7.2f} after JSON parsing; {(loop - reading) * scale:.2f} once they are arrays; "
        f"scaled from {loop:.2f} for the first {options.loop_images:,} images ({predictions:,} predictions)"
    )
    say(
        f"ratio       {ratio:7.1f} of the metric alone (goal {GOAL_RATIO:g}); "
        f"{loop * scale / ours:.1f} after JSON parsing"
    )
    if options.interval:
        time_interval(annotations, results)
    return 0 if ours <= GOAL_SECONDS and ratio >= GOAL_RATIO else 1


def say(text: str) -> None:
    """One line."""
    sys.stdout.write(text + "\n")


def fastest(call: Callable[[], object], runs: int) -> float:
    """Least CPU seconds of a call."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def arrays(annotations: Content, results: Content) -> tuple[Any, Any]:
    """Both files as columns."""
    labels = read_labels(annotations["annotations"], "annotations")
    return labels, read_predictions(results["results"], labels.uids, "results", strict=True)


def as_arrays(entry: Content, results: Content) -> list[Any]:
    """What the loop makes of an image before it begins to match."""
    rows = results["results"][entry["uid"]]
    found = [np.array([row[name] for row in rows]) for name in (*OBJECT, "score")]
    return found + [np.array([row[name] for row in entry["objects"]]) for name in OBJECT]


def first_images(annotations: Content, results: Content, count: int) -> tuple[Content, int]:
    """The first images, and the number of their predictions."""
    entries = annotations["annotations"][:count]
    return {**annotations, "annotations": entries}, sum(len(results["results"][e["uid"]]) for e in entries)


def require_equal(annotations: Content, results: Content) -> None:
    """Stop unless both sides give the same numbers."""
    found = list(score_sta(annotations, results).values())
    if not np.allclose(found, reference_scores(annotations, results), rtol=0, atol=1e-9):
        raise SystemExit("scores differ from the plain loop's, so times mean nothing")


def time_interval(annotations: Content, results: Content) -> None:
    """Print the seconds of the bootstrap."""
    from toto_bench.tasks.ego4d_sta.metric.interval import RESAMPLES, intervals  # noqa: PLC0415  asked for

    labels, columns = arrays(annotations, results)
    evaluation = evaluate(labels, columns)
    videos = np.arange(len(labels.counts)) // 40
    seconds = fastest(lambda: intervals(evaluation, videos, "official", seed=0), 1)
    say(f"interval    {seconds:7.2f} for {RESAMPLES:,} resamples of {videos[-1] + 1:,} videos")


def make_problem(images: int) -> tuple[Content, Content]:
    """Annotations and a submission: one to three objects an image, 20 to 100 predictions, some of them near."""
    rng = np.random.default_rng(0)
    entries, results = [], {}
    for number in range(images):
        uid = f"video{number // 40:04d}_{number:07d}"
        count = int(rng.choice([1, 2, 3], p=[0.75, 0.2, 0.05]))
        true = make_objects(rng, rng.uniform((0, 0), (WIDTH - 400, HEIGHT - 400), (count, 2)))
        entries.append({"uid": uid, "video_id": uid[:9], "frame": number, "objects": true})
        results[uid] = make_predictions(rng, true, int(rng.integers(20, 99)))
    return {"annotations": entries}, {"results": results}


def make_predictions(rng: np.random.Generator, true: list[Content], count: int) -> list[Content]:
    """Predictions of an image, a quarter of them around its objects."""
    corners = rng.uniform((0, 0), (WIDTH - 400, HEIGHT - 400), (count, 2))
    owner = rng.integers(0, len(true), count)
    near = rng.random(count) < 0.25
    around = np.array([row["box"][:2] for row in true])[owner] + rng.normal(0, 25, (count, 2))
    found = make_objects(rng, np.where(near[:, None], around, corners))
    scores = rng.random(count).tolist()
    for row, place, close, score in zip(found, owner, near, scores, strict=True):
        if close and score > 0.4:
            row["noun_category_id"] = true[place]["noun_category_id"]
        row["score"] = score
    return found


def make_objects(rng: np.random.Generator, corners: Any) -> list[Content]:
    """Objects whose upper left corners are given."""
    count = len(corners)
    boxes = np.concatenate([corners, corners + rng.uniform(150, 400, (count, 2))], axis=1).tolist()
    nouns = (NOUNS * rng.random(count) ** 2).astype(int).tolist()
    verbs = (VERBS * rng.random(count) ** 2).astype(int).tolist()
    times = rng.uniform(0.1, 2, count).round(4).tolist()
    return [
        {"box": box, "noun_category_id": noun, "verb_category_id": verb, "time_to_contact": ttc}
        for box, noun, verb, ttc in zip(boxes, nouns, verbs, times, strict=True)
    ]


if __name__ == "__main__":
    raise SystemExit(main())
