"""What goes wrong in the code of a plug-in is said to be the plug-in's, with its file and line."""

import os
from pathlib import Path

import pytest

from toto_bench.cards import CardError
from toto_bench.cards.code import calling, failed_in_plugin
from toto_bench.cli import invoke
from toto_bench.errors import DataError

CARD = """
family = "owl"
entry = "{package}.eyes:{entry}"
summary = "Sees."
paper = "none"
[architecture]
model = "owl"
layers = 1
[variants.owl]
title = "Owl"
"""
CODE = """
from torch import nn

from toto_bench.backbones.base import BackboneInfo, LayerInfo
from toto_bench.backbones.pixels import Pixels


class Eyes(Pixels):
    def __init__(self, name):
        super().__init__(name, 16, None)


class Blind(Pixels):
    def forward_layers(self, inputs, layers, *, norm="last"):
        return self.retina(inputs)


def bare(card, *, seed, image_size=None):
    return nn.Identity()


def divides(card, *, seed, image_size=None):
    return 1 / 0


def blind(card, *, seed, image_size=None):
    return Blind(card.name, 16, None)
"""


def write_owl(folder: Path, entry: str) -> Path:
    """A plug-in of one backbone whose entry is one of those above."""
    (folder / "backbones").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "eyes.py").write_text(CODE)
    (folder / "backbones" / "owl.toml").write_text(CARD.format(package=folder.name, entry=entry))
    return folder


@pytest.mark.parametrize(
    ("entry", "status", "said"),
    [
        ("Eyes", 2, "failed: TypeError: Eyes.__init__() got an unexpected keyword argument 'seed'"),
        ("bare", 2, "returned a Identity, not a `Backbone`"),
        ("divides", 2, "eyes.py, line 23"),
        ("blind", 1, "The code of a plug-in failed ("),
        ("absent", 2, "has no attribute 'absent'"),
    ],
)
def test_wrong_code_is_named(
    entry: str,
    status: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One paragraph: the entry, what it raised, the place; never a call to report a bug of ours."""
    monkeypatch.chdir(tmp_path)
    folder = write_owl(tmp_path / f"owls_{entry.lower()}", entry)
    command = ["run", "--task", "davis", "--backbone", "owl", "--data", "sample", "--plugin-dir", str(folder)]
    assert invoke(command) == status
    err = capsys.readouterr().err
    assert said in err
    assert "not foreseen" not in err
    assert "Traceback" not in err


def test_our_own_errors_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of ours that fails is a bug of ours, and an error meant for users passes."""
    with pytest.raises(ZeroDivisionError), calling("toto_bench.tasks.davis:Davis", "the task `davis`"):
        1 / 0  # noqa: B018
    with pytest.raises(DataError, match="torn"), calling("owls.eyes:build", "the backbone `owl`"):
        raise DataError("torn")
    with pytest.raises(CardError, match="KeyError"), calling("owls.eyes:build", "the backbone `owl`"):
        raise KeyError("retina")
    monkeypatch.setenv("TOTO_BENCH_PATH", os.fspath(write_owl(tmp_path / "owls_uninvolved", "blind")))
    assert failed_in_plugin(ValueError("elsewhere")) is None
