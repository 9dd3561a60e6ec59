"""The cache of the hub's client: found where its variables say, and only when it is usable."""

import pytest

from toto_bench.backbones.hub_cache import cached_snapshot


def _fill(cache, *, config=True, tensors="model.safetensors"):
    folder = cache / "models--some--model"
    snapshot = folder / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc")
    if config:
        (snapshot / "config.json").write_text("{}")
    if tensors:
        (snapshot / tensors).write_bytes(b"")
    return snapshot


@pytest.mark.parametrize(
    ("variable", "below"), [("HF_HUB_CACHE", ""), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")]
)
def test_variables_say_where_it_is(variable, below, tmp_path, monkeypatch):
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    snapshot = _fill(tmp_path / below)
    assert cached_snapshot("some/model") == snapshot


def test_the_default_is_in_the_users_cache(tmp_path, monkeypatch):
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    snapshot = _fill(tmp_path / ".cache" / "huggingface" / "hub")
    assert cached_snapshot("some/model") == snapshot


@pytest.mark.parametrize("what", [{"config": False}, {"tensors": None}])
def test_a_repository_of_which_a_part_is_missing_does_not_count(what, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    _fill(tmp_path, **what)
    assert cached_snapshot("some/model") is None


def test_another_repository_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert cached_snapshot("some/model") is None
