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


def selection_funnel(selected: pd.DataFrame) -> pd.DataFrame:
    """Count the features that remain after each step, of every model of the leak-free protocol.

    Parameters
    ----------
    selected : DataFrame
        ``selected_features``.

    Returns
    -------
    DataFrame
        model, step, remaining: see `funnel`; the last row of a model counts those it uses.
    """
    rows = selected[selected["protocol"] == "leak_free"]
    parts = [funnel(part).assign(model=model) for model, part in rows.groupby("model", sort=False)]
    columns = ["model", "step", "remaining"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def features_used(funnels: pd.DataFrame) -> dict[str, int]:
    """Return how many features each model uses.

    Parameters
    ----------
    funnels : DataFrame
        From `selection_funnel`.
    """
    return {
        str(model): int(part["remaining"].iloc[-1])
        for model, part in funnels.groupby("model", sort=False)
    }
