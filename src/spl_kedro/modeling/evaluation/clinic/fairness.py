"""Fairness: whether the tool serves men and women, young and old alike.

What is compared, in the terms of the literature: equal sensitivity is equal opportunity, equal
sensitivity and specificity are equalised odds (Hardt, Price & Srebro, NeurIPS 2016), equal
calibration in the large is what remains to be asked of probabilities, since with different
prevalences all of it cannot hold at once (Chouldechova, Big Data 2017;5:153).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.bootstrap import generator, resampling_weights
from spl_kedro.modeling.evaluation.calibration import log_odds
from spl_kedro.modeling.evaluation.checks import SINGLE_CLASS
from spl_kedro.modeling.evaluation.clinic.combined import Estimate, combined
from spl_kedro.modeling.evaluation.clinic.use import measured_use, prevalence_of
from spl_kedro.modeling.evaluation.clinic.zones import (
    ONE,
    TWO,
    Borders,
    borders_of_cell,
    deployed_cells,
    thresholds_by_model,
)
from spl_kedro.modeling.evaluation.decided import Measure, resamples_of
from spl_kedro.modeling.evaluation.delong import auc_interval
from spl_kedro.modeling.evaluation.measures import calibration_in_the_large
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.subgroups import MISSING, groups_of_cell, lesion_groups
from spl_kedro.modeling.evaluation.units import Cell, described
from spl_kedro.schemas import MODELS

#: Of one threshold and of two, what is compared between groups.
COMPARED = {
    ONE: ("sensitivity", "specificity", "avoided", "missed"),
    TWO: ("sensitivity", "specificity", "deferred", "avoided", "missed"),
}
#: Counts of a thousand lesions, which the margin is a share of.
COUNTED = ("avoided", "missed")
#: What a difference shows.
FEW, DIFFERENT, ALIKE, OPEN = "too few cases", "differs", "alike", "too wide to tell"
_COLUMNS = (
    *("protocol", "model", "cohort", "variable", "group", "rule", "metric"),
    *("value", "low", "high", "n", "events", "method", "warning"),
    *("reference", "difference", "difference_low", "difference_high", "reading"),
)


def fairness_table(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    cohort: pd.DataFrame,
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Measure models within the groups of each variable, and the differences between the groups.

    Of the five models Clinical and the last that was scored, CDLR where there is one. No threshold
    is chosen within a group. The difference is that to the largest group, with an interval by
    square-and-add, since the groups have no patient in common.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    thresholds : DataFrame
        From `operating_thresholds`.
    cohort : DataFrame
        As `spl_kedro.schemas.Cohort`, indexed by lesion_id; a column of `settings.clinic.groups`
        that it lacks is left out with a log line.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per model, cohort, variable, group, rule (``operating``, ``zones``, or empty for
        what no threshold decides) and metric: protocol, ..., value, low, high, n, events, method,
        warning (fewer than `settings.min_events` malignant or benign lesions), reference (the
        group compared with; empty for itself and for lesions without a value), difference,
        difference_low, difference_high, and reading: of a group that is compared with another
        whether they differ (the interval leaves out 0), are alike (it lies within the margin of
        0), or the interval is too wide to tell, or there are too few cases; unit, confidence.
        Metrics: auc, calibration_intercept; sensitivity, specificity, deferred; avoided and missed
        per thousand lesions, at one prevalence for all groups.
    """
    chosen = thresholds_by_model(thresholds)
    groups = lesion_groups(cohort, settings.clinic.groups, settings)
    rows: list[dict[str, object]] = []
    last = [name for name in MODELS if name in set(predictions["model"])][-1:]
    examined = predictions[predictions["model"].isin(["clinical", *last])]
    for cell in deployed_cells(examined, settings):
        key = dict(zip(("protocol", "model", "cohort"), cell.names, strict=True))
        prevalence, _ = prevalence_of(cell, settings)
        rules = borders_of_cell(cell, chosen[cell.model], settings)
        member = groups_of_cell(groups, cell)
        for variable in groups.columns:
            parts = {}
            for name in sorted(member[variable].unique()):
                inside = (member[variable] == name).to_numpy()
                own = {
                    rule: Borders(of.lower[:, inside], of.upper[:, inside])
                    for rule, of in rules.items()
                }
                parts[name] = _measured(cell.of(inside), own, prevalence, settings, variable, name)
            sizes = {name: len(cell.lesion[member[variable] == name]) for name in parts}
            rows += [
                key | {"variable": variable} | row for row in _compared(parts, sizes, settings)
            ]
    return described(pd.DataFrame(rows, columns=list(_COLUMNS)), settings)


def _measured(
    part: Cell,
    rules: dict[str, Borders],
    prevalence: float,
    settings: EvaluationSettings,
    *names: str,
) -> list[dict[str, object]]:
    """Measure a group; `names` are of the variable and the group, for the bootstrap's seed."""
    few = settings.min_events
    warnings = [
        f"fewer than {few} {what}"
        for what, count in (("malignant", part.events), ("benign", part.n - part.events))
        if count < few
    ]
    one_class = part.events in (0, part.n)
    found: dict[tuple[str, str], Measure] = dict.fromkeys(
        [("", "auc"), ("", "calibration_intercept")], (np.nan, np.nan, np.nan, SINGLE_CLASS)
    )
    if not one_class:
        rng = generator(settings.seed, *part.names, *names)
        drawn = resampling_weights(part.label, part.patient, settings.n_bootstrap, rng)
        weights = np.vstack([np.ones((1, part.n)), drawn])
        fit = auc_interval(part.label, part.scores, settings.confidence, part.patient)
        found["", "auc"] = (fit.auc, fit.low, fit.high, fit.method)
        found["", "calibration_intercept"] = calibration_in_the_large(part, weights, settings)
    weights = resamples_of(part, settings, *names)
    for rule, own in rules.items():
        use = measured_use(part, own, prevalence, weights, settings)
        found |= {(rule, metric): use[metric] for metric in COMPARED[rule]}
    return [
        {"group": names[-1], "rule": rule, "metric": metric, "value": value, "low": low}
        | {"high": high, "n": part.n, "events": part.events, "method": method}
        | {"warning": "; ".join(warnings)}
        for (rule, metric), (value, low, high, method) in found.items()
    ]


def _compared(
    parts: dict[str, list[dict[str, object]]], sizes: dict[str, int], settings: EvaluationSettings
) -> list[dict[str, object]]:
    """Add to each group's rows how they differ from those of the largest group."""
    known = [name for name in parts if name != MISSING]
    largest = max(known, key=lambda name: sizes[name], default="")
    rows = []
    for name, part in parts.items():
        for position, row in enumerate(part):
            if name in (largest, MISSING) or not largest:
                rows.append({**row, "reference": "", "reading": ""})
                continue
            other = parts[largest][position]
            ours, theirs = (Estimate(r["value"], r["low"], r["high"]) for r in (row, other))  # type: ignore[arg-type]
            difference = combined(lambda a, b: a - b, ours, theirs)
            rows.append(
                {
                    **row,
                    "reference": largest,
                    "difference": difference.value,
                    "difference_low": difference.low,
                    "difference_high": difference.high,
                    "reading": reading(
                        difference,
                        _margin(str(row["metric"]), settings),
                        few=bool(row["warning"] or other["warning"]),
                    ),
                }
            )
    return rows


def _margin(metric: str, settings: EvaluationSettings) -> float:
    """Return the margin in a metric's unit.

    Of log odds it is how far they move where a risk of one half moves by the margin.
    """
    if metric == "calibration_intercept":
        return float(log_odds(0.5 + settings.clinic.margin))
    return settings.clinic.margin * (1000 if metric in COUNTED else 1)


def reading(difference: Estimate, margin: float, *, few: bool) -> str:
    """Return what a difference between groups shows.

    Parameters
    ----------
    difference : Estimate
    margin : float
        Differences smaller than this count as none.
    few : bool
        Whether a group has too few cases.

    Returns
    -------
    str
        `FEW`, `DIFFERENT`, `ALIKE` or `OPEN`; empty where there is no difference to read.
    """
    if np.isnan(difference.low) or np.isnan(difference.high):
        return FEW if few else ""
    if few:
        return FEW
    if difference.low > 0 or difference.high < 0:
        return DIFFERENT
    return ALIKE if -margin < difference.low and difference.high < margin else OPEN
