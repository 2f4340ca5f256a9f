"""Tables of thousands of columns, checked and named at the cost of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array, check_X_y, validate_data

#: Names of columns; of thousands, one array is cheaper to copy, compare and store than a list.
Names = Sequence[str] | NDArray[np.str_]


def named(values: ArrayLike, names: ArrayLike, index: pd.Index | None = None) -> pd.DataFrame:
    """Return a table whose columns are plain Python strings.

    The names of a pandas string array are made anew each time that scikit-learn reads them.

    Parameters
    ----------
    values : array-like, shape (n, p)
    names : array-like of str, shape (p,)
    index : Index, optional
        Row labels; None numbers the rows.

    Returns
    -------
    DataFrame, shape (n, p)
        Of these very values where they are an array, which is not to be changed any more.
    """
    columns = pd.Index(np.asarray(names, dtype=object), dtype=object)
    return pd.DataFrame(values, index=index, columns=columns, copy=False)


def counted(counts: pd.Series | pd.DataFrame) -> str:
    """Return counts as a line for a person.

    Parameters
    ----------
    counts : Series or DataFrame of int
        By what was counted; of a table each row apart.

    Examples
    --------
    >>> counted(pd.Series({"one diagnosis a patient": 2, "a readable file": 1}))
    'one diagnosis a patient (2), a readable file (1)'
    >>> counted(pd.DataFrame({"benign": [3, 1], "malignant": [4, 2]}, ["training", "validation"]))
    'training: benign (3), malignant (4); validation: benign (1), malignant (2)'
    """
    if isinstance(counts, pd.DataFrame):
        return "; ".join(f"{name}: {counted(row)}" for name, row in counts.iterrows())
    return ", ".join(f"{name} ({count})" for name, count in counts.items())


def plain_names(X: Any) -> Any:
    """Return a table with its columns as plain Python strings; anything else as it is."""
    if not isinstance(X, pd.DataFrame) or X.columns.dtype == object:
        return X
    return X.set_axis(X.columns.astype(object), axis=1)


def check_columns(estimator: Any, X: pd.DataFrame, *y: Any, reset: bool) -> None:
    """Let an estimator learn a table's names and their number, or compare them.

    They are kept as one array of text: a model with thousands of Python strings is stored and read
    string by string.

    Parameters
    ----------
    estimator : estimator
    X : DataFrame, shape (n, p)
    *y : array-like, shape (n,)
        As for :func:`validated`.
    reset : bool
        Whether the columns are learnt.

    Raises
    ------
    ValueError
        As scikit-learn words it.
    """
    validate_data(estimator, plain_names(X), *y, reset=reset, skip_check_array=True)
    if reset and hasattr(estimator, "feature_names_in_"):
        estimator.feature_names_in_ = estimator.feature_names_in_.astype(str)


def validated(estimator: Any, X: Any, *y: Any, reset: bool = True, **checks: Any) -> Any:
    """Check what an estimator is given, as scikit-learn's ``validate_data`` does, in float64.

    A table is turned into an array first: scikit-learn looks at the type of each column, ten
    times as long as what it then does with them.

    Parameters
    ----------
    estimator : estimator
        Learns the names and the number of columns, or compares them.
    X : DataFrame or array-like, shape (n, p)
        Numbers.
    *y : array-like, shape (n,)
        The target, where the estimator needs one; None in its place is refused.
    reset : bool
        Whether the estimator learns the columns (when it is fitted) or compares them.
    **checks
        As for ``sklearn.utils.check_array``.

    Returns
    -------
    ndarray of float64, shape (n, p); with `y`, the pair of them

    Raises
    ------
    ValueError
        As scikit-learn words it.
    """
    if not isinstance(X, pd.DataFrame):
        return validate_data(estimator, X, *y, reset=reset, dtype=np.float64, **checks)
    check_columns(estimator, X, *y, reset=reset)
    values: NDArray[np.float64] = X.to_numpy(dtype=np.float64)
    if y:
        return check_X_y(values, *y, estimator=estimator, **checks)
    return check_array(values, estimator=estimator, input_name="X", **checks)
