"""How a signature finds its own columns in one wide table, and what it refuses there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.tabular import Names


def own_columns(X: Any, columns: Names | None) -> Any:
    """Return the columns a signature works on.

    Parameters
    ----------
    X : DataFrame or array-like, shape (n_lesions, n_columns)
        The wide table. An array is returned as it is when `columns` is None.
    columns : sequence or array of str, optional
        Names of the columns; None for all of them.

    Raises
    ------
    ValueError
        If a column is missing, with its name.
    """
    if columns is None:
        return X
    if not isinstance(X, pd.DataFrame):
        raise ValueError(
            "A signature with named columns needs a DataFrame; "
            f"it was given {type(X).__name__} without column names."
        )
    # One look for all of them: a table has thousands, and is asked for each fit and score.
    places = X.columns.get_indexer_for(pd.Index(columns))
    if (places < 0).any():
        missing = [name for name in columns if name not in X.columns]
        shown = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        raise ValueError(
            f"{len(missing)} column(s) the signature was fitted on are missing: {shown}. "
            "Add them under the same names; a clinical value that is unknown stays an empty cell."
        )
    return X.iloc[:, places]


def refuse_non_finite(X: Any, may_miss: Names = ()) -> None:
    """Refuse infinite or missing feature values, naming features and lesions.

    Parameters
    ----------
    X : DataFrame or array-like
        An array is left to scikit-learn.
    may_miss : sequence or array of str
        Columns in which a value may be missing, though not infinite.

    Raises
    ------
    ValueError
        If a DataFrame holds a value that is not finite.
    """
    if not isinstance(X, pd.DataFrame):
        return
    numeric = X.select_dtypes("number")
    values = numeric.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~np.isfinite(values)
    if len(may_miss) and bad.any():
        bad &= ~(np.isnan(values) & numeric.columns.isin(list(may_miss)))
    if bad.any():
        lesion, feature = np.argwhere(bad)[0]
        raise ValueError(
            f"{bad.any(axis=0).sum()} feature(s) hold NaN or infinity in {bad.any(axis=1).sum()} "
            f"lesion(s), first {numeric.columns[feature]!r} of lesion {numeric.index[lesion]!r}. "
            "Features must be finite: quarantine the lesion or leave the feature out."
        )
