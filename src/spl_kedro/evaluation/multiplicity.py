"""Correction of p-values for the number of tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.multitest import multipletests

from spl_kedro.evaluation.checks import Array


def holm(p: ArrayLike) -> Array:
    """Return Holm's step-down adjusted p-values (Scand J Stat 1979;6:65), by statsmodels.

    Parameters
    ----------
    p : (m,) in [0, 1] or NaN
        NaN stays NaN and counts no test.

    Returns
    -------
    (m,) array
    """
    values = np.asarray(p, dtype=float)
    adjusted = np.full(values.shape, np.nan)
    tested = ~np.isnan(values)
    if tested.any():
        adjusted[tested] = multipletests(values[tested], method="holm")[1]
    return adjusted
