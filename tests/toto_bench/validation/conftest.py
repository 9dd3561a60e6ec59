"""A plug-in that is right in every way, so that a test breaks one thing in it."""

import copy
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.validation import Subject, validate

EYES = """
import torch
from torch import nn
from toto_bench.backbones.base import Backbone, BackboneInfo, LayerInfo

class Eye(Backbone):
    def __init__(self, info):
        super().__init__()
        self.linear = nn.Linear(300, 1000)
        self.info = info

    def prepare(self, video):
        return video

    def forward_layers(self, inputs, layers, *, norm="last"):
        raise NotImplementedError

def build(card, *, seed, image_size=None):
    assert torch.empty(1).device.type == "meta", "validation takes no memory"
    layers = (LayerInfo(4, 8, 1), LayerInfo(4, 8, 1))
    return Eye(BackboneInfo(card.name, layers, 2, "eye", f"random:{seed}", native_size=32, parameters=301000))

def fails(card, *, seed, image_size=None):
    raise ValueError("the owl is asleep")

def stub(card, *, seed, image_size=None):
    raise NotImplementedError

def other(card, *, seed, image_size=None):
    return "an owl"

def bare(card, *, seed, image_size=None):
    eye = Eye(None)
    return eye

def narrow(card):
    return build(card, seed=0)
"""

HOOTS = """
from pydantic import Field
from toto_bench.errors import DataError, RequestError
from toto_bench.tasks.base import DataReport, ProtocolModel, Task

class HootProtocol(ProtocolModel):
    count: int = Field(ge=1)
    owls: str

class Hoot(Task):
    protocol = HootProtocol

    def check(self, data, protocol, *, thorough=False):
        if not (data / "owl.txt").is_file():
            raise DataError("there is no owl.txt")
        found = (data / "owl.txt").read_text()
        problems = {"owl": "asleep"} if found == "asleep" else {}
        return DataReport(data, "sample", "owls", {}, ("owl",), problems, (), "f")

    def evaluate(self, backbone, data, protocol, context):
        raise NotImplementedError

    def write_sample(self, folder):
        (folder / "owl.txt").write_text("hoot")

class Silent(Hoot):
    def write_sample(self, folder):
        raise RequestError("none")

class Empty(Hoot):
    def write_sample(self, folder):
        pass

class Crash(Hoot):
    def write_sample(self, folder):
        raise ZeroDivisionError("owls")

class Garbled(Hoot):
    def write_sample(self, folder):
        (folder / "eagle.txt").write_text("hoot")

class Asleep(Hoot):
    def write_sample(self, folder):
        (folder / "owl.txt").write_text("asleep")

class Dumb(Task):
    def check(self, data, protocol, *, thorough=False):
        raise NotImplementedError

    def evaluate(self, backbone, data, protocol, context):
        raise NotImplementedError

class Unfinished(Task):
    protocol = HootProtocol

class NoTask:
    pass
"""

FAMILY = {
    "family": "eye",
    "entry": "PACKAGE.eyes:build",
    "summary": "Sees.",
    "paper": "none",
    "architecture": {"model": "eye", "layers": 2, "image_size": 32, "parameters_m": 0.3},
    "weights": {"url": "https://example.org/owl-eye.pth", "licence": "MIT", "megabytes": 1.2},
    "pretraining": {"data": ["imagenet-1k"], "method": "staring"},
    "variants": {"owl-eye": {"title": "Owl's eye"}},
}

TASK = {
    "name": "hoot",
    "title": "Hoot",
    "version": 1,
    "entry": "PACKAGE.hoots:Hoot",
    "summary": "Counts hoots.",
    "paper": "none",
    "primary": "heard",
    "unit": "owls",
    "metrics": [{"name": "heard", "title": "Heard", "description": "Share of hoots."}],
    "data": {
        "name": "Owls",
        "url": "https://example.org/owls",
        "licence": "MIT",
        "size": "small",
        "layout": "owl.txt",
        "how_to_get": "Listen.",
    },
    "protocol": {"count": {"value": 3, "source": "ours"}, "owls": {"value": "all", "source": "ours"}},
    "presets": {
        "paper": {"description": "All.", "source": "ours"},
        "sample": {"description": "One.", "source": "ours", "values": {"count": 1}},
    },
}


class Plugin:
    """A folder of plug-ins under TOTO_BENCH_PATH, with a name that no other test has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tasks").mkdir(parents=True)
        (folder / "backbones").mkdir()
        (folder / "eyes.py").write_text(EYES)
        (folder / "hoots.py").write_text(HOOTS)

    def family(self, changes: dict[str, Any] | None = None, file: str = "eye") -> Path:
        """Write the family's card; `changes` by dotted key, None takes a key away."""
        return self._write(FAMILY, changes or {}, self.folder / "backbones" / f"{file}.toml")

    def task(self, changes: dict[str, Any] | None = None, file: str = "hoot") -> Path:
        """Write the task's card."""
        return self._write(TASK, changes or {}, self.folder / "tasks" / f"{file}.toml")

    def _write(self, content: dict[str, Any], changes: dict[str, Any], path: Path) -> Path:
        content = copy.deepcopy(content)
        for key, value in changes.items():
            *tables, last = key.split("/")
            table = content
            for name in tables:
                table = table.setdefault(name, {})
            table.pop(last, None)
            if value is not None:
                table[last] = value
        lines = [f"{key} = {_toml(value)}" for key, value in content.items()]
        path.write_text("\n".join(lines).replace("PACKAGE", self.folder.name) + "\n")
        return path


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    """An empty plug-in whose code is there."""
    folder = tmp_path / f"owls_{uuid.uuid4().hex}"
    monkeypatch.setenv("TOTO_BENCH_PATH", str(folder))
    return Plugin(folder)


@pytest.fixture
def found() -> Callable[..., tuple[list[str], list[str]]]:
    """Checks what is named; problems and notes of everything that was looked at."""

    def check(*words: str, build: bool = False) -> tuple[list[str], list[str]]:
        subjects: list[Subject] = validate(words, build=build)
        return (
            [finding.text for subject in subjects for finding in subject.problems],
            [finding.text for subject in subjects for finding in subject.notes],
        )

    return check
