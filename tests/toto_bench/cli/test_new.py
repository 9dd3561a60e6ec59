"""`toto-bench new`: what it writes, what it refuses, and that it writes all or nothing."""

import sys
from pathlib import Path

import pytest

from toto_bench.cards import find_backbone, find_task
from toto_bench.cli import invoke
from toto_bench.errors import TotoBenchError
from toto_bench.scaffold import write as writing
from toto_bench.scaffold.write import write_new


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths of the command line mean this folder."""
    monkeypatch.chdir(tmp_path)


def files() -> list[str]:
    """Every file below the current folder."""
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


def test_a_task_is_a_card_code_and_a_test(capsys: pytest.CaptureFixture[str]) -> None:
    """They are named, and so are the next commands."""
    assert invoke(["new", "task", "count-shapes"]) == 0
    assert files() == [
        "my_plugins/__init__.py",
        "my_plugins/count_shapes.py",
        "my_plugins/tasks/count-shapes.toml",
        "my_plugins/tests/test_count_shapes.py",
    ]
    out = capsys.readouterr().out
    for line in (
        "Wrote my_plugins/tasks/count-shapes.toml",
        "python -m pytest my_plugins",
        "--plugin-dir my_plugins",
    ):
        assert line in out
    assert "pip install" not in out


def test_without_pytest_the_way_to_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usual installation does not bring it."""
    monkeypatch.setitem(sys.modules, "pytest", None)
    assert invoke(["new", "backbone", "tiny-eyes"]) == 0
    assert capsys.readouterr().out.endswith(
        "needs pytest, which is not installed here: `pip install pytest`.\n"
    )


def test_a_backbone_stands_beside_it_at_once() -> None:
    """The second card of a folder is found by the process that wrote it, although cards were read before."""
    assert invoke(["new", "task", "count-shapes", "--plugin-dir", "mine"]) == 0
    assert invoke(["show", "task", "count-shapes", "--plugin-dir", "mine"]) == 0
    assert invoke(["new", "backbone", "tiny-eyes", "--plugin-dir", "mine"]) == 0
    assert find_task("count-shapes").entry == "mine.count_shapes:CountShapes"
    card = find_backbone("tiny-eyes")
    assert (card.entry, card.title, card.architecture.model) == (
        "mine.tiny_eyes:build",
        "Tiny Eyes",
        "TinyEyesNet",
    )


@pytest.mark.parametrize("kind", ["task", "backbone"])
def test_no_placeholder_is_left(kind: str) -> None:
    """What is written speaks of the new card alone."""
    assert invoke(["new", kind, "count-shapes", "--plugin-dir", "mine"]) == 0
    for path in files():
        text = Path(path).read_text()
        for word in ("sample-name", "sample_name", "SampleName", "Sample Name", "sample_plugins"):
            assert word not in text, path
        assert not path.endswith(".py") or compile(text, path, "exec")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["task", "Count"], "lower-case letters"),
        (["task", "3d"], "a letter first"),
        (["task", "count--shapes"], "joined by `-`"),
        (["task", "class"], "choose another name"),
        (["task", "tests"], "choose another name"),
        (["task", "davis"], "There is a task `davis` already"),
        (["backbone", "dino-b8"], "There is a backbone `dino-b8` already"),
        (["task", "image"], "`Image`, a name that its code uses"),
        (["backbone", "block"], "`Block`, a name that its code uses"),
        (["task", "eyes", "--plugin-dir", "my-plugins"], "cannot be imported"),
        (["task", "eyes", "--plugin-dir", "json"], "another Python package"),
        (["task", "eyes", "--plugin-dir", "somewhere/torch"], "another Python package"),
    ],
)
def test_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One paragraph each, exit code 2, and nothing is written."""
    assert invoke(["new", *words]) == 2
    assert said in capsys.readouterr().err
    assert files() == []
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "words", [["task", "eyes"], ["backbone", "eyes"], ["task", "big-eyes"], ["backbone", "big_eyes"]]
)
def test_nothing_is_overwritten(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Neither by the same name, nor by one of the same module."""
    for name in ("eyes", "big_eyes"):
        assert invoke(["new", "task", name, "--plugin-dir", "mine"]) == 0
    before = {path: Path(path).read_bytes() for path in files()}
    assert invoke(["new", *words, "--plugin-dir", "mine"]) == 2
    assert "already" in capsys.readouterr().err
    assert {path: Path(path).read_bytes() for path in files()} == before


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_all_or_nothing(there: bool, failure: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up, or a Ctrl-C, leaves no file, and no folder that was not there."""
    if there:
        write_new("backbone", "eyes", Path("mine"))
    before = files()
    whole = writing.write_text

    def fail_at_the_card(path: Path, content: str) -> None:
        if path.suffix == ".toml":
            raise failure
        whole(path, content)

    monkeypatch.setattr(writing, "write_text", fail_at_the_card)
    with pytest.raises((TotoBenchError, KeyboardInterrupt), match=r"No space left|^$"):
        write_new("task", "count-shapes", Path("mine"))
    assert files() == before
    assert Path("mine").exists() == there
    assert not Path("mine/tasks").exists()
