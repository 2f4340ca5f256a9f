"""What an interval shows: one rule for every sentence of the report that states a result.

A difference is shown where its interval excludes zero, and equality only where both AUCs are the
same for every resampling of the lesions. All else is not shown, which is no proof of equality.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pandas as pd

from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import interval
from spl_kedro.schemas import MODELS

HIGHER, LOWER, EQUAL, OPEN, UNDEFINED = "higher", "lower", "equal", "open", "undefined"
#: Differences are small numbers.
DIGITS = 3
RULE = (
    "A difference is called shown if its interval excludes 0, and two models equal only if their "
    "AUCs are the same without any spread; otherwise no difference is shown, which is not proof "
    "that there is none. These intervals are not corrected for the number of comparisons."
)


class Difference(NamedTuple):
    """An estimate of what a model has beyond another, with its interval.

    Attributes
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float

    @property
    def reading(self) -> str:
        """What its interval shows; see `read`."""
        return read(self.low, self.high)

    def written(self) -> str:
        """Return the estimate with its sign and its interval."""
        sign = "+" if self.value > 0 else ""
        return f"{sign}{interval(*self, DIGITS)}"


def read(low: float, high: float, at: float = 0.0) -> str:
    """Return what an interval shows about a value.

    Parameters
    ----------
    low, high : float
        Bounds of the interval.
    at : float
        What an estimate without effect is.

    Returns
    -------
    str
        `HIGHER` or `LOWER` where the interval excludes the value, `EQUAL` where it is that value
        alone, `OPEN` where it holds it, `UNDEFINED` without an interval.

    Examples
    --------
    >>> read(0.01, 0.05), read(-0.02, 0.05), read(0.0, 0.0), read(0.4, 0.9, at=1)
    ('higher', 'open', 'equal', 'lower')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return UNDEFINED
    if low == high == at:
        return EQUAL
    if low > at:
        return HIGHER
    return LOWER if high < at else OPEN


def leading_model(results: StudyResults) -> str | None:
    """Return CDLR where it was measured, else the last of the five that was; None without any."""
    table = results.performance
    if table is None or table.empty:
        return None
    found = set(table.loc[table["protocol"] == "leak_free", "model"])
    return next((model for model in reversed(MODELS) if model in found), None)


def shown_cohorts(results: StudyResults) -> list[str]:
    """Return the cohorts that a result is stated of: those not trained on, else training."""
    table = results.performance
    measured = set() if table is None else set(table["cohort"])
    found = [name for name in results.cohorts if name in measured]
    return [name for name in found if name != "training"] or found


def measure(results: StudyResults, model: str, cohort: str, metric: str) -> Difference | None:
    """Return a leak-free measure of a model with its interval; None where it has no value."""
    table = results.performance
    if table is None:
        return None
    hit = table[
        (table["protocol"] == "leak_free")
        & (table["model"] == model)
        & (table["cohort"] == cohort)
        & (table["metric"] == metric)
    ]
    if hit.empty or not math.isfinite(hit["value"].iloc[0]):
        return None
    row: Any = hit.iloc[0]
    return Difference(float(row["value"]), float(row["low"]), float(row["high"]))


class Calibration(NamedTuple):
    """What calibration shows of a model's risks.

    Attributes
    ----------
    intercept, slope : Difference
        An intercept of 0 and a slope of 1 are right.
    """

    intercept: Difference
    slope: Difference

    @property
    def level(self) -> str:
        """What the intercept shows, see `read`: `LOWER` where risks are too high on the whole."""
        return self.intercept.reading

    @property
    def spread(self) -> str:
        """What the slope shows, see `read`: `LOWER` where risks are too extreme."""
        return read(self.slope.low, self.slope.high, at=1.0)

    @property
    def miscalibrated(self) -> bool:
        """Whether either interval excludes its right value."""
        return bool({self.level, self.spread} & {HIGHER, LOWER})


def calibration(results: StudyResults, model: str, cohort: str) -> Calibration | None:
    """Return the calibration of a model's leak-free risks; None without intercept and slope."""
    intercept = measure(results, model, cohort, "calibration_intercept")
    slope = measure(results, model, cohort, "calibration_slope")
    return None if intercept is None or slope is None else Calibration(intercept, slope)


def beyond_clinical(results: StudyResults, model: str, cohort: str) -> Difference | None:
    """Return a model's AUC minus that of Clinical on the same lesions; None without either."""
    table = results.comparisons
    if table is None or table.empty or model == "clinical":
        return None
    hit = table[
        (table["protocol"] == "leak_free")
        & (table["question"] == "models")
        & (table["cohort"] == cohort)
        & (table["model_a"] == "clinical")
        & (table["model_b"] == model)
    ]
    return _difference(hit, "auc_difference")


def gain_of(results: StudyResults, cohort: str, model: str) -> Difference | None:
    """Return what a step adds, in the order clinical, radiomics, deep features; None without it."""
    table = results.added_value
    if table is None or table.empty:
        return None
    hit = table[
        (table["cohort"] == cohort) & (table["view"] == "in order") & (table["model"] == model)
    ]
    return _difference(hit, "added")


def _difference(hit: pd.DataFrame, name: str) -> Difference | None:
    if hit.empty or not math.isfinite(hit[name].iloc[0]):
        return None
    return Difference(
        *(float(hit[column].iloc[0]) for column in (name, f"{name}_low", f"{name}_high"))
    )
