"""What each part of the fusion adds: Clinical, then Rad, then DTL; before and after reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import log_expit, logit
from scipy.stats import chi2

from spl_kedro.modeling.evaluation.additions import Addition
from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.logistic import weighted_logistic
from spl_kedro.modeling.evaluation.resampled_t import (
    cross_fitted_difference,
    cross_fitted_interval,
)
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units

COLUMNS = (
    *("cohort", "view", "step", "model", "base"),
    *("auc", "auc_low", "auc_high", "added", "added_low", "added_high"),
    *("lr_chi2", "lr_df", "lr_p", "n", "events"),
)
_TINY = 1e-12


class Step(NamedTuple):
    """One row: a model, what it is compared with, and the scores it is made of.

    Attributes
    ----------
    view, step : str
        Which question it answers, and what is added, in words.
    model, base : str
        `base` is empty for a starting point.
    scores : tuple of str
        Models whose scores stand for the parts in the likelihood ratio; the last is the one
        added.
    """

    view: str
    step: str
    model: str
    base: str = ""
    scores: tuple[str, ...] = ()


IN_ORDER, ALONE, BEFORE, BOTH = "in order", "alone", "known before the image is read", "both groups"
ADDITIONS = "additions"
STEPS = (
    Step(IN_ORDER, "Clinical", "clinical"),
    Step(IN_ORDER, "+ Rad", "clinical_rad", "clinical", ("clinical", "rad")),
    Step(IN_ORDER, "+ DTL (CDLR)", "cdlr", "clinical_rad", ("clinical", "rad", "dtl")),
    Step(ALONE, "Rad", "rad"),
    Step(ALONE, "DTL", "dtl"),
    Step(ALONE, "Clinical + DTL", "clinical_dtl", "clinical", ("clinical", "dtl")),
    Step(BEFORE, "Clinical", "clinical_before"),
    Step(BEFORE, "+ DLR (CDLR)", "cdlr_before", "clinical_before", ("clinical_before", "dlr")),
    Step(BOTH, "Clinical", "clinical", "clinical_before", ("clinical_before", "clinical")),
    Step(BOTH, "+ DLR (CDLR)", "cdlr", "clinical", ("clinical", "dlr")),
)


def added_value_table(
    predictions: pd.DataFrame, settings: EvaluationSettings, additions: Sequence[Addition] = ()
) -> pd.DataFrame:
    """Return what each part adds to the AUC in every cohort, leak-free.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings
    additions : sequence of Addition
        Models that the study declares as one with and one without an addition.

    Returns
    -------
    DataFrame
        One row per cohort and step whose models were scored: view, step, model, base, the model's
        auc with its interval, added (its AUC minus the base's) with its paired DeLong interval,
        and, in the training cohort, the likelihood ratio (lr_chi2, lr_df, lr_p) of a logistic
        regression on the parts' cross-fitted log-odds with and without the part added. The
        ratio is descriptive: the scores are the outcome of fits on the same lesions, and their
        mean over repeats has no known distribution. NaN in a cohort with one class. Last unit and
        confidence, of the intervals.
    """
    leak_free = predictions[predictions["protocol"] == "leak_free"]
    found: dict[str, dict[str, Cell]] = {}
    for cell in cells(scored_units(leak_free, settings.pooling)):
        found.setdefault(cell.cohort, {})[cell.model] = cell
    rows = []
    for cohort, models in found.items():
        for step in (*STEPS, *_declared(additions)):
            needed = {step.model, *([step.base] if step.base else [])}
            if needed <= set(models):
                rows.append({"cohort": cohort, **_row(step, models, settings)})
    return described(pd.DataFrame(rows, columns=list(COLUMNS)), settings)


def _declared(additions: Sequence[Addition]) -> Iterator[Step]:
    """Return the steps of declared additions: each base, and the models with more."""
    for base in dict.fromkeys(addition.base for addition in additions):
        own = [addition for addition in additions if addition.base == base]
        yield Step(ADDITIONS, own[0].titles[0], base)
        for addition in own:
            yield Step(ADDITIONS, addition.titles[1], addition.model, base, (base, addition.model))


def _row(step: Step, models: dict[str, Cell], settings: EvaluationSettings) -> dict[str, object]:
    cell = models[step.model]
    row: dict[str, object] = {
        "view": step.view,
        "step": step.step,
        "model": step.model,
        "base": step.base,
        "n": cell.n,
        "events": cell.events,
    }
    if cell.events in (0, cell.n):
        return row
    about = cell.folds, settings.confidence, cell.patient
    area = cross_fitted_interval(cell.label, cell.scores, *about)
    row |= {"auc": area.auc, "auc_low": area.low, "auc_high": area.high}
    if not step.base:
        return row
    base = models[step.base]
    test, _ = cross_fitted_difference(cell.label, base.scores, cell.scores, *about)
    row |= {"added": test.difference, "added_low": test.low, "added_high": test.high}
    if cell.cohort == "training" and set(step.scores) <= set(models):
        ratio = _likelihood_ratio(cell.label, [models[name].scores for name in step.scores])
        row |= {"lr_chi2": ratio, "lr_df": 1, "lr_p": float(chi2.sf(ratio, 1))}
    return row


def _likelihood_ratio(label: Array, scores: list[Array]) -> float:
    """Return twice the gain in log-likelihood of the last score, averaged over repeats."""
    ratios = []
    for parts in zip(*scores, strict=True):
        log_odds = logit(np.clip(np.column_stack(parts), _TINY, 1 - _TINY))
        design = np.column_stack([np.ones(len(label)), log_odds])
        gain = _log_likelihood(design, label) - _log_likelihood(design[:, :-1], label)
        ratios.append(2 * gain)
    return float(np.mean(ratios))


def _log_likelihood(design: Array, label: Array) -> float:
    """Return the log-likelihood of the fit; NaN where there is none."""
    (coefficients,) = weighted_logistic(design, label, np.ones((1, len(label))))
    signs = 2 * label - 1
    return float(log_expit(signs * (design @ coefficients)).sum())
