"""The files of a folder of weights."""

import json

import pytest
import torch

from toto_bench.backbones.base import Statistics
from toto_bench.backbones.errors import MismatchedWeightsError, UnreadableWeightsError
from toto_bench.backbones.hf.files import read_json, read_statistics, read_tensors


@pytest.mark.parametrize("name", ["preprocessor_config.json", "video_preprocessor_config.json"])
def test_statistics_are_the_preprocessors(name, tmp_path):
    (tmp_path / name).write_text(json.dumps({"image_mean": [0.1, 0.2, 0.3], "image_std": [1, 0.5, 0.25]}))
    assert read_statistics(tmp_path) == Statistics((0.1, 0.2, 0.3), (1.0, 0.5, 0.25))


def test_a_preprocessor_that_normalises_nothing_leaves_pixels_as_they_are(tmp_path):
    (tmp_path / "preprocessor_config.json").write_text(
        json.dumps({"do_normalize": False, "image_mean": [1, 1, 1]})
    )
    assert read_statistics(tmp_path) == Statistics((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


@pytest.mark.parametrize("content", [None, {}, {"image_mean": [0.5], "image_std": [0.5, 0.5, 0.5]}])
def test_statistics_are_never_guessed(content, tmp_path):
    if content is not None:
        (tmp_path / "preprocessor_config.json").write_text(json.dumps(content))
    with pytest.raises(MismatchedWeightsError, match="`image_mean` and `image_std`, three numbers each"):
        read_statistics(tmp_path)


@pytest.mark.parametrize(("text", "message"), [("{", "not JSON"), ("[1]", "no JSON object")])
def test_damaged_json_is_named(text, message, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(UnreadableWeightsError, match=message):
        read_json(path)


@pytest.mark.parametrize(
    "content", [{}, {"weight_map": {"a": "../outside.safetensors"}}, {"weight_map": {"a": 3}}]
)
def test_an_index_names_files_of_its_folder_alone(content, tmp_path):
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(content))
    with pytest.raises(UnreadableWeightsError, match="`weight_map` does not name files of the folder"):
        read_tensors(tmp_path)


def test_a_file_that_holds_more_than_tensors_is_refused(tmp_path):
    torch.save({"weight": torch.ones(2), "epoch": 3}, tmp_path / "pytorch_model.bin")
    with pytest.raises(MismatchedWeightsError, match="this one holds `epoch`"):
        read_tensors(tmp_path)
