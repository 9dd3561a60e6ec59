"""Web pages that lie where weights should: servers send them to log in, to agree to terms, or as errors."""

_BEGINNINGS = (b"<!doctype", b"<html", b"<?xml")


def is_web_page(head: bytes) -> bool:
    """Whether a file that begins so is a page; its first few hundred bytes are enough."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_BEGINNINGS)
