"""What came whole may still be the wrong file."""

import hashlib

import pytest

from toto_bench.backbones.download import DownloadError, fetch_weights
from toto_bench.progress import Silent


def digests(content: bytes) -> dict[str, str]:
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "md5": hashlib.md5(content).hexdigest()[:8],
    }


@pytest.mark.parametrize("kinds", [["sha256"], ["md5"], ["sha256", "md5"]], ids=" ".join)
def test_the_right_file_passes(server, weights, target, told, kinds):
    """And the user hears what was checked."""
    known = {kind: digests(server.content)[kind] for kind in kinds}
    fetch_weights("eye", weights.model_copy(update=known), told)
    assert target.read_bytes() == server.content
    assert f"its {' and '.join(kinds)} is right" in told.lines[-1]


def test_without_a_digest_the_user_hears_that(weights, target, told):
    """Only the length, and that it is no web page, was looked at."""
    fetch_weights("eye", weights, told)
    assert "no digest to check it by" in told.lines[-1]


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_a_wrong_file_is_refused_with_both_digests(server, weights, target, kind):
    """It is removed, so that the next attempt starts fresh, and then gets the right one."""
    right = server.content
    expected = weights.model_copy(update={kind: digests(right)[kind]})
    server.content = right[:-1] + b"\0"
    with pytest.raises(DownloadError) as caught:
        fetch_weights("eye", expected, Silent())
    message = str(caught.value)
    assert digests(right)[kind] in message
    assert digests(server.content)[kind] in message
    assert [path.name for path in target.parent.iterdir()] == [".eye.pth.lock"]
    server.content = right
    fetch_weights("eye", expected, Silent())
    assert target.read_bytes() == right
    assert "Range" not in server.asked[-1]


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><p>Log in", b"\xef\xbb\xbf\n <html>", b"<?xml version='1.0'?>"]
)
def test_a_web_page_is_refused(server, weights, target, page):
    """It says so, rather than that a digest is another one."""
    server.content = page
    with pytest.raises(DownloadError, match=r"a web page instead of weights.*log in"):
        fetch_weights("eye", weights.model_copy(update={"sha256": "0" * 64}), Silent())
    assert [path.name for path in target.parent.iterdir()] == [".eye.pth.lock"]


def test_an_empty_file_is_refused(server, weights, target):
    """Nothing is no weights."""
    server.content = b""
    with pytest.raises(
        DownloadError, match=r"empty file, which was not kept\. Repeat the command later, or download"
    ):
        fetch_weights("eye", weights, Silent())
    assert not target.exists()
