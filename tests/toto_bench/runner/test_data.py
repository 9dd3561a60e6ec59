"""Where the bundled sample of a task lies."""

from pathlib import Path

import toto_bench
from toto_bench._version import __version__
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.runner.data import sample_data
from toto_bench.scaffold.write import write_new


def test_ours_lies_under_its_name(home: Path) -> None:
    """Written once for each version of toto-bench."""
    folder = sample_data(toto_bench.load_task("davis"))
    assert folder == home / "data" / "sample" / __version__ / "davis"


def test_that_of_a_plug_in_follows_its_code(tmp_path: Path) -> None:
    """An edited module may draw another sample: the old one is not taken for it."""
    plugins = tmp_path / "sampling_plugins"
    write_new("task", "count-shapes", plugins)
    add_plugin_folder(plugins)
    task = toto_bench.load_task("count-shapes")
    before = sample_data(task)
    assert before == sample_data(task)
    code = plugins / "count_shapes.py"
    code.write_text(code.read_text() + "\n# edited\n")
    after = sample_data(task)
    assert after != before
    assert after.is_dir()
