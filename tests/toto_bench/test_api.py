"""`toto_bench.run` in a notebook or a training loop: the same numbers, and nothing of the training is touched."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from torch import nn

import toto_bench
from toto_bench.cards import UnknownNameError
from toto_bench.cli import invoke
from toto_bench.errors import RequestError
from toto_bench.results.folder import read_record
from toto_bench.runner.request import RunRequest


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


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"limit": 0}, "`limit` = 0: give a whole number from 1"),
        ({"batch_size": 0}, "`batch_size` = 0: give a whole number from 1"),
        ({"workers": -1}, "`workers` = -1: give a whole number from 0"),
        ({"seed": 1.5}, "`seed` = 1.5: give a whole number from 0"),
        ({"seed": -1}, "`seed` = -1: give a whole number from 0"),
        ({"dtype": "bf"}, "`dtype` = 'bf'"),
        ({"backbone": 3}, "`backbone` is a int: give a name"),
        ({"name": "ours"}, "`pixels` has a name"),
        ({"backbone": nn.ModuleList([nn.Linear(2, 2, device=d) for d in ("meta", "cpu")])}, r"\(cpu, meta\)"),
    ],
)
def test_values_that_no_run_takes_are_refused(options: dict, problem: str) -> None:
    """For a name as for a module."""
    with pytest.raises(RequestError, match=problem):
        toto_bench.run(**({"task": "davis", "backbone": "pixels", "data": "sample"} | options))
    assert not Path("runs").exists()


class WithTable(nn.Module):
    """Keeps its positions from one forward to the next, for each size."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, 8)
        self.table: torch.Tensor | None = None

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found = self.patches(images)
        if self.table is None or self.table.shape != found.shape[-2:]:
            self.table = torch.linspace(0, 1, found.shape[-2:].numel()).reshape(found.shape[-2:])
        return found * self.table


def test_what_a_forward_keeps_can_be_trained_with() -> None:
    """Tensors that the evaluation made are ordinary ones; that they are there is no other backbone."""
    network = WithTable()
    backbone = toto_bench.as_backbone(network, name="ours", image_size=64)
    network(torch.rand(1, 3, 64, 64)).sum().backward()  # with the table of the zeros
    network(torch.rand(1, 3, 40, 40))
    assert not toto_bench.run("davis", backbone, data="sample", limit=1).reused
    assert network.table is not None
    network(torch.rand(1, 3, *(8 * side for side in network.table.shape))).sum().backward()
    assert toto_bench.run("davis", backbone, data="sample", limit=1).reused


@pytest.mark.parametrize("change", ["buffer", "setting"])
def test_what_weights_do_not_tell_makes_another_run(change: str) -> None:
    """A module in memory, and a `Backbone` made of it before, are what they are at this moment."""
    network = nn.Conv2d(3, 8, 8, 8)
    network.register_buffer("scale", torch.ones(1), persistent=False)
    backbone = toto_bench.as_backbone(network, name="ours", image_size=64)
    before = toto_bench.run("davis", backbone, data="sample", limit=1)
    if change == "buffer":
        network.scale.fill_(2)
    else:
        network.more = {"scale": torch.relu}
    for model in (backbone, toto_bench.as_backbone(network, name="ours", image_size=64)):
        after = toto_bench.run("davis", model, data="sample", limit=1)
        assert after.record.id != before.record.id
        assert after.record.backbone.weights == before.record.backbone.weights
    assert after.reused


def test_the_name_of_a_backbone_is_lent_only() -> None:
    """Also when the run is refused."""
    backbone = toto_bench.as_backbone(small_network(), name="one", image_size=64)
    before = backbone.info
    assert toto_bench.run("davis", backbone, data="sample", limit=1, name="two").record.backbone.name == "two"
    assert backbone.info is before
    with pytest.raises(RequestError, match="is a card"):
        toto_bench.run("davis", backbone, data="sample", name="pixels")
    assert backbone.info is before


def test_one_process_of_several_may_work_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under torchrun the others are not waited for, unless that is asked for."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    record = toto_bench.run("davis", "pixels", data="sample", limit=1).record
    assert record.environment.world_size == 1
    assert not torch.distributed.is_initialized()
    asked = []
    monkeypatch.setattr("toto_bench.runner.execute.join_processes", lambda: asked.append(1) or (0, 1))
    toto_bench.run("davis", "pixels", data="sample", limit=1, distributed=True)
    assert asked == [1]


class Moving(nn.Conv2d):
    """Says where it is brought, and stays."""

    def __init__(self) -> None:
        super().__init__(3, 8, 8, 8)
        self.places: list[str] = []

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> nn.Module:
        self.places.append(fn(torch.zeros(1)).device.type)
        return self


@pytest.mark.parametrize("fails", [True, False])
def test_a_module_comes_back_to_its_device(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the run on another one ends well or not."""

    def elsewhere(request: RunRequest, progress: object) -> str:
        request.model.to(request.device)
        if fails:
            raise RequestError("no memory")
        return "done"

    monkeypatch.setattr("toto_bench.api.run_request", elsewhere)
    network = Moving().train()
    with pytest.raises(RequestError, match="no memory") if fails else nullcontext():
        assert toto_bench.run("davis", network, name="ours", device="meta") == "done"
    assert network.places == ["meta", "cpu"]
    assert network.training


@pytest.mark.parametrize("backbone", ["pixels", "timm:test_vit", nn.Sequential(nn.Conv2d(3, 8, 8, 8))])
def test_random_numbers_go_on_as_before(backbone: str | nn.Module) -> None:
    """For a name as for a module."""
    torch.manual_seed(7)
    before = torch.get_rng_state()
    untrained = {"random_init": True} if backbone == "timm:test_vit" else {}
    toto_bench.run("davis", backbone, data="sample", limit=1, **untrained)
    assert torch.equal(torch.get_rng_state(), before)
