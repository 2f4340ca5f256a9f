"""Logistic regression with intervals, and Firth's penalty where the classes separate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from spl_kedro.by_row import row_products
from spl_kedro.modeling.evaluation.logistic import logistic
from spl_kedro.modeling.evaluation.normal import two_sided_p, two_sided_z

# A standard error this large, of a predictor scaled to unit SD, or fitted log odds this far
# from zero, are what an estimate running off to infinity looks like.
MAX_STANDARD_ERROR = 10.0
MAX_LOG_ODDS = 15.0


@dataclass(frozen=True)
class LogisticFit:
    """A fitted logistic regression.

    Attributes
    ----------
    coefficients, standard_errors : ndarray of float, shape (n_terms + 1,)
        Intercept first; log odds per unit of the term.
    log_likelihood : float
        Of the fit; penalised when `method` is Firth.
    method : {"maximum likelihood", "Firth"}
    """

    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    log_likelihood: float
    method: str

    def log_odds(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log odds of each row of `X`, shape (n_lesions, n_terms)."""
        return self.coefficients[0] + row_products(X, self.coefficients[1:])

    def interval(self, level: float = 0.95) -> NDArray[np.float64]:
        """Return Wald limits of the coefficients, shape (n_terms + 1, 2)."""
        reach = two_sided_z(level) * self.standard_errors
        return np.column_stack([self.coefficients - reach, self.coefficients + reach])

    def wald_p_values(self) -> NDArray[np.float64]:
        """Return the two-sided Wald p-value of each coefficient."""
        return two_sided_p(self.coefficients / self.standard_errors)


def independent_columns(X: NDArray[np.float64], tolerance: float = 1e-8) -> NDArray[np.int64]:
    """Return the columns of `X` that, with an intercept, are linearly independent.

    Of columns that repeat each other the first is kept.
    """
    kept: list[int] = []
    basis = np.full((len(X), 1), 1 / np.sqrt(len(X)))
    for j in range(X.shape[1]):
        norm = np.linalg.norm(X[:, j])
        if norm == 0:
            continue
        unit = X[:, j] / norm
        # Projecting twice keeps the residual accurate when little of it is left.
        rest = unit - basis @ (basis.T @ unit)
        rest -= basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > tolerance:
            kept.append(j)
            basis = np.column_stack([basis, rest / size])
    return np.array(kept, dtype=np.int64)


def fit_logistic(
    X: NDArray[np.float64], y: NDArray[np.int64], *, firth: bool = False
) -> LogisticFit:
    """Fit a logistic regression by maximum likelihood, or by Firth's method on separation.

    Parameters
    ----------
    X : ndarray of float, shape (n_lesions, n_terms)
        Linearly independent columns; no intercept column.
    y : ndarray of int, shape (n_lesions,)
        0 or 1.
    firth : bool, default=False
        Use Firth's method whether or not the classes separate.

    Returns
    -------
    LogisticFit
        ``method`` says which was used.

    Notes
    -----
    Under complete or quasi-complete separation the maximum likelihood estimate does not
    exist. Firth's penalised likelihood (Firth, Biometrika 1993;80:27; for separation
    Heinze and Schemper, Stat Med 2002;21:2409) always has a finite maximum.
    """
    scale = X.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    centre = X.mean(axis=0)
    design = np.column_stack([np.ones(len(X)), (X - centre) / scale])
    fit = None if firth else _maximum_likelihood(design, y)
    method = "maximum likelihood"
    if fit is None:
        fit, method = _firth(design, y), "Firth"
    beta, covariance, log_likelihood = fit
    # Back from standardised terms to their own units.
    back = np.diag(np.concatenate([[1.0], 1 / scale]))
    back[0, 1:] = -centre / scale
    beta = back @ beta
    covariance = back @ covariance @ back.T
    return LogisticFit(beta, np.sqrt(np.diag(covariance)), log_likelihood, method)


def _maximum_likelihood(
    design: NDArray[np.float64], y: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float] | None:
    """Return coefficients, covariance and log likelihood, or None where they do not exist."""
    beta = logistic(design, y.astype(np.float64))
    if np.isnan(beta).any():
        return None
    odds = design @ beta
    p = expit(odds)
    try:
        covariance = np.linalg.inv((design.T * (p * (1 - p))) @ design)
    except np.linalg.LinAlgError:
        return None
    errors = np.sqrt(np.diag(covariance))
    runaway = (
        not np.isfinite(errors).all()
        or errors.max() > MAX_STANDARD_ERROR
        or np.abs(odds).max() > MAX_LOG_ODDS
    )
    if runaway:
        return None
    return beta, covariance, float(y @ odds - np.logaddexp(0, odds).sum())


def _firth(
    design: NDArray[np.float64],
    y: NDArray[np.int64],
    free: NDArray[np.int64] | None = None,
    max_iter: int = 200,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Maximise the likelihood penalised by Jeffreys' prior, with step halving.

    Coefficients that are not `free` are held at zero; the prior is that of the whole design.
    """
    beta = np.zeros(design.shape[1])
    everything = free is None
    free = np.arange(design.shape[1]) if free is None else free
    current = _penalised(design, y, beta)
    for _ in range(max_iter):
        p = expit(design @ beta)
        weight = p * (1 - p)
        information = (design.T * weight) @ design
        root = np.sqrt(weight)[:, None] * design
        inverse = np.linalg.pinv(information)
        leverage = np.einsum("ij,ij->i", root @ inverse, root)
        score = design[:, free].T @ (y - p + leverage * (0.5 - p))
        step = np.zeros(design.shape[1])
        if not everything:
            inverse = np.linalg.pinv(information[np.ix_(free, free)])
        step[free] = inverse @ score
        step *= min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        for _ in range(20):
            proposal = _penalised(design, y, beta + step)
            if proposal >= current:
                break
            step /= 2
        beta, current = beta + step, proposal
        if np.abs(step).max() < 1e-8:
            break
    p = expit(design @ beta)
    information = (design.T * (p * (1 - p))) @ design
    return beta, np.linalg.pinv(information), current


def _penalised(
    design: NDArray[np.float64], y: NDArray[np.int64], beta: NDArray[np.float64]
) -> float:
    eta = design @ beta
    p = expit(eta)
    sign, log_determinant = np.linalg.slogdet((design.T * (p * (1 - p))) @ design)
    if sign <= 0:
        return -np.inf
    return float(y @ eta - np.logaddexp(0, eta).sum() + 0.5 * log_determinant)


def likelihood_ratio_p(
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    columns: NDArray[np.int64],
    full: LogisticFit | None = None,
    null: LogisticFit | None = None,
) -> float:
    """Return the likelihood ratio p-value of some columns, given the others.

    Parameters
    ----------
    X : ndarray of float, shape (n_lesions, n_terms)
        Linearly independent columns.
    y : ndarray of int, shape (n_lesions,)
    columns : ndarray of int
        Columns under test, together.
    full, null : LogisticFit, optional
        Fits of all columns and of those not under test, where they are known already.

    Returns
    -------
    float
        Chi-squared with as many degrees of freedom as columns; penalised likelihoods
        in both fits when either needs Firth's method.

    Notes
    -----
    The penalised ratio compares the full design with the tested coefficients held at
    zero, the form of Heinze and Schemper (2002).
    """
    rest = np.setdiff1d(np.arange(X.shape[1]), columns)
    full = fit_logistic(X, y) if full is None else full
    if full.method != "Firth":
        null = fit_logistic(X[:, rest], y) if null is None else null
    if full.method == "Firth" or null is None or null.method == "Firth":
        return _penalised_ratio_p(X, y, rest, full)
    ratio = 2 * (full.log_likelihood - null.log_likelihood)
    return float(stats.chi2.sf(max(ratio, 0.0), len(columns)))


def _penalised_ratio_p(
    X: NDArray[np.float64], y: NDArray[np.int64], rest: NDArray[np.int64], full: LogisticFit
) -> float:
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    design = np.column_stack([np.ones(len(X)), standard])
    highest = full.log_likelihood if full.method == "Firth" else _firth(design, y)[2]
    null = _firth(design, y, np.concatenate([[0], rest + 1]).astype(int))[2]
    return float(stats.chi2.sf(max(2 * (highest - null), 0.0), X.shape[1] - len(rest)))
