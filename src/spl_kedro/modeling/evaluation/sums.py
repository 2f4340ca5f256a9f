"""Weighted sums that give the same bits whatever the number of threads.

BLAS divides a product among threads and rounds by where it divides; over 2,000 resamples that shows
in the last digit. NumPy's einsum does not call BLAS and is as fast on these shapes. Sums of whole
numbers (counts) are exact either way and may use `@`.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.modeling.evaluation.checks import Array


def weighted_sum(weights: Array, values: Array) -> Array:
    """Return the sum of values over the last axis, each counted by its weight.

    Parameters
    ----------
    weights : (..., n)
    values : (n,)

    Returns
    -------
    (...,) array
    """
    return np.einsum("...n,n->...", weights, values)


def linear_predictor(coefficients: Array, design: Array) -> Array:
    """Return design @ coefficients for every row of coefficients.

    Parameters
    ----------
    coefficients : (b, k)
    design : (n, k)

    Returns
    -------
    (b, n) array
    """
    return np.einsum("bk,nk->bn", coefficients, design)
