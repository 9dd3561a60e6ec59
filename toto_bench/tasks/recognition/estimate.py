"""What a run will take, said before it starts; refused where the disk is too small."""

import time
from typing import NamedTuple

import torch
from torch import Tensor

from toto_bench.backbones.base import SelfSupervised
from toto_bench.errors import DataError
from toto_bench.tasks.recognition.bank import probe_heads_of
from toto_bench.tasks.recognition.depth import has_stochastic_depth
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.inputs import Reader
from toto_bench.tasks.recognition.resolve import UNTRAINED
from toto_bench.tasks.recognition.room import expect_room
from toto_bench.tasks.recognition.work import Work

_TRIES = 5
"""Items that are tried until one decodes."""


class Load(NamedTuple):
    """What a run goes through."""

    text: str
    """Of what it does with training items, in a clause."""
    passes: int
    """Views that are decoded and encoded to train."""
    kept: int
    """Views whose features are kept."""
    scored: int
    """Views that are decoded and encoded to score."""


def announce(work: Work, val: int) -> None:
    """Read one training view, and say how much there is to do.

    Args:
        work: of the run.
        val: items to score.

    Raises:
        DiskError: what is to be kept will not fit.
    """
    load, of = _load(work, val), "view" if work.views.frames == 1 else "clip"
    views = f" in {work.views.count} views each" if work.views.count > 1 else ""
    parts = [
        f"{len(work.train):,} training {work.unit}, {len(work.held_out):,} held out, {val:,} to score{views}, "
        f"{work.classes:,} classes; {_counted(len(work.layers), 'layer')}",
        _mode(work),
        load.text,
    ]
    if (measured := _measure(work)) is not None:
        seconds, size = measured
        if load.kept:
            what = "vectors" if work.reader().pooled else "tokens in half precision"
            free = expect_room(load.kept * size, f"{what} to be kept")
            parts.append(f"they take {load.kept * size / 1e9:,.2f} GB of {free / 1e9:,.0f} GB free")
        total = (load.passes + load.scored) / work.context.world_size * seconds
        parts.append(
            f"about {_duration(total)} of decoding and encoding ({1000 * seconds:.0f} ms a {of}"
            + (
                "; gradients come on top)"
                if work.protocol.adaptation != "frozen"
                else "; probes come on top)"
            )
        )
    work.context.progress.say(". ".join(part[0].upper() + part[1:] for part in parts) + ".")


def _mode(work: Work) -> str:
    """What happens to the backbone, and why."""
    name = f"the backbone `{work.backbone.info.name}`"
    if work.protocol.adaptation == "joint":
        return f"{name} is trained by its own loss, beside the probes"
    able = isinstance(work.backbone, SelfSupervised)
    if work.protocol.tunes:
        weight = work.protocol.self_supervised_weight if work.protocol.adaptation == "fine-tune" else 0
        if weight:
            return f"{name} is trained by the classification loss and {weight:g} times its own"
        alone = "" if able else ", for it has no loss of its own"
        rate = getattr(work.protocol, "drop_path", None)
        depth = ""
        if rate:
            depth = f". Stochastic depth rises to {rate:g}"
        elif rate is not None and not has_stochastic_depth(work.backbone):
            depth = (
                ". Its blocks have no place for stochastic depth, so that it is left out (`drop_path` is 0)"
            )
        return f"{name} is trained by the classification loss alone (full fine-tuning){alone}{depth}"
    return f"{name} stays as it is" + ("" if able else ", for it has no loss of its own to be adapted with")


def _load(work: Work, val: int) -> Load:
    protocol, views = work.protocol, work.views
    probe = str(getattr(protocol, "probe"))  # noqa: B009
    train, held = len(work.train), len(work.held_out)
    if probe in UNTRAINED:
        items = train + held + val
        text = f"`{probe}`: a vector of each item and layer is kept, there are no training steps"
        return Load(text, items * views.count, items, 0)
    scored = (val + held) * views.count
    if protocol.views != "stream":
        text = (
            f"{_training(work)}. Features of {_counted(protocol.views, 'fixed view')} of each item are kept, "
            "so that each is decoded and encoded once"
        )
        return Load(text, protocol.views * train, protocol.views * train, scored)
    why = "every epoch sees new views; `--preset quick` or `--set views=4` keeps features of fixed ones"
    if protocol.adaptation != "frozen":
        why = "the backbone changes, so that no features can be kept"
    text = f"{_training(work)}. Views are decoded and encoded anew in every epoch: {why}"
    return Load(text, work.steps * protocol.batch, 0, scored)


def _training(work: Work) -> str:
    protocol = work.protocol
    few = (
        f". A batch is more than the {len(work.train):,} items, so that there are few steps: "
        "`--set batch=` makes them smaller"
        if protocol.batch > len(work.train)
        else ""
    )
    probes = len(work.layers) * len(probe_heads_of(protocol)) * len(protocol.lr_factors)
    return (
        f"{_counted(protocol.epochs, 'epoch')}, {_counted(work.steps, 'step')} of {protocol.batch} "
        f"({protocol.optimizer}, peak rate {protocol.lr:g} for {protocol.batch} items, which is "
        f"{protocol.lr * 256 / protocol.batch:.3g} for 256), "
        f"{_counted(probes, 'probe')} in one pass{few}"
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _measure(work: Work) -> tuple[float, int] | None:
    """Seconds to decode and encode a training view, and the bytes that its features take; None: none decodes."""
    context, reader = work.context, work.reader()
    aside = type(reader)(
        work.backbone, work.layers, work.protocol.final_norm, context, clips=1, pooled=reader.pooled
    )
    for example in work.train[:_TRIES]:
        try:
            _once(work, aside, example)
            start = time.perf_counter()
            features = _once(work, aside, example)
        except DataError:
            if not work.tolerant:
                raise
            continue
        width = 4 if reader.pooled else 2
        return time.perf_counter() - start, sum(values.numel() for values in features.values()) * width
    return None


def _once(work: Work, reader: Reader, example: Example) -> dict[str, Tensor]:
    pixels = torch.from_numpy(work.views.train(example, 0).copy())[None]
    found: dict[str, Tensor] = {name: values.cpu() for name, values in reader.features(pixels).items()}
    return found


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:,.1f} h"
