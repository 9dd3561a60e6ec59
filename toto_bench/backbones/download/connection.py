"""One question to a server: the file, or what is missing of it."""

import re
import urllib.request
from http.client import HTTPException, HTTPResponse, InvalidURL
from typing import NamedTuple
from urllib.error import HTTPError, URLError

from toto_bench._version import __version__
from toto_bench.backbones.download.errors import BadAddress, Dropped, NoConnection, Refused

TIMEOUT_SECONDS = 30.0
"""Without a byte for so long, a connection counts as dropped."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_HANDLERS = (
    urllib.request.ProxyHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPErrorProcessor,
    urllib.request.UnknownHandler,
)
"""Those of the web alone: a server must not redirect us to `ftp:` or `file:`."""


class Answer(NamedTuple):
    """What a server sends."""

    body: HTTPResponse
    """The bytes, to be closed."""
    start: int
    """Where in the file they begin."""
    total: int | None
    """Bytes of the whole file; None: not said."""
    validator: str | None
    """What names this version of the file; None: the server does not say."""


def ask(url: str, offset: int, validator: str | None) -> Answer:
    """Ask for a file from `offset` on, provided that it still is the version that `validator` names.

    Raises:
        Refused: the server answers with an error.
        BadAddress: the address, or one that it redirects to, is none.
        NoConnection: there is no connection to it.
        Dropped: the connection ended before the answer.
    """
    headers = {"User-Agent": f"toto-bench/{__version__}", "Accept-Encoding": "identity"}
    if offset and validator:
        headers |= {"Range": f"bytes={offset}-", "If-Range": validator}
    opener = urllib.request.OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  the handlers are those of the web
    try:
        response: HTTPResponse = opener.open(request, timeout=TIMEOUT_SECONDS)
    except HTTPError as error:
        error.close()
        raise Refused(error.code, _first_line(error.reason)) from error
    except (InvalidURL, UnicodeError) as error:
        raise BadAddress(_first_line(error)) from error
    except URLError as error:
        raise NoConnection(_first_line(error.reason)) from error
    except (OSError, HTTPException) as error:
        raise Dropped(str(error) or type(error).__name__) from error
    return _answer(response)


def read_some(answer: Answer, most: int) -> bytes:
    """Some bytes of the body, as they come; none at its end.

    Raises:
        Dropped: the connection ended, where that can be told from the end of the body.
    """
    try:
        return answer.body.read1(most)
    except (OSError, HTTPException) as error:
        raise Dropped(str(error) or type(error).__name__) from error


def _answer(response: HTTPResponse) -> Answer:
    start, total = 0, response.length
    if response.status == 206:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        start = int(found[1]) if found else -1
        total = int(found[2]) if found and found[2] != "*" else None
    # urllib asks for the connection to be closed: reading up to that end shows also what is sent too much.
    response.length = None
    return Answer(response, start, total, _validator(response))


def _first_line(reason: object) -> str:
    """What went wrong, alone: urllib adds lines of its own about redirects."""
    return next(iter(str(reason).splitlines()), type(reason).__name__).rstrip(" .")


def _validator(response: HTTPResponse) -> str | None:
    """A weak ETag may not stand in `If-Range`; the date then has to do."""
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
