"""From `toto-bench run --download` to a record: a card of a plug-in whose weights lie on a server."""

import json
from pathlib import Path

import pytest
from safetensors.torch import save

from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.weights import state_hash
from toto_bench.cli import invoke

CARD = """
family = "eyes"
entry = "toto_bench.backbones.timm:build"
summary = "A small eye."
paper = "none"

[architecture]
model = "vit_tiny_patch16_224"
arguments = {{ depth = 1, embed_dim = 24, num_heads = 2 }}
image_size = 224
layers = 1
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]

[weights]
url = "{url}"
licence = "CC-BY-NC 4.0"
dialect = "same"

[pretraining]
data = ["eyes"]
method = "none"

[variants.eye]
title = "Eye"
"""
RUN = [
    "run",
    "--task",
    "davis",
    "--backbone",
    "eye",
    "--data",
    "sample",
    "--limit",
    "1",
    "--set",
    "resolution=64",
]


@pytest.fixture
def hashed(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The plug-in is known and the server has its weights; their hash."""
    folder = tmp_path / "plugin" / "backbones"
    folder.mkdir(parents=True)
    (folder / "eyes.toml").write_text(CARD.format(url=server.url))
    monkeypatch.setenv("TOTO_BENCH_PATH", str(folder.parent))
    monkeypatch.chdir(tmp_path)
    model = load_backbone("eye", random_init=True, seed=7).checkpointed()
    server.content = save(model.state_dict())
    return state_hash(model)


def test_without_the_option_nothing_is_fetched(server, hashed, capsys):
    """The refusal names the option."""
    assert invoke(RUN) == 2
    assert "let `--download` fetch them" in capsys.readouterr().err
    assert server.asked == []


def test_with_the_option_the_card_runs(server, hashed, target, capsys):
    """Licence first; the record says that these are the card's weights, and which."""
    assert invoke([*RUN, "--download"]) == 0, capsys.readouterr().err
    assert "Licence: CC-BY-NC 4.0" in capsys.readouterr().err
    assert target.is_file()
    [path] = Path("runs").glob("*/record.json")
    backbone = json.loads(path.read_text())["backbone"]
    assert (backbone["checkpoint"], backbone["weights"]) == ("card", hashed)
    assert invoke(RUN) == 0, "the weights are here now"
    assert len(server.asked) == 1


def test_a_damaged_file_names_the_way_to_fetch_it_again(server, hashed, target, capsys):
    """It is there, so `--download` alone fetches nothing; the way that the error names works."""
    target.parent.mkdir()
    target.write_bytes(server.content[:-100])
    assert invoke([*RUN, "--download"]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.endswith(f"Remove `{target}`; then `--download` fetches it again.")
    assert "damaged or cut short" in last
    target.unlink()
    assert invoke([*RUN, "--download"]) == 0, capsys.readouterr().err


def test_missing_data_is_said_before_the_download(server, hashed, tmp_path, capsys):
    """Weights that `--download` will fetch are no problem, data that is not there is."""
    assert invoke([*RUN, "--download", "--data", str(tmp_path / "nowhere")]) == 2
    error = capsys.readouterr().err
    assert "nowhere" in error
    assert "Two things" not in error
    assert server.asked == []


def test_a_checkpoint_that_is_not_there_is_not_replaced_by_a_download(server, hashed, capsys):
    """The user meant another file."""
    assert invoke([*RUN, "--download", "--checkpoint", "mine.pth"]) == 2
    assert "mine.pth" in capsys.readouterr().err
    assert server.asked == []


def test_a_failed_download_is_one_paragraph(server, hashed, capsys):
    """And the exit code of a failed run."""
    server.status = 404
    assert invoke([*RUN, "--download"]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert server.url in last
    assert not Path("runs").exists()
