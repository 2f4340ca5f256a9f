"""What of the training lesions may travel: sums over many of them, never a row of one."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import pandas as pd

from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.fusion import FusionSignature

#: Training lesions behind each mean lesion, and behind each moment.
AT_LEAST = 10


def without_patients(models: Mapping[str, Signature]) -> dict[str, Signature]:
    """Return fitted models without what they keep of each training lesion.

    Models that are one object stay one, as an image model and the fusions that use it are.

    Parameters
    ----------
    models : mapping of str to Signature
    """
    stripped: dict[str, Signature] = copy.deepcopy(dict(models))
    for model in stripped.values():
        parts = [model]
        if isinstance(model, FusionSignature):
            parts += [model.image_, model.clinical_]
            model.training_scores_ = np.empty(0)
        for part in parts:
            if hasattr(part, "cross_fitted_scores_"):
                part.cross_fitted_scores_ = None
            calibrated = getattr(getattr(part, "classifier_", None), "model_", None)
            if calibrated is not None:
                calibrated.cv = None  # which lesion lay in which fold
    return stripped


def kept_rows(models: Mapping[str, Signature]) -> list[str]:
    """Return the models whose classifier keeps feature rows of training lesions.

    Support vectors of a radial machine, landmarks of its approximation, neighbours.
    """
    found = []
    for name, model in models.items():
        parts = [model, getattr(model, "image_", None)]
        kinds = {getattr(getattr(part, "classifier_", None), "kind", None) for part in parts}
        if kinds & {"radial_svm", "nystroem_svm", "knn"}:
            found.append(name)
    return found


def mean_lesions(X: pd.DataFrame, order_by: np.ndarray, group: int = AT_LEAST) -> pd.DataFrame:
    """Return means of neighbouring lesions, each of at least `group`.

    Parameters
    ----------
    X : DataFrame, shape (n_lesions, n_columns)
        Numbers and categories; of a category the most frequent one stands for the group.
    order_by : ndarray of float, shape (n_lesions,)
        Neighbours are lesions with neighbouring values, such as scores.
    group : int

    Returns
    -------
    DataFrame, shape (n_lesions // group, n_columns)
        Index ``mean_00`` ...; of fewer lesions than two groups one row.
    """
    parts = np.array_split(np.argsort(order_by, kind="stable"), max(1, len(X) // group))
    numbers = X.select_dtypes("number").columns
    others = X.columns.difference(numbers, sort=False)
    rows = []
    for part in parts:
        own = X.iloc[part]
        row = own[numbers].mean().astype(object)  # which holds words too
        for name in others:
            counts = own[name].dropna().value_counts()
            row[name] = counts.index[0] if len(counts) else None
        rows.append(row)
    index = pd.Index([f"mean_{i:02d}" for i in range(len(rows))], name="lesion_id", dtype="str")
    means = pd.DataFrame(rows).set_axis(index)[list(X.columns)]
    return means.astype({name: X[name].dtype for name in X.columns})


def column_moments(X: pd.DataFrame) -> pd.DataFrame:
    """Return mean and covariance of columns, for a comparison of case mix.

    Parameters
    ----------
    X : DataFrame of float, shape (n_lesions, n_columns)
        Missing values are left out of each mean, and stand at it in the covariance.

    Returns
    -------
    DataFrame, shape (n_columns, 2 + n_columns)
        Index column; n, mean and a column of covariances for each column.
    """
    values = X.astype("float64")
    centred = (values - values.mean()).fillna(0.0)
    covariance = centred.T @ centred / max(1, len(values) - 1)
    return pd.concat(
        [values.notna().sum().rename("n"), values.mean().rename("mean"), covariance], axis=1
    ).rename_axis("column")


def safe_ranges(ranges: pd.DataFrame) -> pd.DataFrame:
    """Return the ranges without extremes, each of which is one patient's value."""
    kept = ranges.drop(columns=["lowest", "highest"], errors="ignore").copy()
    few = kept["n"] < AT_LEAST
    kept.loc[few, ["p01", "median", "p99"]] = np.nan
    return kept
