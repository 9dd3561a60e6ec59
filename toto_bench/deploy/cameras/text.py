"""A camera as a command line names it: `wrist=opencv:/dev/video0,width=640,height=480,exposure=120`."""

import re
from collections.abc import Callable
from dataclasses import fields
from typing import get_args, get_type_hints

from toto_bench.deploy.cameras.base import Camera
from toto_bench.deploy.cameras.opencv import opencv_camera
from toto_bench.deploy.cameras.realsense import ANY, realsense_camera
from toto_bench.deploy.cameras.settings import CaptureSettings
from toto_bench.errors import RequestError

KINDS: dict[str, Callable[[str, str, CaptureSettings], Camera]] = {
    "opencv": opencv_camera,
    "realsense": realsense_camera,
}
"""By the word before the colon."""
_TEXT = re.compile(r"(?:(?P<name>[\w-]+)=)?(?P<kind>[A-Za-z]\w*)(?::(?P<source>[^,]*))?(?:,(?P<options>.*))?")
_EXAMPLE = "`wrist=opencv:/dev/video0,width=640,height=480,fps=30` or `wrist=realsense:123456789012`"
_TYPES: dict[str, type] = {
    name: next(kind for kind in (*get_args(hint), hint) if kind is not type(None))
    for name, hint in get_type_hints(CaptureSettings).items()
}


def camera_from_text(text: str, name: str = "camera") -> Camera:
    """The camera, not yet open.

    Args:
        text: `[NAME=]KIND:SOURCE[,SETTING=VALUE...]`; settings are those of `CaptureSettings`.
        name: for a text without one.

    Raises:
        RequestError: it is written in another way, or names a kind or setting that does not exist.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise RequestError(f"`{text}` names no camera: write it as {_EXAMPLE}.")
    kind = match["kind"]
    if kind not in KINDS:
        raise RequestError(
            f"`{text}`: there is no kind of camera `{kind}`; there are {', '.join(KINDS)}. Write it as {_EXAMPLE}."
        )
    source = match["source"] or (ANY if kind == "realsense" else "")
    if not source:
        raise RequestError(f"`{text}` does not say which camera: write it as {_EXAMPLE}.")
    return KINDS[kind](match["name"] or name, source, _settings(text, match["options"]))


def _settings(text: str, options: str | None) -> CaptureSettings:
    values: dict[str, object] = {}
    for option in options.split(",") if options else ():
        key, equals, value = option.partition("=")
        if key not in _TYPES or not equals:
            known = ", ".join(field.name for field in fields(CaptureSettings))
            raise RequestError(f"`{text}`: `{option}` is no setting of a camera; there are {known}.")
        values[key] = _value(text, key, value)
    return CaptureSettings(**values)  # type: ignore[arg-type]  # each of the type of its field


def _value(text: str, key: str, value: str) -> object:
    if _TYPES[key] is str:
        if len(value) != 4:
            raise RequestError(f"`{text}`: `{key}` is four letters such as MJPG, not `{value}`.")
        return value
    try:
        number: float = _TYPES[key](value)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf") or (number == 0 and key != "latency"):
        what = "a whole number" if _TYPES[key] is int else "a number"
        raise RequestError(f"`{text}`: `{key}` is {what} above zero, not `{value}`.")
    return number
