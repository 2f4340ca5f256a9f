"""What lifelines is asked for, without its warnings of what pandas will change.

https://lifelines.readthedocs.io (MIT): Cox models, Kaplan and Meier's curves, the log-rank test.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TIME, EVENT = "time", "event"


@contextmanager
def quietly() -> Iterator[None]:
    """Keep the library's warnings from people: deprecations, columns with little spread."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def cox_model(X: pd.DataFrame, time: Any, event: Any, penalty: float) -> Any:
    """Return lifelines' fitted ``CoxPHFitter`` with a ridge penalty.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
        At least one column.
    time : array of float, shape (n,)
    event : array of bool, shape (n,)
    penalty : float
    """
    from lifelines import CoxPHFitter

    with quietly():
        return CoxPHFitter(penalizer=penalty).fit(_table(X, time, event), TIME, EVENT)


def cumulative_hazard(model: Any) -> pd.Series:
    """Return a Cox model's baseline, of patients with its means, by time (Breslow)."""
    return model.baseline_cumulative_hazard_.iloc[:, 0]


def hazard_of_all(time: Any, event: Any) -> pd.Series:
    """Return Nelson and Aalen's estimate of the cumulative hazard by time, of patients alike."""
    from lifelines import NelsonAalenFitter

    with quietly():
        return NelsonAalenFitter().fit(time, event).cumulative_hazard_.iloc[:, 0]


def partial_likelihood(model: Any, X: pd.DataFrame, time: Any, event: Any) -> float:
    """Return the log partial likelihood of some patients under a fitted model, not penalised."""
    with quietly():
        mean = model.score(_table(X, time, event), scoring_method="log_likelihood")
    return float(mean) * len(X)


def log_hazards(model: Any, X: pd.DataFrame) -> NDArray[np.float64]:
    """Return log hazards against the mean of the patients that a model was fitted on."""
    with quietly():
        return model.predict_log_partial_hazard(X).to_numpy(dtype=float)


def kaplan_meier(time: Any, event: Any, confidence: float = 0.95) -> pd.DataFrame:
    """Return Kaplan and Meier's estimate (J Am Stat Assoc 1958;53:457) with its log-log interval.

    Parameters
    ----------
    time : array of float, shape (n,)
    event : array of bool, shape (n,)
    confidence : float

    Returns
    -------
    DataFrame
        time (0 and each at which a patient's ends), survival, low, high.
    """
    from lifelines import KaplanMeierFitter

    with quietly():
        fit = KaplanMeierFitter(alpha=1 - confidence).fit(time, event)
        survival, limits = fit.survival_function_, fit.confidence_interval_
    return pd.DataFrame(
        {
            "time": survival.index.to_numpy(dtype=float),
            "survival": survival.iloc[:, 0].to_numpy(dtype=float),
            "low": limits.iloc[:, 0].to_numpy(dtype=float),
            "high": limits.iloc[:, 1].to_numpy(dtype=float),
        }
    )


def log_rank_p(time: Any, event: Any, group: NDArray[np.bool_]) -> float:
    """Return the p-value of the log-rank test of two groups; NaN where one is empty."""
    from lifelines.statistics import logrank_test

    if group.all() or not group.any():
        return float("nan")
    with quietly():
        test = logrank_test(time[group], time[~group], event[group], event[~group])
    return float(test.p_value)


def _table(X: pd.DataFrame, time: Any, event: Any) -> pd.DataFrame:
    return X.assign(**{TIME: np.asarray(time, dtype=float), EVENT: np.asarray(event)})
