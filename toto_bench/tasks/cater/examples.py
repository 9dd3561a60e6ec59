"""Listed videos as the labelled examples that recognition trains and scores."""

from toto_bench.media.sources import Source
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater.problems import MISSING, scored_videos, some, training_videos
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import TRAINED_ON, ListedVideo, read_list
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.recognition.examples import Example, Examples


def read_examples(data: DataReport, protocol: CaterProtocol, context: RunContext) -> Examples:
    """What is trained on, and what is scored.

    Training videos that cannot be used are faults, so that they are counted. Of a cell beyond the grid, which no score
    can hit, the nearest class stands in `val`; the list has the last word when it is scored.

    Raises:
        DataError: videos are missing and that was not allowed; or nothing is left to train on or to score.
    """
    _, left_out = training_videos(data, protocol, allow_missing=context.allow_missing)
    listed = read_list(data.path, protocol, TRAINED_ON[protocol.split]).videos
    scored = scored_videos(data, protocol, limit=context.limit, allow_missing=context.allow_missing)
    cells = protocol.grid**2
    names = tuple(f"cell {cell}" for cell in range(cells))
    return Examples(
        root=data.path,
        layout=data.layout,
        classes=names,
        titles=names,
        order=f"{protocol.grid} x row + column",
        official=data.comparable,
        train=tuple(_example(video, cells, left_out.get(video.name, "")) for video in listed),
        val=tuple(_example(video, cells) for video in scored),
        faults=left_out,
    )


def _example(video: ListedVideo, cells: int, problem: str = "") -> Example:
    source = None if problem.startswith(MISSING) else Source(video.path)
    return Example(video.name, min(max(video.label, 0), cells - 1), source)


def untaught_cells(examples: Examples) -> str | None:
    """A sentence on cells that are scored and of which no video is trained on; None where there are none."""
    taught = {example.label for example in examples.train if example.name not in examples.faults}
    lacking = sorted({example.label for example in examples.val} - taught)
    if not lacking:
        return None
    return f"{len(lacking)} cells that are scored have no training video: {some(map(str, lacking))}"
