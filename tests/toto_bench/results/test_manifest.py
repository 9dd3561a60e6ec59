"""Names in an archive stay below the folder they are put into."""

import pytest
from pydantic import ValidationError

from toto_bench.results.manifest import FileEntry, Manifest, RunEntry, is_safe

FILE = FileEntry(sha256="00", bytes=1)


@pytest.mark.parametrize("name", ["a", "a/b.png", "a/..b/c", "-3B32", "a b", "ä/日本", "a:b"])
def test_plain_names_are_safe(name):
    """Also odd ones: items are named by their data sets."""
    assert is_safe(name)


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../b", "a/..", "./a", "a//b", "a/", ".", "a\0b"])
def test_names_that_lead_elsewhere_are_not(name):
    """Nor are two names of one file."""
    assert not is_safe(name)


@pytest.mark.parametrize("files", [["../a"], ["a", "a/b"], ["a/b/c", "a"]], ids=str)
def test_a_run_holds_files_that_can_lie_side_by_side(files):
    """A file is no folder."""
    with pytest.raises(ValidationError, match="not the path of a file inside"):
        RunEntry(files=dict.fromkeys(files, FILE))


@pytest.mark.parametrize("run", ["", "..", ".hidden", "a/b", "/a"])
def test_a_run_is_one_folder(run):
    """Its name is that of no other place."""
    with pytest.raises(ValidationError, match="not the name of a run"):
        Manifest(toto_bench="1", runs={run: RunEntry(files={"record.json": FILE})})


def test_members_are_named_by_run_and_file():
    """As they stand in the archive."""
    manifest = Manifest(toto_bench="1", runs={"r": RunEntry(files={"a/b": FILE})})
    assert manifest.members() == {"r/a/b": FILE}
