"""Performance by subgroup: sites, men and women, young and old, small and large lesions."""

from __future__ import annotations

import logging
from itertools import pairwise

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.modeling.evaluation.checks import (
    NO_THRESHOLD,
    SINGLE_CLASS,
    UNSTABLE,
    Array,
    EvaluationError,
)
from spl_kedro.modeling.evaluation.decided import BOOTSTRAP, CHOSEN_ANEW, OTHER_FOLDS, WILSON
from spl_kedro.modeling.evaluation.operating_point import (
    confusion,
    proportions,
    ratio,
    wilson_interval,
)
from spl_kedro.modeling.evaluation.resampled_t import cross_fitted_interval
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.threshold_resampling import (
    class_share_errors,
    error_interval,
    resampled_cuts,
)
from spl_kedro.modeling.evaluation.thresholds import applied_thresholds, judged_by_other_folds
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units

logger = logging.getLogger(__name__)

MISSING = "missing"


def subgroup_table(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    cohort: pd.DataFrame,
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Return AUC, sensitivity and specificity within the groups of each subgroup variable.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    thresholds : DataFrame
        From `operating_thresholds`.
    cohort : DataFrame
        As `spl_kedro.schemas.Cohort`, indexed by lesion_id. A column of `settings.subgroups` that
        it lacks is left out with a log line. When scores are pooled, a patient belongs to the
        group of their first lesion.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per (protocol, model, cohort, variable, group, metric): value, low, high, n, events,
        method, warning, unit, confidence. The AUC's interval is that of `performance`, the others
        Wilson's or, of cross-fitted scores or several lesions of a patient, the bootstrap's;
        `warning` is empty or says that a group has fewer than `settings.min_events` malignant or
        benign lesions.
        Thresholds are those of `performance`, none is chosen within a group.

    Raises
    ------
    EvaluationError
        If a scored lesion is not in the cohort.
    """
    cut = thresholds.set_index(["protocol", "model"])["threshold"]
    groups = lesion_groups(cohort, settings.subgroups, settings)
    variables = list(groups.columns)
    rows: list[dict[str, object]] = []
    for cell in cells(scored_units(predictions, settings.pooling)):
        member = groups_of_cell(groups, cell)
        threshold = float(cut.loc[(cell.protocol, cell.model)])
        applied = applied_thresholds(cell, threshold, settings)
        anew = _ChosenAnew(cell, settings) if judged_by_other_folds(cell) and variables else None
        for variable in variables:
            for name in sorted(member[variable].unique()):
                inside = (member[variable] == name).to_numpy()
                key = {"protocol": cell.protocol, "model": cell.model, "cohort": cell.cohort}
                key |= {"variable": variable, "group": name}
                rows += [
                    key | row
                    for row in _measured(
                        cell.of(inside),
                        applied[:, inside],
                        settings,
                        {} if anew is None else anew.errors(inside),
                        variable,
                        name,
                    )
                ]
    return described(pd.DataFrame(rows), settings)


def lesion_groups(
    cohort: pd.DataFrame, wanted: tuple[str, ...], settings: EvaluationSettings
) -> pd.DataFrame:
    """Return the group that each lesion belongs to, by each variable.

    Parameters
    ----------
    cohort : DataFrame
        As `spl_kedro.schemas.Cohort`, indexed by lesion_id.
    wanted : tuple of str
        Its columns; one that it lacks is left out with a log line.
    settings : EvaluationSettings
        With the cuts of numbers and the pooling.

    Returns
    -------
    DataFrame of str
        Index lesion_id, or patient_id when scores are pooled: then of a patient's first lesion. A
        column for each variable; `MISSING` where a lesion has no value.
    """
    variables = [name for name in wanted if name in cohort.columns]
    for name in sorted(set(wanted) - set(variables)):
        logger.warning("subgroup variable %s is not in the cohort table: left out", name)
    groups = _groups(cohort, variables, settings)
    if settings.pooling == "none":
        return groups
    first = cohort["patient_id"].sort_index().drop_duplicates()
    return groups.loc[first.index].set_axis(first.to_numpy())


def groups_of_cell(groups: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """Return the groups of a cell's lesions, in their order.

    Raises
    ------
    EvaluationError
        If one is not in `groups`.
    """
    unknown = ~pd.Index(cell.lesion).isin(groups.index)
    if unknown.any():
        raise EvaluationError(
            f"rule known_lesion: lesion {cell.lesion[unknown][0]} has a score but is not in "
            "the cohort table; pass the cohort the predictions were made from"
        )
    return groups.loc[cell.lesion]


class _ChosenAnew:
    """Resamples of a cell's patients, each with thresholds of its own."""

    def __init__(self, cell: Cell, settings: EvaluationSettings) -> None:
        rng = generator(settings.seed, *cell.names)
        self._cell = cell
        self._weights = resampling_weights(cell.label, cell.patient, settings.n_bootstrap, rng)
        self._cuts = resampled_cuts(cell, self._weights, settings)

    def errors(self, inside: np.ndarray) -> dict[str, Array]:
        """Return the errors of sensitivity and specificity of some lesions."""
        return class_share_errors(self._cell, self._cuts, self._weights, inside)


def _groups(
    cohort: pd.DataFrame, variables: list[str], settings: EvaluationSettings
) -> pd.DataFrame:
    """Return each lesion's group name for each variable."""
    groups = pd.DataFrame(index=cohort.index)
    training = (cohort["cohort"] == "training").to_numpy()
    if not training.any():  # a frozen study elsewhere, which knows no median of the variable
        training = ~training
    for name in variables:
        column = cohort[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            values = column.to_numpy(dtype=float, na_value=np.nan)
            median = float(np.nanmedian(values[training]))
            cuts = settings.subgroup_cuts.get(name) or (median,)
            groups[name] = _cut(values, cuts)
        else:
            groups[name] = column.astype("string").fillna(MISSING).astype(object)
    return groups


def _cut(values: np.ndarray, cuts: tuple[float, ...]) -> np.ndarray:
    """Name the interval each number lies in; a number at a cut belongs to the upper one."""
    words = [f"{cut:g}" for cut in cuts]
    names = [f"< {words[0]}"]
    names += [f"{low} to < {high}" for low, high in pairwise(words)]
    names.append(f"≥ {words[-1]}")
    position = np.searchsorted(np.asarray(cuts), values, side="right")
    return np.where(np.isnan(values), MISSING, np.asarray(names, dtype=object)[position])


def _measured(
    part: Cell,
    thresholds: Array,
    settings: EvaluationSettings,
    errors: dict[str, Array],
    *names: str,
) -> list[dict[str, object]]:
    """Measure a group; `names` are of the variable and the group, for the bootstrap's seed."""
    few = settings.min_events
    warnings = [
        f"fewer than {few} {what}"
        for what, count in (("events", part.events), ("non-events", part.n - part.events))
        if count < few
    ]
    common = {"n": part.n, "events": part.events, "warning": "; ".join(warnings)}
    if part.events in (0, part.n):
        auc, low, high, method = np.nan, np.nan, np.nan, SINGLE_CLASS
    else:
        fit = cross_fitted_interval(
            part.label, part.scores, part.folds, settings.confidence, part.patient
        )
        auc, low, high, method = fit.auc, fit.low, fit.high, fit.method
    rows: list[dict[str, object]] = [
        {"metric": "auc", "value": auc, "low": low, "high": high, "method": method} | common
    ]
    for metric, (value, low, high, method) in _shares(
        part, thresholds, settings, errors, *names
    ).items():
        rows.append(
            {"metric": metric, "value": value, "low": low, "high": high, "method": method} | common
        )
    return rows


def _shares(
    part: Cell,
    thresholds: Array,
    settings: EvaluationSettings,
    errors: dict[str, Array],
    *names: str,
) -> dict[str, tuple[float, float, float, str]]:
    """Return sensitivity and specificity, each with interval and method."""
    weights = np.ones((1, part.n))
    sampled = (part.repeats > 1 or part.clustered) and not errors
    if sampled:
        rng = generator(settings.seed, *part.names, *names)
        resamples = resampling_weights(part.label, part.patient, settings.n_bootstrap, rng)
        weights = np.vstack([weights, resamples])
    repeats = [
        proportions(confusion(part.label, score, cut, weights))
        for score, cut in zip(part.scores, thresholds, strict=True)
    ]
    chosen = f", {OTHER_FOLDS}" if judged_by_other_folds(part) else ""
    result = {}
    for metric in ("sensitivity", "specificity"):
        shares = np.mean([ratio(*counts[metric]) for counts in repeats], axis=0)
        top, bottom = (float(count[0]) for count in repeats[0][metric])
        if bottom == 0:
            low, high, method = np.nan, np.nan, SINGLE_CLASS
        elif np.isnan(thresholds).any():
            shares, low, high, method = np.full(1, np.nan), np.nan, np.nan, NO_THRESHOLD
        elif errors and np.ptp(errors[metric]) != 0:
            low, high = error_interval(float(shares[0]), errors[metric], settings.confidence)
            method = f"{CHOSEN_ANEW}{chosen}" if np.isfinite(low) else UNSTABLE
        elif sampled and 0 < shares[0] < 1:
            low, high = map(float, percentile_interval(shares[1:], settings.confidence))
            method = BOOTSTRAP + chosen
        else:
            # One set of calls, or repeats that agree on all lesions, as then do all resamples.
            low, high = map(float, wilson_interval(top, bottom, settings.confidence))
            method = WILSON + chosen
        result[metric] = (float(shares[0]), low, high, method)
    return result
