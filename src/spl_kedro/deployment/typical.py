"""How far from the training lesions a new one may lie and still be ordinary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.imaging import Lesion
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import spread

#: Share of training lesions that lie within a limit.
WITHIN = 0.99


def grey_levels(lesions: Mapping[str, Callable[[], Lesion]]) -> dict[str, int]:
    """Return how many different grey values each image holds.

    At most 256 of 8 bits a pixel, fewer of a scanner that shows fewer or of an image that was
    reduced, more of an image of 12 or 16 bits.

    Parameters
    ----------
    lesions : mapping of str to callable
        Reads a lesion on call.
    """
    counts = spread(_levels, lesions.values(), "grey values")
    return dict(zip(lesions, counts, strict=True))


def _levels(read: Callable[[], Lesion]) -> int:
    return len(np.unique(read().image))


def embedding_distance(reducer: Any, embeddings: pd.DataFrame) -> NDArray[np.float64]:
    """Return how far embeddings lie from the mean training lesion.

    Parameters
    ----------
    reducer : EmbeddingReducer
        Fitted on training lesions.
    embeddings : DataFrame, shape (n_lesions, width)

    Returns
    -------
    ndarray of float, shape (n_lesions,)
        Root mean square over the components, each in its own standard deviations: 1 on average
        over the lesions fitted on.
    """
    components = reducer.transform(embeddings).to_numpy()
    standard = components / np.sqrt(reducer.explained_variance_)
    distance: NDArray[np.float64] = np.sqrt(np.mean(standard**2, axis=1))
    return distance


def embedding_distances(fitted: FittedStudy, table: StudyTable) -> NDArray[np.float64]:
    """Return the distance of training lesions, each from lesions of the other folds.

    Parameters
    ----------
    fitted : FittedStudy
        Cross-fitted, with a model on the deep source.
    table : StudyTable
        The table it was fitted on.

    Returns
    -------
    ndarray of float, shape (n_lesions,)
        Empty where no model reduces an embedding.
    """
    name = deep_model(fitted.models)
    if name is None:
        return np.empty(0)
    folds = fitted.folds(table)
    found = []
    for fold, model in enumerate(fitted.cross_fits[name].models):
        reducer = model.reduction_.reducers_["deep"]
        lesions = folds.index[folds == fold]
        found.append(embedding_distance(reducer, table.X.loc[lesions, list(deep_columns(model))]))
    return np.concatenate(found)


def deep_model(models: Any) -> str | None:
    """Return the first model that reduces the deep source to components; None without one."""
    for name, model in models.items():
        reduction = getattr(model, "reduction_", None)
        if reduction is not None and "deep" in reduction.reducers_:
            return str(name)
    return None


def deep_columns(model: Any) -> list[str]:
    """Return the embedding's columns that a model reduces."""
    return [str(name) for name in model.reduction_.columns["deep"]]


def outside_share(
    models: Mapping[str, Any], ranges: pd.DataFrame, features: pd.DataFrame
) -> NDArray[np.float64]:
    """Return which share of the image features that models use lies outside the training range.

    Parameters
    ----------
    models : mapping of str to Signature
    ranges : DataFrame
        Index column; p01 and p99.
    features : DataFrame, shape (n_lesions, n_columns)

    Returns
    -------
    ndarray of float, shape (n_lesions,)
        From 0 to 1; 0 where the models use no feature of the table.
    """
    chosen = {name for model in models.values() for name in model.selected_features_}
    used = [name for name in features.columns if name in chosen and name in ranges.index]
    if not used:
        return np.zeros(len(features))
    values = features[used].to_numpy(dtype=float)
    low, high = ranges.loc[used, ["p01", "p99"]].to_numpy(dtype=float).T
    return np.asarray(((values < low) | (values > high)).mean(axis=1))


def typical_values(
    cohort: pd.DataFrame,
    distances: NDArray[np.float64],
    outside: NDArray[np.float64],
    levels: Collection[int] = (),
) -> dict[str, float]:
    """Return the limits within which training lesions lie.

    Parameters
    ----------
    cohort : DataFrame
        Of the training lesions; columns spacing_row_mm and spacing_col_mm.
    distances : ndarray of float
        From :func:`embedding_distances`.
    outside : ndarray of float
        From :func:`outside_share`.
    levels : collection of int
        From :func:`grey_levels`.

    Returns
    -------
    dict of str to float
        ``spacing_low`` and ``spacing_high`` (mm), ``spacing_known`` (share of lesions),
        ``grey_levels_low`` and ``grey_levels_high``, ``embedding_distance`` and
        ``features_outside``, each where it is known.
    """
    spacing = cohort[["spacing_row_mm", "spacing_col_mm"]].to_numpy(dtype=float)
    known = spacing[np.isfinite(spacing).all(axis=1)]
    found = {"spacing_known": float(np.isfinite(spacing).all(axis=1).mean())}
    if len(known):
        low, high = np.quantile(known, [(1 - WITHIN) / 2, (1 + WITHIN) / 2])
        found |= {"spacing_low": float(low), "spacing_high": float(high)}
    if len(levels):
        low, high = np.quantile(list(levels), [(1 - WITHIN) / 2, (1 + WITHIN) / 2])
        found |= {"grey_levels_low": float(low), "grey_levels_high": float(high)}
    if len(outside):
        found["features_outside"] = float(np.quantile(outside, WITHIN))
    if len(distances):
        found["embedding_distance"] = float(np.quantile(distances, WITHIN))
    return found
