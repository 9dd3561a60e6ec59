"""`hf:` names: repositories by their files, classes by their default configuration."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from toto_bench.backbones import load, status
from toto_bench.backbones.errors import MismatchedWeightsError, MissingWeightsError, UnreadableWeightsError
from toto_bench.backbones.hf.names import hf_card
from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.locate import find_weights
from toto_bench.backbones.names import backbone_card
from toto_bench.backbones.status import status_of
from toto_bench.errors import RequestError


@pytest.fixture
def repository(home, write_official):
    """The folder of `hf:some/model`, with a tiny VideoMAE."""
    folder = home / "weights" / "hf" / "some" / "model"
    folder.mkdir(parents=True)
    write_official(folder, "VideoMAEModel")
    return folder


def test_a_repository_describes_itself(repository):
    card = backbone_card("hf:some/model")
    assert card.name == "hf:some/model"
    assert card.architecture.model == "VideoMAEModel"
    assert card.architecture.layers == 2
    assert card.architecture.image_size == 32
    assert card.architecture.mean == (0.1, 0.2, 0.3)
    assert card.architecture.std == (0.5, 0.6, 0.7)
    assert find_weights(card).path == repository
    assert status_of(card) == "ready"


def test_a_repository_runs(repository):
    backbone = load_backbone("hf:some/model")
    assert backbone.info.weights.startswith("sha256:")
    assert not backbone.info.floor
    assert backbone.info.frames == 4
    tokens = backbone.forward_layers(backbone.prepare(torch.rand(1, 4, 3, 32, 32)), [2])[0]
    assert tokens.patches.shape == (1, 2, 2, 2, 48)


def test_beit_weights_bring_the_norm_of_their_pre_training_head(home, write_official):
    folder = home / "weights" / "hf" / "some" / "beit"
    written = write_official(folder, "BeitModel")
    backbone = load_backbone("hf:some/beit")
    assert torch.equal(backbone.model.layernorm.weight, written.layernorm.weight)


def test_imagegpt_needs_no_statistics(home, write_official):
    folder = home / "weights" / "hf" / "some" / "igpt"
    write_official(folder, "ImageGPTModel")
    backbone = load_backbone("hf:some/igpt")
    assert backbone.info.statistics is None
    assert backbone.info.native_size == 8


def test_a_name_in_an_older_version_of_a_configuration_counts(repository):
    path = repository / "config.json"
    content = json.loads(path.read_text())
    content.pop("qv_bias", None)
    path.write_text(json.dumps(content | {"qkv_bias": False}))
    assert backbone_card("hf:some/model").architecture.arguments["qv_bias"] is False


def test_a_repository_is_found_in_the_cache_of_the_hub(repository, home):
    snapshot = home / "hub" / "models--some--model" / "snapshots" / "abc"
    shutil.copytree(repository, snapshot)
    shutil.rmtree(repository)
    refs = snapshot.parents[1] / "refs"
    refs.mkdir()
    (refs / "main").write_text("abc")
    assert find_weights(backbone_card("hf:some/model")).path == snapshot
    assert load_backbone("hf:some/model").info.depth == 2


def test_a_repository_that_is_not_here_has_a_card_and_says_how_to_get_it(home):
    card = backbone_card("hf:some/model")
    assert status_of(card) == "weights missing: https://huggingface.co/some/model"
    place = home / "weights" / "hf" / "some" / "model"
    with pytest.raises(MissingWeightsError, match=f"`--download` fetch them, or put the files at `{place}`"):
        load_backbone("hf:some/model")
    with pytest.raises(MissingWeightsError, match=r"what to build stands in the config\.json"):
        load_backbone("hf:some/model", random_init=True)


def test_a_folder_that_was_passed_says_what_to_build(repository, home, tmp_path):
    """Whether the repository is here or not."""
    mine = tmp_path / "mine"
    repository.rename(mine)
    backbone = load_backbone("hf:other/model", checkpoint=mine)
    assert backbone.info.architecture.startswith("hf:VideoMAEModel ")
    assert (backbone.info.depth, backbone.info.statistics.mean) == (2, (0.1, 0.2, 0.3))
    assert (backbone.info.checkpoint, backbone.info.floor) == ("file:mine", False)


def test_a_folder_that_was_passed_counts_before_the_repositorys(repository, write_official, tmp_path):
    write_official(tmp_path, "ViTModel")
    backbone = load_backbone("hf:some/model", checkpoint=tmp_path)
    assert backbone.info.architecture.startswith("hf:ViTModel ")


def test_the_folder_in_which_one_works_has_a_name_in_the_record(repository, monkeypatch):
    monkeypatch.chdir(repository)
    assert load_backbone("hf:other/model", checkpoint=Path()).info.checkpoint == "file:model"


def test_a_folder_says_what_to_build_for_a_class_too(write_official, write_default, tmp_path):
    """Its statistics count, or else the class's own."""
    write_official(tmp_path / "told", "ViTModel")
    told = load_backbone("hf:ViTModel", checkpoint=tmp_path / "told")
    assert (told.info.depth, told.info.statistics.mean) == (2, (0.1, 0.2, 0.3))
    write_default(tmp_path / "silent", "ViTModel")
    silent = load_backbone("hf:ViTModel", checkpoint=tmp_path / "silent")
    assert silent.info.statistics.mean == (0.5, 0.5, 0.5)
    with pytest.raises(
        MismatchedWeightsError, match=r"describes a ViTModel, not a DeiTModel\..*`hf:ViTModel`"
    ):
        load_backbone("hf:DeiTModel", checkpoint=tmp_path / "silent")


def test_a_file_does_not_say_what_to_build(repository, tmp_path):
    """The folder does, and the refusal says so."""
    mine = tmp_path / "mine"
    repository.rename(mine)
    with pytest.raises(MissingWeightsError, match="pass their folder with `--checkpoint FOLDER`"):
        load_backbone("hf:other/model", checkpoint=mine / "model.safetensors")


def test_a_repository_runs_in_a_fresh_process(repository):
    """Nothing has imported parts of the library before."""
    code = "from toto_bench.backbones.load import load_backbone\nprint(load_backbone('hf:some/model').info.depth)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


def test_a_repository_that_is_downloaded_is_built_from_what_came(home, write_official, monkeypatch):
    def fetch(name, weights, progress):
        write_official(home / "weights" / "hf" / weights.repository, "ViTModel")

    monkeypatch.setattr(load, "fetch_weights", fetch)
    backbone = load_backbone("hf:some/model", download=True)
    assert backbone.info.architecture.startswith("hf:ViTModel ")
    assert backbone.info.name == "hf:some/model"


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ({"model_type": "vit_mae"}, RequestError, "shuffles the patches"),
        ({"model_type": "llama"}, RequestError, "type `llama` do not run here. These do: videomae,"),
        ({"hidden_size": 3}, UnreadableWeightsError, "has no `model_type`"),
        ({"model_type": "vit", "hidden_size": "wide"}, UnreadableWeightsError, "transformers refuses it"),
    ],
)
def test_repositories_that_do_not_run_say_why(content, error, message, repository):
    (repository / "config.json").write_text(json.dumps(content))
    with pytest.raises(error, match=message):
        backbone_card("hf:some/model")


def test_a_class_is_built_in_its_default_configuration():
    card = backbone_card("hf:ViTModel")
    assert card.architecture.layers == 12
    assert card.architecture.image_size == 224
    assert backbone_card("hf:VJEPA2Model").architecture.image_size == 256
    assert backbone_card("hf:ImageGPTModel").architecture.image_size == 32


def test_a_class_without_weights_says_how_to_bring_them():
    with pytest.raises(MissingWeightsError, match="--checkpoint FILE"):
        load_backbone("hf:ViTModel")


def test_vit_mae_is_refused_with_an_alternative():
    with pytest.raises(
        RequestError, match=r"shuffles the patches of an image even when none is masked.*`mae-b16`"
    ):
        backbone_card("hf:ViTMAEModel")


def test_other_classes_are_refused_with_the_list():
    with pytest.raises(
        RequestError, match=r"`GPT2Model` of transformers does not run here.*VideoMAEModel, VJEPA2Model"
    ):
        backbone_card("hf:GPT2Model")


@pytest.mark.parametrize("rest", ["", "a/b/c", "some model", "a/"])
def test_other_forms_are_refused(rest):
    with pytest.raises(RequestError, match="not of the form `hf:ORGANISATION/NAME`"):
        hf_card(rest)


def test_without_transformers_the_extra_is_named(repository, monkeypatch):
    monkeypatch.setattr(status, "installed", lambda module: module != "transformers")
    for name in ("hf:ViTModel", "hf:some/model"):
        with pytest.raises(
            RequestError, match=r"`transformers`, which is not installed: `pip install 'toto-bench\[hf\]'`"
        ):
            backbone_card(name)
    with pytest.raises(RequestError, match=r"toto-bench\[hf\]"):
        load_backbone("videomae-b16", random_init=True)
