"""Tags of timm's weights (`laion2b_ft_in12k_in1k`): the data sets that they name."""

from toto_bench.cards.backbone import UNKNOWN_DATA

DATA = {
    "in1k": "imagenet-1k",
    "in12k": "imagenet-12k",
    "in21k": "imagenet-21k",
    "in22k": "imagenet-21k",  # its other name
    "lvd142m": "lvd-142m",
    "lvd1689m": "lvd-1689m",
    "laion400m": "laion-400m",
    "laion2b": "laion-2b",
    "datacompxl": "datacomp-1b",
    "datacomp1b": "datacomp-1b",
    "dfn2b": "dfn-2b",
    "dfn5b": "dfn-5b",
    "webli": "webli",
    "openai": "openai-wit",
    "cc12m": "cc-12m",
    "yfcc15m": "yfcc-15m",
    "yfcc100m": "yfcc-100m",
    "jft": "jft-300m",
    "ig1b": "instagram-1b",
    "sa1b": "sa-1b",
}
"""Word of a tag to our name of the data; in timm's naming, fine-tuning data is named too."""
HIDE_MORE = ("plus", "ssld", "swag")
"""Words of recipes with data that the tag does not name."""


def data_of_tag(tag: str) -> tuple[str, ...]:
    """Our names of the data in a tag, in its order; empty where it names none.

    `unknown` is among them where the tag says that there was more: a recipe with data of its own, or weights that were
    fine-tuned (`swag_ft_in1k`) without a word on what they were trained on before.
    """
    words = tag.split("_")
    names = list(dict.fromkeys(DATA[word] for word in words if word in DATA))
    before, fine_tuned, _ = f"_{tag}".partition("_ft_")
    unsaid = fine_tuned and not any(word in DATA for word in before.split("_"))
    if names and (unsaid or any(word in HIDE_MORE for word in words)):
        names.append(UNKNOWN_DATA)
    return tuple(names)
