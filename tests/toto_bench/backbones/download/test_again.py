"""Which errors about a file tell to remove it and to let `--download` fetch it again."""

from pathlib import Path

import pytest

from toto_bench.backbones.download import fetching_again
from toto_bench.backbones.errors import FolderError, UnreadableWeightsError, WrongFileError
from toto_bench.backbones.locate import Located
from toto_bench.cards import Weights

WEIGHTS = Weights(url="https://example.org/eye.pth", licence="x")


def said(located: Located, weights: Weights, error: UnreadableWeightsError) -> str:
    """What an error says in the end."""
    with pytest.raises(type(error)) as caught, fetching_again(located, weights):
        raise error
    return str(caught.value)


def damaged() -> WrongFileError:
    return WrongFileError("Damaged.", "Get the file again.")


def test_a_file_in_our_folder_is_to_be_removed(target):
    """In place of what is said of other files."""
    message = said(Located(target, "folder"), WEIGHTS, damaged())
    assert message == f"Damaged. Remove `{target}`; then `--download` fetches it again."


def test_of_a_repository_the_whole_folder_is_to_be_removed(target):
    """While it is there, nothing of it is fetched."""
    folder = target.parent / "hf" / "org" / "eye"
    weights = Weights(repository="org/eye", licence="x")
    assert f"Remove `{folder}`; then" in said(Located(folder, "folder"), weights, damaged())


@pytest.mark.parametrize("origin", ["file", "package"])
def test_a_file_that_is_not_ours_keeps_its_text(target, origin):
    """The user named it, even if it lies in our folder, or a package brought it."""
    assert said(Located(target, origin), WEIGHTS, damaged()) == "Damaged. Get the file again."


def test_the_cache_of_another_program_keeps_its_text(tmp_path: Path):
    """The hub's client shares it with others."""
    located = Located(tmp_path / "hub" / "eye", "folder")
    assert said(located, WEIGHTS, damaged()) == "Damaged. Get the file again."


def test_what_cannot_be_downloaded_is_not_to_be_removed(target):
    """`--download` would not bring it back."""
    weights = Weights(page="https://example.org", filename="eye.pth", licence="x")
    assert said(Located(target, "folder"), weights, damaged()) == "Damaged. Get the file again."


@pytest.mark.parametrize("error", [UnreadableWeightsError("It holds code."), FolderError("A folder.")])
def test_what_another_copy_does_not_mend_keeps_its_text(target, error):
    """The same file would come again."""
    assert said(Located(target, "folder"), WEIGHTS, error) == str(error)
