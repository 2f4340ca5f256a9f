"""The study's signatures explained: tables of SHAP values, stability, shuffled labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from spl_kedro.explanation.feature_names import readable_name
from spl_kedro.explanation.scores import score_function
from spl_kedro.explanation.settings import ExplainabilitySettings
from spl_kedro.explanation.stability import ranking_agreement
from spl_kedro.explanation.trace import Explanation, background_sample, explain
from spl_kedro.schemas import clinical_columns
from spl_kedro.signatures.cross_fitting import in_parallel
from spl_kedro.signatures.harmonisation import SITE

FULL_FIT = "full"


@dataclass(frozen=True)
class Subjects:
    """The lesions of a study with all their features.

    Attributes
    ----------
    table : DataFrame
        Wide table: clinical, radiomics and deep columns, index lesion_id.
    label, cohort, patient_id : Series
    fold : Series of int
        Fold in which each training lesion was left out.
    """

    table: pd.DataFrame
    label: pd.Series
    cohort: pd.Series
    patient_id: pd.Series
    fold: pd.Series

    def of(self, *cohorts: str) -> pd.Index:
        """Return the lesion ids of some cohorts."""
        return self.table.index[self.cohort.isin(cohorts)]


def assemble_subjects(
    cohort: pd.DataFrame,
    radiomics: pd.DataFrame,
    deep: pd.DataFrame,
    predictions: pd.DataFrame,
) -> Subjects:
    """Join cohort and features on the lesions they share, with the folds of the predictions.

    Training lesions are explained by one refit each: of several repeats of the cross-fitting
    the folds of the first are taken.

    Parameters
    ----------
    cohort, radiomics, deep, predictions : DataFrame
        The catalog's ``cohort``, ``radiomics_features``, ``dtl_features``, ``predictions``.

    Raises
    ------
    ValueError
        If no training lesion has a cross-fitted score.
    """
    shared = cohort.index[cohort.index.isin(radiomics.index) & cohort.index.isin(deep.index)]
    kept = cohort.loc[shared]
    table = pd.concat(
        [kept[[SITE, *clinical_columns(cohort)]], radiomics.loc[shared], deep.loc[shared]], axis=1
    )
    folds = predictions[
        (predictions["protocol"] == "leak_free")
        & (predictions["cohort"] == "training")
        & (predictions["model"] == "cdlr")
        & (predictions["fold"] >= 0)
        & (predictions["repeat"] == 0)
    ].set_index("lesion_id")["fold"]
    folds = folds[folds.index.isin(shared)]
    if folds.empty:
        raise ValueError(
            "predictions hold no cross-fitted CDLR score of a training lesion: run the modeling "
            "pipeline with the leak_free protocol"
        )
    return Subjects(table, kept["label"], kept["cohort"], kept["patient_id"], folds)


def refit_without_folds(
    models: Mapping[str, Any], subjects: Subjects, *, n_jobs: int
) -> dict[int, dict[str, Any]]:
    """Fit every signature anew without each fold, so training lesions can be explained.

    CDLR holds a DLR and a clinical model of its own, fitted on the same lesions: these stand for
    the two, and are not fitted again.

    Parameters
    ----------
    models : mapping of str to estimator
        The signatures, with or without the clinical one; only their settings are used.
    subjects : Subjects
    n_jobs : int
        Processes; the result does not depend on it.

    Returns
    -------
    dict of int to dict of str to estimator
        By fold and model.
    """
    folds = sorted(subjects.fold.unique())
    tasks = [
        _Fit(models[name], subjects, subjects.fold.index[subjects.fold != fold], subjects.label)
        for fold in folds
        for name in ("rad", "dtl", "cdlr")
    ]
    fitted = iter(in_parallel(tasks, n_jobs, "refits without a fold"))
    result = {}
    for fold in folds:
        rad, dtl, cdlr = next(fitted), next(fitted), next(fitted)
        refits = {
            "clinical": cdlr.clinical_, "rad": rad, "dtl": dtl, "dlr": cdlr.image_, "cdlr": cdlr,
        }  # fmt: skip
        result[int(fold)] = {name: refit for name, refit in refits.items() if name in models}
    return result


def explain_study(
    models: Mapping[str, Any],
    fold_models: Mapping[int, Mapping[str, Any]],
    subjects: Subjects,
    settings: ExplainabilitySettings,
) -> dict[tuple[str, str, str], Explanation]:
    """Explain every signature on lesions it has not seen.

    Validation and external lesions are explained with the model fitted on the training cohort,
    training lesions with the refit that left them out.

    Returns
    -------
    dict of (model, view, fit) to Explanation
        View ``inputs`` or, for CDLR, ``traced``; fit ``full`` or ``fold_k``.
    """
    training = subjects.of("training")
    unseen = subjects.of(*(c for c in settings.shap.cohorts if c != "training"))
    jobs: list[tuple[str, Mapping[str, Any], pd.Index, pd.Index]] = []
    if len(unseen):
        jobs.append((FULL_FIT, models, unseen, training))
    for fold, refits in fold_models.items():
        left_out = subjects.fold.index[subjects.fold == fold]
        jobs.append((f"fold_{fold}", refits, left_out, training.difference(left_out, sort=False)))
    tasks = [
        _Explain(fitted[name], subjects, lesions, fitted_on, settings)
        for _, fitted, lesions, fitted_on in jobs
        for name in models
    ]
    found = iter(in_parallel(tasks, settings.n_jobs, "SHAP values"))
    explained = {}
    for fit, *_ in jobs:
        for name in models:
            inputs, traced = next(found)
            explained[name, "inputs", fit] = inputs
            if traced is not None:
                explained[name, "traced", fit] = traced
    return explained


def shap_table(
    explained: Mapping[tuple[str, str, str], Explanation],
    subjects: Subjects,
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
        for feature in explanation.shap.columns:
            values = explanation.features[feature]
            numeric = pd.api.types.is_numeric_dtype(values)
            name = readable_name(feature)
            parts.append(
                pd.DataFrame(
                    {
                        "lesion_id": explanation.shap.index,
                        "cohort": subjects.cohort.loc[explanation.shap.index].to_numpy(),
                        "model": model,
                        "view": view,
                        "fit": fit,
                        "feature": feature,
                        "label": name.label,
                        "source": name.source,
                        "value": values.to_numpy(dtype=float, na_value=np.nan)
                        if numeric
                        else np.nan,
                        "category": None if numeric else values.astype("str").to_numpy(),
                        "shap": explanation.shap[feature].to_numpy(),
                        "base": explanation.base,
                        "score": explanation.scores.to_numpy(),
                    }
                ).astype({"category": "str"})
            )
    if not parts:
        raise ValueError("no signature uses any feature: there is nothing to explain")
    table = pd.concat(parts, ignore_index=True)
    return table[table["cohort"].isin(cohorts)].reset_index(drop=True)


def additivity_table(explained: Mapping[tuple[str, str, str], Explanation]) -> pd.DataFrame:
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


def stability_table(
    explained: Mapping[tuple[str, str, str], Explanation], top: int
) -> pd.DataFrame:
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
    model: Any,
    explanation: Explanation,
    subjects: Subjects,
    settings: ExplainabilitySettings,
) -> pd.DataFrame:
    """Refit CDLR on shuffled labels and compare its SHAP values with the true ones.

    Parameters
    ----------
    model : FusionSignature
        Fitted on the true labels.
    explanation : Explanation
        Its traced (or plain) explanation of the unseen lesions.
    subjects : Subjects
    settings : ExplainabilitySettings

    Returns
    -------
    DataFrame
        One row for the true labels and one per shuffle: ``labels``, ``auc`` (unseen lesions),
        ``features`` used, ``shared_features`` (used with the true labels too) and
        ``total_shap`` (sum of the mean absolute SHAP values).
    """
    training = subjects.fold.index
    random = np.random.default_rng(settings.seed)
    tasks = []
    for _ in range(settings.sanity.shuffles):
        shuffled = subjects.label.loc[training]
        shuffled = pd.Series(random.permutation(shuffled.to_numpy()), index=training)
        tasks.append(_Fit(model, subjects, training, shuffled))
    refits = in_parallel(tasks, settings.n_jobs, "refits on shuffled labels")
    lesions = explanation.shap.index
    rows = [_shap_summary("true", explanation, explanation, subjects)]
    for refit in refits:
        inputs, traced = _Explain(refit, subjects, lesions, training, settings)()
        rows.append(_shap_summary("shuffled", traced or inputs, explanation, subjects))
    return pd.DataFrame(rows)


class _Fit:
    """One refit, as a task that can travel to a worker process."""

    def __init__(self, model: Any, subjects: Subjects, lesions: pd.Index, label: pd.Series):
        columns = model.input_columns()
        table = subjects.table.loc[lesions]
        self.model = model
        self.table = table if columns is None else table.loc[:, columns]
        self.label = label.loc[lesions].to_numpy()
        self.groups = subjects.patient_id.loc[lesions].to_numpy()

    def __call__(self) -> Any:
        return clone(self.model).fit(self.table, self.label, groups=self.groups)


class _Explain:
    """The explanation of one fitted signature, as a task that can travel to a worker process."""

    def __init__(
        self,
        model: Any,
        subjects: Subjects,
        lesions: pd.Index,
        fitted_on: pd.Index,
        settings: ExplainabilitySettings,
    ):
        chosen = settings.shap
        columns = model.input_columns()
        table = subjects.table if columns is None else subjects.table.loc[:, columns]
        self.model = model
        self.lesions = table.loc[lesions]
        self.background = background_sample(
            table.loc[fitted_on], subjects.label, chosen.background, settings.seed
        )
        self.exact_up_to, self.permutations = chosen.exact_up_to, chosen.permutations
        self.seed = settings.seed

    def __call__(self) -> tuple[Explanation, Explanation | None]:
        return explain(
            score_function(self.model),
            self.lesions,
            self.background,
            exact_up_to=self.exact_up_to,
            permutations=self.permutations,
            seed=self.seed,
        )


def _shap_summary(
    labels: str, explanation: Explanation, reference: Explanation, subjects: Subjects
) -> dict[str, Any]:
    lesions = explanation.scores.index
    used = explanation.importance[explanation.importance > 0].index
    known = reference.importance[reference.importance > 0].index
    truth = subjects.label.loc[lesions]
    both = truth.nunique() == 2
    return {
        "labels": labels,
        "auc": float(roc_auc_score(truth, explanation.scores)) if both else np.nan,
        "features": len(used),
        "shared_features": len(used.intersection(known)),
        "total_shap": float(explanation.importance.sum()),
    }
