"""A packaged study after recalibration: its features untouched, a line on log odds added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from spl_kedro.deployment.pack import limits_of
from spl_kedro.deployment.packaged import LINE, PackagedStudy
from spl_kedro.deployment.recalibration import LocalCases, Recalibrated
from spl_kedro.deployment.refit import with_fusion
from spl_kedro.deployment.sigmoid import Sigmoid
from spl_kedro.modeling.evaluation import ClinicalUseSettings, EvaluationSettings
from spl_kedro.modeling.evaluation.thresholds import rule_in_threshold, rule_out_threshold

#: Columns of the thresholds that border the zones.
BORDERS = ("rule_out", "rule_in")


def recalibrated_study(
    study: PackagedStudy,
    cases: Mapping[str, LocalCases],
    found: Mapping[str, Recalibrated],
    *,
    keep_decisions: bool,
    simulated: bool,
) -> PackagedStudy:
    """Return a study that gives recalibrated scores.

    Parameters
    ----------
    study : PackagedStudy
        That scored the cases; if it was recalibrated before, the lines are joined.
    cases, found : mapping of model to LocalCases, Recalibrated
    keep_decisions : bool
        Whether each operating threshold moves with the scores. The conformal sets and the borders
        of the zones always do: they are those of the same cases. Of a fusion fitted anew the
        operating threshold stays the probability that it is, and limits and borders are chosen
        anew, by the study's rules, on the local cases.
    simulated : bool
        Whether some of the cases are of simulated patients.

    Returns
    -------
    PackagedStudy
        Another study_id, once it is written; its origin says of which, and on how many cases.
    """
    lines = {name: own.sigmoid for name, own in found.items() if own.sigmoid != Sigmoid()}
    thresholds, calibration = study.thresholds.copy(), study.calibration.copy()
    for name, line in lines.items():
        if keep_decisions:
            row = thresholds["model"] == name
            thresholds.loc[row, "threshold"] = line(thresholds.loc[row, "threshold"])
        row = thresholds["model"] == name
        for border in (name for name in BORDERS if name in thresholds):
            thresholds.loc[row, border] = line(thresholds.loc[row, border])
        row = calibration["model"] == name
        for limit in ("benign_up_to", "malignant_from"):
            calibration.loc[row, limit] = line(calibration.loc[row, limit])
    models = dict(study.models)
    for name, own in found.items():
        if own.classifier is None:
            continue
        models[name] = with_fusion(study.models[name], own.classifier)  # type: ignore[arg-type]
        row = calibration["model"] == name
        scored = _scored(cases[name], own.cross_fitted[own.method])
        coverage = float(calibration.loc[row, "stated_coverage"].iloc[0])
        limits = limits_of(scored, coverage)
        calibration.loc[row, ["benign_up_to", "malignant_from"]] = limits
        row = thresholds["model"] == name
        if set(BORDERS) <= set(thresholds):
            kept = thresholds.loc[row, ["min_sensitivity", "min_specificity"]].iloc[0]
            chosen = EvaluationSettings(clinic=ClinicalUseSettings(**kept))
            local = cases[name].label, own.cross_fitted[own.method]
            thresholds.loc[row, list(BORDERS)] = [
                rule(*local, chosen) for rule in (rule_out_threshold, rule_in_threshold)
            ]
    joined = {
        name: _after(lines.get(name, Sigmoid()), study.sigmoid(name)) for name in study.models
    }
    rows = [(name, *line) for name, line in joined.items() if line != Sigmoid()]
    largest = max(cases.values(), key=lambda own: len(own.label))
    origin = {
        "study_id": study.study_id,
        "cases": len(largest.label),
        "malignant": int(largest.label.sum()),
        "simulated_cases": simulated,
        "methods": {name: own.method for name, own in found.items()},
        "decisions": "kept" if keep_decisions else "changed",
    }
    return replace(
        study,
        simulated=study.simulated or simulated,
        models=models,
        refits=_without(study.refits, [n for n in models if models[n] is not study.models[n]]),
        thresholds=thresholds,
        calibration=calibration,
        recalibration=pd.DataFrame(rows, columns=LINE),
        origin=origin,
        manifest={},
    )


def _scored(cases: LocalCases, scores: np.ndarray) -> pd.DataFrame:
    """Return cross-fitted scores, a row for each repeat, by lesion."""
    repeats = len(scores)
    return pd.DataFrame(
        {"label": np.tile(cases.label, repeats), "score": scores.ravel()},
        index=pd.Index(np.tile(cases.lesion, repeats), name="lesion_id"),
    )


def _without(refits: pd.DataFrame, models: list[str]) -> pd.DataFrame:
    """Leave out the refits of models that were fitted anew, to which they no longer belong."""
    return refits[~refits["model"].isin(models)].reset_index(drop=True) if len(refits) else refits


def _after(second: Sigmoid, first: Sigmoid) -> Sigmoid:
    """Return the line that two lines make, one after the other."""
    return Sigmoid(second.intercept + second.slope * first.intercept, second.slope * first.slope)
