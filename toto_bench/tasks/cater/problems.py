"""What keeps a video from being scored or trained on, and which of it is a damaged file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from toto_bench.errors import DataError
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater.errors import SceneError
from toto_bench.tasks.cater.labels import label_of_scene, read_scene
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import TRAINED_ON, ListedVideo, VideoList, read_list
from toto_bench.tasks.cater.videos import Probe, probe_video
from toto_bench.tasks.items import usable

CORRUPT = "corrupt: "
"""How the problem of a damaged video begins; some files of the release are damaged, and `corrupt` says what becomes
of them."""
MISSING = "missing: "
"""How the problem of a video begins whose file is not there."""
NAMED = 5
"""Videos that a warning names."""


def is_corrupt(problem: str) -> bool:
    """Whether a problem is a damaged video."""
    return problem.startswith(CORRUPT)


def is_of_file(problem: str) -> bool:
    """Whether a problem is the video's file, not its label: somebody else's file may be whole."""
    return problem.startswith((CORRUPT, MISSING))


def look_at(video: ListedVideo, *, thorough: bool = False) -> Probe:
    """The frames of a video, and what is wrong with its file."""
    if not video.path.is_file():
        return Probe(0, f"{MISSING}no file {video.path}")
    found = probe_video(video.path, thorough=thorough)
    return found._replace(problem=f"{CORRUPT}{found.problem}") if found.problem else found


def file_problem(video: ListedVideo, *, thorough: bool = False) -> str | None:
    """What is wrong with the file of a video, or None."""
    return look_at(video, thorough=thorough).problem


def look_at_all(videos: Sequence[ListedVideo], *, thorough: bool = False) -> dict[str, Probe]:
    """Video to what `look_at` finds; several are looked at at once."""
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda video: look_at(video, thorough=thorough), videos)
        return dict(zip((video.name for video in videos), found, strict=True))


def problems_of(probes: Mapping[str, Probe]) -> dict[str, str]:
    """Video to what is wrong with its file."""
    return {name: probe.problem for name, probe in probes.items() if probe.problem}


def frames_warning(what: str, probes: Mapping[str, Probe]) -> str | None:
    """A sentence on sound videos that are shorter or longer than most; None where there are none."""
    frames = {name: probe.frames for name, probe in probes.items() if not probe.problem}
    if not frames:
        return None
    usual = Counter(frames.values()).most_common(1)[0][0]
    odd = [f"{name} ({count})" for name, count in frames.items() if count != usual]
    if not odd:
        return None
    return f"{len(odd)} of {len(probes)} videos of {what} have not {usual} frames, as most have: {some(odd)}"


def label_problems(scored: VideoList, trained: VideoList | None) -> dict[str, str]:
    """Videos whose cell is not clear, and those that are trained on too."""
    in_training = {video.name: video.line for video in trained.videos} if trained else {}
    leaked = {
        video.name: f"listed in {scored.name} and in {trained.name} (line {in_training[video.name]}): what is trained "
        "on cannot be scored"
        for video in scored.videos
        if trained and video.name in in_training
    }
    return leaked | scored.contradictions


def scene_problem(video: ListedVideo, grid: int) -> str | None:
    """How the list and a scene file that is there disagree about the cell, or None.

    Raises:
        SceneError: the scene file cannot be read.
    """
    if not video.scene.is_file():
        return None
    try:
        label = label_of_scene(read_scene(video.scene), grid)
    except SceneError as error:
        raise SceneError(f"{video.scene}: {error}") from error
    if label == video.label:
        return None
    return f"listed with cell {video.label}, but its scene file ends in cell {label}"


def scored_videos(
    data: DataReport, protocol: CaterProtocol, *, limit: int | None = None, allow_missing: bool = False
) -> list[ListedVideo]:
    """The videos that can be read and scored, in the order of the list; corrupt ones are left out, as `corrupt` says.

    Raises:
        DataError: others cannot be read or scored, and that was not allowed; or none can.
    """
    sound = tuple(name for name in data.listed[:limit] if not is_corrupt(data.problems.get(name, "")))
    if not sound:
        raise DataError(f"None of the videos in {data.path} can be decoded: every one is corrupt.")
    names = usable(replace(data, listed=sound), None, allow_missing=allow_missing, what="videos")
    by_name = {video.name: video for video in read_list(data.path, protocol, protocol.split).videos}
    return [by_name[name] for name in names]


def training_videos(
    data: DataReport, protocol: CaterProtocol, *, allow_missing: bool = False
) -> tuple[list[ListedVideo], dict[str, str]]:
    """The videos to train on, in the order of the list, and those that are left out, with the reason.

    Left out are corrupt videos, videos listed twice with different cells, and cells beyond the grid; none is ever
    replaced by another.

    Raises:
        DataError: the list is missing, files are missing and that was not allowed, or nothing is left.
    """
    listing = read_list(data.path, protocol, TRAINED_ON[protocol.split])
    left_out = problems_of(look_at_all(listing.videos)) | listing.contradictions
    beyond = beyond_grid(listing.videos, protocol.grid)
    left_out |= {video.name: f"cell {video.label} lies beyond the grid" for video in beyond}
    missing = [name for name, problem in left_out.items() if problem.startswith(MISSING)]
    if missing and not allow_missing:
        raise DataError(
            f"{len(missing)} of {len(listing.videos)} videos of {listing.path} are missing in {data.path / 'videos'}: "
            f"{some(missing)}. Restore them from videos.zip, or train without them with `--allow-missing`."
        )
    kept = [video for video in listing.videos if video.name not in left_out]
    if not kept:
        raise DataError(f"None of the {len(listing.videos)} videos of {listing.path} can be trained on.")
    return kept, left_out


def beyond_grid(videos: Iterable[ListedVideo], grid: int) -> list[ListedVideo]:
    """Videos whose cell is none of the grid's: the official labels are not clipped."""
    return [video for video in videos if not 0 <= video.label < grid * grid]


def some(names: Iterable[str]) -> str:
    """The first of many names, for a message."""
    listed = list(names)
    return ", ".join(listed[:NAMED]) + (f" and {len(listed) - NAMED} more" if len(listed) > NAMED else "")
