"""What an annotation file has to have before its entries can be read."""

from typing import Any

from toto_bench.tasks.ego4d_sta.errors import AnnotationError


def expect_entries(content: Any, place: str) -> list[dict[str, Any]]:
    """The entries of an annotation file, each with a `uid`.

    Args:
        content: of the file.
        place: what it is, for messages.

    Raises:
        AnnotationError: it has none, or one without a uid.
    """
    entries = content.get("annotations") if hasattr(content, "get") else None
    if not isinstance(entries, list) or not entries:
        raise AnnotationError(
            f"{place} has no entries under `annotations`: it is no annotation file of short-term anticipation "
            "(fho_sta_train.json, fho_sta_val.json)."
        )
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("uid"), str):
            raise AnnotationError(f"{place}: entry {number} of `annotations` has no text `uid`.")
    return entries
