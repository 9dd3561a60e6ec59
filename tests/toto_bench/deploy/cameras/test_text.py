"""Cameras as a command line names them."""

from typing import Any

import pytest

from toto_bench.deploy.cameras import CaptureSettings, camera_from_text, text
from toto_bench.errors import RequestError


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []
    for kind in text.KINDS:
        monkeypatch.setitem(text.KINDS, kind, lambda *arguments, kind=kind: calls.append((kind, *arguments)))
    return calls


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("opencv:/dev/video0", ("opencv", "camera", "/dev/video0", CaptureSettings())),
        (
            "wrist=opencv:0,width=640,height=480",
            ("opencv", "wrist", "0", CaptureSettings(width=640, height=480)),
        ),
        (
            "front-1=opencv:rtsp://host:554/a?b=c,latency=0.045,fourcc=MJPG",
            ("opencv", "front-1", "rtsp://host:554/a?b=c", CaptureSettings(latency=0.045, fourcc="MJPG")),
        ),
        ("realsense", ("realsense", "camera", "any", CaptureSettings())),
        (
            "wrist=realsense:1234,exposure=120,white_balance=5900",
            ("realsense", "wrist", "1234", CaptureSettings(exposure=120.0, white_balance=5900.0)),
        ),
        ("a=opencv:0,latency=0", ("opencv", "a", "0", CaptureSettings(latency=0.0))),
    ],
)
def test_texts(made: list[Any], written: str, expected: tuple[Any, ...]) -> None:
    camera_from_text(written)
    assert made == [expected]


def test_a_camera_is_not_opened() -> None:
    assert camera_from_text("wrist=opencv:/dev/video977").name == "wrist"
    assert camera_from_text("opencv:/dev/video977", "front").name == "front"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "names no camera"),
        ("/dev/video0", "names no camera"),
        ("zed:1", "no kind of camera `zed`; there are opencv, realsense"),
        ("opencv", "does not say which camera"),
        ("opencv:", "does not say which camera"),
        ("opencv:0,colour=red", "`colour=red` is no setting of a camera; there are width, height"),
        ("opencv:0,width", "`width` is no setting"),
        ("opencv:0,width=wide", "`width` is a whole number above zero, not `wide`"),
        ("opencv:0,width=0", "whole number above zero"),
        ("opencv:0,latency=nan", "`latency` is a number"),
        ("opencv:0,latency=inf", "`latency` is a number"),
        ("opencv:0,exposure=-3", "`exposure` is a number above zero"),
        ("opencv:0,fourcc=MJPEG", "four letters"),
    ],
)
def test_wrong_texts(written: str, said: str) -> None:
    with pytest.raises(RequestError) as caught:
        camera_from_text(written)
    assert said in str(caught.value)
