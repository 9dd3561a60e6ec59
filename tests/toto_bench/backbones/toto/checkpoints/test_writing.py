"""What is written reads back; what cannot be is refused, and the last good file stays."""

import json
import resource
import signal
from contextlib import contextmanager

import pytest
import torch
from safetensors import safe_open

from toto_bench.backbones.errors import InvalidWeightsError, MismatchedWeightsError
from toto_bench.backbones.toto.checkpoints import read_checkpoint, write_checkpoint
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.files import DiskError


@pytest.mark.parametrize("dtype", [None, torch.float16, torch.bfloat16])
def test_what_is_written_reads_back(dtype, make_config, make_state, tmp_path):
    config = make_config(tie_head=False)
    state = make_state(config)
    write_checkpoint(tmp_path / "new" / "folder", config, state, dtype=dtype)
    found = read_checkpoint(tmp_path / "new" / "folder", config)
    assert found.keys() == state.keys()
    for key, tensor in state.items():
        assert torch.equal(found[key], tensor.to(dtype or torch.float32).float())
    with safe_open(tmp_path / "new" / "folder" / "model.safetensors", "pt") as file:
        kinds = {file.get_tensor(key).dtype for key in file.keys()}  # noqa: SIM118
    assert kinds == {dtype or torch.float32}


def test_settings_are_written_beside_the_weights(make_config, make_state, tmp_path):
    config = make_config(rope_base=50000.0)
    (tmp_path / "card.toml").write_text("kept")
    write_checkpoint(tmp_path, config, make_state(config))
    assert TotoConfig.model_validate(json.loads((tmp_path / "toto.json").read_text())) == config
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.toml", "model.safetensors", "toto.json"]


def test_prefixes_of_wrappers_are_not_written(make_config, make_state, tmp_path):
    config = make_config()
    state = make_state(config)
    write_checkpoint(tmp_path, config, {f"module._orig_mod.{key}": value for key, value in state.items()})
    assert read_checkpoint(tmp_path, config).keys() == state.keys()


def test_a_value_that_float16_cannot_hold_is_refused(make_config, make_state, tmp_path):
    config = make_config()
    state = make_state(config)
    write_checkpoint(tmp_path, config, state, dtype=torch.float16)
    good = (tmp_path / "model.safetensors").read_bytes()
    state["norm.weight"][0] = 1e6
    with pytest.raises(InvalidWeightsError, match=r"as torch\.float16.*`norm.weight`"):
        write_checkpoint(tmp_path, config, state, dtype=torch.float16)
    state["norm.weight"][0] = float("nan")
    with pytest.raises(InvalidWeightsError, match=r"`norm.weight`"):
        write_checkpoint(tmp_path, config, state)
    assert (tmp_path / "model.safetensors").read_bytes() == good


def test_a_state_of_another_configuration_is_refused(make_config, make_state, tmp_path):
    with pytest.raises(MismatchedWeightsError, match=r"state to be written.*`depth` is 2"):
        write_checkpoint(tmp_path / "folder", make_config(), make_state(make_config(depth=2)))
    assert not (tmp_path / "folder").exists()


@contextmanager
def nearly_full_disk():
    """Files of this process cannot grow beyond 4 kB: what pytest prints into may be one, so within the test alone."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_no_half_of_a_file(make_config, make_state, tmp_path):
    config = make_config()
    full = pytest.raises(DiskError, match=r"model\.safetensors could not be written: File too large")
    with full, nearly_full_disk():
        write_checkpoint(tmp_path, config, make_state(config))
    assert [path.name for path in tmp_path.iterdir()] == ["toto.json"]
