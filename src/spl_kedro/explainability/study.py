"""The study's signatures explained: tables of SHAP values, stability, shuffled labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from spl_kedro.explainability.scores import score_function
from spl_kedro.explainability.settings import ExplainabilitySettings
from spl_kedro.explainability.stability import ranking_agreement
from spl_kedro.explainability.trace import (
    Explanation,
    background_sample,
    explain,
    mean_explanation,
)
from spl_kedro.features.deep.nesting import ALL, context_name
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.cross_fitting import FitModels, needed_columns
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.nested import told_apart
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import in_parallel

FULL_FIT = "full"
COLUMNS = [
    *("lesion_id", "cohort", "model", "view", "fit", "feature", "label", "source"),
    *("value", "category", "shap", "base", "score"),
]

#: By model, view and fit.
Explanations = dict[tuple[str, str, str], Explanation]


def explained_models(fitted: FittedStudy) -> dict[str, Signature]:
    """Return the models that are explained: the study's own, without those that show parts."""
    return {name: fitted.models[name] for name in fitted.names("main")}


def explain_study(
    fitted: FittedStudy, table: StudyTable, settings: ExplainabilitySettings
) -> Explanations:
    """Explain every signature on lesions it has not seen.

    Validation and external lesions are explained with the model fitted on the training cohort,
    training lesions with the model of their fold, in the first repeat of the cross-fitting.

    Returns
    -------
    dict of (model, view, fit) to Explanation
        View ``inputs`` or, for a fusion, ``traced``; fit ``full`` or ``fold_k``.
    """
    models = explained_models(fitted)
    of_lesion = fitted.folds(table)
    training = table.lesions("training")
    chosen = settings.shap
    explained_lesions = sampled(table.lesions(*chosen.cohorts), chosen.lesions, settings.seed)
    unseen = explained_lesions[~explained_lesions.isin(training)]
    jobs: list[tuple[str, Mapping[str, Signature], pd.Index, pd.Index, str]] = []
    if len(unseen):
        jobs.append((FULL_FIT, models, unseen, training, ALL))
    for fold in sorted(of_lesion.unique()):
        refits = fitted.without_fold(int(fold))
        left_out = of_lesion.index[of_lesion == fold]
        others = training.difference(left_out, sort=False)
        # Without them no cohort's values are wanted, but the folds are compared by them.
        wanted = left_out[left_out.isin(explained_lesions)]
        left_out = wanted if len(wanted) else sampled(left_out, chosen.lesions, settings.seed)
        jobs.append((f"fold_{fold}", refits, left_out, others, context_name(0, int(fold))))
    tasks = [
        _Explain(used[name], table, lesions, fitted_on, settings, context)
        for _, used, lesions, fitted_on, context in jobs
        for name in models
    ]
    found = iter(in_parallel(tasks, settings.n_jobs, "SHAP values"))
    explained: Explanations = {}
    for fit, *_ in jobs:
        for name in models:
            inputs, traced = next(found)
            explained[name, "inputs", fit] = inputs
            if traced is not None:
                explained[name, "traced", fit] = traced
    return explained


def sampled(lesions: pd.Index, most: int, seed: int) -> pd.Index:
    """Return some of the lesions, in their order: all where there are no more than `most`.

    Drawn at random, so that every cohort has about its share.
    """
    if len(lesions) <= most:
        return lesions
    drawn = np.random.default_rng(seed).choice(len(lesions), most, replace=False)
    return lesions[np.sort(drawn)]


def shap_table(
    explained: Explanations,
    table: StudyTable,
    cohorts: tuple[str, ...],
) -> pd.DataFrame:
    """Return all SHAP values, one row per lesion, model, view and feature.

    Returns
    -------
    DataFrame
        ``lesion_id``, ``cohort``, ``model``, ``view``, ``fit``, ``feature``, ``label``
        (readable), ``source``, ``value`` (number on the original scale, NaN for a category),
        ``category`` (its text), ``shap``, ``base`` and ``score``.
    """
    parts = []
    for (model, view, fit), explanation in explained.items():
        rows = explanation.rows()
        if len(rows):
            cohort = table.cohort.loc[rows["lesion_id"]].to_numpy()
            parts.append(rows.assign(cohort=cohort, model=model, view=view, fit=fit))
    if not parts:
        raise ValueError("no signature uses any feature: there is nothing to explain")
    rows = pd.concat(parts, ignore_index=True)[COLUMNS]
    return rows[rows["cohort"].isin(cohorts)].reset_index(drop=True)


def additivity_table(explained: Explanations) -> pd.DataFrame:
    """Return, per explanation, the largest gap between base plus SHAP values and the score."""
    rows = [
        {
            "model": model,
            "view": view,
            "fit": fit,
            "lesions": len(explanation.shap),
            "features": explanation.shap.shape[1],
            "base": explanation.base,
            "additivity_error": explanation.additivity_error,
        }
        for (model, view, fit), explanation in explained.items()
    ]
    return pd.DataFrame(rows)


def stability_table(explained: Explanations, top: int) -> pd.DataFrame:
    """Return how far the folds' refits agree on which features matter, per model and view."""
    parts = []
    for model, view in dict.fromkeys((m, v) for m, v, _ in explained):
        importances = {
            fit: e.importance
            for (m, v, fit), e in explained.items()
            if (m, v) == (model, view) and fit != FULL_FIT
        }
        pairs = ranking_agreement(importances, top=top)
        pairs.insert(0, "model", model)
        pairs.insert(1, "view", view)
        parts.append(pairs)
    return pd.concat(parts, ignore_index=True)


def shuffled_label_table(
    model: Signature,
    explanation: Explanation,
    table: StudyTable,
    settings: ExplainabilitySettings,
) -> pd.DataFrame:
    """Refit CDLR on shuffled labels and compare its SHAP values with the true ones.

    Parameters
    ----------
    model : FusionSignature
        Fitted on the true labels.
    explanation : Explanation
        Its traced (or plain) explanation of the unseen lesions.
    table : StudyTable
    settings : ExplainabilitySettings

    Returns
    -------
    DataFrame
        One row for the true labels and one per shuffle: ``labels``, ``auc`` (unseen lesions),
        ``features`` used, ``shared_features`` (used with the true labels too) and
        ``total_shap`` (sum of the mean absolute SHAP values).
    """
    training = table.lesions("training")
    random = np.random.default_rng(settings.seed)
    label = table.label.loc[training].to_numpy()
    # One table for all fits: a copy for each would be as large as the study.
    X = needed_columns({"shuffled": model}, table.X.loc[training])
    groups = table.patient_id.loc[training].to_numpy()
    tasks = [
        FitModels({"shuffled": clone(model)}, X, random.permutation(label), groups)
        for _ in range(settings.sanity.shuffles)
    ]
    refits = in_parallel(tasks, settings.n_jobs, "refits on shuffled labels")
    lesions = explanation.shap.index
    rows = [_shap_summary("true", explanation, explanation, table)]
    for refit in refits:
        inputs, traced = _Explain(refit["shuffled"], table, lesions, training, settings)()
        rows.append(_shap_summary("shuffled", traced or inputs, explanation, table))
    return pd.DataFrame(rows)


class _Explain:
    """The explanation of one fitted signature, as a task that can travel to a worker process."""

    def __init__(
        self,
        model: Signature,
        table: StudyTable,
        lesions: pd.Index,
        fitted_on: pd.Index,
        settings: ExplainabilitySettings,
        context: str = ALL,
    ):
        chosen = settings.shap
        columns = model.input_columns()
        own = list(table.X.columns) if columns is None else columns
        self.model = model
        seen_by_networks = [seen[own] for seen in table.unseen(lesions, context)]
        self.lesions = told_apart(model, seen_by_networks)
        self.background = background_sample(
            table.learnt(fitted_on, context)[own], table.label, chosen.background, settings.seed
        )
        self.exact_up_to, self.permutations = chosen.exact_up_to, chosen.permutations
        self.seed = settings.seed

    def __call__(self) -> tuple[Explanation, Explanation | None]:
        score = score_function(self.model)
        found = [
            explain(
                score,
                lesions,
                self.background,
                exact_up_to=self.exact_up_to,
                permutations=self.permutations,
                seed=self.seed,
            )
            for lesions in self.lesions
        ]
        traced = [own for _, own in found if own is not None]
        return mean_explanation([own for own, _ in found]), (
            mean_explanation(traced) if traced else None
        )


def _shap_summary(
    labels: str, explanation: Explanation, reference: Explanation, table: StudyTable
) -> dict[str, Any]:
    lesions = explanation.scores.index
    used = explanation.importance[explanation.importance > 0].index
    known = reference.importance[reference.importance > 0].index
    truth = table.label.loc[lesions]
    both = truth.nunique() == 2
    return {
        "labels": labels,
        "auc": float(roc_auc_score(truth, explanation.scores)) if both else np.nan,
        "features": len(used),
        "shared_features": len(used.intersection(known)),
        "total_shap": float(explanation.importance.sum()),
    }
