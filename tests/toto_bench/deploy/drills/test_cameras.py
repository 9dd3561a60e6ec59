"""Drills of group 1: the camera freezes, goes away, or shows what is no picture."""

import pytest

from toto_bench.deploy.cameras.faulty import CameraFaultKind
from toto_bench.deploy.errors import Reason
from toto_bench.deploy.runner import Cause

AT = 15
"""Pictures that are still good."""


@pytest.mark.parametrize(
    ("kind", "reason", "message"),
    [
        (CameraFaultKind.FROZEN, Reason.SKEW, "and robot were read"),
        (CameraFaultKind.GONE, Cause.CAMERA, "went away"),
        (CameraFaultKind.BARE_ERROR, Cause.CAMERA, "xioctl"),
        (CameraFaultKind.SMALL, Reason.PICTURE, "8x8 pixels"),
        (CameraFaultKind.BLACK, Reason.PICTURE, "black"),
        (CameraFaultKind.FLOAT, Reason.PICTURE, "float32"),
    ],
)
def test_the_arm_stops(bench, kind: CameraFaultKind, reason: str, message: str) -> None:
    bench.connect()
    bench.spoil_camera(kind, AT)
    ending = bench.run()
    bench.expect(ending, "aborted", reason, message)
    assert "Camera `front`" in ending.message
    assert AT <= ending.steps <= AT + 3


def test_a_frozen_camera_is_seen_within_its_age(bench) -> None:
    bench.connect()
    bench.spoil_camera(CameraFaultKind.FROZEN, AT)
    bench.run()
    assert bench.ticks[-1].time - bench.ticks[AT - 1].time <= 0.4


def test_a_real_camera_that_repeats_its_bytes(make_bench) -> None:
    """V4L2 hands the same picture out again with new stamps; in a simulation that is no fault."""
    bench = make_bench(real=True)
    bench.connect()
    bench.spoil_camera(CameraFaultKind.REPEATED, AT)
    ending = bench.run()
    bench.expect(ending, "aborted", Reason.CAMERA_STALE, "the same to the last bit")


def test_the_first_picture_is_no_picture(bench) -> None:
    """Nothing was sent before it was seen."""
    bench.connect()
    bench.spoil_camera(CameraFaultKind.BLACK, 0)
    ending = bench.run()
    bench.expect(ending, "aborted", Reason.PICTURE, "black")
    assert ending.steps == 0
