"""Patients divided by their foretold risk: survival curves, and calibration at one time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.survival.library import kaplan_meier, log_rank_p
from spl_kedro.survival.measures import watched_cohorts
from spl_kedro.survival.settings import SurvivalSettings

LOW, HIGH = "low risk", "high risk"


def training_medians(predictions: pd.DataFrame) -> pd.Series:
    """Return each model's median risk of training patients, by models that have not seen them."""
    training = predictions[predictions["cohort"] == "training"]
    return training.groupby("model", sort=False)["risk"].median()


def risk_group_curves(
    predictions: pd.DataFrame, settings: SurvivalSettings, confidence: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide each cohort at the training median, and follow both groups; by lifelines.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.SurvivalPredictions`.
    settings : SurvivalSettings
    confidence : float

    Returns
    -------
    curves : DataFrame
        model, cohort, group, time, survival, low, high (Kaplan and Meier, J Am Stat Assoc
        1958;53:457; log-log interval), at_risk (just before the time), confidence.
    groups : DataFrame
        model, cohort, group, n, events, threshold, median (survival, in the unit; missing where
        more than half survive), p_log_rank (of the two groups; missing where one is empty).
    """
    medians = training_medians(predictions)
    curves, groups = [], []
    for watched in watched_cohorts(predictions):
        time, event = watched.time, watched.event
        for model, scores in watched.scores.items():
            high = scores["risk"].to_numpy() > medians[model]
            p = log_rank_p(time, event, high)
            for name, own in ((LOW, ~high), (HIGH, high)):
                keys = {"model": model, "cohort": watched.cohort, "group": name}
                if not own.any():
                    continue
                curve = kaplan_meier(time[own], event[own], confidence)
                curve["at_risk"] = [int((time[own] >= step).sum()) for step in curve["time"]]
                curves.append(curve.assign(**keys, confidence=confidence))
                below = curve.loc[curve["survival"] <= 0.5, "time"]
                groups.append(
                    {
                        **keys,
                        **{"n": int(own.sum()), "events": int(event[own].sum())},
                        **{"threshold": float(medians[model]), "p_log_rank": p},
                        "median": float(below.min()) if len(below) else np.nan,
                    }
                )
    first = ["model", "cohort", "group"]
    drawn = pd.concat(curves, ignore_index=True)
    return drawn[[*first, *drawn.columns.drop(first)]], pd.DataFrame(groups)


def calibration_by_group(
    predictions: pd.DataFrame, settings: SurvivalSettings, confidence: float
) -> pd.DataFrame:
    """Compare foretold and observed risk at one time, in groups of patients by foretold risk.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.SurvivalPredictions`.
    settings : SurvivalSettings
    confidence : float

    Returns
    -------
    DataFrame
        model, cohort, group (from 1, the lowest risk), time, n, foretold (mean probability of the
        event by then), observed (1 less Kaplan and Meier's estimate), low, high, confidence.
        Observed is missing where nobody of the group is watched as long.
    """
    when, rows = settings.calibration_time, []
    for watched in watched_cohorts(predictions):
        for model, scores in watched.scores.items():
            foretold = scores[f"by_{when:g}"].to_numpy()
            order = np.argsort(foretold, kind="stable")
            for number, own in enumerate(np.array_split(order, settings.calibration_groups), 1):
                if not len(own):
                    continue
                row: dict[str, Any] = {"model": model, "cohort": watched.cohort, "group": number}
                row |= {"time": when, "n": len(own), "foretold": float(foretold[own].mean())}
                curve = kaplan_meier(watched.time[own], watched.event[own], confidence)
                place = int(np.searchsorted(curve["time"], when, side="right")) - 1
                survived, low, high = map(float, curve.iloc[place][["survival", "low", "high"]])
                known = bool((watched.time[own] >= when).any()) or survived == 0
                observed = (1 - survived, 1 - high, 1 - low) if known else (np.nan,) * 3
                row |= dict(zip(("observed", "low", "high"), observed, strict=True))
                rows.append(row | {"confidence": confidence})
    return pd.DataFrame(rows)
