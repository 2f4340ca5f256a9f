"""Missing values of image features, where a source declares that its features may be missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from spl_kedro.tabular import Names


class MedianFill(TransformerMixin, BaseEstimator):
    """Put the median of the lesions it was fitted on in the place of missing values.

    The first step of a signature, fitted in each of its fits. That a value was missing is not
    itself a feature.

    Parameters
    ----------
    columns : sequence or array of str
        Features that may be missing; the others are handed on as they are.

    Attributes
    ----------
    columns_ : ndarray of str
        Those of `columns` that the table had.
    medians_ : ndarray of float, of the same shape
        0 for a column that no lesion has.
    """

    def __init__(self, columns: Names):
        self.columns = columns

    def fit(self, X: pd.DataFrame, y: Any = None) -> MedianFill:
        """Find the medians.

        Parameters
        ----------
        X : DataFrame of float, shape (n_lesions, n_columns)
        y : ignored

        Returns
        -------
        MedianFill
        """
        # Filters outside the fit may have dropped some before.
        self.columns_ = np.array([name for name in self.columns if name in X.columns], dtype=str)
        self.medians_ = X[self.columns_.tolist()].median().fillna(0.0).to_numpy(np.float64)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the table without missing values in these columns.

        Parameters
        ----------
        X : DataFrame of float, shape (n_lesions, n_columns)

        Returns
        -------
        DataFrame of float, of the same shape
        """
        check_is_fitted(self, "medians_")
        places = X.columns.get_indexer(pd.Index(self.columns_))
        values = X.to_numpy(dtype=np.float64, copy=True)
        own = values[:, places]
        missing = np.isnan(own)
        if not missing.any():
            return X
        # One array at once: pandas would set thousands of columns one by one.
        values[:, places] = np.where(missing, self.medians_, own)
        return pd.DataFrame(values, index=X.index, columns=X.columns)
