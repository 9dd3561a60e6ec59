"""Recipes: the shipped ones, wrong ones, what a command changes."""

from pathlib import Path

import pytest

from toto_bench.cards import CardError, find_backbone
from toto_bench.errors import RequestError
from toto_bench.pretraining.errors import RecipeError, SourceError
from toto_bench.pretraining.recipe import RECIPES, load_recipe, recipe_names
from toto_bench.pretraining.request import (
    PretrainRequest,
    expect_data,
    parse_data,
    parse_grid,
    plain,
    resolve,
)
from toto_bench.pretraining.tokenizer.recipe import RECIPES as TOKENIZER_RECIPES
from toto_bench.pretraining.tokenizer.recipe import makes_tokenizer


@pytest.mark.parametrize("name", ["toto-nano", "toto-paper"])
def test_shipped_recipes(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    assert name in recipe_names()
    assert find_backbone(recipe.backbone).name == recipe.backbone


def test_the_papers_numbers():
    recipe = load_recipe("toto-paper")
    assert {name: source.ratio for name, source in recipe.data.items()} == {
        "imagenet": 20,
        "ego4d": 10,
        "kinetics600": 10,
        "howto100m": 60,
    }
    optimiser = recipe.optimiser
    assert (optimiser.learning_rate, optimiser.betas, optimiser.schedule.warmup_steps) == (
        3e-4,
        (0.9, 0.95),
        2000,
    )
    assert recipe.batch_tokens == 2**20 == 256 * 16 * 256
    assert recipe.steps * recipe.batch_tokens == pytest.approx(1e12, rel=1e-6)
    assert (recipe.sequences.frames, recipe.sequences.stride) == (16, 4)
    inferred = [key for key, source in recipe.sources.items() if source.startswith("inferred")]
    assert {"optimiser.weight_decay", "optimiser.clip", "optimiser.schedule.min_ratio", "steps"} <= set(
        inferred
    )
    assert not {"optimiser.learning_rate", "optimiser.betas", "data"} & set(inferred)


def test_names_that_do_not_exist():
    with pytest.raises(RecipeError, match="Did you mean `toto-nano`"):
        load_recipe("toto-nanno")
    with pytest.raises(RecipeError, match="no recipe file"):
        load_recipe("mine.toml")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("steps = 3000", "steps = 0", "`steps` = 0"),
        ("steps = 3000", "step = 3000", "Did you mean `steps`"),
        ("ratio = 1", "ratio = -1", r"`data\.video\.ratio` = -1"),
        ('folder_of = "video"', 'folder_of = "films"', "`films` has no folder"),
        ('kind = "videos"', 'kind = "films"', r"`data\.video\.kind` = 'films'"),
        ('batch_tokens = "ours"\n', "", "says nothing of `batch_tokens`"),
        ("steps = 3000", "steps = ", "cannot be read"),
    ],
)
def test_wrong_recipes_are_explained(tmp_path, before, after, said):
    text = (RECIPES / "toto-nano.toml").read_text()
    assert before in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(CardError, match=said):
        load_recipe(str(path))


def test_what_a_command_changes():
    request = PretrainRequest(
        "toto-nano", steps=7, batch_tokens=512, learning_rate=0.5, warmup_steps=2, frames=3
    )
    recipe = resolve(request)
    assert (recipe.steps, recipe.batch_tokens, recipe.sequences.frames) == (7, 512, 3)
    assert (recipe.optimiser.learning_rate, recipe.optimiser.schedule.warmup_steps) == (0.5, 2)
    assert recipe.sources["steps"] == recipe.sources["optimiser.learning_rate"] == "the command line"
    assert recipe.sources["sequences.stride"] == load_recipe("toto-nano").sources["sequences.stride"]
    assert plain(recipe) != plain(load_recipe("toto-nano"))
    assert plain(resolve(PretrainRequest("toto-nano", micro_batch=1))) == plain(load_recipe("toto-nano"))


def test_data_by_name():
    paper, nano = load_recipe("toto-paper"), load_recipe("toto-nano")
    assert parse_data(("ego4d=a=b", "imagenet=c"), paper) == {"ego4d": Path("a=b"), "imagenet": Path("c")}
    assert parse_data(("somewhere/video",), nano) == {"video": Path("somewhere/video")}
    assert expect_data(nano, {"video": Path("a")}) == {"video": Path("a"), "frames": Path("a")}
    with pytest.raises(SourceError, match="no data `frames`"):  # it reads the folder of `video`
        parse_data(("frames=a",), nano)
    with pytest.raises(SourceError, match="Did you mean `ego4d`"):
        parse_data(("ego4=a",), paper)
    with pytest.raises(SourceError, match="say which one: `--data imagenet=PATH`"):
        parse_data(("somewhere",), paper)


def test_all_missing_data_is_named_at_once():
    with pytest.raises(SourceError) as error:
        expect_data(load_recipe("toto-paper"), {"ego4d": Path("x")})
    assert all(
        f"`--data {name}=PATH`" in str(error.value) for name in ("imagenet", "kinetics600", "howto100m")
    )
    assert "ego4d=PATH" not in str(error.value)


def test_tokens_of_a_frame():
    assert parse_grid("32x32") == parse_grid("32") == 32
    for text in ("32x16", "x", "0x0", "-3"):
        with pytest.raises(RequestError, match="for example `32x32`"):
            parse_grid(text)


def test_recipes_of_tokenizers_are_told_apart(tmp_path):
    (tmp_path / "mine.toml").write_text((RECIPES / "toto-nano.toml").read_text())
    assert makes_tokenizer("nano-tokenizer")
    assert not makes_tokenizer("toto-nano") and not makes_tokenizer(str(tmp_path / "mine.toml"))
    (tmp_path / "other.toml").write_text((TOKENIZER_RECIPES / "nano-tokenizer.toml").read_text())
    assert makes_tokenizer(str(tmp_path / "other.toml"))
