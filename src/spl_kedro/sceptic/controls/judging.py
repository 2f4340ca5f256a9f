"""Each control's AUC and its difference from the models, by the measures of the study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from spl_kedro.modeling.evaluation.delong import AucInterval, averaged_components
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.modeling.evaluation.resampled_t import (
    METHOD,
    corrected_variance,
    cross_fitted_difference,
    cross_fitted_interval,
    fold_areas,
)
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.sceptic.controls.inputs import ControlInputs
from spl_kedro.sceptic.controls.scoring import Scored
from spl_kedro.sceptic.controls.verdicts import verdicts

Floats = NDArray[np.float64]


class Units(NamedTuple):
    """What is evaluated: lesions, or patients where the study pools, and the folds they lie in."""

    label: NDArray[np.int64]
    scores: list[Floats]
    patient: NDArray[Any]
    folds: NDArray[np.int64]


def judge_controls(scored: Sequence[Scored], inputs: ControlInputs) -> pd.DataFrame:
    """Return the table of the controls.

    Parameters
    ----------
    scored : sequence of Scored
    inputs : ControlInputs

    Returns
    -------
    DataFrame
        One row for each control and, before them, one for each model that they are compared with
        (kind ``model``): control, title, kind, keeps, destroys, n, events, left_out; auc, low,
        high; p_chance (one-sided, above 0.5; of permuted labels two-sided), p_chance_holm; for the
        image and the full model, on the same lesions, the difference control minus model with its
        interval: image_difference, full_difference; p_difference (against the model of the
        verdict), p_difference_holm; baseline, baseline_difference with interval, p_baseline,
        p_baseline_holm; verdict, note; unit, confidence, image_model, full_model, margin.
    """
    settings, evaluation = inputs.settings, inputs.evaluation
    named = {"image": settings.image_model, "full": settings.full_model}
    scores = {which: inputs.fitted.cross_fits[name].scores for which, name in named.items()}
    by_name = {one.control.name: one for one in scored}
    rows = [
        _model_row(which, name, scores[which], inputs)
        for which, name in named.items()
        if which == "image" or name != named["image"]
    ]
    rows += [_row(one, scores, by_name, inputs) for one in scored]
    table = pd.DataFrame(rows)
    for name in ("p_chance", "p_difference", "p_baseline"):
        table[f"{name}_holm"] = holm(table[name])
    table["verdict"] = verdicts(table, 1 - evaluation.confidence, settings.margin)
    unit = "lesions" if evaluation.pooling == "none" else "patients"
    return table.assign(
        unit=unit,
        confidence=evaluation.confidence,
        image_model=named["image"],
        full_model=named["full"],
        margin=settings.margin,
    )


def _model_row(which: str, name: str, scores: Floats, inputs: ControlInputs) -> dict[str, Any]:
    units = _units(inputs, np.arange(len(inputs.training)), inputs.label, [scores])
    found = _interval(units, inputs)
    return {
        "control": which,
        "title": name,
        "kind": "model",
        "n": len(units.label),
        "events": int(units.label.sum()),
        "left_out": 0,
        "auc": found.auc,
        "low": found.low,
        "high": found.high,
        "note": "",
    }


def _row(
    one: Scored, models: dict[str, Floats], by_name: dict[str, Scored], inputs: ControlInputs
) -> dict[str, Any]:
    control = one.control
    row: dict[str, Any] = {
        "control": control.name,
        "title": control.title,
        "kind": control.kind,
        "keeps": control.keeps,
        "destroys": control.destroys,
        "high_means": control.high,
        "against": control.against,
        "baseline": control.baseline or "",
        "n": 0,
        "events": 0,
        "left_out": len(inputs.training) - len(one.rows) if one.computed else 0,
        "note": one.note,
    } | dict.fromkeys(_NUMBERS, np.nan)
    if not one.computed:
        return row
    if control.kind == "permuted":
        return row | _permuted(one, models, inputs)
    if control.kind == "site":
        return row | _site(one, models, inputs)
    return row | _explanation(one, models, by_name, inputs)


_NUMBERS = (
    *("auc", "low", "high", "p_chance"),
    *(f"{name}_difference{end}" for name in ("image", "full") for end in ("", "_low", "_high")),
    *("p_difference", "baseline_difference", "baseline_difference_low"),
    *("baseline_difference_high", "p_baseline"),
)


def _explanation(
    one: Scored, models: dict[str, Floats], by_name: dict[str, Scored], inputs: ControlInputs
) -> dict[str, Any]:
    ((label, own),) = one.outcomes
    compared = {which: scores[:, one.rows] for which, scores in models.items()}
    baseline = by_name.get(one.control.baseline or "")
    if baseline is not None and baseline.computed:
        # Baselines score every training lesion.
        compared["baseline"] = baseline.outcomes[0][1][:, one.rows]
    units = _units(inputs, one.rows, label, [own, *compared.values()])
    confidence = inputs.evaluation.confidence
    found = _interval(units, inputs)
    row = _chance(found, units) | _size(units)
    for which, scores in zip(compared, units.scores[1:], strict=True):
        test, method = cross_fitted_difference(
            units.label, scores, units.scores[0], units.folds, confidence, units.patient
        )
        row[f"{which}_difference"] = test.difference
        row[f"{which}_difference_low"], row[f"{which}_difference_high"] = test.low, test.high
        if which == one.control.against:
            row["p_difference"] = test.p
        if which == "baseline":
            # One-sided: more than the baseline.
            df = _df(units) if method == METHOD else np.inf
            row["p_baseline"] = float(stats.t.sf(test.z, df))
    return row


def _site(one: Scored, models: dict[str, Floats], inputs: ControlInputs) -> dict[str, Any]:
    """Mean over sites of one against the others, by the folds, or by the patients' influence."""
    sites = [_units(inputs, one.rows, outcome, [scores]) for outcome, scores in one.outcomes]
    found = [_area(units) for units in sites]
    auc, influence = (
        float(np.mean([f.auc for f in found])),
        np.mean([f.pull for f in found], axis=0),
    )
    by_fold = all(f.areas.size for f in found)
    areas = np.mean([f.areas for f in found], axis=0) if by_fold else np.empty(0)
    error, df = _error(areas, influence, sites[0])
    confidence = inputs.evaluation.confidence
    half = _quantile(confidence, df) * error
    row: dict[str, Any] = {"auc": auc, "low": max(0.0, auc - half), "high": min(1.0, auc + half)}
    row["p_chance"] = float(stats.t.sf((auc - 0.5) / error, df))
    row |= {"n": len(influence), "events": int(sites[0].label.sum()) if len(sites) == 1 else 0}
    for which, scores in models.items():
        units = _units(inputs, one.rows, inputs.label[one.rows], [scores[:, one.rows]])
        other = _area(units)
        both = areas.size and other.areas.size
        gains = areas - other.areas if both else np.empty(0)
        error, df = _error(gains, influence - other.pull, units)
        row |= _difference(which, auc - other.auc, _quantile(confidence, df) * error)
    return row


def _permuted(one: Scored, models: dict[str, Floats], inputs: ControlInputs) -> dict[str, Any]:
    """Mean over shuffles with Student's interval; the shuffles are independent of the model."""
    n, mean = len(one.aucs), float(one.aucs.mean())
    error = float(one.aucs.std(ddof=1)) / n**0.5
    confidence = inputs.evaluation.confidence
    half = _quantile(confidence, n - 1) * error
    units = _units(inputs, one.rows, inputs.label, list(models.values()))
    row: dict[str, Any] = {"auc": mean, "low": mean - half, "high": mean + half} | _size(units)
    distance = abs(mean - 0.5)
    # A model that gave the prevalence in every shuffle has no spread, and a mean of one half.
    row["p_chance"] = 1.0 if distance < 1e-12 else float(2 * stats.t.sf(distance / error, n - 1))
    for which, scores in zip(models, units.scores, strict=True):
        model = units._replace(scores=[scores])
        found = _interval(model, inputs)
        df = _df(model) if found.method.startswith(METHOD) else np.inf
        half = _quantile(confidence, df) * (found.variance + error**2) ** 0.5
        row |= _difference(which, mean - found.auc, half)
    return row


def _difference(which: str, difference: float, half: float) -> dict[str, float]:
    return {
        f"{which}_difference": difference,
        f"{which}_difference_low": difference - half,
        f"{which}_difference_high": difference + half,
    }


def _chance(found: AucInterval, units: Units) -> dict[str, float]:
    if found.variance > 0:
        df = _df(units) if found.method.startswith(METHOD) else np.inf
        p = float(stats.t.sf((found.auc - 0.5) / found.variance**0.5, df))
    else:  # an area of 0 or 1, or scores that are all alike
        p = 0.0 if found.low > 0.5 else 1.0
    return {"auc": found.auc, "low": found.low, "high": found.high, "p_chance": p}


def _interval(units: Units, inputs: ControlInputs) -> AucInterval:
    """Return the AUC of the first scores, as the study's performance in training has it."""
    confidence = inputs.evaluation.confidence
    return cross_fitted_interval(
        units.label, units.scores[0], units.folds, confidence, units.patient
    )


def _quantile(confidence: float, df: float) -> float:
    return float(stats.t.ppf(0.5 + confidence / 2, df))


def _df(units: Units) -> int:
    return fold_areas(units.label, units.scores[0], units.folds).size - 1


def _size(units: Units) -> dict[str, int]:
    return {"n": len(units.label), "events": int(units.label.sum())}


class Area(NamedTuple):
    """An AUC, that of each fold (none where a fold lacks a class), and each unit's influence."""

    auc: float
    areas: Floats
    pull: Floats


def _area(units: Units) -> Area:
    """Return the AUC of the first scores, with DeLong's components less their mean as influence.

    The sum of squares of influences over independent units is the variance, also of a mean or a
    difference of areas for other outcomes of the same units.
    """
    label, scores = units.label, units.scores[0]
    (auc,), malignant, benign = averaged_components(label, [scores])
    pull = np.empty(len(label))
    pull[label == 1] = (malignant[0] - auc) / (label == 1).sum()
    pull[label == 0] = (benign[0] - auc) / (label == 0).sum()
    return Area(float(auc), fold_areas(label, scores, units.folds), pull)


def _error(areas: Floats, pull: Floats, units: Units) -> tuple[float, float]:
    """Return a standard error and its degrees of freedom, infinite without areas of folds."""
    if areas.size and np.ptp(areas) > 0:
        return corrected_variance(areas, units.folds) ** 0.5, areas.size - 1
    return _variance(pull, units.patient) ** 0.5, np.inf


def _variance(pull: Floats, patient: NDArray[Any]) -> float:
    _, position = np.unique(patient, return_inverse=True)
    by_patient = np.bincount(position, pull)
    return float((by_patient**2).sum() * len(by_patient) / (len(by_patient) - 1))


def _units(
    inputs: ControlInputs,
    rows: NDArray[np.int64],
    label: NDArray[np.int64],
    scores: list[Floats],
) -> Units:
    """Return lesions as they are, or pooled to patients as the study's evaluation pools them."""
    evaluation: EvaluationSettings = inputs.evaluation
    patient = inputs.patient[rows]
    folds = inputs.fitted.cross_fits[inputs.settings.image_model].folds[:, rows]
    if evaluation.pooling == "none":
        return Units(label, scores, patient, folds)
    who, first, position = np.unique(patient, return_index=True, return_inverse=True)

    def pooled(values: Floats, how: str) -> Floats:
        return pd.DataFrame(values.T).groupby(position).agg(how).to_numpy().T

    labels = pooled(label[None].astype(float), "max")[0].astype(np.int64)
    own = [pooled(values, evaluation.pooling) for values in scores]
    return Units(labels, own, who, folds[:, first])
