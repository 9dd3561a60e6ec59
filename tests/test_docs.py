"""Every command that the documents show is run; every link and file they name is there."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.cards import backbone_cards, task_cards
from toto_bench.cli import invoke
from toto_bench.scaffold.task.module import SampleName
from toto_bench.tasks.davis import evaluate_masks, propagate

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("[!.]*/README.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Fenced blocks of a language: document, text."""
    for document in DOCUMENTS:
        for found, text in FENCE.findall(document.read_text()):
            if found == language:
                yield str(document.relative_to(ROOT)), text


def commands() -> list[tuple[str, list[str]]]:
    """Every line of every `sh` block, without its comment."""
    lines = [
        (name, shlex.split(line, comments=True)) for name, text in blocks("sh") for line in text.splitlines()
    ]
    return [(name, words) for name, words in lines if words]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the documents assume: DAVIS, RESULTS, SHAPES, a checkpoint (DINO's is random here), the files they show."""
    folder = tmp_path_factory.mktemp("workplace")
    model = load_backbone("dino-s16", random_init=True).checkpointed()
    torch.save(model.state_dict(), folder / "dino_deitsmall16_pretrain.pth")
    SampleName.write_sample(object.__new__(SampleName), folder / "SHAPES")
    for image in folder.glob("SHAPES/*/*/*.png"):
        if int(image.stem) >= 4:  # a dozen of each split will do
            image.unlink()
    for _, text in blocks("python"):
        if name := re.match(r"# (\w+\.py)\n", text):
            (folder / name[1]).write_text(text)
    return folder


@pytest.fixture
def prepared(workplace: Path, make_davis: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """That folder as the current one."""
    if not (workplace / "DAVIS").exists():
        data = make_davis(sequences=2, frames=3, size=(64, 96))
        shutil.copytree(data, workplace / "DAVIS")
        shutil.copytree(data / "Annotations/480p", workplace / "RESULTS")
    monkeypatch.chdir(workplace)
    return workplace


@pytest.mark.parametrize(
    ("document", "words"), commands(), ids=lambda value: " ".join(value) if isinstance(value, list) else value
)
def test_command_works(
    document: str, words: list[str], prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`toto-bench`, `python` and `pytest` lines are run as they stand, in order; make targets exist."""
    if words[0] == "make":
        subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, check=True, capture_output=True)
        return
    if words == [".", ".venv/bin/activate"]:
        return
    if words[0] in ("python", "pytest"):
        python = [sys.executable] if words[0] == "python" else [sys.executable, "-m", "pytest"]
        done = subprocess.run([*python, *words[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return
    assert words[0] == "toto-bench", f"{document}: what is {words[0]}?"
    assert invoke(words[1:]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out


def test_python_in_the_documents_works() -> None:
    """The snippet of docs/davis.md, on made-up input."""
    [snippet] = [text for name, text in blocks("python") if name == "docs/davis.md"]
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, (5, 12, 16))
    scope: dict[str, object] = {
        "features": torch.rand(4, 6, 8, 5),
        "first_mask": torch.rand(2, 6, 8),
        "truth": truth,
        "prediction": truth,
    }
    exec(compile(snippet, "docs/davis.md", "exec"), scope)
    assert scope["propagate"] is propagate
    assert scope["evaluate_masks"] is evaluate_masks
    assert scope["soft"].shape == (3, 2, 6, 8)
    assert scope["scores"][1].j.mean == 1.0


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Relative links and pictures exist."""
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


def test_the_readme_names_every_card() -> None:
    """No task or runnable backbone is forgotten in the tables."""
    text = (ROOT / "README.md").read_text()
    runnable = [name for name, card in backbone_cards().items() if card.runnable]
    assert [name for name in [*task_cards(), *runnable] if f"`{name}`" not in text] == []
