"""A packaged study after recalibration: its models untouched, a line on their log odds added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from spl_kedro.deployment.packaged import LINE, PackagedStudy
from spl_kedro.deployment.recalibration import LocalCases, Recalibrated
from spl_kedro.deployment.sigmoid import Sigmoid


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
        Whether each threshold moves with the scores. The conformal sets always do: the limits are
        those of the same cases.
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
            own = thresholds["model"] == name
            thresholds.loc[own, "threshold"] = line(thresholds.loc[own, "threshold"])
        own = calibration["model"] == name
        for limit in ("benign_up_to", "malignant_from"):
            calibration.loc[own, limit] = line(calibration.loc[own, limit])
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
        thresholds=thresholds,
        calibration=calibration,
        recalibration=pd.DataFrame(rows, columns=LINE),
        origin=origin,
        manifest={},
    )


def _after(second: Sigmoid, first: Sigmoid) -> Sigmoid:
    """Return the line that two lines make, one after the other."""
    return Sigmoid(second.intercept + second.slope * first.intercept, second.slope * first.slope)
