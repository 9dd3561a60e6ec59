"""Fetching weights: licence first, resumable, checked. Importing this imports no torch."""

from toto_bench.backbones.download.again import fetching_again
from toto_bench.backbones.download.errors import DownloadError
from toto_bench.backbones.download.fetch import fetch_weights

__all__ = ["DownloadError", "fetch_weights", "fetching_again"]
