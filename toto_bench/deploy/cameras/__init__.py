"""Cameras of a real scene."""

from toto_bench.deploy.cameras.base import Camera, CameraFault, Frame

__all__ = ["Camera", "CameraFault", "Frame"]
