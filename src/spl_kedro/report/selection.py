"""The selection funnel: from all features to those a model uses."""

from __future__ import annotations

import pandas as pd

#: Models that select among image features; the fusion's image features are spent on its score.
FUNNEL_MODELS = ("clinical", "rad", "dtl", "dlr")
STEP_NAMES = {
    "degenerate": "not degenerate",
    "variance": "varying",
    "stability": "stable between outlines",
    "univariate": "different between classes",
    "multivariable": "independent predictor",
    "correlation": "not redundant",
    "mrmr": "relevant (mRMR)",
    "lasso": "kept by LASSO",
}


def funnel(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the features that remain after each step.

    Parameters
    ----------
    rows : DataFrame
        Rows of `selected_features` of one model and protocol, with columns feature, kept and step
        (the step that dropped the feature), dropped features in the order the steps ran.

    Returns
    -------
    DataFrame
        step (in words), remaining; the first row counts all candidates. The degenerate features
        are never shown to a model and come off first.
    """
    dropped = rows.loc[~rows["kept"].astype(bool), "step"]
    order = sorted(dropped.drop_duplicates(), key=lambda step: step != "degenerate")
    left = len(rows)
    table = [("all candidates", left)]
    for step in order:
        left -= int((dropped == step).sum())
        table.append((STEP_NAMES.get(step, str(step).replace("_", " ")), left))
    return pd.DataFrame(table, columns=["step", "remaining"])


def kept_features(table: pd.DataFrame, protocol: str = "leak_free") -> pd.DataFrame:
    """Return the rows of the features that the models of one protocol use."""
    return table[(table["protocol"] == protocol) & table["kept"].astype(bool)]
