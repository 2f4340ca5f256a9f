"""Maximum-likelihood logistic regression of one design on many weightings at once."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from spl_kedro.modeling.evaluation.checks import Array

MAX_STEPS = 25
#: The step after which a fit is done. Near the maximum what is left is about the step's square.
LAST_STEP = 1e-5
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
    start = logistic(design, label, offset)
    if np.isnan(start).any():
        start = np.zeros(design.shape[1])
    return _newton(design, label, weights, offset, start)


def logistic(design: Array, label: Array, offset: Array | float = 0.0) -> Array:
    """Fit logit P(label = 1) = offset + design @ coefficients once; see `weighted_logistic`.

    Returns
    -------
    (k,) array
        NaN where there is no finite maximum, as where the classes are separated.
    """
    once = np.ones((1, label.size))
    return _newton(design, label, once, offset, np.zeros(design.shape[1]))[0]


def _newton(
    design: Array, label: Array, weights: Array, offset: Array | float, start: Array
) -> Array:
    # Of one layout and type, so that one compiled version serves all.
    design, label, weights = (
        np.ascontiguousarray(part, dtype=np.float64) for part in (design, label, weights)
    )
    shift = np.zeros(label.size) + offset
    k = design.shape[1]
    result = np.full((weights.shape[0], k), np.nan)
    active = np.arange(weights.shape[0])
    coefficients = np.tile(start, (active.size, 1))
    for _ in range(MAX_STEPS):
        if active.size == 0:
            break
        gradient, hessian = _moments(design, label, weights, active, shift, coefficients)
        step, solvable = _solve(hessian, gradient)
        coefficients = coefficients + step
        solvable &= np.abs(coefficients).max(axis=1) < DIVERGED
        done = solvable & (np.abs(step).max(axis=1) < LAST_STEP)
        result[active[done]] = coefficients[done]
        going = solvable & ~done
        active, coefficients = active[going], coefficients[going]
    return result


@numba.njit(cache=True, nogil=True)
def _moments(
    design: Array,
    label: Array,
    weights: Array,
    active: np.ndarray,
    offset: Array,
    coefficients: Array,
) -> tuple[Array, Array]:
    """Return gradient (b, k) and information (b, k, k) of the fits whose rows of weights go on.

    Compiled: a resample leaves out more than a third of the lesions, and arrays of all resamples
    and lesions are never made.
    """
    b, k = coefficients.shape
    gradient, information = np.zeros((b, k)), np.zeros((b, k, k))
    for row in range(b):
        for i in range(label.size):
            count = weights[active[row], i]
            if count == 0.0:
                continue
            odds = offset[i]
            for j in range(k):
                odds += coefficients[row, j] * design[i, j]
            # Neither form overflows.
            share = np.exp(-abs(odds))
            fitted = 1.0 / (1.0 + share) if odds >= 0 else share / (1.0 + share)
            residual, spread = count * (label[i] - fitted), count * share / (1.0 + share) ** 2
            for j in range(k):
                gradient[row, j] += residual * design[i, j]
                for m in range(j + 1):
                    information[row, j, m] += spread * design[i, j] * design[i, m]
        for j in range(k):
            for m in range(j):
                information[row, m, j] = information[row, j, m]
    return gradient, information


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
