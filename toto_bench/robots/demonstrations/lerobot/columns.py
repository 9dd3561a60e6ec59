"""Columns of a table as matrices."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from toto_bench.robots.demonstrations.errors import DemonstrationError


def matrix(rows: pa.Table, name: str) -> NDArray[np.float64]:
    """A column of numbers or of lists of numbers, float64 [T, D].

    Raises:
        DemonstrationError: it is not there, or its lists differ in length.
    """
    if name not in rows.column_names:
        raise DemonstrationError(f"There is no column `{name}`, which `meta/info.json` promises.")
    column = rows[name].combine_chunks()
    try:
        if pa.types.is_nested(column.type):
            lengths = set(pc.list_value_length(column).to_pylist())
            if len(lengths) != 1 or None in lengths:
                raise DemonstrationError(f"The rows of column `{name}` are not all of one length.")
            column = column.flatten()
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.uint8())
        flat = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DemonstrationError(f"Column `{name}` holds no numbers: {error}.") from error
    return flat.reshape(len(rows), -1)
