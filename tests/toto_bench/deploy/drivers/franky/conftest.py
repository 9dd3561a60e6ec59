import sys

import pytest

from tests.toto_bench.deploy.drivers.franky.fake import World, module
from toto_bench.deploy.drivers.franky import FrankyDriver


@pytest.fixture
def world(monkeypatch):
    """A fake robot, which `import franky` leads to."""
    world = World()
    monkeypatch.setitem(sys.modules, "franky", module(world))
    monkeypatch.setattr("importlib.metadata.version", lambda name: "2.0.0")
    return world


@pytest.fixture
def driver(world):
    """Connected to it."""
    driver = FrankyDriver("127.0.0.1", simulated=True)
    driver.connect()
    yield driver
    driver.close()
