"""A classifier that tries to tell two sets of images apart (a two-sample test).

After Lopez-Paz & Oquab, Revisiting classifier two-sample tests, ICLR 2017: where both sets are
alike, no classifier does better than chance on images it has not seen.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spl_kedro.modeling.evaluation.delong import AucInterval, auc_interval

#: Strength of the logistic regression's ridge, fixed beforehand.
_C = 0.01


def told_apart(
    first: np.ndarray,
    second: np.ndarray,
    *,
    folds: int,
    repeats: int,
    confidence: float,
    seed: int,
) -> AucInterval:
    """Return how well a logistic regression tells two sets apart, cross-fitted.

    Parameters
    ----------
    first, second : ndarray, shape (n, p) and (m, p)
        Features of each image.
    folds : int
        No more than images of the smaller set are used.
    repeats : int
        Times that the folds are drawn anew.
    confidence : float in (0.5, 1)
    seed : int

    Returns
    -------
    AucInterval
        0.5 is chance, 1 always right. The interval is DeLong's over images; at 1 it is Newcombe's.
    """
    values = np.concatenate([first, second])
    label = np.repeat([0, 1], [len(first), len(second)])
    folds = min(folds, len(first), len(second))
    scores = np.empty((repeats, len(label)))
    for repeat in range(repeats):
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed + repeat).split(
            values, label
        ):
            model = make_pipeline(
                StandardScaler(),
                LogisticRegression(C=_C, class_weight="balanced", max_iter=2000),
            )
            model.fit(values[train], label[train])
            scores[repeat, test] = model.decision_function(values[test])
    return auc_interval(label, scores, confidence)
