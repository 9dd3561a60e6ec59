"""Which dialect a file is written in: told by its keys, never by its name."""

from collections.abc import Iterable

from toto_bench.backbones.errors import MismatchedWeightsError
from toto_bench.backbones.toto.checkpoints import dialects
from toto_bench.backbones.toto.checkpoints.dialects import Dialect, template

_SAMPLES = 6


def recognise(keys: Iterable[str], own: Iterable[str]) -> Dialect:
    """The one dialect that knows most of the keys.

    Args:
        keys: of the file.
        own: of the model, which are the native dialect.

    Raises:
        MismatchedWeightsError: no dialect knows half of them, or keys of two dialects are mixed.
    """
    known = (dialects.native(own), *dialects.FOREIGN)
    names = {template(key)[0]: key for key in keys}
    counts = {dialect: len(dialect.templates() & names.keys()) for dialect in known}
    best, second = sorted(known, key=counts.__getitem__, reverse=True)[:2]
    if 2 * counts[best] <= len(names) or counts[best] == counts[second]:
        samples = ", ".join(f"`{key}`" for key in list(names.values())[:_SAMPLES]) or "none"
        raise MismatchedWeightsError(
            f"its keys are of no known dialect ({', '.join(dialect.name for dialect in known)}), for example "
            f"{samples}. Save the whole state dict of the model (not shards of it) under the names of one of them"
        )
    for other in known:
        if strange := (other.templates() - best.templates()) & names.keys():
            ours = next(names[name] for name in names if name in best.templates() - other.templates())
            raise MismatchedWeightsError(
                f"its keys are of two dialects at once: `{ours}` is {best.name}, `{names[min(strange)]}` is "
                f"{other.name}. Save the state dict of one model alone"
            )
    return best
