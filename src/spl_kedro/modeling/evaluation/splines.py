"""Restricted cubic splines, the smooth curve behind the calibration plot."""

from __future__ import annotations

import numpy as np

from spl_kedro.modeling.evaluation.checks import Array

#: Where three knots go: quantiles of the variable (Harrell 2015, table 2.3).
KNOT_QUANTILES = (0.10, 0.50, 0.90)
#: With fewer different values a curve of three parameters would run through the points themselves.
MIN_VALUES = 5


def knots_of(x: Array) -> Array:
    """Return the three knots of a variable, or none where it has too few values.

    Parameters
    ----------
    x : (n,)

    Returns
    -------
    (3,) array of increasing knots, or an empty array where the quantiles coincide or there are
    fewer than `MIN_VALUES` different values
    """
    knots = np.unique(np.quantile(x, KNOT_QUANTILES))
    if knots.size < len(KNOT_QUANTILES) or np.unique(x).size < MIN_VALUES:
        return np.empty(0)
    return knots


def spline_design(x: Array, knots: Array) -> Array:
    """Return the design matrix of a restricted cubic spline, linear beyond the outer knots.

    Source: Harrell, Regression Modeling Strategies, 2nd ed. 2015, equation 2.25 (terms divided by
    the squared distance of the outer knots).

    Parameters
    ----------
    x : (n,)
    knots : (k,), increasing, or empty for a straight line

    Returns
    -------
    (n, max(2, k)) array
        Ones, x, and k - 2 curved terms.
    """
    columns = [np.ones_like(x), x]
    if knots.size >= 3:
        last, previous = knots[-1], knots[-2]
        span = last - previous

        def cubed(knot: float) -> Array:
            return np.maximum(x - knot, 0.0) ** 3

        for knot in knots[:-2]:
            term = (
                cubed(knot)
                - cubed(previous) * (last - knot) / span
                + cubed(last) * (previous - knot) / span
            )
            columns.append(term / (last - knots[0]) ** 2)
    return np.column_stack(columns)
