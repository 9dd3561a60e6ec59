"""How to have a file fetched anew: what is there is never fetched, nor removed by us."""

from collections.abc import Iterator
from contextlib import contextmanager

from toto_bench.backbones.errors import WrongFileError
from toto_bench.backbones.locate import Located
from toto_bench.backbones.sources import downloadable
from toto_bench.cards import Weights
from toto_bench.paths import weights_folder


@contextmanager
def fetching_again(located: Located, weights: Weights) -> Iterator[None]:
    """While weights are read: where `--download` can replace what is wrong, the error says how.

    What the user named, a package brought or another program keeps is not ours to have removed.

    Raises:
        WrongFileError: raised inside; with the way on that fits the place of the file.
    """
    try:
        yield
    except WrongFileError as error:
        ours = located.origin == "folder" and located.path and located.path.is_relative_to(weights_folder())
        if not (ours and downloadable(weights)):
            raise
        way = f"Remove `{located.path}`; then `--download` fetches it again."
        raise WrongFileError(error.fault, way) from error
