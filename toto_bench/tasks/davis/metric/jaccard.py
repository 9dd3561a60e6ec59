"""Region similarity J: intersection over union."""

import numpy as np
from numpy.typing import NDArray


def jaccard(truth: NDArray[np.bool_], prediction: NDArray[np.bool_]) -> float:
    """J of one object from its masks [H, W]; 1 where both are empty (official metrics.py, `db_eval_iou`)."""
    union = np.count_nonzero(truth | prediction)
    return float(np.count_nonzero(truth & prediction) / union) if union else 1.0
