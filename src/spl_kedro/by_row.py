"""Sums of products whose last bit does not depend on the rows beside them.

A library's matrix product takes other steps for one row than for many, and with another number
of threads; a patient scored alone would differ in the last bit from the same patient in a cohort.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


def row_products(X: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply each row by a matrix, its terms added in their order.

    Parameters
    ----------
    X : ndarray of float, shape (n, k)
    weights : ndarray of float, shape (k, p) or (k,)

    Returns
    -------
    ndarray of float, shape (n, p) or (n,)
    """
    rows = np.ascontiguousarray(X, dtype=np.float64)
    several = weights if weights.ndim > 1 else weights[:, None]
    found = _products(rows, np.ascontiguousarray(several, dtype=np.float64))
    return found if weights.ndim > 1 else found[:, 0]


@numba.njit(cache=True, nogil=True)
def _products(X: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    n, k = X.shape
    p = weights.shape[1]
    out = np.zeros((n, p))
    for i in range(n):
        for j in range(k):
            value = X[i, j]
            for m in range(p):
                out[i, m] += value * weights[j, m]
    return out
