"""What is found in folders of both layouts: sources, gaps, mixes of sizes, fingerprint."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.cards import find_task
from toto_bench.errors import WrongDataError
from toto_bench.samples.bundle import BUNDLE
from toto_bench.tasks.ego4d_sta.check import check
from toto_bench.tasks.ego4d_sta.data import open_split
from toto_bench.tasks.ego4d_sta.errors import MixedSizesError
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol

from .conftest import annotation, annotations_of, thing

SAMPLE = BUNDLE / "ego4d_sta"


def protocol(**changes: Any) -> EgoStaProtocol:
    return EgoStaProtocol(**{**find_task("ego4d_sta").values("paper"), **changes})


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))


def one_video(folder: Path) -> Path:
    uid = json.loads((folder / "annotations/fho_sta_val.json").read_text())["annotations"][0]["video_uid"]
    return folder / "full_scale" / f"{uid}.mp4"


@pytest.mark.parametrize("preset", sorted(find_task("ego4d_sta").presets))
def test_the_card_fits_the_protocol(preset: str) -> None:
    EgoStaProtocol(**find_task("ego4d_sta").values(preset))


@pytest.mark.parametrize("thorough", [False, True])
def test_the_sample(thorough: bool) -> None:
    found = check(SAMPLE, protocol(still_branch=True), thorough=thorough)
    assert found.problems == {}
    assert found.layout == "fho_sta_val.json, stills from object_frames, clips from full_scale"
    assert len(found.listed) == found.counts["annotations"] == 23
    assert found.counts["training annotations"] == 48
    assert (found.counts["nouns"], found.counts["verbs"]) == (8, 4)
    assert not found.comparable
    assert any("17,217" in warning for warning in found.warnings)


def test_a_missing_video_is_told_by_item(sample: Path) -> None:
    before = check(sample, protocol())
    gone = one_video(sample)
    gone.unlink()
    found = check(sample, protocol())
    lacking = [uid for uid in found.listed if uid.startswith(gone.stem)]
    assert list(found.problems) == lacking
    assert all(str(gone) in problem for problem in found.problems.values())
    assert found.counts["annotations without frames"] == len(lacking) > 0
    assert found.counts["videos without some frames"] == 1
    assert found.fingerprint != before.fingerprint


def test_stills_are_needed_only_by_the_still_branch(sample: Path) -> None:
    picture = next((sample / "object_frames").glob(f"{one_video(sample).stem}_*.jpg"))
    picture.unlink()
    shutil.rmtree(sample / "full_scale")
    assert len(check(sample, protocol()).problems) == 23  # no clips at all
    shutil.copytree(SAMPLE / "full_scale", sample / "full_scale")
    assert check(sample, protocol()).problems == {}
    found = check(sample, protocol(still_branch=True))
    assert found.problems == {}  # the videos have all of them
    assert "stills from full_scale" in found.layout


def test_a_thorough_check_decodes(sample: Path) -> None:
    video = one_video(sample)
    content = video.read_bytes()
    video.write_bytes(content[: len(content) // 2])
    quick, thorough = (check(sample, protocol(), thorough=thorough) for thorough in (False, True))
    assert quick.problems == {}
    assert thorough.problems
    assert all(video.stem in uid for uid in thorough.problems)


def test_the_official_layout(tmp_path: Path) -> None:
    for name in ("annotations", "full_scale"):
        shutil.copytree(SAMPLE / name, tmp_path / "v1" / name)
    found = check(tmp_path, protocol())
    assert found.problems == {}
    assert "clips from full_scale" in found.layout
    with pytest.raises(
        WrongDataError, match=r"no annotations of `val`, v2: looked for .*v2/annotations/fho_sta_val"
    ):
        check(tmp_path, protocol(annotations="v2"))


def test_an_annotation_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    shutil.copy(SAMPLE / "annotations/fho_sta_val.json", path)
    found = check(path, protocol())
    assert found.path == path
    assert len(found.problems) == 23
    assert "no frames" in found.problems[found.listed[0]]
    assert found.layout == "mine.json, no frames"


def test_the_wrong_release_is_told() -> None:
    found = check(SAMPLE, protocol(annotations="v2"))
    assert any("says that it is of v1, not v2" in warning for warning in found.warnings)


def test_a_test_set(write: Callable[..., Path]) -> None:
    path = write("annotations/fho_sta_test_unannotated.json", annotations_of([annotation("v", 20, None)]))
    found = check(path.parents[1], protocol(split="test"))
    assert found.listed == ("v_0000020",)
    assert any("not scored" in warning for warning in found.warnings)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(WrongDataError, match="does not exist"):
        check(tmp_path / "nowhere", protocol())
    with pytest.raises(WrongDataError, match="show task ego4d_sta"):
        check(tmp_path, protocol())


def test_pictures_of_another_size_than_the_boxes(sample: Path) -> None:
    path = sample / "annotations/fho_sta_val.json"
    content = json.loads(path.read_text())
    for size in content["info"]["video_metadata"].values():
        size |= {"frame_width": 640, "frame_height": 480}
    path.write_text(json.dumps(content))
    with pytest.raises(MixedSizesError, match=r"has 320x240 pixels, .* measured in 640x480"):
        check(sample, protocol())


def test_both_splits_are_of_one_size(write: Callable[..., Path]) -> None:
    def entries(scale: float) -> list:
        return [annotation("v", n, [thing((10, 10, 1900 * scale, 1070 * scale))]) for n in range(30)]

    path = write("annotations/fho_sta_train.json", annotations_of(entries(1), size=(1080, 1920)))
    write("annotations/fho_sta_val.json", annotations_of(entries(0.5), size=(1080, 1920)))
    with pytest.raises(MixedSizesError, match=r"of height 540, those of .* of full size"):
        check(path.parents[1], protocol())


def test_training_data(sample: Path) -> None:
    found = open_split(sample, protocol(), "train")
    assert len(found.file.annotations) == 48
    assert all(found.problem(annotation, still=True) is None for annotation in found.file.annotations)
