"""Sample size: whether there were enough patients for that many candidate predictors.

Source: Riley et al., Stat Med 2019;38:1276 and BMJ 2020;368:m441 (criteria); Riley, Van Calster &
Collins, Stat Med 2021;40:859 (R-squared from the c statistic); Peduzzi et al., J Clin Epidemiol
1996;49:1373 (events per variable).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log, sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from spl_kedro.modeling.evaluation.checks import EvaluationError

#: Riley's recommended targets.
SHRINKAGE, OPTIMISM, RISK_MARGIN = 0.9, 0.05, 0.05


class RequiredSize(NamedTuple):
    """Patients needed by each of Riley's criteria, and by all of them."""

    shrinkage: int
    optimism: int
    overall_risk: int

    @property
    def required(self) -> int:
        """The largest of the three."""
        return max(self)


def max_r2_cox_snell(prevalence: float) -> float:
    """Return the largest Cox-Snell R-squared possible at a prevalence (Riley 2020, box 3)."""
    rare, common = prevalence, 1 - prevalence
    return 1 - (rare**rare * common**common) ** 2


def required_size(parameters: int, prevalence: float, r2_cox_snell: float) -> RequiredSize:
    """Return the sample size Riley's three criteria ask of a binary outcome.

    Parameters
    ----------
    parameters : int
        Candidate predictor parameters, before any selection.
    prevalence : float in (0, 1)
    r2_cox_snell : float in (0, max_r2_cox_snell(prevalence))
        Expected, adjusted for optimism.

    Returns
    -------
    RequiredSize
        For a shrinkage of at least 0.9, an optimism in Nagelkerke's R-squared of at most 0.05,
        and the overall risk known to within 0.05.

    Raises
    ------
    EvaluationError
        If a value is out of range.
    """
    if not 0 < prevalence < 1 or parameters < 1:
        raise EvaluationError(
            f"rule sample_size_range: prevalence {prevalence} must lie inside 0-1 and parameters "
            f"{parameters} be at least 1"
        )
    ceiling = max_r2_cox_snell(prevalence)
    if not 0 < r2_cox_snell < ceiling:
        raise EvaluationError(
            f"rule sample_size_range: Cox-Snell R-squared {r2_cox_snell:.3f} must lie between 0 "
            f"and its maximum at this prevalence, {ceiling:.3f}"
        )

    def for_shrinkage(shrinkage: float) -> int:
        return ceil(parameters / ((shrinkage - 1) * log(1 - r2_cox_snell / shrinkage)))

    optimism_shrinkage = r2_cox_snell / (r2_cox_snell + OPTIMISM * ceiling)
    risk = ceil((1.96 / RISK_MARGIN) ** 2 * prevalence * (1 - prevalence))
    return RequiredSize(for_shrinkage(SHRINKAGE), for_shrinkage(optimism_shrinkage), risk)


def r2_from_auc(auc: float, prevalence: float) -> float:
    """Return the Cox-Snell R-squared that goes with a c statistic.

    Assumes the linear predictor normal with equal variance in both classes, as Riley 2021 does;
    where they simulate a large data set, the expected likelihood ratio is integrated here.

    Parameters
    ----------
    auc : float in (0.5, 1)
    prevalence : float in (0, 1)

    Returns
    -------
    float
    """
    if not 0.5 < auc < 1 or not 0 < prevalence < 1:
        raise EvaluationError(
            f"rule sample_size_range: AUC {auc} must lie inside 0.5-1 and prevalence {prevalence} "
            "inside 0-1"
        )
    distance = sqrt(2) * float(norm.ppf(auc))
    nodes, mass = np.polynomial.hermite_e.hermegauss(80)
    mass = mass / mass.sum()
    # Two normal classes a distance apart make the true model logistic with that slope.
    intercept = log(prevalence / (1 - prevalence)) - distance**2 / 2
    malignant = np.log(expit(intercept + distance * (nodes + distance)))
    benign = np.log(expit(-intercept - distance * nodes))
    fitted = prevalence * mass @ malignant + (1 - prevalence) * mass @ benign
    null = prevalence * log(prevalence) + (1 - prevalence) * log(1 - prevalence)
    return float(1 - np.exp(-2 * (fitted - null)))


def sample_size_table(performance: pd.DataFrame, parameters: Mapping[str, int]) -> pd.DataFrame:
    """Compare the training cohort with Riley's criteria, model by model.

    Parameters
    ----------
    performance : DataFrame
        From `spl_kedro.modeling.evaluation.performance`; the cross-fitted training AUC of the
        leak-free protocol says how strong the model is expected to be.
    parameters : mapping
        Model name -> candidate predictor parameters before selection.

    Returns
    -------
    DataFrame
        model, parameters, n, events, events_per_variable (the rarer class over parameters),
        r2_cox_snell, n_shrinkage, n_optimism, n_overall_risk, n_required, enough. Sizes are missing
        where the AUC is not above 0.5 or is 1. Of patients with several images also unit.
    """
    auc = performance[
        (performance["metric"] == "auc")
        & (performance["cohort"] == "training")
        & (performance["protocol"] == "leak_free")
    ]
    trained = {row["model"]: row for row in auc.to_dict("records")}
    rows = []
    for model, count in parameters.items():
        if model not in trained:
            raise EvaluationError(
                f"rule known_model: no leak_free training AUC of {model}; name only models in the "
                "performance table"
            )
        fitted = trained[model]
        value, n, events = float(fitted["value"]), int(fitted["n"]), int(fitted["events"])
        row: dict[str, object] = {
            "model": model,
            "parameters": count,
            "n": n,
            "events": events,
            "events_per_variable": min(events, n - events) / count,
        }
        if 0.5 < value < 1:
            r2 = r2_from_auc(value, events / n)
            size = required_size(count, events / n, r2)
            row |= {
                "r2_cox_snell": r2,
                "n_shrinkage": size.shrinkage,
                "n_optimism": size.optimism,
                "n_overall_risk": size.overall_risk,
                "n_required": size.required,
                "enough": bool(n >= size.required),
            }
        rows.append(row)
    columns = [
        *("model", "parameters", "n", "events", "events_per_variable", "r2_cox_snell"),
        *("n_shrinkage", "n_optimism", "n_overall_risk", "n_required", "enough"),
    ]
    table = pd.DataFrame(rows, columns=columns)
    if set(auc.get("unit", ())) == {"patients"}:
        table = table.assign(unit="patients")
    sizes = ["n_shrinkage", "n_optimism", "n_overall_risk", "n_required"]
    return table.astype(dict.fromkeys(sizes, "Int64") | {"enough": "boolean"})
