"""Cards are found by name, families are merged, and files that disagree are refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from toto_bench.cards import CardError, UnknownNameError, search
from toto_bench.paths import Kind

FAMILY = """
family = "{family}"
summary = "Sees."
paper = "2020"
notes = ["shared"]
[architecture]
model = "vit"
layers = 12
arguments = {{ depth = 12, norm = {{ eps = 1, bias = true }} }}
[weights]
licence = "MIT"
[variants.{name}]
title = "{name}"
"""

TASK = """
name = "{name}"
title = "Jumps"
version = 1
summary = "How high."
paper = "Table 1"
primary = "height"
unit = "videos"
metrics = [{{ name = "height", title = "H", description = "How high." }}]
data = {{ name = "J", url = "u", licence = "l", size = "s", layout = "t", how_to_get = "h" }}
protocol = {{}}
presets.paper = {{ description = "d", source = "s" }}
"""

Write = Callable[..., Path]


def forget() -> None:
    """Empty the caches, which live as long as the process."""
    search._task_cards.cache_clear()
    search._backbone_cards.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Empty folders of cards instead of the shipped ones."""

    def own(kind: Kind) -> tuple[search.Source, ...]:
        return (search.Source(tmp_path / kind, None),)

    for kind in ("tasks", "backbones"):
        (tmp_path / kind).mkdir()
    monkeypatch.setattr(search, "search_path", own)
    forget()
    yield tmp_path
    forget()


@pytest.fixture
def family(folder: Path) -> Write:
    """Writes a family of one variant, and more text after it."""

    def write(family: str = "eye", name: str = "eye-b", more: str = "", top: str = "") -> Path:
        path = folder / "backbones" / f"{family}.toml"
        path.write_text(top + FAMILY.format(family=family, name=name) + more)
        return path

    return write


@pytest.fixture
def task(folder: Path) -> Write:
    """Writes a task card."""

    def write(name: str = "jump", file: str | None = None, more: str = "") -> Path:
        path = folder / "tasks" / f"{file or name}.toml"
        path.write_text(more + TASK.format(name=name))
        return path

    return write


def test_tasks_are_sorted_by_name(task: Write) -> None:
    """Whatever order the disk gives."""
    for name in ("swim", "jump", "run"):
        task(name)
    assert list(search.task_cards()) == ["jump", "run", "swim"]
    assert search.find_task("run").name == "run"


def test_backbones_stand_family_by_family_in_the_order_of_the_file(family: Write) -> None:
    """The order that their authors chose."""
    family("eye", "eye-l", "[variants.eye-a]\ntitle = 'x'\n")
    family("ear", "ear-b")
    assert list(search.backbone_cards()) == ["ear-b", "eye-l", "eye-a"]


def test_a_variant_lies_over_its_family(family: Write) -> None:
    """Tables are merged key by key at every depth, everything else is replaced."""
    family(
        more="notes = ['own']\narchitecture = { layers = 3, arguments = { norm = { eps = 2 }, width = 5 } }\n"
        "[variants.eye-plain]\ntitle = 'plain'\n"
    )
    own, plain = search.find_backbone("eye-b"), search.find_backbone("eye-plain")
    assert own.notes == ("own",)
    assert own.architecture.layers == 3
    assert own.architecture.model == "vit"
    assert own.architecture.arguments == {"depth": 12, "norm": {"eps": 2, "bias": True}, "width": 5}
    assert plain.notes == ("shared",)
    assert plain.architecture.layers == 12
    assert plain.architecture.arguments == {"depth": 12, "norm": {"eps": 1, "bias": True}}
    assert own.family == plain.family == "eye"


def test_a_misspelt_key_of_a_variant_gives_file_and_whole_path(family: Write) -> None:
    """The heading of the variant is part of the path."""
    path = family(more="architecture = { layer = 3 }\n")
    with pytest.raises(CardError) as caught:
        search.backbone_cards()
    expected = f"{path}: `variants.eye-b.architecture.layer` is not a known key. Did you mean `layers`?"
    assert str(caught.value) == expected


def test_a_file_named_otherwise_than_its_task(task: Write) -> None:
    """The error says how to rename it."""
    task("jump", file="leap")
    with pytest.raises(
        CardError, match=r"leap\.toml: the card calls itself `jump`: rename the file to `jump\.toml`"
    ):
        search.task_cards()


def test_a_file_named_otherwise_than_its_family(family: Write) -> None:
    """The same for backbones."""
    path = family("eye")
    path.rename(path.with_name("nose.toml"))
    with pytest.raises(CardError, match=r"nose\.toml: the card calls itself `eye`"):
        search.backbone_cards()


def test_a_family_without_a_name(family: Write) -> None:
    """The missing key is named."""
    path = family()
    path.write_text(path.read_text().replace('family = "eye"', ""))
    with pytest.raises(CardError, match=r'`family` is missing: add `family = "eye"`'):
        search.backbone_cards()


def test_a_name_in_two_families(family: Write) -> None:
    """The error names the file and the name."""
    family("ear", "same")
    family("eye", "same")
    with pytest.raises(CardError, match=r"eye\.toml: `same` exists already: give one"):
        search.backbone_cards()


@pytest.mark.parametrize("content", ["family = 'eye'\n", "family = 'eye'\nvariants = 3\n", "[variants]\n"])
def test_a_family_without_variants(folder: Path, content: str) -> None:
    """The error says what to add."""
    (folder / "backbones" / "eye.toml").write_text(content)
    with pytest.raises(CardError, match=r"`variants` is missing: add a table `\[variants\.NAME\]`"):
        search.backbone_cards()


def test_a_variant_that_is_no_table(folder: Path) -> None:
    """A value in its place is named."""
    (folder / "backbones" / "eye.toml").write_text("family = 'eye'\nvariants = { eye-b = 'big' }\n")
    with pytest.raises(CardError, match=r"`variants\.eye-b` = 'big': make it a table"):
        search.backbone_cards()


@pytest.mark.parametrize("place", ["more", "top"])
def test_a_second_name_is_refused(family: Write, place: str) -> None:
    """The heading is the name; another one would be silently lost, or silently win."""
    family(**{place: "name = 'other'\n"})
    with pytest.raises(CardError, match=r"`name` is not a known key: `\[variants\.eye-b\]` is the name"):
        search.backbone_cards()


def test_a_damaged_file_is_named(task: Write) -> None:
    """One bad card is not skipped silently."""
    task("jump", more="this is not TOML\n")
    with pytest.raises(CardError, match=r"jump\.toml: cannot be read as a card"):
        search.task_cards()


def test_hidden_files_are_no_cards(folder: Path, task: Write) -> None:
    """What editors leave beside an open file does no harm."""
    task("jump")
    (folder / "tasks" / ".#jump.toml").symlink_to("nowhere")
    assert list(search.task_cards()) == ["jump"]


def test_an_unknown_task_is_told_with_the_nearest(task: Write) -> None:
    """It is an error of the request."""
    task("jump")
    with pytest.raises(UnknownNameError, match=r"There is no task `jmp`\. Did you mean `jump`\?$") as caught:
        search.find_task("jmp")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "hint"), [("eye-c", "Did you mean `eye-b`?"), ("zzz", "There are: `eye-b`.")]
)
def test_an_unknown_backbone_is_told_with_the_ways_on(family: Write, name: str, hint: str) -> None:
    """Near or far, every sentence is complete, and any timm model is offered."""
    family()
    with pytest.raises(UnknownNameError) as caught:
        search.find_backbone(name)
    assert str(caught.value).startswith(f"There is no backbone `{name}`. {hint} Any timm model runs as ")


@pytest.mark.usefixtures("folder")
def test_without_cards_an_unknown_name_is_still_an_error() -> None:
    """Empty folders are no crash."""
    with pytest.raises(UnknownNameError, match=r"There is no task `davis`\.$"):
        search.find_task("davis")
    with pytest.raises(UnknownNameError, match=r"There is no backbone `dino`\. Any timm"):
        search.find_backbone("dino")


def test_shipped_cards_lie_on_the_search_path() -> None:
    """Without plug-ins it has one folder of each kind."""
    assert [
        source.folder.is_dir() for kind in ("tasks", "backbones") for source in search.search_path(kind)
    ] == [True] * 2
