"""Clinical variables as numbers: imputed, with indicators, categories one-hot."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from spl_kedro.modeling.signatures.warning import SignatureWarning


@dataclass(frozen=True)
class VariableCode:
    """How one clinical variable becomes columns.

    Attributes
    ----------
    name : str
    levels : tuple of str
        Categories with a column of their own; empty for a numeric variable.
    reference : str
        The category without one, the most frequent in training; empty if numeric.
    joined : tuple of str
        Categories too rare for a column, which count as the reference.
    fill : float
        Median that stands for a missing number.
    indicator : bool
        Whether a column marks missing values.
    """

    name: str
    levels: tuple[str, ...] = ()
    reference: str = ""
    joined: tuple[str, ...] = ()
    fill: float = 0.0
    indicator: bool = False

    def terms(self) -> list[str]:
        """Return the names of the columns."""
        names = [f"{self.name}={level}" for level in self.levels] if self.reference else [self.name]
        return [*names, f"{self.name} missing"] if self.indicator else names


class ClinicalEncoder(TransformerMixin, BaseEstimator):
    """Turn clinical variables into numeric columns, learning everything from the fit.

    Numbers keep their unit and get the training median where missing; categories become
    0/1 columns against the most frequent one, which also stands for a missing or unseen
    category. A variable with enough missing values gets an indicator column.

    Parameters
    ----------
    min_missing : int, default=10
        Missing values in training from which on a variable gets an indicator.
    min_level : int, default=5
        Categories of fewer training lesions are joined with the reference.

    Attributes
    ----------
    codes_ : list of VariableCode
    terms_ : list of str
        Names of the columns made.
    variable_of_term_ : ndarray of int, shape (n_terms,)
        Position of the variable each column comes from.
    """

    def __init__(self, min_missing: int = 10, min_level: int = 5):
        self.min_missing = min_missing
        self.min_level = min_level

    def fit(self, X: Any, y: Any = None) -> ClinicalEncoder:
        """Learn medians, categories and which variables need an indicator.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_variables)
            Numbers (NaN allowed), booleans, strings or categoricals.
        y : ignored

        Returns
        -------
        ClinicalEncoder
            The fitted encoder.
        """
        table = self._table(X, reset=True)
        self.codes_ = [self._code(str(name), table.iloc[:, i]) for i, name in enumerate(table)]
        self.terms_ = [term for code in self.codes_ for term in code.terms()]
        counts = np.array([len(code.terms()) for code in self.codes_], dtype=np.int64)
        self.variable_of_term_ = np.repeat(np.arange(len(self.codes_)), counts)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the numeric columns.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_variables)

        Returns
        -------
        ndarray of float, shape (n_lesions, n_terms)
        """
        check_is_fitted(self, "codes_")
        table = self._table(X, reset=False)
        blocks = [self._encode(code, table.iloc[:, i]) for i, code in enumerate(self.codes_)]
        return np.hstack(blocks) if blocks else np.empty((len(table), 0))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns made."""
        check_is_fitted(self, "codes_")
        return np.asarray(self.terms_, dtype=object)

    def _table(self, X: Any, *, reset: bool) -> pd.DataFrame:
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, skip_check_array=True, reset=reset)
            table = X
        else:
            values = validate_data(
                self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=reset
            )
            table = pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])
        for name in table.columns:
            if is_numeric_dtype(table[name]) and np.isinf(_numbers(table[name])).any():
                lesion = table.index[np.isinf(_numbers(table[name]))][0]
                raise ValueError(
                    f"Clinical variable {name!r} holds infinity, first at lesion {lesion!r}. "
                    "Correct the value, or leave the cell empty if it is unknown."
                )
        return table

    def _code(self, name: str, values: pd.Series) -> VariableCode:
        indicator = int(values.isna().sum()) >= self.min_missing
        if is_numeric_dtype(values) or is_bool_dtype(values):
            numbers = _numbers(values)
            known = numbers[~np.isnan(numbers)]
            fill = float(np.median(known)) if len(known) else 0.0
            return VariableCode(name, fill=fill, indicator=indicator)
        words = Counter(map(str, values.array[values.notna().to_numpy()]))
        if not words:
            return VariableCode(name, reference="(none seen)", indicator=indicator)
        # Ties in frequency go to the first in alphabetical order.
        reference = min(words, key=lambda word: (-words[word], word))
        others = sorted(set(words) - {reference})
        levels = tuple(word for word in others if words[word] >= self.min_level)
        joined = tuple(word for word in others if words[word] < self.min_level)
        return VariableCode(name, levels, reference, joined, indicator=indicator)

    def _encode(self, code: VariableCode, values: pd.Series) -> NDArray[np.float64]:
        missing = values.isna().to_numpy()
        if code.reference:
            known = np.array([str(word) for word in values.array], dtype=object)
            known[missing] = code.reference
            self._warn_unseen(code, known)
            columns = [(known == level).astype(float) for level in code.levels]
        else:
            columns = [np.where(missing, code.fill, _numbers(values))]
        if code.indicator:
            columns.append(missing.astype(float))
        return np.column_stack(columns) if columns else np.empty((len(values), 0))

    def _warn_unseen(self, code: VariableCode, known: NDArray[Any]) -> None:
        unseen = sorted(set(known) - {code.reference, *code.levels, *code.joined})
        if unseen:
            warnings.warn(
                f"Clinical variable {code.name!r} holds categories not seen in training "
                f"({', '.join(unseen)}); they count as {code.reference!r}.",
                SignatureWarning,
                stacklevel=4,
            )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags


def _numbers(values: pd.Series) -> NDArray[np.float64]:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
