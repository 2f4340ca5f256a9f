"""LASSO: keep the features with a non-zero coefficient at the cross-validated penalty."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LassoCV, lasso_path
from sklearn.preprocessing import StandardScaler

from spl_kedro.signatures.folds import stratified_splits
from spl_kedro.signatures.selection.base import SelectionStep, Verdict


class LassoSelector(SelectionStep):
    """Keep the features a cross-validated LASSO gives a non-zero coefficient.

    Least squares on the 0/1 label, as the papers of this family do; it only selects,
    the probabilities come from the classifier after it. Features are standardised first.

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

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> LassoSelector:
        """Decide which features to keep.

        Parameters
        ----------
        X : array-like of float, shape (n_lesions, n_features)
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in the folds.

        Returns
        -------
        LassoSelector
            The fitted step.
        """
        self._groups = groups
        try:
            super().fit(X, y)
        finally:
            del self._groups
        return self

    def _judge(
        self, X: NDArray[np.float64], y: NDArray[np.int64] | None, names: NDArray[np.object_]
    ) -> Verdict:
        assert y is not None
        standard = StandardScaler().fit_transform(X)
        alphas = np.logspace(self.log10_alpha_min, self.log10_alpha_max, self.n_alphas)
        splits = stratified_splits(y, self._groups, self.cv, self.random_state)
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
        path = LassoCV(alphas=alphas, cv=splits, max_iter=2000, tol=1e-3).fit(standard, y)
        if not self.one_standard_error:
            return float(path.alpha_)
        error = path.mse_path_.mean(axis=1)
        spread = path.mse_path_.std(axis=1, ddof=1) / np.sqrt(len(splits))
        best = int(np.argmin(error))
        within = error <= error[best] + spread[best]
        return float(path.alphas_[within].max())
