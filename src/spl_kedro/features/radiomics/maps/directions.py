"""Mean of features over the directions of a kernel that have any."""

from __future__ import annotations

import math

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled


@compiled
def divide_by_directions(out: np.ndarray, directions: np.ndarray) -> None:
    """Make sums over directions means, in place.

    Parameters
    ----------
    out : ndarray of float64, shape (n, n_features)
        Sums over a kernel's directions; NaN afterwards where it has none.
    directions : ndarray of int64, shape (n,)
        How many they are of.
    """
    for k in range(len(out)):
        own, number = out[k], directions[k]
        for feature in range(len(own)):
            own[feature] = own[feature] / number if number else math.nan
