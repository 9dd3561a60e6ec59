"""A saved policy comes back exactly, or the error says what is wrong with it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.load import load_backbone
from toto_bench.errors import RequestError, WeightsError
from toto_bench.robots.policy import (
    ActionSpec,
    CameraSpec,
    Policy,
    PolicyBackboneError,
    PolicyFileError,
    PolicySpec,
    load_policy,
    make_policy,
    readout_of,
)

STATE = PolicySpec(proprio=("a", "b"), action=ActionSpec(kind="joint-delta", names=("j",)), rate_hz=60)


def camera_policy(name: str) -> Policy:
    read = load_backbone(name, random_init=name != "pixels")
    spec = STATE.model_copy(
        update={
            "cameras": (CameraSpec(name="wrist", height=32, width=32),),
            "readout": readout_of(read, layer=1, resolution=32),
        }
    )
    return make_policy(spec, read, seed=5)


def saved(folder: Path) -> Policy:
    policy = make_policy(STATE, seed=1)
    policy.save(folder)
    return policy


@pytest.mark.parametrize("name", ["toto-nano", "pixels"])
def test_it_comes_back_exactly(name: str, tmp_path: Path) -> None:
    policy = camera_policy(name)
    policy.save(tmp_path)
    loaded = load_policy(tmp_path)
    assert loaded.spec == policy.spec
    draw = np.random.default_rng(0)
    images = {"wrist": draw.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)}
    proprio = draw.normal(size=(3, 2))
    np.testing.assert_array_equal(loaded.act_batch(images, proprio), policy.act_batch(images, proprio))
    stored = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert stored < 1_000_000  # without the backbone


def test_a_backbone_with_other_weights_is_refused(tmp_path: Path) -> None:
    camera_policy("toto-nano").save(tmp_path)
    with pytest.raises(PolicyBackboneError, match="weights sha256"):
        load_policy(tmp_path, load_backbone("toto-nano", random_init=True, seed=9))


def test_a_backbone_of_one_size_is_built_for_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = load_backbone("toto-nano", random_init=True, seed=4)
    read.info = replace(read.info, image_size=(32, 32))
    cameras = (CameraSpec(name="wrist", height=32, width=32),)
    spec = STATE.model_copy(update={"cameras": cameras, "readout": readout_of(read, layer=1, resolution=32)})
    make_policy(spec, read).save(tmp_path)
    asked: list[dict[str, object]] = []

    def remember(name: str, **options: object) -> Backbone:
        asked.append({"name": name, **options})
        return read

    monkeypatch.setattr("toto_bench.robots.policy.load.load_backbone", remember)
    load_policy(tmp_path)
    load_policy(tmp_path, checkpoint=Path("mine.safetensors"))
    same = {"name": "toto-nano", "image_size": (32, 32)}
    assert asked == [
        {**same, "random_init": True, "seed": 4, "checkpoint": None},
        {**same, "random_init": False, "seed": 0, "checkpoint": Path("mine.safetensors")},
    ]


def test_saving_again_replaces_the_policy_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    saved(tmp_path)
    newer = make_policy(STATE, seed=2)
    newer.save(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    torch.testing.assert_close(
        load_policy(tmp_path).head.state_dict(), newer.head.state_dict(), rtol=0, atol=0
    )


def test_a_diverged_head_is_not_saved(tmp_path: Path) -> None:
    policy = saved(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    with torch.no_grad():
        policy.head.feel.weight[0, 0] = float("nan")
    with pytest.raises(WeightsError, match=r"feel\.weight"):
        policy.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    load_policy(tmp_path)


def test_a_folder_without_a_policy_is_a_wrong_request(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"holds no policy \(there is no `policy.json`\)"):
        load_policy(tmp_path)


def test_damaged_and_foreign_files_are_told(tmp_path: Path) -> None:
    saved(tmp_path)
    path = tmp_path / "policy.json"
    good = path.read_text()
    [head] = tmp_path.glob("head-*.safetensors")
    content = head.read_bytes()

    for text, message in (
        (good[:40], "policy.json is damaged"),
        ('{"name": "some package"}', "`spec`: Field required"),
        (good.replace('"version": 1', '"version": 2'), "`spec.version`"),
        (good.replace('"head": "', '"head": "../../'), "`head`"),
        ("\x00\xff", "damaged"),
    ):
        path.write_text(text, encoding="latin-1")
        with pytest.raises(PolicyFileError, match=message):
            load_policy(tmp_path)
    path.write_text(good)

    looking = tmp_path / "looking"
    camera_policy("toto-nano").save(looking)
    text = (looking / "policy.json").read_text()
    (looking / "policy.json").write_text(text.replace('"random:0"', '"random:dice"'))
    with pytest.raises(PolicyFileError, match="seed `dice`"):
        load_policy(looking)

    head.write_bytes(content[:-8])
    with pytest.raises(PolicyFileError, match="sha256"):
        load_policy(tmp_path)
    head.unlink()
    with pytest.raises(PolicyFileError, match="No such file"):
        load_policy(tmp_path)


def test_a_head_of_another_shape_is_told(tmp_path: Path) -> None:
    saved(tmp_path)
    other = json.loads((tmp_path / "policy.json").read_text())
    other["spec"]["proprio"] = ["a", "b", "c"]
    (tmp_path / "policy.json").write_text(json.dumps(other))
    with pytest.raises(PolicyFileError, match=r"`feel.weight` is \[128, 2\] in the file and \[128, 3\]"):
        load_policy(tmp_path)
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    load_policy_of_bytes(tmp_path, (tmp_path / "other.safetensors").read_bytes())


def load_policy_of_bytes(folder: Path, content: bytes) -> None:
    """Foreign tensors under a hash that fits are refused too."""
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    (folder / f"head-{digest[:16]}.safetensors").write_bytes(content)
    saved = json.loads((folder / "policy.json").read_text()) | {"head": digest}
    (folder / "policy.json").write_text(json.dumps(saved))
    with pytest.raises(PolicyFileError, match="unexpected"):
        load_policy(folder)
