"""Making samples: everything is there, nothing is made twice, and what goes wrong is said."""

import errno
import fcntl
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from toto_bench.errors import TotoBenchError
from toto_bench.files import DiskError
from toto_bench.samples.errors import BusyFolderError, OtherSampleError, SampleError
from toto_bench.samples.manifest import NAME, read_manifest
from toto_bench.samples.recipes import RECIPES, UnknownSampleError


def files_in(folder: Path) -> list[str]:
    """Every file, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_folder_holds_the_tasks_and_the_manifest_and_nothing_else(make, tmp_path: Path) -> None:
    """No marks, no parts, no temporary files stay behind."""
    outcome = make(names=["still"])
    units = ("still-0", "still-1", "still-2")
    expected = [f"still/masks/{unit}.png" for unit in units] + [
        f"still/pictures/{unit}.jpg" for unit in units
    ]
    assert files_in(tmp_path / "out") == sorted([NAME, "still/list.json", *expected])
    assert outcome.made["still"].units == 3
    assert outcome.made["still"].cpu_seconds > 0
    assert not list((tmp_path / "out").glob(".*"))


def test_a_finished_sample_is_not_made_again(make, fakes, tmp_path: Path) -> None:
    """The second call does nothing; another task can be added."""
    first = make(names=["still"])
    again = make(names=["still"])
    assert (again.made["still"].units, again.made["still"].cpu_seconds) == (0, None)
    assert again.manifest == first.manifest
    both = make()
    assert set(both.manifest.tasks) == {"still", "moving"}
    assert len(fakes.begun()) == 6
    assert both.manifest.tasks["still"] == first.manifest.tasks["still"]
    assert read_manifest(tmp_path / "out") == both.manifest


def test_the_number_of_processes_changes_nothing(make) -> None:
    """The same seed gives the same files; another one does not."""
    assert make(out="a", workers=1).manifest == make(out="b", workers=3).manifest
    assert make(out="c", seed=1).manifest.tasks["still"] != make(out="a").manifest.tasks["still"]


def test_scale_makes_more(make) -> None:
    """Twice the units."""
    assert make(names=["still"], scale=2).made["still"].units == 6


@pytest.mark.parametrize(
    ("values", "words"),
    [({"seed": 1}, "seed 0"), ({"scale": 2}, "scale 1"), ({"backend": "egl"}, "backend ray")],
    ids=str,
)
def test_one_folder_holds_one_set(make, fakes, values: dict[str, object], words: str) -> None:
    """Another seed, scale or backend in the same folder is refused, with the way out."""
    make(names=["still"])
    with pytest.raises(OtherSampleError, match=f"made with {words}.*another with `--out`"):
        make(names=["still"], **values)
    assert len(fakes.begun()) == 3


def test_auto_goes_on_with_the_backend_of_the_folder(make) -> None:
    """A set is rendered by one backend, whatever works here today."""
    make(names=["still"])
    assert make(backend="auto").manifest.backend == "ray"


def test_what_we_did_not_make_is_not_touched(make, tmp_path: Path) -> None:
    """A data set of the user's, or a manifest of somebody else, stays as it is."""
    (tmp_path / "out" / "still").mkdir(parents=True)
    (tmp_path / "out" / "still" / "mine.txt").write_text("mine")
    with pytest.raises(OtherSampleError, match="was not made by"):
        make()
    assert files_in(tmp_path / "out") == ["still/mine.txt"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / NAME).write_text("{}")
    with pytest.raises(OtherSampleError, match="is not a manifest"):
        make(out="other")


def test_a_lost_file_is_noticed_and_a_lost_folder_is_made_again(make, fakes, tmp_path: Path) -> None:
    """The way out that the message names works."""
    first = make(names=["still"])
    (tmp_path / "out/still/masks/still-1.png").unlink()
    with pytest.raises(OtherSampleError, match=r"1 of the 7 files .*still-1\.png.*Remove"):
        make(names=["still"])
    shutil.rmtree(tmp_path / "out" / "still")
    assert make(names=["still"]).manifest == first.manifest
    assert len(fakes.begun()) == 6


def test_an_edited_label_of_the_same_size_is_noticed(make, tmp_path: Path) -> None:
    """A number of the list is another one."""
    make(names=["still"])
    listing = tmp_path / "out/still/list.json"
    listing.write_text(listing.read_text().replace("0", "7"))
    with pytest.raises(OtherSampleError, match=r"1 of the 7 files .*list\.json"):
        make(names=["still"])


def test_a_folder_that_was_removed_half_done_is_begun_anew(make, fakes, tmp_path: Path) -> None:
    """Its units are not taken for done."""
    failing = fakes.let("fail", "still-2")
    with pytest.raises(SampleError):
        make(names=["still"])
    shutil.rmtree(tmp_path / "out" / "still")
    failing.unlink()
    made = make(names=["still"]).made["still"]
    assert (made.units, made.kept) == (3, 0)


def test_a_finished_folder_that_was_removed_and_fails_then_is_made_in_the_end(
    make, fakes, tmp_path: Path
) -> None:
    """What the manifest said of it is forgotten at once."""
    first = make(names=["still"])
    shutil.rmtree(tmp_path / "out" / "still")
    failing = fakes.let("fail", "still-1")
    with pytest.raises(SampleError):
        make(names=["still"])
    assert not read_manifest(tmp_path / "out").tasks
    failing.unlink()
    assert make(names=["still"]).manifest == first.manifest


def test_marks_that_were_half_written_are_no_marks(make, fakes, tmp_path: Path) -> None:
    """A kill within the writing of a mark leaves a temporary file."""
    failing = fakes.let("fail", "still-1")
    with pytest.raises(SampleError):
        make(names=["still"])
    failing.unlink()
    (tmp_path / "out/.making/still/.writing-x.json").touch()
    assert make(names=["still"]).made["still"].kept == 2
    assert not list((tmp_path / "out").glob(".*"))


def test_a_disk_without_locks_is_said(make, monkeypatch: pytest.MonkeyPatch) -> None:
    """As some network disks are."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("toto_bench.samples.alone.fcntl.flock", refuse)
    with pytest.raises(DiskError, match="No locks available"):
        make()


def test_units_are_made_by_several_processes(make, fakes) -> None:
    """One is held until another process has made a unit."""
    held = fakes.let("hold", "still-0")
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(make, names=["still"], workers=2)
        while len(fakes.processes()) < 2 and not making.done():
            time.sleep(0.01)
        held.unlink()
        making.result()
    assert len(fakes.processes()) == 2


def test_a_unit_that_fails_is_named_and_the_others_are_kept(make, fakes, tmp_path: Path) -> None:
    """One paragraph; the same call makes the rest, and the other task is finished."""
    failing = fakes.let("fail", "still-1")
    with pytest.raises(SampleError) as caught:
        make()
    message = str(caught.value)
    assert "`still-1` of the sample `still`" in message
    assert "ValueError: a sphere has no corners" in message
    assert "\n" not in message
    assert set(read_manifest(tmp_path / "out").tasks) == {"moving"}
    failing.unlink()
    made = make().made["still"]
    assert (made.units, made.kept) == (1, 2)
    assert fakes.begun().count("still-1") == 2
    assert fakes.begun().count("still-0") == 1


def test_several_failures_are_counted(make, fakes) -> None:
    """The first is told in full."""
    for unit in ("still-0", "still-2"):
        fakes.let("fail", unit)
    with pytest.raises(SampleError, match="1 more failed"):
        make(workers=1)


def test_a_full_disk_is_said(make, fakes) -> None:
    """With the way out; the rest is not tried."""
    full = fakes.let("full", "still-0")
    with pytest.raises(DiskError, match=r"still-0.*No space left on device.*Free some space"):
        make(workers=1)
    full.unlink()
    assert set(make().manifest.tasks) == {"still", "moving"}


def test_a_process_that_dies_is_said(make, fakes) -> None:
    """As when memory runs out: the unit at work is named, and nothing hangs."""
    dying = fakes.let("die", "moving-1")
    with pytest.raises(SampleError, match=r"moving/moving-1.*Fewer `--workers`"):
        make(workers=1)
    dying.unlink()
    assert make().made["still"].cpu_seconds is None


def test_lists_that_fail_are_said(make, fakes) -> None:
    """The units stay done."""
    failing = fakes.let("fail", "lists-still")
    with pytest.raises(SampleError, match=r"lists of the sample `still`.*lost"):
        make(names=["still"])
    failing.unlink()
    assert make(names=["still"]).made["still"].kept == 3


def test_two_processes_do_not_work_in_one_folder(make, tmp_path: Path) -> None:
    """The second one is sent away; the hold ends with its process."""
    (tmp_path / "out").mkdir()
    descriptor = os.open(tmp_path / "out", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(BusyFolderError, match="Another process"):
        make()
    os.close(descriptor)
    assert make().manifest.tasks


def test_an_unknown_sample_is_refused_before_any_work(make, tmp_path: Path) -> None:
    """With a suggestion."""
    with pytest.raises(UnknownSampleError, match="Did you mean `still`"):
        make(names=["stil"])
    assert not (tmp_path / "out").exists()


def test_a_recipe_that_cannot_be_imported_is_said(make, monkeypatch: pytest.MonkeyPatch) -> None:
    """One paragraph that names it."""
    monkeypatch.setitem(RECIPES, "still", "fake_recipes:NOTHING")
    with pytest.raises(TotoBenchError, match="sample `still`"):
        make()
