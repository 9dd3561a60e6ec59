"""The scenes of the four tasks, composed with MjSpec."""

from toto_bench.robots.scenes.build import CAMERA, FRONT, Scene, build

__all__ = ["CAMERA", "FRONT", "Scene", "build"]
