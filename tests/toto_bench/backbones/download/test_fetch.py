"""What is said beforehand, what a card may ask for, and who fetches when several want to."""

import subprocess
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

from toto_bench.backbones.download import DownloadError, fetch_weights
from toto_bench.cards import Weights
from toto_bench.progress import Silent


def test_size_source_and_licence_are_said_before_anything_is_asked(
    server, weights, target, told, monkeypatch
):
    """The user can still stop."""
    requests_when_told = []
    monkeypatch.setattr(told, "say", lambda text: requests_when_told.append((text, len(server.asked))))
    fetch_weights("eye", weights, told)
    text, requests = requests_when_told[0]
    assert requests == 0
    for part in ("`eye`", "eye.pth", "4 MB", server.url, str(target), "CC-BY-NC 4.0"):
        assert part in text


def test_the_cards_file_name_counts(server, weights, home):
    """Addresses often end in a number."""
    fetch_weights("eye", weights.model_copy(update={"filename": "other.pth"}), Silent())
    assert (home / "weights" / "other.pth").read_bytes() == server.content


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            Weights(package="eyes", extra="eyes", filename="e.pth", licence="x"),
            r"pip install 'toto-bench\[eyes\]'",
        ),
        (Weights(licence="x"), "a source that its card does not give"),
        (Weights(url="https://example.org/", licence="x"), "names no file"),
        (Weights(url="https://example.org/weights/..", licence="x"), "names no file"),
        (Weights(url="http://[example/eye.pth", licence="x", filename="eye.pth"), "is no address"),
        (Weights(url="http://example.org:port/eye.pth", licence="x"), "is no address"),
        (Weights(url="http://", licence="x", filename="eye.pth"), "names no host"),
        (
            Weights(url="https://example.org/my eye.pth", licence="x"),
            "holds ' ', which addresses write as `%20`",
        ),
        (Weights(url="https://example.org/\u00e9.pth", licence="x"), "holds '\u00e9', which .* as `%C3%A9`"),
        (Weights(url="file:///etc/hostname", licence="x"), "neither `https://` nor `http://`"),
        (Weights(url="ftp://example.org/eye.pth", licence="x"), "neither `https://` nor `http://`"),
    ],
    ids=[
        "package",
        "nowhere",
        "no name",
        "dots",
        "bracket",
        "port",
        "no host",
        "space",
        "accent",
        "file",
        "ftp",
    ],
)
def test_what_is_no_download_is_refused(weights, message, home):
    """With the way on."""
    with pytest.raises(DownloadError, match=message):
        fetch_weights("eye", weights, Silent())
    assert not (home / "weights").exists()


def test_a_repository_is_left_to_the_hub(home, told, monkeypatch):
    """Licence first here too; it becomes a folder."""
    asked = []
    hub = types.ModuleType("toto_bench.backbones.hf.hub")
    hub.fetch_repository = lambda *given: asked.append((*given, len(told.lines)))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "toto_bench.backbones.hf.hub", hub)
    fetch_weights("eye", Weights(repository="eyes/large", licence="MIT"), told)
    assert asked == [("eyes/large", home / "weights" / "hf" / "eyes" / "large", told, 1)]
    assert "https://huggingface.co/eyes/large" in told.lines[0]
    assert "MIT" in told.lines[0]


def test_of_two_at_once_one_fetches(server, weights, target, told):
    """As the processes of one run do; the other one says that it waits, and then finds the file."""
    server.gate = threading.Event()
    waits = threading.Event()
    say = told.say
    told.say = lambda text: (say(text), waits.set() if "waiting" in text else None)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(fetch_weights, "eye", weights, told) for _ in range(2)]
        assert waits.wait(30)
        assert not target.exists()
        server.gate.set()
        for one in both:
            one.result()
    assert len(server.asked) == 1
    assert target.read_bytes() == server.content


def test_nothing_heavy_is_imported():
    """Fetching needs no torch."""
    code = (
        "import sys, toto_bench.backbones.download\n"
        "sys.exit(', '.join({'torch', 'numpy', 'timm', 'transformers'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
