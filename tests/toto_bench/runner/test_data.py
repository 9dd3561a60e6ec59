"""Where the sample of a task lies."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import toto_bench
from toto_bench._version import __version__
from toto_bench.cards import find_task
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.cli import invoke
from toto_bench.errors import RequestError
from toto_bench.runner.data import MissingDataError, find_data, locate_data, sample_data
from toto_bench.scaffold.write import write_new


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty bundle instead of the shipped one."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    monkeypatch.setattr("toto_bench.samples.bundle.BUNDLE", folder)
    return folder


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The folder of a plug-in, the task `count-shapes`."""
    folder = tmp_path / "sampling_plugins"
    write_new("task", "count-shapes", folder)
    add_plugin_folder(folder)
    return folder


def test_a_bundled_one_is_read_where_it_lies(bundle: Path, home: Path) -> None:
    """Nothing is copied or written."""
    (bundle / "davis").mkdir()
    assert find_data(toto_bench.load_task("davis"), "sample") == bundle / "davis"
    assert not list(home.iterdir())


def test_the_bundle_is_not_for_plug_ins(bundle: Path, plugin: Path) -> None:
    """Theirs is what their code writes, whatever they are called."""
    (bundle / "count-shapes").mkdir()
    assert sample_data(toto_bench.load_task("count-shapes")).parent.name == __version__


def test_a_task_without_one(bundle: Path, home: Path) -> None:
    """Where none is bundled, the user is asked for data, and nothing is left behind."""
    with pytest.raises(RequestError, match="`davis` has no bundled sample yet: give `--data PATH`"):
        sample_data(toto_bench.load_task("davis"))
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_that_of_a_plug_in_follows_its_code(plugin: Path) -> None:
    """An edited module may draw another sample: the old one is not taken for it."""
    task = toto_bench.load_task("count-shapes")
    before = sample_data(task)
    assert before == sample_data(task)
    code = plugin / "count_shapes.py"
    code.write_text(code.read_text() + "\n# edited\n")
    after = sample_data(task)
    assert after != before
    assert after.is_dir()


def test_several_processes_may_write_it_at_once(plugin: Path) -> None:
    """The first one wins, the others take what is there."""
    task = toto_bench.load_task("count-shapes")
    with ThreadPoolExecutor(6) as pool:
        [folder] = {future.result() for future in [pool.submit(sample_data, task) for _ in range(6)]}
    assert folder.stat().st_mode & 0o755 == 0o755
    assert list(folder.parent.iterdir()) == [folder]


def test_a_folder_of_several_tasks(tmp_path: Path) -> None:
    """As `make-sample` writes it: each task takes its own."""
    for task in ("davis", "imagenet"):
        (tmp_path / "world" / task / "any").mkdir(parents=True)
    for task in ("davis", "imagenet"):
        assert locate_data(find_task(task), str(tmp_path / "world")) == tmp_path / "world" / task
    assert locate_data(find_task("cater"), str(tmp_path / "world")) == tmp_path / "world"


def test_a_file_of_annotations_where_it_is_enough(tmp_path: Path) -> None:
    """Tasks that score submissions by annotations alone take one; others say that it is a file."""
    path = tmp_path / "fho_sta_val.json"
    path.touch()
    assert find_data(toto_bench.load_task("ego4d_sta"), str(path)) == path
    with pytest.raises(MissingDataError, match="is a file, not a folder"):
        find_data(toto_bench.load_task("davis"), str(path))


def test_what_is_no_folder_of_data(tmp_path: Path) -> None:
    """Nothing is there, nothing is in it, or it is a file."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "train.py").touch()
    for name, state in (
        ("nope", "does not exist"),
        ("empty", "is empty"),
        ("train.py", "is a file, not a folder"),
    ):
        with pytest.raises(MissingDataError, match=rf"looked for in {tmp_path / name}, which {state}\."):
            locate_data(find_task("davis"), str(tmp_path / name))


@pytest.mark.parametrize("file", [False, True], ids=["where nothing can be made", "a file"])
def test_a_home_that_cannot_be_written(
    file: bool,
    plugin: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The variable is named, since no option of the command chooses another folder."""
    home = tmp_path / "taken" if file else Path("/proc/nope")
    if file:
        home.touch()
    monkeypatch.setenv("TOTO_BENCH_HOME", str(home))
    assert invoke(["data", "check", "count-shapes", "--data", "sample"]) == 1
    message = capsys.readouterr().err
    assert "Set TOTO_BENCH_HOME to another folder, then repeat the same command" in message
    assert "Free some space" not in message
