"""What the thresholds would do in a clinic: biopsies avoided, cancers missed, lesions deferred."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.checks import NO_THRESHOLD, SINGLE_CLASS, Array
from spl_kedro.modeling.evaluation.clinic.combined import SQUARE_AND_ADD, Estimate, combined
from spl_kedro.modeling.evaluation.clinic.zone_resampling import (
    AMONG,
    ZONES,
    Share,
    chosen_anew,
    zone_errors,
)
from spl_kedro.modeling.evaluation.clinic.zones import (
    Borders,
    borders_of_cell,
    deployed_cells,
    thresholds_by_model,
)
from spl_kedro.modeling.evaluation.decided import (
    OTHER_FOLDS,
    Measure,
    resamples_of,
    shares_called,
)
from spl_kedro.modeling.evaluation.operating_point import predictive_values_at
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.thresholds import judged_by_other_folds
from spl_kedro.modeling.evaluation.units import Cell, described

#: Of how many lesions the counts are given.
PER = 1000
#: Metrics of `clinical_use_table`, in its order.
METRICS = (
    *("ruled_out", "deferred", "ruled_in"),
    *("sensitivity", "benign_ruled_out", "npv", "specificity", "malignant_ruled_in", "ppv"),
    *("avoided", "missed", "deferred_lesions", "ruled_in_lesions", "benign_ruled_in"),
)
#: Prevalences of `clinical_use_by_prevalence`.
PREVALENCES = np.arange(1, 20) / 20
STATED, OWN = "stated", "this cohort's own"
NONE_CALLED = "undefined: no lesion is called so"


def clinical_use_table(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Measure what each model would do in a clinic, against biopsying every lesion.

    A lesion that is ruled out is not biopsied, every other one is: those deferred as they would
    have been without the tool.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    thresholds : DataFrame
        From `operating_thresholds`; without `rule_out` and `rule_in` only the operating threshold
        is measured.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per model, cohort, rule (``operating``: one threshold; ``zones``: two) and metric:
        protocol, model, cohort, rule, metric, value, low, high, n, events, method, prevalence,
        prevalence_is (stated, or the cohort's own), unit, confidence. Metrics: the shares of the
        cohort ruled_out, deferred, ruled_in; sensitivity (malignant lesions not ruled out),
        benign_ruled_out (benign lesions ruled out), npv (of those ruled out), specificity (benign
        lesions not ruled in), malignant_ruled_in, ppv (of those ruled in); and of a thousand
        lesions at the prevalence: avoided (biopsies), missed (cancers), deferred_lesions,
        ruled_in_lesions, benign_ruled_in.
    """
    chosen = thresholds_by_model(thresholds)
    rows: list[dict[str, object]] = []
    for cell in deployed_cells(predictions, settings):
        weights = resamples_of(cell, settings)
        prevalence, which = prevalence_of(cell, settings)
        for rule, own in borders_of_cell(cell, chosen[cell.model], settings).items():
            key = dict(zip(("protocol", "model", "cohort"), cell.names, strict=True))
            key |= {"rule": rule}
            about = {"n": cell.n, "events": cell.events}
            errors = zone_errors(cell, rule, settings) if judged_by_other_folds(cell) else None
            use = measured_use(cell, own, prevalence, weights, settings, errors)
            for metric, found in use.items():
                value, low, high, method = found
                rows.append(
                    {**key, "metric": metric, "value": value, "low": low, "high": high, **about}
                    | {"method": method, "prevalence": prevalence, "prevalence_is": which}
                )
    return described(pd.DataFrame(rows), settings)


def prevalence_of(cell: Cell, settings: EvaluationSettings) -> tuple[float, str]:
    """Return the prevalence of malignancy that counts are given at, and which one it is."""
    if settings.prevalence is not None:
        return settings.prevalence, STATED
    return cell.events / cell.n, OWN


def measured_use(
    cell: Cell,
    own: Borders,
    prevalence: float,
    weights: Array,
    settings: EvaluationSettings,
    errors: Mapping[Share, Array] | None = None,
) -> dict[str, Measure]:
    """Measure a cell at its borders.

    Parameters
    ----------
    cell : Cell
    own : Borders
        Of (repeats, n).
    prevalence : float in (0, 1)
    weights : (b, n)
        From `spl_kedro.modeling.evaluation.decided.resamples_of`.
    settings : EvaluationSettings
    errors : mapping, optional
        From `spl_kedro.modeling.evaluation.clinic.zone_resampling.zone_errors`: the borders are
        chosen again in every resample. Without them they are taken as given.

    Returns
    -------
    dict of str to tuple
        Metric, in the order of `METRICS`, to value, low, high and method.
    """
    undefined = SINGLE_CLASS if cell.events in (0, cell.n) else NO_THRESHOLD
    if undefined is SINGLE_CLASS or np.isnan(own.lower).any():
        return dict.fromkeys(METRICS, (np.nan, np.nan, np.nan, undefined))
    called = {
        "out": cell.scores < own.lower,
        "deferred": (cell.scores >= own.lower) & (cell.scores < own.upper),
        "in": cell.scores >= own.upper,
    }
    malignant = cell.label == 1
    among = dict(zip(AMONG, (np.ones(cell.n, dtype=bool), malignant, ~malignant), strict=True))
    asked = [(zone, part) for zone in ZONES for part in AMONG]
    chosen = f", {OTHER_FOLDS}" if judged_by_other_folds(cell) else ""
    shares: dict[Share, Measure] = {}
    for share, measured in zip(
        asked,
        shares_called([(called[z], among[p]) for z, p in asked], cell, weights, settings),
        strict=True,
    ):
        anew = measured if errors is None else chosen_anew(measured, errors[share], settings)
        shares[share] = (*anew[:3], anew[3] + chosen)
    every, sick, well = ({zone: shares[zone, part] for zone in ZONES} for part in AMONG)
    found: dict[str, Measure] = {
        "ruled_out": every["out"],
        "deferred": every["deferred"],
        "ruled_in": every["in"],
        "sensitivity": _complement(sick["out"]),
        "benign_ruled_out": well["out"],
        "specificity": _complement(well["in"]),
        "malignant_ruled_in": sick["in"],
        "missed": _times(PER * prevalence, sick["out"]),
        "benign_ruled_in": _times(PER * (1 - prevalence), well["in"]),
    }
    for metric, zone in (
        ("avoided", "out"), ("deferred_lesions", "deferred"), ("ruled_in_lesions", "in"),
    ):  # fmt: skip
        both = per_thousand(_estimate(sick[zone]), _estimate(well[zone]), prevalence)
        found[metric] = _measure(both, sick[zone][3])
    found["npv"] = _predictive(sick["out"], well["out"], prevalence, position=1)
    found["ppv"] = _predictive(sick["in"], well["in"], prevalence, position=0)
    return {metric: found[metric] for metric in METRICS}


def per_thousand(sick: Estimate, well: Estimate, prevalence: float) -> Estimate:
    """Return how many of a thousand lesions are called so.

    Parameters
    ----------
    sick, well : Estimate
        Share of the malignant and of the benign lesions that are.
    prevalence : float in (0, 1)
    """
    return combined(
        lambda a, b: PER * (prevalence * a + (1 - prevalence) * b), sick, well,
        lowest=0, highest=PER,
    )  # fmt: skip


def _predictive(sick: Measure, well: Measure, prevalence: float, *, position: int) -> Measure:
    """Return the PPV (position 0) of lesions called malignant, or the NPV (1) of others."""
    if sick[0] == 0 and well[0] == 0:
        return np.nan, np.nan, np.nan, NONE_CALLED

    def of(a: float, b: float) -> float:
        rates = (a, 1 - b) if position == 0 else (1 - a, b)
        return float(predictive_values_at(*rates, prevalence)[position])

    return _measure(combined(of, _estimate(sick), _estimate(well), lowest=0, highest=1), sick[3])


def _estimate(measure: Measure) -> Estimate:
    return Estimate(*measure[:3])


def _measure(estimate: Estimate, method: str) -> Measure:
    return (*estimate, f"{SQUARE_AND_ADD} of {method}")


def _complement(measure: Measure) -> Measure:
    return (*_estimate(measure).complement(), measure[3])


def _times(factor: float, measure: Measure) -> Measure:
    return (*_estimate(measure).times(factor), measure[3])


def estimates(rows: pd.DataFrame) -> Mapping[str, Estimate]:
    """Return the estimates of one cell and rule by metric."""
    return {
        str(row["metric"]): Estimate(row["value"], row["low"], row["high"])
        for row in rows.to_dict("records")
    }


def clinical_use_by_prevalence(
    clinical_use: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Return biopsies avoided and cancers missed over prevalences, the shares held.

    Sensitivity and specificity are taken to be the same at every prevalence, which they are where
    the lesions differ in how many are malignant and not in kind.

    Parameters
    ----------
    clinical_use : DataFrame
        From `clinical_use_table`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        protocol, model, cohort, rule, prevalence, avoided and missed per thousand lesions, each
        with _low and _high, n, events, unit, confidence.
    """
    rows = []
    keys = ["protocol", "model", "cohort", "rule", "n", "events"]
    for names, own in clinical_use.groupby(keys, sort=False):
        found = estimates(own)
        sick, well = found["sensitivity"].complement(), found["benign_ruled_out"]
        for prevalence in PREVALENCES:
            row = dict(zip(keys, names, strict=True)) | {"prevalence": prevalence}
            missed = sick.times(PER * prevalence)
            for name, counts in (
                ("avoided", per_thousand(sick, well, prevalence)), ("missed", missed),
            ):  # fmt: skip
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), counts, strict=True))
            rows.append(row)
    return described(pd.DataFrame(rows), settings)
