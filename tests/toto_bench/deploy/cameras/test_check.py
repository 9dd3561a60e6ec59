"""Pictures that are none, and cameras that stand still."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.cameras import Frame, PictureCheck, PictureSettings, picture_checks
from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.robots.policy.spec import ActionSpec, CameraSpec, Normalisation, PolicySpec, Readout

PERIOD = 0.1


def scene(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(20, 230, (48, 64, 3), dtype=np.uint8)


def frame(number: int, **changes: Any) -> Frame:
    received = 100 + number * PERIOD
    return replace(Frame(scene(number), received - 0.03, received, number), **changes)


def passed(check: PictureCheck, count: int) -> None:
    for number in range(count):
        check.check(frame(number), 100 + number * PERIOD + 0.01)


def reason(check: PictureCheck, what: Frame, now: float | None = None) -> tuple[Reason, str]:
    with pytest.raises(GuardTrip) as caught:
        check.check(what, what.received + 0.01 if now is None else now)
    return caught.value.reason, str(caught.value)


def test_an_ordinary_camera_passes() -> None:
    check = PictureCheck("wrist", PictureSettings(height=48, width=64))
    passed(check, 200)


def test_a_camera_slower_than_the_policy_passes() -> None:
    check = PictureCheck("wrist")
    for number in range(50):
        check.check(frame(number), 100 + number * PERIOD + 0.01)
        check.check(frame(number), 100 + number * PERIOD + 0.06)


def test_the_number_stands_still_with_new_stamps() -> None:
    check = PictureCheck("wrist")
    passed(check, 3)
    for late in (0.1, 0.19):
        check.check(frame(2, captured=100.2 + late, received=100.2 + late), 100.21 + late)
    found, text = reason(check, frame(2, captured=100.45, received=100.45))
    assert found == Reason.CAMERA_STALE
    assert "picture 2 is still the newest" in text


def test_the_same_bytes_with_new_numbers_and_stamps() -> None:
    check = PictureCheck("wrist", PictureSettings(repeats=3))
    passed(check, 3)
    for number in (3, 4):
        check.check(frame(number, rgb=scene(2)), 100 + number * PERIOD + 0.01)
    found, text = reason(check, frame(5, rgb=scene(2)))
    assert (found, "last 4 pictures are the same" in text) == (Reason.CAMERA_STALE, True)


def test_one_other_bit_is_another_picture() -> None:
    check = PictureCheck("wrist", PictureSettings(repeats=1))
    for number in range(20):
        picture = scene(0)
        picture[7, 7, 0] ^= number % 2
        check.check(frame(number, rgb=picture), 100 + number * PERIOD + 0.01)


def test_a_simulated_scene_may_stand_still() -> None:
    check = PictureCheck("wrist", PictureSettings(repeats=None))
    for number in range(20):
        check.check(frame(number, rgb=scene(0)), 100 + number * PERIOD + 0.01)


def test_a_camera_that_began_anew() -> None:
    check = PictureCheck("wrist")
    passed(check, 5)
    found, text = reason(check, frame(5, sequence=1))
    assert (found, "picture 1 came after 4" in text) == (Reason.CAMERA_STALE, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"captured": 100.1}, "went back"),
        ({"captured": 100.38, "received": 100.5}, "jumped by 0.090 s"),
        ({"captured": 98.0}, "taken 2.500 s before it arrived"),
        ({"captured": 101.0}, "taken -0.500 s before"),
        ({"captured": float("nan")}, "taken nan s before"),
        ({"captured": 107.97, "received": 108.0}, "in the future"),
    ],
)
def test_a_clock_that_jumps(changes: dict[str, float], said: str) -> None:
    check = PictureCheck("wrist", PictureSettings(jitter=0.05))
    passed(check, 5)
    found, text = reason(check, frame(5, **changes), 100.51)
    assert found == Reason.CLOCK
    assert said in text


@pytest.mark.parametrize(
    ("rgb", "said"),
    [
        (np.zeros((48, 64, 3), np.uint8), "black"),
        (np.random.default_rng(0).integers(0, 6, (48, 64, 3), dtype=np.uint8), "black"),
        (np.full((48, 64, 3), 255, np.uint8), "saturated"),
        (np.full((48, 64, 3), (0, 135, 0), np.uint8), "one colour"),
        (scene()[:40], "40x64 pixels (height x width) instead of 48x64"),
        (scene().astype(np.float32), "float32 [48, 64, 3] instead of a uint8"),
        (scene()[..., 0], "uint8 [48, 64] instead"),
        (scene()[:0], "uint8 [0, 64, 3] instead"),
        (None, "NoneType [] instead"),
    ],
)
@pytest.mark.parametrize("before", [0, 4])
def test_what_is_no_picture(rgb: Any, said: str, before: int) -> None:
    check = PictureCheck("wrist", PictureSettings(height=48, width=64))
    passed(check, before)
    found, text = reason(check, frame(before, rgb=rgb))
    assert found == Reason.PICTURE
    assert said in text


def test_a_dark_scene_with_something_in_it_is_a_picture() -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[10:20, 10:20] = 90
    PictureCheck("wrist").check(frame(0, rgb=picture), 100.01)


def test_checks_of_a_policy() -> None:
    readout = Readout(
        backbone="pixels",
        weights="none",
        state="0",
        architecture="a",
        preprocessing="p",
        layer=1,
        resolution=32,
        width=4,
    )
    spec = PolicySpec(
        cameras=(
            CameraSpec(name="wrist", height=48, width=64),
            CameraSpec(name="front", height=24, width=32),
        ),
        readout=readout,
        proprio=("q",),
        proprio_statistics=Normalisation(mean=(0.0,), std=(1.0,)),
        action=ActionSpec(kind="joint-delta", names=("q",)),
        rate_hz=10,
    )
    checks = picture_checks(spec)
    checks["wrist"].check(frame(0), 100.01)
    assert reason(checks["front"], frame(0))[0] == Reason.PICTURE
    simulated = picture_checks(spec, simulated=True)["wrist"]
    for number in range(10):
        simulated.check(frame(number, rgb=scene(0)), 100 + number * PERIOD + 0.01)
