"""What lies in an ImageNet folder, and whether it is the whole official set."""

from pathlib import Path

from toto_bench.media.images import ImageError, decode_image
from toto_bench.media.sources import Source
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.imagenet.labels import PER_CLASS
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.reader import read_imagenet
from toto_bench.tasks.recognition.check import report_on
from toto_bench.tasks.recognition.examples import Examples

TRAINING, SCORED = 1_281_167, 50_000
"""Images of the official set."""
ENOUGH = 0.99
"""Share of the training images from which on numbers are comparable."""


def check(data: Path, protocol: ImagenetProtocol, *, thorough: bool) -> DataReport:
    """Look at every image of both splits.

    Args:
        data: root of the data set.
        protocol: changes nothing here.
        thorough: decode every image that was not decoded before.

    Raises:
        DataError: there is no such data, its labels contradict what is known, or nothing can be scored.
    """
    del protocol
    examples = read_imagenet(data)
    warnings = _warnings(examples)
    return report_on(
        examples,
        name="ImageNet-1k" if examples.official else "images in classes",
        unit="images",
        look=look_at_image,
        thorough=thorough,
        comparable=examples.official
        and not _unbalanced(examples)
        and len(examples.val) == SCORED
        and sum(example.source is not None for example in examples.train) >= ENOUGH * TRAINING,
        warnings=warnings,
    )


def look_at_image(source: Source) -> tuple[str | None, tuple[float, ...]]:
    """Why an image does not decode, and its height and width."""
    try:
        image = decode_image(source.path if source.length is None else source.read())
    except (ImageError, OSError) as error:
        return f"it cannot be decoded as an image ({error})", ()
    return None, (image.height, image.width)


def _warnings(examples: Examples) -> tuple[str, ...]:
    if not examples.official:
        return (
            f"these are {len(examples.classes)} classes, not the 1,000 of ImageNet-1k: numbers are not comparable with "
            "published ones",
        )
    found = []
    if len(examples.train) != TRAINING:
        found.append(f"{len(examples.train):,} training images, where the official set has {TRAINING:,}")
    if unbalanced := _unbalanced(examples):
        found.append(
            f"{unbalanced} classes have not {PER_CLASS} validation images, as the official ones have: numbers are not "
            "comparable with published ones"
        )
    return tuple(found)


def _unbalanced(examples: Examples) -> int:
    """Classes with another number of listed validation images than the official set has."""
    counts = [0] * len(examples.classes)
    for example in examples.val:
        if example.label >= 0:
            counts[example.label] += 1
    return sum(count != PER_CLASS for count in counts)
