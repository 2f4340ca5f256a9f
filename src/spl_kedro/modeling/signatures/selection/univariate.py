"""One test per feature: what differs between benign and malignant lesions."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from spl_kedro.modeling.signatures.selection.base import SelectionStep, Verdict
from spl_kedro.modeling.signatures.shared_work import by_column

# D'Agostino's skewness and kurtosis approximations hold from about 20 observations on.
MIN_FOR_NORMALITY = 20


class UnivariateFilter(SelectionStep):
    """Keep features whose distribution differs between the classes.

    Parameters
    ----------
    test : {"auto", "welch", "mann_whitney"}, default="auto"
        ``"auto"`` takes Welch's t-test for features that are normal in both classes
        (D'Agostino and Pearson, Biometrika 1973;60:613, p >= 0.05, at least 20 lesions
        per class) and the Mann-Whitney U test for the others.
    alpha : float, default=0.05
        Features with a (corrected) p-value below it are kept.
    fdr : bool, default=False
        Correct the p-values after Benjamini and Hochberg, J R Stat Soc B 1995;57:289.

    Attributes
    ----------
    p_values_ : ndarray of float, shape (n_features,)
        After correction, when there is one.
    tests_ : ndarray of str, shape (n_features,)
        The test each feature got.
    """

    _step = "univariate"

    def __init__(self, test: str = "auto", alpha: float = 0.05, fdr: bool = False):
        self.test = test
        self.alpha = alpha
        self.fdr = fdr

    def _judge(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64] | None,
        names: NDArray[np.object_],
        groups: Any,
    ) -> Verdict:
        found = by_column(lambda columns: self._tests(columns, y), X, "univariate", self.test, y)
        p_values, use_t = found[:, 0].astype(np.float64), found[:, 1] == 1
        if self.fdr:
            p_values = stats.false_discovery_control(p_values)
        self.p_values_ = p_values
        self.tests_ = np.where(use_t, "Welch t", "Mann-Whitney")
        corrected = " after false discovery control" if self.fdr else ""
        reason = np.array(
            [f"{name} p not below {self.alpha:g}{corrected}" for name in self.tests_], dtype=object
        )
        return Verdict(p_values < self.alpha, p_values, reason)

    def _tests(self, X: NDArray[np.float64], y: NDArray[np.int64] | None) -> NDArray[np.float64]:
        """Return the p-value of each column, and 1 where it is Welch's test; shape (n, 2)."""
        benign, malignant = X[y == 0], X[y == 1]
        use_t = self._takes_welch(benign, malignant)
        p_values = np.ones(X.shape[1])
        with warnings.catch_warnings():
            # Constant features and classes of one lesion give NaN, which counts as p = 1.
            warnings.simplefilter("ignore", RuntimeWarning)
            if use_t.any():
                p_values[use_t] = stats.ttest_ind(
                    malignant[:, use_t], benign[:, use_t], equal_var=False
                ).pvalue
            if not use_t.all():
                p_values[~use_t] = stats.mannwhitneyu(
                    malignant[:, ~use_t], benign[:, ~use_t], method="asymptotic"
                ).pvalue
        return np.column_stack([np.nan_to_num(p_values, nan=1.0), use_t])

    def _takes_welch(
        self, benign: NDArray[np.float64], malignant: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        n_features = benign.shape[1]
        if self.test == "welch":
            return np.ones(n_features, dtype=bool)
        small = min(len(benign), len(malignant)) < MIN_FOR_NORMALITY
        if self.test == "mann_whitney" or small:
            return np.zeros(n_features, dtype=bool)
        if self.test != "auto":
            raise ValueError(f"test={self.test!r} is none of 'auto', 'welch', 'mann_whitney'.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            normal = [stats.normaltest(group).pvalue >= 0.05 for group in (benign, malignant)]
        return normal[0] & normal[1]
