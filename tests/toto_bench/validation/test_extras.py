"""Extras: of the checkout first, since an editable install may be older."""

import pytest

import toto_bench
from toto_bench.validation import extras as module


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The package as if it lay in another folder."""
    monkeypatch.setattr(toto_bench, "__file__", str(tmp_path / "toto_bench" / "__init__.py"))
    module.extras.cache_clear()
    yield tmp_path
    module.extras.cache_clear()


def test_a_checkout_says_its_extras(elsewhere) -> None:
    """Another project's file beside the package does not."""
    (elsewhere / "pyproject.toml").write_text(
        '[project]\nname = "toto-bench"\n[project.optional-dependencies]\nowls = []\n'
    )
    assert module.extras() == {"owls"}
    (elsewhere / "pyproject.toml").write_text('[project]\nname = "owls"\n')
    module.extras.cache_clear()
    assert "efficientnet" in module.extras()


def test_what_is_not_installed_has_no_extras_to_compare(elsewhere, monkeypatch) -> None:
    """Then nothing is said of them."""

    def absent(name):
        raise module.PackageNotFoundError(name)

    monkeypatch.setattr(module, "metadata", absent)
    assert module.extras() is None
    assert module.check_extra("needs.extra", "owls") == []


def test_modules_and_packages_that_are_not_there() -> None:
    """Also below a module that is no package."""
    assert module.has_module("numpy.linalg")
    assert not module.has_module("owls_of_nobody.eyes")
    assert not module.has_module("json.tool.eyes")
    assert module.has_distribution("numpy")
    assert not module.has_distribution("owls-of-nobody")
