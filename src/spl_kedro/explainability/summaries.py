"""What many lesions' explanations come to: the tables that figures and report show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spl_kedro.schemas import COHORTS

OUTCOMES = ("true positive", "false positive", "true negative", "false negative")
ZONES = ("inside", "rim", "outside")
_EXPLAINED = ["model", "view", "fit", "cohort"]
#: Whose lesions are shown where several cohorts were explained.
_SHOWN = ("validation", "external", "training")


def importance_table(shap_values: pd.DataFrame) -> pd.DataFrame:
    """Return each feature's mean absolute SHAP value, most important first.

    Parameters
    ----------
    shap_values : DataFrame
        From :func:`spl_kedro.explainability.study.shap_table`.

    Returns
    -------
    DataFrame
        A row per model, view, fit, cohort and feature: rank (from 1), feature, label, source,
        importance and lesions (how many the mean is over).
    """
    grouped = shap_values.assign(importance=shap_values["shap"].abs()).groupby(
        [*_EXPLAINED, "feature"], sort=False
    )
    table = grouped.agg(
        label=("label", "first"),
        source=("source", "first"),
        importance=("importance", "mean"),
        lesions=("lesion_id", "nunique"),
    ).reset_index()
    place = table.groupby(_EXPLAINED, sort=False).ngroup()
    order = np.lexsort((-table["importance"].to_numpy(), place.to_numpy()))
    table = table.iloc[order].reset_index(drop=True)
    table.insert(4, "rank", table.groupby(_EXPLAINED, sort=False).cumcount() + 1)
    return table


def shown(table: pd.DataFrame, model: str, view: str | None = None) -> pd.DataFrame:
    """Return the rows of `shap_values` or `importance_table` that are shown of a model.

    Parameters
    ----------
    table : DataFrame
    model : str
    view : str, optional
        None: traced to its features where that was done.

    Returns
    -------
    DataFrame
        Of validation lesions, where these were explained, else of external ones, else of training
        lesions by the refit that left out the first fold. Empty for a model not explained.
    """
    rows = table[table["model"] == model]
    view = view or ("traced" if "traced" in set(rows["view"]) else "inputs")
    rows = rows[rows["view"] == view]
    cohort = next((name for name in _SHOWN if name in set(rows["cohort"])), "")
    rows = rows[rows["cohort"] == cohort]
    return rows[rows["fit"] == rows["fit"].iloc[0]] if len(rows) else rows


def agreement_table(shap_stability: pd.DataFrame) -> pd.DataFrame:
    """Return how far the folds' rankings agree on average, per model and view.

    Parameters
    ----------
    shap_stability : DataFrame
        From :func:`spl_kedro.explainability.study.stability_table`.

    Returns
    -------
    DataFrame
        model, view, pairs, rank_correlation and overlap (means over the pairs of folds).
    """
    grouped = shap_stability.groupby(["model", "view"], sort=False)
    return grouped.agg(
        pairs=("overlap", "size"),
        rank_correlation=("rank_correlation", "mean"),
        overlap=("overlap", "mean"),
    ).reset_index()


def energy_summary(gradcam_energy: pd.DataFrame) -> pd.DataFrame:
    """Return where the maps' energy lies, by cohort, decision and zone.

    Parameters
    ----------
    gradcam_energy : DataFrame
        From :func:`spl_kedro.explainability.lesion_maps.energy_table`, with columns ``cohort`` and
        ``outcome``.

    Returns
    -------
    DataFrame
        cohort, outcome, zone (inside, rim, outside; inside_enrichment: share of the energy in the
        lesion over its share of the area), lesions, mapped (those with any evidence), median,
        quartile_low, quartile_high, whisker_low and whisker_high (the furthest values within 1.5
        interquartile ranges of the quartiles), and area (mean share of the area).
    """
    rows = []
    for cohort in COHORTS:
        for outcome in OUTCOMES:
            part = gradcam_energy[
                (gradcam_energy["cohort"] == cohort) & (gradcam_energy["outcome"] == outcome)
            ]
            if part.empty:
                continue
            for zone in (*ZONES, "inside_enrichment"):
                row = {"cohort": cohort, "outcome": outcome, "zone": zone, "lesions": len(part)}
                area = part[f"{zone}_area"].mean() if zone in ZONES else np.nan
                rows.append(row | _spread(part[zone].dropna().to_numpy(float)) | {"area": area})
    return pd.DataFrame(rows)


def _spread(values: Sequence[float] | np.ndarray) -> dict[str, float]:
    """Return the numbers of a box plot; NaN without values."""
    values = np.asarray(values, dtype=float)
    names = ("quartile_low", "median", "quartile_high")
    if not values.size:
        numbers = dict.fromkeys((*names, "whisker_low", "whisker_high"), np.nan)
        return {"mapped": 0, **numbers}
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    reach = 1.5 * (high - low)
    return {
        "mapped": values.size,
        **dict(zip(names, (low, middle, high), strict=True)),
        "whisker_low": values[values >= low - reach].min(),
        "whisker_high": values[values <= high + reach].max(),
    }
