"""`toto_bench.run` in a notebook or a training loop: the same numbers, and nothing of the training is touched."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import toto_bench
from toto_bench.cards import UnknownNameError
from toto_bench.cli import invoke
from toto_bench.errors import RequestError
from toto_bench.results.folder import read_record


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs lie in ./runs."""
    monkeypatch.chdir(tmp_path)


def small_network() -> nn.Sequential:
    """Two convolutions with dropout and a running mean between them."""
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(3, 8, 8, 8), nn.BatchNorm2d(8), nn.Dropout(0.5), nn.Conv2d(8, 12, 1))


def test_importing_the_package_costs_nothing() -> None:
    """Neither torch nor numpy, and yet all names are there."""
    code = (
        "import sys, toto_bench\n"
        "assert not {'torch', 'numpy', 'pandas', 'pydantic'} & set(sys.modules)\n"
        "assert {'run', 'load_backbone', 'load_task', 'as_backbone'} <= set(dir(toto_bench))\n"
        "toto_bench.run"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'walk'"):
        _ = toto_bench.walk


def test_a_name_gives_what_the_command_line_gives(capsys: pytest.CaptureFixture[str]) -> None:
    """One identity, so the second returns the first one's run."""
    result = toto_bench.run("davis", "pixels", data="sample")
    assert not result.reused
    assert result.value() == result.value("j_and_f") == result.record.metrics["j_and_f"].value
    assert {row["sequence"] for row in result.items()}
    with pytest.raises(UnknownNameError, match="Did you mean `j_and_f`"):
        result.value("j_and_g")
    assert invoke(["run", "--task", "davis", "--backbone", "pixels", "--data", "sample"]) == 0
    assert "finished before" in capsys.readouterr().err


def test_a_training_loop_evaluates_every_few_steps() -> None:
    """Each state of the weights is a run of its own; the same state is found again."""
    network = small_network()
    backbone = toto_bench.as_backbone(network, name="ours", layers=("0", "3"), image_size=64)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.5)
    network.train()
    results = []
    for _ in range(2):
        network(torch.rand(2, 3, 64, 64)).square().mean().backward()
        optimiser.step()
        optimiser.zero_grad()
        results.append(toto_bench.run("davis", backbone, data="sample", layer=2))
    again = toto_bench.run("davis", backbone, data="sample", layer=2)
    first, second = (result.record for result in results)
    assert first.backbone.weights != second.backbone.weights
    assert again.reused
    assert again.record == second
    assert (second.backbone.name, second.backbone.checkpoint, second.backbone.floor) == (
        "ours",
        "code",
        False,
    )
    assert network.training
    assert network[2].training


def test_training_goes_on_as_if_nothing_had_happened() -> None:
    """Random numbers, modes, running means and gradients are as without the evaluation."""

    def train(*, evaluate: bool) -> dict[str, torch.Tensor]:
        network = small_network()
        network[1].eval()  # a part that the user has frozen
        optimiser = torch.optim.Adam(network.parameters())
        torch.manual_seed(11)
        for _ in range(2):
            network(torch.rand(2, 3, 64, 64)).square().mean().backward()
            if evaluate:
                toto_bench.run("davis", network, data="sample", name="ours", again=True)
            optimiser.step()
        assert not network[1].training
        assert network[0].training
        return network.state_dict()

    with_it, without = train(evaluate=True), train(evaluate=False)
    assert all(torch.equal(with_it[key], without[key]) for key in without)


def test_a_loaded_backbone_that_was_trained_is_no_longer_its_card() -> None:
    """Neither the floor of its untrained state, nor the name of the card's weights."""
    backbone = toto_bench.load_backbone("timm:test_vit", random_init=True)
    untrained = toto_bench.run("davis", backbone, data="sample", limit=1).record.backbone
    assert (untrained.floor, untrained.weights) == (True, "random:0")
    with torch.no_grad():
        next(backbone.parameters()).add_(0.1)
    trained = toto_bench.run("davis", backbone, data="sample", limit=1).record.backbone
    assert (trained.floor, trained.checkpoint) == (False, "code")
    assert trained.weights.startswith("sha256:")


def test_a_function_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`python:MODULE:FUNCTION` from the working folder; its weights count, and its seed where there are none."""
    (tmp_path / "made_here.py").write_text(
        "import torch\n"
        "from torch import nn\n"
        "def make():\n"
        "    return nn.Conv2d(3, 8, 16, 16)\n"
        "def fail():\n"
        "    raise ValueError('no such file')\n"
        "def number():\n"
        "    return 5\n"
    )
    command = ["run", "--task", "davis", "--data", "sample", "--limit", "1", "--backbone"]
    assert invoke([*command, "python:made_here:make"]) == 0
    assert invoke([*command, "python:made_here:make", "--random-init", "--seed", "4"]) == 0
    records = [read_record(path / "record.json") for path in Path("runs").iterdir()]
    found = {(record.backbone.checkpoint, record.backbone.floor) for record in records}
    assert found == {("code", False), ("random", True)}
    module = torch.nn.Conv2d(3, 8, 16, 16)
    torch.save(module.state_dict(), "conv.pth")
    assert invoke([*command, "python:made_here:make", "--checkpoint", "conv.pth"]) == 0
    capsys.readouterr()
    for function, problem in {
        "fail": "failed with ValueError: no such file",
        "number": "returned a int",
        "absent": "has no attribute 'absent'",
    }.items():
        assert invoke([*command, f"python:made_here:{function}"]) == 2
        assert problem in capsys.readouterr().err
    assert invoke([*command, "python:made_here"]) == 2
    assert "not of the form `python:MODULE:FUNCTION`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"name": "pixels"}, "is a card"),
        ({"name": "ours", "random_init": True}, "has its weights"),
        ({"name": "ours", "layer": 7}, "has layers 1 to 1, not 7"),
    ],
)
def test_wrong_requests_are_refused(options: dict, problem: str) -> None:
    """Before any work."""
    with pytest.raises(RequestError, match=problem):
        toto_bench.run("davis", small_network(), data="sample", **options)
    assert not Path("runs").exists()
