"""Modules with equal weights and other settings are other modules."""

import timm
from torch import nn

from toto_bench.backbones.python.structure import structure_of


def test_settings_count_and_modes_do_not() -> None:
    """A stride and a number of heads have no tensor; training mode is no setting."""
    plain, strided = nn.Conv2d(3, 4, 3, stride=1), nn.Conv2d(3, 4, 3, stride=2)
    assert structure_of(plain) != structure_of(strided)
    assert structure_of(plain) == structure_of(nn.Conv2d(3, 4, 3, stride=1).eval())
    six, twelve = (timm.create_model("vit_small_patch16_224", depth=1, num_heads=n) for n in (6, 12))
    assert six.state_dict().keys() == twelve.state_dict().keys()
    assert structure_of(six) != structure_of(twelve)
