"""run, score, data check, list, show and cache, from words to exit code."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.cards import backbone_cards, task_cards
from toto_bench.cli import invoke
from toto_bench.cli.run import _layer_value

FAST = ["--set", "resolution=64", "--set", "resize=square", "--set", "context_frames=2", "--set", "radius=4"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths of the command line mean this folder."""
    monkeypatch.chdir(tmp_path)


def run_davis(*more: str) -> int:
    """`toto-bench run` on a small data set."""
    return invoke(["run", "--task", "davis", "--backbone", "pixels", "--data", "DAVIS", *FAST, *more])


def test_run_prints_a_table_and_where_things_are(make_davis: Callable[..., Path], capsys) -> None:
    """The second time says that it was finished before."""
    make_davis()
    assert run_davis() == 0
    out = capsys.readouterr().out
    for words in ("J&F", "Coverage 2 of 2", "Run ", "Contact sheet", "Overlays"):
        assert words in out
    assert run_davis() == 0
    assert "finished before" in capsys.readouterr().err


def test_run_json_is_what_the_design_says(make_davis: Callable[..., Path], capsys) -> None:
    """One document on stdout, nothing else; progress on stderr."""
    make_davis()
    assert run_davis("--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"metrics", "items", "coverage", "run"}
    assert set(document["metrics"]["j_and_f"]) == {"value", "low", "high", "n"}
    assert 0 <= document["metrics"]["j_and_f"]["value"] <= 1
    assert document["metrics"]["j_and_f"]["low"] is None
    assert document["coverage"] == {"scored": 2, "listed": 2}
    assert (Path("runs") / document["run"] / "record.json").is_file()


def test_several_backbones_and_seeds_are_a_product(make_davis: Callable[..., Path], capsys) -> None:
    """Weights that are missing for one of them are said before any of them runs."""
    make_davis()
    assert run_davis("--backbone", "pixels-8", "--seed", "0", "--seed", "1", "--json") == 0
    runs = {document["run"] for document in json.loads(capsys.readouterr().out)}
    assert len(runs) == 4
    assert run_davis("--backbone", "dino-s16", "--backbone", "mae-b16", "--seed", "7") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "dino_deitsmall16_pretrain.pth" in captured.err
    assert captured.err.count("mae_pretrain_vit_base.pth") >= 1
    assert len(list(Path("runs").iterdir())) == 4


def test_one_that_fails_does_not_stop_the_others(make_davis: Callable[..., Path], capsys) -> None:
    """A file of weights that fits only one of two backbones: the exit code tells."""
    make_davis()
    torch.save(load_backbone("timm:test_vit", random_init=True).checkpointed().state_dict(), "tiny.pth")
    command = ["run", "--task", "davis", "--data", "DAVIS", *FAST, "--checkpoint", "tiny.pth"]
    assert invoke([*command, "--backbone", "timm:test_vit2", "--backbone", "timm:test_vit"]) == 1
    captured = capsys.readouterr()
    assert "J&F" in captured.out
    assert "does not fit the model" in captured.err


def test_a_wrong_name_among_several_stops_before_any_work(make_davis: Callable[..., Path], capsys) -> None:
    """A typo in the last backbone is not found out after hours."""
    make_davis()
    assert run_davis("--backbone", "pixxels") == 2
    assert "Did you mean `pixels`" in capsys.readouterr().err
    assert not Path("runs").exists()


def test_limit_is_said_and_kept_out(make_davis: Callable[..., Path], capsys) -> None:
    """A limited run enters no leaderboard."""
    make_davis(sequences=3)
    assert run_davis("--limit", "1") == 0
    assert "it enters no leaderboard" in capsys.readouterr().out
    assert invoke(["leaderboard", "--task", "davis"]) == 0
    assert "pixels" not in capsys.readouterr().out


def test_layer_option(make_davis: Callable[..., Path], capsys) -> None:
    """`--layer 1` and `--layer all` are protocol values; a layer that is not there is refused."""
    make_davis()
    assert run_davis("--layer", "1") == 0
    assert run_davis("--layer", "all") == 0
    assert run_davis("--layer", "9") == 2
    assert run_davis("--layer", "middle") == 2
    err = capsys.readouterr().err
    assert "has layers 1 to 1" in err
    assert "`layer` = 'middle'" in err


@pytest.mark.parametrize(
    ("task", "layer", "values"),
    [
        ("davis", "4", {"layer": 4}),
        ("imagenet", "4", {"layers": 4}),
        ("kinetics400", "last", {"layers": "last"}),
        ("imagenet", None, {}),
    ],
)
def test_layer_is_what_the_task_calls_it(task: str, layer: str | None, values: dict[str, object]) -> None:
    assert _layer_value(task, layer) == values


def test_score_and_run_cannot_disagree(make_davis: Callable[..., Path], capsys) -> None:
    """Scoring the files that a run wrote gives its numbers, and no run."""
    make_davis()
    assert run_davis("--json") == 0
    ran = json.loads(capsys.readouterr().out)
    predictions = Path("runs") / ran["run"] / "predictions" / "layer-01"
    assert invoke(["score", "davis", str(predictions), "--data", "DAVIS", "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert scored["metrics"] == ran["metrics"]
    assert scored["run"] is None
    assert len(scored["items"]) == len(ran["items"])
    assert invoke(["score", "davis", str(predictions), "--data", "DAVIS"]) == 0
    out = capsys.readouterr().out
    assert "J&F" in out
    assert "seq-b" in out, "a row per item"


def test_data_check_exits_with_1_on_problems(make_davis: Callable[..., Path], capsys) -> None:
    """Counts and fingerprint when good; the file when not."""
    root = make_davis()
    assert invoke(["data", "check", "davis", "--data", "DAVIS"]) == 0
    out = capsys.readouterr().out
    assert "Fingerprint" in out
    assert "2 of 2 listed items" in out
    frame = root / "JPEGImages/480p/seq-a/00001.jpg"
    frame.write_bytes(frame.read_bytes()[:300])
    assert invoke(["data", "check", "davis", "--data", "DAVIS", "--json"]) == 1
    assert "00001.jpg" in json.loads(capsys.readouterr().out)["problems"]["seq-a"]


def test_list_shows_every_card_with_its_status(capsys) -> None:
    """Ready, weights missing."""
    assert invoke(["list"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in (*task_cards(), *backbone_cards()))
    assert invoke(["list", "backbones", "--json"]) == 0
    status = {row["name"]: row["status"] for row in json.loads(capsys.readouterr().out)["backbones"]}
    assert status["pixels"] == "ready"
    assert status["toto-large"] == "weights missing: none are public"
    assert status["mae-b16"].startswith("weights missing: https://")


@pytest.mark.parametrize("name", list(task_cards()))
def test_show_task(name: str, capsys) -> None:
    """Every protocol value stands there with its source."""
    assert invoke(["show", "task", name]) == 0
    out = capsys.readouterr().out
    for value, entry in task_cards()[name].protocol.items():
        assert value in out
        assert entry.source in out


@pytest.mark.parametrize("name", list(backbone_cards()))
def test_show_backbone(name: str, capsys) -> None:
    """Licence and source of the weights stand there."""
    assert invoke(["show", "backbone", name]) == 0
    out = capsys.readouterr().out
    card = backbone_cards()[name]
    assert card.summary in out
    assert card.weights is None or card.weights.licence in out


def test_cache(make_davis: Callable[..., Path], capsys) -> None:
    """Features are kept on request, counted, and removed."""
    make_davis()
    assert run_davis("--cache-features") == 0
    assert invoke(["cache", "show"]) == 0
    assert "10 tensors" in capsys.readouterr().out
    assert invoke(["cache", "clear", "--yes"]) == 0
    assert "10 tensors removed" in capsys.readouterr().out


def test_the_cache_of_token_ids(home: Path, capsys) -> None:
    """Ids of pre-training are counted, and removed with the rest."""
    shard = home / "cache/shards/abc/part-000000.npy"
    shard.parent.mkdir(parents=True)
    shard.write_bytes(b"x" * 1_500_000)
    assert invoke(["cache", "show"]) == 0
    assert "1 data sets, 1.5 MB" in capsys.readouterr().out
    assert invoke(["cache", "clear", "--yes"]) == 0
    assert "Token ids of 1 data sets" in capsys.readouterr().out
    assert not shard.exists()


@pytest.mark.parametrize("seed", ["-1", "99999999999999999999999", "one"])
def test_a_seed_that_no_library_takes_is_refused_first(seed: str, capsys) -> None:
    """Not after hours, as an error that nobody foresaw."""
    assert invoke(["run", "--task", "davis", "--backbone", "pixels", "--data", "sample", "--seed", seed]) == 2
    assert "--seed" in capsys.readouterr().err
    assert not Path("runs").exists()
