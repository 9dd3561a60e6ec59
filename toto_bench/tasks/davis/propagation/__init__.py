"""Label propagation: the labels of a video's first frame follow the similarity of features.

The two published protocols, DINO's and videowalk's, computed exactly and without the whole affinity matrix.
"""

from toto_bench.tasks.davis.propagation.errors import PropagationError
from toto_bench.tasks.davis.propagation.masks import EncodedMask, decode_labels, encode_first_mask
from toto_bench.tasks.davis.propagation.propagator import Propagator, propagate
from toto_bench.tasks.davis.propagation.settings import PropagationSettings, Variant, resolve_variant

__all__ = [
    "EncodedMask",
    "PropagationError",
    "PropagationSettings",
    "Propagator",
    "Variant",
    "decode_labels",
    "encode_first_mask",
    "propagate",
    "resolve_variant",
]
