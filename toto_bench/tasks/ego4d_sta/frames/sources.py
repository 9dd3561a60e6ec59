"""Which of the sources that are there are used."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.frames.databases import Databases
from toto_bench.tasks.ego4d_sta.frames.pictures import Pictures
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource
from toto_bench.tasks.ego4d_sta.frames.videos import Clips, FullVideos
from toto_bench.tasks.ego4d_sta.places import Version, media_folders

STILLS: tuple[type[FrameSource], ...] = (Pictures, FullVideos, Clips, Databases)
"""Sources of annotated frames, the best first."""
CLIPS: tuple[type[FrameSource], ...] = (Databases, FullVideos, Clips)
"""Sources of frames in a row, the quickest first."""


def choose_sources(
    data: Path, version: Version, annotations: Sequence[Annotation]
) -> tuple[FrameSource | None, FrameSource | None]:
    """The sources of stills and of clips: those that lack the fewest annotations, the earlier kind among equals.

    One source serves all annotations, so that results do not depend on which video is where. Where both are of one
    kind they are the same object.

    Args:
        data: root of the data set, or an annotation file in it.
        version: of the annotations.
        annotations: that need frames.

    Returns:
        None for what there is no source of.
    """
    found = {
        kind: [kind(folder) for folder in media_folders(data, version, kind.name)]
        for kind in {*STILLS, *CLIPS}
    }
    missing = {
        id(source): sum(source.problem(annotation) is not None for annotation in annotations)
        for sources in found.values()
        for source in sources
    }

    def best(kinds: Iterable[type[FrameSource]]) -> FrameSource | None:
        there = [source for kind in kinds for source in found[kind]]
        return min(there, key=lambda source: missing[id(source)], default=None)

    return best(STILLS), best(CLIPS)
