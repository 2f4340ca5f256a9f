"""The clinical model: univariate, then multivariable logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.clinical_encoding import ClinicalEncoder
from spl_kedro.modeling.signatures.columns import own_columns
from spl_kedro.modeling.signatures.logistic import (
    LogisticFit,
    fit_logistic,
    independent_columns,
    likelihood_ratio_p,
)
from spl_kedro.modeling.signatures.selection.base import LogRows, selection_log
from spl_kedro.schemas import NO_VARIABLE

ODDS_RATIO_COLUMNS = (
    "stage", "variable", "term", "odds_ratio", "odds_ratio_low", "odds_ratio_high",
    "p_value", "method", "coefficient", "standard_error",
)  # fmt: skip


class ClinicalSignature(Signature):
    """Logistic regression on the clinical variables that stand the test twice.

    Each variable is tested alone (likelihood ratio, all its columns together); those
    below `univariate_p` enter one multivariable model; those still below
    `multivariable_p` there are the clinical features, and the model is fitted on them.
    Where the classes separate, Firth's penalty replaces maximum likelihood and
    ``separation_`` says where.

    Parameters
    ----------
    columns : sequence of str, optional
        Clinical variables in the wide table; None for every column.
    univariate_p, multivariable_p : float, default=0.05
        1 keeps everything at that stage.
    min_missing : int, default=10
        Missing values from which on a variable gets an indicator column.
    min_level : int, default=5
        Categories of fewer training lesions are joined with the reference.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    selected_features_ : list of str
        The clinical features.
    selected_terms_ : list of str
        Their columns after encoding.
    selection_log_ : DataFrame
        One row per dropped variable: feature, step, reason, statistic (p-value).
    odds_ratios_ : DataFrame
        Odds ratio, 95 % Wald interval and p-value of each term, by stage
        (univariate, multivariable, final), with the coefficient and its standard error.
    separation_ : list of str
        Stages and variables whose fit needed Firth's method.
    fallback_ : str or None
        Why the probability is the training prevalence, when it is.
    """

    _called = "clinical model"

    def __init__(
        self,
        columns: Sequence[str] | None = None,
        univariate_p: float = 0.05,
        multivariable_p: float = 0.05,
        min_missing: int = 10,
        min_level: int = 5,
    ):
        self.columns = columns
        self.univariate_p = univariate_p
        self.multivariable_p = multivariable_p
        self.min_missing = min_missing
        self.min_level = min_level

    def fit(self, X: Any, y: Any, groups: Any = None) -> ClinicalSignature:
        """Fit the model.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)
            The wide table; missing clinical values are allowed.
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : ignored
            Nothing here is cross-validated.

        Returns
        -------
        ClinicalSignature
            The fitted model.
        """
        X = own_columns(X, self.columns)
        if isinstance(X, pd.DataFrame):
            _, y = validate_data(self, X, y, skip_check_array=True), np.asarray(y)
        else:
            X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        labels = self._learn_classes(y)
        self.encoder_ = ClinicalEncoder(self.min_missing, self.min_level).fit(X)
        design = self.encoder_.transform(X)
        self._usable = independent_columns(design)
        self.dropped_rows_: LogRows = []
        self.odds_rows_: list[tuple[Any, ...]] = []
        self.separation_: list[str] = []
        candidates = self._univariate(design, labels)
        chosen = self._multivariable(design, labels, candidates)
        self._final(design, labels, chosen)
        del self._usable
        self._warn_of_fallback()
        return self

    @property
    def selection_log_(self) -> pd.DataFrame:
        """One row per dropped variable: feature, step, reason, statistic (p-value)."""
        check_is_fitted(self, "fit_")
        return selection_log(self.dropped_rows_)

    @property
    def odds_ratios_(self) -> pd.DataFrame:
        """Odds ratio with interval and p-value of each term at each stage."""
        check_is_fitted(self, "fit_")
        return pd.DataFrame(self.odds_rows_, columns=list(ODDS_RATIO_COLUMNS))

    def _columns_of(self, variables: list[int]) -> NDArray[np.int64]:
        mine = np.isin(self.encoder_.variable_of_term_, variables)
        return np.array([j for j in self._usable if mine[j]], dtype=np.int64)

    def _univariate(self, design: NDArray[np.float64], labels: NDArray[np.int64]) -> list[int]:
        kept = []
        alone = fit_logistic(design[:, :0], labels)
        for variable, code in enumerate(self.encoder_.codes_):
            columns = self._columns_of([variable])
            if not len(columns):
                self.dropped_rows_.append(
                    (code.name, "univariate", "constant or repeats another", np.nan)
                )
                continue
            block = design[:, columns]
            fit = fit_logistic(block, labels)
            p_value = likelihood_ratio_p(block, labels, np.arange(len(columns)), fit, alone)
            self._report("univariate", fit, columns)
            if p_value < self.univariate_p or self.univariate_p >= 1:
                kept.append(variable)
            else:
                reason = f"univariate p not below {self.univariate_p:g}"
                self.dropped_rows_.append((code.name, "univariate", reason, p_value))
        return kept

    def _multivariable(
        self, design: NDArray[np.float64], labels: NDArray[np.int64], candidates: list[int]
    ) -> list[int]:
        if not candidates:
            return []
        columns = self._columns_of(candidates)
        block = design[:, columns]
        fit = fit_logistic(block, labels)
        self._report("multivariable", fit, columns)
        owner = self.encoder_.variable_of_term_[columns]
        p_values = {
            variable: likelihood_ratio_p(block, labels, np.flatnonzero(owner == variable), fit)
            for variable in candidates
        }
        kept = [v for v in candidates if p_values[v] < self.multivariable_p]
        if self.multivariable_p >= 1:
            kept = candidates
        elif not kept:
            # Variables that explain each other away are still informative together.
            kept = [min(p_values, key=p_values.__getitem__)]
        for variable in candidates:
            if variable not in kept:
                reason = f"multivariable p not below {self.multivariable_p:g}"
                name = self.encoder_.codes_[variable].name
                self.dropped_rows_.append((name, "multivariable", reason, p_values[variable]))
        return kept

    def _final(
        self, design: NDArray[np.float64], labels: NDArray[np.int64], chosen: list[int]
    ) -> None:
        self.selected_features_ = [self.encoder_.codes_[v].name for v in chosen]
        self.term_columns_ = self._columns_of(chosen)
        self.selected_terms_ = [self.encoder_.terms_[j] for j in self.term_columns_]
        if not chosen:
            passed = "no clinical variable passed the univariate test"
            self.fallback_ = passed if self.encoder_.codes_ else NO_VARIABLE
        self.fit_ = fit_logistic(design[:, self.term_columns_], labels)
        self._report("final", self.fit_, self.term_columns_)

    def _report(self, stage: str, fit: LogisticFit, columns: NDArray[np.int64]) -> None:
        low, high = fit.interval().T
        p_values = fit.wald_p_values()
        terms = [self.encoder_.terms_[j] for j in columns]
        owners = [self.encoder_.codes_[self.encoder_.variable_of_term_[j]].name for j in columns]
        with np.errstate(over="ignore"):
            odds = np.exp(np.column_stack([fit.coefficients, low, high]))
        for i, (term, owner) in enumerate(zip(terms, owners, strict=True), start=1):
            numbers = [float(value) for value in (*odds[i], p_values[i])]
            logit = float(fit.coefficients[i]), float(fit.standard_errors[i])
            self.odds_rows_.append((stage, owner, term, *numbers, fit.method, *logit))
        if fit.method == "Firth":
            where = f"{stage}: {', '.join(terms)}"
            self.separation_.append(where)

    def clinical_features(self, X: Any) -> NDArray[np.float64]:
        """Return the encoded clinical features, for a fusion model.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)

        Returns
        -------
        ndarray of float, shape (n_lesions, n_terms)
            Columns ``selected_terms_``, in their own units.
        """
        check_is_fitted(self, "fit_")
        X = own_columns(X, self.columns)
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, skip_check_array=True, reset=False)
        else:
            X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self.encoder_.transform(X)[:, self.term_columns_]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, shape (n_lesions, 2)."""
        check_is_fitted(self, "fit_")
        return self._both_classes(expit(self.fit_.log_odds(self.clinical_features(X))))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
