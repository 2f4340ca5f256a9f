"""How learners are called."""

from __future__ import annotations

import pandas as pd

from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES

LEARNER_NAMES = {
    "linear_svm": "Linear SVM",
    "logistic": "Logistic regression",
    "hist_gradient_boosting": "Gradient boosting",
    "random_forest": "Random forest",
    "radial_svm": "Radial SVM",
    "gradient_boosting": "Gradient boosting (exact)",
    "knn": "Nearest neighbours",
    "mlp": "Small neural network",
    "tabicl": "TabICL",
    "best_inside": "Best of these, chosen inside",
}


def learner_name(learner: str) -> str:
    """Return how a learner is called in tables and figures."""
    return LEARNER_NAMES.get(learner, learner.replace("_", " "))


def names_of(table: pd.DataFrame) -> dict[str, str]:
    """Return how each model of a table of learners is called, the study's own first.

    Parameters
    ----------
    table : DataFrame
        From `spl_kedro.learners.judging.learner_table`.
    """
    roles = dict(zip(table["model"].astype(str), table["role"], strict=True))
    return {
        name: f"{MODEL_NAMES[name]} (the study's)" if role == "study" else learner_name(name)
        for name, role in roles.items()
    }
