"""A penalised logistic head on an embedding."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from spl_kedro.parallel import one_thread


def fit_head(embedding: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights and offset of a logistic head on the unscaled embedding.

    Parameters
    ----------
    embedding : ndarray, shape (n, width)
    labels : ndarray of int, shape (n,)
        Both classes must occur.

    Returns
    -------
    weights : ndarray, shape (width,)
    offset : float
    """
    mean, scale = embedding.mean(axis=0), embedding.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    # Far more columns than lesions: a strong penalty keeps the fit short and stable.
    with one_thread():
        model = LogisticRegression(C=1e-2, max_iter=500).fit((embedding - mean) / scale, labels)
    weights = model.coef_[0] / scale
    return weights, float(model.intercept_[0] - weights @ mean)
