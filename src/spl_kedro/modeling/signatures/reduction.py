"""The first step of a signature on a wide source: principal components, fitted in each fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from spl_kedro.features.deep.reduction import EmbeddingReducer
from spl_kedro.modeling.signatures.shared_work import fitted_once
from spl_kedro.tabular import Names

#: How `EmbeddingReducer` calls its components.
COMPONENT = "dtl_"


class SourceReduction(TransformerMixin, BaseEstimator):
    """Replace the columns of wide sources by principal components, and leave the others.

    Parameters
    ----------
    columns : mapping of str to sequence or array of str
        Columns of each source that is reduced.
    components : mapping of str to int
        The most components kept of each; with fewer lesions, as many as they allow.
    names : mapping of str to str
        What the names of each source's components begin with: ``dtl_`` gives ``dtl_000`` ...
    keep : sequence of str, optional
        Columns and components handed on, where others were ruled out before; None for all.

    Attributes
    ----------
    reducers_ : dict of str to EmbeddingReducer
        Fitted, by source.
    """

    def __init__(
        self,
        columns: Mapping[str, Names],
        components: Mapping[str, int],
        names: Mapping[str, str],
        keep: Sequence[str] | None = None,
    ):
        self.columns = columns
        self.components = components
        self.names = names
        self.keep = keep

    def fit(self, X: pd.DataFrame, y: Any = None) -> SourceReduction:
        """Find each source's components.

        Parameters
        ----------
        X : DataFrame of float, shape (n_lesions, n_columns)
            With the sources' columns among others.
        y : ignored

        Returns
        -------
        SourceReduction
        """
        self.reducers_: dict[str, EmbeddingReducer] = {}
        for source, columns in self.columns.items():
            template = EmbeddingReducer(self.components[source])
            self.reducers_[source] = fitted_once(template, X[list(columns)])
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the other columns and, behind them, the components of each source.

        Parameters
        ----------
        X : DataFrame of float, shape (n_lesions, n_columns)

        Returns
        -------
        DataFrame of float, shape (n_lesions, n_reduced)
        """
        check_is_fitted(self, "reducers_")
        reduced = {name for columns in self.columns.values() for name in columns}
        parts = [X.loc[:, [name for name in X.columns if name not in reduced]]]
        for source, reducer in self.reducers_.items():
            part = reducer.transform(X[list(self.columns[source])])
            numbers = [name.removeprefix(COMPONENT) for name in part.columns]
            parts.append(part.set_axis([f"{self.names[source]}{n}" for n in numbers], axis=1))
        whole = pd.concat(parts, axis=1)
        return whole if self.keep is None else whole.loc[:, list(self.keep)]
