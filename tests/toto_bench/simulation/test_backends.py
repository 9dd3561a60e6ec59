"""What renders here is found out without harm to the process or its environment."""

import os

import pytest

from toto_bench.progress import Silent
from toto_bench.simulation import backends
from toto_bench.simulation.backends import PACKAGES, choose_backend
from toto_bench.simulation.errors import BackendNameError, RenderingError


class Listener(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch):
    """Make exactly these OpenGL backends work."""

    def work(*names: str) -> None:
        monkeypatch.setattr(backends, "probe", lambda name: None if name in names else "it is not there")
        monkeypatch.setattr(backends, "bound_backend", lambda: None)

    return work


def test_the_first_that_works_is_chosen(only) -> None:
    only("egl", "osmesa")
    assert choose_backend() == "egl"
    only("osmesa")
    assert choose_backend() == "osmesa"


def test_only_rays_left_is_said(only) -> None:
    only()
    listener = Listener()
    assert choose_backend("auto", listener) == "ray"
    (said,) = listener.said
    assert PACKAGES["egl"] in said and PACKAGES["osmesa"] in said


def test_without_a_listener_it_is_a_warning_said_once(only, recwarn: pytest.WarningsRecorder) -> None:
    only()
    backends._say_once.cache_clear()
    assert [choose_backend(), choose_backend()] == ["ray", "ray"]
    assert len(recwarn) == 1


@pytest.mark.parametrize("name", ["egl", "osmesa"])
def test_one_asked_for_by_name_must_work(only, name: str) -> None:
    only()
    with pytest.raises(RenderingError, match=PACKAGES[name]) as caught:
        choose_backend(name)
    assert "it is not there" in str(caught.value)


def test_rays_need_nothing(only) -> None:
    only()
    assert choose_backend("ray") == "ray"


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(BackendNameError, match="`vulkan`"):
        choose_backend("vulkan")


def test_a_process_that_is_bound_to_another_platform_takes_what_it_can(
    only, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyOpenGL cannot change its platform, so EGL is of no use to a process that uses OSMesa."""
    only("egl", "osmesa")
    monkeypatch.setattr(backends, "bound_backend", lambda: "osmesa")
    assert choose_backend() == "osmesa"
    monkeypatch.setattr(backends, "bound_backend", lambda: "GLXPlatform")
    assert choose_backend("auto", Silent()) == "ray"


def test_a_probe_survives_a_driver_that_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "_PROBE", "import os; os.abort()")
    backends.probe.cache_clear()
    try:
        assert "status" in (backends.probe("egl") or "")
    finally:
        backends.probe.cache_clear()


def test_a_probe_leaves_the_environment_alone() -> None:
    before = dict(os.environ)
    choose_backend("auto", Silent())
    assert dict(os.environ) == before
