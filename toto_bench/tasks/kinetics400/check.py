"""What lies in a Kinetics-400 folder, and how much of the official list it is."""

from pathlib import Path

from toto_bench.media.sources import Source
from toto_bench.media.videos import VideoError, probe_video
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol
from toto_bench.tasks.kinetics400.reader import read_kinetics
from toto_bench.tasks.recognition.check import report_on
from toto_bench.tasks.recognition.examples import Examples

LISTED = {"train": 246_535, "val": 19_907}
"""Videos in the official csv files; copies of the data have somewhat fewer."""
ENOUGH = {"train": 0.9, "val": 0.97}
"""Share of them that published numbers stand on, at least: 19,404 and 234,643 are copies in use."""


def check(data: Path, protocol: KineticsProtocol, *, thorough: bool) -> DataReport:
    """Look at every listed video of both splits.

    Args:
        data: root of the data set.
        protocol: changes nothing here.
        thorough: decode the first and the last frame of every video that was not looked at before.

    Raises:
        DataError: there is no such data, its lists and classes contradict each other, or nothing can be scored.
    """
    del protocol
    examples = read_kinetics(data)
    shares = _shares(examples)
    return report_on(
        examples,
        name="Kinetics-400" if examples.official else "videos in classes",
        unit="videos",
        look=look_at_video,
        thorough=thorough,
        comparable=examples.official and all(shares[split] >= ENOUGH[split] for split in LISTED),
        warnings=_warnings(examples),
    )


def look_at_video(source: Source) -> tuple[str | None, tuple[float, ...]]:
    """Why a video does not decode at its ends; and its frames, frames per second, height and width."""
    try:
        return None, tuple(probe_video(source.path))
    except VideoError as error:
        return f"it cannot be decoded as a video ({error})", ()


def _shares(examples: Examples) -> dict[str, float]:
    """Of the official lists, how much is there."""
    splits = {"train": examples.train, "val": examples.val}
    return {
        split: sum(example.source is not None for example in own) / LISTED[split]
        for split, own in splits.items()
    }


def _warnings(examples: Examples) -> tuple[str, ...]:
    if not examples.official:
        return (
            f"these are {len(examples.classes)} classes of other data ({examples.order}): numbers are not comparable "
            "with those of Kinetics-400",
        )
    found = []
    for split, own in (("train", examples.train), ("val", examples.val)):
        there = sum(example.source is not None for example in own)
        if there != LISTED[split]:
            found.append(f"{there:,} of the {LISTED[split]:,} videos of the official {split} list are there")
    return tuple(found)
