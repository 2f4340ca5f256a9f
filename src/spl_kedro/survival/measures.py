"""How well the models rank patients and foretell the event, with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.modeling.evaluation.normal import two_sided_p
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.sums import weighted_sum
from spl_kedro.schemas import COHORTS
from spl_kedro.survival.concordance import auc_at, censoring_survival, concordance
from spl_kedro.survival.settings import SurvivalSettings

Array = NDArray[np.float64]
METHOD = "bootstrap percentile"
HARRELL, UNO = "c_harrell", "c_uno"


class Watched(NamedTuple):
    """The patients of one cohort, in one order, and the models' risks.

    Attributes
    ----------
    cohort : str
    time : (n,) array
    event : (n,) array of bool
    scores : dict of str to DataFrame
        By model: risk, fold, and the probability of the event by some times.
    """

    cohort: str
    time: Array
    event: NDArray[np.bool_]
    scores: dict[str, pd.DataFrame]


def watched_cohorts(predictions: pd.DataFrame) -> Iterator[Watched]:
    """Yield each cohort of the predictions.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.SurvivalPredictions`.
    """
    for cohort in COHORTS:
        rows = predictions[predictions["cohort"] == cohort]
        if rows.empty:
            continue
        models = {
            str(name): own.set_index("patient_id").sort_index()
            for name, own in rows.groupby("model", sort=False)
        }
        first = next(iter(models.values()))
        yield Watched(
            cohort, first["time"].to_numpy(dtype=float), first["event"].to_numpy(dtype=bool), models
        )


def survival_tables(
    predictions: pd.DataFrame, settings: SurvivalSettings, evaluation: EvaluationSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every model in every cohort, and compare the models on the same patients.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.SurvivalPredictions`.
    settings : SurvivalSettings
    evaluation : EvaluationSettings
        Resamples, confidence and seed.

    Returns
    -------
    performance : DataFrame
        model, cohort, metric, time (of an AUC, of the end of Uno's C and of the calibration, else
        NaN), value, low, high, n (patients), events, method, confidence. Metrics: ``c_harrell``,
        ``c_uno``, ``auc``, and ``calibration_difference``: the mean probability of the event by
        the calibration time less Kaplan and Meier's estimate of it.
    comparisons : DataFrame
        cohort, metric, model_a, model_b, difference (b less a), low, high, p (normal, by the
        bootstrap's standard error), p_holm (over the pairs of a cohort and metric), confidence.

    Notes
    -----
    Of training patients only pairs of one fold are compared, whose risks are by one model.
    Intervals resample patients, the same for all models. Censoring is estimated once, on the cohort
    itself, and not in every resample.
    """
    rows, pairs = [], []
    for watched in watched_cohorts(predictions):
        n, events = len(watched.time), int(watched.event.sum())
        rng = generator(evaluation.seed, "survival", watched.cohort)
        drawn = resampling_weights(np.zeros(n), np.arange(n), evaluation.n_bootstrap, rng)
        weights = np.vstack([np.ones(n), drawn])
        found = {name: _measures(watched, name, weights, settings) for name in watched.scores}
        for name, measures in found.items():
            for (metric, time), values in measures.items():
                low, high = percentile_interval(values[1:], evaluation.confidence)
                rows.append(
                    {
                        **{"model": name, "cohort": watched.cohort, "metric": metric, "time": time},
                        **{"value": float(values[0]), "low": float(low), "high": float(high)},
                        **{"n": n, "events": events, "method": METHOD},
                        "confidence": evaluation.confidence,
                    }
                )
        pairs.append(_compared(watched.cohort, found, settings.times[-1], evaluation))
    return pd.DataFrame(rows), pd.concat(pairs, ignore_index=True)


def _measures(
    watched: Watched, name: str, weights: Array, settings: SurvivalSettings
) -> dict[tuple[str, float], Array]:
    time, event, scores = watched.time, watched.event, watched.scores[name]
    risk = scores["risk"].to_numpy()
    censoring, fold = censoring_survival(time, event), scores["fold"].to_numpy()
    end, told = settings.times[-1], (time, event, risk, weights)
    found = {
        (HARRELL, np.nan): concordance(*told, stratum=fold),
        (UNO, end): concordance(*told, until=end, censoring=censoring, stratum=fold),
    }
    for when in settings.times:
        found["auc", when] = auc_at(*told, when=when, censoring=censoring, stratum=fold)
    when = settings.calibration_time
    foretold = weighted_sum(weights, scores[f"by_{when:g}"].to_numpy()) / weights.sum(axis=1)
    observed = 1 - weighted_survival(time, event, weights, when)
    found["calibration_difference", when] = foretold - observed
    return found


def weighted_survival(time: Array, event: NDArray[np.bool_], weights: Array, when: float) -> Array:
    """Return Kaplan and Meier's estimate at one time, of patients that count by weights.

    Parameters
    ----------
    time : (n,)
    event : (n,) of bool
    weights : (b, n)
        Whole numbers.
    when : float

    Returns
    -------
    (b,) array
        NaN where nobody is watched as long and the last patient was censored.
    """
    order = np.argsort(time, kind="stable")
    first = np.flatnonzero(np.append(True, np.diff(time[order]) > 0))
    steps, own = time[order][first], weights[:, order]
    at_time = np.add.reduceat(own, first, axis=1)
    died = np.add.reduceat(own * event[order], first, axis=1)
    at_risk = np.cumsum(at_time[:, ::-1], axis=1)[:, ::-1]
    survived = np.divide(at_risk - died, at_risk, out=np.ones_like(at_risk), where=at_risk > 0)
    value = survived[:, steps <= when].prod(axis=1)
    beyond = (own * (time[order] >= when)).sum(axis=1) > 0
    return np.where(beyond | (value == 0), value, np.nan)


def _compared(
    cohort: str,
    found: dict[str, dict[tuple[str, float], Array]],
    end: float,
    evaluation: EvaluationSettings,
) -> pd.DataFrame:
    parts = []
    for metric, time in ((HARRELL, np.nan), (UNO, end)):
        rows = []
        # NaN is no key that is found again: by the name of the metric.
        values = {
            name: next(v for (key, _), v in measures.items() if key == metric)
            for name, measures in found.items()
        }
        for first, second in combinations(values, 2):
            gain = values[second] - values[first]
            low, high = percentile_interval(gain[1:], evaluation.confidence)
            error = float(np.nanstd(gain[1:], ddof=1))
            p = float(two_sided_p(gain[0] / error)) if error > 0 else np.nan
            told = (cohort, metric, time, first, second, float(gain[0]), float(low), float(high), p)
            rows.append(told)
        columns = ["cohort", "metric", "time", "model_a", "model_b", "difference", "low", "high"]
        table = pd.DataFrame(rows, columns=[*columns, "p"])
        parts.append(table.assign(p_holm=holm(table["p"]), confidence=evaluation.confidence))
    return pd.concat(parts, ignore_index=True)
