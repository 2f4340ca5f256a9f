"""Correction of p-values for the number of tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spl_kedro.modeling.evaluation.checks import Array


def holm(p: ArrayLike) -> Array:
    """Return Holm's step-down adjusted p-values (Scand J Stat 1979;6:65).

    The same as statsmodels' ``multipletests``, which collects Python's garbage at every call: 0.4 s
    in a process that has loaded torch and MLflow.

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
    order = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    stepped = np.maximum.accumulate(values[order] * np.arange(len(order), 0, -1))
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted
