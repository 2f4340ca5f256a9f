"""The verdict on each control, which follows from its intervals by rule.

Verdicts of a control that predicts the label, from p-values that Holm's method corrects for the
number of controls:

- explains: it is above chance, and not worse than the model, or worse by less than the margin
  (the whole interval of the difference);
- part: it is above chance, and worse than the model;
- as_kept: it is above chance, but not better than its baseline, which is: what it says is what it
  could not help keeping;
- nothing: it is not above chance, and worse than the model;
- undecided: it is neither above chance nor worse than the model.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def verdicts(table: pd.DataFrame, alpha: float, margin: float) -> list[str]:
    """Return the verdict of each row.

    Parameters
    ----------
    table : DataFrame
        From :func:`spl_kedro.sceptic.controls.judging.judge_controls`, without verdicts.
    alpha : float
        Level of the corrected tests.
    margin : float
        Difference in AUC that does not count.

    Returns
    -------
    list of str
        Beside those of controls that predict the label: of models none, or ``at_chance``; of
        permuted labels ``passes`` or ``fails``; of the site ``knows_site`` or ``no_site``;
        ``not_applicable`` where nothing was computed.
    """
    by_name = table.set_index("control")
    weak = not by_name["low"]["image"] > 0.5
    return [_verdict(row, by_name, alpha, margin, weak) for _, row in table.iterrows()]


def _verdict(row: pd.Series, by_name: pd.DataFrame, alpha: float, margin: float, weak: bool) -> str:
    if row["kind"] == "model":
        return "" if row["low"] > 0.5 else "at_chance"
    if np.isnan(row["auc"]):
        return "not_applicable"
    above = row["p_chance_holm"] < alpha
    if row["kind"] == "permuted":
        return "fails" if above else "passes"
    if row["kind"] == "site":
        return "knows_site" if above else "no_site"
    which = f"{row['against']}_difference"
    worse = row[which] < 0 and row["p_difference_holm"] < alpha and row[f"{which}_low"] < -margin
    if not above:
        return "nothing" if worse or weak else "undecided"
    if row["baseline"] and not np.isnan(row["baseline_difference"]):
        kept = by_name.loc[row["baseline"], "p_chance_holm"] < alpha
        if kept and not row["p_baseline_holm"] < alpha:
            return "as_kept"
    return "part" if worse else "explains"
