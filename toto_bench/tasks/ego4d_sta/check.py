"""What lies in a folder of Ego4D: counts, annotations whose frames are missing, fingerprint."""

from collections.abc import Iterator
from pathlib import Path

from toto_bench.tasks.base import DataReport
from toto_bench.tasks.ego4d_sta.annotations import AnnotationFile
from toto_bench.tasks.ego4d_sta.data import StaData, open_split
from toto_bench.tasks.ego4d_sta.errors import FrameError, MixedSizesError
from toto_bench.tasks.ego4d_sta.frames import FrameSource, Wanted, gather
from toto_bench.tasks.ego4d_sta.places import find_training
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.ego4d_sta.sizes import SMALL, expect_same
from toto_bench.tasks.items import fingerprint

OFFICIAL = 17_217
"""Annotations of v1 `val`, as the StillFast paper counts them."""
ENOUGH = 0.95
"""Share of them that makes a file the official one."""
PROBED = 20
"""Annotated frames of a source whose size is compared, spread evenly."""


def check(data: Path, protocol: EgoStaProtocol, *, thorough: bool = False) -> DataReport:
    """Look at every annotation of the split. Without frames, submissions can still be scored.

    Args:
        data: root of the data set, or an annotation file.
        protocol: which release and split, and whether annotated frames of full size are needed.
        thorough: decode every frame that an annotation needs.

    Raises:
        DataError: there are no annotations, they are damaged, or they and the frames are of different sizes.
    """
    split = open_split(data, protocol, protocol.split)
    training = _open_training(data, protocol)
    trained = training.file if training else None
    _expect_one_size(split, trained)
    problems = {
        annotation.uid: problem
        for annotation in split.file.annotations
        if (problem := split.problem(annotation, still=protocol.still_branch))
    }
    if thorough:
        problems |= _unreadable(split, protocol, problems)
    return DataReport(
        path=data,
        name=f"Ego4D STA {protocol.annotations}",
        layout=_layout(split),
        counts=_counts(split.file, training, problems, protocol),
        listed=tuple(annotation.uid for annotation in split.file.annotations),
        problems=problems,
        warnings=tuple(_warnings(split, trained, protocol)),
        fingerprint=_fingerprint(data, split, training),
        comparable=_is_official(split.file, protocol),
    )


def _open_training(data: Path, protocol: EgoStaProtocol) -> StaData | None:
    """What is trained on; None where it is not there, or is what is scored."""
    there = protocol.split != "train" and find_training(data, protocol.annotations)
    return open_split(data, protocol, "train") if there else None


def _expect_one_size(split: StaData, trained: AnnotationFile | None) -> None:
    """Boxes of both files, and pictures, are of one size.

    Raises:
        MixedSizesError: they are not.
    """
    file = split.file
    if trained is not None and file.annotated and trained.small != file.small:
        small, full = (file, trained) if file.small else (trained, file)
        raise MixedSizesError(
            f"The boxes of {small.path} are of frames of height {SMALL}, those of {full.path} of full size: what is "
            "learned from one does not hold for the other. Take both of one kind."
        )
    for source in {id(source): source for source in (split.still, split.clip) if source}.values():
        if source.full_size:
            for place, size in _probe(source, file):
                height, width = (int(side) for side in file.sizes[place])
                what = f"{source.name} of `{file.annotations[place].uid}` in {source.folder}"
                expect_same(size, (height, width), what, small=file.small)


def _probe(source: FrameSource, file: AnnotationFile) -> Iterator[tuple[int, tuple[int, int]]]:
    """Place of some annotations, and height and width of their frame in a source."""
    there = [n for n, annotation in enumerate(file.annotations) if source.problem(annotation) is None]
    for place in there[:: max(1, len(there) // PROBED)]:
        spot = source.spot(file.annotations[place])
        try:
            if spot is not None:
                yield place, source.size(spot)
        except FrameError:
            continue  # a thorough check tells


def _unreadable(split: StaData, protocol: EgoStaProtocol, known: dict[str, str]) -> dict[str, str]:
    """Annotations whose frames do not decode."""
    samples = gather(
        [annotation for annotation in split.file.annotations if annotation.uid not in known],
        still=Wanted(split.still, _seen) if split.still and protocol.still_branch else None,
        clip=Wanted(split.clip, _seen) if split.clip else None,
        frames=protocol.frames,
        stride=protocol.stride,
    )
    return {sample.annotation.uid: str(sample.problem) for sample in samples if sample.problem}


def _seen(frame: object) -> bool:
    """A frame that was decoded, and is not kept."""
    return frame is not None


def _layout(split: StaData) -> str:
    sources = [f"{what} from {source.name}" for what, source in _used(split)]
    return f"{split.file.path.name}, " + (", ".join(sources) or "no frames")


def _used(split: StaData) -> list[tuple[str, FrameSource]]:
    return [(what, source) for what, source in (("stills", split.still), ("clips", split.clip)) if source]


def _counts(
    file: AnnotationFile, training: StaData | None, problems: dict[str, str], protocol: EgoStaProtocol
) -> dict[str, int]:
    of_problems: set[str] = {a.video for a in file.annotations if a.uid in problems}
    counts = {
        "annotations": len(file.annotations),
        "objects": len(file.labels),
        "videos": len({annotation.video for annotation in file.annotations}),
        "nouns": len(file.nouns),
        "verbs": len(file.verbs),
        "annotations without frames": len(problems),
        "videos without some frames": len(of_problems),
    }
    if training is not None:
        trained = training.file
        absent = [a for a in trained.annotations if training.problem(a, still=protocol.still_branch)]
        counts |= {
            "training annotations": len(trained.annotations),
            "training objects without area, dropped": trained.dropped.objects,
            "training annotations without others, dropped": trained.dropped.annotations,
            "training annotations without frames": len(absent),
            "training videos without some frames": len({annotation.video for annotation in absent}),
        }
    return counts


def _warnings(split: StaData, trained: AnnotationFile | None, protocol: EgoStaProtocol) -> Iterator[str]:
    file = split.file
    if not _is_official(file, protocol):
        yield (
            f"{file.path.name} has {len(file.annotations):,} annotations of {protocol.annotations} {protocol.split}; "
            f"published numbers are of v1 val, {OFFICIAL:,}: not comparable with them"
        )
    if file.version in {"v1", "v2"} and file.version != protocol.annotations:
        yield f"{file.path.name} says that it is of {file.version}, not {protocol.annotations}"
    if file.small:
        yield f"boxes are of frames of height {SMALL}; counting the last pixel, overlaps are not those of full size"
    if not file.annotated:
        yield f"{file.path.name} has no objects: predictions can be made, not scored"
    if trained is not None and (trained.nouns, trained.verbs) != (file.nouns, file.verbs):
        yield f"{trained.path.name} and {file.path.name} have different nouns or verbs"
    if split.clip is not None and not split.clip.full_size and split.still is split.clip:
        yield "annotated frames come from lmdb too: they are small"


def _is_official(file: AnnotationFile, protocol: EgoStaProtocol) -> bool:
    enough = len(file.annotations) >= ENOUGH * OFFICIAL
    return (protocol.annotations, protocol.split) == ("v1", "val") and enough and not file.small


def _fingerprint(data: Path, split: StaData, training: StaData | None) -> str:
    """Of every file that frames are read from, and of the annotations, of both splits."""
    root = split.file.path.parent if data.is_file() else data
    splits = [each for each in (split, training) if each]
    files = {
        source.path(spot)
        for each in splits
        for _, source in _used(each)
        for annotation in each.file.annotations
        if (spot := source.spot(annotation))
    }
    there = sorted(path for path in files if path.is_file() and path.is_relative_to(root))
    return fingerprint(root, there, [each.file.path for each in splits])
