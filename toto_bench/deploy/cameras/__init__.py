"""Cameras of a real scene."""

from toto_bench.deploy.cameras.base import Camera, CameraFault, Frame
from toto_bench.deploy.cameras.check import PictureCheck, PictureSettings, picture_checks
from toto_bench.deploy.cameras.settings import CaptureSettings
from toto_bench.deploy.cameras.text import camera_from_text

__all__ = [
    "Camera",
    "CameraFault",
    "CaptureSettings",
    "Frame",
    "PictureCheck",
    "PictureSettings",
    "camera_from_text",
    "picture_checks",
]
