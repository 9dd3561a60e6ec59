"""A request becomes a record: identity, reuse, provenance, refusals."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones.load import load_backbone
from toto_bench.cards import find_task
from toto_bench.errors import DataError, RequestError
from toto_bench.results.folder import RunBusyError, RunFolder, find_records
from toto_bench.results.items import read_items
from toto_bench.runner.device import choose_device
from toto_bench.runner.execute import OutOfMemoryError, run
from toto_bench.runner.request import RunRequest

FAST = {"resolution": 64, "resize": "square", "context_frames": 2, "top_k": 3, "radius": 4}


@pytest.fixture
def request_for(make_davis: Callable[..., Path], tmp_path: Path) -> RunRequest:
    """A small DAVIS run with the floor."""
    return RunRequest("davis", "pixels", data=str(make_davis()), out=tmp_path / "runs", values=FAST)


def test_a_finished_identity_is_returned(request_for: RunRequest) -> None:
    """The same request again does no work, and gives the same record."""
    first, second = run(request_for), run(request_for)
    assert not first.reused
    assert second.reused
    assert second.record == first.record


def test_again_repeats_with_equal_numbers(request_for: RunRequest) -> None:
    """`--again` makes another run of the same identity, and the same numbers."""
    first, second = run(request_for), run(replace(request_for, again=True))
    assert second.path != first.path
    assert second.record.identity == first.record.identity
    assert second.record.metrics == first.record.metrics
    assert read_items(second.path) == read_items(first.path)


@pytest.mark.parametrize(
    "change",
    [
        {"values": FAST | {"top_k": 2}},
        {"limit": 1},
        {"seed": 1},
        {"backbone": "pixels-8"},
        {"allow_missing": True},
    ],
    ids=["protocol", "limit", "seed", "backbone", "left out"],
)
def test_what_can_change_a_result_changes_the_identity(
    request_for: RunRequest, change: dict[str, object]
) -> None:
    """Another protocol, limit, seed or backbone is another run."""
    assert run(replace(request_for, **change)).record.identity != run(request_for).record.identity


@pytest.mark.parametrize("change", [{"batch_size": 3}, {"workers": 0}], ids=["batch size", "workers"])
def test_what_cannot_change_a_result_does_not(request_for: RunRequest, change: dict[str, object]) -> None:
    """How the work is cut up is not part of the identity, and changes no number."""
    first = run(request_for)
    second = run(replace(request_for, again=True, **change))
    assert second.record.identity == first.record.identity
    assert second.record.metrics == first.record.metrics


def test_other_data_is_another_run(
    request_for: RunRequest, make_davis: Callable[..., Path], write_mask: Callable[..., None]
) -> None:
    """One changed pixel in one mask is enough; the same data elsewhere is the same run."""
    other = make_davis(name="other")
    first, second = run(request_for), run(replace(request_for, data=str(other)))
    assert second.reused
    write_mask(other / "Annotations/480p/seq-a/00004.png", np.eye(96, 128))
    assert run(replace(request_for, data=str(other))).record.identity != first.record.identity


def test_the_record_carries_where_it_came_from(request_for: RunRequest) -> None:
    """Versions, device, data, protocol, cost and command are there."""
    record = run(replace(request_for, command="toto-bench run ...")).record
    assert record.environment.packages["torch"][0].isdigit()
    assert record.environment.device.startswith("cpu")
    assert record.protocol["top_k"] == 3
    assert record.protocol["patch"] == 16
    assert record.data.fingerprint
    assert record.cost.seconds.keys() >= {"encode", "propagate", "write", "score", "draw"}
    assert record.cost.peak_memory_mb > 1
    assert record.command == "toto-bench run ..."
    assert record.items_sha256
    assert record.backbone.checkpoint == "none"


def test_nothing_of_the_work_in_progress_stays(request_for: RunRequest) -> None:
    """A finished folder holds results alone."""
    result = run(request_for)
    assert not (result.path / "state").exists()
    assert not list(result.path.rglob(".writing-*"))
    assert [record.id for _, record in find_records(request_for.out)] == [result.record.id]


def test_two_processes_do_not_share_a_run(request_for: RunRequest) -> None:
    """The second one is told so, and does nothing."""
    finished = run(request_for)
    (finished.path / "record.json").unlink()
    with RunFolder(finished.path).locked(), pytest.raises(RunBusyError, match="Another process"):
        run(request_for)


def test_missing_data_and_weights_are_one_error(tmp_path: Path) -> None:
    """Both are named, with the ways on."""
    with pytest.raises(RequestError) as caught:
        run(RunRequest("davis", "dino-s16", data=str(tmp_path / "nowhere"), out=tmp_path))
    message = str(caught.value)
    for part in (
        "nowhere",
        "--data sample",
        "dino_deitsmall16_pretrain.pth",
        "--checkpoint",
        "--random-init",
    ):
        assert part in message
    assert not list(tmp_path.glob("davis-*"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "davs"}, "Did you mean `davis`"),
        ({"backbone": "pixel"}, "Did you mean `pixels`"),
        ({"preset": "dimo"}, "Did you mean `dino`"),
        ({"values": {"topk": 3}}, "Did you mean `top_k`"),
        ({"values": {"top_k": 0}}, "`top_k` = 0"),
        ({"values": {"top_k": "many"}}, "`top_k` = 'many'"),
        ({"values": {"layer": 7}}, "has layers 1 to 1, not 7"),
        ({"values": {"resolution": 0}}, "`resolution` = 0"),
        ({"values": {"temperature": float("inf")}}, "`temperature` = inf"),
        ({"values": {"bound_threshold": 1.5}}, "whole pixels"),
        ({"values": {"patch": 8}}, "asks for patch 8"),
        ({"values": {"rope_base": 50000}}, "no rotary"),
        ({"values": {"checkpoint": "card"}}, "`none` is loaded"),
        ({"values": {"resize": "native"}}, "go together"),
        ({"device": "tpu"}, "no device `tpu`"),
    ],
    ids=str,
)
def test_a_wrong_request_says_what_would_be_right(
    request_for: RunRequest, change: dict[str, object], message: str
) -> None:
    """One paragraph, before any work."""
    with pytest.raises(RequestError) as caught:
        run(replace(request_for, **change))
    assert message in str(caught.value)
    assert not request_for.out.exists()


def test_an_announced_task_is_told_from_one_that_runs(
    request_for: RunRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its card is there, its code is not."""
    card = find_task("davis").model_copy(update={"entry": None})
    monkeypatch.setattr("toto_bench.runner.tasks.find_task", lambda name: card)
    with pytest.raises(RequestError, match="`davis` is announced"):
        run(request_for)


def test_memory_that_is_not_enough_has_a_way_out(
    request_for: RunRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch's own error names no option of ours."""

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 8.90 GiB")

    monkeypatch.setattr("toto_bench.tasks.davis.task.track", full)
    with pytest.raises(OutOfMemoryError, match=r"8\.90 GiB.*--batch-size.*--layer"):
        run(request_for)


def test_broken_sequences_stop_the_run_unless_allowed(request_for: RunRequest) -> None:
    """Left out on request, and then counted."""
    (Path(str(request_for.data)) / "Annotations/480p/seq-b/00002.png").unlink()
    with pytest.raises(DataError, match="--allow-missing"):
        run(request_for)
    record = run(replace(request_for, allow_missing=True)).record
    assert (record.coverage.scored, record.coverage.listed) == (1, 2)
    assert "00002.png" in record.coverage.missing["seq-b"]


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto` is what is there; under torchrun each process has a card of its own."""
    assert choose_device("cpu") == "cpu"
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert choose_device("auto") == "cpu"
    with pytest.raises(RequestError, match="no device `cuda`"):
        choose_device("cuda")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    assert choose_device("auto") == "cuda"
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert choose_device("auto") == "cuda:3"
    assert choose_device("cuda:1") == "cuda:1"
    with pytest.raises(RequestError, match="has 4 of them"):
        choose_device("cuda:4")


def test_a_checkpoints_name_is_not_part_of_the_identity(
    make_davis: Callable[..., Path], tmp_path: Path
) -> None:
    """The same bytes under another name are the same run."""
    model = load_backbone("timm:test_efficientnet", random_init=True).checkpointed()
    request = RunRequest("davis", "timm:test_efficientnet", str(make_davis()), out=tmp_path, values=FAST)
    identities = set()
    for name in ("first.safetensors", "second.safetensors"):
        save_file(model.state_dict(), tmp_path / name)
        identities.add(run(replace(request, checkpoint=tmp_path / name)).record.identity)
    assert len(identities) == 1


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({}, {}),
        ({"resize": "square", "top_k": 10}, {}),
        ({"top_k": 5}, {"top_k": 5}),
        ({"final_norm": "none"}, {"final_norm": "none"}),
        ({"normalisation": "dino", "layer": 1}, {"normalisation": "dino", "layer": 1}),
        ({"resolution": 224}, {}),
    ],
    ids=str,
)
def test_the_record_says_what_was_changed(
    request_for: RunRequest, values: dict[str, object], changed: dict[str, object]
) -> None:
    """Naming what the preset means is no change."""
    assert run(replace(request_for, values=values, limit=1)).record.changed == changed
