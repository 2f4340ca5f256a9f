"""Maximum-likelihood logistic regression of one design on many weightings at once."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.sums import linear_predictor, weighted_sum

MAX_STEPS = 25
TOLERANCE = 1e-8
#: Coefficients beyond this (log odds) are on their way to infinity: the classes are separated.
DIVERGED = 1e4


def weighted_logistic(
    design: Array, label: Array, weights: Array, offset: Array | float = 0.0
) -> Array:
    """Fit logit P(label = 1) = offset + design @ coefficients for every row of weights.

    Newton's method (iteratively reweighted least squares; McCullagh & Nelder 1989, section 4.4),
    started at the fit with unit weights.

    Parameters
    ----------
    design : (n, k)
        Full column rank; include the column of ones for an intercept.
    label : (n,) of 0.0 and 1.0
    weights : (b, n)
        How often each row counts in each fit.
    offset : (n,) or float
        Part of the log odds that is not fitted.

    Returns
    -------
    (b, k) array
        NaN where the fit has no finite maximum or did not converge in `MAX_STEPS` steps.
    """
    start = _newton(design, label, np.ones((1, label.size)), offset, np.zeros(design.shape[1]))[0]
    if np.isnan(start).any():
        start = np.zeros(design.shape[1])
    return _newton(design, label, weights, offset, start)


def _newton(
    design: Array, label: Array, weights: Array, offset: Array | float, start: Array
) -> Array:
    k = design.shape[1]
    result = np.full((weights.shape[0], k), np.nan)
    active = np.arange(weights.shape[0])
    coefficients = np.tile(start, (active.size, 1))
    for _ in range(MAX_STEPS):
        if active.size == 0:
            break
        fitted = expit(linear_predictor(coefficients, design) + offset)
        counts = weights[active] if active.size < weights.shape[0] else weights
        residual, information = counts * (label - fitted), counts * fitted * (1 - fitted)
        gradient = np.stack([weighted_sum(residual, column) for column in design.T], axis=1)
        hessian = np.empty((active.size, k, k))
        for i, j in combinations_with_replacement(range(k), 2):
            product = weighted_sum(information, design[:, i] * design[:, j])
            hessian[:, i, j] = hessian[:, j, i] = product
        step, solvable = _solve(hessian, gradient)
        coefficients = coefficients + step
        solvable &= np.abs(coefficients).max(axis=1) < DIVERGED
        done = solvable & (np.abs(step).max(axis=1) < TOLERANCE)
        result[active[done]] = coefficients[done]
        going = solvable & ~done
        active, coefficients = active[going], coefficients[going]
    return result


def _solve(hessian: Array, gradient: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Solve each small system; those that are (nearly) singular are reported, not solved."""
    scale = np.sqrt(np.maximum(np.diagonal(hessian, axis1=1, axis2=2), 0))
    solvable: NDArray[np.bool_] = np.asarray((scale > 1e-12).all(axis=1))
    safe = np.where(solvable[:, None], scale, 1.0)
    normalised = hessian / (safe[:, :, None] * safe[:, None, :])
    normalised[~solvable] = np.eye(hessian.shape[1])
    solvable &= np.linalg.det(normalised) > 1e-14
    normalised[~solvable] = np.eye(hessian.shape[1])
    step = np.linalg.solve(normalised, (gradient / safe)[..., None])[..., 0] / safe
    return np.where(solvable[:, None], step, 0.0), solvable
