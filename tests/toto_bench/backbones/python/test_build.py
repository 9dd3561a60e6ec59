"""`python:MODULE:FUNCTION`: its weights are named by what they are."""

from pathlib import Path

import pytest
import torch
from torch import nn

from toto_bench.backbones.load import load_backbone


def test_random_init_names_the_weights_that_it_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function may load a file whatever it is told: another file gives another identity, and still a floor."""
    (tmp_path / "loads_a_file.py").write_text(
        "import torch\n"
        "from torch import nn\n"
        "def make():\n"
        "    conv = nn.Conv2d(3, 4, 16, 16)\n"
        "    conv.load_state_dict(torch.load('conv.pth', weights_only=True))\n"
        "    return conv\n"
        "def untrained():\n"
        "    return nn.Conv2d(3, 4, 16, 16)\n"
    )
    monkeypatch.chdir(tmp_path)
    found = []
    for _ in range(2):
        torch.save(nn.Conv2d(3, 4, 16, 16).state_dict(), "conv.pth")
        found.append(load_backbone("python:loads_a_file:make", random_init=True).info)
    assert found[0].weights != found[1].weights
    assert {(info.checkpoint, info.floor) for info in found} == {("random", True)}
    name = "python:loads_a_file:untrained"
    zero, again, one = (load_backbone(name, random_init=True, seed=seed).info.weights for seed in (0, 0, 1))
    assert zero == again != one
