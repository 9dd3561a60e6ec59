"""Fetching a repository of the Hugging Face hub: its configuration, and one set of tensors."""

import importlib
import re
import shutil
from pathlib import Path
from typing import Any

from toto_bench.backbones.download.errors import DownloadError
from toto_bench.backbones.download.lock import alone
from toto_bench.backbones.download.meter import Meter
from toto_bench.backbones.hf.files import CONFIG, PREPROCESSOR, VIDEO_PREPROCESSOR
from toto_bench.backbones.hf.hub_errors import in_words
from toto_bench.backbones.status import installed
from toto_bench.errors import RequestError
from toto_bench.files import not_written
from toto_bench.progress import Progress

DESCRIPTIONS = (CONFIG, PREPROCESSOR, VIDEO_PREPROCESSOR)
"""What is fetched beside the tensors; code is not."""


def fetch_repository(repository: str, folder: Path, progress: Progress) -> None:
    """Fetch a repository's files into a folder, which is there whole or not at all.

    What came of an attempt that failed is kept in a folder beside it, and the next one goes on from there.

    Args:
        repository: `ORGANISATION/NAME`, of which the default branch is taken.
        folder: where the files go.
        progress: hears how far it is, in MB.

    Raises:
        RequestError: the extra `hf` is missing.
        DownloadError: no connection, no such repository, it is gated, or it has no weights.
        DiskError: the disk is full, or the folder cannot be written.
    """
    if not installed("huggingface_hub"):
        raise RequestError(
            f"To fetch `{repository}`, the package `huggingface_hub` is needed: `pip install 'toto-bench[hf]'`."
        )
    with alone(folder, progress):
        if folder.exists():  # another process has fetched it meanwhile
            return
        part = folder.with_name(f".{folder.name}.part")
        with in_words(repository, folder):
            _download(repository, part, progress)
        try:
            shutil.rmtree(part / ".cache", ignore_errors=True)
            part.replace(folder)
        except OSError as error:
            raise not_written(folder, error) from error


def wanted(names: list[str]) -> list[str]:
    """Of a repository's files those that are read: descriptions, and tensors in one format, safetensors first.

    A repository without a configuration or without tensors has none.
    """
    for kind in (r"model{}\.safetensors", r"pytorch_model{}\.bin"):
        pattern = kind.format(r"(-\d+-of-\d+)?")
        tensors = [name for name in names if re.fullmatch(pattern, name)]
        index = [name for name in names if re.fullmatch(rf"{pattern}\.index\.json", name)]
        if tensors and CONFIG in names:
            return [*[name for name in names if name in DESCRIPTIONS], *tensors, *index]
    return []


def _download(repository: str, part: Path, progress: Progress) -> None:
    hub: Any = importlib.import_module("huggingface_hub")
    endpoint = importlib.import_module("huggingface_hub.constants").ENDPOINT
    described = hub.HfApi(endpoint=endpoint).model_info(repository, files_metadata=True)
    sizes = {file.rfilename: file.size or 0 for file in described.siblings or ()}
    names = wanted(list(sizes))
    if not names:
        raise DownloadError(
            f"`{repository}` on the hub has no {CONFIG} with a *.safetensors or *.bin beside it, so there is nothing "
            "that transformers could load. Name another repository."
        )
    meter, done = Meter(progress, repository), 0
    meter.begin(0, sum(sizes[name] for name in names))
    try:
        for name in names:
            bar = _bar(meter, done)
            hub.hf_hub_download(
                repository, name, revision=described.sha, local_dir=part, endpoint=endpoint, tqdm_class=bar
            )
            done += sizes[name]
            meter.reached(done)
    finally:
        meter.stop()


def _bar(meter: Meter, before: int) -> type[Any]:
    """A class of bars that tell the meter, and show nothing; `before` bytes were there when its file began."""
    tqdm: Any = importlib.import_module("tqdm").tqdm

    class Bar(tqdm):  # type: ignore[misc]
        """What the hub's client tells of one file."""

        def __init__(self, *_: Any, initial: int = 0, **__: Any) -> None:
            super().__init__(disable=True)
            self.bytes = initial

        def update(self, n: float | None = 1) -> None:
            """More bytes are here; fewer, if the file begins anew."""
            self.bytes += int(n or 0)
            meter.reached(before + self.bytes)

        def update_transfer(self, _: float | None = 1) -> None:
            """Bytes on the network are not counted beside those in the file."""

        def set_transfer_postfix_str(self, *_: Any, **__: Any) -> None:
            """Nothing is shown."""

    return Bar
