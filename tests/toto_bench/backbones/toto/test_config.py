"""What a configuration follows from, and what it refuses."""

import pytest
from pydantic import ValidationError

from toto_bench.backbones.toto.config import TotoConfig


def test_size_follows_from_the_grid_and_may_be_said(make_small):
    assert make_small(grid=5, patch=8).image_size == 40
    assert make_small(grid=5, patch=8, image_size=40).image_size == 40
    with pytest.raises(ValidationError, match="`image_size` is 48"):
        make_small(grid=5, patch=8, image_size=48)


def test_content_of_a_file_gives_the_same_again(make_small):
    config = make_small(kv_heads=2, target="dvae", rows=128)
    assert TotoConfig.model_validate(config.model_dump(mode="json")) == config
    assert TotoConfig.model_validate_json(config.model_dump_json(exclude_none=True)) == config


def test_rows_are_those_of_special_tokens_and_codes(make_small):
    assert make_small().ids == 64
    assert make_small(rows=128).ids == 128
    appended = make_small(code_offset=0, pad=60, video_start=61, video_end=62, image_start=63)
    assert appended.ids == 64


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"heads": 5}, "multiple of `heads`"),
        ({"kv_heads": 3}, "`kv_heads`"),
        ({"heads": 32}, "cannot turn in pairs"),
        ({"mlp_dim": 0}, "`mlp_dim` is missing"),
        ({"video_start": 2}, "same id"),
        ({"code_offset": 3}, "move `code_offset`"),
        ({"rows": 63}, "ids up to 63"),
        ({"vocabulary": 0}, "codes are read"),
        ({"vocabulary": 0, "tokenizer": "patches", "target": "dvae"}, "codes are read or predicted"),
        ({"style": "gpt2", "dim": 33, "heads": 3}, "is odd"),
        ({"width": 3}, "Extra inputs"),
    ],
)
def test_what_does_not_fit_is_refused(changes, fault, make_small):
    with pytest.raises(ValidationError, match=fault):
        make_small(**changes)


@pytest.mark.parametrize("changes", [{"grid": None}, {"patch": None}, {"grid": {}}, {"patch": "wide"}])
def test_an_image_size_beside_a_value_of_another_kind_names_that_value(changes, make_small):
    """The size cannot be compared then."""
    [name] = changes
    for size in (None, 16):
        with pytest.raises(ValidationError) as caught:
            make_small(**changes, image_size=size)
        assert caught.value.errors()[0]["loc"] == (name,)


def test_equal_configurations_are_equal_however_they_are_written(make_small):
    """What follows from the rest, and what a style does not have, makes no difference; everything else does."""
    one = make_small().settled()
    assert make_small(kv_heads=4, target="brightness", rows=64, frames=3).settled() == one
    for changes in (
        {"kv_heads": 2},
        {"target": "other"},
        {"rows": 65},
        {"grid": 3},
        {"eps": 1e-6},
        {"code_offset": 5},
    ):
        assert make_small(**changes).settled() != one
    gpt2, mamba = make_small(style="gpt2").settled(), make_small(style="mamba").settled()
    assert make_small(style="gpt2", rope_base=50_000.0).settled() == gpt2
    assert make_small(style="mamba", heads=1, mlp_dim=0, rope_base=50_000.0).settled() == mamba
    assert make_small(rope_base=50_000.0).settled() != one
