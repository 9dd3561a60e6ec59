"""The public function: annotations and results as JSON has them, numbers out."""

from collections.abc import Mapping
from typing import Any, get_args

from toto_bench.errors import RequestError
from toto_bench.tasks.ego4d_sta.entries import expect_entries
from toto_bench.tasks.ego4d_sta.expectations import expect_images
from toto_bench.tasks.ego4d_sta.metric.evaluate import TOP_K, Treatment, evaluate
from toto_bench.tasks.ego4d_sta.rows import read_labels, read_predictions


def score_sta(
    annotations: Mapping[str, Any],
    results: Mapping[str, Any],
    *,
    top_k: int | None = TOP_K,
    images_without_predictions: Treatment = "official",
) -> dict[str, float]:
    """Top-k mean average precision of short-term anticipation, as the official code computes it.

    Equal scores are ordered as the official code orders them with stable sorts. Whole numbers pass as times and
    scores, and images without annotated objects are taken: the official metric does so, its command line does not.

    Args:
        annotations: content of an annotation file, fho_sta_*.json.
        results: content of a submission; images that are not annotated are ignored.
        top_k: up to (k - 1) x objects false positives of an image are ignored; None and 1 ignore nothing.
        images_without_predictions: `official` leaves their objects out, `count` keeps them.

    Returns:
        `noun`, `noun_verb`, `noun_ttc`, `overall`, fractions in [0, 1].

    Raises:
        RequestError: an option has no such value.
        DataError: annotations or results cannot be scored; one subclass per cause. NaN is refused: the official code
            would rank it first.
    """
    if images_without_predictions not in get_args(Treatment):
        raise RequestError(
            f"`images_without_predictions` is {images_without_predictions!r}: choose `official` or `count`."
        )
    labels = read_labels(expect_entries(annotations, "The annotations"), "The annotations")
    images = expect_images(results, labels.uids, "The results")
    predictions = read_predictions(images, labels.uids, "The results", strict=False)
    return evaluate(labels, predictions, top_k=top_k).values(images_without_predictions)
