"""The normal distribution in intervals and tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm


def two_sided_z(confidence: float) -> float:
    """Return how many standard errors an interval reaches to either side.

    Parameters
    ----------
    confidence : float in (0, 1)

    Examples
    --------
    >>> round(two_sided_z(0.95), 3)
    1.96
    """
    return float(norm.ppf((1 + confidence) / 2))


def two_sided_p(z: Any) -> Any:
    """Return the chance that a standard normal lies at least `z` from 0, on either side.

    Examples
    --------
    >>> round(float(two_sided_p(-1.96)), 3)
    0.05
    """
    return 2 * norm.sf(np.abs(z))
