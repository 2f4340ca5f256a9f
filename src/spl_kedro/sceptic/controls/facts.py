"""What the simple controls look at: the size of the lesion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from spl_kedro.imaging import Lesion
from spl_kedro.parallel import spread
from spl_kedro.sceptic.controls.inputs import ControlInputs


def lesion_sizes(inputs: ControlInputs) -> tuple[pd.Series, str]:
    """Return the logarithm of each training lesion's area, and its unit.

    Square millimetres where every training lesion's pixel size is known, else pixels.
    """
    names = inputs.training
    areas = spread(_area, [inputs.lesions[name] for name in names], "lesion sizes")
    area = pd.Series(list(areas), index=names, dtype="float64")
    pixel = inputs.cohort.loc[names, ["spacing_row_mm", "spacing_col_mm"]].prod(
        axis=1, skipna=False
    )
    known = bool(pixel.notna().all())
    size = area * pixel if known else area
    return size.map(np.log), "mm²" if known else "pixels"


def _area(load: Callable[[], Lesion]) -> float:
    return float(np.asarray(load().mask, dtype=bool).sum())
