"""Principal moments of an outline, with the rounding of NumPy's operations."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.summation import pairwise_sum


@compiled
def _standardised(padded: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Coordinates less their mean and over the root of their number, shape (axes, n)."""
    axes, n, k = len(spacing), padded.sum(), 0
    physical = np.empty((axes, n))
    physical[0] = spacing[0]  # the one slice is number 1
    for y in range(padded.shape[0]):
        for x in range(padded.shape[1]):
            if padded[y, x]:
                physical[axes - 2, k] = y * spacing[axes - 2]
                physical[axes - 1, k] = x * spacing[axes - 1]
                k += 1
    root = np.sqrt(n)
    for axis in range(axes):
        mean = pairwise_sum(physical[axis]) / n
        for k in range(n):
            physical[axis, k] = (physical[axis, k] - mean) / root
    return physical


def principal_moments(padded: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Eigenvalues of the pixel coordinates' covariance, small to large.

    The expressions, their order and the zero-padded coordinates are pyradiomics' own: of a
    one-pixel-wide line the smaller moment is rounding noise, which only identical
    operations reproduce.

    Parameters
    ----------
    padded : ndarray of bool, shape (h + 2, w + 2)
        Mask with a margin of one pixel of False.
    spacing : ndarray, shape (2,) or (3,)
        Pixel size (row, column) or voxel size (slice, row, column).

    Returns
    -------
    ndarray, shape (2,) or (3,)
        Principal moments, values between -1e-10 and 0 raised to 0.
    """
    physical = _standardised(padded, spacing)
    covariance = np.dot(physical, physical.T.copy(order="F"))
    moments = np.linalg.eigvals(covariance).real  # NumPy 2.5 gives complex numbers always
    moments[(moments < 0) & (moments > -1e-10)] = 0
    moments.sort()
    return moments
