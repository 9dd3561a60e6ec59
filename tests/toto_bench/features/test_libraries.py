"""Features of another version of a library are not taken for this one's."""

import timm
import torch

from toto_bench.features import libraries as module


def test_versions_are_named() -> None:
    """Those that run here; one that is not installed is said to be none."""
    module.libraries.cache_clear()
    text = module.libraries()
    assert f"torch {torch.__version__.partition('+')[0]}" in text
    assert f"timm {timm.__version__}" in text


def test_a_library_that_is_not_installed() -> None:
    """It computes nothing."""
    assert module._version("no-such-package-anywhere") == "none"
