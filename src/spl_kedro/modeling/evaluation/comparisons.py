"""Which model is better: pairs of models on the same lesions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, groupby

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.additions import Addition
from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.modeling.evaluation.checks import Array, EvaluationError
from spl_kedro.modeling.evaluation.delong import (
    AucTest,
    auc_covariance,
    auc_difference,
    averaged_components,
)
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.modeling.evaluation.reclassification import (
    integrated_discrimination,
    net_reclassification,
)
from spl_kedro.modeling.evaluation.resampled_t import DELONG, cross_fitted_difference
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.threshold_resampling import (
    class_share_errors,
    error_interval,
    resampled_cuts,
)
from spl_kedro.modeling.evaluation.thresholds import applied_thresholds, judged_by_other_folds
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units
from spl_kedro.schemas import MODELS

_AUC = ("auc_a", "auc_b", "auc_difference", "auc_difference_low", "auc_difference_high", "z", "p")
_GAINS = tuple(
    f"{name}{suffix}"
    for name in ("nri", "nri_malignant", "nri_benign", "nri_continuous", "idi")
    for suffix in ("", "_low", "_high")
)
#: Pairs that show what a part adds, beside all pairs of the five models.
PART_PAIRS = (
    ("clinical", "clinical_rad"),
    ("clinical_rad", "cdlr"),
    ("clinical", "clinical_dtl"),
    ("clinical_before", "cdlr_before"),
    ("clinical_before", "clinical"),
    ("cdlr_before", "cdlr"),
)
#: Columns of the table, in order.
COLUMNS = (
    *("protocol", "cohort", "question", "model_a", "model_b"),
    *(*_AUC, "p_holm", "differs", "test"),
    *(*_GAINS, "n", "events"),
)


def compare_models(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    settings: EvaluationSettings,
    additions: Sequence[Addition] = (),
) -> pd.DataFrame:
    """Compare models by their AUCs, NRI and IDI: all pairs of the five, and what parts add.

    Every difference is model_b minus model_a, what `model_b` gains. Of cross-fitted scores it is
    the mean over the repeats, two models being compared within a repeat, and categories are split
    at the thresholds of the other folds.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`; all models of a protocol and cohort must have scored the
        same lesions.
    thresholds : DataFrame
        From `operating_thresholds`.
    settings : EvaluationSettings
    additions : sequence of Addition
        Models that the study declares as one with and one without an addition.

    Returns
    -------
    DataFrame
        One row per (protocol, cohort, model_a, model_b): question (``models`` for pairs of the
        five, ``parts`` for `PART_PAIRS`, ``additions`` for declared ones); auc_a, auc_b,
        auc_difference with _low and _high, z, p, p_holm (Holm over the pairs of that protocol,
        cohort and question); differs (p_holm is below one minus the confidence); test (DeLong's,
        or the corrected resampled t-test of cross-fitted scores, whose t is z); nri (by
        `settings.risk_categories`, or by each model's operating threshold) and its parts
        nri_malignant, nri_benign; nri_continuous; idi; each with _low and _high (bootstrap); n,
        events, unit, confidence. NaN in a cohort with one class, the categorical NRI also where a
        fold has no threshold of the others; no rows for a model alone.

    Raises
    ------
    EvaluationError
        If models of one cohort scored different lesions, or a different number of times.
    """
    cut = thresholds.set_index(["protocol", "model"])["threshold"]
    tables = []
    everything = cells(scored_units(predictions, settings.pooling))
    for _, group in groupby(everything, key=lambda cell: (cell.protocol, cell.cohort)):
        models = list(group)
        _refuse_different_lesions(models)
        deployed = [float(cut.loc[(cell.protocol, cell.model)]) for cell in models]
        table = pd.DataFrame(_compare_within(models, deployed, settings, additions))
        if len(table):
            adjusted = table.groupby("question", sort=False)["p"].transform(holm)
            place = list(table.columns).index("p") + 1
            table.insert(place, "p_holm", adjusted)
            table.insert(place + 1, "differs", adjusted < 1 - settings.confidence)
            tables.append(table)
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    return described(rows, settings)


def _refuse_different_lesions(models: list[Cell]) -> None:
    for cell in models[1:]:
        if cell.repeats != models[0].repeats:
            raise EvaluationError(
                f"rule same_repeats: {models[0].model} has {models[0].repeats} scores of each "
                f"lesion of the {cell.cohort} cohort and {cell.model} {cell.repeats}; cross-fit "
                "all models with the same repeats"
            )
        if not np.array_equal(cell.lesion, models[0].lesion):
            raise EvaluationError(
                f"rule same_lesions: {models[0].model} and {cell.model} scored different lesions "
                f"of the {cell.cohort} cohort ({models[0].n} and {cell.n}); keep the lesions "
                "that every model scored"
            )


def _compare_within(
    models: list[Cell],
    thresholds: list[float],
    settings: EvaluationSettings,
    additions: Sequence[Addition],
) -> list[dict[str, object]]:
    first = models[0]
    label = first.label
    one_class = first.events in (0, first.n)
    if not one_class:
        auc = averaged_components(label, [cell.scores for cell in models])[0]
        rng = generator(settings.seed, "comparison", first.protocol, first.cohort)
        resamples = resampling_weights(label, first.patient, settings.n_bootstrap, rng)
        weights = np.vstack([np.ones(first.n), resamples])
        category = [
            _categories(cell, threshold, settings)
            for cell, threshold in zip(models, thresholds, strict=True)
        ]
        errors = _errors_of_thresholds(models, resamples, settings)
    rows = []
    for question, a, b in _pairs([cell.model for cell in models], additions):
        row: dict[str, object] = {
            "protocol": first.protocol,
            "cohort": first.cohort,
            "question": question,
            "model_a": models[a].model,
            "model_b": models[b].model,
        }
        if one_class:
            row |= dict.fromkeys((*_AUC, *_GAINS), np.nan) | {"test": ""}
        else:
            test, method = _tested(models[a], models[b], settings)
            row |= {
                "auc_a": float(auc[a]),
                "auc_b": float(auc[b]),
                "auc_difference": test.difference,
                "auc_difference_low": test.low,
                "auc_difference_high": test.high,
                "z": test.z,
                "p": test.p,
                "test": method,
            }
            gains = [
                _gains(label, *scores, weights)
                for scores in zip(
                    models[a].scores, models[b].scores, category[a], category[b], strict=True
                )
            ]
            anew = _errors_of_gains(errors[a], errors[b]) if errors else {}
            for name in gains[0]:
                values = np.mean([repeat[name] for repeat in gains], axis=0)
                low, high = percentile_interval(values[1:], settings.confidence)
                if name in anew and np.ptp(anew[name]) != 0 and not np.isnan(values[0]):
                    bounds = (-2.0, 2.0) if name == "nri" else (-1.0, 1.0)
                    found = error_interval(values[0], anew[name], settings.confidence, bounds)
                    low, high = np.asarray(found)
                row |= {name: values[0], f"{name}_low": float(low), f"{name}_high": float(high)}
        rows.append(row | {"n": first.n, "events": first.events})
    return rows


def _tested(first: Cell, second: Cell, settings: EvaluationSettings) -> tuple[AucTest, str]:
    """Return the test of two models' AUCs and its name."""
    scores, about = (first.scores, second.scores), (settings.confidence, first.patient)
    if np.array_equal(first.folds, second.folds):
        return cross_fitted_difference(first.label, *scores, first.folds, *about)
    covariance = auc_covariance(first.label, scores, first.patient)
    return auc_difference(*covariance, 0, 1, settings.confidence), DELONG


def _errors_of_thresholds(
    models: list[Cell], resamples: Array, settings: EvaluationSettings
) -> list[dict[str, Array]]:
    """Return each model's errors of sensitivity and specificity; none of given thresholds."""
    if settings.risk_categories or not judged_by_other_folds(models[0]):
        return []
    return [
        class_share_errors(cell, resampled_cuts(cell, resamples, settings), resamples)
        for cell in models
    ]


def _errors_of_gains(first: dict[str, Array], second: dict[str, Array]) -> dict[str, Array]:
    """Return the errors of the NRI of two categories: gains in sensitivity and specificity."""
    up = second["sensitivity"] - first["sensitivity"]
    down = second["specificity"] - first["specificity"]
    return {"nri": up + down, "nri_malignant": up, "nri_benign": down}


def _pairs(models: list[str], additions: Sequence[Addition]) -> list[tuple[str, int, int]]:
    """Return the question and the positions of every pair compared."""
    position = {model: k for k, model in enumerate(models)}
    five = [position[model] for model in MODELS if model in position]
    pairs = [("models", a, b) for a, b in combinations(five, 2)]
    pairs += [
        ("parts", position[a], position[b])
        for a, b in PART_PAIRS
        if a in position and b in position
    ]
    pairs += [
        ("additions", position[addition.base], position[addition.model])
        for addition in additions
        if addition.base in position and addition.model in position
    ]
    return pairs


def _gains(
    label: Array, old: Array, new: Array, old_category: Array, new_category: Array, weights: Array
) -> dict[str, Array]:
    """Return NRI and IDI of one repeat, at unit weights and in every resample."""
    up, down = net_reclassification(label, old_category, new_category, weights)
    free = net_reclassification(label, old, new, weights)
    return {
        "nri": up + down,
        "nri_malignant": up,
        "nri_benign": down,
        "nri_continuous": free[0] + free[1],
        "idi": integrated_discrimination(label, old, new, weights),
    }


def _categories(cell: Cell, threshold: float, settings: EvaluationSettings) -> Array:
    """Return each score's risk category; a score at a cut belongs to the higher one.

    Shape (repeats, n); NaN where a fold has no threshold of the others.
    """
    if settings.risk_categories:
        cuts = np.asarray(settings.risk_categories)
        return np.searchsorted(cuts, cell.scores, side="right").astype(float)
    applied = applied_thresholds(cell, threshold, settings)
    return np.where(np.isnan(applied), np.nan, cell.scores >= applied)
