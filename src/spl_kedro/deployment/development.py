"""How well a study does elsewhere, beside how well it did where it was made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

#: Source of the interval of the difference.
METHOD = "independent samples, from both intervals (Zou & Donner, Stat Med 2008;27:1693)"
NO_INTERVAL = "no interval on both sides"
_COLUMNS = (
    *("model", "metric", "development_cohort"),
    *("development", "development_low", "development_high", "development_n", "development_events"),
    *("here", "here_low", "here_high", "n", "events"),
    *("difference", "difference_low", "difference_high"),
    *("confidence", "method"),
)


def development_comparison(
    development: pd.DataFrame, performance: pd.DataFrame, compare_with: Collection[str]
) -> pd.DataFrame:
    """Set each metric beside the one reported when the study was made.

    Parameters
    ----------
    development, performance : DataFrame
        From :func:`spl_kedro.modeling.evaluation.performance`, of the study when it was made and of
        the new cohort, leak-free.
    compare_with : collection of str
        Cohorts of the development whose patients are others than those of the new cohort.

    Returns
    -------
    DataFrame
        One row per model, metric and development cohort: both values with their intervals, n and
        events, difference (here minus development) with its interval, confidence and method. The
        interval is made of the two: at each end the distances from value to limit, squared, add
        up. NaN where one of them is missing or they have different coverage.
    """
    keys = ["protocol", "model", "metric"]
    there = development[development["cohort"].isin(list(compare_with))]
    both = there.merge(performance, on=keys, suffixes=("_there", "_here"), sort=False)
    rows = [_row(pair) for pair in both.to_dict("records")]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _row(pair: Mapping[Any, Any]) -> dict[str, object]:
    there, low_there, high_there = (pair[f"{part}_there"] for part in ("value", "low", "high"))
    here, low_here, high_here = (pair[f"{part}_here"] for part in ("value", "low", "high"))
    difference = here - there
    low = difference - np.hypot(here - low_here, high_there - there)
    high = difference + np.hypot(high_here - here, there - low_there)
    known = np.isfinite([low, high]).all()
    alike = pair["confidence_there"] == pair["confidence_here"]
    if not (known and alike):
        low = high = np.nan
    return {
        "model": pair["model"],
        "metric": pair["metric"],
        "development_cohort": pair["cohort_there"],
        "development": there,
        "development_low": low_there,
        "development_high": high_there,
        "development_n": pair["n_there"],
        "development_events": pair["events_there"],
        "here": here,
        "here_low": low_here,
        "here_high": high_here,
        "n": pair["n_here"],
        "events": pair["events_here"],
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "confidence": pair["confidence_here"],
        "method": METHOD if known and alike else NO_INTERVAL,
    }
