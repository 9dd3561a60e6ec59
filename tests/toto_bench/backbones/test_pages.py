"""A log-in page that was saved under the name of a weights file is told from weights."""

import pytest

from toto_bench.backbones.pages import is_web_page


@pytest.mark.parametrize(
    ("head", "page"),
    [
        (b"<!DOCTYPE html><html>", True),
        (b"\xef\xbb\xbf \r\n<HTML lang=en>", True),
        (b'<?xml version="1.0"?>', True),
        (b"PK\x03\x04", False),
        (b"", False),
    ],
)
def test_beginnings(head: bytes, page: bool) -> None:
    """In any case, after a byte-order mark and blanks."""
    assert is_web_page(head) is page
