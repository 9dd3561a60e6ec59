"""What lies in a CATER folder: counts, problems that keep a video from being scored, fingerprint."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from toto_bench.errors import WrongDataError
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater.errors import SceneError
from toto_bench.tasks.cater.problems import (
    CORRUPT,
    MISSING,
    beyond_grid,
    frames_warning,
    label_problems,
    look_at_all,
    problems_of,
    scene_problem,
    some,
)
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import (
    LISTS,
    TRAINED_ON,
    VERSIONS,
    ListedVideo,
    VideoList,
    find_root,
    read_list,
)
from toto_bench.tasks.items import fingerprint

OFFICIAL = 1650
"""Videos of `val` that the data set is said to have; the release may have somewhat fewer."""
ENOUGH = 0.95
"""Share of them that makes a list the official one."""
SCENES = 50
"""Scene files of each list that are compared unless the check is thorough."""


class _Scenes(NamedTuple):
    """What scene files say."""

    compared: int
    problems: dict[str, str]
    unreadable: dict[str, str]


def check(data: Path, protocol: CaterProtocol, *, thorough: bool) -> DataReport:
    """Look at every listed video.

    Args:
        data: root of the data set. Without its videos, prediction files can still be scored.
        protocol: which camera, grid and list.
        thorough: decode every frame and compare every scene file, not only headers and some scene files.

    Raises:
        DataError: there is no such data set or list at all, or a list is damaged.
    """
    root = find_root(data, protocol)
    scored = read_list(root, protocol, protocol.split)
    trained = _training_list(root, protocol)
    lists = [scored, *([trained] if trained else [])]
    probes = {each.name: look_at_all(each.videos, thorough=thorough) for each in lists}
    files = {name: problems_of(found) for name, found in probes.items()}
    scenes = {each.name: _compare_scenes(each, protocol.grid, thorough=thorough) for each in lists}
    problems = files[scored.name] | scenes[scored.name].problems | label_problems(scored, trained)
    found = files[scored.name] | (files[trained.name] if trained else {})
    return DataReport(
        path=root,
        name=f"CATER, {VERSIONS[protocol.camera]}",
        layout=f"CATER official, lists/{LISTS[protocol.grid]}",
        counts={
            "videos": len(scored.videos),
            "training videos": len(trained.videos) if trained else 0,
            "corrupt": sum(problem.startswith(CORRUPT) for problem in found.values()),
            "missing": sum(problem.startswith(MISSING) for problem in found.values()),
            "scenes compared": sum(each.compared for each in scenes.values()),
        },
        listed=tuple(video.name for video in scored.videos),
        problems={video.name: problems[video.name] for video in scored.videos if video.name in problems},
        warnings=(
            *_version_warnings(root, scored, protocol),
            *(text for each in lists for text in _list_warnings(each, scenes[each.name], protocol)),
            *(_training_warnings(trained, files[trained.name], scenes[trained.name]) if trained else ()),
            *filter(None, (frames_warning(name, found) for name, found in probes.items())),
            *_corrupt_warnings(scored, files[scored.name], protocol),
            *_unlisted_warnings(root, lists, protocol),
        ),
        fingerprint=_fingerprint(root, lists),
        comparable=_is_official(scored, protocol),
    )


def _training_list(root: Path, protocol: CaterProtocol) -> VideoList | None:
    try:
        return read_list(root, protocol, TRAINED_ON[protocol.split])
    except WrongDataError:  # predictions can be scored without it
        return None


def _compare_scenes(listing: VideoList, grid: int, *, thorough: bool) -> _Scenes:
    """The cells of a list against the scene files that are there: all of them, or some spread evenly."""
    present = [video for video in listing.videos if video.scene.is_file()]
    step = 1 if thorough else max(1, len(present) // SCENES)
    chosen = present[::step]

    def compare(video: ListedVideo) -> tuple[str | None, str | None]:
        try:
            return scene_problem(video, grid), None
        except SceneError as error:
            return None, str(error)

    with ThreadPoolExecutor() as pool:
        found = dict(zip((video.name for video in chosen), pool.map(compare, chosen), strict=True))
    return _Scenes(
        len(chosen),
        {name: problem for name, (problem, _) in found.items() if problem},
        {name: error for name, (_, error) in found.items() if error},
    )


def _is_official(scored: VideoList, protocol: CaterProtocol) -> bool:
    return protocol.grid == 6 and scored.name == "val" and len(scored.videos) >= ENOUGH * OFFICIAL


def _version_warnings(root: Path, scored: VideoList, protocol: CaterProtocol) -> Iterator[str]:
    if protocol.camera == "moving" and root.resolve().name != VERSIONS["moving"]:
        yield f"the folder's name does not say that its camera moves: `{VERSIONS['moving']}` was expected"
    if not _is_official(scored, protocol):
        what = f"lists/{LISTS[protocol.grid]}/{scored.name}.txt has {len(scored.videos):,} videos"
        yield f"{what}; published numbers are of the {OFFICIAL:,} of lists/localize/val.txt: not comparable with them"


def _list_warnings(listing: VideoList, scenes: _Scenes, protocol: CaterProtocol) -> Iterator[str]:
    if listing.repeated:
        yield f"{listing.name} lists {len(listing.repeated)} videos twice, counted once: {some(listing.repeated)}"
    if beyond := [f"{video.name} ({video.label})" for video in beyond_grid(listing.videos, protocol.grid)]:
        yield f"{listing.name} has {len(beyond)} cells beyond the grid, which no score can hit: {some(beyond)}"
    if scenes.unreadable:
        yield (
            f"{len(scenes.unreadable)} scene files of {listing.name} cannot be read: "
            f"{next(iter(scenes.unreadable.values()))}"
        )


def _training_warnings(trained: VideoList, files: Mapping[str, str], scenes: _Scenes) -> Iterator[str]:
    """Problems of videos that are trained on: they do not keep others from being scored."""
    for name, problems in (
        ("cannot be read", files),
        ("have doubtful cells", scenes.problems | trained.contradictions),
    ):
        if problems:
            first = next(iter(problems))
            yield (
                f"{len(problems)} of {len(trained.videos)} videos of {trained.name} {name}: {some(problems)} "
                f"(the first: {problems[first]})"
            )


def _corrupt_warnings(scored: VideoList, files: Mapping[str, str], protocol: CaterProtocol) -> Iterator[str]:
    corrupt = [name for name, problem in files.items() if problem.startswith(CORRUPT)]
    if corrupt:
        what = "left out" if protocol.corrupt == "exclude" else "counted as errors"
        yield f"{len(corrupt)} of {len(scored.videos)} videos of {scored.name} are corrupt, {what}: {some(corrupt)}"


def _unlisted_warnings(root: Path, lists: list[VideoList], protocol: CaterProtocol) -> Iterator[str]:
    """Videos that no list of the grid names."""
    known = {video.name for listing in lists for video in listing.videos}
    for name in {"train", "val"} - {listing.name for listing in lists}:
        try:
            known |= {video.name for video in read_list(root, protocol, name).videos}
        except WrongDataError:
            return  # without that list nothing can be said
    if unlisted := sorted(
        path.name for path in (root / "videos").glob("[!.]*.avi") if path.name not in known
    ):
        yield f"{len(unlisted)} videos are in no list: {some(unlisted)}"


def _fingerprint(root: Path, lists: list[VideoList]) -> str:
    """Of every listed video that is there, and of the lists."""
    videos = {video.path for listing in lists for video in listing.videos if video.path.is_file()}
    return fingerprint(root, sorted(videos), [listing.path for listing in lists])
