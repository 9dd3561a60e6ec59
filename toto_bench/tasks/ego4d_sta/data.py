"""The data set as it is used: annotations, and where their frames come from."""

from dataclasses import dataclass
from pathlib import Path

from toto_bench.tasks.ego4d_sta.annotations import Annotation, AnnotationFile, read_annotations
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource
from toto_bench.tasks.ego4d_sta.frames.sources import choose_sources
from toto_bench.tasks.ego4d_sta.places import find_annotations
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol


@dataclass(frozen=True)
class StaData:
    """One split."""

    file: AnnotationFile
    """Its annotations."""
    still: FrameSource | None
    """Source of annotated frames of full size."""
    clip: FrameSource | None
    """Source of frames in a row; the same object as `still` where both are of one kind."""

    def problem(self, annotation: Annotation, *, still: bool) -> str | None:
        """Why an annotation has no frames, as far as can be said without opening anything.

        Args:
            annotation: one of the file's.
            still: whether the annotated frame is needed, too.
        """
        if self.clip is None:
            return "no frames: none of full_scale, clips and lmdb is there"
        if still and self.still is None:
            return "no annotated frame: none of object_frames, full_scale and clips is there"
        found = self.clip.problem(annotation)
        return found or (self.still.problem(annotation) if still and self.still else None)


def open_split(data: Path, protocol: EgoStaProtocol, split: str) -> StaData:
    """Annotations and sources of frames of a split; nothing is decoded.

    Args:
        data: root of the data set, or an annotation file.
        protocol: which release.
        split: `train`, `val` or `test`; of `train` boxes without area are left out.

    Raises:
        DataError: there is no such file, or it is damaged.
    """
    path = find_annotations(data, protocol.annotations, split)  # type: ignore[arg-type]
    file = read_annotations(path, training=split == "train")
    still, clip = choose_sources(data, protocol.annotations, file.annotations)
    return StaData(file, still, clip)
