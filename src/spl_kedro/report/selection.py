"""The selection funnel: from all features to those a model uses."""

from __future__ import annotations

import pandas as pd

SELECTED = "selected"
STEP_NAMES = {
    "degenerate": "not degenerate",
    "variance": "varying",
    "stability": "stable between readers",
    "univariate": "different between classes",
    "correlation": "not redundant",
    "minimum_redundancy": "relevant, little redundant",
    "mrmr": "relevant, little redundant",
    "lasso": "LASSO coefficient not zero",
}


def funnel(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the features that remain after each step.

    Parameters
    ----------
    rows : DataFrame
        Rows of `selected_features` of one model and protocol, with columns feature and step: the
        step that dropped it, in the order the steps ran, or ``selected``.

    Returns
    -------
    DataFrame
        step (in words), remaining; the first row counts all candidates.
    """
    order = [step for step in rows["step"].drop_duplicates() if step != SELECTED]
    left = len(rows)
    table = [("all candidates", left)]
    for step in order:
        left -= int((rows["step"] == step).sum())
        table.append((STEP_NAMES.get(step, str(step).replace("_", " ")), left))
    return pd.DataFrame(table, columns=["step", "remaining"])
