"""LASSO: keep the features with a non-zero coefficient at the cross-validated penalty."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import enet_path, lasso_path
from sklearn.preprocessing import StandardScaler

from spl_kedro.modeling.signatures.folds import stratified_splits
from spl_kedro.modeling.signatures.selection.base import SelectionStep, Verdict

# Penalties tried before the path is asked whether it should go on.
_STEP = 5
# With more features a Gram matrix for each fold would cost more memory than it saves time.
_LARGEST_GRAM = 2000


class LassoSelector(SelectionStep):
    """Keep the features a cross-validated LASSO gives a non-zero coefficient.

    Least squares on the 0/1 label, as the papers of this family do; it only selects,
    the probabilities come from the classifier after it. Features are standardised first.
    The path of penalties, from the strongest on, ends where the error of left-out lesions has
    risen for good; a second, lower valley at penalties much weaker is not looked for.

    Parameters
    ----------
    log10_alpha_min, log10_alpha_max : float, default=-3 and 0
        Range of the penalty.
    n_alphas : int, default=50
    cv : int, default=10
        Folds; fewer when the smaller class has fewer lesions.
    one_standard_error : bool, default=False
        Take the strongest penalty within one standard error of the best, for a
        sparser model (Breiman et al., Classification and Regression Trees, 1984).
    random_state : int, default=0
        Seed of the folds.

    Attributes
    ----------
    alpha_ : float
        The penalty taken.
    coef_ : ndarray of float, shape (n_features,)
        Coefficients on standardised features.
    """

    _step = "lasso"

    def __init__(
        self,
        log10_alpha_min: float = -3.0,
        log10_alpha_max: float = 0.0,
        n_alphas: int = 50,
        cv: int = 10,
        one_standard_error: bool = False,
        random_state: int = 0,
    ):
        self.log10_alpha_min = log10_alpha_min
        self.log10_alpha_max = log10_alpha_max
        self.n_alphas = n_alphas
        self.cv = cv
        self.one_standard_error = one_standard_error
        self.random_state = random_state

    def _judge(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64] | None,
        names: NDArray[np.object_],
        groups: Any,
    ) -> Verdict:
        assert y is not None
        standard = StandardScaler().fit_transform(X)
        alphas = np.logspace(self.log10_alpha_min, self.log10_alpha_max, self.n_alphas)
        splits = stratified_splits(y, groups, self.cv, self.random_state)
        with warnings.catch_warnings():
            # At the weakest penalties the path may stop short of its tolerance, far from
            # the penalty that is chosen.
            warnings.simplefilter("ignore", ConvergenceWarning)
            if splits:
                self.alpha_ = self._cross_validated_alpha(standard, y, alphas, splits)
            else:
                # One lesion in a class cannot be cross-validated: the middle of the range.
                self.alpha_ = float(np.median(alphas))
            centred = y - y.mean()
            self.coef_ = lasso_path(standard, centred, alphas=[self.alpha_], max_iter=5000)[1][:, 0]
        reason = np.full(len(names), f"zero LASSO coefficient at alpha {self.alpha_:.4g}", object)
        return Verdict(self.coef_ != 0, self.coef_, reason)

    def _cross_validated_alpha(
        self,
        standard: NDArray[np.float64],
        y: NDArray[np.int64],
        alphas: NDArray[np.float64],
        splits: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    ) -> float:
        falling = np.sort(alphas)[::-1]
        error = _left_out_errors(standard, y - y.mean(), falling, splits)
        mean, spread = error.mean(axis=1), _standard_errors(error)
        best = int(np.argmin(mean))
        if self.one_standard_error:
            # The first, and so the strongest, within it.
            best = int(np.argmax(mean <= mean[best] + spread[best]))
        return float(falling[best])


class _Fold:
    """One fold's path of penalties, from the strongest on; a Gram matrix is made once."""

    def __init__(
        self, X: NDArray[np.float64], y: NDArray[np.float64], train: Any, test: Any
    ) -> None:
        mean, offset = X[train].mean(axis=0), y[train].mean()
        self._X = np.asfortranarray(X[train] - mean)
        self._y = y[train] - offset
        small = X.shape[1] <= _LARGEST_GRAM
        self._gram = self._X.T @ self._X if small else False
        self._covariance = self._X.T @ self._y if small else None
        self._left_out, self._target = X[test] - mean, y[test] - offset
        self._last: NDArray[np.float64] | None = None

    def go_on(self, alphas: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return, at the next penalties, the left-out lesions' error and if any feature is in."""
        _, coefficients, _ = enet_path(
            self._X,
            self._y,
            l1_ratio=1.0,
            alphas=alphas,
            precompute=self._gram,
            Xy=self._covariance,
            coef_init=self._last,
            copy_X=False,
            check_input=False,
            max_iter=2000,
            tol=1e-3,
        )
        self._last = coefficients[:, -1]
        error = ((self._target[:, None] - self._left_out @ coefficients) ** 2).mean(axis=0)
        return error, coefficients.any(axis=0)


def _left_out_errors(
    X: NDArray[np.float64],
    y: NDArray[np.float64],
    alphas: NDArray[np.float64],
    splits: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> NDArray[np.float64]:
    """Return the error of each fold at falling penalties, shape (n_reached, n_splits).

    The weakest penalties cost by far the most. The path ends where a fifth of all penalties has
    been tried since the lowest error, and the error is more than a standard error above it. Where
    nothing has been selected yet, the path goes on.
    """
    folds = [_Fold(X, y, train, test) for train, test in splits]
    error = np.empty((0, len(folds)))
    selects = np.empty(0, dtype=bool)
    for start in range(0, len(alphas), _STEP):
        part = alphas[start : start + _STEP]
        errors, selected = zip(*(fold.go_on(part) for fold in folds), strict=True)
        error = np.vstack([error, np.column_stack(errors)])
        selects = np.append(selects, np.any(selected, axis=0))
        mean = error.mean(axis=1)
        best = int(np.argmin(mean))
        far = len(error) - 1 - best >= len(alphas) // 5
        if selects[best] and far and mean[-1] > mean[best] + _standard_errors(error)[best]:
            break
    return error


def _standard_errors(error: NDArray[np.float64]) -> NDArray[np.float64]:
    return error.std(axis=1, ddof=1) / np.sqrt(error.shape[1])
