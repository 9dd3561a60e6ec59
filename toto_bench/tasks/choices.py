"""Protocol values that depend on the backbone, for tasks that encode single images."""

from toto_bench.backbones.base import BackboneInfo, UnsupportedInputError

FALLBACK_SIDE = 224
"""Side for a backbone that was not trained at any: the paper's for DINO and MAE."""


def expect_single_frames(info: BackboneInfo, task: str) -> None:
    """Refuse a backbone that reads clips, of one length or of any.

    Args:
        info: of the backbone.
        task: what encodes what, for the message: "DAVIS encodes single frames".

    Raises:
        UnsupportedInputError: it does.
    """
    tubelet = max(layer.tubelet for layer in info.layers)
    if info.frames not in (None, 1) or tubelet > 1:
        clips = f"clips of {info.frames or tubelet} frames" + ("" if info.frames else " or more")
        raise UnsupportedInputError(f"`{info.name}` reads {clips}; {task}. Choose an image backbone.")


def single_layer(layer: int | str, info: BackboneInfo) -> int:
    """The one layer that is read: a number, or `last` = the backbone's default.

    Raises:
        UnsupportedInputError: the backbone has no such layer.
    """
    number = info.default_layer if layer == "last" else int(layer)
    if number != 0:
        info.layer(number)
    return number


def square_side(side: int | str, info: BackboneInfo) -> int:
    """The side of square images: a number, or `backbone` = the side that it was trained at.

    Raises:
        UnsupportedInputError: the backbone needs another size, or clips.
    """
    expect_single_frames(info, "this task encodes single images")
    needed = info.image_size
    chosen = (needed[0] if needed else info.native_size or FALLBACK_SIDE) if side == "backbone" else int(side)
    if needed not in (None, (chosen, chosen)):
        raise UnsupportedInputError(
            f"`{info.name}` reads images of {needed[0]}x{needed[1]} only, not {chosen}x{chosen}: choose another "
            "backbone, or another size."
        )
    return chosen
