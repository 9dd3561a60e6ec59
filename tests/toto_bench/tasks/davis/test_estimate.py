"""Time and disk are said before the work starts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.backbones.load import load_backbone
from toto_bench.files import DiskError
from toto_bench.tasks.context import RunContext, Silent
from toto_bench.tasks.davis import DavisProtocol
from toto_bench.tasks.davis.encoder import FrameEncoder
from toto_bench.tasks.davis.estimate import announce
from toto_bench.tasks.davis.reader import VideoSequence, find_sequence


class Listening(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        """Keep it."""
        self.said.append(text)


@pytest.fixture
def sequence(make_davis: Callable[..., Path], protocol: Callable[..., DavisProtocol]) -> VideoSequence:
    """Five frames."""
    return find_sequence(make_davis(), "seq-a", protocol())


@pytest.fixture
def encoder(protocol: Callable[..., DavisProtocol], context: RunContext) -> FrameEncoder:
    """The floor, at a small size."""
    context.out.mkdir()
    context.progress = Listening()
    return FrameEncoder(load_backbone("pixels"), (1,), protocol(resolution=64), context)


def test_frames_sequences_layers_and_disk_are_said(sequence: VideoSequence, encoder: FrameEncoder) -> None:
    """And the probe leaves no trace in the run's own times."""
    announce([sequence], encoder)
    [said] = encoder.context.progress.said
    assert said.startswith("5 frames in 1 sequence, 1 layer: about ")
    assert "predictions" in said
    assert not encoder.context.seconds


def test_nothing_to_do_is_not_announced(encoder: FrameEncoder) -> None:
    """A run that only has to be summed up says nothing."""
    announce([], encoder)
    assert not encoder.context.progress.said


def test_caching_is_announced_with_its_size(sequence: VideoSequence, encoder: FrameEncoder) -> None:
    """Tokens of every frame are large."""
    encoder.context.cache_features = True
    announce([sequence], encoder)
    assert "GB of cached features" in encoder.context.progress.said[0]


def test_a_run_that_will_not_fit_does_not_start(
    sequence: VideoSequence, encoder: FrameEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better now than after hours."""
    monkeypatch.setattr("toto_bench.tasks.davis.estimate._PNG_BYTES", 10**15)
    with pytest.raises(DiskError, match="--out"):
        announce([sequence], encoder)
