"""The protocols: leak-free, and the in-sample recipe as published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.schemas import ALL_MODELS, MODELS
from spl_kedro.signatures.cross_fitting import (
    CrossFit,
    FitFamily,
    cross_fit,
    families,
    in_parallel,
    repeated_splits,
)
from spl_kedro.signatures.feature import FeatureSignature
from spl_kedro.signatures.fusion import FusionSignature
from spl_kedro.signatures.models import (
    classifier_of,
    filter_steps,
    lasso_steps,
    leak_free_models,
    study_models,
)
from spl_kedro.signatures.selection import SelectionSequence
from spl_kedro.signatures.settings import SignatureSettings
from spl_kedro.signatures.study_table import StudyTable


@dataclass(frozen=True)
class ProtocolResult:
    """What one protocol leaves.

    Attributes
    ----------
    protocol : str, one of :data:`spl_kedro.schemas.PROTOCOLS`
    models : dict of str to estimator
        Fitted on the whole training cohort; without ``clinical`` where the study has no
        clinical variable.
    predictions : DataFrame
        As :class:`spl_kedro.schemas.Predictions`.
    cross_fits : dict of str to CrossFit
        Empty for the in-sample recipe, which has none.
    filter_logs : dict of str to DataFrame
        What filters outside the models dropped (in-sample recipe only).
    """

    protocol: str
    models: dict[str, Any]
    predictions: pd.DataFrame
    cross_fits: dict[str, CrossFit] = field(default_factory=dict)
    filter_logs: dict[str, pd.DataFrame] = field(default_factory=dict)


def prediction_rows(
    table: StudyTable,
    rows: NDArray[np.int64],
    model: str,
    protocol: str,
    score: NDArray[np.float64],
    fold: NDArray[np.int64] | int = -1,
    repeat: int = 0,
) -> pd.DataFrame:
    """Return the scores of some lesions in the form of the predictions table."""
    return pd.DataFrame(
        {
            "lesion_id": table.X.index[rows],
            "patient_id": table.patient_id.iloc[rows].to_numpy(),
            "label": table.label.iloc[rows].to_numpy(),
            "model": model,
            "protocol": protocol,
            "cohort": table.cohort.iloc[rows].to_numpy(),
            "repeat": repeat,
            "fold": np.broadcast_to(np.asarray(fold, dtype=np.int64), len(rows)),
            "score": np.clip(score, 0.0, 1.0),
        }
    )


def _fit_all(
    models: dict[str, Any], table: StudyTable, settings: SignatureSettings, title: str
) -> dict[str, Any]:
    training = table.rows("training")
    X = table.X.iloc[training]
    label = table.label.to_numpy()[training]
    groups = table.patient_id.to_numpy()[training]
    tasks = [FitFamily(family, X, label, groups) for family in families(models)]
    fitted: dict[str, Any] = {}
    for family in in_parallel(tasks, settings.n_jobs, title):
        fitted |= family
    return {name: fitted[name] for name in models}


def run_leak_free(
    table: StudyTable, settings: SignatureSettings, only: Sequence[str] = ALL_MODELS
) -> ProtocolResult:
    """Run the leak-free protocol.

    Training lesions are scored by repeated, stratified, patient-grouped cross-fitting of
    the whole chain (selection, calibration and the fusion's inner scores included), one row
    per repeat; the other cohorts once, by the models fitted on all training lesions.

    Parameters
    ----------
    table : StudyTable
        With cross-fitted deep features.
    settings : SignatureSettings
    only : sequence of str, optional
        Models to run; all by default.

    Returns
    -------
    ProtocolResult
    """
    models = _only(leak_free_models(table, settings), only)
    cross_fits = cross_fit_training(models, table, settings)
    fitted = _fit_all(models, table, settings, "leak-free models")
    training, others = table.rows("training"), table.rows("validation", "external")
    learns = settings.harmonisation.unseen_sites == "own_moments"
    parts = []
    for name, model in fitted.items():
        fit = cross_fits[name]
        for repeat, (score, fold) in enumerate(zip(fit.scores, fit.folds, strict=True)):
            rows = prediction_rows(table, training, name, "leak_free", score, fold, repeat)
            parts.append(rows)
        if len(others):
            if learns and isinstance(model, FeatureSignature | FusionSignature):
                model.learn_sites(table.X.iloc[others])
            score = model.predict_proba(table.X.iloc[others])[:, 1]
            parts.append(prediction_rows(table, others, name, "leak_free", score))
    return ProtocolResult("leak_free", fitted, pd.concat(parts, ignore_index=True), cross_fits)


def _only(models: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: model for name, model in models.items() if name in names}


def cross_fit_training(
    models: dict[str, Any], table: StudyTable, settings: SignatureSettings
) -> dict[str, CrossFit]:
    """Cross-fit the models on the training cohort.

    With ``protocol.align_deep_folds`` the first repeat takes the folds of the deep
    networks: a signature is then scored on embeddings of a network none of whose
    embeddings it has seen, which is harsher than what new lesions meet.
    """
    training = table.rows("training")
    label = table.label.to_numpy()[training]
    groups = table.patient_id.to_numpy()[training]
    chosen = settings.protocol
    deep_fold = table.deep_fold.reindex(table.X.index[training]).dropna()
    repeats = repeated_splits(
        label,
        groups,
        n_splits=chosen.n_splits,
        n_repeats=chosen.n_repeats,
        seed=settings.seed,
        first=deep_fold if chosen.align_deep_folds else None,
    )
    return cross_fit(models, table.X.iloc[training], label, groups, repeats, settings.n_jobs)


def run_as_published(
    table: StudyTable,
    settings: SignatureSettings,
    only: Sequence[str] = MODELS,
    *,
    radial: bool = False,
) -> ProtocolResult:
    """Run the in-sample recipe, to measure what its shortcuts are worth.

    Three faults are reproduced, on purpose: the univariate tests and the correlation
    filter see the validation cohort and its labels; degenerate features take part; and
    training scores, those the fusion learns from included, come from models that have
    seen the lesion. The deep features of this table are in-sample too. Not reproduced:
    picking the best seed, refitting on the test cohort, a new threshold per cohort.

    The classifiers are those of the leak-free protocol, so that the difference between the
    two is what leaks. With `radial` they are the recipe's own, under a protocol of its own
    name.

    Parameters
    ----------
    table : StudyTable
        With in-sample deep features.
    settings : SignatureSettings
    only : sequence of str, optional
        Models to run; the publication's five by default.
    radial : bool, default=False
        Radial support vector machines, C = 1, in the image signatures and in the fusion.

    Returns
    -------
    ProtocolResult
    """
    protocol = "as_published_radial" if radial else "as_published"
    settings = radial_settings(settings) if radial else settings
    models, logs = published_models(table, settings, only)
    fitted = _fit_all(models, table, settings, f"{protocol.replace('_', ' ')} models")
    everyone = np.arange(len(table.X))
    parts = [
        prediction_rows(table, everyone, name, protocol, model.predict_proba(table.X)[:, 1])
        for name, model in fitted.items()
    ]
    predictions = pd.concat(parts, ignore_index=True)
    return ProtocolResult(protocol, fitted, predictions, filter_logs=logs)


def published_models(
    table: StudyTable, settings: SignatureSettings, only: Sequence[str] = MODELS
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return the unfitted models, their columns already filtered on all patients.

    The filters run on training and validation lesions together; only LASSO and
    classifier are left to the fit.

    Parameters
    ----------
    table : StudyTable
        With in-sample deep features.
    settings : SignatureSettings
    only : sequence of str, optional
        Models to make; all by default.

    Returns
    -------
    models : dict of str to estimator
    filter_logs : dict of str to DataFrame
        What the filters dropped from each image model.
    """
    seen = table.rows("training", "validation")
    X, label = table.X.iloc[seen], table.label.to_numpy()[seen]
    radiomics = [*table.radiomics, *table.degenerate]

    logs = {}

    def image(name: str, columns: list[str]) -> FeatureSignature:
        filters = SelectionSequence(filter_steps(settings.selection, table.icc))
        kept = [str(k) for k in filters.fit(X[columns], label).get_feature_names_out()]
        steps = lasso_steps(settings.selection, settings.seed)
        if kept:
            logs[name] = filters.dropped_
        else:
            # With nothing left, the signature filters by itself and says what it falls back on.
            steps = filter_steps(settings.selection, table.icc) + steps
        return FeatureSignature(
            kept or columns, SelectionSequence(steps), classifier_of(settings), cv=None
        )

    features = {"rad": radiomics, "dtl": table.deep, "dlr": [*radiomics, *table.deep]}
    wanted = {*only, "dlr"} if "cdlr" in only else set(only)
    images = {name: image(name, columns) for name, columns in features.items() if name in wanted}
    if "dlr" in logs:
        logs["cdlr"] = logs["dlr"]
    return _only(study_models(table, settings, images, cross_fit=False), only), logs


def radial_settings(settings: SignatureSettings) -> SignatureSettings:
    """Return the settings with the recipe's own classifier: a radial SVM, C = 1, not tuned."""
    radial: dict[str, Any] = {"kind": "radial_svm", "C": 1.0, "tune": False}
    return settings.model_copy(
        update={
            "classifier": settings.classifier.model_copy(update=radial),
            "fusion": settings.fusion.model_copy(update=radial),
        }
    )
