"""What many features come to: the tables of stability by class that the report shows."""

from __future__ import annotations

import pandas as pd

#: The row of all classes together.
ALL = "all"


def feature_summary(schema: pd.DataFrame, stability: pd.DataFrame) -> pd.DataFrame:
    """Count the radiomics features by class and sum up their stability.

    Parameters
    ----------
    schema : DataFrame
        Index feature; feature_class, degenerate.
    stability : DataFrame
        Index feature; icc, stable, threshold.

    Returns
    -------
    DataFrame
        A row per class and one of all together, last: feature_class, features, degenerate; of
        those that are not degenerate: judged (how many), stable, without_icc (constant between
        lesions), median, quartile_low and quartile_high of the ICC (NaN where none has one), and
        the threshold.
    """
    degenerate = schema["degenerate"].astype(bool)
    judged = stability[stability.index.isin(schema.index[~degenerate])]
    classes = [*sorted(set(schema["feature_class"])), ALL]
    rows = []
    for name in classes:
        mine = pd.Series(True, schema.index) if name == ALL else schema["feature_class"] == name
        part = judged[judged.index.isin(schema.index[mine])]
        low, median, high = part["icc"].quantile([0.25, 0.5, 0.75])
        rows.append(
            {
                "feature_class": name,
                "features": int(mine.sum()),
                "degenerate": int((mine & degenerate).sum()),
                "judged": len(part),
                "stable": int(part["stable"].sum()),
                "without_icc": int(part["icc"].isna().sum()),
                "quartile_low": low,
                "median": median,
                "quartile_high": high,
                "threshold": float(stability["threshold"].iloc[0]) if len(stability) else None,
            }
        )
    return pd.DataFrame(rows)
