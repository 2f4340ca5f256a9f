"""What a population says of fitted models: the value every interval of a study is to cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation import EvaluationSettings, calibration, operating_thresholds
from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.curves import average_precision
from spl_kedro.modeling.evaluation.decision_curves import interventions_avoided, net_benefit
from spl_kedro.modeling.evaluation.delong import structural_components
from spl_kedro.modeling.evaluation.operating_point import (
    confusion,
    f1_score,
    matthews_correlation,
    predictive_values_at,
    proportions,
    ratio,
)
from spl_kedro.modeling.evaluation.reclassification import (
    integrated_discrimination,
    net_reclassification,
)
from spl_kedro.modeling.evaluation.thresholds import applied_thresholds
from spl_kedro.modeling.evaluation.units import cells, scored_units

#: Predicted risks and threshold probabilities at which curves are looked at.
RISKS = (0.2, 0.4, 0.6, 0.8)
#: A prevalence at which predictive values are also asked for.
CLINIC = 0.3

#: (model or "a>b", quantity) -> value.
Truths = dict[tuple[str, str], float]


class People(NamedTuple):
    """Diagnoses of many lesions, and their groups: variable -> (n,) of names."""

    label: Array
    groups: Mapping[str, np.ndarray]


def truths(
    people: People,
    scores: Mapping[str, Array],
    thresholds: Mapping[str, float],
    pairs: list[tuple[str, str]],
) -> Truths:
    """Return what is true of models, by the statistics that the study reports.

    Parameters
    ----------
    people : People
    scores : mapping of str to (n,) array
        Probabilities by each model.
    thresholds : mapping of str to float
        The threshold each model is used with.
    pairs : list of (str, str)
        Models compared.

    Returns
    -------
    dict
    """
    found: Truths = {}
    for model, score in scores.items():
        own = _of_model(people, score, thresholds[model])
        found |= {(model, name): value for name, value in own.items()}
    for a, b in pairs:
        gains = _of_pair(people.label, scores[a], scores[b], thresholds[a], thresholds[b])
        gains["auc_difference"] = found[b, "auc"] - found[a, "auc"]
        found |= {(f"{a}>{b}", name): value for name, value in gains.items()}
    return found


def area(label: Array, score: Array) -> float:
    """Return the AUC."""
    return float(structural_components(label, score)[0][0])


def _of_model(people: People, score: Array, threshold: float) -> dict[str, float]:
    label, once = people.label, np.ones((1, people.label.size))
    counts = confusion(label, score, threshold, once)
    smooth = calibration.SmoothCalibration(label, score, once)
    shares = {name: ratio(*pair)[0] for name, pair in proportions(counts).items()}
    at_prevalence = predictive_values_at(shares["sensitivity"], shares["specificity"], CLINIC)
    cuts = np.append(RISKS, min(max(threshold, 1e-6), 1 - 1e-6))
    benefit = net_benefit(label, score, cuts, once)[0]
    everyone = net_benefit(label, np.ones(label.size), cuts, once)[0]
    avoided = interventions_avoided(benefit, everyone, cuts)
    found = {
        "auc": area(label, score),
        "average_precision": float(average_precision(label, score, once)[0]),
        **{name: float(value) for name, value in shares.items()},
        "f1": float(f1_score(counts)[0]),
        "mcc": float(matthews_correlation(counts)[0]),
        "brier": float(calibration.brier_score(label, score, once)[0]),
        "calibration_slope": float(calibration.calibration_slope(label, score, once)[0]),
        "calibration_intercept": float(calibration.calibration_intercept(label, score, once)[0]),
        "ici": float(smooth.ici()[0]),
        "ppv_at_prevalence": float(at_prevalence[0]),
        "npv_at_prevalence": float(at_prevalence[1]),
        "net_benefit at own threshold": float(benefit[-1]),
        "avoided at own threshold": float(avoided[-1]),
    }
    curve = smooth.observed(np.asarray(RISKS))[0]
    for k, risk in enumerate(RISKS):
        found |= {f"observed risk at {risk}": float(curve[k])}
        found |= {f"net_benefit at {risk}": float(benefit[k])}
        found |= {f"avoided at {risk}": float(avoided[k])}
    for variable, groups in people.groups.items():
        for group in np.unique(groups):
            inside = groups == group
            part = proportions(confusion(label[inside], score[inside], threshold, once[:, inside]))
            where = f"in {variable} {group}"
            found[f"auc {where}"] = area(label[inside], score[inside])
            for name in ("sensitivity", "specificity"):
                found[f"{name} {where}"] = float(ratio(*part[name])[0])
    return found


def risk_group_truths(label: Array, score: Array, edges: Array) -> dict[str, float]:
    """Return the share of malignant lesions between every two edges, by risk group."""
    group = np.searchsorted(edges, score, side="left")
    total = np.bincount(group, minlength=len(edges) + 1)
    events = np.bincount(group, label, minlength=len(edges) + 1)
    return {f"risk group {k + 1}": float(value) for k, value in enumerate(ratio(events, total))}


def _of_pair(label: Array, a: Array, b: Array, cut_a: float, cut_b: float) -> dict[str, float]:
    once = np.ones((1, label.size))
    up, down = net_reclassification(label, 1.0 * (a >= cut_a), 1.0 * (b >= cut_b), once)
    free = net_reclassification(label, a, b, once)
    return {
        "nri": float(up[0] + down[0]),
        "nri_malignant": float(up[0]),
        "nri_benign": float(down[0]),
        "nri_continuous": float(free[0][0] + free[1][0]),
        "idi": float(integrated_discrimination(label, a, b, once)[0]),
    }


def mean_truths(each: list[Truths]) -> Truths:
    """Return the mean of what is true of several models of a name."""
    table = pd.DataFrame(each)
    return {key: float(value) for key, value in table.mean().items()}  # type: ignore[misc]


def promises(
    predictions: pd.DataFrame,
    label: Array,
    scores: dict[str, Array],
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Return what thresholds chosen in training say there, and do in the population.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`, with training scores.
    label : (n,)
        Of the population.
    scores : dict of str to (n,) array
        Of the deployed models.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        model, rule, measure (sensitivity, specificity), apparent (at the threshold, on the scores
        that chose it), other folds (by thresholds of the other folds), true.
    """
    rows = []
    for rule in ("youden", "sensitivity"):
        chosen = settings.model_copy(update={"threshold_rule": rule})
        cuts = operating_thresholds(predictions, chosen).set_index("model")["threshold"]
        for cell in cells(scored_units(predictions)):
            if cell.cohort != "training":
                continue
            cut, score = float(cuts.loc[cell.model]), scores[cell.model]
            honest = cell.scores >= applied_thresholds(cell, cut, chosen)
            apparent, true = cell.scores >= cut, score >= cut
            for name, value in (("sensitivity", 1), ("specificity", 0)):
                own, everyone = cell.label == value, label == value
                rows.append(
                    {
                        "model": cell.model,
                        "rule": rule,
                        "measure": name,
                        "apparent": float((apparent[:, own] == value).mean()),
                        "other folds": float((honest[:, own] == value).mean()),
                        "true": float((true[everyone] == value).mean()),
                    }
                )
    return pd.DataFrame(rows)
